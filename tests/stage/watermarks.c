/* SPDX-License-Identifier: MIT */
/*
 * watermarks: machines that were booted: what each zone managed when they were, and
 * the marks, reserves and lists that its kernel then showed in /proc/zoneinfo.
 */
#include "check.h"
#include "events.h"

#include <numaboot/rules.h>
#include <numaboot/watermarks.h>

#include <stdio.h>
#include <string.h>

enum { NODES = 16, ZONES_MOST = 10 };

/* What a zone has, and what is wanted of it. high_min, high_max 0: not looked at, as
 * 6.12 shows the length that a list grew to. */
struct zone_row {
	int32_t nid;
	enum nb_zone_id zone;
	uint64_t pages, initrd;
	uint32_t init;
	uint64_t min, low, high;
	uint64_t dma32, normal, movable; /* kept from those who may use that */
	uint64_t batch, high_min, high_max;
	uint64_t huge;
};

/* clang-format off */
static const struct row {
	const char *claim;
	enum nb_line line;
	uint64_t min_free_kib;
	uint32_t cpus[NODES];
	struct zone_row zone[ZONES_MOST]; /* ends with one without pages */
} rows[] = {
	{ "3.14: Movable has its share, and the initrd is back", NB_LINE_3_14, 67608, { 2, 1, 1 }, {
		{ 0, NB_ZONE_DMA, 3977, 0, 0, 130, 162, 195, 643, 643, 643, 1, 0, 0, 0 },
		{ 0, NB_ZONE_DMA32, 164856, 0, 251, 5428, 6785, 8142, 0, 0, 0, 31, 186, 186, 0 },
		{ 1, NB_ZONE_DMA32, 512, 0, 0, 16, 20, 24, 0, 0, 680, 1, 0, 0, 0 },
		{ 1, NB_ZONE_MOVABLE, 174080, 0, 0, 5732, 7165, 8598, 0, 0, 0, 31, 186, 186, 0 },
		{ 2, NB_ZONE_DMA32, 169339, 485, 0, 5592, 6990, 8388, 0, 0, 0, 31, 186, 186, 0 } } },
	{ "3.14: too little RAM for huge pages", NB_LINE_3_14, 1706, { 1 }, {
		{ 0, NB_ZONE_DMA, 3977, 0, 0, 37, 46, 55, 162, 162, 162, 1, 0, 0, 0 },
		{ 0, NB_ZONE_DMA32, 41042, 485, 251, 388, 485, 582, 0, 0, 0, 7, 42, 42, 0 } } },
	{ "4.4: Movable on each node", NB_LINE_4_4, 52948, { 1, 1 }, {
		{ 0, NB_ZONE_DMA, 3977, 0, 0, 137, 171, 205, 326, 326, 482, 1, 0, 0, 0 },
		{ 0, NB_ZONE_DMA32, 83667, 0, 253, 2886, 3607, 4329, 0, 0, 155, 15, 90, 90, 0 },
		{ 0, NB_ZONE_MOVABLE, 39800, 0, 0, 1372, 1715, 2058, 0, 0, 0, 7, 42, 42, 0 },
		{ 1, NB_ZONE_DMA32, 89088, 0, 0, 3073, 3841, 4609, 0, 0, 155, 15, 90, 90, 0 },
		{ 1, NB_ZONE_MOVABLE, 39827, 0, 0, 1373, 1716, 2059, 0, 0, 0, 7, 42, 42, 0 },
		{ 2, NB_ZONE_DMA32, 89088, 0, 0, 3073, 3841, 4609, 0, 0, 149, 15, 90, 90, 0 },
		{ 2, NB_ZONE_MOVABLE, 38301, 485, 0, 1321, 1651, 1981, 0, 0, 0, 7, 42, 42, 0 } } },
	{ "4.9: huge pages take a twentieth", NB_LINE_4_9, 166028, { 4 }, {
		{ 0, NB_ZONE_DMA, 3977, 0, 0, 198, 247, 296, 227, 227, 227, 1, 0, 0, 0 },
		{ 0, NB_ZONE_DMA32, 58116, 0, 1118, 2893, 3616, 4339, 0, 0, 0, 15, 90, 90, 0 },
		{ 1, NB_ZONE_DMA32, 64361, 0, 0, 3204, 4005, 4806, 0, 0, 0, 15, 90, 90, 0 },
		{ 2, NB_ZONE_DMA32, 128873, 0, 0, 6416, 8020, 9624, 0, 0, 0, 31, 186, 186, 0 },
		{ 3, NB_ZONE_DMA32, 64361, 0, 0, 3204, 4005, 4806, 0, 0, 0, 15, 90, 90, 0 },
		{ 4, NB_ZONE_DMA32, 193385, 0, 0, 9628, 12035, 14442, 0, 0, 0, 31, 186, 186, 0 },
		{ 5, NB_ZONE_DMA32, 64361, 0, 0, 3204, 4005, 4806, 0, 0, 0, 15, 90, 90, 0 },
		{ 6, NB_ZONE_DMA32, 193385, 0, 0, 9628, 12035, 14442, 0, 0, 0, 31, 186, 186, 0 },
		{ 7, NB_ZONE_DMA32, 62809, 485, 0, 3127, 3908, 4689, 0, 0, 0, 15, 90, 90, 0 } } },
	{ "5.10: 63 GiB, where the scale decides", NB_LINE_5_10, 67584, { 2 }, {
		{ 0, NB_ZONE_DMA, 3977, 0, 0, 4, 7, 10, 2941, 64266, 64266, 1, 0, 0, 0 },
		{ 0, NB_ZONE_DMA32, 753142, 485, 1828, 773, 1526, 2279, 0, 61324, 61324, 63, 378, 378, 0 },
		{ 0, NB_ZONE_NORMAL, 15699161, 0, 0, 16118, 31817, 47516, 0, 0, 0, 63, 378, 378, 0 } } },
	{ "6.1: Movable has its share, lists the low mark's", NB_LINE_6_1, 29112, { 2, 1, 1 }, {
		{ 0, NB_ZONE_DMA, 3840, 0, 0, 76, 95, 114, 139, 139, 435, 1, 47, 47, 0 },
		{ 0, NB_ZONE_DMA32, 35832, 0, 2002, 709, 886, 1063, 0, 0, 295, 7, 443, 443, 0 },
		{ 0, NB_ZONE_MOVABLE, 75604, 0, 0, 1497, 1871, 2245, 0, 0, 0, 15, 935, 935, 0 },
		{ 1, NB_ZONE_DMA32, 53248, 0, 0, 1054, 1317, 1580, 0, 0, 273, 15, 1317, 1317, 0 },
		{ 1, NB_ZONE_MOVABLE, 70028, 485, 0, 1386, 1732, 2078, 0, 0, 0, 15, 1732, 1732, 0 },
		{ 2, NB_ZONE_DMA32, 53248, 0, 0, 1054, 1317, 1580, 0, 0, 295, 15, 1317, 1317, 0 },
		{ 2, NB_ZONE_MOVABLE, 75670, 0, 0, 1498, 1872, 2246, 0, 0, 0, 15, 1872, 1872, 0 } } },
	{ "6.12: Movable has little", NB_LINE_6_12, 29412, { 2, 1, 1 }, {
		{ 0, NB_ZONE_DMA, 3840, 0, 0, 190, 237, 284, 147, 147, 443, 1, 0, 0, 0 },
		{ 0, NB_ZONE_DMA32, 37881, 0, 1716, 1879, 2348, 2817, 0, 0, 295, 7, 0, 0, 0 },
		{ 0, NB_ZONE_MOVABLE, 75597, 0, 0, 73, 1010, 1947, 0, 0, 0, 15, 0, 0, 0 },
		{ 1, NB_ZONE_DMA32, 53248, 0, 0, 2641, 3301, 3961, 0, 0, 273, 15, 0, 0, 0 },
		{ 1, NB_ZONE_MOVABLE, 70025, 485, 0, 68, 936, 1804, 0, 0, 0, 15, 0, 0, 0 },
		{ 2, NB_ZONE_DMA32, 53248, 0, 0, 2641, 3301, 3961, 0, 0, 295, 15, 0, 0, 0 },
		{ 2, NB_ZONE_MOVABLE, 75667, 0, 0, 73, 1011, 1949, 0, 0, 0, 15, 0, 0, 0 } } },
	{ "6.12: too little RAM for huge pages", NB_LINE_6_12, 1403, { 1 }, {
		{ 0, NB_ZONE_DMA, 3840, 0, 0, 43, 53, 63, 105, 105, 105, 1, 0, 0, 0 },
		{ 0, NB_ZONE_DMA32, 26958, 485, 1716, 306, 382, 458, 0, 0, 0, 7, 0, 0, 0 } } },
	{ "7.3: reserves follow what comes back", NB_LINE_7_3, 29000, { 2, 1, 1 }, {
		{ 0, NB_ZONE_DMA, 3840, 0, 0, 190, 237, 284, 148, 148, 443, 1, 118, 240, 0 },
		{ 0, NB_ZONE_DMA32, 35823, 0, 2136, 1776, 2220, 2664, 0, 0, 295, 7, 1110, 2238, 0 },
		{ 0, NB_ZONE_MOVABLE, 75602, 0, 0, 73, 1010, 1947, 0, 0, 0, 15, 505, 4725, 0 },
		{ 1, NB_ZONE_DMA32, 53248, 0, 0, 2641, 3301, 3961, 0, 0, 272, 15, 3301, 6656, 0 },
		{ 1, NB_ZONE_MOVABLE, 69259, 485, 0, 67, 925, 1783, 0, 0, 0, 15, 925, 8657, 0 },
		{ 2, NB_ZONE_DMA32, 53248, 0, 0, 2641, 3301, 3961, 0, 0, 295, 15, 3301, 6656, 0 },
		{ 2, NB_ZONE_MOVABLE, 75669, 0, 0, 73, 1011, 1949, 0, 0, 0, 15, 1011, 9458, 0 } } },
	{ "7.3: a node without CPUs shares those of all", NB_LINE_7_3, 60108, { 2, 1 }, {
		{ 0, NB_ZONE_DMA, 3840, 0, 0, 190, 237, 284, 191, 191, 191, 1, 118, 240, 0 },
		{ 0, NB_ZONE_DMA32, 46913, 0, 2136, 2332, 2915, 3498, 0, 0, 0, 15, 1457, 2932, 0 },
		{ 1, NB_ZONE_DMA32, 57996, 485, 0, 2883, 3603, 4323, 0, 0, 0, 15, 3603, 7249, 0 },
		{ 2, NB_ZONE_DMA32, 193492, 0, 0, 9620, 12025, 14430, 0, 0, 0, 63, 4008, 8062, 0 } } },
	{ "3.14: a page of 1 GiB counts where huge pages ask again", NB_LINE_3_14, 67584, { 1, 1 }, {
		{ 0, NB_ZONE_DMA, 3977, 0, 0, 116, 145, 174, 734, 734, 734, 1, 0, 0, 0 },
		{ 0, NB_ZONE_DMA32, 187996, 0, 251, 5496, 6870, 8244, 0, 0, 0, 31, 186, 186, 0 },
		{ 1, NB_ZONE_DMA32, 123289, 485, 0, 11283, 14103, 16924, 0, 0, 0, 31, 186, 186, 262144 } } },
	{ "4.4: it counts nowhere", NB_LINE_4_4, 62716, { 1, 1 }, {
		{ 0, NB_ZONE_DMA, 3977, 0, 0, 197, 246, 295, 734, 734, 734, 1, 0, 0, 0 },
		{ 0, NB_ZONE_DMA32, 188003, 0, 253, 9349, 11686, 14023, 0, 0, 0, 31, 186, 186, 0 },
		{ 1, NB_ZONE_DMA32, 123291, 485, 0, 6131, 7663, 9196, 0, 0, 0, 31, 186, 186, 262144 } } },
	{ "6.1: in marks, and so in lists", NB_LINE_6_1, 67584, { 1, 1 }, {
		{ 0, NB_ZONE_DMA, 3840, 0, 0, 115, 143, 171, 687, 687, 687, 1, 143, 143, 0 },
		{ 0, NB_ZONE_DMA32, 176010, 0, 2002, 5299, 6623, 7947, 0, 0, 0, 31, 6623, 6623, 0 },
		{ 1, NB_ZONE_DMA32, 119180, 485, 0, 11481, 14351, 17221, 0, 0, 0, 63, 14351, 14351, 262144 } } },
	{ "6.12: from the start", NB_LINE_6_12, 67584, { 1, 1 }, {
		{ 0, NB_ZONE_DMA, 3840, 0, 0, 115, 143, 171, 695, 695, 695, 1, 0, 0, 0 },
		{ 0, NB_ZONE_DMA32, 178056, 0, 1716, 5341, 6676, 8011, 0, 0, 0, 63, 0, 0, 0 },
		{ 1, NB_ZONE_DMA32, 119177, 485, 0, 11439, 14298, 17157, 0, 0, 0, 63, 0, 0, 262144 } } },
	{ "32 bits: HighMem, and Movable cut out of it, have little", NB_LINE_6_1_I386, 41920, { 4 }, {
		{ 0, NB_ZONE_DMA, 3840, 0, 0, 190, 237, 284, 0, 809, 1977, 1, 59, 59, 0 },
		{ 0, NB_ZONE_NORMAL, 207137, 505, 232, 10289, 12861, 15433, 0, 0, 9343, 63, 3215, 3215, 0 },
		{ 0, NB_ZONE_HIGHMEM, 2, 0, 0, 32, 32, 32, 0, 0, 0, 1, 8, 8, 0 },
		{ 0, NB_ZONE_MOVABLE, 298976, 0, 0, 128, 3840, 7552, 0, 0, 0, 63, 960, 960, 0 } } },
};
/* clang-format on */

