/* SPDX-License-Identifier: MIT */
/*
 * files: opens and reads files below a root. No file is read beyond the length
 * that the caller names, and every failure is one line that says where.
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_READ = 4096 + 64, LOG_MOST = 256 << 20 };

/* Reads up to `most` bytes into the pool. Returns 0 or an errno. */
static int read_all(int fd, struct pool *pool, size_t most, struct nb_text *out)
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
	error = read_all(fd, files->pool, most, out);
	close(fd);
	if (error) {
		complain_of(files, path, error);
		return error == EISDIR ? TREE_FOLDER : TREE_FAILED;
	}
	return TREE_OK;
}

static bool has_entry(int root, const char *name)
{
	struct stat status;

	return fstatat(root, name, &status, 0) == 0;
}

static void files_set(struct files *files, int root, const char *name, struct complaint *complaint)
{
	*files = (struct files){
		.tree = { .read = read_below, .complaint = complaint },
		.root = root,
		.name = name,
	};
}

bool place_open(struct place *place, const char *path, bool must_be_sysroot,
		struct complaint *complaint)
{
	const char *name = path ? path : "/";
	int root = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), below = -1;

	*place = (struct place){ .is_this_machine = !strcmp(name, "/") };
	files_set(&place->all, root, name, complaint);
	files_set(&place->sysroot, -1, name, complaint);
	if (root < 0) {
		complain(complaint, "%s: %s: expected a directory with proc/ and sys/%s", name,
			 strerror(errno), must_be_sysroot ? "" : ", or a case with sysroot/");
		return false;
	}
	if (has_entry(root, "proc") || has_entry(root, "sys")) {
		place->sysroot = place->all;
		return true;
	}
	if (!must_be_sysroot)
		below = openat(root, "sysroot", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (below < 0) {
		complain(complaint, "%s: not a sysroot: expected proc/ and sys/ in it%s", name,
			 must_be_sysroot ? "" : ", or a case with sysroot/");
		return false;
	}
	place->is_case = true;
	files_set(&place->sysroot, below, name, complaint);
	return true;
}

void place_use(struct place *place, struct pool *pool)
{
	place->sysroot.pool = pool;
	place->all.pool = pool;
}

void place_close(struct place *place)
{
	if (place->sysroot.root >= 0 && place->sysroot.root != place->all.root)
		close(place->sysroot.root);
	if (place->all.root >= 0)
		close(place->all.root);
}

bool place_read(struct place *place, struct source *source, const struct options *options,
		struct complaint *complaint)
{
	struct tree *tree = &place->sysroot.tree;

	place_use(place, &source->pool);
	if (!sysroot_read(source, tree, options->kernel.config))
		return false;
	if (place->is_this_machine && sysroot_is_hidden(source, tree)) {
		complain(complaint,
			 "this machine's firmware is hidden, as in a container: expected "
			 "/sys/firmware/acpi/tables or /sys/firmware/memmap");
		return false;
	}
	source_command_line(source, options->cmdline, options->append);
	return true;
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
	error = read_all(fd, pool, LOG_MOST, out);
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
