/* SPDX-License-Identifier: MIT */
/*
 * check: any bytes as tables, one behind the other as their lengths say, on a machine
 * of 4 GiB. What is found, and what mends it, lies in the tables; with all edits made
 * the tables can be checked again, and lines booted.
 */
#include "fuzz.h"

#include "../hosts/check/findings.h"

enum { MOST_TABLES = 6, HEADER = 36 };

void pool_exhausted(void)
{
	abort();
}

static const struct nb_e820_entry map[] = {
	{ 0, 0x9fc00, NB_E820_RAM },
	{ NB_MIB, 3 * NB_GIB - NB_MIB, NB_E820_RAM },
	{ 4 * NB_GIB, NB_GIB, NB_E820_RAM },
};

/* Cuts the bytes into tables, each in a block of its own. */
static void make_tables(struct source *source, const uint8_t *data, size_t size)
{
	source->fw.tables = source->tables;
	while (size && source->fw.table_count < MOST_TABLES) {
		struct nb_table *table = &source->tables[source->fw.table_count++];
		size_t len = size;

		if (size >= HEADER)
			len = data[4] | (size_t)data[5] << 8 | (size_t)data[6] << 16;
		if (!len || len > size)
			len = size;
		*table = fuzz_table(data, len);
		table->at = fuzz_copy(data, len);
		data += len;
		size -= len;
	}
}

static void drop_tables(struct source *source)
{
	for (uint32_t i = 0; i < source->fw.table_count; i++)
		free((void *)(uintptr_t)source->tables[i].at);
}

static void ensure_places(const struct findings *findings, const struct source *source)
{
	for (int id = 0; id < FINDING_IDS; id++) {
		const struct finding *finding = &findings->of[id];

		ensure(finding->edited <= finding->count);
		ensure(!finding->edits == !finding->edited);
		for (const struct edit *e = finding->edits; e; e = e->next) {
			if (e->kind > EDIT_DROP)
				continue;
			ensure(e->table < source->fw.table_count);
			ensure(e->kind == EDIT_DROP || e->kind == EDIT_ADD ||
			       e->offset + e->width <= source->tables[e->table].len);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct source source, mended;
	static struct findings findings, again;
	bool all[FINDING_IDS];
	struct pool pool = { NULL, NULL, 0 };

	source = (struct source){ .fw = { .map = map, .map_count = NB_COUNT(map) } };
	findings = again = (struct findings){ .pool = pool };
	kernel_of_release(&source.kernel, NULL);
	source_assume(&source);
	make_tables(&source, data, size);
	lint_source(&findings, &source);
	ensure_places(&findings, &source);
	repair_prove(&findings, &source);
	for (int id = 0; id < FINDING_IDS; id++)
		all[id] = findings.of[id].edits != NULL;
	repair_source(&mended, &source, &findings, all, &pool);
	lint_source(&again, &mended);
	if (size % 64 == 0) /* it takes long */
		lines_judge(&findings, &source);
	pool_drop(&pool);
	pool_drop(&findings.pool);
	pool_drop(&again.pool);
	drop_tables(&source);
	return 0;
}
