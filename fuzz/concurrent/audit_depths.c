/*
 * How deep a run is audited: decided here, for engines, replays, the minimiser and the exhaustive modes. A full audit that
 * drains the memory can hide what a cheap one shows by freeing alone; so every depth has its turn, each on the state
 * that the calls left. An allocator whose state cannot be copied goes on from where the depth before it ended.
 */
#include "audit.h"

#include <stdlib.h>
#include <string.h>

enum {
    FULL_ODDS = 64, /* an engine's run is audited in full so often */
    STATES = 1 << 12,
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

/* Of all that a full audit looks at. */
static uint64_t hash_state(const struct execution *execution, const struct books *books)
{
    const struct stage *stage = execution->stage;
    const uint8_t *image = stage->image;
    uint64_t hash = mix(stage->birth, execution->history.count % 2);

    for (size_t i = 0; i + sizeof(uint64_t) <= stage->bytes; i += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, image + i, sizeof(word));
        hash = mix(hash, word);
    }
    for (size_t i = 0; i < stage->ground.block_count; i++)
        for (unsigned word = 0; word < BLOCK_WORDS; word++)
            hash = mix(hash, books->blocks[i].free[word] + books->blocks[i].large);
    return hash;
}

/* One that was forgotten is new again: the only cost is time. */
static bool is_new(uint64_t state)
{
    static uint64_t seen[STATES];
    uint64_t *place = &seen[state % STATES];
    const bool known = *place == state;

    *place = state;
    return !known;
}

static enum audit_depth deepest(enum audit_depth asked, uint64_t hash, const struct execution *execution,
                                const struct books *books)
{
    if (asked == AUDIT_BY_STATE && execution->stage->image)
        return is_new(hash_state(execution, books)) ? AUDIT_FULL : AUDIT_CHEAP;
    if (asked == AUDIT_BY_TURNS || asked == AUDIT_BY_STATE)
        return hash % FULL_ODDS == 0 ? AUDIT_FULL : AUDIT_CHEAP;
    return asked;
}

/* The state that the calls left. */
static const void *keep_image(const struct stage *stage)
{
    static uint8_t *kept;
    static size_t room;

    if (room < stage->bytes) {
        free(kept);
        kept = malloc(stage->bytes);
        room = stage->bytes;
    }
    if (!kept) {
        fprintf(stderr, "out of memory for the state before an audit: close other programs\n");
        exit(2);
    }
    memcpy(kept, stage->image, stage->bytes);
    return kept;
}

bool audit(const struct execution *execution, struct rules rules, const struct judgement *judgement,
           enum audit_depth asked, uint64_t hash, struct finding *finding)
{
    const struct stage *stage = execution->stage;
    struct books books = {.execution = execution, .finding = finding};
    const void *kept = NULL;
    enum audit_depth last;
    bool right;

    memcpy(books.blocks, judgement->after, sizeof(books.blocks));
    last = deepest(asked, hash, execution, &books);
    if (last > AUDIT_CHEAP && stage->image)
        kept = keep_image(stage);
    right = audit_once(&books, rules, AUDIT_CHEAP);
    for (enum audit_depth depth = AUDIT_FULL; right && depth <= last; depth++) {
        if (kept) {
            memcpy(stage->image, kept, stage->bytes);
            memcpy(books.blocks, judgement->after, sizeof(books.blocks));
        }
        right = audit_once(&books, rules, depth);
    }
    return right;
}
