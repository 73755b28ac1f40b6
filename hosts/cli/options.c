/* SPDX-License-Identifier: MIT */
/*
 * options: reads the command line. It decides no more than what was asked for;
 * one that makes no sense gets one line that says what was expected.
 */
#include "options.h"
#include "../check/findings.h"
#include "../sources/kernel.h"
#include "../sources/text.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

const char options_help[] =
	"numaboot: what Linux's boot makes of a machine's memory and NUMA nodes\n"
	"\n"
	"  numaboot predict [SOURCE]           from its firmware, without booting it\n"
	"  numaboot verify  [SOURCE]           the same, compared with what the machine showed\n"
	"  numaboot compare [SOURCE [SOURCE]]  two predictions: what differs, and where that began\n"
	"  numaboot replay  [SOURCE]           a log taken with memblock=debug: who took what memory\n"
	"  numaboot where   [SOURCE]           where its RAM is, from the firmware's map to MemTotal\n"
	"  numaboot explain [SOURCE] [WHAT]    why: node 2, cpu 7, 4G, pxm 3, zone Normal of node 1, ...\n"
	"  numaboot boot    [SOURCE]           a QEMU machine of that shape boots, and is compared\n"
	"  numaboot capture [-o FILE]          this machine as one archive, to be a SOURCE elsewhere\n"
	"  numaboot check   [SOURCE]           what is wrong with its tables; numaboot check --help\n"
	"  numaboot lines                      the kernels that are modelled, and what each changed\n"
	"\n"
	"SOURCE is a directory with proc/ and sys/ of a machine, a case that holds it as sysroot/, a\n"
	"boot log (- is standard input), ACPI tables as files or acpidump's text, or an archive of\n"
	"these, packed or not. Without SOURCE it is this machine, whose tables only root may read.\n"
	"\n"
	"-h, --help and -V, --version are of all verbs; of all but lines, capture:\n"
	"  -s, --sysroot DIR    the same as SOURCE, but never a case or a log\n"
	"      --tables FILE    these ACPI tables over those of SOURCE;  --e820 FILE  this memory map\n"
	"      --line LINE      which Linux: a line of `numaboot lines`, any release (it gets the\n"
	"                       nearest line), or auto (default): the one that SOURCE ran\n"
	"      --kconfig FILE   its build, as in a /boot/config-*\n"
	"      --config KEY=VAL one thing of it, of `numaboot lines`; --policy tolerant mends bad tables\n"
	"      --cmdline STR    this kernel command line instead of the machine's\n"
	"      --append STR     more of it, at its end\n"
	"predict:\n"
	"  -f, --format FORMAT  table (default), zones (free blocks), log (the kernel's own lines), json\n"
	"  -H, --hardware       as numactl --hardware prints it; sizes are of all RAM;  -l, --log SOURCE\n"
	"verify:\n"
	"  -l, --log FILE       the boot log; default: the case's dmesg, or /dev/kmsg\n"
	"      --list-facts     what is compared, what is read from where, and stop\n"
	"boot:\n"
	"      --memory SIZE    so much RAM in all (4G), each node its share; default: as SOURCE\n"
	"      --linux BZIMAGE  this kernel too, judged as verify does\n"
	"      --keep DIR       keeps its input and log as a case;  --image FILE  another image\n"
	"compare: what is given twice is of one side each. If nothing is, --append, --cmdline,\n"
	"  --line, --kconfig, --config or --policy is of the second side alone. All else is of both.\n"
	"replay, where: -l, --log FILE as for verify\n"
	"      --node N         of this node; replay: --caller NAME of these functions, --top N callers\n"
	"predict, verify, compare, replay, where, explain, lines:\n"
	"      --json           the same as JSON; explain: --dot is for Graphviz;  -l, --log SOURCE\n"
	"\n"
	"Exit: 0 done, exact or the same; 1 something differs; 2 usage; 3 input cannot be used.\n"
	"\n"
	"  dmesg | numaboot verify --log -              is the prediction true here?\n";

