/* SPDX-License-Identifier: MIT */
/*
 * numa: the nodes of the machine.
 *
 *   ACPI tables --rejected--> one node over all RAM
 *        |                          |
 *        +-----> blocks cut to RAM <-+--> emulated nodes
 *                     |
 *        memblock's ranges get nodes --too much RAM without one--> rejected
 *                     |
 *        each node with memory gets its data and comes online
 *
 * Each attempt starts from nothing; what Linux does not clear is kept on purpose:
 * the numbers that proximity domains have, and generic initiators.
 *
 * Source: Linux 6.12 arch/x86/mm/numa.c x86_numa_init(), numa_init(),
 * mm/numa_memblks.c numa_memblks_init().
 */
#include "boot/memblock.h"
#include "boot/numa_build.h"
#include "boot/numa_data.h"

/* A node for a part of one of memblock's sets; a request that Linux loses is none of ours. */
static enum nb_err set_node(struct nb_numa_build *b, struct nb_regions *set, struct nb_range range,
			    int32_t nid)
{
	enum nb_err err = nb_memblock_set_node(b->mb, set, range.start, range.end, nid);

	return nb_memblock_settle(b->mb, set, NB_NUMA, err, b->env);
}

enum nb_err nb_numa_set_hotplug(struct nb_numa_build *b, struct nb_range range, bool on)
{
	struct nb_regions *memory = &b->mb->memory;
	enum nb_err err = nb_memblock_set_flags(b->mb, memory, range, NB_REGION_HOTPLUG, on);

	return nb_memblock_settle(b->mb, memory, NB_NUMA, err, b->env);
}

/* Clears what an attempt fills. */
static enum nb_err start_over(struct nb_numa_build *b)
{
	const struct nb_range all = { 0, UINT64_MAX };
	struct nb_numa *numa = b->numa;
	enum nb_err err;

	for (uint32_t id = 0; id < numa->apic_ids; id++)
		numa->apic_node[id] = NB_NO_NODE;
	numa->parsed = numa->possible = (struct nb_nodes){ 0 };
	numa->online = numa->too_small = (struct nb_nodes){ 0 };
	numa->block_count = 0;
	err = set_node(b, &b->mb->memory, all, NB_NO_NODE);
	if (!err)
		err = set_node(b, &b->mb->reserved, all, NB_NO_NODE);
	if (!err)
		err = nb_numa_set_hotplug(b, all, false);
	nb_distance_reset(b);
	return err ? err : b->err;
}

/* Linux 6.12 arch/x86/mm/numa.c dummy_numa_init(). */
static enum nb_verdict one_node(struct nb_numa_build *b)
{
	struct nb_range all = { 0, nb_pfn_phys(b->max_pfn) };

	nb_emit(b->env, .kind = NB_EV_DUMMY, .flags = b->params->numa_off);
	nb_emit(b->env, .kind = NB_EV_DUMMY_NODE, .range = all);
	nb_nodes_add(&b->numa->parsed, 0);
	nb_nodes_add(&b->numa->of_cpus, 0);
	nb_blocks_add(b, (struct nb_block){ all, 0 }, 0);
	return NB_ACCEPTED;
}

static bool any_hotplug(const struct nb_regions *memory, struct nb_range range)
{
	for (uint32_t i = nb_regions_first_above(memory, range.start);
	     i < memory->count && nb_region_at(memory, i)->start < range.end; i++)
		if (nb_region_at(memory, i)->flags & NB_REGION_HOTPLUG)
			return true;
	return false;
}

/* What the kernel already uses lies on these nodes: their memory can never be
 * unplugged. Linux 6.12 mm/numa_memblks.c numa_clear_kernel_node_hotplug(). */
static enum nb_err keep_kernel_nodes(struct nb_numa_build *b)
{
	struct nb_numa *numa = b->numa;
	struct nb_nodes kernel = { 0 }, cleared = { 0 };
	enum nb_err err = NB_OK;

