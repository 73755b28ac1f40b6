/* SPDX-License-Identifier: MIT */
/*
 * compare: two predictions, what they differ in, and the first decision that they
 * do not share.
 *
 *	two machines, or two command lines	the first event that differs
 *	two lines				each rule is swapped alone, to see which
 *						decide what comes out; then the first
 *						event that differs where these alone
 *						do, and the rule of it
 *	two builds				the same with what builds choose
 */
#include "verbs.h"

#include "../place.h"
#include "../run.h"
#include "../trace.h"
#include "../views/views.h"

#include <stdlib.h>
#include <string.h>

/* What one side needs while it is compared. */
struct work_side {
	struct place place;
	struct source source;
	struct run run;
	struct outcome outcome;
	struct trace trace;
};

static bool read_side(struct work_side *w, const struct ask *ask, struct complaint *complaint)
{
	if (!place_read(&w->place, &w->source, ask, complaint) ||
	    !run_source(&w->run, &w->source, NULL, complaint))
		return false;
	outcome_read(&w->outcome, &w->run);
	return true;
}

static void drop_side(struct work_side *w)
{
	place_close(&w->place);
	run_drop(&w->run);
	pool_drop(&w->outcome.pool);
	trace_drop(&w->trace);
	pool_drop(&w->source.pool);
}

static void differ(struct differences *d, struct difference *at, const struct piece *first,
		   const struct piece *second)
{
	at[d->count++] = (struct difference){ { first, second } };
}

/* What hangs on a guess in either side, since a boot log is all that there is. */
static void find_guesses(struct differences *d)
{
	for (int i = 0; i < 2; i++) {
		const struct source *source = d->side[i].source;
		const struct nb_boot *boot = &d->side[i].run->boot;
		uint32_t nodes = run_has(d->side[i].run, NB_ZONES_STAGE)
					 ? nb_nodes_count(&boot->zones.has_memory)
					 : 0;

		if (nodes > 1 && source_guesses(source, FACT_SLIT))
			d->not_recorded[OUT_DISTANCES] = true;
		if (nodes > 2 && source_guesses(source, FACT_SLIT))
			d->not_recorded[OUT_ORDERS] = true;
		if (nodes > 1 && source_guesses(source, FACT_CPU_NODES))
			d->not_recorded[OUT_CPUS] = true;
	}
}

/* Lists what differs, in the first side's order; what the second alone has comes
 * last in its group. */
static void find_differences(struct differences *d, struct difference *at)
{
	const struct outcome *first = d->side[0].outcome, *second = d->side[1].outcome;
	uint32_t hint = 0;

	for (int group = 0; group < OUTCOME_GROUPS; group++) {
		if (d->not_recorded[group])
			continue;
		for (uint32_t i = 0; i < first->count; i++) {
			const struct piece *piece = &first->pieces[i], *other;

			if (piece->group != (enum outcome_group)group)
				continue;
			other = outcome_find(second, piece->name, &hint);
			if (!other || !text_same(piece->value, other->value))
				differ(d, at, piece, other);
		}
		for (uint32_t i = 0; i < second->count; i++) {
			const struct piece *piece = &second->pieces[i];

			if (piece->group == (enum outcome_group)group &&
			    !outcome_find(first, piece->name, &hint))
				differ(d, at, NULL, piece);
		}
	}
	d->at = at;
}

/* Boots a side's machine with some kernel, where the image lies as that kernel's
 * build has it if nothing else is known. */
static bool boot_as(struct trace *trace, struct source *source, const struct kernel *kernel,
		    struct complaint *complaint)
{
	struct nb_boot_facts kept = source->fw.facts;
	bool ran;

	if (source->facts[FACT_KERNEL].origin == ORIGIN_ASSUMED) {
		source->fw.facts.kernel = kernel->config.kernel;
		source->fw.facts.kernel_end = kernel->config.kernel_end;
	}
	ran = trace_boot(trace, source, kernel, complaint);
	source->fw.facts = kept;
	return ran;
}

/* Keeps the events at which two boots part. */
static bool see_events(struct work_side w[2], const struct kernel kernel[2], struct parting *p,
		       struct complaint *complaint)
{
	uint32_t at = traces_agree(&w[0].trace, &w[1].trace);

	for (int i = 0; i < 2; i++) {
		w[i].trace.wanted = at;
		if (!boot_as(&w[i].trace, &w[i].source, &kernel[i], complaint))
			return false;
		p->has[i] = w[i].trace.has_event;
		p->event[i] = w[i].trace.event;
	}
	p->stage = w[0].trace.stage; /* and the other's, as they agree up to there */
	return true;
}

/* A side's kernel with one thing that is the other's. */
struct swap {
	struct nb_rules rules;
	struct kernel kernel;
};

/* How far a side with one thing swapped goes along with the other side. */
static bool try_swap(struct work_side *own, const struct work_side *other, struct swap *swap,
		     uint32_t *agree, struct complaint *complaint)
{
	struct trace trace = { .at = NULL };
	bool ran = boot_as(&trace, &own->source, &swap->kernel, complaint);

	*agree = traces_agree(&trace, &other->trace);
	trace_drop(&trace);
	return ran;
}

/*
 * Finds the rule whose swap, alone, makes both sides agree beyond where they part:
 * given to the first side, or taken from the second. Of several, the one that
 * brings them farthest.
 */
static bool find_rule(struct work_side w[2], const struct kernel kernel[2], struct parting *p,
		      struct complaint *complaint)
{
	const struct nb_rule *rules[RULES_MOST];
	uint32_t best = traces_agree(&w[0].trace, &w[1].trace);

