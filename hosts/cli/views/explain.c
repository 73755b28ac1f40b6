/* SPDX-License-Identifier: MIT */
/*
 * explain: a chain for people: an answer, then why, each reason with what it was
 * read from and the function of Linux that decides.
 */
#include "explain.h"

#include "../../sources/text.h"

enum { LABEL_COLUMNS = 6, LINE_COLUMNS = 100 };

/* A text in lines of words; those behind the first begin at a column. */
static void put_wrapped(struct out *out, const char *text, size_t column, size_t begin)
{
	struct nb_text rest = text_of(text), word;
	bool first = true;

	while (text_word(&rest, &word)) {
		if (!first && column + 1 + word.len > LINE_COLUMNS) {
			out_string(out, "\n");
			out_blanks(out, begin);
			column = begin;
		} else if (!first) {
			out_string(out, " ");
			column++;
		}
		out_text(out, word);
		column += word.len;
		first = false;
	}
	out_string(out, "\n");
}

static void put_label(struct out *out, const char *label, size_t indent)
{
	out_blanks(out, indent);
	out_style(out, STYLE_FAINT);
	out_left(out, label, LABEL_COLUMNS);
}

/* "SRAT+0xa2 domain 2, SRAT+0xa8 base 0x0": where each value stands. */
static void put_fields(struct out *out, const struct proof *proof)
{
	for (uint32_t i = 0; i < proof->field_count; i++) {
		const struct proof_field *field = &proof->fields[i];

		if (i)
			out_string(out, ", ");
		if (proof->kind == PROOF_TABLE) {
			out_string(out, "+");
			out_hex(out, field->at);
			out_string(out, " ");
			out_string(out, field->name);
			out_string(out, " ");
		}
		if (proof->kind == PROOF_MAP && i) {
			out_string(out, field->name);
			out_string(out, " ");
		}
		out_string(out, field->value);
	}
}

static void put_proof(struct out *out, const struct proof *proof, size_t indent)
{
	put_label(out, proof->kind == PROOF_RULE ? "rule" : "read", indent);
	out_string(out, proof->where);
	switch (proof->kind) {
	case PROOF_TABLE:
		out_string(out, "+");
		out_hex(out, proof->offset);
		out_string(out, " ");
		out_string(out, proof->what);
		if (*proof->chapter) {
			out_string(out, " (");
			out_string(out, proof->chapter);
			out_string(out, ")");
		}
		break;
	case PROOF_MAP:
		out_string(out, ", ");
		out_string(out, proof->what);
		break;
	case PROOF_WORD:
		out_string(out, ", ");
		out_string(out, proof->what);
		out_string(out, ", at ");
		out_number(out, proof->offset);
		break;
	case PROOF_RULE:
		out_string(out, " of ");
		out_string(out, proof->fields[0].name);
		break;
	}
	if (proof->field_count && proof->kind == PROOF_TABLE) {
		out_string(out, "\n");
		out_blanks(out, indent + LABEL_COLUMNS);
	} else {
		out_string(out, ": ");
	}
	put_fields(out, proof);
	if (proof->kind == PROOF_RULE && *proof->what) {
		out_string(out, " (");
		out_string(out, proof->what);
		out_string(out, ")");
	}
	out_style(out, STYLE_PLAIN);
	out_string(out, "\n");
}

static void put_link(struct out *out, const struct link *link, enum nb_line wording)
{
	size_t indent = 2 * link->depth;

	out_blanks(out, indent);
	if (!link->depth)
		out_style(out, STYLE_HEAD);
	else
		out_string(out, "- ");
	indent += link->depth ? 2 : 0;
	put_wrapped(out, link->says, indent, indent);
	out_style(out, STYLE_PLAIN);
	for (uint32_t i = 0; i < link->proof_count; i++)
		put_proof(out, &link->proofs[i], indent + 2);
	if (*link->function.where) {
		put_label(out, "in", indent + 2);
		out_string(out, "Linux ");
		out_string(out, nb_lines[wording].line);
		if (link->function.line != wording) {
			out_string(out, ", as in ");
			out_string(out, nb_lines[link->function.line].line);
		}
		out_string(out, " ");
		out_string(out, link->function.where);
		out_style(out, STYLE_PLAIN);
		out_string(out, "\n");
	}
}

void view_explain(struct out *out, const struct explanation *e)
{
	const struct chain *chain = e->chain;

	view_kernel(out, &e->prediction);
	for (uint32_t i = 0; i < chain->count; i++) {
		if (i && !chain->at[i].depth)
			out_string(out, "\n");
		put_link(out, &chain->at[i], chain->wording);
	}
	if (e->prediction.source->is_log)
		out_string(out,
			   "\nThe source is a boot log: its tables are made up from what it says, "
			   "and have no offsets.\n");
}
