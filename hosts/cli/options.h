/* SPDX-License-Identifier: MIT */
/*
 * options: the command line of the command: which verb, with what.
 */
#ifndef HOSTS_CLI_OPTIONS_H
#define HOSTS_CLI_OPTIONS_H

#include <stdbool.h>

#include <numaboot/rules.h>

/* What the command ends with. */
enum exit_code {
	EXIT_EXACT = 0,   /* done; verify: all that is recorded is exact */
	EXIT_DIFFERS = 1, /* verify: something differs */
	EXIT_USAGE = 2,
	EXIT_INPUT = 3, /* input cannot be read or used, or output not be written */
};

/* The kernel that is modelled: what its source decides and what its build chose. */
struct kernel {
	const struct nb_rules *rules;
	const struct nb_kernel_config *config;
};

enum verb {
	VERB_HELP,
	VERB_VERSION,
	VERB_PREDICT,
	VERB_VERIFY,
};

enum format {
	FORMAT_TABLE,
	FORMAT_LOG,
	FORMAT_JSON,
	FORMAT_HARDWARE, /* as numactl --hardware */
};

struct options {
	enum verb verb;
	const char *source;   /* null: this machine */
	bool must_be_sysroot; /* it was given with --sysroot */
	enum format format;
	const char *append, *cmdline; /* null: not given */
	struct kernel kernel;
	const char *log; /* null: the source's own */
	bool list_facts;
};

/* Reads the arguments. False after one line on standard error. */
bool options_read(struct options *options, int argc, char **argv);

/* What --help prints. */
extern const char options_help[];

#endif
