/*
 * The printed names of answers, frame states and zones. A number that is none of them prints as "unknown".
 */
#include "contract.h"

#include <stddef.h>

static const char *const answer_names[ANSWER_COUNT] = {
    [ANSWER_OK] = "ok",
    [ANSWER_NO_MEMORY] = "no-memory",
    [ANSWER_ARGUMENT] = "argument",
    [ANSWER_MISALIGNED] = "misaligned",
    [ANSWER_RANGE] = "range",
    [ANSWER_HOLE] = "hole",
    [ANSWER_RESERVED] = "reserved",
    [ANSWER_DOUBLE_FREE] = "double-free",
    [ANSWER_SIZE] = "size",
    [ANSWER_METADATA] = "metadata",
    [ANSWER_MAP] = "map",
    [ANSWER_CORRUPT] = "corrupt",
    [ANSWER_REFUSED] = "refused",
};

static const char *const frame_state_names[FRAME_STATE_COUNT] = {
    [FRAME_HOLE] = "hole",   [FRAME_RESERVED] = "reserved", [FRAME_FREE] = "free",
    [FRAME_SMALL] = "small", [FRAME_LARGE] = "large",
};

static const char *const zone_names[ZONE_COUNT] = {
    [ZONE_DMA] = "dma",
    [ZONE_DMA32] = "dma32",
    [ZONE_NORMAL] = "normal",
};

static const char *name_of(const char *const *names, size_t count, unsigned value)
{
    return value < count ? names[value] : "unknown";
}

const char *answer_name(enum answer answer)
{
    return name_of(answer_names, ANSWER_COUNT, (unsigned)answer);
}

const char *frame_state_name(enum frame_state state)
{
    return name_of(frame_state_names, FRAME_STATE_COUNT, (unsigned)state);
}

const char *zone_name(enum zone zone)
{
    return name_of(zone_names, ZONE_COUNT, (unsigned)zone);
}
