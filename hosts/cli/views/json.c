/* SPDX-License-Identifier: MIT */
/*
 * json: predictions and comparisons for programs, in versioned schemas that
 * docs/json.md describes. Addresses are hexadecimal strings, since a number of
 * 64 bits is more than many readers of JSON keep; page frames and counts are
 * numbers. Ranges are half-open: `end` is the first byte behind.
 */
#include "views.h"

#include <jansson.h>
#include <numaboot/acpi.h>
#include <stdio.h>

/* Puts a value into an object; jansson owns it from then on. Without memory
 * there is nothing to show. */
static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		pool_exhausted();
}

static void append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		pool_exhausted();
}

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *address(nb_phys value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	return json_string(text);
}

static json_t *range(struct nb_range range)
{
	json_t *object = json_object();

	set(object, "start", address(range.start));
	set(object, "end", address(range.end));
	return object;
}

/* Text that may hold bytes that are no UTF-8: each such byte becomes a '?'. */
static json_t *text(struct nb_text text)
{
	json_t *string = json_stringn(text.at ? text.at : "", text.len);
	char *copy;

	if (string)
		return string;
	copy = (char *)malloc(text.len + 1);
	if (!copy)
		pool_exhausted();
	for (size_t i = 0; i < text.len; i++)
		copy[i] = (char)(text.at[i] & 0x80 ? '?' : text.at[i]);
	string = json_stringn(copy, text.len);
	free(copy);
	return string;
}

/* The members of a bit set, one by one. */
static json_t *members(const uint64_t *bits, uint32_t end)
{
	json_t *array = json_array();
	struct run_of run;

	for (uint32_t from = 0; bits_next_run(bits, from, end, &run); from = run.last + 1)
		for (uint32_t n = run.first; n <= run.last; n++)
			append(array, number(n));
	return array;
}

static json_t *nodes(const struct nb_nodes *set)
{
	return members(set->bits, NB_MAX_NODES);
}

/* A sentence of the library, in memory. */
struct sentence {
	struct nb_writer writer;
	char text[1024];
	size_t len;
};

static void keep(struct nb_writer *self, const char *text, size_t len)
{
	struct sentence *s = (struct sentence *)self; /* its first member */

	for (size_t i = 0; i < len && s->len < sizeof(s->text); i++)
		s->text[s->len++] = text[i];
}

static json_t *sentence(const struct nb_event *event)
{
	struct sentence s = { .writer.write = keep };

	nb_render_sentence(event, &s.writer);
	return text((struct nb_text){ s.text, s.len });
}

static json_t *facts(const struct source *source)
{
	static const char *const origins[] = {
		[ORIGIN_ASSUMED] = "assumed", [ORIGIN_READ] = "read",
		[ORIGIN_OPTION] = "option",   [ORIGIN_GIVEN] = "given",
		[ORIGIN_DERIVED] = "derived",
	};
	json_t *array = json_array();

	for (int i = 0; i < FACTS; i++) {
		const struct provenance *from = &source->facts[i];
		char value[4096];
		json_t *object = json_object();

		fact_value(source, (enum source_fact)i, value, sizeof(value));
		set(object, "key", json_string(fact_rows[i].key));
		set(object, "name", json_string(fact_rows[i].name));
		set(object, "value", text(text_of(value)));
		set(object, "origin", json_string(origins[from->origin]));
		set(object, "from", from->where ? json_string(from->where) : json_null());
		append(array, object);
	}
	return array;
}

static json_t *notes(const struct run *run)
{
	json_t *array = json_array();
	uint32_t kept = run->note_count < RUN_NOTES ? run->note_count : RUN_NOTES;

	for (uint32_t i = 0; i < kept; i++) {
		json_t *object = json_object();

		set(object, "event", json_string(nb_event_name(run->notes[i].kind)));
		set(object, "text", sentence(&run->notes[i]));
		append(array, object);
	}
	return array;
}

