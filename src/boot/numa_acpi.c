/* SPDX-License-Identifier: MIT */
/*
 * numa_acpi: what the ACPI tables say of nodes.
 *
 *   SRAT  pass 1: processors and generic initiators, in the table's order
 *         pass 2: memory
 *   SLIT  distances, by proximity domain
 *   CEDT  windows of CXL memory that the SRAT does not list
 *
 * A proximity domain gets the lowest free node number when it is first met. A
 * table that is rejected half-way leaves the numbers that it took.
 *
 * Source: Linux 6.12 drivers/acpi/numa/srat.c acpi_numa_init(), arch/x86/mm/srat.c.
 */
#include "boot/numa_build.h"

#include "base/bytes.h"
#include "boot/madt.h"
#include "boot/srat.h"

enum {
	XAPIC_LAST_ID = 0xfe, /* the highest APIC ID outside of x2APIC mode */
	PXM_BYTE = 0xff,      /* what a table of revision 1 has of a PXM */
};

/* What an entry's handler wants of the walk. */
enum walk {
	WALK_ON,
	WALK_STOP,
};

static uint32_t tag(const char *signature)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value |= (uint32_t)(uint8_t)signature[i] << (8 * i);
	return value;
}

static void tell_fault(struct nb_numa_build *b, const char *signature, const struct nb_fault *fault)
{
	if (fault->kind == NB_FAULT_NONE)
		return;
	nb_emit(b->env, .kind = NB_EV_TABLE_FAULT, .id = tag(signature),
		.why = fault->kind == NB_FAULT_SHORT ? NB_WHY_SHORT : NB_WHY_TRUNCATED,
		.got = fault->got, .limit = fault->want, .more = { fault->offset });
}

static uint32_t length_wanted(const struct nb_numa_build *b, const struct nb_entry *entry)
{
	return nb_srat_length_wanted(entry, b->env->rules->srat_memory_exact);
}

/* An entry that cannot be used: all of the table goes, unless it is left out. */
static void reject_srat(struct nb_numa_build *b, enum nb_why why, const struct nb_entry *entry)
{
	if (nb_mend_entry(b, why, entry))
		return;
	b->srat_off = true;
	nb_emit(b->env, .kind = NB_EV_SRAT_REJECTED, .why = why, .more = { entry->bytes.offset });
}

static uint32_t most_pxms(const struct nb_numa_build *b)
{
	return (uint32_t)nb_max(256, b->env->config->max_nodes);
}

/* A flag of the event: a domain is refused though it is one that is mapped. */
enum { NO_NUMBER = 2 };

static uint32_t no_number(const struct nb_numa_build *b, uint32_t pxm)
{
	return pxm < most_pxms(b) ? NO_NUMBER : 0;
}

/* The node of a proximity domain, which gets one now if it has none; NB_NO_NODE
 * if it is out of range or no number is left.
 * Linux 6.12 drivers/acpi/numa/srat.c acpi_map_pxm_to_node(). */
static int32_t number_pxm(struct nb_numa_build *b, uint32_t pxm)
{
	struct nb_numa *numa = b->numa;
	int32_t nid;

	if (pxm >= most_pxms(b) || pxm >= NB_MAX_PXMS)
		return NB_NO_NODE;
	if (numa->pxm_node[pxm] != NB_NO_NODE)
		return numa->pxm_node[pxm];

	nid = nb_nodes_next_gap(&numa->numbered, 0);
	if (nid < 0 || (uint32_t)nid >= b->env->config->max_nodes)
		return NB_NO_NODE;
	if ((uint32_t)nid >= numa->nodes) {
		b->err = NB_ERR_FULL;
		return NB_NO_NODE;
	}
	numa->pxm_node[pxm] = (int16_t)nid;
	numa->node_pxm[nid] = (int32_t)pxm;
	nb_nodes_add(&numa->numbered, nid);
	nb_emit(b->env, .kind = NB_EV_PXM_NUMBERED, .id = pxm, .nid = nid);
	return nid;
}

