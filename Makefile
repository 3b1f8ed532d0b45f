# Builds the allocator, the tools, and the harness in its variants. `make help` lists the goals; V=1 shows commands.
#
# Two choices cross: the allocator under test (ALLOCATOR=, one adapter) and the variant (compiler, sanitizer, engine).
# Harness objects lie in build/<variant>/; the allocator's and the programs in $(OUT)/<variant>/, where OUT is build
# for ours and a folder of its own for each other allocator. What depends on flags is rebuilt when they change.

.DEFAULT_GOAL := all
# Letters when nothing may be run: make -n, -q or -t.
IDLE := $(strip $(foreach letter,n q t,$(findstring $(letter),$(firstword -$(MAKEFLAGS)))))
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
Q := $(if $(V),,@)

# ---- set-up: the tools that the goals need ----
GOALS := $(or $(MAKECMDGOALS),all)
BUILDS := $(if $(IDLE),,$(filter-out help clean,$(GOALS)))# nothing when nothing is built
GROUP := $(or $(if $(filter test ci bench-counts,$(GOALS)),test), \
    $(if $(filter fuzz canaries prove minimize adopt corpus fuzz-stop fuzz-report,$(GOALS)),fuzz), \
    $(if $(filter bench,$(GOALS)),bench),$(if $(filter boot,$(GOALS)),boot),build)
ifneq ($(BUILDS),)
  include build/tools.mk
  ifndef PMM_SET_UP # a make called by ours finds everything in place
    build/tools.mk: FORCE
	@ci/setup $(GROUP)
  endif
else
  -include build/tools.mk
endif
export PMM_SET_UP := 1
FORCE:

# make itself answers 2 to every failure, but in question mode a recursive (+) command's 1 stays 1. The goals below
# promise 0, 1 and 2 with different meanings; their commands are all marked + (by START) unless make is IDLE.
EXACT := test fuzz fuzz-stop fuzz-report replay minimize adopt corpus prove canaries bench bench-counts stress ci boot
ifneq ($(MAKECMDGOALS),)
  ifeq ($(IDLE)$(filter-out $(EXACT),$(MAKECMDGOALS)),)
    MAKEFLAGS += --question
  endif
endif
START := $(if $(IDLE),,+@)
ifndef JOBS
  JOBS := $(shell nproc)
endif
SYMBOLIZER := $(foreach name,ASAN MSAN UBSAN,$(name)_SYMBOLIZER_PATH=$(LLVM_SYMBOLIZER))
LAUNCH = exec env PMM_GOAL=$@ $(SYMBOLIZER) $(PYTHON) -I -B fuzz/command/launch.py# a module and its words follow
RUN = $(START)$(LAUNCH)
AGAIN := MAKEFLAGS= $(MAKE) -j$(JOBS) $(if $(V),V=$(V))

# What a person typed reaches a command through the environment, "$$INPUT", letter by letter: in a recipe's text a quote,
# a blank, a newline or a `$$` would be syntax.
export JOBS
TYPED := INPUT FINDING TIME TARGETS ENGINES PARTS SECONDS ONLY WRITE REPETITIONS
$(foreach name,$(TYPED),$(if $(filter-out undefined,$(origin $(name))),$(eval override $(name) := $$(value $(name)))))
# These goals leave the allocator to their command as well, and build nothing themselves.
ifeq ($(filter-out fuzz replay minimize adopt corpus fuzz-stop fuzz-report,$(GOALS)),)
  export TESTED := $(value ALLOCATOR)
  override ALLOCATOR = $(OURS)
  unexport ALLOCATOR
endif
export $(TYPED)
unexport CDPATH BASH_ENV ENV # what changes how a shell script behaves

# ---- compilers and flags ----
ifeq ($(origin CC),default)
  CC := gcc
endif
ifeq ($(origin CXX),default)
  CXX := g++
endif
LIB_FUZZING_ENGINE ?=
WARNINGS := -std=c11 -Wall -Wextra -Wconversion -Wshadow -Wvla -Werror
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
FREESTANDING := -ffreestanding -fno-stack-protector -mgeneral-regs-only $(if $(filter x86_64,$(MACHINE)),-mno-red-zone)
STEPS := -fsanitize-coverage=trace-pc# the allocator's steps are counted, see fuzz/run/steps.c
HOSTED := -D_POSIX_C_SOURCE=200809L# for the harness; core/ is also built without, as a kernel builds it
CHECKED := -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all

