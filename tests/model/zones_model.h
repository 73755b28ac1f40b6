/* SPDX-License-Identifier: MIT */
/*
 * zones_model: the zones stage as it would be written with no care for time: one
 * record for each page of the machine, and every question is a walk over them.
 */
#ifndef TESTS_MODEL_ZONES_MODEL_H
#define TESTS_MODEL_ZONES_MODEL_H

#include <numaboot/events.h>
#include <numaboot/memblock.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>
#include <numaboot/zones.h>

enum {
	ZONES_MODEL_PAGES = (1 << 20) + (1 << 16), /* 4 GiB and 256 MiB */
	ZONES_MODEL_NODES = 256,
	ZONES_MODEL_EVENTS = 1 << 15,
};

struct zones_model_input {
	const struct nb_region *regions; /* ascending, whole pages, not page 0 */
	uint32_t region_count;
	nb_pfn max_pfn;                /* not below the end of the last region */
	const struct nb_region *taken; /* of reserved, whole pages */
	uint32_t taken_count;
	struct nb_nodes possible, online;
	struct nb_params params;
	const struct nb_rules *rules;
	bool kdump, memory_hotplug, zone_device;
	uint32_t max_nodes, page_struct_bytes;
	uint64_t section_pages; /* a power of two */
};

/* Fills in node, limit, movable_from and the sums of *zones, whose node array the
 * caller gives; writes the events in their order and how many there are. Returns
 * whether the kernel survives. */
bool zones_model(const struct zones_model_input *input, struct nb_zones *zones,
		 struct nb_event *events, uint32_t *event_count);

/* The zone of a page of RAM of the last machine that was modelled. */
enum nb_zone_id zones_model_zone_of(const struct nb_zones *zones, nb_pfn pfn);

#endif
