/* SPDX-License-Identifier: MIT */
/*
 * slit: the matrix of distances: ACPI 6.5 5.2.17. A distance and the one back need
 * not be equal, and 255 says that there is no way: neither is a finding.
 */
#include "lint.h"

enum { COUNT_AT = 36, MATRIX_AT = 44, LOCAL = 10, REMOTE = 20, ROWS_MOST = 64 };

static uint8_t distance(const struct lint *l, uint64_t i, uint64_t j)
{
	return l->matrix.matrix.at[i * l->matrix.count + j];
}

static void lint_value(struct lint *l, uint32_t i, uint32_t j)
{
	uint8_t value = distance(l, i, j);
	uint32_t offset = MATRIX_AT + i * (uint32_t)l->matrix.count + j;

	if (i == j && value != LOCAL) {
		report(l, FINDING_SLIT_LOCAL, in_table(l, l->slit, offset), "10",
		       "%u as the distance of domain %u from itself", value, i);
		mend_set(l, l->slit, offset, 1, LOCAL);
	} else if (i != j && value <= LOCAL) {
		uint8_t back = distance(l, j, i);

		report(l, FINDING_SLIT_REMOTE, in_table(l, l->slit, offset), "more than 10",
		       "%u as the distance from domain %u to %u", value, i, j);
		mend_set(l, l->slit, offset, 1, back > LOCAL ? back : REMOTE);
	}
}

/* A matrix of more localities: rows are longer, so that all of it is written anew. */
static void add_rows(struct lint *l, uint32_t count)
{
	uint32_t had = (uint32_t)l->matrix.count;
	uint8_t *bytes;

	if (count > ROWS_MOST)
		return;
	bytes = (uint8_t *)pool_take(&l->out->pool, (size_t)count * count);
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < count; j++)
			bytes[i * count + j] = i < had && j < had ? distance(l, i, j)
					       : i == j           ? LOCAL
								  : REMOTE;
	mend_set(l, l->slit, COUNT_AT, 8, count);
	mend_cut(l, l->slit, MATRIX_AT, had * had);
	mend(l,
	     (struct edit){
		     .kind = EDIT_ADD, .table = l->slit, .width = count * count, .bytes = bytes });
	mend_guess(l, "20 is what Linux assumes where a row is missing");
}

/* The matrix against the domains that the SRAT names. */
static void lint_rows(struct lint *l)
{
	uint32_t last = 0;

	if (l->srat == NO_TABLE || !l->memory_count)
		return;
	for (uint32_t i = 0; i < l->memory_count; i++)
		if (is_on(&l->memory[i]) && l->memory[i].pxm > last)
			last = l->memory[i].pxm;
	for (uint32_t i = 0; i < l->cpu_count; i++)
		if (l->cpu[i].enabled && l->cpu[i].pxm > last)
			last = l->cpu[i].pxm;
	if (last >= l->matrix.count) {
		report(l, FINDING_SLIT_SRAT, in_table(l, l->slit, COUNT_AT),
		       "a row for each domain of the SRAT",
		       "localities: %llu, and the SRAT names domain %u",
		       (unsigned long long)l->matrix.count, last);
		add_rows(l, last + 1);
	} else if (l->matrix.count > (uint64_t)last + 1)
		report(l, FINDING_SLIT_LARGE, in_table(l, l->slit, COUNT_AT),
		       "no more rows than the SRAT has domains",
		       "localities: %llu, and the SRAT's last domain is %u",
		       (unsigned long long)l->matrix.count, last);
}

void lint_slit(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->slit];
	uint64_t bytes = nb_acpi_bytes(table).len, count = table_number(table, COUNT_AT, 8);
	struct place_of_finding place = in_table(l, l->slit, COUNT_AT);

	if (bytes < MATRIX_AT) /* which is told of every table */
		return;
	if (!count) {
		report(l, FINDING_SLIT_EMPTY, place, "one locality or more",
		       "localities: 0, in %llu bytes", (unsigned long long)bytes);
		mend(l, (struct edit){ .kind = EDIT_DROP, .table = l->slit });
		return;
	}
	if (!l->matrix.count) {
		report(l, FINDING_SLIT_SHORT, place, "count * count bytes behind it",
		       "localities: %llu, and %llu byte%s of distances", (unsigned long long)count,
		       (unsigned long long)bytes - MATRIX_AT, plural(bytes - MATRIX_AT));
		mend(l, (struct edit){ .kind = EDIT_DROP, .table = l->slit });
		return;
	}
	if (bytes > MATRIX_AT + count * count) {
		uint32_t end = MATRIX_AT + (uint32_t)(count * count);

		report(l, FINDING_SLIT_LONG, in_table(l, l->slit, end),
		       "a table that ends with its matrix",
		       "%llu byte%s behind the matrix, localities: %llu",
		       (unsigned long long)bytes - end, plural(bytes - end),
		       (unsigned long long)count);
		mend(l, (struct edit){ .kind = EDIT_CUT,
				       .table = l->slit,
				       .offset = end,
				       .width = (uint32_t)bytes - end });
	}
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < count; j++)
			lint_value(l, i, j);
	if (!source_guesses(l->source, FACT_SLIT))
		lint_rows(l);
}