static void name_of_cpu(struct nb_numa *numa, int32_t nid)
{
	nb_nodes_add(&numa->parsed, nid);
	nb_nodes_add(&numa->of_cpus, nid);
}

/* An entry that reaches beyond the table: Linux reads what lies there, which is as zeros
 * here, unless it is left out. */
static bool left_out(struct nb_numa_build *b, const struct nb_entry *entry,
		     const struct nb_fault *fault)
{
	if (fault->kind != NB_FAULT_NONE && nb_mend_entry(b, NB_WHY_SHORT, entry))
		return true;
	tell_fault(b, "SRAT", fault);
	return false;
}

/* A processor of either form whose entry has a right length.
 * Linux 6.12 arch/x86/mm/srat.c acpi_numa_processor_affinity_init() and its twin. */
static void take_cpu(struct nb_numa_build *b, const struct nb_srat_cpu *cpu,
		     const struct nb_entry *entry)
{
	bool is_x2apic = entry->type == NB_SRAT_X2APIC;
	uint32_t pxm = cpu->pxm_low;
	int32_t nid;

	if (!is_x2apic && b->srat_revision >= 2)
		pxm |= cpu->pxm_high;
	if (!(cpu->flags & NB_SRAT_ENABLED)) {
		nb_emit(b->env, .kind = NB_EV_SRAT_SKIPPED, .why = NB_WHY_DISABLED,
			.id = is_x2apic ? NB_SRAT_X2APIC : NB_SRAT_LAPIC, .got = pxm,
			.limit = cpu->apic_id, .more = { entry->bytes.offset });
		return;
	}
	if (is_x2apic && !nb_x2apic_mode(&b->fw->facts, b->params) &&
	    cpu->apic_id > XAPIC_LAST_ID) {
		nb_emit(b->env, .kind = NB_EV_SRAT_X2APIC_IGNORED, .id = cpu->apic_id, .got = pxm,
			.more = { entry->bytes.offset });
		return;
	}
	nid = number_pxm(b, pxm);
	if (nid == NB_NO_NODE) {
		nb_emit(b->env, .kind = NB_EV_PXM_REFUSED, .id = pxm, .limit = most_pxms(b),
			.flags = no_number(b, pxm), .more = { entry->bytes.offset });
		reject_srat(b, NB_WHY_PXM_RANGE, entry);
		return;
	}
	if (cpu->apic_id >= NB_MAX_APIC_IDS) {
		nb_emit(b->env, .kind = NB_EV_SRAT_APIC_TOO_BIG, .id = cpu->apic_id, .got = pxm,
			.nid = nid, .limit = NB_MAX_APIC_IDS, .flags = cpu->apic_id > INT32_MAX,
			.more = { entry->bytes.offset });
		if (cpu->apic_id > INT32_MAX) /* negative, so not too big to Linux */
			name_of_cpu(b->numa, nid);
		return;
	}
	if (cpu->apic_id < b->numa->apic_ids)
		b->numa->apic_node[cpu->apic_id] = (int16_t)nid;
	else
		b->err = NB_ERR_FULL;
	name_of_cpu(b->numa, nid);
	nb_emit(b->env, .kind = NB_EV_SRAT_CPU, .id = cpu->apic_id, .nid = nid, .got = pxm,
		.flags = is_x2apic, .more = { entry->bytes.offset });
}

static void take_cpu_entry(struct nb_numa_build *b, const struct nb_entry *entry)
{
	uint32_t want = length_wanted(b, entry);
	struct nb_srat_cpu cpu;
	struct nb_fault fault;

	if (b->srat_off)
		return;
	if (want) {
		nb_emit(b->env, .kind = NB_EV_SRAT_ENTRY_LENGTH, .got = entry->length,
			.limit = want, .id = entry->type, .more = { entry->bytes.offset });
		reject_srat(b, NB_WHY_ENTRY_LENGTH, entry);
		return;
	}
	if (entry->type == NB_SRAT_X2APIC)
		nb_srat_x2apic(entry, &cpu, &fault);
	else
		nb_srat_lapic(entry, &cpu, &fault);
	if (!left_out(b, entry, &fault))
		take_cpu(b, &cpu, entry);
}

