/* SPDX-License-Identifier: MIT */
/*
 * log: fills the templates of wordings.c and catalog.c with an event's fields, for the kernel's
 * log and for sentences. It knows no kind of event: only fields and forms.
 */
#include "base/memory.h"
#include "render/catalog.h"

#include <numaboot/params.h>

/* Where text goes, and in whose words. */
struct page {
	struct nb_writer *writer;
	enum nb_line wording;
};

/* Where memory is mapped by those kernels that log such addresses: Linux 4.9
 * arch/x86/include/asm/page_64_types.h __PAGE_OFFSET_BASE. */
static const uint64_t direct_map = 0xffff880000000000;

/* A piece of a template, while it is read. */
struct cursor {
	const char *at;
};

struct digits {
	char text[24];
	size_t len;
};

static size_t length(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return len;
}

static void put(const struct page *out, const char *text)
{
	out->writer->write(out->writer, text, length(text));
}

static void repeat(const struct page *out, char c, uint64_t count)
{
	char row[16];

	memset(row, c, sizeof(row));
	for (; count > sizeof(row); count -= sizeof(row))
		out->writer->write(out->writer, row, sizeof(row));
	out->writer->write(out->writer, row, (size_t)count);
}

static void blanks(const struct page *out, uint64_t count)
{
	repeat(out, ' ', count);
}

/* The digits of a number in a base of 10 or 16, at least `least` of them. */
static struct digits digits_of(uint64_t value, unsigned base, size_t least)
{
	struct digits d = { .len = 0 };
	char reversed[24];
	size_t len = 0;

