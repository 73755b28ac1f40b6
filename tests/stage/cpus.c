/* SPDX-License-Identifier: MIT */
/* cpus: which CPUs there are, their numbers and nodes, for hand-made MADTs. */
#include "events.h"

#include <numaboot/acpi.h>
#include <numaboot/cpus.h>
#include <numaboot/rules.h>

#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "model/cpus_model.h"

enum {
	LAPIC = NB_MADT_LAPIC,
	SAPIC = NB_MADT_SAPIC,
	X2APIC = NB_MADT_X2APIC,
	OVERRIDE = NB_MADT_LAPIC_OVERRIDE,
	SAPIC_UID = 0x100 | NB_MADT_SAPIC, /* with a string of one byte */
	IO_APIC = 1,
	ON = NB_MADT_ENABLED,
	LATER = NB_MADT_ONLINE_CAPABLE,

	CAP_CPUS = 64,
	CAP_APICS = 1024,
	MADT_BYTES = 1024,
	ROW_ENTRIES = 10,
	ROW_CPUS = 6,
	ROW_EVENTS = 8,
	NONE = 0xffff, /* no APIC ID, in a row */
};

/* What a test needs; one at a time, so it is kept here. */
static struct nb_cpu cpu_store[CAP_CPUS];
static uint32_t seen_store[CAP_APICS / 32], present_store[CAP_APICS / 32];
static int16_t apic_node_store[CAP_APICS];
static uint8_t madt_store[MADT_BYTES], fadt_store[244];

static void put32(uint8_t *at, uint64_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* Writes an entry and returns its length. A short one lacks its last byte. */
static size_t put_entry(uint8_t *at, uint32_t type, uint32_t apic_id, uint32_t flags, bool is_short)
{
	size_t length = type == LAPIC ? 8 : type == SAPIC || type == X2APIC ? 16 : 12;

	if (type == SAPIC_UID)
		length = 17;
	memset(at, 0, length);
	switch (type & 0xff) {
	case LAPIC:
		at[3] = (uint8_t)apic_id;
		put32(at + 4, flags);
		break;
	case SAPIC:
		at[3] = (uint8_t)(apic_id >> 8);
		at[4] = (uint8_t)apic_id;
		put32(at + 8, flags);
		break;
	case X2APIC:
		put32(at + 4, apic_id);
		put32(at + 8, flags);
		break;
	default:
		break;
	}
	length -= is_short;
	at[0] = (uint8_t)type;
	at[1] = (uint8_t)length;
	return length;
}

static struct nb_table finish_table(const char *signature, uint8_t *bytes, size_t len)
{
	struct nb_table table = { .at = bytes, .len = len };

	memcpy(table.signature, signature, 4);
	memcpy(bytes, signature, 4);
	put32(bytes + 4, len);
	return table;
}

static struct nb_table make_fadt(unsigned major, unsigned minor)
{
	memset(fadt_store, 0, sizeof(fadt_store));
	fadt_store[8] = (uint8_t)major;
	fadt_store[131] = (uint8_t)minor;
	return finish_table("FACP", fadt_store, sizeof(fadt_store));
}

/* Results in the storage above. */
static struct nb_cpus make_cpus(void)
{
	return (struct nb_cpus){
		.cpu = cpu_store,
		.cap = CAP_CPUS,
		.apic_seen = seen_store,
		.apic_present = present_store,
		.apic_ids = CAP_APICS,
	};
}

/* Nodes 0 .. nodes - 1 with memory, and no APIC ID on any. */
static struct nb_numa make_numa(uint32_t nodes)
{
	struct nb_numa numa = {
		.apic_node = apic_node_store,
		.apic_ids = CAP_APICS,
		.nr_node_ids = nodes,
	};

	for (uint32_t nid = 0; nid < nodes; nid++)
		nb_nodes_add(&numa.online, (int32_t)nid);
	numa.possible = numa.online;
	for (uint32_t id = 0; id < CAP_APICS; id++)
		apic_node_store[id] = NB_NO_NODE;
	return numa;
}

static const enum nb_event_kind quiet[] = { NB_EV_CPU_REGISTERED, NB_EV_CPU_NODE,
					    NB_EV_LOGICAL_NODES };

struct entry {
	uint32_t type, apic_id, flags;
	bool is_short;
};

/* What decides; zero is a BIOS machine that booted on its bootstrap processor. */
struct row {
	const char *claim, *cmdline;
	struct entry entry[ROW_ENTRIES];
	size_t entries;
	unsigned fadt_major, fadt_minor;
	uint32_t boot_apic_id;
	bool not_bsp, guest, x2apic, no_mp_table, no_tables, no_local_apic;
	unsigned package_shift, thread_shift;

	uint32_t possible, present, rejected, threads;
	bool boot_cpu_only;
	uint32_t apic_id[ROW_CPUS]; /* of CPUs 0 .. possible - 1 */
	struct nb_event event[ROW_EVENTS];
	size_t events;
};

/* Events as rows write them. */
#define ALLOWED(there, more_may_come)                                                              \
	{                                                                                          \
		.kind = NB_EV_CPUS_ALLOWED, .got = (there), .limit = (more_may_come), .more = {    \
			(there) + (more_may_come)                                                  \
		}                                                                                  \
	}
#define SKIPPED(id_, why_, offset_)                                                                \
	{                                                                                          \
		.kind = NB_EV_MADT_ENTRY_SKIPPED, .id = (id_), .why = (why_), .more = {(offset_) } \
	}
#define ORDER_BUG                                                                                  \
	{                                                                                          \
		.kind = NB_EV_BSP_ORDER_BUG                                                        \
	}
#define EARLY_LIMIT(limit_)                                                                        \
	{                                                                                          \
		.kind = NB_EV_CPU_LIMIT_EARLY, .got = (limit_)                                     \
	}
#define REACHED(limit_)                                                                            \
	{                                                                                          \
		.kind = NB_EV_CPU_LIMIT_REACHED, .limit = (limit_)                                 \
	}
#define EXCEEDED(got_, limit_)                                                                     \
	{                                                                                          \
		.kind = NB_EV_CPUS_EXCEED_LIMIT, .got = (got_), .limit = (limit_)                  \
	}
#define REJECTED(got_)                                                                             \
	{                                                                                          \
		.kind = NB_EV_CPUS_REJECTED, .got = (got_)                                         \
	}

/* clang-format off */
#define FOUR { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, \
	       { LAPIC, 2, ON, false }, { LAPIC, 3, ON, false }, { IO_APIC, 0, 0, false } }

