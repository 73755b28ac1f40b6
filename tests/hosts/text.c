/* SPDX-License-Identifier: MIT */
/* text: numbers and lists as a kernel writes them, and what is none. */
#include "check.h"

#include "../../hosts/sources/text.h"

#include <numaboot/base.h>
#include <string.h>

static const struct number {
	const char *claim, *text;
	bool fits;
	uint64_t value;
} numbers[] = {
	{ "decimal", "42", true, 42 },
	{ "hexadecimal", "0x1f", true, 31 },
	{ "the largest", "0xffffffffffffffff", true, UINT64_MAX },
	{ "one more is none", "18446744073709551616", false, 0 },
	{ "empty is none", "", false, 0 },
	{ "a bare 0x is none", "0x", false, 0 },
	{ "a sign is none", "-1", false, 0 },
	{ "a tail is none", "12a", false, 0 },
};

static void test_numbers(void **state)
{
	(void)state;
	for (const struct number *row = numbers; row < numbers + NB_COUNT(numbers); row++) {
		uint64_t value = 0;

		check(text_u64(text_of(row->text), &value) == row->fits, row->claim);
		check(value == row->value, row->claim);
	}
}

static const struct list {
	const char *claim, *text;
	bool fits;
	uint64_t bits[2];
} lists[] = {
	{ "empty is an empty list", "", true, { 0, 0 } },
	{ "one number", "3", true, { 8, 0 } },
	{ "ranges and numbers", "0-2,5", true, { 0x27, 0 } },
	{ "a range across words", "63-64", true, { (uint64_t)1 << 63, 1 } },
	{ "the last bit", "127", true, { 0, (uint64_t)1 << 63 } },
	{ "beyond the set is none", "128", false, { 0, 0 } },
	{ "backwards is none", "3-2", false, { 0, 0 } },
	{ "an open range is none", "3-", false, { 0, 0 } },
	{ "words are none", "none", false, { 0, 0 } },
};

static void test_lists(void **state)
{
	(void)state;
	for (const struct list *row = lists; row < lists + NB_COUNT(lists); row++) {
		uint64_t bits[2] = { 0, 0 };

		check(text_list(text_of(row->text), bits, 128) == row->fits, row->claim);
		check(!memcmp(bits, row->bits, sizeof(bits)), row->claim);
	}
}

static const struct runs {
	const char *claim;
	uint64_t bits[2];
	uint32_t end, count;
	struct run_of runs[3];
} runs[] = {
	{ "no bit, no run", { 0, 0 }, 128, 0, { { 0, 0 } } },
	{ "runs end at gaps", { 0x2f, 0 }, 128, 2, { { 0, 3 }, { 5, 5 } } },
	{ "a run goes across words", { (uint64_t)1 << 63, 3 }, 128, 1, { { 63, 65 } } },
	{ "a run ends at the end", { UINT64_MAX, UINT64_MAX }, 100, 1, { { 0, 99 } } },
	{ "bits behind the end are none", { 0, (uint64_t)1 << 63 }, 127, 0, { { 0, 0 } } },
};

static void test_runs(void **state)
{
	(void)state;
	for (const struct runs *row = runs; row < runs + NB_COUNT(runs); row++) {
		struct run_of run = { 0, 0 };
		uint32_t count = 0, from = 0;

		for (; bits_next_run(row->bits, from, row->end, &run); from = run.last + 1) {
			check(count < row->count, row->claim);
			check(run.first == row->runs[count].first &&
				      run.last == row->runs[count].last,
			      row->claim);
			count++;
		}
		check(count == row->count, row->claim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
