/* SPDX-License-Identifier: MIT */
/*
 * boot: how much memory a boot takes, whole boots of small machines, what an OS
 * looks up afterwards. Then random machines: whatever the tables hold, the limits
 * that were read off them are enough, and every event is one that the catalog knows.
 */
#include "check.h"
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define M NB_MIB
#define G NB_GIB

static const struct machine two_nodes = {
	.map = { { 0, 0x9fc00, 1 }, { M, 3 * G - M, 1 }, { 3 * G, G, 2 }, { 4 * G, 2 * G, 1 } },
	.cmdline = "mminit_loglevel=4",
	.srat = { ENTRY_CPU(0, 0), ENTRY_CPU(1, 1), ENTRY_RAM(0, 0, 3 * G),
		  ENTRY_RAM(1, 4 * G, 6 * G) },
	.localities = 2,
	.slit = { 10, 20, 20, 10 },
	.cpus = 2,
	.facts = { .kernel = { 16 * M, 32 * M },
		   .kernel_end = 33 * M,
		   .boot_apic_is_bsp = true,
		   .bios_low_kib = 639 },
};

static void test_sizes(void **state)
{
	static const struct {
		const char *claim;
		struct nb_limits limits;
		bool fine;
	} rows[] = {
		{ "the least", { 1, 1, 1, 16 }, true },
		{ "the most", { NB_MAX_NODES, NB_MAX_CPUS, NB_MAX_APIC_IDS, 1 << 20 }, true },
		{ "no nodes", { 0, 1, 1, 16 }, false },
		{ "no CPUs", { 1, 0, 1, 16 }, false },
		{ "no APIC IDs", { 1, 1, 0, 16 }, false },
		{ "too few ranges", { 1, 1, 1, 15 }, false },
		{ "too many nodes", { NB_MAX_NODES + 1, 1, 1, 16 }, false },
		{ "too many CPUs", { 1, NB_MAX_CPUS + 1, 1, 16 }, false },
		{ "too many APIC IDs", { 1, 1, NB_MAX_APIC_IDS + 1, 16 }, false },
		{ "too many ranges", { 1, 1, 1, (1 << 20) + 1 }, false },
	};
	static _Alignas(16) uint8_t little[16];
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12], NULL };
	const struct nb_firmware fw = { 0 };
	struct nb_boot boot;

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		const struct nb_limits *limits = &rows[i].limits;

		check((nb_boot_size(limits) != 0) == rows[i].fine, rows[i].claim);
		check(nb_boot_init(&boot, little, sizeof(little), limits, &env, &fw) ==
			      (rows[i].fine ? NB_ERR_MEMORY : NB_ERR_LIMITS),
		      rows[i].claim);
	}
}

static void test_one_byte(void **state)
{
	const struct nb_limits limits = { 3, 65, 33, 17 }; /* nothing a round number */
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12], NULL };
	const struct nb_firmware fw = { 0 };
	size_t size = nb_boot_size(&limits);
	uint8_t *block = aligned_alloc(16, size);
	struct nb_boot boot;

	(void)state;
	check(nb_boot_init(&boot, block, size - 1, &limits, &env, &fw) == NB_ERR_MEMORY,
	      "a byte too few is too few");
	check(nb_boot_init(&boot, NULL, size, &limits, &env, &fw) == NB_ERR_MEMORY,
	      "no block is no block");
	memset(block, 0xee, size);
	check(nb_boot_init(&boot, block, size, &limits, &env, &fw) == NB_OK, "exactly is enough");
	for (size_t i = 0; i < size; i++)
		check(block[i] == 0, "all of it is cleared");
	check(boot.next == NB_PARAMS && boot.limits.cpus == 65, "the boot stands at its start");
	free(block);
}

static void test_twice(void **state)
{
	struct machine_boot first, again;

	(void)state;
	machine_begin(&first, &two_nodes, NB_LINE_6_12);
	machine_begin(&again, &two_nodes, NB_LINE_6_12);
	machine_run(&first);
	check(first.err == NB_OK && first.boot.next == NB_READY, "a machine boots");
	machine_run(&again);

	/* Over what the first run left in the block. */
	const struct nb_env env = { &again.rules, &again.config, &again.record->sink };

	record_start(again.record);
	check(nb_boot_init(&again.boot, again.block, nb_boot_size(&again.limits), &again.limits,
			   &env, &again.fw) == NB_OK,
	      "a block can be used once more");
	while (again.boot.next != NB_READY)
		check(nb_boot_step(&again.boot) == NB_OK, "a boot goes on step by step");
	check_told(again.record, first.record->at, first.record->count,
		   "the same machine tells the same story, at once or by steps");
	check(nb_boot(&again.boot) == NB_OK && again.record->count == first.record->count,
	      "what is ready stays ready");
	machine_end(&first);
	machine_end(&again);
}