static struct {
	struct nb_watermarks watermarks;
	struct nb_zone_watermarks of_zone[NODES * NB_ZONES];
	struct nb_managed managed;
	struct nb_managed_zone managed_zone[NODES * NB_ZONES];
	struct nb_zones zones;
	struct nb_node_zones node[NODES];
	struct nb_smp smp;
	uint64_t node_cpus[NODES];
	struct nb_params params;
	struct nb_kernel_config config;
	struct nb_rules rules;
	struct nb_env env;
	struct kept_events kept;
} t;

static void set_cpus(const uint32_t *cpus)
{
	for (uint32_t nid = 0; nid < NODES; nid++)
		for (uint32_t i = 0; i < cpus[nid]; i++)
			t.node_cpus[nid] |= (uint64_t)1 << t.smp.online_count++;
}

static void set_up(const struct row *row)
{
	memset(&t, 0, sizeof(t));
	t.rules = nb_lines[row->line];
	t.config = nb_configs[row->line];
	t.env = (struct nb_env){ &t.rules, &t.config, NULL };
	t.watermarks = (struct nb_watermarks){ .zone = t.of_zone, .nodes = NODES };
	t.managed = (struct nb_managed){ .zone = t.managed_zone, .nodes = NODES };
	t.zones = (struct nb_zones){ .node = t.node, .nodes = NODES };
	t.zones.movable_from = row->line == NB_LINE_6_1_I386 ? NB_ZONE_HIGHMEM : NB_ZONE_DMA32;
	t.smp = (struct nb_smp){ .node_cpus = t.node_cpus, .nodes = NODES, .words = 1 };
	set_cpus(row->cpus);
	for (const struct zone_row *zone = row->zone; zone->pages; zone++) {
		struct nb_managed_zone *managed =
			nb_managed_zone(&t.managed, zone->nid, zone->zone);

		*managed = (struct nb_managed_zone){ .pages = zone->pages,
						     .initrd_pages = zone->initrd,
						     .init_pages = zone->init,
						     .huge_pages = zone->huge };
		t.node[zone->nid].zone[zone->zone].present_pages =
			zone->pages + zone->initrd + zone->huge;
	}
	memset(t.of_zone, 0xee, sizeof(t.of_zone));
}

