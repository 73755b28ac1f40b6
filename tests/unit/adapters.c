/* SPDX-License-Identifier: MIT */
/*
 * adapters: what each boot protocol leaves, in a memory of our own from BASE on. What
 * map() gives is a copy of exactly the bytes that were asked for, so that under ASan
 * one byte read too many ends the test.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include <numaboot/adapters.h>

enum { BASE = 0x10000, BYTES = 0x4000, COPIES = 256, MAP = 160, TAKEN = 8, CMDLINE = 32 };

/* Where what the protocols point at lies. */
enum {
	AT_INFO = BASE,
	AT_MAP = BASE + 0x1000,
	AT_MODULES = BASE + 0x1800,
	AT_INDIRECT = BASE + 0x1900,
	AT_TEXT = BASE + 0x1ff0
};

struct memory {
	struct nb_map map; /* first: the adapter gives it back */
	uint8_t at[BYTES];
	size_t len; /* that can be mapped */
	void *copy[COPIES];
	uint32_t copies;
};

struct read {
	struct nb_loader loader;
	struct nb_e820_entry map[MAP];
	struct nb_range taken[TAKEN];
	char cmdline[CMDLINE];
	struct nb_fault fault;
	enum nb_err err;
};

static const void *map(struct nb_map *self, nb_phys address, size_t len)
{
	struct memory *m = (struct memory *)self;
	void *copy;

	if (address < BASE || address - BASE > m->len || len > m->len - (address - BASE))
		return NULL;
	assert_true(m->copies < COPIES);
	copy = malloc(len ? len : 1);
	assert_non_null(copy);
	m->copy[m->copies++] = copy;
	return memcpy(copy, m->at + (address - BASE), len);
}

static void put(struct memory *m, nb_phys at, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		m->at[at - BASE + i] = (uint8_t)(value >> (8 * i));
}

static void put_entry(struct memory *m, nb_phys at, struct nb_e820_entry entry)
{
	put(m, at, entry.start, 8);
	put(m, at + 8, entry.size, 8);
	put(m, at + 16, entry.type, 4);
}

static void begin(struct memory *m)
{
	memset(m, 0, sizeof(*m));
	m->map.map = map;
	m->len = BYTES;
	strcpy((char *)m->at + (AT_TEXT - BASE), "console=ttyS0 numa=off"); /* over a page's end */
}

static void end(struct memory *m)
{
	while (m->copies)
		free(m->copy[--m->copies]);
}

/* Room for what is read, and something in each field that has to go. */
static void prepare(struct read *r)
{
	memset(r, 0, sizeof(*r));
	r->loader = (struct nb_loader){
		.map = r->map,
		.map_cap = MAP,
		.taken = r->taken,
		.taken_cap = TAKEN,
		.cmdline = r->cmdline,
		.cmdline_cap = CMDLINE,
		.map_count = 77,
		.extended_count = 7,
		.rsdp = 7,
		.initrd = { 7, 8 },
	};
	strcpy(r->cmdline, "what was before");
}

static void check_entry(const struct read *r, uint32_t at, struct nb_e820_entry want,
			const char *claim)
{
	check(at < r->loader.map_count, claim);
	check(r->map[at].start == want.start, claim);
	check(r->map[at].size == want.size, claim);
	check(r->map[at].type == want.type, claim);
}

static void check_taken(const struct read *r, uint32_t at, nb_phys start, nb_phys past,
			const char *claim)
{
	check(at < r->loader.taken_count, claim);
	check(r->taken[at].start == start && r->taken[at].end == past, claim);
}

/* --- the protocols, each with two entries, a command line, something in use --------- */

static const struct nb_e820_entry low = { 0, 0x9fc00, NB_E820_RAM };
static const struct nb_e820_entry high = { NB_MIB, 127 * NB_MIB, NB_E820_RAM };

static void put_pvh(struct memory *m)
{
	put(m, AT_INFO, 0x336ec578, 4);
	put(m, AT_INFO + 4, 1, 4);
	put(m, AT_INFO + 12, 2, 4);
	put(m, AT_INFO + 16, AT_MODULES, 8);
	put(m, AT_INFO + 24, AT_TEXT, 8);
	put(m, AT_INFO + 32, 0xf5a30, 8);
	put(m, AT_INFO + 40, AT_MAP, 8);
	put(m, AT_INFO + 48, 2, 4);
	put_entry(m, AT_MAP, low);
	put_entry(m, AT_MAP + 24, high);
	put(m, AT_MODULES, 0x2000000, 8);
	put(m, AT_MODULES + 8, 0x5000, 8);
	put(m, AT_MODULES + 32, 0x3000000, 8);
	put(m, AT_MODULES + 40, UINT64_MAX, 8);
}

