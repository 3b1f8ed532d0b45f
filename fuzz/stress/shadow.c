/* One plain word a frame: not 0 while somebody owns it. */
#include "stress.h"

enum { BLOCKS = 16 };

static struct {
    uint64_t base;
    uint64_t words[BLOCK_FRAMES];
} blocks[BLOCKS];
static size_t block_count;

static uint64_t *find(uint64_t address)
{
    for (size_t i = 0; i < block_count; i++)
        if (blocks[i].base == (address & ~(BLOCK_BYTES - 1)))
            return &blocks[i].words[(address >> FRAME_SHIFT) % BLOCK_FRAMES];
    return NULL;
}

bool shadow_begin(const struct program *program)
{
    block_count = 0;
    for (size_t i = 0; i < program->region_count; i++) {
        const struct region *region = &program->regions[i];
        const uint64_t end = region->base + region->length;

        for (uint64_t base = region->base & ~(BLOCK_BYTES - 1); base < end; base += BLOCK_BYTES) {
            if (find(base))
                continue;
            if (block_count == BLOCKS)
                return false;
            blocks[block_count].base = base;
            for (unsigned frame = 0; frame < BLOCK_FRAMES; frame++)
                blocks[block_count].words[frame] = 0;
            block_count++;
        }
    }
    return block_count > 0;
}

void shadow_take(uint64_t address, unsigned order, unsigned cpu)
{
    uint64_t *words = find(address);

    if (!words || address % (FRAME_BYTES << order) != 0)
        stress_fail("handed out, but not part of the map", address);
    for (unsigned i = 0; i < 1u << order; i++) {
        if (words[i] != 0)
            stress_fail("handed out although somebody owns it", address + i * FRAME_BYTES);
        words[i] = cpu + 1;
    }
}

void shadow_give(uint64_t address, unsigned order)
{
    uint64_t *words = find(address);

    for (unsigned i = 0; i < 1u << order; i++) {
        if (words[i] == 0)
            stress_fail("its owner's word is gone", address + i * FRAME_BYTES);
        words[i] = 0;
    }
}

bool shadow_is_owned(uint64_t address, unsigned order)
{
    const uint64_t *words = find(address);
    bool owned = false;

    for (unsigned i = 0; words && i < 1u << order; i++)
        owned |= words[i] != 0;
    return owned;
}