	for (uint32_t i = 0; i < numa->block_count && !err; i++)
		err = set_node(b, &b->mb->reserved, numa->blocks[i].range, numa->blocks[i].nid);
	for (uint32_t i = 0; i < b->mb->reserved.count; i++)
		nb_nodes_add(&kernel, nb_region_at(&b->mb->reserved, i)->nid);
	for (uint32_t i = 0; i < numa->block_count && !err; i++) {
		const struct nb_block *block = &numa->blocks[i];

		if (!nb_nodes_has(&kernel, block->nid))
			continue;
		if (any_hotplug(&b->mb->memory, block->range))
			nb_nodes_add(&cleared, block->nid);
		err = nb_numa_set_hotplug(b, block->range, false);
	}
	if (!err && b->params->movable_node)
		nb_for_each_node (nid, &cleared)
			nb_emit(b->env, .kind = NB_EV_NODE_UNPLUGGABLE_CLEARED, .nid = nid,
				.why = NB_WHY_KERNEL_MEMORY);
	return err;
}

/* The nodes that there can be. False: there are none, which is refused.
 * Linux 6.12 mm/numa_memblks.c numa_register_meminfo(). */
static bool find_possible(struct nb_numa_build *b)
{
	struct nb_numa *numa = b->numa;

	numa->possible = numa->parsed;
	for (uint32_t i = 0; i < numa->block_count; i++)
		nb_nodes_add(&numa->possible, numa->blocks[i].nid);
	if (nb_nodes_next(&numa->possible, 0) != NB_NO_NODE)
		return true;
	nb_emit(b->env, .kind = NB_EV_SRAT_NO_MEMORY, .why = NB_WHY_NOT_RAM);
	return false;
}

/* memblock's ranges get their nodes. */
static enum nb_err bind(struct nb_numa_build *b)
{
	struct nb_numa *numa = b->numa;
	enum nb_err err = NB_OK;

	for (uint32_t i = 0; i < numa->block_count && !err; i++)
		err = set_node(b, &b->mb->memory, numa->blocks[i].range, numa->blocks[i].nid);
	return err || b->env->rules->kernel_nodes_late ? err : keep_kernel_nodes(b);
}

/* RAM that has no node. */
static nb_phys without_node(const struct nb_numa_build *b)
{
	struct nb_page_walk walk = { .memory = &b->mb->memory, .nid = NB_NO_NODE };
	struct nb_range pages;
	nb_phys missing = 0;
	int32_t nid;

	while (nb_page_next(&walk, &pages, &nid))
		if (nid == NB_NO_NODE)
			missing += nb_pfn_phys(nb_range_size(pages));
	return missing;
}

/* RAM that the blocks account for: what memblock gives the block's node inside of
 * it, in whole pages. Linux 6.1 arch/x86/mm/numa.c numa_meminfo_cover_memory(). */
static nb_phys in_blocks(const struct nb_numa_build *b)
{
	nb_phys covered = 0;

	for (uint32_t i = 0; i < b->numa->block_count; i++) {
		const struct nb_block *block = &b->numa->blocks[i];
		struct nb_page_walk walk = { .memory = &b->mb->memory, .nid = block->nid };
		nb_pfn start = nb_pfn_down(block->range.start);
		nb_pfn end = nb_pfn_down(block->range.end);
		struct nb_range pages;
		int32_t nid;

		walk.at = nb_regions_first_above(&b->mb->memory, nb_pfn_phys(start));
		while (nb_page_next(&walk, &pages, &nid) && pages.start < end)
			covered += nb_pfn_phys(nb_min(pages.end, end) - nb_max(pages.start, start));
	}
	return covered;
}

/* Whether the nodes account for all RAM but what the rules forgive.
 * Linux 6.12 mm/memblock.c memblock_validate_numa_coverage(). */
static bool covers(const struct nb_numa_build *b)
{
	nb_phys forgiven = b->env->rules->coverage_forgiven;
	nb_phys total = b->mb->memory_size, covered = 0, missing;
	bool fine;

	if (b->env->rules->coverage_by_blocks) {
		total = nb_pfn_phys(nb_memblock_pages(b->mb, 0, b->max_pfn));
		covered = in_blocks(b);
		missing = total - covered;
		fine = (int64_t)missing < (int64_t)forgiven;
	} else {
		missing = without_node(b);
		fine = missing <= forgiven;
	}
	if (!fine)
		nb_emit(b->env, .kind = NB_EV_UNCOVERED, .got = missing, .limit = forgiven,
			.more = { total, covered });
	return fine;
}