static void read_pvh(struct read *r, struct memory *m)
{
	r->err = nb_pvh_read(&r->loader, &m->map, AT_INFO, &r->fault);
}

static void check_pvh(const struct read *r)
{
	check_taken(r, 0, 0x3000000, UINT64_MAX, "PVH: a module behind the first is in use");
	check(r->loader.initrd.start == 0x2000000 && r->loader.initrd.end == 0x2005000,
	      "PVH: the first module is the initrd");
	check(r->loader.rsdp == 0xf5a30, "PVH: the RSDP is told");
}

/* Puts a tag's head; returns where its body is, and moves *at to the next tag. */
static nb_phys put_tag(struct memory *m, nb_phys *at, uint32_t type, uint32_t body)
{
	nb_phys here = *at;

	put(m, here, type, 4);
	put(m, here + 4, body + 8, 4);
	*at = nb_align_up(here + 8 + body, 8);
	put(m, AT_INFO, *at - AT_INFO, 4);
	return here + 8;
}

enum { RSDP_1 = 14, RSDP_2 = 15 };

static void put_multiboot2(struct memory *m)
{
	nb_phys at = AT_INFO + 8;
	nb_phys body = put_tag(m, &at, 1, 23);

	memcpy(m->at + (body - BASE), "console=ttyS0 numa=off", 23);
	body = put_tag(m, &at, 3, 10);
	put(m, body, 0x2000000, 4);
	put(m, body + 4, 0x2005000, 4);
	body = put_tag(m, &at, 6, 8 + 2 * 32); /* entries that are longer than they need be */
	put(m, body, 32, 4);
	put_entry(m, body + 8, low);
	put_entry(m, body + 40, high);
	put_tag(m, &at, 12, 8);
	put_tag(m, &at, RSDP_2, 36);
	put_tag(m, &at, RSDP_1, 20);
	put_tag(m, &at, 0, 0);
}

static void read_multiboot2(struct read *r, struct memory *m)
{
	r->err = nb_multiboot2_read(&r->loader, &m->map, AT_INFO, &r->fault);
}

static void check_multiboot2(const struct read *r)
{
	check(r->taken[0].start == AT_INFO && r->taken[0].end > AT_INFO + 100,
	      "multiboot2: the information itself is in use");
	check_taken(r, 1, 0x2000000, 0x2005000, "multiboot2: so is a module");
	check(r->loader.rsdp == AT_INFO + 0xa8, "multiboot2: the newer RSDP is taken");
	check(r->loader.efi, "multiboot2: a system table is one of EFI");
}

static void put_boot_params(struct memory *m)
{
	put(m, AT_INFO + 0x02, 0x1234, 2);
	put(m, AT_INFO + 0x70, 0x7ffe014, 8);
	put(m, AT_INFO + 0xc0, 1, 4);
	memcpy(m->at + 0x1c0, "EL64", 4);
	put(m, AT_INFO + 0x1e0, 0x20000, 4);
	put(m, AT_INFO + 0x1e8, 2, 1);
	put(m, AT_INFO + 0x218, 0x2000000, 4);
	put(m, AT_INFO + 0x21c, 0x5000, 4);
	put(m, AT_INFO + 0x228, AT_TEXT, 4);
	put(m, AT_INFO + 0x250, AT_MAP, 8);
	put_entry(m, AT_INFO + 0x2d0, low);
	put_entry(m, AT_INFO + 0x2e4, high);
	put(m, AT_MAP, AT_MODULES, 8); /* a node of another kind, then one with entries */
	put(m, AT_MAP + 8, 9, 4);
	put(m, AT_MAP + 12, 4, 4);
	put(m, AT_MODULES, AT_INDIRECT, 8); /* then two that point at their data, or at none */
	put(m, AT_INDIRECT, AT_INDIRECT + 0x40, 8);
	put(m, AT_INDIRECT + 8, 0x80000000, 4);
	put(m, AT_INDIRECT + 12, 24, 4);
	put(m, AT_INDIRECT + 16, 9, 4);
	put(m, AT_INDIRECT + 24, 0x3000, 8);
	put(m, AT_INDIRECT + 32, 0x6000000, 8);
	put(m, AT_INDIRECT + 0x48, 0x80000000, 4);
	put(m, AT_INDIRECT + 0x4c, 24, 4);
	put(m, AT_INDIRECT + 0x50, 0x80000000, 4);
	put(m, AT_INDIRECT + 0x58, 0x3000, 8);
	put(m, AT_INDIRECT + 0x60, 0x7000000, 8);
	put(m, AT_MODULES + 8, 1, 4);
	put(m, AT_MODULES + 12, 45, 4); /* two and a quarter */
	put_entry(m, AT_MODULES + 16, (struct nb_e820_entry){ 0x100000000, NB_GIB, NB_E820_RAM });
	put_entry(m, AT_MODULES + 36, (struct nb_e820_entry){ 0x200000000, NB_GIB, NB_E820_PMEM });
}

