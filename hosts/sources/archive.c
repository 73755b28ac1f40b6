/* SPDX-License-Identifier: MIT */
/*
 * archive: finds a file by walking from header to header. Only plain files count,
 * with names of up to 100 bytes, as a sysroot has them.
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

/* Gives the next file and its content, and steps over both; false at the end, or
 * where the archive is no more: with a complaint then. */
static bool next_file(struct nb_text *rest, struct nb_text *name, struct nb_text *content,
		      struct complaint *complaint)
{
	uint64_t size, padded;

	if (rest->len < BLOCK || !rest->at[0])
		return false;
	if (memcmp(rest->at + MAGIC, "ustar", 5) != 0 ||
	    !read_octal(field(rest->at + SIZE, SIZE_LENGTH), &size) || size > rest->len - BLOCK) {
		complain(complaint, "the archive is damaged, %zu bytes before its end", rest->len);
		return false;
	}
	*name = rest->at[TYPE] == '0' ? field(rest->at, NAME_LENGTH) : (struct nb_text){ "", 0 };
	*content = (struct nb_text){ rest->at + BLOCK, (size_t)size };
	padded = nb_min(nb_align_up(BLOCK + size, BLOCK), rest->len);
	*rest = (struct nb_text){ rest->at + padded, rest->len - (size_t)padded };
	return true;
}

static enum tree_result read_file(struct tree *tree, const char *path, size_t most,
				  struct nb_text *out)
{
	struct archive *archive = (struct archive *)tree; /* its first member */
	struct complaint damage = { "" };
	struct nb_text rest = archive->bytes, name, content;

	*out = (struct nb_text){ NULL, 0 };
	while (next_file(&rest, &name, &content, &damage)) {
		char *copy;

		if (!text_is(name, path))
			continue;
		content.len = content.len < most ? content.len : most;
		copy = (char *)pool_take(archive->pool, content.len + 1);
		memcpy(copy, content.at, content.len);
		*out = (struct nb_text){ copy, content.len };
		return TREE_OK;
	}
	if (!damage.text[0])
		return TREE_ABSENT;
	*tree->complaint = damage;
	return TREE_FAILED;
}

struct archive archive_of(struct nb_text bytes, struct pool *pool, struct complaint *complaint)
{
	return (struct archive){
		.tree = { .read = read_file, .complaint = complaint },
		.bytes = bytes,
		.pool = pool,
	};
}
