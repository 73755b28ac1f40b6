/* SPDX-License-Identifier: MIT */
/* archive: files of a tar archive, and archives that end too early or are none. */
#include "check.h"

#include "../../hosts/sources/archive.h"
#include "../../hosts/sources/text.h"

#include <numaboot/base.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512, BLOCKS = 8 };

static char full[BLOCK + 1]; /* a block of text */

void pool_exhausted(void)
{
	abort();
}
static struct complaint complaint;

static size_t put_file(char *at, const char *name, char type, const char *content)
{
	unsigned len = (unsigned)strlen(content) & 0xffff;

	memset(at, 0, 2 * BLOCK);
	memcpy(at, name, strlen(name));
	snprintf(at + 124, 12, "%011o", len);
	at[156] = type;
	memcpy(at + 257, "ustar", 6);
	memcpy(at + BLOCK, content, len);
	return 2 * BLOCK;
}

/* proc/cmdline, a directory, proc/full, which fills its block; then the end. */
static size_t make(char *bytes)
{
	size_t len = put_file(bytes, "proc/cmdline", '0', "quiet");

	len += put_file(bytes + len, "proc/folder", '5', "");
	len -= BLOCK; /* which has no content */
	len += put_file(bytes + len, "proc/full", '0', full);
	memset(bytes + len, 0, 2 * BLOCK);
	return len + 2 * BLOCK;
}

/* Looks for a file: whether it is there, and as it should be. */
static bool has(const char *bytes, size_t len, const char *path, const char *content)
{
	struct nb_text rest = { bytes, len }, name, found;
	char room[ARCHIVE_NAME_MOST];

	complaint.text[0] = '\0';
	while (archive_next(&rest, room, &name, &found, &complaint))
		if (text_is(name, path))
			return text_is(found, content);
	return false;
}

static void test_files(void **state)
{
	static char bytes[BLOCKS * BLOCK];
	size_t len = make(bytes);

	(void)state;
	check(has(bytes, len, "proc/cmdline", "quiet"), "the first file is found");
	check(has(bytes, len, "proc/full", full), "a file that fills its block is whole");
	check(!has(bytes, len, "proc", "quiet"), "a part of a name is no file");
	check(!has(bytes, len, "proc/folder", "") && !complaint.text[0],
	      "what is no plain file is stepped over");
	check(!has(bytes, 0, "proc/cmdline", "quiet") && !complaint.text[0],
	      "an archive of nothing is empty");
}

static void test_damage(void **state)
{
	static char bytes[BLOCKS * BLOCK];
	size_t len = make(bytes);

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		char *copy = (char *)malloc(cut + 1); /* what is read beyond it is seen */

		memcpy(copy, bytes, cut);
		check(has(copy, cut, "proc/full", full) == (cut >= 5 * BLOCK),
		      "a file is there once all of it is");
		free(copy);
	}
	check(!has(bytes, BLOCK + 4, "proc/cmdline", "quiet") && complaint.text[0],
	      "content that ends too early is told");
	bytes[124] = '9';
	check(!has(bytes, len, "proc/cmdline", "quiet") && complaint.text[0],
	      "a size that is no number is told");
	make(bytes);
	memset(bytes + 124, '7', 12);
	check(!has(bytes, len, "proc/cmdline", "quiet") && complaint.text[0],
	      "a size beyond the end is told");
	make(bytes);
	bytes[257] = 'x';
	check(!has(bytes, len, "proc/cmdline", "quiet") && complaint.text[0],
	      "what is no header is told");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_damage),
	};

	memset(full, 'x', BLOCK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
