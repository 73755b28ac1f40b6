/* SPDX-License-Identifier: MIT */
/*
 * kernel: which line is modelled for a release. A release between two lines gets
 * the one that fewer releases of Linux part it from, of two as near the older:
 * a rule holds until a release changes it. Of 32-bit kernels there is one line.
 */
#include "kernel.h"

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct line_row line_rows[NB_LINES] = {
	[NB_LINE_3_14] = { NB_LINES, false },    [NB_LINE_4_4] = { NB_LINE_3_14, false },
	[NB_LINE_4_9] = { NB_LINE_4_4, false },  [NB_LINE_5_10] = { NB_LINE_4_9, false },
	[NB_LINE_6_1] = { NB_LINE_5_10, false }, [NB_LINE_6_12] = { NB_LINE_6_1, false },
	[NB_LINE_7_3] = { NB_LINE_6_12, false }, [NB_LINE_6_1_I386] = { NB_LINE_6_1, true },
};

/* Where 2.6.0, 3.0, 4.0 ... stand among all releases: the last ones before them
 * were 2.6.39, 3.19, 4.20, 5.19 and 6.19. */
static const uint32_t firsts[] = { 0, 40, 60, 81, 101, 121 };

/* The number at the start of the text, and a step over it. */
static bool step_number(struct nb_text *text, uint32_t *number)
{
	enum { DIGITS_MOST = 6 };
	size_t len = 0;

	*number = 0;
	for (; len < text->len && len < DIGITS_MOST && text_is_digit(text->at[len]); len++)
		*number = *number * 10 + (uint32_t)(text->at[len] - '0');
	*text = (struct nb_text){ text->at + len, text->len - len };
	return len > 0;
}

/* Where a release stands among all: false if it is older than 2.6 or none. */
static bool order_of(struct nb_text text, uint32_t *order)
{
	uint32_t major, minor;

	if (!step_number(&text, &major) || !text_skip(&text, ".") || !step_number(&text, &minor))
		return false;
	if (major == 2 && (minor != 6 || !text_skip(&text, ".") || !step_number(&text, &minor)))
		return false;
	if (major < 2)
		return false;
	if (major - 2 < NB_COUNT(firsts))
		*order = firsts[major - 2] + minor;
	else /* of the future */
		*order = firsts[NB_COUNT(firsts) - 1] + 20 * (major - 7) + minor;
	return !text.len || strchr(".-+~_", *text.at);
}

static bool has_any(struct nb_text text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_find(text, words[i]) < text.len)
			return true;
	return false;
}

/* Whether the words are those of a 32-bit build: of its name, its builder. */
static bool names_i386(struct nb_text version)
{
	static const char *const narrow[] = { "i386", "i486", "i586", "i686", "-686" };
	static const char *const wide[] = { "x86_64", "amd64", "x86-64" };

	return has_any(version, narrow, NB_COUNT(narrow)) &&
	       !has_any(version, wide, NB_COUNT(wide));
}

bool release_read(struct nb_text version, struct release *release)
{
	struct nb_text rest = version, line;

	*release = (struct release){ .i386 = false };
	if (!text_line(&rest, &line) || !text_word(&line, &release->text) ||
	    !order_of(release->text, &release->order))
		return false;
	release->i386 = names_i386(version);
	return true;
}

static uint32_t order_of_line(enum nb_line line)
{
	uint32_t order = 0;

	order_of(text_of(nb_lines[line].release), &order);
	return order;
}

uint32_t kernel_order(const struct kernel *kernel)
{
	uint32_t order;
	bool named = kernel->release.len && order_of(kernel->release, &order);

	return named ? order : order_of_line(kernel->line);
}

static void set_line(struct kernel *kernel, enum nb_line line, enum kernel_pick pick)
{
	kernel->line = line;
	kernel->rules = &nb_lines[line];
	kernel->config = nb_configs[line];
	kernel->pick = pick;
}

/* The lines around a release, and the nearer of them. */
static void pick_nearest(struct kernel *kernel, uint32_t order)
{
	enum nb_line nearest;

	for (int i = 0; i < NB_LINES; i++) {
		enum nb_line line = (enum nb_line)i;
		uint32_t own = order_of_line(line);

		if (line_rows[line].i386)
			continue;
		if (own < order) {
			kernel->below = line;
			kernel->below_distance = order - own;
		} else if (kernel->above == NB_LINES) {
			kernel->above = line;
			kernel->above_distance = own - order;
		}
	}
	nearest = kernel->below;
	if (kernel->below == NB_LINES ||
	    (kernel->above != NB_LINES && kernel->above_distance < kernel->below_distance))
		nearest = kernel->above;
	set_line(kernel, nearest, PICK_NEAREST);
}

