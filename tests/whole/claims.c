/* SPDX-License-Identifier: MIT */
/*
 * claims: that each claim is one that can be broken. A sound boot breaks none; a
 * result of it, or an event, that is altered breaks the very claim that is about it.
 */
#include "check.h"
#include "machine.h"
#include "whole/claims.h"

#include <stdlib.h>
#include <string.h>

#define M NB_MIB
#define G NB_GIB

static const struct machine sound = {
	.map = { { 0, 0x9fc00, 1 }, { M, 3 * G - M, 1 }, { 3 * G, G, 2 }, { 4 * G, 4 * G, 1 } },
	.cmdline = "kernelcore=4G nr_cpus=4",
	.srat = { ENTRY_CPU(0, 0), ENTRY_CPU(1, 1), ENTRY_CPU(2, 2), ENTRY_RAM(0, 0, 3 * G),
		  ENTRY_RAM(1, 4 * G, 6 * G), ENTRY_RAM(2, 6 * G, 8 * G) },
	.localities = 3,
	.slit = { 10, 20, 30, 20, 10, 40, 30, 40, 10 },
	.cpus = 3,
	.facts = { .kernel = { 16 * M, 32 * M },
		   .kernel_end = 33 * M,
		   .boot_apic_is_bsp = true,
		   .bios_low_kib = 639 },
};

/* How many regions a set has from one on, which it then loses. */
static void cut_regions(struct nb_regions *set, uint32_t count)
{
	nb_regions_cut(set, count);
}

/* Puts memory of node 0 below another region's start apart from that. */
static void split_region(struct nb_regions *set)
{
	nb_regions_cut(set, set->count);

	struct nb_region *last = &set->store[set->count];

	last[0] = last[-1];
	last[0].start = last[-1].end = (last[-1].start + last[-1].end) / 2;
	set->count++;
	set->front++;
}

