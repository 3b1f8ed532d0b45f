/*
 * What the files of the simulator share: the run under way. sim.c starts and ends it; sim_cpu.c has the CPUs, their
 * calls and interrupts; sim_point.c says who makes the next step; sim_record.c keeps what was decided; sim_access.c,
 * sim_swap.c and sim_step.[ch] make the step; sim_location.c remembers what happened to each location; sim_alone.c
 * bounds what is done outside a run.
 */
#ifndef FUZZ_SIM_STATE_H
#define FUZZ_SIM_STATE_H

#include "fiber.h"
#include "sim.h"
#include "strategy.h"

#define SIM_NEVER UINT64_MAX

enum { SIM_NOT_RECORDED = SCHEDULE_OVERRIDES };

/* A switch that will be taken back: when `cpu` has made `limit` steps (0: when it is done), `back` goes on. While one
 * that came from an override is topmost, the base strategy keeps still. */
struct sim_hold {
    uint8_t cpu, back;
    bool base;     /* decided by the base strategy */
    uint8_t taken; /* where it is recorded, or SIM_NOT_RECORDED */
    uint32_t limit;
    uint32_t steps;   /* while topmost */
    uint32_t decided; /* 1 + `steps` when something else was last decided while topmost */
};

struct sim_call {
    uint64_t began; /* sim_now() before its first step */
    uint64_t steps; /* its own */
};

struct sim_cpu {
    struct fiber *fiber;
    const struct sim_site *site; /* of the step that it is about to make; NULL before the first */
    uint64_t key;                /* operation << 32 | step: the step that it is about to make */
    uint64_t due;                /* key of its next override; SIM_NEVER when there is none */
    uint8_t number;
    uint8_t depth;    /* of interrupts */
    uint8_t handlers; /* bit h: handler h is running */
    bool masked;      /* inside one instruction: no interrupt here */
    bool done;
    bool fresh;    /* the base strategy has not been asked about this step */
    bool fail;     /* the step about to be made shall fail, if it may */
    bool waits;    /* or wait, if it is a store, */
    uint16_t hold; /* so many steps */
    uint8_t stale; /* or go that many stores back */
    uint8_t next, overrides;
    uint8_t order[SCHEDULE_OVERRIDES]; /* its overrides by key, then as listed */
    struct sim_call calls[SCHEDULE_DEPTH + 1];
};

struct sim {
    bool active;
    bool weak;        /* clocks and histories are kept */
    bool exploring;   /* sim_explore decides */
    bool free_choice; /* the next decision costs no preemption: somebody has begun or ended */
    bool solo;
    uint8_t solo_depth;
    unsigned cpus;
    unsigned alive_count;
    uint8_t alive[SIM_CPUS]; /* those not done, in order */
    unsigned idle_cpu;       /* what sim_cpu() is while nothing runs */
    struct sim_cpu *running;
    const struct sim_work *work;
    const struct schedule *schedule;
    uintptr_t region; /* of the work */
    uint64_t now;
    uint64_t fair_from, fair_turn_began;
    uint64_t step_limit, solo_limit, solo_steps;
    struct sim_hold *top;                              /* holds[0] stands for none */
    struct sim_hold holds[2 * SCHEDULE_OVERRIDES + 1]; /* from overrides, and recorded ones of the base strategy */
    struct strategy_state strategy;
    struct sim_cpu cpu[SIM_CPUS];
    struct fiber *caller;
    struct sim_result result;
};
extern struct sim sim;

/* Ends the run from within; sim.c. */
_Noreturn void sim_stop(enum sim_end end);

/* ---- sim_alone.c: how often memory may still be looked at outside a run ---- */

extern uint64_t sim_alone_left;
void sim_alone_ends(void);
static inline void sim_alone(void)
{
    if (--sim_alone_left == 0)
        sim_alone_ends();
}

/* ---- sim_cpu.c ---- */

/* The list of a CPU, from its first operation on. */
struct fiber *sim_run_cpu(void *cpu);
/* Leaves the running CPU; returns when it goes on. `fresh`: the base strategy is asked about the other's step. */
void sim_switch_to(struct sim_cpu *target, bool fresh);
void sim_interrupt(unsigned handler);
bool sim_may_interrupt(const struct sim_cpu *cpu, unsigned handler);
/* Takes back the topmost switch, and those below whose CPU is done. NULL: nobody to go back to. */
struct sim_cpu *sim_unwind(void);

/* ---- sim_point.c ---- */

/* The running CPU is about to make a step: everything that the schedule wants to happen before. */
void sim_point(const struct sim_site *site);

/* ---- sim_record.c ---- */

void sim_record_begin(const struct schedule *schedule);
/* Something that happens before (or in) the step about to be made. Where it was recorded, or SIM_NOT_RECORDED. */
uint8_t sim_record(enum override_action action, unsigned argument, uint32_t hold);
/* A switch, with the hold that it begins or ends. */
void sim_record_switch(unsigned target, uint32_t limit, bool base);

/* ---- explore.c ---- */

bool explore_decide(const struct sim_cpu *cpu, struct decision *decision);

#endif
