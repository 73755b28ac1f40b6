/* SPDX-License-Identifier: MIT */
/*
 * output: text to a file descriptor through a buffer, and the few forms that
 * views need: columns, sizes, lists, styles.
 */
#include "output.h"
#include "../sources/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void out_open(struct out *out, int fd)
{
	const char *no_colour = getenv("NO_COLOR");

	out->fd = fd;
	out->error = 0;
	out->used = 0;
	out->colour = !(no_colour && *no_colour) && isatty(fd);
}

static void write_out(struct out *out, const char *text, size_t len)
{
	size_t done = 0;

	while (!out->error && done < len) {
		ssize_t wrote = write(out->fd, text + done, len - done);

		if (wrote > 0)
			done += (size_t)wrote;
		else if (wrote == 0)
			out->error = EIO;
		else if (errno != EINTR)
			out->error = errno;
	}
}

static void flush(struct out *out)
{
	write_out(out, out->buffer, out->used);
	out->used = 0;
}

void out_write(struct out *out, const char *text, size_t len)
{
	while (len) {
		size_t room = sizeof(out->buffer) - out->used;
		size_t now = len < room ? len : room;

		memcpy(out->buffer + out->used, text, now);
		out->used += now;
		text += now;
		len -= now;
		if (out->used == sizeof(out->buffer))
			flush(out);
	}
}

void out_whole(struct out *out, const char *text, size_t len)
{
	if (len > sizeof(out->buffer) - out->used)
		flush(out);
	if (len < sizeof(out->buffer))
		out_write(out, text, len);
	else
		write_out(out, text, len);
}

void out_string(struct out *out, const char *text)
{
	out_write(out, text, strlen(text));
}

void out_text(struct out *out, struct nb_text text)
{
	out_write(out, text.at, text.len);
}

void out_blanks(struct out *out, size_t count)
{
	static const char row[] = "                                ";

	for (; count > sizeof(row) - 1; count -= sizeof(row) - 1)
		out_write(out, row, sizeof(row) - 1);
	out_write(out, row, count);
}

/* The digits of a number, at the end of the text. Returns where they begin. */
static size_t digits(uint64_t number, unsigned base, char text[24])
{
	size_t at = 24;

	do {
		text[--at] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	return at;
}

void out_number(struct out *out, uint64_t number)
{
	char text[24];
	size_t at = digits(number, 10, text);

	out_write(out, text + at, sizeof(text) - at);
}

void out_hex(struct out *out, uint64_t number)
{
	char text[24];
	size_t at = digits(number, 16, text);

	out_write(out, "0x", 2);
	out_write(out, text + at, sizeof(text) - at);
}

void out_count(struct out *out, uint64_t count, const char *what)
{
	out_number(out, count);
	out_string(out, " ");
	out_string(out, what);
	out_string(out, count == 1 ? "" : "s");
}

size_t out_range(struct out *out, struct nb_range range)
{
	char text[24];
	size_t digits_shown =
		2 * sizeof(text) - digits(range.start, 16, text) - digits(range.end - 1, 16, text);

	out_hex(out, range.start);
	out_string(out, "-");
	out_hex(out, range.end - 1);
	return digits_shown + strlen("0x-0x");
}

void out_number_in(struct out *out, uint64_t number, size_t columns)
{
	char text[24];
	size_t at = digits(number, 10, text), len = sizeof(text) - at;

	out_blanks(out, columns > len ? columns - len : 0);
	out_write(out, text + at, len);
}

void out_right(struct out *out, const char *text, size_t columns)
{
	size_t len = strlen(text);

	out_blanks(out, columns > len ? columns - len : 0);
	out_write(out, text, len);
}

void out_left(struct out *out, const char *text, size_t columns)
{
	size_t len = strlen(text);

	out_write(out, text, len);
	out_blanks(out, columns > len ? columns - len : 0);
}

void out_style(struct out *out, enum out_style style)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "\033[0m", [STYLE_HEAD] = "\033[1m",  [STYLE_GOOD] = "\033[32m",
		[STYLE_BAD] = "\033[31m",  [STYLE_FAINT] = "\033[2m",
	};

	if (out->colour)
		out_string(out, codes[style]);
}

void out_heading(struct out *out, const char *text)
{
	out_string(out, "\n");
	out_style(out, STYLE_HEAD);
	out_string(out, text);
	out_style(out, STYLE_PLAIN);
	out_string(out, "\n");
}

void out_size(struct out *out, uint64_t bytes)
{
	out_size_in(out, bytes, 0);
}

void out_size_in(struct out *out, uint64_t bytes, size_t columns)
{
	char text[SIZE_TEXT];
	size_t len = text_size(bytes, text);

	out_blanks(out, columns > len ? columns - len : 0);
	out_write(out, text, len);
}

/* How many digits a number has. */
static size_t width(uint64_t number)
{
	size_t count = 1;

	for (; number >= 10; number /= 10)
		count++;
	return count;
}

size_t out_list(struct out *out, const uint64_t *bits, uint32_t end)
{
	size_t columns = 0;
	struct run_of run;

	for (uint32_t from = 0; bits_next_run(bits, from, end, &run); from = run.last + 1) {
		if (columns) {
			out_write(out, ",", 1);
			columns++;
		}
		out_number(out, run.first);
		columns += width(run.first);
		if (run.last > run.first) {
			out_write(out, "-", 1);
			out_number(out, run.last);
			columns += 1 + width(run.last);
		}
	}
	if (columns)
		return columns;
	out_string(out, "none");
	return strlen("none");
}

size_t out_nodes(struct out *out, const struct nb_nodes *nodes)
{
	return out_list(out, nodes->bits, NB_MAX_NODES);
}

int out_close(struct out *out)
{
	flush(out);
	return out->error;
}
