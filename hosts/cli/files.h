/* SPDX-License-Identifier: MIT */
/*
 * files: directories of this machine, and archives, as trees that sources read from.
 */
#ifndef HOSTS_CLI_FILES_H
#define HOSTS_CLI_FILES_H

#include "../sources/archive.h"
#include "../sources/pool.h"
#include "../sources/tree.h"

/* Is told of a file, or that a path is a directory. */
struct seen {
	void (*file)(struct seen *self, const char *path, struct nb_text content);
};

/* A directory, whose files' bytes are put into the pool, or a folder of an archive. */
struct files {
	struct tree tree;
	struct seen *seen; /* who is told of each file that is read; null: nobody */
	int root;          /* descriptor; -1: not open */
	struct pool *pool;
	const struct archive *archive; /* null: a directory */
	const char *below;             /* of the archive's root: "sysroot/" */
	const char *name;              /* as the user gave it, for complaints */
};

/* No file is larger than LOG_MOST, and what is unpacked of an archive. */
#define LOG_MOST ((size_t)64 << 20)
#define UNPACKED_MOST ((size_t)256 << 20)

/* Opens a directory by its descriptor, or a folder of an archive; `name` is for complaints. */
void files_open(struct files *files, int root, const char *name, struct complaint *complaint);
void files_open_archive(struct files *files, const struct archive *archive, const char *below,
			const char *name, struct complaint *complaint);

/* Reads up to `most` bytes of a descriptor into the pool. Returns 0 or an errno. */
int file_read_all(int fd, struct pool *pool, size_t most, struct nb_text *out);

/* Where a file of ours is: as it was built, or as it was installed, both as seen from
 * this program. False if it is at neither place. */
bool file_of_ours(const char *built, const char *installed, char *path, size_t size);

/* Reads a whole file, or "-" for standard input. */
bool file_read(const char *path, struct pool *pool, struct nb_text *out,
	       struct complaint *complaint);

/* Reads this machine's log from /dev/kmsg; false if it may not be read. */
bool kmsg_read(struct pool *pool, struct nb_text *out);

#endif
