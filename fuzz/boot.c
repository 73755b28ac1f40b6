/* SPDX-License-Identifier: MIT */
/*
 * boot: any bytes as a machine, all numbers little-endian, what is missing zero:
 *
 *     u8 line of kernels, as in enum nb_line; of 64 bits
 *     u16 length, the command line
 *     u8 count, entries of the memory map { u64 start, u64 size, u32 type }
 *     u8 count, extended entries, likewise
 *     u8 count, the boot loader's data { u64 start, u64 end }
 *     u16 flags, bits as in enum flag;  u8 vendor;  u32 boot APIC ID
 *     u64 kernel start, end;  u32 bytes of brk behind it
 *     u64 initrd start, end;  u64 start, end of tables that came in it
 *     to the end: tables { u16 length, u64 address, the bytes }
 *
 * tools/make-seeds writes it. Each table lies in a block of its own size. The
 * boot is run three times: with every event rendered, silently, and with the
 * smallest limits there are. What must hold of any result is ensured.
 */
#include <numaboot/boot.h>

#include "base/bytes.h"

#include "fuzz.h"
#include "listen.h"

enum { MOST_ENTRIES = 200, MOST_DATA = 4, MOST_TABLES = 8 };
#define THING (256 * NB_MIB) /* no kernel, initrd or table is larger */

enum flag {
	FLAG_BSP = 1,
	FLAG_EFI = 2,
	FLAG_HYPERVISOR = 4,
	FLAG_X2APIC = 8,
	FLAG_FIVE_LEVEL = 16,
	FLAG_KDUMP = 32,
	FLAG_MP_TABLE = 64,
	FLAG_PARALLEL = 128,
	FLAG_LARGE = 256, /* Debian's kernel; else one for few nodes, which is quick */
};

/* A machine, and the blocks that it is made of. */
struct machine {
	struct nb_firmware fw;
	enum nb_line line;
	struct nb_kernel_config config;
	struct nb_e820_entry map[MOST_ENTRIES], extended[MOST_ENTRIES];
	struct nb_range setup_data[MOST_DATA];
	struct nb_table tables[MOST_TABLES];
	char *cmdline;
};

/* --- bytes to a machine -------------------------------------------------- */

struct reader {
	struct nb_bytes bytes;
	size_t at;
};

static uint64_t take(struct reader *r, unsigned width)
{
	uint64_t value = nb_le(r->bytes, r->at, width);

	r->at += width;
	return value;
}

static struct nb_bytes take_bytes(struct reader *r, size_t len)
{
	struct nb_bytes bytes = { 0 };

	if (r->at < r->bytes.len)
		bytes = nb_slice(r->bytes, r->at, len);
	r->at += len;
	return bytes;
}

static uint32_t take_entries(struct reader *r, struct nb_e820_entry *entries)
{
	uint32_t count = (uint32_t)take(r, 1) % MOST_ENTRIES;

	for (uint32_t i = 0; i < count; i++) {
		entries[i].start = take(r, 8);
		entries[i].size = take(r, 8);
		entries[i].type = (uint32_t)take(r, 4);
	}
	return count;
}

/* A range of what the boot loader or the kernel put somewhere, so not larger than
 * such a thing can be; none if it would end before it begins. */
static struct nb_range take_range(struct reader *r)
{
	struct nb_range range = { .start = take(r, 8) };

	range.end = nb_min(take(r, 8), range.start + nb_min(THING, UINT64_MAX - range.start));
	return range.start < range.end ? range : (struct nb_range){ 0 };
}

static void take_facts(struct reader *r, struct machine *m)
{
	enum { FEW_NODES = 32, FEW_CPUS = 48 };
	struct nb_boot_facts *facts = &m->fw.facts;
	uint32_t flags;

	*facts = nb_boot_facts_assumed(&m->config);
	facts->setup_data_count = (uint32_t)take(r, 1) % (MOST_DATA + 1);
	facts->setup_data = m->setup_data;
	for (uint32_t i = 0; i < facts->setup_data_count; i++)
		m->setup_data[i] = take_range(r);

	flags = (uint32_t)take(r, 2);
	if (!(flags & FLAG_LARGE)) {
		m->config.max_nodes = FEW_NODES;
		m->config.max_cpus = FEW_CPUS;
		m->config.e820_entries = 128 + 3 * FEW_NODES;
	}
	facts->boot_apic_is_bsp = flags & FLAG_BSP;
	facts->efi = flags & FLAG_EFI;
	facts->hypervisor = flags & FLAG_HYPERVISOR;
	facts->x2apic = flags & FLAG_X2APIC;
	facts->five_level = flags & FLAG_FIVE_LEVEL;
	facts->kdump = flags & FLAG_KDUMP;
	facts->mp_table = flags & FLAG_MP_TABLE;
	facts->parallel_bringup = flags & FLAG_PARALLEL;
	facts->vendor = (enum nb_vendor)(take(r, 1) % (NB_VENDOR_OTHER + 1));
	facts->boot_apic_id = (uint32_t)take(r, 4);

	facts->kernel = take_range(r);
	facts->kernel_end = facts->kernel.end + nb_min(take(r, 4), UINT64_MAX - facts->kernel.end);
	facts->initrd = take_range(r);
	facts->initrd_tables = take_range(r);
}

