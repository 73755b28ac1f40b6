/* SPDX-License-Identifier: MIT */
/*
 * check: findings for people: the worst first, each with what a person needs to act
 * on it. Then what this kernel makes of the machine: why nodes are what they are.
 */
#include "check.h"

#include "views.h"

#include <numaboot/acpi.h>
#include <stdio.h>
#include <string.h>

enum { INDENT = 9 };

static void put_place(struct out *out, const struct place_of_finding *place)
{
	switch (place->kind) {
	case PLACE_TABLE:
		out_string(out, place->table);
		out_string(out, "+");
		out_hex(out, place->at);
		break;
	case PLACE_MAP:
		out_string(out, "memory map, entry ");
		out_number(out, place->at);
		break;
	case PLACE_WORD:
		out_string(out, "command line, character ");
		out_number(out, place->at);
		break;
	case PLACE_MACHINE:
		out_string(out, "the machine");
		break;
	}
}

static void put_field(struct out *out, const char *name)
{
	out_blanks(out, INDENT);
	out_left(out, name, 8);
}

static void put_places(struct out *out, const struct finding *finding)
{
	uint32_t kept = finding->count < PLACES_KEPT ? finding->count : PLACES_KEPT;

	for (uint32_t i = 0; i < kept; i++) {
		put_field(out, "at");
		put_place(out, &finding->at[i].place);
		out_string(out, ": ");
		out_string(out, finding->at[i].found);
		out_string(out, "\n");
	}
	if (finding->count > kept) {
		put_field(out, "at");
		out_number(out, finding->count - kept);
		out_string(out, " more places\n");
	}
	put_field(out, "wanted");
	out_string(out, finding->at[0].wanted);
	out_string(out, "\n");
}

static void put_spec(struct out *out, const struct finding_row *row)
{
	put_field(out, "spec");
	out_string(out, spec_verdict_names[row->spec]);
	if (*row->section) {
		out_string(out, " (");
		out_string(out, row->section);
		out_string(out, ")");
	}
	out_string(out, "\n");
}

/* The lines that agree are named together, the worst first. */
static void put_verdicts(struct out *out, const enum line_verdict verdicts[NB_LINES])
{
	bool first = true;

	for (int verdict = LINE_VERDICTS - 1; verdict >= 0; verdict--) {
		bool any = false;

		for (int line = 0; line < NB_LINES; line++) {
			if (verdicts[line] != (enum line_verdict)verdict)
				continue;
			out_string(out, any ? ", " : first ? "" : "; ");
			out_string(out, nb_lines[line].line);
			any = true;
		}
		if (!any)
			continue;
		out_string(out, ": ");
		out_string(out, line_verdict_names[verdict]);
		first = false;
	}
	out_string(out, "\n");
}

static void put_lines(struct out *out, const struct finding *finding)
{
	if (!finding_is_judged(finding))
		return;
	put_field(out, "Linux");
	put_verdicts(out, finding->line);
}

static void put_edit(struct out *out, const struct edit *edit, const struct source *source)
{
	char text[128] = "";
	const char *table = "";

	if (edit->kind <= EDIT_DROP)
		table = source->fw.tables[edit->table].signature;
	switch (edit->kind) {
	case EDIT_SET:
		snprintf(text, sizeof(text), "%.4s+0x%x, %u byte%s: 0x%llx -> 0x%llx", table,
			 edit->offset, edit->width, edit->width == 1 ? "" : "s",
			 (unsigned long long)edit->old, (unsigned long long)edit->new);
		break;
	case EDIT_SUM:
		snprintf(text, sizeof(text), "%.4s+0x%x, checksum: 0x%llx -> 0x%llx", table,
			 edit->offset, (unsigned long long)edit->old,
			 (unsigned long long)edit->new);
		break;
	case EDIT_CUT:
		snprintf(text, sizeof(text), "%.4s+0x%x: %u byte%s, off its length too", table,
			 edit->offset, edit->width, edit->width == 1 ? " goes" : "s go");
		break;
	case EDIT_ADD:
		if (!memcmp(table, "SLIT", 4))
			snprintf(text, sizeof(text),
				 "SLIT: %u distances come at its end, see --json", edit->width);
		else
			snprintf(text, sizeof(text),
				 "%.4s: an entry of type %u and %u bytes comes at its end", table,
				 edit->bytes[0], edit->width);
		break;
	case EDIT_DROP:
		snprintf(text, sizeof(text), "%.4s: the table goes", table);
		break;
	case EDIT_TAKE_OUT:
		snprintf(text, sizeof(text), "memory map: entry %u goes", edit->table);
		break;
	case EDIT_WORD:
		snprintf(text, sizeof(text), "command line: %u character%s from %u on", edit->width,
			 edit->width == 1 ? " goes" : "s go", edit->offset);
		break;
	case EDIT_PUT_IN:
		snprintf(text, sizeof(text), "memory map: an entry comes, 0x%llx-0x%llx of type %u",
			 (unsigned long long)edit->old,
			 (unsigned long long)(edit->old + edit->new - 1), edit->width);
		break;
	}
	put_field(out, "edit");
	out_string(out, text);
	out_string(out, "\n");
}