	nb_assert(least < sizeof(reversed));
	do {
		reversed[len++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value || len < least);
	while (len)
		d.text[d.len++] = reversed[--len];
	return d;
}

static void put_number(const struct page *out, uint64_t value, unsigned base, size_t least)
{
	struct digits d = digits_of(value, base, least);

	out->writer->write(out->writer, d.text, d.len);
}

static void put_signed(const struct page *out, int64_t value, size_t width)
{
	struct digits d = digits_of(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, 1);
	size_t len = d.len + (value < 0);

	blanks(out, width > len ? width - len : 0);
	if (value < 0)
		put(out, "-");
	out->writer->write(out->writer, d.text, d.len);
}

static void put_hex(const struct page *out, uint64_t value, size_t least)
{
	put(out, "0x");
	put_number(out, value, 16, least);
}

/* Bytes with the largest unit that divides them: 64 MiB, 4 KiB, 17 bytes. */
static void put_size(const struct page *out, uint64_t bytes)
{
	static const char *const units[] = { " bytes", " KiB", " MiB", " GiB", " TiB" };
	size_t unit = 0;

	while (unit + 1 < NB_COUNT(units) && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	put_number(out, bytes, 10, 1);
	put(out, units[unit]);
}

static void put_range(const struct page *out, struct nb_range range, size_t digits)
{
	put_hex(out, range.start, digits);
	put(out, "-");
	put_hex(out, range.end - 1, digits);
}

static void put_type(const struct page *out, uint32_t type)
{
	const char *text = nb_e820_type_text(type, out->wording);

	if (text) {
		put(out, text);
		return;
	}
	put(out, "type ");
	put_number(out, type, 10, 1);
}

static const char *const views[NB_VIEWS] = {
	[NB_VIEW_BIOS] = "BIOS-e820",
	[NB_VIEW_E801] = "BIOS-e801",
	[NB_VIEW_E88] = "BIOS-88",
	[NB_VIEW_USER] = "user",
	[NB_VIEW_MODIFIED] = "modified",
	[NB_VIEW_EXTENDED] = "extended",
	[NB_VIEW_SETUP_DATA] = "reserve setup_data",
};

static const char *const headings[NB_VIEWS] = {
	[NB_VIEW_BIOS] = "BIOS-provided",  [NB_VIEW_E801] = "BIOS-provided",
	[NB_VIEW_E88] = "BIOS-provided",   [NB_VIEW_USER] = "user-defined",
	[NB_VIEW_MODIFIED] = "modified",   [NB_VIEW_EXTENDED] = "extended",
	[NB_VIEW_SETUP_DATA] = "extended",
};

static const char *const params[NB_PARAM_COUNT] = {
	[NB_PARAM_MEM] = "mem",
	[NB_PARAM_MEMMAP] = "memmap",
	[NB_PARAM_NUMA] = "numa",
	[NB_PARAM_KERNELCORE] = "kernelcore",
	[NB_PARAM_MOVABLECORE] = "movablecore",
	[NB_PARAM_ZONELIST_ORDER] = "numa_zonelist_order",
	[NB_PARAM_RESERVELOW] = "reservelow",
	[NB_PARAM_HIGHMEM] = "highmem",
	[NB_PARAM_VMALLOC] = "vmalloc",
	[NB_PARAM_PERCPU_ALLOC] = "percpu_alloc",
	[NB_PARAM_CMA] = "cma",
	[NB_PARAM_CMA_PERNUMA] = "cma_pernuma",
	[NB_PARAM_NUMA_CMA] = "numa_cma",
	[NB_PARAM_HUGETLB_CMA] = "hugetlb_cma",
	[NB_PARAM_RESERVE_MEM] = "reserve_mem",
	[NB_PARAM_MEM_ENCRYPT] = "mem_encrypt",
};

static const char *const hashes[NB_HASHES] = {
	[NB_HASH_PID] = "PID",
	[NB_HASH_DENTRY] = "Dentry cache",
	[NB_HASH_INODE] = "Inode-cache",
	[NB_HASH_MOUNT] = "Mount-cache",
	[NB_HASH_MOUNTPOINT] = "Mountpoint-cache",
};

static const char *const pages[NB_PAGE_SIZES] = { "?", "4k", "2M", "1G" };

static const char *name_of(const char *const *names, size_t count, uint64_t at)
{
	return at < count ? names[at] : "?";
}

/* The field that a template names, and a step over the name. */
static enum nb_event_field read_field(struct cursor *c)
{
	static const char *const names[NB_EVENT_FIELDS] = {
		[NB_FIELD_NID] = "nid",     [NB_FIELD_OTHER_NID] = "other_nid",
		[NB_FIELD_ID] = "id",       [NB_FIELD_FLAGS] = "flags",
		[NB_FIELD_RANGE] = "range", [NB_FIELD_OTHER] = "other",
		[NB_FIELD_GOT] = "got",     [NB_FIELD_LIMIT] = "limit",
		[NB_FIELD_MORE0] = "more0", [NB_FIELD_MORE1] = "more1",
		[NB_FIELD_MORE2] = "more2", [NB_FIELD_MORE3] = "more3",
	};
	size_t len = 0;

	while ((c->at[len] >= 'a' && c->at[len] <= 'z') || c->at[len] == '_' ||
	       (c->at[len] >= '0' && c->at[len] <= '9'))
		len++;
	for (int field = 0; field < NB_EVENT_FIELDS; field++) {
		if (length(names[field]) == len && memcmp(names[field], c->at, len) == 0) {
			c->at += len;
			return (enum nb_event_field)field;
		}
	}
	return NB_EVENT_FIELDS; /* "why" is no number */
}

static uint64_t number_of(const struct nb_event *e, enum nb_event_field field)
{
	switch (field) {
	case NB_FIELD_NID:
		return (uint64_t)(int64_t)e->nid;
	case NB_FIELD_OTHER_NID:
		return (uint64_t)(int64_t)e->other_nid;
	case NB_FIELD_ID:
		return e->id;
	case NB_FIELD_FLAGS:
		return e->flags;
	case NB_FIELD_RANGE:
		return e->range.end - e->range.start; /* wraps as in Linux */
	case NB_FIELD_OTHER:
		return e->other.end - e->other.start;
	case NB_FIELD_GOT:
		return e->got;
	case NB_FIELD_LIMIT:
		return e->limit;
	case NB_FIELD_MORE0:
	case NB_FIELD_MORE1:
	case NB_FIELD_MORE2:
	case NB_FIELD_MORE3:
		return e->more[field - NB_FIELD_MORE0];
	case NB_EVENT_FIELDS:
		break;
	}
	return 0;
}

static bool form_is(const char *form, size_t len, const char *name)
{
	return length(name) == len && memcmp(form, name, len) == 0;
}

static void put_char(const struct page *out, char c)
{
	out->writer->write(out->writer, c >= ' ' && c < 0x7f ? &c : "?", 1);
}

static void put_tag(const struct page *out, uint64_t value)
{
	for (int i = 0; i < 4; i++)
		put_char(out, (char)(value >> (8 * i) & 0x7f));
}

static const char *const crash_faults[NB_CRASH_FAULTS] = {
	[NB_CRASH_NO_NUMBER] = "crashkernel: Memory value expected",
	[NB_CRASH_NO_DASH] = "crashkernel: '-' expected",
	[NB_CRASH_EMPTY_RANGE] = "crashkernel: end <= start",
	[NB_CRASH_NO_COLON] = "crashkernel: ':' expected",
	[NB_CRASH_TOO_LARGE] = "crashkernel: invalid size",
	[NB_CRASH_NO_OFFSET] = "crahskernel: Memory value expected after '@'",
	[NB_CRASH_NO_VALUE] = "crashkernel: memory value expected",
	[NB_CRASH_STRAY_CHAR] = "crashkernel: unrecognized char: ",
	[NB_CRASH_NOTHING] = "crashkernel size resulted in zero bytes",
};

/* A letter of one of these was put right in 7.3. */
static void put_crash_fault(const struct page *out, uint64_t fault)
{
	if (fault == NB_CRASH_NO_OFFSET && out->wording == NB_LINE_7_3)
		put(out, "crashkernel: Memory value expected after '@'");
	else
		put(out, name_of(crash_faults, NB_CRASH_FAULTS, fault));
}

/* The names for a number; false if the form is none of them. */
static bool put_name(const struct page *out, uint64_t value, const char *form, size_t len)
{
	if (form_is(form, len, "zone") || form_is(form, len, "zone8")) {
		const char *name = nb_zone_name((enum nb_zone_id)value);

		put(out, name);
		if (len == 5)
			blanks(out, length(name) < 8 ? 8 - length(name) : 0);
	} else if (form_is(form, len, "type")) {
		put_type(out, (uint32_t)value);
	} else if (form_is(form, len, "view")) {
		put(out, name_of(views, NB_VIEWS, value));
	} else if (form_is(form, len, "heading")) {
		put(out, name_of(headings, NB_VIEWS, value));
	} else if (form_is(form, len, "param")) {
		put(out, name_of(params, NB_PARAM_COUNT, value));
	} else if (form_is(form, len, "stage")) {
		put(out, nb_stage_name((enum nb_stage)value));
	} else if (form_is(form, len, "reserved")) {
		put(out, nb_reserved_text((enum nb_reserved_for)value));
	} else if (form_is(form, len, "page")) {
		put(out, name_of(pages, NB_PAGE_SIZES, value));
	} else if (form_is(form, len, "crash")) {
		put_crash_fault(out, value);
	} else if (form_is(form, len, "hash")) {
		put(out, name_of(hashes, NB_HASHES, value));
	} else if (form_is(form, len, "char")) {
		put_char(out, (char)value);
	} else if (form_is(form, len, "tag")) {
		put_tag(out, value);
	} else {
		return false;
	}
	return true;
}

/* "1 page", "2 pages", "2 entries". */
static void put_counted(const struct page *out, uint64_t value, const char *noun, size_t len)
{
	bool ends_in_y = noun[len - 1] == 'y';

	put_number(out, value, 10, 1);
	put(out, " ");
	out->writer->write(out->writer, noun, value != 1 && ends_in_y ? len - 1 : len);
	if (value != 1)
		put(out, ends_in_y ? "ies" : "s");
}

/* "is", "are"; "has", "have"; "runs", "run": of one or of several. */
static void put_verb(const struct page *out, uint64_t value, const char *verb, size_t len)
{
	if (form_is(verb, len, "be")) {
		put(out, value == 1 ? "is" : "are");
	} else if (form_is(verb, len, "have")) {
		put(out, value == 1 ? "has" : "have");
	} else {
		out->writer->write(out->writer, verb, len);
		put(out, value == 1 ? "s" : "");
	}
}

/* One number in one form. */
static void put_form(const struct page *out, uint64_t value, const char *form, size_t len)
{
	if (len == 0)
		put_number(out, value, 10, 1);
	else if (len > 2 && form[0] == 'n' && form[1] == ' ')
		put_counted(out, value, form + 2, len - 2);
	else if (len > 2 && form[0] == 'v' && form[1] == ' ')
		put_verb(out, value, form + 2, len - 2);
	else if (form_is(form, len, "s"))
		put_signed(out, (int64_t)value, 0);
	else if (form_is(form, len, "x"))
		put_hex(out, value, 1);
	else if (form_is(form, len, "x2"))
		put_hex(out, value, 2);
	else if (form_is(form, len, "x4"))
		put_hex(out, value, 4);
	else if (form_is(form, len, "X"))
		put_number(out, value, 16, 1);
	else if (form_is(form, len, "X8"))
		put_number(out, value, 16, 8);
	else if (form_is(form, len, "A"))
		put_hex(out, value, 8);
	else if (form_is(form, len, "L"))
		put_hex(out, value - 1, 8);
	else if (form_is(form, len, "Q"))
		put_hex(out, value, 16);
	else if (form_is(form, len, "M"))
		put_number(out, value >> 20, 10, 1);
	else if (form_is(form, len, "size"))
		put_size(out, value);
	else if (form_is(form, len, "w3"))
		put_signed(out, (int64_t)value, 3);
	else if (form_is(form, len, "w02"))
		put_number(out, value, 10, 2);
	else if (form_is(form, len, "V"))
		put_number(out, value + direct_map, 16, 16);
	else if (form_is(form, len, "blanks"))
		blanks(out, value);
	else if (form_is(form, len, "zeros"))
		repeat(out, '0', value);
	else if (form_is(form, len, "dashes"))
		repeat(out, '-', value);
	else
		nb_assert(put_name(out, value, form, len));
}

/* {FIELD} or {FIELD:FORM}, from behind the brace to behind its end. */
static void put_reference(const struct page *out, const struct nb_event *e, struct cursor *c,
			  enum nb_event_field field)
{
	const char *form = c->at;
	size_t len = 0;

	if (*form == ':')
		form++;
	while (form[len] != '}') {
		nb_assert(form[len]);
		len++;
	}
	c->at = form + len + 1;

	if (field == NB_EVENT_FIELDS)
		put(out, nb_why_text(e->why)); /* {why} */
	else if ((field == NB_FIELD_RANGE || field == NB_FIELD_OTHER) &&
		 (len == 0 || form_is(form, len, "Q") || form_is(form, len, "W")))
		put_range(out, field == NB_FIELD_RANGE ? e->range : e->other,
			  len == 0       ? 8
			  : *form == 'Q' ? 16
					 : 14);
	else if (len == 0 && (field == NB_FIELD_NID || field == NB_FIELD_OTHER_NID))
		put_signed(out, (int64_t)number_of(e, field), 0); /* no node is -1 */
	else
		put_form(out, number_of(e, field), form, len);
}

/* Steps over the rest of a conditional text, to behind the brace that ends it. */
static void skip_text(struct cursor *c)
{
	for (unsigned depth = 1; depth; c->at++) {
		nb_assert(*c->at);
		if (*c->at == '{')
			depth++;
		else if (*c->at == '}')
			depth--;
	}
}

/* Writes a template with the fields of an event. */
static void fill(const struct page *out, const char *pattern, const struct nb_event *e)
{
	struct cursor c = { pattern };

	while (*c.at) {
		size_t plain = 0;

		while (c.at[plain] && c.at[plain] != '{' && c.at[plain] != '}')
			plain++;
		if (plain)
			out->writer->write(out->writer, c.at, plain);
		c.at += plain;
		if (*c.at == '}') {
			c.at++; /* the end of a text whose condition held */
		} else if (*c.at == '{') {
			c.at++;
			enum nb_event_field field = read_field(&c);

			if (*c.at == '?' || *c.at == '!') {
				bool want = *c.at == '?';
				uint64_t bit = (uint64_t)(c.at[1] - '0');

				nb_assert(c.at[2] == ':');
				c.at += 3;
				if (((number_of(e, field) & bit) != 0) != want)
					skip_text(&c);
			} else {
				put_reference(out, e, &c, field);
			}
		}
	}
}

static const struct nb_catalog_row *row_of(enum nb_event_kind kind)
{
	nb_assert((unsigned)kind < NB_EVENT_KINDS);
	return &nb_catalog[kind];
}

/* The template of a kind in the words of a line: that of 6.12 unless the line has its own. */
static const char *log_of(enum nb_event_kind kind, enum nb_line wording)
{
	for (size_t i = 0; i < nb_wording_count; i++) {
		const struct nb_wording *w = &nb_wordings[i];

		if (w->kind == kind && w->first <= wording && wording <= w->last)
			return w->log;
	}
	nb_assert((unsigned)kind < NB_EVENT_KINDS);
	return nb_log_words[kind];
}

void nb_render_log(const struct nb_event *event, enum nb_line wording, struct nb_writer *out)
{
	const struct page page = { out, wording };
	const char *pattern = log_of(event->kind, wording);

	if (pattern)
		fill(&page, pattern, event);
}

/* Counts what is written: the first line of it, and what is behind the last newline. */
struct ruler {
	struct nb_writer writer;
	size_t first, tail;
	bool newline;
};

static void measure(struct nb_writer *self, const char *text, size_t len)
{
	struct ruler *ruler = (struct ruler *)self; /* its first member */

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n') {
			ruler->newline = true;
			ruler->tail = 0;
		} else {
			ruler->first += !ruler->newline;
			ruler->tail++;
		}
	}
}

