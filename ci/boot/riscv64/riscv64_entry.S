/*
 * From OpenSBI, in supervisor mode without paging: a0 is the hart's id, a1 the device tree. tp holds the number of the CPU
 * from here on. Harts arrive in any order and the first one may have any id: numbers are dense, ids need not be.
 */
    .section .header, "ax"
    .globl _start
_start:
    csrw sie, zero
    la t0, riscv64_traps
    csrw stvec, t0
    li tp, 0
    la sp, riscv64_stacks
    li t0, 16384
    add sp, sp, t0
    call riscv64_main

    .globl riscv64_other_enter
riscv64_other_enter:                /* a1: the number of this CPU */
    la t0, riscv64_traps
    csrw stvec, t0
    mv tp, a1
    la sp, riscv64_stacks
    addi t0, a1, 1
    slli t0, t0, 14
    add sp, sp, t0
    mv a0, a1
    call riscv64_other_main

    .text
    .balign 4
riscv64_traps:
    addi sp, sp, -128
    sd ra, 0(sp)
    sd t0, 8(sp)
    sd t1, 16(sp)
    sd t2, 24(sp)
    sd t3, 32(sp)
    sd t4, 40(sp)
    sd t5, 48(sp)
    sd t6, 56(sp)
    sd a0, 64(sp)
    sd a1, 72(sp)
    sd a2, 80(sp)
    sd a3, 88(sp)
    sd a4, 96(sp)
    sd a5, 104(sp)
    sd a6, 112(sp)
    sd a7, 120(sp)
    csrr a0, scause
    csrr a1, sepc
    call riscv64_trap
    ld ra, 0(sp)
    ld t0, 8(sp)
    ld t1, 16(sp)
    ld t2, 24(sp)
    ld t3, 32(sp)
    ld t4, 40(sp)
    ld t5, 48(sp)
    ld t6, 56(sp)
    ld a0, 64(sp)
    ld a1, 72(sp)
    ld a2, 80(sp)
    ld a3, 88(sp)
    ld a4, 96(sp)
    ld a5, 104(sp)
    ld a6, 112(sp)
    ld a7, 120(sp)
    addi sp, sp, 128
    sret

    .section .note.GNU-stack, "", @progbits
