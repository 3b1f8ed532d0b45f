/* AFL++'s code counts in the map that its pointer names: for a while, it names another. See unfelt.h. */
#include "unfelt.h"

#include <stddef.h>
#include <stdint.h>

enum { MAP_MOST = 1 << 20 };

__attribute__((weak)) extern uint8_t *__afl_area_ptr;
__attribute__((weak)) extern uint32_t __afl_map_size;

static uint8_t elsewhere[MAP_MOST];
static uint8_t *felt; /* the map put aside */

void unfelt_begin(void)
{
    if (!&__afl_area_ptr || !&__afl_map_size || __afl_map_size > MAP_MOST)
        return;
    felt = __afl_area_ptr;
    __afl_area_ptr = elsewhere;
}

void unfelt_end(void)
{
    if (felt)
        __afl_area_ptr = felt;
    felt = NULL;
}
