/* SPDX-License-Identifier: MIT */
/*
 * help: one text, from which the help of a verb is taken, so that there is nothing to
 * say twice. A line that begins a section names the verbs that it is about, or after
 * "all but" those that it is not about, up to a colon; it ends with an empty line or the
 * next section. Lines that begin "  numaboot VERB" are of that verb.
 */
#include "help.h"
#include "options.h"

#include "../sources/text.h"

#include <string.h>

/* Whether a verb is one of the words of a list, "replay, where". */
static bool has_verb(struct nb_text list, const char *verb)
{
	struct nb_text word;

	while (text_word(&list, &word)) {
		if (word.len && word.at[word.len - 1] == ',')
			word.len--;
		if (text_is(word, verb))
			return true;
	}
	return false;
}

/* What a section is about: the text before its colon; false if the line begins none. */
static bool section_of(struct nb_text line, struct nb_text *verbs)
{
	struct nb_text first;

	*verbs = line;
	verbs->len = text_find(line, ":");
	if (verbs->len == line.len || !line.len || line.at[0] == ' ')
		return false;
	first = *verbs;
	if (text_find(*verbs, "all but ") < verbs->len)
		return true;
	first.len = text_find(first, ",");
	return options_have_verb(first);
}

static bool is_about(struct nb_text verbs, const char *verb)
{
	static const char but[] = "all but ";
	size_t at = text_find(verbs, but);

	if (at == verbs.len)
		return has_verb(verbs, verb);
	verbs.at += at + sizeof(but) - 1;
	verbs.len -= at + sizeof(but) - 1;
	return !has_verb(verbs, verb);
}

/* Whether a line of examples, or of the list of verbs, is of another verb. */
static bool is_of_another(struct nb_text line, const char *verb)
{
	struct nb_text word, rest = line;

	if (text_find(line, "numaboot ") == line.len || !line.len || line.at[0] != ' ')
		return false;
	while (text_word(&rest, &word))
		if (text_is(word, "numaboot"))
			return !text_word(&rest, &word) || !text_is(word, verb);
	return false;
}

/* What a verb may be called with, on machines that come with the sources. False if there
 * is no example. */
static bool put_examples(struct out *out, const char *verb)
{
	struct nb_text rest = text_of(options_examples), line;
	bool any = false;

	while (text_line(&rest, &line)) {
		if (is_of_another(line, verb))
			continue;
		out_string(out, any ? "" : "Examples, with machines of tests/machines:\n");
		any = true;
		out_text(out, line);
		out_string(out, "\n");
	}
	return any;
}

void help(struct out *out, const char *verb)
{
	struct nb_text rest = text_of(options_help), line, verbs;
	bool shown = true, blank = false;

	if (verb && !strcmp(verb, "check")) {
		out_string(out, options_help_check);
		out_string(out, "\n");
		put_examples(out, verb);
		return;
	}
	while (text_line(&rest, &line)) {
		if (verb && section_of(line, &verbs))
			shown = is_about(verbs, verb);
		else if (!line.len)
			shown = true;
		if (verb && (!shown || is_of_another(line, verb)))
			continue;
		if (verb && !line.len && blank)
			continue; /* nothing was left between two empty lines */
		blank = !line.len;
		out_text(out, line);
		out_string(out, "\n");
	}
	if (!verb)
		return;
	if (put_examples(out, verb))
		out_string(out, "\n");
	out_string(out, "The rest is told by `man numaboot-");
	out_string(out, verb);
	out_string(out, "`.\n");
}
