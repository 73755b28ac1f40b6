/* SPDX-License-Identifier: MIT */
/*
 * bootlog_tables: ACPI tables made from a log.
 *
 *	SRAT	its CPU lines in their order, then its memory lines in theirs
 *	MADT	LAPIC lines where a kernel printed them; else as many CPUs as the log
 *		counts, with the APIC IDs of the SRAT's lines in their order
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
	LAPIC = 8, /* lengths of MADT entries */
	X2APIC = 16,
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
	bool disabled; /* of the MADT */
};

/* Nodes of the SRAT, by the lines that name them. */
struct log_node {
	uint32_t pxm;
	bool named, has_memory;
};

struct log_memory {
	uint32_t pxm, flags;
	nb_phys start, last;
};

/* All that a log says of the machine's CPUs and nodes. */
struct log_machine {
	struct log_cpu *srat; /* CPU lines of the SRAT */
	struct log_cpu *madt; /* LAPIC lines */
	struct log_memory *memory;
	struct log_node *nodes;
	uint32_t srat_count, madt_count, memory_count, node_end;
	uint32_t present, later; /* CPUs that the log counts: at boot, and to be plugged in */
	bool counted;
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
	};
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
	name_node(m, nid, pxm, true);
	m->memory[m->memory_count++] = memory;
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

/* "CPU topo: Allowing 4 present CPUs plus 2 hotplug CPUs": so in plain words. */
static void see_count(struct log_machine *m, struct nb_text line)
{
	uint64_t present, later;

	if (!number_after(&line, "Allowing ", &present) || !number_after(&line, "plus ", &later))
		return;
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
	else if (begins(line, "ACPI: SRAT: Node "))
		see_memory(m, line);
	else if (begins(line, "ACPI: LAPIC (") || begins(line, "ACPI: X2APIC ("))
		see_lapic(m, line);
	else if (begins(line, "CPU topo: Allowing "))
		see_count(m, line);
	else if (begins(line, "CPU topo: Rejected CPUs ") &&
		 number_after(&line, "CPUs ", &rejected) && rejected < CPUS_MOST)
		m->later += (uint32_t)rejected;
}

static struct log_machine look(const struct boot_log *log, struct pool *pool)
{
	struct log_machine m = { .srat = NULL };

	m.srat = (struct log_cpu *)pool_take(pool, (log->count + 1) * sizeof(*m.srat));
	m.madt = (struct log_cpu *)pool_take(pool, (log->count + 1) * sizeof(*m.madt));
	m.memory = (struct log_memory *)pool_take(pool, (log->count + 1) * sizeof(*m.memory));
	m.nodes = (struct log_node *)pool_take(pool, NB_MAX_NODES * sizeof(*m.nodes));
	for (uint32_t i = 0; i < log->count; i++)
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

static void make_srat(struct source *source, const struct log_machine *m, nb_phys address)
{
	size_t most = 12 + (size_t)m->srat_count * X2APIC_CPU + (size_t)m->memory_count * MEMORY;
	struct maker maker = begin(&source->pool, "SRAT", 3, most);

	put(&maker, 1, 4);
	put(&maker, 0, 8);
	for (uint32_t i = 0; i < m->srat_count; i++)
		put_srat_cpu(&maker, &m->srat[i]);
	for (uint32_t i = 0; i < m->memory_count; i++)
		put_memory(&maker, &m->memory[i]);
	finish(source, &maker, address);
}

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
	uint32_t all = m->counted ? m->present + m->later : m->srat_count ? m->srat_count : 1;
	uint32_t next = 0;

	if (all > CPUS_MOST)
		all = CPUS_MOST;
	m->madt = (struct log_cpu *)pool_take(pool, (all + 1) * sizeof(*m->madt));
	m->madt_count = all;
	for (uint32_t i = 0; i < all; i++) {
		m->madt[i].disabled = m->counted && i >= m->present;
		if (i < m->srat_count) {
			m->madt[i].apic_id = m->srat[i].apic_id;
			continue;
		}
		while (in_use(m->srat, m->srat_count, next))
			next++;
		m->madt[i].apic_id = next++;
	}
}

