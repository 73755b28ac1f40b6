/* SPDX-License-Identifier: MIT */
/*
 * boot: starts a machine of QEMU in the shape of a source, and compares.
 *
 *	SOURCE --predict--> shape --QEMU--> the image's log, its input
 *	                                          |            |
 *	                          the same, line by line?   --predict--> log
 *
 * The image always runs, for only it tells the machine's input. With --linux a real
 * kernel runs next on the same machine, and `verify` judges what it logged. Log and
 * input are a case, as the oracle makes them, which --keep keeps.
 */
#include "verbs.h"

#include "../../sources/archive.h"
#include "../place.h"
#include "../folder.h"
#include "../growing.h"
#include "../machine.h"
#include "../qemu.h"
#include "../views/views.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What QEMU ends with: twice the image's code and one more, see hosts/bare/serial.h. */
enum image_end {
	IMAGE_FINE = 33,
	IMAGE_WRONG = 35,
	IMAGE_DIES = 37,
};

enum { IMAGE_SECONDS = 120, LINUX_SECONDS = 600 };

/* Linux's console, all of its log, and an end once it finds no file system. */
#define LINUX_WORDS                                                                                \
	"console=ttyS0 earlyprintk=ttyS0,115200 ignore_loglevel panic=-1 no_timer_check nokaslr"

/* How it ends then: all that a boot has to show has been shown. */
#define LINUX_END "Kernel panic - not syncing: VFS: Unable to mount root fs"

struct work {
	const struct options *options;
	struct out *out;
	struct complaint *complaint;
	struct folder folder;
	struct machine machine;
	char cmdline[4096]; /* of the machine, without the image's own words */
	const char *line;   /* that the image follows */
	struct pool pool;   /* of the texts of the runs */
	struct ended image, linux;
};

/* Predicts SOURCE for its shape. Its command line is no part of that. */
static bool read_shape(struct work *w)
{
	static struct source source;
	static struct run run;
	struct ask ask = w->options->ask[0];
	struct place place = { .is_open = false };
	bool shaped;

	ask.cmdline = "";
	ask.append = NULL;
	shaped = place_read(&place, &source, &ask, w->complaint) &&
		 run_source(&run, &source, NULL, w->complaint) &&
		 machine_shape(&w->machine, &run, w->options->memory, w->complaint);
	if (shaped) {
		w->line = source.kernel.rules->line;
		machine_add(&w->machine, "-cpu");
		machine_add(&w->machine, source.fw.facts.vendor == NB_VENDOR_INTEL
						 ? "max,vendor=GenuineIntel"
						 : "max");
		view_machine(w->out, &w->machine, place.name);
	}
	place_close(&place);
	run_drop(&run);
	pool_drop(&source.pool);
	return shaped;
}

/* Where the image is: as it was built, or as it was installed. */
static bool find_image(char *path, size_t size, struct complaint *complaint)
{
	if (file_of_ours("../bare/numaboot.elf", "../" NUMABOOT_LIBDIR "/numaboot/numaboot.elf",
			 path, size))
		return true;
	complain(complaint, "the image that boots is not where it was built or installed: name it "
			    "with --image");
	return false;
}

/* Runs the machine with a kernel, which is what its last arguments say. */
static bool run_kernel(struct work *w, struct ended *ended, const char *kernel, const char *words,
		       unsigned seconds)
{
	uint32_t shape = w->machine.count;
	bool ran;

	machine_add(&w->machine, "-kernel");
	machine_add(&w->machine, "%s", kernel);
	machine_add(&w->machine, "-append");
	/* Its own words first: a kernel cuts what is too long. */
	machine_add(&w->machine, "%s%s%s", words, *w->cmdline ? " " : "", w->cmdline);
	ran = qemu_run(ended, w->machine.args, w->folder.path, seconds, &w->pool, w->complaint);
	w->machine.count = shape;
	return ran;
}

static bool write_file(struct work *w, const char *name, struct nb_text content)
{
	return folder_write(&w->folder, text_of(name), content, w->complaint);
}

/* Unpacks the input that the image captured. */
static bool write_sysroot(struct work *w)
{
	static const char mark[] = "numaboot: files\n";
	struct nb_text archive = w->image.data, name, content;
	char room[ARCHIVE_NAME_MOST];
	size_t skip = text_find(archive, mark) + strlen(mark);
	char path[256];

	if (skip > archive.len) {
		complain(w->complaint, "the image told nothing of its machine: %.*s",
			 (int)text_trim(w->image.said).len, text_trim(w->image.said).at);
		return false;
	}
	archive = (struct nb_text){ archive.at + skip, archive.len - skip };
	while (archive_next(&archive, room, &name, &content, w->complaint)) {
		snprintf(path, sizeof(path), "sysroot/%.*s", (int)name.len, name.at);
		if (!write_file(w, path, content))
			return false;
	}
	return !w->complaint->text[0];
}

