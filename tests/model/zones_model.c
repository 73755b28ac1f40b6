/* SPDX-License-Identifier: MIT */
/* zones_model: see zones_model.h. */
#include "model/zones_model.h"

#include <assert.h>
#include <string.h>

enum {
	RAM = 0x80,
	BEGINS = 0x40, /* the first page of a region */
	MIRRORED = 0x20,
	PLUGGABLE = 0x10,
	TAKEN = 0x08,
};

static struct page {
	int16_t nid;
	uint8_t is;
} pages[ZONES_MODEL_PAGES];

/* The machine that is modelled; tests run one at a time. */
static const struct zones_model_input *in;
static struct nb_zones *out;
static struct nb_event *event;
static nb_pfn end; /* of the last region */

static void paint(void)
{
	memset(pages, 0, sizeof(pages));
	end = 0;
	for (uint32_t i = 0; i < in->region_count; i++) {
		const struct nb_region *region = &in->regions[i];
		nb_pfn first = region->start / NB_PAGE_SIZE;

		end = region->end / NB_PAGE_SIZE;
		assert(first > 0 && end <= ZONES_MODEL_PAGES);
		for (nb_pfn pfn = first; pfn < end; pfn++) {
			pages[pfn].nid = (int16_t)region->nid;
			pages[pfn].is = RAM;
			if (region->flags & NB_REGION_MIRROR)
				pages[pfn].is |= MIRRORED;
			if (region->flags & NB_REGION_HOTPLUG)
				pages[pfn].is |= PLUGGABLE;
		}
		pages[first].is |= BEGINS;
	}
	for (uint32_t i = 0; i < in->taken_count; i++)
		for (nb_pfn pfn = in->taken[i].start / NB_PAGE_SIZE;
		     pfn < in->taken[i].end / NB_PAGE_SIZE; pfn++)
			pages[pfn].is |= TAKEN;
}

static bool on_node(nb_pfn pfn, int32_t nid)
{
	return (pages[pfn].is & RAM) && pages[pfn].nid == nid;
}

/* The zone of an address, Movable aside. */
static enum nb_zone_id zone_by_address(nb_pfn pfn)
{
	return pfn < 16 * NB_MIB / NB_PAGE_SIZE  ? NB_ZONE_DMA
	       : pfn < 4 * NB_GIB / NB_PAGE_SIZE ? NB_ZONE_DMA32
						 : NB_ZONE_NORMAL;
}

static void find_limits(void)
{
	nb_pfn pfn = 0, four_gib = 4 * NB_GIB / NB_PAGE_SIZE, stop = in->max_pfn;

	memset(out->limit, 0, sizeof(out->limit));
	while (!(pages[pfn].is & RAM))
		pfn++;
	if (!in->rules->zones_end_with_ram && stop < four_gib)
		stop = four_gib;
	for (; pfn < stop; pfn++) {
		struct nb_range *limit = &out->limit[zone_by_address(pfn)];

		if (!limit->end)
			limit->start = pfn;
		limit->end = pfn + 1;
		out->movable_from = zone_by_address(pfn);
	}
}

static void find_nodes(void)
{
	memset(out->node, 0, out->nodes * sizeof(*out->node));
	for (nb_pfn pfn = 0; pfn < end; pfn++) {
		if (!(pages[pfn].is & RAM) || pages[pfn].nid < 0)
			continue;

		struct nb_node_zones *node = &out->node[pages[pfn].nid];

		if (!node->end)
			node->start = pfn;
		node->end = pfn + 1;
	}
}

/* Movable begins with the first page that has all of `want` and none of `unwanted`. */
static void movable_from_page(nb_pfn from, uint8_t want, uint8_t unwanted)
{
	for (nb_pfn pfn = from; pfn < end; pfn++) {
		if ((pages[pfn].is & want) != want || (pages[pfn].is & unwanted))
			continue;
		if (pages[pfn].nid >= 0 && !out->node[pages[pfn].nid].movable_start)
			out->node[pages[pfn].nid].movable_start = pfn;
	}
}

