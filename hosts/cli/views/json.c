/* SPDX-License-Identifier: MIT */
/*
 * json: predictions and comparisons for programs, in versioned schemas that
 * docs/json.md describes. Addresses are hexadecimal strings, since a number of
 * 64 bits is more than many readers of JSON keep; page frames and counts are
 * numbers. Ranges are half-open: `end` is the first byte behind.
 */
#include "json_parts.h"

#include "../growing.h"

#include <numaboot/acpi.h>

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
		object_set(object, "key", json_string(fact_rows[i].key));
		object_set(object, "name", json_string(fact_rows[i].name));
		object_set(object, "value", text_json(text_of(value)));
		object_set(object, "origin", json_string(origins[from->origin]));
		object_set(object, "from", from->where ? json_string(from->where) : json_null());
		array_add(array, object);
	}
	return array;
}

/* The tables as bytes, so that what is printed is a source again. */
static json_t *tables(const struct source *source)
{
	static const char digits[] = "0123456789abcdef";
	const struct nb_firmware *fw = &source->fw;
	json_t *array = json_array();

	for (uint32_t i = 0; i < fw->table_count; i++) {
		const struct nb_table *table = &fw->tables[i];
		struct growing hex = growing_empty();
		json_t *object;

		if (!table->at)
			continue;
		for (size_t b = 0; b < table->len; b++) {
			const char pair[2] = { digits[table->at[b] >> 4],
					       digits[table->at[b] & 15] };

			hex.writer.write(&hex.writer, pair, sizeof(pair));
		}
		object = json_object();
		object_set(object, "signature", text_json((struct nb_text){ table->signature, 4 }));
		object_set(object, "address",
			   table->address ? address_json(table->address) : json_null());
		object_set(object, "bytes", text_json(growing_text(&hex)));
		array_add(array, object);
		growing_drop(&hex);
	}
	return array;
}

static json_t *notes(const struct run *run)
{
	json_t *array = json_array();
	uint32_t kept = run->note_count < RUN_NOTES ? run->note_count : RUN_NOTES;

	for (uint32_t i = 0; i < kept; i++) {
		json_t *object = json_object();

		object_set(object, "event", json_string(nb_event_name(run->notes[i].kind)));
		object_set(object, "text", sentence_json(&run->notes[i]));
		array_add(array, object);
	}
	return array;
}

static json_t *map(const struct nb_e820_map *map, enum nb_line wording)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < map->count; i++) {
		const struct nb_e820_entry *e = &map->at[i];
		const char *name = nb_e820_type_text(e->type, wording);
		json_t *object = json_object();

		object_set(object, "start", address_json(e->start));
		object_set(object, "end", address_json(e->start + e->size));
		object_set(object, "type", number_json(e->type));
		object_set(object, "type_name", name ? json_string(name) : json_null());
		array_add(array, object);
	}
	return array;
}

static json_t *e820(const struct nb_e820 *e820, enum nb_line wording)
{
	json_t *object = json_object();

	object_set(object, "map", map(&e820->map, wording));
	object_set(object, "firmware_map", map(&e820->firmware, wording));
	object_set(object, "max_pfn", number_json(e820->max_pfn));
	object_set(object, "max_low_pfn", number_json(e820->max_low_pfn));
	return object;
}

static json_t *node_sets(const struct run *run)
{
	const struct nb_boot *b = &run->boot;
	json_t *object = json_object();

	object_set(object, "from", json_string(b->numa.source == NB_NUMA_ACPI ? "acpi" : "dummy"));
	object_set(object, "emulated", json_boolean(b->numa.emulated));
	object_set(object, "nr_node_ids", number_json(b->numa.nr_node_ids));
	object_set(object, "possible", nodes_json(&b->numa.possible));
	object_set(object, "generic_initiator", nodes_json(&b->numa.initiator));
	if (run_has(run, NB_ZONES_STAGE)) {
		object_set(object, "memory", nodes_json(&b->zones.has_memory));
		object_set(object, "normal_memory", nodes_json(&b->zones.has_normal_memory));
	}
	if (run_has(run, NB_SMP)) {
		object_set(object, "online", nodes_json(&b->smp.online_nodes));
		object_set(object, "cpu", nodes_json(&b->smp.has_cpu));
	}
	return object;
}

