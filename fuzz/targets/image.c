/*
 * The target of damaged metadata: programs that damage it, every operation compared with the model. Programs that damage
 * nothing are left to ops.c.
 */
#include "engine.h"

static struct program program; /* large, and decoding sets all of it that counts */

static bool damages(void)
{
    for (size_t i = 0; i < program.operation_count; i++)
        if (program.operations[i].kind == OPERATION_DAMAGE)
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    program_decode(&program, bytes, length);
    return damages() ? engine_run(&program) : -1;
}

const char *__asan_default_options(void)
{
    return engine_asan_options;
}
