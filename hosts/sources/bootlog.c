/* SPDX-License-Identifier: MIT */
/*
 * bootlog: the text of a boot log to the lines that the kernel wrote.
 *
 *	<6>[    0.000000] last_pfn = ...		dmesg -r
 *	[    0.000000][    T0] last_pfn = ...		with callers
 *	[Sat Nov 14 10:00:00 2026] last_pfn = ...	dmesg -T
 *	[Nov14 10:00] last_pfn = ...			dmesg -e, -H
 *	2026-11-14T10:00:00,000000+01:00 last_pfn = ...	dmesg --time-format=iso
 *	kern  :info  : [    0.000000] last_pfn = ...	dmesg -x
 *	Nov 14 10:00:00 host kernel: last_pfn = ...	a system's journal, in any language
 *	1763110800.123456 host kernel: last_pfn = ...	the same with seconds since 1970
 *	10:00:00,534 INFO kernel:last_pfn = ...		an installer's
 *	6,123,0,-;last_pfn = ...			/dev/kmsg
 *	> [    0.000000] last_pfn = ...			a mail's
 *
 * A line that a mailer or a terminal has wrapped is put together again.
 */
#include "source.h"

#include <string.h>

/* A prefix ends within so many bytes. */
enum { PREFIX_MOST = 100 };

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* "<6>". */
static void skip_level(struct nb_text *line)
{
	size_t i = 1;

	if (!line->len || line->at[0] != '<')
		return;
	while (i < line->len && i < PREFIX_MOST && text_is_digit(line->at[i]))
		i++;
	if (i > 1 && i < line->len && line->at[i] == '>')
		*line = text_from(*line, i + 1);
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
		rest = text_from(rest, colon + 1);
	}
	if (text_skip(&rest, " "))
		*line = rest;
}

/* "Nov 14 10:00:00 host kernel: ", or the same with an ISO date; without the
 * blank where an installer wrote it. */
static void skip_journal(struct nb_text *line)
{
	struct nb_text head = *line;
	size_t at;

	if (!head.len || !(text_is_digit(head.at[0]) || is_upper(head.at[0])))
		return;
	if (head.len > PREFIX_MOST)
		head.len = PREFIX_MOST;
	at = text_find(head, " kernel:");
	if (at == head.len || text_find((struct nb_text){ head.at, at }, ":") == at)
		return;
	*line = text_from(*line, at + strlen(" kernel:"));
	if (is_upper(head.at[0]) || text_find(head, ",") > at)
		text_skip(line, " ");
}

/* "2026-11-14T10:00:00,000000+01:00 ". */
static void skip_iso(struct nb_text *line)
{
	static const char form[] = "0000-00-00T00:00:00";
	size_t i = 0;

	for (; form[i]; i++)
		if (i >= line->len ||
		    (form[i] == '0' ? !text_is_digit(line->at[i]) : line->at[i] != form[i]))
			return;
	while (i < line->len && i < PREFIX_MOST && line->at[i] != ' ')
		i++;
	if (i < line->len && line->at[i] == ' ')
		*line = text_from(*line, i + 1);
}

/* "6,123,0,-;". */
static void skip_record(struct nb_text *line)
{
	size_t i = 0, commas = 0;

	while (i < line->len && i < PREFIX_MOST &&
	       (text_is_digit(line->at[i]) || line->at[i] == ','))
		commas += line->at[i++] == ',';
	if (commas < 3)
		return;
	while (i < line->len && i < PREFIX_MOST && line->at[i] != ';')
		i++;
	if (i < line->len && line->at[i] == ';')
		*line = text_from(*line, i + 1);
}

/* "Sat Nov 14 10:00:00 2026", "Nov14 10:00": begins with a day or a month. */
static bool is_date(struct nb_text text)
{
	static const char names[] = "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug "
				    "Sep Oct Nov Dec ";
	char first[5] = "xxx ";

	if (text.len < 10 || text_find(text, ":") == text.len)
		return false;
	memcpy(first, text.at, 3);
	return strstr(names, first) != NULL;
}

