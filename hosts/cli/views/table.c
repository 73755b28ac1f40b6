/* SPDX-License-Identifier: MIT */
/*
 * table: a prediction for people: what nodes there are, what is theirs, how far
 * they are from each other and whom they turn to; then what was wrong with the
 * firmware and what had to be assumed.
 */
#include "views.h"

enum {
	MATRIX_NODES = 16, /* with more the distances are told by groups */
	LINE_COLUMNS = 100,
	RANGES_MOST = 12, /* ranges of a node that are shown */
};

static uint64_t node_pages(const struct nb_boot *b, int32_t nid)
{
	uint64_t sum = 0;

	for (int zone = 0; zone < NB_ZONES; zone++)
		sum += b->zones.node[nid].zone[zone].present_pages;
	return sum;
}

/* "Linux 6.12 on this machine: 2 nodes, 4 CPUs, 2 GiB of RAM". */
static void put_title(struct out *out, const struct prediction *p)
{
	const struct nb_boot *b = &p->run->boot;

	out_style(out, STYLE_HEAD);
	out_string(out, "Linux ");
	out_string(out, p->source->kernel.rules->line);
	out_string(out, " on ");
	out_string(out, p->name);
	out_style(out, STYLE_PLAIN);
	if (run_has(p->run, NB_SMP)) {
		out_string(out, ": ");
		out_count(out, nb_nodes_count(&b->smp.online_nodes), "node");
		out_string(out, ", ");
		out_count(out, b->smp.online_count, "CPU");
		out_string(out, ", ");
		out_size(out, b->zones.present_pages << NB_PAGE_SHIFT);
		out_string(out, " of RAM");
	}
	out_string(out, "\n");
	if (p->run->dies) {
		out_style(out, STYLE_BAD);
		view_death(out, p->run);
		out_style(out, STYLE_PLAIN);
		out_string(out, "\n");
	}
}

static void put_mask(struct out *out, const char *name, const struct nb_nodes *nodes)
{
	out_string(out, "  ");
	out_left(out, name, 20);
	out_nodes(out, nodes);
	out_string(out, "\n");
}

static const char *source_of_nodes(const struct nb_numa *numa)
{
	if (numa->emulated)
		return "emulated, as the command line asks";
	return numa->source == NB_NUMA_ACPI ? "the ACPI tables" : "none: all memory is node 0";
}

static void put_masks(struct out *out, const struct prediction *p)
{
	const struct nb_boot *b = &p->run->boot;

	out_heading(out, "Nodes");
	out_string(out, "  from                ");
	out_string(out, source_of_nodes(&b->numa));
	out_string(out, "\n");
	put_mask(out, "possible", &b->numa.possible);
	if (run_has(p->run, NB_SMP))
		put_mask(out, "online", &b->smp.online_nodes);
	if (run_has(p->run, NB_ZONES_STAGE))
		put_mask(out, "with memory", &b->zones.has_memory);
	if (run_has(p->run, NB_SMP))
		put_mask(out, "with a CPU", &b->smp.has_cpu);
	if (nb_nodes_count(&b->numa.initiator))
		put_mask(out, "with an initiator", &b->numa.initiator);
}

/* RAM of a node: its memory regions, joined where they touch. */
static void put_ranges(struct out *out, const struct nb_regions *memory, int32_t nid, size_t indent)
{
	size_t column = indent;
	uint32_t shown = 0, hidden = 0;

	for (uint32_t i = 0; i < memory->count; i++) {
		struct nb_range range = { nb_region_at(memory, i)->start,
					  nb_region_at(memory, i)->end };

		if (nb_region_at(memory, i)->nid != nid)
			continue;
		while (i + 1 < memory->count && nb_region_at(memory, i + 1)->nid == nid &&
		       nb_region_at(memory, i + 1)->start == range.end)
			range.end = nb_region_at(memory, ++i)->end;
		if (shown == RANGES_MOST) {
			hidden++;
			continue;
		}
		if (shown++ && column + 30 > LINE_COLUMNS) {
			out_string(out, "\n");
			out_blanks(out, indent);
			column = indent;
		}
		out_string(out, shown > 1 ? " " : "  ");
		column += 1 + out_range(out, range);
	}
	if (hidden) {
		out_string(out, " and ");
		out_number(out, hidden);
		out_string(out, " more");
	}
}

static void put_nodes(struct out *out, const struct prediction *p)
{
	enum { CPUS = 20, SIZE = 10, RANGES = 38 };
	const struct nb_boot *b = &p->run->boot;

	if (!run_has(p->run, NB_SMP))
		return;
	out_string(out, "\n  node  CPUs                      RAM  at\n");
	if (nb_nodes_count(&b->smp.online_nodes) > 1 && source_guesses(p->source, FACT_CPU_NODES))
		out_string(out,
			   "        (the CPUs of each are assumed: the log does not hold them)\n");
	nb_for_each_node (nid, &b->smp.online_nodes) {
		const uint64_t *cpus = b->smp.node_cpus + (size_t)(uint32_t)nid * b->smp.words;
		size_t used;

		out_number_in(out, (uint64_t)nid, 6);
		out_string(out, "  ");
		used = out_list(out, cpus, b->smp.words * 64);
		out_blanks(out, used < CPUS ? CPUS - used : 1);
		out_size_in(out, node_pages(b, nid) << NB_PAGE_SHIFT, SIZE - 1);
		put_ranges(out, &b->memblock.memory, nid, RANGES);
		out_string(out, "\n");
	}
}

