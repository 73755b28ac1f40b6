/* SPDX-License-Identifier: MIT */
/*
 * bootlog: the text of a boot log to the lines that the kernel wrote.
 *
 *	<6>[    0.000000] last_pfn = ...		dmesg -r
 *	[    0.000000][    T0] last_pfn = ...		with callers
 *	[Sat Nov 14 10:00:00 2026] last_pfn = ...	dmesg -T
 *	kern  :info  : [    0.000000] last_pfn = ...	dmesg -x
 *	Nov 14 10:00:00 host kernel: last_pfn = ...	a system's journal
 *	6,123,0,-;last_pfn = ...			/dev/kmsg
 */
#include "source.h"

#include <string.h>

/* A prefix ends within so many bytes. */
enum { PREFIX_MOST = 100 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static struct nb_text from(struct nb_text text, size_t skipped)
{
	return (struct nb_text){ text.at + skipped, text.len - skipped };
}

/* "<6>". */
static void skip_level(struct nb_text *line)
{
	size_t i = 1;

	if (!line->len || line->at[0] != '<')
		return;
	while (i < line->len && is_digit(line->at[i]))
		i++;
	if (i > 1 && i < line->len && line->at[i] == '>')
		*line = from(*line, i + 1);
}

/* "kern  :info  : ". */
static void skip_facility(struct nb_text *line)
{
	struct nb_text rest = *line;
	size_t colon;

	if (!text_skip(&rest, "kern "))
		return;
	for (int i = 0; i < 2; i++) {
		colon = text_find(rest, ":");
		if (colon > 10 || colon == rest.len)
			return;
		rest = from(rest, colon + 1);
	}
	if (text_skip(&rest, " "))
		*line = rest;
}

/* "Nov 14 10:00:00 host kernel: ", or the same with an ISO date. */
static void skip_journal(struct nb_text *line)
{
	struct nb_text head = *line;
	size_t at;

	if (!head.len || !(is_digit(head.at[0]) || is_upper(head.at[0])))
		return;
	if (head.len > PREFIX_MOST)
		head.len = PREFIX_MOST;
	at = text_find(head, " kernel: ");
	if (at == head.len || text_find((struct nb_text){ head.at, at }, ":") == at)
		return;
	*line = from(*line, at + strlen(" kernel: "));
}

/* "6,123,0,-;". */
static void skip_record(struct nb_text *line)
{
	size_t i = 0, commas = 0;

	while (i < line->len && i < PREFIX_MOST && (is_digit(line->at[i]) || line->at[i] == ','))
		commas += line->at[i++] == ',';
	if (commas < 3)
		return;
	while (i < line->len && i < PREFIX_MOST && line->at[i] != ';')
		i++;
	if (i < line->len && line->at[i] == ';')
		*line = from(*line, i + 1);
}

/* What a time stamp in brackets may be made of: "    0.000000", or a date. */
static bool is_stamp(struct nb_text inside)
{
	struct nb_text trimmed = text_trim(inside);
	size_t dots = 0, digits = 0;

	if (trimmed.len && is_upper(trimmed.at[0]))
		return trimmed.len >= 20 && text_find(trimmed, ":") < trimmed.len;
	for (size_t i = 0; i < trimmed.len; i++) {
		dots += trimmed.at[i] == '.';
		digits += is_digit(trimmed.at[i]);
	}
	return dots == 1 && digits + dots == trimmed.len;
}

/* "T0" or "C12": who wrote the line. */
static bool is_caller(struct nb_text inside)
{
	struct nb_text trimmed = text_trim(inside);

	if (trimmed.len < 2 || (trimmed.at[0] != 'T' && trimmed.at[0] != 'C'))
		return false;
	for (size_t i = 1; i < trimmed.len; i++)
		if (!is_digit(trimmed.at[i]))
			return false;
	return true;
}

/* One bracket that a test accepts; the blank after the last one goes with it. */
static bool skip_bracket(struct nb_text *line, bool (*test)(struct nb_text inside))
{
	size_t end = text_find(*line, "]");

	if (!line->len || line->at[0] != '[' || end == line->len || end > PREFIX_MOST ||
	    !test((struct nb_text){ line->at + 1, end - 1 }))
		return false;
	*line = from(*line, end + 1);
	return true;
}

static void skip_stamp(struct nb_text *line)
{
	if (!skip_bracket(line, is_stamp))
		return;
	skip_bracket(line, is_caller);
	text_skip(line, " ");
}

static struct nb_text clean(struct nb_text line)
{
	skip_record(&line);
	skip_level(&line);
	skip_facility(&line);
	skip_journal(&line);
	skip_level(&line);
	skip_stamp(&line);
	return line;
}

/* Whether a line is nothing but " #2 #3": CPUs that belong to a line which a
 * warning of another CPU had cut off. */
static bool is_fragment(struct nb_text line)
{
	size_t items = 0;
	struct nb_text word;

	while (text_word(&line, &word)) {
		if (word.at[0] != '#' || word.len < 2)
			return false;
		for (size_t i = 1; i < word.len; i++)
			if (!is_digit(word.at[i]))
				return false;
		items++;
	}
	return items > 0;
}

/* Appends a fragment to the line of its node, if there is one. */
static bool join(struct boot_log *log, struct nb_text fragment, struct pool *pool)
{
	for (uint32_t i = log->count; i-- > 0;) {
		struct nb_text *line = &log->lines[i];
		struct nb_text start = *line;
		char *joined;

		if (!text_skip(&start, ".... node"))
			continue;
		joined = (char *)pool_take(pool, line->len + fragment.len + 1);
		memcpy(joined, line->at, line->len);
		memcpy(joined + line->len, fragment.at, fragment.len);
		*line = (struct nb_text){ joined, line->len + fragment.len };
		return true;
	}
	return false;
}

static uint32_t count_lines(struct nb_text text)
{
	uint32_t count = 0;
	struct nb_text line;

	while (text_line(&text, &line))
		count++;
	return count;
}

void boot_log_read(struct boot_log *log, struct nb_text text, struct pool *pool)
{
	struct nb_text raw;

	*log = (struct boot_log){ .lines = NULL };
	log->lines =
		(struct nb_text *)pool_take(pool, (count_lines(text) + 1) * sizeof(*log->lines));
	while (text_line(&text, &raw)) {
		struct nb_text line = clean(raw), start = line;

		if (text_skip(&start, "Linux version ")) {
			log->count = 0;
			log->from_start = true;
			log->panicked = false;
		}
		if (is_fragment(line) && join(log, line, pool))
			continue;
		if (text_skip(&start, "Kernel panic - not syncing"))
			log->panicked = true;
		if (line.len && line.at[line.len - 1] == ' ')
			log->keeps_blanks = true;
		log->lines[log->count++] = line;
	}
}

/* How many lines at the end of which a run of the other log's lines begins. */
enum { OVERLAP = 3 };

static bool overlaps(const struct boot_log *before, uint32_t at, const struct boot_log *log)
{
	for (uint32_t i = 0; i < OVERLAP; i++)
		if (i >= log->count || at + i >= before->count ||
		    !text_same(before->lines[at + i], log->lines[i]))
			return false;
	return true;
}

void boot_log_complete(struct boot_log *log, const struct boot_log *before, struct pool *pool)
{
	uint32_t at = 0;
	struct nb_text *lines;

	while (at < before->count && !overlaps(before, at, log))
		at++;
	if (log->from_start || at == before->count)
		return;
	lines = (struct nb_text *)pool_take(pool, (at + log->count) * sizeof(*lines));
	memcpy(lines, before->lines, at * sizeof(*lines));
	memcpy(lines + at, log->lines, log->count * sizeof(*lines));
	log->lines = lines;
	log->count += at;
	log->from_start = before->from_start;
}