/* "10:00:00", perhaps with a part of a second behind it. */
static bool is_time(struct nb_text word)
{
	static const char form[] = "00:00:00";

	if (word.len < strlen(form))
		return false;
	for (size_t i = 0; i < strlen(form); i++)
		if (form[i] == '0' ? !text_is_digit(word.at[i]) : word.at[i] != form[i])
			return false;
	return word.len == strlen(form) || !text_is_digit(word.at[strlen(form)]);
}

/* "1763110800.123456": seconds since 1970. */
static bool is_unix_time(struct nb_text word)
{
	size_t dot = text_find(word, ".");
	uint64_t seconds, part;

	return dot >= 9 && dot + 7 == word.len &&
	       text_u64((struct nb_text){ word.at, dot }, &seconds) &&
	       text_u64(text_from(word, dot + 1), &part);
}

/* "sam. nov. 14 10:00:00 2026": days and months of any language. */
static bool is_foreign_date(struct nb_text text)
{
	struct nb_text word;

	while (text_word(&text, &word))
		if (is_time(word))
			return text_word(&text, &word) && word.len == 4 &&
			       text_is_digit(word.at[0]);
	return false;
}

/*
 * The name of the program that a journal gives behind a date of any language and a host,
 * "sab. lis 14 10:00:00 CET host kernel:"; what follows it is *rest. False if there is none.
 */
static bool journal_name(struct nb_text line, struct nb_text *name, struct nb_text *rest)
{
	enum { WORDS_OF_A_DATE = 4, ZONE_HOST_NAME = 3 };
	bool timed = false;

	if (line.len && line.at[0] == '[')
		return false;
	*rest = line;
	for (int i = 0; i < WORDS_OF_A_DATE && !timed && text_word(rest, name); i++)
		timed = is_time(*name) || (i == 0 && is_unix_time(*name));
	for (int i = 1; i <= ZONE_HOST_NAME && timed && text_word(rest, name); i++)
		if (i > 1 && (text_is(*name, "kernel:") ||
			      (name->len > 2 && !memcmp(name->at + name->len - 2, "]:", 2))))
			return true;
	return false;
}

/* What a time stamp in brackets may be made of: "    0.000000", also with what
 * passed since the line before it, "  +0.000003", or a date. */
static bool is_stamp(struct nb_text inside)
{
	struct nb_text trimmed = text_trim(inside);
	size_t dots = 0, digits = 0, others = 0;

	for (size_t i = 0; i < trimmed.len; i++) {
		dots += trimmed.at[i] == '.';
		digits += text_is_digit(trimmed.at[i]);
		others += memchr(" <>+", trimmed.at[i], 4) != NULL;
	}
	if (dots >= 1 && dots <= 2 && digits && dots + digits + others == trimmed.len)
		return true;
	return (trimmed.len && is_upper(trimmed.at[0]) && is_date(trimmed)) ||
	       is_foreign_date(trimmed);
}

/* "T0" or "C12": who wrote the line. */
static bool is_caller(struct nb_text inside)
{
	struct nb_text trimmed = text_trim(inside);

	if (trimmed.len < 2 || (trimmed.at[0] != 'T' && trimmed.at[0] != 'C'))
		return false;
	for (size_t i = 1; i < trimmed.len; i++)
		if (!text_is_digit(trimmed.at[i]))
			return false;
	return true;
}

/* One bracket that a test accepts. */
static bool skip_bracket(struct nb_text *line, bool (*test)(struct nb_text inside))
{
	size_t end;

	if (!line->len || line->at[0] != '[')
		return false;
	end = text_find(*line, "]");
	if (end == line->len || end > PREFIX_MOST ||
	    !test((struct nb_text){ line->at + 1, end - 1 }))
		return false;
	*line = text_from(*line, end + 1);
	return true;
}

/* The stamp, the caller right behind it or after a blank, and one blank. */
static void skip_stamp(struct nb_text *line)
{
	struct nb_text behind;

	if (!skip_bracket(line, is_stamp))
		return;
	behind = *line;
	text_skip(&behind, " ");
	if (skip_bracket(&behind, is_caller))
		*line = behind;
	text_skip(line, " ");
}

