/* SPDX-License-Identifier: MIT */
/*
 * percpu: an area for each CPU below a bound: how large, in which group, where.
 *
 *   area    |static|modules|dynamic|      a whole number of pages
 *   unit    |area                  |rest| the rest goes back to memblock
 *   group   |unit|unit|unit|none|         the CPUs of a node, on that node
 *
 *   embed   one piece for each group, aligned to what large pages map
 *     |     too little memory, or pieces so far apart that vmalloc, where later
 *     |     chunks have to repeat the distances, has no room for them
 *     v
 *   page    page by page on each CPU's node, mapped into vmalloc side by side
 *
 * Linux asks how far two CPUs are from each other, but is told only if they are on
 * one node: so a group is found by its node, and no distance is looked at.
 *
 * Where no CPU is possible, which older lines let possible_cpus= ask for, the
 * bound is found by a search that ends beyond all numbers, and areas for none
 * cannot be made.
 *
 * Source: Linux 6.12 arch/x86/kernel/setup_percpu.c setup_per_cpu_areas(),
 * mm/percpu.c pcpu_build_alloc_info().
 */
#include <numaboot/percpu.h>

#include <numaboot/events.h>
#include <numaboot/rules.h>

#include "boot/memblock.h"

enum {
	LEAST_UNIT = 32 << 10, /* bytes: Linux 6.12 include/linux/percpu.h PCPU_MIN_UNIT_SIZE */
	DMA_END = 16 << 20,    /* areas lie above if they can: MAX_DMA_ADDRESS */
	CACHE_LINE = 64,
	ERROR_NO_MEMORY = 12, /* the numbers of ENOMEM and EINVAL, which the log has */
	ERROR_INVALID = 22,
};

#define NO_GROUP UINT16_MAX

/* What the steps share. */
struct areas {
	struct nb_percpu *percpu;
	struct nb_memblock *mb;
	const struct nb_cpus *cpus;
	const struct nb_env *env;
	struct nb_range notes, pieces; /* lists that are kept only while areas are made */
};

/* Linux 6.12 include/linux/percpu.h PERCPU_DYNAMIC_SIZE_SHIFT, less the usual one. */
static unsigned room_shift(const struct nb_env *env)
{
	return env->config->percpu_wide ? 2 : 0;
}

/* Sizes: an area has at least this much room to give out. */
static void set_sizes(struct nb_percpu *p, nb_phys dynamic, nb_phys atom, const struct nb_env *env)
{
	nb_phys fixed, area;

	p->static_bytes = env->config->percpu_static_bytes;
	p->reserved_bytes = env->rules->percpu_modules_apart ? env->config->percpu_module_bytes : 0;
	fixed = p->static_bytes + p->reserved_bytes;
	area = nb_align_up(fixed + nb_max(dynamic, env->rules->percpu_early << room_shift(env)),
			   NB_PAGE_SIZE);
	p->dynamic_bytes = area - fixed;
	p->atom_bytes = atom;
	p->alloc_bytes = nb_align_up(nb_max(area, LEAST_UNIT), atom);
}

/* Groups. */

static struct nb_percpu_group *group_of(struct nb_percpu *p, int32_t nid)
{
	uint32_t key = nid == NB_NO_NODE ? 0 : (uint32_t)nid;

	nb_assert(key < p->nodes);
	if (p->group_of[key] == NO_GROUP) {
		p->group_of[key] = (uint16_t)p->groups;
		p->group[p->groups++] = (struct nb_percpu_group){ .nid = nid };
	}
	return &p->group[p->group_of[key]];
}

/* Puts the CPUs of a node together, or all of them: groups are numbered by their
 * lowest CPU. */
static void make_groups(struct nb_percpu *p, const struct nb_cpus *cpus, bool by_node)
{
	uint32_t first = 0;

	nb_assert(cpus->possible <= p->cap);
	p->groups = 0;
	for (uint32_t key = 0; key < p->nodes; key++)
		p->group_of[key] = NO_GROUP;
	for (uint32_t cpu = 0; cpu < cpus->possible; cpu++)
		group_of(p, by_node ? cpus->cpu[cpu].nid : NB_NO_NODE)->cpus++;
	for (uint32_t g = 0; g < p->groups; g++) {
		p->group[g].first = first;
		first += p->group[g].cpus;
	}
	for (uint32_t cpu = 0; cpu < cpus->possible; cpu++) {
		struct nb_percpu_group *group =
			group_of(p, by_node ? cpus->cpu[cpu].nid : NB_NO_NODE);

		p->member[group->first + group->units++] = cpu;
	}
}