static void add_srat_cpu(struct log_machine *m, uint32_t apic_id, uint32_t nid)
{
	m->srat[m->srat_count++] = (struct log_cpu){
		.apic_id = apic_id,
		.pxm = m->nodes[nid].pxm,
		.x2apic = apic_id >= XAPIC_END,
	};
}

/* An APIC ID that nobody has: of the narrow form, which no mode of the APIC
 * makes Linux ignore, as long as there is one. */
static uint32_t spare_id(const struct log_machine *m)
{
	for (uint32_t id = XAPIC_END; id-- > 0;)
		if (!in_use(m->madt, m->madt_count, id) && !in_use(m->srat, m->srat_count, id))
			return id;
	return NB_MAX_APIC_IDS - 1 - m->srat_count;
}

/*
 * The CPU entries of a SRAT that prints none: blocks of CPUs for the nodes, which
 * come up in the order of their numbers, so that these are the log's. A node
 * that no line names has some PXM, or its number would not be taken.
 */
static void make_up_srat_cpus(struct log_machine *m, struct pool *pool)
{
	uint32_t nodes = m->node_end, unused = 0, cpus = m->madt_count;

	for (uint32_t nid = 0; nid < nodes; nid++) {
		if (m->nodes[nid].named)
			continue;
		for (uint32_t other = 0; other < nodes; other++)
			if (m->nodes[other].named && m->nodes[other].pxm == unused) {
				unused++;
				other = UINT32_MAX; /* look at all again */
			}
		m->nodes[nid] = (struct log_node){ unused, true, false };
	}
	m->srat = (struct log_cpu *)pool_take(pool, (cpus + nodes + 1) * sizeof(*m->srat));
	for (uint32_t nid = 0; nid < nodes; nid++) {
		uint32_t first = nid * cpus / nodes, end = (nid + 1) * cpus / nodes;

		for (uint32_t i = first; i < end; i++)
			add_srat_cpu(m, m->madt[i].apic_id, nid);
		if (first == end) /* more nodes than CPUs */
			add_srat_cpu(m, spare_id(m), nid);
	}
}

static void make_madt(struct source *source, const struct log_machine *m, nb_phys address)
{
	struct maker maker = begin(&source->pool, "APIC", 5, 8 + (size_t)m->madt_count * X2APIC);

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

static void learn_of_srat(struct source *source, const struct log_machine *m)
{
	if (m->memory_count)
		learn(source, FACT_TABLES, "log, SRAT:");
	if (m->srat_count || m->node_end < 2)
		learn(source, FACT_CPU_NODES, "log, SRAT: PXM");
}

/* Distances do not depend on what the log does not hold if there is no SLIT, or
 * none that counts. */
static void add_slit(struct source *source, const struct boot_log *log, const struct log_machine *m)
{
	nb_phys address;
	bool refused = boot_log_line(log, "ACPI: SLIT table looks invalid.").at != NULL;

	if (listed(log, "SLIT", &address) && m->node_end)
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
	bool any = false;

	if (!listed(log, "RSDP", &address) && !listed(log, "APIC", &address)) {
		learn(source, FACT_SLIT, "log");
		learn(source, FACT_CPU_NODES, "log");
		return;
	}
	if (m.madt_count)
		learn(source, FACT_MADT, "log, ACPI: LAPIC");
	else
		make_up_madt(&m, &source->pool);
	learn_of_srat(source, &m);
	if (!m.srat_count && m.node_end)
		make_up_srat_cpus(&m, &source->pool);
	for (uint32_t i = 0; i < m.madt_count; i++)
		any = any || m.madt[i].disabled;
	if (any) {
		listed(log, "FACP", &address);
		make_fadt(source, address);
	}
	if (listed(log, "APIC", &address) || m.madt_count)
		make_madt(source, &m, address);
	if (m.node_end && (listed(log, "SRAT", &address) || m.memory_count))
		make_srat(source, &m, address);
	add_slit(source, log, &m);
}