/* Each: a name, the stage, the claim that no longer holds, what is altered. */
#define ALTERATIONS(ALTER)                                                                         \
	ALTER(map_full, NB_E820, "a map has no more entries than there is room for",               \
	      b->e820.map.count = b->e820.map.cap + 1)                                             \
	ALTER(map_empty, NB_E820, "no entry of a sorted map is empty", b->e820.map.at[1].size = 0) \
	ALTER(map_order, NB_E820, "entries of a map ascend and do not overlap",                    \
	      b->e820.map.at[2].start -= M)                                                        \
	ALTER(map_end, NB_E820, "RAM ends where the architecture does, or below",                  \
	      b->e820.max_pfn = b->e820.max_arch_pfn + 1)                                          \
	ALTER(map_low, NB_E820, "low RAM ends where RAM does, or below",                           \
	      b->e820.max_low_pfn = b->e820.max_pfn + 1)                                           \
	ALTER(set_full, NB_NUMA, "a set of memblock has no more regions than there is room for",   \
	      b->memblock.memory.count = b->memblock.memory.cap + 1)                               \
	ALTER(set_empty, NB_NUMA, "no region of memblock is empty",                                \
	      nb_region_at(&b->memblock.memory, 1)->end =                                          \
		      nb_region_at(&b->memblock.memory, 1)->start)                                 \
	ALTER(set_node, NB_NUMA, "a region of memblock has a node that there can be, or none",     \
	      nb_region_at(&b->memblock.memory, 1)->nid = 77)                                      \
	ALTER(set_order, NB_NUMA, "regions of memblock ascend and do not overlap",                 \
	      nb_region_at(&b->memblock.memory, 0)->end += 2 * M)                                  \
	ALTER(set_merged, NB_NUMA, "regions of memblock that touch differ in node or flags",       \
	      split_region(&b->memblock.memory))                                                   \
	ALTER(reserved_merged, NB_NUMA, "regions of memblock that touch differ in node or flags",  \
	      split_region(&b->memblock.reserved))                                                 \
	ALTER(trampoline_free, NB_SMP, "the trampoline stays reserved",                            \
	      cut_regions(&b->memblock.reserved, 1))                                               \
	ALTER(trampoline_high, NB_MEMBLOCK, "the trampoline lies below 1 MiB",                     \
	      b->memblock.trampoline = nb_region_at(&b->memblock.reserved, 2)->start)              \
	ALTER(doubling, NB_MEMBLOCK, "memblock's own arrays lie in RAM",                           \
	      (b->memblock.doubled_count = 1,                                                      \
	       b->memblock.doubled[0].storage = (struct nb_range){ 3 * G, 3 * G + M }))            \
	ALTER(ram_changed, NB_ZONES_STAGE, "no stage changes what is RAM once memblock knows it",  \
	      nb_region_at(&b->memblock.memory, 1)->end -= M)                                      \
	ALTER(ram_odd, NB_MEMBLOCK, "memblock's memory is whole pages",                            \
	      nb_region_at(&b->memblock.memory, 1)->end -= 1)                                      \
	ALTER(ram_more, NB_MEMBLOCK, "memblock's memory is RAM of the map",                        \
	      nb_region_at(&b->memblock.memory, 1)->end += M)                                      \
	ALTER(ram_less, NB_MEMBLOCK, "whole pages of RAM in the map are memblock's memory",        \
	      nb_region_at(&b->memblock.memory, 1)->end -= M)                                      \
	ALTER(kernel_free, NB_MEMBLOCK, "the kernel's image is reserved",                          \
	      nb_region_at(&b->memblock.reserved, 2)->start += M)                                  \
	ALTER(low_free, NB_MEMBLOCK, "the start of low memory is reserved",                        \
	      nb_region_at(&b->memblock.reserved, 1)->start += 0x1000)                             \
	ALTER(mib_free, NB_MEMBLOCK, "all of the first MiB is reserved",                           \
	      nb_region_at(&b->memblock.reserved, 1)->end -= 0x1000)                               \
	ALTER(size_small, NB_MEMBLOCK, "the size that is told is not below what there is",         \
	      b->memblock.memory_size = 5)                                                         \
	ALTER(tables_full, NB_MAPPING,                                                             \
	      "the direct map's tables are no more than there is room for",                        \
	      b->mapping.tables[0].count = b->mapping.tables[0].cap + 1)                           \
	ALTER(limit_beyond, NB_MAPPING, "no memory is given out that is not mapped",               \
	      b->mapping.end -= M)                                                                 \
	ALTER(ram_not_mapped, NB_MAPPING, "all RAM that may be given out is mapped",               \
	      b->mapping.pages[NB_PAGE_2M] = 0)                                                    \
	ALTER(no_possible, NB_NUMA, "some node is possible",                                       \
	      b->numa.possible = (struct nb_nodes){ 0 })                                           \
	ALTER(no_online, NB_NUMA, "some node is online", b->numa.online = (struct nb_nodes){ 0 })  \
	ALTER(ids, NB_NUMA, "node numbers end behind the last possible node",                      \
	      b->numa.nr_node_ids = 4)                                                             \
	ALTER(ids_many, NB_NUMA, "node numbers are below what the kernel was built for",           \
	      (nb_nodes_add(&b->numa.possible, 999), b->numa.nr_node_ids = 1000))                  \
	ALTER(online_more, NB_NUMA, "a node that is online is possible",                           \
	      nb_nodes_add(&b->numa.online, 7))                                                    \
	ALTER(source_none, NB_NUMA, "a kernel without NUMA asks nobody for nodes, any other does", \
	      b->numa.source = NB_NUMA_NONE)                                                       \
	ALTER(source_off, NB_NUMA, "tables that are switched off name no nodes",                   \
	      b->params.numa_off = true)                                                           \
	ALTER(source_dummy, NB_NUMA, "without tables node 0 is the only one",                      \
	      b->numa.source = NB_NUMA_DUMMY)                                                      \
	ALTER(data_hole, NB_NUMA, "a node's data lies in RAM", b->numa.node_data[1] = 3 * G)       \
	ALTER(data_free, NB_NUMA, "a node's data is reserved", b->numa.node_data[1] = 4 * G + M)   \
	ALTER(data_shared, NB_NUMA, "no two nodes share their data",                               \
	      b->numa.node_data[1] = b->numa.node_data[2])                                         \
	ALTER(domain_far, NB_NUMA, "a domain's node is one that there can be",                     \
	      b->numa.pxm_node[9] = 999)                                                           \
	ALTER(domain_other, NB_NUMA, "a domain's node is of that domain", b->numa.pxm_node[9] = 1) \
	ALTER(domain_none, NB_NUMA, "a node's domain is of that node",                             \
	      b->numa.pxm_node[1] = NB_NO_NODE)                                                    \
	ALTER(apic_dummy, NB_NUMA, "only an accepted SRAT gives an APIC ID its node",              \
	      (b->numa.source = NB_NUMA_DUMMY, b->numa.emulated = true))                           \
	ALTER(apic_node, NB_NUMA, "the node of an APIC ID is possible", b->numa.apic_node[1] = 5)  \
	ALTER(block_empty, NB_NUMA, "no block of a node is empty",                                 \
	      b->numa.blocks[1].range.end = b->numa.blocks[1].range.start)                         \
	ALTER(block_node, NB_NUMA, "a block's node is possible", b->numa.blocks[1].nid = 4)        \
	ALTER(block_end, NB_NUMA, "blocks end where RAM does, or below",                           \
	      b->numa.blocks[2].range.end += M)                                                    \
	ALTER(block_hole, NB_NUMA, "each block has some RAM",                                      \
	      b->numa.blocks[1].range = ((struct nb_range){ 3 * G, 3 * G + M }))                   \
	ALTER(block_overlap, NB_NUMA, "no two blocks overlap", b->numa.blocks[2].range.start -= M) \
	ALTER(bound_other, NB_NUMA, "RAM of a node lies in blocks of that node",                   \
	      nb_region_at(&b->memblock.memory, 0)->nid = 1)                                       \
	ALTER(bound_none, NB_NUMA, "RAM in a block has a node",                                    \
	      nb_region_at(&b->memblock.memory, 0)->nid = NB_NO_NODE)                              \
	ALTER(uncovered, NB_NUMA, "no more RAM is without a node than is forgiven",                \
	      (nb_region_at(&b->memblock.memory, 1)->nid = NB_NO_NODE,                             \
	       b->numa.blocks[0].range.end = 0xa0000))                                             \
	ALTER(online_data, NB_NUMA, "a node that is online has its data",                          \
	      b->numa.node_data[1] = 0)                                                            \
	ALTER(online_ram, NB_NUMA, "a node that is online has RAM, before CPUs are known",         \
	      (nb_region_at(&b->memblock.memory, 2)->flags = NB_REGION_HOTPLUG,                    \
	       nb_region_at(&b->memblock.memory, 2)->nid = 2, b->numa.blocks[1].nid = 2))          \
	ALTER(online_less, NB_NUMA,                                                                \
	      "a node that is there is online, but for want of room or size",                      \
	      nb_nodes_remove(&b->numa.online, 1))                                                 \
	ALTER(online_small, NB_NUMA, "a node that is too small is not online",                     \
	      nb_nodes_add(&b->numa.too_small, 1))                                                 \
	ALTER(distance_self, NB_NUMA, "a node is at distance 10 from itself",                      \
	      b->numa.distance[4] = 11)                                                            \
	ALTER(distance_other, NB_NUMA, "another node is further away than 10",                     \
	      b->numa.distance[1] = 10)                                                            \
	ALTER(limit_order, NB_ZONES_STAGE, "no zone ends before it begins",                        \
	      b->zones.limit[0].start = 0x2000)                                                    \
	ALTER(limit_overlap, NB_ZONES_STAGE, "zones begin where the ones below end",               \
	      b->zones.limit[1].start -= 1)                                                        \
	ALTER(node_order, NB_ZONES_STAGE, "no node ends before it begins",                         \
	      b->zones.node[1].start = b->zones.node[1].end + 1)                                   \
	ALTER(zone_outside, NB_ZONES_STAGE, "a zone lies within its node",                         \
	      b->zones.node[1].start += 1)                                                         \
	ALTER(zone_far, NB_ZONES_STAGE, "a zone ends where its kind does, or below",               \
	      (b->zones.node[0].zone[0].spanned_pages += 1))                                       \
	ALTER(zone_early, NB_ZONES_STAGE, "a zone begins where its kind does, or above",           \
	      b->zones.node[0].zone[1].start -= 1)                                                 \
	ALTER(zone_present, NB_ZONES_STAGE, "a zone has no more pages than it spans",              \
	      b->zones.node[1].zone[2].present_pages += 1)                                         \
	ALTER(zone_managed, NB_ZONES_STAGE, "a zone manages no more pages than it has",            \
	      b->zones.node[1].zone[2].managed_pages += 1)                                         \
	ALTER(zone_counted, NB_ZONES_STAGE,                                                        \
	      "a zone manages at first what it has, where nothing is counted off",                 \
	      b->zones.node[1].zone[2].managed_pages -= 1)                                         \
	ALTER(zone_ram, NB_ZONES_STAGE,                                                            \
	      "the zones of a node have all RAM of it, and those of no other any",                 \
	      (b->zones.node[1].zone[2].present_pages -= 1,                                        \
	       b->zones.node[1].zone[2].managed_pages -= 1))                                       \
	ALTER(zone_overlap, NB_ZONES_STAGE, "zones of a node ascend and do not overlap",           \
	      (b->zones.node[1].zone[NB_ZONE_MOVABLE].start -= 1))                                 \
	ALTER(zone_sum, NB_ZONES_STAGE, "the pages of all zones add up",                           \
	      b->zones.present_pages += 1)                                                         \
	ALTER(memory_built, NB_ZONES_STAGE, "a node that has memory has zones",                    \
	      nb_nodes_add(&b->zones.has_memory, 9))                                               \
	ALTER(normal_memory, NB_ZONES_STAGE, "a node that has normal memory has memory",           \
	      nb_nodes_remove(&b->zones.has_memory, 1))                                            \
	ALTER(online_built, NB_ZONES_STAGE, "a node that is online has zones",                     \
	      nb_nodes_add(&b->numa.online, 7))                                                    \
	ALTER(memory_pages, NB_ZONES_STAGE,                                                        \
	      "a node that is online has memory if a zone of it has pages",                        \
	      (nb_nodes_remove(&b->zones.has_memory, 1),                                           \
	       nb_nodes_remove(&b->zones.has_normal_memory, 1)))                                   \
	ALTER(nomap, NB_ZONES_STAGE, "memory is RAM",                                              \
	      nb_region_at(&b->memblock.memory, 1)->flags |= NB_REGION_NOMAP)                      \
	ALTER(cpus_many, NB_CPUS, "no more CPUs are possible than the kernel was built for",       \
	      b->cpus.possible = b->cpus.cap + 1)                                                  \
	ALTER(cpus_asked, NB_CPUS, "no more CPUs are possible than nr_cpus= allows",               \
	      b->params.nr_cpus = 2)                                                               \
	ALTER(cpus_present, NB_CPUS, "no more CPUs are present than are possible",                 \
	      b->cpus.present = 9)                                                                 \
	ALTER(cpu_threads, NB_CPUS, "a core has a thread", b->cpus.threads_per_core = 0)           \
	ALTER(cpu_boot, NB_CPUS, "the boot CPU is CPU 0", b->cpus.cpu[0].apic_id = 17)             \
	ALTER(cpu_dense, NB_CPUS, "CPUs that are present have the lowest numbers",                 \
	      b->cpus.cpu[1].present = false)                                                      \
	ALTER(cpu_no_id, NB_CPUS, "a CPU that is present has an APIC ID",                          \
	      b->cpus.cpu[1].apic_id = NB_NO_APIC_ID)                                              \
	ALTER(cpu_twice, NB_CPUS, "no two CPUs have one APIC ID", b->cpus.cpu[1].apic_id = 2)      \
	ALTER(cpu_offline, NB_CPUS, "a possible CPU has a node that is online",                    \
	      nb_nodes_remove(&b->cpus.online, 1))                                                 \
	ALTER(cpu_impossible, NB_CPUS, "a possible CPU has a node that is possible",               \
	      nb_nodes_remove(&b->numa.possible, 1))                                               \
	ALTER(cpu_online, NB_CPUS, "nodes are online for their memory, a CPU or an initiator",     \
	      nb_nodes_add(&b->cpus.online, 6))                                                    \
	ALTER(late_built, NB_LATE_NODES, "the possible nodes have zones in the end",               \
	      nb_nodes_add(&b->zones.built, 6))                                                    \
	ALTER(no_cpu, NB_PERCPU, "some CPU is possible", b->cpus.possible = 0)                     \
	ALTER(order_none, NB_ZONELISTS, "a node without data has no fallback order",               \
	      nb_nodes_remove(&b->numa.possible, 1))                                               \
	ALTER(order_twice, NB_ZONELISTS, "a fallback order has no node twice",                     \
	      b->zonelists.order[1] = 0)                                                           \
	ALTER(order_self, NB_ZONELISTS, "a node heads its own fallback order",                     \
	      (b->zonelists.order[0] = 1, b->zonelists.order[1] = 0))                              \
	ALTER(order_near, NB_ZONELISTS, "a fallback order asks the nearest first",                 \
	      (b->zonelists.order[1] = 2, b->zonelists.order[2] = 1))                              \
	ALTER(order_less, NB_ZONELISTS,                                                            \
	      "a fallback order has all nodes with memory, and no other",                          \
	      b->zonelists.order_count[0] = 2)                                                     \
	ALTER(list_less, NB_ZONELISTS, "a zonelist has every zone with pages",                     \
	      (b->zonelists.by_managed = true, b->zones.node[1].zone[2].managed_pages = 0))        \
	ALTER(policy, NB_ZONELISTS, "a memory policy binds a zone below Movable",                  \
	      b->zonelists.policy_zone = NB_ZONE_MOVABLE)                                          \
	ALTER(managed_more, NB_MANAGED, "the page allocator gets the pages that are free",         \
	      b->managed.zone[NB_ZONE_DMA].pages++)                                                \
	ALTER(managed_blocks, NB_MANAGED, "free blocks are a zone's pages",                        \
	      b->managed.zone[NB_ZONE_DMA].blocks[1]++)                                            \
	ALTER(managed_deferred, NB_MANAGED, "pages that wait are some of those that come",         \
	      b->managed.zone[NB_ZONE_DMA].deferred_pages = 1 << 20)                               \
	ALTER(managed_sum, NB_MANAGED, "all pages are those of the zones", b->managed.pages++)     \
	ALTER(marks_order, NB_WATERMARKS, "a mark is not above the next one",                      \
	      b->watermarks.zone[NB_ZONE_DMA].marks.low = 0)                                       \
	ALTER(marks_sum, NB_WATERMARKS, "zones share what is kept free",                           \
	      b->watermarks.min_free_kib /= 2)                                                     \
	ALTER(marks_reserve, NB_WATERMARKS, "the more zones above, the more is kept from them",    \
	      b->watermarks.zone[NB_ZONE_DMA].marks.reserve[NB_ZONE_DMA32] = 1 << 20)              \
	ALTER(marks_list, NB_WATERMARKS, "a CPU's list has room for a batch",                      \
	      b->watermarks.zone[NB_ZONE_DMA].batch = 0)                                           \
	ALTER(area_small, NB_PERCPU, "an area fits into its unit", b->percpu.unit_bytes = 1)       \
	ALTER(area_nowhere, NB_PERCPU, "a CPU's area is RAM", b->percpu.base = (nb_phys)1 << 45)   \
	ALTER(area_free, NB_PERCPU, "a CPU's area is taken", b->percpu.base = 256 * (nb_phys)M)    \
	ALTER(area_units, NB_PERCPU, "a group has a unit for each of its CPUs",                    \
	      b->percpu.group[0].units = 0)                                                        \
	ALTER(area_groups, NB_PERCPU, "no two groups of areas meet",                               \
	      b->percpu.group[1].area = b->percpu.group[0].area)                                   \
	ALTER(area_members, NB_PERCPU, "each possible CPU is in one group",                        \
	      b->percpu.group[0].cpus = 0)                                                         \
	ALTER(boot_cpu, NB_SMP, "the boot CPU runs", b->smp.online[0] &= ~(uint64_t)1)             \
	ALTER(mask_of_none, NB_SMP, "a CPU that does not run is in no node's mask",                \
	      b->smp.online[0] &= ~(uint64_t)2)                                                    \
	ALTER(runs_absent, NB_SMP, "a CPU that runs is possible and present",                      \
	      b->smp.online[0] |= (uint64_t)1 << 40)                                               \
	ALTER(mask_two, NB_SMP, "a CPU that runs is in its node's mask, of emulated ones in some", \
	      b->smp.node_cpus[0] |= 2)                                                            \
	ALTER(run_count, NB_SMP, "the CPUs that run are as many as is told",                       \
	      b->smp.online_count = 9)                                                             \
	ALTER(smp_possible, NB_SMP, "no CPU becomes possible while CPUs are started",              \
	      b->smp.possible = 9)                                                                 \
	ALTER(smp_nodes, NB_SMP, "no node comes online while CPUs are started",                    \
	      nb_nodes_add(&b->smp.online_nodes, 6))                                               \
	ALTER(smp_cpu, NB_SMP, "a node that has a CPU is online",                                  \
	      nb_nodes_add(&b->smp.has_cpu, 6))                                                    \
	ALTER(speed, NB_ACCESS, "a node that the HMAT does not know has no speed",                 \
	      b->access.node[1].speed[0].read_latency = 5)                                         \
	ALTER(unused, NB_ACCESS, "an HMAT that is not used says nothing",                          \
	      b->access.node[1].known = true)                                                      \
	ALTER(initiator, NB_ACCESS, "memory is near to nodes that are online",                     \
	      nb_nodes_add(&b->access.node[1].initiators[0], 6))

