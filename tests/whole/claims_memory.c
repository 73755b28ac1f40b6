/* SPDX-License-Identifier: MIT */
/* claims_memory: what must hold of the map, of memblock, of nodes and of zones. */
#include "whole/claims.h"

/* --- the memory map ------------------------------------------------------ */

static bool wraps(const struct nb_e820_entry *entry)
{
	return entry->start + entry->size < entry->start;
}

static nb_phys end_of(const struct nb_e820_entry *entry)
{
	return wraps(entry) ? UINT64_MAX : entry->start + entry->size;
}

/* A map that Linux cannot sort, it leaves as it is. */
static bool cannot_be_sorted(const struct nb_e820_map *map)
{
	for (uint32_t i = 0; i < map->count; i++)
		if (wraps(&map->at[i]))
			return true;
	return map->count < 2;
}

static const char *map_broken(const struct nb_e820_map *map)
{
	if (map->count > map->cap)
		return "a map has no more entries than there is room for";
	for (uint32_t i = 0; i < map->count; i++) {
		const struct nb_e820_entry *entry = &map->at[i], *before = entry - 1;

		if (cannot_be_sorted(map))
			break;
		if (!entry->size)
			return "no entry of a sorted map is empty";
		if (i && end_of(before) > entry->start)
			return "entries of a map ascend and do not overlap";
	}
	return NULL;
}

const char *claims_on_map(const struct nb_boot *b)
{
	const char *broken = map_broken(&b->e820.map);

	if (broken)
		return broken;
	if (b->e820.max_pfn > b->e820.max_arch_pfn)
		return "RAM ends where the architecture does, or below";
	if (b->e820.max_low_pfn > b->e820.max_pfn)
		return "low RAM ends where RAM does, or below";
	return NULL;
}

/* --- memblock ------------------------------------------------------------ */

static bool is_some_node(const struct nb_boot *b, int32_t nid)
{
	return nid == NB_NO_NODE || nid == NB_UNSET_NODE ||
	       (nid >= 0 && (uint32_t)nid < b->limits.nodes);
}

static const char *regions_broken(const struct nb_boot *b, const struct nb_regions *set)
{
	if (set->count > set->cap)
		return "a set of memblock has no more regions than there is room for";
	for (uint32_t i = 0; i < set->count; i++) {
		const struct nb_region *region = nb_region_at(set, i),
				       *before = i ? nb_region_at(set, i - 1) : NULL;

		if (region->start >= region->end)
			return "no region of memblock is empty";
		if (!is_some_node(b, region->nid))
			return "a region of memblock has a node that there can be, or none";
		if (before && before->end > region->start)
			return "regions of memblock ascend and do not overlap";
		if (before && before->end == region->start && before->nid == region->nid &&
		    before->flags == region->flags)
			return "regions of memblock that touch differ in node or flags";
	}
	return NULL;
}

/* Whether a set has all of a range. */
static bool covers(const struct nb_regions *set, nb_phys start, nb_phys end)
{
	for (uint32_t i = 0; i < set->count && start < end; i++)
		if (nb_region_at(set, i)->start <= start && start < nb_region_at(set, i)->end)
			start = nb_region_at(set, i)->end;
	return start >= end;
}

const char *claims_on_memblock(const struct nb_boot *b)
{
	const struct nb_memblock *mb = &b->memblock;
	const char *broken = regions_broken(b, &mb->memory);

	if (!broken)
		broken = regions_broken(b, &mb->reserved);
	if (broken)
		return broken;
	for (uint32_t i = 0; i < mb->doubled_count; i++)
		if (!covers(&mb->memory, mb->doubled[i].storage.start, mb->doubled[i].storage.end))
			return "memblock's own arrays lie in RAM";
	if (mb->trampoline && !covers(&mb->reserved, mb->trampoline,
				      mb->trampoline + b->env.config->trampoline_bytes))
		return "the trampoline stays reserved";
	if (mb->trampoline + b->env.config->trampoline_bytes > NB_MIB)
		return "the trampoline lies below 1 MiB";
	return NULL;
}

