/* SPDX-License-Identifier: MIT */
/*
 * where: boots a source, follows the trace of its log if there is one, and tells
 * where its RAM went.
 */
#include "verbs.h"

#include "../run.h"
#include "../views/where.h"
#include "reading.h"

#include <stdio.h>

struct work {
	struct reading reading;
	struct run run;
	struct stage_steps steps;
	struct replay replay;
	struct account account;
	struct pool pool;
};

/* "MemTotal:        1229044 kB", with what comes before it; false if it is not there. */
static bool read_total(struct tree *tree, const char *path, const char *start, uint64_t *bytes)
{
	enum { MEMINFO_MOST = 64 << 10 };
	struct nb_text text, line, word;
	uint64_t kib;

	if (tree->read(tree, path, MEMINFO_MOST, &text) != TREE_OK)
		return false;
	while (text_line(&text, &line)) {
		if (!text_skip(&line, start))
			continue;
		if (!text_word(&line, &word) || !text_u64(word, &kib))
			return false;
		*bytes = kib * NB_KIB;
		return true;
	}
	return false;
}

/* Memory that was plugged in since the boot is in zones that have grown. */
static void record_plugged_in(struct work *w)
{
	const struct recorded *recorded = &w->reading.recorded;
	const struct nb_zones *zones = &w->run.boot.zones;

	for (uint32_t nid = 0; run_has(&w->run, NB_ZONES_STAGE) && nid < zones->nodes; nid++) {
		uint64_t shown = 0, booted = 0;

		for (uint32_t i = 0; i < recorded->zone_count; i++)
			if (recorded->zones[i].nid == (int32_t)nid)
				shown += recorded->zones[i].present;
		for (uint32_t zone = 0; zone < NB_ZONES; zone++)
			booted += zones->node[nid].zone[zone].present_pages;
		if (shown > booted)
			account_plugged_in(&w->account, (int32_t)nid, nb_pfn_phys(shown - booted));
	}
}

/* What the running system says that it has. A node that it does not show has none. */
static void record(struct work *w)
{
	struct place *place = &w->reading.place;
	struct tree *tree = &place->sysroot.tree;
	uint64_t bytes;

	if (place->is_log || !read_total(tree, "proc/meminfo", "MemTotal:", &bytes))
		return;
	account_record(&w->account, NB_NO_NODE, bytes);
	nb_for_each_node (nid, &w->account.nodes) {
		char path[80], start[40];

		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/meminfo", nid);
		snprintf(start, sizeof(start), "Node %d MemTotal:", nid);
		if (read_total(tree, path, start, &bytes))
			account_record(&w->account, nid, bytes);
	}
}

/* Whether a machine has a node, be it of RAM or of CPUs alone. */
static bool has_node(const struct work *w, int32_t nid)
{
	return nb_nodes_has(&w->account.nodes, nid) ||
	       (run_has(&w->run, NB_SMP) && nb_nodes_has(&w->run.boot.smp.online_nodes, nid));
}

static enum exit_code locate(struct work *w, const struct options *options, struct out *out,
			     struct complaint *complaint)
{
	const struct reading *reading = &w->reading;
	const struct place *place = &reading->place;
	const struct boot_log *log = &reading->recorded.log;
	const struct locating v = {
		.prediction = { &reading->source, &w->run, place->name, NULL },
		.account = &w->account,
		.choice = &options->choice,
	};
	bool recorded, traced;

	if (!run_watched(&w->run, &reading->source, &w->steps, complaint))
		return EXIT_INPUT;
	if (!run_has(&w->run, NB_MEMBLOCK)) {
		complain(complaint, "%s: this kernel dies before it has memory", place->name);
		return EXIT_INPUT;
	}
	/* The trace and MemTotal are of the boot that was recorded. */
	recorded = reading_as_recorded(&options->ask[0], &w->run);
	traced = recorded && log->count &&
		 replay_log(&w->replay, log, &reading->source.kernel, &w->steps, &w->pool);
	account_boot(&w->account, &w->run.boot, &w->steps, traced ? &w->replay : NULL, log,
		     &w->pool);
	if (options->choice.has_node && !has_node(w, options->choice.nid)) {
		complain(complaint, "%s: no node %d: expected one that `numaboot predict` lists",
			 place->name, options->choice.nid);
		return EXIT_INPUT;
	}
	if (recorded) {
		record_plugged_in(w);
		record(w);
	}
	account_close(&w->account);
	if (options->format == FORMAT_JSON)
		view_where_json(out, &v);
	else
		view_where(out, &v);
	return EXIT_EXACT;
}

enum exit_code verb_where(const struct options *options, struct out *out,
			  struct complaint *complaint)
{
	static struct work w;
	enum exit_code code = EXIT_INPUT;

	if (reading_both(&w.reading, &options->ask[0], options->log, complaint))
		code = locate(&w, options, out, complaint);
	run_drop(&w.run);
	stage_steps_drop(&w.steps);
	pool_drop(&w.pool);
	reading_drop(&w.reading);
	return code;
}
