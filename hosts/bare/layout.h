/* SPDX-License-Identifier: MIT */
/*
 * layout: what assembly and C have to agree on.
 */
#ifndef HOSTS_BARE_LAYOUT_H
#define HOSTS_BARE_LAYOUT_H

/* Selectors of the descriptor table in start.S. */
#define CODE64 0x08
#define DATA 0x10
#define CODE32 0x18
#define GDT_BYTES 32

/* Memory that the early tables map onto itself, and bits of their entries. */
#define MAPPED_GIB 64
#define PAGE_TABLE 0x03 /* present, writable */
#define PAGE_LARGE 0x83 /* the same, and a page of 2 MiB */

/* Bytes of the stack that the boot CPU begins on. */
#define BOOT_STACK 16384

/* Exceptions of the processor: vectors 0 to 31. */
#define TRAPS 32

#endif
