/* SPDX-License-Identifier: MIT */
/*
 * detect: what bytes are. What is binary is known by its first bytes; text by its
 * first line that says something.
 */
#include "detect.h"
#include "e820_text.h"
#include "qemu_words.h"
#include "tables.h"
#include "text.h"

#include <string.h>

/* How far into a text its kind has to show. */
enum { LOOK_MOST = 64 << 10 };

/* Source: RFC 1952, RFC 8878, the xz and bzip2 formats, POSIX.1-2017 pax. */
static const struct magic {
	size_t at, len;
	const char *bytes;
} packed[] = {
	{ 0, 3, "\x1f\x8b\x08" },
	{ 0, 3, "BZh" },
	{ 0, 6,
	  "\xfd"
	  "7zXZ\0" },
	{ 0, 4, "\x28\xb5\x2f\xfd" },
	{ 0, 2, "\x1f\x9d" },
	{ 0, 4, "PK\x03\x04" },
	{ 257, 5, "ustar" },
};

static bool is_packed(struct nb_text bytes)
{
	for (size_t i = 0; i < NB_COUNT(packed); i++)
		if (bytes.len >= packed[i].at + packed[i].len &&
		    !memcmp(bytes.at + packed[i].at, packed[i].bytes, packed[i].len))
			return true;
	return false;
}

/* Text has hardly a zero byte: a serial line may have lost some others to them. */
static bool is_text(struct nb_text bytes)
{
	enum { BYTES_FOR_A_ZERO = 1024 };

	return text_count(bytes, '\0') * BYTES_FOR_A_ZERO <= bytes.len;
}

static enum content content_of_text(struct nb_text text)
{
	struct nb_text rest = text, line, start = text_trim(text);

	if (nb_text_starts(start, "<?xml") || nb_text_starts(start, "<!--") ||
	    nb_text_starts(start, "<domain"))
		return CONTENT_XML;
	if (nb_text_starts(start, "{"))
		return CONTENT_JSON;
	while (text_line(&rest, &line) && line.at < text.at + LOOK_MOST) {
		struct nb_e820_entry entry;
		bool counts;

		if (tables_text_begins(line))
			return CONTENT_ACPIDUMP;
		if (text_find(line, "AML/ASL+ Disassembler") < line.len)
			return text_find(rest, "Raw Table Data") < rest.len ? CONTENT_ACPIDUMP
									    : CONTENT_DISASSEMBLY;
		if (qemu_words_begin(line))
			return CONTENT_QEMU;
		if (e820_text_entry(line, &entry, &counts))
			return CONTENT_MAP;
		if (text_find(line, "Linux version ") < line.len ||
		    text_find(line, "BIOS-e820") < line.len)
			break;
	}
	return CONTENT_LOG;
}

enum content content_of(struct nb_text bytes)
{
	if (!text_trim(bytes).len)
		return CONTENT_EMPTY;
	if (is_packed(bytes))
		return CONTENT_PACKED;
	if (tables_bytes_begin(bytes))
		return CONTENT_TABLES;
	return is_text(bytes) ? content_of_text(bytes) : CONTENT_BINARY;
}

const char *content_name(enum content content)
{
	switch (content) {
	case CONTENT_PACKED:
		return "an archive";
	case CONTENT_TABLES:
		return "ACPI tables";
	case CONTENT_ACPIDUMP:
		return "an acpidump";
	case CONTENT_DISASSEMBLY:
		return "a disassembly of ACPI tables";
	case CONTENT_MAP:
		return "a memory map";
	case CONTENT_QEMU:
		return "a QEMU command line: map and tables are what QEMU 7.2 and SeaBIOS make of it";
	case CONTENT_XML:
		return "a libvirt domain: map and tables are what QEMU 7.2 and SeaBIOS make of it";
	case CONTENT_JSON:
		return "what predict printed as JSON";
	case CONTENT_LOG:
		return "a boot log";
	case CONTENT_EMPTY:
		return "empty";
	case CONTENT_BINARY:
		break;
	}
	return "nothing that is known";
}

