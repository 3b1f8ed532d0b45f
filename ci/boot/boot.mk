# The example kernels that `make boot` boots: core/, the shared part, and one machine's files; gcc and clang. Included by
# the Makefile. build/boot/<machine>-<compiler>/ has objects and images; BOOT_<machine> are the flags a kernel needs.

BOOT_MACHINES := x86_64 i686 aarch64 riscv64
BOOT_COMMON := -std=c11 -Wall -Wextra -Wconversion -Wshadow -Wvla -Werror -g -O2 -ffreestanding -fno-stack-protector \
    -fno-pic -fno-pie -fno-asynchronous-unwind-tables
BOOT_x86_64 := -mno-red-zone -mgeneral-regs-only
BOOT_i686 := -mgeneral-regs-only
BOOT_aarch64 := -mgeneral-regs-only -mno-outline-atomics
BOOT_riscv64 := -march=rv64imac_zicsr -mabi=lp64 -mcmodel=medany
BOOT_CPU := -include ci/boot/kernel/kernel_cpu.h# for core/: PMM_THIS_CPU
BOOT_LINK := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments
BOOT_gcc = $1-linux-gnu-gcc
BOOT_clang = $(CLANG) --target=$1-linux-gnu
BOOT_SELF := ci/boot/boot.mk# with the flags in it

# ---- sources ----
BOOT_KERNEL := $(addprefix ci/boot/kernel/,kernel_main.c memory.c stress.c calls.c handover.c console.c)
BOOT_LOADERS := $(addprefix ci/boot/x86/,x86_entry.S x86_traps.S x86_machine.c) $(addprefix ci/boot/kernel/, \
    loader_multiboot1.c loader_multiboot2.c loader_pvh.c)
