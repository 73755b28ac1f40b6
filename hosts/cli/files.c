/* SPDX-License-Identifier: MIT */
/*
 * files: opens and reads files below a root. No file is read beyond the length
 * that the caller names, and every failure is one line that says where.
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_READ = 4096 + 64 };

int file_read_all(int fd, struct pool *pool, size_t most, struct nb_text *out)
{
	size_t have = 0, cap = most + 1 < FIRST_READ ? most + 1 : FIRST_READ;
	char *at = pool_space(pool, cap);

	for (;;) {
		ssize_t got;

		if (have + 1 >= cap) {
			char *larger;

			cap *= 4;
			larger = pool_space(pool, cap);
			if (larger != at)
				memcpy(larger, at, have);
			at = larger;
		}
		got = read(fd, at + have, (most < cap - 1 ? most : cap - 1) - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		have += (size_t)got;
		if (got == 0 || have >= most)
			break;
	}
	at[have] = '\0';
	pool_keep(pool, have + 1);
	*out = (struct nb_text){ at, have };
	return 0;
}

static bool is_absent(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

/* What a person can do about an error, to follow its text. */
static const char *advice(int error, const char *root)
{
	if ((error == EACCES || error == EPERM) && !strcmp(root, "/"))
		return " (reading this machine's firmware takes root)";
	return "";
}

static void complain_of(struct files *files, const char *path, int error)
{
	const char *root = files->name;
	size_t len = strlen(root);
	const char *slash = len && root[len - 1] == '/' ? "" : "/";

	complain(files->tree.complaint, "%s%s%s: %s%s", root, slash, path, strerror(error),
		 advice(error, root));
}

static enum tree_result read_below(struct tree *tree, const char *path, size_t most,
				   struct nb_text *out)
{
	struct files *files = (struct files *)tree; /* its first member */
	int fd = openat(files->root, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), error;

	*out = (struct nb_text){ NULL, 0 };
	if (fd < 0) {
		error = errno;
		if (is_absent(error))
			return TREE_ABSENT;
		complain_of(files, path, error);
		return TREE_FAILED;
	}
	error = file_read_all(fd, files->pool, most, out);
	close(fd);
	if (files->seen && (!error || error == EISDIR))
		files->seen->file(files->seen, path, *out);
	if (error) {
		complain_of(files, path, error);
		return error == EISDIR ? TREE_FOLDER : TREE_FAILED;
	}
	return TREE_OK;
}

static enum tree_result read_archived(struct tree *tree, const char *path, size_t most,
				      struct nb_text *out)
{
	const struct files *files = (const struct files *)tree; /* its first member */
	char whole[ARCHIVE_NAME_MOST];
	static const char devices[] = "sys/devices/";

	if (files->archive->shape == SHAPE_SYSTEM) {
		if (strncmp(path, devices, strlen(devices)) != 0)
			return TREE_ABSENT;
		path += strlen(devices);
	}
	*out = (struct nb_text){ NULL, 0 };
	if (snprintf(whole, sizeof(whole), "%s%s", files->below, path) >= (int)sizeof(whole) ||
	    !archive_find(files->archive, whole, out))
		return TREE_ABSENT;
	if (out->len > most)
		out->len = most;
	return TREE_OK;
}

void files_open(struct files *files, int root, const char *name, struct complaint *complaint)
{
	*files = (struct files){
		.tree = { .read = read_below, .complaint = complaint },
		.root = root,
		.name = name,
	};
}

void files_open_archive(struct files *files, const struct archive *archive, const char *below,
			const char *name, struct complaint *complaint)
{
	*files = (struct files){
		.tree = { .read = read_archived, .complaint = complaint },
		.root = -1,
		.archive = archive,
		.below = below,
		.name = name,
	};
}

bool file_of_ours(const char *built, const char *installed, char *path, size_t size)
{
	const char *const places[] = { built, installed };
	char self[PATH_MAX] = "";
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash = len > 0 ? strrchr(self, '/') : NULL;

	for (size_t i = 0; slash && i < NB_COUNT(places); i++) {
		snprintf(path, size, "%.*s/%s", (int)(slash - self), self, places[i]);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

bool file_read(const char *path, struct pool *pool, struct nb_text *out,
	       struct complaint *complaint)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), error;

	if (fd < 0) {
		complain(complaint, "%s: %s", path, strerror(errno));
		return false;
	}
	error = file_read_all(fd, pool, LOG_MOST, out);
	if (!standard)
		close(fd);
	if (error)
		complain(complaint, "%s: %s", path, strerror(error));
	return !error;
}

bool kmsg_read(struct pool *pool, struct nb_text *out)
{
	enum { RECORD_MOST = 8192 };
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	size_t have = 0, cap = 256 << 10;
	char *at;

	*out = (struct nb_text){ NULL, 0 };
	if (fd < 0)
		return false;
	at = pool_space(pool, cap);
	for (;;) {
		ssize_t got;

		if (cap - have < RECORD_MOST) {
			char *larger = pool_space(pool, 2 * cap);

			if (larger != at)
				memcpy(larger, at, have);
			at = larger;
			cap *= 2;
		}
		got = read(fd, at + have, RECORD_MOST - 1); /* one record at a time */
		if (got > 0)
			have += (size_t)got;
		else if (got == 0 || (errno != EINTR && errno != EPIPE))
			break; /* EPIPE: a record was overwritten, the next ones follow */
	}
	close(fd);
	pool_keep(pool, have);
	*out = (struct nb_text){ at, have };
	return have > 0;
}
