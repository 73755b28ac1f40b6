/* SPDX-License-Identifier: MIT */
/*
 * boot: the whole story, one line a stage: what it builds, then what it reads.
 * mb is memblock, the one result that later stages change: they take memory
 * from it and bind its ranges to nodes. Order: Linux 6.12 setup_arch(), then
 * start_kernel().
 */
#include <numaboot/boot.h>

#include "base/arena.h"
#include "base/memory.h"
#include "boot/early.h"
#include "boot/hashes.h"
#include "boot/huge_pages.h"
#include "boot/late_nodes.h"
#include "boot/resources.h"

/* What is taken is reserved before the map is read: a kernel that dies of too much of
 * that never shows its map. */
static enum nb_err reserve_then_map(struct nb_boot *b)
{
	enum nb_err err = nb_memblock_begin(&b->memblock, b->firmware, &b->params, &b->env);

	return err ? err : nb_e820_build(&b->e820, b->firmware, &b->env);
}

static enum nb_err take_huge_pages(struct nb_boot *b, const struct nb_nodes *online)
{
	const struct nb_huge_nodes nodes = { online, &b->zones };

	return nb_huge_pages_build(&b->memblock, &nodes, &b->params, &b->firmware->facts, &b->env);
}

/* Lines that make descriptors of pages last take huge pages before. */
static enum nb_err build_zones(struct nb_boot *b)
{
	const struct nb_boot_facts *facts = &b->firmware->facts;
	enum nb_err err = nb_zones_build(&b->zones, &b->memblock, &b->numa, &b->e820, &b->params,
					 facts, &b->env);

	if (!err && b->env.rules->huge_pages_early)
		err = take_huge_pages(b, &b->numa.online);
	return err ? err
		   : nb_zones_memmap(&b->zones, &b->memblock, &b->numa, &b->e820, &b->params, facts,
				     &b->env);
}

/* By then the page allocator is there, and gives the tables that were put off. */
static enum nb_err start_cpus(struct nb_boot *b)
{
	nb_hashes_later(&b->zones, nb_nodes_count(&b->cpus.online), &b->params, &b->env);
	return nb_smp_build(&b->smp, &b->memblock, &b->cpus, &b->numa, &b->firmware->facts,
			    &b->params, &b->env);
}

/* Where it worked, from its first array to its last, later stages have theirs, cleared. */
static enum nb_err find_nodes(struct nb_boot *b)
{
	enum nb_err err =
		nb_numa_build(&b->numa, &b->memblock, &b->e820, b->firmware, &b->params, &b->env);
	uint8_t *first = (uint8_t *)b->numa.scratch.physical;
	uint8_t *end = (uint8_t *)(b->numa.scratch.lowest + b->limits.nodes);

	memset(first, 0, (size_t)(end - first));
	return err;
}

static enum nb_err run(struct nb_boot *b, enum nb_stage stage)
{
	const struct nb_firmware *fw = b->firmware;
	const struct nb_params *params = &b->params;
	const struct nb_env *env = &b->env; /* rules, config, sink */
	struct nb_memblock *mb = &b->memblock;

	/* clang-format off */
	switch (stage) {
	case NB_PARAMS:      return nb_params_read(&b->params, fw->cmdline, env);
	case NB_E820:        return reserve_then_map(b);
	case NB_MEMBLOCK:    return nb_memblock_build(mb, &b->e820, fw, params, env);
	case NB_MAPPING:     return nb_mapping_build(&b->mapping, mb, &b->e820, &fw->facts, params, env);
	case NB_EARLY:       return nb_early_build(&b->e820, mb, fw, params, env);
	case NB_NUMA:        return find_nodes(b);
	case NB_CRASH:       return nb_crash_build(&b->crash, mb, fw->cmdline, params, env);
	case NB_ZONES_STAGE: return build_zones(b);
	case NB_CPUS:        return nb_cpus_build(&b->cpus, mb, &b->numa, fw, params, env);
	case NB_LATE_NODES:  return nb_late_nodes_build(&b->zones, mb, &b->numa, &b->cpus, params, env);
	case NB_RESOURCES:   return nb_resources_build(mb, &b->e820, fw, env);
	case NB_PERCPU:      return nb_percpu_build(&b->percpu, mb, &b->cpus, &b->numa, &fw->facts, params, env);
	case NB_HUGE_PAGES:  return env->rules->huge_pages_early ? NB_OK : take_huge_pages(b, &b->cpus.online);
	case NB_HASHES_STAGE: return nb_hashes_build(mb, &b->zones, params, env);
	case NB_ZONELISTS:   return nb_zonelists_build(&b->zonelists, &b->numa, &b->zones, &b->cpus, params, env);
	case NB_BOUNCE:      return nb_bounce_build(&b->bounce, mb, &b->e820, &b->numa, &b->cpus, params, env);
	case NB_MANAGED:     return nb_managed_build(&b->managed, mb, &b->zones, &fw->facts, env);
	case NB_SMP:         return start_cpus(b);
	case NB_WATERMARKS:  return nb_watermarks_build(&b->watermarks, &b->managed, &b->zones, &b->smp, params, env);
	case NB_ACCESS:      return nb_access_build(&b->access, &b->numa, &b->smp, fw, params, env);
	case NB_READY:       break;
	}
	/* clang-format on */
	return NB_OK;
}

