/* SPDX-License-Identifier: MIT */
/* claims_events: what must hold of the events, one by one and in their order; which
 * claims on results there are after each stage; and a boot as one number. */
#include "whole/claims.h"

#include <stddef.h>
#include <string.h>

enum { RENDERED_EVENTS = 5000 }; /* of a million, the first show enough */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15;
	return hash ^ (hash >> 29);
}

/* --- events -------------------------------------------------------------- */

static void blame(struct told *told, bool holds, const char *claim)
{
	if (!holds && !told->broken)
		told->broken = claim;
}

static void told_write(struct nb_writer *writer, const char *text, size_t len)
{
	struct told *told = (struct told *)((char *)writer - offsetof(struct told, writer));

	for (size_t i = 0; i < len; i++) {
		bool plain = (text[i] >= ' ' && text[i] <= '~') || text[i] == '\n';

		told->unsound |= !plain || text[i] == '{' || text[i] == '}';
	}
	told->length += (uint32_t)len;
}

/* A name of JSON: lower case and underscores. */
static bool is_name(const char *name)
{
	for (const char *c = name; *c; c++)
		if ((*c < 'a' || *c > 'z') && (*c < '0' || *c > '9') && *c != '_')
			return false;
	return *name != '\0';
}

static bool is_named(const struct nb_event *e, enum nb_event_field field, uint64_t value)
{
	return !value || *nb_event_field_name(e->kind, field);
}

static bool all_named(const struct nb_event *e)
{
	bool named = is_named(e, NB_FIELD_NID, (uint64_t)e->nid) &&
		     is_named(e, NB_FIELD_OTHER_NID, (uint64_t)e->other_nid) &&
		     is_named(e, NB_FIELD_ID, e->id) && is_named(e, NB_FIELD_FLAGS, e->flags) &&
		     is_named(e, NB_FIELD_RANGE, e->range.start | e->range.end) &&
		     is_named(e, NB_FIELD_OTHER, e->other.start | e->other.end) &&
		     is_named(e, NB_FIELD_GOT, e->got) && is_named(e, NB_FIELD_LIMIT, e->limit);

	for (uint32_t i = 0; i < NB_COUNT(e->more); i++)
		named = named && is_named(e, (enum nb_event_field)(NB_FIELD_MORE0 + i), e->more[i]);
	return named;
}

/* The stage that runs as the nth. */
static enum nb_stage nth_stage(const struct nb_rules *rules, uint64_t n)
{
	static const enum nb_stage late_zones[] = { NB_CPUS, NB_RESOURCES, NB_ZONES_STAGE,
						    NB_LATE_NODES };
	static const enum nb_stage lists[][4] = {
		[NB_LISTS_EARLY] = { NB_ZONELISTS, NB_HUGE_PAGES, NB_HASHES_STAGE, NB_BOUNCE },
		[NB_LISTS_LATE] = { NB_HUGE_PAGES, NB_HASHES_STAGE, NB_ZONELISTS, NB_BOUNCE },
		[NB_LISTS_LAST] = { NB_HUGE_PAGES, NB_HASHES_STAGE, NB_BOUNCE, NB_ZONELISTS },
	};

	if (rules->zones_after_cpus && n >= NB_ZONES_STAGE && n <= NB_RESOURCES)
		return late_zones[n - NB_ZONES_STAGE];
	if (n >= NB_HUGE_PAGES && n <= NB_BOUNCE)
		return lists[rules->zonelists_when][n - NB_HUGE_PAGES];
	return (enum nb_stage)n;
}

/* In the line's words, and in those of some line: it may be asked for either. */
static void judge_text(struct told *told, const struct nb_event *e)
{
	told->unsound = false;
	nb_render_log(e, told->wording, &told->writer);
	nb_render_log(e, (enum nb_line)(told->events % NB_LINES), &told->writer);
	blame(told, !told->unsound, "a log line is plain text, with nothing left to fill in");
	told->unsound = false;
	told->length = 0;
	nb_render_sentence(e, &told->writer);
	blame(told, !told->unsound, "a sentence is plain text, with nothing left to fill in");
	blame(told, told->length < TOLD_TEXT, "a sentence is short");
}

