/* SPDX-License-Identifier: MIT */
/*
 * bootlog_tables: ACPI tables made from a log.
 *
 *	SRAT	its CPU lines in their order, then its memory lines in theirs, and at
 *		its end what it was refused for; if it has its CPUs, generic initiators
 *		of nodes that nothing else names
 *	MADT	LAPIC lines where a kernel printed them; else as many CPUs as the log
 *		counts, with the APIC IDs of the SRAT's lines in their order; then
 *		those that it ignored
 *	SLIT	only that there is one, and whether it was refused
 *
 * Layouts: ACPI 6.5 5.2.12, 5.2.16, 5.2.17.
 */
#include "bootlog_tables.h"
#include "maker.h"

#include "bootlog_machine.h"

#include <numaboot/acpi.h>
#include <string.h>

enum {
	LAPIC_CPU = 16, /* lengths of SRAT entries */
	X2APIC_CPU = 24,
	MEMORY = 40,
	INITIATOR = 32,
	LAPIC = 8, /* lengths of MADT entries */
	X2APIC = 16,
	IOAPIC = 12,
	FADT = 276,
	CPUS_MOST = NB_MAX_CPUS,
	LOCAL = 10, /* distances: ACPI 6.5 5.2.17, and what Linux takes without a SLIT */
	REMOTE = 20,
};

/* Whether the log lists a table, and where that is: "ACPI: SRAT 0x7FFE 0000C0". */
static bool listed(const struct boot_log *log, const char *signature, nb_phys *address)
{
	char start[] = "ACPI: XXXX ";
	struct nb_text line;
	uint64_t number = 0;
	char hex[20] = "0x";

	memcpy(start + 6, signature, 4);
	line = boot_log_line(log, start);
	if (!line.at)
		return false;
	line = text_from(line, strlen(start));
	text_skip(&line, "0x");
	for (size_t i = 0; i < 16 && i < line.len && line.at[i] != ' '; i++) {
		hex[2 + i] = line.at[i];
		hex[3 + i] = '\0';
	}
	*address = text_u64(text_of(hex), &number) ? number : 0;
	return true;
}

static void put_srat_cpu(struct maker *maker, const struct log_cpu *cpu)
{
	if (!cpu->x2apic) {
		maker_put(maker, NB_SRAT_LAPIC, 1);
		maker_put(maker, LAPIC_CPU, 1);
		maker_put(maker, cpu->pxm, 1);
		maker_put(maker, cpu->apic_id, 1);
		maker_put(maker, NB_SRAT_ENABLED, 4);
		maker_put(maker, 0, 1);
		maker_put(maker, cpu->pxm >> 8, 3);
		maker_put(maker, 0, 4);
	} else {
		maker_put(maker, NB_SRAT_X2APIC, 1);
		maker_put(maker, X2APIC_CPU, 1);
		maker_put(maker, 0, 2);
		maker_put(maker, cpu->pxm, 4);
		maker_put(maker, cpu->apic_id, 4);
		maker_put(maker, NB_SRAT_ENABLED, 4);
		maker_put(maker, 0, 8);
	}
}

static void put_memory(struct maker *maker, const struct log_memory *memory)
{
	maker_put(maker, NB_SRAT_MEMORY, 1);
	maker_put(maker, MEMORY, 1);
	maker_put(maker, memory->pxm, 4);
	maker_put(maker, 0, 2);
	maker_put(maker, memory->start, 8);
	maker_put(maker, memory->last + 1 - memory->start,
		  8); /* an empty one ends before it starts */
	maker_put(maker, 0, 4);
	maker_put(maker, memory->flags, 4);
	maker_put(maker, 0, 8);
}

static void put_initiator(struct maker *maker, uint32_t pxm)
{
	maker_put(maker, NB_SRAT_INITIATOR, 1);
	maker_put(maker, INITIATOR, 1);
	maker_put(maker, 0, 2);
	maker_put(maker, pxm, 4);
	maker_put(maker, 0, 8);
	maker_put(maker, 0, 8);
	maker_put(maker, NB_SRAT_ENABLED, 4);
	maker_put(maker, 0, 4);
}

/* The entry that a SRAT was refused for, or that ended it: its type, which nobody
 * reads where it was not refused, a length that is none of that type's, and bytes
 * enough to look at it. */
