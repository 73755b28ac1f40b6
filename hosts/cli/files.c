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

/* A directory that is a sysroot or holds one, or at least a case's log. */
static bool open_directory(struct place *place, const struct ask *ask, struct complaint *complaint)
{
	int root = place->all.root, below = -1;

	if (has_entry(root, "proc") || has_entry(root, "sys")) {
		place->sysroot = place->all;
		return true;
	}
	if (!ask->must_be_sysroot)
		below = openat(root, "sysroot", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (below >= 0) {
		place->is_case = true;
		files_set(&place->sysroot, below, place->name, complaint);
		return true;
	}
	if (!ask->must_be_sysroot && has_entry(root, "dmesg")) {
		place->is_case = place->is_log = true;
		return true;
	}
	complain(complaint, "%s: not a sysroot: expected proc/ and sys/ in it%s", place->name,
		 ask->must_be_sysroot ? "" : ", or a case with sysroot/ or dmesg");
	return false;
}

bool place_open(struct place *place, const struct ask *ask, struct complaint *complaint)
{
	const char *name = ask->source ? ask->source : "/";
	struct stat status;
	int root;

	*place = (struct place){ .is_this_machine = !strcmp(name, "/"), .name = name };
	files_set(&place->all, -1, name, complaint);
	files_set(&place->sysroot, -1, name, complaint);
	if (!ask->must_be_sysroot &&
	    (!strcmp(name, "-") || (stat(name, &status) == 0 && !S_ISDIR(status.st_mode)))) {
		place->is_log = true;
		return true;
	}
	root = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	files_set(&place->all, root, name, complaint);
	if (root < 0) {
		complain(complaint, "%s: %s: expected a directory with proc/ and sys/%s", name,
			 strerror(errno),
			 ask->must_be_sysroot ? "" : ", a case with sysroot/, or a boot log");
		return false;
	}
	if (!open_directory(place, ask, complaint))
		return false;
	if (place->is_this_machine)
		place->name = "this machine";
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

bool place_case_log(struct place *place, struct boot_log *log, struct pool *pool)
{
	struct tree *tree = &place->all.tree;
	struct nb_text text;
	struct boot_log console;
	enum tree_result result = tree->read(tree, "dmesg", LOG_MOST, &text);

	if (result != TREE_OK)
		return result == TREE_ABSENT;
	boot_log_read(log, text, pool);
	result = tree->read(tree, "console", LOG_MOST, &text);
	if (result == TREE_OK) {
		boot_log_read(&console, text, pool);
		boot_log_complete(log, &console, pool);
	}
	return !tree_failed(result);
}

/* Reads the log of a source that is nothing else. */
static bool read_only_log(struct place *place, struct pool *pool, struct complaint *complaint)
{
	struct nb_text text;

	if (place->is_case)
		return place_case_log(place, &place->log, pool);
	if (!file_read(place->name, pool, &text, complaint))
		return false;
	boot_log_read(&place->log, text, pool);
	return true;
}

/* Sets what the options say of the build, over what was read of it. */
static bool set_build(struct source *source, const struct ask *ask, struct complaint *complaint)
{
	struct kernel *kernel = &source->kernel;
	struct nb_text file;

	if (ask->kconfig) {
		if (!file_read(ask->kconfig, &source->pool, &file, complaint))
			return false;
		if (!kconfig_read(kernel, file, ask->kconfig, complaint))
			return false;
		kernel->config_from = "--kconfig";
	}
	for (unsigned i = 0; i < ask->config_count; i++) {
		if (!kconfig_set(kernel, ask->config[i], complaint))
			return false;
		kernel->config_from = "--config";
	}
	return true;
}

/* The kernel that is modelled: as asked for, else the one that left the source. */
static bool pick_kernel(struct place *place, struct source *source, const struct ask *ask,
			struct complaint *complaint)
{
	struct release release;
	bool named = ask->line && strcmp(ask->line, "auto") != 0, known;

	if (named) {
		kernel_named(&source->kernel, ask->line);
		return set_build(source, ask, complaint);
	}
	known = place->is_log ? boot_log_release(&place->log, &release)
			      : sysroot_release(&place->sysroot.tree, &release);
	kernel_of_release(&source->kernel, known ? &release : NULL);
	if (!place->is_log && !ask->kconfig && !sysroot_kconfig(source, &place->sysroot.tree))
		return false;
	return set_build(source, ask, complaint);
}

bool place_read(struct place *place, struct source *source, const struct ask *ask,
		struct complaint *complaint)
{
	struct tree *tree = &place->sysroot.tree;

	place_use(place, &source->pool);
	if (place->is_log && !read_only_log(place, &source->pool, complaint))
		return false;
	if (!pick_kernel(place, source, ask, complaint))
		return false;
	if (place->is_log) {
		if (!log_source_read(source, &place->log, complaint))
			return false;
	} else if (!sysroot_read(source, tree)) {
		return false;
	}
	if (place->is_this_machine && sysroot_is_hidden(source, tree)) {
		complain(complaint,
			 "this machine's firmware is hidden, as in a container: expected "
			 "/sys/firmware/acpi/tables or /sys/firmware/memmap");
		return false;
	}
	source_command_line(source, ask->cmdline, ask->append);
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