static void movable_from_mirror(void)
{
	nb_pfn four_gib = 4 * NB_GIB / NB_PAGE_SIZE;
	bool any = false, low = false;

	for (nb_pfn pfn = 0; pfn < end; pfn++) {
		any |= pages[pfn].is & MIRRORED;
		low |= pfn < four_gib && (pages[pfn].is & RAM) && !(pages[pfn].is & MIRRORED);
	}
	if (!any && in->rules->mirror == NB_MIRROR_IF_ANY) {
		*event++ = (struct nb_event){ .kind = NB_EV_NO_MIRROR };
	} else if (in->kdump && in->rules->mirror == NB_MIRROR_IF_ANY) {
		*event++ = (struct nb_event){ .kind = NB_EV_MIRROR_KDUMP };
	} else {
		movable_from_page(four_gib, RAM | BEGINS, MIRRORED);
		if (low)
			*event++ = (struct nb_event){ .kind = NB_EV_UNMIRRORED_LOW };
	}
}

/* How far the kernel's share of each node reaches, page by page. */
static nb_pfn reached[ZONES_MODEL_NODES];

/* A node's turn: pages too low for Movable are the kernel's whatever its share,
 * then it takes its share, page by page. */
static void take_turn(int32_t nid, uint64_t share, uint64_t *core)
{
	struct nb_node_zones *node = &out->node[nid];
	nb_pfn lowest = out->limit[out->movable_from].start, last = 0;
	bool of_share = false;

	for (nb_pfn pfn = reached[nid]; pfn < node->end; pfn++) {
		if (!on_node(pfn, nid))
			continue;
		if (pfn >= lowest && !share) {
			reached[nid] = pfn;
			node->movable_start = of_share ? last + 1 : pfn;
			return;
		}
		of_share = pfn >= lowest;
		last = pfn;
		share -= share > 0;
		*core -= *core > 0;
	}
	if (reached[nid] < node->end)
		node->movable_start = last + 1;
	reached[nid] = node->end;
}

static uint64_t wanted_pages(struct nb_core wish, uint64_t total)
{
	return wish.percent ? total * wish.percent / 100 : wish.pages;
}

static void spread(void)
{
	uint64_t total = 0, turns = 0;

	for (nb_pfn pfn = 0; pfn < end; pfn++)
		total += (pages[pfn].is & RAM) != 0;
	for (uint32_t nid = 0; nid < out->nodes; nid++) {
		reached[nid] = out->node[nid].start;
		turns += out->node[nid].end != 0;
	}

	uint64_t core = wanted_pages(in->params.kernelcore, total);
	uint64_t movable = wanted_pages(in->params.movablecore, total);

	if (movable) {
		while (movable % 1024)
			movable++;
		if (in->rules->movable_bounded && movable > total)
			movable = total;
		core = core > total - movable ? core : total - movable;
	}
	if (core == 0 || turns == 0 || (core >= total && in->rules->movable_bounded))
		return;
	do {
		uint64_t share = core / turns;

		for (uint32_t nid = 0; nid < out->nodes; nid++) {
			if (!out->node[nid].end)
				continue;
			if (core < share)
				share = core / turns;
			take_turn((int32_t)nid, share, &core);
		}
		turns--;
	} while (turns > 0 && core > turns);
}

static void find_movable(void)
{
	if (in->params.movable_node && in->memory_hotplug)
		movable_from_page(0, RAM | PLUGGABLE, 0);
	else if (in->params.kernelcore_mirror)
		movable_from_mirror();
	else
		spread();
	for (uint32_t nid = 0; nid < out->nodes; nid++) {
		while (out->node[nid].movable_start % 1024)
			out->node[nid].movable_start++;
		if (out->node[nid].movable_start >= out->node[nid].end &&
		    in->rules->movable_within_node)
			out->node[nid].movable_start = 0;
	}
}

static struct nb_range in_bytes(nb_pfn from, nb_pfn to)
{
	return (struct nb_range){ from * NB_PAGE_SIZE, to * NB_PAGE_SIZE };
}

