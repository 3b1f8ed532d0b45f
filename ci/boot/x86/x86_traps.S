/*
 * The first 48 vectors, 16 bytes of code each; all come together in trap_common, which hands the number and the address
 * of the interrupted instruction to C. An NMI may strike the handler of the timer: nothing here is used twice at once but
 * the stack. The kernel is compiled without a red zone and without vector registers, so none are saved.
 */
    .text
    .globl x86_trap_stubs
    .balign 16
x86_trap_stubs:
    vector = 0
    .rept 48
    .balign 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21)
    push $0                         /* these come without an error code */
    .endif
    push $vector
    jmp trap_common
    vector = vector + 1
    .endr

trap_common:
#ifdef __x86_64__
    push %rax
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    cld
    mov 72(%rsp), %rdi
    mov 88(%rsp), %rsi
    call x86_trap
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rax
    add $16, %rsp
    iretq
#else
    push %eax
    push %ecx
    push %edx
    cld
    push 20(%esp)
    push 16(%esp)
    call x86_trap
    add $8, %esp
    pop %edx
    pop %ecx
    pop %eax
    add $8, %esp
    iretl
#endif

    .section .note.GNU-stack, "", @progbits
