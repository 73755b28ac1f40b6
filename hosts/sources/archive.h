/* SPDX-License-Identifier: MIT */
/*
 * archive: the files of a tar archive in memory.
 */
#ifndef HOSTS_SOURCES_ARCHIVE_H
#define HOSTS_SOURCES_ARCHIVE_H

#include "tree.h"

/*
 * Gives the next file, its name and its content, and steps over it; both point
 * into the archive. Only plain files are given. False at the end, or, after a
 * complaint, where the archive is damaged.
 */
bool archive_next(struct nb_text *archive, struct nb_text *name, struct nb_text *content,
		  struct complaint *complaint);

#endif
