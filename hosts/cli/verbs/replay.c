/* SPDX-License-Identifier: MIT */
/*
 * replay: follows a boot log taken with memblock=debug on our memblock, with what
 * the stages do on the same machine.
 */
#include "verbs.h"

#include "../run.h"
#include "../views/replay.h"
#include "reading.h"

struct work {
	struct reading reading;
	struct run run;
	struct stage_steps steps;
	struct replay replay;
	struct pool pool;
	bool has_machine;
};

/* A log without a memory map tells of no machine: no stage runs, but the log can
 * be followed. A machine that is too large for the library likewise. */
static bool read(struct work *w, const struct options *options, struct complaint *complaint)
{
	struct reading *reading = &w->reading;
	struct place *place = &reading->place;
	struct complaint none;

	w->has_machine = place_read(place, &reading->source, &options->ask[0], complaint);
	if (!w->has_machine && !(place->is_log && place->log.count && place->has_kernel))
		return false;
	if (!reading_record(reading, options->log, complaint))
		return false;
	stage_steps_begin(&w->steps);
	if (!w->has_machine)
		return true;
	given_facts(&reading->source, &reading->recorded);
	w->has_machine = run_watched(&w->run, &reading->source, &w->steps, &none);
	return true;
}

/* Whether the log, or the machine that it tells of, has a node. */
static bool has_node(const struct work *w, int32_t nid)
{
	const struct replay *r = &w->replay;

	for (uint32_t i = 0; i < r->entry_count; i++)
		if (r->entries[i].nid == nid)
			return true;
	return w->has_machine && run_has(&w->run, NB_SMP) &&
	       nb_nodes_has(&w->run.boot.smp.online_nodes, nid);
}

static enum exit_code follow(struct work *w, const char *name, const struct options *options,
			     struct out *out, struct complaint *complaint)
{
	const struct recorded *recorded = &w->reading.recorded;
	const struct replaying v = {
		.prediction = { &w->reading.source, &w->run, name, NULL },
		.replay = &w->replay,
		.log_name = recorded->log_name ? recorded->log_name : name,
		.choice = &options->choice,
		.has_machine = w->has_machine,
		.as_recorded = !w->has_machine || reading_as_recorded(&options->ask[0], &w->run),
	};

	if (!replay_log(&w->replay, &recorded->log, &w->reading.source.kernel, &w->steps,
			&w->pool)) {
		complain(complaint,
			 "%s: no trace of memblock: expected a boot log of a kernel with "
			 "memblock=debug on its command line, with a dump of the map",
			 name);
		return EXIT_INPUT;
	}
	if (options->choice.has_node && !has_node(w, options->choice.nid)) {
		complain(complaint, "%s: no node %d: nothing is taken there", name,
			 options->choice.nid);
		return EXIT_INPUT;
	}
	if (options->format == FORMAT_JSON)
		view_replay_json(out, &v);
	else
		view_replay(out, &v);
	return w->replay.counts.differ ? EXIT_DIFFERS : EXIT_EXACT;
}

enum exit_code verb_replay(const struct options *options, struct out *out,
			   struct complaint *complaint)
{
	static struct work w;
	enum exit_code code = EXIT_INPUT;

	if (read(&w, options, complaint))
		code = follow(&w, w.reading.place.name, options, out, complaint);
	run_drop(&w.run);
	stage_steps_drop(&w.steps);
	pool_drop(&w.pool);
	reading_drop(&w.reading);
	return code;
}
