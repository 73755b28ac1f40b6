/* SPDX-License-Identifier: MIT */
/*
 * lines: what each kernel makes of a finding: the machine is booted as it is and
 * with the finding's edits, and what comes out is compared. Where that is the same,
 * another finding may hide it: then the machine with all edits is held against that
 * with all but these. And what a kernel says that it gives something up for is the doing
 * of the finding that it is.
 */
#include "lint.h"

#include "../cli/run.h"
#include "../sources/sentence.h"
#include "../sources/tables.h"

#include <numaboot/render.h>
#include <string.h>

/* What came out of a boot, as far as lines are judged by it. */
struct look {
	struct nb_sink sink; /* first: the library's way back here */
	bool ran, dies, dies_of_bounds, bounds, numa_off, table_ignored;
	bool asks_tables;               /* the kernel reads the tables of ACPI at all */
	bool asks_domains;              /* and those that name domains */
	bool asks_speeds, asks_windows; /* and of them the HMAT; the CEDT */
	bool has_reason;
	struct nb_event reason; /* the first event that says what is given up, or its end */
	uint64_t number;        /* of all results */
};

/* FNV-1a, a number at a time. */
static void mix(uint64_t *number, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		*number = (*number ^ (value >> (8 * i) & 0xff)) * 0x100000001b3;
}

static void mix_nodes(uint64_t *number, const struct nb_nodes *nodes)
{
	for (size_t i = 0; i < NB_COUNT(nodes->bits); i++)
		if (nodes->bits[i])
			mix(number, nodes->bits[i] + i);
	mix(number, nb_nodes_count(nodes));
}

static void mix_memory(uint64_t *number, const struct run *run)
{
	const struct nb_regions *memory = &run->boot.memblock.memory;

	mix(number, run->boot.e820.max_pfn);
	for (uint32_t i = 0; i < memory->count; i++) {
		mix(number, nb_region_at(memory, i)->start);
		mix(number, nb_region_at(memory, i)->end);
		mix(number,
		    (uint64_t)nb_region_at(memory, i)->nid << 32 | nb_region_at(memory, i)->flags);
	}
}

static void mix_cpus(uint64_t *number, const struct run *run)
{
	const struct nb_cpus *cpus = &run->boot.cpus;

	mix(number, cpus->possible);
	for (uint32_t i = 0; i < cpus->possible; i++)
		mix(number, (uint64_t)cpus->cpu[i].apic_id << 32 | (uint16_t)cpus->cpu[i].nid);
}

static void mix_access(uint64_t *number, const struct nb_access *access)
{
	for (uint32_t i = 0; access->used && i < access->nodes * NB_ACCESS_CLASSES; i++) {
		const struct nb_node_access *node = &access->node[i / NB_ACCESS_CLASSES];
		const struct nb_access_speed *s = &node->speed[i % NB_ACCESS_CLASSES];

		if (!node->known)
			continue;
		mix_nodes(number, &node->initiators[i % NB_ACCESS_CLASSES]);
		mix(number, (uint64_t)s->read_bandwidth << 32 | s->write_bandwidth);
		mix(number, (uint64_t)s->read_latency << 32 | s->write_latency);
	}
}

static uint64_t number_of(const struct run *run)
{
	const struct nb_boot *b = &run->boot;
	uint64_t number = 0xcbf29ce484222325;

	mix(&number, run->dies);
	mix(&number, b->next);
	if (run_has(run, NB_NUMA)) {
		mix(&number, b->numa.source);
		mix_nodes(&number, &b->numa.possible);
		mix_nodes(&number, &b->numa.initiator);
		nb_for_each_node (from, &b->numa.possible)
			nb_for_each_node (to, &b->numa.possible)
				mix(&number, nb_numa_distance(&b->numa, from, to));
	}
	if (run_has(run, NB_MEMBLOCK))
		mix_memory(&number, run);
	if (run_has(run, NB_CPUS))
		mix_cpus(&number, run);
	if (run_has(run, NB_SMP)) {
		mix_nodes(&number, &b->smp.online_nodes);
		mix_nodes(&number, &b->smp.has_cpu);
		mix(&number, b->smp.online_count);
	}
	if (run_has(run, NB_ACCESS))
		mix_access(&number, &b->access);
	return number;
}