static void take_tables(struct reader *r, struct machine *m)
{
	while (r->at < r->bytes.len && m->fw.table_count < MOST_TABLES) {
		struct nb_table *table = &m->tables[m->fw.table_count++];
		size_t len = take(r, 2);
		nb_phys address = take(r, 8);
		struct nb_bytes bytes = take_bytes(r, len);

		*table = fuzz_table(fuzz_copy(bytes.at, bytes.len), bytes.len);
		table->address = address;
	}
}

static struct machine *read_machine(const uint8_t *data, size_t size)
{
	struct reader r = { .bytes = { .at = data, .len = size } };
	struct machine *m = calloc(1, sizeof(*m));
	struct nb_bytes words;

	ensure(m != NULL);
	m->line = (enum nb_line)(take(&r, 1) % NB_LINE_6_1_I386);
	m->config = nb_configs[m->line];
	words = take_bytes(&r, take(&r, 2));
	m->cmdline = calloc(words.len + 1, 1);
	ensure(m->cmdline != NULL);
	if (words.len)
		memcpy(m->cmdline, words.at, words.len);
	m->fw = (struct nb_firmware){
		.cmdline = m->cmdline,
		.map = m->map,
		.extended = m->extended,
		.tables = m->tables,
	};
	m->fw.map_count = take_entries(&r, m->map);
	m->fw.extended_count = take_entries(&r, m->extended);
	take_facts(&r, m);
	take_tables(&r, m);
	return m;
}

static void drop_machine(struct machine *m)
{
	for (uint32_t i = 0; i < m->fw.table_count; i++)
		free((void *)(uintptr_t)m->tables[i].at);
	free(m->cmdline);
	free(m);
}

/* --- what must hold of a result ------------------------------------------ */

/* Whether some RAM is mirrored, where Linux's own numbers of pages may wrap. */
static bool has_mirror(const struct nb_boot *b)
{
	for (uint32_t i = 0; i < b->memblock.memory.count; i++)
		if (b->memblock.memory.at[i].flags & NB_REGION_MIRROR)
			return true;
	return false;
}

/* RAM of a node, up to the end of what the architecture can address: no zone has more. */
static uint64_t pages_of_node(const struct nb_boot *b, int32_t nid)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < b->memblock.memory.count; i++) {
		const struct nb_region *region = &b->memblock.memory.at[i];
		nb_pfn start = nb_pfn_up(region->start);
		nb_pfn end = nb_min(nb_pfn_down(region->end), b->e820.max_pfn);

		if (region->nid == nid && start < end)
			pages += end - start;
	}
	return pages;
}

static void ensure_zones(const struct nb_boot *b)
{
	uint64_t all = 0;

	nb_for_each_node (nid, &b->numa.possible) {
		const struct nb_node_zones *node = &b->zones.node[nid];
		bool is_built = nb_nodes_has(&b->zones.built, nid);
		uint64_t present = 0, behind = 0;

		ensure((uint32_t)nid < b->zones.nodes && node->start <= node->end);
		for (uint32_t i = 0; i < NB_ZONES; i++) {
			const struct nb_zone *zone = &node->zone[i];

			/* Some lines count pages of a Movable zone behind its node. */
			if (i == NB_ZONE_MOVABLE && is_built && node->movable_start > node->end)
				behind = zone->present_pages;
			else
				ensure(zone->present_pages <= zone->spanned_pages);
			ensure(zone->managed_pages <= zone->present_pages);
			if (zone->spanned_pages)
				ensure(zone->start >= node->start &&
				       zone->start + zone->spanned_pages <= node->end);
			present += zone->present_pages;
		}
		ensure(present == behind + (is_built ? pages_of_node(b, nid) : 0));
		/* What comes online late does not count as having memory. */
		if (nb_nodes_has(&b->numa.online, nid) || !present)
			ensure(nb_nodes_has(&b->zones.has_memory, nid) == (present != 0));
		all += present;
	}
	ensure(all == b->zones.present_pages);
	nb_for_each_node (nid, &b->zones.has_memory)
		ensure(nb_nodes_has(&b->numa.possible, nid));
}

