/*
 * The seven functions of libfdt that loader_device_tree.c calls, declared by Debian's <libfdt.h>, for machines whose
 * libfdt.a is not installed: Debian's libfdt-dev brings that of its own machine alone. Trusts the tree, whose firmware is
 * QEMU's; libfdt does not, and a kernel links that.
 */
#include <libfdt.h>

/* A token of the structure block: where it lies, what follows it. */
struct token {
    uint32_t kind;
    int offset, next;
    const char *name;        /* of a node */
    const fdt32_t *property; /* length, offset of the name, value */
};

static uint32_t word(const void *tree, uint32_t offset)
{
    return fdt32_to_cpu(*(const fdt32_t *)(const void *)((const char *)tree + offset));
}

static struct token token_at(const void *tree, int offset)
{
    const uint32_t at = (uint32_t)fdt_off_dt_struct(tree) + (uint32_t)offset;
    struct token token = {word(tree, at), offset, offset + 4, 0, 0};

    if (token.kind == FDT_BEGIN_NODE) {
        token.name = (const char *)tree + at + 4;
        token.next += (int)((strlen(token.name) + 4) & ~3ul);
    } else if (token.kind == FDT_PROP) {
        token.property = (const void *)((const char *)tree + at + 4);
        token.next += 8 + (int)((fdt32_to_cpu(token.property[0]) + 3) & ~3u);
    }
    return token;
}

int fdt_check_header(const void *tree)
{
    return fdt_magic(tree) == FDT_MAGIC ? 0 : -FDT_ERR_BADMAGIC;
}

/* The first node at or behind `offset`, whose parent is left when its end comes first. */
static int node_from(const void *tree, int offset)
{
    for (struct token token = token_at(tree, offset); token.kind != FDT_END; token = token_at(tree, token.next)) {
        if (token.kind == FDT_BEGIN_NODE)
            return token.offset;
        if (token.kind == FDT_END_NODE)
            break;
    }
    return -FDT_ERR_NOTFOUND;
}

int fdt_first_subnode(const void *tree, int node)
{
    return node_from(tree, token_at(tree, node).next);
}

int fdt_next_subnode(const void *tree, int node)
{
    struct token token = token_at(tree, node);
    int depth = 1;

    while (depth) {
        token = token_at(tree, token.next);
        depth += token.kind == FDT_BEGIN_NODE;
        depth -= token.kind == FDT_END_NODE;
    }
    return node_from(tree, token.next);
}

/* Of the root's children alone. */
int fdt_path_offset(const void *tree, const char *path)
{
    int node;

    fdt_for_each_subnode(node, tree, 0) if (strcmp(token_at(tree, node).name, path + 1) == 0) return node;
    return -FDT_ERR_NOTFOUND;
}

const void *fdt_getprop(const void *tree, int node, const char *name, int *bytes)
{
    const char *names = (const char *)tree + fdt_off_dt_strings(tree);
    struct token token = token_at(tree, token_at(tree, node).next);

    for (; token.kind == FDT_PROP || token.kind == FDT_NOP; token = token_at(tree, token.next)) {
        if (token.kind == FDT_NOP || strcmp(names + fdt32_to_cpu(token.property[1]), name) != 0)
            continue;
        if (bytes)
            *bytes = (int)fdt32_to_cpu(token.property[0]);
        return token.property + 2;
    }
    return 0;
}

static uint64_t reservation_word(const void *tree, int number, int half)
{
    const uint32_t at = (uint32_t)fdt_off_mem_rsvmap(tree) + (uint32_t)number * 16 + (uint32_t)half * 8;

    return (uint64_t)word(tree, at) << 32 | word(tree, at + 4);
}

int fdt_num_mem_rsv(const void *tree)
{
    int count = 0;

    while (reservation_word(tree, count, 1))
        count++;
    return count;
}

int fdt_get_mem_rsv(const void *tree, int number, uint64_t *base, uint64_t *length)
{
    *base = reservation_word(tree, number, 0);
    *length = reservation_word(tree, number, 1);
    return 0;
}
