/* SPDX-License-Identifier: MIT */
/*
 * verify: predicts, then holds the prediction against what the same source
 * recorded. What no input holds is taken from the record first, and said to be
 * given.
 */
#include "verbs.h"

#include "../place.h"
#include "../growing.h"
#include "../run.h"
#include "../views/views.h"
#include "facts.h"
#include "reading.h"

/* All that a verification works on. */
struct work {
	const struct options *options;
	struct reading reading;
	struct run run;
	struct growing log; /* of the prediction */
	struct comparison comparison;
	struct weighed doubts;
	struct comparison other; /* with the line on the release's other side */
	struct run watched;      /* the same boot, followed by the log's trace of memblock */
	struct stage_steps steps;
	struct replay replay;
	struct pool pool;
	uint32_t started[NB_MAX_CPUS];
};

static bool boot(struct work *w, struct complaint *complaint)
{
	struct log_sink sink = log_sink(&w->log.writer, w->reading.source.kernel.rules);

	run_drop(&w->run);
	w->log.len = 0;
	return run_source(&w->run, &w->reading.source, &sink.sink, complaint);
}

/* Whether a CPU that should have come up is not online in the record. Then it is
 * given which of them came up. */
static bool give_started(struct work *w)
{
	uint64_t online[NB_MAX_CPUS / 64] = { 0 };
	const struct nb_boot *b = &w->run.boot;
	struct nb_boot_facts *facts = &w->reading.source.fw.facts;
	bool missing = false;
	uint32_t count = 0;

	if (!run_has(&w->run, NB_SMP) || !w->reading.recorded.cpu_online.at ||
	    !text_list(w->reading.recorded.cpu_online, online, NB_MAX_CPUS))
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
	w->reading.source.facts[FACT_STARTED] =
		(struct provenance){ ORIGIN_GIVEN, "sys/devices/system/cpu/online" };
	return true;
}

/* Follows the trace that memblock=debug left in the log; null if there is none. */
static const struct replay *follow_trace(struct work *w, struct complaint *complaint)
{
	const struct boot_log *log = &w->reading.recorded.log;

	if (!run_has(&w->run, NB_MANAGED) || !w->run.boot.params.memblock_debug || !log->count ||
	    !run_watched(&w->watched, &w->reading.source, &w->steps, complaint) ||
	    !replay_log(&w->replay, log, &w->reading.source.kernel, &w->steps, &w->pool))
		return NULL;
	return &w->replay;
}

/* The rules of the line on a release's other side. Of 32 bits there is one line: as
 * it would be with what the nearest line of 64 bits has otherwise. */
static bool other_rules(const struct kernel *own, struct nb_rules *rules)
{
	const struct nb_rule *changed[RULES_MOST];
	bool below_is_nearer =
		own->above == NB_LINES ||
		(own->below != NB_LINES && own->below_distance <= own->above_distance);
	enum nb_line nearest = below_is_nearer ? own->below : own->above;
	enum nb_line other = own->line == own->above ? own->below : own->above;
	uint32_t count;

	if (own->pick != PICK_NEAREST)
		return false;
	if (!line_rows[own->line].i386) {
		if (other != NB_LINES)
			*rules = nb_lines[other];
		return other != NB_LINES;
	}
	*rules = *own->rules;
	rules->wording = nb_lines[nearest].wording;
	count = rules_in_doubt(own, changed, RULES_MOST);
	for (uint32_t i = 0; i < count && i < RULES_MOST; i++)
		rule_copy(rules, &nb_lines[nearest], changed[i]);
	return true;
}

/* Of a release that is not modelled: whether what differs is as the line on its
 * other side has it. */
static bool judge_other(struct work *w, struct complaint *complaint)
{
	static struct run run;
	struct nb_rules rules;
	struct kernel kernel = w->reading.source.kernel;
	struct growing log = growing_empty();
	struct log_sink sink;
	bool ran;

	if (!other_rules(&w->reading.source.kernel, &rules))
		return true;
	kernel.rules = &rules;
	sink = log_sink(&log.writer, kernel.rules);
	ran = run_boot(&run, &w->reading.source, &kernel, &sink.sink, complaint);
	if (ran) {
		compare_facts(&w->other,
			      &(struct held){ &w->reading.source, &run, &w->reading.recorded,
					      growing_text(&log), NULL });
		compare_other_line(&w->comparison, &w->other);
	}
	run_drop(&run);
	growing_drop(&log);
	return ran;
}

static enum exit_code judge(struct work *w, const char *name, struct out *out,
			    struct complaint *complaint)
{
	const struct verification v = {
		.prediction = { &w->reading.source, &w->run, name, &w->doubts },
		.recorded = &w->reading.recorded,
		.comparison = &w->comparison,
	};

	if (!boot(w, complaint) || (give_started(w) && !boot(w, complaint)))
		return EXIT_INPUT;
	compare_facts(&w->comparison,
		      &(struct held){ &w->reading.source, &w->run, &w->reading.recorded,
				      growing_text(&w->log), follow_trace(w, complaint) });
	if (!judge_other(w, complaint) || !weigh_doubts(&w->doubts, &w->reading.source, complaint))
		return EXIT_INPUT;
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
	enum exit_code code = EXIT_INPUT;

	if (options->list_facts) {
		view_facts(out);
		return EXIT_EXACT;
	}
	w.options = options;
	w.log = growing_empty();
	if (reading_both(&w.reading, &options->ask[0], options->log, complaint))
		code = judge(&w, w.reading.place.name, out, complaint);
	run_drop(&w.run);
	run_drop(&w.watched);
	stage_steps_drop(&w.steps);
	pool_drop(&w.pool);
	growing_drop(&w.log);
	pool_drop(&w.comparison.pool);
	pool_drop(&w.other.pool);
	reading_drop(&w.reading);
	return code;
}