static void put_matrix(struct out *out, const struct nb_boot *b)
{
	out_string(out, "  node");
	nb_for_each_node (to, &b->smp.online_nodes)
		out_number_in(out, (uint64_t)to, 4);
	out_string(out, "\n");
	nb_for_each_node (from, &b->smp.online_nodes) {
		out_number_in(out, (uint64_t)from, 6);
		nb_for_each_node (to, &b->smp.online_nodes)
			out_number_in(out, nb_numa_distance(&b->numa, from, to), 4);
		out_string(out, "\n");
	}
}

/* A node's distances by how far they are: the nodes of each. */
static void put_row(struct out *out, const struct nb_boot *b, int32_t from)
{
	static uint8_t row[NB_MAX_NODES];
	bool there[256] = { false };

	nb_for_each_node (to, &b->smp.online_nodes) {
		row[to] = nb_numa_distance(&b->numa, from, to);
		there[row[to]] = true;
	}
	for (unsigned distance = 0; distance < 256; distance++) {
		struct nb_nodes nodes = { { 0 } };

		if (!there[distance])
			continue;
		for (uint32_t to = 0; to < b->numa.nr_node_ids; to++)
			if (row[to] == distance && nb_nodes_has(&b->smp.online_nodes, (int32_t)to))
				nodes.bits[to / 64] |= (uint64_t)1 << to % 64;
		out_string(out, "  ");
		out_number(out, distance);
		out_string(out, ": ");
		out_list(out, nodes.bits, b->numa.nr_node_ids);
	}
}

/* "0  10: 0  12: 1-7  32: 8-63". */
static void put_groups(struct out *out, const struct nb_boot *b)
{
	out_string(out, "  node  distance: nodes\n");
	nb_for_each_node (from, &b->smp.online_nodes) {
		out_number_in(out, (uint64_t)from, 6);
		put_row(out, b, from);
		out_string(out, "\n");
	}
}

static void put_distances(struct out *out, const struct prediction *p)
{
	const struct nb_boot *b = &p->run->boot;
	uint32_t count;

	if (!run_has(p->run, NB_SMP))
		return;
	count = nb_nodes_count(&b->smp.online_nodes);
	if (count < 2)
		return;
	out_heading(out, source_guesses(p->source, FACT_SLIT)
				 ? "Distances, assumed: the log does not hold them"
				 : "Distances");
	if (count <= MATRIX_NODES)
		put_matrix(out, b);
	else
		put_groups(out, b);
}

static void put_zones(struct out *out, const struct prediction *p)
{
	const struct nb_zones *zones = &p->run->boot.zones;

	if (!run_has(p->run, NB_ZONES_STAGE))
		return;
	out_heading(out, "Zones, in pages of 4 KiB");
	out_string(out, "  node  zone        start pfn      spanned      present\n");
	for (uint32_t i = 0; i < zones->nodes * NB_ZONES; i++) {
		const struct nb_zone *zone = &zones->node[i / NB_ZONES].zone[i % NB_ZONES];

		if (!zone->spanned_pages)
			continue;
		out_number_in(out, i / NB_ZONES, 6);
		out_string(out, "  ");
		out_left(out, nb_zone_name((enum nb_zone_id)(i % NB_ZONES)), 8);
		out_number_in(out, zone->start, 13);
		out_number_in(out, zone->spanned_pages, 13);
		out_number_in(out, zone->present_pages, 13);
		out_string(out, "\n");
	}
}

/* What each zone has for processes, and how far it is taken down. */
static void put_watermarks(struct out *out, const struct prediction *p)
{
	const struct nb_boot *b = &p->run->boot;

	if (!run_has(p->run, NB_WATERMARKS))
		return;
	out_heading(out, "Pages that are handed over, and watermarks");
	out_string(out, "  node  zone      handed over        later      min      low     high\n");
	for (uint32_t i = 0; i < b->managed.nodes * NB_ZONES; i++) {
		const struct nb_managed_zone *zone = &b->managed.zone[i];
		const struct nb_page_marks *marks = &b->watermarks.zone[i].marks;

		if (!b->zones.node[i / NB_ZONES].zone[i % NB_ZONES].present_pages)
			continue;
		out_number_in(out, i / NB_ZONES, 6);
		out_string(out, "  ");
		out_left(out, nb_zone_name((enum nb_zone_id)(i % NB_ZONES)), 8);
		out_number_in(out, zone->pages, 13);
		out_number_in(out, zone->initrd_pages + zone->init_pages + zone->huge_pages, 13);
		out_number_in(out, marks->min, 9);
		out_number_in(out, marks->low, 9);
		out_number_in(out, marks->high, 9);
		out_string(out, "\n");
	}
}