static const struct row rows[] = {
	{ "CPUs are numbered in the order of the MADT", .entry = FOUR, .entries = 5,
	  .possible = 4, .present = 4, .apic_id = { 0, 1, 2, 3 },
	  .event = { ALLOWED(4, 0) }, .events = 1 },
	{ "the boot CPU is number 0 wherever the MADT has it",
	  .entry = { { LAPIC, 3, ON, false }, { LAPIC, 2, ON, false }, { LAPIC, 0, ON, false } }, .entries = 3,
	  .possible = 3, .present = 3, .apic_id = { 0, 3, 2 },
	  .event = { { .kind = NB_EV_BSP_NOT_FIRST, .id = 0, .got = 3 }, ORDER_BUG, ALLOWED(3, 0) },
	  .events = 3 },
	{ "the boot CPU counts though the MADT does not list it", .boot_apic_id = 9,
	  .entry = { { LAPIC, 1, ON, false }, { LAPIC, 2, ON, false } }, .entries = 2,
	  .possible = 3, .present = 3, .apic_id = { 9, 1, 2 },
	  .event = { { .kind = NB_EV_BSP_NOT_FIRST, .id = 9, .got = 1 }, ORDER_BUG, ALLOWED(3, 0) },
	  .events = 3 },
	{ "a repeated entry is not counted twice",
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { LAPIC, 1, ON, false },
		     { LAPIC, 0, ON, false } }, .entries = 4,
	  .possible = 2, .present = 2, .apic_id = { 0, 1 },
	  .event = { SKIPPED(1, NB_WHY_REPEATED, 60), ALLOWED(2, 0) },
	  .events = 2 },

	/* disabled entries */
	{ "a disabled entry does not count on bare metal with an old FADT",
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, LATER, false } }, .entries = 2, .fadt_major = 6, .fadt_minor = 2,
	  .possible = 1, .present = 1, .apic_id = { 0 },
	  .event = { SKIPPED(1, NB_WHY_NOT_USABLE, 52), ALLOWED(1, 0) }, .events = 2 },
	{ "a disabled entry counts in a guest with an old FADT", .guest = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, 0, false } }, .entries = 2,
	  .possible = 2, .present = 1, .apic_id = { 0, 1 }, .event = { ALLOWED(1, 1) }, .events = 1 },
	{ "from FADT 6.3 on an online capable entry counts, other disabled ones do not", .guest = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, LATER, false }, { LAPIC, 2, 0, false } }, .entries = 3,
	  .fadt_major = 6, .fadt_minor = 3,
	  .possible = 2, .present = 1, .apic_id = { 0, 1 },
	  .event = { SKIPPED(2, NB_WHY_NOT_USABLE, 60), ALLOWED(1, 1) }, .events = 2 },
	{ "an erratum makes a minor version that is compared as a whole byte",
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, LATER, false } }, .entries = 2, .fadt_major = 6, .fadt_minor = 0x12,
	  .possible = 2, .present = 1, .apic_id = { 0, 1 }, .event = { ALLOWED(1, 1) }, .events = 1 },
	{ "disabled CPUs are numbered last, by ascending APIC ID", .guest = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 7, 0, false }, { LAPIC, 5, 0, false }, { LAPIC, 9, ON, false } },
	  .entries = 4, .possible = 4, .present = 2, .apic_id = { 0, 9, 5, 7 }, .event = { ALLOWED(2, 2) }, .events = 1 },
	{ "a boot CPU that is listed as disabled is counted twice", .guest = true,
	  .entry = { { LAPIC, 0, 0, false }, { LAPIC, 1, ON, false } }, .entries = 2,
	  .possible = 3, .present = 2, .apic_id = { 0, 1, NONE }, .event = { ALLOWED(2, 1) }, .events = 1 },
	{ "a disabled entry that is repeated leaves a number without a CPU", .guest = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, 0, false }, { LAPIC, 1, 0, false } }, .entries = 3,
	  .possible = 3, .present = 1, .apic_id = { 0, 1, NONE }, .event = { ALLOWED(1, 2) }, .events = 1 },

	/* forms of entries */
	{ "LAPIC ID 255 and x2APIC ID 0xffffffff stand for no CPU", .x2apic = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 255, ON, false }, { X2APIC, 0xffffffff, ON, false } }, .entries = 3,
	  .possible = 1, .present = 1, .apic_id = { 0 },
	  .event = { SKIPPED(255, NB_WHY_INVALID_ID, 52), SKIPPED(0xffffffff, NB_WHY_INVALID_ID, 60), ALLOWED(1, 0) },
	  .events = 3 },
	{ "beside LAPIC entries an x2APIC entry is for IDs from 255 on", .x2apic = true,
	  .entry = { { X2APIC, 1, ON, false }, { LAPIC, 0, ON, false }, { X2APIC, 254, ON, false }, { X2APIC, 255, ON, false } },
	  .entries = 4, .possible = 2, .present = 2, .apic_id = { 0, 255 },
	  .event = { SKIPPED(1, NB_WHY_LAPIC_HAS_IT, 44), SKIPPED(254, NB_WHY_LAPIC_HAS_IT, 68), ALLOWED(2, 0) },
	  .events = 3 },
	{ "LAPIC entries that do not count leave the low IDs to x2APIC entries",
	  .entry = { { LAPIC, 0, 0, false }, { LAPIC, 255, ON, false }, { X2APIC, 0, ON, false }, { X2APIC, 1, ON, false } },
	  .entries = 4, .possible = 2, .present = 2, .apic_id = { 0, 1 },
	  .event = { SKIPPED(0, NB_WHY_NOT_USABLE, 44), SKIPPED(255, NB_WHY_INVALID_ID, 52), ALLOWED(2, 0) },
	  .events = 3 },
	{ "in xAPIC mode an x2APIC ID above 254 is ignored",
	  .entry = { { LAPIC, 0, ON, false }, { X2APIC, 255, ON, false }, { X2APIC, 300, 0, false } }, .entries = 3, .guest = true,
	  .possible = 1, .present = 1, .apic_id = { 0 },
	  .event = { { .kind = NB_EV_X2APIC_ENTRY_IGNORED, .id = 255 }, SKIPPED(300, NB_WHY_INVALID_ID, 68), ALLOWED(1, 0) },
	  .events = 3 },
	{ "nox2apic makes it xAPIC mode", .cmdline = "nox2apic", .x2apic = true,
	  .entry = { { LAPIC, 0, ON, false }, { X2APIC, 255, ON, false } }, .entries = 2,
	  .possible = 1, .present = 1, .apic_id = { 0 },
	  .event = { { .kind = NB_EV_X2APIC_ENTRY_IGNORED, .id = 255 }, ALLOWED(1, 0) }, .events = 2 },
	{ "nox2apic is not obeyed with a boot CPU above 254", .cmdline = "nox2apic", .x2apic = true, .boot_apic_id = 255,
	  .entry = { { X2APIC, 255, ON, false }, { X2APIC, 600, ON, false } }, .entries = 2,
	  .possible = 2, .present = 2, .apic_id = { 255, 600 }, .event = { ALLOWED(2, 0) }, .events = 1 },
	{ "APIC IDs from 32768 on are rejected, and told of once", .x2apic = true,
	  .entry = { { X2APIC, 0, ON, false }, { X2APIC, 32768, ON, false }, { X2APIC, 40000, ON, false } }, .entries = 3,
	  .possible = 1, .present = 1, .rejected = 2, .apic_id = { 0 },
	  .event = { { .kind = NB_EV_APIC_TOO_BIG, .id = 32768, .got = 32768, .limit = 32767 }, ALLOWED(1, 0), REJECTED(2) },
	  .events = 3 },
	{ "SAPIC entries silence all others, and count even if disabled",
	  .entry = { { LAPIC, 5, ON, false }, { SAPIC, 0, ON, false }, { SAPIC, 2, 0, false } }, .entries = 3,
	  .possible = 2, .present = 1, .apic_id = { 0, 2 }, .event = { ALLOWED(1, 1) }, .events = 1 },
	{ "a short entry ends the list; the CPUs before it stay",
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { LAPIC, 2, ON, true }, { LAPIC, 3, ON, false } },
	  .entries = 4, .possible = 2, .present = 2, .apic_id = { 0, 1 },
	  .event = { { .kind = NB_EV_TABLE_FAULT, .id = 0x43495041, .why = NB_WHY_SHORT, .got = 7, .limit = 8, .more = { 61 } },
		     ALLOWED(2, 0) }, .events = 2 },
	{ "an x2APIC entry before a short LAPIC entry counts: the look for LAPIC entries ends there too",
	  .entry = { { X2APIC, 0, ON, false }, { LAPIC, 2, ON, true }, { LAPIC, 3, ON, false } }, .entries = 3,
	  .possible = 1, .present = 1, .apic_id = { 0 },
	  .event = { { .kind = NB_EV_TABLE_FAULT, .id = 0x43495041, .why = NB_WHY_SHORT, .got = 7, .limit = 8, .more = { 61 } },
		     ALLOWED(1, 0) }, .events = 2 },

	/* limits */
	{ "nr_cpus= rejects what comes later, disabled or known", .cmdline = "nr_cpus=2", .guest = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { LAPIC, 1, ON, false }, { LAPIC, 2, 0, false },
		     { LAPIC, 0, ON, false } }, .entries = 5,
	  .possible = 2, .present = 2, .rejected = 2, .apic_id = { 0, 1 },
	  .event = { REACHED(2), ALLOWED(2, 0), REJECTED(2) }, .events = 3 },
	{ "disabled entries that were counted first exceed the limit", .cmdline = "nr_cpus=2", .guest = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 8, 0, false }, { LAPIC, 9, 0, false }, { LAPIC, 1, ON, false } },
	  .entries = 4, .possible = 2, .present = 2, .apic_id = { 0, 1 },
	  .event = { EXCEEDED(4, 2), ALLOWED(2, 0) }, .events = 2 },
	{ "possible_cpus= limits before the MADT is read", .cmdline = "possible_cpus=3", .entry = FOUR, .entries = 5,
	  .possible = 3, .present = 3, .rejected = 1, .apic_id = { 0, 1, 2 },
	  .event = { EARLY_LIMIT(3), REACHED(3), ALLOWED(3, 0), REJECTED(1) }, .events = 4 },
	{ "possible_cpus= above nr_cpus= changes nothing", .cmdline = "possible_cpus=3 nr_cpus=2", .entry = FOUR, .entries = 5,
	  .possible = 2, .present = 2, .rejected = 2, .apic_id = { 0, 1 },
	  .event = { REACHED(2), ALLOWED(2, 0), REJECTED(2) }, .events = 3 },
	{ "possible_cpus=0 is obeyed until the boot CPU is found to be possible", .cmdline = "possible_cpus=0",
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false } }, .entries = 2,
	  .possible = 1, .present = 0, .rejected = 1, .apic_id = { 0 },
	  .event = { EARLY_LIMIT(0), REACHED(0), EXCEEDED(1, 0), ALLOWED(0, 0), REJECTED(1) }, .events = 5 },
	{ "nosmp leaves the boot CPU alone", .cmdline = "nosmp", .entry = FOUR, .entries = 5,
	  .possible = 1, .present = 1, .rejected = 3, .boot_cpu_only = true, .apic_id = { 0 },
	  .event = { EARLY_LIMIT(1), REACHED(1), ALLOWED(1, 0), REJECTED(3) }, .events = 4 },
	{ "maxcpus=0 does, too", .cmdline = "maxcpus=0", .entry = FOUR, .entries = 5,
	  .possible = 1, .present = 1, .rejected = 3, .boot_cpu_only = true, .apic_id = { 0 },
	  .event = { EARLY_LIMIT(1), REACHED(1), ALLOWED(1, 0), REJECTED(3) }, .events = 4 },
	{ "maxcpus= of more than one takes no CPU away", .cmdline = "maxcpus=2", .entry = FOUR, .entries = 5,
	  .possible = 4, .present = 4, .apic_id = { 0, 1, 2, 3 }, .event = { ALLOWED(4, 0) }, .events = 1 },

	/* the bootstrap processor */
	{ "a crash kernel leaves the bootstrap processor alone", .boot_apic_id = 1, .not_bsp = true, .entry = FOUR, .entries = 5,
	  .possible = 3, .present = 3, .rejected = 1, .apic_id = { 1, 2, 3 },
	  .event = { { .kind = NB_EV_BSP_NOT_FIRST, .id = 1, .got = 0 }, { .kind = NB_EV_BSP_DISABLED, .id = 0 },
		     ALLOWED(3, 0), REJECTED(1) }, .events = 4 },
	{ "a boot CPU that is listed first but not marked has to stay alone", .not_bsp = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { LAPIC, 2, ON, false } }, .entries = 3,
	  .possible = 1, .present = 1, .rejected = 2, .apic_id = { 0 },
	  .event = { { .kind = NB_EV_BSP_NOT_MARKED, .id = 0 }, { .kind = NB_EV_BSP_ASSUME_KDUMP }, ORDER_BUG,
		     { .kind = NB_EV_BSP_NOT_FIRST, .id = 0, .got = 1 }, { .kind = NB_EV_BSP_DISABLED, .id = 1 },
		     REACHED(1), ALLOWED(1, 0), REJECTED(2) }, .events = 8 },

	/* without a MADT, or without ACPI */
	{ "without a MADT there is one CPU, whatever the MP table says",
	  .possible = 1, .present = 1, .boot_cpu_only = true, .apic_id = { 0 }, .event = { ALLOWED(1, 0) }, .events = 1 },
	{ "without a local APIC no other CPU is started", .no_local_apic = true, .entry = FOUR, .entries = 5,
	  .possible = 4, .present = 4, .boot_cpu_only = true, .apic_id = { 0, 1, 2, 3 }, .event = { ALLOWED(4, 0) }, .events = 1 },
	{ "without any table and without a MP table there is one CPU", .no_tables = true, .no_mp_table = true,
	  .possible = 1, .present = 1, .boot_cpu_only = true, .apic_id = { 0 }, .event = { ALLOWED(1, 0) }, .events = 1 },
	{ "a MADT without CPUs leaves the boot CPU", .entry = { { IO_APIC, 0, 0, false } }, .entries = 1,
	  .possible = 1, .present = 1, .apic_id = { 0 }, .event = { ALLOWED(1, 0) }, .events = 1 },
	{ "with acpi=off the MP table lists the first CPU of each package", .cmdline = "acpi=off", .entry = FOUR, .entries = 5,
	  .package_shift = 1, .possible = 2, .present = 2, .apic_id = { 0, 2 },
	  .event = { SKIPPED(1, NB_WHY_NOT_FIRST, 52), SKIPPED(3, NB_WHY_NOT_FIRST, 68), ALLOWED(2, 0) }, .events = 3 },
	{ "a MP table without CPUs is none", .cmdline = "acpi=off", .entry = { { X2APIC, 0, ON, false } }, .entries = 1,
	  .possible = 1, .present = 1, .boot_cpu_only = true, .apic_id = { 0 }, .event = { ALLOWED(1, 0) }, .events = 1 },
	{ "with acpi=off and no MP table there is one CPU", .cmdline = "acpi=off", .entry = FOUR, .entries = 5,
	  .no_mp_table = true, .possible = 1, .present = 1, .boot_cpu_only = true, .apic_id = { 0 },
	  .event = { ALLOWED(1, 0) }, .events = 1 },
	{ "nolapic has the CPUs of the MP table rejected", .cmdline = "nolapic", .entry = FOUR, .entries = 5,
	  .possible = 1, .present = 1, .rejected = 3, .boot_cpu_only = true, .apic_id = { 0 },
	  .event = { EARLY_LIMIT(1), REACHED(1), ALLOWED(1, 0), REJECTED(3) }, .events = 4 },
	{ "nolapic without a MP table makes up a boot CPU of APIC ID 0", .cmdline = "nolapic", .entry = FOUR, .entries = 5,
	  .no_mp_table = true, .boot_apic_id = 3, .possible = 1, .present = 1, .boot_cpu_only = true, .apic_id = { 0 },
	  .event = { EARLY_LIMIT(1), ALLOWED(1, 0) }, .events = 2 },
	{ "a MADT that moves the local APICs counts if it has I/O APICs", .no_mp_table = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { OVERRIDE, 0, 0, false }, { IO_APIC, 0, 0, false } },
	  .entries = 4, .possible = 2, .present = 2, .apic_id = { 0, 1 }, .event = { ALLOWED(2, 0) }, .events = 1 },
	{ "else it makes the machine one of one CPU", .no_mp_table = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { OVERRIDE, 0, 0, false } }, .entries = 3,
	  .possible = 1, .present = 1, .apic_id = { 0 }, .event = { EXCEEDED(2, 1), ALLOWED(1, 0) }, .events = 2 },
	{ "so it does without CPUs, I/O APICs or not", .no_mp_table = true,
	  .entry = { { OVERRIDE, 0, 0, false }, { IO_APIC, 0, 0, false } }, .entries = 2,
	  .possible = 1, .present = 1, .boot_cpu_only = true, .apic_id = { 0 }, .event = { ALLOWED(1, 0) }, .events = 1 },
	{ "so it does if it is malformed, I/O APICs or not", .no_mp_table = true,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { OVERRIDE, 0, 0, false }, { IO_APIC, 0, 0, false },
		     { LAPIC, 2, ON, true } }, .entries = 5,
	  .possible = 1, .present = 1, .boot_cpu_only = true, .apic_id = { 0 },
	  .event = { { .kind = NB_EV_TABLE_FAULT, .id = 0x43495041, .why = NB_WHY_SHORT, .got = 7, .limit = 8, .more = { 85 } },
		     EXCEEDED(2, 1), ALLOWED(1, 0) }, .events = 3 },
	{ "a MADT that moves them with a short entry turns ACPI off",
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { OVERRIDE, 0, 0, true } }, .entries = 3, .no_mp_table = true,
	  .possible = 1, .present = 1, .boot_cpu_only = true, .apic_id = { 0 }, .event = { ALLOWED(1, 0) }, .events = 1 },

	/* threads */
	{ "threads are counted from the APIC IDs, rounded up", .thread_shift = 1,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { LAPIC, 2, ON, false } }, .entries = 3,
	  .possible = 3, .present = 3, .threads = 2, .apic_id = { 0, 1, 2 }, .event = { ALLOWED(3, 0) }, .events = 1 },
	{ "cores with one thread each make one thread per core", .thread_shift = 1,
	  .entry = { { LAPIC, 0, ON, false }, { LAPIC, 2, ON, false }, { LAPIC, 4, ON, false } }, .entries = 3,
	  .possible = 3, .present = 3, .threads = 1, .apic_id = { 0, 2, 4 }, .event = { ALLOWED(3, 0) }, .events = 1 },
};
/* clang-format on */

