/* SPDX-License-Identifier: MIT */
/*
 * repair: the edits of findings, made in memory. Places are those of the original,
 * so the order of edits does not matter: numbers are set first, then what goes is
 * left out, then length and checksum are put right.
 */
#include "findings.h"

#include <numaboot/acpi.h>
#include <string.h>

enum { HEADER = 36, LENGTH_AT = 4, CHECKSUM_AT = 9 };

/* What is done to one table. */
struct draft {
	uint8_t *at;   /* a copy of its bytes */
	uint8_t *gone; /* 1 for each byte that goes; null if none does */
	size_t added;  /* bytes behind those of the table */
	bool dropped, touched, sum;
};

static void set_bytes(uint8_t *at, size_t len, const struct edit *edit)
{
	for (uint32_t i = 0; i < edit->width; i++)
		if (edit->offset + i < len)
			at[edit->offset + i] = (uint8_t)(edit->new >> (8 * i));
}

static void edit_table(struct draft *draft, const struct nb_table *table, const struct edit *edit,
		       struct pool *pool)
{
	draft->touched = true;
	switch (edit->kind) {
	case EDIT_SET:
		set_bytes(draft->at, table->len, edit);
		break;
	case EDIT_CUT:
		if (!draft->gone)
			draft->gone = (uint8_t *)pool_take(pool, table->len + 1);
		for (uint32_t i = 0; i < edit->width && edit->offset + i < table->len; i++)
			draft->gone[edit->offset + i] = 1;
		break;
	case EDIT_ADD:
		memcpy(draft->at + table->len + draft->added, edit->bytes, edit->width);
		draft->added += edit->width;
		break;
	case EDIT_DROP:
		draft->dropped = true;
		break;
	case EDIT_SUM:
		draft->sum = true;
		break;
	default:
		break;
	}
}

static void put_checksum(uint8_t *at, size_t len)
{
	uint8_t sum = 0;

	at[CHECKSUM_AT] = 0;
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + at[i]);
	at[CHECKSUM_AT] = (uint8_t)(0 - sum);
}

/* The table as it is after all edits. */
static struct nb_table finish(struct draft *draft, const struct nb_table *table)
{
	struct nb_table made = *table;
	size_t len = 0;

	for (size_t i = 0; i < table->len; i++)
		if (!draft->gone || !draft->gone[i])
			draft->at[len++] = draft->at[i];
	if (table->len >= HEADER && !memcmp(table->at, table->signature, 4))
		memcpy(made.signature, draft->at, 4); /* which may be what is edited */
	memmove(draft->at + len, draft->at + table->len, draft->added);
	len += draft->added;
	made.at = draft->at;
	made.len = len;
	if (len != table->len && table->len >= HEADER)
		for (unsigned i = 0; i < 4; i++)
			draft->at[LENGTH_AT + i] = (uint8_t)(len >> (8 * i));
	if (len >= HEADER && (draft->sum || nb_acpi_checksum_ok(table)))
		put_checksum(draft->at, nb_acpi_bytes(&made).len);
	return made;
}

/* The edits of the findings that are chosen, one after the other. */
struct edit_walk {
	const struct findings *findings;
	const bool *chosen; /* [FINDING_IDS] */
	int id;             /* the next finding */
	const struct edit *next;
};

static const struct edit *edit_next(struct edit_walk *walk)
{
	const struct edit *edit;

	for (; !walk->next && walk->id < FINDING_IDS; walk->id++)
		if (walk->chosen[walk->id])
			walk->next = walk->findings->of[walk->id].edits;
	edit = walk->next;
	if (edit)
		walk->next = edit->next;
	return edit;
}

static bool is_of_table(const struct edit *edit)
{
	return edit->kind <= EDIT_DROP;
}

/* Room for all that is added to tables. */
static size_t bytes_added(const struct findings *findings, const bool chosen[FINDING_IDS])
{
	struct edit_walk walk = { .findings = findings, .chosen = chosen };
	const struct edit *edit;
	size_t sum = 0;

	while ((edit = edit_next(&walk)))
		sum += edit->kind == EDIT_ADD ? edit->width : 0;
	return sum;
}

static void repair_tables(struct source *mended, const struct findings *findings,
			  const bool chosen[FINDING_IDS], struct pool *pool)
{
	struct edit_walk walk = { .findings = findings, .chosen = chosen };
	const struct edit *edit;
	const struct nb_firmware *fw = &mended->fw;
	struct draft *drafts =
		(struct draft *)pool_take(pool, (fw->table_count + 1) * sizeof(*drafts));
	struct nb_table *tables =
		(struct nb_table *)pool_take(pool, (fw->table_count + 1) * sizeof(*tables));
	size_t room = bytes_added(findings, chosen);
	uint32_t count = 0;

	while ((edit = edit_next(&walk))) {
		if (!is_of_table(edit))
			continue;
		if (!drafts[edit->table].at) {
			const struct nb_table *table = &fw->tables[edit->table];

			drafts[edit->table].at = (uint8_t *)pool_take(pool, table->len + room + 1);
			memcpy(drafts[edit->table].at, table->at, table->len);
		}
		edit_table(&drafts[edit->table], &fw->tables[edit->table], edit, pool);
	}
	for (uint32_t i = 0; i < fw->table_count; i++)
		if (!drafts[i].touched)
			tables[count++] = fw->tables[i];
		else if (!drafts[i].dropped)
			tables[count++] = finish(&drafts[i], &fw->tables[i]);
	mended->fw.tables = tables;
	mended->fw.table_count = count;
}