static bool has_room(const struct nb_log *log, const struct ruler *piece)
{
	const struct nb_log_limit *limit = &nb_log_limits[log->wording];
	size_t needed = piece->first + (piece->newline && limit->newline_counts);

	return !log->len || !limit->most || log->len + needed <= limit->most;
}

void nb_log_put(struct nb_log *log, const struct nb_event *event)
{
	struct ruler piece = { .writer.write = measure };

	nb_render_log(event, log->wording, &piece.writer);
	if (!has_room(log, &piece)) {
		log->out->write(log->out, "\n", 1);
		log->len = 0;
	}
	nb_render_log(event, log->wording, log->out);
	log->len = piece.newline ? piece.tail : log->len + piece.tail;
}

void nb_render_sentence(const struct nb_event *event, struct nb_writer *out)
{
	const struct nb_catalog_row *row = row_of(event->kind);
	const struct page page = { out, NB_LINE_6_12 };

	if (row->says)
		fill(&page, row->says, event);
}

const char *nb_event_name(enum nb_event_kind kind)
{
	return row_of(kind)->name;
}

const char *nb_event_field_name(enum nb_event_kind kind, enum nb_event_field field)
{
	const char *name;

	nb_assert((unsigned)field < NB_EVENT_FIELDS);
	name = row_of(kind)->field[field];
	return name ? name : "";
}