/* Where a line leaves the order of enum nb_stage. */
struct turn {
	enum nb_stage at, next;
};

/* Zones only once the CPUs are known. */
static const struct turn late_zones[] = {
	{ NB_CRASH, NB_CPUS },        { NB_RESOURCES, NB_ZONES_STAGE },
	{ NB_CPUS, NB_RESOURCES },    { NB_ZONES_STAGE, NB_LATE_NODES },
	{ NB_LATE_NODES, NB_PERCPU },
};
/* Zonelists before the command line is read whole, or after all that is taken. */
static const struct turn early_lists[] = {
	{ NB_PERCPU, NB_ZONELISTS },
	{ NB_ZONELISTS, NB_HUGE_PAGES },
	{ NB_HASHES_STAGE, NB_BOUNCE },
};
static const struct turn late_lists[] = {
	{ NB_HASHES_STAGE, NB_BOUNCE },
	{ NB_BOUNCE, NB_ZONELISTS },
	{ NB_ZONELISTS, NB_MANAGED },
};

static bool turns(const struct turn *turn, size_t count, enum nb_stage *stage)
{
	for (size_t i = 0; i < count; i++)
		if (turn[i].at == *stage) {
			*stage = turn[i].next;
			return true;
		}
	return false;
}

/* The stage that comes after another. */
static enum nb_stage after(enum nb_stage stage, const struct nb_rules *rules)
{
	if (rules->zones_after_cpus && turns(late_zones, NB_COUNT(late_zones), &stage))
		return stage;
	if (rules->zonelists_when == NB_LISTS_EARLY &&
	    turns(early_lists, NB_COUNT(early_lists), &stage))
		return stage;
	if (rules->zonelists_when == NB_LISTS_LAST &&
	    turns(late_lists, NB_COUNT(late_lists), &stage))
		return stage;
	return stage + 1;
}

enum nb_err nb_boot_step(struct nb_boot *b)
{
	nb_assert(b->next < NB_READY);
	nb_emit(&b->env, .kind = NB_EV_STAGE, .id = b->next);

	enum nb_err err = run(b, b->next);

	if (!err)
		b->next = after(b->next, b->env.rules);
	return err;
}

enum nb_err nb_boot(struct nb_boot *b)
{
	enum nb_err err = NB_OK;

	while (!err && b->next != NB_READY)
		err = nb_boot_step(b);
	return err;
}

/* What the length of an array follows. */
enum per {
	PER_E820, /* entries of a memory map */
	PER_RANGE,
	PER_RANGE_1,  /* and one more */
	PER_RESERVED, /* and an area for each CPU, some more for a doubling */
	PER_PIECE,    /* entries of a memory map, and a few more */
	PER_BORDER,   /* an entry has two; and a few more */
	PER_BLOCK,    /* blocks of nodes */
	PER_PXM,
	PER_PXM_4,
	PER_MATRIX,
	PER_NODE,
	PER_NODE_1,
	PER_NODE_5_2, /* 5 for each, and 2 more */
	PER_NODE_PAIR,
	PER_NODE_CPU, /* a bit for each pair, in words of 64 */
	PER_NODE_ZONE,
	PER_CPU,
	PER_CPU_BIT, /* in words of 64 */
	PER_APIC,
	PER_APIC_BIT, /* in words of 32 */
	PERS,
};

/* What a boot needs: which pointer, to how many of what size. */
struct piece {
	size_t where;
	uint32_t size;
	enum per per;
};

#define PIECE(pointer, per)                                                                        \
	{                                                                                          \
		offsetof(struct nb_boot, pointer), sizeof(*((struct nb_boot *)0)->pointer), (per)  \
	}