/* A generic initiator. It does not ask if the SRAT was rejected, and what it
 * marks stays. Linux 6.12 drivers/acpi/numa/srat.c acpi_parse_gi_affinity(). */
static enum walk take_initiator(struct nb_numa_build *b, const struct nb_entry *entry)
{
	struct nb_srat_initiator initiator;
	struct nb_fault fault;
	int32_t nid;

	nb_srat_initiator(entry, &initiator, &fault);
	if (left_out(b, entry, &fault))
		return WALK_ON;
	if (!(initiator.flags & NB_SRAT_ENABLED)) {
		if (nb_mend_entry(b, NB_WHY_DISABLED, entry))
			return WALK_ON;
		nb_emit(b->env, .kind = NB_EV_SRAT_STOPPED, .more = { entry->bytes.offset });
		return WALK_STOP;
	}
	nid = number_pxm(b, initiator.pxm);
	if (nid == NB_NO_NODE) {
		nb_emit(b->env, .kind = NB_EV_PXM_REFUSED, .id = initiator.pxm,
			.limit = most_pxms(b), .flags = 1 | no_number(b, initiator.pxm),
			.more = { entry->bytes.offset });
		return nb_mend_entry(b, NB_WHY_PXM_RANGE, entry) ? WALK_ON : WALK_STOP;
	}
	nb_nodes_add(&b->numa->parsed, nid);
	nb_nodes_add(&b->numa->initiator, nid);
	nb_emit(b->env, .kind = NB_EV_SRAT_INITIATOR, .id = initiator.pxm, .nid = nid,
		.more = { entry->bytes.offset });
	return WALK_ON;
}

/* Marks memory that the SRAT calls hot-pluggable. Linux does it while it reads the
 * table, and takes it back where the table is rejected. */
static enum nb_err mark_hotplug(struct nb_numa_build *b, const struct nb_srat_memory *memory)
{
	struct nb_range range = {
		memory->base,
		memory->base + nb_min(memory->size, UINT64_MAX - memory->base),
	};

	if (!(memory->flags & NB_SRAT_HOTPLUG) || range.start >= range.end)
		return NB_OK;
	return nb_numa_set_hotplug(b, range, true);
}

/* Why an entry of memory says nothing of nodes; NB_WHY_NONE if it does. */
static enum nb_why why_skipped(const struct nb_numa_build *b, const struct nb_srat_memory *memory)
{
	if (!(memory->flags & NB_SRAT_ENABLED))
		return NB_WHY_DISABLED;
	if ((memory->flags & NB_SRAT_HOTPLUG) && !b->env->config->memory_hotplug &&
	    b->env->rules->srat_skips_hotplug)
		return NB_WHY_NO_HOTPLUG;
	return NB_WHY_NONE;
}

