/* SPDX-License-Identifier: MIT */
/*
 * outcome: what came out of a boot, piece by piece, in an order that is the same
 * for all boots. A piece is a text that a person can read and two boots share if
 * it is equal: a list of nodes, the ranges of one, a row of distances.
 */
#include "outcome.h"

#include <numaboot/render.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const outcome_group_names[OUTCOME_GROUPS] = {
	[OUT_END] = "end",         [OUT_MAP] = "map",       [OUT_NODES] = "nodes",
	[OUT_MEMORY] = "memory",   [OUT_CPUS] = "cpus",     [OUT_DISTANCES] = "distances",
	[OUT_ZONES] = "zones",     [OUT_ORDERS] = "orders", [OUT_ACCESS] = "access",
	[OUT_REPAIRS] = "repairs",
};

enum { PIECES_FIRST = 64, TEXT_MOST = 1024 };

/* Text that is being put together, at the end of the pool. */
struct draft {
	struct outcome *outcome;
	char *at;
	size_t len, cap;
};

static struct draft begin(struct outcome *o)
{
	struct draft d = { .outcome = o, .cap = TEXT_MOST };

	d.at = pool_space(&o->pool, d.cap);
	return d;
}

static void write_on(struct draft *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void write_on(struct draft *d, const char *format, ...)
{
	enum { ONCE_MOST = 128 };
	va_list args;
	int len;

	if (d->cap - d->len < ONCE_MOST) {
		char *larger = pool_space(&d->outcome->pool, 2 * d->cap);

		if (larger != d->at)
			memcpy(larger, d->at, d->len);
		d->at = larger;
		d->cap *= 2;
	}
	va_start(args, format);
	len = vsnprintf(d->at + d->len, ONCE_MOST, format, args);
	va_end(args);
	nb_assert(len >= 0);
	d->len += len < ONCE_MOST ? (size_t)len : ONCE_MOST - 1;
}

static struct nb_text end(struct draft *d)
{
	pool_keep(&d->outcome->pool, d->len + 1);
	return (struct nb_text){ d->at, d->len };
}

static void add(struct outcome *o, enum outcome_group group, struct nb_text name,
		struct nb_text value)
{
	if (o->count == o->cap) {
		struct piece *more;

		o->cap = o->cap ? 2 * o->cap : PIECES_FIRST;
		more = (struct piece *)pool_take(&o->pool, o->cap * sizeof(*more));
		if (o->count)
			memcpy(more, o->pieces, o->count * sizeof(*more));
		o->pieces = more;
	}
	o->pieces[o->count++] = (struct piece){ group, name, value };
}

/* "node 3 zone Normal", of a node. */
static struct nb_text node_name(struct outcome *o, int32_t nid, const char *what)
{
	struct draft d = begin(o);

	write_on(&d, "node %d %s", nid, what);
	return end(&d);
}

static void add_number(struct outcome *o, enum outcome_group group, const char *name,
		       uint64_t number)
{
	struct draft d = begin(o);

	write_on(&d, "%llu", (unsigned long long)number);
	add(o, group, text_of(name), end(&d));
}

static struct nb_text list(struct outcome *o, const uint64_t *bits, uint32_t last)
{
	struct draft d = begin(o);
	struct run_of run;

	for (uint32_t from = 0; bits_next_run(bits, from, last, &run); from = run.last + 1) {
		const char *comma = d.len ? "," : "";

		if (run.first == run.last)
			write_on(&d, "%s%u", comma, run.first);
		else
			write_on(&d, "%s%u-%u", comma, run.first, run.last);
	}
	if (!d.len)
		write_on(&d, "none");
	return end(&d);
}

static void add_nodes(struct outcome *o, const char *name, const struct nb_nodes *nodes)
{
	add(o, OUT_NODES, text_of(name), list(o, nodes->bits, NB_MAX_NODES));
}

/* Collects what the library says. */
struct saying {
	struct nb_writer writer;
	struct draft draft;
};

static void keep(struct nb_writer *self, const char *text, size_t len)
{
	struct saying *s = (struct saying *)self; /* its first member */

	for (; len; len--)
		write_on(&s->draft, "%c", *text++);
}

static void add_end(struct outcome *o, const struct run *run)
{
	struct saying s = { .writer.write = keep, .draft = begin(o) };

	if (!run->dies)
		write_on(&s.draft, "survives");
	else
		nb_render_sentence(&run->death, &s.writer);
	add(o, OUT_END, text_of("the kernel"), end(&s.draft));
}

static void add_map(struct outcome *o, const struct nb_boot *b)
{
	add_number(o, OUT_MAP, "last page frame", b->e820.max_pfn);
	add_number(o, OUT_MAP, "last page frame of low memory", b->e820.max_low_pfn);
	for (uint32_t i = 0; i < b->e820.map.count; i++) {
		const struct nb_e820_entry *e = &b->e820.map.at[i];
		const char *type = nb_e820_type_text(e->type, NB_LINE_6_12);
		struct draft name = begin(o), value;
		struct nb_text text;

		write_on(&name, "map from 0x%llx", (unsigned long long)e->start);
		text = end(&name);
		value = begin(o);
		write_on(&value, "to 0x%llx, ", (unsigned long long)(e->start + e->size - 1));
		if (type)
			write_on(&value, "%s", type);
		else
			write_on(&value, "type %u", e->type);
		add(o, OUT_MAP, text, end(&value));
	}
}

static void add_node_sets(struct outcome *o, const struct run *run)
{
	const struct nb_boot *b = &run->boot;
	const char *from = b->numa.emulated                 ? "emulation"
			   : b->numa.source == NB_NUMA_ACPI ? "the ACPI tables"
							    : "none";

	add(o, OUT_NODES, text_of("nodes come from"), text_of(from));
	add_nodes(o, "nodes possible", &b->numa.possible);
	if (run_has(run, NB_SMP))
		add_nodes(o, "nodes online", &b->smp.online_nodes);
	if (run_has(run, NB_ZONES_STAGE)) {
		add_nodes(o, "nodes with memory", &b->zones.has_memory);
		add_nodes(o, "nodes with normal memory", &b->zones.has_normal_memory);
	}
	if (run_has(run, NB_SMP))
		add_nodes(o, "nodes with a CPU", &b->smp.has_cpu);
	add_nodes(o, "nodes with an initiator", &b->numa.initiator);
}

/* The RAM of a node, joined where it touches; of no node where nid is that. */
static void add_memory(struct outcome *o, const struct nb_regions *memory, int32_t nid)
{
	struct draft d;
	struct nb_text name = nid == NB_NO_NODE ? text_of("memory of no node")
						: node_name(o, nid, "memory");

	d = begin(o);
	for (uint32_t i = 0; i < memory->count; i++) {
		nb_phys start = nb_region_at(memory, i)->start, last = nb_region_at(memory, i)->end;

		if (nb_region_at(memory, i)->nid != nid)
			continue;
		while (i + 1 < memory->count && nb_region_at(memory, i + 1)->nid == nid &&
		       nb_region_at(memory, i + 1)->start == last)
			last = nb_region_at(memory, ++i)->end;
		write_on(&d, "%s0x%llx-0x%llx", d.len ? " " : "", (unsigned long long)start,
			 (unsigned long long)last - 1);
	}
	if (d.len)
		add(o, OUT_MEMORY, name, end(&d));
}

static void add_memories(struct outcome *o, const struct run *run)
{
	const struct nb_boot *b = &run->boot;

	nb_for_each_node (nid, &b->numa.possible)
		add_memory(o, &b->memblock.memory, nid);
	add_memory(o, &b->memblock.memory, NB_NO_NODE);
}

static void add_cpus(struct outcome *o, const struct run *run)
{
	const struct nb_boot *b = &run->boot;

	add_number(o, OUT_CPUS, "CPUs possible", b->cpus.possible);
	add_number(o, OUT_CPUS, "CPUs present", b->cpus.present);
	if (run_has(run, NB_SMP)) {
		add(o, OUT_CPUS, text_of("CPUs online"), list(o, b->smp.online, b->smp.words * 64));
		nb_for_each_node (nid, &b->smp.online_nodes) {
			const uint64_t *cpus =
				b->smp.node_cpus + (size_t)(uint32_t)nid * b->smp.words;

			add(o, OUT_CPUS, node_name(o, nid, "CPUs"),
			    list(o, cpus, b->smp.words * 64));
		}
	}
	for (uint32_t i = 0; i < b->cpus.possible; i++) {
		struct draft d = begin(o);
		struct nb_text name;

		write_on(&d, "CPU %u", i);
		name = end(&d);
		d = begin(o);
		if (b->cpus.cpu[i].apic_id == NB_NO_APIC_ID)
			write_on(&d, "no APIC ID, node %d", b->cpus.cpu[i].nid);
		else
			write_on(&d, "APIC ID 0x%x, node %d", b->cpus.cpu[i].apic_id,
				 b->cpus.cpu[i].nid);
		add(o, OUT_CPUS, name, end(&d));
	}
}

static void add_distances(struct outcome *o, const struct nb_boot *b)
{
	nb_for_each_node (from, &b->smp.online_nodes) {
		struct nb_text name = node_name(o, from, "distances");
		struct draft d = begin(o);

		nb_for_each_node (to, &b->smp.online_nodes)
			write_on(&d, "%s%u", d.len ? " " : "",
				 nb_numa_distance(&b->numa, from, to));
		add(o, OUT_DISTANCES, name, end(&d));
	}
}

static void add_zones(struct outcome *o, const struct nb_zones *zones)
{
	for (uint32_t i = 0; i < zones->nodes * NB_ZONES; i++) {
		const struct nb_zone *zone = &zones->node[i / NB_ZONES].zone[i % NB_ZONES];
		struct draft d;
		struct nb_text name;

		if (!zone->spanned_pages)
			continue;
		d = begin(o);
		write_on(&d, "node %u zone %s", i / NB_ZONES,
			 nb_zone_name((enum nb_zone_id)(i % NB_ZONES)));
		name = end(&d);
		d = begin(o);
		write_on(&d, "start pfn %llu, spanned %llu, present %llu",
			 (unsigned long long)zone->start, (unsigned long long)zone->spanned_pages,
			 (unsigned long long)zone->present_pages);
		add(o, OUT_ZONES, name, end(&d));
	}
	add_number(o, OUT_ZONES, "pages present", zones->present_pages);
}

static void add_orders(struct outcome *o, const struct nb_zonelists *lists)
{
	for (uint32_t nid = 0; nid < lists->nodes; nid++) {
		const uint16_t *row = lists->order + (size_t)nid * lists->nodes;
		struct nb_text name;
		struct draft d;

		if (!lists->order_count[nid])
			continue;
		name = node_name(o, (int32_t)nid, "fallback order");
		d = begin(o);
		for (uint32_t i = 0; i < lists->order_count[nid]; i++)
			write_on(&d, "%s%u", i ? " " : "", row[i]);
		add(o, OUT_ORDERS, name, end(&d));
	}
	add(o, OUT_ORDERS, text_of("mobility grouping"),
	    text_of(lists->grouping_off ? "off" : "on"));
	add(o, OUT_ORDERS, text_of("policy zone"), text_of(nb_zone_name(lists->policy_zone)));
}

static void add_access(struct outcome *o, const struct nb_access *access)
{
	static const char *const names[NB_ACCESS_CLASSES] = { "access of any", "access of CPUs" };

	for (uint32_t i = 0; i < access->nodes * NB_ACCESS_CLASSES; i++) {
		const struct nb_node_access *node = &access->node[i / NB_ACCESS_CLASSES];
		const struct nb_access_speed *s = &node->speed[i % NB_ACCESS_CLASSES];
		struct nb_text name, from;
		struct draft d;

		if (!node->known)
			continue;
		name = node_name(o, (int32_t)(i / NB_ACCESS_CLASSES), names[i % NB_ACCESS_CLASSES]);
		from = list(o, node->initiators[i % NB_ACCESS_CLASSES].bits, NB_MAX_NODES);
		d = begin(o);
		write_on(&d, "from %.*s: %u %u MB/s %u %u ns", from.len < 60 ? (int)from.len : 60,
			 from.at, s->read_bandwidth, s->write_bandwidth, s->read_latency,
			 s->write_latency);
		add(o, OUT_ACCESS, name, end(&d));
	}
}

/* Writes to a draft. */
struct draft_writer {
	struct nb_writer writer;
	struct draft *draft;
};

static void write_draft(struct nb_writer *self, const char *text, size_t len)
{
	struct draft_writer *w = (struct draft_writer *)self; /* its first member */

	for (; len; text++, len--)
		write_on(w->draft, "%c", *text);
}

/* What a tolerant kernel mended, one by one. */
static void add_repairs(struct outcome *o, const struct run *run)
{
	unsigned number = 0;

	for (uint32_t i = 0; i < run->note_count && i < RUN_NOTES; i++) {
		struct draft_writer writer = { .writer.write = write_draft };
		struct nb_text name;
		struct draft d;

		if (!run_is_repair(&run->notes[i]))
			continue;
		d = begin(o);
		write_on(&d, "repair %u", ++number);
		name = end(&d);
		d = begin(o);
		writer.draft = &d;
		nb_render_sentence(&run->notes[i], &writer.writer);
		add(o, OUT_REPAIRS, name, end(&d));
	}
}

void outcome_read(struct outcome *o, const struct run *run)
{
	const struct nb_boot *b = &run->boot;

	*o = (struct outcome){ .pieces = NULL };
	add_end(o, run);
	add_repairs(o, run);
	if (run_has(run, NB_E820))
		add_map(o, b);
	if (run_has(run, NB_NUMA)) {
		add_node_sets(o, run);
		add_memories(o, run);
	}
	if (run_has(run, NB_CPUS))
		add_cpus(o, run);
	if (run_has(run, NB_SMP))
		add_distances(o, b);
	if (run_has(run, NB_ZONES_STAGE))
		add_zones(o, &b->zones);
	if (run_has(run, NB_ZONELISTS))
		add_orders(o, &b->zonelists);
	if (run_has(run, NB_ACCESS) && b->access.used)
		add_access(o, &b->access);
}

const struct piece *outcome_find(const struct outcome *o, struct nb_text name, uint32_t *hint)
{
	for (uint32_t i = 0; i < o->count; i++) {
		uint32_t at = (*hint + i) % o->count;

		if (!text_same(o->pieces[at].name, name))
			continue;
		*hint = at + 1;
		return &o->pieces[at];
	}
	return NULL;
}

bool outcomes_same(const struct outcome *a, const struct outcome *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!text_same(a->pieces[i].name, b->pieces[i].name) ||
		    !text_same(a->pieces[i].value, b->pieces[i].value))
			return false;
	return true;
}
