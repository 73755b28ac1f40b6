/* SPDX-License-Identifier: MIT */
/*
 * facts_log: the modelled lines of two logs, in order and to the letter.
 *
 *	predicted   |-- before the record --|== compared ==|-- after a panic --|
 *	recorded                            |== compared ==|-- after bring-up --|
 *
 * The boot that is modelled ends when the CPUs are up. Lines of modelled families
 * after that are of memory that was added to the running system.
 *
 * Lines that both have in the same order are found as a longest common
 * subsequence; what is left over on either side is a difference.
 */
#include "facts_log.h"

#include "allocations.h"
#include "releases.h"

#include <stdlib.h>
#include <string.h>

/* A longest common subsequence of more lines than this, after what is the same
 * at both ends, is not looked for: the rest counts as different in whole. */
enum { MIDDLE_MOST = 4000 };

static struct nb_text without_blanks(struct nb_text text)
{
	while (text.len && text.at[text.len - 1] == ' ')
		text.len--;
	return text;
}

/*
 * Leaves out of a line the address of what was taken for a node, for areas or for a
 * crash kernel: it follows from all that was taken before.
 */
static struct nb_text without_address(struct nb_text line, struct pool *pool)
{
	static const struct {
		const char *line, *from;
		char to;
	} parts[] = {
		{ "NODE_DATA", "[mem ", ']' },
		{ " pages/cpu @", "@", ' ' },
		{ " for crashkernel (", "memory at ", 'M' },
		{ "crashkernel reserved: ", ": ", '(' },
		{ "crashkernel low memory reserved: ", ": ", '(' },
	};

	for (size_t i = 0; i < NB_COUNT(parts); i++) {
		size_t from = text_find(line, parts[i].from) + strlen(parts[i].from), to = from;
		char *copy;

		if (text_find(line, parts[i].line) == line.len || from > line.len)
			continue;
		while (to < line.len && line.at[to] != parts[i].to)
			to++;
		copy = (char *)pool_take(pool, line.len);
		memcpy(copy, line.at, from);
		memcpy(copy + from, line.at + to, line.len - to);
		return (struct nb_text){ copy, line.len - (to - from) };
	}
	return line;
}

/* A predicted line that no family knows is compared too, as of no family: it
 * cannot be in the record, so it shows. */
static void take_predicted(struct comparison *c, const struct held *held)
{
	struct nb_text text = held->predicted_log, rest = text, line;
	bool addresses = knows_addresses(held);
	uint32_t count = 0;

	while (text_line(&rest, &line))
		count++;
	c->predicted = (struct log_line *)pool_take(&c->pool, (count + 1) * sizeof(*c->predicted));
	while (text_line(&text, &line)) {
		struct log_line *next = &c->predicted[c->predicted_count++];

		if (!held->recorded->log.keeps_blanks)
			line = without_blanks(line);
		if (!addresses)
			line = without_address(line, &c->pool);
		if (!family_of(line, plain_words(line, &c->pool), next))
			*next = (struct log_line){ .own = line,
						   .plain = line,
						   .family = family_count };
	}
}

static void count_line(struct comparison *c, const struct log_line *line, enum verdict verdict)
{
	if (line->family < FAMILIES_MOST)
		c->lines[line->family][verdict]++;
	c->counts[verdict]++;
}

/* Whether lines for debugging are in the log: every kernel takes the BIOS's part
 * of low memory out of the map, and says so in one. */
static bool has_debug_lines(const struct boot_log *log)
{
	return !log->from_start || boot_log_line(log, "e820: remove [mem 0xa0000-").at;
}

static bool ends_bringup(struct nb_text plain)
{
	struct nb_text other = plain;

	return text_skip(&plain, "smp: Brought up ") || text_skip(&other, "Brought up ");
}

/* Whether a line is of memory that EFI's drivers kept: nothing predicts which. */
static bool is_of_efi(const struct source *source, struct nb_text plain)
{
	struct nb_range range;

	if (!text_skip(&plain, "e820: update ") || !text_mem_range(plain, "[mem ", &range))
		return false;
	for (uint32_t i = 0; i < source->efi_kept_count; i++)
		if (source->efi_kept[i].start == range.start &&
		    source->efi_kept[i].end == range.end)
			return true;
	return false;
}

