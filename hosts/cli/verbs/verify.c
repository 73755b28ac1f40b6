/* SPDX-License-Identifier: MIT */
/*
 * verify: predicts, then holds the prediction against what the same source
 * recorded. What no input holds is taken from the record first, and said to be
 * given.
 */
#include "verbs.h"

#include "../files.h"
#include "../run.h"
#include "../views/views.h"
#include "compare.h"

#include <stdlib.h>
#include <string.h>

/* Text in memory that grows. */
struct growing {
	struct nb_writer writer;
	char *at;
	size_t len, cap;
};

static void grow(struct nb_writer *self, const char *text, size_t len)
{
	struct growing *g = (struct growing *)self; /* its first member */

	if (g->cap - g->len < len) {
		char *more;

		g->cap = 2 * g->cap + len + (64 << 10);
		more = (char *)realloc(g->at, g->cap);
		if (!more)
			pool_exhausted();
		g->at = more;
	}
	memcpy(g->at + g->len, text, len);
	g->len += len;
}

/* All that a verification works on. */
struct work {
	const struct options *options;
	struct source source;
	struct recorded recorded;
	struct run run;
	struct growing log; /* of the prediction */
	struct comparison comparison;
	uint32_t started[NB_MAX_CPUS];
};

static bool boot(struct work *w, struct complaint *complaint)
{
	struct log_sink sink = log_sink(&w->log.writer, w->options->kernel.rules);

	run_drop(&w->run);
	w->log.len = 0;
	return run_boot(&w->run, &w->source, &w->options->kernel, &sink.sink, complaint);
}

/* Whether a CPU that should have come up is not online in the record. Then it is
 * given which of them came up. */
static bool give_started(struct work *w)
{
	uint64_t online[NB_MAX_CPUS / 64] = { 0 };
	const struct nb_boot *b = &w->run.boot;
	struct nb_boot_facts *facts = &w->source.fw.facts;
	bool missing = false;
	uint32_t count = 0;

	if (!run_has(&w->run, NB_SMP) || !w->recorded.cpu_online.at ||
	    !text_list(w->recorded.cpu_online, online, NB_MAX_CPUS))
		return false;
	for (uint32_t cpu = 0; cpu < b->cpus.possible; cpu++) {
		bool up = online[cpu / 64] >> cpu % 64 & 1;

		missing = missing || (nb_smp_is_online(&b->smp, cpu) && !up);
		if (up && b->cpus.cpu[cpu].present)
			w->started[count++] = b->cpus.cpu[cpu].apic_id;
	}
	if (!missing)
		return false;
	facts->started = w->started;
	facts->started_count = count;
	w->source.facts[FACT_STARTED] =
		(struct provenance){ ORIGIN_GIVEN, "sys/devices/system/cpu/online" };
	return true;
}

static void take_log(struct work *w, struct nb_text text, const char *name)
{
	boot_log_read(&w->recorded.log, text, &w->recorded.pool);
	w->recorded.log_name = name;
}

/* The log of a case: its dmesg, and where that lost its beginning the serial
 * console's lines before it. */
static bool read_case_log(struct work *w, struct place *place)
{
	enum { LOG_MOST = 256 << 20 };
	struct tree *tree = &place->all.tree;
	struct nb_text text;
	struct boot_log console;
	enum tree_result result = tree->read(tree, "dmesg", LOG_MOST, &text);

	if (result != TREE_OK)
		return result == TREE_ABSENT;
	take_log(w, text, "dmesg");
	result = tree->read(tree, "console", LOG_MOST, &text);
	if (result == TREE_OK) {
		boot_log_read(&console, text, &w->recorded.pool);
		boot_log_complete(&w->recorded.log, &console, &w->recorded.pool);
	}
	return !tree_failed(result);
}

static bool read_log(struct work *w, struct place *place, struct complaint *complaint)
{
	struct nb_text text;

	if (w->options->log) {
		if (!file_read(w->options->log, &w->recorded.pool, &text, complaint))
			return false;
		take_log(w, text, w->options->log);
		return true;
	}
	if (place->is_case)
		return read_case_log(w, place);
	if (place->is_this_machine && kmsg_read(&w->recorded.pool, &text))
		take_log(w, text, "/dev/kmsg");
	return true;
}

/* How the recorded boot ended: as the case says, else as the log shows. A
 * kernel whose nodes can be read is alive. */
static bool read_end(struct work *w, struct place *place)
{
	struct tree *tree = &place->all.tree;
	struct nb_text text = { NULL, 0 };

	if (place->is_case && tree_failed(tree->read(tree, "outcome", 64, &text)))
		return false;
	text = text_trim(text);
	if (text_is(text, "panic") || w->recorded.log.panicked)
		w->recorded.end = END_PANIC;
	else if (text_is(text, "ok") || w->recorded.masks[MASK_ONLINE].at)
		w->recorded.end = END_OK;
	else if (text.len)
		w->recorded.end = END_STOPPED;
	return true;
}

static bool read_both(struct work *w, struct place *place, struct complaint *complaint)
{
	if (!place_read(place, &w->source, w->options, complaint))
		return false;
	place_use(place, &w->recorded.pool);
	if (!recorded_read(&w->recorded, &place->sysroot.tree) || !read_log(w, place, complaint) ||
	    !read_end(w, place))
		return false;
	given_facts(&w->source, &w->recorded);
	return true;
}

static enum exit_code judge(struct work *w, const char *name, struct out *out,
			    struct complaint *complaint)
{
	const struct verification v = {
		.prediction = { &w->source, &w->run, w->options->kernel.rules, name },
		.recorded = &w->recorded,
		.comparison = &w->comparison,
	};

	if (!boot(w, complaint) || (give_started(w) && !boot(w, complaint)))
		return EXIT_INPUT;
	compare(&w->comparison, &w->source, &w->run, &w->recorded,
		(struct nb_text){ w->log.at, w->log.len });
	if (w->options->format == FORMAT_JSON)
		view_verdict_json(out, &v);
	else
		view_verdict(out, &v);
	if (w->comparison.counts[IS_DIFFERENT])
		return EXIT_DIFFERS;
	if (!w->comparison.counts[IS_EXACT]) {
		complain(complaint,
			 "%s: nothing recorded: expected sys/devices/system/node, "
			 "proc/zoneinfo or a log",
			 name);
		return EXIT_INPUT;
	}
	return EXIT_EXACT;
}

enum exit_code verb_verify(const struct options *options, struct out *out,
			   struct complaint *complaint)
{
	static struct work w;
	struct place place;
	enum exit_code code = EXIT_INPUT;

	if (options->list_facts) {
		view_facts(out);
		return EXIT_EXACT;
	}
	w.options = options;
	w.log.writer.write = grow;
	if (!place_open(&place, options->source, options->must_be_sysroot, complaint))
		return EXIT_INPUT;
	if (read_both(&w, &place, complaint))
		code = judge(&w, place.is_this_machine ? "this machine" : place.all.name, out,
			     complaint);
	place_close(&place);
	run_drop(&w.run);
	free(w.log.at);
	pool_drop(&w.comparison.pool);
	pool_drop(&w.recorded.pool);
	pool_drop(&w.source.pool);
	return code;
}