static void add_to_hash(struct told *told, const struct nb_event *e)
{
	const uint64_t fields[] = {
		e->kind,        e->why,       (uint64_t)e->nid, (uint64_t)e->other_nid,
		e->id,          e->flags,     e->range.start,   e->range.end,
		e->other.start, e->other.end, e->got,           e->limit,
		e->more[0],     e->more[1],   e->more[2],       e->more[3],
	};

	for (uint32_t i = 0; i < NB_COUNT(fields); i++)
		told->hash = mix(told->hash, fields[i]);
}

static void told_put(struct nb_sink *sink, const struct nb_event *e)
{
	struct told *told = (struct told *)sink;

	told->events++;
	blame(told, !told->deaths, "nothing is told of a kernel that has died");
	blame(told, (unsigned)e->kind < NB_EVENT_KINDS, "an event is of some kind");
	blame(told, (unsigned)e->why < NB_WHYS, "a reason is one that is known");
	if (told->broken)
		return;
	blame(told, is_name(nb_event_name(e->kind)), "a kind has a name");
	blame(told, !e->why || is_name(nb_why_name(e->why)), "a reason has a name");
	blame(told, all_named(e), "an event carries what its kind names");
	if (e->kind == NB_EV_STAGE) {
		blame(told, e->id == nth_stage(told->rules, told->stages), "stages run in order");
		told->stages++;
		told->stage = e->id;
	} else {
		blame(told, told->stages, "a stage is told before what it decides");
	}
	if (e->kind == NB_EV_DIES) {
		blame(told, e->id == told->stage, "a kernel dies in the stage that runs");
		blame(told, e->why, "a kernel dies for a reason");
	}
	told->deaths += e->kind == NB_EV_DIES;
	told->lost |= e->kind == NB_EV_REGIONS_LOST;
	told->slit_refused |= e->kind == NB_EV_SLIT_INVALID;
	if (told->renders && told->events < RENDERED_EVENTS)
		judge_text(told, e);
	add_to_hash(told, e);
}

struct told told_begin(const struct nb_rules *rules, bool renders)
{
	return (struct told){
		.sink = { .put = told_put },
		.writer = { .write = told_write },
		.wording = rules->wording,
		.rules = rules,
		.renders = renders,
	};
}

const char *claims_at_end(const struct nb_boot *b, enum nb_err err, const struct told *told)
{
	uint64_t run = 0;

	if (told->broken)
		return told->broken;
	if (err && err != NB_ERR_DIES)
		return "the limits that were read off a machine are enough";
	if ((err == NB_ERR_DIES) != (told->deaths == 1))
		return "a kernel that dies says why, once";
	while (run < NB_READY && nth_stage(told->rules, run) != b->next)
		run++;
	if (told->stages != run + (err != NB_OK))
		return "each stage is told once";
	if ((err == NB_OK) != (b->next == NB_READY))
		return "a boot that ends well has run all stages";
	return NULL;
}

/* --- results, stage by stage --------------------------------------------- */

static const char *claims_on_stage(const struct nb_boot *b, enum nb_stage stage,
				   const struct told *told)
{
	switch (stage) {
	case NB_E820:
	case NB_EARLY:
		return claims_on_map(b);
	case NB_MEMBLOCK:
		return claims_on_filling(b, told->lost);
	case NB_NUMA:
		return claims_on_nodes(b, told->lost);
	case NB_ZONES_STAGE:
		return claims_on_zones(b);
	case NB_CPUS:
		return claims_on_cpus(b);
	case NB_MAPPING:
		return claims_on_mapping(b);
	case NB_LATE_NODES: {
		const char *broken = claims_on_zones(b);

		return broken ? broken : claims_on_late_nodes(b);
	}
	case NB_PERCPU:
		return claims_on_areas(b);
	case NB_ZONELISTS:
		return claims_on_lists(b);
	case NB_MANAGED:
		return claims_on_managed(b);
	case NB_WATERMARKS:
		return claims_on_watermarks(b);
	case NB_SMP:
		return claims_on_start(b);
	case NB_ACCESS:
		return claims_on_access(b);
	case NB_PARAMS:
	case NB_CRASH:
	case NB_HUGE_PAGES:
	case NB_HASHES_STAGE:
	case NB_BOUNCE:
	case NB_RESOURCES: /* they only take memory, which claims_on_memblock() looks at */
	case NB_READY:
		break;
	}
	return NULL;
}

