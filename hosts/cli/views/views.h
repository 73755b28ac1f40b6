/* SPDX-License-Identifier: MIT */
/*
 * views: results to people and to programs. No decisions.
 */
#ifndef HOSTS_CLI_VIEWS_VIEWS_H
#define HOSTS_CLI_VIEWS_VIEWS_H

#include "../machine.h"
#include "../output.h"
#include "../run.h"
#include "../verbs/facts.h"
#include "../verbs/outcome.h"

#include <numaboot/render.h>

/* What a view may show of a prediction. */
struct prediction {
	const struct source *source;
	const struct run *run;
	const char *name;             /* of the source, for people */
	const struct weighed *doubts; /* null: not weighed */
};

/* Writes to an output. */
struct out_writer {
	struct nb_writer writer;
	struct out *out;
};

struct out_writer out_writer(struct out *out);

/* A sink that writes each event's log lines. */
struct log_sink {
	struct nb_sink sink;
	struct nb_log log;
};

struct log_sink log_sink(struct nb_writer *writer, const struct nb_rules *rules);

void view_table(struct out *out, const struct prediction *prediction);
void view_hardware(struct out *out, const struct prediction *prediction);
void view_zones(struct out *out, const struct prediction *prediction);
void view_json(struct out *out, const struct prediction *prediction);

/* Where this kernel dies and why, in one line without a newline. */
void view_death(struct out *out, const struct run *run);

/* Which Linux is modelled where none is that release's, and what may differ: a
 * paragraph, or nothing. */
void view_kernel(struct out *out, const struct prediction *prediction);

/* What had to be assumed, and decides something in what is shown: a paragraph, or nothing. */
void view_assumed(struct out *out, const struct prediction *prediction);

/* The lines, what each changed, and what a build can choose. */
void view_lines(struct out *out);
void view_lines_json(struct out *out);

void view_differences(struct out *out, const struct differences *differences);
void view_differences_json(struct out *out, const struct differences *differences);

/* A machine of QEMU, in one line. */
void view_machine(struct out *out, const struct machine *machine, const char *name);

/* The log of the image, and whether it is what was predicted: up to the first line
 * that is not, of which a null pointer says that there is none. */
void view_image_log(struct out *out, struct nb_text log);
void view_image_judged(struct out *out, uint32_t lines, bool same, struct nb_text got,
		       struct nb_text wanted);

/* What a view may show of a comparison. */
struct verification {
	struct prediction prediction;
	const struct recorded *recorded;
	const struct comparison *comparison;
};

void view_verdict(struct out *out, const struct verification *verification);
void view_verdict_json(struct out *out, const struct verification *verification);

/* What is compared, and what is read from where. */
void view_facts(struct out *out);

#endif
