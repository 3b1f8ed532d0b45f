/* Sites known by an address, see sim_site.h: an open hash table for ever, and addr2line for names. */
#define _DEFAULT_SOURCE /* readlink */
#include "sim_site.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SITES = 4096, PATH = 512 };

extern const char __executable_start[]; /* of the linker */

static struct {
    const char *address;
    struct sim_site site;
} sites[SITES];
static size_t site_count;

static size_t slot_of(const char *address)
{
    size_t slot = (size_t)(((uintptr_t)address * UINT64_C(0x9e3779b97f4a7c15)) >> 40) % SITES;

    while (sites[slot].address && sites[slot].address != address)
        slot = (slot + 1) % SITES;
    return slot;
}

const struct sim_site *sim_site_at(const void *address)
{
    const size_t slot = slot_of(address);

    if (!sites[slot].address) {
        if (++site_count == SITES) {
            fprintf(stderr, "sim_site: more than %d sites; raise SITES in %s\n", SITES - 1, __FILE__);
            abort();
        }
        sites[slot].address = address;
        sites[slot].site.id = (uint32_t)((const char *)address - __executable_start) * 0x9e3779b1u;
    }
    return &sites[slot].site;
}

/* ---- names ---- */

/* What the linker called an address: a position-independent program was moved as a whole. */
static uintptr_t linked_address(const char *address)
{
    uint16_t type;

    memcpy(&type, __executable_start + offsetof(Elf64_Ehdr, e_type), sizeof type);
    return type == ET_DYN ? (uintptr_t)(address - __executable_start) : (uintptr_t)address;
}

/* Two lines from addr2line: a function, and path:line. False at the end. */
static bool read_place(FILE *answer, char *function, char *place)
{
    if (!fgets(function, PATH, answer) || !fgets(place, PATH, answer))
        return false;
    function[strcspn(function, "\r\n")] = '\0';
    place[strcspn(place, "\r\n")] = '\0';
    return true;
}

static void set_name(struct sim_site *site, const char *function, const char *place)
{
    const char *slash = strrchr(place, '/');
    const char *file = slash ? slash + 1 : place;
    const char *colon = strrchr(file, ':');

    site->line = colon ? (uint32_t)strtoul(colon + 1, NULL, 10) : 0;
    site->file = colon ? strndup(file, (size_t)(colon - file)) : strdup(file);
    site->function = strdup(function);
}

/* The innermost function at the address, but not one of a header that only wraps atomic operations. */
static void look_up(struct sim_site *site, const char *address)
{
    char program[PATH + 1], command[PATH + 100], function[PATH] = "?", place[PATH] = "?:0";
    const ssize_t length = readlink("/proc/self/exe", program, PATH);
    FILE *answer;

    program[length > 0 ? length : 0] = '\0';
    snprintf(command, sizeof command, "addr2line -i -f -e '%s' 0x%" PRIxPTR " 2>&1", program,
             linked_address(address) - 1);
    answer = popen(command, "r");
    while (answer && read_place(answer, function, place) && strstr(place, "atomic.h:"))
        ;
    if (answer)
        pclose(answer);
    set_name(site, function, place);
}

void sim_site_name(const struct sim_site *site)
{
    for (size_t slot = 0; !site->file && slot < SITES; slot++)
        if (&sites[slot].site == site)
            look_up(&sites[slot].site, sites[slot].address);
}