static void test_stages(void **state)
{
	static const struct {
		enum nb_line line;
		enum nb_stage order[NB_READY];
	} rows[] = {
		{ NB_LINE_6_12,
		  { NB_PARAMS, NB_E820, NB_MEMBLOCK, NB_TABLES, NB_NUMA, NB_ZONES_STAGE, NB_CPUS,
		    NB_LATE_NODES, NB_PERCPU, NB_ZONELISTS, NB_SMP, NB_ACCESS } },
		{ NB_LINE_7_3,
		  { NB_PARAMS, NB_E820, NB_MEMBLOCK, NB_TABLES, NB_NUMA, NB_CPUS, NB_ZONES_STAGE,
		    NB_LATE_NODES, NB_PERCPU, NB_ZONELISTS, NB_SMP, NB_ACCESS } },
	};
	static const enum nb_event_kind kinds[] = { NB_EV_STAGE };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct machine_boot run;

		machine_begin(&run, &two_nodes, rows[i].line);
		machine_run(&run);
		record_keep(run.record, kinds, 1);
		check(run.record->count == NB_READY, "each stage runs once");
		for (size_t k = 0; k < NB_READY; k++)
			check(run.record->at[k].id == rows[i].order[k], "in the line's order");
		machine_end(&run);
	}
}

/* A stage that fails leaves the results of those before it. */
static void test_death(void **state)
{
	struct machine dead = two_nodes;
	struct machine_boot run;

	(void)state;
	dead.srat[3] = (struct machine_entry)ENTRY_RAM(1, 4 * G, 6 * G - 0x10000);
	machine_begin(&run, &dead, NB_LINE_6_12);
	machine_run(&run);
	check(run.err == NB_ERR_DIES, "RAM without a node kills the kernel");
	check(run.boot.next == NB_ZONES_STAGE, "when it makes zones");
	check(run.record->at[run.record->count - 1].kind == NB_EV_DIES,
	      "which is the last thing told");
	check(nb_nodes_count(&run.boot.numa.online) == 2, "its nodes are known all the same");
	check(nb_boot(&run.boot) == NB_ERR_DIES, "it does not get over it");
	machine_end(&run);
}

static void test_looks(void **state)
{
	static const struct {
		const char *claim;
		nb_phys address;
		bool ram;
		int32_t nid;
		enum nb_zone_id zone;
	} looks[] = {
		{ "page 0 is no RAM", 0, false, NB_NO_NODE, NB_ZONES },
		{ "the first page of RAM", 0x1000, true, 0, NB_ZONE_DMA },
		{ "the last whole page of low RAM", 0x9efff, true, 0, NB_ZONE_DMA },
		{ "a part of a page is none", 0x9f800, false, NB_NO_NODE, NB_ZONES },
		{ "the BIOS area is none", 0xa0000, false, NB_NO_NODE, NB_ZONES },
		{ "the last byte of DMA", 16 * M - 1, true, 0, NB_ZONE_DMA },
		{ "the first of DMA32", 16 * M, true, 0, NB_ZONE_DMA32 },
		{ "the last byte of node 0", 3 * G - 1, true, 0, NB_ZONE_DMA32 },
		{ "the hole", 3 * G, false, NB_NO_NODE, NB_ZONES },
		{ "the first byte of node 1", 4 * G, true, 1, NB_ZONE_NORMAL },
		{ "its last", 6 * G - 1, true, 1, NB_ZONE_NORMAL },
		{ "the end", 6 * G, false, NB_NO_NODE, NB_ZONES },
		{ "the end of all addresses", UINT64_MAX, false, NB_NO_NODE, NB_ZONES },
	};
	struct machine_boot run;

	(void)state;
	machine_begin(&run, &two_nodes, NB_LINE_6_12);
	machine_run(&run);
	for (size_t i = 0; i < NB_COUNT(looks); i++) {
		check(nb_is_ram(&run.boot, looks[i].address) == looks[i].ram, looks[i].claim);
		check(nb_node_of(&run.boot, looks[i].address) == looks[i].nid, looks[i].claim);
		check(nb_node_of_pfn(&run.boot, looks[i].address >> 12) == looks[i].nid,
		      looks[i].claim);
		check(nb_zone_of(&run.boot, looks[i].address) == looks[i].zone, looks[i].claim);
	}
	check(nb_node_of_pfn(&run.boot, (nb_pfn)1 << 52) == NB_NO_NODE,
	      "a page beyond all is none");
	machine_end(&run);
}

