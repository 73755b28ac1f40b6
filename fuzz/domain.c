/* SPDX-License-Identifier: MIT */
/*
 * domain: any bytes as the description of a machine: the XML of a libvirt domain, QEMU's
 * command line, predict's JSON. One that is accepted is made.
 */
#include "../hosts/cli/json_source.h"
#include "../hosts/cli/libvirt.h"
#include "../hosts/sources/qemu_words.h"

#include "fuzz.h"

void pool_exhausted(void)
{
	abort();
}

static struct guest guest;

static void make(void)
{
	static struct source source;
	struct complaint complaint;

	source = (struct source){ .is_log = false };
	kernel_of_release(&source.kernel, NULL);
	if (guest_read(&source, &guest, &complaint)) {
		ensure(source.fw.map_count > 3 && source.fw.table_count >= 3);
		ensure(source_has_map(&source));
	}
	pool_drop(&source.pool);
}

static void read_json(struct nb_text text)
{
	static struct source source;
	struct complaint complaint;
	char line[JSON_LINE_MOST];

	source = (struct source){ .is_log = false };
	kernel_of_release(&source.kernel, NULL);
	if (json_source_read(&source, text, &complaint))
		ensure(source.fw.table_count <= SOURCE_TABLES);
	json_source_line(text, line);
	pool_drop(&source.pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool pool = { .blocks = NULL };
	struct complaint complaint;
	char *copy = (char *)fuzz_copy(data, size);
	const struct nb_text text = { copy, size };

	if (libvirt_read(&guest, text, &pool, &complaint))
		make();
	pool_drop(&pool);
	if (qemu_words_read(&guest, text, &pool, &complaint))
		make();
	pool_drop(&pool);
	read_json(text);
	free(copy);
	return 0;
}