# VARIANT_CC, its flags for every file, and for the allocator under test alone: only it is instrumented for coverage.
VARIANTS := plain asan msan libfuzzer afl engine threads tsan fibers
plain_CC = $(CC)
plain_FLAGS = -g -O2 $(CFLAGS)
plain_UNDER_TEST = $(STEPS)
asan_CC = $(CLANG)
asan_FLAGS = $(CHECKED) -fsanitize=address,undefined
asan_UNDER_TEST = $(STEPS)
msan_CC = $(CLANG)
msan_FLAGS = $(CHECKED) -fsanitize=memory -fsanitize-memory-track-origins
msan_UNDER_TEST = $(STEPS)
libfuzzer_CC = $(CLANG)
libfuzzer_FLAGS = -g -O2# the harness is checked where the corpus is replayed: here its speed is programs a second
libfuzzer_SANITIZE = -fsanitize=address,undefined
libfuzzer_UNDER_TEST = $(libfuzzer_SANITIZE) -fno-sanitize-recover=all -fsanitize=fuzzer-no-link \
    -fno-sanitize-coverage=trace-cmp# comparisons cost half the speed
afl_CC = $(CLANG)
afl_FLAGS = -g -O2
afl_UNDER_TEST_CC = $(AFL_UNDER_TEST_CC)# the way of instrumenting that works here, see ci/probe
threads_CC = $(CC)# real threads, see fuzz/stress: nothing counts steps there
threads_FLAGS = -g -O2 -pthread
tsan_CC = $(CLANG)
tsan_FLAGS = -g -O1 -fno-omit-frame-pointer -fsanitize=thread -pthread
fibers_CC = $(CLANG)# TSan on simulated CPUs: it sees the code under test, and of the simulator what it is told
fibers_FLAGS = -g -O1 -fno-omit-frame-pointer -DFIBER_TSAN
fibers_UNDER_TEST = -fsanitize=thread
fibers_LINK = -fsanitize=thread
engine_CC = $(CC)# for other people's engines: their compiler, flags and library, no warnings as errors
engine_FLAGS = -g $(or $(CFLAGS),-O2)

