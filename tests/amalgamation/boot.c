/* SPDX-License-Identifier: MIT */
/*
 * boot: writes the log of each machine that is named, by every line of Linux, with what
 * a stranger's program has: one header. A machine is a directory with the boot page, the
 * tables and the command line of a sysroot.
 */
#include "numaboot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_AT = 0x10000, FILE_MOST = 4 << 20, TABLES = 6, MAP = 128 };

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

/* Bytes of a file; none if there is no such file. */
static struct nb_bytes read_file(const char *directory, const char *name)
{
	char path[4096];
	uint8_t *at = (uint8_t *)malloc(FILE_MOST);
	struct nb_bytes bytes = { .at = at };
	FILE *file;

	snprintf(path, sizeof(path), "%s/sysroot/%s", directory, name);
	file = fopen(path, "rb");
	nb_assert(at);
	if (!file)
		return bytes;
	bytes.len = fread(at, 1, FILE_MOST - 1, file);
	at[bytes.len] = '\0';
	fclose(file);
	return bytes;
}

struct page {
	struct nb_map map; /* first */
	struct nb_bytes bytes;
};

static const void *map_page(struct nb_map *self, nb_phys address, size_t len)
{
	const struct page *page = (struct page *)self;

	return address == PAGE_AT && len <= page->bytes.len ? page->bytes.at : NULL;
}

static void write_out(struct nb_writer *self, const char *text, size_t len)
{
	(void)self;
	fwrite(text, 1, len, stdout);
}

struct log {
	struct nb_sink sink; /* first */
	struct nb_writer writer;
	enum nb_line wording;
};

static void put(struct nb_sink *self, const struct nb_event *event)
{
	struct log *log = (struct log *)self;

	printf("[%s] ", nb_event_name(event->kind));
	nb_render_log(event, log->wording, &log->writer);
	nb_render_sentence(event, &log->writer);
	putchar('\n');
}

static void boot_by(const struct nb_firmware *fw, int line)
{
	static struct nb_boot boot;
	struct log log = { .sink.put = put,
			   .writer.write = write_out,
			   .wording = nb_lines[line].wording };
	const struct nb_env env = { &nb_lines[line], &nb_configs[line], &log.sink };
	const struct nb_limits limits = nb_limits_for(fw, env.config);
	size_t size = nb_boot_size(&limits);
	void *block = aligned_alloc(16, (size + 15) & ~(size_t)15);

	nb_assert(block);
	if (nb_boot_init(&boot, block, size, &limits, &env, fw))
		abort();
	printf("%s: %s\n", nb_lines[line].line, nb_err_text(nb_boot(&boot)));
	free(block);
}

static void boot(const char *directory)
{
	static const char signatures[TABLES][5] = {
		"FACP", "APIC", "SRAT", "SLIT", "HMAT", "CEDT"
	};
	struct page page = { .map.map = map_page,
			     .bytes = read_file(directory, "sys/kernel/boot_params/data") };
	struct nb_bytes cmdline = read_file(directory, "proc/cmdline"), files[TABLES];
	struct nb_e820_entry entries[MAP];
	struct nb_loader loader = { .map = entries, .map_cap = MAP };
	struct nb_table tables[TABLES];
	struct nb_firmware fw = { .tables = tables };
	struct nb_fault fault;

	if (nb_boot_params_read(&loader, &page.map, PAGE_AT, &fault) || !cmdline.len)
		abort();
	for (int i = 0; i < TABLES; i++) {
		char name[64];

		snprintf(name, sizeof(name), "sys/firmware/acpi/tables/%s", signatures[i]);
		files[i] = read_file(directory, name);
		if (!files[i].len)
			continue;
		tables[fw.table_count] =
			(struct nb_table){ .at = files[i].at, .len = files[i].len };
		memcpy(tables[fw.table_count++].signature, signatures[i], 4);
	}
	for (int line = 0; line < NB_LINES; line++) {
		fw.facts = nb_boot_facts_assumed(&nb_configs[line]);
		nb_firmware_take(&fw, &loader);
		fw.cmdline = (const char *)cmdline.at;
		boot_by(&fw, line);
	}
	for (int i = 0; i < TABLES; i++)
		free((void *)files[i].at);
	free((void *)page.bytes.at);
	free((void *)cmdline.at);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		boot(argv[i]);
	return 0;
}