const char *claims_after(const struct nb_boot *b, enum nb_stage stage, struct told *told)
{
	nb_phys ram = nb_regions_size(&b->memblock.memory);
	const char *broken = NULL;

	if (stage == NB_MEMBLOCK)
		told->ram = ram;
	if (stage >= NB_MEMBLOCK)
		broken = claims_on_memblock(b);
	if (!broken && stage >= NB_MEMBLOCK && ram != told->ram)
		broken = "no stage changes what is RAM once memblock knows it";
	return broken ? broken : claims_on_stage(b, stage, told);
}

/* --- a boot as one number ------------------------------------------------ */

static uint64_t mix_set(uint64_t hash, const struct nb_nodes *set)
{
	for (uint32_t i = 0; i < NB_COUNT(set->bits); i++)
		hash = mix(hash, set->bits[i]);
	return hash;
}

static uint64_t mix_regions(uint64_t hash, const struct nb_regions *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct nb_region *region = nb_region_at(set, i);

		hash = mix(mix(hash, region->start), region->end);
		hash = mix(mix(hash, (uint64_t)region->nid), region->flags);
	}
	return mix(hash, set->count);
}

static uint64_t mix_blocks(uint64_t hash, const struct nb_block *blocks, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		hash = mix(mix(hash, blocks[i].range.start), blocks[i].range.end);
		hash = mix(hash, (uint64_t)blocks[i].nid);
	}
	return mix(hash, count);
}

static uint64_t mix_nodes(uint64_t hash, const struct nb_numa *numa)
{
	hash = mix_set(mix_set(hash, &numa->possible), &numa->online);
	hash = mix_set(mix(hash, numa->source), &numa->too_small);
	hash = mix_blocks(mix(hash, numa->emulated), numa->blocks, numa->block_count);
	for (uint32_t id = 0; id < numa->apic_ids; id++)
		hash = mix(hash, (uint64_t)numa->apic_node[id]);
	for (uint32_t nid = 0; nid < numa->nodes; nid++)
		hash = mix(hash, numa->node_data[nid]);
	nb_for_each_node (from, &numa->possible)
		nb_for_each_node (to, &numa->possible)
			hash = mix(hash, nb_numa_distance(numa, from, to));
	return hash;
}

static uint64_t mix_traces(uint64_t hash, const struct nb_numa *numa)
{
	hash = mix_set(mix_set(hash, &numa->parsed), &numa->initiator);
	hash = mix_set(mix_set(hash, &numa->of_cpus), &numa->numbered);
	hash = mix_blocks(hash, numa->reserved, numa->reserved_count);
	for (uint32_t pxm = 0; pxm < NB_MAX_PXMS; pxm++)
		hash = mix(hash, (uint64_t)numa->pxm_node[pxm]);
	for (uint32_t nid = 0; nid < numa->nodes; nid++)
		hash = mix(hash, (uint64_t)numa->node_pxm[nid]);
	return mix(hash, numa->max_possible);
}

static uint64_t mix_zones(uint64_t hash, const struct nb_zones *zones)
{
	for (uint32_t nid = 0; nid < zones->nodes; nid++)
		for (uint32_t id = 0; id < NB_ZONES; id++) {
			const struct nb_zone *zone = &zones->node[nid].zone[id];

			hash = mix(mix(hash, zone->start), zone->spanned_pages);
			hash = mix(mix(hash, zone->present_pages), zone->managed_pages);
		}
	hash = mix_set(mix_set(hash, &zones->built), &zones->has_memory);
	return mix(mix(hash, zones->present_pages), zones->managed_pages);
}

