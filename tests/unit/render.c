/* SPDX-License-Identifier: MIT */
/*
 * render: the catalog as a whole, since one wrong row is found by nobody until its
 * event comes: names, fields and templates. Then lines and sentences word by word.
 */
#include "check.h"

#include "render/catalog.h"

#include <numaboot/events.h>
#include <numaboot/firmware.h>
#include <numaboot/params.h>
#include <numaboot/render.h>
#include <numaboot/rules.h>

#include <string.h>

/* What was written. */
static struct page {
	struct nb_writer writer;
	char text[16384];
	size_t len;
} page;

static void write(struct nb_writer *self, const char *text, size_t len)
{
	(void)self;
	check(page.len + len < sizeof(page.text), "what is written has a reasonable length");
	memcpy(page.text + page.len, text, len);
	page.len += len;
	page.text[page.len] = '\0';
}

static struct nb_writer *blank_page(void)
{
	page.writer.write = write;
	page.len = 0;
	page.text[0] = '\0';
	return &page.writer;
}

static bool is_name(const char *name)
{
	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/* "mm/memblock.c memblock_reserve()" in some line; what a stage or a death is has no one
 * place, and what is repaired none. */
static void check_source(const struct nb_catalog_row *row)
{
	bool nowhere = row->kind == NB_EV_STAGE || row->kind == NB_EV_DIES ||
		       !strncmp(row->name, "repair_", 7);
	unsigned known = 0;

	for (int line = 0; line <= NB_LINE_7_3; line++) {
		struct nb_source source = nb_event_source(row->kind, (enum nb_line)line);
		size_t len = strlen(source.where);

		check(source.line == (line < NB_LINE_5_10 ? NB_LINE_5_10 : (enum nb_line)line),
		      "an older line is told as the nearest that was read has it");
		known += len > 0;
		check(!len || (strstr(source.where, ".c ") &&
			       !strcmp(source.where + len - 2, "()")),
		      row->name);
	}
	check(nowhere == (known == 0), row->name);
}

static void test_rows(void **state)
{
	(void)state;
	for (int kind = 0; kind < NB_EVENT_KINDS; kind++) {
		const struct nb_catalog_row *row = &nb_catalog[kind];

		check((int)row->kind == kind, "each row stands at its kind's place");
		check(row->name && is_name(row->name), "each kind has a name");
		check(!strcmp(nb_event_name(row->kind), row->name), "and tells it");
		check(nb_log_words[kind] || row->says, "each kind is told in some way");
		check_source(row);
		for (int other = 0; other < kind; other++)
			check(strcmp(row->name, nb_catalog[other].name), row->name);
		for (int field = 0; field < NB_EVENT_FIELDS; field++) {
			const char *name =
				nb_event_field_name(row->kind, (enum nb_event_field)field);

			check(!*name || is_name(name), row->name);
			for (int other = 0; *name && other < field; other++)
				check(!row->field[other] || strcmp(name, row->field[other]),
				      row->name);
		}
	}
}

static const char *const fields[NB_EVENT_FIELDS] = {
	"nid", "other_nid", "id",    "flags", "range", "other",
	"got", "limit",     "more0", "more1", "more2", "more3",
};

/* Whether a reference at a template's brace names a field that the kind carries, or the reason. */
static bool reference_ok(const struct nb_catalog_row *row, const char *at)
{
	size_t len = strcspn(at, ":?!}");

	if (len == 3 && !strncmp(at, "why", 3))
		return true;
	for (int field = 0; field < NB_EVENT_FIELDS; field++)
		if (strlen(fields[field]) == len && !strncmp(at, fields[field], len))
			return row->field[field] != NULL;
	return false;
}

static void check_template(const struct nb_catalog_row *row, const char *text)
{
	int depth = 0;

	for (const char *at = text; *at; at++) {
		if (*at == '{') {
			check(reference_ok(row, at + 1), row->name);
			depth++;
		} else if (*at == '}') {
			check(depth-- > 0, row->name);
		}
		if (*at == '?' && depth && at[1] != ' ')
			check(strchr("1248", at[1]) && at[2] == ':', row->name);
	}
	check(depth == 0, row->name);
}

static void test_templates(void **state)
{
	(void)state;
	for (int kind = 0; kind < NB_EVENT_KINDS; kind++) {
		const struct nb_catalog_row *row = &nb_catalog[kind];

		if (nb_log_words[kind])
			check_template(row, nb_log_words[kind]);
		if (!row->says)
			continue;
		check_template(row, row->says);
		check(!strchr(row->says, '\n'), row->name);
		check(row->says[strcspn(row->says, ".")], row->name);
	}
	for (size_t i = 0; i < nb_wording_count; i++) {
		check((unsigned)nb_wordings[i].kind < NB_EVENT_KINDS, "a wording is of a kind");
		check(nb_wordings[i].first <= nb_wordings[i].last, "from one line to a later one");
		if (nb_wordings[i].log)
			check_template(&nb_catalog[nb_wordings[i].kind], nb_wordings[i].log);
	}
}

/* Each field of an event at the same extreme. */
static struct nb_event extreme(enum nb_event_kind kind, enum nb_why why, uint64_t value)
{
	struct nb_event event = {
		.kind = kind,
		.why = why,
		.id = (uint32_t)value,
		.flags = (uint32_t)value,
		.range = { value, value },
		.other = { value, value },
		.got = value,
		.limit = value,
		.more = { value, value, value, value },
	};

	event.nid = event.other_nid = value ? NB_NO_NODE : 0;
	return event;
}

/* Padding is counted by a field: no event has more of it than a line is long. */
static bool counts_padding(enum nb_event_kind kind)
{
	const char *log = nb_log_words[kind];

	return log && (strstr(log, ":blanks}") || strstr(log, ":zeros}"));
}

static void test_every_field_renders(void **state)
{
	static const uint64_t values[] = { 0, 1, 0x55, 0xaa, UINT32_MAX, UINT64_MAX };

	(void)state;
	for (int kind = 0; kind < NB_EVENT_KINDS; kind++) {
		for (size_t i = 0; i < NB_COUNT(values); i++) {
			struct nb_event event =
				extreme((enum nb_event_kind)kind, NB_WHY_NONE, values[i]);

			if (counts_padding(event.kind) && values[i] > 0xaa)
				continue;
			for (int line = 0; line < NB_LINES; line++)
				nb_render_log(&event, (enum nb_line)line, blank_page());
			for (int why = 0; why < NB_WHYS; why++) {
				event.why = (enum nb_why)why;
				nb_render_sentence(&event, blank_page());
				check(!strpbrk(page.text, "{}"), nb_event_name(event.kind));
				check(!nb_catalog[kind].says || page.len,
				      nb_event_name(event.kind));
			}
		}
	}
}

static void test_reasons(void **state)
{
	(void)state;
	for (int why = 0; why < NB_WHYS; why++) {
		const char *name = nb_why_name((enum nb_why)why);

		if (why != NB_WHY_NONE)
			check(is_name(name), "each reason has a name");
		check(*nb_why_text((enum nb_why)why) && strcmp(nb_why_text((enum nb_why)why), "?"),
		      name);
		for (int other = 0; other < why; other++)
			check(strcmp(name, nb_why_name((enum nb_why)other)), name);
	}
	check(!strcmp(nb_why_name(NB_WHYS), "?"), "what is no reason has no name");
	check(!strcmp(nb_why_text(NB_WHYS), "?"), "and no words");
}

static void test_names(void **state)
{
	(void)state;
	for (int stage = 0; stage <= NB_READY; stage++)
		check(is_name(nb_stage_name((enum nb_stage)stage)), "each stage has a name");
	check(!strcmp(nb_stage_name((enum nb_stage)(NB_READY + 1)), "?"), "what is none has not");
	for (int zone = 0; zone < NB_ZONES; zone++)
		check(*nb_zone_name((enum nb_zone_id)zone), "each zone has a name");
	check(!*nb_zone_name(NB_ZONES), "what is none has not");
	check(!nb_e820_type_text(99, NB_LINE_6_12), "an unknown type has no words");
}

/* Lines in the words of 6.12. */
static const struct line {
	struct nb_event event;
	const char *log, *says; /* null: not looked at */
} lines[] = {
	{ { NB_EV_MAP_BEGIN, .flags = NB_VIEW_SETUP_DATA },
	  "extended physical RAM map:\n",
	  "The memory map as reserve setup_data has it follows." },
	{ { NB_EV_MAP_ENTRY, .flags = NB_VIEW_BIOS, .id = NB_E820_RAM, .range = { 0, 0x9fc00 } },
	  "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable\n",
	  "0x00000000-0x0009fbff is usable." },
	{ { NB_EV_MAP_ENTRY, .flags = NB_VIEW_USER, .id = 20, .range = { 0, 0 } },
	  "user: [mem 0x0000000000000000-0xffffffffffffffff] type 20\n",
	  "0x00000000-0xffffffffffffffff is type 20." },
	{ { NB_EV_MAP_UPDATE, .range = { 0, 0x1000 }, .id = 1, .got = 2, .why = NB_WHY_BIOS_AREA },
	  "e820: update [mem 0x00000000-0x00000fff] usable ==> reserved\n",
	  "What is usable in 0x00000000-0x00000fff becomes reserved: it is the firmware's, whatever the map says." },
	{ { NB_EV_MAP_REMOVE, .range = { 0x123456789000, UINT64_MAX }, .id = 12,
	    .why = NB_WHY_ASKED },
	  "e820: remove [mem 0x123456789000-0xfffffffffffffffe] persistent (type 12)\n",
	  "What is persistent (type 12) in 0x123456789000-0xfffffffffffffffe is taken out of the memory map: the command line asks for it." },
	{ { NB_EV_MAP_REMOVE, .range = { 0, 1 }, .flags = 1, .why = NB_WHY_KERNEL_THERE },
	  "e820: remove [mem 0x00000000-0x00000000] \n",
	  "What is anything in 0x00000000-0x00000000 is taken out of the memory map: the kernel runs there." },
	{ { NB_EV_LAST_PFN, .got = 0x40000, .limit = 0x400000000 },
	  "last_pfn = 0x40000 max_arch_pfn = 0x400000000\n",
	  "RAM ends at page frame 0x40000; this kernel can address 0x400000000." },
	{ { NB_EV_PARAM_MALFORMED, .id = NB_PARAM_MEM, .flags = 1 },
	  "mem=nopentium ignored! (only supported on x86_32)\nMalformed early option 'mem'\n",
	  "The value of mem= on the command line cannot be read, so the parameter has no effect beyond what was read before." },
	{ { NB_EV_PARAM_MALFORMED, .id = NB_PARAM_NUMA }, "Malformed early option 'numa'\n", NULL },
	{ { NB_EV_MTRR_TRIMMED, .got = 3 * NB_MIB + 5 },
	  "WARNING: BIOS bug: CPU MTRRs don't cover all of memory, losing 3MB of RAM.\nupdate e820 for mtrr\n",
	  "The CPU's MTRRs do not make 3145733 bytes of RAM cacheable: it is given up." },
	{ { NB_EV_PXM_REFUSED, .id = 0xabc, .limit = 1024 },
	  "SRAT: Too many proximity domains abc\n",
	  "Proximity domain 2748 has no place: this kernel maps domains below 1024." },
	{ { NB_EV_PXM_REFUSED, .id = 0xabc, .limit = 1024, .flags = 1 },
	  "ACPI: SRAT: Too many proximity domains.\n",
	  NULL },
	{ { NB_EV_SRAT_APIC_TOO_BIG, .id = 0x8000, .got = 1, .nid = 2, .limit = 32768 },
	  "SRAT: PXM 1 -> APIC 0x8000 -> Node 2 skipped apicid that is too big\n",
	  NULL },
	{ { NB_EV_SRAT_APIC_TOO_BIG, .id = UINT32_MAX, .got = 1, .nid = 2, .flags = 1 }, "", NULL },
	{ { NB_EV_SRAT_X2APIC_IGNORED, .id = 0x1ff, .got = 3 },
	  "SRAT: PXM 3 -> X2APIC 0x01ff ignored\n",
	  NULL },
	{ { NB_EV_SRAT_ZERO_LENGTH, .id = 1, .more = { 0x30 } },
	  "[SRAT:0x01] Invalid zero length\n",
	  "The entry at offset 0x30 of the SRAT says that it has no bytes: nothing after it is read." },
	{ { NB_EV_SRAT_MEMORY, .nid = 1, .id = 7, .range = { 0, 0x80000000 }, .flags = 7 },
	  "ACPI: SRAT: Node 1 PXM 7 [mem 0x00000000-0x7fffffff] hotplug non-volatile\n",
	  "The SRAT puts 0x00000000-0x7fffffff into proximity domain 7: node 1, hot-pluggable, non-volatile." },
	{ { NB_EV_SRAT_BLOCKS_FULL, .nid = 4, .range = { 0x1000, 0x2000 }, .flags = 2,
	    .limit = 2048, .more = { 0x1000, 0x2000 } },
	  "too many memblk ranges\nACPI: ACPI NUMA: Failed to add memblk for CFMWS node 4 [mem 0x1000-0x2000]\n",
	  NULL },
	{ { NB_EV_SRAT_BLOCKS_FULL, .nid = 4, .range = { 0x1000, 0x2000 }, .flags = 4 }, "", NULL },
	{ { NB_EV_SRAT_REJECTED, .why = NB_WHY_TOO_MANY },
	  "ACPI: SRAT: SRAT not used.\n",
	  "The SRAT is rejected: there are more ranges than the kernel has room for." },
	{ { NB_EV_TABLE_FAULT, .id = 0x54415253, .got = 3, .limit = 8, .more = { 0x30 },
	    .why = NB_WHY_SHORT },
	  "",
	  "The table SRAT is malformed at offset 0x30: there are fewer bytes than it needs (found 3, wanted 8)." },
	{ { NB_EV_DISTANCE_BOUNDS, .nid = 5, .other_nid = -1, .got = (uint64_t)-3 },
	  "Warning: node ids are out of bound, from=5 to=-1 distance=-3\n",
	  NULL },
	{ { NB_EV_BLOCKS_JOINED, .nid = 1, .range = { 0, 0x1000 }, .other = { 0x2000, 0x3000 },
	    .more = { 0, 0x3000 } },
	  "NUMA: Node 1 [mem 0x00000000-0x00000fff] + [mem 0x00002000-0x00002fff] -> [mem 0x00000000-0x00002fff]\n",
	  NULL },
	{ { NB_EV_FAKE_NODE, .nid = 3, .range = { 0x1000, 0x40001000 }, .other_nid = 1 },
	  "Faking node 3 at [mem 0x0000000000001000-0x0000000040000fff] (1024MB)\n",
	  "0x00001000-0x40000fff becomes a part of emulated node 3." },
	{ { NB_EV_FAKE_NODE, .nid = 0, .range = { 0x200000, 0x100000 } },
	  "Faking node 0 at [mem 0x0000000000200000-0x00000000000fffff] (17592186044415MB)\n",
	  NULL },
	{ { NB_EV_FAKE_SHORT, .nid = 1, .got = 2, .limit = UINT64_MAX },
	  "numa_emulation: phys: 1 only got 2 of -1 nodes, failing\n",
	  NULL },
	{ { NB_EV_ZONE_LIMITS, .id = NB_ZONE_DMA, .range = { 0x1000, 0x1000000 } },
	  "  DMA      [mem 0x0000000000001000-0x0000000000ffffff]\n",
	  "Zone DMA may span 0x00001000-0x00ffffff." },
	{ { NB_EV_RANGE, .nid = -1, .range = { 0x1000, 0x2000 } },
	  "  node  -1: [mem 0x0000000000001000-0x0000000000001fff]\n",
	  NULL },
	{ { NB_EV_RANGE, .nid = 1023, .range = { 0x1000, 0x2000 } },
	  "  node 1023: [mem 0x0000000000001000-0x0000000000001fff]\n",
	  NULL },
	{ { NB_EV_PERCPU_GROUP, .id = 1, .nid = 3, .range = { 0x200000, 0x400000 }, .got = 1,
	    .limit = 2, .more = { 0x180000 } },
	  "",
	  "The areas of group 1 (CPUs: 1, all on node 3) lie in 0x00200000-0x003fffff; 1536 KiB of that is given back." },
	{ { NB_EV_PERCPU_FALLBACK, .got = 22, .flags = 1 },
	  "setup_percpu: embed allocator failed (-22), falling back to page size\n",
	  NULL },
	{ { NB_EV_PERCPU_ROW_GROUP, .id = 7, .got = 3 }, "[0007] ", "" },
	{ { NB_EV_PERCPU_ROW_UNIT, .id = 12, .got = 20 }, "0000000000000000000012 ", "" },
	{ { NB_EV_PERCPU_ROW_UNIT, .got = 2, .flags = 1 }, "-- ", "" },
	{ { NB_EV_SMP_NODE_BEGIN, .nid = 12, .more = { 17 } },
	  ".... node                  #12, CPUs:  ",
	  "" },
	{ { NB_EV_SMP_DONE, .more = { 1, 1 } }, NULL, "1 CPU runs on 1 node." },
	{ { NB_EV_SMP_DONE, .more = { 2, 8 } }, NULL, "8 CPUs run on 2 nodes." },
	{ { NB_EV_HASH, .id = 0, .got = 2, .limit = 4096, .flags = 1 },
	  NULL,
	  "The hash table PID has 2 entries: 4 KiB in one piece." },
	{ { NB_EV_CPUS_REJECTED, .got = 1 }, NULL, "1 CPU of the MADT is rejected." },
	{ { NB_EV_SMP_DONE, .more = { 2, 1 }, .flags = 1 },
	  "smp: Brought up 2 nodes, 1 CPU\n",
	  NULL },
};

static void test_lines(void **state)
{
	(void)state;
	for (const struct line *line = lines; line < lines + NB_COUNT(lines); line++) {
		nb_render_log(&line->event, NB_LINE_6_12, blank_page());
		if (line->log && strcmp(page.text, line->log))
			print_error("got  %swant %s", page.text, line->log);
		check(!line->log || !strcmp(page.text, line->log), nb_event_name(line->event.kind));
		if (!line->says)
			continue;
		nb_render_sentence(&line->event, blank_page());
		if (strcmp(page.text, line->says))
			print_error("got  %s\nwant %s\n", page.text, line->says);
		check(!strcmp(page.text, line->says), nb_event_name(line->event.kind));
	}
}

/* A line of pieces, each of 10 bytes, and how long the lines are that come of it. */
static const struct {
	const char *claim;
	enum nb_line line;
	uint32_t pieces;
	size_t first, second;
} long_lines[] = {
	{ "6.12 splits what is longer than a record", NB_LINE_6_12, 102, 1016, 40 },
	{ "but not what fits", NB_LINE_6_12, 98, 1016, 0 },
	{ "6.1 has shorter ones", NB_LINE_6_1, 100, 986, 50 },
	{ "3.14's are read as one line", NB_LINE_3_14, 1000, 10036, 0 },
};

static void test_long_lines(void **state)
{
	const struct nb_event begin = { .kind = NB_EV_ZONELIST_BEGIN, .id = NB_ZONE_NORMAL };
	const struct nb_event item = { .kind = NB_EV_ZONELIST_ZONE,
				       .nid = 10,
				       .id = NB_ZONE_NORMAL };
	const struct nb_event end = { .kind = NB_EV_ZONELIST_END };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(long_lines); i++) {
		struct nb_log log = { blank_page(), long_lines[i].line, 0 };
		size_t len[3] = { 0 }, line = 0;

		nb_log_put(&log, &begin);
		for (uint32_t piece = 0; piece < long_lines[i].pieces; piece++)
			nb_log_put(&log, &item);
		nb_log_put(&log, &end);
		for (size_t at = 0; at < page.len && line < 3; at++) {
			if (page.text[at] == '\n')
				line++;
			else
				len[line]++;
		}
		print_message("%zu %zu, %zu lines\n", len[0], len[1], line);
		check(len[0] == long_lines[i].first && len[1] == long_lines[i].second &&
			      line == 1 + (long_lines[i].second > 0),
		      long_lines[i].claim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_lines), cmocka_unit_test(test_rows),
		cmocka_unit_test(test_templates),  cmocka_unit_test(test_every_field_renders),
		cmocka_unit_test(test_reasons),    cmocka_unit_test(test_names),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
