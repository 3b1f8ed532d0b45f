/* Files as the replayer takes them: which kind one is, and what it says. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include "../../reference/model.h"
#include "../program/program.h"

enum input_kind { INPUT_BAD, INPUT_PROGRAM, INPUT_MAP };

/*
 * Fills in *program, or *map (the caller frees its regions). INPUT_BAD after one line on stderr that names the file
 * and what to do. A name ending in .ops or .map tells the kind; otherwise the first words do, and what is no text is
 * an engine's bytes. An empty file without such a name is the empty byte program, since engines write that too.
 */
enum input_kind input_read(const char *path, struct program *program, struct memory_map *map);

#endif