static void read_boot_params(struct read *r, struct memory *m)
{
	r->err = nb_boot_params_read(&r->loader, &m->map, AT_INFO, &r->fault);
}

static void check_boot_params(const struct read *r)
{
	check(r->loader.map_count == 4 && r->loader.extended_count == 2,
	      "boot_params: a node's entries are beyond the page's");
	check_entry(r, 3, (struct nb_e820_entry){ 0x200000000, NB_GIB, NB_E820_PMEM },
		    "boot_params: a part of an entry is none");
	check_taken(r, 0, AT_MAP, AT_MAP + 20, "boot_params: a node is in use with its head");
	check_taken(r, 1, AT_MODULES, AT_MODULES + 61, "boot_params: so is the next");
	check_taken(r, 2, AT_INDIRECT, AT_INDIRECT + 40,
		    "boot_params: and one that points at data");
	check_taken(r, 3, 0x6000000, 0x6003000, "boot_params: so is that data");
	check_taken(r, 4, AT_INDIRECT + 0x40, AT_INDIRECT + 0x68,
		    "boot_params: a pointer to a pointer is a node and no more");
	check(r->loader.setup_data_count == 5 && r->loader.setup_data == AT_MAP,
	      "boot_params: these are the nodes, and what they point at");
	check(r->loader.initrd.start == 0x102000000 && r->loader.initrd.end == 0x102005000,
	      "boot_params: the initrd may be above 4 GiB");
	check(r->loader.rsdp == 0x7ffe014 && r->loader.efi, "boot_params: the RSDP, and EFI");
	check(r->loader.e801_kib == 0x20000 && r->loader.e88_kib == 0x1234,
	      "boot_params: older reports of memory are kept");
}

static const struct protocol {
	const char *name;
	void (*put)(struct memory *m);
	void (*read)(struct read *r, struct memory *m);
	void (*check_own)(const struct read *r);
} protocols[] = {
	{ "PVH", put_pvh, read_pvh, check_pvh },
	{ "multiboot2", put_multiboot2, read_multiboot2, check_multiboot2 },
	{ "boot_params", put_boot_params, read_boot_params, check_boot_params },
};

static void test_protocols(void **state)
{
	(void)state;
	for (const struct protocol *p = protocols; p < protocols + NB_COUNT(protocols); p++) {
		struct memory m;
		struct read r;

		begin(&m);
		prepare(&r);
		p->put(&m);
		p->read(&r, &m);
		check(r.err == NB_OK && r.fault.kind == NB_FAULT_NONE, p->name);
		check_entry(&r, 0, low, p->name);
		check_entry(&r, 1, high, p->name);
		check(!strcmp(r.cmdline, "console=ttyS0 numa=off"), p->name);
		p->check_own(&r);
		end(&m);
	}
}

/* Memory that ends anywhere: what is beyond is not read, and what fails changes nothing. */
static void test_truncated(void **state)
{
	(void)state;
	for (const struct protocol *p = protocols; p < protocols + NB_COUNT(protocols); p++) {
		struct memory m;
		struct read r;

		begin(&m);
		p->put(&m);
		for (m.len = 0; m.len < AT_TEXT - BASE + 40; m.len++) {
			prepare(&r);
			p->read(&r, &m);
			check(r.err == NB_OK || r.err == NB_ERR_FIRMWARE, p->name);
			if (r.err) {
				check(r.fault.kind == NB_FAULT_ADDRESS, p->name);
				check(r.loader.map_count == 77 && r.loader.rsdp == 7, p->name);
				check(!strcmp(r.cmdline, "what was before"), p->name);
			} else {
				check_entry(&r, 0, low, p->name);
				check(strlen(r.cmdline) < CMDLINE, p->name);
			}
			end(&m);
		}
	}
}

