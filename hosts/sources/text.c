/* SPDX-License-Identifier: MIT */
/*
 * text: small steps over text that a kernel wrote. A step that does not fit
 * leaves the text where it was.
 */
#include "text.h"
#include "tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void complain(struct complaint *complaint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(complaint->text, sizeof(complaint->text), format, args);
	va_end(args);
}

struct nb_text text_of(const char *string)
{
	return (struct nb_text){ string, strlen(string) };
}

struct nb_text text_from(struct nb_text text, size_t skipped)
{
	return (struct nb_text){ text.at + skipped, text.len - skipped };
}

bool text_line(struct nb_text *rest, struct nb_text *line)
{
	if (!rest->len)
		return false;

	const char *end = (const char *)memchr(rest->at, '\n', rest->len);
	size_t len = end ? (size_t)(end - rest->at) : rest->len;

	*line = (struct nb_text){ rest->at, len };
	*rest = text_from(*rest, end ? len + 1 : len);
	while (line->len && line->at[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool text_word(struct nb_text *rest, struct nb_text *word)
{
	size_t start = 0, end;

	*word = (struct nb_text){ NULL, 0 };
	if (!rest->len)
		return false;
	while (start < rest->len && is_blank(rest->at[start]))
		start++;
	for (end = start; end < rest->len && !is_blank(rest->at[end]); end++)
		;
	*word = (struct nb_text){ rest->at + start, end - start };
	*rest = text_from(*rest, end);
	return word->len > 0;
}

static bool is_space(char c)
{
	return is_blank(c) || c == '\n' || c == '\r';
}

struct nb_text text_trim(struct nb_text text)
{
	while (text.len && is_space(text.at[text.len - 1]))
		text.len--;
	while (text.len && is_space(text.at[0]))
		text = text_from(text, 1);
	return text;
}

bool text_skip_rest(struct nb_text *text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (text->len < len || memcmp(text->at, prefix, len))
		return false;
	*text = text_from(*text, len);
	return true;
}

bool text_same(struct nb_text a, struct nb_text b)
{
	return a.len == b.len && (!a.len || !memcmp(a.at, b.at, a.len));
}

bool text_is(struct nb_text text, const char *string)
{
	return text_same(text, text_of(string));
}

bool text_has_word(struct nb_text text, const char *word)
{
	struct nb_text one;

	while (text_word(&text, &one))
		if (text_is(one, word))
			return true;
	return false;
}

size_t text_find(struct nb_text text, const char *string)
{
	size_t len = strlen(string), at = 0;

	while (len && len <= text.len && at <= text.len - len) {
		const char *first =
			(const char *)memchr(text.at + at, string[0], text.len - len - at + 1);

		if (!first)
			return text.len;
		at = (size_t)(first - text.at);
		if (!memcmp(first, string, len))
			return at;
		at++;
	}
	return len ? text.len : 0;
}

size_t text_count(struct nb_text text, char c)
{
	size_t count = 0;

	while (text.len) {
		const char *at = (const char *)memchr(text.at, c, text.len);

		if (!at)
			break;
		count++;
		text = text_from(text, (size_t)(at - text.at) + 1);
	}
	return count;
}

/* The value of a hexadecimal digit, or 16. */
static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

bool text_u64(struct nb_text text, uint64_t *value)
{
	unsigned base = text_skip(&text, "0x") || text_skip(&text, "0X") ? 16 : 10;
	const uint64_t most = base == 16 ? UINT64_MAX / 16 : UINT64_MAX / 10; /* before a digit */
	uint64_t sum = 0;

	if (!text.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned d = digit(text.at[i]);

		if (d >= base || sum > most || sum * base > UINT64_MAX - d)
			return false;
		sum = sum * base + d;
	}
	*value = sum;
	return true;
}

bool text_mem_range(struct nb_text text, const char *mark, struct nb_range *range)
{
	size_t at = text_find(text, mark), dash, end;
	uint64_t start, last;

	if (at == text.len)
		return false;
	text = text_from(text, at + strlen(mark));
	dash = text_find(text, "-");
	if (dash == text.len || !text_u64((struct nb_text){ text.at, dash }, &start))
		return false;
	text = text_from(text, dash + 1);
	for (end = 0;
	     end < text.len && text.at[end] != ']' && text.at[end] != ')' && text.at[end] != ' ';
	     end++)
		;
	if (!text_u64((struct nb_text){ text.at, end }, &last) || last < start)
		return false;
	*range = (struct nb_range){ start, last + 1 };
	return true;
}

/* Reads "3" or "0-3" and sets its bits. */
static bool list_item(struct nb_text item, uint64_t *set, uint32_t bits)
{
	size_t dash = text_find(item, "-");
	uint64_t first, last;

	if (!text_u64((struct nb_text){ item.at, dash }, &first))
		return false;
	last = first;
	if (dash < item.len && !text_u64(text_from(item, dash + 1), &last))
		return false;
	if (last < first || last >= bits)
		return false;
	for (uint64_t n = first; n <= last; n++)
		set[n / 64] |= (uint64_t)1 << n % 64;
	return true;
}

bool text_list(struct nb_text text, uint64_t *set, uint32_t bits)
{
	while (text.len) {
		size_t comma = text_find(text, ",");

		if (!list_item((struct nb_text){ text.at, comma }, set, bits))
			return false;
		text = text_from(text, comma < text.len ? comma + 1 : comma);
	}
	return true;
}

/* The first number at or above `from` whose bit is as asked for, at most end. */
static uint32_t next_bit(const uint64_t *bits, uint32_t from, uint32_t end, bool set)
{
	while (from < end) {
		uint64_t word = (set ? bits[from / 64] : ~bits[from / 64]) >> from % 64;

		if (word) {
			from += (uint32_t)__builtin_ctzll(word);
			return from < end ? from : end;
		}
		from = (from / 64 + 1) * 64;
	}
	return end;
}

bool bits_next_run(const uint64_t *bits, uint32_t from, uint32_t end, struct run_of *run)
{
	uint32_t first = next_bit(bits, from, end, true);

	if (first >= end)
		return false;
	*run = (struct run_of){ first, next_bit(bits, first, end, false) - 1 };
	return true;
}

uint8_t bits_for(uint64_t n)
{
	uint8_t bits = 0;

	while (bits < 31 && ((uint64_t)1 << bits) < n)
		bits++;
	return bits;
}

size_t text_size(uint64_t bytes, char text[SIZE_TEXT])
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	size_t unit = 0;
	uint64_t whole = bytes, tenth = 0;

	while (whole >= 1024) {
		tenth = whole % 1024 * 10 / 1024;
		whole /= 1024;
		unit++;
	}
	if (tenth && whole < 1000)
		return (size_t)snprintf(text, SIZE_TEXT, "%u.%u %s", (unsigned)whole,
					(unsigned)tenth, units[unit]);
	return (size_t)snprintf(text, SIZE_TEXT, "%u %s", (unsigned)whole, units[unit]);
}

bool text_number_after(struct nb_text *line, const char *word, uint64_t *number)
{
	size_t at = text_find(*line, word), len = 0;
	struct nb_text rest;

	if (at == line->len)
		return false;
	rest = text_from(*line, at + strlen(word));
	while (rest.len && is_blank(*rest.at))
		rest = text_from(rest, 1);
	while (len < rest.len && !strchr(" ,)]-", rest.at[len]))
		len++;
	if (!text_u64((struct nb_text){ rest.at, len }, number))
		return false;
	*line = text_from(rest, len);
	return true;
}
