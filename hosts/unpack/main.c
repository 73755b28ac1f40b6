/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* CMSG_SPACE() */
/*
 * numaboot-unpack: whatever libarchive can read on standard input, as plain tar on
 * standard output, of those files alone that a source may want. What is compressed but
 * no archive becomes what it was. With --gzip, --xz or --zstd: the other way, any bytes.
 * With --stay standard input is a socket: each message brings the three standard files of
 * one run, and is answered with how that ended, as of a process of its own. A process
 * serves several, until one fails or takes long.
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
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	BLOCK = ARCHIVE_BLOCK,
	CHUNK = 64 << 10,
	FILES_MOST = 100000,
	WANTED_MOST = 50000, /* thousands of CPUs and of entries of the map are fewer */
	SECONDS_MOST = 20,
	CONTROL = 3, /* the socket, while a process serves */
	RUNS = 32,   /* that a process serves at most */
};

/* How a process ends that has served: some runs, or the last one. */
enum { ENDS_ANEW = 41, ENDS_ALL = 42 };

static const uint64_t written_most = (uint64_t)256 << 20; /* bytes */
static const uint64_t seen_most = (uint64_t)8 << 30;      /* unpacked, wanted or not */
#define MEMORY_MOST ((rlim_t)512 << 20)

static uint64_t written;
static unsigned wanted;

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
	char header[BLOCK];

	if (!archive_header(header, name, size))
		return;
	if (++wanted > WANTED_MOST)
		fail("it has too many files");
	if (size > written_most)
		fail("it is larger than 256 MiB once it is unpacked");
	put(header, sizeof(header));
	if (put_content(in) != size)
		fail("a file of it is shorter than it says");
	put(zeros, (BLOCK - size % BLOCK) % BLOCK);
}

static void take_entry(struct archive *in, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	if (!name || archive_entry_hardlink(entry))
		return;
	name = plain_name(name);
	if (archive_entry_filetype(entry) == AE_IFLNK && strstr(name, "/initiators/node"))
		put_file(in, name, 0); /* that there is one says it all */
	if (archive_entry_filetype(entry) != AE_IFREG)
		return;
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

static bool add_filter(struct archive *out, const char *option)
{
	if (!strcmp(option, "--xz"))
		return archive_write_add_filter_xz(out) == ARCHIVE_OK;
	if (!strcmp(option, "--zstd"))
		return archive_write_add_filter_zstd(out) == ARCHIVE_OK;
	return archive_write_add_filter_gzip(out) == ARCHIVE_OK &&
	       archive_write_set_options(out, "gzip:!timestamp") == ARCHIVE_OK;
}

/* Compresses. */
static int pack(const char *option)
{
	static char chunk[CHUNK];
	struct archive *out = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	ssize_t got;

	if (!out || !entry || archive_write_set_format_raw(out) || !add_filter(out, option) ||
	    archive_write_set_bytes_in_last_block(out, 1) ||
	    archive_write_open_fd(out, STDOUT_FILENO))
		fail(out ? archive_error_string(out) : "out of memory");
	archive_entry_set_filetype(entry, AE_IFREG);
	if (archive_write_header(out, entry))
		fail(archive_error_string(out));
	while ((got = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0)
		if (archive_write_data(out, chunk, (size_t)got) != got)
			fail(archive_error_string(out));
	if (got < 0 || archive_write_close(out))
		fail("it cannot be written");
	archive_entry_free(entry);
	archive_write_free(out);
	return 0;
}

/* Waits for the files of one run; false at the end. */
static bool receive(int files[3])
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(3 * sizeof(int))];
	} control;
	char byte;
	struct iovec bytes = { &byte, 1 };
	struct msghdr message = { .msg_iov = &bytes,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	const struct cmsghdr *header;

	if (recvmsg(CONTROL, &message, 0) != 1)
		return false;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(3 * sizeof(int)))
		return false;
	memcpy(files, CMSG_DATA(header), 3 * sizeof(int));
	return true;
}

/* Makes files that a message brought, or the socket, the standard files. */
static void stand(const int files[3])
{
	for (int fd = 0; fd < 3; fd++)
		if (dup2(files ? files[fd] : CONTROL, fd) < 0)
			exit(1);
}

static void unpack(void)
{
	static const char end[2 * BLOCK];
	struct archive *in = open_input();
	struct archive_entry *entry;
	unsigned files = 0;
	int result;

	written = wanted = 0;
	while ((result = archive_read_next_header(in, &entry)) == ARCHIVE_OK ||
	       result == ARCHIVE_WARN) {
		if (archive_format(in) == ARCHIVE_FORMAT_RAW) {
			if (archive_filter_code(in, 0) == ARCHIVE_FILTER_NONE)
				fail("it is damaged, or packed in a way that is not known here");
			put_content(in);
			archive_read_free(in);
			return;
		}
		if (++files > FILES_MOST || (uint64_t)archive_filter_bytes(in, 0) > seen_most)
			fail("it is larger than 8 GiB once it is unpacked, or has too many files");
		take_entry(in, entry);
	}
	if (result != ARCHIVE_EOF)
		fail(archive_error_string(in));
	put(end, sizeof(end));
	archive_read_free(in);
}

static void bound(void)
{
#ifndef NO_MEMORY_LIMIT /* as with a sanitizer, whose shadow is larger than any */
	limit(RLIMIT_AS, MEMORY_MOST);
#endif
	limit(RLIMIT_CPU, SECONDS_MOST);
	limit(RLIMIT_CORE, 0);
}

/* Serves runs, each of which it answers unless it fails. */
static _Noreturn void serve(void)
{
	const int fine = 0;
	int files[3];

	bound();
	for (int run = 0; run < RUNS && clock() < CLOCKS_PER_SEC; run++) {
		if (!receive(files))
			_exit(ENDS_ALL);
		stand(files);
		for (int fd = 0; fd < 3; fd++)
			close(files[fd]);
		unpack();
		stand(NULL);
		if (send(CONTROL, &fine, sizeof(fine), MSG_NOSIGNAL) < 0)
			_exit(ENDS_ALL);
	}
	_exit(ENDS_ANEW);
}

static int stay(void)
{
	if (dup2(STDIN_FILENO, CONTROL) < 0)
		return 1;
	for (;;) {
		pid_t child = fork();
		int status = 1 << 8; /* as of a process that fails */

		if (child == 0)
			serve();
		while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
			continue;
		if (child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == ENDS_ALL))
			return child < 0;
		if ((!WIFEXITED(status) || WEXITSTATUS(status) != ENDS_ANEW) &&
		    send(CONTROL, &status, sizeof(status), MSG_NOSIGNAL) < 0)
			return 0;
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--stay"))
		return stay();
	bound();
	if (argc == 2)
		return pack(argv[1]);
	unpack();
	return 0;
}
