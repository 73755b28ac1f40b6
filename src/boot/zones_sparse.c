/* SPDX-License-Identifier: MIT */
/*
 * zones_sparse: memory for the descriptors of pages. RAM is counted in sections of 128
 * MiB; one that has a page of RAM is present, and belongs to the node of the first.
 * Neighbours of one node, holes between them or not, are a run:
 *
 *   |  0  |  0  |     |  0  |  1  |  1  |      two runs, of three and of two
 *
 *   roots      an array of section structures for each page full of them, and before
 *              them, or not at all, one of pointers to all that there can be
 *   usage      of each run: in the section that holds its node's data, if it can be
 *   memmap     of each run: one piece on its node, or one for each section;
 *              and the tables that map it, as its sections come to need them
 *
 * Old lines keep notes of all sections meanwhile, and have the usage of all runs before
 * the memmap of the first.
 *
 * Source: Linux 6.12 mm/sparse.c sparse_init(), mm/sparse-vmemmap.c.
 */
#include "boot/memblock.h"
#include "boot/zones_build.h"

#include <numaboot/firmware.h>
#include <numaboot/numa.h>

#define LARGE (2 * NB_MIB) /* the memmap is mapped in pages of 2 MiB */

enum {
	LINE = 64,         /* of a cache: the usual alignment */
	NOTE_BYTES = 8,    /* what old lines note of a section */
	POINTER_BYTES = 8, /* of a root */
	DMA_END = 16 << 20,
	LARGE_LEVEL = NB_PAGE_2M,
	TOP_LEVEL = 4, /* the highest that a table may have to be taken of */
};

struct sparse {
	struct nb_memblock *mb;
	const struct nb_zones *zones; /* where each node's memory ends */
	const struct nb_numa *numa;
	const struct nb_env *env;
	uint64_t map_bytes; /* of a section's descriptors, and of their addresses */
	unsigned levels;
	uint64_t next_table[TOP_LEVEL + 1]; /* of each level: behind the last that there is */
};

/* A walk over present sections, ascending, as ranges of one node. */
struct sections {
	struct nb_page_walk pages;
	uint64_t section_pages;
	uint64_t next; /* the first that is not present yet */
};

static bool next_sections(struct sections *walk, struct nb_range *range, int32_t *nid)
{
	struct nb_range pfns;

	while (nb_page_next(&walk->pages, &pfns, nid)) {
		range->start = nb_max(pfns.start / walk->section_pages, walk->next);
		range->end = (pfns.end - 1) / walk->section_pages + 1;
		if (range->start >= range->end)
			continue;
		walk->next = range->end;
		return true;
	}
	return false;
}

static struct sections all_sections(const struct sparse *s)
{
	return (struct sections){
		.pages = { .memory = &s->mb->memory, .nid = NB_NO_NODE },
		.section_pages = s->env->config->section_bytes / NB_PAGE_SIZE,
	};
}

/* Sections of one node that follow each other; `from` begins with the first. */
struct run {
	struct sections from;
	int32_t nid;
	uint64_t count;
};

/* Gives the next run; *ahead is where to look, and moves. False at the end. */
static bool next_run(struct sections *ahead, struct run *run)
{
	struct nb_range range;
	int32_t nid;
	struct sections after;

	*run = (struct run){ .from = *ahead };
	for (after = *ahead; next_sections(&after, &range, &nid); *ahead = after) {
		if (run->count && nid != run->nid)
			break;
		run->nid = nid;
		run->count += range.end - range.start;
	}
	return run->count > 0;
}

/* A search on a node begins at the end of its memory, so that it does not pass over all
 * that is above. Where nothing is found there the request is made as it is. */
static enum nb_err take(struct sparse *s, const struct nb_request *request,
			enum nb_reserved_for reason, nb_phys *at)
{
	struct nb_request below = *request;
	enum nb_err err = NB_ERR_MEMORY;

	if (request->nid >= 0 && !request->max && !s->mb->prefer_mirror) {
		below.max = nb_min(nb_pfn_phys(s->zones->node[request->nid].end), s->mb->limit);
		below.exact_nid = true;
		below.gives_up_min = false;
	}
	if (below.max > below.min && !request->max)
		err = nb_memblock_get(s->mb, &below, reason, at, s->env);
	return err == NB_ERR_MEMORY ? nb_memblock_get(s->mb, request, reason, at, s->env) : err;
}

static enum nb_err die(const struct sparse *s)
{
	nb_emit(s->env, .kind = NB_EV_DIES, .id = NB_ZONES_STAGE, .why = NB_WHY_DIES_NO_MEMMAP);
	return NB_ERR_DIES;
}

/* Takes what a kernel does not go on without. */
static enum nb_err take_or_die(struct sparse *s, const struct nb_request *request,
			       enum nb_reserved_for reason, nb_phys *at)
{
	enum nb_err err = take(s, request, reason, at);

