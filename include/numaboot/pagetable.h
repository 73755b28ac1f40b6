/* SPDX-License-Identifier: MIT */
/*
 * pagetable: page tables as an x86-64 processor reads them: entered one by one,
 * and walked.
 */
#ifndef NUMABOOT_PAGETABLE_H
#define NUMABOOT_PAGETABLE_H

#include <numaboot/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where tables are written. page() gives a table of 512 entries at a physical
 * address of the machine; one that was never given out before must be all zero.
 */
struct nb_page_tables {
	uint64_t *(*page)(struct nb_page_tables *self, nb_phys at);
	nb_phys root;    /* the table of the highest level, which the caller has */
	uint8_t levels;  /* 4 or 5 */
	bool no_execute; /* the processor knows NX, and it is on */
	bool global;     /* entries stay in the TLB when the root changes: no isolation */
};

/* What a walk over tables found. */
struct nb_translation {
	nb_phys physical;
	enum nb_page_size size;
	bool writable, executable;
};

/* Enters a table of a level, 1 to levels - 1, into the one above it. That must be
 * there, and the address inside of what it stands for. */
void nb_tables_link(struct nb_page_tables *tables, uint64_t address, unsigned level, nb_phys table);

/* Enters pages of one size for `bytes` from an address on. The table that holds
 * them must be there; all of them are inside of it. */
void nb_tables_fill(struct nb_page_tables *tables, uint64_t address, nb_phys physical,
		    uint64_t bytes, enum nb_page_size size);

/* Translates an address as a processor does; false if it is not mapped.
 * Source: Intel 64 Software Developer's Manual 3A 4.5. */
bool nb_tables_walk(struct nb_page_tables *tables, uint64_t address, struct nb_translation *out);

#ifdef __cplusplus
}
#endif
#endif
