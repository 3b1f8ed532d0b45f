/* "Did you mean": the known word fewest edits away (a letter more, less, other, or two swapped). */
#include "text.h"

#include <string.h>

static const char *const header_words[] = {"ops",   "cpus", "below", "managed-below", "place",    "reserve",
                                           "later", "map",  "table", "multiboot",     "schedule", "at"};

enum { HEADER_WORDS = sizeof header_words / sizeof header_words[0], LONGEST = 24, NEAR = 2 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Fills in one row of the distance table from the two above it. */
static void distance_row(unsigned rows[3][LONGEST + 1], size_t i, const char *a, const char *b, size_t width)
{
    unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];

    row[0] = (unsigned)i;
    for (size_t j = 1; j <= width; j++) {
        row[j] = least(above[j], row[j - 1]) + 1;
        row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = least(row[j], second[j - 2] + 1);
    }
}

static unsigned distance(struct word word, const char *known)
{
    unsigned rows[3][LONGEST + 1];
    size_t width = strlen(known);

    if (word.length > LONGEST || width > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= width; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= word.length; i++)
        distance_row(rows, i, word.at, known, width);
    return rows[word.length % 3][width];
}

const char *suggest_word(struct word word)
{
    const char *nearest = NULL;
    unsigned fewest = NEAR + 1;

    for (size_t i = 0; i < OPERATION_COUNT + (size_t)HEADER_WORDS; i++) {
        const char *known = i < OPERATION_COUNT ? operation_infos[i].text : header_words[i - OPERATION_COUNT];
        unsigned edits = distance(word, known);

        if (edits < fewest && edits < strlen(known)) {
            fewest = edits;
            nearest = known;
        }
    }
    return nearest;
}