/* --- the direct map ------------------------------------------------------ */

const char *claims_on_mapping(const struct nb_boot *b)
{
	const struct nb_mapping *mapping = &b->mapping;
	const struct nb_regions *memory = &b->memblock.memory;
	nb_phys mapped = 0, ram = 0;

	for (unsigned size = 0; size < NB_PAGE_SIZES; size++)
		mapped += mapping->pages[size] << nb_entry_shift(size);
	for (uint32_t i = 0;
	     i < memory->count && nb_region_at(memory, i)->start < b->memblock.limit; i++)
		ram += nb_min(nb_region_at(memory, i)->end, b->memblock.limit) -
		       nb_region_at(memory, i)->start;
	for (uint32_t i = 0; i < NB_COUNT(mapping->tables); i++)
		if (mapping->tables[i].count > mapping->tables[i].cap)
			return "the direct map's tables are no more than there is room for";
	if (b->memblock.limit > nb_max(mapping->end, NB_MIB))
		return "no memory is given out that is not mapped";
	if (mapped < ram)
		return "all RAM that may be given out is mapped";
	return NULL;
}

/* --- filling ------------------------------------------------------------- */

static bool is_memory(const struct nb_e820_entry *entry)
{
	return entry->type == NB_E820_RAM || entry->type == NB_E820_RESERVED_KERN;
}

/* Whether RAM entries of the map, in any order, have all of a range. */
static bool map_covers(const struct nb_e820_map *map, nb_phys start, nb_phys end)
{
	bool moved = true;

	while (start < end && moved) {
		moved = false;
		for (uint32_t i = 0; i < map->count; i++) {
			const struct nb_e820_entry *entry = &map->at[i];

			if (is_memory(entry) && entry->start <= start && start < end_of(entry)) {
				start = end_of(entry);
				moved = true;
			}
		}
	}
	return start >= end;
}

static const char *memory_broken(const struct nb_boot *b, bool lost)
{
	const struct nb_regions *memory = &b->memblock.memory;

	for (uint32_t i = 0; i < memory->count; i++) {
		const struct nb_region *region = nb_region_at(memory, i);

		if (region->start % NB_PAGE_SIZE || region->end % NB_PAGE_SIZE)
			return "memblock's memory is whole pages";
		if (!map_covers(&b->e820.map, region->start, region->end))
			return "memblock's memory is RAM of the map";
	}
	for (uint32_t i = 0; !lost && i < b->e820.map.count; i++) {
		const struct nb_e820_entry *entry = &b->e820.map.at[i];
		nb_pfn start = nb_pfn_up(entry->start), end = nb_pfn_down(end_of(entry));

		if (is_memory(entry) && start < end &&
		    !covers(memory, nb_pfn_phys(start), nb_pfn_phys(end)))
			return "whole pages of RAM in the map are memblock's memory";
	}
	return NULL;
}

const char *claims_on_filling(const struct nb_boot *b, bool lost)
{
	const struct nb_regions *reserved = &b->memblock.reserved;
	const struct nb_boot_facts *facts = &b->firmware->facts;
	const struct nb_rules *rules = b->env.rules;
	const char *broken = memory_broken(b, lost);

	if (broken || lost)
		return broken;
	if (!covers(reserved, facts->kernel.start, facts->kernel.end))
		return "the kernel's image is reserved";
	if (!covers(reserved, 0, rules->low_reserved_early))
		return "the start of low memory is reserved";
	if (rules->low_reserved_whole && !covers(reserved, 0, NB_MIB))
		return "all of the first MiB is reserved";
	if (b->memblock.memory_size < nb_regions_size(&b->memblock.memory))
		return "the size that is told is not below what there is";
	return NULL;
}

/* --- nodes --------------------------------------------------------------- */

static bool is_within(const struct nb_nodes *inner, const struct nb_nodes *outer)
{
	nb_for_each_node (nid, inner)
		if (!nb_nodes_has(outer, nid))
			return false;
	return true;
}

