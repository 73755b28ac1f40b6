/* SPDX-License-Identifier: MIT */
/*
 * archive: a tar archive in memory as a tree of files.
 */
#ifndef HOSTS_SOURCES_ARCHIVE_H
#define HOSTS_SOURCES_ARCHIVE_H

#include "pool.h"
#include "tree.h"

struct archive {
	struct tree tree; /* first: a tree is its archive */
	struct nb_text bytes;
	struct pool *pool; /* where files are copied to when they are read */
};

/* An archive over bytes that outlive it. */
struct archive archive_of(struct nb_text bytes, struct pool *pool, struct complaint *complaint);

#endif