/* Events that say what no result shows. */
static bool is_reason(const struct nb_event *event)
{
	switch (event->kind) {
	case NB_EV_DIES:
	case NB_EV_SRAT_REJECTED:
	case NB_EV_UNCOVERED:
	case NB_EV_NODES_OVERLAP:
	case NB_EV_SLIT_INVALID:
	case NB_EV_SRAT_APIC_TOO_BIG:
	case NB_EV_SRAT_BLOCKS_FULL:
	case NB_EV_TABLE_FAULT:
		return true;
	case NB_EV_SRAT_NO_MEMORY:
		return event->why != NB_WHY_ABSENT && event->why != NB_WHY_OFF;
	case NB_EV_HMAT_IGNORED:
		return event->why != NB_WHY_NOT_KNOWN;
	default:
		return false;
	}
}

/* Whether what is not there is read all the same: a processor's entry of a MADT is looked
 * at before, the count of a SLIT is not. */
static bool is_read_beyond(const struct nb_event *event)
{
	enum { MADT = 'A' | 'P' << 8 | 'I' << 16 | 'C' << 24 };
	enum { SLIT = 'S' | 'L' << 8 | 'I' << 16 | 'T' << 24 };

	if (event->why == NB_WHY_TRUNCATED)
		return event->id != MADT;
	return event->id == SLIT;
}

static void put(struct nb_sink *sink, const struct nb_event *event)
{
	struct look *look = (struct look *)sink; /* its first member */

	if (is_reason(event) && (!look->has_reason || event->kind == NB_EV_DIES)) {
		look->has_reason = true;
		look->reason = *event;
	}
	switch (event->kind) {
	case NB_EV_SLIT_INVALID:
		look->table_ignored = true;
		break;
	case NB_EV_HMAT_IGNORED:
		look->table_ignored = look->table_ignored || event->why != NB_WHY_NOT_KNOWN;
		break;
	case NB_EV_TABLE_FAULT:
		look->bounds = look->bounds || is_read_beyond(event);
		break;
	case NB_EV_SRAT_APIC_TOO_BIG: /* with a flag: a negative number to Linux */
		look->bounds = look->bounds || event->flags;
		break;
	case NB_EV_SRAT_BLOCKS_FULL: /* 4: moved over the end of a list */
		look->bounds = look->bounds || (event->flags & 4);
		break;
	default:
		break;
	}
}

/* Whether a kernel that came so far read which domains there are. */
static bool asks_domains(const struct run *run)
{
	const struct nb_params *params = &run->boot.params;

	if (params->acpi_off || params->numa_off || params->numa_noacpi)
		return false;
	return !run_has(run, NB_NUMA) || run->boot.numa.source != NB_NUMA_NONE;
}

static struct look look_at(const struct source *source, enum nb_line line)
{
	static struct run run;
	struct look look = { .sink.put = put };
	struct kernel kernel = { .rules = &nb_lines[line],
				 .config = nb_configs[line],
				 .line = line };
	struct complaint complaint;
	struct source with = *source;

