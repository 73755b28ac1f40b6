/* SPDX-License-Identifier: MIT */
/* kernel: a release is told to be of a line, or the nearest one. */
#include "check.h"

#include "../../hosts/sources/kernel.h"
#include "../../hosts/sources/pool.h"
#include "../../hosts/sources/text.h"

#include <stdlib.h>
#include <string.h>

void pool_exhausted(void)
{
	abort();
}

static const struct row {
	const char *claim, *version;
	bool is_release;
	const char *line;
	enum kernel_pick pick;
	enum nb_line below, above;
} rows[] = {
	{ "Debian's 6.1", "6.1.0-18-amd64 (debian-kernel@lists.debian.org)", true, "6.1", PICK_SAME,
	  NB_LINES, NB_LINES },
	{ "its 32-bit build", "6.1.0-50-686-pae (debian-kernel@lists.debian.org)", true, "6.1-i386",
	  PICK_SAME, NB_LINES, NB_LINES },
	{ "a 32-bit compiler", "6.1.5 (me@here) (i686-linux-gnu-gcc 12)", true, "6.1-i386",
	  PICK_SAME, NB_LINES, NB_LINES },
	{ "686 in a commit is no word", "6.1.0-g270a6968dcb3 (me@here)", true, "6.1", PICK_SAME,
	  NB_LINES, NB_LINES },
	{ "a candidate is of its release", "6.12.0-rc4-next (me@here)", true, "6.12", PICK_SAME,
	  NB_LINES, NB_LINES },
	{ "5.15 is five releases after 5.10, six before 6.1", "5.15.20-1.el7.x86_64", true, "5.10",
	  PICK_NEAREST, NB_LINE_5_10, NB_LINE_6_1 },
	{ "5.16 is nearer to 6.1", "5.16.0", true, "6.1", PICK_NEAREST, NB_LINE_5_10, NB_LINE_6_1 },
	{ "of two as near the older", "4.20.0", true, "4.9", PICK_NEAREST, NB_LINE_4_9,
	  NB_LINE_5_10 },
	{ "6.19 was followed by 7.0", "6.19.0", true, "7.3", PICK_NEAREST, NB_LINE_6_12,
	  NB_LINE_7_3 },
	{ "2.6.32 is older than all", "2.6.32-431.el6.x86_64", true, "3.14", PICK_NEAREST, NB_LINES,
	  NB_LINE_3_14 },
	{ "9.0 is newer than all", "9.0.0", true, "7.3", PICK_NEAREST, NB_LINE_7_3, NB_LINES },
	{ "32 bits have one line", "5.4.0 (me@here) (i386-linux-gnu-gcc)", true, "6.1-i386",
	  PICK_NEAREST, NB_LINE_4_9, NB_LINE_5_10 },
	{ "2.4 is none", "2.4.37", false, NULL, PICK_DEFAULT, NB_LINES, NB_LINES },
	{ "1.0 is none", "1.0.9", false, NULL, PICK_DEFAULT, NB_LINES, NB_LINES },
	{ "a list is none", "6.1,6.12", false, NULL, PICK_DEFAULT, NB_LINES, NB_LINES },
	{ "a word behind the number is none", "6.1x", false, NULL, PICK_DEFAULT, NB_LINES,
	  NB_LINES },
	{ "words are none", "unknown", false, NULL, PICK_DEFAULT, NB_LINES, NB_LINES },
	{ "nothing is none", "", false, NULL, PICK_DEFAULT, NB_LINES, NB_LINES },
};

static void test_releases(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct release release;
		struct kernel kernel;

		check(release_read(text_of(row->version), &release) == row->is_release, row->claim);
		if (!row->is_release)
			continue;
		kernel_of_release(&kernel, &release);
		check(!strcmp(kernel.rules->line, row->line), row->claim);
		check(kernel.rules == &nb_lines[kernel.line], row->claim);
		check(!strcmp(kernel.config.name, nb_configs[kernel.line].name), row->claim);
		check(kernel.pick == row->pick, row->claim);
		check(kernel.below == row->below && kernel.above == row->above, row->claim);
	}
}

static void test_names(void **state)
{
	struct kernel kernel;

	(void)state;
	for (int line = 0; line < NB_LINES; line++) {
		check(kernel_named(&kernel, nb_lines[line].line), "each line has a name");
		check(kernel.line == (enum nb_line)line && kernel.pick == PICK_ASKED,
		      "and the name is its own");
	}
	check(kernel_named(&kernel, "5.15") && kernel.line == NB_LINE_5_10,
	      "a release may be named");
	check(!kernel_named(&kernel, "newest"), "a word may not");
	kernel_of_release(&kernel, NULL);
	check(kernel.line == NB_LINE_6_12 && kernel.pick == PICK_DEFAULT,
	      "without a release it is 6.12");
}

/* Each rule has words, for each of its values too. */
static void test_rules(void **state)
{
	uint32_t count;
	const struct nb_rule *rules = nb_rules(&count);

	(void)state;
	for (uint32_t i = 0; i < count; i++) {
		check(rules[i].words->says && *rules[i].words->says, rules[i].name);
		for (int line = 0; line < NB_LINES; line++) {
			char text[80];

			rule_value_text(&nb_lines[line], &rules[i], text, sizeof(text));
			check(strlen(text) > 0 && strlen(text) + 1 < sizeof(text), rules[i].name);
		}
	}
}

static void test_doubts(void **state)
{
	const struct nb_rule *rules[256];
	struct kernel kernel;
	uint32_t between;

	(void)state;
	check(kernel_named(&kernel, "6.1") && rules_in_doubt(&kernel, rules, 256) == 0,
	      "of a modelled line nothing is in doubt");
	check(kernel_named(&kernel, "5.15"), "5.15 is a release");
	between = rules_between(&nb_lines[NB_LINE_5_10], &nb_lines[NB_LINE_6_1], rules, 256);
	check(between > 0 && rules_in_doubt(&kernel, rules, 256) == between,
	      "between two lines what they do not share is");
	check(rules_in_doubt(&kernel, rules, 1) == between, "and is counted beyond the room");
	check(kernel_named(&kernel, "2.6.32") && rules_in_doubt(&kernel, rules, 256) == 0,
	      "of what lies before all lines nothing is known");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_releases),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_doubts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