#define FUNCTION(name, stage, claim, statement)                                                    \
	static void alter_##name(struct nb_boot *b)                                                \
	{                                                                                          \
		statement;                                                                         \
	}
#define ROW(name, stage, claim, statement) { #name, claim, stage, alter_##name },

ALTERATIONS(FUNCTION)

static const struct {
	const char *name, *claim;
	enum nb_stage stage;
	void (*alter)(struct nb_boot *b);
} rows[] = { ALTERATIONS(ROW) };

/* Boots the sound machine, with room for more nodes than it has. */
static struct told boot_sound(struct machine_boot *run)
{
	struct told told = told_begin(&run->rules, true);
	const struct nb_env env = { &run->rules, &run->config, &told.sink };
	size_t size;

	run->limits = (struct nb_limits){ 16, 64, 32, 128 };
	size = nb_boot_size(&run->limits);
	free(run->block);
	run->block = aligned_alloc(16, nb_align_up(size, 16));
	check(run->block, "there is memory for a boot");
	check(nb_boot_init(&run->boot, run->block, size, &run->limits, &env, &run->fw) == NB_OK,
	      "a boot begins");
	check(nb_boot(&run->boot) == NB_OK, "the machine is sound");
	told.ram = nb_regions_size(&run->boot.memblock.memory);
	return told;
}