/* What a row's machine is to the stage. */
static struct nb_firmware make_firmware(const struct row *row, struct nb_table tables[2])
{
	size_t len = NB_MADT_ENTRIES;
	struct nb_firmware fw = { .tables = tables,
				  .facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]) };

	memset(madt_store, 0, sizeof(madt_store));
	for (const struct entry *e = row->entry; e < row->entry + row->entries; e++)
		len += put_entry(madt_store + len, e->type, e->apic_id, e->flags, e->is_short);
	tables[0] = make_fadt(row->fadt_major, row->fadt_minor);
	tables[1] = finish_table("APIC", madt_store, len);
	fw.table_count = row->no_tables ? 0 : row->entries ? 2 : 1;
	fw.facts.boot_apic_id = row->boot_apic_id;
	fw.facts.boot_apic_is_bsp = !row->not_bsp;
	fw.facts.hypervisor = row->guest;
	fw.facts.x2apic = row->x2apic;
	fw.facts.mp_table = !row->no_mp_table;
	fw.facts.no_local_apic = row->no_local_apic;
	fw.facts.package_shift = (uint8_t)row->package_shift;
	fw.facts.thread_shift = (uint8_t)row->thread_shift;
	return fw;
}

/* Runs the stage on a row's machine. */
static struct nb_cpus run_row(const struct row *row, const struct nb_rules *rules,
			      const struct nb_kernel_config *config, struct kept_events *kept)
{
	struct nb_table tables[2];
	struct nb_firmware fw = make_firmware(row, tables);
	struct nb_env env = { rules, config, &kept->sink };
	struct nb_cpus cpus = make_cpus();
	struct nb_numa numa = make_numa(2);
	struct nb_params params;

	*kept = (struct kept_events){ { keep_event }, quiet, NB_COUNT(quiet), 0, { { 0 } } };
	check(nb_params_read(&params, row->cmdline, &env) == NB_OK, row->claim);
	check(nb_cpus_build(&cpus, NULL, &numa, &fw, &params, &env) == NB_OK, row->claim);
	return cpus;
}

