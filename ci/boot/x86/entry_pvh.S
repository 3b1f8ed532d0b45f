/* PVH: the note XEN_ELFNOTE_PHYS32_ENTRY and the entry, in 32-bit protected mode, %ebx: start info. */
    .section .note.pvh, "a", @note
    .balign 4
    .long 4, 4, 18
    .asciz "Xen"
    .long _start

    .section .text.entry, "ax"
    .code32
    .globl _start
_start:
    movl $2, %edi
    movl %ebx, %esi
    jmp x86_enter

    .section .note.GNU-stack, "", @progbits
