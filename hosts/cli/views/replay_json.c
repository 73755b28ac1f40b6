/* SPDX-License-Identifier: MIT */
/* replay_json: a replay for programs, piece by piece. */
#include "json_parts.h"
#include "replay.h"

#include <stdlib.h>

static json_t *counts(const struct replay_counts *c)
{
	json_t *object = json_object();

	object_set(object, "requests", number_json(c->requests));
	object_set(object, "replayed", number_json(c->replayed));
	object_set(object, "unprinted", number_json(c->unprinted));
	object_set(object, "predicted", number_json(c->predicted));
	object_set(object, "taken", number_json(c->taken));
	object_set(object, "dumps", number_json(c->dumps));
	object_set(object, "dumps_equal", number_json(c->dumps_equal));
	object_set(object, "doublings", number_json(c->doublings));
	object_set(object, "frees", number_json(c->frees));
	object_set(object, "frees_of_nothing", number_json(c->frees_of_nothing));
	object_set(object, "gaps", number_json(c->gaps));
	object_set(object, "unsure", number_json(c->unsure));
	object_set(object, "differ", number_json(c->differ));
	return object;
}

static json_t *range_or_null(struct nb_range range)
{
	return range.start < range.end ? range_json(range) : json_null();
}

static json_t *node_or_null(int32_t nid)
{
	return nid < 0 ? json_null() : number_json((uint64_t)nid);
}

static json_t *caller_json(struct nb_text name)
{
	return name.len ? text_json(name) : json_null();
}

static json_t *request_json(const struct nb_request *request)
{
	json_t *object = json_object();

	object_set(object, "size", number_json(request->size));
	object_set(object, "align", number_json(request->align));
	object_set(object, "min", address_json(request->min));
	object_set(object, "max", request->max ? address_json(request->max) : json_null());
	object_set(object, "node", node_or_null(request->nid));
	object_set(object, "exact_node", json_boolean(request->exact_nid));
	return object;
}

static json_t *region_json(const struct nb_region *region)
{
	json_t *object;

	if (region->start >= region->end)
		return json_null();
	object = range_json((struct nb_range){ region->start, region->end });
	object_set(object, "node",
		   region->nid < NB_MAX_NODES ? node_or_null(region->nid) : json_null());
	object_set(object, "flags", number_json(region->flags));
	return object;
}

static void set_taken(json_t *object, const struct replay *r, const struct replay_entry *e)
{
	object_set(object, "from", json_string(replay_how_names[e->how]));
	object_set(object, "for", json_string(purpose_rows[replay_purpose(r, e)].key));
	object_set(object, "freed", number_json(e->freed));
	if (e->of_nid != NB_NO_NODE)
		object_set(object, "data_of_node", number_json((uint64_t)e->of_nid));
}

static void set_dump(json_t *object, const struct replay_entry *e)
{
	object_set(object, "first", json_boolean(e->is_first));
	object_set(object, "regions", number_json(e->regions));
	object_set(object, "regions_differ", number_json(e->regions_differ));
	if (!e->regions_differ)
		return;
	object_set(object, "set", json_string(e->of_reserved ? "reserved" : "memory"));
	object_set(object, "linux", region_json(&e->linux_region));
	object_set(object, "here", region_json(&e->our_region));
}

static json_t *entry_json(const struct replay *r, const struct replay_entry *e)
{
	json_t *object = json_object();

	object_set(object, "line", number_json(e->line + 1));
	object_set(object, "what", json_string(replay_what_names[e->what]));
	object_set(object, "range", range_or_null(e->range));
	object_set(object, "node", node_or_null(e->nid));
	object_set(object, "caller", caller_json(r->callers[e->caller].name));
	object_set(object, "differs", json_boolean(e->differs));
	object_set(object, "unsure", json_boolean(e->unsure));
	if (e->differs && e->what != REPLAY_GAP)
		object_set(object, "ours", range_or_null(e->ours));
	if (e->has_request)
		object_set(object, "request", request_json(&e->request));
	if (e->what == REPLAY_TOOK)
		set_taken(object, r, e);
	if (e->what == REPLAY_DUMP)
		set_dump(object, e);
	if (e->what == REPLAY_GAP) {
		object_set(object, "gap", json_string(replay_gap_names[e->gap]));
		object_set(object, "text", json_string(replay_gap_texts[e->gap]));
	}
	return object;
}

static json_t *timeline(const struct replaying *v)
{
	const struct replay *r = v->replay;
	json_t *array = json_array();

	for (const struct replay_entry *e = r->entries; e < r->entries + r->entry_count; e++)
		if (e->what == REPLAY_DUMP || e->what == REPLAY_GAP || replay_shows(v, e))
			array_add(array, entry_json(r, e));
	return array;
}

static json_t *callers(const struct replaying *v)
{
	const struct replay *r = v->replay;
	uint32_t *order = (uint32_t *)malloc((r->caller_count + 1) * sizeof(*order)), count;
	json_t *array = json_array();

	if (!order)
		pool_exhausted();
	count = replay_largest(v, order);
	for (uint32_t i = 0; i < count; i++) {
		const struct replay_caller *caller = &r->callers[order[i]];
		json_t *object = json_object();

		object_set(object, "caller", caller_json(caller->name));
		object_set(object, "pieces", number_json(caller->takes));
		object_set(object, "taken", number_json(caller->took));
		object_set(object, "frees", number_json(caller->frees));
		object_set(object, "freed", number_json(caller->freed));
		object_set(object, "left", number_json(caller->left));
		array_add(array, object);
	}
	free(order);
	return array;
}

static json_t *reserved(const struct replay *r)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < r->owners.count; i++) {
		const struct nb_region *region = nb_region_at(&r->owners, i);
		json_t *object = range_json((struct nb_range){ region->start, region->end });

		object_set(object, "caller", caller_json(r->callers[region->nid].name));
		object_set(object, "for", json_string(purpose_rows[region->flags].key));
		array_add(array, object);
	}
	return array;
}

void view_replay_json(struct out *out, const struct replaying *v)
{
	json_t *root = json_object();

	object_set(root, "schema", json_string("numaboot/replay/1"));
	object_set(root, "source", text_json(text_of(v->prediction.name)));
	object_set(root, "log", text_json(text_of(v->log_name)));
	object_set(root, "kernel", kernel_json(&v->prediction));
	object_set(root, "has_machine", json_boolean(v->has_machine));
	object_set(root, "as_recorded", json_boolean(v->as_recorded));
	object_set(root, "equal", json_boolean(!v->replay->counts.differ));
	object_set(root, "counts", counts(&v->replay->counts));
	object_set(root, "timeline", timeline(v));
	object_set(root, "callers", callers(v));
	object_set(root, "reserved", reserved(v->replay));
	json_print(out, root);
}
