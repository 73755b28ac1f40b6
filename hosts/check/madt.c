/* SPDX-License-Identifier: MIT */
/*
 * madt: the processors that there are: ACPI 6.5 5.2.12. Disabled entries are room
 * for what may be plugged in; firmware writes what it likes into them.
 */
#include "lint.h"

#include <stdlib.h>

enum {
	LAPIC_BYTES = 8,
	X2APIC_BYTES = 16,
	LAPIC_UID_AT = 2,
	X2APIC_UID_AT = 12,
	LAPIC_ID_AT = 3,
	LAPIC_FLAGS_AT = 4,
	X2APIC_FLAGS_AT = 8,
	XAPIC_NONE = 0xff,
	IOAPIC_BYTES = 12,
	IOAPIC_ID_AT = 2,
	IOAPIC_ADDRESS_AT = 4,
	IOAPIC_BASE_AT = 8,
	KNOWN_FLAGS = NB_MADT_ENABLED | NB_MADT_ONLINE_CAPABLE,
};

static bool is_enabled(const struct madt_cpu_at *at)
{
	return at->cpu.flags & NB_MADT_ENABLED;
}

static void set_flags(struct lint *l, const struct madt_cpu_at *at, uint32_t flags)
{
	mend_set(l, l->madt,
		 at->offset + (at->type == NB_MADT_LAPIC ? LAPIC_FLAGS_AT : X2APIC_FLAGS_AT), 4,
		 flags);
}

static bool is_none(const struct madt_cpu_at *at)
{
	return at->cpu.apic_id == (at->type == NB_MADT_LAPIC ? XAPIC_NONE : NB_NO_APIC_ID);
}

static void lint_one(struct lint *l, const struct madt_cpu_at *at)
{
	struct place_of_finding place = in_table(l, l->madt, at->offset);
	uint32_t flags = at->cpu.flags;

	if (is_enabled(at) && is_none(at)) {
		report(l, FINDING_MADT_APIC_NONE, place, "the APIC ID of a processor",
		       "an enabled entry for APIC ID 0x%x", at->cpu.apic_id);
		set_flags(l, at, flags & ~(uint32_t)NB_MADT_ENABLED);
	}
	if (flags & ~(uint32_t)KNOWN_FLAGS) {
		report(l, FINDING_MADT_FLAGS, place, "reserved flags that are 0",
		       "flags 0x%x of APIC ID 0x%x", flags, at->cpu.apic_id);
		set_flags(l, at, flags & KNOWN_FLAGS);
	} else if ((flags & KNOWN_FLAGS) == KNOWN_FLAGS) {
		report(l, FINDING_MADT_FLAGS, place,
		       "online capable is 0 where the processor is enabled",
		       "flags 0x%x of APIC ID 0x%x", flags, at->cpu.apic_id);
		set_flags(l, at, NB_MADT_ENABLED);
	}
}

/* A flag that only a newer FADT makes known. */
static void lint_capable(struct lint *l, const struct madt_cpu_at *at)
{
	struct nb_fadt fadt;
	struct nb_fault fault;

	if (is_enabled(at) || !(at->cpu.flags & NB_MADT_ONLINE_CAPABLE) || l->fadt == NO_TABLE ||
	    nb_fadt(&l->fw->tables[l->fadt], &fadt, &fault))
		return;
	if (fadt.major < 6 || (fadt.major == 6 && fadt.minor < 3))
		report(l, FINDING_MADT_CAPABLE, in_table(l, l->madt, at->offset),
		       "a FADT of 6.3 or later",
		       "APIC ID 0x%x is disabled and online capable, the FADT is of %u.%u",
		       at->cpu.apic_id, fadt.major, fadt.minor);
}

static int by_apic_id(const void *a, const void *b)
{
	const struct madt_cpu_at *x = *(const struct madt_cpu_at *const *)a;
	const struct madt_cpu_at *y = *(const struct madt_cpu_at *const *)b;

	if (x->cpu.apic_id != y->cpu.apic_id)
		return x->cpu.apic_id < y->cpu.apic_id ? -1 : 1;
	return x->offset < y->offset ? -1 : 1;
}

