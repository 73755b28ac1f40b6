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

#include <numaboot/acpi.h>
#include <string.h>

enum {
	HEADER = 36,
	LAPIC_CPU = 16, /* lengths of SRAT entries */
	X2APIC_CPU = 24,
	MEMORY = 40,
	INITIATOR = 32,
	LAPIC = 8, /* lengths of MADT entries */
	X2APIC = 16,
	IOAPIC = 12,
	FADT = 276,
	XAPIC_END = 255,
	CPUS_MOST = NB_MAX_CPUS,
	LOCAL = 10, /* distances: ACPI 6.5 5.2.17, and what Linux takes without a SLIT */
	REMOTE = 20,
};

/* A processor as the log has it. */
struct log_cpu {
	uint32_t apic_id, pxm;
	bool x2apic;   /* of the SRAT: an entry of the wide form */
	bool ignored;  /* of the SRAT: an ID that the APICs cannot have */
	bool disabled; /* of the MADT */
};

/* Nodes of the SRAT, by the lines that name them. */
struct log_node {
	uint32_t pxm;
	bool named, has_memory; /* memory: that is there from the start and loses its contents */
	bool is_memoryless;     /* the result alone shows it, and that it has no memory */
};

/* What made a kernel refuse the SRAT, as far as it said. */
enum refusal {
	REFUSAL_NONE,
	REFUSAL_CPU,        /* a processor entry of another length */
	REFUSAL_MEMORY,     /* a memory entry of another length */
	REFUSAL_CPU_PXM,    /* a processor's proximity domain has no place */
	REFUSAL_MEMORY_PXM, /* one of memory has none */
};

struct log_memory {
	uint32_t pxm, flags;
	nb_phys start, last;
};

/* All that a log says of the machine's CPUs and nodes. */
struct log_machine {
	struct log_cpu *srat;  /* CPU lines of the SRAT */
	struct log_cpu *madt;  /* LAPIC lines */
	struct log_cpu *extra; /* CPUs that were there, but more than the kernel takes */
	struct log_memory *memory;
	struct log_node *nodes;
	uint32_t srat_count, madt_count, extra_count, memory_count, node_end;
	uint32_t placed;     /* CPU lines with a node */
	uint32_t memoryless; /* nodes that nothing but the result names */
	enum refusal refusal;
	bool has_zero;           /* an entry of no length ends what is read of the SRAT */
	uint32_t memory_length;  /* REFUSAL_MEMORY: of the entry, 39 where it is not told */
	uint32_t refused_pxm;    /* REFUSAL_CPU_PXM */
	uint32_t present, later; /* CPUs that the log counts: at boot, and to be plugged in */
	uint32_t exceeding;      /* CPUs that were there when maxcpus=0 left one of them */
	bool counted;
	bool refused; /* CPUs that are not there are, if others of their package are */
};

static struct nb_text from(struct nb_text text, size_t skipped)
{
	return (struct nb_text){ text.at + skipped, text.len - skipped };
}

/* Steps over a word and takes the number behind it, which ends with the text or
 * with one of " ,)]-". */
static bool number_after(struct nb_text *line, const char *word, uint64_t *number)
{
	size_t at = text_find(*line, word), len = 0;
	struct nb_text rest;

	if (at == line->len)
		return false;
	rest = from(*line, at + strlen(word));
	while (len < rest.len && !strchr(" ,)]-", rest.at[len]))
		len++;
	if (!text_u64((struct nb_text){ rest.at, len }, number))
		return false;
	*line = from(rest, len);
	return true;
}

static void name_node(struct log_machine *m, uint64_t nid, uint64_t pxm, bool memory)
{
	if (nid >= NB_MAX_NODES)
		return;
	m->nodes[nid].pxm = (uint32_t)pxm;
	m->nodes[nid].named = true;
	m->nodes[nid].has_memory = m->nodes[nid].has_memory || memory;
	if (nid >= m->node_end)
		m->node_end = (uint32_t)nid + 1;
}

/* Whether an APIC ID is printed as an x2APIC entry's, with four digits. */
static bool is_wide(struct nb_text raw)
{
	size_t at = text_find(raw, "APIC 0x"), digits = 0;

	if (at == raw.len)
		return false;
	for (at += strlen("APIC 0x"); at < raw.len && raw.at[at] != ' '; at++)
		digits++;
	return digits >= 4;
}

