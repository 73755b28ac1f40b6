/* SPDX-License-Identifier: MIT */
/*
 * where: where RAM is, for people: a row for each thing that has some, down to what
 * is handed out, in bytes that add up; then why, and what would give it back.
 */
#include "where.h"

enum { NAME_COLUMNS = 28, SIZE_COLUMNS = 11, BYTES_COLUMNS = 14, NODES_SHOWN = 4 };

/* Nodes that get a column: the one that was asked for, or all if they are few. */
static struct nb_nodes shown_nodes(const struct locating *v)
{
	struct nb_nodes nodes = { 0 };

	if (v->choice->has_node)
		nb_nodes_add(&nodes, v->choice->nid);
	else if (nb_nodes_count(&v->account->nodes) <= NODES_SHOWN)
		nodes = v->account->nodes;
	return nodes;
}

/* "-1234" at the right of a column. */
static void put_signed(struct out *out, int64_t bytes, enum account_kind kind)
{
	char text[32];
	size_t at = sizeof(text) - 1;
	uint64_t left = bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes;
	bool minus = (bytes < 0) != (kind == IS_LOSS) && bytes;

	text[at] = '\0';
	do {
		text[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (minus)
		text[--at] = '-';
	out_right(out, text + at, BYTES_COLUMNS);
}

/* A row without a byte says nothing, but a sum does. */
static bool is_shown(const struct amount *amount, const struct account_row *row)
{
	if (!amount->known)
		return false;
	if (row->kind == IS_SUM || amount->all)
		return true;
	for (int i = 0; i <= NB_MAX_NODES; i++)
		if (amount->node[i])
			return true;
	return false;
}

static void put_row(struct out *out, const struct locating *v, enum account_row_id id,
		    const struct nb_nodes *nodes)
{
	const struct amount *amount = &v->account->rows[id];
	struct account_row row = account_row(id);
	bool others = false;

	if (!is_shown(amount, &row))
		return;
	if (row.kind == IS_SUM)
		out_style(out, STYLE_HEAD);
	out_string(out, row.kind == IS_LOSS ? "  - " : row.kind == IS_SUM ? "  = " : "  + ");
	out_left(out, row.name, NAME_COLUMNS);
	out_size_in(out, amount->all < 0 ? 0 - (uint64_t)amount->all : (uint64_t)amount->all,
		    SIZE_COLUMNS);
	put_signed(out, amount->all, row.kind);
	nb_for_each_node (nid, nodes)
		put_signed(out, amount->node[nid], row.kind);
	for (int i = 0; i <= NB_MAX_NODES; i++)
		others = others || (amount->node[i] && !nb_nodes_has(nodes, i));
	if (others && nb_nodes_next(nodes, 0) != NB_NO_NODE && !v->choice->has_node)
		put_signed(out, amount->node[NODE_NONE], row.kind);
	out_style(out, STYLE_PLAIN);
	out_string(out, "\n");
}

static void put_heading(struct out *out, const struct nb_nodes *nodes, bool asked)
{
	out_style(out, STYLE_HEAD);
	out_string(out, "    ");
	out_left(out, "", NAME_COLUMNS);
	out_right(out, "in all", SIZE_COLUMNS);
	out_right(out, "bytes", BYTES_COLUMNS);
	nb_for_each_node (nid, nodes) {
		out_blanks(out, BYTES_COLUMNS - 9);
		out_string(out, "node ");
		out_number_in(out, (uint64_t)nid, 4);
	}
	if (!asked && nb_nodes_next(nodes, 0) != NB_NO_NODE)
		out_right(out, "of no node", BYTES_COLUMNS);
	out_style(out, STYLE_PLAIN);
	out_string(out, "\n");
}

static void put_reasons(struct out *out, const struct locating *v)
{
	out_string(out, "\n");
	out_style(out, STYLE_HEAD);
	out_string(out, "Why, and what would give it back\n");
	out_style(out, STYLE_PLAIN);
	for (int id = 0; id < ACCOUNT_ROWS; id++) {
		struct account_row row = account_row((enum account_row_id)id);

		if (!row.reason[0] || !is_shown(&v->account->rows[id], &row))
			continue;
		out_string(out, "    ");
		out_left(out, row.name, NAME_COLUMNS);
		out_string(out, "  ");
		out_string(out, row.reason);
		if (row.gives_back[0]) {
			out_string(out, "\n");
			out_blanks(out, NAME_COLUMNS + 6);
			out_style(out, STYLE_FAINT);
			out_string(out, "back: ");
			out_string(out, row.gives_back);
			out_style(out, STYLE_PLAIN);
		}
		out_string(out, "\n");
	}
}

void view_where(struct out *out, const struct locating *v)
{
	struct nb_nodes nodes = shown_nodes(v);

	view_kernel(out, &v->prediction);
	out_style(out, STYLE_HEAD);
	out_string(out, "Where the RAM of ");
	out_string(out, v->prediction.name);
	out_string(out, " is, under Linux ");
	out_string(out, v->prediction.source->kernel.rules->line);
	out_style(out, STYLE_PLAIN);
	out_string(out, "\n\n");
	put_heading(out, &nodes, v->choice->has_node);
	for (int id = 0; id < ACCOUNT_ROWS; id++)
		put_row(out, v, (enum account_row_id)id, &nodes);
	put_reasons(out, v);
	if (!v->account->is_traced)
		out_string(
			out,
			"\nWhat the kernel takes is known from its stages alone: some small things and "
			"page tables are missing,\nand so is what it gives back. A boot log taken "
			"with memblock=debug tells of all.\n");
}
