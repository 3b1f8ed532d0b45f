/*
 * Reads the structure of a Multiboot 1 loader, byte by byte at any alignment, and lists every range of memory that it
 * names. Leaves out which of them are memory: the map says that.
 */
#include "pmm_multiboot.h"

/* Bits of the flags at offset 0: which of the fields below are there. */
enum {
    HAS_COMMAND_LINE = 1 << 2,
    HAS_MODULES = 1 << 3,
    HAS_AOUT_SYMBOLS = 1 << 4,
    HAS_ELF_SECTIONS = 1 << 5,
    HAS_MEMORY_MAP = 1 << 6,
    HAS_DRIVES = 1 << 7,
    HAS_CONFIGURATION = 1 << 8,
    HAS_LOADER_NAME = 1 << 9,
    HAS_APM = 1 << 10,
    HAS_VBE = 1 << 11,
    HAS_FRAMEBUFFER = 1 << 12,
};

/* Offsets in the structure, in bytes. */
enum {
    COMMAND_LINE = 16,
    MODULE_COUNT = 20,
    MODULES = 24,
    AOUT_TABLE_SIZE = 28,  /* or the number of ELF section headers */
    AOUT_STRING_SIZE = 32, /* or the size of each */
    SYMBOLS = 36,
    MAP_LENGTH = 44,
    MAP = 48,
    DRIVES_LENGTH = 52,
    DRIVES = 56,
    CONFIGURATION = 60,
    LOADER_NAME = 64,
    APM = 68,
    VBE_CONTROL = 72,
    VBE_MODE = 76,
    VBE_INTERFACE_SEGMENT = 82,
    VBE_INTERFACE_OFFSET = 84,
    VBE_INTERFACE_LENGTH = 86,
    STRUCTURE = 88, /* its length without framebuffer */
    FRAMEBUFFER = 88,
    FRAMEBUFFER_PITCH = 96,
    FRAMEBUFFER_HEIGHT = 104,
    FRAMEBUFFER_TYPE = 109,
    PALETTE = 110, /* where the type is 0: indexed */
    PALETTE_COLORS = 114,
    STRUCTURE_WITH_FRAMEBUFFER = 116,
};

enum {
    MODULE_BYTES = 16, /* start, end, string, reserved */
    MODULES_MOST = 1 << 16,
    STRING_MOST = 1 << 20, /* bytes; a longer one is taken for a wild pointer */
    APM_BYTES = 20,
    VBE_CONTROL_BYTES = 512,
    VBE_MODE_BYTES = 256,
    COLOR_BYTES = 3,
    ELF32_SECTION = 40, /* bytes of a section header */
    ELF64_SECTION = 64,
    SECTION_IS_LOADED = 2, /* in its flags: part of the kernel's image, at an address that need not be physical */
};

#define REACH (UINT64_C(1) << 32) /* of the structure's addresses */