	return err == NB_ERR_MEMORY ? die(s) : err;
}

static uint64_t section_count(const struct sparse *s)
{
	uint32_t bits = s->env->config->phys_bits;

	if (bits > 46 && s->levels < 5)
		bits = 46;
	return ((uint64_t)1 << bits) / s->env->config->section_bytes;
}

/* Linux 6.12 mm/sparse.c memblocks_present(), sparse_index_init(). */
static enum nb_err take_roots(struct sparse *s)
{
	const struct nb_kernel_config *config = s->env->config;
	uint64_t each = NB_PAGE_SIZE / config->section_struct_bytes, next = 0;
	struct sections walk = all_sections(s);
	struct nb_range range;
	enum nb_err err = NB_OK;
	int32_t nid;
	nb_phys at;

	if (s->env->rules->sparse_roots_taken) {
		const struct nb_request pointers = {
			.size = section_count(s) / each * POINTER_BYTES,
			.align = LINE,
			.nid = NB_NO_NODE,
		};

		err = take_or_die(s, &pointers, NB_RESERVED_SECTIONS, &at);
	}
	while (!err && next_sections(&walk, &range, &nid))
		for (next = nb_max(next, range.start / each);
		     !err && next <= (range.end - 1) / each; next++) {
			const struct nb_request root = { .size = NB_PAGE_SIZE,
							 .align = LINE,
							 .nid = nid };

			err = take_or_die(s, &root, NB_RESERVED_SECTIONS, &at);
		}
	return err;
}

/* Memory for notes of all sections, which is given back in the end. */
static enum nb_err take_notes(struct sparse *s, struct nb_range *notes)
{
	const struct nb_request request = {
		.size = section_count(s) * NOTE_BYTES,
		.align = LINE,
		.nid = NB_NO_NODE,
	};
	enum nb_err err = take_or_die(s, &request, NB_RESERVED_SECTIONS, &notes->start);

	if (!err)
		notes->end = notes->start + request.size;
	return err;
}

/*
 * What is used of a section, and of which kind. To have it where the node's data lies
 * lets other sections be unplugged. Of a node without data Linux reads a place that no
 * RAM has, and ends up on the first node. Linux 6.12 mm/sparse.c
 * sparse_early_usemaps_alloc_pgdat_section().
 */
static enum nb_err take_usage(struct sparse *s, const struct run *run, bool *taken)
{
	nb_phys section = s->env->config->section_bytes, at;
	bool has_data = run->nid >= 0 && (uint32_t)run->nid < s->numa->nodes &&
			s->numa->node_data[run->nid];
	nb_phys goal = has_data ? nb_align_down(s->numa->node_data[run->nid], section) : 0;
	struct nb_request request = {
		.size = run->count * s->env->config->section_usage_bytes,
		.align = LINE,
		.nid = run->nid,
		.gives_up_min = true,
	};
	enum nb_err err;

	if (s->env->rules->sparse_usage_with_data) {
		request.min = goal;
		request.max = has_data ? goal + section : 0;
		request.nid = has_data ? nb_memblock_node(s->mb, nb_pfn_down(goal)) : NB_NO_NODE;
		if (request.nid == NB_NO_NODE)
			request.nid = nb_nodes_next(&s->numa->online, 0);
	}
	err = take(s, &request, NB_RESERVED_SECTIONS, &at);
	if (err == NB_ERR_MEMORY && request.max) {
		request.max = 0;
		err = take(s, &request, NB_RESERVED_SECTIONS, &at);
	}
	*taken = !err;
	return err == NB_ERR_MEMORY ? NB_OK : err;
}

static struct nb_request memmap_request(nb_phys size, nb_phys align, int32_t nid)
{
	return (struct nb_request){
		.size = size,
		.align = align,
		.nid = nid,
		.min = DMA_END,
		.gives_up_min = true,
	};
}

/* The tables that are missing for a section's descriptors, the highest first.
 * Linux 6.12 mm/sparse-vmemmap.c vmemmap_pgd_populate() and so on. */
static enum nb_err take_tables(struct sparse *s, uint64_t section, int32_t nid)
{
	enum nb_err err = NB_OK;
	nb_phys at;

	for (unsigned level = s->levels - 1; !err && level >= LARGE_LEVEL; level--) {
		uint64_t table = section * s->map_bytes >> nb_entry_shift(level + 1);
		const struct nb_request request = memmap_request(NB_PAGE_SIZE, NB_PAGE_SIZE, nid);

		if (table < s->next_table[level])
			continue;
		err = take_or_die(s, &request, NB_RESERVED_MEMMAP_TABLE, &at);
		s->next_table[level] = table + 1;
	}
	return err;
}

/* A section's descriptors in pages of 4 KiB, where there are no 2 MiB in one piece.
 * Linux 6.12 mm/sparse-vmemmap.c vmemmap_populate_basepages(). */
