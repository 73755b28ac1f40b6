/* SPDX-License-Identifier: MIT */
/*
 * text: small steps over text that a kernel wrote: lines, words, numbers, lists
 * of numbers. Nothing is taken to be terminated.
 */
#ifndef HOSTS_SOURCES_TEXT_H
#define HOSTS_SOURCES_TEXT_H

#include <numaboot/params.h>

/* Text that a string holds. */
struct nb_text text_of(const char *string);

static inline bool text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What is behind so many bytes, which the text has. */
struct nb_text text_from(struct nb_text text, size_t skipped);

/* Gives the next line, without its newline and a carriage return before it;
 * false at the end. */
bool text_line(struct nb_text *rest, struct nb_text *line);

/* Gives the next word, words being parted by blanks and tabs; false if there is none. */
bool text_word(struct nb_text *rest, struct nb_text *word);

/* Without blanks, tabs and newlines at both ends. */
struct nb_text text_trim(struct nb_text text);

/* Steps over a prefix whose first byte, if it has one, is the text's. */
bool text_skip_rest(struct nb_text *text, const char *prefix);

/* Steps over a prefix; false, and nothing happens, if the text has another. Most lines
 * of a log differ from what is asked for in their first byte. */
static inline bool text_skip(struct nb_text *text, const char *prefix)
{
	return (!text->len || *text->at == *prefix || !*prefix) && text_skip_rest(text, prefix);
}

bool text_is(struct nb_text text, const char *string);
bool text_same(struct nb_text a, struct nb_text b);

/* Whether one of the words is this one. */
bool text_has_word(struct nb_text text, const char *word);

/* Where a string begins in the text, or text.len if it is not there. */
size_t text_find(struct nb_text text, const char *string);

/* How many of its bytes are this one. */
size_t text_count(struct nb_text text, char c);

/* Reads a number, 0x or not, that the whole text is; false if it is none. */
bool text_u64(struct nb_text text, uint64_t *value);

/* Steps over a word and takes the number behind it, blanks between or not, which ends with the text or
 * with one of " ,)]-". */
bool text_number_after(struct nb_text *line, const char *word, uint64_t *number);

/* Reads the range that follows a mark, "[mem 0x1000-0x1fff]" behind "[mem ": the end
 * in the text is inclusive, that of *range is not. */
bool text_mem_range(struct nb_text text, const char *mark, struct nb_range *range);

/* Reads "0-3,8" into a bit set of `bits` bits; false if it is no such list or
 * names a number beyond the set. An empty text is an empty list. */
bool text_list(struct nb_text text, uint64_t *set, uint32_t bits);

enum { SIZE_TEXT = 40 };

/* Writes bytes in the largest unit that reads well, "64 MiB" or "1.5 GiB". Returns its
 * length. */
size_t text_size(uint64_t bytes, char text[SIZE_TEXT]);

/* Numbers that follow each other in a bit set. */
struct run_of {
	uint32_t first, last;
};

/* Gives the first run of members at or above `from` and below `end`; false if
 * there is none. */
bool bits_next_run(const uint64_t *bits, uint32_t from, uint32_t end, struct run_of *run);

/* How many bits hold numbers below n, at most 31. */
uint8_t bits_for(uint64_t n);

#endif