/* Boots the image; its log and its input are a case then. */
static bool boot_image(struct work *w)
{
	const char *image = w->options->image;
	char found[2 * PATH_MAX], words[64];

	if (!image && !find_image(found, sizeof(found), w->complaint))
		return false;
	snprintf(words, sizeof(words), "numaboot.capture numaboot.line=%s", w->line);
	if (!run_kernel(w, &w->image, image ? image : found, words, IMAGE_SECONDS) ||
	    !write_sysroot(w) || !write_file(w, "dmesg", w->image.log))
		return false;
	if (w->image.status == IMAGE_FINE || w->image.status == IMAGE_WRONG ||
	    w->image.status == IMAGE_DIES)
		return true;
	out_text(w->out, w->image.log);
	complain(w->complaint, "the image ended with status %d", w->image.status);
	return false;
}

/* What the library says on this side of the machine that the image was on. */
static bool predict_image(struct work *w, struct growing *log)
{
	static struct source source;
	static struct run run;
	char sysroot[PATH_MAX + 16];
	struct ask ask = { .source = sysroot, .must_be_sysroot = true, .line = w->line };
	struct log_sink sink;
	struct place place = { .is_open = false };
	bool ran;

	snprintf(sysroot, sizeof(sysroot), "%s/sysroot", w->folder.path);
	ran = place_read(&place, &source, &ask, w->complaint);
	if (ran) {
		sink = log_sink(&log->writer, source.kernel.rules);
		ran = run_source(&run, &source, &sink.sink, w->complaint);
	}
	place_close(&place);
	run_drop(&run);
	pool_drop(&source.pool);
	return ran;
}

/* Gives the next line of a log that is not the image's own word. */
static bool next_line(struct nb_text *log, struct nb_text *line)
{
	while (text_line(log, line))
		if (!nb_text_starts(*line, "numaboot: "))
			return true;
	*line = (struct nb_text){ NULL, 0 };
	return false;
}

static enum exit_code judge_image(struct work *w)
{
	struct growing log = growing_empty();
	struct nb_text ours = w->image.log, theirs, a, b;
	uint32_t lines = 0;
	bool same;

	if (!predict_image(w, &log))
		return EXIT_INPUT;
	theirs = growing_text(&log);
	for (;;) {
		bool more = next_line(&ours, &a), wanted = next_line(&theirs, &b);

		same = more == wanted && text_same(a, b);
		if (!same || !more)
			break;
		lines++;
	}
	view_image_log(w->out, w->image.log);
	view_image_judged(w->out, lines, same, a, b);
	growing_drop(&log);
	return same && w->image.status != IMAGE_WRONG ? EXIT_EXACT : EXIT_DIFFERS;
}

/* Boots Linux where the image was: the case is then of that kernel. */
static enum exit_code boot_linux(struct work *w)
{
	static const char version[] = "Linux version ";
	struct options verify = { .verb = VERB_VERIFY, .ask[0] = { .source = w->folder.path } };
	char words[sizeof(w->cmdline) + sizeof(LINUX_WORDS)];
	struct nb_text log, line;
	size_t whole;

	if (!run_kernel(w, &w->linux, w->options->linux_image, LINUX_WORDS, LINUX_SECONDS))
		return EXIT_INPUT;
	log = w->linux.log;
	whole = log.len;
	log.at += text_find(w->linux.log, version);
	log.len -= (size_t)(log.at - w->linux.log.at);
	if (!text_line(&log, &line)) {
		complain(w->complaint, "%s said nothing: %.*s", w->options->linux_image,
			 (int)text_trim(w->linux.said).len, text_trim(w->linux.said).at);
		return EXIT_INPUT;
	}
	snprintf(words, sizeof(words), LINUX_WORDS "%s%s", *w->cmdline ? " " : "", w->cmdline);
	w->linux.log.len = text_find(w->linux.log, LINUX_END);
	if (!write_file(w, "dmesg", w->linux.log) ||
	    (w->linux.log.len < whole && !write_file(w, "outcome", text_of("ok\n"))) ||
	    !write_file(w, "sysroot/proc/version", line) ||
	    !write_file(w, "sysroot/proc/cmdline", text_of(words)))
		return EXIT_INPUT;
	verify.ask[0].line = w->options->ask[0].line;
	return verb_verify(&verify, w->out, w->complaint);
}

enum exit_code verb_boot(const struct options *options, struct out *out,
			 struct complaint *complaint)
{
	static struct work w;
	const struct ask *ask = &options->ask[0];
	enum exit_code code = EXIT_INPUT;

	int len;

	w = (struct work){ .options = options, .out = out, .complaint = complaint };
	len = snprintf(w.cmdline, sizeof(w.cmdline), "%s%s%s", ask->cmdline ? ask->cmdline : "",
		       ask->cmdline && ask->append ? " " : "", ask->append ? ask->append : "");
	if (len < 0 || (size_t)len >= sizeof(w.cmdline)) {
		complain(complaint, "a command line of %d characters: expected less than %zu", len,
			 sizeof(w.cmdline));
		return EXIT_INPUT;
	}
	if (read_shape(&w) && folder_make(&w.folder, options->keep, complaint)) {
		if (boot_image(&w))
			code = options->linux_image ? boot_linux(&w) : judge_image(&w);
		folder_drop(&w.folder);
	}
	machine_drop(&w.machine);
	pool_drop(&w.pool);
	return code;
}