static void test_results(void **state)
{
	struct machine_boot run;
	struct told told;
	const char *broken;

	(void)state;
	machine_begin(&run, &sound, NB_LINE_6_12);
	told = boot_sound(&run);
	for (int stage = NB_PARAMS; stage < NB_READY; stage++) {
		broken = claims_after(&run.boot, (enum nb_stage)stage, &told);
		check(!broken, broken ? broken : "a sound boot breaks no claim");
	}
	broken = claims_at_end(&run.boot, NB_OK, &told);
	check(!broken, broken ? broken : "nor do its events");
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		told = boot_sound(&run);
		rows[i].alter(&run.boot);
		broken = claims_after(&run.boot, rows[i].stage, &told);
		if (!broken || strcmp(broken, rows[i].claim))
			print_error("%s: broken is: %s\n", rows[i].name, broken ? broken : "none");
		check(broken && !strcmp(broken, rows[i].claim), rows[i].claim);
	}
	machine_end(&run);
}

static const struct {
	const char *claim;
	struct nb_event told[3]; /* behind the start of the first stage */
	size_t count;
} event_rows[] = {
	{ "an event is of some kind", { { .kind = NB_EVENT_KINDS } }, 1 },
	{ "a reason is one that is known", { { .kind = NB_EV_DUMMY, .why = NB_WHYS } }, 1 },
	{ "an event carries what its kind names", { { .kind = NB_EV_DUMMY, .got = 1 } }, 1 },
	{ "an event carries what its kind names",
	  { { .kind = NB_EV_DUMMY, .more = { 0, 1 } } },
	  1 },
	{ "stages run in order", { { .kind = NB_EV_STAGE, .id = NB_PARAMS } }, 1 },
	{ "stages run in order",
	  { { .kind = NB_EV_STAGE, .id = NB_E820 }, { .kind = NB_EV_STAGE, .id = NB_EARLY } },
	  2 },
	{ "a kernel dies in the stage that runs",
	  { { .kind = NB_EV_DIES, .id = NB_NUMA, .why = NB_WHY_DIES_NO_CPU } },
	  1 },
	{ "a kernel dies for a reason", { { .kind = NB_EV_DIES, .id = NB_PARAMS } }, 1 },
	{ "nothing is told of a kernel that has died",
	  { { .kind = NB_EV_DIES, .id = NB_PARAMS, .why = NB_WHY_DIES_NO_CPU },
	    { .kind = NB_EV_DUMMY } },
	  2 },
};

