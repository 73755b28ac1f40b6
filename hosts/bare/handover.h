/* SPDX-License-Identifier: MIT */
/*
 * handover: what the boot protocol hands over, copied out of its structures.
 */
#ifndef HOSTS_BARE_HANDOVER_H
#define HOSTS_BARE_HANDOVER_H

#include <numaboot/acpi.h>
#include <numaboot/firmware.h>

/* As many entries as the page of Linux's own boot protocol has, and COMMAND_LINE_SIZE. */
enum { HANDOVER_MAP = 128, HANDOVER_CMDLINE = 2048 };

struct handover {
	struct nb_e820_entry map[HANDOVER_MAP];
	uint32_t map_count; /* may be more than there is room for */
	nb_phys rsdp;       /* 0: none was handed over */
	bool efi;
	char cmdline[HANDOVER_CMDLINE]; /* cut to what fits */
};

/* Each reads what its protocol left at an address. Null, or what is wrong with it. */
const char *pvh_read(struct handover *to, nb_phys info);
const char *multiboot2_read(struct handover *to, nb_phys info);

/* What %eax holds if multiboot2 started the image. */
#define MULTIBOOT2_MAGIC 0x36d76289u

/* Where the memory ends that is mapped. */
nb_phys memory_end(void);

/* Memory at an address: null beyond what is mapped. */
const void *memory_at(nb_phys address, size_t len);

/* The same for whom the library asks. */
extern struct nb_map memory_map;

void handover_add(struct handover *to, struct nb_e820_entry entry);
void handover_cmdline(struct handover *to, const char *text, size_t most);

#endif