static bool has_block(const struct nb_numa *numa, int32_t nid)
{
	for (uint32_t i = 0; i < numa->block_count; i++)
		if (numa->blocks[i].nid == nid)
			return true;
	return false;
}

static uint64_t whole_pages(const struct nb_region *region, nb_pfn limit)
{
	nb_pfn start = nb_pfn_up(region->start), end = nb_min(nb_pfn_down(region->end), limit);

	return start < end ? end - start : 0;
}

/* RAM of a node, or without any: the pages that each region has whole. */
static uint64_t pages_of(const struct nb_boot *b, int32_t nid, nb_pfn limit)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < b->memblock.memory.count; i++)
		if (nb_region_at(&b->memblock.memory, i)->nid == nid)
			pages += whole_pages(nb_region_at(&b->memblock.memory, i), limit);
	return pages;
}

static const char *blocks_broken(const struct nb_boot *b)
{
	const struct nb_numa *numa = &b->numa;
	const struct nb_regions *memory = &b->memblock.memory;
	const struct nb_rules *rules = b->env.rules;
	nb_phys end = nb_pfn_phys(b->e820.max_pfn);

	if (rules->blocks_clamped_to_ram && memory->count)
		end = nb_region_at(memory, memory->count - 1)->end;
	for (uint32_t i = 0; i < numa->block_count; i++) {
		struct nb_range range = numa->blocks[i].range;

		if (range.start >= range.end)
			return "no block of a node is empty";
		if (!nb_nodes_has(&numa->possible, numa->blocks[i].nid))
			return "a block's node is possible";
		if (range.end > end)
			return "blocks end where RAM does, or below";
		if (rules->blocks_outside_ram != NB_OUTSIDE_KEPT &&
		    !nb_regions_overlap(memory, range.start, range.end))
			return "each block has some RAM";
		for (uint32_t k = 0; k < i; k++)
			if (nb_ranges_overlap(range, numa->blocks[k].range))
				return "no two blocks overlap";
	}
	return NULL;
}

static bool is_in_blocks(const struct nb_numa *numa, const struct nb_region *region)
{
	nb_phys at = region->start;
	bool moved = true;

	while (at < region->end && moved) {
		moved = false;
		for (uint32_t i = 0; i < numa->block_count; i++) {
			struct nb_range range = numa->blocks[i].range;

			if (numa->blocks[i].nid != region->nid || range.start > at ||
			    at >= range.end)
				continue;
			at = range.end;
			moved = true;
		}
	}
	return at >= region->end;
}

/* Blocks give RAM its nodes. */
static const char *binding_broken(const struct nb_boot *b)
{
	const struct nb_numa *numa = &b->numa;

	for (uint32_t i = 0; i < b->memblock.memory.count; i++) {
		const struct nb_region *region = nb_region_at(&b->memblock.memory, i);
		struct nb_range range = { region->start, region->end };

		if (region->nid >= 0 && !is_in_blocks(numa, region))
			return "RAM of a node lies in blocks of that node";
		for (uint32_t k = 0; region->nid < 0 && k < numa->block_count; k++)
			if (nb_ranges_overlap(range, numa->blocks[k].range))
				return "RAM in a block has a node";
	}
	return NULL;
}

/* Few bytes of RAM may be without a node where NUMA was not given up. */
static const char *coverage_broken(const struct nb_boot *b)
{
	const struct nb_rules *rules = b->env.rules;
	nb_pfn limit = rules->coverage_by_blocks ? b->e820.max_pfn : UINT64_MAX;
	nb_phys missing = nb_pfn_phys(pages_of(b, NB_NO_NODE, limit));

	if (missing > rules->coverage_forgiven ||
	    (rules->coverage_by_blocks && missing == rules->coverage_forgiven))
		return "no more RAM is without a node than is forgiven";
	return NULL;
}