static void test_events(void **state)
{
	static const struct nb_event first = { .kind = NB_EV_STAGE, .id = NB_PARAMS };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(event_rows); i++) {
		struct told told = told_begin(&nb_lines[NB_LINE_6_12], true);

		told.sink.put(&told.sink, &first);
		for (size_t k = 0; k < event_rows[i].count; k++) {
			check(!told.broken, "what comes before breaks nothing");
			told.sink.put(&told.sink, &event_rows[i].told[k]);
		}
		check(told.broken && !strcmp(told.broken, event_rows[i].claim),
		      event_rows[i].claim);
	}
}

/* An end that does not fit what was told before it. */
static void test_ends(void **state)
{
	struct machine_boot run;
	struct told told;

	(void)state;
	machine_begin(&run, &sound, NB_LINE_6_12);
	told = boot_sound(&run);
	check(claims_at_end(&run.boot, NB_ERR_FULL, &told), "limits that do not do are seen");
	check(claims_at_end(&run.boot, NB_ERR_DIES, &told), "a silent death is seen");
	run.boot.next = NB_SMP;
	check(claims_at_end(&run.boot, NB_OK, &told), "a boot that ends early is seen");
	run.boot.next = NB_READY;
	told.stages--;
	check(claims_at_end(&run.boot, NB_OK, &told), "a stage that is not told is seen");
	machine_end(&run);
}

