/* SPDX-License-Identifier: MIT */
/*
 * handover: what the boot protocol hands over, copied out of its structures.
 */
#ifndef HOSTS_BARE_HANDOVER_H
#define HOSTS_BARE_HANDOVER_H

#include <numaboot/adapters.h>

/* What %eax holds if multiboot2 started the image. */
#define MULTIBOOT2_MAGIC 0x36d76289u

/* Reads what the protocol of this magic left at an address. Null, or what is wrong. */
const char *handover_read(struct nb_loader *to, uint32_t magic, nb_phys info);

/* Where the memory ends that is mapped. */
nb_phys memory_end(void);

/* Memory at an address: null beyond what is mapped. */
const void *memory_at(nb_phys address, size_t len);

/* The same for whom the library asks. */
extern struct nb_map memory_map;

#endif
