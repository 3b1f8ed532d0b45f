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
#define OUTCOMES(name, answers)
#include "marks.def"
#undef MARK
#undef OUTCOMES
};

/* Bit a: answer a is possible. None stands for ok alone. */
static const unsigned outcomes[OPERATION_COUNT] = {
#define MARK(name, meaning)
#define O(answer)               (1u << ANSWER_##answer)
#define OUTCOMES(name, answers) [OPERATION_##name] = (answers),
#include "marks.def"
#undef MARK
#undef O
#undef OUTCOMES
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

void reach_outcome(enum operation_kind kind, enum answer answer)
{
    if ((unsigned)answer < ANSWER_COUNT)
        reach_index(REACH_OUTCOMES + (size_t)kind * ANSWER_COUNT + (size_t)answer);
}

void reach_free(const struct model *model, uint64_t address, unsigned order, enum answer answer)
{
    if (order == 0 || order == BLOCK_ORDER)
        reach_index((order == 0 ? REACH_FREES : REACH_FREES + (size_t)ANSWER_COUNT) + (size_t)answer);
    if (answer == ANSWER_SIZE && address % BLOCK_BYTES != 0 && model_frame(model, address) == FRAME_LARGE)
        reach(MARK_freed_inside_large);
}

bool reach_name(size_t index, char *name, size_t size)
{
    const size_t answer = (index - REACH_OUTCOMES) % ANSWER_COUNT;

    if (index < REACH_OUTCOMES) {
        snprintf(name, size, "%s", mark_names[index]);
        return true;
    }
    if (index >= REACH_FREES) {
        const char *what = index < REACH_FREES + (size_t)ANSWER_COUNT ? "4k" : "2m";

        snprintf(name, size, "free(%s):%s", what, answer_name((enum answer)answer));
        return free_outcomes >> answer & 1;
    }

    const size_t kind = (index - REACH_OUTCOMES) / ANSWER_COUNT;
    const unsigned possible = outcomes[kind] ? outcomes[kind] : 1u << ANSWER_OK;

    snprintf(name, size, "%s:%s", operation_infos[kind].text, answer_name((enum answer)answer));
    return possible >> answer & 1;
}
