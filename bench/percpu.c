/* SPDX-License-Identifier: MIT */
/*
 * percpu: per-CPU areas against a greedy search for their groups, which asks for
 * the distance between each CPU and each that has a lower number, both ways. The
 * stage finds groups by node instead, so that all of it, memory included, has to
 * take a small part of that.
 * A goal that is missed fails the benchmark.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <numaboot/numaboot.h>

#include "measure.h"
#include "model/percpu_model.h"

static const struct row {
	uint32_t cpus, nodes;
	int runs;
	double goal; /* the stage's time, in those of the search; 0: none */
} rows[] = {
	{ .cpus = 256, .nodes = 8, .runs = 301 },
	{ .cpus = 2048, .nodes = 64, .runs = 101, .goal = 0.1 },
	{ .cpus = 8192, .nodes = 64, .runs = 11, .goal = 0.01 },
};

enum { RANGES = 2 * NB_MAX_CPUS };

/* One machine: each node has memory for its CPUs' areas. */
static struct machine {
	struct nb_percpu percpu;
	struct nb_memblock mb;
	struct nb_cpus cpus;
	struct nb_numa numa;
	struct nb_percpu_group group[NB_MAX_NODES];
	uint16_t group_of[NB_MAX_NODES];
	uint32_t member[NB_MAX_CPUS];
	nb_phys offset[NB_MAX_CPUS];
	struct nb_cpu cpu[NB_MAX_CPUS];
	struct nb_region memory[RANGES], reserved[RANGES];
} m;

static struct percpu_model model;

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
	abort();
}

static void need(enum nb_err err)
{
	if (!err)
		return;
	fprintf(stderr, "percpu: %s\n", nb_err_text(err));
	exit(2);
}

/* CPUs are dealt to the nodes in turn. */
static void make(const struct row *row)
{
	memset(&m, 0, sizeof(m));
	nb_memblock_init(&m.mb, m.memory, m.reserved, RANGES);
	m.mb.memory_slots = m.mb.reserved_slots = 128;
	m.mb.may_double = true;
	m.cpus = (struct nb_cpus){ .cpu = m.cpu, .cap = NB_MAX_CPUS, .possible = row->cpus };
	m.numa = (struct nb_numa){ .nodes = row->nodes, .nr_node_ids = row->nodes };
	for (uint32_t cpu = 0; cpu < row->cpus; cpu++)
		m.cpu[cpu] = (struct nb_cpu){ .nid = (int16_t)(cpu % row->nodes) };
	for (uint32_t nid = 0; nid < row->nodes; nid++)
		need(nb_memblock_add(&m.mb, (nid + 1) * 4 * NB_GIB, (nid + 2) * 4 * NB_GIB,
				     (int32_t)nid, 0));
	m.percpu.group = m.group;
	m.percpu.group_of = m.group_of;
	m.percpu.member = m.member;
	m.percpu.offset = m.offset;
	m.percpu.cap = NB_MAX_CPUS;
	m.percpu.nodes = row->nodes;
}

static double stage_us(const struct row *row)
{
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12],
				    .config = &nb_configs[NB_LINE_6_12] };
	const struct nb_params params = { .percpu_alloc = NB_PERCPU_AUTO };
	const struct nb_boot_facts facts = { .five_level = false };
	double start;

	make(row);
	start = now_us(CLOCK_MONOTONIC);
	need(nb_percpu_build(&m.percpu, &m.mb, &m.cpus, &m.numa, &facts, &params, &env));
	return now_us(CLOCK_MONOTONIC) - start;
}

static double greedy_us(void)
{
	double start = now_us(CLOCK_MONOTONIC);

	percpu_model_groups(&model, &m.cpus, percpu_model_by_node);
	return now_us(CLOCK_MONOTONIC) - start;
}

static bool measure(const struct row *row)
{
	double stage[512], greedy[512], stage_median, greedy_median, ratio;
	bool met;

	for (int i = 0; i < row->runs; i++) {
		stage[i] = stage_us(row);
		greedy[i] = greedy_us();
	}
	stage_median = median(stage, (size_t)row->runs);
	greedy_median = median(greedy, (size_t)row->runs);
	ratio = stage_median / greedy_median;
	met = model.groups == m.percpu.groups && (row->goal <= 0 || ratio <= row->goal);
	printf("%6" PRIu32 " %6" PRIu32 " %12.1f %12.1f %8.4f", row->cpus, row->nodes, stage_median,
	       greedy_median, ratio);
	if (row->goal > 0)
		printf("   goal %.2f: %s", row->goal, met ? "met" : "MISSED");
	printf("\n");
	return met;
}

int main(void)
{
	bool met = true;

	printf("  cpus  nodes     stage us    greedy us    ratio\n");
	for (size_t i = 0; i < NB_COUNT(rows); i++)
		met &= measure(&rows[i]);
	return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
