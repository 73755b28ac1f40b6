/* SPDX-License-Identifier: MIT */
/*
 * proof: the bytes of a table, the word of the command line, the entry of the
 * memory map or the rule of the line that a decision was made by.
 */
#include "inquiry.h"

#include "../sources/text.h"

#include <numaboot/acpi.h>
#include <stdio.h>
#include <string.h>

/* What an entry of a table holds, as far as it decides something. */
static const struct layout {
	const char *table;
	uint32_t type;
	const char *name, *chapter;
	struct {
		const char *name;
		uint8_t at, bytes;
	} fields[PROOF_FIELDS];
} layouts[] = {
	{ "SRAT",
	  NB_SRAT_LAPIC,
	  "processor entry",
	  "ACPI 6.5 5.2.16.1",
	  { { "domain", 2, 1 },
	    { "APIC ID", 3, 1 },
	    { "flags", 4, 4 },
	    { "upper domain bytes", 9, 3 } } },
	{ "SRAT",
	  NB_SRAT_MEMORY,
	  "memory entry",
	  "ACPI 6.5 5.2.16.2",
	  { { "domain", 2, 4 }, { "base", 8, 8 }, { "length", 16, 8 }, { "flags", 28, 4 } } },
	{ "SRAT",
	  NB_SRAT_X2APIC,
	  "x2APIC entry",
	  "ACPI 6.5 5.2.16.3",
	  { { "domain", 4, 4 }, { "x2APIC ID", 8, 4 }, { "flags", 12, 4 } } },
	{ "SRAT",
	  NB_SRAT_INITIATOR,
	  "generic initiator",
	  "ACPI 6.5 5.2.16.6",
	  { { "domain", 4, 4 }, { "flags", 24, 4 } } },
	{ "APIC",
	  NB_MADT_LAPIC,
	  "local APIC entry",
	  "ACPI 6.5 5.2.12.2",
	  { { "APIC ID", 3, 1 }, { "flags", 4, 4 } } },
	{ "APIC",
	  NB_MADT_X2APIC,
	  "local x2APIC entry",
	  "ACPI 6.5 5.2.12.12",
	  { { "x2APIC ID", 4, 4 }, { "flags", 8, 4 } } },
	{ "CEDT",
	  NB_CEDT_CFMWS,
	  "window of CXL memory",
	  "CXL 3.0 9.17.1",
	  { { "base", 8, 8 }, { "length", 16, 8 } } },
};

/* A number of a table; false if the table ends before it. */
static bool read_bytes(const struct nb_table *table, uint64_t at, unsigned bytes, uint64_t *value)
{
	*value = 0;
	if (!table->at || at > table->len || bytes > table->len - at)
		return false;
	for (unsigned i = bytes; i-- > 0;)
		*value = *value << 8 | table->at[at + i];
	return true;
}

static const char *flag_words(const struct inquiry *q, const struct layout *layout, uint64_t flags)
{
	bool memory = !strcmp(layout->table, "SRAT") && layout->type == NB_SRAT_MEMORY;
	bool processor = !strcmp(layout->table, "APIC");

	return chain_text(q->chain, "0x%llx, %s%s%s%s", (unsigned long long)flags,
			  flags & NB_SRAT_ENABLED ? "enabled" : "not enabled",
			  memory && flags & NB_SRAT_HOTPLUG ? ", hot-pluggable" : "",
			  memory && flags & NB_SRAT_NONVOLATILE ? ", non-volatile" : "",
			  processor && flags & NB_MADT_ONLINE_CAPABLE ? ", online capable" : "");
}

static const char *value_words(const struct inquiry *q, const struct layout *layout,
			       const char *field, uint64_t value)
{
	bool decimal = !strncmp(field, "domain", 6);

	if (!strcmp(field, "flags"))
		return flag_words(q, layout, value);
	return chain_text(q->chain, decimal ? "%llu" : "0x%llx", (unsigned long long)value);
}

/* What was made up from a log has no bytes that a firmware wrote. */
static const struct nb_table *table_of(const struct inquiry *q, const char *signature)
{
	return q->source->is_log ? NULL : nb_firmware_table(&q->source->fw, signature);
}

void prove_entry(const struct inquiry *q, const char *signature, uint32_t offset)
{
	const struct nb_table *table = table_of(q, signature);
	const struct layout *layout = NULL;
	struct proof *proof;
	uint64_t type;

	if (!table || !read_bytes(table, offset, 1, &type))
		return;
	for (size_t i = 0; i < NB_COUNT(layouts); i++)
		if (layouts[i].type == type && !strcmp(layouts[i].table, signature))
			layout = &layouts[i];
	proof = chain_prove(q->chain, PROOF_TABLE);
	if (!proof)
		return;
	proof->where = signature;
	proof->offset = offset;
	proof->what = layout ? layout->name
			     : chain_text(q->chain, "entry of type %u", (unsigned)type);
	proof->chapter = layout ? layout->chapter : "";
	for (int i = 0; layout && i < PROOF_FIELDS && layout->fields[i].name; i++) {
		const char *name = layout->fields[i].name;
		uint32_t at = offset + layout->fields[i].at;
		uint64_t value;

		if (read_bytes(table, at, layout->fields[i].bytes, &value) &&
		    (value || i < 3)) /* upper bytes are told where there are any */
			proof_add(proof, name, at, value_words(q, layout, name, value));
	}
}