BOOT_PC := $(BOOT_KERNEL) $(BOOT_LOADERS) ci/boot/libc/string.c
BOOT_TREE := $(BOOT_KERNEL) ci/boot/kernel/loader_device_tree.c ci/boot/libc/string.c
BOOT_OF_x86_64 := $(BOOT_PC)
BOOT_OF_i686 := $(BOOT_PC)
BOOT_OF_aarch64 := $(BOOT_TREE) $(wildcard ci/boot/aarch64/*.[cS])
BOOT_OF_riscv64 := $(BOOT_TREE) $(wildcard ci/boot/riscv64/*.[cS])
BOOT_SCRIPT_x86_64 := ci/boot/x86/x86.ld
BOOT_SCRIPT_i686 := ci/boot/x86/x86.ld
BOOT_SCRIPT_aarch64 := ci/boot/aarch64/aarch64.ld
BOOT_SCRIPT_riscv64 := ci/boot/riscv64/riscv64.ld

# libfdt is declared by Debian's libfdt-dev; its code, for another machine than this one, by the subset.
build/boot/include/libfdt.h: $(wildcard /usr/include/libfdt.h)
	@mkdir -p $(@D)
	$(Q)cp /usr/include/fdt.h /usr/include/libfdt.h /usr/include/libfdt_env.h $(@D)
BOOT_FDT = $(or $(wildcard /usr/lib/$1-linux-gnu/libfdt.a),build/boot/$2/ci/boot/kernel/fdt_subset.o)

# ---- objects and images ----
boot_objects = $(patsubst %,build/boot/$1/%.o,$(basename $2))

# $(call boot_kernel,MACHINE,COMPILER,FOLDER,FLAGS): how the objects and images of one folder in build/boot/ are made.
# core/ goes through assembly, so that a planted fault can strip its lock prefixes.
define boot_kernel
BOOT_CC_$3 := $(call BOOT_$2,$1) $(BOOT_COMMON) $(BOOT_$1) $4 $(if $(filter clang,$2),-g0)# its debug relocations are too new for ld
BOOT_INCLUDE_$3 := -nostdinc -isystem ci/boot/libc -isystem $(shell $(call BOOT_$2,$1) -print-file-name=include) \
    -isystem build/boot/include
build/boot/$3/ci/boot/%.o: ci/boot/%.S $(BOOT_SELF)
	@mkdir -p $$(@D)
	$$(Q)$(call BOOT_gcc,$1) $(filter -march=% -mabi=%,$(BOOT_$1)) -g -MMD -MP -c -o $$@ $$<
build/boot/$3/core/%.s: core/%.c $(BOOT_SELF)
	@mkdir -p $$(@D)
	$$(Q)$$(BOOT_CC_$3) $(BOOT_CPU) -MMD -MP -MT $$@ -S -o $$@ $$<
	$(if $(filter %unlocked,$3),$$(Q)sed -i 's/\block\b;*//' $$@)
.SECONDARY: $(CORE:%.c=build/boot/$3/%.s)
build/boot/$3/core/%.o: build/boot/$3/core/%.s
	$$(Q)$(call BOOT_$2,$1) $(filter -march=% -mabi=%,$(BOOT_$1)) -c -o $$@ $$<
build/boot/$3/ci/boot/%.o: ci/boot/%.c $(BOOT_SELF) | build/boot/include/libfdt.h
	@mkdir -p $$(@D)
	$$(Q)$$(BOOT_CC_$3) $$(BOOT_INCLUDE_$3) -MMD -MP -c -o $$@ $$<
$(addprefix build/boot/$3/,multiboot1.elf multiboot2.elf pvh.elf): \
    build/boot/$3/%.elf: build/boot/$3/ci/boot/x86/entry_%.o $(call boot_objects,$3,$(BOOT_OF_$1) $(CORE)) $(BOOT_SCRIPT_$1)
	$$(Q)$(call BOOT_gcc,$1) $(BOOT_LINK) -T $(BOOT_SCRIPT_$1) -o $$@ $$(filter %.o,$$^)
build/boot/$3/tree.elf: $(call boot_objects,$3,$(BOOT_OF_$1) $(CORE)) $(call BOOT_FDT,$1,$3) $(BOOT_SCRIPT_$1)
	$$(Q)$(call BOOT_gcc,$1) $(BOOT_LINK) -T $(BOOT_SCRIPT_$1) -o $$@ $$(filter %.o %.a,$$^)
-include $(patsubst %.o,%.d,$(call boot_objects,$3,$(BOOT_OF_$1) $(CORE)))
endef

%.elf32: %.elf # QEMU's -kernel takes Multiboot 1 in a 32-bit file alone
	$(Q)x86_64-linux-gnu-objcopy -O elf32-i386 $< $@
%.image: %.elf
	$(Q)aarch64-linux-gnu-objcopy -O binary $< $@

# ---- the corpus in ring 0: the suite on the small library, core/ as the suite compiles it ----
BOOT_CORPUS_CC = $(call BOOT_gcc,x86_64) $(BOOT_COMMON) $(BOOT_x86_64) -nostdinc \
    -isystem ci/boot/libc -isystem $(shell $(call BOOT_gcc,x86_64) -print-file-name=include)
BOOT_CORPUS := fuzz/targets/replay.c $(filter-out fuzz/run/signs.c,$(filter reference/% fuzz/program/% fuzz/run/%,$(HARNESS))) $(OURS) $(CORE) \
    $(wildcard ci/boot/libc/*.c) $(BOOT_LOADERS) $(addprefix ci/boot/kernel/,corpus_main.c handover.c console.c) \
    ci/boot/x86/entry_multiboot1.S
BOOT_CORPUS_OBJECTS := $(call boot_objects,corpus,$(BOOT_CORPUS))
build/boot/corpus/fuzz/targets/replay.o: BOOT_CORPUS_MAIN := -Dmain=replay_main
build/boot/corpus/%.o: %.c $(BOOT_SELF)
	@mkdir -p $(@D)
	$(Q)$(BOOT_CORPUS_CC) $(BOOT_CORPUS_MAIN) $(if $(filter fuzz/allocators/% core/%,$<),$(ALLOCATOR_CFLAGS)) -MMD -MP -c -o $@ $<
build/boot/corpus/%.o: %.S $(BOOT_SELF)
	@mkdir -p $(@D)
	$(Q)$(call BOOT_gcc,x86_64) -MMD -MP -c -o $@ $<
build/boot/corpus/corpus.elf: $(BOOT_CORPUS_OBJECTS) $(BOOT_SCRIPT_x86_64)
	$(Q)$(call BOOT_gcc,x86_64) $(BOOT_LINK) -T $(BOOT_SCRIPT_x86_64) -o $@ $(filter %.o,$^)

# ---- all folders, three of them with a planted fault that a boot must find ----
ifneq ($(filter build/boot/%,$(GOALS)),)
$(foreach machine,$(BOOT_MACHINES),$(foreach compiler,gcc clang,\
    $(eval $(call boot_kernel,$(machine),$(compiler),$(machine)-$(compiler),))))
$(eval $(call boot_kernel,x86_64,gcc,x86_64-unlocked,))
$(eval $(call boot_kernel,x86_64,gcc,x86_64-stuck,-DBOOT_CPU_STUCK))
$(eval $(call boot_kernel,x86_64,gcc,x86_64-overlaid,-DBOOT_METADATA_OVER_INITRD))
-include $(BOOT_CORPUS_OBJECTS:.o=.d)
endif
