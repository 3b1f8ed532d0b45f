/* What a log says: the FAIL line of the harness, or the first sign of signs.def with the words behind it. */
#include "signs.h"

#include <ctype.h>
#include <string.h>
#include <sys/wait.h>

static const struct {
    enum failure_id id;
    const char *text;
} signs[] = {
#define SIGN(id, text) {FAIL_##id, text},
#include "signs.def"
#undef SIGN
};

/* The words after a sign, up to a number, " on " or the end of the line: they change from run to run. */
static void take_kind(const char *from, char kind[KIND_SIZE])
{
    size_t length = 0;

    for (; *from && *from != '\n' && !isdigit((unsigned char)*from) && strncmp(from, " on ", 4) != 0; from++) {
        const bool letter = isalpha((unsigned char)*from);

        if ((letter || (length > 0 && kind[length - 1] != '-')) && length < KIND_SIZE - 1)
            kind[length++] = letter ? *from : '-';
    }
    while (length > 0 && kind[length - 1] == '-')
        length--;
    kind[length] = '\0';
}

static enum failure_id own_word(const char *log)
{
    for (const char *at = strstr(log, "FAIL "); at; at = strstr(at + 1, "FAIL ")) {
        for (int id = FAIL_NONE + 1; id < FAIL_COUNT && (at == log || at[-1] == '\n'); id++) {
            const char *text = failure_infos[id].id;

            if (strncmp(at + 5, text, strlen(text)) == 0 && at[5 + strlen(text)] == ' ')
                return (enum failure_id)id;
        }
    }
    return FAIL_NONE;
}

struct named_failure failure_of_log(const char *log, int status)
{
    struct named_failure failure = {own_word(log), ""};

    if (failure.id != FAIL_NONE)
        return failure;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        const char *at = strstr(log, signs[i].text);

        if (at) {
            failure.id = signs[i].id;
            take_kind(at + strlen(signs[i].text), failure.kind);
            return failure;
        }
    }
    if (WIFSIGNALED(status))
        snprintf(failure.kind, sizeof(failure.kind), "signal-%d", WTERMSIG(status));
    else if (WIFEXITED(status) && WEXITSTATUS(status) > 128)
        snprintf(failure.kind, sizeof(failure.kind), "signal-%d", WEXITSTATUS(status) - 128);
    if (failure.kind[0])
        failure.id = FAIL_X10;
    return failure;
}

bool same_failure(const struct named_failure *a, const struct named_failure *b)
{
    return a->id == b->id && strcmp(a->kind, b->kind) == 0;
}