static void build(const char *claim)
{
	check(nb_watermarks_build(&t.watermarks, &t.managed, &t.zones, &t.smp, &t.params, &t.env) ==
		      NB_OK,
	      claim);
}

static bool is_as_shown(const struct zone_row *want)
{
	const struct nb_zone_watermarks *zone =
		nb_zone_watermarks(&t.watermarks, want->nid, want->zone);
	const struct nb_page_marks *marks = &zone->marks;

	return marks->min == want->min && marks->low == want->low && marks->high == want->high &&
	       marks->reserve[NB_ZONE_DMA] == 0 && marks->reserve[NB_ZONE_DMA32] == want->dma32 &&
	       marks->reserve[NB_ZONE_NORMAL] == want->normal &&
	       marks->reserve[NB_ZONE_MOVABLE] == want->movable &&
	       marks->reserve[NB_ZONE_DEVICE] == want->movable && zone->batch == want->batch &&
	       (!want->high_min || zone->high_min == want->high_min) &&
	       (!want->high_max || zone->high_max == want->high_max);
}

static void test_booted(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		set_up(row);
		build(row->claim);
		check(t.watermarks.min_free_kib == row->min_free_kib, row->claim);
		for (const struct zone_row *zone = row->zone; zone->pages; zone++)
			check(is_as_shown(zone), row->claim);
	}
}