static bool same_numbers(const struct nb_cpus *cpus, const struct row *row)
{
	for (uint32_t cpu = 0; cpu < CAP_CPUS; cpu++) {
		bool possible = cpu < row->possible;
		uint32_t want = possible ? row->apic_id[cpu] : NONE;

		if (cpus->cpu[cpu].apic_id != (want == NONE ? NB_NO_APIC_ID : want))
			return false;
		if (cpus->cpu[cpu].present != (cpu == 0 || (possible && cpu < row->present)))
			return false;
	}
	return true;
}

static void check_outcome(const struct nb_cpus *cpus, const struct row *row)
{
	check(cpus->possible == row->possible, row->claim);
	check(cpus->present == row->present, row->claim);
	check(cpus->rejected == row->rejected, row->claim);
	check(cpus->boot_cpu_only == row->boot_cpu_only, row->claim);
	check(cpus->threads_per_core == (row->threads ? row->threads : 1), row->claim);
}

static void check_row(const struct row *row)
{
	struct kept_events kept;
	struct nb_cpus cpus =
		run_row(row, &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12], &kept);

	check_outcome(&cpus, row);
	check(same_numbers(&cpus, row), row->claim);
	check_events(&kept, row->event, row->events, row->claim);
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++)
		check_row(row);
}

/* What older lines make of a machine, and the one rule without which they would not. */
struct line_row {
	enum nb_line line;
	const char *rule;
	enum nb_line other; /* whose value of the rule changes what comes out */
	struct row row;
};

/* Events of the older lines. */
#define IGNORED(id_, cpu_, limit_, kept_)                                                          \
	{                                                                                          \
		.kind = NB_EV_CPU_IGNORED, .id = (id_), .got = (cpu_), .limit = (limit_),          \
		.flags = (kept_)                                                                   \
	}
#define EXCEEDS_MAX(got_)                                                                          \
	{                                                                                          \
		.kind = NB_EV_CPUS_EXCEED_LIMIT, .got = (got_), .flags = 1                         \
	}
#define UNLISTED(id_)                                                                              \
	{                                                                                          \
		.kind = NB_EV_BOOT_CPU_UNLISTED, .id = (id_)                                       \
	}

