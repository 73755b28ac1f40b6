/* SPDX-License-Identifier: MIT */
/* families: which lines are modelled, and when two of them are the same. */
#include "check.h"

#include "../../hosts/cli/verbs/families.h"
#include "../../hosts/sources/source.h"
#include "../../hosts/sources/text.h"

#include <numaboot/base.h>
#include <numaboot/render.h>
#include <stdlib.h>
#include <string.h>

void pool_exhausted(void)
{
	abort();
}

static const struct row {
	const char *claim, *line, *family; /* plain; family null: not modelled */
} rows[] = {
	{ "a whole line", "Zone ranges:", "zone ranges" },
	{ "a whole line and more is none", "Zone ranges: x", NULL },
	{ "a number", "  Node 1: 0x0000000001000000", "movable start" },
	{ "a number that is none", "  Node x: 0x0000000001000000", NULL },
	{ "a negative number", "  node  -1: [mem 0x0-0xfff]", "early node ranges" },
	{ "addresses", "NODE_DATA(3) allocated [mem 0x1000-0x2fff]", "NODE_DATA" },
	{ "a table's listing is no SRAT line", "ACPI: SRAT 0x000000003FFE1BC9 0000C0", NULL },
	{ "a SRAT line", "ACPI: SRAT: Node 0 PXM 0 [mem 0x0-0xfff] hotplug", "SRAT" },
	{ "a topology line that CPUID decides", "CPU topo: Max. threads per core:   1", NULL },
	{ "several * in one line", "On node 0, zone DMA: 96 pages in unavailable ranges",
	  "unavailable ranges" },
	{ "a later use of e820", "e820: reserve RAM buffer [mem 0x1-0x2]", NULL },
	{ "an empty line", "", NULL },
	{ "a line for debugging", "e820: update [mem 0x0-0xfff] usable ==> reserved",
	  "map updates" },
};

static void test_families(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct log_line line;
		bool known = family_of(text_of(row->line), text_of(row->line), &line);

		check(known == (row->family != NULL), row->claim);
		if (!known)
			continue;
		check(!strcmp(families[line.family].name, row->family), row->claim);
		check(line.debug == !strcmp(row->family, "map updates"), row->claim);
	}
}

static const struct pair {
	const char *claim, *a, *b;
	bool same;
} pairs[] = {
	{ "equal lines", "Zone ranges:", "Zone ranges:", true },
	{ "one letter", "  DMA      empty", "  DMA32    empty", false },
	{ "an address may not differ", "NODE_DATA(0) allocated [mem 0x1000-0x1fff]",
	  "NODE_DATA(0) allocated [mem 0x27fffd5680-0x27ffffffff]", false },
	{ "two families", "Zone ranges:", "Early memory node ranges", false },
	{ "a blank at the end", "Fallback order for Node 0: 0 ", "Fallback order for Node 0: 0",
	  false },
};

static void test_same(void **state)
{
	(void)state;
	for (const struct pair *row = pairs; row < pairs + NB_COUNT(pairs); row++) {
		struct log_line a, b;

		check(family_of(text_of(row->a), text_of(row->a), &a) &&
			      family_of(text_of(row->b), text_of(row->b), &b),
		      row->claim);
		check(log_lines_same(&a, &b) == row->same, row->claim);
	}
}

/* A part that only the old words have counts in these. */
static void test_own_words(void **state)
{
	static const char plain[] = "percpu: Embedded 22 pages/cpu s67176 r0 d22936 u1048576";
	static const char here[] = "PERCPU: Embedded 22 pages/cpu @ffff88003ec00000 s67176 r0 "
				   "d22936 u1048576";
	static const char there[] = "PERCPU: Embedded 22 pages/cpu @ffff88003f400000 s67176 r0 "
				    "d22936 u1048576";
	static const char other[] = "PERCPU: Embedded 22 pages/cpu @ffff88003ec00000 s67176 r0 "
				    "d22936 u2097152";
	struct log_line a, b, c, d;

	(void)state;
	check(family_of(text_of(here), text_of(plain), &a) &&
		      family_of(text_of(there), text_of(plain), &b) &&
		      family_of(text_of(other), text_of(plain), &c) &&
		      family_of(text_of(plain), text_of(plain), &d),
	      "lines with and without an address are known");
	check(!log_lines_same(&a, &b), "the address may not differ");
	check(!log_lines_same(&a, &c), "nor what is behind it");
	check(!log_lines_same(&a, &d), "nor may it be missing");
	check(log_lines_agree(&a, &d), "but in plain words they agree");
}

/* Lines of two releases: what is said is the same, in other words. */
static void test_agree(void **state)
{
	static const char old[] = "e820: last_pfn = 0xbfe0 max_arch_pfn = 0x400000000";
	static const char plain[] = "last_pfn = 0xbfe0 max_arch_pfn = 0x400000000";
	struct log_line a, b;

	(void)state;
	check(family_of(text_of(old), text_of(plain), &a) &&
		      family_of(text_of(plain), text_of(plain), &b),
	      "a line is known by its plain words");
	check(!log_lines_same(&a, &b), "other words are not the same");
	check(log_lines_agree(&a, &b), "but they agree");
}

/* What a kernel prints for one event. */
struct page {
	struct nb_writer writer;
	char text[16384];
	size_t len;
};

static void write_page(struct nb_writer *self, const char *text, size_t len)
{
	struct page *page = (struct page *)self; /* its first member */

	check(page->len + len <= sizeof(page->text), "an event's lines have a reasonable length");
	memcpy(page->text + page->len, text, len);
	page->len += len;
}

/* Each line of Linux's that is predicted is looked for in a record: it is of some
 * family. No record has a repair. */
static void test_all_lines(void **state)
{
	static const uint64_t values[] = { 0, 1, 2, 4 };
	bool known_all = true;

	(void)state;
	for (int kind = 0; kind < NB_EVENT_KINDS * (int)NB_COUNT(values) * NB_LINES; kind++) {
		uint64_t value = values[(size_t)kind / NB_EVENT_KINDS % NB_COUNT(values)];
		enum nb_line wording =
			(enum nb_line)(kind / NB_EVENT_KINDS / (int)NB_COUNT(values));
		struct nb_event event = { .kind = (enum nb_event_kind)(kind % NB_EVENT_KINDS),
					  .id = (uint32_t)value & 3,
					  .flags = (uint32_t)value,
					  .range = { 0, 0x1000 },
					  .other = { 0, 0x1000 },
					  .got = value,
					  .limit = value };
		struct page page = { .writer.write = write_page };
		struct nb_text rest = { page.text, 0 }, line;
		struct pool pool = { 0 };

		nb_render_log(&event, wording, &page.writer);
		if (!page.len || page.text[page.len - 1] != '\n')
			continue; /* nothing, or a piece of a line */
		rest.len = page.len;
		while (text_line(&rest, &line)) {
			struct log_line known;
			bool own = nb_text_starts(line, "numaboot: ") ||
				   family_of(line, plain_words(line, &pool), &known);

			if (line.len && !own)
				print_error("%s: %.*s\n", nb_event_name(event.kind), (int)line.len,
					    line.at);
			known_all &= !line.len || own;
		}
		pool_drop(&pool);
	}
	check(known_all, "a line that is predicted is of some family");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families),  cmocka_unit_test(test_same),
		cmocka_unit_test(test_own_words), cmocka_unit_test(test_agree),
		cmocka_unit_test(test_all_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