static void test_huge_pages(void **state)
{
	const struct row *row = &rows[7 - 1]; /* 6.12, Movable */

	(void)state;
	set_up(row);
	t.params.no_huge_pages = true;
	build("without huge pages");
	check(t.watermarks.min_free_kib == 3079, "the root of 148217 pages is all");
	set_up(row);
	t.config.huge_pages = false;
	build("a build without huge pages");
	check(t.watermarks.min_free_kib == 3079, "it is the same");
}

static void test_bounds(void **state)
{
	static const struct row tiny = {
		"tiny", NB_LINE_6_12, 128, { 1 }, { { 0, NB_ZONE_DMA, 200, .initrd = 0 } }
	};
	static const struct row large = { "16 TiB",
					  NB_LINE_6_12,
					  262144,
					  { 1 },
					  { { 0, NB_ZONE_NORMAL, 4 * NB_GIB, .init = 0 } } };
	const struct nb_page_marks *marks = &t.of_zone[NB_ZONE_NORMAL].marks;

	(void)state;
	set_up(&tiny);
	build("a tiny machine");
	check(t.watermarks.min_free_kib == 128, "128 KiB are the least");
	set_up(&large);
	build("16 TiB of RAM");
	check(t.watermarks.min_free_kib == 262144, "256 MiB are the most");
	check(marks->min == 65536 && marks->low == 65536 + 4294967 &&
		      marks->high == 65536 + 8589934,
	      "the marks go on growing");
	t.managed_zone[NB_ZONE_NORMAL].pages = 0;
	build("no memory at all");
	check(marks->min == 0 && marks->high == 0 && t.watermarks.min_free_kib == 128,
	      "has no marks");
}