static uint32_t read_16(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

static uint32_t read_32(const uint8_t *at)
{
    return read_16(at) | read_16(at + 2) << 16;
}

static uint64_t read_64(const uint8_t *at)
{
    return read_32(at) | (uint64_t)read_32(at + 4) << 32;
}

static bool has(const struct pmm_multiboot *multiboot, uint32_t flag)
{
    return read_32(multiboot->info) & flag;
}

static uint32_t field(const struct pmm_multiboot *multiboot, unsigned offset)
{
    return read_32(multiboot->info + offset);
}

static struct pmm_range none(void)
{
    return (struct pmm_range){0, 0};
}

/* An address of 0 says that there is nothing. */
static struct pmm_range at_field(const struct pmm_multiboot *multiboot, uint32_t flag, unsigned offset,
                                 uint64_t length)
{
    if (!has(multiboot, flag) || field(multiboot, offset) == 0)
        return none();
    return (struct pmm_range){field(multiboot, offset), length};
}

const void *pmm_multiboot_at(const struct pmm_multiboot *multiboot, struct pmm_range range)
{
    if (range.length > REACH || range.base > REACH - range.length)
        return 0;
    return multiboot->map ? multiboot->map(multiboot->context, range.base, range.length)
                          : (const void *)(uintptr_t)range.base;
}

/* ---- the structure itself ---- */

static uint64_t structure_bytes(const struct pmm_multiboot *multiboot)
{
    return has(multiboot, HAS_FRAMEBUFFER) ? STRUCTURE_WITH_FRAMEBUFFER : STRUCTURE;
}

/*
 * Its physical address: where it is mapped, taken back by the same distance as the table of entries. A copy that lies
 * anywhere else takes up no physical memory that the map knows of.
 */
static struct pmm_range of_structure(const struct pmm_multiboot *multiboot)
{
    const struct pmm_range entries = pmm_multiboot_entries(multiboot);
    struct pmm_range range = {(uintptr_t)multiboot->info, structure_bytes(multiboot)};
    const void *mapped;

    if (!multiboot->map)
        return range;
    mapped = pmm_multiboot_at(multiboot, entries);
    range.base += entries.base - (uintptr_t)mapped;
    return mapped && pmm_multiboot_at(multiboot, range) == multiboot->info ? range : none();
}

struct pmm_range pmm_multiboot_entries(const struct pmm_multiboot *multiboot)
{
    if (!has(multiboot, HAS_MEMORY_MAP))
        return none();
    return (struct pmm_range){field(multiboot, MAP), field(multiboot, MAP_LENGTH)};
}

/* ---- strings ---- */

/* With its end; length 0 for none, and for one that has no end within STRING_MOST bytes or cannot be read. */
static struct pmm_range of_string(const struct pmm_multiboot *multiboot, uint32_t address)
{
    struct pmm_range piece = {address, 0};
    const uint8_t *at;

    while (address && piece.base - address < STRING_MOST) { /* a frame at a time: more may not be mapped */
        piece.length = (UINT64_C(1) << 12) - piece.base % (UINT64_C(1) << 12);
        at = pmm_multiboot_at(multiboot, piece);
        if (!at)
            break;
        for (uint64_t i = 0; i < piece.length; i++)
            if (at[i] == 0)
                return (struct pmm_range){address, piece.base + i + 1 - address};
        piece.base += piece.length;
    }
    return none();
}

static struct pmm_range string_field(const struct pmm_multiboot *multiboot, uint32_t flag, unsigned offset)
{
    return has(multiboot, flag) ? of_string(multiboot, field(multiboot, offset)) : none();
}

/* ---- modules ---- */

static uint64_t module_count(const struct pmm_multiboot *multiboot)
{
    return has(multiboot, HAS_MODULES) ? field(multiboot, MODULE_COUNT) : 0;
}

static struct pmm_range of_modules(const struct pmm_multiboot *multiboot)
{
    return (struct pmm_range){field(multiboot, MODULES), module_count(multiboot) * MODULE_BYTES};
}

static const uint8_t *module_entry(const struct pmm_multiboot *multiboot, uint64_t number)
{
    return (const uint8_t *)pmm_multiboot_at(multiboot, of_modules(multiboot)) + number * MODULE_BYTES;
}

static struct pmm_range of_module(const struct pmm_multiboot *multiboot, uint64_t number)
{
    const uint8_t *entry = module_entry(multiboot, number);
    const uint32_t start = read_32(entry), end = read_32(entry + 4);

    return (struct pmm_range){start, end > start ? end - start : 0};
}

static struct pmm_range of_module_string(const struct pmm_multiboot *multiboot, uint64_t number)
{
    return of_string(multiboot, read_32(module_entry(multiboot, number) + 8));
}

/* ---- symbols ---- */

static uint64_t section_count(const struct pmm_multiboot *multiboot)
{
    return has(multiboot, HAS_ELF_SECTIONS) ? field(multiboot, AOUT_TABLE_SIZE) : 0;
}

/* The headers of ELF sections; or the table of a.out, its strings, and the size of each before it. */
static struct pmm_range of_symbols(const struct pmm_multiboot *multiboot)
{
    const uint64_t first = field(multiboot, AOUT_TABLE_SIZE), second = field(multiboot, AOUT_STRING_SIZE);

    if (has(multiboot, HAS_ELF_SECTIONS))
        return (struct pmm_range){field(multiboot, SYMBOLS), first * second};
    return at_field(multiboot, HAS_AOUT_SYMBOLS, SYMBOLS, 4 + first + 4 + second);
}

/* What a loader put somewhere itself: sections that are not part of the image, the symbols and strings. */
static struct pmm_range of_section(const struct pmm_multiboot *multiboot, uint64_t number)
{
    const uint32_t size = field(multiboot, AOUT_STRING_SIZE);
    const uint8_t *header = (const uint8_t *)pmm_multiboot_at(multiboot, of_symbols(multiboot)) + number * size;

    if (read_32(header + 8) & SECTION_IS_LOADED)
        return none();
    if (size < ELF64_SECTION)
        return (struct pmm_range){read_32(header + 12), read_32(header + 12) ? read_32(header + 20) : 0};
    return (struct pmm_range){read_64(header + 16), read_64(header + 16) ? read_64(header + 32) : 0};
}

/* ---- tables of fixed size, and the framebuffer ---- */

static struct pmm_range of_configuration(const struct pmm_multiboot *multiboot)
{
    struct pmm_range range = at_field(multiboot, HAS_CONFIGURATION, CONFIGURATION, 2);
    const uint8_t *at = range.length ? pmm_multiboot_at(multiboot, range) : 0;

    if (at)
        range.length += read_16(at); /* bytes that follow */
    return range;
}

static struct pmm_range of_vbe_interface(const struct pmm_multiboot *multiboot)
{
    const uint8_t *info = multiboot->info;

    if (!has(multiboot, HAS_VBE))
        return none();
    return (struct pmm_range){((uint64_t)read_16(info + VBE_INTERFACE_SEGMENT) << 4) +
                                  read_16(info + VBE_INTERFACE_OFFSET),
                              read_16(info + VBE_INTERFACE_LENGTH)};
}

static struct pmm_range of_framebuffer(const struct pmm_multiboot *multiboot)
{
    const uint64_t pitch = has(multiboot, HAS_FRAMEBUFFER) ? field(multiboot, FRAMEBUFFER_PITCH) : 0;

    if (!pitch)
        return none();
    return (struct pmm_range){read_64(multiboot->info + FRAMEBUFFER), pitch * field(multiboot, FRAMEBUFFER_HEIGHT)};
}

static struct pmm_range of_palette(const struct pmm_multiboot *multiboot)
{
    if (!has(multiboot, HAS_FRAMEBUFFER) || multiboot->info[FRAMEBUFFER_TYPE] != 0)
        return none();
    return at_field(multiboot, HAS_FRAMEBUFFER, PALETTE,
                    (uint64_t)COLOR_BYTES * read_16(multiboot->info + PALETTE_COLORS));
}

/* ---- all of them ---- */

/* What there is one of, at most. */
enum single {
    THE_STRUCTURE,
    THE_ENTRIES,
    THE_COMMAND_LINE,
    THE_MODULES,
    THE_SYMBOLS,
    THE_DRIVES,
    THE_CONFIGURATION,
    THE_LOADER_NAME,
    THE_APM,
    THE_VBE_CONTROL,
    THE_VBE_MODE,
    THE_VBE_INTERFACE,
    THE_FRAMEBUFFER,
    THE_PALETTE,
    SINGLES,
};

static struct pmm_range of_single(const struct pmm_multiboot *multiboot, enum single single)
{
    switch (single) {
    case THE_STRUCTURE:
        return of_structure(multiboot);
    case THE_ENTRIES:
        return pmm_multiboot_entries(multiboot);
    case THE_COMMAND_LINE:
        return string_field(multiboot, HAS_COMMAND_LINE, COMMAND_LINE);
    case THE_MODULES:
        return of_modules(multiboot);
    case THE_SYMBOLS:
        return of_symbols(multiboot);
    case THE_DRIVES:
        return at_field(multiboot, HAS_DRIVES, DRIVES, field(multiboot, DRIVES_LENGTH));
    case THE_CONFIGURATION:
        return of_configuration(multiboot);
    case THE_LOADER_NAME:
        return string_field(multiboot, HAS_LOADER_NAME, LOADER_NAME);
    case THE_APM:
        return at_field(multiboot, HAS_APM, APM, APM_BYTES);
    case THE_VBE_CONTROL:
        return at_field(multiboot, HAS_VBE, VBE_CONTROL, VBE_CONTROL_BYTES);
    case THE_VBE_MODE:
        return at_field(multiboot, HAS_VBE, VBE_MODE, VBE_MODE_BYTES);
    case THE_VBE_INTERFACE:
        return of_vbe_interface(multiboot);
    case THE_FRAMEBUFFER:
        return of_framebuffer(multiboot);
    case THE_PALETTE:
        return of_palette(multiboot);
    case SINGLES:
        break;
    }
    return none();
}

bool pmm_multiboot_range(const struct pmm_multiboot *multiboot, uint64_t number, struct pmm_range *range)
{
    const uint64_t modules = module_count(multiboot);

    if (number < SINGLES) {
        *range = of_single(multiboot, (enum single)number);
        return true;
    }
    number -= SINGLES;
    if (number < 2 * modules) {
        *range = number % 2 ? of_module_string(multiboot, number / 2) : of_module(multiboot, number / 2);
        return true;
    }
    number -= 2 * modules;
    if (number >= section_count(multiboot))
        return false;
    *range = of_section(multiboot, number);
    return true;
}

/* ---- whether it can be believed ---- */

static bool is_readable(const struct pmm_multiboot *multiboot, struct pmm_range range)
{
    return range.length == 0 || pmm_multiboot_at(multiboot, range);
}

static bool string_is_readable(const struct pmm_multiboot *multiboot, uint32_t address)
{
    return address == 0 || of_string(multiboot, address).length;
}

static bool modules_are_readable(const struct pmm_multiboot *multiboot)
{
    const uint64_t count = module_count(multiboot);

    if (count > MODULES_MOST || !is_readable(multiboot, of_modules(multiboot)))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *entry = module_entry(multiboot, i);

        if (read_32(entry) > read_32(entry + 4) || !string_is_readable(multiboot, read_32(entry + 8)))
            return false;
    }
    return true;
}