/* Whether an allocation can be cut into so many units of whole pages. */
static bool cuts_evenly(const struct nb_percpu *p, uint64_t units)
{
	return p->alloc_bytes % units == 0 && p->alloc_bytes / units % NB_PAGE_SIZE == 0;
}

/*
 * Units of an allocation: as many as fit, then fewer while at most one unit for
 * three CPUs stays unused and no more allocations are needed.
 */
static uint64_t choose_units(const struct nb_percpu *p, uint32_t possible)
{
	uint64_t least = nb_max(nb_percpu_area_bytes(p), LEAST_UNIT), best = 1;
	uint64_t least_allocs = UINT64_MAX;

	for (uint64_t units = p->alloc_bytes / least; units > 0; units--) {
		uint64_t allocs = 0;

		if (!cuts_evenly(p, units))
			continue;
		for (uint32_t g = 0; g < p->groups; g++)
			allocs += (p->group[g].cpus + units - 1) / units;
		if (allocs * units - possible > possible / 3)
			continue;
		if (allocs > least_allocs)
			break;
		least_allocs = allocs;
		best = units;
	}
	return best;
}

static void set_units(struct nb_percpu *p, uint32_t possible)
{
	uint64_t units = choose_units(p, possible);

	p->units_per_alloc = (uint32_t)units;
	p->unit_bytes = p->alloc_bytes / units;
	for (uint32_t g = 0; g < p->groups; g++)
		p->group[g].units = (uint32_t)((p->group[g].cpus + units - 1) / units * units);
}

/* Memory. */

static nb_phys group_bytes(const struct nb_percpu *p, const struct nb_percpu_group *group)
{
	return group->units * p->unit_bytes;
}

/* Takes memory of a node, else of any; above DMA's, else anywhere. Errors: as
 * nb_memblock_alloc(). Linux 6.12 mm/memblock.c memblock_alloc_internal(). */
static enum nb_err take(struct areas *a, nb_phys size, nb_phys align, int32_t nid, nb_phys *at)
{
	struct nb_request request = { .size = size, .align = align, .min = DMA_END, .nid = nid };
	enum nb_err err = nb_memblock_alloc(a->mb, &request, at);

	if (err == NB_ERR_MEMORY) {
		request.min = 0;
		err = nb_memblock_alloc(a->mb, &request, at);
	}
	nb_memblock_tell(a->mb, a->env);
	return err;
}

static enum nb_err give_back(struct areas *a, nb_phys start, nb_phys end)
{
	return nb_memblock_settle(a->mb, &a->mb->reserved, NB_PERCPU,
				  nb_memblock_free(a->mb, start, end), a->env);
}

/* Takes a list of so many bytes, in whole pages. */
static enum nb_err take_list(struct areas *a, nb_phys bytes, nb_phys align, struct nb_range *list)
{
	const struct nb_request request = {
		.size = nb_align_up(bytes, NB_PAGE_SIZE),
		.align = align,
		.nid = NB_NO_NODE,
	};
	enum nb_err err = nb_memblock_alloc(a->mb, &request, &list->start);

	nb_memblock_tell(a->mb, a->env);
	if (!err)
		list->end = list->start + request.size;
	return err;
}

/*
 * Takes what Linux notes while it makes areas: the groups with the CPU of each
 * unit, then `bytes` for addresses of what is taken. It lies where areas would.
 * Linux 6.12 mm/percpu.c pcpu_alloc_alloc_info().
 */
static enum nb_err take_lists(struct areas *a, nb_phys bytes)
{
	enum { HEAD = 64, GROUP = 24, UNIT = 4 }; /* bytes; 32-bit builds need no more pages */
	nb_phys units = 0;
	enum nb_err err;

	a->notes = a->pieces = (struct nb_range){ 0 };
	for (uint32_t g = 0; g < a->percpu->groups; g++)
		units += a->percpu->group[g].units;
	err = take_list(a, HEAD + a->percpu->groups * (nb_phys)GROUP + units * UNIT, NB_PAGE_SIZE,
			&a->notes);
	return err ? err : take_list(a, bytes, CACHE_LINE, &a->pieces);
}

static enum nb_err give_lists_back(struct areas *a)
{
	enum nb_err err = give_back(a, a->notes.start, a->notes.end);

	return err ? err : give_back(a, a->pieces.start, a->pieces.end);
}

static nb_phys pointer_bytes(const struct nb_env *env)
{
	return env->config->low_and_vmalloc ? 4 : 8;
}

/* What vmalloc has: what low memory leaves it of 32 bits, or a share of the
 * address space that its levels of paging decide. */
