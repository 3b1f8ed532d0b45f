/* The schedule of a concurrent program in bytes: its head, and the overrides at the end of all. */
#include "bytes.h"

static void decode_override(struct reader *in, struct override *override)
{
    unsigned place = (unsigned)take(in, 1), action = (unsigned)take(in, 1);
    unsigned argument = action >> OVERRIDE_ARGUMENT_SHIFT, step = (unsigned)take(in, 2), hold = (unsigned)take(in, 2);

    *override = (struct override){
        .cpu = (uint8_t)(place % PROGRAM_CPUS),
        .operation = (uint8_t)((place >> OVERRIDE_OPERATION_SHIFT) % LIST_OPERATIONS),
        .step = override_steps(step),
        .action = (enum override_action)(action % 8 % OVERRIDE_ACTIONS),
    };
    switch (override->action) {
    case OVERRIDE_SWITCH:
        override->argument = (uint8_t)(argument % PROGRAM_CPUS);
        override->hold = override_steps(hold);
        break;
    case OVERRIDE_INTERRUPT:
        override->argument = (uint8_t)(argument % SCHEDULE_HANDLERS);
        break;
    case OVERRIDE_BUFFER:
        override->hold = override_steps(hold);
        break;
    case OVERRIDE_STALE:
        override->argument = (uint8_t)(1 + argument % OVERRIDE_STALE_MOST);
        break;
    default:
        break;
    }
}

bool decode_schedule(struct reader *in, struct schedule *schedule)
{
    unsigned head = (unsigned)take(in, 1);
    size_t count, left;
    struct reader tail;

    schedule->strategy = (enum strategy)(head % STRATEGY_COUNT);
    schedule->modes = (head >> SCHEDULE_MODES_SHIFT) & SCHEDULE_MODES_MASK;
    schedule->modes |= head & SCHEDULE_BUFFERS_BIT ? (unsigned)SCHEDULE_BUFFERS : 0;
    schedule->seed = take(in, head & SCHEDULE_LONG_SEED ? 8 : 4);
    count = (size_t)take(in, 1) % (SCHEDULE_OVERRIDES + 1);
    left = (size_t)(in->end - in->at) / OVERRIDE_BYTES;
    schedule->override_count = count < left ? count : left;
    tail = (struct reader){in->end - schedule->override_count * OVERRIDE_BYTES, in->end, false};
    in->end = tail.at;
    for (size_t i = 0; i < schedule->override_count; i++)
        decode_override(&tail, &schedule->overrides[i]);
    return head & SCHEDULE_BESIDE;
}

void encode_schedule(struct writer *out, const struct schedule *schedule, bool beside)
{
    bool is_long = schedule->seed > UINT32_MAX;
    unsigned head = (unsigned)schedule->strategy | (schedule->modes & SCHEDULE_MODES_MASK) << SCHEDULE_MODES_SHIFT;

    head |= schedule->modes & SCHEDULE_BUFFERS ? (unsigned)SCHEDULE_BUFFERS_BIT : 0;
    head |= beside ? SCHEDULE_BESIDE : 0;
    put(out, head | (is_long ? SCHEDULE_LONG_SEED : 0), 1);
    put(out, schedule->seed, is_long ? 8 : 4);
    put(out, schedule->override_count, 1);
}

void encode_overrides(struct writer *out, const struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->override_count; i++) {
        const struct override *override = &schedule->overrides[i];
        unsigned argument = override->action == OVERRIDE_STALE ? override->argument - 1u : override->argument;

        put(out, override->cpu | (unsigned) override->operation << OVERRIDE_OPERATION_SHIFT, 1);
        put(out, (unsigned) override->action | argument << OVERRIDE_ARGUMENT_SHIFT, 1);
        put(out, override->step, 2);
        put(out, override->hold, 2);
    }
}

_Static_assert((int)STRATEGY_COUNT == 4 && (int)LIST_OPERATIONS == 8, "they fill their bits");