/* In the order in which they were reported: the list has the last one first. */
static void put_edits(struct out *out, const struct finding *finding, const struct finding_row *row,
		      const struct source *source)
{
	enum { EDITS_SHOWN = 8 };
	const struct edit *shown[EDITS_SHOWN];
	const struct edit *first = finding->trial ? NULL : finding->edits;
	uint32_t all = 0, kept, at;

	for (const struct edit *e = first; e; e = e->next)
		all++;
	at = all;
	for (const struct edit *e = first; e; e = e->next, at--)
		if (at <= EDITS_SHOWN)
			shown[at - 1] = e;
	kept = all < EDITS_SHOWN ? all : EDITS_SHOWN;
	for (uint32_t i = 0; i < kept; i++)
		put_edit(out, shown[i], source);
	if (all > kept) {
		put_field(out, "edit");
		out_number(out, all - kept);
		out_string(out, " more, see --json\n");
	}
	if (!all && row->no_edit) {
		put_field(out, "edit");
		out_string(out, "none: ");
		out_string(out, row->no_edit);
		out_string(out, "\n");
	}
	if (all && finding->guess) {
		put_field(out, "");
		out_string(out, "a guess: ");
		out_string(out, finding->guess);
		out_string(out, "\n");
	}
	if (all && !finding->mended) {
		put_field(out, "");
		out_string(out, finding->edited < finding->count
					? "tried: this mends some of it, the rest takes a person\n"
					: "tried: this is not enough\n");
	}
}

static void put_finding(struct out *out, enum finding_id id, const struct checked *c)
{
	static const enum out_style styles[SEVERITIES] = { STYLE_FAINT, STYLE_HEAD, STYLE_BAD };
	const struct finding *finding = &c->findings.of[id];
	const struct finding_row *row = &finding_rows[id];

	out_style(out, styles[row->severity]);
	out_left(out, severity_names[row->severity], INDENT);
	out_string(out, row->id);
	out_style(out, STYLE_PLAIN);
	out_string(out, ": ");
	out_string(out, row->title);
	out_string(out, "\n");
	put_places(out, finding);
	put_spec(out, row);
	put_lines(out, finding);
	put_edits(out, finding, row, &c->source);
	out_string(out, "\n");
}

static void put_counts(struct out *out, const struct findings *findings)
{
	uint32_t counts[SEVERITIES] = { 0 };
	bool any = false;

	for (int id = 0; id < FINDING_IDS; id++)
		counts[finding_rows[id].severity] += findings->of[id].count > 0;
	for (int severity = SEVERITIES - 1; severity >= 0; severity--) {
		if (!counts[severity])
			continue;
		out_string(out, any ? ", " : "");
		out_number(out, counts[severity]);
		out_string(out, " ");
		out_string(out, severity_names[severity]);
		out_string(out, counts[severity] == 1 ? "" : "s");
		any = true;
	}
	if (!any)
		out_string(out, "nothing found");
}

/* The tables that matter here. */
static const char signatures[][5] = { "FACP", "APIC", "SRAT", "SLIT", "HMAT", "CEDT" };