static enum nb_err take_small_pages(struct sparse *s, int32_t nid)
{
	const struct nb_request request = memmap_request(NB_PAGE_SIZE, NB_PAGE_SIZE, nid);
	nb_phys at;
	enum nb_err err = take_or_die(s, &request, NB_RESERVED_MEMMAP_TABLE, &at);

	for (nb_phys bytes = 0; !err && bytes < LARGE; bytes += NB_PAGE_SIZE)
		err = take_or_die(s, &request, NB_RESERVED_MEMMAP, &at);
	return err;
}

/* Linux 6.12 mm/sparse-vmemmap.c vmemmap_populate_hugepages(). */
static enum nb_err take_section(struct sparse *s, uint64_t section, int32_t nid)
{
	enum nb_err err = take_tables(s, section, nid);

	for (uint64_t bytes = 0; !err && bytes < s->map_bytes; bytes += LARGE) {
		const struct nb_request request = memmap_request(LARGE, LARGE, nid);
		nb_phys at;

		err = take(s, &request, NB_RESERVED_MEMMAP, &at);
		if (err == NB_ERR_MEMORY)
			err = take_small_pages(s, nid);
	}
	return err;
}

/* Sections that have their memmap already need tables only: each of the lowest level
 * serves as many as it has entries. */
static enum nb_err map_sections(struct sparse *s, struct nb_range sections, int32_t nid)
{
	const uint64_t each = ((uint64_t)1 << nb_entry_shift(LARGE_LEVEL + 1)) / s->map_bytes;
	enum nb_err err = NB_OK;

	for (uint64_t at = sections.start; !err && at < sections.end; at = at / each * each + each)
		err = take_tables(s, at, nid);
	return err;
}

/* Linux 6.12 mm/sparse.c sparse_buffer_init(). */
static enum nb_err take_buffer(struct sparse *s, const struct run *run, bool *taken)
{
	struct nb_request request = memmap_request(run->count * s->map_bytes,
						   nb_align_up(s->map_bytes, LARGE), run->nid);
	enum nb_err err;
	nb_phys at;

	request.exact_nid = s->env->rules->sparse_memmap_on_node;
	err = take(s, &request, NB_RESERVED_MEMMAP, &at);
	*taken = !err;
	if (err != NB_ERR_MEMORY)
		return err;
	return request.exact_nid ? NB_OK : die(s);
}

static enum nb_err take_memmap(struct sparse *s, const struct run *run)
{
	struct sections walk = run->from;
	uint64_t left = run->count;
	struct nb_range range;
	bool whole = false;
	enum nb_err err = NB_OK;
	int32_t nid;

	if (s->env->rules->sparse_memmap_whole)
		err = take_buffer(s, run, &whole);
	while (!err && left && next_sections(&walk, &range, &nid)) {
		left -= range.end - range.start;
		if (whole)
			err = map_sections(s, range, run->nid);
		for (uint64_t at = range.start; !whole && !err && at < range.end; at++)
			err = take_section(s, at, run->nid);
	}
	return err;
}

static enum nb_err take_runs(struct sparse *s, bool usage, bool memmap)
{
	struct sections ahead = all_sections(s);
	enum nb_err err = NB_OK;
	struct run run;

	while (!err && next_run(&ahead, &run)) {
		bool taken = true;

		if (usage)
			err = take_usage(s, &run, &taken);
		if (!err && memmap && taken)
			err = take_memmap(s, &run);
	}
	return err;
}

/* Linux 4.9 mm/sparse.c sparse_init(). */
static enum nb_err take_with_notes(struct sparse *s)
{
	struct nb_range of_usage = { 0 }, of_memmap = { 0 };
	enum nb_err err = take_notes(s, &of_usage);

	if (!err)
		err = take_runs(s, true, false);
	if (!err)
		err = take_notes(s, &of_memmap);
	if (!err)
		err = take_runs(s, false, true);
	if (!err)
		err = nb_memblock_give_back(s->mb, of_memmap, NB_RESERVED_SECTIONS, s->env);
	if (!err)
		err = nb_memblock_give_back(s->mb, of_usage, NB_RESERVED_SECTIONS, s->env);
	return err;
}

enum nb_err nb_zones_sparse(const struct nb_zones_build *b, const struct nb_numa *numa,
			    const struct nb_boot_facts *facts)
{
	const struct nb_env *env = b->env;
	const struct nb_kernel_config *config = env->config;
	struct sparse s = {
		.mb = b->mb,
		.zones = b->zones,
		.numa = numa,
		.env = env,
		.map_bytes = config->section_bytes / NB_PAGE_SIZE * config->page_struct_bytes,
		.levels = facts->five_level && config->direct_map_5 ? 5 : 4,
	};
	enum nb_err err;

	if (!config->section_struct_bytes)
		return NB_OK; /* memory is flat */
	err = take_roots(&s);
	if (err)
		return err;
	return env->rules->sparse_keeps_notes ? take_with_notes(&s) : take_runs(&s, true, true);
}