/* Nodes in an order; three and more that count up are told as 4-7. */
static void put_order(struct out *out, const uint16_t *order, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t first = i;

		while (i + 1 < count && order[i + 1] == order[i] + 1)
			i++;
		if (i < first + 2)
			i = first;
		out_string(out, " ");
		out_number(out, order[first]);
		if (i > first) {
			out_string(out, "-");
			out_number(out, order[i]);
		}
	}
}

static void put_fallback(struct out *out, const struct prediction *p)
{
	const struct nb_zonelists *lists = &p->run->boot.zonelists;

	if (!run_has(p->run, NB_SMP) || nb_nodes_count(&p->run->boot.smp.online_nodes) < 2)
		return;
	out_heading(
		out,
		source_guesses(p->source, FACT_SLIT)
			? "Fallback order by these distances: who is asked for pages, first to last"
			: "Fallback order: who is asked for pages, first to last");
	for (uint32_t nid = 0; nid < lists->nodes; nid++) {
		if (!lists->order_count[nid])
			continue;
		out_number_in(out, nid, 6);
		out_string(out, " ");
		put_order(out, lists->order + (size_t)nid * lists->nodes, lists->order_count[nid]);
		out_string(out, "\n");
	}
}

/* From where a node's memory is fastest, and how fast. */
static void put_access(struct out *out, const struct prediction *p)
{
	const struct nb_access *access = &p->run->boot.access;

	if (!run_has(p->run, NB_ACCESS) || !access->used)
		return;
	out_heading(out,
		    "Access to memory, from where it is fastest: of any nodes, of those with CPUs");
	out_string(out, "  node  of   from          read, write MB/s      read, write ns\n");
	for (uint32_t i = 0; i < access->nodes * NB_ACCESS_CLASSES; i++) {
		const struct nb_node_access *node = &access->node[i / NB_ACCESS_CLASSES];
		const struct nb_access_speed *speed = &node->speed[i % NB_ACCESS_CLASSES];
		size_t used;

		if (!node->known)
			continue;
		out_number_in(out, i / NB_ACCESS_CLASSES, 6);
		out_string(out, i % NB_ACCESS_CLASSES == NB_ACCESS_ANY ? "  any  " : "  CPU  ");
		used = out_nodes(out, &node->initiators[i % NB_ACCESS_CLASSES]);
		out_blanks(out, used < 10 ? 10 - used : 1);
		out_number_in(out, speed->read_bandwidth, 10);
		out_number_in(out, speed->write_bandwidth, 10);
		out_number_in(out, speed->read_latency, 10);
		out_number_in(out, speed->write_latency, 10);
		out_string(out, "\n");
	}
}

static void put_cpus(struct out *out, const struct prediction *p)
{
	const struct nb_boot *b = &p->run->boot;

	if (!run_has(p->run, NB_CPUS))
		return;
	out_heading(out, "CPUs");
	out_string(out, "  ");
	out_number(out, b->cpus.possible);
	out_string(out, " possible, ");
	out_number(out, b->cpus.present);
	out_string(out, " present");
	if (run_has(p->run, NB_SMP)) {
		out_string(out, ", online ");
		out_list(out, b->smp.online, b->smp.words * 64);
	}
	out_string(out, "\n");
}

static void put_notes(struct out *out, const struct prediction *p)
{
	enum { NOTES_SHOWN = 12 };
	struct out_writer writer = out_writer(out);
	const struct run *run = p->run;
	uint32_t shown = run->note_count < NOTES_SHOWN ? run->note_count : NOTES_SHOWN;

	if (!run->note_count)
		return;
	out_heading(out, "Of note");
	for (uint32_t i = 0; i < shown; i++) {
		out_string(out, "  ");
		nb_render_sentence(&run->notes[i], &writer.writer);
		out_string(out, "\n");
	}
	if (run->note_count > shown) {
		out_string(out, "  and ");
		out_number(out, run->note_count - shown);
		out_string(out, " more\n");
	}
}

void view_assumed(struct out *out, const struct prediction *p)
{
	const struct source *source = p->source;
	bool pages = run_has(p->run, NB_MANAGED), any = false;

	for (int fact = 0; fact < FACTS; fact++) {
		if (!fact_matters(source, (enum source_fact)fact, pages))
			continue;
		if (!any)
			out_heading(out, "Assumed, since nothing says");
		any = true;
		out_string(out, "  ");
		out_string(out, fact_rows[fact].name);
		out_string(out, ": ");
		out_string(out, fact_rows[fact].assumed);
		out_string(out, "\n");
	}
}

void view_table(struct out *out, const struct prediction *p)
{
	view_kernel(out, p);
	put_title(out, p);
	if (run_has(p->run, NB_NUMA)) {
		put_masks(out, p);
		put_nodes(out, p);
		put_distances(out, p);
	}
	put_cpus(out, p);
	put_zones(out, p);
	put_watermarks(out, p);
	put_fallback(out, p);
	put_access(out, p);
	put_notes(out, p);
	view_assumed(out, p);
}