const char options_help_check[] =
	"numaboot check [SOURCE]: what is wrong with a machine's tables, memory map and command line\n"
	"\n"
	"Each finding says where, what was found and wanted, what the specification says, what each\n"
	"kernel line makes of it (that line is run, with and without the defect), and the smallest\n"
	"edit that mends it (tried in memory).\n"
	"\n"
	"  -s, --sysroot, --line, --kconfig, --config, --cmdline, --append, --tables, --e820,\n"
	"  -l, --log             as for predict; tables need no memory map here\n"
	"      --fail-on LEVEL   note, warning (default), error or never: what exit status 1 takes\n"
	"      --ignore ID       not this finding; may be given often\n"
	"      --expect WANTS    'nodes=4 cpus-per-node=32 memory-per-node=64G+-1%': else it fails;\n"
	"                        nodes, cpus, memory, cpus-per-node, memory-per-node\n"
	"      --json            the same as JSON\n"
	"      --each DIR        every source in DIR, one line of JSON each, in the order of names\n"
	"      --jobs N          in so many processes; default: one for each processor\n"
	"      --list            all that can be found, what comes of it, and how to mend it;\n"
	"                        of one kind: numaboot explain ID\n"
	"\n"
	"Exit: 0 nothing of that level; 1 something; 2 usage; 3 input cannot be used.\n";

const char options_examples[] =
	"  numaboot explain build/machines/four_nodes-000 zone Normal of node 1\n"
	"  numaboot explain --line 4.9 build/machines/four_nodes-000 fallback of node 0\n"
	"  numaboot explain ram-without-node\n"
	"  numaboot check build/machines/four_nodes-000\n"
	"  numaboot check --expect 'nodes=4 cpus-per-node=2' build/machines/four_nodes-000\n"
	"  numaboot check --each build/machines --fail-on never\n"
	"  numaboot capture -o four_nodes.tar.gz build/machines/four_nodes-000\n";

enum {
	OPT_CMDLINE = 256,
	OPT_APPEND,
	OPT_LINE,
	OPT_KCONFIG,
	OPT_CONFIG,
	OPT_JSON,
	OPT_DOT,
	OPT_LIST_FACTS,
	OPT_CALLER,
	OPT_NODE,
	OPT_TOP,
	OPT_IMAGE,
	OPT_KEEP,
	OPT_LINUX,
	OPT_MEMORY,
	OPT_TABLES,
	OPT_E820,
	OPT_FAIL_ON,
	OPT_IGNORE,
	OPT_EXPECT,
	OPT_EACH,
	OPT_JOBS,
	OPT_LIST,
	OPT_POLICY,
};

/* Processes of a check, at most. */
enum { JOBS_MOST = 256 };

/* Of a replay, unless it is told otherwise. */
enum { CALLERS_SHOWN = 12 };

/* What compare may be given twice. */
enum pair { PAIR_SOURCE, PAIR_APPEND, PAIR_CMDLINE, PAIR_LINE, PAIR_KCONFIG, PAIRS };

/* The arguments as they were given. */
struct given {
	struct options *options;
	const char *value[PAIRS][2];
	unsigned count[PAIRS];
	bool has_format;
	bool must_be_sysroot[2]; /* of the sources */
};

#define COMMON                                                                                     \
	{ "sysroot", required_argument, NULL, 's' },                                               \
		{ "line", required_argument, NULL, OPT_LINE },                                     \
		{ "kconfig", required_argument, NULL, OPT_KCONFIG },                               \
		{ "config", required_argument, NULL, OPT_CONFIG },                                 \
		{ "policy", required_argument, NULL, OPT_POLICY },                                 \
		{ "cmdline", required_argument, NULL, OPT_CMDLINE },                               \
		{ "tables", required_argument, NULL, OPT_TABLES },                                 \
		{ "e820", required_argument, NULL, OPT_E820 },                                     \
	{                                                                                          \
		"append", required_argument, NULL, OPT_APPEND                                      \
	}
