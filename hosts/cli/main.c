/* SPDX-License-Identifier: MIT */
/*
 * main: the command `numaboot`. It picks the verb and turns what went wrong into
 * one line on standard error and an exit code; all work is the verbs'.
 */
#include "help.h"
#include "options.h"
#include "output.h"
#include "verbs/verbs.h"

#include "../sources/kernel.h"
#include "../sources/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "numaboot: a bug: %s:%d: not true: %s\n", file, line, what);
	abort();
}

void pool_exhausted(void)
{
	fputs("numaboot: out of memory\n", stderr);
	_exit(EXIT_INPUT);
}

static enum exit_code version(struct out *out)
{
	uint32_t api = nb_api_version();

	out_string(out, "numaboot ");
	out_string(out, NUMABOOT_VERSION);
	out_string(out, " (library ");
	out_number(out, api >> 16);
	out_string(out, ".");
	out_number(out, api & 0xffff);
	out_string(out, ", Linux");
	for (int line = 0; line < NB_LINES; line++) {
		out_string(out, line ? ", " : " ");
		out_string(out, nb_lines[line].line);
	}
	out_string(out, ")\n");
	return EXIT_EXACT;
}

static enum exit_code act(const struct options *options, struct out *out,
			  struct complaint *complaint)
{
	switch (options->verb) {
	case VERB_HELP:
		help(out, options->help_of);
		return EXIT_EXACT;
	case VERB_VERSION:
		return version(out);
	case VERB_PREDICT:
		return verb_predict(options, out, complaint);
	case VERB_VERIFY:
		return verb_verify(options, out, complaint);
	case VERB_COMPARE:
		return verb_compare(options, out, complaint);
	case VERB_REPLAY:
		return verb_replay(options, out, complaint);
	case VERB_WHERE:
		return verb_where(options, out, complaint);
	case VERB_BOOT:
		return verb_boot(options, out, complaint);
	case VERB_EXPLAIN:
		return verb_explain(options, out, complaint);
	case VERB_CAPTURE:
		return verb_capture(options, complaint);
	case VERB_LINES:
		return verb_lines(options, out);
	case VERB_CHECK:
		return verb_check(options, out, complaint);
	}
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	static struct out out;
	struct options options;
	struct complaint complaint = { .text = "" };
	enum exit_code code;
	int error;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	out_open(&out, STDOUT_FILENO);
	code = act(&options, &out, &complaint);
	error = out_close(&out);
	if (code == EXIT_INPUT) {
		fprintf(stderr, "numaboot: %s\n", complaint.text);
		code = complaint.is_usage ? EXIT_USAGE : code;
	}
	if (error) {
		fprintf(stderr, "numaboot: cannot write the output: %s\n", strerror(error));
		code = EXIT_INPUT;
	}
	return (int)code;
}
