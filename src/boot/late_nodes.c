/* SPDX-License-Identifier: MIT */
/*
 * late_nodes: nodes that come online with their first CPU, or a generic initiator,
 * when the zones of the others are made already: they get their own now. Lines
 * that make zones of all possible nodes have none left: a node that is not even
 * possible, of an initiator in a table that was rejected, is online and no more.
 *
 * Source: Linux 5.10 arch/x86/mm/numa.c init_cpu_to_node(), init_gi_nodes(),
 * init_memory_less_node(); Linux 6.12 arch/x86/mm/numa.c init_gi_nodes().
 */
#include "boot/late_nodes.h"

#include "boot/numa_data.h"
#include "boot/zones.h"

#include <numaboot/rules.h>

/* What the nodes are made of. */
struct late {
	struct nb_zones *zones;
	struct nb_memblock *mb;
	struct nb_numa *numa;
	const struct nb_cpus *cpus;
	const struct nb_params *params;
	const struct nb_env *env;
};

/* A node without data: the kernel reads it at address 0. */
static enum nb_err no_node_data(const struct late *late, int32_t nid)
{
	nb_emit(late->env, .kind = NB_EV_DIES, .id = NB_LATE_NODES, .nid = nid,
		.why = NB_WHY_DIES_NODE_DATA);
	return NB_ERR_DIES;
}

static enum nb_err make_node(const struct late *late, int32_t nid)
{
	struct nb_range nothing = { 0 };

	if (!nb_nodes_has(&late->cpus->online, nid) || nb_nodes_has(&late->zones->built, nid))
		return NB_OK;
	if (!late->numa->node_data[nid]) {
		enum nb_err err = nb_numa_take_data(late->numa, late->mb, nid, nothing, late->env);

		if (err)
			return err == NB_ERR_MEMORY ? no_node_data(late, nid) : err;
	}
	return nb_zones_add(late->zones, late->mb, nid, late->params, late->env);
}

/* Nodes in the order of their CPUs' numbers, then those of initiators. */
enum nb_err nb_late_nodes_build(struct nb_zones *zones, struct nb_memblock *mb,
				struct nb_numa *numa, const struct nb_cpus *cpus,
				const struct nb_params *params, const struct nb_env *env)
{
	const struct late late = { zones, mb, numa, cpus, params, env };
	enum nb_err err = NB_OK;

	if (env->rules->empty_nodes_built)
		return NB_OK;
	for (uint32_t cpu = 0; !err && cpu < cpus->possible; cpu++)
		err = make_node(&late, cpus->cpu[cpu].nid);
	for (int32_t nid = nb_nodes_next(&cpus->online, 0); !err && nid >= 0;
	     nid = nb_nodes_next(&cpus->online, nid + 1))
		err = make_node(&late, nid);
	return err;
}
