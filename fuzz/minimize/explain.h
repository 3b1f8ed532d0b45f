/*
 * What explains a failing program: a C unit test for core/ alone, and both states at the moment of failure. A failing
 * run is watched operation by operation; what a test expects comes from the model, never from the allocator.
 */
#ifndef FUZZ_MINIMIZE_EXPLAIN_H
#define FUZZ_MINIMIZE_EXPLAIN_H

#include "../run/signs.h"
#include "../run/state.h"

/* Writes test.c (where one can be written) and moment.json into the folder. False: it does not fail (so). */
bool explain(const struct program *program, const struct allocator *allocator, enum failure_id wanted,
             const char *folder);

/* ---- moment.c ---- */
void moment_write(const struct run *run, enum failure_id failure, FILE *out);

/* ---- the test: compose.c puts it together; calls.c and checks.c write its lines ---- */

struct unit_test {
    FILE *out;               /* the body */
    enum failure_id failure; /* known beforehand */
    size_t position;         /* where it happens */
    bool uses_take, uses_give, uses_layout, uses_stats, uses_words;
    uint64_t slots; /* that are named: bit i is slot i */
    bool several_cpus;
};

/* compose.c, compose_helpers.c */
void unit_test_compose(const struct unit_test *test, const struct program *program, FILE *body, FILE *out);
void write_test_helpers(const struct unit_test *test, FILE *out);
void write_start(struct unit_test *test, const struct run *run);

/* calls.c: the operation about to run; everything. */
void write_call(struct unit_test *test, const struct run *run);
void write_take_and_give_all(struct unit_test *test, const struct run *run);

/* call_frees.c */
extern const char *const status_texts[ANSWER_COUNT];
void write_free(struct unit_test *test, const struct run *run, uint64_t address, unsigned order, bool release);
void write_slot_free(struct unit_test *test, const struct run *run, const struct operation *operation);
void write_free_everything(struct unit_test *test, const struct run *run);
/* An address as a slot's, where it lies in a slot's block; else as a number. */
enum { ADDRESS_TEXT = 48 };
const char *address_text(struct unit_test *test, const struct run *run, uint64_t address, char text[ADDRESS_TEXT]);

/* check_places.c */
void write_alloc_checks(struct unit_test *test, const struct run *run);

/* checks.c: what has to hold around the call that fails, besides its answer. */
void write_check_before(struct unit_test *test, const struct run *run);
void write_check_after(struct unit_test *test, const struct run *run);

#endif
