/* SPDX-License-Identifier: MIT */
/*
 * zones: what each zone is handed, and when; the free blocks that makes; what it keeps
 * back, and what each CPU keeps of it. In the words of /proc/buddyinfo and zoneinfo.
 */
#include "views.h"

/* One zone of the tables. */
struct zone_row {
	int32_t nid;
	uint32_t id;
};

/* The next zone that has RAM or is given some; false at the end. Begins with id -1. */
static bool next_zone(const struct nb_boot *b, struct zone_row *row)
{
	for (uint32_t i = (uint32_t)row->nid * NB_ZONES + row->id + 1;
	     i < b->managed.nodes * NB_ZONES; i++) {
		*row = (struct zone_row){ (int32_t)(i / NB_ZONES), i % NB_ZONES };
		if (b->zones.node[row->nid].zone[row->id].present_pages || b->managed.zone[i].pages)
			return true;
	}
	return false;
}

static const struct zone_row before_first = { 0, UINT32_MAX };

static void put_zone(struct out *out, const struct zone_row *row)
{
	out_number_in(out, (uint64_t)row->nid, 6);
	out_string(out, "  ");
	out_left(out, nb_zone_name((enum nb_zone_id)row->id), 8);
}

static void put_handed_over(struct out *out, const struct nb_boot *b)
{
	out_heading(out, "Handed over, in pages of 4 KiB: lowest address first");
	out_string(
		out,
		"  node  zone          at once  all CPUs run      initrd   init part  huge pages\n");
	for (struct zone_row row = before_first; next_zone(b, &row);) {
		const struct nb_managed_zone *zone = nb_managed_zone(&b->managed, row.nid, row.id);

		put_zone(out, &row);
		out_number_in(out, zone->pages - zone->deferred_pages, 13);
		out_number_in(out, zone->deferred_pages, 14);
		out_number_in(out, zone->initrd_pages, 12);
		out_number_in(out, zone->init_pages, 12);
		out_number_in(out, zone->huge_pages, 12);
		out_string(out, "\n");
	}
}

/* The line in which the kernel sums it up, without the parts of its image. */
static void put_told(struct out *out, const struct nb_boot *b)
{
	out_string(out, "\n  Memory: ");
	if (b->managed.free_pages)
		out_number(out, b->managed.free_pages * (NB_PAGE_SIZE / NB_KIB));
	else
		out_string(out, "...");
	out_string(out, "K/");
	out_number(out, b->zones.present_pages * (NB_PAGE_SIZE / NB_KIB));
	out_string(out, "K available (..., ");
	out_number(out, b->managed.reserved_pages * (NB_PAGE_SIZE / NB_KIB));
	out_string(out, "K reserved, ...)\n");
	out_string(out, "  It is near: small things that the boot takes are not modelled, and the "
			"kernel's own line differs\n  by some pages; docs/FIDELITY.md says by how "
			"many.\n");
}

static void put_blocks(struct out *out, const struct nb_boot *b)
{
	out_heading(out,
		    "Free blocks of each order, once memblock has handed over all that it has");
	out_string(out, "  node  zone    ");
	for (uint32_t order = 0; order < NB_ORDERS; order++)
		out_number_in(out, order, order < NB_ORDERS - 1 ? 7 : 9);
	out_string(out, "\n");
	for (struct zone_row row = before_first; next_zone(b, &row);) {
		const struct nb_managed_zone *zone = nb_managed_zone(&b->managed, row.nid, row.id);

		put_zone(out, &row);
		for (uint32_t order = 0; order < NB_ORDERS; order++)
			out_number_in(out, zone->blocks[order], order < NB_ORDERS - 1 ? 7 : 9);
		out_string(out, "\n");
	}
}

/* "(0, 1889, 7855, 7855)": a number for each zone that the kernel has. */
static void put_protection(struct out *out, const struct nb_boot *b,
			   const struct nb_page_marks *marks)
{
	const char *before = "(";

	for (uint32_t id = 0; id < NB_ZONES; id++) {
		if (!nb_zone_is_built_in(b->env.config, id))
			continue;
		out_string(out, before);
		out_number(out, marks->reserve[id]);
		before = ", ";
	}
	out_string(out, ")\n");
}

static void put_kept_back(struct out *out, const struct nb_boot *b)
{
	out_heading(out,
		    "Lists of each CPU, and pages that are kept from requests of higher zones");
	out_string(out, "  node  zone      batch     high    up to  protection\n");
	for (struct zone_row row = before_first; next_zone(b, &row);) {
		const struct nb_zone_watermarks *zone =
			nb_zone_watermarks(&b->watermarks, row.nid, row.id);

		put_zone(out, &row);
		out_number_in(out, zone->batch, 7);
		out_number_in(out, zone->high_min, 9);
		out_number_in(out, zone->high_max, 9);
		out_string(out, "  ");
		put_protection(out, b, &zone->marks);
	}
}

void view_zones(struct out *out, const struct prediction *p)
{
	const struct nb_boot *b = &p->run->boot;

	view_kernel(out, p);
	out_style(out, STYLE_HEAD);
	out_string(out, "Zones of ");
	out_string(out, p->name);
	out_string(out, " under Linux ");
	out_string(out, p->source->kernel.rules->line);
	out_style(out, STYLE_PLAIN);
	out_string(out, "\n");
	if (run_has(p->run, NB_MANAGED)) {
		put_handed_over(out, b);
		put_told(out, b);
		put_blocks(out, b);
	}
	if (run_has(p->run, NB_WATERMARKS))
		put_kept_back(out, b);
	view_assumed(out, p);
}
