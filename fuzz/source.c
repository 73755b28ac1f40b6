/* SPDX-License-Identifier: MIT */
/*
 * source: any bytes as a file that is a SOURCE: told what it is, decoded, and read as
 * each thing that it may be. What comes out lies within what was given or was made of it.
 */
#include "../hosts/sources/archive.h"
#include "../hosts/sources/detect.h"
#include "../hosts/sources/e820_text.h"
#include "../hosts/sources/qemu_words.h"
#include "../hosts/sources/tables.h"

#include "fuzz.h"

#include <string.h>

void pool_exhausted(void)
{
	abort();
}

/* Every byte that a source says it has can be read: the sanitizer looks. */
static void ensure_readable(const struct source *source)
{
	static volatile unsigned sum;

	ensure(source->fw.table_count <= SOURCE_TABLES);
	for (uint32_t i = 0; i < source->fw.table_count; i++) {
		ensure(source->tables[i].at ? source->tables[i].len >= 4
					    : source->tables[i].len == 0);
		for (size_t b = 0; source->tables[i].at && b < source->tables[i].len; b++)
			sum = sum + source->tables[i].at[b];
	}
	for (uint32_t i = 0; i < source->fw.map_count; i++)
		sum = sum + source->fw.map[i].type;
}

static void read_as(bool (*read)(struct source *source, struct nb_text text), struct nb_text text)
{
	static struct source source;

	source = (struct source){ .is_log = false };
	kernel_of_release(&source.kernel, NULL);
	source_assume(&source);
	read(&source, text);
	ensure_readable(&source);
	pool_drop(&source.pool);
}

static bool as_bytes(struct source *source, struct nb_text text)
{
	struct complaint complaint;

	return tables_add_bytes(source, text, "bytes", &complaint);
}

static bool as_dump(struct source *source, struct nb_text text)
{
	struct complaint complaint;

	return tables_add_text(source, text, "dump", &complaint);
}

static bool as_map(struct source *source, struct nb_text text)
{
	struct complaint complaint;

	return e820_text_read(source, text, &complaint);
}

static bool as_log(struct source *source, struct nb_text text)
{
	struct complaint complaint;
	struct boot_log log;

	boot_log_read(&log, text, &source->pool);
	return log_source_read(source, &log, &complaint);
}

static bool as_qemu(struct source *source, struct nb_text text)
{
	static struct guest guest;
	struct complaint complaint;

	return qemu_words_read(&guest, text, &source->pool, &complaint) &&
	       guest_read(source, &guest, &complaint);
}

static void read_archive(struct nb_text text, struct pool *pool)
{
	struct complaint complaint;
	struct archive archive;
	struct nb_text content;

	if (!archive_read(&archive, text, pool, &complaint))
		return;
	for (uint32_t i = 0; i < archive.count; i++) {
		const struct archived *file = &archive.files[i];

		ensure(file->content.at >= text.at &&
		       file->content.at + file->content.len <= text.at + text.len);
		ensure(i == 0 || memcmp(file[-1].name.at, file->name.at,
					nb_min(file[-1].name.len, file->name.len)) <= 0);
		archive_wants(file->name);
	}
	archive_find(&archive, "proc/cmdline", &content);
	archive_log(&archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool pool = { .blocks = NULL };
	struct complaint complaint;
	char *copy = (char *)fuzz_copy(data, size);
	struct nb_text text = { copy, size };

	content_name(content_of(text));
	read_archive(text, &pool);
	read_as(as_bytes, text);
	if (plain_text(text, &pool, &text, &complaint)) {
		content_of(text);
		read_as(as_dump, text);
		read_as(as_map, text);
		read_as(as_log, text);
		read_as(as_qemu, text);
	}
	pool_drop(&pool);
	free(copy);
	return 0;
}
