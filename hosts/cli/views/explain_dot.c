/* SPDX-License-Identifier: MIT */
/*
 * explain_dot: a chain as a graph for Graphviz: a box for each link, an arrow from
 * each reason to what it is a reason of.
 */
#include "explain.h"

#include "../../sources/text.h"

enum { DEPTHS = 8, LABEL_COLUMNS = 48 };

/* A text as a label, broken into lines. */
static void put_label(struct out *out, const char *text)
{
	struct nb_text rest = text_of(text), word;
	size_t column = 0;

	while (text_word(&rest, &word)) {
		if (column && column + 1 + word.len > LABEL_COLUMNS) {
			out_string(out, "\\l");
			column = 0;
		} else if (column) {
			out_string(out, " ");
			column++;
		}
		for (size_t i = 0; i < word.len; i++) {
			if (word.at[i] == '"' || word.at[i] == '\\')
				out_string(out, "\\");
			out_write(out, &word.at[i], 1);
		}
		column += word.len;
	}
	out_string(out, "\\l");
}

static void put_proof(struct out *out, const struct proof *proof)
{
	put_label(out, proof->where);
	for (uint32_t i = 0; i < proof->field_count; i++) {
		out_string(out, "  ");
		if (proof->kind == PROOF_TABLE) {
			out_string(out, "+");
			out_hex(out, proof->fields[i].at);
			out_string(out, " ");
		}
		out_string(out, proof->fields[i].name);
		out_string(out, " ");
		put_label(out, proof->fields[i].value);
	}
}

void view_explain_dot(struct out *out, const struct explanation *e)
{
	uint32_t open[DEPTHS] = { 0 }; /* the last link of each depth */

	out_string(out,
		   "digraph explain {\n  rankdir=RL;\n  node [shape=box, fontname=\"sans\"];\n");
	for (uint32_t i = 0; i < e->chain->count; i++) {
		const struct link *link = &e->chain->at[i];

		nb_assert(link->depth < DEPTHS);
		open[link->depth] = i;
		out_string(out, "  l");
		out_number(out, i);
		out_string(out, link->depth ? " [label=\"" : " [style=bold, label=\"");
		put_label(out, link->says);
		for (uint32_t k = 0; k < link->proof_count; k++)
			put_proof(out, &link->proofs[k]);
		if (*link->function.where) {
			out_string(out, "Linux ");
			put_label(out, nb_lines[link->function.line].line);
			put_label(out, " ");
			put_label(out, link->function.where);
		}
		out_string(out, "\"];\n");
		if (!link->depth)
			continue;
		out_string(out, "  l");
		out_number(out, i);
		out_string(out, " -> l");
		out_number(out, open[link->depth - 1]);
		out_string(out, ";\n");
	}
	out_string(out, "}\n");
}