/* "SRAT: PXM 0 -> APIC 0x00 -> Node 0", or "... -> X2APIC 0x0100 ignored". */
static void see_srat_cpu(struct log_machine *m, struct nb_text line, struct nb_text raw)
{
	uint64_t pxm, apic_id, nid;
	bool ignored = text_find(line, "X2APIC ") < line.len;

	if (!number_after(&line, "PXM ", &pxm) || !number_after(&line, "APIC ", &apic_id))
		return;
	if (ignored)
		nid = NB_MAX_NODES;
	else if (!number_after(&line, "Node ", &nid))
		return;
	name_node(m, nid, pxm, false);
	m->srat[m->srat_count++] = (struct log_cpu){
		.apic_id = (uint32_t)apic_id,
		.pxm = (uint32_t)pxm,
		.x2apic = ignored || is_wide(raw) || apic_id >= XAPIC_END,
		.ignored = ignored,
	};
	m->placed += !ignored;
}

/* "ACPI: SRAT: Node 0 PXM 0 [mem 0x100000-0xbfffffff] hotplug". */
static void see_memory(struct log_machine *m, struct nb_text line)
{
	struct log_memory memory = { .flags = NB_SRAT_ENABLED };
	uint64_t nid, pxm;

	if (!number_after(&line, "Node ", &nid) || !number_after(&line, "PXM ", &pxm) ||
	    !number_after(&line, "[mem ", &memory.start) || !number_after(&line, "-", &memory.last))
		return;
	memory.pxm = (uint32_t)pxm;
	if (text_find(line, " hotplug") < line.len)
		memory.flags |= NB_SRAT_HOTPLUG;
	if (text_find(line, " non-volatile") < line.len)
		memory.flags |= NB_SRAT_NONVOLATILE;
	name_node(m, nid, pxm, !(memory.flags & (NB_SRAT_HOTPLUG | NB_SRAT_NONVOLATILE)));
	m->memory[m->memory_count++] = memory;
}

/* "ACPI: SRAT: SRAT not used.", "ACPI: SRAT: Unexpected header length: 39", "[SRAT:0x00]
 * Invalid zero length". What stands in the log before it is what was read. */
static void see_refusal(struct log_machine *m, struct nb_text line)
{
	uint64_t length;

	if (text_find(line, "Invalid zero length") < line.len) {
		m->has_zero = true;
	} else if (number_after(&line, "header length: ", &length) && length <= UINT8_MAX) {
		m->refusal = REFUSAL_MEMORY;
		m->memory_length = (uint32_t)length;
	} else if (m->refusal == REFUSAL_NONE) {
		m->refusal = m->memory_count ? REFUSAL_MEMORY : REFUSAL_CPU;
		m->memory_length = MEMORY - 1;
	}
}

/* "SRAT: Too many proximity domains 11170", in hexadecimal digits, is of a processor;
 * "SRAT: Too many proximity domains." of memory. */
static void see_refused_pxm(struct log_machine *m, struct nb_text line)
{
	size_t first = text_find(line, "domains ");
	uint64_t pxm = 0;

	m->refusal = first < line.len ? REFUSAL_CPU_PXM : REFUSAL_MEMORY_PXM;
	for (size_t i = first + strlen("domains "); i < line.len; i++) {
		const char *digit = strchr("0123456789ABCDEF", line.at[i]);

		if (!digit || !*digit || pxm > UINT32_MAX / 16)
			break;
		pxm = 16 * pxm + (uint64_t)(digit - "0123456789ABCDEF");
	}
	m->refused_pxm = (uint32_t)pxm;
}

/* A node without memory, as the result shows it: what made it is not in the log
 * where no line of the SRAT names it. */
static void see_memoryless(struct log_machine *m, struct nb_text line)
{
	uint64_t nid;

	if (!number_after(&line, "node ", &nid) || nid >= NB_MAX_NODES || m->nodes[nid].named)
		return;
	m->nodes[nid].named = m->nodes[nid].is_memoryless = true;
	m->memoryless++;
	if (nid >= m->node_end)
		m->node_end = (uint32_t)nid + 1;
}

/* "... limit of 2 reached. Processor 2/0x2 ignored." or, of an ID that needs the
 * x2APIC mode, "ACPI: x2apic entry ignored", which does not say which. */
static void see_ignored(struct log_machine *m, struct nb_text line)
{
	uint64_t apic_id = XAPIC_END + m->extra_count;
	size_t at = text_find(line, "Processor ");

	if (at < line.len) {
		line = from(line, at);
		if (!number_after(&line, "/", &apic_id) || apic_id >= NB_MAX_APIC_IDS)
			return;
	}
	m->extra[m->extra_count++] = (struct log_cpu){ .apic_id = (uint32_t)apic_id };
}

