/* SPDX-License-Identifier: MIT */
/* smp: which CPUs are started, in which order, and whose masks they enter. */
#include "events.h"

#include <numaboot/rules.h>
#include <numaboot/smp.h>

#include <string.h>

#include "model/cpus_model.h"

enum {
	CAP_CPUS = 128,
	CAP_NODES = 1024,
	CAP_APICS = 512,
	WORDS = CAP_CPUS / 64,
	ROW_CPUS = 8,
	ROW_EVENTS = 16,
	END = -1, /* of a list */
};

/* What a test needs; one at a time, so it is kept here. */
/* Room for the code that starts CPUs was found. */
static const struct nb_memblock with_trampoline = { .trampoline = 0x98000 };

static struct nb_cpu cpu_store[CAP_CPUS];
static uint64_t online_store[WORDS], mask_store[CAP_NODES * WORDS];
static uint32_t scratch_store[CAP_APICS / 32];
static int16_t apic_node_store[CAP_APICS], phys_store[CAP_NODES];

static struct nb_smp make_smp(void)
{
	return (struct nb_smp){
		.online = online_store,
		.node_cpus = mask_store,
		.nodes = CAP_NODES,
		.words = WORDS,
		.apic_scratch = scratch_store,
		.apic_ids = CAP_APICS,
	};
}

/* Nodes 0 .. nodes - 1, all online; no emulation, no APIC ID on any. */
static struct nb_numa make_numa(uint32_t nodes)
{
	struct nb_numa numa = {
		.apic_node = apic_node_store,
		.apic_ids = CAP_APICS,
		.emulated_phys = phys_store,
		.nr_node_ids = nodes,
	};

	for (uint32_t nid = 0; nid < nodes; nid++)
		nb_nodes_add(&numa.online, (int32_t)nid);
	numa.possible = numa.online;
	for (uint32_t id = 0; id < CAP_APICS; id++)
		apic_node_store[id] = NB_NO_NODE;
	for (int16_t nid = 0; nid < CAP_NODES; nid++)
		phys_store[nid] = nid;
	return numa;
}

/* CPUs with these APIC IDs, all present, on these nodes. */
static struct nb_cpus make_cpus(uint32_t count, const struct nb_numa *numa)
{
	struct nb_cpus cpus = {
		.cpu = cpu_store,
		.cap = CAP_CPUS,
		.possible = count,
		.present = count,
		.threads_per_core = 1,
		.online = numa->online,
	};

	for (uint32_t cpu = 0; cpu < CAP_CPUS; cpu++)
		cpu_store[cpu] = (struct nb_cpu){ cpu, 0, cpu < count };
	return cpus;
}

/* Told in between; test_emulation() asks for the result. */
static const enum nb_event_kind quiet[] = { NB_EV_NODE_HAS_CPU };

struct row {
	const char *claim, *cmdline;
	uint32_t cpus, nodes;
	uint32_t threads;           /* 0: one */
	uint32_t absent;            /* how many of the last CPUs are not there yet */
	uint32_t apic_id[ROW_CPUS]; /* all zero: as the numbers */
	int16_t nid[ROW_CPUS];
	uint32_t started[ROW_CPUS]; /* APIC IDs */
	uint32_t started_count;     /* 0: all */
	bool serial, boot_cpu_only;

	uint32_t runs;       /* wanted: a bit for each CPU */
	uint32_t on_node[4]; /* likewise, for nodes 0 to 3 */
	struct nb_event event[ROW_EVENTS];
	size_t events;
};

/* Events as rows write them. */
#define BEGIN                                                                                      \
	{                                                                                          \
		.kind = NB_EV_SMP_BEGIN                                                            \
	}
#define BOOTING                                                                                    \
	{                                                                                          \
		.kind = NB_EV_SMP_BEGIN, .flags = 1                                                \
	}
#define NODE(nid_, blanks)                                                                         \
	{                                                                                          \
		.kind = NB_EV_SMP_NODE_BEGIN, .nid = (nid_), .more = {(blanks) }                   \
	}
#define PAD(columns)                                                                               \
	{                                                                                          \
		.kind = NB_EV_SMP_PAD, .got = (columns)                                            \
	}
#define CPU(id_, blanks)                                                                           \
	{                                                                                          \
		.kind = NB_EV_SMP_CPU, .id = (id_), .got = (blanks)                                \
	}
#define NODE_END                                                                                   \
	{                                                                                          \
		.kind = NB_EV_SMP_NODE_END                                                         \
	}