static void tell_layout(void)
{
	*event++ = (struct nb_event){ .kind = NB_EV_ZONES_BEGIN };
	for (uint32_t id = 0; id < (in->zone_device ? NB_ZONES : NB_ZONE_DEVICE); id++) {
		struct nb_range limit = out->limit[id];

		if (id == NB_ZONE_MOVABLE || id == NB_ZONE_HIGHMEM)
			continue;
		*event++ = limit.end
				   ? (struct nb_event){ .kind = NB_EV_ZONE_LIMITS,
							.id = id,
							.range = in_bytes(limit.start, limit.end) }
				   : (struct nb_event){ .kind = NB_EV_ZONE_EMPTY, .id = id };
	}
	*event++ = (struct nb_event){ .kind = NB_EV_MOVABLE_BEGIN };
	for (uint32_t nid = 0; nid < out->nodes; nid++)
		if (out->node[nid].movable_start)
			*event++ = (struct nb_event){ .kind = NB_EV_MOVABLE_START,
						      .nid = (int32_t)nid,
						      .got = out->node[nid].movable_start *
							     NB_PAGE_SIZE };
	*event++ = (struct nb_event){ .kind = NB_EV_RANGES_BEGIN };
	for (uint32_t i = 0; i < in->region_count; i++)
		*event++ =
			(struct nb_event){ .kind = NB_EV_RANGE,
					   .nid = in->regions[i].nid,
					   .flags = in->regions[i].nid < 0,
					   .limit = in->regions[i].nid < 0 ? in->max_nodes : 0,
					   .range = { in->regions[i].start, in->regions[i].end } };
}

static bool overlaps(void)
{
	return in->params.kernelcore_mirror && in->rules->mirror_overlaps;
}

/* Whether an address between a node's first and last page counts for a zone. */
static bool in_zone(const struct nb_node_zones *node, enum nb_zone_id id, nb_pfn pfn)
{
	nb_pfn movable = node->movable_start;
	nb_pfn begins = out->limit[id].start > node->start ? out->limit[id].start : node->start;

	if (pfn >= in->max_pfn)
		return false;
	if (id == NB_ZONE_MOVABLE)
		return movable && pfn >= movable;
	if (zone_by_address(pfn) != id)
		return false;
	/* kernelcore=mirror may cut no zone, but one that begins inside Movable is gone. */
	return !movable || pfn < movable || (overlaps() && begins < movable);
}

/* A page of RAM that Linux takes off a zone's count, whichever node it is on. */
static bool taken_off(enum nb_zone_id id, nb_pfn pfn)
{
	if (!overlaps() || !(pages[pfn].is & RAM))
		return false;
	return (id == NB_ZONE_MOVABLE && (pages[pfn].is & MIRRORED)) ||
	       (id == NB_ZONE_NORMAL && !(pages[pfn].is & MIRRORED));
}

static void count_page(int32_t nid, enum nb_zone_id id, nb_pfn pfn)
{
	struct nb_node_zones *node = &out->node[nid];
	struct nb_zone *zone = &node->zone[id];

	if (!in_zone(node, id, pfn))
		return;
	if (!zone->spanned_pages)
		zone->start = pfn;
	assert(zone->start + zone->spanned_pages == pfn);
	zone->spanned_pages++;
	zone->present_pages += on_node(pfn, nid);
	zone->present_pages -= node->movable_start && taken_off(id, pfn);
}

/* The descriptors of a zone's pages, in pages. */
static uint64_t memmap_of(const struct nb_zone *zone)
{
	uint64_t present = zone->present_pages, count = zone->spanned_pages;

	if (count > present + present / 16)
		count = present;
	return (count * in->page_struct_bytes + NB_PAGE_SIZE - 1) / NB_PAGE_SIZE;
}

static uint64_t reserved_below_16_mib(void)
{
	uint64_t count = 0;

	for (nb_pfn pfn = 0; in->rules->memmap_counted && pfn < 16 * NB_MIB / NB_PAGE_SIZE; pfn++)
		count += (pages[pfn].is & RAM) && (pages[pfn].is & TAKEN);
	return count;
}