/* "ACPI: LAPIC (acpi_id[0x00] lapic_id[0x00] enabled)", or an x2APIC's. Older
 * kernels list them twice or for CPUs that nobody has: those count as they are. */
static void see_lapic(struct log_machine *m, struct nb_text line)
{
	struct nb_text rest = line;
	uint64_t apic_id;

	if (!number_after(&rest, "lapic_id[", &apic_id) &&
	    !number_after(&rest, "apic_id[", &apic_id))
		return;
	m->madt[m->madt_count++] = (struct log_cpu){
		.apic_id = (uint32_t)apic_id,
		.disabled = text_find(line, "disabled") < line.len,
	};
}

/* "smpboot: 6 Processors exceeds max_cpus limit of 0" */
static void see_exceeding(struct log_machine *m, struct nb_text line)
{
	uint64_t there;

	if (text_find(line, " exceeds max_cpus limit of ") < line.len &&
	    number_after(&line, "smpboot: ", &there) && there < CPUS_MOST)
		m->exceeding = (uint32_t)there;
}

/* "CPU topo: Allowing 4 present CPUs plus 2 hotplug CPUs": so in plain words. */
static void see_count(struct log_machine *m, struct nb_text line)
{
	uint64_t present, later;

	if (!number_after(&line, "Allowing ", &present) || !number_after(&line, "plus ", &later))
		return;
	present = present > m->exceeding ? present : m->exceeding;
	m->present = (uint32_t)(present < CPUS_MOST ? present : CPUS_MOST);
	m->later += (uint32_t)(later < CPUS_MOST ? later : CPUS_MOST);
	m->counted = true;
}

static bool begins(struct nb_text line, const char *start)
{
	return text_skip(&line, start);
}

static void see(struct log_machine *m, struct nb_text line, struct nb_text raw)
{
	uint64_t rejected;

	if (begins(line, "SRAT: PXM "))
		see_srat_cpu(m, line, raw);
	else if (begins(line, "SRAT: Too many proximity domains") ||
		 begins(line, "ACPI: SRAT: Too many proximity domains"))
		see_refused_pxm(m, line);
	else if (begins(line, "ACPI: SRAT: SRAT not used.") || begins(line, "[SRAT:0x") ||
		 begins(line, "ACPI: SRAT: Unexpected header length: "))
		see_refusal(m, line);
	else if (begins(line, "Initmem setup node ") &&
		 (text_find(line, "as memoryless") < line.len ||
		  text_find(line, "[mem 0x0-0x0]") < line.len))
		see_memoryless(m, line);
	else if ((begins(line, "APIC: ") || begins(line, "ACPI: ")) &&
		 ((text_find(line, " ignored.") < line.len &&
		   text_find(line, " limit of ") < line.len) ||
		  text_find(line, "x2apic entry ignored") < line.len))
		see_ignored(m, line);
	else if (begins(line, "ACPI: SRAT: Node "))
		see_memory(m, line);
	else if (begins(line, "ACPI: LAPIC (") || begins(line, "ACPI: X2APIC ("))
		see_lapic(m, line);
	else if (begins(line, "smpboot: "))
		see_exceeding(m, line);
	else if (begins(line, "CPU topo: Allowing "))
		see_count(m, line);
	else if (begins(line, "CPU topo: Ignoring hot-pluggable APIC ID "))
		m->refused = true;
	else if (begins(line, "CPU topo: Rejected CPUs ") && !m->refused &&
		 number_after(&line, "CPUs ", &rejected) && rejected < CPUS_MOST)
		m->later += (uint32_t)rejected;
}

/* What is told of the boot: CPUs that are added to the running system come after
 * the others are up. */
static struct log_machine look(const struct boot_log *log, struct pool *pool)
{
	struct log_machine m = { .srat = NULL };

