/* SPDX-License-Identifier: MIT */
/*
 * boot: any bytes as a machine, all numbers little-endian, what is missing zero:
 *
 *     u8 line of kernels, as in enum nb_line
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
 * smallest limits there are. What must hold of any boot, tests/whole says.
 */
#include <numaboot/boot.h>

#include "base/bytes.h"

#include "fuzz.h"
#include "whole/claims.h"

enum {
	MOST_ENTRIES = 129, /* one more than the boot loader's page has room for */
	MOST_DATA = 4,
	MOST_TABLES = 8,
};
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
	FLAG_FLAT = 512,  /* without NUMA */
	FLAG_KVM = 1024,
	FLAG_TOLERANT = 2048,
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
		m->config.max_nodes = (uint32_t)nb_min(m->config.max_nodes, FEW_NODES);
		m->config.max_cpus = (uint32_t)nb_min(m->config.max_cpus, FEW_CPUS);
		m->config.e820_entries = 128 + 3 * m->config.max_nodes;
	}
	if (flags & FLAG_FLAT) {
		m->config.no_numa = true;
		m->config.max_nodes = 1;
	}
	m->config.tolerant = flags & FLAG_TOLERANT;
	facts->boot_apic_is_bsp = flags & FLAG_BSP;
	facts->kvm = flags & FLAG_KVM;
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
	/* No boot loader puts it over the kernel or what the BIOS uses. */
	if (facts->initrd.start < NB_MIB || nb_ranges_overlap(facts->initrd, facts->kernel))
		facts->initrd = (struct nb_range){ 0 };
	facts->initrd_tables_bytes = (uint32_t)nb_range_size(take_range(r)) % (64 << 10);
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
	m->line = (enum nb_line)(take(&r, 1) % NB_LINES);
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

/* --- the runs ------------------------------------------------------------ */

/* What two runs of one machine have to agree on. */
struct outcome {
	enum nb_err err;
	uint64_t digest;
};

static void ensure_claim(const char *broken)
{
	if (!broken)
		return;
	fprintf(stderr, "not so: %s\n", broken);
	abort();
}

/* Steps through a boot. Without a sink nobody knows what was lost, so that the
 * claims are those of a boot that is listened to. */
static enum nb_err step(struct nb_boot *b, struct told *told)
{
	enum nb_err err = NB_OK;

	while (!err && b->next != NB_READY) {
		enum nb_stage stage = b->next;

		err = nb_boot_step(b);
		if (!err && told)
			ensure_claim(claims_after(b, stage, told));
	}
	if (told)
		ensure_claim(claims_at_end(b, err, told));
	return err;
}

static struct outcome run(const struct machine *m, const struct nb_limits *limits, bool loud)
{
	struct told told = told_begin(&nb_lines[m->line], loud);
	struct nb_env env = { &nb_lines[m->line], &m->config, loud ? &told.sink : NULL };
	size_t size = nb_boot_size(limits);
	void *block = malloc(size);
	struct outcome out;
	struct nb_boot b;

	ensure(size != 0 && block != NULL);
	memset(block, 0xa5, size);
	ensure(nb_boot_init(&b, block, size - 1, limits, &env, &m->fw) == NB_ERR_MEMORY);
	ensure(nb_boot_init(&b, block, size, limits, &env, &m->fw) == NB_OK);
	out.err = step(&b, loud ? &told : NULL);
	out.digest = claims_digest(&b, false);
	free(block);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct nb_limits least = { 1, 1, 1, 16 };
	struct machine *m = read_machine(data, size);
	struct nb_limits limits = nb_limits_for(&m->fw, &m->config);
	struct outcome loud = run(m, &limits, true);
	struct outcome silent = run(m, &limits, false);
	struct outcome small = run(m, &least, false);

	ensure(loud.err == silent.err && loud.digest == silent.digest);
	ensure(small.err == NB_OK || small.err == NB_ERR_DIES || small.err == NB_ERR_FULL);
	ensure(small.err != NB_OK || loud.err == NB_OK);
	drop_machine(m);
	return 0;
}