static nb_phys vmalloc_bytes(const struct nb_memblock *mb, const struct nb_boot_facts *facts,
			     const struct nb_env *env)
{
	enum { GUARD = 8 << 20, WIDE_BITS = 52, TIB = 32, WIDE_TIB = 12800 };
	nb_phys shared = env->config->low_and_vmalloc;
	bool wide = facts->five_level && env->config->phys_bits == WIDE_BITS;

	if (shared)
		return shared - nb_min(shared, nb_align_up(mb->limit, NB_PAGE_SIZE) + GUARD);
	return ((nb_phys)(wide ? WIDE_TIB : TIB) << 40) - 1;
}

/* From the lowest unit to the end of the highest group; by the rule, to the end of
 * the first unit of that. */
static nb_phys spread(const struct nb_percpu *p, const struct nb_rules *rules)
{
	const struct nb_percpu_group *highest = p->group;

	for (uint32_t g = 1; g < p->groups; g++)
		if (p->group[g].area > highest->area)
			highest = &p->group[g];
	return highest->area - p->base +
	       (rules->percpu_spread_late ? p->unit_bytes : group_bytes(p, highest));
}

/* Embedding. */

static enum nb_err take_groups(struct areas *a)
{
	struct nb_percpu *p = a->percpu;

	p->base = UINT64_MAX;
	for (uint32_t g = 0; g < p->groups; g++) {
		struct nb_percpu_group *group = &p->group[g];
		enum nb_err err =
			take(a, group_bytes(p, group), p->atom_bytes, group->nid, &group->area);

		if (err)
			return err;
		p->base = nb_min(p->base, group->area);
	}
	return NB_OK;
}

/* Gives back whole groups that were taken. */
static enum nb_err drop_groups(struct areas *a)
{
	struct nb_percpu *p = a->percpu;
	enum nb_err err = NB_OK;

	for (uint32_t g = 0; !err && g < p->groups; g++)
		if (p->group[g].area)
			err = give_back(a, p->group[g].area,
					p->group[g].area + group_bytes(p, &p->group[g]));
	return err;
}

/* Gives back the rest of each unit, and the units of no CPU. */
static enum nb_err trim_group(struct areas *a, const struct nb_percpu_group *group)
{
	const struct nb_percpu *p = a->percpu;
	nb_phys area = nb_percpu_area_bytes(p);
	enum nb_err err = NB_OK;

	for (uint32_t unit = 0; !err && unit < group->units; unit++) {
		nb_phys at = group->area + unit * p->unit_bytes;

		err = give_back(a, at + (unit < group->cpus ? area : 0), at + p->unit_bytes);
	}
	return err;
}

static enum nb_err trim_groups(struct areas *a)
{
	enum nb_err err = NB_OK;

	for (uint32_t g = 0; !err && g < a->percpu->groups; g++)
		err = trim_group(a, &a->percpu->group[g]);
	return err;
}

static void tell_groups(const struct areas *a)
{
	const struct nb_percpu *p = a->percpu;

	for (uint32_t g = 0; g < p->groups; g++) {
		const struct nb_percpu_group *group = &p->group[g];
		nb_phys bytes = group_bytes(p, group);

		nb_emit(a->env, .kind = NB_EV_PERCPU_GROUP, .id = g, .nid = group->nid,
			.flags = group->nid == NB_NO_NODE,
			.range = { group->area, group->area + bytes }, .got = group->cpus,
			.limit = group->units,
			.more = { bytes - group->cpus * nb_percpu_area_bytes(p) });
	}
}

/* Whether the groups are too far apart; it is told. */
static bool too_far(const struct areas *a, nb_phys vmalloc)
{
	nb_phys distance = spread(a->percpu, a->env->rules);

	if (distance <= vmalloc * 3 / 4)
		return false;
	nb_emit(a->env, .kind = NB_EV_PERCPU_TOO_FAR, .got = distance, .limit = vmalloc);
	return true;
}

/*
 * Makes one piece of memory for each group. *failed is the number of the error
 * that makes Linux turn to pages; 0: none.
 * Linux 6.12 mm/percpu.c pcpu_embed_first_chunk(); with percpu_spread_late Linux
 * 4.9's, which trims first and keeps what it took when the pieces are too far apart.
 */
static enum nb_err embed(struct areas *a, nb_phys vmalloc, uint32_t *failed)
{
	bool late = a->env->rules->percpu_spread_late;
	enum nb_err err = take_lists(a, a->percpu->groups * pointer_bytes(a->env)), freed;

