/* SPDX-License-Identifier: MIT */
/*
 * output: text to a file descriptor through a buffer. The first error is kept
 * and what comes after it is dropped, so that one look at the end is enough.
 */
#ifndef HOSTS_CLI_OUTPUT_H
#define HOSTS_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <numaboot/base.h>
#include <numaboot/params.h>

enum { OUT_BUFFER = 16 << 10 };

enum out_style {
	STYLE_PLAIN,
	STYLE_HEAD, /* a heading */
	STYLE_GOOD,
	STYLE_BAD,
	STYLE_FAINT,
};

struct out {
	int fd;
	int error; /* an errno, or 0 */
	bool colour;
	size_t used;
	char buffer[OUT_BUFFER];
};

/* Colour is for terminals, unless NO_COLOR is set. */
void out_open(struct out *out, int fd);
void out_write(struct out *out, const char *text, size_t len);
/* The same in one piece: whoever ends the process between two writes does not cut it. */
void out_whole(struct out *out, const char *text, size_t len);
void out_string(struct out *out, const char *text);
void out_text(struct out *out, struct nb_text text);
void out_number(struct out *out, uint64_t number);
void out_hex(struct out *out, uint64_t number);
/* So many of something: "1 node", "2 nodes". */
void out_count(struct out *out, uint64_t count, const char *what);
/* A number, or a text, at the right, or the left, of so many columns. */
void out_number_in(struct out *out, uint64_t number, size_t columns);
void out_right(struct out *out, const char *text, size_t columns);
void out_left(struct out *out, const char *text, size_t columns);
void out_blanks(struct out *out, size_t count);
void out_style(struct out *out, enum out_style style);
/* A blank line, then a heading on its own. */
void out_heading(struct out *out, const char *text);
/* "0x1000-0x9efff", the end inclusive as in the kernel's log. Returns how many columns
 * that took. */
size_t out_range(struct out *out, struct nb_range range);
/* Bytes in the largest unit that reads well: 64 MiB, 1.5 GiB. */
void out_size(struct out *out, uint64_t bytes);
void out_size_in(struct out *out, uint64_t bytes, size_t columns);
/* The members of a bit set below `end`, as Linux lists them: 0-3,8; "none" if
 * there are none. Returns how many columns that took. */
size_t out_list(struct out *out, const uint64_t *bits, uint32_t end);
size_t out_nodes(struct out *out, const struct nb_nodes *nodes);
/* Writes out what is buffered. Returns the errno of the first error, or 0. */
int out_close(struct out *out);

#endif