static bool shares_data(const struct nb_boot *b, int32_t nid)
{
	nb_phys bytes = b->env.config->node_data_bytes;

	for (int32_t other = 0; other < nid; other++) {
		nb_phys at = b->numa.node_data[nid], there = b->numa.node_data[other];

		if (there && at < there + bytes && there < at + bytes)
			return true;
	}
	return false;
}

/* The data of nodes that have some. */
static const char *data_broken(const struct nb_boot *b)
{
	nb_phys bytes = b->env.config->node_data_bytes;

	for (int32_t nid = 0; (uint32_t)nid < b->limits.nodes; nid++) {
		nb_phys at = b->numa.node_data[nid];

		if (!at)
			continue;
		if (!covers(&b->memblock.memory, at, at + bytes))
			return "a node's data lies in RAM";
		if (!covers(&b->memblock.reserved, at, at + bytes))
			return "a node's data is reserved";
		if (shares_data(b, nid))
			return "no two nodes share their data";
	}
	return NULL;
}

/* Which nodes come online with their memory. */
static const char *online_broken(const struct nb_boot *b)
{
	const struct nb_numa *numa = &b->numa;
	const struct nb_rules *rules = b->env.rules;

	nb_for_each_node (nid, &numa->possible) {
		bool is_online = nb_nodes_has(&numa->online, nid);
		bool is_there = rules->nodes_by_blocks ? has_block(numa, nid)
						       : pages_of(b, nid, UINT64_MAX) != 0;

		if (is_online && !numa->node_data[nid])
			return "a node that is online has its data";
		if (is_online && !is_there)
			return rules->nodes_by_blocks
				       ? "a node that is online has a block, before CPUs are known"
				       : "a node that is online has RAM, before CPUs are known";
		if (is_there && !is_online && !nb_nodes_has(&numa->too_small, nid) &&
		    (numa->node_data[nid] || rules->node_data_or_panic))
			return "a node that is there is online, but for want of room or size";
		if (is_online && nb_nodes_has(&numa->too_small, nid))
			return "a node that is too small is not online";
	}
	return NULL;
}

/* With emulation, nodes that lie on one physical node are as near as it is. */
static const char *distances_broken(const struct nb_boot *b)
{
	const struct nb_numa *numa = &b->numa;

	nb_for_each_node (from, &numa->possible)
		nb_for_each_node (to, &numa->possible) {
			uint8_t distance = nb_numa_distance(numa, from, to);

			if (from == to && distance != 10)
				return "a node is at distance 10 from itself";
			if (from != to && !numa->emulated && distance <= 10)
				return "another node is further away than 10";
		}
	return NULL;
}

/* A domain's node and a node's domain. A node of emulation is tied to the domain of
 * its physical node, which has others, and stays so if the nodes are dropped. */
static const char *domains_broken(const struct nb_boot *b)
{
	const struct nb_numa *numa = &b->numa;
	bool is_tied = b->params.numa_fake.at && b->env.rules->fake_tied_to_pxms;

	for (int32_t pxm = 0; pxm < NB_MAX_PXMS; pxm++) {
		int32_t nid = numa->pxm_node[pxm];

		if (nid == NB_NO_NODE)
			continue;
		if (nid < 0 || (uint32_t)nid >= numa->nodes)
			return "a domain's node is one that there can be";
		if (!is_tied && numa->node_pxm[nid] != pxm)
			return "a domain's node is of that domain";
	}
	for (uint32_t nid = 0; nid < numa->nodes; nid++)
		if (!is_tied && numa->node_pxm[nid] >= 0 &&
		    numa->pxm_node[numa->node_pxm[nid]] != (int32_t)nid)
			return "a node's domain is of that node";
	return NULL;
}

static const char *apics_broken(const struct nb_boot *b)
{
	const struct nb_numa *numa = &b->numa;

	for (uint32_t id = 0; id < numa->apic_ids; id++) {
		int32_t nid = numa->apic_node[id];

		if (nid == NB_NO_NODE)
			continue;
		if (numa->source != NB_NUMA_ACPI)
			return "only an accepted SRAT gives an APIC ID its node";
		if (nid < 0 || (uint32_t)nid >= numa->nodes ||
		    (!numa->emulated && !nb_nodes_has(&numa->possible, nid)))
			return "the node of an APIC ID is possible";
	}
	return NULL;
}