/* clang-format off */
static const struct line_row line_rows[] = {
	/* the list */
	{ NB_LINE_3_14, "madt_x2apic_first", NB_LINE_4_4,
	  { "the oldest line numbers x2APIC entries first",
	    .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { X2APIC, 2, ON, false } }, .entries = 3,
	    .possible = 3, .present = 3, .apic_id = { 0, 2, 1 }, .event = { ALLOWED(3, 0) }, .events = 1 } },
	{ NB_LINE_3_14, "madt_x2apic_first", NB_LINE_4_4,
	  { "a short x2APIC entry does not keep it from the LAPIC entries",
	    .entry = { { X2APIC, 2, ON, false }, { X2APIC, 3, ON, true }, { X2APIC, 4, ON, false }, { LAPIC, 0, ON, false },
		       { LAPIC, 1, ON, false } }, .entries = 5,
	    .possible = 3, .present = 3, .apic_id = { 0, 2, 1 },
	    .event = { { .kind = NB_EV_TABLE_FAULT, .id = 0x43495041, .why = NB_WHY_SHORT, .got = 15, .limit = 16,
			 .more = { 61 } }, ALLOWED(3, 0) }, .events = 2 } },
	{ NB_LINE_3_14, "madt_lapic_255", NB_LINE_4_4,
	  { "LAPIC ID 255 was a CPU's once", .entry = { { LAPIC, 0, ON, false }, { LAPIC, 255, ON, false } }, .entries = 2,
	    .possible = 2, .present = 2, .apic_id = { 0, 255 }, .event = { ALLOWED(2, 0) }, .events = 1 } },
	{ NB_LINE_4_9, "madt_x2apic_trusted", NB_LINE_5_10,
	  { "x2APIC ID 0xffffffff counted, a CPU that nobody can call",
	    .entry = { { LAPIC, 0, ON, false }, { X2APIC, 0xffffffff, ON, false }, { LAPIC, 1, ON, false } }, .entries = 3,
	    .possible = 3, .present = 3, .apic_id = { 0, NONE, 1 }, .event = { ALLOWED(3, 0) }, .events = 1 } },
	{ NB_LINE_4_9, "madt_x2apic_trusted", NB_LINE_5_10,
	  { "a disabled x2APIC entry counted, whatever its ID",
	    .entry = { { LAPIC, 0, ON, false }, { X2APIC, 300, 0, false }, { X2APIC, 301, ON, false } }, .entries = 3,
	    .possible = 2, .present = 1, .apic_id = { 0, NONE },
	    .event = { { .kind = NB_EV_X2APIC_ENTRY_IGNORED, .id = 301 }, ALLOWED(1, 1) }, .events = 2 } },
	{ NB_LINE_6_1, "madt_sapic_bytes", NB_LINE_6_12,
	  { "a SAPIC entry without a string was too short",
	    .entry = { { SAPIC_UID, 0, ON, false }, { SAPIC_UID, 2, ON, false }, { SAPIC, 3, ON, false } }, .entries = 3,
	    .possible = 2, .present = 2, .apic_id = { 0, 2 },
	    .event = { { .kind = NB_EV_TABLE_FAULT, .id = 0x43495041, .why = NB_WHY_SHORT, .got = 16, .limit = 17,
			 .more = { 79 } }, ALLOWED(2, 0) }, .events = 2 } },
	{ NB_LINE_6_1, "madt_lapic_has_low", NB_LINE_6_12,
	  { "x2APIC entries below 255 counted beside LAPIC entries",
	    .entry = { { X2APIC, 1, ON, false }, { LAPIC, 0, ON, false }, { X2APIC, 2, ON, false } }, .entries = 3,
	    .possible = 3, .present = 3, .apic_id = { 0, 1, 2 }, .event = { ALLOWED(3, 0) }, .events = 1 } },
	{ NB_LINE_5_10, "madt_disabled", NB_LINE_6_1,
	  { "disabled entries counted, whatever they say",
	    .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, 0, false } }, .entries = 2, .fadt_major = 6, .fadt_minor = 3,
	    .possible = 2, .present = 1, .apic_id = { 0, NONE }, .event = { ALLOWED(1, 1) }, .events = 1 } },
	{ NB_LINE_6_1, "madt_disabled", NB_LINE_6_12,
	  { "disabled entries of old tables counted on bare metal too",
	    .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, 0, false } }, .entries = 2, .fadt_major = 6, .fadt_minor = 2,
	    .possible = 2, .present = 1, .apic_id = { 0, NONE }, .event = { ALLOWED(1, 1) }, .events = 1 } },
	{ NB_LINE_6_1, "madt_disabled", NB_LINE_5_10,
	  { "from FADT 6.3 on only online capable ones",
	    .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, 0, false }, { LAPIC, 2, LATER, false } }, .entries = 3,
	    .fadt_major = 6, .fadt_minor = 3, .possible = 2, .present = 1, .apic_id = { 0, NONE },
	    .event = { SKIPPED(1, NB_WHY_NOT_USABLE, 52), ALLOWED(1, 1) }, .events = 2 } },

	/* numbers */
	{ NB_LINE_4_4, "cpu_registry", NB_LINE_4_9,
	  { "a CPU that is listed again had a second number",
	    .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { LAPIC, 1, ON, false }, { LAPIC, 2, ON, false } },
	    .entries = 4, .possible = 4, .present = 4, .apic_id = { 0, 1, 1, 2 }, .event = { ALLOWED(4, 0) }, .events = 1 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_4_4,
	  { "then it kept its number, but was counted again",
	    .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { LAPIC, 1, ON, false } }, .entries = 3,
	    .possible = 3, .present = 3, .apic_id = { 0, 1, NONE }, .event = { ALLOWED(3, 0) }, .events = 1 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "a disabled CPU had no APIC ID until it came",
	    .entry = { { LAPIC, 0, ON, false }, { LAPIC, 5, 0, false }, { LAPIC, 2, ON, false } }, .entries = 3, .guest = true,
	    .possible = 3, .present = 2, .apic_id = { 0, 2, NONE }, .event = { ALLOWED(2, 1) }, .events = 1 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "the boot CPU had number 0 but did not count if it was not listed", .boot_apic_id = 9,
	    .entry = { { LAPIC, 1, ON, false }, { LAPIC, 2, ON, false } }, .entries = 2,
	    .possible = 2, .present = 2, .apic_id = { NONE, 1 }, .event = { ALLOWED(2, 0) }, .events = 1 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_4_4,
	  { "where nothing was listed, it was made up for", .entry = { { IO_APIC, 0, 0, false } }, .entries = 1, .boot_apic_id = 3,
	    .possible = 1, .present = 1, .apic_id = { 3 }, .event = { UNLISTED(3), ALLOWED(1, 0) }, .events = 2 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_4_4,
	  { "but not with an ID that xAPIC mode has no room for", .entry = { { IO_APIC, 0, 0, false } }, .entries = 1,
	    .boot_apic_id = 300, .possible = 1, .present = 1, .apic_id = { NONE }, .event = { UNLISTED(300), ALLOWED(1, 0) },
	    .events = 2 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "nor without an APIC", .cmdline = "nolapic", .entry = FOUR, .entries = 5, .no_mp_table = true,
	    .possible = 1, .present = 1, .boot_cpu_only = true, .apic_id = { NONE }, .event = { ALLOWED(1, 0) }, .events = 1 } },
	{ NB_LINE_4_4, "cpu_registry", NB_LINE_4_9,
	  { "or ran without an ID", .entry = { { IO_APIC, 0, 0, false } }, .entries = 1, .boot_apic_id = 3,
	    .possible = 1, .present = 1, .apic_id = { NONE }, .event = { ALLOWED(1, 0) }, .events = 1 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "nobody asked whether the boot CPU is the bootstrap processor", .boot_apic_id = 1, .not_bsp = true, .entry = FOUR,
	    .entries = 5, .possible = 4, .present = 4, .apic_id = { 1, 0, 2, 3 }, .event = { ALLOWED(4, 0) }, .events = 1 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "each APIC ID from 32768 on is told of", .x2apic = true,
	    .entry = { { X2APIC, 0, ON, false }, { X2APIC, 32768, ON, false }, { X2APIC, 40000, 0, false } }, .entries = 3,
	    .possible = 1, .present = 1, .rejected = 2, .apic_id = { 0 },
	    .event = { { .kind = NB_EV_APIC_TOO_BIG, .id = 32768, .got = 32768, .limit = 32767 },
		       { .kind = NB_EV_APIC_TOO_BIG, .id = 40000, .got = 40000, .limit = 32767 }, ALLOWED(1, 0) }, .events = 3 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "threads were counted by CPUID, whichever CPUs are listed", .thread_shift = 1,
	    .entry = { { LAPIC, 0, ON, false }, { LAPIC, 2, ON, false } }, .entries = 2,
	    .possible = 2, .present = 2, .threads = 2, .apic_id = { 0, 2 }, .event = { ALLOWED(2, 0) }, .events = 1 } },

	/* limits */
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "what nr_cpus= leaves over counts as disabled, each told of", .cmdline = "nr_cpus=2", .entry = FOUR, .entries = 5,
	    .possible = 2, .present = 2, .rejected = 2, .apic_id = { 0, 1 },
	    .event = { IGNORED(2, 2, 2, 0), IGNORED(3, 3, 2, 0), EXCEEDED(4, 2), ALLOWED(2, 0) }, .events = 4 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "a place was kept for the boot CPU until it was listed", .cmdline = "nr_cpus=2", .boot_apic_id = 3, .entry = FOUR,
	    .entries = 5, .possible = 2, .present = 2, .rejected = 2, .apic_id = { 3, 0 },
	    .event = { IGNORED(1, 1, 2, 1), IGNORED(2, 2, 2, 1), EXCEEDED(4, 2), ALLOWED(2, 0) }, .events = 4 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "possible_cpus= made CPUs possible that no table has", .cmdline = "possible_cpus=6", .entry = FOUR, .entries = 5,
	    .possible = 6, .present = 4, .apic_id = { 0, 1, 2, 3, NONE, NONE }, .event = { ALLOWED(4, 2) }, .events = 1 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "up to nr_cpus=", .cmdline = "possible_cpus=6 nr_cpus=5", .entry = FOUR, .entries = 5,
	    .possible = 5, .present = 4, .apic_id = { 0, 1, 2, 3, NONE }, .event = { EXCEEDED(6, 5), ALLOWED(4, 1) },
	    .events = 2 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "just as many are not too many", .cmdline = "possible_cpus=6 nr_cpus=6", .entry = FOUR, .entries = 5,
	    .possible = 6, .present = 4, .apic_id = { 0, 1, 2, 3, NONE, NONE }, .event = { ALLOWED(4, 2) }, .events = 1 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "a negative one was a very large one", .cmdline = "possible_cpus=-3 nr_cpus=5", .entry = FOUR, .entries = 5,
	    .possible = 5, .present = 4, .apic_id = { 0, 1, 2, 3, NONE },
	    .event = { EXCEEDED((uint64_t)-3, 5), ALLOWED(4, 1) }, .events = 2 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "possible_cpus= took listed ones away after they were numbered", .cmdline = "possible_cpus=2", .entry = FOUR,
	    .entries = 5, .possible = 2, .present = 2, .apic_id = { 0, 1 }, .event = { ALLOWED(2, 0) }, .events = 1 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "possible_cpus=0 left not even the boot CPU", .cmdline = "possible_cpus=0", .entry = FOUR, .entries = 5,
	    .possible = 0, .present = 0, .event = { ALLOWED(0, 0) }, .events = 1 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "nosmp took them away likewise", .cmdline = "nosmp",
	    .entry = { { LAPIC, 0, ON, false }, { LAPIC, 1, ON, false }, { LAPIC, 2, 0, false } }, .entries = 3,
	    .possible = 1, .present = 1, .boot_cpu_only = true, .apic_id = { 0 },
	    .event = { EXCEEDS_MAX(2), ALLOWED(1, 0) }, .events = 2 } },
	{ NB_LINE_6_1, "cpu_registry", NB_LINE_6_12,
	  { "nolapic counted the CPUs of the MP table", .cmdline = "nolapic", .entry = FOUR, .entries = 5,
	    .possible = 4, .present = 4, .boot_cpu_only = true, .apic_id = { 0, 1, 2, 3 }, .event = { ALLOWED(4, 0) },
	    .events = 1 } },
};
/* clang-format on */