static int by_uid(const void *a, const void *b)
{
	const struct madt_cpu_at *x = *(const struct madt_cpu_at *const *)a;
	const struct madt_cpu_at *y = *(const struct madt_cpu_at *const *)b;

	if (x->cpu.uid != y->cpu.uid)
		return x->cpu.uid < y->cpu.uid ? -1 : 1;
	return x->offset < y->offset ? -1 : 1;
}

static bool in_madt(const struct lint *l, uint32_t apic_id)
{
	for (uint32_t i = 0; i < l->madt_cpu_count; i++)
		if (l->madt_cpu[i].cpu.apic_id == apic_id)
			return true;
	return false;
}

/* The one APIC ID that the SRAT has and the MADT lacks: what a repeated one was to
 * be. XAPIC_NONE if there is no such, or several. */
static uint32_t missing_apic_id(const struct lint *l)
{
	uint32_t missing = XAPIC_NONE;

	for (uint32_t i = 0; i < l->cpu_count; i++) {
		if (!l->cpu[i].enabled || in_madt(l, l->cpu[i].apic_id))
			continue;
		if (missing != XAPIC_NONE)
			return XAPIC_NONE;
		missing = l->cpu[i].apic_id;
	}
	return missing < XAPIC_NONE ? missing : XAPIC_NONE;
}

static void lint_same_id(struct lint *l, const struct madt_cpu_at *first,
			 const struct madt_cpu_at *second)
{
	bool both = first->type != second->type;

	report(l, both ? FINDING_MADT_BOTH_FORMS : FINDING_MADT_APIC_TWICE,
	       in_table(l, l->madt, second->offset), "one entry for each processor",
	       "APIC ID 0x%x again, as at APIC+0x%x", second->cpu.apic_id, first->offset);
	if (!both && second->type == NB_MADT_LAPIC && missing_apic_id(l) != XAPIC_NONE)
		mend_set(l, l->madt, second->offset + LAPIC_ID_AT, 1, missing_apic_id(l));
	else
		set_flags(l, second, second->cpu.flags & ~(uint32_t)NB_MADT_ENABLED);
}

/* The first UID above one that no entry has. */
static uint32_t free_uid(const struct lint *l, uint32_t above)
{
	bool taken = true;
	uint32_t uid = above;

	while (taken) {
		uid++;
		taken = false;
		for (uint32_t i = 0; i < l->madt_cpu_count; i++)
			taken = taken || l->madt_cpu[i].cpu.uid == uid;
	}
	return uid;
}

static void set_uid(struct lint *l, const struct madt_cpu_at *at, uint32_t uid)
{
	bool narrow = at->type == NB_MADT_LAPIC;

	mend_set(l, l->madt, at->offset + (narrow ? LAPIC_UID_AT : X2APIC_UID_AT), narrow ? 1 : 4,
		 uid);
}

static void lint_pairs(struct lint *l)
{
	const struct madt_cpu_at **sorted = (const struct madt_cpu_at **)pool_take(
		&l->out->pool, (l->madt_cpu_count + 1) * sizeof(*sorted));
	uint32_t count = 0, next = 0;

	for (uint32_t i = 0; i < l->madt_cpu_count; i++)
		if (is_enabled(&l->madt_cpu[i]) && !is_none(&l->madt_cpu[i]))
			sorted[count++] = &l->madt_cpu[i];
	qsort(sorted, count, sizeof(*sorted), by_apic_id);
	for (uint32_t i = 1; i < count; i++)
		if (sorted[i]->cpu.apic_id == sorted[i - 1]->cpu.apic_id)
			lint_same_id(l, sorted[i - 1], sorted[i]);
	qsort(sorted, count, sizeof(*sorted), by_uid);
	for (uint32_t i = 1; i < count; i++)
		if (sorted[i]->cpu.uid == sorted[i - 1]->cpu.uid &&
		    sorted[i]->cpu.apic_id != sorted[i - 1]->cpu.apic_id) {
			report(l, FINDING_MADT_UID_TWICE, in_table(l, l->madt, sorted[i]->offset),
			       "a UID of its own for each processor",
			       "UID %u of APIC ID 0x%x, as of 0x%x at APIC+0x%x",
			       sorted[i]->cpu.uid, sorted[i]->cpu.apic_id,
			       sorted[i - 1]->cpu.apic_id, sorted[i - 1]->offset);
			set_uid(l, sorted[i], next = free_uid(l, next));
			mend_guess(l, "the UID is free; which one the DSDT gives to that "
				      "processor is not known here");
		}
}