static const char *source_broken(const struct nb_boot *b)
{
	const struct nb_numa *numa = &b->numa;
	struct nb_nodes only = { { 1 } };

	if (b->env.config->no_numa != (numa->source == NB_NUMA_NONE))
		return "a kernel without NUMA asks nobody for nodes, any other does";
	if (numa->source == NB_NUMA_ACPI && (b->params.numa_off || b->params.acpi_off))
		return "tables that are switched off name no nodes";
	if (numa->source != NB_NUMA_ACPI && !numa->emulated && !is_within(&numa->possible, &only))
		return "without tables node 0 is the only one";
	return NULL;
}

static const char *sets_broken(const struct nb_boot *b)
{
	const struct nb_numa *numa = &b->numa;

	if (nb_nodes_next(&numa->possible, 0) == NB_NO_NODE)
		return "some node is possible";
	if (nb_nodes_next(&numa->online, 0) == NB_NO_NODE)
		return "some node is online";
	if ((uint32_t)nb_nodes_last(&numa->possible) + 1 != numa->nr_node_ids)
		return "node numbers end behind the last possible node";
	if (numa->nr_node_ids > b->limits.nodes || numa->nr_node_ids > b->env.config->max_nodes)
		return "node numbers are below what the kernel was built for";
	if (!is_within(&numa->online, &numa->possible))
		return "a node that is online is possible";
	return NULL;
}

const char *claims_on_nodes(const struct nb_boot *b, bool lost)
{
	const char *broken = sets_broken(b);

	if (!broken)
		broken = source_broken(b);
	if (!broken)
		broken = data_broken(b);
	if (!broken)
		broken = domains_broken(b);
	if (!broken)
		broken = apics_broken(b);
	if (broken || b->env.config->no_numa)
		return broken;
	broken = blocks_broken(b);
	if (!broken && !lost)
		broken = binding_broken(b);
	if (!broken && !lost)
		broken = coverage_broken(b);
	if (!broken)
		broken = online_broken(b);
	return broken ? broken : distances_broken(b);
}

/* --- zones --------------------------------------------------------------- */

static nb_pfn zone_end(const struct nb_zone *zone)
{
	return zone->start + zone->spanned_pages;
}

/* kernelcore=mirror lets Normal and Movable lie over each other, and Linux's own
 * numbers of pages then mean little. */
static bool is_mirrored(const struct nb_boot *b)
{
	return b->params.kernelcore_mirror && b->env.rules->mirror_overlaps;
}

static const char *limits_broken(const struct nb_boot *b)
{
	nb_pfn end = 0;

	for (uint32_t id = 0; id < NB_ZONES; id++) {
		struct nb_range limit = b->zones.limit[id];

		if (limit.start > limit.end)
			return "no zone ends before it begins";
		if (limit.end && limit.start < end)
			return "zones begin where the ones below end";
		end = nb_max(end, limit.end);
	}
	return NULL;
}

/* What a Movable zone counts that would begin behind its node: the pages between.
 * Only some lines leave it there. */
static uint64_t pages_behind(const struct nb_boot *b, const struct nb_node_zones *node)
{
	return b->env.rules->movable_within_node || node->zone[NB_ZONE_MOVABLE].spanned_pages
		       ? 0
		       : node->zone[NB_ZONE_MOVABLE].present_pages;
}