static bool is_listed(const struct nb_boot *b, const struct nb_zone *zone)
{
	return b->env.rules->zonelists_by_managed ? zone->managed_pages : zone->present_pages;
}

/* One list holds each zone with pages once, of nodes that count as having memory
 * and of its own; that of the node alone only these. */
static void ensure_zonelist(const struct nb_boot *b, int32_t nid, bool this_node)
{
	struct nb_zonelist_walk walk =
		nb_zonelist_start(&b->zonelists, &b->zones, nid, NB_ZONE_DEVICE, this_node);
	static bool seen[NB_MAX_NODES][NB_ZONES];
	uint32_t count = 0, want = 0;
	struct nb_zoneref ref;

	memset(seen, 0, sizeof(seen));
	while (nb_zonelist_next(&walk, &ref)) {
		ensure(nb_nodes_has(&b->numa.possible, ref.nid) && (uint32_t)ref.zone < NB_ZONES);
		ensure(!seen[ref.nid][ref.zone]);
		ensure(is_listed(b, &b->zones.node[ref.nid].zone[ref.zone]));
		ensure(!this_node || ref.nid == nid);
		seen[ref.nid][ref.zone] = true;
		count++;
	}
	nb_for_each_node (other, &b->numa.possible)
		for (uint32_t zone = 0; zone < NB_ZONES; zone++)
			if (other == nid || (!this_node && b->zonelists.order_count[nid] &&
					     nb_nodes_has(&b->zones.has_memory, other)))
				want += is_listed(b, &b->zones.node[other].zone[zone]);
	ensure(count == want);
}

static void ensure_nodes(const struct nb_boot *b)
{
	const struct nb_numa *numa = &b->numa;
	uint32_t lists = 0;

	ensure(nb_nodes_count(&numa->possible) != 0);
	ensure((uint32_t)nb_nodes_last(&numa->possible) + 1 == numa->nr_node_ids);
	ensure(numa->nr_node_ids <= b->limits.nodes);
	nb_for_each_node (nid, &numa->possible) {
		ensure(nb_numa_distance(numa, nid, nid) == 10);
		if (nb_nodes_has(&numa->online, nid))
			ensure(nb_regions_overlap(&b->memblock.reserved, numa->node_data[nid],
						  numa->node_data[nid] + 1));
		if (lists++ < 20) {
			ensure_zonelist(b, nid, false);
			ensure_zonelist(b, nid, true);
		}
	}
	nb_for_each_node (nid, &numa->online)
		ensure(nb_nodes_has(&numa->possible, nid));
	for (uint32_t i = 0; i < numa->block_count; i++) {
		const struct nb_block *block = &numa->blocks[i];

		ensure(block->range.start < block->range.end);
		ensure(nb_nodes_has(&numa->possible, block->nid));
		for (uint32_t k = 0; k < i; k++)
			ensure(!nb_ranges_overlap(block->range, numa->blocks[k].range));
	}
}

/* The look-ups agree with the ranges that they read. */
static void ensure_lookups(const struct nb_boot *b)
{
	for (uint32_t i = 0; i < b->memblock.memory.count; i++) {
		const struct nb_region *region = &b->memblock.memory.at[i];
		nb_phys page = nb_pfn_phys(nb_pfn_up(region->start));
		enum nb_zone_id zone;

		ensure(nb_is_ram(b, region->start) && nb_is_ram(b, region->end - 1));
		if (region->nid < 0 || page >= region->end || nb_pfn_down(page) >= b->e820.max_pfn)
			continue;
		ensure(nb_node_of(b, page) == region->nid);
		ensure(nb_node_of_pfn(b, nb_pfn_down(page)) == region->nid);
		zone = nb_zone_of(b, page);
		ensure(zone < NB_ZONES);
		ensure(b->zones.node[region->nid].zone[zone].present_pages != 0);
	}
}

/* The nodes whose masks a CPU is in: one, but that emulation gives it to several.
 * It need not be the one that the CPU was put on first: what the CPU says of its
 * caches may win. */
static uint32_t masks_with(const struct nb_boot *b, uint32_t cpu)
{
	uint32_t count = 0;

	for (uint32_t nid = 0; nid < b->smp.nodes; nid++)
		count += nb_smp_on_node(&b->smp, cpu, (int32_t)nid);
	return count;
}