#define DONE(nodes_, cpus_, plurals)                                                               \
	{                                                                                          \
		.kind = NB_EV_SMP_DONE, .more = { (nodes_), (cpus_) }, .flags = (plurals)          \
	}

/* clang-format off */
static const struct row rows[] = {
	{ "the boot CPU may stay alone", .cpus = 1, .nodes = 1, .runs = 0x1, .on_node = { 0x1 },
	  .event = { BEGIN, DONE(1, 1, 0) }, .events = 2 },
	{ "CPUs are announced node by node, the boot CPU by blanks", .cpus = 4, .nodes = 2, .nid = { 0, 0, 1, 1 },
	  .runs = 0xf, .on_node = { 0x3, 0xc },
	  .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), NODE_END, NODE(1, 1), CPU(2, 1), CPU(3, 1), NODE_END,
		     DONE(2, 4, 3) }, .events = 11 },
	{ "a node that comes again has a line again", .cpus = 4, .nodes = 2, .nid = { 0, 1, 0, 1 },
	  .runs = 0xf, .on_node = { 0x5, 0xa },
	  .event = { BEGIN, BOOTING, NODE(1, 1), PAD(3), CPU(1, 1), NODE_END, NODE(0, 1), CPU(2, 1), NODE_END,
		     NODE(1, 1), CPU(3, 1), NODE_END, DONE(2, 4, 3) }, .events = 13 },
	{ "maxcpus= counts the boot CPU", .cmdline = "maxcpus=2", .cpus = 4, .nodes = 1, .runs = 0x3, .on_node = { 0x3 },
	  .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), NODE_END, DONE(1, 2, 2) }, .events = 7 },
	{ "maxcpus=1 starts nobody", .cmdline = "maxcpus=1", .cpus = 4, .nodes = 2, .runs = 0x1, .on_node = { 0x1 },
	  .event = { BEGIN, DONE(2, 1, 1) }, .events = 2 },
	{ "CPUs that are not there yet are not started", .cpus = 3, .absent = 1, .nodes = 1, .runs = 0x3, .on_node = { 0x3 },
	  .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), NODE_END, DONE(1, 2, 2) }, .events = 7 },
	{ "a machine of one CPU says so", .cpus = 2, .nodes = 1, .boot_cpu_only = true, .runs = 0x1, .on_node = { 0x1 },
	  .event = { { .kind = NB_EV_SMP_DISABLED }, BEGIN, DONE(1, 1, 0) }, .events = 3 },
	{ "a CPU that does not answer is announced", .cpus = 3, .nodes = 1, .started = { 2, 0 }, .started_count = 2,
	  .runs = 0x5, .on_node = { 0x5 },
	  .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), CPU(2, 1), NODE_END, DONE(1, 2, 2) }, .events = 8 },

	/* threads */
	{ "in parallel the first threads come first", .cpus = 4, .nodes = 2, .threads = 2, .nid = { 0, 0, 1, 1 },
	  .runs = 0xf, .on_node = { 0x3, 0xc },
	  .event = { BEGIN, BOOTING, NODE(1, 1), PAD(3), CPU(2, 1), NODE_END, NODE(0, 1), CPU(1, 1), NODE_END,
		     NODE(1, 1), CPU(3, 1), NODE_END, DONE(2, 4, 3) }, .events = 13 },
	{ "one after the other they come by number", .cpus = 4, .nodes = 1, .threads = 2, .serial = true,
	  .runs = 0xf, .on_node = { 0xf },
	  .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), CPU(2, 1), CPU(3, 1), NODE_END, DONE(1, 4, 2) },
	  .events = 9 },
	{ "cpuhp.parallel=0 makes it so", .cmdline = "cpuhp.parallel=0", .cpus = 3, .nodes = 1, .threads = 2,
	  .runs = 0x7, .on_node = { 0x7 },
	  .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), CPU(2, 1), NODE_END, DONE(1, 3, 2) }, .events = 8 },
	{ "maxcpus= goes on with the other threads", .cmdline = "maxcpus=3", .cpus = 4, .nodes = 1, .threads = 2,
	  .runs = 0x7, .on_node = { 0x7 },
	  .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(2, 1), CPU(1, 1), NODE_END, DONE(1, 3, 2) }, .events = 8 },
	{ "a boot CPU that is no first thread breaks the count", .cmdline = "maxcpus=1", .cpus = 3, .nodes = 1, .threads = 2,
	  .apic_id = { 1, 0, 3 }, .runs = 0x7, .on_node = { 0x7 },
	  .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), CPU(2, 1), NODE_END, DONE(1, 3, 2) }, .events = 8 },
	{ "nosmt has each thread run once, and stops the others", .cmdline = "nosmt", .cpus = 4, .nodes = 1, .threads = 2,
	  .runs = 0x5, .on_node = { 0x5 },
	  .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(2, 1), CPU(1, 1), CPU(3, 1), NODE_END, DONE(1, 2, 2) },
	  .events = 9 },
	{ "nosmt changes nothing where cores have one thread", .cmdline = "nosmt", .cpus = 3, .nodes = 1,
	  .runs = 0x7, .on_node = { 0x7 },
	  .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), CPU(2, 1), NODE_END, DONE(1, 3, 2) }, .events = 8 },

	/* columns */
	{ "numbers line up with the number of possible CPUs and nodes", .cpus = 8, .absent = 0, .nodes = 12,
	  .cmdline = "maxcpus=2", .nid = { 0, 11 }, .runs = 0x3, .on_node = { 0x1 },
	  .event = { BEGIN, BOOTING, NODE(11, 1), PAD(3), CPU(1, 1), NODE_END, DONE(12, 2, 3) }, .events = 7 },
};
/* clang-format on */

