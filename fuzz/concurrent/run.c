/* A concurrent program from start to end: set-up, simulation, judgement, audit. */
#include "unfelt.h"
#include "state.h"

#include <string.h>

enum {
    STEP_LIMIT = 40000, /* a hundred times what programs of this size take; the second half is fair */
    SOLO_LIMIT = 4000,  /* four times what the longest call takes alone, see concurrent_test.c */
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t hash_history(const struct history *history)
{
    uint64_t hash = history->count;

    for (size_t i = 0; i < history->responded; i++) {
        const struct call *call = &history->calls[history->order[i]];

        hash = mix(hash, (uint64_t)call->kind << 32 | (uint64_t)call->cpu << 24 | (uint64_t)call->depth << 16 |
                             (uint64_t)call->answer);
        hash = mix(hash, call->address);
        hash = mix(hash, call->invoked << 32 | call->responded);
    }
    return hash;
}

static struct sim_work work_of(struct execution *execution)
{
    const struct plan *plan = execution->plan;
    struct sim_work work = {
        .cpus = plan->cpus,
        .context = execution,
        .run = execution_operation,
        .interrupt = execution_interrupt,
        .event = execution->trace ? trace_event : NULL,
        .region = execution->stage->image,
        .region_bytes = execution->stage->bytes,
        .step_limit = STEP_LIMIT,
        .solo_limit = SOLO_LIMIT,
    };

    for (unsigned cpu = 0; cpu < plan->cpus; cpu++)
        work.operations[cpu] = plan->count[LIST_CPU + cpu];
    for (unsigned handler = 0; handler < SCHEDULE_HANDLERS; handler++)
        if (plan->count[LIST_HANDLER + handler] == 0)
            work.idle_handlers |= 1u << handler;
    return work;
}

static void tell_ends(const struct history *history, struct concurrent_result *result)
{
    for (size_t i = 0; i < history->responded; i++) {
        const struct call *call = &history->calls[history->order[i]];

        result->ended[i].cpu = call->cpu;
        result->ended[i].list = call->list;
        result->ended[i].position = call->position;
    }
    result->ended_count = history->responded;
}

/* What the simulator itself found out. */
static bool judge_end(const struct sim_result *sim, struct finding *finding)
{
    finding->call = HISTORY_CALLS;
    if (sim->end == SIM_DONE && !sim->race[0])
        return true;
    if (sim->end == SIM_DONE) {
        finding->failure = FAIL_L10;
        snprintf(finding->what, sizeof(finding->what), "%s:%u and %s:%u", sim->race[0]->file, sim->race[0]->line,
                 sim->race[1]->file, sim->race[1]->line);
        return false;
    }
    finding->failure = sim->end == SIM_LIVELOCK ? FAIL_L06 : FAIL_L07;
    if (sim->end == SIM_LIVELOCK)
        snprintf(finding->what, sizeof(finding->what), "%d steps, half of them in turns", STEP_LIMIT);
    else
        snprintf(finding->what, sizeof(finding->what), "cpu=%u made %d steps alone within one call", sim->cpu,
                 SOLO_LIMIT);
    return false;
}

static bool judge_all(struct execution *execution, const struct concurrent_options *options,
                      const struct concurrent_result *result, struct finding *finding)
{
    static struct judgement judgement;
    const struct rules rules = {execution->allocator->promises & PROMISE_CODES, execution->plan->weak};

    return judge_end(&result->sim, finding) &&
           judge(&execution->stage->ground, &execution->history, rules, &judgement, finding) &&
           audit(execution, rules, &judgement, options->audit, result->hash, finding);
}

void execution_begin(struct execution *execution, struct stage *stage, const struct plan *plan, struct trace *trace)
{
    const size_t pooled = stage->pool.count < POOL_FRAMES ? stage->pool.count : POOL_FRAMES;

    execution->allocator = stage->run.allocator;
    execution->stage = stage;
    execution->plan = plan;
    execution->history.count = execution->history.responded = 0;
    for (uint64_t slots = stage->run.slots_known; slots; slots &= slots - 1) /* nobody looks at the others */
        execution->slots[__builtin_ctzll(slots)] = stage->run.slots[__builtin_ctzll(slots)];
    execution->known = stage->run.slots_known;
    execution->held = stage->held;
    execution->pending = 0;
    memset(execution->claimed, 0, (pooled + 63) / 64 * sizeof(execution->claimed[0]));
    execution->extra_claimed = 0;
    execution->extra_count = execution->given_count = 0;
    execution->trace = trace;
}

static void simulate(struct execution *execution, const struct program *program,
                     const struct concurrent_options *options, struct concurrent_result *result)
{
    struct finding finding = {FAIL_NONE, HISTORY_CALLS, ""};
    const struct sim_work work = work_of(execution);
    bool right;

    steps_begin(UINT64_MAX, NULL);
    result->sim = sim_run(&work, &program->schedule);
    result->calls = execution->history.count;
    meetings_reach(&execution->history);
    result->hash = mix(hash_history(&execution->history), result->sim.steps);
    right = judge_all(execution, options, result, &finding);
    if (execution->trace)
        trace_print(execution->trace, execution, options->run.trace);
    if (right)
        return;
    result->verdict = RUN_FAILED;
    result->failure = finding.failure;
    tell_ends(&execution->history, result);
    if (options->run.report)
        report_finding(execution, &finding, options->run.report, options->run.input);
}

void run_concurrent(const struct program *program, const struct allocator *allocator,
                    const struct concurrent_options *options, struct concurrent_result *result)
{
    static struct execution execution; /* large, and a fiber's stack is small */
    static struct plan plan;
    struct stage *stage;

    result->verdict = RUN_OK;
    result->failure = FAIL_NONE;
    result->skipped = result->refused = NULL;
    result->hash = 0;
    result->calls = result->ended_count = 0;
    plan_make(&plan, program);
    unfelt_begin();
    stage = stage_enter(program, &plan, allocator, options, result);
    unfelt_end();
    reach_reset(); /* a set-up that was run leaves no more behind than one that was kept */
    if (!stage)
        return;
    execution_begin(&execution, stage, &plan, NULL);
    if (options->run.trace)
        execution.trace = trace_begin(&execution);
    simulate(&execution, program, options, result);
    unfelt_begin();
    stage_leave(stage);
    unfelt_end();
}
