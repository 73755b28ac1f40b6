/* SPDX-License-Identifier: MIT */
/*
 * qemu: a process of QEMU, from its start to its end or to ours.
 */
#include "qemu.h"

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_MOST = 4096, MORE_ARGS = 16, NO_PROGRAM = 127, LOOKS_PER_SECOND = 50 };

/* Files below the folder, for the time of the run. */
static const char *const files[] = { "qemu.log", "qemu.data", "qemu.said" };

enum { FILE_LOG, FILE_DATA, FILE_SAID, FILES };

/* In the child: its output into a file, no input, then QEMU. */
static _Noreturn void become(char *const *args, const char *said)
{
	int in = open("/dev/null", O_RDONLY);
	int out = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (in >= 0 && out >= 0 && dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(out, 2) >= 0)
		execvp(args[0], args);
	_exit(NO_PROGRAM);
}

/* Waits for the end; the exit status, or -1 if there was none in time. */
static int wait_for(pid_t child, unsigned seconds)
{
	const struct timespec step = { .tv_nsec = 1000000000 / LOOKS_PER_SECOND };
	int status = 0;

	for (unsigned look = 0; look < seconds * LOOKS_PER_SECOND; look++) {
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		nanosleep(&step, NULL);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return -1;
}

static void drop_carriage_returns(struct nb_text *text, struct pool *pool)
{
	char *copy = (char *)pool_take(pool, text->len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text->len; i++)
		if (text->at[i] != '\r')
			copy[len++] = text->at[i];
	*text = (struct nb_text){ copy, len };
}

/* Reads a file of the run, which may not be there, and removes it. */
static bool take_file(const char *path, struct pool *pool, struct nb_text *text,
		      struct complaint *complaint)
{
	bool read = true;

	*text = (struct nb_text){ "", 0 };
	if (access(path, F_OK) == 0)
		read = file_read(path, pool, text, complaint);
	unlink(path);
	return read;
}

bool qemu_run(struct ended *ended, const char *const *args, const char *folder, unsigned seconds,
	      struct pool *pool, struct complaint *complaint)
{
	char paths[FILES][PATH_MOST], ports[2][PATH_MOST + 8];
	char **all;
	size_t count = 0;
	pid_t child;

	while (args[count])
		count++;
	for (int i = 0; i < FILES; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, files[i]);
	for (int i = 0; i < 2; i++)
		snprintf(ports[i], sizeof(ports[i]), "file:%s", paths[i]);
	all = (char **)pool_take(pool, (count + MORE_ARGS) * sizeof(*all));
	memcpy(all, args, count * sizeof(*all));
	for (int i = 0; i < 2; i++) {
		all[count++] = (char *)"-serial";
		all[count++] = ports[i];
	}

	child = fork();
	if (child == 0)
		become(all, paths[FILE_SAID]);
	if (child < 0) {
		complain(complaint, "cannot start a process: %s", strerror(errno));
		return false;
	}
	ended->status = wait_for(child, seconds);
	if (!take_file(paths[FILE_LOG], pool, &ended->log, complaint) ||
	    !take_file(paths[FILE_DATA], pool, &ended->data, complaint) ||
	    !take_file(paths[FILE_SAID], pool, &ended->said, complaint))
		return false;
	drop_carriage_returns(&ended->log, pool);
	if (ended->status == NO_PROGRAM) {
		complain(complaint, "cannot run %s: is it installed?", args[0]);
		return false;
	}
	return true;
}
