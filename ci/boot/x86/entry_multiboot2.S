/* Multiboot 2: the header with no wishes and the entry, in 32-bit protected mode, %ebx: the block of tags. */
    .section .header, "a"
    .balign 8
header:
    .long 0xe85250d6, 0, header_end - header, -(0xe85250d6 + (header_end - header))
    .short 0, 0
    .long 8
header_end:

    .section .text.entry, "ax"
    .code32
    .globl _start
_start:
    movl $1, %edi
    movl %ebx, %esi
    jmp x86_enter

    .section .note.GNU-stack, "", @progbits
