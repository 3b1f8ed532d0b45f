# `make bench`: Google Benchmark's program, its adapters, and the run. Included by the Makefile.
#
# core/ is compiled as a kernel compiles it, with a per-CPU variable for the number of the CPU. Every other adapter in
# fuzz/allocators/ is benched beside it, and those named by ALLOCATOR= (several may be), each compiled twice: its table,
# under a name of its own, and bench/adapter.cpp, which enters that table.

BENCH := $(OUT)/benchmark# what is built; the figures go to build/bench
BENCH_CXXFLAGS := -std=c++17 -O2 -Wall -Wextra -Wconversion -Wshadow -Wvla -Werror
BENCH_SOURCES := $(filter-out bench/adapter.cpp,$(wildcard bench/*.cpp))
BENCH_CORE := $(CORE:%.c=build/benchmark/%.o)
BENCH_OBJECTS := $(BENCH_SOURCES:%.cpp=build/benchmark/%.o)
BENCH_OTHERS := $(filter-out fuzz/%,$(ALLOCATOR))# adapters from outside the tree
BENCH_OURS := $(sort $(filter-out $(OURS),$(wildcard fuzz/allocators/*.c) $(filter fuzz/%,$(ALLOCATOR))))
BENCH_BESIDE := $(if $(filter-out $(OURS),$(ALLOCATOR)),$(foreach source,$(ALLOCATOR_SOURCES),$(BENCH)/$(call object,$(source))))
BENCH_ADAPTERS := $(foreach adapter,$(BENCH_OURS) $(BENCH_OTHERS),$(BENCH)/$(call object,$(adapter)) \
    $(BENCH)/entry-$(call object,$(adapter)))
$(call remember,build/benchmark/flags,$(CC) $(CXX) $(FREESTANDING) $(BENCH_CXXFLAGS))
$(call remember,$(BENCH)/allocator-flags,$(CC) $(IDENTITY))

$(BENCH_CORE): build/benchmark/%.o: %.c build/benchmark/flags
	@mkdir -p $(@D)
	@echo '  bench  $<'
	$(Q)$(CC) $(WARNINGS) -O2 $(FREESTANDING) -include bench/this_cpu.h -MMD -MP -c -o $@ $<

$(BENCH_OBJECTS): build/benchmark/%.o: %.cpp build/benchmark/flags
	@mkdir -p $(@D)
	@echo '  bench  $<'
	$(Q)$(CXX) $(BENCH_CXXFLAGS) -MMD -MP -c -o $@ $<

# $(call bench_adapter,SOURCE,FLAGS): one adapter's table, and its entry.
bench_table = -Dallocator_under_test=allocator_$(subst -,_,$(basename $(call object,$1)))
define bench_adapter
$(BENCH)/$(call object,$1): $1 $(BENCH)/allocator-flags
	@mkdir -p $$(@D)
	@echo '  bench  $1'
	$(Q)$(CC) -O2 $2 $(bench_table) -MMD -MP -c -o $$@ $$<

$(BENCH)/entry-$(call object,$1): bench/adapter.cpp $(BENCH)/allocator-flags
	@mkdir -p $$(@D)
	$(Q)$(CXX) $(BENCH_CXXFLAGS) $(bench_table) -MMD -MP -c -o $$@ $$<
endef
$(foreach adapter,$(BENCH_OURS),$(eval $(call bench_adapter,$(adapter),$(WARNINGS) $(HOSTED))))
$(foreach adapter,$(BENCH_OTHERS),$(eval $(call bench_adapter,$(adapter),-w $(ALLOCATOR_CFLAGS))))

# $(call bench_beside,SOURCE): one file of an allocator from outside.
define bench_beside
$(BENCH)/$(call object,$1): $1 $(BENCH)/allocator-flags
	@mkdir -p $$(@D)
	@echo '  bench  $1'
	$(Q)$(CC) -O2 -w $(ALLOCATOR_CFLAGS) -MMD -MP -c -o $$@ $$<
endef
$(if $(BENCH_BESIDE),$(foreach source,$(ALLOCATOR_SOURCES),$(eval $(call bench_beside,$(source)))))

$(BENCH)/pmm-bench: $(BENCH_OBJECTS) $(BENCH_CORE) $(BENCH_ADAPTERS) $(BENCH_BESIDE) build/plain/tests.a \
    $(wildcard $(if $(BENCH_OTHERS),$(filter %.a %.o,$(ALLOCATOR_LDFLAGS))))
	$(Q)$(CXX) -o $@ $^ $(if $(BENCH_OTHERS),$(ALLOCATOR_LDFLAGS)) -lbenchmark -lpthread

-include $(BENCH_OBJECTS:.o=.d) $(BENCH_CORE:.o=.d) $(BENCH_ADAPTERS:.o=.d) $(BENCH_BESIDE:.o=.d)

# ---- instructions for a call, counted: with the compiler of the goals and with clang ----
# Branch tracking costs an instruction a function, and distributions differ in whether it is on.
COUNTED_FLAGS := $(FREESTANDING) $(if $(filter x86_64,$(MACHINE)),-fcf-protection=none)
# $(call counted,NAME,COMPILER)
define counted
COUNTED_$1 := $(patsubst %.c,build/counted/$1/%.o,$(CORE) bench/counted/counted.c)
$(call remember,build/counted/$1/flags,$2 $(COUNTED_FLAGS))

build/counted/$1/%.o: %.c build/counted/$1/flags
	@mkdir -p $$(@D)
	$(Q)$2 $(WARNINGS) -O2 $(COUNTED_FLAGS) -include bench/this_cpu.h -MMD -MP -c -o $$@ $$<

build/counted/$1/counted: $$(COUNTED_$1)
	$(Q)$2 -o $$@ $$^

-include $$(COUNTED_$1:.o=.d)
endef
$(eval $(call counted,cc,$(CC)))
$(eval $(call counted,clang,$(CLANG)))