	m.srat = (struct log_cpu *)pool_take(pool, (log->count + 1) * sizeof(*m.srat));
	m.madt = (struct log_cpu *)pool_take(pool, (log->count + 1) * sizeof(*m.madt));
	m.extra = (struct log_cpu *)pool_take(pool, (log->count + 1) * sizeof(*m.extra));
	m.memory = (struct log_memory *)pool_take(pool, (log->count + 1) * sizeof(*m.memory));
	m.nodes = (struct log_node *)pool_take(pool, NB_MAX_NODES * sizeof(*m.nodes));
	for (uint32_t i = 0; i < log->count && !begins(log->plain[i], "smp: Brought up "); i++)
		see(&m, log->plain[i], log->lines[i]);
	return m;
}

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
	line = from(line, strlen(start));
	text_skip(&line, "0x");
	for (size_t i = 0; i < 16 && i < line.len && line.at[i] != ' '; i++) {
		hex[2 + i] = line.at[i];
		hex[3 + i] = '\0';
	}
	*address = text_u64(text_of(hex), &number) ? number : 0;
	return true;
}

/* A table that is being made. */
struct maker {
	uint8_t *at;
	size_t len;
};

static void put(struct maker *maker, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		maker->at[maker->len++] = (uint8_t)(value >> (8 * i));
}

static struct maker begin(struct pool *pool, const char *signature, uint8_t revision, size_t most)
{
	struct maker maker = { (uint8_t *)pool_take(pool, HEADER + most), 0 };

	memcpy(maker.at, signature, 4);
	maker.at[8] = revision;
	maker.len = HEADER;
	return maker;
}

/* Sets the length and the checksum and adds the table to the source's. */
static void finish(struct source *source, struct maker *maker, nb_phys address)
{
	struct nb_firmware *fw = &source->fw;
	struct nb_table *table = &source->tables[fw->table_count++];
	size_t len = maker->len;
	uint8_t sum = 0;

	nb_assert(fw->table_count <= SOURCE_TABLES);
	maker->len = 4;
	put(maker, len, 4);
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + maker->at[i]);
	maker->at[9] = (uint8_t)(0 - sum);
	*table = (struct nb_table){ .address = address, .at = maker->at, .len = len };
	memcpy(table->signature, maker->at, 4);
	fw->tables = source->tables;
}

static void put_srat_cpu(struct maker *maker, const struct log_cpu *cpu)
{
	if (!cpu->x2apic) {
		put(maker, NB_SRAT_LAPIC, 1);
		put(maker, LAPIC_CPU, 1);
		put(maker, cpu->pxm, 1);
		put(maker, cpu->apic_id, 1);
		put(maker, NB_SRAT_ENABLED, 4);
		put(maker, 0, 1);
		put(maker, cpu->pxm >> 8, 3);
		put(maker, 0, 4);
	} else {
		put(maker, NB_SRAT_X2APIC, 1);
		put(maker, X2APIC_CPU, 1);
		put(maker, 0, 2);
		put(maker, cpu->pxm, 4);
		put(maker, cpu->apic_id, 4);
		put(maker, NB_SRAT_ENABLED, 4);
		put(maker, 0, 8);
	}
}

static void put_memory(struct maker *maker, const struct log_memory *memory)
{
	put(maker, NB_SRAT_MEMORY, 1);
	put(maker, MEMORY, 1);
	put(maker, memory->pxm, 4);
	put(maker, 0, 2);
	put(maker, memory->start, 8);
	put(maker, memory->last + 1 - memory->start, 8); /* an empty one ends before it starts */
	put(maker, 0, 4);
	put(maker, memory->flags, 4);
	put(maker, 0, 8);
}

static void put_initiator(struct maker *maker, uint32_t pxm)
{
	put(maker, NB_SRAT_INITIATOR, 1);
	put(maker, INITIATOR, 1);
	put(maker, 0, 2);
	put(maker, pxm, 4);
	put(maker, 0, 8);
	put(maker, 0, 8);
	put(maker, NB_SRAT_ENABLED, 4);
	put(maker, 0, 4);
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
	put(maker, type, 1);
	put(maker, length, 1);
	put(maker, 0, 2);
	for (uint32_t i = 4; i < (length ? length : MEMORY); i++)
		put(maker, 0, 1);
}