#define LAST                                                                                       \
	{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },                 \
	{                                                                                          \
		NULL, 0, NULL, 0                                                                   \
	}

static const struct option predict_long[] = {
	COMMON,
	{ "log", required_argument, NULL, 'l' },
	{ "format", required_argument, NULL, 'f' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "hardware", no_argument, NULL, 'H' },
	LAST,
};

static const struct option verify_long[] = {
	COMMON,
	{ "log", required_argument, NULL, 'l' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "list-facts", no_argument, NULL, OPT_LIST_FACTS },
	LAST,
};

static const struct option compare_long[] = {
	COMMON,
	{ "json", no_argument, NULL, OPT_JSON },
	LAST,
};

static const struct option replay_long[] = {
	COMMON,
	{ "log", required_argument, NULL, 'l' },
	{ "caller", required_argument, NULL, OPT_CALLER },
	{ "node", required_argument, NULL, OPT_NODE },
	{ "top", required_argument, NULL, OPT_TOP },
	{ "json", no_argument, NULL, OPT_JSON },
	LAST,
};

static const struct option where_long[] = {
	COMMON,
	{ "log", required_argument, NULL, 'l' },
	{ "node", required_argument, NULL, OPT_NODE },
	{ "json", no_argument, NULL, OPT_JSON },
	LAST,
};

static const struct option explain_long[] = {
	COMMON,
	{ "log", required_argument, NULL, 'l' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "dot", no_argument, NULL, OPT_DOT },
	LAST,
};

static const struct option boot_long[] = {
	COMMON,
	{ "image", required_argument, NULL, OPT_IMAGE },
	{ "keep", required_argument, NULL, OPT_KEEP },
	{ "linux", required_argument, NULL, OPT_LINUX },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	LAST,
};

static const struct option capture_long[] = {
	{ "output", required_argument, NULL, 'o' },
	LAST,
};

static const struct option check_long[] = {
	COMMON,
	{ "log", required_argument, NULL, 'l' },
	{ "fail-on", required_argument, NULL, OPT_FAIL_ON },
	{ "ignore", required_argument, NULL, OPT_IGNORE },
	{ "expect", required_argument, NULL, OPT_EXPECT },
	{ "each", required_argument, NULL, OPT_EACH },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "json", no_argument, NULL, OPT_JSON },
	LAST,
};

static const struct option lines_long[] = {
	{ "json", no_argument, NULL, OPT_JSON },
	LAST,
};

static const struct verb_row {
	const char *name;
	enum verb verb;
	const char *letters; /* options of one letter, for getopt */
	const struct option *words;
	unsigned sources; /* at most so many */
} verbs[] = {
	{ "predict", VERB_PREDICT, ":s:f:l:HhV", predict_long, 1 },
	{ "verify", VERB_VERIFY, ":s:l:hV", verify_long, 1 },
	{ "compare", VERB_COMPARE, ":s:hV", compare_long, 2 },
	{ "replay", VERB_REPLAY, ":s:l:hV", replay_long, 1 },
	{ "where", VERB_WHERE, ":s:l:hV", where_long, 1 },
	{ "explain", VERB_EXPLAIN, ":s:l:hV", explain_long, 1 },
	{ "boot", VERB_BOOT, ":s:hV", boot_long, 1 },
	{ "capture", VERB_CAPTURE, ":o:hV", capture_long, 1 },
	{ "lines", VERB_LINES, ":hV", lines_long, 0 },
	{ "check", VERB_CHECK, ":s:l:hV", check_long, 1 },
	{ "--help", VERB_HELP, NULL, NULL, 0 },
	{ "-h", VERB_HELP, NULL, NULL, 0 },
	{ "help", VERB_HELP, NULL, NULL, 0 },
	{ "--version", VERB_VERSION, NULL, NULL, 0 },
	{ "-V", VERB_VERSION, NULL, NULL, 0 },
};

