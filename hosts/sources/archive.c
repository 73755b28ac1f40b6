/* SPDX-License-Identifier: MIT */
/*
 * archive: walks from header to header. Names have up to 100 bytes, as those of a
 * sysroot do.
 *
 * Source: POSIX.1-2017 pax, ustar Interchange Format.
 */
#include "archive.h"
#include "text.h"

#include <string.h>

/* Offsets in a header. */
enum {
	BLOCK = 512,
	NAME_LENGTH = 100,
	SIZE = 124,
	SIZE_LENGTH = 12,
	TYPE = 156,
	MAGIC = 257,
};

/* A field up to its first zero. */
static struct nb_text field(const char *at, size_t most)
{
	const char *end = (const char *)memchr(at, '\0', most);

	return (struct nb_text){ at, end ? (size_t)(end - at) : most };
}

/* Octal digits, perhaps with a blank behind them; false if it is no number. */
static bool read_octal(struct nb_text digits, uint64_t *value)
{
	digits = text_trim(digits);
	*value = 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '7')
			return false;
		*value = *value << 3 | (uint64_t)(digits.at[i] - '0');
	}
	return digits.len > 0;
}

/* Steps over one header and what it is of. */
static bool step(struct nb_text *archive, struct nb_text *header, struct nb_text *content)
{
	uint64_t size, padded;

	*header = (struct nb_text){ archive->at, BLOCK };
	if (archive->len < BLOCK || memcmp(header->at + MAGIC, "ustar", 5) != 0 ||
	    !read_octal(field(header->at + SIZE, SIZE_LENGTH), &size) ||
	    size > archive->len - BLOCK)
		return false;
	*content = (struct nb_text){ archive->at + BLOCK, (size_t)size };
	padded = nb_min(nb_align_up(BLOCK + size, BLOCK), archive->len);
	*archive = (struct nb_text){ archive->at + padded, archive->len - (size_t)padded };
	return true;
}

bool archive_next(struct nb_text *archive, struct nb_text *name, struct nb_text *content,
		  struct complaint *complaint)
{
	struct nb_text header;

	while (archive->len && archive->at[0]) {
		if (!step(archive, &header, content)) {
			complain(complaint, "the archive is damaged, %zu bytes before its end",
				 archive->len);
			return false;
		}
		*name = field(header.at, NAME_LENGTH);
		if (header.at[TYPE] == '0')
			return true;
	}
	return false;
}