static json_t *death(const struct run *run)
{
	json_t *object;

	if (!run->dies)
		return json_null();
	object = json_object();
	set(object, "stage", json_string(nb_stage_name(run->boot.next)));
	set(object, "why", json_string(nb_why_name(run->death.why)));
	set(object, "text", sentence(&run->death));
	return object;
}

static json_t *map(const struct nb_e820_map *map)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < map->count; i++) {
		const struct nb_e820_entry *e = &map->at[i];
		const char *name = nb_e820_type_text(e->type, NB_LINE_6_12);
		json_t *object = json_object();

		set(object, "start", address(e->start));
		set(object, "end", address(e->start + e->size));
		set(object, "type", number(e->type));
		set(object, "type_name", name ? json_string(name) : json_null());
		append(array, object);
	}
	return array;
}

static json_t *e820(const struct nb_e820 *e820)
{
	json_t *object = json_object();

	set(object, "map", map(&e820->map));
	set(object, "firmware_map", map(&e820->firmware));
	set(object, "max_pfn", number(e820->max_pfn));
	set(object, "max_low_pfn", number(e820->max_low_pfn));
	return object;
}

static json_t *node_sets(const struct run *run)
{
	const struct nb_boot *b = &run->boot;
	json_t *object = json_object();

	set(object, "from", json_string(b->numa.source == NB_NUMA_ACPI ? "acpi" : "dummy"));
	set(object, "emulated", json_boolean(b->numa.emulated));
	set(object, "nr_node_ids", number(b->numa.nr_node_ids));
	set(object, "possible", nodes(&b->numa.possible));
	set(object, "generic_initiator", nodes(&b->numa.initiator));
	if (run_has(run, NB_ZONES_STAGE)) {
		set(object, "memory", nodes(&b->zones.has_memory));
		set(object, "normal_memory", nodes(&b->zones.has_normal_memory));
	}
	if (run_has(run, NB_SMP)) {
		set(object, "online", nodes(&b->smp.online_nodes));
		set(object, "cpu", nodes(&b->smp.has_cpu));
	}
	return object;
}

static json_t *memory_of(const struct nb_regions *memory, int32_t nid)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < memory->count; i++)
		if (memory->at[i].nid == nid)
			append(array,
			       range((struct nb_range){ memory->at[i].start, memory->at[i].end }));
	return array;
}

static json_t *zones_of(const struct nb_node_zones *node)
{
	json_t *array = json_array();

	for (int i = 0; i < NB_ZONES; i++) {
		const struct nb_zone *zone = &node->zone[i];
		json_t *object;

		if (!zone->spanned_pages)
			continue;
		object = json_object();
		set(object, "name", json_string(nb_zone_name((enum nb_zone_id)i)));
		set(object, "start_pfn", number(zone->start));
		set(object, "spanned_pages", number(zone->spanned_pages));
		set(object, "present_pages", number(zone->present_pages));
		append(array, object);
	}
	return array;
}

/* The nodes that distances and rows are about: those online, or possible as
 * long as nothing came online. */
static const struct nb_nodes *shown(const struct run *run)
{
	return run_has(run, NB_SMP) ? &run->boot.smp.online_nodes : &run->boot.numa.possible;
}

static json_t *distances_of(const struct run *run, int32_t from)
{
	json_t *array = json_array();

	nb_for_each_node (to, shown(run)) {
		json_t *object = json_object();

		set(object, "node", number((uint64_t)to));
		set(object, "distance", number(nb_numa_distance(&run->boot.numa, from, to)));
		append(array, object);
	}
	return array;
}

static json_t *fallback_of(const struct nb_zonelists *lists, int32_t nid)
{
	json_t *array = json_array();
	const uint16_t *row = lists->order + (size_t)(uint32_t)nid * lists->nodes;

	if ((uint32_t)nid < lists->nodes)
		for (uint32_t i = 0; i < lists->order_count[nid]; i++)
			append(array, number(row[i]));
	return array;
}

