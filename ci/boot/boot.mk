# The example kernels that `make boot` boots: core/, the shared part, and one machine's files; gcc and clang. Included by
# the Makefile. build/boot/<machine>-<compiler>/ has objects and images; BOOT_<machine> are the flags a kernel needs.

BOOT_MACHINES := x86_64 i686 aarch64 riscv64
BOOT_COMMON := -std=c11 -Wall -Wextra -Wconversion -Wshadow -Wvla -Werror -g -O2 -ffreestanding -fno-stack-protector \
    -fno-pic -fno-pie -fno-asynchronous-unwind-tables
BOOT_x86_64 := -mno-red-zone -mgeneral-regs-only
BOOT_i686 := -mgeneral-regs-only
BOOT_aarch64 := -mgeneral-regs-only -mno-outline-atomics
BOOT_riscv64 := -march=rv64imac -mabi=lp64 -mcmodel=medany
BOOT_CPU := -include ci/boot/kernel/kernel_cpu.h# for core/: PMM_THIS_CPU
BOOT_LINK := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments

BOOT_gcc = $1-linux-gnu-gcc
BOOT_clang = $(CLANG) --target=$1-linux-gnu

# ---- sources ----
BOOT_KERNEL := $(addprefix ci/boot/kernel/,kernel_main.c memory.c stress.c calls.c handover.c console.c)
BOOT_PC := $(addprefix ci/boot/x86/,x86_entry.S x86_traps.S x86_machine.c) $(addprefix ci/boot/kernel/,loader_multiboot1.c \
    loader_multiboot2.c loader_pvh.c handover.c console.c) ci/boot/libc/string.c
BOOT_TREE := ci/boot/kernel/loader_device_tree.c ci/boot/libc/string.c
BOOT_OF_x86_64 := $(BOOT_KERNEL) $(BOOT_PC)
BOOT_OF_i686 := $(BOOT_KERNEL) $(BOOT_PC)
BOOT_OF_aarch64 := $(BOOT_KERNEL) $(BOOT_TREE) $(wildcard ci/boot/aarch64/*.[cS])
BOOT_OF_riscv64 := $(BOOT_KERNEL) $(BOOT_TREE) $(wildcard ci/boot/riscv64/*.[cS])
BOOT_SCRIPT_x86_64 := ci/boot/x86/x86.ld
BOOT_SCRIPT_i686 := ci/boot/x86/x86.ld
BOOT_SCRIPT_aarch64 := ci/boot/aarch64/aarch64.ld
BOOT_SCRIPT_riscv64 := ci/boot/riscv64/riscv64.ld
BOOT_CORPUS := $(addprefix fuzz/targets/,replay.c) $(filter reference/% fuzz/program/% fuzz/run/%,$(HARNESS)) $(OURS)
BOOT_LIBC := $(wildcard ci/boot/libc/*.c)

# libfdt is declared by Debian's libfdt-dev; its code, for another machine than this one, by the subset.
build/boot/include/libfdt.h: $(wildcard /usr/include/libfdt.h)
	@mkdir -p $(@D)
	$(Q)cp /usr/include/fdt.h /usr/include/libfdt.h /usr/include/libfdt_env.h $(@D)
BOOT_FDT = $(or $(wildcard /usr/lib/$1-linux-gnu/libfdt.a),build/boot/$1-$2/ci/boot/kernel/fdt_subset.o)
BOOT_INCLUDE = -nostdinc -isystem $(shell $(call BOOT_gcc,$1) -print-file-name=include) -isystem ci/boot/libc \
    -isystem build/boot/include

# ---- objects and images ----
# $(call boot_images,MACHINE,COMPILER): its images, by the way they are loaded.
boot_images = $(if $(filter x86_64,$1),multiboot1.elf multiboot1.elf32 multiboot2.elf pvh.elf,$(if $(filter i686,$1), \
    multiboot1.elf,$(if $(filter aarch64,$1),tree.image,tree.elf)))
boot_objects = $(patsubst %,build/boot/$1-$2/%.o,$(basename $3))

define boot_kernel
BOOT_CC_$1_$2 = $$(call BOOT_$2,$1) $$(BOOT_COMMON) $$(BOOT_$1)
build/boot/$1-$2/%.o: %.S $$(BOOT_SELF)
	@mkdir -p $$(@D)
	$$(Q)$$(call BOOT_gcc,$1) -g -MMD -MP -c -o $$@ $$<
build/boot/$1-$2/core/%.o: core/%.c $$(BOOT_SELF)
	@mkdir -p $$(@D)
	$$(Q)$$(BOOT_CC_$1_$2) $$(BOOT_CPU) -MMD -MP -c -o $$@ $$<
build/boot/$1-$2/ci/boot/%.o: ci/boot/%.c $$(BOOT_SELF) | build/boot/include/libfdt.h
	@mkdir -p $$(@D)
	$$(Q)$$(BOOT_CC_$1_$2) $$(call BOOT_INCLUDE,$1) -MMD -MP -c -o $$@ $$<
build/boot/$1-$2/multiboot1.elf build/boot/$1-$2/multiboot2.elf build/boot/$1-$2/pvh.elf: \
    build/boot/$1-$2/%.elf: build/boot/$1-$2/ci/boot/x86/entry_%.o \
    $$(call boot_objects,$1,$2,$$(BOOT_OF_$1) $$(CORE)) $$(BOOT_SCRIPT_$1)
	$$(Q)$$(call BOOT_gcc,$1) $$(BOOT_LINK) -T $$(BOOT_SCRIPT_$1) -o $$@ $$(filter %.o,$$^)
build/boot/$1-$2/tree.elf: $$(call boot_objects,$1,$2,$$(BOOT_OF_$1) $$(CORE)) $$(call BOOT_FDT,$1,$2) $$(BOOT_SCRIPT_$1)
	$$(Q)$$(call BOOT_gcc,$1) $$(BOOT_LINK) -T $$(BOOT_SCRIPT_$1) -o $$@ $$(filter %.o %.a,$$^)
-include $$(patsubst %.o,%.d,$$(call boot_objects,$1,$2,$$(BOOT_OF_$1) $$(CORE)))
endef

ifneq ($(filter boot build/boot/%,$(GOALS)),)
BOOT_SELF := ci/boot/boot.mk
$(foreach machine,$(BOOT_MACHINES),$(foreach compiler,gcc clang,$(eval $(call boot_kernel,$(machine),$(compiler)))))
endif

%.elf32: %.elf # QEMU's -kernel takes Multiboot 1 in a 32-bit file alone
	$(Q)objcopy -O elf32-i386 $< $@
%.image: %.elf
	$(Q)aarch64-linux-gnu-objcopy -O binary $< $@
