/* Reach marks of several runs together, for reports: what they hit, and what none of them does. */
#include "reach.h"

#include <stdio.h>

void reached_add(struct reached *reached)
{
    for (size_t i = 0; i < REACH_COUNT; i++)
        reached->marks[i] |= reach_counters[i] != 0;
}

void reached_print(const struct reached *reached, bool concurrent)
{
    const size_t first = concurrent ? REACH_CONCURRENT : 0, end = concurrent ? REACH_COUNT : REACH_CONCURRENT;
    char name[64];

    for (size_t i = first; i < end; i++) {
        if (reach_name(i, name, sizeof(name)))
            printf("%s %s\n", reached->marks[i] ? "hit" : "miss", name);
    }
}
