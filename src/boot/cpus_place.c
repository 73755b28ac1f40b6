/* SPDX-License-Identifier: MIT */
/*
 * cpus_place: the node of each CPU number, and which nodes come online with it.
 *
 *   dealt           in turn from the nodes with memory, before any CPU was known
 *   named           by the SRAT, for a CPU that is there: this wins
 *   named, offline  by the rule: the node comes online, and is given data and
 *                   zones if it has none; or the CPU goes to the nearest that is
 *
 * Source: Linux 6.12 arch/x86/mm/numa.c numa_init_array(), init_cpu_to_node(),
 * init_gi_nodes().
 */
#include "boot/cpus_build.h"

static void bring_online(struct nb_cpus *cpus, int32_t nid, enum nb_why why,
			 const struct nb_env *env)
{
	if (nb_nodes_has(&cpus->online, nid))
		return;
	nb_nodes_add(&cpus->online, nid);
	nb_emit(env, .kind = NB_EV_NODE_ONLINE, .nid = nid, .why = why);
}

/* The node that the SRAT gives an APIC ID. */
static int32_t srat_node(const struct nb_numa *numa, uint32_t apic_id)
{
	return apic_id < numa->apic_ids ? numa->apic_node[apic_id] : NB_NO_NODE;
}

/* The node that is online and nearest; of equally near ones the lowest.
 * Linux 4.4 arch/x86/mm/numa.c find_near_online_node(). */
static int32_t nearest_online(const struct nb_cpus *cpus, const struct nb_numa *numa, int32_t nid)
{
	int32_t best = NB_NO_NODE;
	uint32_t least = UINT32_MAX;

	nb_for_each_node (other, &cpus->online) {
		uint32_t distance = nb_numa_distance(numa, nid, other);

		if (distance < least) {
			least = distance;
			best = other;
		}
	}
	return best;
}

/* Where a CPU goes that the SRAT puts on a node. */
static enum nb_why follow_srat(struct nb_cpus *cpus, struct nb_cpu *cpu, int32_t nid,
			       const struct nb_numa *numa, const struct nb_env *env)
{
	if (env->rules->cpu_leaves_offline && !nb_nodes_has(&cpus->online, nid)) {
		cpu->nid = (int16_t)nearest_online(cpus, numa, nid);
		return NB_WHY_NEAREST_NODE;
	}
	bring_online(cpus, nid, NB_WHY_HAS_CPU, env);
	cpu->nid = (int16_t)nid;
	return NB_WHY_SRAT;
}

/* Gives each possible CPU a node. Linux does not note here which APIC ID a CPU
 * has that is not there yet, so the SRAT has no say in those. */
static void place_cpus(struct nb_cpus *cpus, const struct nb_numa *numa, const struct nb_env *env)
{
	int32_t turn = nb_nodes_next(&numa->online, 0);

	for (uint32_t cpu = 0; cpu < cpus->possible; cpu++) {
		struct nb_cpu *it = &cpus->cpu[cpu];
		int32_t nid = it->present ? srat_node(numa, it->apic_id) : NB_NO_NODE;
		enum nb_why why = NB_WHY_ROUND_ROBIN;

		it->nid = (int16_t)turn;
		if (nid != NB_NO_NODE)
			why = follow_srat(cpus, it, nid, numa, env);
		nb_emit(env, .kind = NB_EV_CPU_NODE, .id = cpu, .nid = it->nid, .why = why);

		turn = nb_nodes_next(&numa->online, turn + 1);
		if (turn == NB_NO_NODE)
			turn = nb_nodes_next(&numa->online, 0);
	}
}

void nb_cpus_place(struct nb_cpus *cpus, const struct nb_numa *numa, const struct nb_env *env)
{
	place_cpus(cpus, numa, env);
	nb_for_each_node (nid, &numa->initiator)
		bring_online(cpus, nid, NB_WHY_HAS_INITIATOR, env);
}