/* What the cpus stage would have made of a row's machine. */
static struct nb_cpus row_cpus(const struct row *row, const struct nb_numa *numa)
{
	struct nb_cpus cpus = make_cpus(row->cpus, numa);
	bool given = false;

	cpus.boot_cpu_only = row->boot_cpu_only;
	cpus.threads_per_core = row->threads ? row->threads : 1;
	for (uint32_t cpu = 0; cpu < ROW_CPUS; cpu++)
		given |= row->apic_id[cpu] != 0;
	for (uint32_t cpu = 0; cpu < row->cpus; cpu++) {
		cpu_store[cpu].nid = row->nid[cpu];
		cpu_store[cpu].present = cpu < row->cpus - row->absent;
		if (given)
			cpu_store[cpu].apic_id = row->apic_id[cpu];
	}
	return cpus;
}

/* Runs the stage on a row's machine. */
static struct nb_smp run_row(const struct row *row, const struct nb_rules *rules,
			     struct kept_events *kept)
{
	const struct nb_env env = { rules, &nb_configs[NB_LINE_6_12], &kept->sink };
	struct nb_boot_facts facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]);
	struct nb_numa numa = make_numa(row->nodes);
	struct nb_cpus cpus = row_cpus(row, &numa);
	struct nb_smp smp = make_smp();
	struct nb_params params;

	facts.parallel_bringup = !row->serial;
	facts.started = row->started_count ? row->started : NULL;
	facts.started_count = row->started_count;
	*kept = (struct kept_events){ { keep_event }, quiet, NB_COUNT(quiet), 0, { { 0 } } };
	check(nb_params_read(&params, row->cmdline, &env) == NB_OK, row->claim);
	check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params, &env) == NB_OK,
	      row->claim);
	return smp;
}

static void check_row(const struct row *row, const struct nb_rules *rules)
{
	struct kept_events kept;
	struct nb_smp smp = run_row(row, rules, &kept);
	uint32_t count = 0;

	for (uint32_t cpu = 0; cpu < CAP_CPUS; cpu++) {
		bool runs = cpu < 32 && (row->runs >> cpu & 1);

		count += runs;
		check(nb_smp_is_online(&smp, cpu) == runs, row->claim);
		for (int32_t nid = 0; nid < 4; nid++)
			check(nb_smp_on_node(&smp, cpu, nid) ==
				      (cpu < 32 && (row->on_node[nid] >> cpu & 1)),
			      row->claim);
	}
	check(smp.online_count == count, row->claim);
	check(smp.possible == (row->boot_cpu_only ? 1 : row->cpus), row->claim);
	check_events(&kept, row->event, row->events, row->claim);
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++)
		check_row(row, &nb_lines[NB_LINE_6_12]);
}

/* What older lines make of a machine; with one rule of 6.12 instead of their own
 * something else comes out. */