static json_t *memory_of(const struct nb_regions *memory, int32_t nid)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < memory->count; i++)
		if (nb_region_at(memory, i)->nid == nid)
			array_add(array,
				  range_json((struct nb_range){ nb_region_at(memory, i)->start,
								nb_region_at(memory, i)->end }));
	return array;
}

/* What a zone gets, and when. */
static void set_managed(json_t *object, const struct nb_managed_zone *zone)
{
	json_t *blocks = json_array();

	for (uint32_t order = 0; order < NB_ORDERS; order++)
		array_add(blocks, number_json(zone->blocks[order]));
	object_set(object, "managed_pages", number_json(zone->pages));
	object_set(object, "free_blocks", blocks);
	object_set(object, "deferred_pages", number_json(zone->deferred_pages));
	object_set(object, "initrd_pages", number_json(zone->initrd_pages));
	object_set(object, "init_pages", number_json(zone->init_pages));
	object_set(object, "huge_pages", number_json(zone->huge_pages));
}

static json_t *watermarks_of(const struct nb_zone_watermarks *zone)
{
	json_t *object = json_object(), *reserve = json_object();

	object_set(object, "min", number_json(zone->marks.min));
	object_set(object, "low", number_json(zone->marks.low));
	object_set(object, "high", number_json(zone->marks.high));
	for (int i = 0; i < NB_ZONES; i++)
		if (zone->marks.reserve[i])
			object_set(reserve, nb_zone_name((enum nb_zone_id)i),
				   number_json(zone->marks.reserve[i]));
	object_set(object, "reserve", reserve);
	object_set(object, "batch", number_json(zone->batch));
	object_set(object, "high_min", number_json(zone->high_min));
	object_set(object, "high_max", number_json(zone->high_max));
	return object;
}

static json_t *zones_of(const struct run *run, int32_t nid)
{
	const struct nb_boot *b = &run->boot;
	const struct nb_node_zones *node = &b->zones.node[nid];
	json_t *array = json_array();

	for (int i = 0; i < NB_ZONES; i++) {
		const struct nb_zone *zone = &node->zone[i];
		json_t *object;

		if (!zone->spanned_pages)
			continue;
		object = json_object();
		object_set(object, "name", json_string(nb_zone_name((enum nb_zone_id)i)));
		object_set(object, "start_pfn", number_json(zone->start));
		object_set(object, "spanned_pages", number_json(zone->spanned_pages));
		object_set(object, "present_pages", number_json(zone->present_pages));
		if (run_has(run, NB_MANAGED))
			set_managed(object, nb_managed_zone(&b->managed, nid, (uint32_t)i));
		if (run_has(run, NB_WATERMARKS))
			object_set(object, "watermarks",
				   watermarks_of(
					   nb_zone_watermarks(&b->watermarks, nid, (uint32_t)i)));
		array_add(array, object);
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

		object_set(object, "node", number_json((uint64_t)to));
		object_set(object, "distance",
			   number_json(nb_numa_distance(&run->boot.numa, from, to)));
		array_add(array, object);
	}
	return array;
}

static json_t *fallback_of(const struct nb_zonelists *lists, int32_t nid)
{
	json_t *array = json_array();
	const uint16_t *row = lists->order + (size_t)(uint32_t)nid * lists->nodes;

	if ((uint32_t)nid < lists->nodes)
		for (uint32_t i = 0; i < lists->order_count[nid]; i++)
			array_add(array, number_json(row[i]));
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

		object_set(row, "initiators", nodes_json(&access->initiators[class]));
		object_set(row, "read_bandwidth_mbps", number_json(speed->read_bandwidth));
		object_set(row, "write_bandwidth_mbps", number_json(speed->write_bandwidth));
		object_set(row, "read_latency_ns", number_json(speed->read_latency));
		object_set(row, "write_latency_ns", number_json(speed->write_latency));
		object_set(object, names[class], row);
	}
	return object;
}