static void put_refused(struct maker *maker, const struct log_machine *m)
{
	uint32_t length = LAPIC_CPU - 1, type = NB_SRAT_LAPIC;

	if (m->refusal == REFUSAL_NONE && !m->has_zero)
		return;
	if (m->refusal == REFUSAL_CPU_PXM) {
		put_srat_cpu(maker, &(struct log_cpu){ .pxm = m->refused_pxm, .x2apic = true });
		return;
	}
	if (m->refusal == REFUSAL_MEMORY_PXM) {
		put_memory(maker, &(struct log_memory){ .pxm = UINT32_MAX,
							.flags = NB_SRAT_ENABLED,
							.last = UINT16_MAX });
		return;
	}
	if (m->refusal == REFUSAL_NONE)
		type = UINT8_MAX;
	if (m->refusal == REFUSAL_MEMORY) {
		type = NB_SRAT_MEMORY;
		length = m->memory_length;
	}
	if (m->has_zero)
		length = 0;
	maker_put(maker, type, 1);
	maker_put(maker, length, 1);
	maker_put(maker, 0, 2);
	for (uint32_t i = 4; i < (length ? length : MEMORY); i++)
		maker_put(maker, 0, 1);
}

static void make_srat(struct source *source, const struct log_machine *m, nb_phys address)
{
	size_t most = 12 + (size_t)m->srat_count * X2APIC_CPU + (size_t)m->memory_count * MEMORY +
		      (size_t)m->memoryless * INITIATOR + UINT8_MAX;
	struct maker maker = maker_begin(&source->pool, "SRAT", 3, most);

	maker_put(&maker, 1, 4);
	maker_put(&maker, 0, 8);
	for (uint32_t i = 0; i < m->srat_count; i++)
		put_srat_cpu(&maker, &m->srat[i]);
	for (uint32_t nid = 0; nid < m->node_end && m->placed; nid++)
		if (m->nodes[nid].is_memoryless)
			put_initiator(&maker, m->nodes[nid].pxm);
	for (uint32_t i = 0; i < m->memory_count; i++)
		put_memory(&maker, &m->memory[i]);
	put_refused(&maker, m);
	maker_finish(source, &maker, address);
}

/* Whether one of the CPUs has an APIC ID. */
static bool in_use(const struct log_cpu *cpus, uint32_t count, uint32_t apic_id)
{
	for (uint32_t i = 0; i < count; i++)
		if (cpus[i].apic_id == apic_id)
			return true;
	return false;
}

/* CPUs of a MADT that no line shows: as the SRAT lists them, then new ids. */
static void make_up_madt(struct log_machine *m, struct pool *pool)
{
	uint32_t all = m->counted ? m->present + m->later : m->placed ? m->placed : 1;
	uint32_t next = 0, srat = 0;

	if (all > CPUS_MOST)
		all = CPUS_MOST;
	m->madt = (struct log_cpu *)pool_take(pool, (all + m->extra_count + 1) * sizeof(*m->madt));
	for (uint32_t i = 0; i < all; i++) {
		struct log_cpu *cpu = &m->madt[m->madt_count++];

		while (srat < m->srat_count && m->srat[srat].ignored)
			srat++;
		cpu->disabled = m->counted && i >= m->present;
		if (srat < m->srat_count) {
			cpu->apic_id = m->srat[srat++].apic_id;
			continue;
		}
		while (in_use(m->srat, m->srat_count, next) ||
		       in_use(m->extra, m->extra_count, next))
			next++;
		cpu->apic_id = next++;
	}
}

/* CPUs of a MADT that no line shows, and that the kernel did not take. */
static void add_extra(struct log_machine *m)
{
	for (uint32_t i = 0; i < m->extra_count; i++)
		m->madt[m->madt_count++] = m->extra[i];
}

static void add_srat_cpu(struct log_machine *m, uint32_t apic_id, uint32_t nid)
{
	m->srat[m->srat_count++] = (struct log_cpu){
		.apic_id = apic_id,
		.pxm = m->nodes[nid].pxm,
		.x2apic = apic_id >= XAPIC_END,
	};
}

/* Whether a line of the SRAT ties a PXM to a node. */
static bool is_taken(const struct log_machine *m, uint32_t pxm)
{
	for (uint32_t nid = 0; nid < m->node_end; nid++)
		if (m->nodes[nid].named && !m->nodes[nid].is_memoryless && m->nodes[nid].pxm == pxm)
			return true;
	return false;
}

/* Nodes that no line of the SRAT names get the PXMs that no line has. */
static void name_nodes(struct log_machine *m)
{
	uint32_t unused = 0;

	for (uint32_t nid = 0; nid < m->node_end; nid++) {
		if (m->nodes[nid].named && !m->nodes[nid].is_memoryless)
			continue;
		while (is_taken(m, unused))
			unused++;
		m->nodes[nid].pxm = unused++;
	}
}

