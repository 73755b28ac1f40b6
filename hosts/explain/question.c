/* SPDX-License-Identifier: MIT */
/* question: a few words, the first of which says what is asked. */
#include "question.h"

#include "../sources/text.h"

#include <numaboot/render.h>
#include <string.h>

const char question_forms[] = "an address (0x100000000, 4G), a range (4G-5G, the end not in it; "
			      "0x1000-0x9efff, the last byte), node N, cpu N, zone Z of node N, "
			      "pxm N, fallback of node N, memory, an ID of numaboot check";

/* "4G" or "0x1000"; false if it is not all a size. */
static bool read_size(struct nb_text text, uint64_t *value)
{
	const char *start = text.at;

	*value = nb_text_size(&text);
	return text.at != start && !text.len && start[0] >= '0' && start[0] <= '9';
}

/* An end in hexadecimal is that of a line of the log, its last byte; one with a unit,
 * or round, is where the next range begins. */
static bool read_range(struct nb_text text, struct nb_range *range)
{
	size_t dash = text_find(text, "-");
	struct nb_text end = text;

	if (dash == text.len) {
		if (!read_size(text, &range->start) || range->start == UINT64_MAX)
			return false;
		range->end = range->start + 1;
		return true;
	}
	text.len = dash;
	end.at += dash + 1;
	end.len -= dash + 1;
	if (!read_size(text, &range->start) || !read_size(end, &range->end))
		return false;
	if ((range->end & (NB_PAGE_SIZE - 1)) == NB_PAGE_SIZE - 1 && range->end < UINT64_MAX)
		range->end++;
	return range->start < range->end;
}

enum { WORDS_MOST = 8 };

static const struct {
	const char *word;
	enum question_kind kind;
} first_words[] = {
	{ "node", ASK_NODE }, { "cpu", ASK_CPU },           { "zone", ASK_ZONE },
	{ "pxm", ASK_PXM },   { "fallback", ASK_FALLBACK }, { "memory", ASK_MEMORY },
};

bool question_begins(const char *word)
{
	struct nb_text first = text_of(word), rest = first;
	struct nb_range unused;

	first.len = text_find(first, " "); /* all of it may be one word, in quotes */
	for (size_t i = 0; i < NB_COUNT(first_words); i++)
		if (text_is(first, first_words[i].word))
			return true;
	return read_range(rest, &unused);
}

/* The largest number that a question can be of. */
static uint32_t number_most(enum question_kind kind)
{
	return kind == ASK_PXM ? UINT32_MAX : INT32_MAX;
}

static bool read_number(struct nb_text word, uint32_t most, uint32_t *number)
{
	uint64_t value;

	if (!text_u64(word, &value) || value > most)
		return false;
	*number = (uint32_t)value;
	return true;
}

static bool read_zone(struct nb_text word, enum nb_zone_id *zone)
{
	for (int id = 0; id < NB_ZONES; id++)
		if (text_is(word, nb_zone_name((enum nb_zone_id)id))) {
			*zone = (enum nb_zone_id)id;
			return true;
		}
	return false;
}

/* "N", "node N" or "of node N". */
static bool read_node(const struct nb_text *words, unsigned count, int32_t *nid)
{
	uint32_t number;

	if (count && text_is(words[0], "of")) {
		words++;
		count--;
	}
	if (count && text_is(words[0], "node")) {
		words++;
		count--;
	}
	if (count != 1 || !read_number(words[0], INT32_MAX, &number))
		return false;
	*nid = (int32_t)number;
	return true;
}

static bool read_rest(struct question *question, const struct nb_text *words, unsigned count)
{
	switch (question->kind) {
	case ASK_NODE:
	case ASK_FALLBACK:
		return read_node(words, count, &question->nid);
	case ASK_CPU:
	case ASK_PXM:
		return count == 1 &&
		       read_number(words[0], number_most(question->kind), &question->number);
	case ASK_ZONE:
		return count && read_zone(words[0], &question->zone) &&
		       read_node(words + 1, count - 1, &question->nid);
	default:
		return !count;
	}
}

/* The words of all arguments, some of which may be several in quotes. False if there are
 * more than a question has. */
static bool split(const char *const *arguments, unsigned count, struct nb_text *words,
		  unsigned *word_count)
{
	*word_count = 0;
	for (unsigned i = 0; i < count; i++) {
		struct nb_text rest = text_of(arguments[i]), word;

		while (text_word(&rest, &word)) {
			if (*word_count == WORDS_MOST)
				return false;
			words[(*word_count)++] = word;
		}
	}
	return true;
}

/* Whether a word is a number of whatever size. */
static bool is_number(struct nb_text word)
{
	bool hex = text_skip(&word, "0x");
	size_t i = 0;

	while (i < word.len && ((word.at[i] >= '0' && word.at[i] <= '9') ||
				(hex && (word.at[i] | 0x20) >= 'a' && (word.at[i] | 0x20) <= 'f')))
		i++;
	return word.len && i == word.len;
}

/* Whether a word is a number that is too large for the question. */
static bool is_too_large(const struct question *question, struct nb_text word)
{
	uint32_t unused;

	return is_number(word) && (question->kind == ASK_RANGE ||
				   !read_number(word, number_most(question->kind), &unused));
}

/* Complains of what is no question, by the word that is wrong in it. */
static void refuse(const struct question *question, const struct nb_text *words, unsigned count,
		   struct complaint *complaint)
{
	enum nb_zone_id unused;
	unsigned large = 0;

	while (large < count && !is_too_large(question, words[large]))
		large++;
	if (large < count && question->kind == ASK_RANGE && count == 1)
		complain(complaint, "'%.*s' is too large: expected an address below 0x%llx",
			 (int)words[0].len, words[0].at, (unsigned long long)UINT64_MAX);
	else if (large < count && question->kind != ASK_RANGE)
		complain(complaint, "'%.*s' is too large: expected a number of at most %u",
			 (int)words[large].len, words[large].at, number_most(question->kind));
	else if (count > 1 && question->kind == ASK_ZONE && text_is(words[0], "zone") &&
		 !read_zone(words[1], &unused))
		complain(complaint,
			 "'%.*s' is no zone: expected DMA, DMA32, Normal, HighMem or Movable",
			 (int)words[1].len, words[1].at);
	else
		complain(complaint, "'%.*s' is no question: expected %s",
			 count ? (int)words[0].len : 0, count ? words[0].at : "", question_forms);
}

bool question_read(struct question *question, const char *const *arguments, unsigned count,
		   struct complaint *complaint)
{
	struct nb_text words[WORDS_MOST];
	bool given = count > 0, fits = split(arguments, count, words, &count);

	*question = (struct question){ .kind = ASK_STORY };
	if (!given)
		return true;
	for (size_t i = 0; count && i < NB_COUNT(first_words); i++) {
		if (!text_is(words[0], first_words[i].word))
			continue;
		question->kind = first_words[i].kind;
		if (fits && read_rest(question, words + 1, count - 1))
			return true;
		refuse(question, words, count, complaint);
		return false;
	}
	question->kind = ASK_RANGE;
	if (count == 1 && read_range(words[0], &question->range))
		return true;
	refuse(question, words, count, complaint);
	return false;
}