/* Linux 6.12 drivers/acpi/numa/srat.c acpi_parse_memory_affinity(). */
static void take_memory(struct nb_numa_build *b, const struct nb_entry *entry)
{
	uint32_t want = length_wanted(b, entry);
	struct nb_srat_memory memory;
	struct nb_range range;
	struct nb_fault fault;
	enum nb_why why;
	int32_t nid;

	if (b->srat_off)
		return;
	if (want) {
		nb_emit(b->env, .kind = NB_EV_SRAT_ENTRY_LENGTH, .got = entry->length,
			.limit = want, .id = entry->type, .more = { entry->bytes.offset });
		reject_srat(b, NB_WHY_ENTRY_LENGTH, entry);
		return;
	}
	nb_srat_memory(entry, &memory, &fault);
	if (left_out(b, entry, &fault))
		return;
	if (b->srat_revision <= 1)
		memory.pxm &= PXM_BYTE;
	range = (struct nb_range){ memory.base, memory.base + memory.size };
	why = why_skipped(b, &memory);
	if (why != NB_WHY_NONE) {
		nb_emit(b->env, .kind = NB_EV_SRAT_SKIPPED, .why = why, .id = NB_SRAT_MEMORY,
			.got = memory.pxm, .range = range, .more = { entry->bytes.offset });
		return;
	}
	if (!b->env->config->memory_hotplug)
		memory.flags &= ~(uint32_t)NB_SRAT_HOTPLUG;
	if (range.start > range.end && nb_mend_entry(b, NB_WHY_WRAPS, entry))
		return;

	nid = number_pxm(b, memory.pxm);
	if (nid == NB_NO_NODE) {
		nb_emit(b->env, .kind = NB_EV_PXM_REFUSED, .id = memory.pxm, .limit = most_pxms(b),
			.flags = 1 | no_number(b, memory.pxm), .more = { entry->bytes.offset });
		reject_srat(b, NB_WHY_PXM_RANGE, entry);
		return;
	}
	if (!nb_blocks_add(b, (struct nb_block){ range, nid }, 1)) {
		reject_srat(b, NB_WHY_TOO_MANY, entry);
		return;
	}
	nb_nodes_add(&b->numa->parsed, nid);
	nb_emit(b->env, .kind = NB_EV_SRAT_MEMORY, .nid = nid, .id = memory.pxm, .range = range,
		.flags = memory.flags, .more = { entry->bytes.offset });
	if (!b->err)
		b->err = mark_hotplug(b, &memory);
	b->numa->max_possible =
		nb_max(b->numa->max_possible, nb_pfn_phys(nb_pfn_up(range.end - 1)));
	b->memory_entries++;
}

/* What a walk over the SRAT looks for, as the type that its complaints name. */
enum pass {
	PASS_CPUS = NB_SRAT_LAPIC, /* and generic initiators, where the line knows them */
	PASS_MEMORY = NB_SRAT_MEMORY,
	PASS_X2APIC = NB_SRAT_X2APIC,
};

/* Whether a pass hands an entry of this type to a handler. */
static bool is_for(const struct nb_numa_build *b, enum pass pass, uint32_t type)
{
	const struct nb_rules *rules = b->env->rules;

	if (pass != PASS_CPUS)
		return type == (uint32_t)pass;
	return type == NB_SRAT_LAPIC || (type == NB_SRAT_X2APIC && !rules->srat_x2apic_first) ||
	       (type == NB_SRAT_INITIATOR && rules->srat_initiators);
}

static enum walk take_entry(struct nb_numa_build *b, const struct nb_entry *entry)
{
	switch (entry->type) {
	case NB_SRAT_MEMORY:
		take_memory(b, entry);
		return WALK_ON;
	case NB_SRAT_INITIATOR:
		return take_initiator(b, entry);
	default:
		take_cpu_entry(b, entry);
		return WALK_ON;
	}
}

/* Tells of entries that no pass takes, once. */
static void tell_unknown(struct nb_numa_build *b, enum pass pass, const struct nb_entry *entry)
{
	if (pass != PASS_MEMORY || entry->type == NB_SRAT_LAPIC || entry->type == NB_SRAT_X2APIC ||
	    (entry->type == NB_SRAT_INITIATOR && b->env->rules->srat_initiators))
		return;
	nb_emit(b->env, .kind = NB_EV_SRAT_UNKNOWN_ENTRY, .id = entry->type,
		.more = { entry->bytes.offset });
}

