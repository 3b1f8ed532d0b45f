/*
 * The adapter of the described design (described.h), which promises all of the contract but later memory: the suite has to name its
 * mistakes. Its calls return an address or nothing, so that every free is answered by OK, and every refusal alike.
 *
 * expect: A01 A05 A08 A09 F02 F03 F04 F05 F06 F07 F08 F10 S01 S03 S05
 */
#include <stdlib.h>

#include "../allocators/allocator.h"
#include "described.h"

static void *start_new(const struct start *start, enum answer *answer)
{
    const size_t stride = sizeof(struct multiboot_entry);
    const bool multiboot = start->table.bytes && start->table.form == TABLE_MULTIBOOT && start->table.stride == 0;
    const size_t length = multiboot ? start->table.length : start->map.count * stride;
    struct described *pmm = calloc(1, sizeof(*pmm));
    uint8_t *bytes = calloc(1, length + stride);

    for (size_t i = 0; bytes && !multiboot && i < start->map.count; i++) {
        const struct region *region = &start->map.regions[i];
        const struct multiboot_entry entry = {
            (uint32_t)(stride - sizeof(uint32_t)),
            {(uint32_t)region->base, (uint32_t)(region->base >> 32)},
            {(uint32_t)region->length, (uint32_t)(region->length >> 32)},
            region->type,
        };

        memcpy(bytes + i * stride, &entry, stride);
    }
    if (bytes && multiboot && length > 0)
        memcpy(bytes, start->table.bytes, length);
    if (pmm && bytes)
        described_init(pmm, bytes, (uint32_t)length, start->map.reserved_below);
    if (!bytes) {
        free(pmm);
        pmm = NULL;
    }
    free(bytes);
    *answer = pmm ? ANSWER_OK : ANSWER_METADATA;
    return pmm;
}

/* It knows no zones, and no sizes but two. */
static enum answer allocate(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    const int64_t frame = described_allocate(self, order != 0);

    (void)cpu;
    (void)limit;
    *address = (uint64_t)frame;
    return frame == -1 ? ANSWER_REFUSED : ANSWER_OK;
}

static enum answer release(void *self, unsigned cpu, uint64_t address)
{
    (void)cpu;
    described_release(self, address);
    return ANSWER_OK; /* DEFECT D12: the call returns nothing */
}

static enum answer free_frame(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    (void)order; /* it finds the size itself */
    return release(self, cpu, address);
}

static bool block(void *self, uint64_t address, uint64_t words[8], bool *large)
{
    const struct described *pmm = self;
    const struct entry *entry = &pmm->table[address / BLOCK_BYTES % TABLE_BLOCKS];

    if (address / BLOCK_BYTES >= TABLE_BLOCKS)
        return false;
    memcpy(words, entry->bitmap, sizeof(entry->bitmap));
    *large = entry->large;
    return true;
}

const struct allocator allocator_under_test = {
    .name = "described",
    .promises = PROMISE_ALL & ~(unsigned)PROMISE_LATER,
    .start = start_new,
    .stop = free,
    .alloc = allocate,
    .free = free_frame,
    .release = release,
    .block = block,
};