/* Nodes that have a page of memory. */
static struct nb_nodes with_memory(const struct nb_memblock *mb)
{
	struct nb_page_walk walk = { .memory = &mb->memory, .nid = NB_NO_NODE };
	struct nb_nodes nodes = { 0 };
	struct nb_range pages;
	int32_t nid;

	while (nb_page_next(&walk, &pages, &nid))
		nb_nodes_add(&nodes, nid);
	return nodes;
}

/* No room for a node's data: the end of the kernel, or of the node. */
static enum nb_err no_node_data(struct nb_numa_build *b, int32_t nid)
{
	if (b->env->rules->node_data_or_panic) {
		nb_emit(b->env, .kind = NB_EV_DIES, .id = NB_NUMA, .nid = nid,
			.why = NB_WHY_DIES_NODE_DATA);
		return NB_ERR_DIES;
	}
	nb_emit(b->env, .kind = NB_EV_NODE_DATA_FAILED, .nid = nid,
		.got = b->env->config->node_data_bytes);
	return NB_OK;
}

static enum nb_err take_node_data(struct nb_numa_build *b, int32_t nid, struct nb_range span)
{
	enum nb_err err = nb_numa_take_data(b->numa, b->mb, nid, span, b->env);

	return err == NB_ERR_MEMORY ? no_node_data(b, nid) : err;
}

/* What a node's blocks span, cut off at the end of RAM. */
static struct nb_range span_of(const struct nb_numa_build *b, int32_t nid)
{
	struct nb_range span = { nb_pfn_phys(b->max_pfn), 0 };

	for (uint32_t i = 0; i < b->numa->block_count; i++) {
		if (b->numa->blocks[i].nid != nid)
			continue;
		span.start = nb_min(span.start, b->numa->blocks[i].range.start);
		span.end = nb_max(span.end, b->numa->blocks[i].range.end);
	}
	return span;
}

/* Nodes of which the kernel says that they are there. */
static struct nb_nodes existing(const struct nb_numa_build *b)
{
	struct nb_nodes nodes = { 0 };

	if (!b->env->rules->nodes_by_blocks)
		return with_memory(b->mb);
	for (uint32_t i = 0; i < b->numa->block_count; i++)
		nb_nodes_add(&nodes, b->numa->blocks[i].nid);
	return nodes;
}

/* Linux 6.12 arch/x86/mm/numa.c numa_register_nodes(). */
static enum nb_err register_nodes(struct nb_numa_build *b)
{
	struct nb_nodes there = existing(b);
	enum nb_err err = NB_OK;

	nb_for_each_node (nid, &there) {
		struct nb_range span = span_of(b, nid);

		if (!nb_nodes_has(&b->numa->possible, nid))
			continue;
		if (nb_range_size(span) < b->env->rules->least_node) {
			nb_emit(b->env, .kind = NB_EV_NODE_TOO_SMALL, .nid = nid, .range = span,
				.limit = b->env->rules->least_node);
			nb_nodes_add(&b->numa->too_small, nid);
			continue;
		}
		err = take_node_data(b, nid, span);
		if (err)
			break;
		if (b->numa->node_data[nid])
			nb_nodes_add(&b->numa->online, nid);
	}
	if (!err && b->env->rules->kernel_nodes_late)
		err = keep_kernel_nodes(b);
	return err;
}

/* What every source of nodes goes through once it has named its blocks. */
static enum nb_verdict take(struct nb_numa_build *b, enum nb_verdict named)
{
	struct nb_block_list list = { b->numa->blocks, b->numa->block_count };
	enum nb_verdict verdict = named;

	if (verdict == NB_ACCEPTED && !b->err) {
		b->mb->bottom_up = false; /* the hot-pluggable memory is known */
		nb_mend_blocks(b, &list);
		verdict = nb_blocks_clean(b, &list);
		b->numa->block_count = list.count;
	}
	if (verdict == NB_ACCEPTED && !b->err)
		nb_numa_fake(b);
	if (verdict == NB_ACCEPTED && !b->err && !find_possible(b))
		return NB_REJECTED;
	if (verdict == NB_ACCEPTED && !b->err)
		b->err = bind(b);
	if (verdict == NB_ACCEPTED && !b->err && !covers(b))
		return NB_REJECTED;
	if (verdict == NB_ACCEPTED && !b->err)
		b->err = register_nodes(b);
	return verdict;
}

