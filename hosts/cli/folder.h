/* SPDX-License-Identifier: MIT */
/*
 * folder: a directory that a case is made in: one that the user keeps, or one that
 * goes away again.
 */
#ifndef HOSTS_CLI_FOLDER_H
#define HOSTS_CLI_FOLDER_H

#include "../sources/tree.h"

#include <limits.h>

struct folder {
	char path[PATH_MAX];
	bool kept;
};

/* Makes a directory: `keep`, which must not be there yet, or if that is null one for
 * the time being. False, with a complaint, if that failed. */
bool folder_make(struct folder *folder, const char *keep, struct complaint *complaint);

/* Writes a file, and the directories that its name, of plain words and slashes,
 * needs below the folder. False, with a complaint, if that failed. */
bool folder_write(const struct folder *folder, struct nb_text name, struct nb_text content,
		  struct complaint *complaint);

/* Removes the folder and all in it, unless it is kept. */
void folder_drop(const struct folder *folder);

#endif
