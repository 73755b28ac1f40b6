/* SPDX-License-Identifier: MIT */
/*
 * The stage access: small HMATs, which initiators a node's memory is reached from
 * fastest, and how fast. Domains 0 to 3 are nodes 3 to 0, so that the two are not
 * mixed up; 2 and 3 have CPUs, 1 is a generic initiator, 0 is memory alone.
 */
#include "check.h"
#include "record.h"
#include "tables.h"

#include <numaboot/access.h>
#include <numaboot/rules.h>

#include <string.h>

enum { NODES = 8, DOMAINS = 4, ON = NB_SRAT_ENABLED };

/* Kinds of numbers: ACPI 6.5 table 5.149. */
enum { LATENCY, READ_LATENCY, WRITE_LATENCY, BANDWIDTH, READ_BANDWIDTH, WRITE_BANDWIDTH };

#define FROM(nid_, other_, class_)                                                                 \
	{                                                                                          \
		.kind = NB_EV_ACCESS, .nid = nid_, .other_nid = other_, .id = NB_ACCESS_##class_   \
	}
#define IGNORED(why_, offset_)                                                                     \
	{                                                                                          \
		.kind = NB_EV_HMAT_IGNORED, .why = NB_WHY_##why_, .more = { offset_ }              \
	}

/* A tie of memory to an initiator. */
struct tie {
	bool there;
	uint16_t flags;
	uint32_t initiator, memory;
};

#define TIE(flags_, initiator_, memory_)                                                           \
	{                                                                                          \
		true, flags_, initiator_, memory_                                                  \
	}

/* A matrix between domains 1, 2, 3 and domain 0, then 2; or with other initiators. */
struct matrix {
	bool there;
	uint8_t type, flags;
	uint64_t unit;
	uint16_t value[3][2];
	uint32_t initiator[3]; /* 0: domains 1, 2, 3 */
};

struct row {
	const char *claim;
	uint8_t revision; /* of the HMAT; 0: 2 */
	bool rejected, off, no_acpi_numa, no_hmat, port;
	uint16_t port_name; /* of domain 0 */
	struct tie tie[3];
	struct matrix matrix[4];
	uint8_t raw[8]; /* a last entry */
	bool has_raw, offline;
	struct nb_event want[12];
	bool used, known; /* node 3, which is domain 0 */
	struct nb_access_speed any, cpu;
};