/* The rules of a line with one of them taken from another. */
static struct nb_rules with_rule_of(enum nb_line line, const char *name, enum nb_line other)
{
	struct nb_rules rules = nb_lines[line];
	uint32_t count;
	const struct nb_rule *all = nb_rules(&count);

	for (uint32_t i = 0; i < count; i++) {
		if (strcmp(all[i].name, name))
			continue;
		memcpy((char *)&rules + all[i].offset,
		       (const char *)&nb_lines[other] + all[i].offset, all[i].size);
		return rules;
	}
	check(false, name);
	return rules;
}

static bool same_outcome(const struct nb_cpus *cpus, const struct kept_events *kept,
			 const struct row *row)
{
	if (cpus->possible != row->possible || cpus->present != row->present ||
	    cpus->rejected != row->rejected || kept->count != row->events)
		return false;
	for (size_t i = 0; i < row->events; i++)
		if (!same_event(&kept->at[i], &row->event[i]))
			return false;
	return cpus->threads_per_core == (row->threads ? row->threads : 1);
}

/* Which APIC ID has which number; a row of numbers that are counted more than once
 * has fewer CPUs that are there than it counts. */
static bool same_ids(const struct nb_cpus *cpus, const struct row *row)
{
	for (uint32_t cpu = 0; cpu < CAP_CPUS; cpu++) {
		uint32_t want = cpu < row->possible ? row->apic_id[cpu] : NONE;

		if (cpu == 0 && row->possible == 0)
			continue; /* it runs all the same */
		if (cpus->cpu[cpu].apic_id != (want == NONE ? NB_NO_APIC_ID : want))
			return false;
	}
	return true;
}

static void test_lines(void **state)
{
	(void)state;
	for (const struct line_row *it = line_rows; it < line_rows + NB_COUNT(line_rows); it++) {
		struct nb_rules swapped = with_rule_of(it->line, it->rule, it->other);
		struct kept_events kept;
		struct nb_cpus cpus =
			run_row(&it->row, &nb_lines[it->line], &nb_configs[it->line], &kept);

		check_outcome(&cpus, &it->row);
		check(same_ids(&cpus, &it->row), it->row.claim);
		check_events(&kept, it->row.event, it->row.events, it->row.claim);

		cpus = run_row(&it->row, &swapped, &nb_configs[it->line], &kept);
		check(!same_outcome(&cpus, &kept, &it->row) || !same_ids(&cpus, &it->row),
		      it->rule);
	}
}

/* A SAPIC entry that has its string, but the table does not. */
static void test_cut_sapic(void **state)
{
	static const struct nb_event fault = { .kind = NB_EV_TABLE_FAULT,
					       .id = 0x43495041,
					       .why = NB_WHY_TRUNCATED,
					       .got = 16,
					       .limit = 17,
					       .more = { NB_MADT_ENTRIES } };
	static const enum nb_event_kind others[] = { NB_EV_CPU_REGISTERED, NB_EV_CPU_NODE,
						     NB_EV_BOOT_CPU_UNLISTED, NB_EV_CPUS_ALLOWED };
	struct kept_events kept = { { keep_event }, others, NB_COUNT(others), 0, { { 0 } } };
	const struct nb_env env = { &nb_lines[NB_LINE_6_1], &nb_configs[NB_LINE_6_1], &kept.sink };
	size_t len = put_entry(madt_store + NB_MADT_ENTRIES, SAPIC_UID, 0, ON, false);
	struct nb_table table = finish_table("APIC", madt_store, NB_MADT_ENTRIES + len - 1);
	struct nb_firmware fw = { .tables = &table,
				  .table_count = 1,
				  .facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_1]) };
	struct nb_cpus cpus = make_cpus();
	struct nb_numa numa = make_numa(1);
	struct nb_params params;

	(void)state;
	check(nb_params_read(&params, "", &env) == NB_OK, "the command line is read");
	check(nb_cpus_build(&cpus, NULL, &numa, &fw, &params, &env) == NB_OK, "the stage runs");
	check_events(&kept, &fault, 1, "an entry that ends behind the table ends the list");
}

/* A build without x2APIC mode, as the 32-bit one, knows no such CPU. */
static void test_no_x2apic(void **state)
{
	static const struct row row = {
		"without x2APIC mode built in all its entries are ignored",
		.x2apic = true,
		.entry = { { LAPIC, 0, ON, false },
			   { X2APIC, 1, ON, false },
			   { X2APIC, 2, 0, false },
			   { X2APIC, 0xffffffff, ON, false } },
		.entries = 4,
		.possible = 1,
		.present = 1,
		.apic_id = { 0 },
		.event = { { .kind = NB_EV_X2APIC_ENTRY_IGNORED, .id = 1 },
			   { .kind = NB_EV_X2APIC_ENTRY_IGNORED, .id = 2 },
			   { .kind = NB_EV_X2APIC_ENTRY_IGNORED, .id = 0xffffffff },
			   ALLOWED(1, 0) },
		.events = 4,
	};
	const enum nb_line line = NB_LINE_6_1_I386;
	struct kept_events kept;
	struct nb_cpus cpus = run_row(&row, &nb_lines[line], &nb_configs[line], &kept);

	(void)state;
	check_outcome(&cpus, &row);
	check_events(&kept, row.event, row.events, row.claim);
}

/* One CPU for each APIC ID 0 .. cpus - 1; what the SRAT says of them. */
struct place_row {
	const char *claim;
	uint32_t cpus, disabled;           /* the last ones are not there yet */
	int32_t with_memory[4], initiator; /* -1 ends the list */
	int32_t srat[6];                   /* of APIC IDs; -1: none */
	int32_t nid[6];                    /* wanted */
	int32_t online[6];
};