static bool wrong(const char *what, const char *value, const char *expected)
{
	fprintf(stderr, "numaboot: %s '", what);
	for (const char *at = value; *at; at++)
		if (*at >= ' ' && *at <= '~')
			fputc(*at, stderr);
		else /* nothing that a terminal would heed */
			fprintf(stderr, "\\x%02x", (unsigned)(uint8_t)*at);
	fprintf(stderr, "': expected %s\n", expected);
	return false;
}

/* Takes a format: the only one, or the same again. */
static bool set_format(struct given *given, enum format format, const char *option,
		       const char *value)
{
	struct options *options = given->options;

	if (given->has_format && options->format != format)
		return wrong(option, value, "one format: another was asked for before it");
	given->has_format = true;
	options->format = format;
	return true;
}

static bool set_format_named(struct given *given, const char *name)
{
	static const char *const names[] = {
		[FORMAT_TABLE] = "table",
		[FORMAT_ZONES] = "zones",
		[FORMAT_LOG] = "log",
		[FORMAT_JSON] = "json",
	};

	for (unsigned i = 0; i < NB_COUNT(names); i++)
		if (!strcmp(name, names[i]))
			return set_format(given, (enum format)i, "--format", name);
	return wrong("--format", name, "table, zones, log or json");
}

static bool set_memory(struct options *options, const char *size)
{
	enum { LEAST_MIB = 64 }; /* the image itself lies at 16 MiB */
	struct nb_text text = { size, strlen(size) };

	options->memory = nb_text_size(&text);
	if (!text.len && options->memory >= LEAST_MIB * NB_MIB)
		return true;
	return wrong("--memory", size, "a size of 64M or more, such as 4G");
}

/* Whether a line may be asked for so: its name, a release, or auto. */
static bool is_line(const char *name)
{
	struct kernel unused;

	return !strcmp(name, "auto") || kernel_named(&unused, name);
}

/* Takes what compare may have twice, and other verbs once. */
static bool set_pair(struct given *given, enum pair pair, const char *name, const char *value)
{
	static const char *const expected[PAIRS] = {
		[PAIR_SOURCE] = "a directory or a boot log",
		[PAIR_LINE] = "auto, a release, or a line of `numaboot lines`",
		[PAIR_KCONFIG] = "a file such as /boot/config-6.12",
	};
	unsigned most = given->options->verb == VERB_COMPARE ? 2 : 1;

	if ((expected[pair] && !*value) || (pair == PAIR_LINE && !is_line(value)))
		return wrong(name, value, expected[pair]);
	if (given->count[pair] == most)
		return wrong(name, value,
			     most == 2 ? "it twice at most" : "it once: compare takes two");
	given->value[pair][given->count[pair]++] = value;
	return true;
}

static bool set_source(struct given *given, const char *path, bool is_sysroot)
{
	const char *name = is_sysroot ? "--sysroot" : "SOURCE";

	if (given->count[PAIR_SOURCE] < 2)
		given->must_be_sysroot[given->count[PAIR_SOURCE]] = is_sysroot;
	return set_pair(given, PAIR_SOURCE, name, path);
}

/* Takes what of a replay is to be shown. */
static bool set_choice(struct choice *choice, int opt, const char *value)
{
	uint64_t number;

	if (opt == OPT_CALLER) {
		choice->caller = value;
		return true;
	}
	if (!text_u64(text_of(value), &number) || number > INT32_MAX)
		return wrong(opt == OPT_NODE ? "--node" : "--top", value, "a number");
	if (opt == OPT_TOP) {
		choice->top = (uint32_t)number;
		return true;
	}
	choice->has_node = true;
	choice->nid = (int32_t)number;
	return true;
}

static bool set_fail_on(struct check_ask *check, const char *name)
{
	static const char *const names[] = { "note", "warning", "error", "never" };

	for (unsigned i = 0; i < NB_COUNT(names); i++)
		if (!strcmp(name, names[i])) {
			check->fail_on = i;
			return true;
		}
	return wrong("--fail-on", name, "note, warning, error or never");
}