static const struct line_row {
	enum nb_line line;
	size_t rule; /* the field's offset, of one byte */
	struct row row;
} line_rows[] = {
	/* clang-format off */
	{ NB_LINE_6_1, offsetof(struct nb_rules, smp_counts_tries),
	  { "maxcpus= counted the CPUs that run", .cmdline = "maxcpus=2", .cpus = 4, .nodes = 1, .started = { 0, 2, 3 },
	    .started_count = 3, .runs = 0x5, .on_node = { 0x5 },
	    .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), CPU(2, 1), NODE_END, DONE(1, 2, 2) }, .events = 8 } },
	{ NB_LINE_6_1, offsetof(struct nb_rules, smp_counts_tries),
	  { "threads came by number", .cpus = 4, .nodes = 1, .threads = 2, .runs = 0xf, .on_node = { 0xf },
	    .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), CPU(2, 1), CPU(3, 1), NODE_END, DONE(1, 4, 2) },
	    .events = 9 } },
	{ NB_LINE_6_1, offsetof(struct nb_rules, smp_counts_tries),
	  { "those that nosmt stops did not count for maxcpus=", .cmdline = "nosmt maxcpus=2", .cpus = 4, .nodes = 1, .threads = 2,
	    .runs = 0x5, .on_node = { 0x5 },
	    .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), CPU(2, 1), NODE_END, DONE(1, 2, 2) }, .events = 8 } },
	{ NB_LINE_3_14, offsetof(struct nb_rules, smp_nosmt),
	  { "the oldest line does not know nosmt", .cmdline = "nosmt", .cpus = 4, .nodes = 1, .threads = 2,
	    .runs = 0xf, .on_node = { 0xf },
	    .event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(1, 1), CPU(2, 1), CPU(3, 1), NODE_END, DONE(1, 4, 2) },
	    .events = 9 } },
	/* clang-format on */
};

static bool same_account(const struct kept_events *a, const struct kept_events *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_event(&a->at[i], &b->at[i]))
			return false;
	return true;
}

static void test_lines(void **state)
{
	(void)state;
	for (const struct line_row *it = line_rows; it < line_rows + NB_COUNT(line_rows); it++) {
		struct nb_rules rules = nb_lines[it->line];
		struct kept_events old, swapped;

		check_row(&it->row, &rules);
		run_row(&it->row, &rules, &old);
		((char *)&rules)[it->rule] = ((const char *)&nb_lines[NB_LINE_6_12])[it->rule];
		run_row(&it->row, &rules, &swapped);
		check(!same_account(&old, &swapped), it->row.claim);
	}
}

/* A CPU with a number and no APIC ID cannot be called, and nobody says so. */
static void test_no_id(void **state)
{
	static const struct row row = {
		"a CPU without an APIC ID is not tried",
		.cpus = 3,
		.nodes = 1,
		.apic_id = { 0, NB_NO_APIC_ID, 1 },
		.runs = 0x5,
		.on_node = { 0x5 },
		.event = { BEGIN, BOOTING, NODE(0, 1), PAD(3), CPU(2, 1), NODE_END, DONE(1, 2, 2) },
		.events = 7,
	};

	(void)state;
	check_row(&row, &nb_lines[NB_LINE_4_9]);
}

/* The columns of one line, for numbers of one and more digits. */
static void test_columns(void **state)
{
	static const struct {
		const char *claim;
		uint32_t cpus, cpu, nodes;
		int32_t nid;
		uint64_t node_blanks, pad, cpu_blanks;
	} columns[] = {
		{ "one digit of many takes blanks", 128, 1, 12, 3, 2, 5, 3 },
		{ "the widest number takes one blank", 128, 127, 12, 11, 1, 5, 1 },
		{ "the number that ends a decade makes the column wider", 10, 9, 9, 8, 1, 4, 2 },
		{ "a node number as wide as the column takes one blank still", 2, 1, 1, 15, 1, 3,
		  1 },
		{ "one that is wider by two takes two: a negative width", 2, 1, 1, 1000, 2, 3, 1 },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(columns); i++) {
		struct kept_events kept = { { keep_event }, quiet, NB_COUNT(quiet), 0, { { 0 } } };
		const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12],
					    &kept.sink };
		struct nb_boot_facts facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]);
		struct nb_numa numa = make_numa(CAP_NODES);
		struct nb_cpus cpus = make_cpus(columns[i].cpus, &numa);
		struct nb_smp smp = make_smp();
		struct nb_params params;

		numa.possible = (struct nb_nodes){ 0 };
		for (uint32_t nid = 0; nid < columns[i].nodes; nid++)
			nb_nodes_add(&numa.possible, (int32_t)nid);
		for (uint32_t cpu = 1; cpu < columns[i].cpus; cpu++)
			cpu_store[cpu].present = cpu == columns[i].cpu;
		cpu_store[columns[i].cpu].nid = (int16_t)columns[i].nid;

		check(nb_params_read(&params, "", &env) == NB_OK, columns[i].claim);
		check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params, &env) ==
			      NB_OK,
		      columns[i].claim);
		check(kept.count == 7, columns[i].claim);
		check(kept.at[2].more[0] == columns[i].node_blanks, columns[i].claim);
		check(kept.at[3].got == columns[i].pad, columns[i].claim);
		check(kept.at[4].got == columns[i].cpu_blanks, columns[i].claim);
	}
}

