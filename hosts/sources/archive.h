/* SPDX-License-Identifier: MIT */
/*
 * archive: the files of a tar archive in memory: what the image captures, and what
 * numaboot-unpack makes of any archive.
 */
#ifndef HOSTS_SOURCES_ARCHIVE_H
#define HOSTS_SOURCES_ARCHIVE_H

#include "pool.h"
#include "tree.h"

/* Names have up to so many bytes: a prefix, a slash and a name. */
enum { ARCHIVE_NAME_MOST = 256 };

/*
 * Gives the next file, its name, put together in `room`, and its content, which points
 * into the archive, and steps over it. Only plain files are given. False at the end, or,
 * after a complaint, where the archive is damaged.
 */
bool archive_next(struct nb_text *archive, char room[ARCHIVE_NAME_MOST], struct nb_text *name,
		  struct nb_text *content, struct complaint *complaint);

enum { ARCHIVE_BLOCK = 512 };

/* Makes the header of a plain file; its content follows, with zeros up to a whole block,
 * and two blocks of zeros end an archive. False if the name is too long for one. */
bool archive_header(char header[ARCHIVE_BLOCK], const char *name, uint64_t size);

/* Whether a source may want a file of that name, which may stand below any folder. */
bool archive_wants(struct nb_text name);

struct archived {
	struct nb_text name, content;
};

/* How the files of an archive are laid out below its root. */
enum archive_shape {
	SHAPE_FILES,   /* no way that is known */
	SHAPE_SYSROOT, /* proc/, sys/ */
	SHAPE_CASE,    /* sysroot/ and dmesg */
	SHAPE_SYSTEM,  /* system/, which is sys/devices/system */
};

struct archive {
	struct archived *files; /* by name */
	uint32_t count;
	enum archive_shape shape;
	struct nb_text root; /* what all names of that shape begin with: "" or "folder/" */
};

/* Reads an archive; names are kept in the pool, contents where they are. False, with a
 * complaint, if it is damaged. */
bool archive_read(struct archive *archive, struct nb_text bytes, struct pool *pool,
		  struct complaint *complaint);

/* Finds a file below the root; false if there is none. */
bool archive_find(const struct archive *archive, const char *path, struct nb_text *content);

/* Whether the name of some file has this part. */
bool archive_has(const struct archive *archive, const char *part);

/* Finds the log of a boot that the archive may have; null if there is none. */
const struct archived *archive_log(const struct archive *archive);

#endif