static int64_t pxm_of(const struct nb_numa *numa, int32_t nid)
{
	return nid >= 0 && (uint32_t)nid < numa->nodes ? numa->node_pxm[nid] : -1;
}

/* The bytes begin at 44, a row for each locality: ACPI 6.5 5.2.17. */
void prove_distance(const struct inquiry *q, int32_t from, int32_t to)
{
	enum { COUNT = 36, MATRIX = 44 };
	const struct nb_numa *numa = &q->boot->numa;
	const struct nb_table *slit = table_of(q, "SLIT");
	int64_t i = pxm_of(numa, from), j = pxm_of(numa, to);
	uint64_t count, value, at;
	struct proof *proof;

	if (!slit || !numa->distance_count || numa->emulated || i < 0 || j < 0 ||
	    !read_bytes(slit, COUNT, 8, &count) || (uint64_t)i >= count || (uint64_t)j >= count)
		return;
	at = MATRIX + (uint64_t)i * count + (uint64_t)j;
	if (!read_bytes(slit, at, 1, &value) || value != nb_numa_distance(numa, from, to))
		return;
	proof = chain_prove(q->chain, PROOF_TABLE);
	if (!proof)
		return;
	proof->where = "SLIT";
	proof->offset = (uint32_t)at;
	proof->what = chain_text(q->chain, "distance from domain %lld to %lld", (long long)i,
				 (long long)j);
	proof->chapter = "ACPI 6.5 5.2.17";
	proof_add(proof, "distance", (uint32_t)at,
		  chain_text(q->chain, "%llu", (unsigned long long)value));
}

void prove_madt(const struct inquiry *q, uint32_t apic_id)
{
	const struct nb_table *madt = table_of(q, "APIC");
	struct nb_entry_walk walk;
	struct nb_entry entry;

	if (!madt)
		return;
	walk = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
	while (nb_entry_next(&walk, &entry)) {
		struct nb_madt_cpu cpu;
		struct nb_fault fault;

		if ((entry.type != NB_MADT_LAPIC && entry.type != NB_MADT_X2APIC) ||
		    nb_madt_cpu(&entry, &cpu, &fault) || cpu.apic_id != apic_id)
			continue;
		prove_entry(q, "APIC", entry.bytes.offset);
		return;
	}
}

/* Of several entries the one of the largest type holds: Linux 6.12
 * arch/x86/kernel/e820.c e820__update_table(). */
static const struct nb_e820_entry *entry_of(const struct nb_firmware *fw, nb_phys address,
					    uint32_t *number)
{
	const struct nb_e820_entry *best = NULL;

	for (uint32_t i = 0; i < fw->map_count + fw->extended_count; i++) {
		const struct nb_e820_entry *entry =
			i < fw->map_count ? &fw->map[i] : &fw->extended[i - fw->map_count];

		if (address < entry->start || address - entry->start >= entry->size)
			continue;
		if (best && best->type >= entry->type)
			continue;
		best = entry;
		*number = i;
	}
	return best;
}

void prove_map(const struct inquiry *q, struct nb_range range)
{
	uint32_t number = 0;
	const struct nb_e820_entry *entry = entry_of(&q->source->fw, range.start, &number);
	struct proof *proof = entry ? chain_prove(q->chain, PROOF_MAP) : NULL;
	const char *type = entry ? nb_e820_type_text(entry->type, q->source->kernel.rules->wording)
				 : NULL;

	if (!proof)
		return;
	proof->where = "memory map";
	proof->offset = number;
	proof->what = chain_text(q->chain, "entry %u", number);
	proof->chapter = "ACPI 6.5 15.4";
	proof_add(proof, "range", number,
		  range_words(q->chain,
			      (struct nb_range){ entry->start, entry->start + entry->size }));
	proof_add(proof, "type", number,
		  chain_text(q->chain, "%u, %s", entry->type, type ? type : "of no name"));
}

const char *word_text(const struct inquiry *q, const struct nb_param *param)
{
	const char *end = param->value.at ? param->value.at + param->value.len
					  : param->name.at + param->name.len;

	return chain_text(q->chain, "%.*s", (int)(end - param->name.at), param->name.at);
}

static void add_word(const struct inquiry *q, const struct nb_param *param, unsigned number)
{
	const char *line = q->source->fw.cmdline;
	struct proof *proof = chain_prove(q->chain, PROOF_WORD);

	if (!proof)
		return;
	proof->where = "command line";
	proof->offset = (uint32_t)(param->name.at - line);
	proof->what = chain_text(q->chain, "word %u", number);
	proof_add(proof, "word", proof->offset, word_text(q, param));
}

bool find_word(const struct inquiry *q, uint64_t number, struct nb_param *param)
{
	struct nb_cmdline line = { .rest = q->source->fw.cmdline };

	for (uint64_t i = 1; line.rest && nb_cmdline_next(&line, param); i++)
		if (i == number)
			return true;
	return false;
}