/* One attempt with one source. */
static enum nb_verdict attempt(struct nb_numa_build *b, enum nb_numa_source source)
{
	nb_emit(b->env, .kind = NB_EV_NUMA_TRY, .id = source);
	b->numa->source = source;
	b->err = start_over(b);
	if (b->err)
		return NB_ACCEPTED;
	return take(b, source == NB_NUMA_ACPI ? nb_numa_from_acpi(b) : one_node(b));
}

/* A machine in which nothing has been met yet. */
static void clear(struct nb_numa *numa)
{
	for (uint32_t pxm = 0; pxm < NB_MAX_PXMS; pxm++)
		numa->pxm_node[pxm] = NB_NO_NODE;
	for (uint32_t nid = 0; nid < numa->nodes; nid++) {
		numa->node_pxm[nid] = -1;
		numa->node_data[nid] = 0;
	}
	for (uint32_t nid = 0; nid < numa->nodes; nid++)
		numa->scratch.node_pxm[nid] = -1;
	for (uint32_t pxm = 0; pxm < NB_MAX_PXMS; pxm++)
		numa->scratch.pxm_node[pxm] = NB_NO_NODE;
	numa->numbered = numa->initiator = numa->of_cpus = (struct nb_nodes){ 0 };
	numa->reserved_count = 0;
	numa->distance_count = 0;
	numa->emulated = false;
}

/* 32 bits: tells how RAM is shared by low and high memory. Linux 6.1
 * arch/x86/mm/init_32.c and numa_32.c initmem_init(). */
static void tell_low_and_high(const struct nb_memblock *mb, const struct nb_e820 *e820,
			      const struct nb_env *env)
{
	nb_phys low_end = nb_pfn_phys(e820->max_low_pfn), end = nb_pfn_phys(e820->max_pfn);

	if (env->config->low_and_vmalloc)
		nb_emit(env, .kind = NB_EV_LOW_AND_HIGH, .flags = !env->config->no_highmem,
			.got = low_end, .limit = end > low_end ? end - low_end : 0,
			.more = { mb->limit });
}

enum nb_err nb_numa_build(struct nb_numa *numa, struct nb_memblock *mb, const struct nb_e820 *e820,
			  const struct nb_firmware *fw, const struct nb_params *params,
			  const struct nb_env *env)
{
	struct nb_numa_build b = {
		.numa = numa,
		.mb = mb,
		.fw = fw,
		.params = params,
		.env = env,
		.max_pfn = e820->max_pfn,
		.srat_off = params->numa_noacpi,
		.fake = params->numa_fake,
	};
	enum nb_verdict verdict = NB_REJECTED;

	clear(numa);
	numa->max_possible = nb_pfn_phys(e820->max_pfn);
	if (env->config->no_numa) {
		b.err = nb_numa_flat(&b);
		tell_low_and_high(mb, e820, env);
		return b.err;
	}
	if (!params->numa_off && !env->config->no_acpi_numa)
		verdict = attempt(&b, NB_NUMA_ACPI);
	/* In between AMD's northbridges are asked, which only old machines have. */
	if (verdict == NB_REJECTED && !b.err && !params->numa_off)
		b.err = start_over(&b);
	if (verdict == NB_REJECTED && !b.err)
		attempt(&b, NB_NUMA_DUMMY);
	numa->srat_rejected = b.srat_off;
	numa->nr_node_ids = (uint32_t)(nb_nodes_last(&numa->possible) + 1);
	if (!b.err && nb_nodes_next(&numa->online, 0) == NB_NO_NODE) {
		/* nothing to put the first node's data on: mm/mm_init.c free_area_init() */
		nb_emit(env, .kind = NB_EV_DIES, .id = NB_NUMA, .why = NB_WHY_DIES_NODE_DATA);
		return NB_ERR_DIES;
	}
	tell_low_and_high(mb, e820, env);
	return b.err;
}