	if (source->kernel.line == line) /* as it is built */
		kernel.config = source->kernel.config;
	if (source->facts[FACT_KERNEL].origin == ORIGIN_ASSUMED) {
		with.fw.facts.kernel = kernel.config.kernel;
		with.fw.facts.kernel_end = kernel.config.kernel_end;
	}
	look.ran = run_boot(&run, &with, &kernel, &look.sink, &complaint);
	if (look.ran) {
		look.dies = run.dies;
		look.dies_of_bounds = run.dies && run.death.why == NB_WHY_DIES_SLIT_SIZE;
		look.asks_tables = !run.boot.params.acpi_off;
		look.asks_domains = asks_domains(&run);
		look.asks_speeds = look.asks_domains && kernel.rules->access_hmat &&
				   !run.boot.params.numa_nohmat;
		look.asks_windows = look.asks_domains && kernel.config.cxl &&
				    kernel.rules->cxl_windows != NB_CXL_UNREAD;
		look.numa_off = run_has(&run, NB_NUMA) && run.boot.numa.source == NB_NUMA_DUMMY &&
				nb_firmware_table(&source->fw, "SRAT");
		look.number = number_of(&run);
	}
	run_drop(&run);
	return look;
}

/* Whether a table is read. */
static bool is_asked(const struct look *look, const struct nb_table *table)
{
	if (!memcmp(table->signature, "SRAT", 4) || !memcmp(table->signature, "SLIT", 4))
		return look->asks_domains;
	if (!memcmp(table->signature, "HMAT", 4))
		return look->asks_speeds;
	if (!memcmp(table->signature, "CEDT", 4))
		return look->asks_windows;
	return look->asks_tables && !table_meant(table->signature);
}

/* Whether a kernel looks at none of what a finding's edits change. */
static bool is_unread(const struct look *look, const struct source *source,
		      const struct finding *finding)
{
	for (const struct edit *e = finding->edits; e; e = e->next)
		if (e->kind > EDIT_DROP || is_asked(look, &source->fw.tables[e->table]))
			return false;
	return finding->edits;
}

/* What a defect does, by the machine that has it and the one that has it not. */
static enum line_verdict judge(const struct look *with, const struct look *without, bool unread)
{
	if (!with->ran || !without->ran)
		return LINE_NOT_RUN;
	if (unread)
		return LINE_IGNORED;
	if (with->dies && without->dies) /* of something else */
		return LINE_NOT_RUN;
	if (with->dies && !without->dies)
		return with->dies_of_bounds ? LINE_BOUNDS : LINE_PANIC;
	if (with->bounds && !without->bounds)
		return LINE_BOUNDS;
	if (with->numa_off && !without->numa_off)
		return LINE_NUMA_OFF;
	if (with->table_ignored && !without->table_ignored)
		return LINE_IGNORED;
	return with->number == without->number ? LINE_USED : LINE_DIFFERS;
}

/* A machine on every line. */
struct looks {
	struct look line[NB_LINES];
};

static void look_at_all(struct looks *looks, const struct source *source,
			const struct findings *findings, const bool chosen[FINDING_IDS])
{
	static struct source mended;
	struct pool pool = { NULL, NULL, 0 };

	repair_source(&mended, source, findings, chosen, &pool);
	for (int line = 0; line < NB_LINES; line++)
		looks->line[line] = look_at(&mended, (enum nb_line)line);
	pool_drop(&pool);
}

static void judge_all(struct finding *finding, const struct source *source,
		      const struct looks *with, const struct looks *without)
{
	for (int line = 0; line < NB_LINES; line++) {
		const struct look *has = &with->line[line], *has_not = &without->line[line];
		bool unread = is_unread(has, source, finding) &&
			      is_unread(has_not, source, finding);
		enum line_verdict verdict = judge(has, has_not, unread);

		if (verdict > finding->line[line])
			finding->line[line] = verdict;
	}
}

/* What a line gives up on a machine as it is; LINE_USED: nothing. */
static enum line_verdict given_up(const struct look *look)
{
	if (!look->ran)
		return LINE_USED;
	if (look->dies)
		return look->dies_of_bounds ? LINE_BOUNDS : LINE_PANIC;
	if (look->bounds)
		return LINE_BOUNDS;
	if (look->numa_off)
		return LINE_NUMA_OFF;
	return look->table_ignored ? LINE_IGNORED : LINE_USED;
}

