/*
 * The schedule of a concurrent program in text: `schedule random 0x1234 weak` in the header, and lines
 * `at CPU.OPERATION.STEP action` after the operations. What they mean is schedule.h's.
 */
#include "text.h"

#include <inttypes.h>
#include <string.h>

const char *const strategy_names[STRATEGY_COUNT] = {
    [STRATEGY_EXPLICIT] = "explicit",
    [STRATEGY_RANDOM] = "random",
    [STRATEGY_STICKY] = "sticky",
    [STRATEGY_PCT] = "pct",
};

/* Bit i of the modes. */
static const char *const mode_names[] = {"weak", "interrupts", "solo", "buffers"};

enum { MODES = sizeof mode_names / sizeof mode_names[0] };

/* What an action is called, what its argument may be, and whether a `hold` may follow. */
static const struct action {
    const char *name;
    uint64_t least, most; /* most 0: it has none */
    bool holds;
} actions[OVERRIDE_ACTIONS] = {
    [OVERRIDE_SWITCH] = {"switch", 0, PROGRAM_CPUS - 1, true},
    [OVERRIDE_INTERRUPT] = {"interrupt", 0, SCHEDULE_HANDLERS - 1, false},
    [OVERRIDE_STALE] = {"stale", 1, OVERRIDE_STALE_MOST, false},
    [OVERRIDE_FAIL] = {"fail", 0, 0, false},
    [OVERRIDE_SOLO] = {"solo", 0, 0, false},
    [OVERRIDE_BUFFER] = {"buffer", 0, 0, true},
};

static bool parse_modes(struct parse *parse, struct schedule *schedule)
{
    char quote[QUOTE_SIZE];

    for (struct word word = text_word(&parse->text); word.length; word = text_word(&parse->text)) {
        unsigned mode = 0;

        while (mode < MODES && !word_is(word, mode_names[mode]))
            mode++;
        if (mode == MODES)
            return text_fail(&parse->text,
                             "after its seed a schedule has weak, interrupts, solo, buffers; found `%s`",
                             word_quote(word, quote));
        schedule->modes |= 1u << mode;
    }
    return true;
}

bool parse_schedule(struct parse *parse)
{
    struct schedule *schedule = &parse->program->schedule;
    struct word strategy = text_word(&parse->text), seed = text_word(&parse->text);
    char quote[QUOTE_SIZE];
    unsigned number = 0;

    if (parse->program->concurrent)
        return text_fail(&parse->text, "a second `schedule`; keep one");
    while (number < STRATEGY_COUNT && !word_is(strategy, strategy_names[number]))
        number++;
    if (number == STRATEGY_COUNT)
        return text_fail(&parse->text, "`schedule` wants explicit, random, sticky or pct, found `%s`",
                         word_quote(strategy, quote));
    parse->program->concurrent = true;
    *schedule = (struct schedule){.strategy = (enum strategy)number};
    if (!word_hex(seed, &schedule->seed))
        return text_fail(&parse->text, "the seed wants 64-bit hexadecimal, such as 0x1, found `%s`",
                         word_quote(seed, quote));
    return parse_modes(parse, schedule);
}

/* The next number of `CPU.OPERATION.STEP`, with the dot behind it unless it is the last. */
static bool take_part(struct word *place, bool last, uint64_t most, uint64_t *value)
{
    const char *dot = last ? place->at + place->length : memchr(place->at, '.', place->length);
    struct word part;

    if (!dot)
        return false;
    part = (struct word){place->at, (size_t)(dot - place->at)};
    place->length -= part.length + !last;
    place->at = dot + !last;
    return word_decimal(part, most, value);
}

static bool parse_place(struct parse *parse, struct override *override)
{
    struct word place = text_word(&parse->text), rest = place;
    uint64_t cpu, operation, step;
    char quote[QUOTE_SIZE];

    if (!place.length || !take_part(&rest, false, PROGRAM_CPUS - 1, &cpu) ||
        !take_part(&rest, false, LIST_OPERATIONS - 1, &operation) ||
        !take_part(&rest, true, OVERRIDE_STEPS - 1, &step))
        return text_fail(&parse->text, "`at` wants CPU.OPERATION.STEP (up to 3.7.4095), found `%s`",
                         word_quote(place, quote));
    override->cpu = (uint8_t)cpu;
    override->operation = (uint8_t)operation;
    override->step = (uint16_t)step;
    return true;
}

static bool parse_hold(struct parse *parse, struct override *override)
{
    const char *before = parse->text.at;
    struct word word = text_word(&parse->text);
    uint64_t hold;

    if (!word_is(word, "hold")) {
        parse->text.at = before; /* whatever it is, the end of the line complains of it */
        return true;
    }
    if (!word_decimal(text_word(&parse->text), OVERRIDE_STEPS - 1, &hold))
        return text_fail(&parse->text, "`hold` wants a number of steps (0 to %d)", OVERRIDE_STEPS - 1);
    override->hold = (uint16_t)hold;
    return true;
}

bool parse_override(struct parse *parse)
{
    struct schedule *schedule = &parse->program->schedule;
    struct override *override = &schedule->overrides[schedule->override_count];
    struct word word;
    unsigned action = 0;
    uint64_t argument = 0;
    char quote[QUOTE_SIZE];

    if (!parse->program->concurrent)
        return text_fail(&parse->text, "`at` belongs to a concurrent program; write `schedule explicit 0x0` above");
    if (schedule->override_count == SCHEDULE_OVERRIDES)
        return text_fail(&parse->text, "at most %d lines `at`; drop some", SCHEDULE_OVERRIDES);
    *override = (struct override){0};
    if (!parse_place(parse, override))
        return false;
    word = text_word(&parse->text);
    while (action < OVERRIDE_ACTIONS && !word_is(word, actions[action].name))
        action++;
    if (action == OVERRIDE_ACTIONS)
        return text_fail(&parse->text, "an action is switch, interrupt, stale, fail, solo or buffer, found `%s`",
                         word_quote(word, quote));
    if (actions[action].most &&
        (!word_decimal(text_word(&parse->text), actions[action].most, &argument) || argument < actions[action].least))
        return text_fail(&parse->text, "`%s` wants a number from %" PRIu64 " to %" PRIu64, actions[action].name,
                         actions[action].least, actions[action].most);
    override->action = (enum override_action)action;
    override->argument = (uint8_t)argument;
    schedule->override_count++;
    return !actions[action].holds || parse_hold(parse, override);
}

int override_format(const struct override *override, char *line, size_t size)
{
    const struct action *action = &actions[override->action];
    char argument[16] = "", hold[16] = "";

    if (action->most)
        snprintf(argument, sizeof argument, " %u", override->argument);
    if (override->hold)
        snprintf(hold, sizeof hold, " hold %u", override->hold);
    return snprintf(line, size, "at %u.%u.%u %s%s%s", override->cpu, override->operation, override->step,
                    action->name, argument, hold);
}

void print_schedule(const struct schedule *schedule, FILE *out)
{
    fprintf(out, "schedule %s 0x%" PRIx64, strategy_names[schedule->strategy], schedule->seed);
    for (unsigned mode = 0; mode < MODES; mode++)
        if (schedule->modes >> mode & 1)
            fprintf(out, " %s", mode_names[mode]);
    fputc('\n', out);
}

void print_overrides(const struct schedule *schedule, FILE *out)
{
    for (size_t i = 0; i < schedule->override_count; i++) {
        char line[80];

        override_format(&schedule->overrides[i], line, sizeof line);
        fprintf(out, "%s\n", line);
    }
}