/* Whether an altered result makes it another boot. */
static bool is_seen(struct nb_boot *b, uint8_t *at, bool nodes)
{
	uint64_t was = claims_digest(b, nodes), is;

	*at ^= 1;
	is = claims_digest(b, nodes);
	*at ^= 1;
	return is != was;
}

static void test_digest(void **state)
{
	struct machine_boot run;
	struct nb_boot *b = &run.boot;

	(void)state;
	machine_begin(&run, &sound, NB_LINE_6_12);
	boot_sound(&run);
	for (int nodes = 0; nodes < 2; nodes++) {
		check(is_seen(b, (uint8_t *)&nb_region_at(&b->memblock.memory, 1)->nid, nodes),
		      "a node");
		check(is_seen(b, (uint8_t *)&nb_region_at(&b->memblock.reserved, 1)->end, nodes),
		      "an end");
		check(is_seen(b, (uint8_t *)&b->numa.distance[1], nodes), "a distance");
		check(is_seen(b, (uint8_t *)&b->numa.node_data[1], nodes), "a node's data");
		check(is_seen(b, (uint8_t *)&b->zones.node[1].zone[2].start, nodes), "a zone");
		check(is_seen(b, (uint8_t *)&b->cpus.cpu[1].nid, nodes), "a CPU's node");
		check(is_seen(b, (uint8_t *)&b->zonelists.order[1], nodes), "an order");
		check(is_seen(b, (uint8_t *)&b->smp.online[0], nodes), "a CPU that runs");
		check(is_seen(b, (uint8_t *)&b->managed.zone[1].pages, nodes), "a page");
		check(is_seen(b, (uint8_t *)&b->watermarks.zone[1].marks.low, nodes), "a mark");
	}
	check(is_seen(b, (uint8_t *)&b->numa.pxm_node[1], false), "a domain");
	check(!is_seen(b, (uint8_t *)&b->numa.pxm_node[1], true), "which may be a trace");
	check(is_seen(b, (uint8_t *)&b->access.node[1].speed[0].read_latency, false), "a speed");
	check(is_seen(b, (uint8_t *)&b->e820.map.at[1].size, false), "an entry of the map");
	machine_end(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
