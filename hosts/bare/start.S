/* SPDX-License-Identifier: MIT */
/*
 * start: from what the boot protocols leave, 32-bit code without paging, to
 * entry() in long mode.
 *
 *   PVH          %ebx = start info                    start_pvh
 *   multiboot2   %eax = magic, %ebx = information     start_multiboot2
 *
 * The first MAPPED_GIB of addresses are mapped onto themselves, in pages of 2 MiB,
 * which every processor in long mode has.
 *
 * Source: Xen docs/misc/pvh.pandoc; Multiboot2 2.0, 3.1 and 3.3; Intel SDM 3A
 * 10.8.5.
 */
#include "layout.h"

/* Multiboot2 2.0, 3.1.1: in the first 32 KiB of the file, no tags but the last. */
	.section .multiboot2, "a"
	.balign 8
header:
	.long	0xe85250d6
	.long	0			/* i386, protected mode */
	.long	header_end - header
	.long	-(0xe85250d6 + 0 + (header_end - header))
	.word	0, 0			/* the last tag */
	.long	8
header_end:

/* XEN_ELFNOTE_PHYS32_ENTRY: where PVH enters. */
	.section .note.Xen, "a", @note
	.balign 4
	.long	4, 8, 18
	.asciz	"Xen"
	.quad	start_pvh

	.section .rodata
	.balign 8
	.global gdt
gdt:
	.quad	0
	.quad	0x00af9a000000ffff	/* CODE64 */
	.quad	0x00cf92000000ffff	/* DATA */
	.quad	0x00cf9a000000ffff	/* CODE32 */
gdt_pointer:
	.word	GDT_BYTES - 1
	.quad	gdt

	.bss
	.balign 4096
	.global early_tables
early_tables:				/* level 4, level 3, then a level 2 for each GiB */
	.skip	4096 * (2 + MAPPED_GIB)
	.balign 16
	.skip	BOOT_STACK
boot_stack:

	.text
	.code32
	.global start_pvh, start_multiboot2
start_pvh:
	xor	%ebp, %ebp		/* no magic is that of PVH */
	jmp	1f
start_multiboot2:
	mov	%eax, %ebp
1:	cli
	cld
	mov	$bss_start, %edi	/* %ebx, the protocol's information, is kept */
	mov	$bss_end, %ecx
	sub	%edi, %ecx
	xor	%eax, %eax
	rep stosb
	mov	$boot_stack, %esp

	/* The tables: one entry of level 4, MAPPED_GIB of level 3, 512 for each below. */
	movl	$early_tables + 4096 + PAGE_TABLE, early_tables
	mov	$early_tables + 2 * 4096 + PAGE_TABLE, %eax
	xor	%ecx, %ecx
2:	mov	%eax, early_tables + 4096(, %ecx, 8)
	add	$4096, %eax
	inc	%ecx
	cmp	$MAPPED_GIB, %ecx
	jne	2b
	xor	%ecx, %ecx
3:	mov	%ecx, %eax
	shl	$21, %eax
	or	$PAGE_LARGE, %eax
	mov	%ecx, %edx
	shr	$11, %edx
	mov	%eax, early_tables + 2 * 4096(, %ecx, 8)
	mov	%edx, early_tables + 2 * 4096 + 4(, %ecx, 8)
	inc	%ecx
	cmp	$MAPPED_GIB * 512, %ecx
	jne	3b

	lgdt	gdt_pointer
	call	enter_long_mode
	ljmp	$CODE64, $4f
	.code64
4:	mov	$boot_stack, %esp
	mov	%ebp, %edi
	mov	%ebx, %esi
	xor	%ebp, %ebp
	call	entry
5:	hlt
	jmp	5b

/* Turns paging on as paging_* say; the caller jumps to 64-bit code. It needs a stack,
 * and changes %eax, %ecx and %edx. */
	.code32
	.global enter_long_mode
enter_long_mode:
	mov	%cr4, %eax
	or	paging_cr4, %eax
	mov	%eax, %cr4
	mov	paging_root, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx	/* EFER */
	rdmsr
	or	paging_efer, %eax
	wrmsr
	mov	%cr0, %eax
	or	$1 << 31 | 1 << 16, %eax	/* paging, write protection */
	mov	%eax, %cr0
	mov	$DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	ret

/* enter_tables(): leaves long mode and enters it again as paging_* say now: five levels
 * cannot be had on the way. The stack is below 4 GiB. Intel SDM 3A 4.1.2. */
	.code64
	.global enter_tables
enter_tables:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, %rbp
	push	$CODE32
	push	$6f
	lretq
	.code32
6:	mov	%cr0, %eax
	and	$~(1 << 31), %eax
	mov	%eax, %cr0
	call	enter_long_mode
	ljmp	$CODE64, $7f
	.code64
7:	mov	%ebp, %esp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

/* What paging is to be. All processors get the same. */
	.data
	.balign 4
	.global paging_root, paging_cr4, paging_efer
paging_root:
	.long	early_tables
paging_cr4:
	.long	1 << 5			/* PAE */
paging_efer:
	.long	1 << 8			/* long mode */

	.section .note.GNU-stack, "", @progbits