static const struct place_row place_rows[] = {
	{ "the SRAT's node wins", 3, 0, { 0, 1, -1 }, -1, { 1, 1, 0 }, { 1, 1, 0 }, { 0, 1, -1 } },
	{ "CPUs without one are dealt the nodes with memory in turn",
	  4,
	  0,
	  { 0, 3, -1 },
	  -1,
	  { -1, -1, -1, -1 },
	  { 0, 3, 0, 3 },
	  { 0, 3, -1 } },
	{ "those with one use up their turn",
	  4,
	  0,
	  { 0, 1, -1 },
	  -1,
	  { -1, 0, -1, -1 },
	  { 0, 0, 0, 1 },
	  { 0, 1, -1 } },
	{ "a node without memory comes online with its CPU, but is not dealt",
	  3,
	  0,
	  { 1, -1 },
	  -1,
	  { 2, -1, -1 },
	  { 2, 1, 1 },
	  { 1, 2, -1 } },
	{ "a CPU that is not there yet is dealt a node, whatever the SRAT says",
	  3,
	  1,
	  { 0, 1, -1 },
	  -1,
	  { 0, 1, 1 },
	  { 0, 1, 0 },
	  { 0, 1, -1 } },
	{ "a node with only a generic initiator comes online",
	  1,
	  0,
	  { 0, -1 },
	  4,
	  { 0 },
	  { 0 },
	  { 0, 4, -1 } },
};

static void check_place_row(const struct place_row *row)
{
	size_t len = NB_MADT_ENTRIES;
	struct nb_table tables[1];
	struct nb_firmware fw = {
		.tables = tables,
		.table_count = 1,
		.facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]),
	};
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12], NULL };
	struct nb_cpus cpus = make_cpus();
	struct nb_numa numa = make_numa(0);
	struct nb_params params;
	struct nb_nodes online = { 0 };

	for (uint32_t id = 0; id < row->cpus; id++) {
		uint32_t flags = id < row->cpus - row->disabled ? ON : 0;

		len += put_entry(madt_store + len, LAPIC, id, flags, false);
		apic_node_store[id] = (int16_t)row->srat[id];
	}
	tables[0] = finish_table("APIC", madt_store, len);
	fw.facts.hypervisor = true;
	for (const int32_t *nid = row->with_memory; *nid >= 0; nid++)
		nb_nodes_add(&numa.online, *nid);
	nb_nodes_add(&numa.initiator, row->initiator);
	for (const int32_t *nid = row->online; *nid >= 0; nid++)
		nb_nodes_add(&online, *nid);

	check(nb_params_read(&params, "", &env) == NB_OK, row->claim);
	check(nb_cpus_build(&cpus, NULL, &numa, &fw, &params, &env) == NB_OK, row->claim);
	for (uint32_t cpu = 0; cpu < row->cpus; cpu++)
		check(cpus.cpu[cpu].nid == row->nid[cpu], row->claim);
	check(memcmp(&cpus.online, &online, sizeof(online)) == 0, row->claim);
}

static void test_places(void **state)
{
	(void)state;
	for (const struct place_row *row = place_rows; row < place_rows + NB_COUNT(place_rows);
	     row++)
		check_place_row(row);
}

/* A CPU whose node has no memory: where it goes, and whether its node comes online. */
static void test_offline_node(void **state)
{
	static const struct {
		const char *claim;
		enum nb_line line;
		uint8_t to[3]; /* distances from node 3, without memory, to 0, 1 and 2 */
		int32_t want;
	} rows_of[] = {
		{ "its node comes online", NB_LINE_4_9, { 15, 12, 12 }, 3 },
		{ "it goes to the nearest node with memory", NB_LINE_4_4, { 15, 20, 12 }, 2 },
		{ "of equally near ones to the first", NB_LINE_3_14, { 15, 12, 12 }, 1 },
	};
	static uint8_t distance[16];

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows_of); i++) {
		struct kept_events kept = { .sink = { keep_event } };
		const enum nb_line line = rows_of[i].line;
		const struct nb_env env = { &nb_lines[line], &nb_configs[line], &kept.sink };
		size_t len = NB_MADT_ENTRIES +
			     put_entry(madt_store + NB_MADT_ENTRIES, LAPIC, 0, ON, false);
		struct nb_table table = finish_table("APIC", madt_store, len);
		struct nb_firmware fw = { .tables = &table,
					  .table_count = 1,
					  .facts = nb_boot_facts_assumed(&nb_configs[line]) };
		struct nb_cpus cpus = make_cpus();
		struct nb_numa numa = make_numa(3);
		struct nb_params params;
		bool moves = rows_of[i].want != 3;

		memcpy(distance + 12, rows_of[i].to, sizeof(rows_of[i].to));
		numa.distance = distance;
		numa.distance_count = 4;
		apic_node_store[0] = 3;
		check(nb_params_read(&params, "", &env) == NB_OK, rows_of[i].claim);
		check(nb_cpus_build(&cpus, NULL, &numa, &fw, &params, &env) == NB_OK,
		      rows_of[i].claim);
		check(cpus.cpu[0].nid == rows_of[i].want, rows_of[i].claim);
		check(nb_nodes_has(&cpus.online, 3) == !moves, rows_of[i].claim);
		check(kept.at[kept.count - 1].why == (moves ? NB_WHY_NEAREST_NODE : NB_WHY_SRAT),
		      rows_of[i].claim);
	}
}

/* Every event of a small machine, in order. */
static void test_whole_account(void **state)
{
	static const struct nb_event want[] = {
		{ .kind = NB_EV_CPU_REGISTERED, .id = 4, .got = 0, .flags = 1 },
		{ .kind = NB_EV_CPU_REGISTERED, .id = 5 },
		{ .kind = NB_EV_CPU_REGISTERED, .id = 6, .got = 1, .flags = 1 },
		{ .kind = NB_EV_LOGICAL_NODES, .got = 3 },
		ALLOWED(2, 1),
		{ .kind = NB_EV_CPU_NODE, .id = 0, .nid = 0, .why = NB_WHY_ROUND_ROBIN },
		{ .kind = NB_EV_NODE_ONLINE, .nid = 2, .why = NB_WHY_HAS_CPU },
		{ .kind = NB_EV_CPU_NODE, .id = 1, .nid = 2, .why = NB_WHY_SRAT },
		{ .kind = NB_EV_CPU_NODE, .id = 2, .nid = 0, .why = NB_WHY_ROUND_ROBIN },
		{ .kind = NB_EV_NODE_ONLINE, .nid = 1, .why = NB_WHY_HAS_INITIATOR },
	};
	size_t len = NB_MADT_ENTRIES;
	struct nb_table tables[1];
	struct nb_firmware fw = { .tables = tables,
				  .table_count = 1,
				  .facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]) };
	struct kept_events kept = { .sink = { keep_event } };
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12],
				    &kept.sink };
	struct nb_cpus cpus = make_cpus();
	struct nb_numa numa = make_numa(1);
	struct nb_params params;

	(void)state;
	len += put_entry(madt_store + len, LAPIC, 4, ON, false);
	len += put_entry(madt_store + len, LAPIC, 5, 0, false);
	len += put_entry(madt_store + len, LAPIC, 6, ON, false);
	tables[0] = finish_table("APIC", madt_store, len);
	fw.facts.boot_apic_id = 4;
	fw.facts.hypervisor = true;
	numa.nr_node_ids = 3;
	for (int32_t nid = 0; nid < 3; nid++)
		nb_nodes_add(&numa.of_cpus, nid);
	apic_node_store[6] = 2;
	nb_nodes_add(&numa.initiator, 1);

	check(nb_params_read(&params, "", &env) == NB_OK, "the command line is read");
	check(nb_cpus_build(&cpus, NULL, &numa, &fw, &params, &env) == NB_OK, "the stage runs");
	check_events(&kept, want, NB_COUNT(want), "each decision is told once, in Linux's order");
}

/* Nodes that processors name stay so where the SRAT is rejected; the one that is
 * made up then joins them. */