static uint64_t batch_of(uint64_t managed)
{
	uint64_t batch = managed / 1024, power = 1;

	if (batch * NB_PAGE_SIZE > in->rules->batch_bytes_most)
		batch = in->rules->batch_bytes_most / NB_PAGE_SIZE;
	batch /= 4;
	batch = batch < 1 ? 1 : batch;
	batch += batch / 2;
	while (power <= batch)
		power *= 2;
	return power / 2 - 1;
}

/* Where descriptors count, what is managed is told. */
static void count_managed(int32_t nid, uint32_t id)
{
	struct nb_zone *zone = &out->node[nid].zone[id];
	uint64_t memmap = memmap_of(zone), reserved = reserved_below_16_mib();

	zone->managed_pages = zone->present_pages;
	if (!in->rules->memmap_counted)
		return;
	zone->managed_pages -= memmap;
	if (memmap)
		*event++ = (struct nb_event){
			.kind = NB_EV_ZONE_MEMMAP, .nid = nid, .id = id, .got = memmap
		};
	if (id == NB_ZONE_DMA && zone->managed_pages > reserved) {
		zone->managed_pages -= reserved;
		*event++ = (struct nb_event){
			.kind = NB_EV_ZONE_RESERVED, .nid = nid, .id = id, .got = reserved
		};
	}
	if (zone->present_pages)
		*event++ = (struct nb_event){ .kind = NB_EV_ZONE_PAGES,
					      .nid = nid,
					      .id = id,
					      .got = zone->present_pages,
					      .limit = batch_of(zone->managed_pages),
					      .more = { zone->managed_pages } };
}

static void tell_zone(int32_t nid, uint32_t id)
{
	const struct nb_zone *zone = &out->node[nid].zone[id];
	nb_pfn zone_end = zone->start + zone->spanned_pages;

	count_managed(nid, id);
	if (!zone->spanned_pages)
		return;
	*event++ = (struct nb_event){ .kind = NB_EV_ZONE,
				      .nid = nid,
				      .id = id,
				      .range = in_bytes(zone->start, zone_end),
				      .got = zone->present_pages,
				      .limit = zone->spanned_pages };
	if (in->params.mminit_loglevel > 2)
		*event++ = (struct nb_event){ .kind = NB_EV_MEMMAP_INIT,
					      .nid = nid,
					      .id = id,
					      .got = zone->start,
					      .limit = zone_end,
					      .more = { id == NB_ZONE_MOVABLE ? 3 : id } };
}

static void cut_node(int32_t nid)
{
	struct nb_node_zones *node = &out->node[nid];
	uint64_t present = 0;
	bool normal = false;

	if (node->end)
		*event++ = (struct nb_event){ .kind = NB_EV_NODE_SPAN,
					      .nid = nid,
					      .range = in_bytes(node->start, node->end) };
	else
		*event++ = (struct nb_event){ .kind = NB_EV_NODE_MEMORYLESS, .nid = nid };
	for (nb_pfn pfn = node->start; pfn < node->end; pfn++) {
		count_page(nid, zone_by_address(pfn), pfn);
		count_page(nid, NB_ZONE_MOVABLE, pfn);
	}
	if (node->movable_start > node->end)
		node->zone[NB_ZONE_MOVABLE].present_pages = node->movable_start - node->end;
	for (uint32_t id = 0; id < NB_ZONES; id++)
		present += node->zone[id].present_pages;
	if (in->rules->memmap_counted)
		*event++ =
			(struct nb_event){ .kind = NB_EV_NODE_PAGES, .nid = nid, .got = present };
	for (uint32_t id = 0; id < NB_ZONES; id++) {
		tell_zone(nid, id);
		out->managed_pages += node->zone[id].managed_pages;
		normal |= id <= NB_ZONE_NORMAL && node->zone[id].present_pages;
	}
	if (present)
		nb_nodes_add(&out->has_memory, nid);
	if (present && normal)
		nb_nodes_add(&out->has_normal_memory, nid);
	out->present_pages += present;
}