static bool has_cpus(const struct log_node *node)
{
	return node->has_memory || node->is_memoryless;
}

/*
 * The CPU entries of a SRAT that prints none: blocks of CPUs for the nodes that have
 * memory, and for those that nothing names: their CPUs do. Nodes come up in the
 * order of their numbers, so that these are the log's; one without CPUs is named by
 * an id that nobody has, or its number would not be taken.
 */
static void make_up_srat_cpus(struct log_machine *m, struct pool *pool)
{
	const struct log_cpu *ignored = m->srat;
	uint32_t ignored_count = m->srat_count, cpus = m->madt_count, nodes = 0, at = 0,
		 free_id = 0;

	for (uint32_t nid = 0; nid < m->node_end; nid++)
		nodes += has_cpus(&m->nodes[nid]);
	m->srat = (struct log_cpu *)pool_take(
		pool, ((size_t)cpus + m->node_end + ignored_count + 1) * sizeof(*m->srat));
	m->srat_count = 0;
	for (uint32_t nid = 0; nid < m->node_end; nid++) {
		bool has = has_cpus(&m->nodes[nid]);
		uint32_t first = has ? at * cpus / nodes : 0;
		uint32_t end = has ? (at + 1) * cpus / nodes : 0;

		at += has;
		for (uint32_t i = first; i < end; i++)
			add_srat_cpu(m, m->madt[i].apic_id, nid);
		while (in_use(m->madt, m->madt_count, free_id))
			free_id++;
		if (first == end)
			add_srat_cpu(m, free_id++, nid);
	}
	for (uint32_t i = 0; i < ignored_count; i++)
		m->srat[m->srat_count++] = ignored[i];
}

/* "IOAPIC[0]: apic_id 0, version 32, ...": one line for each. */
static uint32_t count_io_apics(const struct boot_log *log)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->plain[i];

		count += text_skip(&line, "IOAPIC[");
	}
	return count;
}

static void make_madt(struct source *source, const struct log_machine *m,
		      const struct boot_log *log, nb_phys address)
{
	uint32_t io_apics = count_io_apics(log);
	struct maker maker =
		maker_begin(&source->pool, "APIC", 5,
			    8 + (size_t)m->madt_count * X2APIC + (size_t)io_apics * IOAPIC);

	maker_put(&maker, 0xfee00000, 4);
	maker_put(&maker, 1, 4);
	for (uint32_t i = 0; i < m->madt_count; i++) {
		const struct log_cpu *cpu = &m->madt[i];
		uint32_t flags = cpu->disabled ? NB_MADT_ONLINE_CAPABLE : NB_MADT_ENABLED;

		if (cpu->apic_id < XAPIC_END) {
			maker_put(&maker, NB_MADT_LAPIC, 1);
			maker_put(&maker, LAPIC, 1);
			maker_put(&maker, i, 1);
			maker_put(&maker, cpu->apic_id, 1);
			maker_put(&maker, flags, 4);
		} else {
			maker_put(&maker, NB_MADT_X2APIC, 1);
			maker_put(&maker, X2APIC, 1);
			maker_put(&maker, 0, 2);
			maker_put(&maker, cpu->apic_id, 4);
			maker_put(&maker, flags, 4);
			maker_put(&maker, i, 4);
		}
	}
	for (uint32_t i = 0; i < io_apics; i++) {
		maker_put(&maker, NB_MADT_IOAPIC, 1);
		maker_put(&maker, IOAPIC, 1);
		maker_put(&maker, i, 1);
		maker_put(&maker, 0, 8);
		maker_put(&maker, 0, 1);
	}
	maker_finish(source, &maker, address);
}

/* A FADT of ACPI 6.5: its MADT says which disabled CPUs may come later. */
static void make_fadt(struct source *source, nb_phys address)
{
	struct maker maker = maker_begin(&source->pool, "FACP", 6, FADT);

	maker.at[131] = 5;
	maker.len = FADT;
	maker_finish(source, &maker, address);
}

/* A SLIT of the plainest distances, or one that is refused as the log's was. */
static void make_slit(struct source *source, const struct log_machine *m, nb_phys address,
		      bool refused)
{
	uint32_t count = 1;
	struct maker maker;

	for (uint32_t nid = 0; nid < m->node_end; nid++)
		if (m->nodes[nid].pxm >= count && m->nodes[nid].pxm < NB_MAX_NODES)
			count = m->nodes[nid].pxm + 1;
	maker = maker_begin(&source->pool, "SLIT", 1, 8 + (size_t)count * count);
	maker_put(&maker, count, 8);
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < count; j++)
			maker_put(&maker, i != j || refused ? REMOTE : LOCAL, 1);
	maker_finish(source, &maker, address);
}