/* Up to the stage numa. */
static const struct piece early_pieces[] = {
	PIECE(e820.map.at, PER_E820),
	PIECE(e820.firmware.at, PER_E820),
	PIECE(e820.scratch.entries, PER_E820),
	PIECE(e820.scratch.starts, PER_E820),
	PIECE(e820.scratch.ends, PER_E820),
	PIECE(e820.scratch.live, PER_E820),
	PIECE(memblock.memory.store, PER_RANGE),
	PIECE(memblock.reserved.store, PER_RESERVED),
	PIECE(mapping.tables[0].store, PER_BORDER),
	PIECE(mapping.tables[1].store, PER_PIECE),
	PIECE(mapping.tables[2].store, PER_PIECE),
	PIECE(mapping.tables[3].store, PER_PIECE),
	PIECE(numa.blocks, PER_BLOCK),
	PIECE(numa.reserved, PER_BLOCK),
	PIECE(numa.apic_node, PER_APIC),
	PIECE(numa.pxm_node, PER_PXM),
	PIECE(numa.node_pxm, PER_NODE),
	PIECE(numa.distance, PER_NODE_PAIR),
	PIECE(numa.emulated_phys, PER_NODE),
	PIECE(numa.node_data, PER_NODE),
};

/* The working memory of that stage, where later ones have what is theirs: find_nodes()
 * clears it from the first to the last. */
static const struct piece numa_scratch[] = {
	PIECE(numa.scratch.physical, PER_BLOCK),     PIECE(numa.scratch.fake, PER_BLOCK),
	PIECE(numa.scratch.index, PER_BLOCK),        PIECE(numa.scratch.run, PER_BLOCK),
	PIECE(numa.scratch.distance, PER_NODE_PAIR), PIECE(numa.scratch.pxm_node, PER_PXM),
	PIECE(numa.scratch.node_pxm, PER_NODE),      PIECE(numa.scratch.lowest, PER_NODE),
};

static const struct piece late_pieces[] = {
	PIECE(zones.node, PER_NODE),
	PIECE(zones.by_node, PER_RANGE),
	PIECE(zones.node_first, PER_NODE_1),
	PIECE(zones.node_at, PER_NODE),
	PIECE(zones.pages_below, PER_RANGE_1),
	PIECE(cpus.cpu, PER_CPU),
	PIECE(cpus.apic_seen, PER_APIC_BIT),
	PIECE(cpus.apic_present, PER_APIC_BIT),
	PIECE(percpu.group, PER_NODE),
	PIECE(percpu.group_of, PER_NODE),
	PIECE(percpu.member, PER_CPU),
	PIECE(percpu.offset, PER_CPU),
	PIECE(zonelists.order, PER_NODE_PAIR),
	PIECE(zonelists.order_count, PER_NODE),
	PIECE(zonelists.scratch, PER_NODE_5_2),
	PIECE(managed.zone, PER_NODE_ZONE),
	PIECE(managed.first_deferred, PER_NODE),
	PIECE(watermarks.zone, PER_NODE_ZONE),
	PIECE(access.node, PER_NODE),
	PIECE(access.nearest_pxm, PER_PXM),
	PIECE(access.row, PER_PXM_4),
	PIECE(access.matrix, PER_MATRIX),
	PIECE(smp.online, PER_CPU_BIT),
	PIECE(smp.node_cpus, PER_NODE_CPU),
	PIECE(smp.apic_scratch, PER_APIC_BIT),
};
#undef PIECE

static uint32_t e820_entries(const struct nb_limits *limits)
{
	return (uint32_t)nb_min(limits->ranges, 128 + 3 * NB_MAX_NODES);
}

static uint32_t node_blocks(const struct nb_limits *limits)
{
	return (uint32_t)nb_min(limits->ranges, 2 * NB_MAX_NODES);
}

/* What is reserved ends as an area for each CPU, each with free memory behind it. */
static uint32_t reserved_ranges(const struct nb_limits *limits)
{
	enum { FOR_DOUBLINGS = 16 };

	return limits->ranges + limits->cpus + FOR_DOUBLINGS;
}

static size_t count_of(enum per per, const struct nb_limits *limits)
{
	const size_t nodes = limits->nodes, cpus = limits->cpus, apics = limits->apic_ids;
	const size_t counts[PERS] = {
		[PER_E820] = e820_entries(limits),
		[PER_RANGE] = limits->ranges,
		[PER_PIECE] = (size_t)e820_entries(limits) + 4,
		[PER_BORDER] = 2 * (size_t)e820_entries(limits) + 4,
		[PER_RANGE_1] = (size_t)limits->ranges + 1,
		[PER_RESERVED] = reserved_ranges(limits),
		[PER_BLOCK] = node_blocks(limits),
		[PER_PXM] = NB_MAX_PXMS,
		[PER_PXM_4] = NB_ACCESS_MATRICES * NB_MAX_PXMS,
		[PER_MATRIX] = NB_ACCESS_MATRICES,
		[PER_NODE] = nodes,
		[PER_NODE_1] = nodes + 1,
		[PER_NODE_5_2] = 5 * nodes + 2,
		[PER_NODE_PAIR] = nodes * nodes,
		[PER_NODE_CPU] = nodes * ((cpus + 63) / 64),
		[PER_NODE_ZONE] = nodes * NB_ZONES,
		[PER_CPU] = cpus,
		[PER_CPU_BIT] = (cpus + 63) / 64,
		[PER_APIC] = apics,
		[PER_APIC_BIT] = (apics + 31) / 32,
	};

	return counts[per];
}