/* Adds a character in UTF-8. Returns its length, 3 bytes at most. */
static size_t put_utf8(char *at, uint32_t c)
{
	if (c < 0x80) {
		at[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		at[0] = (char)(0xc0 | c >> 6);
		at[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	at[0] = (char)(0xe0 | c >> 12);
	at[1] = (char)(0x80 | (c >> 6 & 0x3f));
	at[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

/* UTF-16 with its mark, as Windows saves a text; what is beyond 16 bits stays two
 * halves, which a kernel never prints. */
static bool from_utf16(struct nb_text *text, struct pool *pool)
{
	bool little = text->len >= 2 && !memcmp(text->at, "\xff\xfe", 2);
	bool big = text->len >= 2 && !memcmp(text->at, "\xfe\xff", 2);
	const uint8_t *at = (const uint8_t *)text->at;
	size_t len = 0;
	char *copy;

	if (!little && !big)
		return false;
	copy = (char *)pool_take(pool, text->len / 2 * 3 + 1);
	for (size_t i = 2; i + 1 < text->len; i += 2) {
		uint32_t c = (uint32_t)at[i + little] << 8 | at[i + big];

		len += put_utf8(copy + len, c ? c : '?');
	}
	*text = (struct nb_text){ copy, len };
	return true;
}

/* Carriage returns end lines where there is hardly a newline. */
static void end_lines(struct nb_text *text, struct pool *pool)
{
	size_t returns = 0, newlines = 0;
	char *copy;

	if (!text->len || !memchr(text->at, '\r', text->len))
		return;
	for (size_t i = 0; i < text->len; i++) {
		bool alone = text->at[i] == '\r' && (i + 1 == text->len || text->at[i + 1] != '\n');

		returns += alone;
		newlines += text->at[i] == '\n';
	}
	if (returns < 2 || returns / 2 < newlines)
		return;
	copy = (char *)pool_take(pool, text->len + 1);
	for (size_t i = 0; i < text->len; i++)
		copy[i] = text->at[i] == '\r' ? '\n' : text->at[i];
	*text = (struct nb_text){ copy, text->len };
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "=3D", a byte in quoted-printable. RFC 2045 6.7. */
static bool quoted_byte(struct nb_text text, size_t at, char *byte)
{
	int high, low;

	if (text.at[at] != '=' || text.len - at < 3)
		return false;
	high = hex_value(text.at[at + 1]);
	low = hex_value(text.at[at + 2]);
	if (high < 0 || low < 0)
		return false;
	*byte = (char)(high << 4 | low);
	return *byte != '\0';
}

/* How many bytes of a line end follow a "=": none, if it is no soft one. */
static size_t soft_end(struct nb_text text, size_t at)
{
	if (text.at[at] != '=' || at + 1 == text.len)
		return 0;
	if (text.at[at + 1] == '\n')
		return 2;
	return at + 2 < text.len && text.at[at + 1] == '\r' && text.at[at + 2] == '\n' ? 3 : 0;
}

/* Whether it is quoted-printable: every "=" begins a byte or ends a line, as no log
 * has it that was not encoded so, and "=3D" is among them. */
static bool is_quoted(struct nb_text text)
{
	bool equals = false;

	for (size_t i = 0; i < text.len; i++) {
		char byte;

		if (text.at[i] != '=')
			continue;
		if (quoted_byte(text, i, &byte))
			equals |= byte == '=';
		else if (!soft_end(text, i))
			return false;
	}
	return equals;
}

static void unquote(struct nb_text *text, struct pool *pool)
{
	char *copy = (char *)pool_take(pool, text->len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text->len;) {
		size_t soft = soft_end(*text, i);

		if (soft) {
			i += soft;
		} else if (quoted_byte(*text, i, &copy[len])) {
			len++;
			i += 3;
		} else {
			copy[len++] = text->at[i++];
		}
	}
	*text = (struct nb_text){ copy, len };
}

bool plain_text(struct nb_text bytes, struct pool *pool, struct nb_text *plain,
		struct complaint *complaint)
{
	struct nb_text head = { bytes.at, bytes.len < LOOK_MOST ? bytes.len : LOOK_MOST };

	if (text_find(head, "Content-Transfer-Encoding: base64") < head.len) {
		complain(complaint, "a mail in base64: expected its attachment, saved as a file");
		return false;
	}
	*plain = bytes;
	from_utf16(plain, pool);
	end_lines(plain, pool);
	if (is_quoted(*plain))
		unquote(plain, pool);
	return true;
}
