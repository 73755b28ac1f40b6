/* SPDX-License-Identifier: MIT */
/*
 * trampoline: where a processor starts: in real mode, at a page below 1 MiB to
 * which the first part is copied. It goes on in the image, by way of protected
 * mode, to processor_main() on a stack of its own.
 *
 * Source: Intel SDM 3A 9.4.4.
 */
#include "layout.h"

	.section .rodata
	.balign 8
	.global trampoline, trampoline_end
	.code16
trampoline:
	cli
	lgdtl	%cs:(2f - trampoline)
	mov	%cr0, %eax
	or	$1, %eax
	mov	%eax, %cr0
	ljmpl	$CODE32, $start_processor
	.balign 4
2:	.word	GDT_BYTES - 1
	.long	gdt
trampoline_end:

	.text
	.code32
start_processor:
	mov	$DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$processor_stack, %esp
	call	enter_long_mode
	ljmp	$CODE64, $1f
	.code64
1:	mov	processor_starting, %rdi	/* the one that is being started */
	mov	(%rdi), %rsp		/* the top of its stack comes first */
	xor	%ebp, %ebp
	call	processor_main
2:	cli
	hlt
	jmp	2b

/* call_on_stack(top, function, argument): a call with another stack. */
	.global call_on_stack
call_on_stack:
	push	%rbp
	mov	%rsp, %rbp
	mov	%rdi, %rsp
	mov	%rdx, %rdi
	call	*%rsi
	mov	%rbp, %rsp
	pop	%rbp
	ret

	.bss
	.balign 16
	.skip	64			/* for the one call that is made before long mode */
processor_stack:

	.section .note.GNU-stack, "", @progbits