/* Every byte of the structures that the protocols begin with, as it should not be. */
static void test_mangled(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0xff };

	(void)state;
	for (const struct protocol *p = protocols; p < protocols + NB_COUNT(protocols); p++)
		for (size_t at = 0; at < 0x300; at++)
			for (size_t v = 0; v < sizeof(values); v++) {
				struct memory m;
				struct read r;

				begin(&m);
				prepare(&r);
				p->put(&m);
				m.at[at] = values[v];
				p->read(&r, &m);
				if (r.err == NB_OK)
					check(r.loader.map_count <= MAP &&
						      r.loader.taken_count <= TAKEN &&
						      r.loader.extended_count <= r.loader.map_count,
					      p->name);
				end(&m);
			}
}

/* --- one thing otherwise -------------------------------------------------------- */

static void no_magic(struct memory *m)
{
	put(m, AT_INFO, 7, 4);
}

static void version_0(struct memory *m)
{
	put(m, AT_INFO + 4, 0, 4);
}

static void no_entries(struct memory *m)
{
	put(m, AT_INFO + 48, 0, 4);
}

static void huge_count(struct memory *m)
{
	put(m, AT_INFO + 48, UINT32_MAX, 4);
}

static void total_short(struct memory *m)
{
	put(m, AT_INFO, 7, 4);
}

static void total_long(struct memory *m)
{
	put(m, AT_INFO, BYTES + 1, 4);
}

static const struct refused {
	const char *claim;
	size_t protocol;
	void (*spoil)(struct memory *m);
	enum nb_fault_kind kind;
} refused[] = {
	{ "PVH: another magic is refused", 0, no_magic, NB_FAULT_SIGNATURE },
	{ "PVH: version 0 has no map", 0, version_0, NB_FAULT_COUNT },
	{ "PVH: a map without entries is refused", 0, no_entries, NB_FAULT_COUNT },
	{ "PVH: a map of 96 GiB is out of reach", 0, huge_count, NB_FAULT_ADDRESS },
	{ "multiboot2: less than its own head is refused", 1, total_short, NB_FAULT_SHORT },
	{ "multiboot2: more than there is is refused", 1, total_long, NB_FAULT_ADDRESS },
};

static void test_refused(void **state)
{
	(void)state;
	for (const struct refused *row = refused; row < refused + NB_COUNT(refused); row++) {
		const struct protocol *p = &protocols[row->protocol];
		struct memory m;
		struct read r;

		begin(&m);
		prepare(&r);
		p->put(&m);
		row->spoil(&m);
		p->read(&r, &m);
		check(r.err == NB_ERR_FIRMWARE && r.fault.kind == row->kind, row->claim);
		check(r.loader.map_count == 77, row->claim);
		end(&m);
	}
}

static void test_full(void **state)
{
	(void)state;
	for (const struct protocol *p = protocols; p < protocols + NB_COUNT(protocols); p++) {
		struct memory m;
		struct read r;

		begin(&m);
		p->put(&m);
		prepare(&r);
		r.loader.map_cap = 1;
		r.map[1].start = 7;
		p->read(&r, &m);
		check(r.err == NB_ERR_FULL && r.loader.map_count >= 2 && r.map[1].start == 7,
		      "entries beyond the room are counted, and written nowhere");
		prepare(&r);
		r.loader.taken_cap = 0;
		p->read(&r, &m);
		check(r.err == NB_ERR_FULL && r.loader.taken_count && !r.taken[0].end,
		      "so is what is in use");
		prepare(&r);
		r.loader.taken = NULL;
		r.loader.taken_cap = 0;
		r.loader.cmdline_cap = 8;
		p->read(&r, &m);
		check(r.err == NB_OK && !r.loader.taken_count, "unless nobody wants to know");
		check(!strcmp(r.cmdline, "console"), "a command line is cut to what fits");
		prepare(&r);
		r.loader.cmdline = NULL;
		p->read(&r, &m);
		check(r.err == NB_OK, "one that nobody wants is not read");
		end(&m);
	}
}

/* Nodes in a ring end by their number; entries by the page's. */
static void test_boot_params_bounds(void **state)
{
	struct memory m;
	struct read r;

	(void)state;
	begin(&m);
	prepare(&r);
	put_boot_params(&m);
	put(&m, AT_MAP, AT_MAP, 8);
	read_boot_params(&r, &m);
	check(r.err == NB_ERR_FULL && r.loader.taken_count == 64, "a ring of nodes ends");
	end(&m);

	begin(&m);
	prepare(&r);
	put(&m, AT_INFO + 0x1e8, 255, 1);
	read_boot_params(&r, &m);
	check(r.err == NB_OK && r.loader.map_count == 128, "the page has room for 128 entries");
	check(r.cmdline[0] == '\0' && !r.loader.initrd.end, "what is not there is empty");
	end(&m);
}

