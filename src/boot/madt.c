/* SPDX-License-Identifier: MIT */
/*
 * madt: which entries of the MADT name a CPU that may ever run, in the order in
 * which the kernel hears of them.
 *
 *   SAPIC entries?  yes: these alone, enabled or not
 *                   no:  LAPIC and x2APIC entries as they come, but not
 *                        - those with an id that stands for none,
 *                        - disabled ones that can never come online,
 *                        - x2APIC ones below 255 if a LAPIC entry counts,
 *                        - x2APIC ones that the APIC driver cannot address
 *
 * That is the newest lines' list; each line of it is a rule of its own.
 *
 * A malformed entry ends the list; the CPUs before it stay. Without ACPI a
 * MultiProcessor table lists CPUs: here it lists some of the MADT's.
 *
 * Source: Linux 6.12 arch/x86/kernel/acpi/boot.c acpi_parse_madt_lapic_entries(),
 * arch/x86/kernel/mpparse.c smp_read_mpc().
 */
#include "boot/madt.h"

#include "base/bytes.h"

#include <numaboot/rules.h>

/* The tag of the MADT in an event: "APIC", its first letter lowest. */
#define MADT_TAG ((uint32_t)'A' | (uint32_t)'P' << 8 | (uint32_t)'I' << 16 | (uint32_t)'C' << 24)

/* Local APIC Address Override, type 5: ACPI 6.5 5.2.12.8. */
enum { OVERRIDE_BYTES = 12 };

/* APIC IDs that stand for all CPUs or for none. */
enum { BROADCAST = 0xff };

/* The highest APIC ID of a CPU in xAPIC mode: 255 is for all of them.
 * Linux 6.12 arch/x86/kernel/apic/apic_flat_64.c. */
enum { XAPIC_MAX = 0xfe };

struct nb_madt nb_madt_find(const struct nb_firmware *fw, const struct nb_params *params)
{
	struct nb_madt madt = { .acpi = !params->acpi_off && fw->table_count > 0 };
	struct nb_entry_walk walk;
	struct nb_entry entry;

	if (madt.acpi)
		madt.table = nb_firmware_table(fw, "APIC");
	if (!madt.table || params->no_apic)
		return madt;

	walk = nb_entries(madt.table, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
	while (nb_entry_next(&walk, &entry)) {
		if (entry.type != NB_MADT_LAPIC_OVERRIDE)
			continue;
		madt.apic_moved = true;
		if (entry.length < OVERRIDE_BYTES || entry.rest.len < OVERRIDE_BYTES) {
			walk.fault = (struct nb_fault){
				.kind = entry.length < OVERRIDE_BYTES ? NB_FAULT_SHORT
								      : NB_FAULT_TRUNCATED,
				.offset = entry.rest.offset,
				.got = nb_min(entry.length, entry.rest.len),
				.want = OVERRIDE_BYTES,
			};
			break;
		}
	}
	if (walk.fault.kind != NB_FAULT_NONE)
		madt = (struct nb_madt){ .fault = walk.fault };
	return madt;
}

bool nb_x2apic_mode(const struct nb_boot_facts *facts, const struct nb_params *params)
{
	/* nox2apic cannot be obeyed with an id that xAPIC mode has no room for. */
	return facts->x2apic && !(params->no_x2apic && facts->boot_apic_id < BROADCAST);
}

/* From ACPI 6.3 on, a disabled entry says whether its CPU may come later. Linux
 * takes the FADT's word for the version, and its whole minor byte for the minor. */
static bool has_online_capable(const struct nb_firmware *fw)
{
	const struct nb_table *table = nb_firmware_table(fw, "FACP");
	struct nb_fault fault;
	struct nb_fadt fadt;

	if (!table || nb_fadt(table, &fadt, &fault))
		return false;
	return fadt.major > 6 || (fadt.major == 6 && fadt.minor >= 3);
}

/* Whether the CPU of an entry can ever run. A guest's disabled ones can in the
 * older tables, since that is how hypervisors announce what may be plugged in. */
static bool usable(const struct nb_cpu_walk *walk, uint32_t flags)
{
	uint32_t rule = walk->env->rules->madt_disabled;

	if (flags & NB_MADT_ENABLED || rule == NB_DISABLED_COUNT)
		return true;
	if (walk->online_capable)
		return (flags & NB_MADT_ONLINE_CAPABLE) != 0;
	return rule == NB_DISABLED_UNLESS_63 || walk->guest;
}

static bool has_entry(const struct nb_table *madt, uint32_t type)
{
	struct nb_entry_walk walk = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
	struct nb_entry entry;

	while (nb_entry_next(&walk, &entry))
		if (entry.type == type)
			return true;
	return false;
}

/* Whether a LAPIC entry counts: then x2APIC entries are for ids from 255 on. This
 * pass, too, ends at a malformed entry. Linux 6.12 acpi_check_lapic(). */
static bool has_lapic_cpus(const struct nb_cpu_walk *walk)
{
	struct nb_entry_walk entries = walk->entries;
	uint32_t left = walk->left;
	struct nb_entry entry;
	struct nb_madt_cpu cpu;
	struct nb_fault fault;

	while (left && nb_entry_next(&entries, &entry)) {
		if (entry.type != NB_MADT_LAPIC)
			continue;
		left--;
		if (nb_madt_cpu(&entry, &cpu, &fault))
			return false;
		if (cpu.apic_id != BROADCAST && usable(walk, cpu.flags))
			return true;
	}
	return false;
}

struct nb_cpu_walk nb_madt_cpus(const struct nb_table *madt, const struct nb_firmware *fw,
				bool x2apic, const struct nb_env *env)
{
	struct nb_cpu_walk walk = {
		.entries = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES),
		.madt = madt,
		.env = env,
		.list = env->rules->madt_x2apic_first ? NB_LIST_X2APIC : NB_LIST_APIC,
		.left = NB_MAX_APIC_IDS,
		.max_apic_id = x2apic ? UINT32_MAX : XAPIC_MAX,
		.online_capable = has_online_capable(fw),
		.guest = fw->facts.hypervisor,
	};

