/*
 * The target of programs: bytes to a program, every operation of it compared with the model.
 */
#include "engine.h"

static struct program program; /* large, and decoding sets all of it that counts */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    program_decode(&program, bytes, length);
    return engine_run(&program);
}

const char *__asan_default_options(void)
{
    return engine_asan_options;
}