/* What kernels say that they give something up for, and the finding that it is. */
static const struct blame_row {
	enum nb_event_kind reason;
	enum nb_why why; /* NB_WHY_NONE: any */
	enum finding_id id;
} blame_rows[] = {
	{ NB_EV_SRAT_REJECTED, NB_WHY_ENTRY_LENGTH, FINDING_ENTRY_ZERO_LENGTH },
	{ NB_EV_SRAT_REJECTED, NB_WHY_ENTRY_LENGTH, FINDING_ENTRY_TRUNCATED },
	{ NB_EV_SRAT_REJECTED, NB_WHY_ENTRY_LENGTH, FINDING_ENTRY_LENGTH },
	{ NB_EV_SRAT_REJECTED, NB_WHY_PXM_RANGE, FINDING_SRAT_PXM_RANGE },
	{ NB_EV_NODES_OVERLAP, NB_WHY_NONE, FINDING_SRAT_MEMORY_OVERLAP },
	{ NB_EV_UNCOVERED, NB_WHY_NONE, FINDING_RAM_WITHOUT_NODE },
	{ NB_EV_DIES, NB_WHY_DIES_RAM_WITHOUT_NODE, FINDING_RAM_WITHOUT_NODE },
	{ NB_EV_SLIT_INVALID, NB_WHY_NONE, FINDING_SLIT_LOCAL },
	{ NB_EV_SLIT_INVALID, NB_WHY_NONE, FINDING_SLIT_REMOTE },
};

/* Whether one of a finding's places is the byte that an event names; what names none
 * is of the whole machine. */
static bool is_place_of(const struct finding *finding, const struct nb_event *event)
{
	uint32_t places = finding->count < PLACES_KEPT ? finding->count : PLACES_KEPT;

	if (event->kind != NB_EV_SRAT_REJECTED && event->kind != NB_EV_SLIT_INVALID)
		return places > 0;
	for (uint32_t i = 0; i < places; i++)
		if (finding->at[i].place.kind == PLACE_TABLE &&
		    !memcmp(finding->at[i].place.table,
			    event->kind == NB_EV_SLIT_INVALID ? "SLIT" : "SRAT", 4) &&
		    finding->at[i].place.at == event->more[0])
			return true;
	return false;
}

/* What a machine gives up for a reason that was found is that finding's doing, even if
 * it gives up the same for another one without it. */
static void blame(struct findings *findings, const struct looks *looks,
		  const bool mended[FINDING_IDS])
{
	for (int line = 0; line < NB_LINES; line++) {
		const struct look *look = &looks->line[line];
		enum line_verdict verdict = given_up(look);

		for (size_t i = 0; look->has_reason && i < NB_COUNT(blame_rows); i++) {
			const struct blame_row *row = &blame_rows[i];
			struct finding *finding = &findings->of[row->id];

			if (row->reason == look->reason.kind &&
			    (!row->why || row->why == look->reason.why) && !mended[row->id] &&
			    verdict != LINE_USED && verdict > finding->line[line] &&
			    is_place_of(finding, &look->reason))
				finding->line[line] = verdict;
		}
	}
}

/* Whether something that was found says why; what has no edit may always be it. */
static bool is_explained(const struct findings *findings, enum nb_line line,
			 enum line_verdict verdict)
{
	for (int id = 0; id < FINDING_IDS; id++) {
		const struct finding *finding = &findings->of[id];

		if (finding->count && finding_rows[id].severity > SEVERITY_NOTE &&
		    (finding->line[line] >= verdict || finding->line[line] == LINE_NOT_RUN))
			return true;
	}
	return false;
}

/* Whether a line is of no interest: one of 32 bits, on a machine that runs another. */
static bool is_beside(const struct source *source, enum nb_line line)
{
	return nb_configs[line].low_and_vmalloc && source->kernel.line != line;
}

