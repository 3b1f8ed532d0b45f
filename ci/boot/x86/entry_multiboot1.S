/* Multiboot 1: the header (modules on pages, memory map wanted) and the entry, in 32-bit protected mode, %ebx: structure. */
    .section .header, "a"
    .balign 4
    .long 0x1badb002, 3, -(0x1badb002 + 3)

    .section .text.entry, "ax"
    .code32
    .globl _start
_start:
    movl $0, %edi
    movl %ebx, %esi
    jmp x86_enter

    .section .note.GNU-stack, "", @progbits