/* Takes what is of a check alone. */
static bool set_check(struct check_ask *check, int opt, const char *value)
{
	uint64_t number;

	switch (opt) {
	case OPT_IGNORE:
		if (!finding_row_by_id(value))
			return wrong("--ignore", value, "an id of numaboot check --list");
		if (check->ignore_count == CHECK_IGNORES_MOST)
			return wrong("--ignore", value, "fewer of them");
		check->ignore[check->ignore_count++] = value;
		return true;
	case OPT_FAIL_ON:
		return set_fail_on(check, value);
	case OPT_EXPECT:
		check->expect = value;
		return expect_reads(value) ||
		       wrong("--expect", value, "such as 'nodes=4 memory-per-node=64G+-1%'");
	case OPT_EACH:
		check->each = value;
		return true;
	case OPT_LIST:
		check->list = true;
		return true;
	default:
		if (!text_u64(text_of(value), &number) || !number || number > JOBS_MOST)
			return wrong("--jobs", value, "a number of processes");
		check->jobs = (uint32_t)number;
		return true;
	}
}

static bool add_config(struct ask *ask, const char *assignment)
{
	if (ask->config_count == CONFIGS_MOST)
		return wrong("--config", assignment, "fewer of them");
	ask->config[ask->config_count++] = assignment;
	return true;
}

/* A policy is one more thing of the build. */
static bool set_policy(struct ask *ask, const char *name)
{
	if (!strcmp(name, "linux") || !strcmp(name, "tolerant"))
		return add_config(ask, *name == 't' ? "tolerant=y" : "tolerant=n");
	return wrong("--policy", name, "linux or tolerant");
}

/* The name of a verb; null for one that has none of its own. */
static const char *verb_name(enum verb verb)
{
	for (size_t i = 0; i < NB_COUNT(verbs); i++)
		if (verbs[i].verb == verb && verbs[i].words)
			return verbs[i].name;
	return NULL;
}

bool options_have_verb(struct nb_text name)
{
	for (size_t i = 0; i < NB_COUNT(verbs); i++)
		if (verbs[i].words && text_is(name, verbs[i].name))
			return true;
	return false;
}

/* Takes what is no pair; false if it is wrong. */
static bool take_single(struct options *options, int opt, char **argv)
{
	struct ask *ask = &options->ask[0];

	switch (opt) {
	case 'l':
		options->log = optarg;
		return true;
	case 'o':
		options->output = optarg;
		return true;
	case 'h':
		options->help_of = verb_name(options->verb);
		options->verb = VERB_HELP;
		return true;
	case 'V':
		options->verb = VERB_VERSION;
		return true;
	case OPT_CONFIG:
		return add_config(ask, optarg);
	case OPT_POLICY:
		return set_policy(ask, optarg);
	case OPT_TABLES:
		if (ask->tables_count == TABLES_MOST)
			return wrong("--tables", optarg, "fewer of them");
		ask->tables[ask->tables_count++] = optarg;
		return true;
	case OPT_E820:
		ask->e820 = optarg;
		return true;
	case OPT_LIST_FACTS:
		options->list_facts = true;
		return true;
	case OPT_CALLER:
	case OPT_NODE:
	case OPT_TOP:
		return set_choice(&options->choice, opt, optarg);
	case OPT_IMAGE:
		options->image = optarg;
		return true;
	case OPT_KEEP:
		options->keep = optarg;
		return true;
	case OPT_LINUX:
		options->linux_image = optarg;
		return true;
	case OPT_MEMORY:
		return set_memory(options, optarg);
	case OPT_FAIL_ON:
	case OPT_IGNORE:
	case OPT_EXPECT:
	case OPT_EACH:
	case OPT_JOBS:
	case OPT_LIST:
		return set_check(&options->check, opt, optarg);
	case ':':
		return wrong("option", argv[optind - 1], "a value after it");
	default:
		return wrong("option", argv[optind - 1], "one of those in numaboot --help");
	}
}