/* "host kernel: ", as a journal has it behind a stamp. */
static void skip_host(struct nb_text *line)
{
	struct nb_text rest = *line, word;

	if (text_word(&rest, &word) && word.at == line->at && text_word(&rest, &word) &&
	    text_is(word, "kernel:") && rest.len)
		*line = text_from(rest, rest.at[0] == ' ');
}

/* "Nov 14 10:00:00 host systemd[1]: ", or the same with an ISO date: a journal's line
 * of another program. Behind an ISO date dmesg's own lines have no host, so that a
 * program is known by its number alone. */
static bool is_of_another(struct nb_text line)
{
	struct nb_text rest = line, word, behind = line;
	int skipped = 1;

	if (journal_name(line, &word, &rest))
		return !text_is(word, "kernel:");
	rest = line;
	skip_iso(&behind);
	if (behind.at == line.at) {
		if (!is_date((struct nb_text){ line.at, line.len < 15 ? line.len : 15 }))
			return false;
		skipped = 3;
	}
	for (skipped++; skipped; skipped--)
		if (!text_word(&rest, &word))
			return false;
	return text_word(&rest, &word) && word.len > 2 && word.at[word.len - 1] == ':' &&
	       !text_is(word, "kernel:") && (behind.at == line.at || word.at[word.len - 2] == ']');
}

static struct nb_text clean(struct nb_text line)
{
	const char *start;
	struct nb_text name, rest;

	skip_record(&line);
	skip_level(&line);
	skip_facility(&line);
	if (journal_name(line, &name, &rest) && text_is(name, "kernel:"))
		line = text_from(rest, rest.len && rest.at[0] == ' ');
	else
		skip_journal(&line);
	skip_iso(&line);
	skip_level(&line);
	start = line.at;
	skip_stamp(&line);
	if (line.at != start)
		skip_host(&line);
	return line;
}

/* "> > text": a mail that quotes. */
static struct nb_text unquote(struct nb_text line)
{
	while (line.len && line.at[0] == '>') {
		line = text_from(line, 1);
		text_skip(&line, " ");
	}
	return line;
}

/* Without the terminal's colours, which begin with an escape and end with a
 * letter, and without zero bytes. */
static struct nb_text without_escapes(struct nb_text line, struct pool *pool)
{
	char *copy;
	size_t len = 0;

	if (!line.len || (!memchr(line.at, 033, line.len) && !memchr(line.at, 0, line.len)))
		return line;
	copy = (char *)pool_take(pool, line.len);
	for (size_t i = 0; i < line.len; i++) {
		if (line.at[i] == 033 && i + 1 < line.len && line.at[i + 1] == '[') {
			i += 2;
			while (i < line.len && (text_is_digit(line.at[i]) || line.at[i] == ';'))
				i++;
		} else if (line.at[i]) {
			copy[len++] = line.at[i];
		}
	}
	return (struct nb_text){ copy, len };
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
			if (!text_is_digit(word.at[i]))
				return false;
		items++;
	}
	return items > 0;
}

/* A line that others are put behind, with room for more of them: what is joined is copied
 * a few times in all, however many pieces there are. */
struct seam {
	char *at;
	size_t cap;
	struct pool *pool;
};

static struct nb_text glue(struct seam *seam, struct nb_text a, const char *between,
			   struct nb_text b)
{
	size_t blank = strlen(between), len = a.len + blank + b.len;

	if (!seam->at || a.at != seam->at || len > seam->cap) {
		seam->cap = 2 * len + 1;
		seam->at = (char *)pool_take(seam->pool, seam->cap);
		if (a.len)
			memcpy(seam->at, a.at, a.len);
	}
	memcpy(seam->at + a.len, between, blank);
	if (b.len)
		memcpy(seam->at + a.len + blank, b.at, b.len);
	return (struct nb_text){ seam->at, len };
}

