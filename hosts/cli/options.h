/* SPDX-License-Identifier: MIT */
/*
 * options: the command line of the command: which verb, with what.
 */
#ifndef HOSTS_CLI_OPTIONS_H
#define HOSTS_CLI_OPTIONS_H

#include "../explain/question.h"
#include <numaboot/params.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the command ends with. */
enum exit_code {
	EXIT_EXACT = 0,   /* done; verify: all that is recorded is exact; compare: the same */
	EXIT_DIFFERS = 1, /* verify, compare: something differs */
	EXIT_USAGE = 2,
	EXIT_INPUT = 3, /* input cannot be read or used, or output not be written */
};

enum verb {
	VERB_HELP,
	VERB_VERSION,
	VERB_PREDICT,
	VERB_VERIFY,
	VERB_COMPARE,
	VERB_REPLAY,
	VERB_WHERE,
	VERB_BOOT,
	VERB_EXPLAIN,
	VERB_CAPTURE,
	VERB_LINES,
	VERB_CHECK,
};

enum format {
	FORMAT_TABLE,
	FORMAT_ZONES, /* as /proc/buddyinfo and zoneinfo */
	FORMAT_LOG,
	FORMAT_JSON,
	FORMAT_HARDWARE, /* as numactl --hardware */
	FORMAT_DOT,      /* a picture, for Graphviz */
};

enum { CONFIGS_MOST = 32, TABLES_MOST = 32 };

/* What one boot is to be of. Null: not given. */
struct ask {
	const char *source;   /* null: this machine */
	bool must_be_sysroot; /* it was given with --sysroot */
	const char *line;     /* null: auto */
	const char *append, *cmdline, *kconfig;
	const char *config[CONFIGS_MOST]; /* KEY=VALUE, in their order */
	unsigned config_count;
	const char *tables[TABLES_MOST]; /* files and directories of ACPI tables */
	unsigned tables_count;
	const char *e820; /* a file with a memory map; null: the source's */
};

/* What of a replay, or of an account, is to be shown. */
struct choice {
	const char *caller; /* functions whose name has this in it; null: all */
	bool has_node;
	int32_t nid;
	uint32_t top; /* so many callers; 0: all */
};

enum { CHECK_IGNORES_MOST = 64, FAIL_NEVER = 3 };

/* What a check is to do. */
struct check_ask {
	const char *ignore[CHECK_IGNORES_MOST]; /* ids of findings */
	unsigned ignore_count;
	unsigned fail_on; /* enum severity; FAIL_NEVER: nothing fails */
	const char *each; /* a directory of sources; null: one source */
	const char *expect;
	uint32_t jobs; /* processes; 0: as many as there are processors */
	bool list;     /* what it can find, and stop */
};

struct finding_row;

struct options {
	enum verb verb;
	const char *help_of; /* VERB_HELP: of this verb; null: of all */
	struct ask ask[2];   /* compare: of each side; else the first alone */
	enum format format;
	const char *log; /* null: the source's own */
	bool list_facts;
	struct choice choice;
	const char *output;                     /* of capture; null: not given */
	const char *image, *linux_image, *keep; /* boot's files; null: not given */
	struct question question;               /* explain's */
	const struct finding_row *finding;      /* explain's, instead of a question */
	uint64_t memory;                        /* bytes of RAM in all; 0: as the source has */
	struct check_ask check;
};

/* Reads the arguments. False after one line on standard error. */
bool options_read(struct options *options, int argc, char **argv);

/* What --help prints; help.c tells its form. A check has a page of its own; the examples
 * are of one verb each, and shown with its help. */
extern const char options_help[], options_help_check[], options_examples[];

/* Whether there is a verb of this name. */
bool options_have_verb(struct nb_text name);

#endif