/* How fast the node's memory is: from any initiator, and from those with CPUs. */
static json_t *access_of(const struct nb_node_access *access)
{
	static const char *const names[NB_ACCESS_CLASSES] = { "any", "cpu" };
	json_t *object = json_object();

	for (int class = 0; class < NB_ACCESS_CLASSES; class ++) {
		const struct nb_access_speed *speed = &access->speed[class];
		json_t *row = json_object();

		set(row, "initiators", nodes(&access->initiators[class]));
		set(row, "read_bandwidth_mbps", number(speed->read_bandwidth));
		set(row, "write_bandwidth_mbps", number(speed->write_bandwidth));
		set(row, "read_latency_ns", number(speed->read_latency));
		set(row, "write_latency_ns", number(speed->write_latency));
		set(object, names[class], row);
	}
	return object;
}

static json_t *node(const struct run *run, int32_t nid)
{
	const struct nb_boot *b = &run->boot;
	json_t *object = json_object();

	set(object, "id", number((uint64_t)nid));
	set(object, "memory", memory_of(&b->memblock.memory, nid));
	set(object, "distances", distances_of(run, nid));
	if (run_has(run, NB_ZONES_STAGE) && (uint32_t)nid < b->zones.nodes)
		set(object, "zones", zones_of(&b->zones.node[nid]));
	if (run_has(run, NB_ZONELISTS))
		set(object, "fallback", fallback_of(&b->zonelists, nid));
	if (run_has(run, NB_SMP))
		set(object, "cpus",
		    members(b->smp.node_cpus + (size_t)(uint32_t)nid * b->smp.words,
			    b->smp.words * 64));
	if (run_has(run, NB_ACCESS) && (uint32_t)nid < b->access.nodes && b->access.node[nid].known)
		set(object, "access", access_of(&b->access.node[nid]));
	return object;
}

static json_t *all_nodes(const struct run *run)
{
	json_t *array = json_array();

	nb_for_each_node (nid, shown(run))
		append(array, node(run, nid));
	return array;
}

static json_t *cpus(const struct run *run)
{
	const struct nb_boot *b = &run->boot;
	json_t *object = json_object(), *array = json_array();

	set(object, "possible", number(b->cpus.possible));
	set(object, "present", number(b->cpus.present));
	for (uint32_t i = 0; i < b->cpus.possible; i++) {
		const struct nb_cpu *cpu = &b->cpus.cpu[i];
		json_t *row = json_object();

		set(row, "cpu", number(i));
		set(row, "apic_id",
		    cpu->apic_id == NB_NO_APIC_ID ? json_null() : number(cpu->apic_id));
		set(row, "node", cpu->nid < 0 ? json_null() : number((uint64_t)cpu->nid));
		set(row, "present", json_boolean(cpu->present));
		if (run_has(run, NB_SMP))
			set(row, "online", json_boolean(nb_smp_is_online(&b->smp, i)));
		append(array, row);
	}
	set(object, "cpus", array);
	return object;
}

static json_t *zone_limits(const struct nb_zones *zones)
{
	json_t *array = json_array();

	for (int i = 0; i < NB_ZONES; i++) {
		json_t *object;

		if (zones->limit[i].start >= zones->limit[i].end)
			continue;
		object = json_object();
		set(object, "name", json_string(nb_zone_name((enum nb_zone_id)i)));
		set(object, "start_pfn", number(zones->limit[i].start));
		set(object, "end_pfn", number(zones->limit[i].end));
		append(array, object);
	}
	return array;
}

static int write_json(const char *bytes, size_t len, void *out)
{
	out_write((struct out *)out, bytes, len);
	return 0;
}

static void print(struct out *out, json_t *object)
{
	if (json_dump_callback(object, write_json, out, JSON_INDENT(1) | JSON_REAL_PRECISION(6)))
		pool_exhausted();
	out_string(out, "\n");
	json_decref(object);
}

