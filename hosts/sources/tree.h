/* SPDX-License-Identifier: MIT */
/*
 * tree: how a source gets at files without doing I/O itself: the host reads
 * them from a directory, an archive or an upload.
 */
#ifndef HOSTS_SOURCES_TREE_H
#define HOSTS_SOURCES_TREE_H

#include <numaboot/params.h>

/* One line for people: what is wrong, where, and what was expected. */
struct complaint {
	char text[512];
	bool is_usage; /* the command line asks for what cannot be */
};

__attribute__((format(printf, 2, 3))) void complain(struct complaint *complaint, const char *format,
						    ...);

enum tree_result {
	TREE_OK,
	TREE_ABSENT, /* there is no such file */
	TREE_FOLDER, /* it is a directory; the complaint says so */
	TREE_FAILED, /* there is, but it cannot be read: the complaint says why */
};

/* Whether there is a file that cannot be had: something to complain about. */
static inline bool tree_failed(enum tree_result result)
{
	return result == TREE_FOLDER || result == TREE_FAILED;
}

/*
 * Reads a file below the root, its path without a leading slash: at most `most`
 * bytes of it, so that a file of that length or more comes without its end.
 * The bytes are followed by a zero that does not count, and live as long as the
 * tree's pool.
 */
struct tree {
	enum tree_result (*read)(struct tree *self, const char *path, size_t most,
				 struct nb_text *out);
	struct complaint *complaint;
};

#endif