static uint32_t count_put_in(struct edit_walk walk)
{
	const struct edit *edit;
	uint32_t count = 0;

	while ((edit = edit_next(&walk)))
		count += edit->kind == EDIT_PUT_IN;
	return count;
}

/* The map with the entries that come, and without those that go. */
static void repair_map(struct source *mended, const struct findings *findings,
		       const bool chosen[FINDING_IDS], struct pool *pool)
{
	struct edit_walk walk = { .findings = findings, .chosen = chosen };
	const struct edit *edit;
	struct nb_firmware *fw = &mended->fw;
	uint32_t all = fw->map_count + fw->extended_count, count = 0, first;
	struct nb_e820_entry *map = (struct nb_e820_entry *)pool_take(
		pool, (all + count_put_in(walk) + 1) * sizeof(*map));
	bool *gone = (bool *)pool_take(pool, (all + 1) * sizeof(*gone));

	while ((edit = edit_next(&walk))) {
		if (edit->kind == EDIT_TAKE_OUT)
			gone[edit->table] = true;
		if (edit->kind == EDIT_PUT_IN)
			map[count++] = (struct nb_e820_entry){ edit->old, edit->new, edit->width };
	}
	for (uint32_t i = 0; i < fw->map_count; i++)
		if (!gone[i])
			map[count++] = fw->map[i];
	first = count;
	for (uint32_t i = fw->map_count; i < all; i++)
		if (!gone[i])
			map[count++] = fw->extended[i - fw->map_count];
	fw->map = map;
	fw->map_count = first;
	fw->extended = map + first;
	fw->extended_count = count - first;
}

static void repair_words(struct source *mended, const struct findings *findings,
			 const bool chosen[FINDING_IDS], struct pool *pool)
{
	struct edit_walk walk = { .findings = findings, .chosen = chosen };
	const struct edit *edit;
	size_t len = mended->fw.cmdline ? strlen(mended->fw.cmdline) : 0;
	char *line = NULL;

	while ((edit = edit_next(&walk))) {
		if (edit->kind != EDIT_WORD)
			continue;
		if (!line) {
			line = (char *)pool_take(pool, len + 1);
			memcpy(line, mended->fw.cmdline, len);
		}
		memset(line + edit->offset, ' ', edit->width);
	}
	if (line)
		mended->fw.cmdline = line;
}

void repair_source(struct source *mended, const struct source *source,
		   const struct findings *findings, const bool chosen[FINDING_IDS],
		   struct pool *pool)
{
	*mended = *source;
	repair_tables(mended, findings, chosen, pool);
	repair_map(mended, findings, chosen, pool);
	repair_words(mended, findings, chosen, pool);
}

/* What the checksum of a table becomes by a finding's edits: told with them. */
static void add_sum(struct findings *findings, struct finding *finding, const struct source *source,
		    const struct source *mended)
{
	for (const struct edit *e = finding->edits; e; e = e->next)
		if (e->kind == EDIT_SUM || e->kind == EDIT_DROP)
			return;
	for (uint32_t i = 0; i < source->fw.table_count; i++) {
		const struct nb_table *from = &source->fw.tables[i];
		const struct nb_table *to = &mended->fw.tables[i]; /* none was dropped */
		struct edit *sum;

		if (to->at == from->at || from->len < HEADER || to->len < HEADER ||
		    to->at[CHECKSUM_AT] == from->at[CHECKSUM_AT])
			continue;
		sum = (struct edit *)pool_take(&findings->pool, sizeof(*sum));
		*sum = (struct edit){ .next = finding->edits,
				      .kind = EDIT_SUM,
				      .table = i,
				      .offset = CHECKSUM_AT,
				      .width = 1,
				      .old = from->at[CHECKSUM_AT],
				      .new = to->at[CHECKSUM_AT] };
		finding->edits = sum;
	}
}

/* The number that a checksum's own edit makes of it. */
static void fill_sum(struct findings *findings, struct finding *finding,
		     const struct source *mended)
{
	const struct edit *old = finding->edits;

	finding->edits = NULL;
	for (; old; old = old->next) {
		struct edit *edit = (struct edit *)pool_take(&findings->pool, sizeof(*edit));

		*edit = *old;
		edit->new = mended->fw.tables[old->table].at[CHECKSUM_AT];
		edit->next = finding->edits;
		finding->edits = edit;
	}
}

/* Whether something is found that was not there before, notes aside. */
static bool is_worse(const struct findings *after, const struct findings *before)
{
	for (int id = 0; id < FINDING_IDS; id++)
		if (after->of[id].count && !before->of[id].count &&
		    finding_rows[id].severity > SEVERITY_NOTE)
			return true;
	return false;
}

void repair_prove(struct findings *findings, const struct source *source)
{
	static struct source mended;

	for (int id = 0; id < FINDING_IDS; id++) {
		struct finding *finding = &findings->of[id];
		struct findings *again;
		struct pool pool = { NULL, NULL, 0 };
		bool chosen[FINDING_IDS] = { false };

		if (!finding->edits)
			continue;
		chosen[id] = true;
		repair_source(&mended, source, findings, chosen, &pool);
		again = (struct findings *)pool_take(&pool, sizeof(*again));
		lint_source(again, &mended);
		finding->mended = !again->of[id].count && !is_worse(again, findings);
		pool_drop(&again->pool);
		if (id == FINDING_TABLE_CHECKSUM)
			fill_sum(findings, finding, &mended);
		else
			add_sum(findings, finding, source, &mended);
		pool_drop(&pool);
	}
}
