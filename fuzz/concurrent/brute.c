/* Trying everything; what it may cost does not matter here. */
#include "brute.h"

#include <assert.h>
#include <string.h>

enum { STATE_BYTES = 4096 }; /* of a model of two blocks */

/* ---- every order ---- */

static bool try_alloc(struct model *model, const struct call *call)
{
    if (model_judge_alloc(model, call->order, call->limit, call->answer, call->address, false) != MODEL_LEGAL)
        return false;
    model_take(model, call->address, call->order);
    return true;
}

static bool try_free(struct model *model, const struct call *call)
{
    unsigned found = call->order;
    const enum answer answer = call->kind == CALL_RELEASE ? model_release_answer(model, call->address, &found)
                                                          : model_free_answer(model, call->address, call->order);

    if (answer != call->answer)
        return false;
    if (answer == ANSWER_OK)
        model_give(model, call->address, found);
    return true;
}

static bool place_rest(struct model *model, const struct history *history, bool placed[HISTORY_CALLS]);

/* The call comes next; the model is as before when the rest cannot follow, or when it can. */
static bool place(struct model *model, const struct history *history, bool placed[HISTORY_CALLS], size_t number)
{
    const struct call *call = &history->calls[number];
    uint8_t before[STATE_BYTES];
    bool fits = true;

    assert(model_state_bytes(model) <= sizeof(before));
    model_state_save(model, before);
    if (call->kind == CALL_ALLOC && call->answer == ANSWER_OK)
        fits = try_alloc(model, call);
    else if (call->kind == CALL_FREE || call->kind == CALL_RELEASE)
        fits = try_free(model, call);
    else if (call->kind == CALL_QUERY)
        fits = model_frame(model, call->address) == call->state;
    if (!fits)
        return false;
    placed[number] = true;
    fits = place_rest(model, history, placed);
    placed[number] = false;
    model_state_restore(model, before);
    return fits;
}

static bool place_rest(struct model *model, const struct history *history, bool placed[HISTORY_CALLS])
{
    bool all = true;

    for (size_t i = 0; i < history->count; i++) {
        bool first = !placed[i];

        all &= placed[i];
        for (size_t j = 0; j < history->count; j++)
            first &= placed[j] || history->calls[j].responded >= history->calls[i].invoked;
        if (first && place(model, history, placed, i))
            return true;
    }
    return all;
}

bool brute_linearizable(struct model *model, const struct history *history)
{
    bool placed[HISTORY_CALLS] = {false};

    return place_rest(model, history, placed);
}

/* ---- every instant ---- */

/* Whether `call` took, or gave, this frame. */
static bool concerns(const struct call *call, enum call_kind kind, uint64_t frame)
{
    return call->kind == kind && call->answer == ANSWER_OK && frame >= call->address &&
           frame < call->address + (FRAME_BYTES << call->order);
}

/* Between taking it (or always) and having freed it: so often begun, not so often ended. */
static bool may_be_held(const struct ground *ground, const struct history *history, uint64_t frame, uint64_t time)
{
    int held = model_frame(ground->model, frame) != FRAME_FREE;

    for (size_t i = 0; i < history->count; i++) {
        held += concerns(&history->calls[i], CALL_ALLOC, frame) && history->calls[i].invoked <= time;
        held -= concerns(&history->calls[i], CALL_FREE, frame) && history->calls[i].responded < time;
    }
    return held > 0;
}

static uint64_t count_free(const struct ground *ground, const struct history *history, const struct call *call,
                           uint64_t time)
{
    uint64_t count = 0;

    for (size_t block = 0; block < ground->block_count; block++) {
        const uint64_t base = ground->blocks[block].base;
        uint64_t free = 0;

        for (uint64_t frame = base; frame < base + BLOCK_BYTES && zone_of(base) <= call->limit; frame += FRAME_BYTES)
            free += model_frame(ground->model, frame) > FRAME_RESERVED && !may_be_held(ground, history, frame, time);
        count += call->order == 0 ? free : free == BLOCK_FRAMES;
    }
    return count;
}

bool brute_refusal(const struct ground *ground, const struct history *history, size_t number)
{
    const struct call *call = &history->calls[number];

    for (uint64_t time = call->invoked; time <= call->responded; time++) {
        uint64_t others = 0;

        for (size_t i = 0; i < history->count; i++)
            others += i != number && history->calls[i].invoked <= time && time <= history->calls[i].responded;
        if (count_free(ground, history, call, time) <= others)
            return true;
    }
    return false;
}