static void test_logical_nodes(void **state)
{
	static const struct {
		const char *claim;
		struct machine machine;
		uint64_t nodes;
	} machines[] = {
		{ "nodes of memory alone do not count",
		  { .map = { { 0, NB_GIB, 1 } },
		    .cpus = 2,
		    .srat = { ENTRY_CPU(1, 0), ENTRY_CPU(1, 1), ENTRY_RAM(0, 0, NB_GIB) } },
		  1 },
		{ "a rejected SRAT keeps its own",
		  { .map = { { 0, NB_GIB, 1 } },
		    .cpus = 2,
		    .srat = { ENTRY_CPU(1, 0), ENTRY_CPU(2, 1), ENTRY_RAM(1, 0, NB_MIB) } },
		  2 },
		{ "one node is made up for want of any",
		  { .map = { { 0, NB_GIB, 1 } }, .cpus = 2 },
		  1 },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(machines); i++) {
		struct machine_boot boot;
		bool told = false;

		machine_begin(&boot, &machines[i].machine, NB_LINE_7_3);
		machine_run(&boot);
		for (size_t at = 0; at < boot.record->count; at++) {
			if (boot.record->at[at].kind != NB_EV_LOGICAL_NODES)
				continue;
			told = true;
			check(boot.record->at[at].got == machines[i].nodes, machines[i].claim);
		}
		check(told, machines[i].claim);
		machine_end(&boot);
	}
}

/* Limits of the caller's that are too small. */
static void test_limits(void **state)
{
	static const struct {
		const char *claim;
		uint32_t cap, apic_ids;
		enum nb_err want;
	} limits[] = {
		{ "just enough is enough", 2, 33, NB_OK },
		{ "a CPU too many does not fit", 1, 33, NB_ERR_FULL },
		{ "an APIC ID too high does not fit", 2, 32, NB_ERR_FULL },
	};
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12], NULL };
	size_t len = NB_MADT_ENTRIES;
	struct nb_table tables[1];
	struct nb_firmware fw = { .tables = tables,
				  .table_count = 1,
				  .facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]) };
	struct nb_numa numa = make_numa(1);
	struct nb_params params;

	(void)state;
	len += put_entry(madt_store + len, LAPIC, 0, ON, false);
	len += put_entry(madt_store + len, LAPIC, 32, ON, false);
	tables[0] = finish_table("APIC", madt_store, len);
	check(nb_params_read(&params, "", &env) == NB_OK, "the command line is read");
	for (size_t i = 0; i < NB_COUNT(limits); i++) {
		struct nb_cpus cpus = make_cpus();

		cpus.cap = limits[i].cap;
		cpus.apic_ids = limits[i].apic_ids;
		check(nb_cpus_build(&cpus, NULL, &numa, &fw, &params, &env) == limits[i].want,
		      limits[i].claim);
	}
}

/* The tables of a model's machine. */
static void give_machine(struct model_machine *m, struct nb_firmware *fw, struct nb_table tables[2],
			 struct nb_numa *numa)
{
	size_t len = NB_MADT_ENTRIES;

	for (uint32_t i = 0; i < m->entries; i++)
		len += put_entry(madt_store + len, m->entry[i].type, m->entry[i].apic_id,
				 m->entry[i].flags, m->entry[i].is_short);
	tables[0] = finish_table("APIC", madt_store, len);
	tables[1] = make_fadt(6, m->online_capable ? 3 : 2);
	*fw = (struct nb_firmware){
		.tables = tables,
		.table_count = 2,
		.facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]),
	};
	fw->facts.boot_apic_id = m->boot_apic_id;
	fw->facts.boot_apic_is_bsp = m->boot_is_bsp;
	fw->facts.hypervisor = m->guest;
	fw->facts.x2apic = m->x2apic;
	fw->facts.thread_shift = (uint8_t)m->thread_shift;

	*numa = make_numa(0);
	numa->distance = &m->distance[0][0];
	numa->distance_count = MODEL_NODES;
	for (int32_t nid = 0; nid < MODEL_NODES; nid++)
		if (m->nodes[nid])
			nb_nodes_add(&numa->online, nid);
	for (uint32_t id = 0; id < MODEL_APICS; id++)
		apic_node_store[id] = (int16_t)m->apic_node[id];
}

static void test_random(void **state)
{
	static const char *const claim = "the stage agrees with the model on a random MADT";
	static struct model_machine m;
	static struct model_cpus want;

	(void)state;
	for (uint32_t seed = 0; seed < 40000; seed++) {
		const enum nb_line line = seed % NB_LINE_6_1_I386; /* all that know x2APICs */
		const struct nb_env env = { &nb_lines[line], &nb_configs[line], NULL };
		struct nb_cpus got = make_cpus();
		struct nb_params params;
		struct nb_firmware fw;
		struct nb_table tables[2];
		struct nb_numa numa;

		model_random_machine(&m, seed);
		m.rules = env.rules;
		m.most_cpus = env.config->max_cpus;
		model_count_cpus(&want, &m);
		give_machine(&m, &fw, tables, &numa);
		check(nb_params_read(&params, "", &env) == NB_OK, claim);
		params.nr_cpus = m.nr_cpus;
		params.max_cpus = m.max_cpus;
		params.possible_cpus = m.possible_cpus;
		check(nb_cpus_build(&got, NULL, &numa, &fw, &params, &env) == NB_OK, claim);

		check(got.possible == want.possible, claim);
		check(got.present == want.present, claim);
		check(got.rejected == want.rejected, claim);
		check(got.threads_per_core == want.threads, claim);
		for (uint32_t cpu = 0; cpu < want.possible; cpu++) {
			check(got.cpu[cpu].apic_id == want.cpu[cpu].apic_id, claim);
			check(got.cpu[cpu].nid == want.cpu[cpu].nid, claim);
			check(got.cpu[cpu].present == want.cpu[cpu].present, claim);
		}
		for (int32_t nid = 0; nid < MODEL_NODES; nid++)
			check(nb_nodes_has(&got.online, nid) == want.online[nid], claim);
	}
}

/* Each truncation of a table that has all forms: nothing beyond it is read. */
static void test_truncated(void **state)
{
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12], NULL };
	struct nb_numa numa = make_numa(1);
	struct nb_params params;
	size_t len = NB_MADT_ENTRIES;

	(void)state;
	len += put_entry(madt_store + len, LAPIC, 0, ON, false);
	len += put_entry(madt_store + len, X2APIC, 300, ON, false);
	len += put_entry(madt_store + len, OVERRIDE, 0, 0, false);
	len += put_entry(madt_store + len, IO_APIC, 0, 0, false);
	len += put_entry(madt_store + len, SAPIC, 2, ON, false);
	finish_table("APIC", madt_store, len);
	check(nb_params_read(&params, "", &env) == NB_OK, "the command line is read");
	for (size_t cut = 0; cut <= len; cut++) {
		uint8_t *bytes = malloc(cut ? cut : 1);
		struct nb_table table = { .signature = "APIC", .at = bytes, .len = cut };
		struct nb_firmware fw = {
			.tables = &table,
			.table_count = 1,
			.facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]),
		};
		struct nb_cpus cpus = make_cpus();

		memcpy(bytes, madt_store, cut);
		check(nb_cpus_build(&cpus, NULL, &numa, &fw, &params, &env) == NB_OK,
		      "a truncated MADT has CPUs, the boot CPU at least");
		check(cpus.possible >= 1, "a truncated MADT has CPUs, the boot CPU at least");
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),          cmocka_unit_test(test_lines),
		cmocka_unit_test(test_cut_sapic),     cmocka_unit_test(test_no_x2apic),
		cmocka_unit_test(test_places),        cmocka_unit_test(test_offline_node),
		cmocka_unit_test(test_whole_account), cmocka_unit_test(test_logical_nodes),
		cmocka_unit_test(test_limits),        cmocka_unit_test(test_random),
		cmocka_unit_test(test_truncated),
	};

	return cmocka_run_group_tests_name("cpus", tests, NULL, NULL);
}
