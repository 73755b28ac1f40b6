/* SPDX-License-Identifier: MIT */
/*
 * unpack: a process of its own for what is packed. It has limits of memory and time
 * that this one does not need, and this one starts without its libraries.
 */
#include "unpack.h"

#include "files.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MOST = 400, NO_PROGRAM = 127 };

struct pipes {
	int out[2], said[2];
};

static _Noreturn void become(const char *program, const char *option, int in,
			     const struct pipes *pipes)
{
	if (dup2(in, 0) >= 0 && dup2(pipes->out[1], 1) >= 0 && dup2(pipes->said[1], 2) >= 0) {
		close(pipes->out[0]);
		close(pipes->out[1]);
		close(pipes->said[0]);
		close(pipes->said[1]);
		execl(program, "numaboot-unpack", option, (char *)NULL);
	}
	_exit(NO_PROGRAM);
}

static bool open_pipes(struct pipes *pipes)
{
	if (pipe(pipes->out) < 0)
		return false;
	if (pipe(pipes->said) == 0)
		return true;
	close(pipes->out[0]);
	close(pipes->out[1]);
	return false;
}

/* What it said is one line at its end, shorter than a pipe is deep. */
static void read_said(int fd, char *said, size_t size)
{
	ssize_t got = read(fd, said, size - 1);

	said[got > 0 ? got : 0] = '\0';
	said[strcspn(said, "\n")] = '\0';
}

static bool find_program(char *path, size_t size)
{
	return file_of_ours("../unpack/numaboot-unpack",
			    "../" NUMABOOT_LIBDIR "/numaboot/numaboot-unpack", path, size);
}

/* Runs the program to its end; `option` may be null. */
static bool run(const char *program, const char *option, int fd, struct pool *pool,
		struct nb_text *out, struct complaint *complaint)
{
	char said[SAID_MOST] = "";
	struct pipes pipes;
	pid_t child = -1;
	int status = 0, error;

	if (!open_pipes(&pipes) || (child = fork()) < 0) {
		complain(complaint, "cannot start a process: %s", strerror(errno));
		return false;
	}
	if (child == 0)
		become(program, option, fd, &pipes);
	close(pipes.out[1]);
	close(pipes.said[1]);
	error = file_read_all(pipes.out[0], pool, UNPACKED_MOST, out);
	close(pipes.out[0]);
	read_said(pipes.said[0], said, sizeof(said));
	close(pipes.said[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!error && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	complain(complaint, "cannot be %s: %s", option ? "packed" : "unpacked",
		 WIFSIGNALED(status) ? "it takes too long"
		 : *said             ? said
				     : "numaboot-unpack failed");
	return false;
}

bool unpack(int fd, struct pool *pool, struct nb_text *out, struct complaint *complaint)
{
	char program[2 * PATH_MAX];

	if (find_program(program, sizeof(program)))
		return run(program, NULL, fd, pool, out, complaint);
	complain(complaint, "it is packed, and this numaboot was built without libarchive: "
			    "expected it unpacked");
	return false;
}

bool pack(int fd, struct pool *pool, struct nb_text *out, struct complaint *complaint)
{
	char program[2 * PATH_MAX];
	int error;

	if (find_program(program, sizeof(program)))
		return run(program, "--pack", fd, pool, out, complaint);
	error = file_read_all(fd, pool, UNPACKED_MOST, out);
	if (error)
		complain(complaint, "%s", strerror(error));
	return !error;
}