	if (has_entry(madt, NB_MADT_SAPIC))
		walk.list = NB_LIST_SAPIC;
	else if (env->rules->madt_lapic_has_low)
		walk.lapic_cpus = has_lapic_cpus(&walk);
	return walk;
}

struct nb_cpu_walk nb_mp_cpus(const struct nb_table *madt, const struct nb_firmware *fw,
			      const struct nb_env *env)
{
	unsigned shift = (unsigned)nb_min(fw->facts.package_shift, 31);

	/* Which CPUs such a table lists is up to the firmware. SeaBIOS, which
	 * every QEMU has, lists the first of each package. */
	return (struct nb_cpu_walk){
		.entries = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES),
		.madt = madt,
		.env = env,
		.list = NB_LIST_MP,
		.left = NB_MAX_APIC_IDS,
		.mp_unlisted = ((uint32_t)1 << shift) - 1,
	};
}

/* Whether entries of this type are on the list at all. */
static bool on_list(enum nb_cpu_list list, uint32_t type)
{
	switch (list) {
	case NB_LIST_SAPIC:
		return type == NB_MADT_SAPIC;
	case NB_LIST_APIC:
		return type == NB_MADT_LAPIC || type == NB_MADT_X2APIC;
	case NB_LIST_X2APIC:
		return type == NB_MADT_X2APIC;
	case NB_LIST_LAPIC:
	case NB_LIST_MP:
		return type == NB_MADT_LAPIC;
	}
	return false;
}

/* Whether an APIC ID stands for no CPU. */
static bool is_none(const struct nb_cpu_walk *walk, bool x2apic, uint32_t apic_id)
{
	const struct nb_rules *rules = walk->env->rules;

	if (x2apic)
		return apic_id == NB_NO_APIC_ID && !rules->madt_x2apic_trusted;
	return apic_id == BROADCAST && !rules->madt_lapic_255;
}

/* Why an entry is passed over; NB_WHY_NONE if its CPU counts. */
static enum nb_why why_skipped(const struct nb_cpu_walk *walk, uint32_t type,
			       const struct nb_madt_cpu *cpu)
{
	bool x2apic = type == NB_MADT_X2APIC;

	if (walk->list == NB_LIST_SAPIC)
		return NB_WHY_NONE;
	if (is_none(walk, x2apic, cpu->apic_id))
		return NB_WHY_INVALID_ID;
	if (walk->list == NB_LIST_MP)
		return cpu->apic_id & walk->mp_unlisted ? NB_WHY_NOT_FIRST : NB_WHY_NONE;
	if (!usable(walk, cpu->flags))
		return NB_WHY_NOT_USABLE;
	return x2apic && walk->lapic_cpus && cpu->apic_id < BROADCAST ? NB_WHY_LAPIC_HAS_IT
								      : NB_WHY_NONE;
}

/* Whether an x2APIC entry names an APIC that the driver cannot address. Lines that
 * take entries at their word ask only of CPUs that are there, and take 0xffffffff
 * for a small number: it is -1 to them. */
