/*
 * A second judge, slow and without one idea, that shows the fast one right on tiny histories: it tries every order of
 * all calls on the model of one bool per frame, and looks at every frame at every instant. Only for tests.
 */
#ifndef FUZZ_BRUTE_H
#define FUZZ_BRUTE_H

#include "history.h"

/* Every order that real time allows; the model is as it was afterwards. Refused allocations stand nowhere. */
bool brute_linearizable(struct model *model, const struct history *history);

/* Whether at some instant of the call as many others were in flight as frames (blocks) were free. */
bool brute_refusal(const struct ground *ground, const struct history *history, size_t call);

#endif
