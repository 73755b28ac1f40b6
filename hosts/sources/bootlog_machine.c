/* SPDX-License-Identifier: MIT */
/*
 * bootlog_machine: a log's lines of CPUs and nodes.
 *
 *	SRAT	its CPU and memory lines, and what it was refused for
 *	MADT	LAPIC lines, where a kernel printed them; how many CPUs it counts; those
 *		that it ignored
 *	nodes	by the lines that name them, or by the result
 */
#include "bootlog_machine.h"

#include <numaboot/acpi.h>
#include <string.h>

enum {
	CPUS_MOST = NB_MAX_CPUS,
	SHORT_MEMORY = 39, /* a length that no memory entry of a SRAT has */
};

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

	if (!text_number_after(&line, "PXM ", &pxm) || !text_number_after(&line, "APIC ", &apic_id))
		return;
	if (ignored)
		nid = NB_MAX_NODES;
	else if (!text_number_after(&line, "Node ", &nid))
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

	if (!text_number_after(&line, "Node ", &nid) || !text_number_after(&line, "PXM ", &pxm) ||
	    !text_number_after(&line, "[mem ", &memory.start) ||
	    !text_number_after(&line, "-", &memory.last))
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
	} else if (text_number_after(&line, "header length: ", &length) && length <= UINT8_MAX) {
		m->refusal = REFUSAL_MEMORY;
		m->memory_length = (uint32_t)length;
	} else if (m->refusal == REFUSAL_NONE) {
		m->refusal = m->memory_count ? REFUSAL_MEMORY : REFUSAL_CPU;
		m->memory_length = SHORT_MEMORY;
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

	if (!text_number_after(&line, "node ", &nid) || nid >= NB_MAX_NODES || m->nodes[nid].named)
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
		line = text_from(line, at);
		if (!text_number_after(&line, "/", &apic_id) || apic_id >= NB_MAX_APIC_IDS)
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

	if (!text_number_after(&rest, "lapic_id[", &apic_id) &&
	    !text_number_after(&rest, "apic_id[", &apic_id))
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
	    text_number_after(&line, "smpboot: ", &there) && there < CPUS_MOST)
		m->exceeding = (uint32_t)there;
}

/* "CPU topo: Allowing 4 present CPUs plus 2 hotplug CPUs": so in plain words. */
static void see_count(struct log_machine *m, struct nb_text line)
{
	uint64_t present, later;

	if (!text_number_after(&line, "Allowing ", &present) ||
	    !text_number_after(&line, "plus ", &later))
		return;
	present = present > m->exceeding ? present : m->exceeding;
	m->present = (uint32_t)(present < CPUS_MOST ? present : CPUS_MOST);
	m->later += (uint32_t)(later < CPUS_MOST ? later : CPUS_MOST);
	m->counted = true;
}

static void see(struct log_machine *m, struct nb_text line, struct nb_text raw)
{
	uint64_t rejected;

	if (nb_text_starts(line, "SRAT: PXM "))
		see_srat_cpu(m, line, raw);
	else if (nb_text_starts(line, "SRAT: Too many proximity domains") ||
		 nb_text_starts(line, "ACPI: SRAT: Too many proximity domains"))
		see_refused_pxm(m, line);
	else if (nb_text_starts(line, "ACPI: SRAT: SRAT not used.") ||
		 nb_text_starts(line, "[SRAT:0x") ||
		 nb_text_starts(line, "ACPI: SRAT: Unexpected header length: "))
		see_refusal(m, line);
	else if (nb_text_starts(line, "Initmem setup node ") &&
		 (text_find(line, "as memoryless") < line.len ||
		  text_find(line, "[mem 0x0-0x0]") < line.len))
		see_memoryless(m, line);
	else if ((nb_text_starts(line, "APIC: ") || nb_text_starts(line, "ACPI: ")) &&
		 ((text_find(line, " ignored.") < line.len &&
		   text_find(line, " limit of ") < line.len) ||
		  text_find(line, "x2apic entry ignored") < line.len))
		see_ignored(m, line);
	else if (nb_text_starts(line, "ACPI: SRAT: Node "))
		see_memory(m, line);
	else if (nb_text_starts(line, "ACPI: LAPIC (") || nb_text_starts(line, "ACPI: X2APIC ("))
		see_lapic(m, line);
	else if (nb_text_starts(line, "smpboot: "))
		see_exceeding(m, line);
	else if (nb_text_starts(line, "CPU topo: Allowing "))
		see_count(m, line);
	else if (nb_text_starts(line, "CPU topo: Ignoring hot-pluggable APIC ID "))
		m->refused = true;
	else if (nb_text_starts(line, "CPU topo: Rejected CPUs ") && !m->refused &&
		 text_number_after(&line, "CPUs ", &rejected) && rejected < CPUS_MOST)
		m->later += (uint32_t)rejected;
}

/* What is told of the boot: CPUs that are added to the running system come after
 * the others are up. */
struct log_machine log_machine_read(const struct boot_log *log, struct pool *pool)
{
	struct log_machine m = { .srat = NULL };
	uint32_t count = 0;

	while (count < log->count && !nb_text_starts(log->plain[count], "smp: Brought up "))
		count++;
	m.srat = (struct log_cpu *)pool_take(pool, ((size_t)count + 1) * sizeof(*m.srat));
	m.madt = (struct log_cpu *)pool_take(pool, ((size_t)count + 1) * sizeof(*m.madt));
	m.extra = (struct log_cpu *)pool_take(pool, ((size_t)count + 1) * sizeof(*m.extra));
	m.memory = (struct log_memory *)pool_take(pool, ((size_t)count + 1) * sizeof(*m.memory));
	m.nodes = (struct log_node *)pool_take(pool, NB_MAX_NODES * sizeof(*m.nodes));
	for (uint32_t i = 0; i < count; i++)
		see(&m, log->plain[i], log->lines[i]);
	return m;
}