/* With emulation, a CPU's node may be one that has lost all its RAM, and is not
 * possible: Linux numbers nodes before it drops blocks without RAM. */
static void ensure_cpus(const struct nb_boot *b)
{
	const struct nb_cpus *cpus = &b->cpus;
	uint32_t online = 0;

	ensure(cpus->possible >= 1 && cpus->possible <= cpus->cap);
	ensure(cpus->threads_per_core >= 1);
	for (uint32_t i = 0; i < cpus->possible; i++) {
		ensure(nb_nodes_has(&cpus->online, cpus->cpu[i].nid));
		ensure(b->numa.emulated || nb_nodes_has(&b->numa.possible, cpus->cpu[i].nid));
		if (!nb_smp_is_online(&b->smp, i))
			continue;
		ensure(cpus->cpu[i].present);
		online++;
		ensure(b->numa.emulated ? masks_with(b, i) >= 1 : masks_with(b, i) == 1);
	}
	ensure(nb_smp_is_online(&b->smp, 0));
	ensure(online == b->smp.online_count);
	for (uint32_t i = cpus->possible; i < 64 * b->smp.words; i++)
		ensure(!nb_smp_is_online(&b->smp, i));
	nb_for_each_node (nid, &b->smp.has_cpu)
		ensure(b->numa.emulated || nb_nodes_has(&b->numa.possible, nid));
}

/* --- the runs ------------------------------------------------------------ */

/* What two runs of one machine have to agree on. */
struct outcome {
	enum nb_err err;
	enum nb_stage stage;
	struct nb_nodes possible, online;
	uint64_t present_pages, reserved;
	uint32_t cpus, started;
};

/* Older lines leave some RAM to no node or no zone; 6.12 is held to all of it. */
static void ensure_result(const struct nb_boot *b, enum nb_line line)
{
	if (b->next > NB_MEMBLOCK) {
		nb_regions_check(&b->memblock.memory);
		nb_regions_check(&b->memblock.reserved);
	}
	if (b->next != NB_READY || line != NB_LINE_6_12)
		return;
	if (!has_mirror(b))
		ensure_zones(b);
	ensure_nodes(b);
	ensure_lookups(b);
	ensure_cpus(b);
}

static struct outcome run(const struct machine *m, const struct nb_limits *limits,
			  struct listener *listener)
{
	struct nb_env env = {
		.rules = &nb_lines[m->line],
		.config = &m->config,
		.sink = listener ? &listener->sink : NULL,
	};
	size_t size = nb_boot_size(limits);
	void *block = malloc(size);
	struct outcome out;
	struct nb_boot b;

	ensure(size != 0 && block != NULL);
	memset(block, 0xa5, size);
	ensure(nb_boot_init(&b, block, size - 1, limits, &env, &m->fw) == NB_ERR_MEMORY);
	ensure(nb_boot_init(&b, block, size, limits, &env, &m->fw) == NB_OK);
	out = (struct outcome){ .err = nb_boot(&b) };
	out.stage = b.next;
	ensure_result(&b, m->line);
	if (b.next == NB_READY) {
		out.possible = b.numa.possible;
		out.online = b.cpus.online;
		out.present_pages = b.zones.present_pages;
		out.reserved = nb_regions_size(&b.memblock.reserved);
		out.cpus = b.cpus.possible;
		out.started = b.smp.online_count;
	}
	free(block);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct nb_limits least = { 1, 1, 1, 16 };
	struct machine *m = read_machine(data, size);
	struct nb_limits limits = nb_limits_for(&m->fw, &m->config);
	struct listener listener = listen(m->line);
	struct outcome loud = run(m, &limits, &listener);
	struct outcome silent = run(m, &limits, NULL);
	struct outcome small = run(m, &least, NULL);

	ensure(loud.err == NB_OK || loud.err == NB_ERR_DIES);
	ensure((loud.err == NB_ERR_DIES) == (listener.dies != 0));
	ensure(loud.err == silent.err && loud.stage == silent.stage);
	ensure(!memcmp(&loud.possible, &silent.possible, sizeof(loud.possible)));
	ensure(!memcmp(&loud.online, &silent.online, sizeof(loud.online)));
	ensure(loud.present_pages == silent.present_pages && loud.reserved == silent.reserved);
	ensure(loud.cpus == silent.cpus && loud.started == silent.started);
	ensure(small.err == NB_OK || small.err == NB_ERR_DIES || small.err == NB_ERR_FULL);
	if (!small.err)
		ensure(!loud.err && small.present_pages == loud.present_pages);
	drop_machine(m);
	return 0;
}