static bool symbols_are_readable(const struct pmm_multiboot *multiboot)
{
    if (has(multiboot, HAS_AOUT_SYMBOLS) && has(multiboot, HAS_ELF_SECTIONS))
        return false;
    if (section_count(multiboot) == 0)
        return true;
    return field(multiboot, AOUT_STRING_SIZE) >= ELF32_SECTION && is_readable(multiboot, of_symbols(multiboot));
}

/* Those that must be read to know how long they are; the rest is kept unread, wherever it is. */
enum pmm_status pmm_multiboot_check(const struct pmm_multiboot *multiboot)
{
    const bool readable =
        has(multiboot, HAS_MEMORY_MAP) && is_readable(multiboot, pmm_multiboot_entries(multiboot)) &&
        (!has(multiboot, HAS_COMMAND_LINE) || string_is_readable(multiboot, field(multiboot, COMMAND_LINE))) &&
        (!has(multiboot, HAS_LOADER_NAME) || string_is_readable(multiboot, field(multiboot, LOADER_NAME))) &&
        modules_are_readable(multiboot) && symbols_are_readable(multiboot) &&
        is_readable(multiboot, at_field(multiboot, HAS_CONFIGURATION, CONFIGURATION, 2));

    return readable ? PMM_OK : PMM_ERR_MAP;
}