static bool take(struct given *given, int opt, char **argv)
{
	switch (opt) {
	case 'f':
		return set_format_named(given, optarg);
	case 'H':
		return set_format(given, FORMAT_HARDWARE, "--hardware", "");
	case OPT_JSON:
		return set_format(given, FORMAT_JSON, "--json", "");
	case OPT_DOT:
		return set_format(given, FORMAT_DOT, "--dot", "");
	case 's':
		return set_source(given, optarg, true);
	case OPT_CMDLINE:
		return set_pair(given, PAIR_CMDLINE, "--cmdline", optarg);
	case OPT_APPEND:
		return set_pair(given, PAIR_APPEND, "--append", optarg);
	case OPT_LINE:
		return set_pair(given, PAIR_LINE, "--line", optarg);
	case OPT_KCONFIG:
		return set_pair(given, PAIR_KCONFIG, "--kconfig", optarg);
	default:
		return take_single(given->options, opt, argv);
	}
}

static void set_ask(struct ask *ask, enum pair pair, const char *value)
{
	switch (pair) {
	case PAIR_SOURCE:
		ask->source = value;
		break;
	case PAIR_APPEND:
		ask->append = value;
		break;
	case PAIR_CMDLINE:
		ask->cmdline = value;
		break;
	case PAIR_LINE:
		ask->line = value;
		break;
	case PAIR_KCONFIG:
		ask->kconfig = value;
		break;
	case PAIRS:
		break;
	}
}

/* What tells compare's sides apart if nothing was given twice: the first of
 * these that was given once, for the second side; PAIRS if none was. */
static enum pair one_sided(const struct given *given)
{
	static const enum pair order[] = { PAIR_APPEND, PAIR_CMDLINE, PAIR_LINE, PAIR_KCONFIG };

	for (int pair = 0; pair < PAIRS; pair++)
		if (given->count[pair] == 2)
			return PAIRS;
	for (size_t i = 0; i < NB_COUNT(order); i++)
		if (given->count[order[i]])
			return order[i];
	return PAIRS;
}

static bool any_twice(const struct given *given)
{
	for (int pair = 0; pair < PAIRS; pair++)
		if (given->count[pair] == 2)
			return true;
	return false;
}

/* Whether --config alone tells compare's sides apart: then it is of the second. */
static bool config_apart(const struct given *given)
{
	return given->options->verb == VERB_COMPARE && given->options->ask[0].config_count > 0 &&
	       !any_twice(given) && one_sided(given) == PAIRS;
}

static bool two_sides(const struct given *given)
{
	return any_twice(given) || one_sided(given) != PAIRS || config_apart(given);
}

static bool is_standard_input(const char *path)
{
	return path && !strcmp(path, "-");
}

/* How often standard input is read for a pair: by both sides of compare, unless it is
 * what tells them apart. */
static unsigned reads_input(const struct given *given, enum pair pair)
{
	bool by_both = given->options->verb == VERB_COMPARE && given->count[pair] == 1 &&
		       one_sided(given) != pair;
	unsigned reads = 0;

	for (unsigned i = 0; i < given->count[pair]; i++)
		if (is_standard_input(given->value[pair][i]) &&
		    (pair != PAIR_SOURCE || !given->must_be_sysroot[i]))
			reads += by_both ? 2 : 1;
	return reads;
}

/* What is read from standard input is read once, so that it is one thing's. */
static bool reads_input_once(const struct given *given)
{
	unsigned reads = is_standard_input(given->options->log);

	reads += reads_input(given, PAIR_SOURCE) + reads_input(given, PAIR_KCONFIG);
	return reads <= 1 || wrong("standard input", "-", "one thing of it: it is read once");
}