/* Where lines were wrapped: what the log's lines before those without a prefix
 * have in common. */
struct wrapping {
	bool prefixed; /* most lines have a prefix, so that others continue one */
	size_t column; /* a terminal cut lines there, words or not; 0: none did */
};

/* What stands in the text: a record, and how long its prefix is. */
struct record {
	struct nb_text text;
	uint32_t prefix; /* OF_ANOTHER: another program's */
};

enum { OF_ANOTHER = UINT16_MAX };

static struct wrapping see_wrapping(const struct record *records, uint32_t count)
{
	struct wrapping w = { .column = 0 };
	size_t before = 0, longest = 0, cut = 0, cut_elsewhere = 0, with = 0, without = 0;

	for (uint32_t i = 0; i < count; i++)
		if (records[i].prefix && records[i].text.len > longest)
			longest = records[i].text.len;
	for (uint32_t i = 0; i < count; i++) {
		size_t len = records[i].text.len;
		bool prefixed = records[i].prefix != 0;

		with += prefixed;
		without += !prefixed && len;
		if (!prefixed && len && before) {
			cut += before == longest;
			cut_elsewhere += before != longest;
		}
		before = prefixed ? len : 0;
	}
	w.prefixed = with > without;
	if (cut >= 3 && cut > 4 * cut_elsewhere)
		w.column = longest;
	return w;
}

/* How a line continues the one before it, `len` long: null if it does not.
 * What a mailer wraps would not have fitted; an address is never alone. */
static const char *continues(const struct wrapping *w, struct nb_text before, size_t len,
			     const struct record *record)
{
	enum { MAIL_COLUMNS = 70 };
	struct nb_text line = record->text, rest = line, word;
	bool open = before.len >= 4 && !memcmp(before.at + before.len - 4, "[mem", 4);

	if (!line.len || record->prefix || !text_word(&rest, &word) || is_fragment(line))
		return NULL;
	if (text_is(word, "**"))
		return NULL; /* "** 3 printk messages dropped **", which has no prefix */
	if (w->prefixed && w->column)
		return len == w->column ? "" : NULL;
	if (word.at != line.at)
		return NULL; /* a mailer leaves no blank before what it wrapped */
	if (open || (w->prefixed && len + 1 + word.len > MAIL_COLUMNS))
		return " ";
	return NULL;
}

/* Where in a line another record begins, "<5>[    0.028000] ", because the line
 * before it was not ended; the line's end if none does. */
static size_t inner_record(struct nb_text line)
{
	for (size_t at = 1; at + 4 < line.len; at++) {
		const char *next = (const char *)memchr(line.at + at, '<', line.len - at - 4);
		struct nb_text rest;

		if (!next)
			break;
		at = (size_t)(next - line.at);
		rest = text_from(line, at);
		if (!text_is_digit(rest.at[1]) || rest.at[2] != '>')
			continue;
		rest = text_from(rest, 3);
		if (skip_bracket(&rest, is_stamp))
			return at;
	}
	return line.len;
}

/* Gives the next line, or the next record of one. */
static bool next_line(struct nb_text *rest, struct nb_text *line)
{
	const char *start = rest->at;
	size_t at;

	if (!text_line(rest, line))
		return false;
	at = inner_record(*line);
	if (at < line->len) {
		*rest = (struct nb_text){ start + at, (size_t)(rest->at - start) - at + rest->len };
		line->len = at;
	}
	return true;
}

static uint32_t count_lines(struct nb_text text)
{
	uint32_t count = 0;
	struct nb_text line;

	while (next_line(&text, &line))
		count++;
	return count;
}

/* What is kept while a log is put together. */
struct reading {
	struct boot_log *log;
	struct seam continued, fragments;
	uint32_t node_line; /* the last ".... node" line, and one: 0 is none */
};

