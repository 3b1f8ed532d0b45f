/*
 * The moment of failure as data, for the picture in the report: the map, and for each block that matters every frame as
 * the allocator and as the model see it. Blocks in which the two differ come first when there are too many.
 */
#include "explain.h"

#include <inttypes.h>

enum { BLOCKS_SHOWN = 24 };

static const char state_letters[FRAME_STATE_COUNT + 1] = ".rfsL";

static char allocator_letter(const struct run *run, uint64_t address, bool *known)
{
    enum frame_state state;

    *known = run->self && run->allocator->frame && run->allocator->frame(run->self, address, &state);
    return *known ? state_letters[state] : '?';
}

struct collected {
    const struct run *run;
    FILE *out;
    unsigned shown, differing, blocks;
    bool only_differing;
    bool by_bits; /* the bits of the block touched differ, whatever its frames say one by one */
};

static bool frames_differ(const struct run *run, uint64_t address)
{
    enum frame_state state;

    if (!run->self || !run->allocator->frame || !run->allocator->frame(run->self, address, &state))
        return false;
    return !states_agree(run, state, model_frame(run->model, address));
}

static void write_block(struct collected *collected, uint64_t base)
{
    const struct run *run = collected->run;
    char model[BLOCK_FRAMES + 1] = "", allocator[BLOCK_FRAMES + 1] = "";
    bool known = false, large = false;
    uint64_t words[8] = {0};

    if (collected->by_bits)
        run->allocator->block(run->self, run->touched, words, &large);

    for (unsigned i = 0; i < BLOCK_FRAMES; i++) {
        const uint64_t address = base + i * FRAME_BYTES;

        model[i] = state_letters[model_frame(run->model, address)];
        allocator[i] = allocator_letter(run, address, &known);
        if (collected->by_bits && base == (run->touched & ~(BLOCK_BYTES - 1)) &&
            (words[i / 64] >> (i % 64) & 1) != (allocator[i] == 'f'))
            allocator[i] = allocator[i] == 'f' ? 's' : 'f';
    }
    fprintf(collected->out, "%s\n    {\"base\": \"0x%" PRIx64 "\", \"model\": \"%s\", \"allocator\": \"%s\"}",
            collected->shown ? "," : "", base, model, allocator);
    collected->shown++;
}

static bool visit(void *context, uint64_t base)
{
    struct collected *collected = context;
    const struct run *run = collected->run;
    bool differs = base == (run->touched & ~(BLOCK_BYTES - 1));

    for (unsigned i = 0; i < BLOCK_FRAMES && !differs; i++)
        differs = frames_differ(run, base + i * FRAME_BYTES);
    collected->blocks++;
    collected->differing += differs;
    if (differs == collected->only_differing && collected->shown < BLOCKS_SHOWN)
        write_block(collected, base);
    return true;
}

static void write_zones(const struct run *run, FILE *out)
{
    struct counts counts[ZONE_COUNT];

    if (run->self && run->allocator->counts)
        run->allocator->counts(run->self, counts);
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++) {
        const struct model_counts model = model_zone(run->model, (enum zone)zone);

        fprintf(out, "%s\n    {\"zone\": \"%s\", \"managed\": %" PRIu64 ", \"model\": %" PRIu64 ", \"allocator\": ",
                zone ? "," : "", zone_name((enum zone)zone), model.managed, model.free);
        if (run->self && run->allocator->counts)
            fprintf(out, "%" PRIu64 "}", counts[zone].free);
        else
            fprintf(out, "null}");
    }
}

void moment_write(const struct run *run, enum failure_id failure, FILE *out)
{
    struct collected collected = {run, out, 0, 0, 0, true, failure == FAIL_B01 && run->self && run->allocator->block};
    uint64_t touched = run->touched;
    char position[128];

    run_position(position, sizeof(position));
    fprintf(out, "{\n  \"id\": \"%s\",\n  \"position\": \"%s\",\n  \"touched\": \"0x%" PRIx64 "\",\n  \"entries\": [",
            failure_infos[failure].id, position, touched);
    for (size_t i = 0; i < run->map.count; i++)
        fprintf(out, "%s[\"0x%" PRIx64 "\", \"0x%" PRIx64 "\", %" PRIu32 "]", i ? ", " : "", run->map.regions[i].base,
                run->map.regions[i].length, run->map.regions[i].type);
    fprintf(out, "],\n  \"blocks\": [");
    if (run->model) {
        model_each_block(run->model, visit, &collected);
        collected.only_differing = false;
        collected.blocks = 0;
        model_each_block(run->model, visit, &collected);
    }
    fprintf(out, "\n  ],\n  \"all_blocks\": %u,\n  \"zones\": [", collected.blocks);
    if (run->model)
        write_zones(run, out);
    fprintf(out, "\n  ]\n}\n");
}