static void test_multiboot2_types(void **state)
{
	static const uint32_t want[] = { 2, 1, 2, 3, 4, 5, 2, 2 };

	(void)state;
	for (uint32_t type = 0; type < NB_COUNT(want); type++) {
		struct memory m;
		struct read r;
		nb_phys at = AT_INFO + 8, body;

		begin(&m);
		prepare(&r);
		body = put_tag(&m, &at, 6, 8 + 24);
		put(&m, body, 24, 4);
		put_entry(&m, body + 8, (struct nb_e820_entry){ 0, 1, type });
		read_multiboot2(&r, &m);
		check(r.err == NB_OK && r.map[0].type == want[type],
		      "multiboot2: types that it does not name are reserved");
		put(&m, body, 23, 4);
		read_multiboot2(&r, &m);
		check(r.err == NB_OK && !r.loader.map_count,
		      "multiboot2: entries that are too small are none");
		end(&m);
	}
}

/* --- UEFI -------------------------------------------------------------------------- */

enum { DESCRIPTOR = 48 };

struct efi_row {
	uint32_t type;
	nb_phys start;
	uint64_t pages, attributes;
};

static void read_efi(struct read *r, const struct efi_row *rows, size_t count, size_t cut)
{
	struct memory m;
	uint8_t *bytes;
	size_t len = count * DESCRIPTOR - cut;

	begin(&m);
	for (size_t i = 0; i < count; i++) {
		nb_phys at = BASE + i * DESCRIPTOR;

		put(&m, at, rows[i].type, 4);
		put(&m, at + 8, rows[i].start, 8);
		put(&m, at + 24, rows[i].pages, 8);
		put(&m, at + 32, rows[i].attributes, 8);
	}
	bytes = malloc(len ? len : 1);
	assert_non_null(bytes);
	memcpy(bytes, m.at, len);
	prepare(r);
	r->err = nb_efi_map_read(&r->loader, (struct nb_bytes){ .at = bytes, .len = len },
				 DESCRIPTOR, &r->fault);
	free(bytes);
}

static void test_efi_types(void **state)
{
	/* 0: left out. In the order of UEFI's numbers. */
	static const uint32_t want[] = { 2, 1, 1, 1, 1, 2, 2, 1, 5, 3, 4, 2, 2, 2, 7, 0, 0 };

	(void)state;
	for (uint32_t type = 0; type < NB_COUNT(want); type++) {
		const struct efi_row row = { type, NB_MIB, 16, 0xf };
		struct read r;

		read_efi(&r, &row, 1, 0);
		check(r.err == NB_OK && r.loader.efi, "EFI: a map of one descriptor");
		check(r.loader.map_count == !!want[type], "EFI: a type is taken or left out");
		if (want[type])
			check_entry(&r, 0, (struct nb_e820_entry){ NB_MIB, 0x10000, want[type] },
				    "EFI: a type is what Linux's stub makes of it");
	}
}

static void test_efi_map(void **state)
{
	static const struct efi_row rows[] = {
		{ 7, 0, 0x9f, 0 },
		{ 3, 0x9f000, 1, 0 }, /* a neighbour of the same type */
		{ 15, 0xa0000, 16, 0 },
		{ 4, 0xb0000, 16, 0 }, /* the same type, behind a gap */
		{ 7, NB_MIB, 16, (uint64_t)1 << 18 },
		{ 10, 0x110000, 16, 0 },
	};
	struct read r;

	(void)state;
	read_efi(&r, rows, NB_COUNT(rows), 0);
	check(r.loader.map_count == 4 && !r.loader.extended_count, "EFI: neighbours are one entry");
	check_entry(&r, 0, (struct nb_e820_entry){ 0, 0xa0000, NB_E820_RAM }, "EFI: of one type");
	check_entry(&r, 1, (struct nb_e820_entry){ 0xb0000, 0x10000, NB_E820_RAM },
		    "EFI: but not over a gap");
	check_entry(&r, 2, (struct nb_e820_entry){ NB_MIB, 0x10000, NB_E820_SOFT_RESERVED },
		    "EFI: memory for a purpose is soft reserved");
	for (size_t cut = 1; cut <= NB_COUNT(rows) * DESCRIPTOR; cut++) {
		read_efi(&r, rows, NB_COUNT(rows), cut);
		check(r.err == NB_OK && r.loader.map_count <= 4, "EFI: a part of one is none");
	}
	r.err = nb_efi_map_read(&r.loader, (struct nb_bytes){ 0 }, 39, &r.fault);
	check(r.err == NB_ERR_FIRMWARE && r.fault.kind == NB_FAULT_SHORT,
	      "EFI: descriptors of 39 bytes are refused");
}

