/* SPDX-License-Identifier: MIT */
/*
 * capture: one archive of what predict, verify and where read of a machine: they are
 * made to read it, and each file that they ask for is kept. What names the machine is
 * taken out, and the boot log is cut where the boot ends.
 */
#include "verbs.h"

#include "../../sources/archive.h"
#include "../../sources/redact.h"
#include "../contents.h"
#include "../growing.h"
#include "../unpack.h"
#include "reading.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOST_MOST = 256, PATH_MOST = 200 };

/* What is kept, and of what kinds how much. */
struct work {
	struct seen seen; /* first: the files' way here */
	struct growing archive;
	struct reading reading;
	char host[HOST_MOST];
	const char *paths[4096]; /* that are in the archive */
	uint32_t files, tables, redacted;
	uint64_t bytes;
	struct pool pool;
};

static bool is_below(const char *path, const char *folder)
{
	return !strncmp(path, folder, strlen(folder));
}

static void put_bytes(struct work *w, const char *name, struct nb_text content)
{
	static const char zeros[2 * ARCHIVE_BLOCK];
	struct nb_writer *writer = &w->archive.writer;
	char header[ARCHIVE_BLOCK];

	if (!archive_header(header, name, content.len))
		return;
	writer->write(writer, header, sizeof(header));
	writer->write(writer, content.at, content.len);
	writer->write(writer, zeros, (ARCHIVE_BLOCK - content.len % ARCHIVE_BLOCK) % ARCHIVE_BLOCK);
	w->bytes += content.len;
}

/* Takes out what has to be, of a copy. The loader's data is its length but for the map. */
static void put_redacted(struct work *w, const char *name, const char *path, struct nb_text content,
			 bool is_map)
{
	char *copy = (char *)pool_take(&w->pool, content.len + 1);

	if (content.len)
		memcpy(copy, content.at, content.len);
	if (!strcmp(path, "sys/kernel/boot_params/data"))
		redact_boot_page(copy, content.len);
	else if (is_below(path, "sys/kernel/boot_params/setup_data/") &&
		 !strcmp(path + strlen(path) - 5, "/data") && !is_map)
		memset(copy, 0, content.len);
	else if (!is_below(path, "sys/firmware/acpi/") &&
		 !is_below(path, "sys/kernel/boot_params/"))
		w->redacted += redact_text(copy, content.len, text_of(w->host));
	put_bytes(w, name, (struct nb_text){ copy, content.len });
}

/* A file is asked for more than once, and kept once. */
static void keep(struct seen *self, const char *path, struct nb_text content)
{
	static bool is_map; /* of the node of the loader's data whose type was read last */
	struct work *w = (struct work *)self; /* its first member */
	char name[PATH_MOST], *copy;

	for (uint32_t i = 0; i < w->files; i++)
		if (!strcmp(w->paths[i], path))
			return;
	if (w->files == NB_COUNT(w->paths) ||
	    (size_t)snprintf(name, sizeof(name), "capture/sysroot/%s", path) >= sizeof(name))
		return;
	copy = (char *)pool_take(&w->pool, strlen(path) + 1);
	strcpy(copy, path);
	w->paths[w->files++] = copy;
	w->tables += is_below(path, "sys/firmware/acpi/");
	if (is_below(path, "sys/kernel/boot_params/setup_data/") && content.len < 16)
		is_map = text_is(text_trim(content), "0x1") || text_is(text_trim(content), "1");
	put_redacted(w, name, path, content, is_map);
}

/* Whether a boot is over with a line: what follows is of no interest here. */
static bool ends_boot(struct nb_text line)
{
	return nb_text_starts(line, "Run /init") || nb_text_starts(line, "Run /sbin/init") ||
	       nb_text_starts(line, "systemd[1]:");
}

/* The log's lines, without their stamps. */
static void put_log(struct work *w)
{
	const struct boot_log *log = &w->reading.recorded.log;
	struct growing text = growing_empty();

	if (!log->count)
		return;
	for (uint32_t i = 0; i < log->count && !ends_boot(log->lines[i]); i++) {
		text.writer.write(&text.writer, log->lines[i].at, log->lines[i].len);
		text.writer.write(&text.writer, "\n", 1);
	}
	put_redacted(w, "capture/dmesg", "dmesg", growing_text(&text), false);
	growing_drop(&text);
}

/* What `where` wants besides. */
static void read_sizes(struct place *place, const struct recorded *recorded)
{
	struct tree *tree = &place->sysroot.tree;
	struct nb_text unused;
	char path[PATH_MOST];

	tree->read(tree, "proc/meminfo", 64 << 10, &unused);
	for (uint32_t i = 0; i < recorded->node_count; i++) {
		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/meminfo",
			 recorded->nodes[i].nid);
		tree->read(tree, path, 64 << 10, &unused);
	}
}

static void read_host(struct work *w, struct place *place)
{
	struct tree *tree = &place->sysroot.tree;
	struct complaint *told = tree->complaint, none;
	struct nb_text text = { "", 0 };

	tree->complaint = &none;
	if (tree->read(tree, "proc/sys/kernel/hostname", HOST_MOST, &text) == TREE_OK)
		snprintf(w->host, sizeof(w->host), "%.*s", (int)text_trim(text).len,
			 text_trim(text).at);
	tree->complaint = told;
}

