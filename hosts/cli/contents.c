/* SPDX-License-Identifier: MIT */
/*
 * contents: a file as its bytes: read, unpacked, decoded, and told what they are.
 */
#include "contents.h"

#include "../sources/text.h"
#include "files.h"
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many bytes as tell that a file is packed. */
enum { HEAD = 512 };

const char *contents_name(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

int contents_as_file(struct nb_text bytes)
{
	FILE *file = tmpfile();
	int fd = -1;

	if (!file)
		return -1;
	if (fwrite(bytes.at, 1, bytes.len, file) == bytes.len && !fflush(file))
		fd = dup(fileno(file));
	fclose(file);
	if (fd >= 0 && lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool is_packed(const char *head, ssize_t len)
{
	return len > 0 && content_of((struct nb_text){ head, (size_t)len }) == CONTENT_PACKED;
}

/* Undoes the packing and tells what is left; a tar archive stays packed. */
static bool settle(int fd, struct pool *pool, struct contents *contents,
		   struct complaint *complaint)
{
	struct complaint why = { .text = "" };

	contents->was_packed = true;
	if (fd < 0) {
		complain(complaint, "cannot keep it to unpack it: %s", strerror(errno));
		return false;
	}
	if (unpack(fd, pool, &contents->bytes, &why)) {
		close(fd);
		return true;
	}
	close(fd);
	*complaint = why;
	return false;
}

static bool read_whole(int fd, struct pool *pool, struct contents *contents,
		       struct complaint *complaint)
{
	int error = file_read_all(fd, pool, LOG_MOST + 1, &contents->bytes);

	if (error)
		complain(complaint, "%s", strerror(error));
	else if (contents->bytes.len > LOG_MOST)
		complain(complaint, "it is larger than %zu MiB, as nothing is that is read here",
			 LOG_MOST >> 20);
	return !error && contents->bytes.len <= LOG_MOST;
}

static bool read_bytes(int fd, struct pool *pool, struct contents *contents,
		       struct complaint *complaint)
{
	char head[HEAD];

	if (is_packed(head, pread(fd, head, sizeof(head), 0)))
		return settle(dup(fd), pool, contents, complaint);
	if (!read_whole(fd, pool, contents, complaint))
		return false;
	return content_of(contents->bytes) != CONTENT_PACKED ||
	       settle(contents_as_file(contents->bytes), pool, contents, complaint);
}

/* A log of a few bytes in a line would take many times its length. */
static bool has_lines(struct nb_text text, struct complaint *complaint)
{
	enum { LINES_MOST = 4 << 20 };
	size_t lines = text_count(text, '\n');

	if (lines > LINES_MOST)
		complain(complaint, "it has more than %u lines, as no boot log has", LINES_MOST);
	return lines <= LINES_MOST;
}

bool contents_read(const char *path, struct pool *pool, struct contents *contents,
		   struct complaint *complaint)
{
	bool standard = !strcmp(path, "-"), read;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct complaint why = { .text = "" };

	*contents = (struct contents){ .content = CONTENT_EMPTY };
	if (fd < 0) {
		complain(complaint, "%s: %s", path, strerror(errno));
		return false;
	}
	read = read_bytes(fd, pool, contents, &why);
	if (read)
		contents->content = content_of(contents->bytes);
	if (contents->content == CONTENT_LOG || contents->content == CONTENT_BINARY) {
		read = plain_text(contents->bytes, pool, &contents->bytes, &why);
		contents->content = content_of(contents->bytes);
		read = read && has_lines(contents->bytes, &why);
	}
	if (!standard)
		close(fd);
	if (!read)
		complain(complaint, "%s: %s", contents_name(path), why.text);
	return read;
}