void kernel_of_release(struct kernel *kernel, const struct release *release)
{
	*kernel = (struct kernel){ .below = NB_LINES, .above = NB_LINES };
	if (!release) {
		set_line(kernel, NB_LINE_6_12, PICK_DEFAULT);
		return;
	}
	kernel->release = release->text;
	for (int i = 0; i < NB_LINES; i++)
		if (order_of_line((enum nb_line)i) == release->order &&
		    line_rows[i].i386 == release->i386) {
			set_line(kernel, (enum nb_line)i, PICK_SAME);
			return;
		}
	pick_nearest(kernel, release->order);
	if (release->i386)
		set_line(kernel, NB_LINE_6_1_I386, PICK_NEAREST);
}

bool kernel_named(struct kernel *kernel, const char *name)
{
	struct release release;

	for (int i = 0; i < NB_LINES; i++)
		if (!strcmp(name, nb_lines[i].line)) {
			*kernel = (struct kernel){ .below = NB_LINES, .above = NB_LINES };
			set_line(kernel, (enum nb_line)i, PICK_ASKED);
			return true;
		}
	if (!release_read(text_of(name), &release) || release.text.len != strlen(name))
		return false;
	kernel_of_release(kernel, &release);
	return true;
}

uint32_t rules_between(const struct nb_rules *a, const struct nb_rules *b,
		       const struct nb_rule **rules, uint32_t most)
{
	uint32_t count, found = 0;
	const struct nb_rule *all = nb_rules(&count);

	for (uint32_t i = 0; i < count; i++) {
		if (nb_rule_value(a, &all[i]) == nb_rule_value(b, &all[i]))
			continue;
		if (found < most)
			rules[found] = &all[i];
		found++;
	}
	return found;
}

/* Whether a rule is not the same in all 64-bit lines from one to another. */
static bool changes_within(const struct nb_rule *rule, enum nb_line first, enum nb_line last)
{
	for (int i = (int)first + 1; i <= (int)last; i++)
		if (nb_rule_value(&nb_lines[i], rule) != nb_rule_value(&nb_lines[first], rule))
			return true;
	return false;
}

uint32_t rules_in_doubt(const struct kernel *kernel, const struct nb_rule **rules, uint32_t most)
{
	uint32_t count, found = 0;
	const struct nb_rule *all = nb_rules(&count);
	enum nb_line first = kernel->below, last = kernel->above;

	if (kernel->pick != PICK_NEAREST)
		return 0;
	first = first == NB_LINES ? last : first;
	last = last == NB_LINES ? first : last;
	if (line_rows[kernel->line].i386) { /* what changed up to its release, or since */
		enum nb_line own = line_rows[kernel->line].before;

		first = first < own ? first : own;
		last = last > own ? last : own;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (!changes_within(&all[i], first, last))
			continue;
		if (found < most)
			rules[found] = &all[i];
		found++;
	}
	return found;
}

/* The name of a value among "first|second|third"; false if it has none. */
static bool value_name(const char *names, uint64_t value, struct nb_text *name)
{
	struct nb_text rest = text_of(names);

	if (text_find(rest, "|") == rest.len)
		return false;
	for (;; value--) {
		size_t end = text_find(rest, "|");

		*name = (struct nb_text){ rest.at, end };
		if (!value || end == rest.len)
			return !value;
		rest = (struct nb_text){ rest.at + end + 1, rest.len - end - 1 };
	}
}

void rule_value_text(const struct nb_rules *rules, const struct nb_rule *rule, char *text,
		     size_t size)
{
	const char *values = rule->words->values ? rule->words->values : "";
	uint64_t value = nb_rule_value(rules, rule);
	struct nb_text name;

	if (value_name(values, value, &name))
		snprintf(text, size, "%.*s", (int)name.len, name.at);
	else if (!strcmp(values, "bytes") && value && value % NB_MIB == 0)
		snprintf(text, size, "%llu MiB", (unsigned long long)(value / NB_MIB));
	else if (!strcmp(values, "bytes") && value && value % 1024 == 0)
		snprintf(text, size, "%llu KiB", (unsigned long long)(value / 1024));
	else
		snprintf(text, size, "%llu%s%s", (unsigned long long)value, *values ? " " : "",
			 values);
}