static const struct row rows[] = {
	{ .claim = "a tie is the initiator of both classes if it has CPUs",
	  .tie = { TIE(1, 2, 0) },
	  .want = { FROM(3, 1, ANY), FROM(3, 1, CPU) },
	  .used = true,
	  .known = true },
	{ .claim = "its numbers are the speed",
	  .tie = { TIE(1, 2, 0) },
	  .matrix = { { true, LATENCY, 0, 1000, { { 1, 9 }, { 5, 9 }, { 2, 9 } }, { 0 } },
		      { true, BANDWIDTH, 0, 100, { { 9, 9 }, { 7, 9 }, { 9, 9 } }, { 0 } } },
	  .want = { FROM(3, 1, ANY), FROM(3, 1, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 700, 700, 5, 5 },
	  .cpu = { 700, 700, 5, 5 } },
	{ .claim = "one without CPUs is it for the first class only",
	  .tie = { TIE(1, 1, 0) },
	  .matrix = { { true, READ_LATENCY, 0, 1000, { { 9, 9 }, { 5, 9 }, { 6, 9 } }, { 0 } } },
	  .want = { FROM(3, 2, ANY), FROM(3, 1, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 0, 0, 9, 0 },
	  .cpu = { 0, 0, 5, 0 } },
	{ .claim = "without a tie those that no other beats",
	  .matrix = { { true, READ_LATENCY, 0, 1000, { { 4, 9 }, { 5, 9 }, { 4, 9 } }, { 0 } } },
	  .want = { FROM(3, 2, ANY), FROM(3, 0, ANY), FROM(3, 0, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 0, 0, 4, 0 },
	  .cpu = { 0, 0, 4, 0 } },
	{ .claim = "latency to write comes first, then to read, then bandwidth",
	  .matrix = { { true, READ_BANDWIDTH, 0, 1, { { 9, 9 }, { 8, 9 }, { 7, 9 } }, { 0 } },
		      { true, WRITE_LATENCY, 0, 1000, { { 6, 9 }, { 5, 9 }, { 5, 9 } }, { 0 } },
		      { true, READ_LATENCY, 0, 1000, { { 1, 9 }, { 3, 9 }, { 3, 9 } }, { 0 } },
		      { true, WRITE_BANDWIDTH, 0, 1, { { 9, 9 }, { 4, 9 }, { 4, 9 } }, { 0 } } },
	  .want = { FROM(3, 1, ANY), FROM(3, 1, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 8, 4, 3, 5 },
	  .cpu = { 8, 4, 3, 5 } },
	{ .claim = "no number is no rival, unless nobody has one",
	  .matrix = { { true, READ_LATENCY, 0, 1000, { { 0, 9 }, { 5, 9 }, { 0xffff, 9 } }, { 0 } },
		      { true, READ_BANDWIDTH, 0, 1, { { 0, 9 }, { 0, 9 }, { 0, 9 } }, { 0 } } },
	  .want = { FROM(3, 1, ANY), FROM(3, 1, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 0, 0, 5, 0 },
	  .cpu = { 0, 0, 5, 0 } },
	{ .claim = "a matrix of nothing leaves all",
	  .matrix = { { true, READ_LATENCY, 0, 1000, { { 0, 0 } }, { 0 } } },
	  .want = { FROM(3, 2, ANY), FROM(3, 1, ANY), FROM(3, 0, ANY), FROM(3, 1, CPU),
		    FROM(3, 0, CPU) },
	  .used = true,
	  .known = true },
	{ .claim = "of several of a kind the last counts",
	  .matrix = { { true, READ_LATENCY, 0, 1000, { { 1, 1 }, { 2, 1 }, { 3, 1 } }, { 0 } },
		      { true, READ_LATENCY, 0, 1000, { { 3, 1 }, { 2, 1 }, { 1, 1 } }, { 0 } } },
	  .want = { FROM(3, 0, ANY), FROM(3, 0, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 0, 0, 1, 0 },
	  .cpu = { 0, 0, 1, 0 } },
	{ .claim = "a matrix of a cache level names initiators, but has no numbers",
	  .matrix = { { true, READ_LATENCY, 1, 1000, { { 1, 1 }, { 2, 1 }, { 3, 1 } }, { 0 } } },
	  .used = true,
	  .known = true },
	{ .claim = "an initiator that is not online is none",
	  .offline = true, /* node 2, which is domain 1 */
	  .matrix = { { true, READ_LATENCY, 0, 1000, { { 1, 1 }, { 2, 1 }, { 3, 1 } }, { 0 } } },
	  .want = { FROM(3, 1, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 0, 0, 1, 0 },
	  .cpu = { 0, 0, 2, 0 } },
	{ .claim = "nor is a domain that nobody knows; the first row of a domain counts",
	  .matrix = { { true,
			READ_LATENCY,
			0,
			1000,
			{ { 4, 1 }, { 3, 1 }, { 2, 1 } },
			{ 2, 99999, 2 } } },
	  .want = { FROM(3, 1, ANY), FROM(3, 1, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 0, 0, 4, 0 },
	  .cpu = { 0, 0, 4, 0 } },
	{ .claim = "picoseconds are rounded up",
	  .matrix = { { true,
			READ_LATENCY,
			0,
			1,
			{ { 1001, 1 }, { 2001, 1 }, { 3001, 1 } },
			{ 0 } } },
	  .want = { FROM(3, 2, ANY), FROM(3, 1, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 0, 0, 2, 0 },
	  .cpu = { 0, 0, 3, 0 } },
	{ .claim = "so much that the sum wraps, to nothing",
	  .matrix = { { true,
			READ_LATENCY,
			0,
			4294967295,
			{ { 1, 1 }, { 1, 1 }, { 1, 1 } },
			{ 0 } } },
	  .want = { FROM(3, 2, ANY), FROM(3, 1, ANY), FROM(3, 0, ANY), FROM(3, 1, CPU),
		    FROM(3, 0, CPU) },
	  .used = true,
	  .known = true },
	{ .claim = "a unit that is too large makes no number",
	  .matrix = { { true,
			READ_BANDWIDTH,
			0,
			0x80000000,
			{ { 1, 1 }, { 2, 1 }, { 3, 1 } },
			{ 0 } } },
	  .want = { FROM(3, 2, ANY), FROM(3, 1, CPU), FROM(3, 0, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 0x80000000, 0, 0, 0 } },
	{ .claim = "in revision 1 numbers are tenths, and less than one is none",
	  .revision = 1,
	  .matrix = { { true, READ_LATENCY, 0, 1, { { 9, 1 }, { 21, 1 }, { 30, 1 } }, { 0 } } },
	  .want = { FROM(3, 1, ANY), FROM(3, 0, ANY), FROM(3, 1, CPU), FROM(3, 0, CPU) },
	  .used = true,
	  .known = true,
	  .any = { 0, 0, 3, 0 },
	  .cpu = { 0, 0, 3, 0 } },
	{ .claim = "in revision 1 a tie needs the flag of memory",
	  .revision = 1,
	  .tie = { TIE(1, 2, 0), TIE(1, 2, 99) },
	  .used = true,
	  .known = true },
	{ .claim = "with it all is as later",
	  .revision = 1,
	  .tie = { TIE(3, 2, 0) },
	  .want = { FROM(3, 1, ANY), FROM(3, 1, CPU) },
	  .used = true,
	  .known = true },
	{ .claim = "a tie without the flag of the initiator ties nothing, to nobody",
	  .tie = { TIE(2, 77, 0) },
	  .used = true,
	  .known = true },
	{ .claim = "a tie to nobody ends it",
	  .tie = { TIE(1, 77, 0) },
	  .want = { IGNORED(MALFORMED, 40) } },
	{ .claim = "so does one of memory that the SRAT does not list",
	  .tie = { TIE(1, 2, 0), TIE(0, 2, 1) },
	  .want = { IGNORED(MALFORMED, 80) } },
	{ .claim = "unless it is a generic port",
	  .port = true,
	  .tie = { TIE(1, 2, 0), TIE(1, 2, 500000) },
	  .want = { FROM(3, 1, ANY), FROM(3, 1, CPU) },
	  .used = true,
	  .known = true },
	{ .claim = "memory in the domain of a port with a name is not told of",
	  .port_name = 1,
	  .tie = { TIE(1, 2, 0) },
	  .used = true },
	{ .claim = "nor is its speed",
	  .port_name = 1,
	  .tie = { TIE(1, 2, 0) },
	  .matrix = { { true, LATENCY, 0, 1000, { { 1, 9 }, { 5, 9 }, { 2, 9 } }, { 0 } } },
	  .used = true },
	{ .claim = "a revision that is not known is not used",
	  .revision = 3,
	  .tie = { TIE(1, 2, 0) },
	  .want = { IGNORED(REVISION, 0) } },
	{ .claim = "a malformed last entry undoes all",
	  .tie = { TIE(1, 2, 0) },
	  .matrix = { { true, LATENCY, 0, 1000, { { 1, 9 }, { 5, 9 }, { 2, 9 } }, { 0 } } },
	  .raw = { NB_HMAT_CACHE, 0, 0, 0, 31, 0, 0, 0 },
	  .has_raw = true,
	  .want = { IGNORED(MALFORMED, 40 + 40 + 32 + 12 + 8 + 12) } },
	{ .claim = "an unknown one does not",
	  .tie = { TIE(1, 2, 0) },
	  .raw = { 9, 0, 0, 0, 31, 0, 0, 0 },
	  .has_raw = true,
	  .want = { FROM(3, 1, ANY), FROM(3, 1, CPU) },
	  .used = true,
	  .known = true },
	{ .claim = "nor does the HMAT of a machine whose SRAT was rejected count",
	  .rejected = true,
	  .tie = { TIE(1, 2, 0) } },
	{ .claim = "numa=nohmat does not look", .off = true, .tie = { TIE(1, 2, 0) } },
	{ .claim = "nor does a build that does not ask ACPI for nodes",
	  .no_acpi_numa = true,
	  .tie = { TIE(1, 2, 0) } },
	{ .claim = "no HMAT is no fault", .no_hmat = true },
};

static struct record record;
static struct table srat, hmat;

static void make_hmat(const struct row *row)
{
	static const uint32_t usual[] = { 1, 2, 3 }, targets[] = { 0, 2 };

	hmat_begin(&hmat, row->revision ? row->revision : 2);
	for (const struct tie *tie = row->tie; tie < row->tie + NB_COUNT(row->tie); tie++)
		if (tie->there)
			hmat_proximity(&hmat, tie->flags, tie->initiator, tie->memory);
	for (const struct matrix *m = row->matrix; m < row->matrix + NB_COUNT(row->matrix); m++) {
		const struct table_locality locality = {
			.flags = m->flags,
			.type = m->type,
			.unit = m->unit,
			.initiators = 3,
			.targets = 2,
			.initiator = m->initiator[0] ? m->initiator : usual,
			.target = targets,
			.value = m->value[0],
		};

		if (m->there)
			hmat_locality(&hmat, &locality);
	}
	if (row->has_raw) {
		table_raw(&hmat, row->raw, sizeof(row->raw));
		table_raw(&hmat, (const uint8_t[32]){ 0 }, 24);
	}
}

static struct nb_access access_of(void)
{
	static struct nb_node_access node[NODES];
	static int32_t nearest[NB_MAX_PXMS];
	static uint16_t rows_of[NB_ACCESS_MATRICES * NB_MAX_PXMS];
	static struct nb_hmat_locality matrix[NB_ACCESS_MATRICES];

	memset(node, 0xee, sizeof(node));
	memset(nearest, 0xee, sizeof(nearest));
	memset(rows_of, 0xee, sizeof(rows_of));
	return (struct nb_access){ .node = node,
				   .nodes = NODES,
				   .nearest_pxm = nearest,
				   .row = rows_of,
				   .matrix = matrix };
}

static struct nb_numa numa_of(const struct row *row)
{
	static int16_t pxm_node[NB_MAX_PXMS];

	for (int pxm = 0; pxm < NB_MAX_PXMS; pxm++)
		pxm_node[pxm] = (int16_t)(pxm < DOMAINS ? DOMAINS - 1 - pxm : NB_NO_NODE);
	return (struct nb_numa){ .pxm_node = pxm_node, .srat_rejected = row->rejected };
}

static struct nb_smp smp_of(const struct row *row)
{
	struct nb_smp smp = { 0 };

	for (int32_t nid = 0; nid < DOMAINS; nid++)
		if (!(row->offline && nid == 2))
			nb_nodes_add(&smp.online_nodes, nid);
	nb_nodes_add(&smp.has_cpu, 0);
	nb_nodes_add(&smp.has_cpu, 1);
	return smp;
}

static bool same_speed(const struct nb_access_speed *a, const struct nb_access_speed *b)
{
	return a->read_bandwidth == b->read_bandwidth && a->write_bandwidth == b->write_bandwidth &&
	       a->read_latency == b->read_latency && a->write_latency == b->write_latency;
}

static void check_row(const struct row *row)
{
	const struct nb_kernel_config config = { .no_acpi_numa = row->no_acpi_numa };
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12],
				    .config = &config,
				    .sink = &record.sink };
	const struct nb_numa numa = numa_of(row);
	const struct nb_smp smp = smp_of(row);
	struct nb_access access = access_of();
	const struct nb_params params = { .numa_nohmat = row->off };
	struct nb_table tables[2];
	struct nb_firmware fw = { .tables = tables, .table_count = row->no_hmat ? 1 : 2 };
	size_t wants = 0;

	srat_begin(&srat, 3);
	srat_memory(&srat, 0, 0, NB_GIB, ON);
	srat_memory(&srat, 1, 0, NB_GIB, 0);
	srat_memory(&srat, 700, 0, NB_GIB, ON);
	if (row->port)
		srat_initiator(&srat, NB_SRAT_PORT, 500000, 1, ON);
	if (row->port_name)
		srat_initiator(&srat, NB_SRAT_PORT, 0, row->port_name, ON);
	make_hmat(row);
	tables[0] = table_give(&srat);
	tables[1] = table_give(&hmat);

	record_start(&record);
	check(nb_access_build(&access, &numa, &smp, &fw, &params, &env) == NB_OK, row->claim);
	while (wants < NB_COUNT(row->want) && row->want[wants].kind)
		wants++;
	check_told(&record, row->want, wants, row->claim);
	check(access.used == row->used, row->claim);
	for (int32_t nid = 0; nid < NODES; nid++) {
		const struct nb_node_access *node = &access.node[nid];
		const struct nb_access_speed none = { 0 };

		check(node->known == (nid == 3 && row->known), row->claim);
		check(same_speed(&node->speed[NB_ACCESS_ANY], nid == 3 ? &row->any : &none),
		      row->claim);
		check(same_speed(&node->speed[NB_ACCESS_CPU], nid == 3 ? &row->cpu : &none),
		      row->claim);
		for (int class = 0; class < NB_ACCESS_CLASSES; class ++) {
			uint32_t told = 0;

			for (size_t i = 0; i < wants; i++)
				told += row->want[i].kind == NB_EV_ACCESS &&
					row->want[i].id == (uint32_t) class &&
					row->want[i].nid == nid;
			check(nb_nodes_count(&node->initiators[class]) == told, row->claim);
		}
	}
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++)
		check_row(row);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
