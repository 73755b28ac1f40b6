/* SPDX-License-Identifier: MIT */
/*
 * numactl: nodes as `numactl --hardware` prints them. A node's size is that of
 * its pages that are RAM; numactl's own is less by what the kernel keeps for
 * itself. What is free cannot be known before the boot.
 */
#include "views.h"

/* " 0 1 2", one blank before each. */
static void put_cpus(struct out *out, const struct nb_smp *smp, int32_t nid)
{
	const uint64_t *bits = smp->node_cpus + (size_t)(uint32_t)nid * smp->words;
	uint32_t end = smp->words * 64;
	struct run_of run;

	for (uint32_t from = 0; bits_next_run(bits, from, end, &run); from = run.last + 1)
		for (uint32_t cpu = run.first; cpu <= run.last; cpu++) {
			out_string(out, " ");
			out_number(out, cpu);
		}
}

static uint64_t pages(const struct nb_node_zones *node)
{
	uint64_t sum = 0;

	for (int zone = 0; zone < NB_ZONES; zone++)
		sum += node->zone[zone].present_pages;
	return sum;
}

static void put_node(struct out *out, const struct nb_boot *b, int32_t nid)
{
	out_string(out, "node ");
	out_number(out, (uint64_t)nid);
	out_string(out, " cpus:");
	put_cpus(out, &b->smp, nid);
	out_string(out, "\nnode ");
	out_number(out, (uint64_t)nid);
	out_string(out, " size: ");
	out_number(out, pages(&b->zones.node[nid]) >> (20 - NB_PAGE_SHIFT));
	out_string(out, " MB\nnode ");
	out_number(out, (uint64_t)nid);
	out_string(out, " free: <not available>\n");
}

static void put_distances(struct out *out, const struct nb_boot *b, bool is_guess)
{
	const struct nb_nodes *online = &b->smp.online_nodes;

	out_string(out, "node distances:");
	if (is_guess)
		out_string(out, " (assumed: the log does not hold them)");
	out_string(out, "\nnode ");
	nb_for_each_node (nid, online) {
		out_number_in(out, (uint64_t)nid, 3);
		out_string(out, " ");
	}
	out_string(out, "\n");
	nb_for_each_node (from, online) {
		out_number_in(out, (uint64_t)from, 3);
		out_string(out, ": ");
		nb_for_each_node (to, online) {
			out_number_in(out, nb_numa_distance(&b->numa, from, to), 3);
			out_string(out, " ");
		}
		out_string(out, "\n");
	}
}

void view_hardware(struct out *out, const struct prediction *prediction)
{
	const struct nb_boot *b = &prediction->run->boot;

	if (!run_has(prediction->run, NB_SMP))
		return;
	out_string(out, "available: ");
	out_number(out, nb_nodes_count(&b->smp.online_nodes));
	out_string(out, " nodes (");
	out_nodes(out, &b->smp.online_nodes);
	out_string(out, ")\n");
	nb_for_each_node (nid, &b->smp.online_nodes)
		put_node(out, b, nid);
	put_distances(out, b, source_guesses(prediction->source, FACT_SLIT));
}