/* Where AMD's and others' code finds a CPU that the SRAT does not name. */
static void test_second_look(void **state)
{
	static const struct {
		const char *claim;
		enum nb_vendor vendor;
		uint32_t apic_id;
		unsigned package_shift;
		int32_t offline;   /* a node that is not online */
		int32_t placed[2]; /* an APIC ID and its node */
		int32_t want;
		enum nb_why why;
	} looks[] = {
		{ "Intel's keeps the node that was dealt",
		  NB_VENDOR_INTEL,
		  9,
		  3,
		  END,
		  { END },
		  1,
		  NB_WHY_NONE },
		{ "AMD's takes the package for a node",
		  NB_VENDOR_AMD,
		  9,
		  2,
		  END,
		  { END },
		  2,
		  NB_WHY_CACHE_ID },
		{ "AMD's keeps what the SRAT says",
		  NB_VENDOR_AMD,
		  9,
		  2,
		  END,
		  { 9, 1 },
		  1,
		  NB_WHY_NONE },
		{ "where that is offline, the nearest ID below decides",
		  NB_VENDOR_AMD,
		  9,
		  1,
		  END,
		  { 7, 2 },
		  2,
		  NB_WHY_NEAREST_APIC },
		{ "or else the nearest above",
		  NB_VENDOR_AMD,
		  9,
		  1,
		  END,
		  { 11, 3 },
		  3,
		  NB_WHY_NEAREST_APIC },
		{ "but not one whose node is offline",
		  NB_VENDOR_AMD,
		  9,
		  1,
		  3,
		  { 11, 3 },
		  0,
		  NB_WHY_NEAREST_APIC },
		{ "an SRAT's node that is offline is as good as none: the nearest ID decides",
		  NB_VENDOR_AMD,
		  9,
		  1,
		  3,
		  { 9, 3 },
		  0,
		  NB_WHY_NEAREST_APIC },
		{ "Intel's keeps what was made of it",
		  NB_VENDOR_INTEL,
		  9,
		  1,
		  3,
		  { 9, 3 },
		  1,
		  NB_WHY_NONE },
		{ "or else the first node",
		  NB_VENDOR_AMD,
		  9,
		  1,
		  END,
		  { END },
		  0,
		  NB_WHY_NEAREST_APIC },
		{ "an ID beyond all that are known looks below",
		  NB_VENDOR_AMD,
		  600,
		  1,
		  END,
		  { 500, 3 },
		  3,
		  NB_WHY_NEAREST_APIC },
	};
	static const enum nb_event_kind told[] = { NB_EV_NODE_HAS_CPU,   NB_EV_SMP_BEGIN,
						   NB_EV_SMP_NODE_BEGIN, NB_EV_SMP_PAD,
						   NB_EV_SMP_CPU,        NB_EV_SMP_NODE_END,
						   NB_EV_SMP_DONE };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(looks); i++) {
		struct kept_events kept = { { keep_event }, told, NB_COUNT(told), 0, { { 0 } } };
		const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12],
					    &kept.sink };
		struct nb_boot_facts facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]);
		struct nb_numa numa = make_numa(4);
		struct nb_smp smp = make_smp();
		struct nb_params params;
		struct nb_cpus cpus;
		struct nb_event moved = {
			.kind = NB_EV_CPU_NODE, .id = 1, .nid = looks[i].want, .why = looks[i].why
		};

		nb_nodes_remove(&numa.online, looks[i].offline);
		cpus = make_cpus(2, &numa);
		facts.vendor = looks[i].vendor;
		facts.package_shift = (uint8_t)looks[i].package_shift;
		cpu_store[1] = (struct nb_cpu){ looks[i].apic_id, 1, true };
		if (looks[i].placed[0] >= 0)
			apic_node_store[looks[i].placed[0]] = (int16_t)looks[i].placed[1];

		check(nb_params_read(&params, "", &env) == NB_OK, looks[i].claim);
		check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params, &env) ==
			      NB_OK,
		      looks[i].claim);
		for (int32_t nid = 0; nid < 4; nid++)
			check(nb_smp_on_node(&smp, 1, nid) == (nid == looks[i].want),
			      looks[i].claim);
		check_events(&kept, &moved, looks[i].why != NB_WHY_NONE, looks[i].claim);
	}
}

