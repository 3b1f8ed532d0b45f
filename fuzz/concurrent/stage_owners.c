/*
 * Who owns what after a set-up. After misuse in it a slot may name a frame that is free again, or another slot's. Who
 * frees by way of it later misuses it too, and must not pass for its owner: such slots hold nothing, such entries of
 * the pool go.
 */
#include "stage_snapshot.h"

/* Whether one of `slots` names a frame of this one: later memory can be named as a block and frame by frame. */
static bool is_named(const struct run *run, uint64_t slots, uint64_t address, unsigned order)
{
    for (; slots; slots &= slots - 1) {
        const struct slot *slot = &run->slots[__builtin_ctzll(slots)];

        if (slot->address < address + (FRAME_BYTES << order) &&
            address < slot->address + (FRAME_BYTES << slot->order))
            return true;
    }
    return false;
}

uint64_t owned_slots(const struct run *run)
{
    uint64_t owned = 0;

    for (uint64_t held = run->slots_held; held; held &= held - 1) {
        const size_t i = (size_t)__builtin_ctzll(held);

        if (slot_is_live(run, i) && !is_named(run, owned, run->slots[i].address, run->slots[i].order))
            owned |= UINT64_C(1) << i;
    }
    return owned;
}

size_t owned_frames(const struct run *run, uint64_t slots, uint64_t *frames)
{
    size_t count = 0;

    for (size_t i = 0; i < run->pool.count; i++) {
        const uint64_t address = run->pool.frames[i] & ~(FRAME_BYTES - 1);
        const unsigned order = run->pool.frames[i] & (FRAME_BYTES - 1);

        if (model_free_answer(run->model, address, order) == ANSWER_OK && !is_named(run, slots, address, order))
            frames[count++] = run->pool.frames[i];
    }
    return count;
}

bool owns_all(const struct plan *plan, size_t count)
{
    for (size_t i = 0; i < count; i++)
        switch (plan->lists[LIST_SETUP][i]->kind) {
        case OPERATION_FREE:
        case OPERATION_RELEASE:
        case OPERATION_FREE_AS:
        case OPERATION_FREE_INSIDE:
        case OPERATION_HOLD_LATER: /* two slots may name one frame */
            return false;
        default:
            break;
        }
    return true;
}
