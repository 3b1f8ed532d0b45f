/* Our codes and states in the suite's words. */
#ifndef FUZZ_PMM_ANSWERS_H
#define FUZZ_PMM_ANSWERS_H

#include "../../core/pmm.h"
#include "../../reference/contract.h"

static inline enum answer pmm_answer_of(enum pmm_status status)
{
    static const enum answer answers[] = {
        [PMM_OK] = ANSWER_OK,
        [PMM_ERR_NO_MEMORY] = ANSWER_NO_MEMORY,
        [PMM_ERR_ARGUMENT] = ANSWER_ARGUMENT,
        [PMM_ERR_MISALIGNED] = ANSWER_MISALIGNED,
        [PMM_ERR_RANGE] = ANSWER_RANGE,
        [PMM_ERR_HOLE] = ANSWER_HOLE,
        [PMM_ERR_RESERVED] = ANSWER_RESERVED,
        [PMM_ERR_DOUBLE_FREE] = ANSWER_DOUBLE_FREE,
        [PMM_ERR_SIZE] = ANSWER_SIZE,
        [PMM_ERR_METADATA] = ANSWER_METADATA,
        [PMM_ERR_MAP] = ANSWER_MAP,
        [PMM_ERR_CORRUPT] = ANSWER_CORRUPT,
    };
    return answers[status];
}

static inline enum frame_state pmm_state_of(enum pmm_frame_state state)
{
    static const enum frame_state states[] = {
        [PMM_FRAME_HOLE] = FRAME_HOLE,   [PMM_FRAME_RESERVED] = FRAME_RESERVED, [PMM_FRAME_FREE] = FRAME_FREE,
        [PMM_FRAME_SMALL] = FRAME_SMALL, [PMM_FRAME_LARGE] = FRAME_LARGE,
    };

    return states[state];
}

#endif