/* has_cpu covers all siblings of the boot CPU's node, but of others only their own;
 * before that only the node of each CPU, and for a while none. */
static void test_emulation(void **state)
{
	static const struct {
		const char *claim;
		enum nb_line line;
		bool has_cpu[5];
	} lines[] = {
		{ "a sibling has CPUs if the boot CPU is on it",
		  NB_LINE_6_12,
		  { true, true, false, true, false } },
		{ "a node has CPUs if it is one's own",
		  NB_LINE_4_9,
		  { true, true, false, true, false } },
		{ "no node has CPUs", NB_LINE_4_4, { false } },
	};
	static const int16_t phys[] = { 0, 0, 1, 1, 1 };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(lines); i++) {
		const struct nb_env env = { &nb_lines[lines[i].line], &nb_configs[lines[i].line],
					    NULL };
		struct nb_boot_facts facts = nb_boot_facts_assumed(env.config);
		struct nb_numa numa = make_numa(5);
		struct nb_cpus cpus = make_cpus(3, &numa);
		struct nb_smp smp = make_smp();
		struct nb_params params;

		numa.emulated = true;
		memcpy(phys_store, phys, sizeof(phys));
		cpu_store[0].nid = 1;
		cpu_store[1].nid = 3;
		cpu_store[2].nid = 0;
		check(nb_params_read(&params, "", &env) == NB_OK, "the command line is read");
		check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params, &env) ==
			      NB_OK,
		      "the stage runs");
		for (int32_t nid = 0; nid < 5; nid++) {
			bool first = phys[nid] == 0;

			check(nb_smp_on_node(&smp, 0, nid) == first,
			      "CPU 0 is on all of its node's");
			check(nb_smp_on_node(&smp, 1, nid) == !first,
			      "CPU 1 is on all of its node's");
			check(nb_smp_on_node(&smp, 2, nid) == first,
			      "CPU 2 is on all of its node's");
			check(nb_nodes_has(&smp.has_cpu, nid) == lines[i].has_cpu[nid],
			      lines[i].claim);
		}
	}
}

/* The boot CPU alone, on emulated node 1 of a physical node with nodes 0 and 1. */
static void test_boot_siblings(void **state)
{
	static const struct {
		const char *claim;
		enum nb_line line;
		bool sibling;
	} lines[] = {
		{ "all emulated nodes of the boot CPU's have a CPU", NB_LINE_5_10, true },
		{ "only the one that it is on has", NB_LINE_4_9, false },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(lines); i++) {
		const struct nb_env env = { &nb_lines[lines[i].line], &nb_configs[lines[i].line],
					    NULL };
		struct nb_boot_facts facts = nb_boot_facts_assumed(env.config);
		struct nb_numa numa = make_numa(2);
		struct nb_cpus cpus = make_cpus(1, &numa);
		struct nb_smp smp = make_smp();
		struct nb_params params;

		numa.emulated = true;
		phys_store[1] = 0;
		cpu_store[0].nid = 1;
		check(nb_params_read(&params, "", &env) == NB_OK, "the command line is read");
		check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params, &env) ==
			      NB_OK,
		      "the stage runs");
		check(nb_nodes_has(&smp.has_cpu, 1), lines[i].claim);
		check(nb_nodes_has(&smp.has_cpu, 0) == lines[i].sibling, lines[i].claim);
	}
}