static bool is_one_of(struct nb_range range, const struct nb_range *ranges, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (ranges[i].start == range.start && ranges[i].end == range.end)
			return true;
	return false;
}

/* Whether a line is of a reservation that is a fact of the machine. */
static bool is_of_facts(const struct nb_boot_facts *facts, struct nb_text plain)
{
	struct nb_range range;

	return text_skip(&plain, "memblock_reserve: ") && text_mem_range(plain, "[", &range) &&
	       (is_one_of(range, facts->found, facts->found_count) ||
		is_one_of(range, facts->setup_data, facts->setup_data_count));
}

/* Returns whether the record reaches the end of what is modelled. */
static bool take_recorded(struct comparison *c, const struct held *held)
{
	const struct boot_log *log = &held->recorded->log;
	struct allocations allocations = { 0 };
	bool over = false, addresses = knows_addresses(held);

	c->recorded =
		(struct log_line *)pool_take(&c->pool, (log->count + 1) * sizeof(*c->recorded));
	c->recorded_at =
		(uint32_t *)pool_take(&c->pool, (log->count + 1) * sizeof(*c->recorded_at));
	for (uint32_t i = 0; i < log->count; i++) {
		struct log_line *line = &c->recorded[c->recorded_count];
		struct nb_text own = log->lines[i], plain = log->plain[i];
		enum allocation allocation = allocation_of(&allocations, plain);
		bool was_over = over;

		over = over || ends_bringup(plain);
		if (allocation == ALLOCATION_OURS) {
			own = without_function(own);
			plain = without_function(plain);
		}
		if (!addresses) {
			own = without_address(own, &c->pool);
			plain = without_address(plain, &c->pool);
		}
		if (allocation == ALLOCATION_OTHERS || !family_of(own, plain, line))
			continue;
		if (was_over || is_of_efi(held->source, plain) ||
		    is_of_facts(&held->source->fw.facts, plain)) {
			count_line(c, line, IS_GIVEN);
			c->later_count += was_over;
			continue;
		}
		c->recorded_at[c->recorded_count++] = i + 1;
	}
	return over;
}

/* Notes a line that cannot be predicted. */
static void note_not_held(struct comparison *c, const struct log_line *line, enum source_fact fact)
{
	uint32_t i = 0;

	while (i < c->not_held_count &&
	       (c->not_held[i].fact != fact || c->not_held[i].family != line->family))
		i++;
	if (i == REASONS_MOST)
		return;
	if (i == c->not_held_count)
		c->not_held[c->not_held_count++] =
			(struct not_held){ .fact = fact, .family = line->family };
	c->not_held[i].lines++;
}

/* Takes out of both sides what the source does not hold: lines for debugging that
 * the record did not keep, and those that depend on a fact that nobody knows. */
static void take_out(struct comparison *c, const struct held *held)
{
	bool debug = has_debug_lines(&held->recorded->log);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < c->predicted_count; i++) {
		const struct log_line *line = &c->predicted[i];

		if ((!line->debug || debug) && line_needs(held, line) == FACTS)
			c->predicted[kept++] = *line;
		else
			count_line(c, line, IS_NOT_RECORDED);
	}
	c->predicted_count = kept;
	kept = 0;
	for (uint32_t i = 0; i < c->recorded_count; i++) {
		enum source_fact fact = line_needs(held, &c->recorded[i]);

		if (fact != FACTS) {
			note_not_held(c, &c->recorded[i], fact);
			continue;
		}
		c->recorded[kept] = c->recorded[i];
		c->recorded_at[kept++] = c->recorded_at[i];
	}
	c->recorded_count = kept;
}

static void differ(struct comparison *c, const struct log_line *predicted,
		   const struct log_line *recorded)
{
	struct log_difference *d = &c->differences[c->difference_count++];

	*d = (struct log_difference){ .predicted = predicted, .recorded = recorded };
	if (recorded)
		d->at = c->recorded_at[recorded - c->recorded];
	count_line(c, recorded ? recorded : predicted, IS_DIFFERENT);
}

/* Whether two lines are one: to the letter, or where the release is not modelled
 * in plain words. */
