/*
 * Free frames chained by their numbers (naive_frames.h), in an array beside them: the frames are not touched. For the
 * adapters that are lists; with what those without one lock share.
 */
#ifndef FUZZ_ALLOCATORS_NAIVE_LIST_H
#define FUZZ_ALLOCATORS_NAIVE_LIST_H

#include "naive_fit.h"

/* A frame's number + 1, so that 0 is the end of a list. */
typedef uint32_t link;

static inline link *links_new(const struct naive *naive)
{
    return calloc(naive->block_count * BLOCK_FRAMES + 1, sizeof(link));
}

static inline void push(link *links, link *head, size_t frame)
{
    links[frame] = *head;
    *head = (link)frame + 1;
}

/* The list has a frame. */
static inline size_t pop(const link *links, link *head)
{
    const size_t frame = *head - 1;

    *head = links[frame];
    return frame;
}

/* Every managed frame, the lowest of its zone first. */
static inline void push_all(const struct naive *naive, link *links, link heads[ZONE_COUNT])
{
    for (size_t frame = naive->block_count * BLOCK_FRAMES; frame-- > 0;) {
        const struct block *block = &naive->blocks[frame / BLOCK_FRAMES];

        if (block->managed[frame % BLOCK_FRAMES])
            push(links, &heads[block->zone], frame);
    }
}

/* NULL, or what is wrong with a list: each frame in it is free. Adds up its length. */
static inline const char *list_inconsistency(const struct naive *naive, const link *links, link head, size_t *length)
{
    for (; head; head = links[head - 1]) {
        if (++*length > naive->block_count * BLOCK_FRAMES)
            return "a list is a loop";
        if (!*free_flag(naive, head - 1))
            return "a frame in a list is not free";
    }
    return NULL;
}

/* ---- an adapter without one lock around everything begins with this ---- */

struct listed {
    struct naive naive;
    link *links;
};

/* The frames and their links; what is there already when it fails is for listed_end. */
static inline enum answer listed_begin(struct listed *listed, const struct start *start)
{
    const enum answer answer = build(&listed->naive, start);

    if (answer != ANSWER_OK)
        return answer;
    listed->links = links_new(&listed->naive);
    return listed->links ? ANSWER_OK : ANSWER_METADATA;
}

static inline void listed_end(struct listed *listed)
{
    free(listed->links);
    empty(&listed->naive);
}

static inline bool listed_frame(void *self, uint64_t address, enum frame_state *state)
{
    *state = state_of(&((struct listed *)self)->naive, address);
    return true;
}

static inline bool listed_block(void *self, uint64_t address, uint64_t words[8], bool *large)
{
    return block_bits(&((struct listed *)self)->naive, address, words, large);
}

/* All lists together hold `listed_frames`, which must be every free one. */
static inline const char *all_are_listed(const struct naive *naive, size_t listed_frames)
{
    for (size_t frame = 0; frame < naive->block_count * BLOCK_FRAMES; frame++)
        listed_frames -= *free_flag(naive, frame);
    return listed_frames == 0 ? NULL : "the lists do not hold as many frames as are free";
}

#endif