static void set_results(json_t *root, const struct run *run)
{
	const struct nb_boot *b = &run->boot;

	if (run_has(run, NB_E820))
		set(root, "e820", e820(&b->e820));
	if (run_has(run, NB_NUMA)) {
		set(root, "node_sets", node_sets(run));
		set(root, "nodes", all_nodes(run));
	}
	if (run_has(run, NB_ZONES_STAGE)) {
		set(root, "zone_limits", zone_limits(&b->zones));
		set(root, "present_pages", number(b->zones.present_pages));
	}
	if (run_has(run, NB_CPUS))
		set(root, "cpus", cpus(run));
	if (run_has(run, NB_ZONELISTS)) {
		set(root, "total_pages", number(b->zonelists.total_pages));
		set(root, "mobility_grouping", json_boolean(!b->zonelists.grouping_off));
		set(root, "policy_zone", json_string(nb_zone_name(b->zonelists.policy_zone)));
	}
}

static void set_head(json_t *root, const char *schema, const struct prediction *p)
{
	json_t *kernel = json_object();

	set(root, "schema", json_string(schema));
	set(root, "source", text(text_of(p->name)));
	set(kernel, "line", json_string(p->rules->line));
	set(kernel, "release", json_string(p->rules->release));
	set(root, "kernel", kernel);
	set(root, "cmdline", text(text_of(p->source->fw.cmdline ? p->source->fw.cmdline : "")));
	set(root, "dies", death(p->run));
	set(root, "facts", facts(p->source));
	set(root, "notes", notes(p->run));
}

void view_json(struct out *out, const struct prediction *p)
{
	json_t *root = json_object();

	set_head(root, "numaboot/predict/1", p);
	set_results(root, p->run);
	print(out, root);
}

static const char *const verdict_names[VERDICTS] = {
	[IS_EXACT] = "exact",
	[IS_DIFFERENT] = "differs",
	[IS_GIVEN] = "given",
	[IS_NOT_RECORDED] = "not_recorded",
};

static json_t *counts(const uint32_t counts[VERDICTS])
{
	json_t *object = json_object();

	for (int i = 0; i < VERDICTS; i++)
		set(object, verdict_names[i], number(counts[i]));
	return object;
}

static json_t *compared_facts(const struct comparison *c)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < c->fact_count; i++) {
		const struct fact *fact = &c->facts[i];
		json_t *object = json_object();

		set(object, "name", text(fact->name));
		set(object, "verdict", json_string(verdict_names[fact->verdict]));
		set(object, "predicted", text(fact->predicted));
		set(object, fact->verdict == IS_GIVEN ? "from" : "recorded",
		    fact->recorded.at ? text(fact->recorded) : json_null());
		append(array, object);
	}
	return array;
}

static json_t *compared_lines(const struct comparison *c)
{
	json_t *array = json_array();

	for (unsigned i = 0; i <= family_count; i++) {
		json_t *object = counts(c->lines[i]);

		set(object, "family",
		    i < family_count ? json_string(families[i].name) : json_null());
		append(array, object);
	}
	return array;
}

static json_t *differing_lines(const struct comparison *c)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < c->difference_count; i++) {
		const struct log_difference *d = &c->differences[i];
		json_t *object = json_object();

		set(object, "line", d->recorded ? number(d->at) : json_null());
		set(object, "predicted", d->predicted ? text(d->predicted->text) : json_null());
		set(object, "recorded", d->recorded ? text(d->recorded->text) : json_null());
		append(array, object);
	}
	return array;
}

void view_verdict_json(struct out *out, const struct verification *v)
{
	const struct comparison *c = v->comparison;
	json_t *root = json_object();

	set_head(root, "numaboot/verify/1", &v->prediction);
	set(root, "recorded_release",
	    v->recorded->release.at ? text(v->recorded->release) : json_null());
	set(root, "exact", json_boolean(!c->counts[IS_DIFFERENT] && c->counts[IS_EXACT] > 0));
	set(root, "counts", counts(c->counts));
	set(root, "compared", compared_facts(c));
	set(root, "log",
	    v->recorded->log_name ? text(text_of(v->recorded->log_name)) : json_null());
	set(root, "log_families", c->has_log ? compared_lines(c) : json_null());
	set(root, "log_differences", differing_lines(c));
	print(out, root);
}
