/* SPDX-License-Identifier: MIT */
/*
 * numaboot-unpack: whatever libarchive can read on standard input, as plain tar on
 * standard output, of those files alone that a source may want. What is compressed but
 * no archive becomes what it was.
 *
 * Hostile input costs little: memory, time and what is written are bounded, nothing is
 * ever written to a file, and links are not followed. One line on standard error says
 * what is wrong.
 *
 * Source: POSIX.1-2017 pax, ustar Interchange Format.
 */
#include "../sources/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	BLOCK = 512,
	CHUNK = 64 << 10,
	NAME_LENGTH = 100,
	PREFIX = 345,
	PREFIX_LENGTH = 155,
	FILES_MOST = 200000,
	SECONDS_MOST = 20,
};

static const uint64_t written_most = (uint64_t)256 << 20; /* bytes */
static const uint64_t seen_most = (uint64_t)8 << 30;      /* unpacked, wanted or not */
static const rlim_t memory_most = (rlim_t)512 << 20;

static uint64_t written;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "%s\n", what ? what : "it is damaged");
	exit(1);
}

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "a bug: %s:%d: not true: %s\n", file, line, what);
	abort();
}

void pool_exhausted(void)
{
	fail("out of memory");
}

static void put(const void *bytes, size_t len)
{
	const char *at = (const char *)bytes;

	written += len;
	if (written > written_most)
		fail("it is larger than 256 MiB once it is unpacked");
	while (len) {
		ssize_t put = write(STDOUT_FILENO, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			exit(1);
		at += put;
		len -= (size_t)put;
	}
}

/* The content of a file, with zeros up to a whole block if that is asked for. Returns
 * its length. */
static uint64_t put_content(struct archive *in)
{
	static char chunk[CHUNK];
	uint64_t sum = 0;
	la_ssize_t got;

	while ((got = archive_read_data(in, chunk, sizeof(chunk))) > 0) {
		put(chunk, (size_t)got);
		sum += (uint64_t)got;
	}
	if (got < 0)
		fail(archive_error_string(in));
	return sum;
}

/* Puts a name into a header: whole, or parted at a slash; false if it is too long. */
static bool set_name(char *header, const char *name)
{
	size_t len = strlen(name), cut = len;

	if (len <= NAME_LENGTH) {
		memcpy(header, name, len);
		return true;
	}
	while (cut > 0 && (name[cut] != '/' || cut > PREFIX_LENGTH))
		cut--;
	if (!cut || len - cut - 1 > NAME_LENGTH)
		return false;
	memcpy(header + PREFIX, name, cut);
	memcpy(header, name + cut + 1, len - cut - 1);
	return true;
}

/* Without what leads nowhere: "./" and slashes at its start. */
static const char *plain_name(const char *name)
{
	while (name[0] == '/' || (name[0] == '.' && name[1] == '/'))
		name += name[0] == '/' ? 1 : 2;
	return name;
}

static void put_file(struct archive *in, const char *name, uint64_t size)
{
	static const char zeros[BLOCK];
	char header[BLOCK] = "";

	if (!set_name(header, name))
		return;
	if (size > written_most)
		fail("it is larger than 256 MiB once it is unpacked");
	snprintf(header + 124, 12, "%011llo", (unsigned long long)size & 077777777777);
	header[156] = '0';
	memcpy(header + 257, "ustar", 6);
	put(header, sizeof(header));
	if (put_content(in) != size)
		fail("a file of it is shorter than it says");
	put(zeros, (BLOCK - size % BLOCK) % BLOCK);
}

/* sysfs has files of one page that hold less: their size has to be looked at. */
static void take_entry(struct archive *in, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	if (!name || archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
		return;
	name = plain_name(name);
	if (archive_wants((struct nb_text){ name, strlen(name) }))
		put_file(in, name, (uint64_t)archive_entry_size(entry));
}

static void limit(int what, rlim_t most)
{
	const struct rlimit limits = { most, most };

	setrlimit(what, &limits);
}

static struct archive *open_input(void)
{
	struct archive *in = archive_read_new();

	if (!in || archive_read_support_filter_gzip(in) || archive_read_support_filter_bzip2(in) ||
	    archive_read_support_filter_xz(in) || archive_read_support_filter_compress(in) ||
	    archive_read_support_filter_zstd(in) || archive_read_support_format_tar(in) ||
	    archive_read_support_format_zip(in) || archive_read_support_format_raw(in))
		fail(in ? archive_error_string(in) : "out of memory");
	if (archive_read_open_fd(in, STDIN_FILENO, CHUNK))
		fail(archive_error_string(in));
	return in;
}

int main(void)
{
	static const char end[2 * BLOCK];
	struct archive *in;
	struct archive_entry *entry;
	unsigned files = 0;
	int result;

	limit(RLIMIT_AS, memory_most);
	limit(RLIMIT_CPU, SECONDS_MOST);
	limit(RLIMIT_CORE, 0);
	in = open_input();
	while ((result = archive_read_next_header(in, &entry)) == ARCHIVE_OK ||
	       result == ARCHIVE_WARN) {
		if (archive_format(in) == ARCHIVE_FORMAT_RAW) {
			if (archive_filter_code(in, 0) == ARCHIVE_FILTER_NONE)
				fail("it is damaged, or packed in a way that is not known here");
			put_content(in);
			return 0;
		}
		if (++files > FILES_MOST || (uint64_t)archive_filter_bytes(in, 0) > seen_most)
			fail("it is larger than 8 GiB once it is unpacked, or has too many files");
		take_entry(in, entry);
	}
	if (result != ARCHIVE_EOF)
		fail(archive_error_string(in));
	put(end, sizeof(end));
	archive_read_free(in);
	return 0;
}