static void test_events(void **state)
{
	static const struct nb_event want[] = {
		{ .kind = NB_EV_MIN_FREE, .why = NB_WHY_ROOT_OF_FREE, .got = 1403, .limit = 1403 },
		{ .kind = NB_EV_WATERMARKS,
		  .id = NB_ZONE_DMA,
		  .got = 43,
		  .limit = 3840,
		  .more = { 53, 63 } },
		{ .kind = NB_EV_ZONE_RESERVE, .id = NB_ZONE_DMA, .more = { 105, 105, 105, 105 } },
		{ .kind = NB_EV_CPU_LISTS, .id = NB_ZONE_DMA, .got = 1, .more = { 53, 480 } },
		{ .kind = NB_EV_WATERMARKS,
		  .id = NB_ZONE_DMA32,
		  .got = 306,
		  .limit = 26958,
		  .more = { 382, 458 } },
		{ .kind = NB_EV_CPU_LISTS, .id = NB_ZONE_DMA32, .got = 7, .more = { 382, 3369 } },
	};

	(void)state;
	set_up(&rows[8 - 1]);
	t.kept = (struct kept_events){ .sink = { keep_event } };
	t.env.sink = &t.kept.sink;
	build("events");
	check_events(&t.kept, want, NB_COUNT(want), "what was decided of each zone is told");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_booted),
		cmocka_unit_test(test_huge_pages),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
