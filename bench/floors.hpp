/*
 * What every figure is held against, measured in the same run:
 *
 *   locked_rmw_pair   one locked read-modify-write each way, the least that a design with shared bits can cost
 *   array_stack_pair  a pop and a push of an array without locks or checks, each a call
 *   memset_metadata   writing as many bytes as our metadata has
 */
#ifndef BENCH_FLOORS_HPP
#define BENCH_FLOORS_HPP

#include "meter.hpp"

namespace bench
{

Figure locked_rmw_pair(Team &team, bool shared);
Figure array_stack_pair(Team &team);
Figure memset_metadata(Team &team, std::size_t bytes);

} // namespace bench

#endif