/* One walk over the SRAT; false if an entry of length zero ended it. */
static bool walk_srat(struct nb_numa_build *b, const struct nb_table *srat, enum pass pass)
{
	struct nb_entry_walk walk = nb_entries(srat, NB_ENTRY_COMMON, NB_SRAT_ENTRIES);
	uint32_t most = 2 * b->env->config->max_nodes, count = 0;
	bool capped = pass == PASS_MEMORY && b->env->rules->srat_memory_capped;
	struct nb_entry entry;

	while (!b->err && nb_entry_next(&walk, &entry)) {
		bool wanted = is_for(b, pass, entry.type);

		nb_mend_length(b, &walk, &entry, length_wanted(b, &entry), wanted);
		if (!wanted)
			tell_unknown(b, pass, &entry);
		else if (count++ >= most && capped)
			continue;
		else if (take_entry(b, &entry) == WALK_STOP)
			return true;
	}
	if (walk.fault.kind == NB_FAULT_ZERO_LENGTH) {
		nb_emit(b->env, .kind = NB_EV_SRAT_ZERO_LENGTH, .id = (uint32_t)pass,
			.more = { walk.fault.offset });
		return false;
	}
	if (capped && count > most)
		nb_emit(b->env, .kind = NB_EV_SRAT_MEMORY_CAPPED, .got = count, .limit = most,
			.more = { count - most });
	return true;
}

/* Whether the SRAT's memory was read to its end. */
static bool read_srat(struct nb_numa_build *b, const struct nb_table *srat)
{
	struct nb_acpi_header header;
	struct nb_fault fault;

	if (nb_acpi_header(srat, &header, &fault)) {
		tell_fault(b, "SRAT", &fault);
		return true; /* the kernel found the table, and no entry in it */
	}
	b->srat_revision = header.revision;
	if (b->env->rules->srat_x2apic_first)
		walk_srat(b, srat, PASS_X2APIC);
	walk_srat(b, srat, PASS_CPUS);
	return walk_srat(b, srat, PASS_MEMORY);
}

/*
 * Whether each locality is 10 from itself and more from all others. Linux reads
 * on where the count lies; what it would find there is taken for invalid. Here
 * alone it takes the count for an int, and finds no fault where that is negative.
 * Linux 6.12 drivers/acpi/numa/srat.c slit_valid().
 */
static bool slit_valid(struct nb_numa_build *b, const struct nb_slit *slit)
{
	uint32_t count = (uint32_t)slit->count;

	if (count > INT32_MAX)
		return true;
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t j = 0; j < count; j++) {
			uint64_t at = (uint64_t)i * count + j;
			uint8_t value = nb_u8(slit->matrix, (size_t)at);

			if (i == j ? value == NB_LOCAL_DISTANCE : value > NB_LOCAL_DISTANCE)
				continue;
			nb_emit(b->env, .kind = NB_EV_SLIT_INVALID, .nid = (int32_t)i,
				.other_nid = (int32_t)j, .got = value,
				.more = { (uint32_t)(slit->matrix.offset + at) });
			return false;
		}
	}
	return true;
}

/*
 * Whether the table has a distance. Beyond it, which a valid count reaches only if
 * the check of it was fooled, the kernel reads what is not mapped.
 */
static bool slit_is_there(struct nb_numa_build *b, const struct nb_slit *slit, uint64_t at)
{
	if (at < slit->matrix.len)
		return true;
	nb_emit(b->env, .kind = NB_EV_DIES, .id = NB_NUMA, .why = NB_WHY_DIES_SLIT_SIZE);
	b->err = NB_ERR_DIES;
	return false;
}

/* Linux 6.12 drivers/acpi/numa/srat.c acpi_parse_slit(). */
static void read_slit(struct nb_numa_build *b, const struct nb_table *table)
{
	const int16_t *node = b->numa->pxm_node;
	struct nb_slit slit = { 0 };
	struct nb_fault fault = { 0 };

	if (nb_slit(table, &slit, &fault)) {
		tell_fault(b, "SLIT", &fault);
		if (nb_mend_slit(b, &fault))
			return;
	}
	if (!nb_mend_distances(b) && !slit_valid(b, &slit))
		return;
	for (uint32_t i = 0; i < slit.count && i < NB_MAX_PXMS; i++) {
		for (uint32_t j = 0; j < slit.count && j < NB_MAX_PXMS && !b->err; j++) {
			uint8_t distance = nb_mend_distance(b, &slit, i, j);

			if (node[i] == NB_NO_NODE || node[j] == NB_NO_NODE)
				continue;
			if (slit_is_there(b, &slit, i * slit.count + j))
				nb_distance_set(b, node[i], node[j], distance);
		}
	}
}