/* What the logs of lines tell of, until it was taken out of the kernel. */
static const struct {
	bool cpu_nodes; /* each CPU of the SRAT, up to 6.8: arch/x86/mm/srat.c */
	bool distances; /* that a table of distances was made, where one is needed, up to 6.12:
			 * mm/numa_memblks.c numa_alloc_distance() */
} tells[NB_LINES] = {
	[NB_LINE_3_14] = { true, true },
	[NB_LINE_4_4] = { true, true },
	[NB_LINE_4_9] = { true, true },
	[NB_LINE_5_10] = { true, true },
	[NB_LINE_6_1] = { true, true },
	[NB_LINE_6_12] = { false, true },
	[NB_LINE_7_3] = { false, false },
	[NB_LINE_6_1_I386] = { true, false }, /* of 32 bits there are none */
};

static bool tells_cpu_nodes(const struct source *source)
{
	return tells[source->kernel.line].cpu_nodes;
}

static void learn_of_srat(struct source *source, const struct log_machine *m)
{
	if (m->memory_count)
		source_learn(source, FACT_TABLES, "log, SRAT:");
	if (m->placed || m->node_end < 2 || tells_cpu_nodes(source))
		source_learn(source, FACT_CPU_NODES, "log, SRAT: PXM");
	if (m->memoryless && m->placed)
		source->facts[FACT_INITIATORS] =
			(struct provenance){ ORIGIN_GIVEN, "log, Initmem setup node" };
}

/* Whether no table of distances was made, where that would be told: in a line for
 * debugging. */
static bool is_without_distances(const struct source *source, const struct boot_log *log)
{
	return source->kernel.pick == PICK_SAME && tells[source->kernel.line].distances &&
	       boot_log_line(log, "e820: remove [mem 0xa0000-").at &&
	       !boot_log_line(log, "ACPI: SLIT table looks invalid.").at &&
	       !boot_log_line(log, "NUMA: Initialized distance table").at;
}

/* Distances do not depend on what the log does not hold if there is no SLIT, or
 * none that counts. */
static void add_slit(struct source *source, const struct boot_log *log, const struct log_machine *m)
{
	nb_phys address;
	bool refused = boot_log_line(log, "ACPI: SLIT table looks invalid.").at != NULL;

	if (is_without_distances(source, log))
		refused = true;
	else if (listed(log, "SLIT", &address) &&
		 (m->node_end || boot_log_line(log, "NUMA: Initialized distance table").at))
		make_slit(source, m, address, refused);
	else
		refused = true;
	if (refused)
		source_learn(source, FACT_SLIT, "log");
}

void log_tables_read(struct source *source, const struct boot_log *log)
{
	struct log_machine m = log_machine_read(log, &source->pool);
	nb_phys address;
	bool any = false, is_acpi, is_listed;

	is_acpi = listed(log, "RSDP", &address) || listed(log, "APIC", &address);
	if (!is_acpi && m.counted && boot_log_line(log, "found SMP MP-table").at) {
		make_up_madt(&m, &source->pool); /* what a MP table lists is read from there */
		make_madt(source, &m, log, 0);
	}
	if (!is_acpi) {
		source_learn(source, FACT_SLIT, "log");
		source_learn(source, FACT_CPU_NODES, "log");
		return;
	}
	is_listed = m.madt_count > 0;
	if (is_listed)
		source_learn(source, FACT_MADT, "log, ACPI: LAPIC");
	else
		make_up_madt(&m, &source->pool);
	learn_of_srat(source, &m);
	name_nodes(&m);
	if (!m.placed && m.node_end && !tells_cpu_nodes(source))
		make_up_srat_cpus(&m, &source->pool);
	if (!is_listed)
		add_extra(&m);
	for (uint32_t i = 0; i < m.madt_count; i++)
		any = any || m.madt[i].disabled;
	if (any) {
		listed(log, "FACP", &address);
		make_fadt(source, address);
	}
	if (listed(log, "APIC", &address) || m.madt_count)
		make_madt(source, &m, log, address);
	if ((m.node_end || m.refusal || m.has_zero) &&
	    (listed(log, "SRAT", &address) || m.memory_count))
		make_srat(source, &m, address);
	if (listed(log, "HPET", &address)) { /* that it is there is all that counts */
		struct maker maker = maker_begin(&source->pool, "HPET", 1, 0);

		maker_finish(source, &maker, address);
	}
	add_slit(source, log, &m);
}
