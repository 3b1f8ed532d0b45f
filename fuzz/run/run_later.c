/* Memory that is allocated from the start: taken hold of by slots, and given back at the end. */
#include "state.h"

bool operation_HOLD_LATER(struct run *run, const struct operation *operation)
{
    const size_t index = (size_t)operation->operands[0];
    const unsigned order = (unsigned)operation->operands[1];
    uint64_t address;

    if (!serves(run, order) || slot_is_live(run, index) || run->totals.later == 0 ||
        !map_later(&run->map, order, operation->operands[2], &address) || !model_later(run->model, address, order))
        return true;
    run->slots[index] = (struct slot){address, order, run->cpu};
    run->slots_known |= UINT64_C(1) << index;
    run->slots_held |= UINT64_C(1) << index;
    run->outcome = (struct outcome){true, ANSWER_OK, address, 0, "held"};
    reach(order == 0 ? MARK_later_frame_held : MARK_later_block_held);
    return compare_frame(run, address, FAIL_NONE);
}

/* As blocks from the first one on that is whole, then frame by frame. */
static bool give_run(struct run *run, uint64_t frame, uint64_t end, uint64_t *calls)
{
    while (frame < end) {
        const uint64_t address = frame << FRAME_SHIFT;
        const bool large = serves(run, BLOCK_ORDER) && model_later(run->model, address, BLOCK_ORDER);
        enum answer answer;

        if (model_later(run->model, address, 0)) {
            *calls += 1;
            if (!give_expecting(run, (struct giving){address, large ? BLOCK_ORDER : 0, false}, ANSWER_OK, &answer))
                return false;
        }
        frame += large ? BLOCK_FRAMES : 1;
    }
    return true;
}

bool give_later(struct run *run, uint64_t most)
{
    uint64_t calls = 0, blocks = 0, address;

    while (run->totals.later > 0 && blocks <= most && map_later(&run->map, BLOCK_ORDER, blocks, &address))
        blocks++;
    if (run->totals.later == 0 || run->totals.later - blocks * BLOCK_FRAMES + blocks > most)
        return true;
    for (uint64_t first, end = 0; map_next_later(&run->map, end, &first, &end);)
        if (!give_run(run, first, end, &calls))
            return false;
    return calls == 0 || compare_everything(run, FAIL_E01);
}