	*failed = 0;
	if (!err)
		err = take_groups(a);
	if (err == NB_ERR_MEMORY) {
		*failed = ERROR_NO_MEMORY;
		err = drop_groups(a);
	} else if (!err) {
		if (late)
			err = trim_groups(a);
		if (!err && too_far(a, vmalloc)) {
			*failed = ERROR_INVALID;
			err = late ? NB_OK : drop_groups(a);
		} else if (!err && !late) {
			err = trim_groups(a);
		}
	}
	freed = give_lists_back(a);
	return err ? err : freed;
}

/* The offsets of the CPUs' units from the lowest one. */
static void set_offsets(struct nb_percpu *p)
{
	for (uint32_t g = 0; g < p->groups; g++) {
		const struct nb_percpu_group *group = &p->group[g];

		for (uint32_t i = 0; i < group->cpus; i++)
			p->offset[p->member[group->first + i]] =
				(p->paged ? 0 : group->area - p->base) + i * p->unit_bytes;
	}
}

/* Pages. */

/* Whether so many pages, taken one by one, come to lie side by side: then they may
 * be taken at once. */
static bool lie_together(const struct nb_memblock *mb, nb_phys pages, int32_t nid)
{
	struct nb_request page = { NB_PAGE_SIZE, NB_PAGE_SIZE, .min = DMA_END, .nid = nid }, all;
	nb_phys first, start;

	if (mb->prefer_mirror)
		return false;
	if (nb_memblock_find(mb, &page, &first)) {
		page.nid = NB_NO_NODE;
		if (nb_memblock_find(mb, &page, &first))
			return false;
	}
	all = page;
	all.size *= pages;
	if (nb_memblock_find(mb, &all, &start))
		return false;
	return first == start + (mb->bottom_up ? 0 : all.size - NB_PAGE_SIZE);
}

static enum nb_err take_unit(struct areas *a, int32_t nid)
{
	nb_phys left = nb_pfn_down(a->percpu->unit_bytes), run;

	for (; left > 0; left -= run) {
		nb_phys at;
		enum nb_err err;

		run = lie_together(a->mb, left, nid) ? left : 1;
		err = take(a, run * NB_PAGE_SIZE, NB_PAGE_SIZE, nid, &at);
		if (err)
			return err;
	}
	return NB_OK;
}

static enum nb_err take_units(struct areas *a)
{
	bool numa = !a->env->config->no_numa;
	enum nb_err err = NB_OK;

	for (uint32_t cpu = 0; !err && cpu < a->cpus->possible; cpu++) {
		err = take_unit(a, numa ? a->cpus->cpu[cpu].nid : NB_NO_NODE);
		if (err == NB_ERR_MEMORY)
			nb_emit(a->env, .kind = NB_EV_PERCPU_PAGE_FAILED, .id = cpu);
	}
	return err;
}

/* Linux 6.12 mm/percpu.c pcpu_page_first_chunk(). The page tables that it needs
 * beside the areas are not modelled. */
static enum nb_err map_pages(struct areas *a)
{
	struct nb_percpu *p = a->percpu;
	uint32_t possible = a->cpus->possible;
	enum nb_err err;

	p->paged = true;
	p->base = 0;
	set_sizes(p, 0, NB_PAGE_SIZE, a->env);
	make_groups(p, a->cpus, false);
	set_units(p, possible);
	err = take_lists(a, nb_pfn_down(p->unit_bytes) * possible * pointer_bytes(a->env));
	if (!err)
		err = take_units(a);
	if (err == NB_ERR_MEMORY) {
		nb_emit(a->env, .kind = NB_EV_DIES, .id = NB_PERCPU, .why = NB_WHY_DIES_PERCPU);
		err = NB_ERR_DIES;
	}
	return err ? err : give_lists_back(a);
}

/* Telling. */

static unsigned digits(uint64_t number)
{
	unsigned count = 1;

	while (number /= 10)
		count++;
	return count;
}

/* One allocation: its group, then the CPU of each unit. */
static void tell_alloc(const struct nb_percpu *p, uint32_t g, uint32_t first_unit,
		       unsigned cpu_width, const struct nb_env *env)
{
	const struct nb_percpu_group *group = &p->group[g];

	nb_emit(env, .kind = NB_EV_PERCPU_ROW_GROUP, .id = g, .got = digits(p->groups) - digits(g));
	for (uint32_t unit = first_unit; unit < first_unit + p->units_per_alloc; unit++) {
		bool used = unit < group->cpus;
		uint32_t cpu = used ? p->member[group->first + unit] : 0;

		nb_emit(env, .kind = NB_EV_PERCPU_ROW_UNIT, .id = cpu, .flags = !used,
			.got = used ? cpu_width - digits(cpu) : cpu_width);
	}
}

