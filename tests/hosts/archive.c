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

void pool_exhausted(void)
{
	abort();
}

static struct pool pool;
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
	char full[BLOCK + 1];
	size_t len = put_file(bytes, "proc/cmdline", '0', "quiet");

	memset(full, 'x', BLOCK);
	full[BLOCK] = '\0';
	len += put_file(bytes + len, "proc/folder", '5', "");
	len -= BLOCK; /* which has no content */
	len += put_file(bytes + len, "proc/full", '0', full);
	memset(bytes + len, 0, 2 * BLOCK);
	return len + 2 * BLOCK;
}

static enum tree_result get(const char *bytes, size_t len, const char *path, size_t most,
			    struct nb_text *out)
{
	struct archive archive = archive_of((struct nb_text){ bytes, len }, &pool, &complaint);

	complaint.text[0] = '\0';
	return archive.tree.read(&archive.tree, path, most, out);
}

static void test_files(void **state)
{
	static char bytes[BLOCKS * BLOCK];
	size_t len = make(bytes);
	struct nb_text text;

	(void)state;
	check(get(bytes, len, "proc/cmdline", 100, &text) == TREE_OK && text_is(text, "quiet"),
	      "the first file is found");
	check(text.at[text.len] == '\0', "a zero follows what was read");
	check(get(bytes, len, "proc/full", 1000, &text) == TREE_OK && text.len == BLOCK,
	      "a file that fills its block is whole");
	check(text.at[text.len] == '\0', "and a zero follows it too");
	check(get(bytes, len, "proc/full", 7, &text) == TREE_OK && text_is(text, "xxxxxxx"),
	      "no more is given than is asked for");
	check(get(bytes, len, "proc", 100, &text) == TREE_ABSENT && !text.at,
	      "a part of a name is no file");
	check(get(bytes, len, "proc/folder", 100, &text) == TREE_ABSENT,
	      "what is no plain file is not there");
	check(get(bytes, 0, "proc/cmdline", 100, &text) == TREE_ABSENT && !complaint.text[0],
	      "an archive of nothing is empty");
}

static void test_damage(void **state)
{
	static char bytes[BLOCKS * BLOCK];
	size_t len = make(bytes);
	struct nb_text text;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		char *copy = (char *)malloc(cut + 1); /* what is read beyond it is seen */

		memcpy(copy, bytes, cut);
		check((get(copy, cut, "proc/full", 1000, &text) == TREE_OK) == (cut >= 5 * BLOCK),
		      "a file is there once all of it is");
		free(copy);
	}
	check(get(bytes, BLOCK + 4, "proc/cmdline", 100, &text) == TREE_FAILED &&
		      complaint.text[0],
	      "content that ends too early is told");
	bytes[124] = '9';
	check(get(bytes, len, "proc/cmdline", 100, &text) == TREE_FAILED,
	      "a size that is no number is told");
	make(bytes);
	memset(bytes + 124, '7', 12);
	check(get(bytes, len, "proc/cmdline", 100, &text) == TREE_FAILED,
	      "a size beyond the end is told");
	make(bytes);
	bytes[257] = 'x';
	check(get(bytes, len, "proc/cmdline", 100, &text) == TREE_FAILED,
	      "what is no header is told");
	pool_drop(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
