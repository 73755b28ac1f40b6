/* SPDX-License-Identifier: MIT */
/*
 * check_each: all sources of a directory, checked by several processes. Process k of
 * n takes the names k, k + n, k + 2n, ... and writes a line for each into its pipe;
 * the parent takes a line from each pipe in turn, so that lines come in the order of
 * names. It alone writes the output, whole lines only: a signal is heeded between
 * two lines. A process that dies costs one line, which says so, and is begun anew.
 */
#include "check.h"

#include "../growing.h"
#include "../unpack.h"
#include "../views/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The names of a directory, sorted. */
struct names {
	struct dirent **at;
	uint32_t count;
};

struct worker {
	pid_t pid;
	FILE *lines;
};

struct work {
	const struct options *options;
	struct names names;
	struct worker *workers;
	uint32_t jobs;
	struct {
		uint32_t done, failed, unread;
	} sum;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void write_all(const char *text, size_t len, FILE *to)
{
	if (fwrite(text, 1, len, to) != len || fflush(to))
		_exit(EXIT_INPUT); /* the parent is gone */
}

/* Checks one source and hands its line over. */
static void check_one(const struct work *work, uint32_t i, FILE *to)
{
	static struct checked checked;
	struct options options = *work->options;
	struct complaint complaint = { .text = "" };
	struct growing line = growing_empty();
	const char *name = work->names.at[i]->d_name;
	char path[PATH_MAX], verdict;
	bool read;

	snprintf(path, sizeof(path), "%s/%s", options.check.each, name);
	options.ask[0].source = path;
	read = check_source(&checked, &options, &options.ask[0], &complaint);
	checked.name = name;
	view_check_line(&line.writer, name, &checked, read ? NULL : complaint.text);
	verdict = !read ? '2' : check_fails(&checked, &options.check) ? '1' : '0';
	write_all(&verdict, 1, to); /* in front of the line, for the parent alone */
	write_all(line.at, line.len, to);
	growing_drop(&line);
	check_drop(&checked);
}

/* Begins the process that takes every jobs-th name from `first` on. */
static bool start(struct work *work, uint32_t k, uint32_t first, struct complaint *complaint)
{
	int ends[2];
	struct worker *worker = &work->workers[k];

	if (pipe(ends) || fcntl(ends[1], F_SETFD, FD_CLOEXEC) < 0 || (worker->pid = fork()) < 0) {
		complain(complaint, "cannot start a process: %s", strerror(errno));
		return false;
	}
	if (worker->pid == 0) {
		FILE *to = fdopen(ends[1], "w");

		signal(SIGINT, SIG_IGN); /* the parent ends us */
		signal(SIGTERM, SIG_DFL);
		close(ends[0]);
		unpack_stay();
		for (uint32_t i = first; to && i < work->names.count; i += work->jobs)
			check_one(work, i, to);
		_exit(0);
	}
	close(ends[1]);
	worker->lines = fdopen(ends[0], "r");
	return worker->lines != NULL;
}

static void end(struct worker *worker)
{
	if (!worker->lines)
		return;
	fclose(worker->lines);
	worker->lines = NULL;
	kill(worker->pid, SIGTERM);
	while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void count(struct work *work, char verdict)
{
	work->sum.done++;
	work->sum.failed += verdict == '1';
	work->sum.unread += verdict == '2';
}

/* Takes the line of a name from its process. */
static bool take_line(struct work *work, uint32_t i, struct out *out, char **line, size_t *room,
		      struct complaint *complaint)
{
	struct worker *worker = &work->workers[i % work->jobs];
	ssize_t len = -1;

	while (!interrupted && len < 0) {
		errno = 0;
		len = getline(line, room, worker->lines);
		if (len < 0 && errno != EINTR)
			break;
		clearerr(worker->lines);
	}
	if (len > 1 && (*line)[len - 1] == '\n') {
		count(work, (*line)[0]);
		out_whole(out, *line + 1, (size_t)len - 1);
		return true;
	}
	if (interrupted)
		return false;
	end(worker);
	struct growing lost = growing_empty();

	view_check_line(&lost.writer, work->names.at[i]->d_name, NULL,
			"the process that checked it died");
	out_whole(out, lost.at, lost.len);
	growing_drop(&lost);
	count(work, '2');
	return i + work->jobs >= work->names.count ||
	       start(work, i % work->jobs, i + work->jobs, complaint);
}

/* How far it is, on a terminal's standard error. */
static void tell_progress(const struct work *work, bool last)
{
	static time_t told;
	time_t now = time(NULL);

	if (!isatty(STDERR_FILENO) || (now == told && !last))
		return;
	told = now;
	fprintf(stderr, "\r%u of %u checked%s", work->sum.done, work->names.count,
		last ? "\n" : "");
}

static bool run_all(struct work *work, struct out *out, struct complaint *complaint)
{
	char *line = NULL;
	size_t room = 0;
	bool going = true;

	for (uint32_t k = 0; going && k < work->jobs; k++)
		going = start(work, k, k, complaint);
	for (uint32_t i = 0; going && i < work->names.count && !interrupted; i++) {
		going = take_line(work, i, out, &line, &room, complaint);
		tell_progress(work, false);
	}
	for (uint32_t k = 0; k < work->jobs; k++)
		end(&work->workers[k]);
	tell_progress(work, true);
	free(line);
	return going || interrupted;
}

static bool read_names(struct work *work, struct complaint *complaint)
{
	int found = scandir(work->options->check.each, &work->names.at, is_name, alphasort);

	if (found < 0) {
		complain(complaint, "%s: %s: expected a directory of sources",
			 work->options->check.each, strerror(errno));
		return false;
	}
	work->names.count = (uint32_t)found;
	return true;
}

enum exit_code check_each(const struct options *options, struct out *out,
			  struct complaint *complaint)
{
	const struct sigaction heed = { .sa_handler = on_signal };
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct work work = { .options = options,
			     .jobs = options->check.jobs ? options->check.jobs
				     : processors > 0    ? (uint32_t)processors
							 : 1 };
	enum exit_code code = EXIT_INPUT;

	if (!read_names(&work, complaint))
		return EXIT_INPUT;
	if (work.jobs > work.names.count)
		work.jobs = work.names.count ? work.names.count : 1;
	work.workers = (struct worker *)calloc(work.jobs, sizeof(*work.workers));
	if (!work.workers)
		pool_exhausted();
	sigaction(SIGINT, &heed, NULL);
	sigaction(SIGTERM, &heed, NULL);
	if (run_all(&work, out, complaint)) {
		code = work.sum.failed ? EXIT_DIFFERS : EXIT_EXACT;
		if (interrupted || work.sum.unread) {
			code = EXIT_INPUT;
			complain(complaint, "%s%u of %u checked, %u of them cannot be used",
				 interrupted ? "interrupted: " : "", work.sum.done,
				 work.names.count, work.sum.unread);
		}
	}
	for (uint32_t i = 0; i < work.names.count; i++)
		free(work.names.at[i]);
	free(work.names.at);
	free(work.workers);
	return code;
}
