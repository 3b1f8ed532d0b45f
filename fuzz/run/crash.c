/*
 * What a crash leaves behind besides the sanitizer's report: the operation that was running. Formatting in a signal
 * handler is not safe in general; here the process is lost anyway and the line is worth the risk.
 */
#include "crash.h"
#include "run.h"

#include <signal.h>
#include <unistd.h>

/* Of the sanitizers' runtime, where one is linked in: called before it ends the process. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)(void));

static void print_position(void)
{
    static bool printed; /* an abort inside a report comes here twice */
    char line[160] = "during ";
    int length = printed ? 0 : run_position(line + 7, sizeof(line) - 8);

    if (length <= 0)
        return;
    printed = true;
    length = length < (int)sizeof(line) - 8 ? length + 7 : (int)sizeof(line) - 2;
    line[length] = '\n';
    if (write(STDERR_FILENO, line, (size_t)length + 1) < 0)
        _exit(1);
}

static void on_signal(int number)
{
    print_position();
    signal(number, SIG_DFL);
    raise(number);
}

void crash_report_position(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};

    signal(SIGABRT, on_signal);
    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(print_position);
        return;
    }
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], on_signal);
}