static void test_efi_extended(void **state)
{
	struct efi_row rows[130];
	struct read r;
	struct nb_firmware fw = { .map_count = 7 };

	(void)state;
	for (uint32_t i = 0; i < NB_COUNT(rows); i++)
		rows[i] = (struct efi_row){ i & 1 ? 7 : 0, i * NB_MIB, 256, 0 };
	read_efi(&r, rows, NB_COUNT(rows), 0);
	check(r.err == NB_OK && r.loader.map_count == 130 && r.loader.extended_count == 2,
	      "EFI: what is beyond 128 entries is handed over apart");
	nb_firmware_take(&fw, &r.loader);
	check(fw.map_count == 128 && fw.extended == r.map + 128 && fw.extended_count == 2,
	      "and put where Linux gets it");
}

/* --- Limine ------------------------------------------------------------------------ */

static void test_limine(void **state)
{
	static const uint32_t want[] = { 1, 2, 3, 4, 5, 1, 1, 2, 2 };
	struct nb_limine_entry entry[NB_COUNT(want)];
	const struct nb_limine_entry *entries[NB_COUNT(want)];
	struct read r;

	(void)state;
	for (uint32_t i = 0; i < NB_COUNT(want); i++) {
		entry[i] = (struct nb_limine_entry){ i * NB_MIB, NB_MIB, i };
		entries[i] = &entry[i];
	}
	prepare(&r);
	check(nb_limine_read(&r.loader, entries, NB_COUNT(want)) == NB_OK, "Limine: a map");
	for (uint32_t i = 0; i < NB_COUNT(want); i++)
		check_entry(&r, i, (struct nb_e820_entry){ i * NB_MIB, NB_MIB, want[i] },
			    "Limine: each type has one of the map's");
	check(r.loader.taken_count == 2, "Limine: two types are RAM in use");
	check_taken(&r, 0, 5 * NB_MIB, 6 * NB_MIB, "Limine: what the loader still needs");
	check_taken(&r, 1, 6 * NB_MIB, 7 * NB_MIB, "Limine: the kernel and its modules");
	prepare(&r);
	r.loader.map_cap = 3;
	check(nb_limine_read(&r.loader, entries, NB_COUNT(want)) == NB_ERR_FULL &&
		      r.loader.map_count == NB_COUNT(want),
	      "Limine: more than there is room for is counted");
}

/* --- into a boot's input ----------------------------------------------------------- */

static void test_take(void **state)
{
	struct nb_firmware fw = { .table_count = 3, .facts = { .boot_apic_id = 5, .efi = true } };
	struct memory m;
	struct read r;

	(void)state;
	begin(&m);
	prepare(&r);
	put_boot_params(&m);
	read_boot_params(&r, &m);
	r.taken[r.loader.taken_count++] = (struct nb_range){ 1, 2 }; /* as other protocols do */
	nb_firmware_take(&fw, &r.loader);
	check(fw.map == r.map && fw.map_count == 2 && fw.extended == r.map + 2 &&
		      fw.extended_count == 2,
	      "the map is the loader's, and what is beyond the page");
	check(fw.cmdline == r.cmdline && fw.facts.initrd.start == 0x102000000 && fw.facts.efi,
	      "so are the command line, the initrd, EFI");
	check(fw.facts.setup_data == r.taken && fw.facts.setup_data_count == 5 &&
		      fw.facts.found == r.taken + 5 && fw.facts.found_count == 1,
	      "what is in use is reserved: nodes as such, the rest as found");
	check(fw.table_count == 3 && fw.facts.boot_apic_id == 5, "all else stays");
	end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_mangled),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_boot_params_bounds),
		cmocka_unit_test(test_multiboot2_types),
		cmocka_unit_test(test_efi_types),
		cmocka_unit_test(test_efi_map),
		cmocka_unit_test(test_efi_extended),
		cmocka_unit_test(test_limine),
		cmocka_unit_test(test_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
