/* What weak memory remembers of stores and CPUs; for weak.c alone. */
#ifndef FUZZ_WEAK_CLOCKS_H
#define FUZZ_WEAK_CLOCKS_H

#include "weak.h"

enum { STORES = 8 };
#define UNSEEN UINT32_MAX

struct clock {
    uint32_t of[SIM_CPUS]; /* the last step of each CPU that is known of */
};

struct store {
    uint64_t value;
    struct clock release;    /* what an acquiring load learns */
    struct clock seen;       /* the first step at which each CPU read or wrote this store; UNSEEN */
    uint64_t consistent;     /* sequentially consistent: 1 + time; otherwise 0 */
    uint64_t release_fenced; /* as `fenced` of the writer, for who acquires */
};

struct weak_history {
    uint64_t count; /* of stores ever; the last ones are stores[(count - 1) % STORES] and before */
    uint32_t run;
    struct store stores[STORES];
};

struct weak_cpu {
    struct clock known;
    struct clock acquirable; /* by an acquire fence: what relaxed loads found */
    struct clock released;   /* by the last release fence: what relaxed stores pass on */
    uint64_t fenced;         /* 1 + time of the last sequentially consistent fence that is known of */
};

static inline void join(struct clock *clock, const struct clock *other)
{
    for (unsigned i = 0; i < SIM_CPUS; i++)
        clock->of[i] = clock->of[i] > other->of[i] ? clock->of[i] : other->of[i];
}

static inline bool acquires(enum sim_order order)
{
    return order == SIM_ACQUIRE || order >= SIM_ACQ_REL;
}

static inline bool releases(enum sim_order order)
{
    return order >= SIM_RELEASE;
}

#endif
