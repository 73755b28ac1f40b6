/* SPDX-License-Identifier: MIT */
/*
 * qemu: runs a machine to its end.
 */
#ifndef HOSTS_CLI_QEMU_H
#define HOSTS_CLI_QEMU_H

#include "../sources/pool.h"
#include "../sources/tree.h"

struct ended {
	int status;          /* QEMU's exit status; -1: it was ended by us */
	struct nb_text log;  /* the first serial port, without carriage returns */
	struct nb_text data; /* the second */
	struct nb_text said; /* what QEMU itself had to say */
};

/*
 * Runs QEMU with these arguments, the last of them a null pointer, for at most so
 * many seconds; args[0] is its name. Below `folder`, which is there, the ports are
 * kept in files while it runs. The texts live in the pool. False, with a complaint,
 * if it could not be started.
 */
bool qemu_run(struct ended *ended, const char *const *args, const char *folder, unsigned seconds,
	      struct pool *pool, struct complaint *complaint);

#endif
