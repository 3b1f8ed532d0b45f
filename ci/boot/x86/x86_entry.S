/*
 * From 32-bit protected mode to C: the first CPU from its loader's entry, the others from real mode by way of a page below
 * 1 MiB. On x86-64 all memory up to 8 TiB is mapped at its physical address, in pages of 1 GiB. i686 runs without paging.
 */
#define CODE32 0x08
#define DATA   0x10
#define CODE64 0x18
#define STACK  16384
#define GIB_PAGES 8192

    .text
    .code32
    .globl x86_enter
x86_enter:                          /* %edi: which loader, %esi: its structure */
    cld
    lgdt gdt_pointer
    ljmp $CODE32, $first
first:
    movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $x86_stacks + STACK, %esp
#ifdef __x86_64__
    call map_all
    call enable_long_mode
    ljmp $CODE64, $first_long
    .code64
first_long:
    movl %edi, %edi                 /* the upper halves are not defined */
    movl %esi, %esi
    call x86_main
#else
    subl $8, %esp
    pushl %esi
    pushl %edi
    call x86_main
#endif

    .code32
other:                              /* another CPU, in protected mode */
    movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $1, %edi
    lock xaddl %edi, x86_next_cpu   /* dense numbers, in the order of arrival */
    movl %edi, %eax
    incl %eax
    imull $STACK, %eax
    leal x86_stacks(%eax), %esp
#ifdef __x86_64__
    call enable_long_mode
    ljmp $CODE64, $other_long
    .code64
other_long:
    movl %edi, %edi
    call x86_other_main
#else
    subl $12, %esp
    pushl %edi
    call x86_other_main
#endif

#ifdef __x86_64__
    .code32
map_all:                            /* entry i of 16 tables: GiB i; entry i of the root: table i */
    xorl %ecx, %ecx
1:  movl %ecx, %eax
    shll $30, %eax
    orl $0x83, %eax                 /* present, writable, 1 GiB */
    movl %eax, x86_tables(, %ecx, 8)
    movl %ecx, %eax
    shrl $2, %eax
    movl %eax, x86_tables + 4(, %ecx, 8)
    incl %ecx
    cmpl $GIB_PAGES, %ecx
    jne 1b
    xorl %ecx, %ecx
2:  movl %ecx, %eax
    shll $12, %eax
    addl $x86_tables + 3, %eax
    movl %eax, x86_root(, %ecx, 8)
    incl %ecx
    cmpl $GIB_PAGES / 512, %ecx
    jne 2b
    ret

enable_long_mode:                   /* to its compatibility mode */
    movl $x86_root, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $0x20, %eax                 /* PAE */
    movl %eax, %cr4
    movl $0xc0000080, %ecx          /* EFER.LME */
    rdmsr
    orl $0x100, %eax
    wrmsr
    movl %cr0, %eax
    orl $0x80000000, %eax           /* PG */
    movl %eax, %cr0
    ret

    .bss
    .balign 4096
x86_root:
    .skip 4096
x86_tables:
    .skip GIB_PAGES * 8
#endif

/* What other CPUs start with, copied to x86_trampoline_page; addresses that count there are relative to its begin. */
    .section .rodata
    .code16
    .globl x86_trampoline_begin, x86_trampoline_end
x86_trampoline_begin:
    cli
    movw %cs, %ax
    movw %ax, %ds
    lgdtl gdt_pointer_low - x86_trampoline_begin
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $CODE32, $other
gdt_pointer_low:
    .short 8 * 16 - 1
    .long x86_gdt
x86_trampoline_end:

gdt_pointer:
    .short 8 * 16 - 1
    .long x86_gdt

    .section .note.GNU-stack, "", @progbits
