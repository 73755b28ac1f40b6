/* SPDX-License-Identifier: MIT */
/*
 * contents: a file as its bytes, without what it is packed or encoded in.
 */
#ifndef HOSTS_CLI_CONTENTS_H
#define HOSTS_CLI_CONTENTS_H

#include "../sources/detect.h"

struct contents {
	enum content content; /* never CONTENT_PACKED, unless it is an archive of files */
	struct nb_text bytes; /* of an archive: plain tar */
	bool was_packed;
};

/*
 * Reads a file, or "-" for standard input, and unpacks it. False, with a complaint, if it
 * cannot be read, is too large or is damaged.
 */
bool contents_read(const char *path, struct pool *pool, struct contents *contents,
		   struct complaint *complaint);

/* Bytes as a file that has no name, to be read from its start; -1: that failed. */
int contents_as_file(struct nb_text bytes);

/* What a file of this machine is called in complaints: "-" is standard input. */
const char *contents_name(const char *path);

#endif