/* The PXM above all that were met: windows count up from it. */
static uint32_t next_pxm(const struct nb_numa *numa)
{
	int32_t last = -1;

	nb_for_each_node (nid, &numa->numbered)
		if (numa->node_pxm[nid] > last)
			last = numa->node_pxm[nid];
	return (uint32_t)(last + 1);
}

/* One window; false if no number is left for its node.
 * Linux 6.12 drivers/acpi/numa/srat.c acpi_parse_cfmws(). */
static bool take_window(struct nb_numa_build *b, struct nb_range window, uint32_t offset,
			uint32_t *pxm)
{
	int32_t nid;

	if (nb_blocks_fill(b, window)) {
		nb_emit(b->env, .kind = NB_EV_WINDOW_FILLED, .range = window, .more = { offset });
		return true;
	}
	nid = number_pxm(b, *pxm);
	if (nid == NB_NO_NODE) {
		nb_emit(b->env, .kind = NB_EV_WINDOW_FULL, .range = window, .more = { offset });
		return false;
	}
	if (b->env->rules->cxl_windows == NB_CXL_ASIDE)
		nb_blocks_set_aside(b, (struct nb_block){ window, nid }, NB_WHY_WINDOW);
	else
		nb_blocks_add(b, (struct nb_block){ window, nid }, 2);
	nb_nodes_add(&b->numa->parsed, nid);
	nb_emit(b->env, .kind = NB_EV_WINDOW_NODE, .range = window, .id = *pxm, .nid = nid,
		.more = { offset });
	(*pxm)++;
	return true;
}

static void read_windows(struct nb_numa_build *b, const struct nb_table *cedt)
{
	struct nb_entry_walk walk = nb_entries(cedt, NB_ENTRY_CEDT, NB_CEDT_ENTRIES);
	uint32_t pxm = next_pxm(b->numa);
	struct nb_entry entry;

	while (!b->err && nb_entry_next(&walk, &entry)) {
		struct nb_cedt_window window;
		struct nb_fault fault;

		if (entry.type != NB_CEDT_CFMWS)
			continue;
		nb_cedt_window(&entry, &window, &fault);
		tell_fault(b, "CEDT", &fault);
		if (!take_window(b, (struct nb_range){ window.base, window.base + window.size },
				 entry.bytes.offset, &pxm))
			break;
	}
}

static enum nb_verdict no_nodes(struct nb_numa_build *b, enum nb_why why)
{
	nb_emit(b->env, .kind = NB_EV_SRAT_NO_MEMORY, .why = why);
	return NB_REJECTED;
}

enum nb_verdict nb_numa_from_acpi(struct nb_numa_build *b)
{
	const struct nb_table *srat = nb_firmware_table(b->fw, "SRAT");
	const struct nb_table *slit = nb_firmware_table(b->fw, "SLIT");
	const struct nb_table *cedt = nb_firmware_table(b->fw, "CEDT");
	const struct nb_madt madt = nb_madt_find(b->fw, b->params);
	bool whole = true;

	if (!madt.acpi) {
		tell_fault(b, "APIC", &madt.fault);
		return no_nodes(b, b->params->acpi_off                ? NB_WHY_OFF
				   : madt.fault.kind == NB_FAULT_NONE ? NB_WHY_ABSENT
								      : NB_WHY_MALFORMED);
	}
	if (srat)
		whole = read_srat(b, srat);
	if (slit && !b->err)
		read_slit(b, slit);
	if (cedt && !b->err && b->env->config->cxl && b->env->rules->cxl_windows != NB_CXL_UNREAD)
		read_windows(b, cedt);

	if (!whole && !nb_mend_end(b))
		return no_nodes(b, NB_WHY_ENTRY_LENGTH);
	if (!b->memory_entries && !b->srat_off)
		return no_nodes(b, srat ? NB_WHY_NO_MEMORY_ENTRY : NB_WHY_ABSENT);
	return b->srat_off ? NB_REJECTED : NB_ACCEPTED;
}
