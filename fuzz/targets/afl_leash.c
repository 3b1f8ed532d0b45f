/*
 * Linked into AFL++'s targets: when the fuzzer is killed, so are its fork server and the persistent child, which both
 * leave its process group, and the child lies stopped between two inputs. Without it kill -9 leaves one behind.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

static void die_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

__attribute__((constructor)) static void hold_on(void)
{
    die_with_parent();
    pthread_atfork(NULL, NULL, die_with_parent); /* a fork forgets it */
}
