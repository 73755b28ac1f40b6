/* SPDX-License-Identifier: MIT */
/*
 * numa: which node each piece of RAM and each APIC ID is on, how far nodes are
 * from each other, which nodes there are at all.
 */
#ifndef NUMABOOT_NUMA_H
#define NUMABOOT_NUMA_H

#include <numaboot/e820.h>
#include <numaboot/firmware.h>
#include <numaboot/memblock.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_env;

/* Bytes of a node, as the tables claim them: RAM or not. */
struct nb_block {
	struct nb_range range;
	int32_t nid;
};

/* The most proximity domains that have a map entry: PXMs are 0 .. this - 1. */
enum { NB_MAX_PXMS = NB_MAX_NODES };

/* Who decided the nodes. */
enum nb_numa_source {
	NB_NUMA_ACPI,
	NB_NUMA_DUMMY,
	NB_NUMA_NONE, /* the kernel is built without NUMA */
};

/* Working memory of the stage; nothing in it outlives nb_numa_build(). */
struct nb_numa_scratch {
	struct nb_block *physical, *fake; /* [block_cap] each, for emulation */
	uint32_t *index, *run;            /* [block_cap] each, to order blocks */
	uint8_t *distance;                /* [distance_cap * distance_cap], a copy */
	int16_t *pxm_node;                /* [NB_MAX_PXMS], a copy */
	int32_t *node_pxm;                /* [nodes], a copy */
	int16_t *lowest;                  /* [nodes] lowest emulated node of a physical one */
};

struct nb_numa {
	enum nb_numa_source source;
	bool srat_rejected;        /* or ignored by numa=noacpi: nothing else asks it */
	uint32_t nodes;            /* node numbers that the arrays have room for */
	struct nb_nodes parsed;    /* nodes that a table or an emulation named */
	struct nb_nodes possible;  /* parsed, and those of the blocks */
	struct nb_nodes online;    /* those with memory: NODE_DATA was made for them */
	struct nb_nodes too_small; /* named, but so small that they got no data */
	struct nb_nodes initiator; /* those with a generic initiator */
	struct nb_nodes of_cpus;   /* physical ones that processors name, in a rejected table too */
	uint32_t nr_node_ids;      /* highest possible node + 1 */

	struct nb_block *blocks; /* RAM, cleaned: disjoint between nodes */
	uint32_t block_count, block_cap;
	struct nb_block *reserved; /* claimed but not RAM now: hot-added memory looks here */
	uint32_t reserved_count, reserved_cap;

	int16_t *apic_node; /* [apic_ids] node of an APIC ID, or NB_NO_NODE */
	uint32_t apic_ids;
	int16_t *pxm_node;        /* [NB_MAX_PXMS] node of a PXM, or NB_NO_NODE */
	int32_t *node_pxm;        /* [nodes] PXM of a node, or -1 */
	struct nb_nodes numbered; /* numbers that PXMs have taken; a rejected table keeps its own */

	uint8_t *distance;       /* [distance_count * distance_count], row by row */
	uint32_t distance_count; /* 0: no table, 10 and 20 are assumed */

	bool emulated;          /* numa=fake= took effect */
	int16_t *emulated_phys; /* [nodes] physical node of a node; itself without emulation */

	nb_phys *node_data;   /* [nodes] address of NODE_DATA; 0: none */
	nb_phys max_possible; /* end of RAM or of any SRAT memory, for memory that is added later */

	struct nb_numa_scratch scratch;
};

/*
 * Decides the nodes and binds memblock's ranges to them.
 *
 * Errors: NB_ERR_FULL if the caller's limits are too small; NB_ERR_DIES if the
 * modelled kernel dies here, after an event.
 * Source: Linux 6.12 arch/x86/mm/numa.c x86_numa_init(), mm/numa_memblks.c,
 * drivers/acpi/numa/srat.c acpi_numa_init().
 */
NB_MUST_CHECK enum nb_err nb_numa_build(struct nb_numa *numa, struct nb_memblock *mb,
					const struct nb_e820 *e820, const struct nb_firmware *fw,
					const struct nb_params *params, const struct nb_env *env);

/* The distance as Linux reports it: 10 and 20 where the table has no entry. */
uint8_t nb_numa_distance(const struct nb_numa *numa, int32_t from, int32_t to);

/*
 * The node that memory added at an address would join: that of the block, else
 * the second list's, else NB_NO_NODE.
 * Source: Linux 6.12 mm/numa_memblks.c phys_to_target_node().
 */
int32_t nb_numa_target_node(const struct nb_numa *numa, nb_phys address);

#ifdef __cplusplus
}
#endif
#endif
