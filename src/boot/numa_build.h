/* SPDX-License-Identifier: MIT */
/*
 * numa_build: what the files of the numa stage share: one build in progress.
 *
 *   numa.c         the attempts, and what becomes of an accepted one
 *   numa_acpi.c    SRAT, SLIT and CEDT into blocks, APIC IDs and distances
 *   numa_blocks.c  blocks cut to RAM and joined
 *   numa_fake.c    numa=fake=
 *   numa_flat.c    no NUMA at all
 *   numa_mend.c    the tolerant policy
 */
#ifndef NB_BOOT_NUMA_BUILD_H
#define NB_BOOT_NUMA_BUILD_H

#include <numaboot/acpi.h>
#include <numaboot/events.h>
#include <numaboot/numa.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>

enum {
	NB_LOCAL_DISTANCE = 10,
	NB_REMOTE_DISTANCE = 20,
};

/* One build. What is here outlives a rejected attempt, as it does in Linux. */
struct nb_numa_build {
	struct nb_numa *numa;
	struct nb_memblock *mb;
	const struct nb_firmware *fw;
	const struct nb_params *params;
	const struct nb_env *env;
	nb_pfn max_pfn;

	bool srat_off; /* numa=noacpi, or the SRAT was rejected */
	uint8_t srat_revision;
	uint32_t memory_entries;        /* that were accepted */
	bool told_bounds, told_invalid; /* Linux warns of bad distances once */
	bool distance_failed;           /* no memory for a table: it is not tried again */
	struct nb_text fake;            /* what is left to read of numa=fake= */
	struct nb_range distance_at;    /* what the distance table takes of memblock */
	enum nb_err err;                /* the caller's limits are too small, or the kernel died */
};

/*
 * What an attempt or a step of it came to. A rejection is told by an event; what
 * keeps the whole build from going on is in build->err.
 */
enum nb_verdict {
	NB_ACCEPTED,
	NB_REJECTED,
};

/* A list of blocks with its capacity in the modelled kernel. */
struct nb_block_list {
	struct nb_block *at;
	uint32_t count;
};

/* numa.c: marks memory as hot-pluggable, or as what cannot go. */
NB_MUST_CHECK enum nb_err nb_numa_set_hotplug(struct nb_numa_build *b, struct nb_range range,
					      bool on);

/* numa_acpi.c: fills the build from the tables. Linux 6.12 drivers/acpi/numa/srat.c. */
enum nb_verdict nb_numa_from_acpi(struct nb_numa_build *b);

/* numa_blocks.c */

/* Adds a block. Empty and backward ones are not added, but are no failure; false
 * if the kernel's list is full. Linux 6.12 mm/numa_memblks.c numa_add_memblk_to(). */
bool nb_blocks_add(struct nb_numa_build *b, struct nb_block block, uint32_t who);

/* Keeps a block for memory that may be added later. */
void nb_blocks_set_aside(struct nb_numa_build *b, struct nb_block block, enum nb_why why);

/* Stretches blocks to fill a window; false if none touches it.
 * Linux 6.12 mm/numa_memblks.c numa_fill_memblks(). */
bool nb_blocks_fill(struct nb_numa_build *b, struct nb_range window);

/* Cuts blocks to RAM, sets aside what is none, joins what may be joined.
 * Linux 6.12 mm/numa_memblks.c numa_cleanup_meminfo(). */
enum nb_verdict nb_blocks_clean(struct nb_numa_build *b, struct nb_block_list *list);

/* numa_distance.c */

/* Sets one distance; the table is made at the first call. Linux 6.12
 * mm/numa_memblks.c numa_set_distance(). */
void nb_distance_set(struct nb_numa_build *b, int32_t from, int32_t to, int64_t distance);
void nb_distance_reset(struct nb_numa_build *b);
/* Takes size bytes of memblock for a table of distances. False: there is no room;
 * or else b->err is set. */
bool nb_distance_take(struct nb_numa_build *b, nb_phys size, struct nb_range *at);
void nb_distance_give_back(struct nb_numa_build *b, struct nb_range at);

/* numa_fake.c: splits nodes as numa=fake= asks, or leaves them as they are.
 * NB_REJECTED never; b->err if the kernel dies. Linux 6.12 mm/numa_emulation.c. */
void nb_numa_fake(struct nb_numa_build *b);

/* numa_mend.c: the tolerant policy; with Linux's own nothing is mended, and told. */

/* An entry gets the length that it should have, unless that is 0, and the walk goes on
 * behind it. */
void nb_mend_length(const struct nb_numa_build *b, struct nb_entry_walk *walk,
		    struct nb_entry *entry, uint32_t length, bool tells);

/* Whether an entry that cannot be used is left out; what stands before the entry without
 * length counts; a SLIT that is cut off is left out. Else Linux's rejection is due. */
bool nb_mend_entry(const struct nb_numa_build *b, enum nb_why why, const struct nb_entry *entry);
bool nb_mend_end(const struct nb_numa_build *b);
bool nb_mend_slit(const struct nb_numa_build *b, const struct nb_fault *fault);

/* Whether distances are mended one by one, and one of them, mended if so. */
bool nb_mend_distances(const struct nb_numa_build *b);
uint8_t nb_mend_distance(const struct nb_numa_build *b, const struct nb_slit *slit, uint32_t from,
			 uint32_t to);

/* Parts blocks of different nodes, and stretches them over all RAM. */
void nb_mend_blocks(struct nb_numa_build *b, struct nb_block_list *list);

/* numa_flat.c: the whole stage, for a kernel without NUMA. */
NB_MUST_CHECK enum nb_err nb_numa_flat(struct nb_numa_build *b);

#endif