static bool is_one(const struct comparison *c, const struct log_line *a, const struct log_line *b)
{
	return c->by_meaning ? log_lines_agree(a, b) : log_lines_same(a, b);
}

static void agree(struct comparison *c, const struct log_line *predicted,
		  const struct log_line *recorded)
{
	if (!log_lines_same(predicted, recorded))
		count_line(c, recorded, IS_OF_RELEASE);
	else
		count_line(c, recorded, IS_EXACT);
}

/* Lines that are left over between two that agree: shown side by side while
 * they are of one family. */
static void left_over(struct comparison *c, struct lines predicted, struct lines recorded)
{
	while (predicted.count && recorded.count && predicted.at->family == recorded.at->family) {
		differ(c, predicted.at++, recorded.at++);
		predicted.count--;
		recorded.count--;
	}
	for (; predicted.count; predicted.count--)
		differ(c, predicted.at++, NULL);
	for (; recorded.count; recorded.count--)
		differ(c, NULL, recorded.at++);
}

/* The lengths of the longest common subsequences of all pairs of tails. */
static uint16_t *measure(const struct comparison *c, struct lines a, struct lines b)
{
	size_t row = b.count + 1;
	uint16_t *best = (uint16_t *)calloc((a.count + 1) * row, sizeof(*best));

	if (!best)
		pool_exhausted();
	for (size_t i = a.count; i-- > 0;)
		for (size_t j = b.count; j-- > 0;) {
			uint16_t down = best[(i + 1) * row + j], right = best[i * row + j + 1];

			if (is_one(c, &a.at[i], &b.at[j]))
				best[i * row + j] = (uint16_t)(best[(i + 1) * row + j + 1] + 1);
			else
				best[i * row + j] = down > right ? down : right;
		}
	return best;
}

static struct lines part(struct lines lines, size_t from, size_t to)
{
	return (struct lines){ lines.at + from, (uint32_t)(to - from) };
}

/* Walks along a longest common subsequence. */
static void align(struct comparison *c, struct lines a, struct lines b)
{
	size_t row = b.count + 1, i = 0, j = 0, i_from = 0, j_from = 0;
	uint16_t *best;

	if (a.count > MIDDLE_MOST || b.count > MIDDLE_MOST || !a.count || !b.count) {
		left_over(c, a, b);
		return;
	}
	best = measure(c, a, b);
	while (i < a.count && j < b.count) {
		if (is_one(c, &a.at[i], &b.at[j])) {
			left_over(c, part(a, i_from, i), part(b, j_from, j));
			agree(c, &a.at[i], &b.at[j]);
			i_from = ++i;
			j_from = ++j;
		} else if (best[(i + 1) * row + j] >= best[i * row + j + 1]) {
			i++;
		} else {
			j++;
		}
	}
	left_over(c, part(a, i_from, a.count), part(b, j_from, b.count));
	free(best);
}

/* How many predicted lines come before those of a record that has lost its
 * beginning: up to where its first lines are. */
static uint32_t lines_before(const struct comparison *c)
{
	for (uint32_t want = 3; want > 0; want--)
		for (uint32_t at = 0; at < c->predicted_count; at++) {
			uint32_t i = 0;

			while (i < want && i < c->recorded_count && at + i < c->predicted_count &&
			       is_one(c, &c->predicted[at + i], &c->recorded[i]))
				i++;
			if (i == want)
				return at;
		}
	return 0;
}

/* How many predicted lines come after the last line of a record that broke off:
 * those after the last one that it has too. */
static uint32_t lines_after(const struct comparison *c, struct lines predicted,
			    struct lines recorded)
{
	if (!recorded.count)
		return predicted.count;
	for (uint32_t i = predicted.count; i-- > 0;)
		if (is_one(c, &predicted.at[i], &recorded.at[recorded.count - 1]))
			return predicted.count - 1 - i;
	return 0;
}

static void not_recorded(struct comparison *c, const struct log_line *lines, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		count_line(c, &lines[i], IS_NOT_RECORDED);
}

