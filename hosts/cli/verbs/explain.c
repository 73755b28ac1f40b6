/* SPDX-License-Identifier: MIT */
/*
 * explain: boots a source with its events kept, and asks them. What a kind of finding
 * is needs no source.
 */
#include "verbs.h"

#include "../../explain/inquiry.h"
#include "../run.h"
#include "../views/check.h"
#include "../views/explain.h"
#include "reading.h"

struct work {
	struct source source;
	struct run run;
	struct tape tape;
	struct chain chain;
	struct pool pool;
};

static void show(struct out *out, const struct options *options, const struct explanation *e)
{
	switch (options->format) {
	case FORMAT_JSON:
		view_explain_json(out, e);
		break;
	case FORMAT_DOT:
		view_explain_dot(out, e);
		break;
	default:
		view_explain(out, e);
		break;
	}
}

static enum exit_code answer(struct work *w, const struct place *place,
			     const struct options *options, struct out *out,
			     struct complaint *complaint)
{
	const struct question *question = &options->question;
	struct inquiry q = {
		.source = &w->source,
		.boot = &w->run.boot,
		.tape = &w->tape,
		.chain = &w->chain,
	};
	static struct weighed doubts;
	const struct explanation e = {
		.prediction = { &w->source, &w->run, place->name, &doubts },
		.chain = &w->chain,
	};

	w->chain.wording = w->source.kernel.rules->wording;
	tape_begin(&w->tape, question->kind == ASK_FALLBACK ? question->nid : NB_NO_NODE);
	if (!run_source(&w->run, &w->source, &w->tape.sink, complaint))
		return EXIT_INPUT;
	if (w->run.dies && w->run.death.kind == NB_EV_DIES)
		q.death = &w->run.death;
	explain(&q, question);
	if (options->format == FORMAT_TABLE && !weigh_doubts(&doubts, &w->source, complaint))
		return EXIT_INPUT;
	show(out, options, &e);
	return EXIT_EXACT;
}

enum exit_code verb_explain(const struct options *options, struct out *out,
			    struct complaint *complaint)
{
	static struct work w;
	struct place place = { .is_open = false };
	enum exit_code code = EXIT_INPUT;

	if (options->finding) {
		if (options->format == FORMAT_JSON)
			view_finding_rows_json(out, options->finding);
		else
			view_finding_row(out, options->finding);
		return EXIT_EXACT;
	}
	w.chain.pool = &w.pool;
	if (place_read(&place, &w.source, &options->ask[0], complaint))
		code = answer(&w, &place, options, out, complaint);
	place_close(&place);
	run_drop(&w.run);
	tape_drop(&w.tape);
	chain_drop(&w.chain);
	pool_drop(&w.pool);
	pool_drop(&w.source.pool);
	return code;
}
