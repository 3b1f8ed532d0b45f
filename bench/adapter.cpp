/* Compiled once for each adapter, with the name that the Makefile gives to its table. */
#include "allocators.hpp"

namespace
{
[[maybe_unused]] const bool registered = (bench::adapters().push_back(&allocator_under_test), true);
}
