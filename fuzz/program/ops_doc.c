/* FORMAT.md: prose about the two forms of a program; its tables come from the tables that the code uses. */
#include "ops_tool.h"

#include <inttypes.h>

#include "bytes.h"
#include "text.h"

void print_lines(FILE *out, const char *const *lines)
{
    for (; *lines; lines++)
        fprintf(out, "%s\n", *lines);
}

static const char *const opening[] = {
    "# The program format",
    "",
    "<!-- Made by `pmm-ops doc` from operations.def and bytes.h. Change those, then write this file again. "
    "-->",
    "",
    "A program is a memory map and operations on it. It has two forms that say the same: **text** (`.ops`), "
    "which",
    "people read and git keeps, and **bytes**, which the fuzzers mutate. `pmm-ops encode` and `decode` "
    "convert.",
    "",
    "- Any bytes are a program. Numbers are reduced to their range and a torn last operation is left out.",
    "- `decode(encode(text))` is the same program, for every text.",
    "- `pmm-ops format` prints the canonical text. Formatting it again changes nothing.",
    "",
    "## Text",
    "",
    "```",
    "ops 1                            # the version, always first",
    "cpus 2                           # simulated CPUs, 1 to 4; left out: 1",
    "below 0x100000                   # reserved_memory: skip what lies below; left out: 0",
    "map 0x0 0x9fc00 usable           # base, length, type; any order; may overlap, be empty or wrap",
    "map 0x9fc00 0x60400 reserved",
    "map 0x100000 0x7f00000 usable",
    "later 0x400000 0x200000          # allocated from the start, until it is freed; left out: nothing is",
    "alloc s0                         # from here on: one operation a line",
    "alloc-large s1 dma32",
    "free s0",
    "free s0                          # a double free",
    "```",
    "",
    "Blank lines and `#` comments may stand anywhere. Types: `usable`, `reserved`, `acpi-reclaim`, "
    "`acpi-nvs`,",
    "`unusable`, `pmem`, `later` (memory, but allocated from the start), or `other:N` with any 32-bit number.",
    "",
    "Beside the map there may be:",
    "",
    "| line | says |",
    "|---|---|",
    "| `managed-below ADDRESS` | no frame that ends above is managed |",
    "| `reserve BASE LENGTH` | no frame that this touches is managed; several lines |",
    "| `later BASE LENGTH` | managed frames that this touches are allocated from the start; several lines |",
    "| `place ABOVE BELOW` | the allocator places its metadata in memory of the map, between these; 0x0: no bound |",
    "",
    "Instead of `map` lines there may be a raw table as a loader leaves it: lines `table FORM` with its bytes in",
    "hexadecimal, several lines in a row. The form is `multiboot`, `multiboot2`, `e820`, `pvh`, `efi`, `limine` (the",
    "entries; the array of pointers to them is made at the start) or `regions`; `FORM/STRIDE` gives the bytes from",
    "entry to entry where they are not as usual, as in `efi/56`. `multiboot` alone is short for `table multiboot`.",
    "",
    NULL,
};

static void print_caps(FILE *out)
{
    fprintf(out, "At most %d entries, %d bytes of a table, %d ranges of a kind, %d operations and %d slots.\n\n",
            PROGRAM_REGIONS, PROGRAM_TABLE, PROGRAM_RANGES, PROGRAM_OPERATIONS, PROGRAM_SLOTS);
}

/* What an operand is called in the table of operations. */
static const char *const operand_names[] = {
    [OPERAND_SLOT] = "SLOT",   [OPERAND_ZONE] = "[ZONE]",     [OPERAND_ORDER] = "ORDER",
    [OPERAND_COUNT] = "COUNT", [OPERAND_ADDRESS] = "ADDRESS",
};

static void print_operations(FILE *out)
{
    fprintf(out, "## Operations\n\n| opcode | text | does |\n|---|---|---|\n");
    for (unsigned kind = 0; kind < OPERATION_COUNT; kind++) {
        const struct operation_info *info = &operation_infos[kind];

        fprintf(out, "| %u | `%s", kind, info->text);
        for (size_t i = 0; i < 3 && info->operands[i] != OPERAND_NONE; i++)
            fprintf(out, " %s", operand_names[info->operands[i]]);
        fprintf(out, "` | %s |\n", info->doc);
    }
}

