/*
 * Damaged metadata: one word is changed, and the allocator takes its metadata over as after a kexec. Either it notices,
 * or nothing that any call can tell has changed; placement is a preference, which damage may cost. Afterwards the word is
 * as it was. Leaves out damage of several words: ci/tests/start_test.c.
 */
#include "state.h"

#include <stdlib.h>
#include <string.h>

enum {
    WORD_BITS = 64,
    DRAINED_WHOLE = 64, /* most blocks, and most frames, that are taken to find damage out */
    DRAINED_FRAMES = 2048,
};

/* A bit for small patterns; else the pattern's 16 bits four times over. */
static uint64_t flipped(uint64_t pattern)
{
    return pattern < WORD_BITS ? UINT64_C(1) << pattern : pattern * UINT64_C(0x0001000100010001);
}

/* Every state and count is asked for, then all of the memory, if that is not much; `damaged` makes each difference I01. */
static bool nothing_tells(struct run *run)
{
    const struct model_counts total = model_total(run->model);
    const size_t first = run->pool.count;
    uint64_t count;

    if (!compare_everything(run, FAIL_I01))
        return false;
    if (total.whole > DRAINED_WHOLE || total.free - total.whole * BLOCK_FRAMES > DRAINED_FRAMES)
        return true;
    return (!serves(run, BLOCK_ORDER) || take_all(run, BLOCK_ORDER, &count)) && take_all(run, 0, &count) &&
           give_back(run, first);
}

static bool judge_damage(struct run *run)
{
    enum answer answer;
    bool sound;

    call_begins(run);
    answer = run->allocator->recover(run->self);
    if (answer != ANSWER_OK) {
        reach(MARK_damage_noticed);
        return true;
    }
    reach(MARK_damage_harmless);
    run->damaged = true;
    sound = nothing_tells(run);
    run->damaged = false;
    return sound;
}

bool operation_DAMAGE(struct run *run, const struct operation *operation)
{
    size_t bytes = 0;
    uint64_t *words = run->allocator->recover ? run->allocator->image(run->self, &bytes) : NULL;
    const size_t count = bytes / sizeof(*words);
    uint64_t *saved;
    bool sound;

    if (count == 0)
        return true;
    saved = malloc(bytes);
    if (!saved)
        return true;
    memcpy(saved, words, bytes);
    words[operation->operands[0] % count] ^= flipped(operation->operands[1]);
    sound = judge_damage(run);
    if (sound)
        memcpy(words, saved, bytes);
    free(saved);
    run->outcome = (struct outcome){true, ANSWER_OK, UINT64_MAX, 0, NULL}; /* where words lie, the compiler decides */
    return sound;
}
