/* SPDX-License-Identifier: MIT */
/* kernel: what the tutorial's kernel has of its own, and what it gets from memory.c. */
#ifndef TESTS_EMBEDDING_KERNEL_H
#define TESTS_EMBEDDING_KERNEL_H

#include <numaboot/firmware.h>

/* All memory below is mapped where it is. Bytes. */
#define MAPPED (64 * NB_GIB)

/* Where the kernel lies, from its first byte to the end of its .bss. */
struct nb_range kernel_image(void);

_Noreturn void kernel_panic(const char *what, const char *file, int line);

/* memory.c */
void memory_boot(const struct nb_e820_entry *entries, uint32_t count, nb_phys rsdp);
void memory_hand_over(void);
nb_pfn memory_page(uint32_t cpu, int32_t nid);

#endif
