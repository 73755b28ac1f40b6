/* SPDX-License-Identifier: MIT */
/* numa_room: the arrays that the stage numa fills, and a memblock of a few ranges. */
#ifndef TESTS_NUMA_ROOM_H
#define TESTS_NUMA_ROOM_H

#include "check.h"

#include <numaboot/memblock.h>
#include <numaboot/numa.h>
#include <numaboot/rules.h>

#include <string.h>

enum { ROOM_NODES = 128, ROOM_BLOCKS = 2048, ROOM_APICS = 1024, ROOM_REGIONS = 8192 };

static struct numa_room {
	struct nb_numa numa;
	struct nb_memblock mb;
	struct nb_kernel_config config;
	struct nb_region memory[ROOM_REGIONS], reserved[ROOM_REGIONS];
	struct nb_block blocks[4][ROOM_BLOCKS];
	uint32_t index[2][ROOM_BLOCKS];
	int16_t apic_node[ROOM_APICS], pxm_node[2][NB_MAX_PXMS], phys[2][ROOM_NODES];
	int32_t node_pxm[2][ROOM_NODES];
	uint8_t distance[2][ROOM_NODES * ROOM_NODES];
	nb_phys node_data[ROOM_NODES];
} room;

/* Begins anew: no memory, a kernel of this many nodes with little data for each. */
static inline void room_clear(uint32_t max_nodes)
{
	struct nb_numa *numa = &room.numa;

	memset(&room, 0xee, sizeof(room)); /* what an earlier boot may have left */
	memset(numa, 0, sizeof(*numa));
	*numa = (struct nb_numa){
		.nodes = ROOM_NODES,
		.blocks = room.blocks[0],
		.block_cap = ROOM_BLOCKS,
		.reserved = room.blocks[1],
		.reserved_cap = ROOM_BLOCKS,
		.apic_node = room.apic_node,
		.apic_ids = ROOM_APICS,
		.pxm_node = room.pxm_node[0],
		.node_pxm = room.node_pxm[0],
		.distance = room.distance[0],
		.emulated_phys = room.phys[0],
		.node_data = room.node_data,
		.scratch = { .physical = room.blocks[2],
			     .fake = room.blocks[3],
			     .index = room.index[0],
			     .run = room.index[1],
			     .distance = room.distance[1],
			     .pxm_node = room.pxm_node[1],
			     .node_pxm = room.node_pxm[1],
			     .lowest = room.phys[1] },
	};
	room.config = nb_configs[NB_LINE_6_12];
	room.config.max_nodes = max_nodes;
	room.config.node_data_bytes = 0x1000;
	nb_memblock_init(&room.mb, room.memory, room.reserved, ROOM_REGIONS);
}

static inline void room_add_ram(nb_phys start, nb_phys end)
{
	check(nb_memblock_add(&room.mb, start, end, NB_NO_NODE, 0) == NB_OK, "RAM is added");
}

static inline void room_reserve(nb_phys start, nb_phys end)
{
	check(nb_memblock_reserve(&room.mb, start, end) == NB_OK, "memory is taken");
}

/* The end of RAM in page frames. */
static inline nb_pfn room_max_pfn(void)
{
	return room.mb.memory.count
		       ? nb_pfn_down(nb_region_at(&room.mb.memory, room.mb.memory.count - 1)->end)
		       : 0;
}

#endif
