/* libFuzzer's face of the mutator. One call in 8 is libFuzzer's own byte mutation, for what ours does not reach. */
#include "mutator.h"

enum { BYTEWISE_ODDS = 8 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t first_size, const uint8_t *second, size_t second_size,
                                 uint8_t *out, size_t max_size, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    if (seed % BYTEWISE_ODDS == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    return mutate_program_bytes(data, size, max_size, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t first_size, const uint8_t *second, size_t second_size,
                                 uint8_t *out, size_t max_size, unsigned seed)
{
    return cross_program_bytes(first, first_size, second, second_size, out, max_size, seed);
}
