/* SPDX-License-Identifier: MIT */
/*
 * weigh: boots a machine once for each rule, with that rule's other value. Most
 * rules change no decision there; of those that do the outcomes are compared.
 */
#include "weigh.h"

#include "../trace.h"
#include "outcome.h"

#include <string.h>

void rule_copy(struct nb_rules *to, const struct nb_rules *from, const struct nb_rule *rule)
{
	memcpy((uint8_t *)to + rule->offset, (const uint8_t *)from + rule->offset, rule->size);
}

/* What came out of a boot with some kernel. */
static bool outcome_of(struct outcome *outcome, const struct source *source,
		       const struct kernel *kernel, struct complaint *complaint)
{
	static struct run run;
	bool ran = run_boot(&run, source, kernel, NULL, complaint);

	if (ran)
		outcome_read(outcome, &run);
	run_drop(&run);
	return ran;
}

/* A scale: the machine as it boots with its own kernel. */
struct scale {
	const struct source *source;
	struct trace trace, other_trace;
	struct outcome outcome, other_outcome;
};

static bool weigh_rule(struct scale *scale, const struct nb_rule *rule,
		       const struct nb_rules *other, bool *matters, struct complaint *complaint)
{
	struct nb_rules rules = *scale->source->kernel.rules;
	struct kernel kernel = scale->source->kernel;

	rule_copy(&rules, other, rule);
	kernel.rules = &rules;
	*matters = false;
	if (!trace_boot(&scale->other_trace, scale->source, &kernel, complaint))
		return false;
	if (traces_same(&scale->trace, &scale->other_trace))
		return true;
	if (!outcome_of(&scale->other_outcome, scale->source, &kernel, complaint))
		return false;
	*matters = !outcomes_same(&scale->outcome, &scale->other_outcome);
	pool_drop(&scale->other_outcome.pool);
	return true;
}

/* Weighs rules with their values in other sets. */
static bool weigh(struct weighed *weighed, const struct source *source,
		  const struct nb_rules *(*other)(const struct kernel *, const struct nb_rule *),
		  const struct nb_rules *fixed, struct complaint *complaint)
{
	struct scale scale = { .source = source };
	bool done = !weighed->count ||
		    (trace_boot(&scale.trace, source, &source->kernel, complaint) &&
		     outcome_of(&scale.outcome, source, &source->kernel, complaint));

	for (uint32_t i = 0; i < weighed->count && done; i++) {
		const struct nb_rule *rule = weighed->rule[i];

		done = weigh_rule(&scale, rule, fixed ? fixed : other(&source->kernel, rule),
				  &weighed->matters[i], complaint);
	}
	trace_drop(&scale.trace);
	trace_drop(&scale.other_trace);
	pool_drop(&scale.outcome.pool);
	return done;
}

/* The lines around the release, and the first one that has a rule otherwise. */
static const struct nb_rules *other_value(const struct kernel *kernel, const struct nb_rule *rule)
{
	uint64_t value = nb_rule_value(kernel->rules, rule);

	if (kernel->above < NB_LINES && nb_rule_value(&nb_lines[kernel->above], rule) != value)
		return &nb_lines[kernel->above];
	if (kernel->below < NB_LINES && nb_rule_value(&nb_lines[kernel->below], rule) != value)
		return &nb_lines[kernel->below];
	for (int line = 0; line < NB_LINES; line++)
		if (nb_rule_value(&nb_lines[line], rule) != value)
			return &nb_lines[line];
	return kernel->rules;
}

bool weigh_doubts(struct weighed *weighed, const struct source *source, struct complaint *complaint)
{
	weighed->count = rules_in_doubt(&source->kernel, weighed->rule, RULES_MOST);
	nb_assert(weighed->count <= RULES_MOST);
	return weigh(weighed, source, other_value, NULL, complaint);
}

bool weigh_between(struct weighed *weighed, const struct source *source,
		   const struct nb_rules *other, struct complaint *complaint)
{
	weighed->count = rules_between(source->kernel.rules, other, weighed->rule, RULES_MOST);
	nb_assert(weighed->count <= RULES_MOST);
	return weigh(weighed, source, NULL, other, complaint);
}

bool weighed_matters(const struct weighed *weighed, const struct nb_rule *rule)
{
	for (uint32_t i = 0; weighed && i < weighed->count; i++)
		if (weighed->rule[i] == rule)
			return weighed->matters[i];
	return false;
}
