/*
 * The calls whose instructions are counted (bench/counts.py), a function for each scenario: what it calls is counted,
 * what prepares it is not. Everything is the same in every run. Sole CPU, memory above 4 GiB only.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../core/pmm.h"
#include "../this_cpu.h"

__thread unsigned bench_this_cpu;

enum { PAIRS = 1000, SMALL = 4096, LARGE = 256, HELD = 100 };

#define NOINLINE __attribute__((noinline))

static struct pmm *pmm;
static uint64_t frames[1 << 18];
static uint64_t strange;

/* ---- scenarios ---- */

static NOINLINE void repeat_4k(void)
{
    for (int i = 0; i < PAIRS; i++) {
        pmm_alloc(pmm, PMM_ORDER_SMALL, PMM_ANY, &frames[0]);
        pmm_free(pmm, frames[0], PMM_ORDER_SMALL);
    }
}

static NOINLINE void release_4k(void)
{
    for (int i = 0; i < PAIRS; i++) {
        pmm_alloc(pmm, PMM_ORDER_SMALL, PMM_ANY, &frames[0]);
        pmm_release(pmm, frames[0]);
    }
}

static NOINLINE void repeat_2m(void)
{
    for (int i = 0; i < PAIRS; i++) {
        pmm_alloc(pmm, PMM_ORDER_LARGE, PMM_ANY, &frames[0]);
        pmm_free(pmm, frames[0], PMM_ORDER_LARGE);
    }
}

static NOINLINE void bulk_4k(void)
{
    for (int i = 0; i < SMALL; i++)
        pmm_alloc(pmm, PMM_ORDER_SMALL, PMM_ANY, &frames[i]);
    for (int i = 0; i < SMALL; i++)
        pmm_free(pmm, frames[i], PMM_ORDER_SMALL);
}

static NOINLINE void rand_4k(void)
{
    for (int i = 0; i < SMALL; i++)
        pmm_free(pmm, frames[(i * 1229 + 17) % SMALL], PMM_ORDER_SMALL); /* odd: each of them once */
}

static NOINLINE void bulk_2m(void)
{
    for (int i = 0; i < LARGE; i++)
        pmm_alloc(pmm, PMM_ORDER_LARGE, PMM_ANY, &frames[i]);
    for (int i = 0; i < LARGE; i++)
        pmm_free(pmm, frames[i], PMM_ORDER_LARGE);
}

static NOINLINE void oom_4k(void)
{
    for (int i = 0; i < PAIRS; i++)
        pmm_alloc(pmm, PMM_ORDER_SMALL, PMM_ANY, &strange);
}

static NOINLINE void oom_2m(void)
{
    for (int i = 0; i < PAIRS; i++)
        pmm_alloc(pmm, PMM_ORDER_LARGE, PMM_ANY, &strange);
}

static NOINLINE void double_free_4k(void)
{
    for (int i = 0; i < PAIRS; i++)
        pmm_free(pmm, frames[0], PMM_ORDER_SMALL);
}

/* ---- what prepares them ---- */

static void start(void)
{
    static const struct pmm_region region = {UINT64_C(4) << 30, UINT64_C(1) << 30, PMM_USABLE};
    static _Alignas(64) unsigned char metadata[1 << 20];
    const struct pmm_config config = {.cpus = 1};
    const struct pmm_map map = pmm_map_from_regions(&region, 1);

    if (pmm_init(metadata, sizeof metadata, &map, &config, &pmm) != PMM_OK) {
        fprintf(stderr, "counted: pmm_init refuses\n");
        exit(1);
    }
}

/* So many frames held, at most; how many. */
static int hold(int most)
{
    int held = 0;

    while (held < most && pmm_alloc(pmm, PMM_ORDER_SMALL, PMM_ANY, &frames[held]) == PMM_OK)
        held++;
    return held;
}

static void with_some_held(void (*scenario)(void))
{
    start();
    hold(HELD);
    scenario();
}

int main(void)
{
    with_some_held(repeat_4k);
    with_some_held(release_4k);
    with_some_held(repeat_2m);
    with_some_held(bulk_4k);
    with_some_held(bulk_2m);
    start();
    hold(SMALL);
    rand_4k();
    start();
    hold(1 << 18);
    oom_4k();
    oom_2m();
    pmm_free(pmm, frames[0], PMM_ORDER_SMALL);
    double_free_4k();
    return 0;
}
