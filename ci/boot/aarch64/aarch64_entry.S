/*
 * The header of a Linux image, so that QEMU hands over the device tree in x0; then the MMU, since atomics are defined on
 * ordinary memory alone: 512 GiB at their physical addresses in blocks of 1 GiB, the first of them devices. Below that the
 * vectors; interrupts come from this exception level with its own stack.
 */
    .section .header, "ax"
    .globl _start
_start:
    b enter
    .long 0
    .quad 0x200000                  /* offset from the begin of memory */
    .quad image_bytes
    .quad 0x2                       /* 4 KiB pages, little-endian */
    .quad 0, 0, 0
    .ascii "ARM\x64"
    .long 0

    .text
enter:
    mov x19, x0
    adrp x1, aarch64_tables
    mov x2, #0x405                  /* devices: block, accessed, attribute 1 */
    str x2, [x1]
    mov x3, #1
1:  lsl x2, x3, #30
    movk x2, #0x701                 /* memory: block, accessed, inner shareable, attribute 0 */
    str x2, [x1, x3, lsl #3]
    add x3, x3, #1
    cmp x3, #512
    b.ne 1b
    bl mmu_on
    msr tpidr_el1, xzr
    ldr x1, =aarch64_stacks + 16384
    mov sp, x1
    mov x0, x19
    bl aarch64_main

    .globl aarch64_other_enter
aarch64_other_enter:                /* x0: the number of this CPU */
    mov x19, x0
    bl mmu_on
    msr tpidr_el1, x19
    ldr x1, =aarch64_stacks
    add x2, x19, #1
    add x1, x1, x2, lsl #14
    mov sp, x1
    mov x0, x19
    bl aarch64_other_main

mmu_on:
    adrp x1, aarch64_tables
    msr ttbr0_el1, x1
    ldr x1, =0x04ff                 /* attribute 0: write-back memory; 1: devices */
    msr mair_el1, x1
    ldr x1, =0x200803519            /* 39 bits, 4 KiB, write-back, inner shareable; 40 bits of physical address */
    msr tcr_el1, x1
    ldr x1, =aarch64_vectors
    msr vbar_el1, x1
    isb
    tlbi vmalle1
    dsb sy
    mrs x1, sctlr_el1
    mov x2, #0x1005                 /* MMU and caches */
    orr x1, x1, x2
    msr sctlr_el1, x1
    isb
    ret

/* Saves what a call may change and hands the kind and the address of the interrupted instruction to C. */
    .macro vector kind
    .balign 128
    stp x0, x1, [sp, #-176]!
    stp x2, x3, [sp, #16]
    mov x0, #\kind
    b trap_common
    .endm

    .balign 2048
aarch64_vectors:
    .set kind, 0
    .rept 16
    vector kind
    .set kind, kind + 1
    .endr

trap_common:
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    stp x8, x9, [sp, #64]
    stp x10, x11, [sp, #80]
    stp x12, x13, [sp, #96]
    stp x14, x15, [sp, #112]
    stp x16, x17, [sp, #128]
    stp x18, x30, [sp, #144]
    str x29, [sp, #160]
    mrs x1, elr_el1
    bl aarch64_trap
    ldr x29, [sp, #160]
    ldp x18, x30, [sp, #144]
    ldp x16, x17, [sp, #128]
    ldp x14, x15, [sp, #112]
    ldp x12, x13, [sp, #96]
    ldp x10, x11, [sp, #80]
    ldp x8, x9, [sp, #64]
    ldp x6, x7, [sp, #48]
    ldp x4, x5, [sp, #32]
    ldp x2, x3, [sp, #16]
    ldp x0, x1, [sp], #176
    eret

    .bss
    .balign 4096
aarch64_tables:
    .skip 4096

    .section .note.GNU-stack, "", @progbits
