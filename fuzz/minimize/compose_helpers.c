/* The helpers of a unit test, as text: frames without a name, and what is true of all that are held. */
#include "explain.h"

static const char pool_helpers[] = "static uint64_t pool[1 << 20]; /* frames without a name, as they were taken */\n"
                                   "static unsigned char orders[1 << 20];\n"
                                   "static unsigned held;\n"
                                   "\n"
                                   "static void hold(uint64_t address, unsigned order)\n"
                                   "{\n"
                                   "    pool[held] = address;\n"
                                   "    orders[held++] = (unsigned char)order;\n"
                                   "}\n"
                                   "\n";

static const char take[] = "static enum pmm_status take(unsigned order, unsigned flags)\n"
                           "{\n"
                           "    uint64_t address = 0;\n"
                           "    const enum pmm_status status = pmm_alloc(pmm, order, flags, &address);\n"
                           "\n"
                           "    if (status == PMM_OK)\n"
                           "        hold(address, order);\n"
                           "    return status;\n"
                           "}\n"
                           "\n";

static const char give[] = "/* Every stride-th from `first` on; the others stay. */\n"
                           "static bool give(unsigned stride, unsigned first)\n"
                           "{\n"
                           "    const unsigned count = held;\n"
                           "    bool good = true;\n"
                           "\n"
                           "    held = 0;\n"
                           "    for (unsigned i = 0; i < count; i++) {\n"
                           "        if (i < first || (i - first) % stride != 0)\n"
                           "            hold(pool[i], orders[i]);\n"
                           "        else\n"
                           "            good &= pmm_free(pmm, pool[i], orders[i]) == PMM_OK;\n"
                           "    }\n"
                           "    return good;\n"
                           "}\n"
                           "\n";

static const char all_apart[] = "static bool all_apart(void)\n"
                                "{\n"
                                "    for (unsigned i = 0; i < held; i++)\n"
                                "        for (unsigned j = 0; j < i; j++)\n"
                                "            if (pool[i] < pool[j] + (UINT64_C(4096) << orders[j]) &&\n"
                                "                pool[j] < pool[i] + (UINT64_C(4096) << orders[i]))\n"
                                "                return false;\n"
                                "    return true;\n"
                                "}\n"
                                "\n";

static const char all_aligned[] = "static bool all_aligned(void)\n"
                                  "{\n"
                                  "    for (unsigned i = 0; i < held; i++)\n"
                                  "        if (pool[i] % (UINT64_C(4096) << orders[i]) != 0)\n"
                                  "            return false;\n"
                                  "    return true;\n"
                                  "}\n"
                                  "\n";

static const char all_within[] = "static bool all_within(uint64_t base, uint64_t end)\n"
                                 "{\n"
                                 "    for (unsigned i = 0; i < held; i++)\n"
                                 "        if (pool[i] < base || pool[i] >= end)\n"
                                 "            return false;\n"
                                 "    return true;\n"
                                 "}\n"
                                 "\n";

static const char all_managed[] = "static bool all_managed(const uint64_t ranges[][2])\n"
                                  "{\n"
                                  "    for (unsigned i = 0; i < held; i++) {\n"
                                  "        const uint64_t end = pool[i] + (UINT64_C(4096) << orders[i]);\n"
                                  "        bool inside = false;\n"
                                  "\n"
                                  "        for (unsigned j = 0; ranges[j][1]; j++)\n"
                                  "            inside |= pool[i] >= ranges[j][0] && end <= ranges[j][1];\n"
                                  "        if (!inside)\n"
                                  "            return false;\n"
                                  "    }\n"
                                  "    return true;\n"
                                  "}\n"
                                  "\n";

void write_test_helpers(const struct unit_test *test, FILE *out)
{
    const enum failure_id failure = test->failure;

    fprintf(out, "static int failed(const char *expression, int line)\n{\n"
                 "    printf(\"not ok - %%s: line %%d: %%s\\n\", name, line, expression);\n    return 1;\n}\n\n");
    if (test->uses_take || test->uses_give || test->uses_layout)
        fputs(pool_helpers, out);
    if (test->uses_take)
        fputs(take, out);
    if (test->uses_give)
        fputs(give, out);
    if (!test->uses_layout || failure == FAIL_A07)
        return;
    fputs(failure == FAIL_A01   ? all_managed
          : failure == FAIL_A02 ? all_apart
          : failure == FAIL_A03 ? all_aligned
                                : all_within,
          out);
}
