/* SPDX-License-Identifier: MIT */
/*
 * place: what a SOURCE of the command line is.
 */
#ifndef HOSTS_CLI_PLACE_H
#define HOSTS_CLI_PLACE_H

#include "../sources/source.h"
#include "files.h"
#include "json_source.h"
#include "options.h"

/* What a SOURCE turned out to be. */
struct place {
	bool is_open; /* a place begins as zeros */
	struct files sysroot;
	struct files all; /* the case directory, or the sysroot again */
	bool is_case, is_this_machine;
	bool has_kernel;           /* that is modelled, with its build: it is settled */
	bool is_file;              /* SOURCE is none of this machine's directories */
	bool is_log;               /* a boot log tells of the boot: of a file, or a case's dmesg */
	bool has_state;            /* files show what became of it; if not, a log at most */
	char line[JSON_LINE_MOST]; /* which Linux a prediction was of; "": not told */
	struct archive archive;    /* of such a file, once it was read */
	struct boot_log log;       /* of such a source, once it was read */
	const char *name;          /* for people */
};

/*
 * Opens SOURCE: a sysroot, which holds proc/ or sys/; a case, which holds sysroot/ or at
 * least dmesg; a directory of ACPI tables; or a file, - being standard input, whose
 * content tells what it is. Null is this machine, or, with --tables or --e820, nothing.
 * Whether that succeeds or not, place_close() is called in the end.
 */
bool place_open(struct place *place, const struct ask *ask, struct complaint *complaint);

/* Whose memory the files that are read from now on belong to. */
void place_use(struct place *place, struct pool *pool);

/* Opens SOURCE if it is not open yet, settles the kernel, reads the inputs of a boot and
 * settles the command line. */
bool place_read(struct place *place, struct source *source, const struct ask *ask,
		struct complaint *complaint);

/* The same, but what it reads may have no memory map: single tables have none. */
bool place_read_parts(struct place *place, struct source *source, const struct ask *ask,
		      struct complaint *complaint);

void place_close(struct place *place);

/* Reads the log of a case: its dmesg, and where that lost its beginning the serial
 * console's lines before it. */
bool place_case_log(struct place *place, struct boot_log *log, struct pool *pool);

/* Reads the tables that --tables names: a file, or a directory of files. */
bool place_add_tables(struct source *source, const char *path, struct complaint *complaint);

#endif