	p->rules_differ = rules_between(kernel[0].rules, kernel[1].rules, rules, RULES_MOST);
	for (uint32_t i = 0; i < 2 * p->rules_differ && i < 2 * RULES_MOST; i++) {
		int own = (int)(i / p->rules_differ);
		const struct nb_rule *rule = rules[i % p->rules_differ];
		struct swap swap = { *kernel[own].rules, kernel[own] };
		uint32_t agree;

		if (own && p->cause == CAUSE_RULE)
			break;
		rule_copy(&swap.rules, kernel[!own].rules, rule);
		swap.kernel.rules = &swap.rules;
		if (!try_swap(&w[own], &w[!own], &swap, &agree, complaint))
			return false;
		if (agree <= best)
			continue;
		best = agree;
		p->cause = CAUSE_RULE;
		p->rule = rule;
	}
	return true;
}

/* The same for what builds chose. */
static bool find_build(struct work_side w[2], const struct kernel kernel[2], struct parting *p,
		       struct complaint *complaint)
{
	uint32_t best = traces_agree(&w[0].trace, &w[1].trace);

	for (unsigned row = 0; row < config_row_count; row++) {
		struct swap swap = { .kernel = kernel[0] };
		uint32_t agree;

		if (config_same(&kernel[0].config, &kernel[1].config, row))
			continue;
		config_copy(&swap.kernel.config, &kernel[1].config, row);
		if (!try_swap(&w[0], &w[1], &swap, &agree, complaint))
			return false;
		if (agree <= best)
			continue;
		best = agree;
		p->cause = CAUSE_BUILD;
		p->config_row = row;
	}
	return true;
}

static bool trace_both(struct work_side w[2], const struct kernel kernel[2],
		       struct complaint *complaint)
{
	for (int i = 0; i < 2; i++) {
		w[i].trace.wanted = UINT32_MAX;
		if (!boot_as(&w[i].trace, &w[i].source, &kernel[i], complaint))
			return false;
	}
	return true;
}

/* Whether both sides are one machine with one command line. */
static bool same_inputs(const struct options *options, const struct work_side w[2])
{
	const char *a = options->ask[0].source, *b = options->ask[1].source;

	return (a == b || (a && b && !strcmp(a, b))) &&
	       !strcmp(w[0].source.fw.cmdline, w[1].source.fw.cmdline);
}

/* The first side's rules with those of the second that decide what comes out. */
static bool mix_rules(struct nb_rules *rules, const struct kernel kernel[2],
		      const struct weighed *weighed)
{
	bool any = false;

	*rules = *kernel[0].rules;
	for (uint32_t i = 0; i < weighed->count; i++) {
		if (!weighed->matters[i])
			continue;
		rule_copy(rules, kernel[1].rules, weighed->rule[i]);
		any = true;
	}
	return any;
}

/*
 * Where the two boots part. Lines are first compared with one build, since an image
 * of another size would be the first difference of any two; and by the rules that
 * decide what comes out, if there are any, for any two lines part early in
 * what is of no consequence.
 */
static bool find_parting(struct work_side w[2], const struct weighed *weighed, struct parting *p,
			 struct complaint *complaint)
{
	struct kernel kernel[2] = { w[0].source.kernel, w[1].source.kernel };
	struct nb_rules mixed;
	bool one_build;

	p->of_consequence = mix_rules(&mixed, kernel, weighed);
	if (p->of_consequence)
		kernel[1].rules = &mixed;
	kernel[1].config = kernel[0].config;
	if (!trace_both(w, kernel, complaint))
		return false;
	one_build = !traces_same(&w[0].trace, &w[1].trace);
	if (!one_build) {
		kernel[1].config = w[1].source.kernel.config;
		if (!trace_both(w, kernel, complaint))
			return false;
	}
	p->parts = !traces_same(&w[0].trace, &w[1].trace);
	if (!p->parts)
		return true;
	if (p->same_inputs && one_build && !find_rule(w, kernel, p, complaint))
		return false;
	if (p->same_inputs && !one_build && !find_build(w, kernel, p, complaint))
		return false;
	return see_events(w, kernel, p, complaint);
}

enum exit_code verb_compare(const struct options *options, struct out *out,
			    struct complaint *complaint)
{
	static struct work_side w[2];
	static struct differences d;
	struct difference *at = NULL;
	bool done = read_side(&w[0], &options->ask[0], complaint) &&
		    read_side(&w[1], &options->ask[1], complaint);

	if (done) {
		at = (struct difference *)malloc((w[0].outcome.count + w[1].outcome.count + 1) *
						 sizeof(*at));
		if (!at)
			pool_exhausted();
		for (int i = 0; i < 2; i++)
			d.side[i] = (struct side){ &w[i].source, &w[i].run, &w[i].outcome,
						   w[i].place.name };
		find_guesses(&d);
		find_differences(&d, at);
		d.parting.same_inputs = same_inputs(options, w);
		done = (!d.parting.same_inputs ||
			weigh_between(&d.weighed, &w[0].source, w[1].source.kernel.rules,
				      complaint)) &&
		       find_parting(w, &d.weighed, &d.parting, complaint);
	}
	if (done && options->format == FORMAT_JSON)
		view_differences_json(out, &d);
	else if (done)
		view_differences(out, &d);
	free(at);
	drop_side(&w[0]);
	drop_side(&w[1]);
	if (!done)
		return EXIT_INPUT;
	return d.count ? EXIT_DIFFERS : EXIT_EXACT;
}