/* The lowest or the highest zone with pages; of those with a page, unless it is 0. */
static uint32_t populated(int32_t nid, nb_pfn pfn, bool highest)
{
	uint32_t found = NB_ZONES;

	for (uint32_t id = 0; id < NB_ZONES; id++) {
		const struct nb_zone *zone = &out->node[nid].zone[id];

		if (!zone->present_pages)
			continue;
		if (pfn && (pfn < zone->start || pfn >= zone->start + zone->spanned_pages))
			continue;
		if (found == NB_ZONES || highest)
			found = id;
	}
	return found;
}

static bool section_has_ram(nb_pfn pfn)
{
	nb_pfn first = pfn & ~(in->section_pages - 1);

	for (nb_pfn at = first; at < first + in->section_pages && at < end; at++)
		if (pages[at].is & RAM)
			return true;
	return false;
}

static void tell_hole(int32_t nid, uint32_t id, uint64_t holes)
{
	if (holes)
		*event++ = (struct nb_event){
			.kind = NB_EV_UNAVAILABLE, .nid = nid, .id = id, .got = holes
		};
}

/* Every page up to the end of the last section: RAM of a zone closes the hole
 * before it; all else is a hole, and counts where its section has RAM. */
static bool walk_holes(void)
{
	bool described = false;
	uint64_t holes = 0;
	uint32_t last_zone = 0;
	int32_t last_nid = 0;

	for (nb_pfn pfn = 0; pfn < end || (pfn & (in->section_pages - 1)); pfn++) {
		bool ram = pfn < end && (pages[pfn].is & RAM);

		if ((pfn & (in->section_pages - 1)) == 0)
			described = section_has_ram(pfn);
		if (ram && !nb_nodes_has(&out->built, pages[pfn].nid)) {
			const struct nb_region *region = in->regions;

			while (region->end <= pfn * NB_PAGE_SIZE)
				region++;
			*event++ = (struct nb_event){ .kind = NB_EV_DIES,
						      .why = NB_WHY_DIES_RAM_WITHOUT_NODE,
						      .id = NB_ZONES_STAGE,
						      .nid = region->nid,
						      .range = { region->start, region->end } };
			return false;
		}
		if (ram) {
			uint32_t top = populated(pages[pfn].nid, 0, true);

			last_nid = pages[pfn].nid;
			last_zone = top < NB_ZONES ? top : last_zone;
		}
		if (ram && populated(last_nid, pfn, false) < NB_ZONES) {
			tell_hole(last_nid, populated(last_nid, pfn, false), holes);
			holes = 0;
		} else {
			holes += described;
		}
	}
	tell_hole(last_nid, last_zone, holes);
	return true;
}

bool zones_model(const struct zones_model_input *input, struct nb_zones *zones,
		 struct nb_event *events, uint32_t *event_count)
{
	in = input;
	out = zones;
	event = events;
	out->has_memory = out->has_normal_memory = (struct nb_nodes){ 0 };
	out->present_pages = out->managed_pages = 0;
	out->built = in->rules->empty_nodes_built ? in->possible : in->online;

	paint();
	find_limits();
	find_nodes();
	find_movable();
	tell_layout();
	for (uint32_t nid = 0; nid < out->nodes; nid++)
		if (nb_nodes_has(&out->built, (int32_t)nid))
			cut_node((int32_t)nid);

	bool survives = !in->rules->memmap_by_region || walk_holes();

	*event_count = (uint32_t)(event - events);
	assert(*event_count <= ZONES_MODEL_EVENTS);
	return survives;
}

enum nb_zone_id zones_model_zone_of(const struct nb_zones *zones, nb_pfn pfn)
{
	const struct nb_node_zones *node = &zones->node[pages[pfn].nid];
	enum nb_zone_id by_address = zone_by_address(pfn);
	bool movable = node->movable_start && pfn >= node->movable_start;
	bool both = overlaps() && in_zone(node, by_address, pfn);

	if (!nb_nodes_has(&zones->built, pages[pfn].nid))
		return NB_ZONES;
	return movable && !(both && (pages[pfn].is & MIRRORED)) ? NB_ZONE_MOVABLE : by_address;
}