/* Counts what both have at an end, and leaves it out. */
static void agree_at_ends(struct comparison *c, struct lines *predicted, struct lines *recorded)
{
	while (predicted->count && recorded->count && is_one(c, predicted->at, recorded->at)) {
		agree(c, predicted->at, recorded->at);
		*predicted = part(*predicted, 1, predicted->count);
		*recorded = part(*recorded, 1, recorded->count);
	}
	while (predicted->count && recorded->count &&
	       is_one(c, &predicted->at[predicted->count - 1],
		      &recorded->at[recorded->count - 1])) {
		predicted->count--;
		recorded->count--;
		agree(c, &predicted->at[predicted->count], &recorded->at[recorded->count]);
	}
}

/*
 * Whether the record may lack lines that were logged before its end. One that
 * reaches the end of bring-up does not. A kernel that the prediction lets live may
 * have died anywhere. One that dies in both has logged all that is predicted, and a
 * panic brings that to the console; a machine that stops without a word does not.
 */
static bool may_lack_end(const struct held *held, bool reaches_end)
{
	enum recorded_end end = held->recorded->end;

	if (reaches_end && end != END_PANIC && end != END_STOPPED)
		return false;
	return !held->run->dies || end != END_PANIC;
}

uint32_t compare_logs(struct comparison *c, const struct held *held)
{
	const struct boot_log *log = &held->recorded->log;
	struct lines predicted, recorded;
	uint32_t after = 0, before = 0;
	bool reaches_end;

	take_predicted(c, held);
	reaches_end = take_recorded(c, held);
	take_out(c, held);
	c->differences = (struct log_difference *)pool_take(
		&c->pool,
		((size_t)c->predicted_count + c->recorded_count + 1) * sizeof(*c->differences));
	if (!log->from_start)
		before = lines_before(c);
	predicted = (struct lines){ c->predicted + before, c->predicted_count - before };
	recorded = (struct lines){ c->recorded, c->recorded_count };
	if (may_lack_end(held, reaches_end))
		after = lines_after(c, predicted, recorded);
	predicted.count -= after;
	not_recorded(c, c->predicted, before);
	not_recorded(c, predicted.at + predicted.count, after);
	agree_at_ends(c, &predicted, &recorded);
	align(c, predicted, recorded);
	return after;
}

/* How often a line is predicted. */
static uint32_t count_predicted(const struct comparison *c, const struct log_line *line)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < c->predicted_count; i++)
		count += log_lines_agree(&c->predicted[i], line);
	return count;
}

/* Whether a line that is not where it was predicted is where the other line has it. */
static bool has_moved(const struct comparison *c, const struct log_line *line)
{
	for (uint32_t i = 0; i < c->difference_count; i++) {
		const struct log_difference *d = &c->differences[i];

		if (d->recorded && d->of_release && log_lines_agree(d->recorded, line))
			return true;
	}
	return false;
}

static void count_as_release(struct comparison *c, struct log_difference *d)
{
	const struct log_line *line = d->recorded ? d->recorded : d->predicted;

	d->of_release = true;
	if (line->family < FAMILIES_MOST) {
		c->lines[line->family][IS_DIFFERENT]--;
		c->lines[line->family][IS_OF_RELEASE]++;
	}
	c->counts[IS_DIFFERENT]--;
	c->counts[IS_OF_RELEASE]++;
}

void compare_other_log(struct comparison *c, const struct comparison *other)
{
	for (uint32_t i = 0; i < c->difference_count; i++) {
		struct log_difference *d = &c->differences[i];
		const struct log_line *line = d->recorded ? d->recorded : d->predicted;

		uint32_t own = count_predicted(c, line), others = count_predicted(other, line);

		/* What the other line prints too, or what it prints less often. */
		if (!d->of_release && (d->recorded ? others > 0 : others < own))
			count_as_release(c, d);
	}
	for (uint32_t i = 0; i < c->difference_count; i++) {
		struct log_difference *d = &c->differences[i];

		if (!d->of_release && !d->recorded && has_moved(c, d->predicted))
			count_as_release(c, d);
	}
}

void compare_known_releases(struct comparison *c, struct nb_text release)
{
	for (uint32_t i = 0; i < c->difference_count; i++) {
		struct log_difference *d = &c->differences[i];
		bool predicted = !d->predicted || release_has_own(release, d->predicted->plain);
		bool recorded = !d->recorded || release_has_own(release, d->recorded->plain);

		if (!d->of_release && predicted && recorded)
			count_as_release(c, d);
	}
}