static const char *zone_broken(const struct nb_boot *b, const struct nb_node_zones *node,
			       uint32_t id)
{
	const struct nb_zone *zone = &node->zone[id];
	uint32_t limited = id == NB_ZONE_MOVABLE ? b->zones.movable_from : id;
	bool is_behind = id == NB_ZONE_MOVABLE && pages_behind(b, node);

	if (zone->spanned_pages && (zone->start < node->start || zone_end(zone) > node->end))
		return "a zone lies within its node";
	if (zone->spanned_pages && zone_end(zone) > b->zones.limit[limited].end)
		return "a zone ends where its kind does, or below";
	if (zone->spanned_pages && id != NB_ZONE_MOVABLE && zone->start < b->zones.limit[id].start)
		return "a zone begins where its kind does, or above";
	if (is_mirrored(b))
		return NULL;
	if (zone->present_pages > zone->spanned_pages && !is_behind)
		return "a zone has no more pages than it spans";
	if (zone->managed_pages > zone->present_pages)
		return "a zone manages no more pages than it has";
	if (!b->env.rules->memmap_counted && zone->managed_pages != zone->present_pages)
		return "a zone manages at first what it has, where nothing is counted off";
	return NULL;
}

static const char *disjoint_broken(const struct nb_node_zones *node)
{
	for (uint32_t i = 0; i < NB_ZONES; i++)
		for (uint32_t k = 0; k < i; k++) {
			const struct nb_zone *one = &node->zone[k], *two = &node->zone[i];

			if (one->spanned_pages && two->spanned_pages && zone_end(one) > two->start)
				return "zones of a node ascend and do not overlap";
		}
	return NULL;
}

static uint64_t present_of(const struct nb_node_zones *node)
{
	uint64_t present = 0;

	for (uint32_t id = 0; id < NB_ZONES; id++)
		present += node->zone[id].present_pages;
	return present;
}

/* A node's zones have its RAM, up to where the highest zone ends. */
static const char *node_zones_broken(const struct nb_boot *b, int32_t nid)
{
	const struct nb_node_zones *node = &b->zones.node[nid];
	bool is_built = nb_nodes_has(&b->zones.built, nid);
	const char *broken = NULL;
	nb_pfn end = 0;

	if (node->start > node->end)
		return "no node ends before it begins";
	for (uint32_t id = 0; !broken && id < NB_ZONES; id++) {
		broken = zone_broken(b, node, id);
		end = nb_max(end, b->zones.limit[id].end);
	}
	if (broken || is_mirrored(b))
		return broken;
	if (present_of(node) - pages_behind(b, node) != (is_built ? pages_of(b, nid, end) : 0))
		return "the zones of a node have all RAM of it, and those of no other any";
	return disjoint_broken(node);
}

static const char *zone_sums_broken(const struct nb_boot *b)
{
	const struct nb_zones *zones = &b->zones;
	uint64_t present = 0;

	nb_for_each_node (nid, &zones->built)
		present += present_of(&zones->node[nid]);
	if (present != zones->present_pages)
		return "the pages of all zones add up";
	if (!is_within(&zones->has_memory, &zones->built))
		return "a node that has memory has zones";
	if (!is_within(&zones->has_normal_memory, &zones->has_memory))
		return "a node that has normal memory has memory";
	if (!is_within(&b->numa.online, &zones->built))
		return "a node that is online has zones";
	nb_for_each_node (nid, &b->numa.online) {
		bool has = present_of(&zones->node[nid]) != 0;

		if (nb_nodes_has(&zones->has_memory, nid) != has)
			return "a node that is online has memory if a zone of it has pages";
	}
	return NULL;
}

/* The look-ups agree with the ranges that they read. */
static const char *lookups_broken(const struct nb_boot *b)
{
	for (uint32_t i = 0; i < b->memblock.memory.count; i++) {
		const struct nb_region *region = nb_region_at(&b->memblock.memory, i);
		nb_phys page = nb_pfn_phys(nb_pfn_up(region->start));
		enum nb_zone_id zone;

		if (!nb_is_ram(b, region->start) || !nb_is_ram(b, region->end - 1))
			return "memory is RAM";
		if (!whole_pages(region, UINT64_MAX) || region->nid < 0)
			continue;
		if (nb_node_of(b, page) != region->nid ||
		    nb_node_of_pfn(b, nb_pfn_down(page)) != region->nid)
			return "a page of RAM is on the node of its region";
		zone = nb_zone_of(b, page);
		if (!nb_nodes_has(&b->zones.built, region->nid) ? zone != NB_ZONES
								: zone > NB_ZONES)
			return "a page of RAM is in a zone if its node has zones";
		if (zone < NB_ZONES && !is_mirrored(b) &&
		    !b->zones.node[region->nid].zone[zone].present_pages)
			return "a zone that has a page of RAM has pages";
	}
	return NULL;
}

