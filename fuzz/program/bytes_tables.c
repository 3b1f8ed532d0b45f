/* What the short codes of the byte twin stand for: anchors, kinds of entries, everyday operations. */
#include "bytes.h"

#define FOUR_MIB (UINT64_C(4) << 20)

/* Most stand 4 MiB below a limit, so that short spans end on either side of it. */
const uint64_t anchors[ANCHOR_PREVIOUS] = {
    0,           UINT64_C(1) << 20,        DMA_LIMIT - FOUR_MIB,   DMA32_LIMIT - FOUR_MIB,
    DMA32_LIMIT, ADDRESS_LIMIT - FOUR_MIB, UINT64_C(0) - FOUR_MIB,
};

/* How often a kind stands here is how often random bytes choose it. */
const struct entry_kind entry_kinds[ENTRY_RAW] = {
    {REGION_USABLE, false},       {REGION_USABLE, false},   {REGION_USABLE, false},     {REGION_USABLE, false},
    {REGION_USABLE, false},       {REGION_USABLE, false},   {REGION_USABLE, false},     {REGION_USABLE, false},
    {REGION_USABLE, false},       {REGION_USABLE, false},   {REGION_USABLE, false},     {REGION_USABLE, false},
    {REGION_USABLE, false},       {REGION_USABLE, false},   {REGION_USABLE, true},      {REGION_USABLE, true},
    {REGION_USABLE, true},        {REGION_USABLE, true},    {REGION_USABLE, true},      {REGION_USABLE, true},
    {REGION_RESERVED, false},     {REGION_RESERVED, false}, {REGION_RESERVED, false},   {REGION_RESERVED, true},
    {REGION_ACPI_RECLAIM, false}, {REGION_ACPI_NVS, false}, {REGION_ACPI_NVS, true},    {REGION_UNUSABLE, false},
    {REGION_LATER, false},        {REGION_LATER, true},     {20 /* other:20 */, false},
};

const enum operation_kind common_operations[COMMON_OPERATIONS] = {
    OPERATION_ALLOC, OPERATION_ALLOC, OPERATION_ALLOC,       OPERATION_FREE,
    OPERATION_FREE,  OPERATION_FREE,  OPERATION_ALLOC_LARGE, OPERATION_RELEASE,
};

_Static_assert((int)OPERATION_COUNT <= OPCODE_COMMON, "every operation needs an opcode of its own");