/* Hands out what was given to the sides. */
static void deal(struct given *given)
{
	struct options *options = given->options;
	enum pair apart = one_sided(given);

	options->ask[1] = options->ask[0];
	if (config_apart(given))
		options->ask[0].config_count = 0;
	for (int pair = 0; pair < PAIRS; pair++) {
		const char *const *value = given->value[pair];
		bool twice = given->count[pair] == 2;

		if (!given->count[pair])
			continue;
		if ((enum pair)pair != apart || options->verb != VERB_COMPARE)
			set_ask(&options->ask[0], (enum pair)pair, value[0]);
		set_ask(&options->ask[1], (enum pair)pair, value[twice]);
		if (pair == PAIR_SOURCE) {
			options->ask[0].must_be_sysroot = given->must_be_sysroot[0];
			options->ask[1].must_be_sysroot = given->must_be_sysroot[twice];
		}
	}
}

/* Which verb the first argument names; null after a complaint. */
static const struct verb_row *find_verb(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (argc < 2)
		fputs(options_help, stdout);
	for (size_t i = 0; i < NB_COUNT(verbs); i++)
		if (!strcmp(name, verbs[i].name))
			return &verbs[i];
	wrong("verb", name,
	      "predict, verify, compare, replay, where, explain, boot, capture, lines or check, see numaboot --help");
	return NULL;
}

/* A question is what is left of the arguments: about a machine, or about a kind of finding. */
static bool set_question(struct options *options, char **words, int count)
{
	struct complaint complaint;

	options->finding = count == 1 ? finding_row_by_id(words[0]) : NULL;
	if (options->finding)
		return options->format != FORMAT_DOT ||
		       wrong("argument", words[0], "no --dot: a kind of finding is no chain");
	if (question_read(&options->question, (const char *const *)words, (unsigned)count,
			  &complaint))
		return true;
	fprintf(stderr, "numaboot: %s\n", complaint.text);
	return false;
}

/* What is behind the options: sources, or of explain a source and a question, unless
 * that begins at once. */
static bool take_arguments(struct given *given, const struct verb_row *verb, int argc, char **argv)
{
	bool asks = given->options->verb == VERB_EXPLAIN;

	for (; optind < argc; optind++) {
		if (!verb->sources)
			return wrong("argument", argv[optind], "none");
		if (asks && (given->count[PAIR_SOURCE] || given->options->log ||
			     question_begins(argv[optind]) || finding_row_by_id(argv[optind])))
			return set_question(given->options, argv + optind, argc - optind);
		if (!set_source(given, argv[optind], false))
			return false;
	}
	return true;
}

/* Whether a log is what is read, and not only what is compared with: these verbs compare
 * nothing, and of tables and a map alone nobody has a record. */
static bool log_is_source(const struct given *given)
{
	const struct options *options = given->options;
	bool compares = options->verb != VERB_PREDICT && options->verb != VERB_EXPLAIN &&
			options->verb != VERB_CHECK;

	return options->log &&
	       (!compares || (!given->count[PAIR_SOURCE] &&
			      (options->ask[0].tables_count || options->ask[0].e820)));
}

bool options_read(struct options *options, int argc, char **argv)
{
	struct given given = { .options = options };
	const struct verb_row *verb = find_verb(argc, argv);
	int opt;

	*options = (struct options){ .verb = VERB_HELP,
				     .choice.top = CALLERS_SHOWN,
				     .check.fail_on = SEVERITY_WARNING };
	if (!verb)
		return false;
	options->verb = verb->verb;
	if (!verb->words)
		return true;
	opterr = 0;
	optind = 2;
	while ((opt = getopt_long(argc, argv, verb->letters, verb->words, NULL)) != -1)
		if (!take(&given, opt, argv))
			return false;
	if (!take_arguments(&given, verb, argc, argv))
		return false;
	if (options->verb == VERB_COMPARE && !two_sides(&given))
		return wrong("compare", "",
			     "two of something, or --append, --cmdline, --line, "
			     "--kconfig or --config, see numaboot --help");
	if (!reads_input_once(&given))
		return false;
	if (log_is_source(&given)) {
		if (!set_source(&given, options->log, false))
			return false;
		options->log = NULL;
	}
	deal(&given);
	return true;
}