/* RAM of no node, which old kernels survive, marks the wrong set of nodes. */
static void test_spill(void **state)
{
	static const struct {
		const char *claim;
		int32_t nid;
		uint32_t max_nodes;
		bool wants;
	} spills[] = {
		{ "RAM without a node makes node 0 one with a CPU", NB_NO_NODE, 1024, true },
		{ "RAM with a node does not", 1, 1024, false },
		{ "nor where sets of nodes have bits to spare", NB_NO_NODE, 32, false },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(spills); i++) {
		struct nb_region ram = { .start = 0x1000, .end = 0x9000, .nid = spills[i].nid };
		struct nb_memblock mb = { .memory = { &ram, 1, 1, 1 }, .trampoline = 0x98000 };
		struct nb_kernel_config config = nb_configs[NB_LINE_4_4];
		struct kept_events kept = { .sink = { keep_event } };
		const struct nb_env env = { &nb_lines[NB_LINE_4_4], &config, &kept.sink };
		struct nb_boot_facts facts = nb_boot_facts_assumed(&config);
		struct nb_numa numa = make_numa(2);
		struct nb_cpus cpus = make_cpus(1, &numa);
		struct nb_smp smp = make_smp();
		struct nb_params params;

		config.max_nodes = spills[i].max_nodes;
		check(nb_params_read(&params, "", &env) == NB_OK, spills[i].claim);
		check(nb_smp_build(&smp, &mb, &cpus, &numa, &facts, &params, &env) == NB_OK,
		      spills[i].claim);
		check(nb_nodes_has(&smp.has_cpu, 0) == spills[i].wants, spills[i].claim);
		check(nb_nodes_count(&smp.has_cpu) == spills[i].wants, spills[i].claim);
		check((kept.at[1].kind == NB_EV_NODE_HAS_CPU) == spills[i].wants, spills[i].claim);
	}
}

/* A boot CPU that is not listed, as a number without an APIC ID. */
static void test_unlisted_boot_cpu(void **state)
{
	static const struct {
		const char *claim, *cmdline;
		enum nb_line line;
		bool x2apic, boot_cpu_only;
		enum nb_err want;
	} boots[] = {
		{ "a kernel that sets up its APIC by the list dies", "", NB_LINE_6_1, false, false,
		  NB_ERR_DIES },
		{ "one that completes the list first lives", "", NB_LINE_4_9, false, false, NB_OK },
		{ "in x2APIC mode nobody looks", "", NB_LINE_6_1, true, false, NB_OK },
		{ "without an APIC nobody looks", "nolapic", NB_LINE_6_1, false, true, NB_OK },
		{ "if nothing is known of others nobody looks", "", NB_LINE_6_1, false, true,
		  NB_OK },
		{ "not even with maxcpus=0", "nolapic maxcpus=0", NB_LINE_6_1, false, true, NB_OK },
		{ "maxcpus=0 does not help", "maxcpus=0", NB_LINE_6_1, false, true, NB_ERR_DIES },
	};
	static const struct nb_event death = { .kind = NB_EV_DIES,
					       .id = NB_SMP,
					       .why = NB_WHY_DIES_BOOT_CPU };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(boots); i++) {
		struct kept_events kept = { .sink = { keep_event } };
		const enum nb_line line = boots[i].line;
		const struct nb_env env = { &nb_lines[line], &nb_configs[line], &kept.sink };
		struct nb_boot_facts facts = nb_boot_facts_assumed(env.config);
		struct nb_numa numa = make_numa(1);
		struct nb_cpus cpus = make_cpus(2, &numa);
		struct nb_smp smp = make_smp();
		struct nb_params params;

		cpu_store[0].apic_id = NB_NO_APIC_ID;
		cpus.boot_cpu_only = boots[i].boot_cpu_only;
		facts.x2apic = boots[i].x2apic;
		check(nb_params_read(&params, boots[i].cmdline, &env) == NB_OK, boots[i].claim);
		check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params, &env) ==
			      boots[i].want,
		      boots[i].claim);
		if (boots[i].want == NB_ERR_DIES)
			check_events(&kept, &death, 1, boots[i].claim);
	}
}

static void test_limits(void **state)
{
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12], NULL };
	struct nb_boot_facts facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]);
	struct nb_numa numa = make_numa(2);
	struct nb_cpus cpus = make_cpus(65, &numa);
	struct nb_smp smp = make_smp();
	struct nb_params params;

	(void)state;
	check(nb_params_read(&params, "", &env) == NB_OK, "the command line is read");
	smp.words = 1;
	check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params, &env) ==
		      NB_ERR_FULL,
	      "a CPU too many does not fit");
	smp.words = 2;
	smp.nodes = 1;
	check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params, &env) ==
		      NB_ERR_FULL,
	      "a node too many does not fit");
	smp.nodes = 2;
	check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params, &env) == NB_OK,
	      "just enough is enough");
}

