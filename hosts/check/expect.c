/* SPDX-License-Identifier: MIT */
/*
 * expect: a machine held against what its owner wants of it: words of the form
 * KEY=VALUE, with +-N, +-N% or the sign for both behind the value.
 */
#include "lint.h"

#include "../cli/run.h"

#include <stdio.h>
#include <string.h>

enum key { KEY_NODES, KEY_CPUS, KEY_MEMORY, KEY_CPUS_PER_NODE, KEY_MEMORY_PER_NODE, KEYS };

static const char *const key_names[KEYS] = { "nodes", "cpus", "memory", "cpus-per-node",
					     "memory-per-node" };

struct want {
	enum key key;
	uint64_t least, most;
};

/* Reads a tolerance; true, and none, if there is none. */
static bool read_tolerance(struct nb_text text, uint64_t value, uint64_t *tolerance)
{
	uint64_t number;

	*tolerance = 0;
	if (!text.len)
		return true;
	if (!text_skip(&text, "+-") && !text_skip(&text, "\xc2\xb1"))
		return false;
	if (!text.len || text.at[0] < '0' || text.at[0] > '9')
		return false;
	number = nb_text_size(&text);
	if (text_is(text, "%")) {
		if (number > 100)
			return false;
		*tolerance = value / 100 * number + value % 100 * number / 100;
		return true;
	}
	*tolerance = number;
	return !text.len;
}

static bool read_want(struct nb_text word, struct want *want)
{
	uint64_t value, tolerance;

	for (int key = 0; key < KEYS; key++) {
		struct nb_text rest = word;

		if (!text_skip(&rest, key_names[key]) || !text_skip(&rest, "="))
			continue;
		if (!rest.len || rest.at[0] < '0' || rest.at[0] > '9')
			return false;
		value = nb_text_size(&rest);
		if (!read_tolerance(rest, value, &tolerance))
			return false;
		*want = (struct want){ (enum key)key, value - nb_min(value, tolerance),
				       value + nb_min(tolerance, UINT64_MAX - value) };
		return true;
	}
	return false;
}

bool expect_reads(const char *wants)
{
	struct nb_text rest = text_of(wants), word;
	struct want want;
	bool any = false;

	while (text_word(&rest, &word)) {
		if (!read_want(word, &want))
			return false;
		any = true;
	}
	return any;
}

static uint64_t memory_of(const struct nb_boot *b, int32_t nid)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < b->memblock.memory.count; i++)
		if (nb_region_at(&b->memblock.memory, i)->nid == nid)
			sum += nb_region_at(&b->memblock.memory, i)->end -
			       nb_region_at(&b->memblock.memory, i)->start;
	return sum;
}

static uint64_t cpus_of(const struct nb_boot *b, int32_t nid)
{
	uint64_t count = 0;

	for (uint32_t cpu = 0; cpu < b->smp.words * 64; cpu++)
		count += nb_smp_on_node(&b->smp, cpu, nid);
	return count;
}

/* Holds a number against what is wanted; nid: of which node, or NB_NO_NODE. */
static void hold(struct lint *l, const struct want *want, uint64_t got, int32_t nid)
{
	enum { TEXT = 96 };
	char *wanted;

	if (got >= want->least && got <= want->most)
		return;
	wanted = (char *)pool_take(&l->out->pool, TEXT);
	if (want->least == want->most)
		snprintf(wanted, TEXT, "%s %llu", key_names[want->key],
			 (unsigned long long)want->least);
	else
		snprintf(wanted, TEXT, "%s %llu to %llu", key_names[want->key],
			 (unsigned long long)want->least, (unsigned long long)want->most);
	if (nid == NB_NO_NODE)
		report(l, FINDING_EXPECT, in_machine(), wanted, "%llu", (unsigned long long)got);
	else
		report(l, FINDING_EXPECT, in_machine(), wanted, "%llu on node %d",
		       (unsigned long long)got, nid);
}

static void hold_all(struct lint *l, const struct want *want, const struct nb_boot *b)
{
	uint64_t memory = nb_regions_size(&b->memblock.memory);

	switch (want->key) {
	case KEY_NODES:
		hold(l, want, nb_nodes_count(&b->smp.online_nodes), NB_NO_NODE);
		break;
	case KEY_CPUS:
		hold(l, want, b->smp.online_count, NB_NO_NODE);
		break;
	case KEY_MEMORY:
		hold(l, want, memory, NB_NO_NODE);
		break;
	case KEY_CPUS_PER_NODE:
		nb_for_each_node (nid, &b->smp.online_nodes)
			hold(l, want, cpus_of(b, nid), nid);
		break;
	case KEY_MEMORY_PER_NODE:
		nb_for_each_node (nid, &b->smp.online_nodes)
			hold(l, want, memory_of(b, nid), nid);
		break;
	case KEYS:
		break;
	}
}

void expect_hold(struct findings *findings, const char *wants, const struct run *run)
{
	struct lint l = { .out = findings };
	struct nb_text rest = text_of(wants), word;
	struct want want;

	if (!run_has(run, NB_SMP)) {
		report(&l, FINDING_EXPECT, in_machine(), "a kernel that survives",
		       "it does not get to its processors");
		return;
	}
	while (text_word(&rest, &word))
		if (read_want(word, &want))
			hold_all(&l, &want, &run->boot);
}