/* Takes one line of the kernel. CPUs alone belong to the line of their node. */
static void take(struct reading *r, struct nb_text line)
{
	struct boot_log *log = r->log;
	struct nb_text start = line;

	if (text_skip(&start, "Linux version ")) {
		log->boots++;
		log->count = 0;
		log->from_start = true;
		log->panicked = false;
		r->node_line = 0;
	}
	if (r->node_line && is_fragment(line)) {
		struct nb_text *whole = &log->lines[r->node_line - 1];

		*whole = glue(&r->fragments, *whole, "", line);
		return;
	}
	if (text_skip(&start, "Kernel panic - not syncing"))
		log->panicked = true;
	if (line.len && line.at[line.len - 1] == ' ')
		log->keeps_blanks = true;
	log->lines[log->count++] = line;
	if (nb_text_starts(line, ".... node"))
		r->node_line = log->count;
}

/*
 * Some loggers take one blank off the start of each message. Lines that have two
 * there, which every log of a boot holds, tell.
 */
static void restore_blanks(struct boot_log *log, struct pool *pool)
{
	bool whole = false, lost = false;

	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text one = log->lines[i], two = log->lines[i];

		lost = lost || text_skip(&one, " node ") || text_skip(&one, " DMA ");
		whole = whole || text_skip(&two, "  node ") || text_skip(&two, "  DMA ");
	}
	if (whole || !lost)
		return;
	for (uint32_t i = 0; i < log->count; i++)
		if (log->lines[i].len && log->lines[i].at[0] == ' ')
			log->lines[i] = glue(&(struct seam){ .pool = pool },
					     (struct nb_text){ "", 0 }, " ", log->lines[i]);
}

/* The records of a text, one struct each. */
static uint32_t cut(struct nb_text text, struct record **records, struct pool *pool)
{
	uint32_t most = count_lines(text), count = 0;
	struct nb_text raw;

	*records = (struct record *)pool_take(pool, ((size_t)most + 1) * sizeof(**records));
	while (next_line(&text, &raw)) {
		struct record *record = &(*records)[count++];

		record->text = raw = unquote(without_escapes(raw, pool));
		record->prefix = is_of_another(raw) ? OF_ANOTHER
						    : (uint32_t)(clean(raw).at - raw.at);
	}
	return count;
}

void boot_log_read(struct boot_log *log, struct nb_text text, struct pool *pool)
{
	struct reading reading = { .log = log, .continued.pool = pool, .fragments.pool = pool };
	struct record *records;
	uint32_t count = cut(text, &records, pool);
	struct wrapping wrapping = see_wrapping(records, count);
	struct nb_text line = { NULL, 0 };
	size_t raw_len = 0;
	bool any = false;

	*log = (struct boot_log){ .lines = NULL };
	log->lines = (struct nb_text *)pool_take(pool, ((size_t)count + 1) * sizeof(*log->lines));
	for (uint32_t i = 0; i < count; i++) {
		struct nb_text raw = records[i].text;
		const char *between;

		if (records[i].prefix == OF_ANOTHER)
			continue;
		between = any ? continues(&wrapping, line, raw_len, &records[i]) : NULL;
		raw_len = raw.len;
		if (between) {
			line = glue(&reading.continued, line, between, raw);
			continue;
		}
		if (any)
			take(&reading, line);
		line = text_from(raw, records[i].prefix);
		any = true;
	}
	if (any)
		take(&reading, line);
	restore_blanks(log, pool);
	boot_log_put_plainly(log, pool);
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
	boot_log_put_plainly(log, pool);
}

struct nb_text boot_log_line(const struct boot_log *log, const char *start)
{
	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->plain[i];

		if (text_skip(&line, start))
			return log->plain[i];
	}
	return (struct nb_text){ NULL, 0 };
}

bool boot_log_release(const struct boot_log *log, struct release *release)
{
	struct nb_text line = boot_log_line(log, "Linux version ");

	if (!text_skip(&line, "Linux version ") || !release_read(line, release))
		return false;
	for (uint32_t i = 0; i < log->count; i++)
		if (text_find(log->lines[i], "MB LOWMEM available.") < log->lines[i].len)
			release->i386 = true; /* what only a 32-bit kernel says */
	return true;
}