/* What the cpus stage would have made of a model's machine. */
static void give_machine(const struct model_machine *m, const struct model_cpus *model,
			 struct nb_numa *numa, struct nb_cpus *cpus)
{
	*numa = make_numa(0);
	numa->nr_node_ids = MODEL_NODES;
	numa->emulated = m->emulated;
	for (int32_t nid = 0; nid < MODEL_NODES; nid++) {
		if (model->online[nid])
			nb_nodes_add(&numa->online, nid);
		phys_store[nid] = (int16_t)m->phys[nid];
	}
	for (uint32_t id = 0; id < MODEL_APICS; id++)
		apic_node_store[id] = (int16_t)m->apic_node[id];

	*cpus = make_cpus(model->possible, numa);
	cpus->threads_per_core = model->threads;
	cpus->boot_cpu_only = m->max_cpus == 0;
	for (uint32_t cpu = 0; cpu < model->possible; cpu++)
		cpu_store[cpu] = (struct nb_cpu){ model->cpu[cpu].apic_id,
						  (int16_t)model->cpu[cpu].nid,
						  model->cpu[cpu].present };
}

static void check_model(const struct nb_smp *smp, const struct model_cpus *want,
			const struct kept_events *kept)
{
	static const char *const claim = "the stage agrees with the model on a random machine";
	uint32_t announced = 0, running = 0;

	for (size_t i = 0; i < kept->count; i++) {
		if (kept->at[i].kind != NB_EV_SMP_CPU)
			continue;
		check(announced < want->announcements, claim);
		check(kept->at[i].id == want->announced[announced++], claim);
	}
	check(announced == want->announcements, claim);

	for (uint32_t cpu = 0; cpu < want->possible; cpu++) {
		running += want->cpu[cpu].runs;
		check(nb_smp_is_online(smp, cpu) == want->cpu[cpu].runs, claim);
		for (int32_t nid = 0; nid < MODEL_NODES; nid++)
			check(nb_smp_on_node(smp, cpu, nid) == want->on_node[nid][cpu], claim);
	}
	check(smp->online_count == running, claim);
	for (int32_t nid = 0; nid < MODEL_NODES; nid++)
		check(nb_nodes_has(&smp->has_cpu, nid) == want->has_cpu[nid], claim);
}

static void test_random(void **state)
{
	static struct model_machine m;
	static struct model_cpus model;
	static uint32_t started[MODEL_APICS];

	(void)state;
	for (uint32_t seed = 0; seed < 40000; seed++) {
		const enum nb_line line = seed % NB_LINE_6_1_I386; /* all that know x2APICs */
		struct kept_events kept = { .sink = { keep_event } };
		const struct nb_env env = { &nb_lines[line], &nb_configs[line], &kept.sink };
		struct nb_boot_facts facts = nb_boot_facts_assumed(&nb_configs[line]);
		struct nb_params params = { .max_cpus = UINT32_MAX };
		struct nb_smp smp = make_smp();
		struct nb_numa numa;
		struct nb_cpus cpus;

		model_random_machine(&m, seed);
		m.rules = env.rules;
		m.most_cpus = env.config->max_cpus;
		model_count_cpus(&model, &m);
		give_machine(&m, &model, &numa, &cpus);
		facts.vendor = m.amd ? NB_VENDOR_AMD : NB_VENDOR_INTEL;
		facts.boot_apic_id = m.boot_apic_id;
		facts.x2apic = m.x2apic;
		facts.package_shift = (uint8_t)m.package_shift;
		facts.parallel_bringup = m.parallel;
		facts.started = started;
		for (uint32_t id = 0; id < MODEL_APICS; id++)
			if (m.came_up[id])
				started[facts.started_count++] = id;
		params.max_cpus = m.max_cpus;
		params.smt_off = m.smt_off;

		if (!model_survives(&model, &m)) {
			check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params,
					   &env) == NB_ERR_DIES,
			      "the kernel dies");
			continue;
		}
		check(nb_smp_build(&smp, &with_trampoline, &cpus, &numa, &facts, &params, &env) ==
			      NB_OK,
		      "the stage runs");
		model_start_cpus(&model, &m);
		check_model(&smp, &model, &kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_no_id),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_second_look),
		cmocka_unit_test(test_emulation),
		cmocka_unit_test(test_boot_siblings),
		cmocka_unit_test(test_spill),
		cmocka_unit_test(test_unlisted_boot_cpu),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("smp", tests, NULL, NULL);
}
