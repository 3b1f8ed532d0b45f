/* The lines of a unit test that check what a failing call did besides answering: counts, frames, places, metadata. */
#include "explain.h"

#include <inttypes.h>
#include <string.h>

enum { FRAMES_CHECKED = 8, EDGES_CHECKED = 16 };

static const char *const frame_states[FRAME_STATE_COUNT] = {"PMM_FRAME_HOLE", "PMM_FRAME_RESERVED", "PMM_FRAME_FREE",
                                                            "PMM_FRAME_SMALL", "PMM_FRAME_LARGE"};
static const char *const zones[ZONE_COUNT] = {"PMM_ZONE_DMA", "PMM_ZONE_DMA32", "PMM_ZONE_NORMAL"};

void write_check_before(struct unit_test *test, const struct run *run)
{
    (void)run;
    if (test->failure == FAIL_N01)
        fprintf(test->out, "    memcpy(before, metadata, (size_t)bytes);\n");
    if (test->failure == FAIL_A07)
        fprintf(test->out, "    whole = pmm_whole_blocks(pmm);\n");
}

static void write_counts(struct unit_test *test, const struct run *run)
{
    test->uses_stats = true;
    fprintf(test->out, "    pmm_stats(pmm, &stats);\n");
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++) {
        const struct model_counts model = model_zone(run->model, (enum zone)zone);

        if (model.managed == 0 && test->failure != FAIL_S01 && test->failure != FAIL_C03)
            continue;
        fprintf(test->out, "    CHECK(stats.zone[%s].managed == %" PRIu64 ");\n", zones[zone], model.managed);
        fprintf(test->out, "    CHECK(stats.zone[%s].free == %" PRIu64 ");\n", zones[zone], model.free);
    }
}

static void write_frame(struct unit_test *test, const struct run *run, uint64_t address)
{
    char text[ADDRESS_TEXT];

    fprintf(test->out, "    CHECK(pmm_query(pmm, %s) == %s);\n", address_text(test, run, address, text),
            frame_states[model_frame(run->model, address)]);
}

/* The frames of the block last touched in which the two sides differ; the touched one when no frame does. */
static void write_frames(struct unit_test *test, const struct run *run)
{
    const uint64_t block = run->touched & ~(BLOCK_BYTES - 1);
    unsigned written = 0;

    for (unsigned i = 0; i < BLOCK_FRAMES && run->allocator->frame && written < FRAMES_CHECKED; i++) {
        const uint64_t address = block + i * FRAME_BYTES;
        enum frame_state state;

        if (!run->allocator->frame(run->self, address, &state) || state == model_frame(run->model, address))
            continue;
        write_frame(test, run, address);
        written++;
    }
    if (written == 0)
        write_frame(test, run, run->touched);
}

/* The bits of a block as pmm_query_block tells them. */
static void write_block(struct unit_test *test, const struct run *run)
{
    uint64_t words[8];
    char text[ADDRESS_TEXT];
    const bool large = model_block(run->model, run->touched, words);

    test->uses_words = true;
    fprintf(test->out, "    CHECK(pmm_query_block(pmm, %s, words, &large) && large == %s);\n",
            address_text(test, run, run->touched, text), large ? "true" : "false");
    for (unsigned i = 0; i < 8; i++)
        fprintf(test->out, "    CHECK(words[%u] == UINT64_C(0x%" PRIx64 "));\n", i, words[i]);
}

static void write_edges(struct unit_test *test, const struct run *run)
{
    unsigned written = 0;

    for (uint64_t edge = map_next_change(&run->map, 0);
         edge < ADDRESS_LIMIT >> FRAME_SHIFT && written < EDGES_CHECKED; edge = map_next_change(&run->map, edge)) {
        write_frame(test, run, (edge - 1) << FRAME_SHIFT);
        write_frame(test, run, edge << FRAME_SHIFT);
        written += 2;
    }
}

void write_check_after(struct unit_test *test, const struct run *run)
{
    switch ((int)test->failure) {
    case FAIL_A01:
    case FAIL_A02:
    case FAIL_A03:
    case FAIL_A05:
    case FAIL_A06:
    case FAIL_A07:
        write_alloc_checks(test, run);
        return;
    case FAIL_N01:
        fprintf(test->out, "    CHECK(memcmp(before, metadata, (size_t)bytes) == 0);\n");
        return;
    case FAIL_B01:
        write_frames(test, run);
        write_block(test, run);
        return;
    case FAIL_B02:
        write_frames(test, run);
        return;
    case FAIL_S01:
    case FAIL_E01:
        write_counts(test, run);
        write_edges(test, run);
        write_frames(test, run);
        break;
    case FAIL_C01:
    case FAIL_C02:
    case FAIL_C03:
        write_counts(test, run);
        return;
    case FAIL_N02:
        write_counts(test, run);
        write_frames(test, run);
        return;
    case FAIL_C04:
    case FAIL_K01:
        break;
    default:
        return;
    }
    fprintf(test->out, "    CHECK(pmm_whole_blocks(pmm) == %" PRIu64 ");\n", model_total(run->model).whole);
    fprintf(test->out, "    CHECK(pmm_check(pmm, NULL) == PMM_OK);\n");
}