/* Tells of what lines give up, and nothing else that was found explains. */
static void tell_unexplained(struct findings *findings, const struct source *source,
			     const struct looks *as_is)
{
	struct lint l = { .out = findings };

	for (int line = 0; line < NB_LINES; line++) {
		struct sentence sentence;
		enum line_verdict verdict = given_up(&as_is->line[line]);
		enum finding_id id = source->kernel.line == (enum nb_line)line
					     ? FINDING_KERNEL
					     : FINDING_OTHER_KERNEL;
		findings->as_is[line] = verdict;
		if (verdict == LINE_USED || !as_is->line[line].has_reason ||
		    is_beside(source, (enum nb_line)line) ||
		    is_explained(findings, (enum nb_line)line, verdict))
			continue;
		report(&l, id, in_machine(), "a kernel that takes all as it is", "Linux %s: %s",
		       nb_lines[line].line, sentence_of(&sentence, &as_is->line[line].reason));
		l.last->line[line] = verdict;
	}
}

/* Judges a source that has a map; of one that is made up nothing follows but how
 * a machine differs from the same without a defect. */
static void judge_lines(struct findings *findings, const struct source *source, bool made_up)
{
	bool none[FINDING_IDS] = { false }, all[FINDING_IDS], chosen[FINDING_IDS];
	struct looks as_is, mended, other;
	int edited = 0;

	for (int id = 0; id < FINDING_IDS; id++) {
		all[id] = findings->of[id].edits != NULL;
		edited += all[id];
	}
	look_at_all(&as_is, source, findings, none);
	blame(findings, &as_is, none);
	if (edited > 1)
		look_at_all(&mended, source, findings, all);
	for (int id = 0; id < FINDING_IDS; id++) {
		if (!all[id])
			continue;
		memcpy(chosen, none, sizeof(chosen));
		chosen[id] = true;
		look_at_all(&other, source, findings, chosen);
		judge_all(&findings->of[id], source, &as_is, &other);
		blame(findings, &other, chosen);
		if (edited == 1)
			continue;
		memcpy(chosen, all, sizeof(chosen));
		chosen[id] = false;
		look_at_all(&other, source, findings, chosen);
		judge_all(&findings->of[id], source, &other, &mended);
	}
	if (!made_up)
		tell_unexplained(findings, source, &as_is);
}

/* Judges what is found on a machine that tables alone were made into, where a map tells
 * more of what was meant. */
static void judge_stand_in(struct findings *findings, const struct source *source, bool doubtful)
{
	static struct source with;
	static struct findings found;
	struct pool pool = { NULL, NULL, 0 };

	memset(&found, 0, sizeof(found));
	stand_in(&with, source, findings, doubtful, &pool);
	lint_source(&found, &with);
	judge_lines(&found, &with, true);
	for (int id = 0; id < FINDING_IDS; id++)
		if (findings->of[id].count)
			memcpy(findings->of[id].line, found.of[id].line, sizeof(found.of[id].line));
	memcpy(findings->as_is, found.as_is, sizeof(found.as_is));
	pool_drop(&found.pool);
	pool_drop(&pool);
}

/* What kernels make of tables alone is known as far as it does not hang on the map that
 * they come with. */
static void judge_tables(struct findings *findings, const struct source *source)
{
	static enum line_verdict plain[FINDING_IDS][NB_LINES];

	judge_stand_in(findings, source, false);
	for (int id = 0; id < FINDING_IDS; id++)
		memcpy(plain[id], findings->of[id].line, sizeof(plain[id]));
	judge_stand_in(findings, source, true);
	for (int id = 0; id < FINDING_IDS; id++)
		for (int line = 0; line < NB_LINES; line++)
			if (findings->of[id].line[line] != plain[id][line])
				findings->of[id].line[line] = LINE_NOT_KNOWN;
}

void lines_judge(struct findings *findings, const struct source *source)
{
	if (source->fw.map_count)
		judge_lines(findings, source, false);
	else
		judge_tables(findings, source);
}