static const char *const operands[] = {
    "",
    "An operation that does not apply (a slot that is taken, or that never held anything) does nothing.",
    "",
    "| operand | text | bytes |",
    "|---|---|---|",
    "| SLOT | `s0` to `s63`, a named place for one address | 1: below 0xc0 modulo 8, else modulo 64 |",
    "| ZONE | `normal`, `dma32`, `dma`, the highest zone allowed; left out: `normal` "
    "| 1: modulo 8; 6 `dma32`, 7 `dma` |",
    "| ORDER | 0 to 255, log2 of frames; only 0 and 9 exist | 1: even 0, odd 9; 0xff: the next byte |",
    "| COUNT | 0 to 65535 | 1: itself below 0xf0; else the next 2 bytes |",
    "| ADDRESS | `0x...`, any 64-bit number | see below |",
    "",
    "## Bytes",
    "",
    "Numbers are little-endian. The layout favours short codes for common values, so that random bytes are "
    "mostly",
    "small maps and everyday operations; rare codes escape to raw values.",
    "",
    "**Header**, 1 byte: bits 0-1 CPUs less one; bits 5-7 `below`: 5 is 1 MiB; 6 and 7: a span follows, or "
    "0xffff and",
    "8 bytes; else 0. Bits 2-4: all set is a concurrent program; 6: something stands beside the map.",
    "",
    "**Span**, 2 bytes: a number of frames. Bits 12-15 below 8: bits 0-11 shifted right by them; else whole "
    "blocks,",
    "bits 0-1 of them. **Skew**, 1 signed byte: bytes added.",
    "",
    "**Map**, 1 byte: the number of entries less one, modulo 7; from 0xf0 on the number is the next byte, "
    "modulo 65;",
    "from 0xf8 on a table: its form, modulo 7, its stride (2 bytes, modulo 4097), its length (2 bytes, modulo 4097), "
    "its",
    "bytes; 0xff is one of form 0 and stride 0, which are left out. Each entry: a byte",
    "`kind * 8 + anchor`, a span from the anchor to the base, a span for the length, and, for a skewed kind, "
    "a skew of",
    "the base and one of the length. Kind 31 is raw: base (8 bytes), length (8), type (4).",
    "",
    NULL,
};

static void print_anchors(FILE *out)
{
    fprintf(out, "| anchor | address |\n|---|---|\n");
    for (unsigned i = 0; i < ANCHOR_PREVIOUS; i++)
        fprintf(out, "| %u | 0x%" PRIx64 " |\n", i, anchors[i]);
    fprintf(out, "| %d | the end of the entry before; in an address, of the last entry |\n\n", ANCHOR_PREVIOUS);
}

static void print_kinds(FILE *out)
{
    fprintf(out, "| kinds | type | skewed |\n|---|---|---|\n");
    for (unsigned first = 0, next; first < ENTRY_RAW; first = next) {
        const struct entry_kind *kind = &entry_kinds[first];
        char name[TYPE_NAME_SIZE];

        for (next = first + 1; next < ENTRY_RAW; next++)
            if (entry_kinds[next].type != kind->type || entry_kinds[next].skewed != kind->skewed)
                break;
        fprintf(out, "| %u", first);
        if (next - first > 1)
            fprintf(out, " to %u", next - 1);
        fprintf(out, " | %s | %s |\n", region_type_name(kind->type, name), kind->skewed ? "yes" : "no");
    }
}

static const char *const address[] = {
    "",
    "**Address**: a tag byte. From 0xf0 on: 8 raw bytes. From 0x80 on: a span up from anchor bits 0-2. Else "
    "bits 0-3",
    "name an entry of the map, modulo their number: a span up from its base, or with bit 4 down from its "
    "end; without",
    "entries, as an anchor. What it counts from is rounded down to a frame. With bit 5 a skew follows.",
    "",
    "**Beside the map**, after it, if the header says so: a byte: bit 0 `managed-below`, an address; bit 1 `place`, "
    "two",
    "addresses; bits 2-4 the number of `reserve` lines, bits 5-7 of `later` lines; 7: the next byte, modulo 17. "
    "Each: an",
    "address, and a span for the length, or 0xffff and 8 bytes.",
    "",
    "**Operation**, until the bytes end: an opcode byte and its operands. Below 64: the table above, modulo "
    "its",
    "length. From 64 on, an everyday operation, modulo 8:",
    NULL,
};

static void print_common(FILE *out)
{
    for (size_t i = 0; i < COMMON_OPERATIONS; i++)
        fprintf(out, "%s`%s`", i ? ", " : "", operation_infos[common_operations[i]].text);
    fprintf(out, ".\n");
}

void print_format_document(FILE *out)
{
    print_lines(out, opening);
    print_caps(out);
    print_operations(out);
    print_lines(out, operands);
    print_anchors(out);
    print_kinds(out);
    print_lines(out, address);
    print_common(out);
    print_concurrent(out);
}