/* Random machines. */

static uint64_t below(uint64_t limit)
{
	return (((uint64_t)rand() << 31) ^ (uint64_t)rand()) % limit;
}

static nb_phys some_address(void)
{
	static const nb_phys units[] = { 1, 0x1000, M, 16 * M, 128 * M, G };

	switch (below(12)) {
	case 0:
		return UINT64_MAX - below(5) * 0x800;
	case 1:
		return ((nb_phys)1 << (40 + below(24))) + below(3) * M;
	default:
		return below(40) * units[below(NB_COUNT(units))];
	}
}

static uint32_t some_pxm(void)
{
	return (uint32_t)(below(20) ? below(6) : below(3) ? below(2000) : UINT32_MAX - below(3));
}

static uint32_t some_apic(void)
{
	return (uint32_t)(below(20) ? below(16) : below(3) ? below(40000) : UINT32_MAX - below(3));
}

static uint32_t some_flags(void)
{
	return below(10) ? NB_SRAT_ENABLED | (uint32_t)below(8) : (uint32_t)below(8);
}

static void random_srat(struct table *srat, uint64_t entries)
{
	srat_begin(srat, (uint8_t)below(4));
	for (; entries; entries--) {
		nb_phys start = some_address();

		switch (below(9)) {
		case 0:
			srat_lapic(srat, some_pxm(), (uint8_t)some_apic(), some_flags());
			break;
		case 1:
			srat_x2apic(srat, some_pxm(), some_apic(), some_flags());
			break;
		case 2:
			srat_initiator(srat, (uint8_t)(NB_SRAT_INITIATOR + below(2)), some_pxm(),
				       (uint16_t)below(2), some_flags());
			break;
		default:
			srat_memory(srat, some_pxm(), start, some_address(), some_flags());
		}
	}
}

/* Tables that fit together most of the time: nodes beside each other over RAM. */
static void sound_srat(struct table *srat, uint64_t nodes)
{
	srat_begin(srat, 3);
	for (uint32_t pxm = 0; pxm < nodes; pxm++) {
		srat_lapic(srat, pxm, (uint8_t)pxm, NB_SRAT_ENABLED);
		srat_memory(srat, pxm, pxm * G, G, some_flags() | NB_SRAT_ENABLED);
		for (uint64_t pieces = below(4) ? 0 : below(60); pieces; pieces--)
			srat_memory(srat, (uint32_t)below(nodes), 64 * G + below(200) * 2 * M,
				    2 * M, NB_SRAT_ENABLED);
	}
}

static void random_bytes(struct table *table, uint64_t count)
{
	for (; count && table->len > 40; count--)
		table->at[36 + below(table->len - 36)] = (uint8_t)below(256);
}

/* Each # is a number. */
static const char *const words[] = {
	"numa=off",
	"numa=noacpi",
	"numa=fake=#",
	"numa=fake=#M",
	"numa=fake=#U",
	"numa=fake=#:#,#,",
	"numa=fake=#G",
	"numa=fake=3U:10,20,30",
	"mem=#M",
	"memmap=#M@#M",
	"memmap=#M$#M",
	"memmap=#M%#M-1+2",
	"memmap=#M%#M",
	"memmap=exactmap",
	"memmap=#K!#M",
	"memmap=1G@#M,1G@#M,2M%#M-1+20",
	"movable_node",
	"kernelcore=#M",
	"movablecore=#%",
	"kernelcore=mirror",
	"acpi=off",
	"nosmp",
	"nr_cpus=#",
	"possible_cpus=#",
	"maxcpus=#",
	"nolapic",
	"numa=nohmat",
	"numa",
	"memmap=1M%#M-1+#,1M%#M-#+1",
	"numa=fake=0,#",
	"memmap=1G@0,1G@0,1G@0,1M%5M-1+2,1M%9M-1+2",
};

