/* SPDX-License-Identifier: MIT */
/*
 * machine: nodes that have RAM or CPUs become QEMU's, numbered from 0 without gaps,
 * since QEMU wants them so. CPUs keep their order, so each has its number again.
 */
#include "machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What every machine has: a plain PC, and a device to end it with a status. */
static const char *const always[] = {
	"qemu-system-x86_64",
	"-accel",
	"tcg,thread=multi",
	"-machine",
	"pc",
	"-nodefaults",
	"-display",
	"none",
	"-no-reboot",
	"-device",
	"isa-debug-exit,iobase=0xf4,iosize=4",
};

/* What becomes of a node. */
struct place_of {
	int32_t nid;
	uint64_t bytes;
};

static void put_arg(struct machine *m, const char *arg)
{
	if (m->count + 2 > m->cap) {
		const char **more;

		m->cap = 2 * m->cap + 64;
		more = (const char **)realloc(m->args, m->cap * sizeof(*more));
		if (!more)
			pool_exhausted();
		m->args = more;
	}
	m->args[m->count++] = arg;
	m->args[m->count] = NULL;
}

void machine_add(struct machine *m, const char *format, ...)
{
	va_list args, again;
	char *text;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = (char *)pool_take(&m->pool, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	put_arg(m, text);
}

void machine_drop(struct machine *m)
{
	free(m->args);
	pool_drop(&m->pool);
}

static uint64_t ram_of(const struct nb_boot *b, int32_t nid)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < b->memblock.memory.count; i++)
		if (nb_region_at(&b->memblock.memory, i)->nid == nid)
			sum += nb_region_at(&b->memblock.memory, i)->end -
			       nb_region_at(&b->memblock.memory, i)->start;
	return sum;
}

/* The nodes that have something, and what RAM each gets. Returns how many. */
static uint32_t pick_nodes(const struct run *run, uint64_t bytes, struct place_of *nodes)
{
	const struct nb_boot *b = &run->boot;
	uint64_t all_mib = nb_max(nb_regions_size(&b->memblock.memory) >> 20, 1);
	uint32_t count = 0;

	nb_for_each_node (nid, &b->smp.online_nodes) {
		uint64_t ram = ram_of(b, nid);

		if (!ram && !nb_nodes_has(&b->smp.has_cpu, nid))
			continue;
		if (bytes) /* in MiB, lest it overflow, and to the nearest */
			ram = ((ram >> 20) * (bytes >> 20) + all_mib / 2) / all_mib << 20;
		nodes[count++] = (struct place_of){ nid, nb_align_up(ram, NB_MIB) };
	}
	return count;
}

/* The CPUs of a node, of which there may be many, and its memory. */
static void add_node(struct machine *m, const struct nb_boot *b, const struct place_of *node)
{
	uint32_t cpu = 0;

	if (node->bytes) {
		machine_add(m, "-object");
		machine_add(m, "memory-backend-ram,id=ram%u,size=%lluM,reserve=off", m->nodes,
			    (unsigned long long)(node->bytes >> 20));
		machine_add(m, "-numa");
		machine_add(m, "node,nodeid=%u,memdev=ram%u", m->nodes, m->nodes);
	} else {
		machine_add(m, "-numa");
		machine_add(m, "node,nodeid=%u", m->nodes);
	}
	for (uint32_t number = 0; number < b->cpus.possible; number++) {
		if (!nb_smp_is_online(&b->smp, number))
			continue;
		if (b->cpus.cpu[number].nid == node->nid) {
			machine_add(m, "-numa");
			machine_add(m, "cpu,node-id=%u,socket-id=%u", m->nodes, cpu);
		}
		cpu++;
	}
	m->nodes++;
	m->bytes += node->bytes;
}

static void add_distances(struct machine *m, const struct nb_boot *b, const struct place_of *nodes)
{
	for (uint32_t from = 0; from < m->nodes; from++)
		for (uint32_t to = 0; to < m->nodes; to++) {
			if (from == to)
				continue;
			machine_add(m, "-numa");
			machine_add(m, "dist,src=%u,dst=%u,val=%u", from, to,
				    nb_numa_distance(&b->numa, nodes[from].nid, nodes[to].nid));
		}
}

bool machine_shape(struct machine *m, const struct run *run, uint64_t bytes,
		   struct complaint *complaint)
{
	static struct place_of nodes[NB_MAX_NODES];
	const struct nb_boot *b = &run->boot;
	uint32_t count;

	*m = (struct machine){ .cpus = b->smp.online_count };
	if (!run_has(run, NB_SMP)) {
		complain(complaint, "this machine has no shape: its kernel does not get to its "
				    "CPUs");
		return false;
	}
	for (size_t i = 0; i < NB_COUNT(always); i++)
		machine_add(m, "%s", always[i]);
	machine_add(m, "-smp");
	machine_add(m, "%u,sockets=%u,cores=1,threads=1", m->cpus, m->cpus);
	count = pick_nodes(run, bytes, nodes);
	for (uint32_t i = 0; i < count; i++)
		add_node(m, b, &nodes[i]);
	if (m->nodes > 1)
		add_distances(m, b, nodes);
	machine_add(m, "-m");
	machine_add(m, "size=%lluM", (unsigned long long)(m->bytes >> 20));
	return true;
}
