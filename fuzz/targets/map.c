/*
 * The target of memory maps: the start alone, checked in depth. Operations in the input are dropped.
 */
#include "engine.h"

static struct program program; /* large, and decoding sets all of it that counts */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    program_decode(&program, bytes, length);
    program.operation_count = 0;
    return engine_run(&program);
}

const char *__asan_default_options(void)
{
    return engine_asan_options;
}