/* The rows of the log: as many allocations in each as a power of two that keeps it
 * within 60 columns. Linux 6.12 mm/percpu.c pcpu_dump_alloc_info(). */
static void tell_rows(const struct nb_percpu *p, uint32_t possible, const struct nb_env *env)
{
	enum { COLUMNS = 60 };
	unsigned cpu_width = digits(possible);
	uint64_t width = p->units_per_alloc * (cpu_width + 1) + digits(p->groups) + 3;
	uint32_t in_row = 1, told = 0;

	while (in_row * 2 * width <= COLUMNS)
		in_row *= 2;
	for (uint32_t g = 0; g < p->groups; g++)
		for (uint32_t unit = 0; unit < p->group[g].units; unit += p->units_per_alloc) {
			if (told % in_row == 0 && told)
				nb_emit(env, .kind = NB_EV_PERCPU_ROW_END);
			if (told % in_row == 0)
				nb_emit(env, .kind = NB_EV_PERCPU_ROW_BEGIN);
			tell_alloc(p, g, unit, cpu_width, env);
			told++;
		}
	nb_emit(env, .kind = NB_EV_PERCPU_ROW_END);
}

static void tell(const struct nb_percpu *p, uint32_t possible, const struct nb_env *env)
{
	const nb_phys area = nb_percpu_area_bytes(p);

	nb_emit(env, .kind = p->paged ? NB_EV_PERCPU_PAGED : NB_EV_PERCPU_EMBEDDED,
		.got = nb_pfn_down(p->paged ? p->unit_bytes : area), .limit = p->base,
		.more = { p->static_bytes, p->reserved_bytes, p->dynamic_bytes, p->unit_bytes });
	nb_emit(env, .kind = NB_EV_PERCPU_LAYOUT, .got = p->alloc_bytes / p->atom_bytes,
		.limit = p->atom_bytes,
		.more = { p->static_bytes, p->reserved_bytes, p->dynamic_bytes, p->unit_bytes });
	tell_rows(p, possible, env);
}

/* Embeds the areas unless pages are asked for, or that fails. */
static enum nb_err make_areas(struct areas *a, nb_phys vmalloc, enum nb_percpu_alloc asked)
{
	struct nb_percpu *p = a->percpu;
	const struct nb_rules *rules = a->env->rules;
	nb_phys modules = rules->percpu_modules_apart ? 0 : a->env->config->percpu_module_bytes;
	uint32_t failed;
	enum nb_err err;

	p->paged = false;
	if (asked == NB_PERCPU_PAGE)
		return map_pages(a);
	set_sizes(p, (rules->percpu_dynamic << room_shift(a->env)) + modules, rules->percpu_atom,
		  a->env);
	make_groups(p, a->cpus, !a->env->config->no_numa);
	set_units(p, a->cpus->possible);
	err = embed(a, vmalloc, &failed);
	if (err)
		return err;
	if (failed) {
		nb_emit(a->env, .kind = NB_EV_PERCPU_FALLBACK, .got = failed,
			.flags = asked == NB_PERCPU_EMBED);
		return map_pages(a);
	}
	tell_groups(a);
	return NB_OK;
}

enum nb_err nb_percpu_build(struct nb_percpu *percpu, struct nb_memblock *mb,
			    const struct nb_cpus *cpus, const struct nb_numa *numa,
			    const struct nb_boot_facts *facts, const struct nb_params *params,
			    const struct nb_env *env)
{
	uint32_t most = env->config->max_cpus;
	uint32_t ids = cpus->possible ? cpus->possible : most + 1;
	bool by_ids = env->rules->cpumask_bits_are_ids || env->config->cpumask_offstack;
	uint32_t mask_bits = by_ids ? ids : most;
	struct areas a = { .percpu = percpu, .mb = mb, .cpus = cpus, .env = env };
	enum nb_err err;

	nb_emit(env, .kind = NB_EV_CPU_IDS, .more = { most, mask_bits, ids, numa->nr_node_ids });
	if (!cpus->possible) {
		nb_emit(env, .kind = NB_EV_DIES, .id = NB_PERCPU, .why = NB_WHY_DIES_NO_CPU);
		return NB_ERR_DIES;
	}
	err = make_areas(&a, vmalloc_bytes(mb, facts, env), params->percpu_alloc);
	if (err)
		return err;
	set_offsets(percpu);
	tell(percpu, cpus->possible, env);
	return NB_OK;
}
