/* SPDX-License-Identifier: MIT */
/*
 * folder: directories and files by name.
 */
#define _XOPEN_SOURCE 700 /* nftw() */

#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool folder_make(struct folder *folder, const char *keep, struct complaint *complaint)
{
	const char *under = getenv("TMPDIR");
	int len = keep ? snprintf(folder->path, sizeof(folder->path), "%s", keep)
		       : snprintf(folder->path, sizeof(folder->path), "%s/numaboot-XXXXXX",
				  under && *under ? under : "/tmp");

	folder->kept = keep != NULL;
	if (len < 0 || (size_t)len >= sizeof(folder->path))
		errno = ENAMETOOLONG;
	else if (keep ? mkdir(keep, 0777) == 0 : mkdtemp(folder->path) != NULL)
		return true;
	complain(complaint, "%s: %s: expected a place for a new directory", folder->path,
		 strerror(errno));
	return false;
}

/* Whether no part of the name leads out of the folder. */
static bool stays_below(struct nb_text name)
{
	bool starts = true;

	for (size_t i = 0; i < name.len; i++) {
		if (starts && (name.at[i] == '/' || name.at[i] == '.'))
			return false;
		starts = name.at[i] == '/';
	}
	return name.len > 0 && !starts;
}

static bool write_all(int fd, struct nb_text content)
{
	while (content.len) {
		ssize_t done = write(fd, content.at, content.len);

		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0)
			content = (struct nb_text){ content.at + done, content.len - (size_t)done };
	}
	return true;
}

bool folder_write(const struct folder *folder, struct nb_text name, struct nb_text content,
		  struct complaint *complaint)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%.*s", folder->path, (int)name.len, name.at);
	size_t first = strlen(folder->path) + 1;
	bool written = false;
	int fd = -1;

	if (!stays_below(name) || len < 0 || (size_t)len >= sizeof(path)) {
		complain(complaint, "%.*s: no name for a file", (int)name.len, name.at);
		return false;
	}
	for (char *slash = strchr(path + first, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0777); /* if that fails, so does open() */
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0) {
		written = write_all(fd, content);
		written = close(fd) == 0 && written;
	}
	if (!written)
		complain(complaint, "%s: %s", path, strerror(errno));
	return written;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	remove(path);
	return 0;
}

void folder_drop(const struct folder *folder)
{
	enum { OPEN_AT_ONCE = 16 };

	if (!folder->kept)
		nftw(folder->path, remove_one, OPEN_AT_ONCE, FTW_DEPTH | FTW_PHYS);
}