# ---- sources ----
CORE := $(filter-out %_test.c,$(wildcard core/*.c))
OPS_TOOL := $(wildcard fuzz/program/ops_*.c)
SPECIAL := $(OPS_TOOL) fuzz/mutator/libfuzzer.c fuzz/mutator/afl.c fuzz/minimize/minimize_tool.c
HARNESS := $(filter-out %_test.c $(SPECIAL),$(wildcard reference/*.c fuzz/program/*.c fuzz/mutator/*.c fuzz/run/*.c \
    fuzz/minimize/*.c))
SMP_TESTS := $(patsubst %.c,%,$(wildcard fuzz/concurrent/*_test.c fuzz/schedule/*_test.c))
TESTS := $(filter-out $(SMP_TESTS),$(patsubst %.c,%,$(wildcard reference/*_test.c fuzz/*/*_test.c ci/tests/*_test.c)))
MUTATOR := $(filter-out %_test.c %libfuzzer.c $(OPS_TOOL),$(wildcard fuzz/program/*.c fuzz/mutator/*.c)) \
    reference/contract.c reference/model_table.c
FUZZ_TARGETS := ops map image smp
# Concurrent programs: the same harness, simulated CPUs, and the allocator compiled with its atomics as their steps.
SMP := $(filter-out %_test.c %/replay_smp.c,$(wildcard fuzz/concurrent/*.c fuzz/schedule/*.c))
STRESS := $(wildcard fuzz/stress/*.c)
SEAM ?= -I. -include fuzz/schedule/seam_cpu.h '-DPMM_ATOMIC_SEAM="fuzz/schedule/seam.h"'

# ---- the allocator under test ----
OURS := fuzz/allocators/pmm.c
ALLOCATOR ?= $(OURS)
ALLOCATOR_SOURCES ?= $(if $(filter $(OURS),$(ALLOCATOR)),$(CORE))
ALLOCATOR_CFLAGS ?= $(if $(filter $(OURS),$(ALLOCATOR)),-include fuzz/allocators/pmm_cpu.h)
ALLOCATOR_LDFLAGS ?=
UNDER_TEST := $(ALLOCATOR) $(ALLOCATOR_SOURCES)
IDENTITY := $(strip $(UNDER_TEST) $(ALLOCATOR_CFLAGS) $(ALLOCATOR_LDFLAGS))
NAME := $(basename $(notdir $(firstword $(ALLOCATOR))))-$(firstword $(shell printf '%s' "$(IDENTITY)" | cksum))
OUT ?= $(if $(filter $(OURS),$(ALLOCATOR)),build,build/$(NAME))
# Warnings are errors in this tree; what others write is theirs.
UNDER_TEST_WARNINGS := $(if $(filter fuzz/%,$(ALLOCATOR)),$(WARNINGS) $(HOSTED),-w)

# $(call remember,FILE,TEXT) rewrites FILE when TEXT is new: what depends on the flags in TEXT depends on FILE.
same = $(and $(findstring =$1=,=$2=),$(findstring =$2=,=$1=))
# Where nothing is built it only counts as new.
remember = $(if $(call same,$(file <$1),$2),,$(if $(BUILDS),$(shell mkdir -p $(dir $1))$(file >$1,$2),$(eval $1: FORCE)))
object = $(subst /,-,$(basename $1)).o

# ---- the goals ----
.PHONY: all $(EXACT) throughput clean help fuzzers where FORCE

all: build/libpmm.a build/replay build/replay-smp build/pmm-ops ## build the allocator (build/libpmm.a) and the tools

test: ## run every test; ONLY=text runs those whose names contain it
	$(RUN) ci.suite.__main__ run --jobs="$$JOBS" --only="$$ONLY"

fuzz: ## run the campaign: [TIME=8h] [JOBS=n] [TARGETS="ops map"] [ENGINES=libfuzzer] [ALLOCATOR=adapter.c]
	$(RUN) fuzz.campaign.__main__ run --time="$${TIME:-8h}" --jobs="$$JOBS" --targets="$$TARGETS" \
	    --engines="$$ENGINES" --allocator="$${TESTED:-$(OURS)}"

replay: ## run one program or memory map: INPUT=file.ops|bytes|file.map [ALLOCATOR=adapter.c]
	$(if $(INPUT),,$(error say which program: make replay INPUT=file))
	$(RUN) fuzz.campaign.__main__ replay --input="$$INPUT" --allocator="$${TESTED:-$(OURS)}" --jobs="$$JOBS"

minimize: ## make a failing program small, with the same failure: INPUT=file [ALLOCATOR=adapter.c]
	$(if $(INPUT),,$(error say which program: make minimize INPUT=file))
	$(RUN) fuzz.campaign.__main__ minimize --input="$$INPUT" --allocator="$${TESTED:-$(OURS)}" --jobs="$$JOBS"

adopt: ## turn a finding into a committed regression: FINDING=id
	$(if $(FINDING),,$(error say which finding: make adopt FINDING=id))
	$(RUN) fuzz.campaign.__main__ adopt --finding="$$FINDING"

fuzz-stop: ## end the campaign under way, in order
	$(RUN) fuzz.campaign.__main__ stop

fuzz-report: ## the campaign under way, or the last one, on one screen
	$(RUN) fuzz.campaign.__main__ report

corpus: ## fold what the campaign found worth keeping into corpus/, as text
	$(RUN) fuzz.campaign.__main__ corpus --jobs="$$JOBS"

prove: ## what a campaign promises, tried out for hours: [PARTS="kill disk engine faults"] [SECONDS=600] [ONLY=fault]
	$(RUN) fuzz.campaign.proofs $$PARTS --seconds=$(if $(SECONDS),"$$SECONDS",600) --only="$$ONLY"

canaries: ## plant each known fault of concurrency and find it: [ONLY=text] [SECONDS=60] [JOBS=1] [WRITE="2 cores, x86-64"]
	$(RUN) fuzz.campaign.canaries run --jobs=$(if $(filter command%,$(origin JOBS)),"$$JOBS",1) \
	    --seconds=$(if $(SECONDS),"$$SECONDS",60) --only="$$ONLY" --write="$$WRITE"

bench: ## costs as ratios, tables and plots: [ONLY=regex] [REPETITIONS=7] [ALLOCATOR=adapter.c ...]
	$(START)$(AGAIN) $(BENCH)/pmm-bench >&2 && $(LAUNCH) bench.__main__ run --program $(BENCH)/pmm-bench \
	    --out build/bench --repetitions="$${REPETITIONS:-7}" --only="$$ONLY"

bench-counts: ## instructions and locked operations for a call, against the table: [WRITE=1]
	$(START)$(AGAIN) build/counted/cc/counted build/counted/clang/counted >&2 && $(LAUNCH) bench.__main__ counts \
	    --of '$(CC)=build/counted/cc/counted' --of '$(CLANG)=build/counted/clang/counted' $${WRITE:+--write}

boot: ## boot example kernels under QEMU: [QUICK=1] [ONLY=text] [JOBS=2]
	$(RUN) ci.boot.__main__ run --jobs="$$JOBS" $(if $(QUICK),--quick) --only="$$ONLY"

ci: ## what gates a merge; the same as `bash .ci/run`
	$(START)MAKEFLAGS= exec bash .ci/run

where: # where the programs of this allocator go, for the campaign
	@echo $(OUT)

# Each set of programs, and how many: of concurrent ones few enough that all set-ups are kept, and too many for that.
THROUGHPUT := ops:2000 smp-kept:500 smp-weak:500 smp-new:4000
throughput: ## programs a second on one core: under ASan and UBSan, and for smp plain too; set-ups kept, weak memory, ever new set-ups
	$(START)$(AGAIN) build/pmm-ops build/libfuzzer/throughput-ops build/libfuzzer/throughput-smp build/engine/throughput-smp
	@for set in $(THROUGHPUT); do name=$${set%:*}; target=$${name%-*}; dir=build/throughput/$$name; \
	    rm -rf $$dir && mkdir -p $$dir && build/pmm-ops generate$$(test $$target = ops || echo -smp) 1 $${set#*:} \
	    $$dir $$(test $${name#*-} != weak || echo weak) || exit 1; \
	    for engine in libfuzzer $$(test $$target = ops || echo engine); do \
	    echo "$$name, $$(test $$engine = engine && echo plain || echo ASan and UBSan):" && \
	    build/$$engine/throughput-$$target $$dir/* || exit 1; done; done

stress: ## real threads, plain and then under TSan: [TIME=60s] [ALLOCATOR=adapter.c]; calls a second
	$(START)$(AGAIN) build/pmm-ops $(OUT)/threads/stress $(OUT)/tsan/stress >&2 && mkdir -p build/stress && \
	    build/pmm-ops generate-smp 1 500 build/stress || exit 2; for variant in threads tsan; do \
	    $(OUT)/$$variant/stress $$(( $(patsubst %s,%,$(or $(TIME),60s)) / 2 )) corpus/smp/*.ops build/stress/* || exit; done

fuzzers: $(FUZZ_TARGETS:%=$(OUT)/engine/%) ## build for another engine, by CC, CXX, CFLAGS, LIB_FUZZING_ENGINE

clean: ## remove build/, the campaign's corpora and findings included
	$(Q)rm -rf build

help: ## show this
	@echo 'usage: make [goal] [NAME=value ...]'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s%s\n", $$1, $$2 }' Makefile

# ---- the library, as a kernel would build it ----
LIBRARY := $(CORE:%.c=build/library/%.o)
$(LIBRARY): build/library/%.o: %.c build/library/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(WARNINGS) -O2 $(FREESTANDING) -MMD -MP -c -o $@ $<
$(call remember,build/library/flags,$(CC) $(WARNINGS) -O2 $(FREESTANDING))

build/libpmm.a: $(LIBRARY)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# ---- the variants ----
# $(call under_test,VARIANT,SOURCE,FOLDER,FLAGS): one file of the allocator under test, wherever it lies.
define under_test
$(OUT)/$1/$3/$(call object,$2): $2 $(OUT)/$1/$3/flags
	@echo '  $1  $2'
	$(Q)$(or $($1_UNDER_TEST_CC),$($1_CC)) $($1_FLAGS) $($1_UNDER_TEST) $(UNDER_TEST_WARNINGS) $4 \
	    $(ALLOCATOR_CFLAGS) -MMD -MP -c -o $$@ $$<
endef

# $(call allocator,VARIANT,FOLDER,FLAGS): all its files; the flags are remembered.
define allocator
$(call remember,$(OUT)/$1/$2/flags,$(or $($1_UNDER_TEST_CC),$($1_CC)) $($1_FLAGS) $($1_UNDER_TEST) \
    $(UNDER_TEST_WARNINGS) $3 $(ALLOCATOR_CFLAGS))
$(foreach source,$(UNDER_TEST),$(eval $(call under_test,$1,$(source),$2,$3)))
endef

define variant
$1_HARNESS := $(HARNESS:%.c=build/$1/%.o)
$1_SMP := $(SMP:%.c=build/$1/%.o)
$1_UNDER_TEST_OBJECTS := $(foreach source,$(UNDER_TEST),$(OUT)/$1/under-test/$(call object,$(source)))
$1_SEAM_OBJECTS := $(foreach source,$(UNDER_TEST),$(OUT)/$1/seam/$(call object,$(source)))
$1_THREADS_OBJECTS := $(foreach source,$(UNDER_TEST),$(OUT)/$1/real/$(call object,$(source)))
$(call remember,build/$1/flags,$($1_CC) $(WARNINGS) $($1_FLAGS))
$(call allocator,$1,under-test)
$(call allocator,$1,seam,$(SEAM))
$(call allocator,$1,real,-DPMM_REAL_THREADS)

build/$1/%.o: %.c build/$1/flags
	@mkdir -p $$(@D)
	@echo '  $1  $$<'
	$(Q)$($1_CC) $(if $(filter engine,$1),-w,$(WARNINGS)) $(HOSTED) $($1_FLAGS) -MMD -MP -c -o $$@ $$<

# Test programs take what they need from archives: core without coverage, the harness, and a plain allocator; those of
# concurrent programs and of the simulation, our allocator on simulated CPUs before that.
build/$1/tests.a: $(patsubst %.c,build/$1/%.o,$(CORE) $(HARNESS) fuzz/allocators/naive.c)
	@rm -f $$@
	$(Q)$(AR) rcs $$@ $$^

build/$1/smp.a: $$($1_SEAM_OBJECTS) $$($1_SMP)
	@rm -f $$@
	$(Q)$(AR) rcs $$@ $$^

$(TESTS:%=build/$1/%): %: %.o build/$1/tests.a
	$(Q)$($1_CC) $($1_FLAGS) -o $$@ $$^
$(SMP_TESTS:%=build/$1/%): %: %.o build/$1/smp.a build/$1/tests.a
	$(Q)$($1_CC) $($1_FLAGS) -o $$@ $$^

$(OUT)/$1/replay: build/$1/fuzz/targets/replay.o $$($1_UNDER_TEST_OBJECTS) $$($1_HARNESS)
	@mkdir -p $$(@D)
	$(Q)$($1_CC) $($1_FLAGS) -o $$@ $$^ $(ALLOCATOR_LDFLAGS)

$(OUT)/$1/minimize: build/$1/fuzz/minimize/minimize_tool.o $$($1_UNDER_TEST_OBJECTS) $$($1_HARNESS)
	@mkdir -p $$(@D)
	$(Q)$($1_CC) $($1_FLAGS) -o $$@ $$^ $(ALLOCATOR_LDFLAGS)

$(OUT)/$1/replay-smp: build/$1/fuzz/concurrent/replay_smp.o $$($1_SEAM_OBJECTS) $$($1_SMP) $$($1_HARNESS)
	@mkdir -p $$(@D)
	$(Q)$($1_CC) $($1_FLAGS) $($1_LINK) -o $$@ $$^ $(ALLOCATOR_LDFLAGS)

$(OUT)/$1/stress: $(STRESS:%.c=build/$1/%.o) $$($1_THREADS_OBJECTS) $$($1_HARNESS)
	@mkdir -p $$(@D)
	$(Q)$($1_CC) $($1_FLAGS) -o $$@ $$^ $(ALLOCATOR_LDFLAGS)

-include $(patsubst %.c,build/$1/%.d,$(HARNESS) $(CORE) $(SPECIAL) $(SMP) $(STRESS) $(TESTS:=.c) $(SMP_TESTS:=.c) $(wildcard fuzz/targets/*.c \
    fuzz/concurrent/replay_smp.c))
-include $$($1_UNDER_TEST_OBJECTS:.o=.d) $$($1_SEAM_OBJECTS:.o=.d) $$($1_THREADS_OBJECTS:.o=.d)
.SECONDARY: $$(patsubst %.c,build/$1/%.o,$(HARNESS) $(CORE) $(SPECIAL) $(SMP) $(STRESS) $(TESTS:=.c) $(SMP_TESTS:=.c) $(wildcard fuzz/targets/*.c \
    fuzz/concurrent/replay_smp.c))
endef
$(foreach name,$(VARIANTS),$(eval $(call variant,$(name))))
-include $(LIBRARY:.o=.d)

$(OUT)/replay $(OUT)/replay-smp $(OUT)/minimize: $(OUT)/%: $(OUT)/plain/%
	@ln -f $< $@

build/pmm-ops: $(OPS_TOOL:%.c=build/plain/%.o) build/plain/tests.a
	$(Q)$(CC) $(plain_FLAGS) -o $@ $^

# ---- the engines, each a way to link a target ----
# $(call harness,VARIANT,TARGET): all that a target is linked with.
harness = $(if $(filter smp,$2),$($1_SEAM_OBJECTS) $($1_SMP),$($1_UNDER_TEST_OBJECTS)) $($1_HARNESS)

.SECONDEXPANSION:
$(FUZZ_TARGETS:%=$(OUT)/libfuzzer/%): $(OUT)/libfuzzer/%: build/libfuzzer/fuzz/targets/%.o \
    build/libfuzzer/fuzz/mutator/libfuzzer.o $$(call harness,libfuzzer,$$*)
	$(Q)$(CLANG) $(libfuzzer_FLAGS) $(libfuzzer_SANITIZE) -fsanitize=fuzzer -o $@ $^ $(ALLOCATOR_LDFLAGS)

$(FUZZ_TARGETS:%=build/libfuzzer/throughput-%): build/libfuzzer/throughput-%: build/libfuzzer/fuzz/targets/%.o \
    build/libfuzzer/fuzz/targets/throughput.o $$(call harness,libfuzzer,$$*)
	$(Q)$(CLANG) $(libfuzzer_FLAGS) $(libfuzzer_SANITIZE) -o $@ $^

$(FUZZ_TARGETS:%=build/engine/throughput-%): build/engine/throughput-%: build/engine/fuzz/targets/%.o \
    build/engine/fuzz/targets/throughput.o $$(call harness,engine,$$*)
	$(Q)$(CC) $(engine_FLAGS) -o $@ $^

$(FUZZ_TARGETS:%=$(OUT)/afl/%): $(OUT)/afl/%: build/afl/fuzz/targets/%.o \
    build/afl/fuzz/targets/afl_leash.o $$(call harness,afl,$$*)
	$(Q)AFL_QUIET=1 $(AFL_CC) $(afl_FLAGS) -fsanitize=fuzzer -o $@ $^ $(ALLOCATOR_LDFLAGS)

build/afl/mutator.so: $(MUTATOR)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(WARNINGS) $(HOSTED) -O2 -fPIC -shared -o $@ $^

ENGINE := $(or $(LIB_FUZZING_ENGINE),build/engine/fuzz/targets/replay.o)
$(FUZZ_TARGETS:%=$(OUT)/engine/%): $(OUT)/engine/%: build/engine/fuzz/targets/%.o $$(call harness,engine,$$*) \
    $(filter build/%,$(ENGINE))
	$(Q)$(CXX) $(engine_FLAGS) -o $@ $(filter-out $(ENGINE),$^) $(ENGINE) $(ALLOCATOR_LDFLAGS)

include bench/bench.mk
include ci/boot/boot.mk