static bool out_of_reach(const struct nb_cpu_walk *walk, const struct nb_madt_cpu *cpu)
{
	if (walk->env->rules->madt_x2apic_trusted &&
	    (!(cpu->flags & NB_MADT_ENABLED) || cpu->apic_id > INT32_MAX))
		return false;
	return cpu->apic_id > walk->max_apic_id;
}

/* Linux complains of an id beyond the APIC driver's only where it is enabled. */
static void refuse(const struct nb_cpu_walk *walk, const struct nb_madt_cpu *cpu)
{
	if (cpu->flags & NB_MADT_ENABLED || !walk->env->config->x2apic)
		nb_emit(walk->env, .kind = NB_EV_X2APIC_ENTRY_IGNORED, .id = cpu->apic_id);
	else
		nb_emit(walk->env, .kind = NB_EV_MADT_ENTRY_SKIPPED, .why = NB_WHY_INVALID_ID,
			.id = cpu->apic_id, .more = { walk->offset });
}

/* Whether the CPU of an entry is on the list; if not, that is told. */
static bool counts(const struct nb_cpu_walk *walk, uint32_t type, const struct nb_madt_cpu *cpu)
{
	bool x2apic = type == NB_MADT_X2APIC;
	enum nb_why why = NB_WHY_NONE;

	if (!x2apic || walk->env->config->x2apic)
		why = why_skipped(walk, type, cpu);
	if (why != NB_WHY_NONE) {
		nb_emit(walk->env, .kind = NB_EV_MADT_ENTRY_SKIPPED, .why = why, .id = cpu->apic_id,
			.more = { walk->offset });
		return false;
	}
	if (x2apic && (!walk->env->config->x2apic || out_of_reach(walk, cpu))) {
		refuse(walk, cpu);
		return false;
	}
	return true;
}

/* Goes on with the other half of a list that is read in two; false at the end. */
static bool turn_to_lapics(struct nb_cpu_walk *walk)
{
	if (walk->list != NB_LIST_X2APIC)
		return false;
	walk->list = NB_LIST_LAPIC;
	walk->left = NB_MAX_APIC_IDS;
	walk->entries = nb_entries(walk->madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
	return true;
}

/* Reads an entry of a CPU. Older lines want a byte of a SAPIC entry's string too:
 * their structure has one. */
static enum nb_err read_entry(const struct nb_cpu_walk *walk, const struct nb_entry *entry,
			      struct nb_madt_cpu *cpu, struct nb_fault *fault)
{
	uint32_t least = entry->type == NB_MADT_SAPIC ? walk->env->rules->madt_sapic_bytes : 0;
	bool claimed = entry->length >= least;

	if (nb_madt_cpu(entry, cpu, fault))
		return NB_ERR_FIRMWARE;
	if (claimed && entry->rest.len >= least)
		return NB_OK;
	*fault = (struct nb_fault){
		.kind = claimed ? NB_FAULT_TRUNCATED : NB_FAULT_SHORT,
		.offset =
			entry->rest.offset + !claimed, /* a short one's length is its second byte */
		.got = claimed ? entry->rest.len : entry->length,
		.want = least,
	};
	return NB_ERR_FIRMWARE;
}

/* The next entry of the list, read; false at the end, or at a malformed one. */
static bool next_listed(struct nb_cpu_walk *walk, struct nb_madt_cpu *cpu, uint32_t *type)
{
	struct nb_entry entry;
	struct nb_fault fault;

	while (walk->left && nb_entry_next(&walk->entries, &entry)) {
		if (!on_list(walk->list, entry.type))
			continue;
		walk->left--;
		walk->seen = true;
		walk->offset = entry.rest.offset;
		*type = entry.type;
		if (!read_entry(walk, &entry, cpu, &fault))
			return true;
		walk->broken = true;
		nb_emit(walk->env, .kind = NB_EV_TABLE_FAULT, .id = MADT_TAG,
			.why = fault.kind == NB_FAULT_SHORT ? NB_WHY_SHORT : NB_WHY_TRUNCATED,
			.got = fault.got, .limit = fault.want, .more = { fault.offset });
		walk->left = 0;
	}
	return false;
}

bool nb_cpu_next(struct nb_cpu_walk *walk, struct nb_madt_cpu *cpu)
{
	uint32_t type;

	do {
		while (next_listed(walk, cpu, &type))
			if (counts(walk, type, cpu))
				return true;
	} while (turn_to_lapics(walk));
	return false;
}
