/* SPDX-License-Identifier: MIT */
/*
 * traps: an entry for each exception: it pushes a zero where the processor pushes
 * no error code, then the vector, and calls trap_taken(), which does not return.
 *
 * Source: Intel SDM 3A 6.15.
 */
#include "layout.h"

/* Vectors with an error code. */
#define WITH_CODE (1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17 | 1 << 21)

	.text
	.global trap_entries
	.balign 16
trap_entries:				/* 16 bytes each */
	.set	vector, 0
	.rept	TRAPS
	.balign 16
	.if	!(WITH_CODE >> vector & 1)
	push	$0
	.endif
	push	$vector
	jmp	trap
	.set	vector, vector + 1
	.endr

trap:
	pop	%rdi			/* vector */
	pop	%rsi			/* error code */
	mov	(%rsp), %rdx		/* where */
	mov	%cr2, %rcx
	and	$-16, %rsp
	call	trap_taken

	.section .note.GNU-stack, "", @progbits
