/*
 * The table of reach marks, and how the engines feel them: libFuzzer through its extra counters, AFL++
 * through coverage guards of our own that the linker puts beside the compiler's. Each is hit once in a run at
 * most.
 */
#include "reach.h"

#include <stdio.h>
#include <string.h>

/* Not volatile, the compiler would see stores that nobody reads. */
__attribute__((section("__libfuzzer_extra_counters"))) volatile uint8_t reach_counters[REACH_COUNT];

/* Given numbers at start-up by AFL++ where its code is linked in, otherwise 0. */
__attribute__((section("__sancov_guards"), used)) static uint32_t guards[REACH_COUNT];

__attribute__((weak)) void __sanitizer_cov_trace_pc_guard(uint32_t *guard);

static const char *const mark_names[MARK_COUNT] = {
#define MARK(name, meaning) #name,
#include "marks.def"
};

static const char *const call_names[REACH_CALLS] = {
#define CALL(name, text, answers) text,
#include "marks.def"
};

/* Bit a: answer a is possible. None stands for ok alone. */
static const unsigned outcomes[OPERATION_COUNT] = {
#define O(answer)               (1u << ANSWER_##answer)
#define OUTCOMES(name, answers) [OPERATION_##name] = (answers),
#include "marks.def"
};

static const unsigned call_outcomes[REACH_CALLS] = {
#define CALL(name, text, answers) (answers),
#include "marks.def"
#undef O
};

/* What a free of either size can meet. */
static const unsigned free_outcomes = 1u << ANSWER_OK | 1u << ANSWER_MISALIGNED | 1u << ANSWER_RANGE |
                                      1u << ANSWER_HOLE | 1u << ANSWER_RESERVED | 1u << ANSWER_DOUBLE_FREE |
                                      1u << ANSWER_SIZE;

static uint16_t reached[REACH_COUNT];
static size_t reached_count;

/* Forgets what was reached, not the whole table. */
void reach_reset(void)
{
    while (reached_count > 0)
        reach_counters[reached[--reached_count]] = 0;
}

void reach_first(size_t index)
{
    if (reached_count == REACH_COUNT) /* an engine has cleared the counters meanwhile */
        reach_reset();
    reach_counters[index] = 1;
    reached[reached_count++] = (uint16_t)index;
    if (guards[index] && __sanitizer_cov_trace_pc_guard)
        __sanitizer_cov_trace_pc_guard(&guards[index]);
}

static void reach_index(size_t index)
{
    if (!reach_counters[index])
        reach_first(index);
}

/* In the table of a row for each `kind` that begins at `first`. */
static void reach_answer(size_t first, size_t kind, enum answer answer)
{
    if ((unsigned)answer < ANSWER_COUNT)
        reach_index(first + kind * ANSWER_COUNT + (size_t)answer);
}

void reach_outcome(enum operation_kind kind, enum answer answer)
{
    reach_answer(REACH_OUTCOMES, kind, answer);
}

void reach_free(const struct model *model, uint64_t address, unsigned order, enum answer answer)
{
    if (order == 0 || order == BLOCK_ORDER)
        reach_answer(REACH_FREES, order != 0, answer);
    if (answer == ANSWER_SIZE && address % BLOCK_BYTES != 0 && model_frame(model, address) == FRAME_LARGE)
        reach(MARK_freed_inside_large);
}

void reach_together(enum reach_call one, enum reach_call other)
{
    const size_t low = one < other ? one : other, high = one < other ? other : one;

    reach_index(REACH_TOGETHER + low * (size_t)REACH_CALLS + high);
}

void reach_inside(enum reach_call outer, enum reach_call inner)
{
    reach_index(REACH_INSIDE + (size_t)outer * (size_t)REACH_CALLS + (size_t)inner);
}

void reach_contended(enum reach_call call, enum answer answer)
{
    reach_answer(REACH_CONTENDED, call, answer);
}

/* ---- names ---- */

static bool name_of_pair(size_t index, char *name, size_t size)
{
    const bool inside = index >= REACH_INSIDE;
    const size_t pair = index - (inside ? REACH_INSIDE : REACH_TOGETHER);
    const size_t first = pair / REACH_CALLS, second = pair % REACH_CALLS;

    if (inside)
        snprintf(name, size, "%s-inside-%s", call_names[second], call_names[first]);
    else
        snprintf(name, size, "%s+%s", call_names[first], call_names[second]);
    return inside || first <= second;
}

static bool name_of_outcome(size_t index, char *name, size_t size)
{
    const size_t kind = index / ANSWER_COUNT, answer = index % ANSWER_COUNT;
    const unsigned possible = outcomes[kind] ? outcomes[kind] : 1u << ANSWER_OK;

    snprintf(name, size, "%s:%s", operation_infos[kind].text, answer_name((enum answer)answer));
    return possible >> answer & 1;
}

static bool name_of_free(size_t index, char *name, size_t size)
{
    const size_t large = index / ANSWER_COUNT, answer = index % ANSWER_COUNT;

    snprintf(name, size, "free(%s):%s", large ? "2m" : "4k", answer_name((enum answer)answer));
    return free_outcomes >> answer & 1;
}

static bool name_of_contended(size_t index, char *name, size_t size)
{
    const size_t call = index / ANSWER_COUNT, answer = index % ANSWER_COUNT;

    snprintf(name, size, "contended-%s:%s", call_names[call], answer_name((enum answer)answer));
    return call_outcomes[call] >> answer & 1;
}

bool reach_name(size_t index, char *name, size_t size)
{
    if (index >= REACH_TOGETHER)
        return name_of_pair(index, name, size);
    if (index >= REACH_CONTENDED)
        return name_of_contended(index - REACH_CONTENDED, name, size);
    if (index >= REACH_FREES)
        return name_of_free(index - REACH_FREES, name, size);
    if (index >= REACH_OUTCOMES)
        return name_of_outcome(index - REACH_OUTCOMES, name, size);
    snprintf(name, size, "%s", mark_names[index]);
    return true;
}
