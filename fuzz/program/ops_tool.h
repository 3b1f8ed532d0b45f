/* What the parts of pmm-ops share: files in and out, numbers of the command line, and the document. */
#ifndef FUZZ_PROGRAM_OPS_TOOL_H
#define FUZZ_PROGRAM_OPS_TOOL_H

#include "program.h"

/* ops_file.c */
int fail(const char *path, const char *what);      /* one line on stderr; always 1 */
char *read_file(const char *path, size_t *length); /* to be freed; NULL after saying why not */
int write_file(const char *path, const uint8_t *bytes, size_t length);
bool argument_number(const char *text, uint64_t most, uint64_t *value);

/* ops_doc.c: FORMAT.md, from the tables. */
void print_format_document(FILE *out);
void print_lines(FILE *out, const char *const *lines); /* up to NULL */
/* ops_doc_concurrent.c: its section on concurrent programs. */
void print_concurrent(FILE *out);

#endif