static json_t *node(const struct run *run, int32_t nid)
{
	const struct nb_boot *b = &run->boot;
	json_t *object = json_object();

	object_set(object, "id", number_json((uint64_t)nid));
	object_set(object, "memory", memory_of(&b->memblock.memory, nid));
	object_set(object, "distances", distances_of(run, nid));
	if (run_has(run, NB_ZONES_STAGE) && (uint32_t)nid < b->zones.nodes)
		object_set(object, "zones", zones_of(run, nid));
	if (run_has(run, NB_ZONELISTS))
		object_set(object, "fallback", fallback_of(&b->zonelists, nid));
	if (run_has(run, NB_SMP))
		object_set(object, "cpus",
			   members_json(b->smp.node_cpus + (size_t)(uint32_t)nid * b->smp.words,
					b->smp.words * 64));
	if (run_has(run, NB_ACCESS) && (uint32_t)nid < b->access.nodes && b->access.node[nid].known)
		object_set(object, "access", access_of(&b->access.node[nid]));
	return object;
}

static json_t *all_nodes(const struct run *run)
{
	json_t *array = json_array();

	nb_for_each_node (nid, shown(run))
		array_add(array, node(run, nid));
	return array;
}

static json_t *cpus(const struct run *run)
{
	const struct nb_boot *b = &run->boot;
	json_t *object = json_object(), *array = json_array();

	object_set(object, "possible", number_json(b->cpus.possible));
	object_set(object, "present", number_json(b->cpus.present));
	for (uint32_t i = 0; i < b->cpus.possible; i++) {
		const struct nb_cpu *cpu = &b->cpus.cpu[i];
		json_t *row = json_object();

		object_set(row, "cpu", number_json(i));
		object_set(row, "apic_id",
			   cpu->apic_id == NB_NO_APIC_ID ? json_null() : number_json(cpu->apic_id));
		object_set(row, "node",
			   cpu->nid < 0 ? json_null() : number_json((uint64_t)cpu->nid));
		object_set(row, "present", json_boolean(cpu->present));
		if (run_has(run, NB_SMP))
			object_set(row, "online", json_boolean(nb_smp_is_online(&b->smp, i)));
		array_add(array, row);
	}
	object_set(object, "cpus", array);
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
		object_set(object, "name", json_string(nb_zone_name((enum nb_zone_id)i)));
		object_set(object, "start_pfn", number_json(zones->limit[i].start));
		object_set(object, "end_pfn", number_json(zones->limit[i].end));
		array_add(array, object);
	}
	return array;
}

static void set_results(json_t *root, const struct run *run)
{
	const struct nb_boot *b = &run->boot;

	if (run_has(run, NB_E820))
		object_set(root, "e820", e820(&b->e820, b->env.rules->wording));
	if (run_has(run, NB_NUMA)) {
		object_set(root, "node_sets", node_sets(run));
		object_set(root, "nodes", all_nodes(run));
	}
	if (run_has(run, NB_ZONES_STAGE)) {
		object_set(root, "zone_limits", zone_limits(&b->zones));
		object_set(root, "present_pages", number_json(b->zones.present_pages));
	}
	if (run_has(run, NB_CPUS))
		object_set(root, "cpus", cpus(run));
	if (run_has(run, NB_ZONELISTS)) {
		object_set(root, "total_pages", number_json(b->zonelists.total_pages));
		object_set(root, "mobility_grouping", json_boolean(!b->zonelists.grouping_off));
		object_set(root, "policy_zone",
			   json_string(nb_zone_name(b->zonelists.policy_zone)));
	}
	if (run_has(run, NB_MANAGED)) {
		object_set(root, "reserved_pages", number_json(b->managed.reserved_pages));
		object_set(root, "free_pages",
			   b->managed.free_pages ? number_json(b->managed.free_pages)
						 : json_null());
	}
	if (run_has(run, NB_WATERMARKS))
		object_set(root, "min_free_kib", number_json(b->watermarks.min_free_kib));
}