/* Those that a log's lines were made into. */
static void put_made(struct out *out, const struct source *source)
{
	bool any = false;

	for (size_t i = 0; source->is_log && i < NB_COUNT(signatures); i++) {
		const struct nb_table *table = nb_firmware_table(&source->fw, signatures[i]);

		if (!table || !table->at || source->table_from[table - source->tables])
			continue;
		out_string(out, any ? " " : "Made of what the log says: ");
		out_string(out, signatures[i]);
		any = true;
	}
	if (any)
		out_string(out, ".\n");
}

/* What kernels are run with, where tables are alone: as lines.c makes it. */
static void put_stand_in(struct out *out, const struct source *source)
{
	const struct nb_firmware *fw = &source->fw;
	bool cpus = !nb_firmware_table(fw, "APIC");
	bool domains = !nb_firmware_table(fw, "SRAT") &&
		       (nb_firmware_table(fw, "SLIT") || nb_firmware_table(fw, "HMAT") ||
			nb_firmware_table(fw, "CEDT"));

	if (fw->map_count)
		return;
	out_string(out, "There is no memory map: kernels run with one that fits these tables");
	if (cpus || domains)
		out_string(out, domains && cpus ? ", and so made up are SRAT and MADT"
				: cpus          ? ", and so made up is a MADT"
						: ", and so made up is an SRAT");
	out_string(out, ".\n");
}

/* Which of them are there. */
static void put_tables(struct out *out, const struct source *source)
{
	bool absent = false;

	out_string(out, "Tables:");
	for (size_t i = 0; i < NB_COUNT(signatures); i++)
		if (nb_firmware_table(&source->fw, signatures[i])) {
			out_string(out, " ");
			out_string(out, signatures[i]);
		} else {
			absent = true;
		}
	if (absent)
		out_string(out, "; absent:");
	for (size_t i = 0; absent && i < NB_COUNT(signatures); i++)
		if (!nb_firmware_table(&source->fw, signatures[i])) {
			out_string(out, " ");
			out_string(out, signatures[i]);
		}
	out_string(out, "\n");
	put_made(out, source);
	put_stand_in(out, source);
}

/* Where in the SRAT a domain is met first: among processors and initiators, then
 * among memory. 0: nowhere. */
static uint32_t first_met(const struct nb_table *srat, uint32_t pxm)
{
	struct nb_entry entry;
	struct nb_fault fault;

	for (int pass = 0; srat && pass < 2; pass++) {
		struct nb_entry_walk walk = nb_entries(srat, NB_ENTRY_COMMON, NB_SRAT_ENTRIES);
		bool narrow = srat->len > 8 && srat->at[8] < 2;

		while (nb_entry_next(&walk, &entry)) {
			struct nb_srat_cpu cpu = { .pxm_low = ~pxm };
			struct nb_srat_memory memory = { .pxm = ~pxm };
			bool met;

			if (pass == 0 && entry.type == NB_SRAT_LAPIC)
				nb_srat_lapic(&entry, &cpu, &fault);
			if (pass == 0 && entry.type == NB_SRAT_X2APIC)
				nb_srat_x2apic(&entry, &cpu, &fault);
			if (pass == 1 && entry.type == NB_SRAT_MEMORY)
				nb_srat_memory(&entry, &memory, &fault);
			met = (cpu.flags & NB_SRAT_ENABLED &&
			       (narrow ? cpu.pxm_low : cpu.pxm_low | cpu.pxm_high) == pxm) ||
			      (memory.flags & NB_SRAT_ENABLED &&
			       (narrow ? memory.pxm & 0xff : memory.pxm) == pxm);
			if (met)
				return entry.rest.offset;
		}
	}
	return 0;
}

/* Which domain became which node. */
static void put_domains(struct out *out, const struct checked *c)
{
	const struct nb_numa *numa = &c->run.boot.numa;
	const struct nb_table *srat = nb_firmware_table(&c->source.fw, "SRAT");

	if (!run_has(&c->run, NB_NUMA) || nb_nodes_count(&numa->numbered) == 0)
		return;
	out_string(out, "\nDomains get node numbers in the order in which they are met\n");
	out_string(out, "  domain  node  first met at\n");
	nb_for_each_node (nid, &numa->numbered) {
		uint32_t pxm = (uint32_t)numa->node_pxm[nid], at = first_met(srat, pxm);

		out_number_in(out, pxm, 8);
		out_number_in(out, (uint64_t)nid, 6);
		out_string(out, "  ");
		if (at) {
			out_string(out, "SRAT+");
			out_hex(out, at);
		} else {
			out_string(out, "a CXL window, or an initiator");
		}
		out_string(out, "\n");
	}
}