/* A machine of which nothing is sure. */
static struct {
	struct nb_e820_entry map[40], extended[8];
	struct nb_range setup_data[4], uncached[2];
	struct table srat, slit, madt, cedt;
	struct nb_table tables[5];
	char cmdline[512];
	struct nb_firmware fw;
} any;

static void random_map(bool sound)
{
	static const uint32_t types[] = { 1, 1, 1, 1, 2, 3, 4, 7, 12, 20, NB_E820_SOFT_RESERVED };

	any.fw.map_count = 0;
	if (sound) {
		any.map[any.fw.map_count++] = (struct nb_e820_entry){ 0, 0x9fc00, 1 };
		any.map[any.fw.map_count++] =
			(struct nb_e820_entry){ M, (1 + below(8)) * G - M, 1 };
		any.map[any.fw.map_count++] =
			(struct nb_e820_entry){ 64 * G, below(300) * 2 * M, 1 };
	}
	for (uint64_t more = below(3) ? 0 : below(36); more; more--)
		any.map[any.fw.map_count++] =
			(struct nb_e820_entry){ some_address(),
						below(10) ? below(100) * M : some_address(),
						types[below(NB_COUNT(types))] };
	any.fw.extended_count = (uint32_t)(below(4) ? 0 : below(8));
	for (uint32_t i = 0; i < any.fw.extended_count; i++)
		any.extended[i] = (struct nb_e820_entry){ some_address(), below(100) * M, 1 };
	any.fw.map = any.map;
	any.fw.extended = any.extended;
}

static void random_cmdline(void)
{
	char *at = any.cmdline;

	for (uint64_t count = below(5); count; count--) {
		for (const char *c = words[below(NB_COUNT(words))]; *c; c++)
			if (*c == '#')
				at += sprintf(at, "%u", (unsigned)below(below(2) ? 9 : 4000));
			else
				*at++ = *c;
		*at++ = ' ';
	}
	*at = '\0';
	any.fw.cmdline = any.cmdline;
}

static void random_facts(void)
{
	struct nb_boot_facts *facts = &any.fw.facts;

	*facts = (struct nb_boot_facts){ .kernel = { 16 * M, 32 * M },
					 .kernel_end = 33 * M,
					 .boot_apic_is_bsp = below(4),
					 .bios_low_kib = (uint16_t)below(700),
					 .x2apic = below(2),
					 .kvm = below(2),
					 .five_level = below(4) == 0,
					 .boot_apic_id = (uint32_t)below(3) };
	facts->setup_data_count = (uint32_t)(below(3) ? 0 : below(4));
	for (uint32_t i = 0; i < facts->setup_data_count; i++) {
		nb_phys start = some_address() % (8 * G);

		any.setup_data[i] = (struct nb_range){ start, start + 1 + below(M) };
	}
	facts->setup_data = any.setup_data;
	facts->mtrr_uncached_count = (uint32_t)(below(5) ? 0 : 2);
	any.uncached[0] = (struct nb_range){ 512 * M, 600 * M };
	any.uncached[1] = (struct nb_range){ 700 * M, 8 * G };
	facts->mtrr_uncached = any.uncached;
	facts->initrd_tables = below(5) ? (struct nb_range){ 0 }
					: (struct nb_range){ 900 * M, 900 * M + 0x3000 };
}

static void random_tables(bool sound)
{
	uint64_t nodes = 1 + below(5), cpus = below(20);
	uint8_t matrix[64];

	if (sound)
		sound_srat(&any.srat, nodes);
	else
		random_srat(&any.srat, below(60));
	for (size_t i = 0; i < sizeof(matrix); i++)
		matrix[i] = (uint8_t)(i % (nodes + 1) ? 11 + below(40) : 10);
	slit_make(&any.slit, below(30) ? nodes : some_address(), matrix, (uint32_t)(nodes * nodes));
	madt_begin(&any.madt);
	for (; cpus; cpus--)
		if (below(3))
			madt_lapic(&any.madt, (uint8_t)cpus, (uint8_t)some_apic(), some_flags());
		else
			madt_x2apic(&any.madt, (uint32_t)cpus, some_apic(), some_flags());
	cedt_begin(&any.cedt);
	for (uint64_t windows = below(4); windows; windows--)
		cedt_window(&any.cedt, some_address(), some_address());

	any.tables[0] = table_give(&any.madt);
	any.tables[1] = table_give(&any.srat);
	any.tables[2] = table_give(&any.cedt);
	any.tables[3] = table_give(&any.slit);
	any.fw.table_count = (uint32_t)(below(8) ? 2 + below(3) : below(3));
	for (uint64_t i = sound || below(2) ? 0 : below(4); i; i--)
		random_bytes(below(2) ? &any.srat : &any.madt, 1 + below(3));
	any.fw.tables = any.tables;
}