const char *claims_on_zones(const struct nb_boot *b)
{
	const char *broken = limits_broken(b);

	for (uint32_t nid = 0; !broken && nid < b->zones.nodes; nid++)
		broken = node_zones_broken(b, (int32_t)nid);
	if (!broken)
		broken = zone_sums_broken(b);
	return broken ? broken : lookups_broken(b);
}

/* --- what the page allocator gets ---------------------------------------- */

static uint64_t pages_in_blocks(const struct nb_managed_zone *zone)
{
	uint64_t pages = 0;

	for (uint32_t order = 0; order < NB_ORDERS; order++)
		pages += (uint64_t)zone->blocks[order] << order;
	return pages;
}

/* Whole free pages below the last one, and how many of them are in no zone. */
static uint64_t free_pages(const struct nb_boot *b, uint64_t *nobodys)
{
	struct nb_free_walk walk = { .mb = &b->memblock,
				     .nid = NB_NO_NODE,
				     .flags = NB_REGION_HOTPLUG };
	struct nb_range free;
	uint64_t pages = 0;
	int32_t nid;

	*nobodys = 0;
	while (nb_free_next(&walk, &free, &nid)) {
		nb_pfn start = nb_pfn_up(free.start), end = nb_pfn_down(free.end);

		end = nb_min(end, b->e820.max_pfn);
		if (start >= end)
			continue;
		pages += end - start;
		if (nb_zone_of(b, nb_pfn_phys(start)) == NB_ZONES)
			*nobodys += end - start;
	}
	return pages;
}

const char *claims_on_managed(const struct nb_boot *b)
{
	uint64_t pages = 0, in_blocks = 0, deferred = 0, nobodys;
	uint64_t free = free_pages(b, &nobodys);

	for (uint32_t i = 0; i < b->managed.nodes * NB_ZONES; i++) {
		const struct nb_managed_zone *zone = &b->managed.zone[i];

		if (zone->deferred_pages > zone->pages)
			return "pages that wait are some of those that come";
		pages += zone->pages;
		deferred += zone->deferred_pages;
		in_blocks += pages_in_blocks(zone);
	}
	if (pages != free)
		return "the page allocator gets the pages that are free";
	if (in_blocks + nobodys != pages)
		return "free blocks are a zone's pages";
	if (pages != b->managed.pages || deferred != b->managed.deferred_pages)
		return "all pages are those of the zones";
	return NULL;
}

const char *claims_on_watermarks(const struct nb_boot *b)
{
	uint64_t kept = 0;

	for (uint32_t i = 0; i < b->watermarks.nodes * NB_ZONES; i++) {
		const struct nb_zone_watermarks *zone = &b->watermarks.zone[i];
		const struct nb_page_marks *marks = &zone->marks;
		uint32_t id = i % NB_ZONES;

		if (marks->min > marks->low || marks->low > marks->high)
			return "a mark is not above the next one";
		for (uint32_t higher = 1; higher < NB_ZONES; higher++)
			if (marks->reserve[higher] < marks->reserve[higher - 1])
				return "the more zones above, the more is kept from them";
		if (id <= NB_ZONE_NORMAL)
			kept += marks->min;
		if (b->zones.node[i / NB_ZONES].zone[id].present_pages && !zone->batch)
			return "a CPU's list has room for a batch";
	}
	if (kept > b->watermarks.min_free_kib / 4)
		return "zones share what is kept free";
	return NULL;
}
