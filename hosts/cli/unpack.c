/* SPDX-License-Identifier: MIT */
/*
 * unpack: a process of its own for what is packed. It has limits of memory and time
 * that this one does not need, and this one starts without its libraries.
 */
#define _DEFAULT_SOURCE /* CMSG_SPACE() */

#include "unpack.h"

#include "files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

/* The one that stays: a socket to it; -1: none does. */
static int staying = -1;

void unpack_stay(void)
{
	char program[2 * PATH_MAX];
	int ends[2];
	pid_t child;

	if (!find_program(program, sizeof(program)) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return;
	child = fork();
	if (child == 0) {
		/* what each run would look up again */
		if (dup2(ends[1], 0) >= 0 && setenv("LD_BIND_NOW", "1", 1) == 0)
			execl(program, "numaboot-unpack", "--stay", (char *)NULL);
		_exit(NO_PROGRAM);
	}
	close(ends[1]);
	if (child > 0)
		staying = ends[0];
	else
		close(ends[0]);
}

/* Hands the files of one run over to the program that stays. */
static bool ask_staying(int in, const struct pipes *pipes)
{
	const int files[] = { in, pipes->out[1], pipes->said[1] };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(files))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(files)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	char byte = 0;
	struct iovec bytes = { &byte, 1 };
	struct msghdr message = { .msg_iov = &bytes,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };

	if (staying < 0)
		return false;
	memcpy(CMSG_DATA(&control.header), files, sizeof(files));
	if (sendmsg(staying, &message, MSG_NOSIGNAL) == 1)
		return true;
	close(staying);
	staying = -1;
	return false;
}

/* How the run ended that the program that stays was asked for. */
static int staying_status(void)
{
	enum { EXITED_1 = 1 << 8 };
	int status = EXITED_1;
	ssize_t got;

	while ((got = recv(staying, &status, sizeof(status), 0)) < 0 && errno == EINTR)
		continue;
	return got == sizeof(status) ? status : EXITED_1;
}

/* Runs the program to its end; `option` may be null. */
static bool run(const char *program, const char *option, int fd, struct pool *pool,
		struct nb_text *out, struct complaint *complaint)
{
	char said[SAID_MOST] = "";
	struct pipes pipes;
	pid_t child = -1;
	int status = 0, error;
	bool asked = false;

	if (!open_pipes(&pipes)) {
		complain(complaint, "cannot start a process: %s", strerror(errno));
		return false;
	}
	if (option || !ask_staying(fd, &pipes))
		child = fork();
	else
		asked = true;
	if (child < 0 && !asked) {
		complain(complaint, "cannot start a process: %s", strerror(errno));
		close(pipes.out[0]);
		close(pipes.said[0]);
	}
	if (child == 0)
		become(program, option, fd, &pipes);
	close(pipes.out[1]);
	close(pipes.said[1]);
	if (child < 0 && !asked)
		return false;
	error = file_read_all(pipes.out[0], pool, UNPACKED_MOST, out);
	close(pipes.out[0]);
	read_said(pipes.said[0], said, sizeof(said));
	close(pipes.said[0]);
	if (asked)
		status = staying_status();
	while (!asked && waitpid(child, &status, 0) < 0 && errno == EINTR)
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

bool pack(int fd, const char *how, struct pool *pool, struct nb_text *out,
	  struct complaint *complaint)
{
	char program[2 * PATH_MAX];
	int error;

	if (how && find_program(program, sizeof(program)))
		return run(program, how, fd, pool, out, complaint);
	error = file_read_all(fd, pool, UNPACKED_MOST, out);
	if (error)
		complain(complaint, "%s", strerror(error));
	return !error;
}