/* Places each piece of a list and, if there is a boot to point at them, does. */
static void carve_list(struct nb_arena *arena, struct nb_boot *b, const struct nb_limits *limits,
		       const struct piece *list, size_t count)
{
	for (const struct piece *piece = list; piece < list + count; piece++) {
		void *at = nb_arena_take(arena, count_of(piece->per, limits), piece->size);

		if (b)
			memcpy((uint8_t *)b + piece->where, &at, sizeof(at));
	}
}

static void carve(struct nb_arena *arena, struct nb_boot *b, const struct nb_limits *limits)
{
	struct nb_arena scratch;

	carve_list(arena, b, limits, early_pieces, NB_COUNT(early_pieces));
	scratch = *arena;
	carve_list(&scratch, b, limits, numa_scratch, NB_COUNT(numa_scratch));
	carve_list(arena, b, limits, late_pieces, NB_COUNT(late_pieces));
	arena->used = nb_max(arena->used, scratch.used);
}

static bool limits_ok(const struct nb_limits *limits)
{
	enum { LEAST_RANGES = 16, MOST_RANGES = 1 << 20 };

	return limits->nodes >= 1 && limits->nodes <= NB_MAX_NODES && limits->cpus >= 1 &&
	       limits->cpus <= NB_MAX_CPUS && limits->apic_ids >= 1 &&
	       limits->apic_ids <= NB_MAX_APIC_IDS && limits->ranges >= LEAST_RANGES &&
	       limits->ranges <= MOST_RANGES;
}

size_t nb_boot_size(const struct nb_limits *limits)
{
	struct nb_arena arena = { 0 };

	if (!limits_ok(limits))
		return 0;
	carve(&arena, NULL, limits);
	return arena.used;
}

/* Tells each result how long its arrays are. */
static void set_lengths(struct nb_boot *b)
{
	const struct nb_limits *limits = &b->limits;
	struct nb_regions memory = b->memblock.memory, reserved = b->memblock.reserved;

	b->e820.map.cap = b->e820.firmware.cap = e820_entries(limits);
	nb_memblock_init(&b->memblock, memory.store, reserved.store, limits->ranges);
	b->memblock.reserved.cap = reserved_ranges(limits);
	for (size_t i = 0; i < NB_COUNT(b->mapping.tables); i++)
		b->mapping.tables[i].cap = (uint32_t)count_of(i ? PER_PIECE : PER_BORDER, limits);
	b->numa.nodes = b->zones.nodes = b->zonelists.nodes = b->smp.nodes = limits->nodes;
	b->access.nodes = b->percpu.nodes = limits->nodes;
	b->managed.nodes = b->watermarks.nodes = limits->nodes;
	b->numa.block_cap = b->numa.reserved_cap = node_blocks(limits);
	b->numa.apic_ids = b->cpus.apic_ids = b->smp.apic_ids = limits->apic_ids;
	b->cpus.cap = b->percpu.cap = limits->cpus;
	b->smp.words = (limits->cpus + 63) / 64;
}

enum { BLOCK_ALIGN = 16 };

enum nb_err nb_boot_init(struct nb_boot *b, void *block, size_t size,
			 const struct nb_limits *limits, const struct nb_env *env,
			 const struct nb_firmware *fw)
{
	struct nb_arena arena = { .block = block, .size = size };

	if (!limits_ok(limits))
		return NB_ERR_LIMITS;
	if (!block || size < nb_boot_size(limits))
		return NB_ERR_MEMORY;
	nb_assert(((uintptr_t)block & (BLOCK_ALIGN - 1)) == 0);
	memset(b, 0, sizeof(*b));
	b->env = *env;
	b->limits = *limits;
	b->firmware = fw;
	carve(&arena, b, limits);
	set_lengths(b);
	return NB_OK;
}

bool nb_is_ram(const struct nb_boot *b, nb_phys address)
{
	const struct nb_region *region = nb_regions_find(&b->memblock.memory, address);

	return region && !(region->flags & NB_REGION_NOMAP);
}

int32_t nb_node_of_pfn(const struct nb_boot *b, nb_pfn pfn)
{
	return nb_memblock_node(&b->memblock, pfn);
}

int32_t nb_node_of(const struct nb_boot *b, nb_phys address)
{
	return nb_node_of_pfn(b, nb_pfn_down(address));
}

enum nb_zone_id nb_zone_of(const struct nb_boot *b, nb_phys address)
{
	const struct nb_region *region = nb_regions_find(&b->memblock.memory, address);

	return region ? nb_zones_of(&b->zones, region, nb_pfn_down(address)) : NB_ZONES;
}