/* An I/O APIC, held against those before it. */
static void lint_ioapic(struct lint *l, const struct nb_entry *entry)
{
	const struct nb_table *table = &l->fw->tables[l->madt];
	uint32_t offset = entry->bytes.offset;
	uint64_t id = table_number(table, offset + IOAPIC_ID_AT, 1);
	uint64_t address = table_number(table, offset + IOAPIC_ADDRESS_AT, 4);
	uint64_t base = table_number(table, offset + IOAPIC_BASE_AT, 4);
	struct nb_entry_walk walk = lint_walk(table);
	bool twice = false;
	struct nb_entry other;

	while (lint_next(&walk, table, &other) && other.bytes.offset < offset) {
		uint32_t at = other.bytes.offset;

		if (other.type == NB_MADT_IOAPIC)
			twice = twice || table_number(table, at + IOAPIC_ID_AT, 1) == id ||
				table_number(table, at + IOAPIC_BASE_AT, 4) == base ||
				table_number(table, at + IOAPIC_ADDRESS_AT, 4) == address;
	}
	if (!twice && address)
		return;
	report(l, FINDING_MADT_IOAPIC, in_table(l, l->madt, offset),
	       "an ID, an address and a first interrupt of its own",
	       "I/O APIC %llu at 0x%llx, interrupts from %llu on", (unsigned long long)id,
	       (unsigned long long)address, (unsigned long long)base);
	mend_cut(l, l->madt, offset, IOAPIC_BYTES);
	mend_trial(l);
}

static void lint_ioapics(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->madt];
	struct nb_entry_walk walk = lint_walk(table);
	struct nb_entry entry;

	while (lint_next(&walk, table, &entry))
		if (entry.type == NB_MADT_IOAPIC && entry.bytes.len >= IOAPIC_BYTES)
			lint_ioapic(l, &entry);
}

/* The address of the local APICs: in front of the entries, or one entry of its own. */
static void lint_addresses(struct lint *l)
{
	enum { ADDRESS_AT = 36, OVERRIDE = 5, OVERRIDE_ADDRESS_AT = 4, OVERRIDE_BYTES = 12 };
	const struct nb_table *table = &l->fw->tables[l->madt];
	struct nb_entry_walk walk = lint_walk(table);
	struct nb_entry entry;
	bool before = false;

	if (!table_number(table, ADDRESS_AT, 4))
		report(l, FINDING_MADT_ADDRESS, in_table(l, l->madt, ADDRESS_AT), "an address",
		       "0");
	while (lint_next(&walk, table, &entry)) {
		uint32_t at = entry.bytes.offset + OVERRIDE_ADDRESS_AT;

		if (entry.type != OVERRIDE || entry.bytes.len < OVERRIDE_BYTES)
			continue;
		if (before || !table_number(table, at, 8))
			report(l, FINDING_MADT_ADDRESS, in_table(l, l->madt, at), "one address",
			       before ? "a second entry for it" : "0");
		before = true;
	}
}

static void enable_all(struct lint *l)
{
	for (uint32_t i = 0; i < l->madt_cpu_count; i++)
		if (!is_none(&l->madt_cpu[i]))
			set_flags(l, &l->madt_cpu[i],
				  (l->madt_cpu[i].cpu.flags & ~(uint32_t)KNOWN_FLAGS) |
					  NB_MADT_ENABLED);
}

