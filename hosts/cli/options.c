/* SPDX-License-Identifier: MIT */
/*
 * options: reads the command line. It decides no more than what was asked for;
 * one that makes no sense gets one line that says what was expected.
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

const char options_help[] =
	"numaboot: what Linux's boot makes of a machine's memory and NUMA nodes\n"
	"\n"
	"  numaboot predict [SOURCE]     from its firmware, without booting it\n"
	"  numaboot verify  [SOURCE]     the same, compared with what the machine showed\n"
	"\n"
	"SOURCE is a directory with proc/ and sys/ of a machine, or a case that holds it as\n"
	"sysroot/; without SOURCE it is this machine, whose ACPI tables only root may read.\n"
	"\n"
	"Both:\n"
	"  -s, --sysroot DIR    the same as SOURCE, but never a case\n"
	"      --cmdline STR    this kernel command line instead of the machine's\n"
	"      --append STR     more of it, at its end\n"
	"      --line LINE      which Linux: 6.12, the only one so far\n"
	"predict:\n"
	"  -f, --format FORMAT  table (default), log (the kernel's own lines), json\n"
	"  -H, --hardware       as numactl --hardware prints it\n"
	"verify:\n"
	"  -l, --log FILE       the boot log; - is standard input; default: the case's dmesg,\n"
	"                       or /dev/kmsg\n"
	"      --json           the same as JSON\n"
	"      --list-facts     what is compared, what is read from where, and stop\n"
	"  -h, --help           this text\n"
	"  -V, --version\n"
	"\n"
	"Exit: 0 done, or all that is recorded is exact; 1 something differs; 2 usage; 3 input\n"
	"cannot be read or used.\n"
	"\n"
	"  numaboot predict                          this machine, as a table\n"
	"  numaboot predict --append numa=fake=4 -H  and with four emulated nodes\n"
	"  numaboot predict -f log /srv/copies/db1   the log of a machine far away\n"
	"  dmesg | numaboot verify --log -           is the prediction true here?\n";

enum { OPT_CMDLINE = 256, OPT_APPEND, OPT_LINE, OPT_JSON, OPT_LIST_FACTS };

static const char predict_short[] = ":s:f:HhV";
static const struct option predict_long[] = {
	{ "sysroot", required_argument, NULL, 's' },
	{ "cmdline", required_argument, NULL, OPT_CMDLINE },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "line", required_argument, NULL, OPT_LINE },
	{ "format", required_argument, NULL, 'f' },
	{ "hardware", no_argument, NULL, 'H' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char verify_short[] = ":s:l:hV";
static const struct option verify_long[] = {
	{ "sysroot", required_argument, NULL, 's' },
	{ "cmdline", required_argument, NULL, OPT_CMDLINE },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "line", required_argument, NULL, OPT_LINE },
	{ "log", required_argument, NULL, 'l' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "list-facts", no_argument, NULL, OPT_LIST_FACTS },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const struct kernel linux_6_12 = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12] };

static bool wrong(const char *what, const char *value, const char *expected)
{
	fprintf(stderr, "numaboot: %s '%s': expected %s\n", what, value, expected);
	return false;
}

static bool set_format(struct options *options, const char *name)
{
	static const char *const names[] = {
		[FORMAT_TABLE] = "table",
		[FORMAT_LOG] = "log",
		[FORMAT_JSON] = "json",
	};

	for (unsigned i = 0; i < NB_COUNT(names); i++)
		if (!strcmp(name, names[i])) {
			options->format = (enum format)i;
			return true;
		}
	return wrong("--format", name, "table, log or json");
}

static bool set_line(struct options *options, const char *line)
{
	if (!strcmp(line, nb_lines[NB_LINE_6_12].line)) {
		options->kernel = linux_6_12;
		return true;
	}
	return wrong("--line", line, "6.12, the only one so far");
}

static bool set_source(struct options *options, const char *path, bool is_sysroot)
{
	if (options->source)
		return wrong(is_sysroot ? "--sysroot" : "SOURCE", path, "only one source");
	if (!*path)
		return wrong(is_sysroot ? "--sysroot" : "SOURCE", path, "a directory");
	options->source = path;
	options->must_be_sysroot = is_sysroot;
	return true;
}

/* Takes one option; false if it is wrong. */
static bool take(struct options *options, int opt, char **argv)
{
	switch (opt) {
	case 's':
		return set_source(options, optarg, true);
	case 'f':
		return set_format(options, optarg);
	case 'H':
		options->format = FORMAT_HARDWARE;
		return true;
	case 'l':
		options->log = optarg;
		return true;
	case 'h':
		options->verb = VERB_HELP;
		return true;
	case 'V':
		options->verb = VERB_VERSION;
		return true;
	case OPT_CMDLINE:
		options->cmdline = optarg;
		return true;
	case OPT_APPEND:
		options->append = optarg;
		return true;
	case OPT_LINE:
		return set_line(options, optarg);
	case OPT_JSON:
		options->format = FORMAT_JSON;
		return true;
	case OPT_LIST_FACTS:
		options->list_facts = true;
		return true;
	case ':':
		return wrong("option", argv[optind - 1], "a value after it");
	default:
		return wrong("option", argv[optind - 1], "one of those in numaboot --help");
	}
}

/* Which verb the first argument names. */
static bool take_verb(struct options *options, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		return wrong("verb", "", "predict or verify, see numaboot --help");
	if (!strcmp(name, "predict"))
		options->verb = VERB_PREDICT;
	else if (!strcmp(name, "verify"))
		options->verb = VERB_VERIFY;
	else if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
		options->verb = VERB_HELP;
	else if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		options->verb = VERB_VERSION;
	else
		return wrong("verb", name, "predict or verify, see numaboot --help");
	return true;
}

bool options_read(struct options *options, int argc, char **argv)
{
	int opt;
	bool verify;

	*options = (struct options){ .kernel = linux_6_12 };
	if (!take_verb(options, argc, argv))
		return false;
	if (options->verb != VERB_PREDICT && options->verb != VERB_VERIFY)
		return true;
	verify = options->verb == VERB_VERIFY;
	opterr = 0;
	optind = 2;
	while ((opt = getopt_long(argc, argv, verify ? verify_short : predict_short,
				  verify ? verify_long : predict_long, NULL)) != -1)
		if (!take(options, opt, argv))
			return false;
	for (; optind < argc; optind++)
		if (!set_source(options, argv[optind], false))
			return false;
	return true;
}
