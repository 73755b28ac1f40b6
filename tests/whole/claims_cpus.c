/* SPDX-License-Identifier: MIT */
/* claims_cpus: what must hold of CPUs, of fallback orders and zonelists, of the
 * CPUs that are started, and of what the HMAT says. */
#include "whole/claims.h"

#include <string.h>

enum { WALKED_NODES = 24 }; /* of a thousand nodes, these show enough of the lists */

/* --- CPUs ---------------------------------------------------------------- */

static bool same_set(const struct nb_nodes *a, const struct nb_nodes *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Nodes that are online once the CPUs are known: those with memory, of CPUs, and of
 * generic initiators. */
static struct nb_nodes expected_online(const struct nb_boot *b)
{
	struct nb_nodes nodes = b->numa.online;

	for (uint32_t cpu = 0; cpu < b->cpus.possible; cpu++)
		nb_nodes_add(&nodes, b->cpus.cpu[cpu].nid);
	nb_for_each_node (nid, &b->numa.initiator)
		nb_nodes_add(&nodes, nid);
	return nodes;
}

static bool is_repeated(const struct nb_cpus *cpus, uint32_t cpu)
{
	for (uint32_t other = 0; other < cpu; other++)
		if (cpus->cpu[other].apic_id == cpus->cpu[cpu].apic_id)
			return true;
	return false;
}

/* One CPU. An entry of the MADT that is there twice makes two of it in lines that
 * give each entry a number. With emulation, a CPU's node may be one that has lost
 * all its RAM, and is not possible: Linux numbers nodes before it drops blocks. */
static const char *cpu_broken(const struct nb_boot *b, uint32_t cpu)
{
	const struct nb_cpus *cpus = &b->cpus;
	const struct nb_cpu *it = &cpus->cpu[cpu];

	if (cpu && it->present && !cpus->cpu[cpu - 1].present)
		return "CPUs that are present have the lowest numbers";
	if (cpu && it->present && it->apic_id == NB_NO_APIC_ID &&
	    !b->env.rules->madt_x2apic_trusted)
		return "a CPU that is present has an APIC ID";
	if (it->apic_id != NB_NO_APIC_ID && is_repeated(cpus, cpu) &&
	    b->env.rules->cpu_registry != NB_REGISTRY_LOWEST)
		return "no two CPUs have one APIC ID";
	if (!nb_nodes_has(&cpus->online, it->nid))
		return "a possible CPU has a node that is online";
	if (!b->numa.emulated && !nb_nodes_has(&b->numa.possible, it->nid))
		return "a possible CPU has a node that is possible";
	return NULL;
}

const char *claims_on_cpus(const struct nb_boot *b)
{
	const struct nb_cpus *cpus = &b->cpus;
	struct nb_nodes online = expected_online(b);
	const char *broken = NULL;

	if (cpus->possible > cpus->cap || cpus->possible > b->env.config->max_cpus)
		return "no more CPUs are possible than the kernel was built for";
	if (b->params.nr_cpus && cpus->possible > b->params.nr_cpus)
		return "no more CPUs are possible than nr_cpus= allows";
	if (cpus->present > cpus->possible)
		return "no more CPUs are present than are possible";
	if (!cpus->threads_per_core)
		return "a core has a thread";
	if (cpus->possible && cpus->cpu[0].apic_id != NB_NO_APIC_ID &&
	    cpus->cpu[0].apic_id != b->firmware->facts.boot_apic_id && !b->params.no_apic)
		return "the boot CPU is CPU 0";
	for (uint32_t cpu = 0; !broken && cpu < cpus->possible; cpu++)
		broken = cpu_broken(b, cpu);
	if (broken)
		return broken;
	if (!same_set(&cpus->online, &online))
		return "nodes are online for their memory, a CPU or an initiator";
	if (b->env.rules->cpu_leaves_offline && !same_set(&cpus->online, &b->numa.online))
		return "no CPU brings its node online where it goes to the nearest that is";
	return NULL;
}

/* An initiator of a rejected SRAT brings a node online that is not possible. */
const char *claims_on_late_nodes(const struct nb_boot *b)
{
	bool all = b->env.rules->empty_nodes_built;
	const struct nb_nodes *want = all ? &b->numa.possible : &b->cpus.online;

	if (!same_set(&b->zones.built, want))
		return all ? "the possible nodes have zones in the end"
			   : "the nodes that are online have zones in the end";
	nb_for_each_node (nid, want)
		if (!all && !b->env.config->no_numa && !b->numa.node_data[nid])
			return "a node that comes online has data in the end";
	return NULL;
}

/* --- fallback orders and zonelists --------------------------------------- */

static bool is_listed(const struct nb_boot *b, const struct nb_zone *zone)
{
	return b->env.rules->zonelists_by_managed ? zone->managed_pages : zone->present_pages;
}

/* Nodes with memory, each once, the nearest first; a node below the asking one
 * counts as one further away. */
static const char *order_broken(const struct nb_boot *b, int32_t nid)
{
	const struct nb_zonelists *lists = &b->zonelists;
	const uint16_t *row = lists->order + (size_t)nid * lists->nodes;
	bool has_memory = nb_nodes_has(&b->zones.has_memory, nid);
	bool self_first = has_memory || !b->env.rules->fallback_skips_empty_self;
	struct nb_nodes want = b->zones.has_memory, seen = { 0 };
	uint32_t before = 0;

	if (self_first)
		nb_nodes_add(&want, nid);
	for (uint32_t i = 0; i < lists->order_count[nid]; i++) {
		uint32_t key = nb_numa_distance(&b->numa, nid, row[i]) + (row[i] < nid ? 1u : 0);

		if (nb_nodes_has(&seen, row[i]))
			return "a fallback order has no node twice";
		nb_nodes_add(&seen, row[i]);
		if (i == 0 && self_first) {
			if (row[i] != nid)
				return "a node heads its own fallback order";
			continue;
		}
		if (key < before)
			return "a fallback order asks the nearest first";
		before = key;
	}
	if (!same_set(&seen, &want))
		return "a fallback order has all nodes with memory, and no other";
	return NULL;
}

/* One list, or that of the node alone: each zone with pages once, in their order. */
static const char *list_broken(const struct nb_boot *b, int32_t nid, enum nb_zone_id highest,
			       bool this_node)
{
	struct nb_zonelist_walk walk =
		nb_zonelist_start(&b->zonelists, &b->zones, nid, highest, this_node);
	struct nb_nodes seen[NB_ZONES] = { { { 0 } } };
	struct nb_zoneref ref, before = { NB_NO_NODE, NB_ZONES };
	uint32_t count = 0, want = 0;

	while (nb_zonelist_next(&walk, &ref)) {
		if (ref.zone > highest || nb_nodes_has(&seen[ref.zone], ref.nid))
			return "a zonelist has no zone twice, and none above what is allowed";
		if (!is_listed(b, &b->zones.node[ref.nid].zone[ref.zone]))
			return "a zonelist has only zones with pages";
		if (b->zonelists.by_zone ? ref.zone > before.zone
					 : ref.nid == before.nid && ref.zone > before.zone)
			return "a zonelist has the higher zones first";
		nb_nodes_add(&seen[ref.zone], ref.nid);
		before = ref;
		count++;
	}
	nb_for_each_node (other, &b->zones.built) {
		bool asked = other == nid || nb_nodes_has(&b->zones.has_memory, other);

		/* A node without memory may have pages that came too late to be counted. */
		if (other == nid && !this_node && !nb_nodes_has(&b->zones.has_memory, nid))
			asked = !b->env.rules->fallback_skips_empty_self;
		for (uint32_t zone = 0; asked && zone <= highest; zone++)
			want += (other == nid || !this_node) &&
				is_listed(b, &b->zones.node[other].zone[zone]);
	}
	return count == want ? NULL : "a zonelist has every zone with pages";
}

/* A node's lists, for requests up to each zone. */
static const char *lists_broken(const struct nb_boot *b, int32_t nid)
{
	const char *broken = NULL;

	for (uint32_t zone = 0; !broken && zone < NB_ZONES; zone++) {
		broken = list_broken(b, nid, (enum nb_zone_id)zone, false);
		if (!broken)
			broken = list_broken(b, nid, (enum nb_zone_id)zone, true);
	}
	return broken;
}

const char *claims_on_lists(const struct nb_boot *b)
{
	const struct nb_zonelists *lists = &b->zonelists;
	bool all = b->env.rules->empty_nodes_built;
	const struct nb_nodes *listed = all ? &b->numa.possible : &b->cpus.online;
	const char *broken = NULL;
	uint32_t walked = 0;

	for (int32_t nid = 0; !broken && (uint32_t)nid < lists->nodes; nid++) {
		if (nb_nodes_has(listed, nid)) {
			broken = order_broken(b, nid);
			if (!broken && walked++ < WALKED_NODES)
				broken = lists_broken(b, nid);
		} else if (lists->order_count[nid]) {
			broken = "a node without data has no fallback order";
		}
	}
	if (!broken && lists->policy_zone >= NB_ZONE_MOVABLE)
		broken = "a memory policy binds a zone below Movable";
	return broken;
}

/* --- CPUs that are started ----------------------------------------------- */

static uint32_t masks_with(const struct nb_boot *b, uint32_t cpu)
{
	uint32_t count = 0;

	for (uint32_t nid = 0; nid < b->smp.nodes; nid++)
		count += nb_smp_on_node(&b->smp, cpu, (int32_t)nid);
	return count;
}

static const char *started_broken(const struct nb_boot *b, uint32_t cpu)
{
	uint32_t masks = masks_with(b, cpu);

	if (!nb_smp_is_online(&b->smp, cpu))
		return masks ? "a CPU that does not run is in no node's mask" : NULL;
	if (cpu >= b->cpus.possible || !b->cpus.cpu[cpu].present)
		return "a CPU that runs is possible and present";
	if (b->numa.emulated ? masks == 0 : masks != 1)
		return "a CPU that runs is in its node's mask, of emulated ones in some";
	return NULL;
}

/* Whether two groups' pieces have a byte in common. */
static bool pieces_meet(const struct nb_percpu *p, uint32_t g, uint32_t k)
{
	struct nb_range a = { p->group[g].area,
			      p->group[g].area + p->group[g].units * p->unit_bytes };
	struct nb_range b = { p->group[k].area,
			      p->group[k].area + p->group[k].units * p->unit_bytes };

	return nb_ranges_overlap(a, b);
}

const char *claims_on_areas(const struct nb_boot *b)
{
	const struct nb_percpu *p = &b->percpu;
	nb_phys size = nb_percpu_area_bytes(p);
	uint32_t members = 0;

	if (!b->cpus.possible)
		return "some CPU is possible";
	if (size > p->unit_bytes)
		return "an area fits into its unit";
	for (uint32_t cpu = 0; cpu < b->cpus.possible && !p->paged; cpu++) {
		nb_phys at = nb_percpu_area(p, cpu);
		const struct nb_region *taken = nb_regions_find(&b->memblock.reserved, at);

		if (!nb_is_ram(b, at) || !nb_is_ram(b, at + size - 1))
			return "a CPU's area is RAM";
		if (!taken || at + size > taken->end)
			return "a CPU's area is taken";
	}
	for (uint32_t g = 0; g < p->groups; g++) {
		members += p->group[g].cpus;
		if (p->group[g].cpus > p->group[g].units)
			return "a group has a unit for each of its CPUs";
		for (uint32_t k = 0; k < g && !p->paged; k++)
			if (pieces_meet(p, g, k))
				return "no two groups of areas meet";
	}
	return members == b->cpus.possible ? NULL : "each possible CPU is in one group";
}

const char *claims_on_start(const struct nb_boot *b)
{
	const struct nb_smp *smp = &b->smp;
	uint32_t online = 0;

	if (!nb_smp_is_online(smp, 0))
		return "the boot CPU runs";
	for (uint32_t cpu = 0; cpu < 64 * smp->words; cpu++) {
		const char *broken = started_broken(b, cpu);

		if (broken)
			return broken;
		online += nb_smp_is_online(smp, cpu);
	}
	if (online != smp->online_count)
		return "the CPUs that run are as many as is told";
	if (!b->env.rules->smp_counts_tries && online > nb_max(b->params.max_cpus, 1))
		return "no more CPUs run than maxcpus= allows";
	if (smp->possible > b->cpus.possible && smp->possible != 1)
		return "no CPU becomes possible while CPUs are started";
	if (!same_set(&smp->online_nodes, &b->cpus.online))
		return "no node comes online while CPUs are started";
	nb_for_each_node (nid, &smp->has_cpu)
		if (!nb_nodes_has(&smp->online_nodes, nid) && nid != 0)
			return "a node that has a CPU is online";
	return NULL;
}

/* --- what the HMAT says -------------------------------------------------- */

const char *claims_on_access(const struct nb_boot *b)
{
	static const struct nb_node_access nothing;

	for (uint32_t nid = 0; nid < b->access.nodes; nid++) {
		const struct nb_node_access *node = &b->access.node[nid];

		if (!node->known && memcmp(node->speed, nothing.speed, sizeof(node->speed)))
			return "a node that the HMAT does not know has no speed";
		if (node->known && !b->access.used)
			return "an HMAT that is not used says nothing";
		for (uint32_t kind = 0; kind < NB_ACCESS_CLASSES; kind++)
			nb_for_each_node (from, &node->initiators[kind])
				if (!nb_nodes_has(&b->smp.online_nodes, from))
					return "memory is near to nodes that are online";
	}
	return NULL;
}
