/* SPDX-License-Identifier: MIT */
/*
 * files: directories of this machine as trees that sources read from, and what a
 * SOURCE of the command line is.
 */
#ifndef HOSTS_CLI_FILES_H
#define HOSTS_CLI_FILES_H

#include "../sources/source.h"
#include "options.h"

/* A directory. Its files' bytes are put into the pool. */
struct files {
	struct tree tree;
	int root; /* descriptor; -1: not open */
	struct pool *pool;
	const char *name; /* as the user gave it, for complaints */
};

/* What a SOURCE turned out to be. */
struct place {
	struct files sysroot;
	struct files all; /* the case directory, or the sysroot again */
	bool is_case, is_this_machine;
	bool is_log;         /* a boot log is all there is: of a file, or a case's dmesg */
	struct boot_log log; /* of such a source, once it was read */
	const char *name;    /* for people */
};

/*
 * Opens SOURCE: a sysroot, which holds proc/ or sys/; a case, which holds
 * sysroot/ or at least dmesg; or a boot log, - being standard input. Null is
 * this machine.
 */
bool place_open(struct place *place, const struct ask *ask, struct complaint *complaint);

/* Whose memory the files that are read from now on belong to. */
void place_use(struct place *place, struct pool *pool);

void place_close(struct place *place);

/* Settles the kernel, reads the inputs of a boot and settles the command line. */
bool place_read(struct place *place, struct source *source, const struct ask *ask,
		struct complaint *complaint);

/* Reads the log of a case: its dmesg, and where that lost its beginning the serial
 * console's lines before it. */
bool place_case_log(struct place *place, struct boot_log *log, struct pool *pool);

/* Reads a whole file, or "-" for standard input. */
bool file_read(const char *path, struct pool *pool, struct nb_text *out,
	       struct complaint *complaint);

/* Reads this machine's log from /dev/kmsg; false if it may not be read. */
bool kmsg_read(struct pool *pool, struct nb_text *out);

#endif