/* How an archive of that name is packed; false if its name says that it is something else. */
static bool packing_of(const char *path, const char **how, struct complaint *complaint)
{
	static const struct {
		const char *end, *how;
	} ends[] = { { ".gz", "--gzip" }, { ".tgz", "--gzip" }, { ".xz", "--xz" },
		     { ".txz", "--xz" },  { ".zst", "--zstd" }, { ".tzst", "--zstd" },
		     { ".tar", NULL } };
	const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');

	*how = "--gzip";
	if (!dot)
		return true;
	for (size_t i = 0; i < NB_COUNT(ends); i++)
		if (!strcmp(dot, ends[i].end)) {
			*how = ends[i].how;
			return true;
		}
	complain(complaint, "%s: expected a name that ends in .tar.gz, .tar.xz, .tar.zst or .tar",
		 path);
	return false;
}

static bool write_archive(struct work *w, const char *path, struct complaint *complaint)
{
	bool standard = !strcmp(path, "-");
	int in = contents_as_file(growing_text(&w->archive)), out = STDOUT_FILENO;
	struct complaint why = { .text = "" };
	struct nb_text packed;
	size_t put = 0;
	const char *how;
	bool done = in >= 0 && packing_of(path, &how, &why) &&
		    pack(in, how, &w->pool, &packed, &why);

	if (in >= 0)
		close(in);
	if (!done) {
		complain(complaint, "%s: %s", path, *why.text ? why.text : strerror(errno));
		return false;
	}
	if (!standard)
		out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	while (out >= 0 && put < packed.len) {
		ssize_t got = write(out, packed.at + put, packed.len - put);

		if (got < 0 && errno != EINTR)
			break;
		put += got > 0 ? (size_t)got : 0;
	}
	done = out >= 0 && put == packed.len && (standard || close(out) == 0);
	if (!done)
		complain(complaint, "%s: %s", path, strerror(errno));
	return done;
}

/* How many bytes of a path name the folders that it is told by. */
static size_t group_len(const char *path)
{
	const char *end = path;

	for (int folders = 0; folders < 4; folders++) {
		const char *slash = strchr(end, '/');

		if (!slash)
			break;
		end = slash + 1;
	}
	return (size_t)(end - path);
}

static bool same_group(const char *a, const char *b)
{
	return group_len(a) == group_len(b) && !strncmp(a, b, group_len(a));
}

/* Tells what was taken, folder by folder. */
static void tell_paths(const struct work *w)
{
	for (uint32_t i = 0; i < w->files; i++) {
		uint32_t count = 1, before = 0;

		while (before < i && !same_group(w->paths[before], w->paths[i]))
			before++;
		for (uint32_t j = i + 1; before == i && j < w->files; j++)
			count += same_group(w->paths[j], w->paths[i]);
		if (before == i && count == 1)
			fprintf(stderr, "  %s\n", w->paths[i]);
		else if (before == i)
			fprintf(stderr, "  %.*s: %u files\n", (int)group_len(w->paths[i]) - 1,
				w->paths[i], count);
	}
	if (w->reading.recorded.log.count)
		fprintf(stderr, "  the boot log, up to the first program\n");
}

/* On standard error: the archive may go to standard output. */
static void tell(const struct work *w, const char *path)
{
	const struct reading *reading = &w->reading;

	fprintf(stderr,
		"Captured into %s: %u files, %llu bytes; %u names, addresses and numbers of this "
		"machine were taken out.\n",
		path, w->files + (reading->recorded.log.count > 0), (unsigned long long)w->bytes,
		w->redacted);
	tell_paths(w);
	fprintf(stderr, "It has %u ACPI tables, %s, %s.\n", w->tables,
		reading->recorded.node_count ? "what the running kernel shows of its nodes"
					     : "nothing of the running kernel's nodes",
		reading->recorded.log.count ? "the boot log"
					    : "no boot log, which only root may read");
}

enum exit_code verb_capture(const struct options *options, struct complaint *complaint)
{
	static struct work w;
	static const char zeros[2 * ARCHIVE_BLOCK];
	const char *path = options->output ? options->output : "numaboot-capture.tar.gz";
	struct place *place = &w.reading.place;
	enum exit_code code = EXIT_INPUT;
	const char *how;

	w = (struct work){ .seen.file = keep, .archive = growing_empty() };
	if (!packing_of(path, &how, complaint) || !place_open(place, &options->ask[0], complaint))
		return EXIT_INPUT;
	if (place->is_file || place->is_log) {
		complain(complaint,
			 "%s: expected a directory with proc/ and sys/: all else is small "
			 "already",
			 place->name);
		place_close(place);
		return EXIT_INPUT;
	}
	place_use(place, &w.reading.source.pool);
	read_host(&w, place);
	place->sysroot.seen = &w.seen;
	if (reading_both(&w.reading, &options->ask[0], NULL, complaint)) {
		read_sizes(place, &w.reading.recorded);
		put_log(&w);
		w.archive.writer.write(&w.archive.writer, zeros, sizeof(zeros));
		if (write_archive(&w, path, complaint)) {
			tell(&w, path);
			code = EXIT_EXACT;
		}
	}
	growing_drop(&w.archive);
	reading_drop(&w.reading);
	pool_drop(&w.pool);
	return code;
}