static void make_srat(struct source *source, const struct log_machine *m, nb_phys address)
{
	size_t most = 12 + (size_t)m->srat_count * X2APIC_CPU + (size_t)m->memory_count * MEMORY +
		      (size_t)m->memoryless * INITIATOR + UINT8_MAX;
	struct maker maker = begin(&source->pool, "SRAT", 3, most);

	put(&maker, 1, 4);
	put(&maker, 0, 8);
	for (uint32_t i = 0; i < m->srat_count; i++)
		put_srat_cpu(&maker, &m->srat[i]);
	for (uint32_t nid = 0; nid < m->node_end && m->placed; nid++)
		if (m->nodes[nid].is_memoryless)
			put_initiator(&maker, m->nodes[nid].pxm);
	for (uint32_t i = 0; i < m->memory_count; i++)
		put_memory(&maker, &m->memory[i]);
	put_refused(&maker, m);
	finish(source, &maker, address);
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
	struct maker maker = begin(&source->pool, "APIC", 5,
				   8 + (size_t)m->madt_count * X2APIC + (size_t)io_apics * IOAPIC);

	put(&maker, 0xfee00000, 4);
	put(&maker, 1, 4);
	for (uint32_t i = 0; i < m->madt_count; i++) {
		const struct log_cpu *cpu = &m->madt[i];
		uint32_t flags = cpu->disabled ? NB_MADT_ONLINE_CAPABLE : NB_MADT_ENABLED;

		if (cpu->apic_id < XAPIC_END) {
			put(&maker, NB_MADT_LAPIC, 1);
			put(&maker, LAPIC, 1);
			put(&maker, i, 1);
			put(&maker, cpu->apic_id, 1);
			put(&maker, flags, 4);
		} else {
			put(&maker, NB_MADT_X2APIC, 1);
			put(&maker, X2APIC, 1);
			put(&maker, 0, 2);
			put(&maker, cpu->apic_id, 4);
			put(&maker, flags, 4);
			put(&maker, i, 4);
		}
	}
	for (uint32_t i = 0; i < io_apics; i++) {
		put(&maker, NB_MADT_IOAPIC, 1);
		put(&maker, IOAPIC, 1);
		put(&maker, i, 1);
		put(&maker, 0, 8);
		put(&maker, 0, 1);
	}
	finish(source, &maker, address);
}

/* A FADT of ACPI 6.5: its MADT says which disabled CPUs may come later. */
static void make_fadt(struct source *source, nb_phys address)
{
	struct maker maker = begin(&source->pool, "FACP", 6, FADT - HEADER);

	maker.at[131] = 5;
	maker.len = FADT;
	finish(source, &maker, address);
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
	maker = begin(&source->pool, "SLIT", 1, 8 + (size_t)count * count);
	put(&maker, count, 8);
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < count; j++)
			put(&maker, i != j || refused ? REMOTE : LOCAL, 1);
	finish(source, &maker, address);
}

static void learn(struct source *source, enum source_fact fact, const char *where)
{
	source->facts[fact] = (struct provenance){ ORIGIN_READ, where };
}

/* Whether a log has each CPU of the SRAT: up to 6.8 that is told. */
static bool tells_cpu_nodes(const struct source *source)
{
	return source->kernel.rules->wording <= NB_LINE_6_1;
}

static void learn_of_srat(struct source *source, const struct log_machine *m)
{
	if (m->memory_count)
		learn(source, FACT_TABLES, "log, SRAT:");
	if (m->placed || m->node_end < 2 || tells_cpu_nodes(source))
		learn(source, FACT_CPU_NODES, "log, SRAT: PXM");
	if (m->memoryless && m->placed)
		source->facts[FACT_INITIATORS] =
			(struct provenance){ ORIGIN_GIVEN, "log, Initmem setup node" };
}

/* Whether no table of distances was made: up to 6.12 that is told, in a line for
 * debugging. */
static bool is_without_distances(const struct source *source, const struct boot_log *log)
{
	return source->kernel.pick == PICK_SAME && source->kernel.line < NB_LINE_7_3 &&
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
		learn(source, FACT_SLIT, "log");
}

void log_tables_read(struct source *source, const struct boot_log *log)
{
	struct log_machine m = look(log, &source->pool);
	nb_phys address;
	bool any = false, is_acpi, is_listed;

	is_acpi = listed(log, "RSDP", &address) || listed(log, "APIC", &address);
	if (!is_acpi && m.counted && boot_log_line(log, "found SMP MP-table").at) {
		make_up_madt(&m, &source->pool); /* what a MP table lists is read from there */
		make_madt(source, &m, log, 0);
	}
	if (!is_acpi) {
		learn(source, FACT_SLIT, "log");
		learn(source, FACT_CPU_NODES, "log");
		return;
	}
	is_listed = m.madt_count > 0;
	if (is_listed)
		learn(source, FACT_MADT, "log, ACPI: LAPIC");
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
		struct maker maker = begin(&source->pool, "HPET", 1, 0);

		finish(source, &maker, address);
	}
	add_slit(source, log, &m);
}
