/* SPDX-License-Identifier: MIT */
/* question: what may be asked, and what is no question. */
#include "check.h"

#include "../../hosts/explain/question.h"

#include <numaboot/base.h>
#include <string.h>

enum { WORDS = 6 };

static const struct row {
	const char *claim;
	const char *words[WORDS];
	struct question want;
} rows[] = {
	{ "no word asks for the story", { 0 }, { .kind = ASK_STORY } },
	{ "an address is a byte",
	  { "0x1000" },
	  { .kind = ASK_RANGE, .range = { 0x1000, 0x1001 } } },
	{ "it may have a unit",
	  { "4G" },
	  { .kind = ASK_RANGE, .range = { 4 * NB_GIB, 4 * NB_GIB + 1 } } },
	{ "a range ends where the next begins",
	  { "4G-5G" },
	  { .kind = ASK_RANGE, .range = { 4 * NB_GIB, 5 * NB_GIB } } },
	{ "but as the log has it its last byte is in it",
	  { "0x1000-0x9efff" },
	  { .kind = ASK_RANGE, .range = { 0x1000, 0x9f000 } } },
	{ "a node", { "node", "3" }, { .kind = ASK_NODE, .nid = 3 } },
	{ "a CPU", { "cpu", "7" }, { .kind = ASK_CPU, .number = 7 } },
	{ "a domain", { "pxm", "12" }, { .kind = ASK_PXM, .number = 12 } },
	{ "the last one", { "pxm", "0xffffffff" }, { .kind = ASK_PXM, .number = UINT32_MAX } },
	{ "a zone",
	  { "zone", "Normal", "of", "node", "1" },
	  { .kind = ASK_ZONE, .nid = 1, .zone = NB_ZONE_NORMAL } },
	{ "in one word with blanks",
	  { "zone Normal of node 1" },
	  { .kind = ASK_ZONE, .nid = 1, .zone = NB_ZONE_NORMAL } },
	{ "in fewer words", { "zone", "DMA32", "0" }, { .kind = ASK_ZONE, .zone = NB_ZONE_DMA32 } },
	{ "a fallback order",
	  { "fallback", "of", "node", "2" },
	  { .kind = ASK_FALLBACK, .nid = 2 } },
	{ "memory as a whole", { "memory" }, { .kind = ASK_MEMORY } },
};

static const struct wrong {
	const char *claim;
	const char *words[WORDS];
} wrongs[] = {
	{ "a node without a number", { "node" } },
	{ "with a wrong one", { "node", "x" } },
	{ "with two", { "node", "1", "2" } },
	{ "with a negative one", { "cpu", "-1" } },
	{ "a zone that is none", { "zone", "normal", "of", "node", "1" } },
	{ "a zone of nothing", { "zone", "Normal" } },
	{ "a range that ends before it begins", { "5G-4G" } },
	{ "one with a tail", { "4G-5Gx" } },
	{ "one without an end", { "4G-" } },
	{ "two addresses", { "4G", "5G" } },
	{ "more words than any question has", { "node 1 1 1 1 1 1 1 1 1 1" } },
	{ "nothing in quotes", { "" } },
	{ "memory of something", { "memory", "1" } },
};

/* Questions whose number is what is wrong. */
static const struct wrong large[] = {
	{ "'0xffffffffffffffff' is too large: expected an address", { "0xffffffffffffffff" } },
	{ "'99999999999' is too large: expected a number of at most 4294967295",
	  { "pxm", "99999999999" } },
	{ "'0x80000000' is too large: expected a number of at most 2147483647",
	  { "fallback", "of", "node", "0x80000000" } },
};

static unsigned count_of(const char *const *words)
{
	unsigned count = 0;

	while (count < WORDS && words[count])
		count++;
	return count;
}

static void test_questions(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct complaint complaint = { .text = "" };
		struct question got;

		check(question_read(&got, row->words, count_of(row->words), &complaint),
		      row->claim);
		check(got.kind == row->want.kind && got.nid == row->want.nid &&
			      got.number == row->want.number && got.zone == row->want.zone &&
			      got.range.start == row->want.range.start &&
			      got.range.end == row->want.range.end,
		      row->claim);
		check(!row->words[0] || question_begins(row->words[0]), row->claim);
	}
}

static void test_wrongs(void **state)
{
	(void)state;
	for (const struct wrong *row = wrongs; row < wrongs + NB_COUNT(wrongs); row++) {
		struct complaint complaint = { .text = "" };
		struct question got;

		check(!question_read(&got, row->words, count_of(row->words), &complaint),
		      row->claim);
		check(strstr(complaint.text, "expected "), row->claim);
	}
	for (const struct wrong *row = large; row < large + NB_COUNT(large); row++) {
		struct complaint complaint = { .text = "" };
		struct question got;

		check(!question_read(&got, row->words, count_of(row->words), &complaint) &&
			      strstr(complaint.text, row->claim),
		      row->claim);
	}
	check(!question_begins("build/machines/four_nodes-000") && !question_begins("-") &&
		      !question_begins("6.12/case"),
	      "a path begins no question");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_wrongs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