static uint64_t mix_cpus(uint64_t hash, const struct nb_boot *b)
{
	const struct nb_smp *smp = &b->smp;

	for (uint32_t cpu = 0; cpu < b->cpus.possible; cpu++) {
		const struct nb_cpu *it = &b->cpus.cpu[cpu];

		hash = mix(mix(hash, it->apic_id), (uint64_t)it->nid << 1 | it->present);
	}
	hash = mix_set(mix(hash, b->cpus.present), &b->cpus.online);
	for (uint32_t word = 0; word < smp->words; word++)
		hash = mix(hash, smp->online[word]);
	for (uint32_t word = 0; word < smp->words * smp->nodes; word++)
		hash = mix(hash, smp->node_cpus[word]);
	return mix_set(mix(hash, smp->online_count), &smp->has_cpu);
}

static uint64_t mix_lists(uint64_t hash, const struct nb_zonelists *lists)
{
	for (uint32_t nid = 0; nid < lists->nodes; nid++)
		for (uint32_t i = 0; i < lists->order_count[nid]; i++)
			hash = mix(hash, (uint64_t)nid << 32 |
						 lists->order[(size_t)nid * lists->nodes + i]);
	return mix(mix(hash, lists->total_pages), lists->by_zone);
}

static uint64_t mix_pages(uint64_t hash, const struct nb_boot *b)
{
	for (uint32_t i = 0; i < b->managed.nodes * NB_ZONES; i++) {
		const struct nb_managed_zone *zone = &b->managed.zone[i];
		const struct nb_zone_watermarks *marks = &b->watermarks.zone[i];

		hash = mix(mix(hash, zone->pages), zone->deferred_pages);
		hash = mix(mix(hash, zone->initrd_pages), zone->init_pages + zone->huge_pages);
		for (uint32_t order = 0; order < NB_ORDERS; order++)
			hash = mix(hash, zone->blocks[order]);
		hash = mix(mix(hash, marks->marks.min), marks->marks.low);
		hash = mix(mix(hash, marks->marks.high), marks->marks.reserve[NB_ZONE_MOVABLE]);
		hash = mix(mix(hash, marks->batch), marks->high_min + marks->high_max);
	}
	return mix(hash, b->watermarks.min_free_kib);
}

static uint64_t mix_access(uint64_t hash, const struct nb_access *access)
{
	for (uint32_t nid = 0; nid < access->nodes; nid++) {
		const struct nb_node_access *node = &access->node[nid];

		hash = mix(hash, node->known);
		for (uint32_t kind = 0; kind < NB_ACCESS_CLASSES; kind++) {
			const struct nb_access_speed *speed = &node->speed[kind];

			hash = mix(mix(hash, speed->read_bandwidth), speed->write_bandwidth);
			hash = mix(mix(hash, speed->read_latency), speed->write_latency);
			hash = mix_set(hash, &node->initiators[kind]);
		}
	}
	return mix(hash, access->used);
}

uint64_t claims_digest(const struct nb_boot *b, bool nodes)
{
	uint64_t hash = mix(0, b->next);

	hash = mix_regions(mix_regions(hash, &b->memblock.memory), &b->memblock.reserved);
	hash = mix_zones(mix_nodes(hash, &b->numa), &b->zones);
	hash = mix_pages(mix_lists(mix_cpus(hash, b), &b->zonelists), b);
	if (nodes)
		return hash;
	for (uint32_t i = 0; i < b->e820.map.count; i++) {
		const struct nb_e820_entry *entry = &b->e820.map.at[i];

		hash = mix(mix(mix(hash, entry->start), entry->size), entry->type);
	}
	return mix_access(mix_traces(hash, &b->numa), &b->access);
}