/* What the lines give up on the machine as it is, if any does. */
static void put_given_up(struct out *out, const enum line_verdict as_is[NB_LINES])
{
	bool any = false;

	for (int line = 0; line < NB_LINES; line++)
		any = any || as_is[line] > LINE_USED;
	if (!any)
		return;
	out_string(out, "All lines: ");
	put_verdicts(out, as_is);
}

/* Who says which nodes there are. */
static const char *nodes_from(const struct nb_boot *b)
{
	if (b->numa.source == NB_NUMA_ACPI)
		return ", from the ACPI tables";
	if (b->numa.source == NB_NUMA_NONE)
		return ": it is built without NUMA";
	if (b->params.acpi_off)
		return ", made up: the command line says acpi=off";
	if (b->params.numa_off)
		return ", made up: the command line says numa=off";
	if (b->params.numa_noacpi)
		return ", made up: the command line says numa=noacpi";
	return ", made up: the tables gave none that are used";
}

/* What this kernel makes of the machine, and why. */
static void put_kernel(struct out *out, const struct checked *c)
{
	const struct nb_boot *b = &c->run.boot;
	uint32_t kept = c->run.note_count < RUN_NOTES ? c->run.note_count : RUN_NOTES;
	struct out_writer writer = out_writer(out);

	if (!c->ran)
		return;
	out_string(out, "Linux ");
	out_string(out, c->source.kernel.rules->line);
	out_string(out, ": ");
	if (c->run.dies) {
		view_death(out, &c->run);
	} else {
		out_string(out, "nodes ");
		out_nodes(out, &b->smp.online_nodes);
		out_string(out, nodes_from(b));
	}
	out_string(out, "\n");
	for (uint32_t i = 0; i < kept; i++) {
		out_string(out, "  ");
		nb_render_sentence(&c->run.notes[i], &writer.writer);
		out_string(out, "\n");
	}
	if (c->run.note_count > kept) {
		out_string(out, "  ");
		out_number(out, c->run.note_count - kept);
		out_string(out, " more of these\n");
	}
	put_given_up(out, c->findings.as_is);
	put_domains(out, c);
}

void view_check(struct out *out, const struct checked *c)
{
	const struct prediction prediction = { &c->source, &c->run, c->name, NULL };

	view_kernel(out, &prediction);
	out_string(out, c->name);
	out_string(out, ": ");
	put_counts(out, &c->findings);
	out_string(out, "\n");
	put_tables(out, &c->source);
	out_string(out, "\n");
	for (int severity = SEVERITIES - 1; severity >= 0; severity--)
		for (int id = 0; id < FINDING_IDS; id++)
			if (c->findings.of[id].count &&
			    finding_rows[id].severity == (enum severity)severity)
				put_finding(out, (enum finding_id)id, c);
	put_kernel(out, c);
}

void view_finding_row(struct out *out, const struct finding_row *row)
{
	out_style(out, STYLE_HEAD);
	out_string(out, row->id);
	out_style(out, STYLE_PLAIN);
	out_string(out, " (");
	out_string(out, severity_names[row->severity]);
	out_string(out, "): ");
	out_string(out, row->title);
	out_string(out, "\n  ");
	out_string(out, row->means);
	out_string(out, "\n  To do: ");
	out_string(out, row->mend);
	out_string(out, "\n  Specification: ");
	out_string(out, spec_verdict_names[row->spec]);
	if (*row->section) {
		out_string(out, ", ");
		out_string(out, row->section);
	}
	out_string(out, "\n");
}

void view_finding_rows(struct out *out)
{
	for (int id = 0; id < FINDING_IDS; id++) {
		if (id)
			out_string(out, "\n");
		view_finding_row(out, &finding_rows[id]);
	}
}