static void check_known(enum nb_event_kind kind, enum nb_event_field field, uint64_t value)
{
	if (value && !*nb_event_field_name(kind, field))
		print_error("%s carries %s\n", nb_event_name(kind), "a field that has no name");
	check(!value || *nb_event_field_name(kind, field), "an event carries what its kind names");
}

/* What each event of a random boot must be like. */
struct judge {
	struct nb_sink sink;
	unsigned told, deaths;
	enum nb_event_kind last;
};

static void judge_put(struct nb_sink *sink, const struct nb_event *e)
{
	struct judge *judge = (struct judge *)sink;

	check((unsigned)e->kind < NB_EVENT_KINDS && (unsigned)e->why < NB_WHYS,
	      "a kind and a reason");
	check_known(e->kind, NB_FIELD_NID, (uint64_t)e->nid);
	check_known(e->kind, NB_FIELD_OTHER_NID, (uint64_t)e->other_nid);
	check_known(e->kind, NB_FIELD_ID, e->id);
	check_known(e->kind, NB_FIELD_FLAGS, e->flags);
	check_known(e->kind, NB_FIELD_RANGE, e->range.start | e->range.end);
	check_known(e->kind, NB_FIELD_OTHER, e->other.start | e->other.end);
	check_known(e->kind, NB_FIELD_GOT, e->got);
	check_known(e->kind, NB_FIELD_LIMIT, e->limit);
	for (int i = 0; i < 4; i++)
		check_known(e->kind, (enum nb_event_field)(NB_FIELD_MORE0 + i), e->more[i]);
	judge->told++;
	judge->deaths += e->kind == NB_EV_DIES;
	judge->last = e->kind;
}

static void test_random(void **state)
{
	static const enum nb_line lines[] = { NB_LINE_6_12, NB_LINE_6_12, NB_LINE_7_3 };
	unsigned alive = 0, dead = 0;

	(void)state;
	srand(6);
	for (int run = 0; run < 1500; run++) {
		enum nb_line line = lines[below(NB_COUNT(lines))];
		struct nb_kernel_config config = nb_configs[line];
		struct judge judge = { .sink.put = judge_put };
		const struct nb_env env = { &nb_lines[line], &config, &judge.sink };
		bool sound = below(3);
		struct nb_limits limits;
		struct nb_boot boot;
		void *block;
		enum nb_err err;

		random_map(sound);
		random_cmdline();
		random_facts();
		random_tables(sound);
		if (below(4) == 0)
			config.max_nodes = 1u << below(8);
		if (below(8) == 0)
			config.e820_entries = 16 + (uint32_t)below(30);

		limits = nb_limits_for(&any.fw, &config);
		block = aligned_alloc(16, nb_boot_size(&limits));
		check(block, "the limits are valid");
		check(nb_boot_init(&boot, block, nb_boot_size(&limits), &limits, &env, &any.fw) ==
			      NB_OK,
		      "a boot begins");
		err = nb_boot(&boot);
		if (err && err != NB_ERR_DIES)
			print_error("run %d, %s: %s: %s\n", run, nb_lines[line].line,
				    nb_err_text(err), any.cmdline);
		check(!err || err == NB_ERR_DIES,
		      "the limits are enough, whatever the tables hold");
		check((err == NB_ERR_DIES) == (judge.deaths == 1) && judge.deaths < 2,
		      "a kernel that dies says why, once");
		check(!err || judge.last == NB_EV_DIES, "and nothing after that");
		alive += !err;
		dead += err != NB_OK;
		free(block);
	}
	check(alive > 500 && dead > 50, "both ends were met");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),  cmocka_unit_test(test_one_byte),
		cmocka_unit_test(test_twice),  cmocka_unit_test(test_stages),
		cmocka_unit_test(test_death),  cmocka_unit_test(test_looks),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
