/* SPDX-License-Identifier: MIT */
/*
 * predict: reads a machine's inputs, boots it in the library and shows what
 * came out. A kernel that dies is an answer too.
 */
#include "verbs.h"

#include "../place.h"
#include "../run.h"
#include "../views/views.h"

#include <unistd.h>

static void show(const struct options *options, struct out *out, const struct prediction *p)
{
	switch (options->format) {
	case FORMAT_TABLE:
		view_table(out, p);
		break;
	case FORMAT_ZONES:
		view_zones(out, p);
		break;
	case FORMAT_HARDWARE:
		view_hardware(out, p);
		break;
	case FORMAT_JSON:
		view_json(out, p);
		break;
	case FORMAT_DOT: /* of explain alone */
	case FORMAT_LOG:
		break; /* the sink wrote it while the boot ran */
	}
}

/* Formats that have no place for the statement get it on standard error. */
static void tell_death(const struct options *options, const struct run *run)
{
	static struct out err;

	if (!run->dies || options->format == FORMAT_TABLE || options->format == FORMAT_JSON)
		return;
	out_open(&err, STDERR_FILENO);
	out_string(&err, "numaboot: ");
	view_death(&err, run);
	out_string(&err, "\n");
	out_close(&err);
}

static enum exit_code boot_and_show(const struct options *options, const struct source *source,
				    const char *name, struct out *out, struct complaint *complaint)
{
	static struct run run;
	struct out_writer writer = out_writer(out);
	struct log_sink log = log_sink(&writer.writer, source->kernel.rules);
	struct nb_sink *sink = options->format == FORMAT_LOG ? &log.sink : NULL;
	static struct weighed doubts;
	struct prediction prediction = { source, &run, name, &doubts };
	bool ran = run_source(&run, source, sink, complaint) &&
		   weigh_doubts(&doubts, source, complaint);

	if (ran) {
		show(options, out, &prediction);
		tell_death(options, &run);
	}
	run_drop(&run);
	return ran ? EXIT_EXACT : EXIT_INPUT;
}

enum exit_code verb_predict(const struct options *options, struct out *out,
			    struct complaint *complaint)
{
	static struct source source;
	struct place place = { .is_open = false };
	enum exit_code code = EXIT_INPUT;

	if (place_read(&place, &source, &options->ask[0], complaint))
		code = boot_and_show(options, &source, place.name, out, complaint);
	place_close(&place);
	pool_drop(&source.pool);
	return code;
}
