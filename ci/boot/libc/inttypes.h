/* Of <inttypes.h>, the names of formats; 64 bits are long on x86-64. */
#ifndef BOOT_INTTYPES_H
#define BOOT_INTTYPES_H

#include <stdint.h>

#define PRIu32 "u"
#define PRIx32 "x"
#define PRIu64 "lu"
#define PRIx64 "lx"
#define PRId64 "ld"

#endif