/* An entry for a processor; the last UID that was given to one becomes its own. */
static void add_cpu(struct lint *l, uint32_t id, uint32_t *last_uid)
{
	uint32_t uid = *last_uid = free_uid(l, *last_uid);
	bool wide = id >= XAPIC_NONE || uid >= XAPIC_NONE;
	uint32_t length = wide ? X2APIC_BYTES : LAPIC_BYTES;
	uint8_t *bytes = (uint8_t *)pool_take(&l->out->pool, length);

	bytes[0] = wide ? NB_MADT_X2APIC : NB_MADT_LAPIC;
	bytes[1] = (uint8_t)length;
	bytes[wide ? X2APIC_FLAGS_AT : LAPIC_FLAGS_AT] = NB_MADT_ENABLED;
	for (unsigned i = 0; i < 4 && wide; i++) {
		bytes[4 + i] = (uint8_t)(id >> (8 * i));
		bytes[X2APIC_UID_AT + i] = (uint8_t)(uid >> (8 * i));
	}
	if (!wide) {
		bytes[LAPIC_UID_AT] = (uint8_t)uid;
		bytes[LAPIC_ID_AT] = (uint8_t)id;
	}
	mend(l,
	     (struct edit){ .kind = EDIT_ADD, .table = l->madt, .width = length, .bytes = bytes });
}

/* Entries where there are none that could be enabled: for the processors of the SRAT, or
 * for the one that boots. */
static void add_cpus(struct lint *l)
{
	uint32_t uid = 0;

	for (uint32_t i = 0; i < l->cpu_count; i++) {
		bool before = !l->cpu[i].enabled;

		for (uint32_t j = 0; j < i; j++)
			before = before ||
				 (l->cpu[j].enabled && l->cpu[j].apic_id == l->cpu[i].apic_id);
		if (!before)
			add_cpu(l, l->cpu[i].apic_id, &uid);
	}
	if (!l->edited)
		add_cpu(l, l->fw->facts.boot_apic_id, &uid);
	mend_guess(l, "the processors are those of the SRAT, without one the one that boots, and "
		      "its APIC ID is 0 if nothing tells it; UIDs are free ones");
}

void lint_madt(struct lint *l)
{
	uint32_t enabled = 0, uid = 0;
	bool boot_cpu = false;

	if (nb_acpi_bytes(&l->fw->tables[l->madt]).len < NB_MADT_ENTRIES)
		return;
	for (uint32_t i = 0; i < l->madt_cpu_count; i++) {
		const struct madt_cpu_at *at = &l->madt_cpu[i];

		lint_one(l, at);
		lint_capable(l, at);
		enabled += is_enabled(at);
		boot_cpu = boot_cpu || at->cpu.apic_id == l->fw->facts.boot_apic_id;
	}
	lint_pairs(l);
	if (!l->source->is_log || l->source->facts[FACT_MADT].origin == ORIGIN_OPTION) {
		lint_ioapics(l); /* logs do not tell of them */
		lint_addresses(l);
	}
	if (!enabled) {
		report(l, FINDING_MADT_NO_CPU, in_table(l, l->madt, NB_MADT_ENTRIES),
		       "an enabled processor", "processors: %u, none enabled", l->madt_cpu_count);
		enable_all(l);
		if (!l->edited)
			add_cpus(l);
	} else if (!boot_cpu && l->source->facts[FACT_BOOT_APIC_ID].origin == ORIGIN_READ) {
		report(l, FINDING_MADT_BOOT_CPU, in_table(l, l->madt, NB_MADT_ENTRIES),
		       "an entry for the processor that boots", "none for APIC ID 0x%x",
		       l->fw->facts.boot_apic_id);
		add_cpu(l, l->fw->facts.boot_apic_id, &uid);
		mend_guess(l, "the UID is free; which one the DSDT gives to that processor is not "
			      "known here");
	}
}
