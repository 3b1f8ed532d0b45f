/* What the readers of the loaders share: lists of ranges, lines of the map, options of the command line. */
#include "handover.h"

#include "console.h"

void ranges_add(struct ranges *ranges, uint64_t base, uint64_t length)
{
    if (!base || !length)
        return;
    if (ranges->count == RANGES_MOST)
        fail("handover", "more ranges than this kernel has room for", RANGES_MOST, ranges->count + 1);
    ranges->list[ranges->count++] = (struct pmm_range){base, length};
}

bool ranges_touch(const struct ranges *ranges, uint64_t base, uint64_t end)
{
    for (size_t i = 0; i < ranges->count; i++)
        if (ranges->list[i].base < end && base < ranges->list[i].base + ranges->list[i].length)
            return true;
    return false;
}

uint64_t string_bytes(const char *string)
{
    uint64_t bytes = 1;

    while (*string++)
        bytes++;
    return bytes;
}

void say_entry(uint64_t base, uint64_t length, uint32_t type)
{
    say("map ");
    say_hex(base);
    say(" ");
    say_hex(length);
    if (type == PMM_USABLE) {
        say(" usable\n");
        return;
    }
    say(" other:");
    say_number(type);
    say("\n");
}

/* Behind `name` and a '=' when `text` begins with them; else null. */
static const char *behind_name(const char *text, const char *name)
{
    while (*name)
        if (*text++ != *name++)
            return 0;
    return *text == '=' ? text + 1 : 0;
}

uint64_t option(const struct handover *handover, const char *name, uint64_t otherwise)
{
    for (const char *at = handover->command_line; *at; at++) {
        const char *digits = behind_name(at, name);
        uint64_t number = 0;

        if (!digits || (at != handover->command_line && at[-1] != ' '))
            continue;
        while (*digits >= '0' && *digits <= '9')
            number = number * 10 + (uint64_t)(*digits++ - '0');
        return number;
    }
    return otherwise;
}