void prove_word(const struct inquiry *q, uint64_t number)
{
	struct nb_param param;

	if (find_word(q, number, &param))
		add_word(q, &param, (unsigned)number);
}

void prove_param(const struct inquiry *q, const char *name, const char *value)
{
	struct nb_cmdline line = { .rest = q->source->fw.cmdline };
	struct nb_param param, last;
	unsigned number = 0;

	for (unsigned i = 1; line.rest && nb_cmdline_next(&line, &param); i++) {
		if (!nb_param_is(&param, name) ||
		    (value && !(param.value.at && nb_text_starts(param.value, value))))
			continue;
		last = param;
		number = i;
	}
	if (number)
		add_word(q, &last, number);
}

void prove_rule(const struct inquiry *q, const char *name)
{
	const struct nb_rules *rules = q->source->kernel.rules;
	uint32_t count;
	const struct nb_rule *all = nb_rules(&count);

	for (uint32_t i = 0; i < count; i++) {
		char value[64];
		struct proof *proof;

		if (strcmp(all[i].name, name) != 0)
			continue;
		proof = chain_prove(q->chain, PROOF_RULE);
		if (!proof)
			return;
		rule_value_text(rules, &all[i], value, sizeof(value));
		proof->where = all[i].name;
		proof->what = all[i].words && all[i].words->says ? all[i].words->says : "";
		proof_add(proof, rules->line, 0, chain_text(q->chain, "%s", value));
	}
}

/* The rule by which a kind is decided. */
static const char *rule_of(const struct nb_event *event)
{
	switch (event->kind) {
	case NB_EV_UNCOVERED:
		return "coverage_forgiven";
	case NB_EV_NODE_TOO_SMALL:
		return "least_node";
	case NB_EV_BLOCK_SET_ASIDE:
	case NB_EV_BLOCK_DROPPED:
		return "blocks_outside_ram";
	case NB_EV_SRAT_SKIPPED:
		return event->why == NB_WHY_NO_HOTPLUG ? "srat_skips_hotplug" : NULL;
	case NB_EV_CPU_NODE:
		return event->why == NB_WHY_NEAREST_NODE ? "cpu_leaves_offline" : NULL;
	default:
		return NULL;
	}
}

/* Which of a kind's functions decided, each in the same place in all lines; null: the one
 * that is known of the kind. */
static const char *own_function(const struct nb_event *event)
{
	bool of_entry = event->kind == NB_EV_SRAT_ENTRY_LENGTH || event->kind == NB_EV_SRAT_SKIPPED;

	if (of_entry && event->id == NB_SRAT_LAPIC)
		return "arch/x86/mm/srat.c acpi_numa_processor_affinity_init()";
	if ((of_entry && event->id == NB_SRAT_X2APIC) ||
	    (event->kind == NB_EV_SRAT_CPU && event->flags & 1))
		return "arch/x86/mm/srat.c acpi_numa_x2apic_affinity_init()";
	if (event->kind == NB_EV_NODE_ONLINE && event->why == NB_WHY_HAS_INITIATOR)
		return "arch/x86/mm/numa.c init_gi_nodes()";
	if (event->kind == NB_EV_CPU_NODE &&
	    (event->why == NB_WHY_CACHE_ID || event->why == NB_WHY_NEAREST_APIC))
		return "arch/x86/kernel/cpu/amd.c srat_detect_node()";
	return NULL;
}

void prove_event(const struct inquiry *q, const struct nb_event *event)
{
	const char *function = own_function(event);
	const char *rule = rule_of(event);
	uint32_t offset = (uint32_t)event->more[0];

	switch (event->kind) {
	case NB_EV_SRAT_CPU:
	case NB_EV_SRAT_MEMORY:
	case NB_EV_SRAT_INITIATOR:
	case NB_EV_SRAT_SKIPPED:
	case NB_EV_SRAT_X2APIC_IGNORED:
	case NB_EV_SRAT_APIC_TOO_BIG:
	case NB_EV_SRAT_STOPPED:
	case NB_EV_SRAT_ZERO_LENGTH:
	case NB_EV_SRAT_UNKNOWN_ENTRY:
	case NB_EV_SRAT_ENTRY_LENGTH:
	case NB_EV_PXM_REFUSED:
		prove_entry(q, "SRAT", offset);
		break;
	case NB_EV_WINDOW_NODE:
	case NB_EV_WINDOW_FILLED:
	case NB_EV_WINDOW_FULL:
		prove_entry(q, "CEDT", offset);
		break;
	case NB_EV_MADT_ENTRY_SKIPPED:
		prove_entry(q, "APIC", offset);
		break;
	case NB_EV_MAP_UPDATE:
	case NB_EV_MAP_REMOVE:
	case NB_EV_MAP_ADDED:
	case NB_EV_MAP_CLEARED:
	case NB_EV_PARAM_MALFORMED:
	case NB_EV_PARAM_UNMODELLED:
		prove_word(q, event->more[0]);
		break;
	default:
		break;
	}
	if (rule)
		prove_rule(q, rule);
	if (function)
		chain_function_at(q->chain, function);
}