static void set_head(json_t *root, const char *schema, const struct prediction *p)
{
	object_set(root, "schema", json_string(schema));
	object_set(root, "source", text_json(text_of(p->name)));
	object_set(root, "recognized",
		   p->source->what ? text_json(text_of(p->source->what)) : json_null());
	object_set(root, "kernel", kernel_json(p));
	object_set(root, "cmdline",
		   text_json(text_of(p->source->fw.cmdline ? p->source->fw.cmdline : "")));
	object_set(root, "dies", death_json(p->run));
	object_set(root, "facts", facts(p->source));
	object_set(root, "notes", notes(p->run));
}

void view_json(struct out *out, const struct prediction *p)
{
	json_t *root = json_object();

	set_head(root, "numaboot/predict/1", p);
	object_set(root, "tables", tables(p->source));
	set_results(root, p->run);
	json_print(out, root);
}

static const char *const verdict_names[VERDICTS] = {
	[IS_EXACT] = "exact",           [IS_DIFFERENT] = "differs",
	[IS_GIVEN] = "given",           [IS_NOT_RECORDED] = "not_recorded",
	[IS_OF_RELEASE] = "of_release",
};

static json_t *counts(const uint32_t counts[VERDICTS])
{
	json_t *object = json_object();

	for (int i = 0; i < VERDICTS; i++)
		object_set(object, verdict_names[i], number_json(counts[i]));
	return object;
}

static json_t *compared_facts(const struct comparison *c)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < c->fact_count; i++) {
		const struct fact *fact = &c->facts[i];
		json_t *object = json_object();

		object_set(object, "name", text_json(fact->name));
		object_set(object, "verdict", json_string(verdict_names[fact->verdict]));
		object_set(object, "predicted", text_json(fact->predicted));
		object_set(object, fact->verdict == IS_GIVEN ? "from" : "recorded",
			   fact->recorded.at ? text_json(fact->recorded) : json_null());
		array_add(array, object);
	}
	return array;
}

static json_t *compared_lines(const struct comparison *c)
{
	json_t *array = json_array();

	for (unsigned i = 0; i <= family_count; i++) {
		json_t *object = counts(c->lines[i]);

		object_set(object, "family",
			   i < family_count ? json_string(families[i].name) : json_null());
		array_add(array, object);
	}
	return array;
}

static json_t *differing_lines(const struct comparison *c)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < c->difference_count; i++) {
		const struct log_difference *d = &c->differences[i];
		json_t *object = json_object();

		object_set(object, "line", d->recorded ? number_json(d->at) : json_null());
		object_set(object, "predicted",
			   d->predicted ? text_json(d->predicted->own) : json_null());
		object_set(object, "recorded",
			   d->recorded ? text_json(d->recorded->own) : json_null());
		object_set(object, "of_release", json_boolean(d->of_release));
		array_add(array, object);
	}
	return array;
}

void view_verdict_json(struct out *out, const struct verification *v)
{
	const struct comparison *c = v->comparison;
	json_t *root = json_object();

	set_head(root, "numaboot/verify/1", &v->prediction);
	object_set(root, "recorded_release",
		   v->recorded->release.at ? text_json(v->recorded->release) : json_null());
	object_set(root, "exact",
		   json_boolean(!c->counts[IS_DIFFERENT] && c->counts[IS_EXACT] > 0));
	object_set(root, "counts", counts(c->counts));
	object_set(root, "compared", compared_facts(c));
	object_set(root, "log",
		   v->recorded->log_name ? text_json(text_of(v->recorded->log_name)) : json_null());
	object_set(root, "log_families", c->has_log ? compared_lines(c) : json_null());
	object_set(root, "log_differences", differing_lines(c));
	json_print(out, root);
}
