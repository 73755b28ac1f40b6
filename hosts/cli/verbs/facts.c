/* SPDX-License-Identifier: MIT */
/*
 * facts: the facts of a prediction, each held against what the machine
 * showed of it. A fact is compared as the text that Linux shows: a list, a row
 * of distances, a number.
 */
#include "facts.h"
#include "facts_hold.h"
#include "facts_log.h"
#include "facts_zones.h"

#include <numaboot/render.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct group_row group_rows[FACT_GROUPS] = {
	[GROUP_END] = { "the kernel survives", "case: outcome; log" },
	[GROUP_NODES] = { "nodes: possible, online, has_*", "sys/devices/system/node/" },
	[GROUP_CPULISTS] = { "CPUs of each node that are online", "sys/devices/system/node/node*/cpulist" },
	[GROUP_DISTANCES] = { "distances from each node", "sys/devices/system/node/node*/distance" },
	[GROUP_CPUS] = { "CPUs: possible; present, as the log counts them", "sys/devices/system/cpu/possible; log" },
	[GROUP_ZONES] = { "zones: start_pfn, spanned, present", "proc/zoneinfo" },
	[GROUP_MANAGED] = { "zones: managed, by a trace of memblock; deferred", "proc/zoneinfo; log" },
	[GROUP_MEMORY] = { "memory: in all; by a trace reserved, available", "log, `Memory:`" },
	[GROUP_WATERMARKS] = { "watermarks: min_free_kbytes; min, low, high", "proc/zoneinfo, proc/sys/vm/min_free_kbytes; log" },
	[GROUP_RESERVES] = { "reserves of zones: protection", "proc/zoneinfo; log" },
	[GROUP_LISTS] = { "lists of CPUs: batch, high", "proc/zoneinfo; log" },
	[GROUP_DIRECT_MAP] = { "direct map: its size, in kB", "proc/meminfo, DirectMap*" },
	[GROUP_BOUNCE] = { "bounce buffers: where they lie", "log, `software IO TLB: mapped`" },
	[GROUP_ACCESS] = { "access: initiators, bandwidth, latency (HMAT)", "sys/devices/system/node/node*/access*/initiators/" },
	[GROUP_NOT_HELD] = { "what the source does not hold", "-" },
	[GROUP_GIVEN] = { "facts that only the record has", "log, proc/iomem, sys/devices/system/cpu/online" },
};
/* clang-format on */

enum { FACTS_FIRST = 64, TEXT_MOST = 1024 };

struct nb_text say(struct comparison *c, const char *format, ...)
{
	char *at = pool_space(&c->pool, TEXT_MOST);
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(at, TEXT_MOST, format, args);
	va_end(args);
	nb_assert(len >= 0);
	if (len >= TEXT_MOST)
		len = TEXT_MOST - 1;
	pool_keep(&c->pool, (size_t)len + 1);
	return (struct nb_text){ at, (size_t)len };
}

static void add(struct comparison *c, struct fact fact)
{
	if (c->fact_count == c->fact_cap) {
		struct fact *more;

		c->fact_cap = c->fact_cap ? 2 * c->fact_cap : FACTS_FIRST;
		more = (struct fact *)pool_take(&c->pool, c->fact_cap * sizeof(*more));
		if (c->fact_count)
			memcpy(more, c->facts, c->fact_count * sizeof(*more));
		c->facts = more;
	}
	c->counts[fact.verdict]++;
	c->facts[c->fact_count++] = fact;
}

void hold(struct comparison *c, enum fact_group group, struct nb_text name,
	  struct nb_text predicted, struct nb_text recorded)
{
	enum verdict verdict = IS_NOT_RECORDED;

	if (recorded.at)
		verdict = text_same(predicted, recorded) ? IS_EXACT : IS_DIFFERENT;
	add(c, (struct fact){ group, verdict, name, predicted, recorded });
}

static void hold_number(struct comparison *c, enum fact_group group, struct nb_text name,
			uint64_t predicted, uint64_t recorded)
{
	hold(c, group, name, say(c, "%llu", (unsigned long long)predicted),
	     say(c, "%llu", (unsigned long long)recorded));
}

/* A bit set as Linux lists it; empty if it is. */
static struct nb_text list(struct comparison *c, const uint64_t *bits, uint32_t end)
{
	enum { RUN_MOST = 24 };
	size_t len = 0, runs = 0;
	struct run_of run;
	char *at;

	for (uint32_t from = 0; bits_next_run(bits, from, end, &run); from = run.last + 1)
		runs++;
	at = pool_space(&c->pool, (runs + 1) * RUN_MOST);
	for (uint32_t from = 0; bits_next_run(bits, from, end, &run); from = run.last + 1) {
		const char *comma = len ? "," : "";

		if (run.first == run.last)
			len += (size_t)snprintf(at + len, RUN_MOST, "%s%u", comma, run.first);
		else
			len += (size_t)snprintf(at + len, RUN_MOST, "%s%u-%u", comma, run.first,
						run.last);
	}
	pool_keep(&c->pool, len + 1);
	return (struct nb_text){ at, len };
}

static void hold_nodes(struct comparison *c, const struct nb_nodes *nodes,
		       const struct recorded *recorded, enum recorded_mask mask)
{
	hold(c, GROUP_NODES, say(c, "node/%s", recorded_mask_names[mask]),
	     list(c, nodes->bits, NB_MAX_NODES), recorded->masks[mask]);
}

static void hold_masks(struct comparison *c, const struct run *run, const struct recorded *r)
{
	const struct nb_boot *b = &run->boot;

	if (run_has(run, NB_NUMA)) {
		hold_nodes(c, &b->numa.possible, r, MASK_POSSIBLE);
		hold_nodes(c, &b->numa.initiator, r, MASK_HAS_INITIATOR);
	}
	if (run_has(run, NB_ZONES_STAGE)) {
		hold_nodes(c, &b->zones.has_memory, r, MASK_HAS_MEMORY);
		hold_nodes(c, &b->zones.has_normal_memory, r, MASK_HAS_NORMAL_MEMORY);
	}
	if (run_has(run, NB_SMP)) {
		hold_nodes(c, &b->smp.online_nodes, r, MASK_ONLINE);
		hold_nodes(c, &b->smp.has_cpu, r, MASK_HAS_CPU);
	}
}

/* The predicted CPUs of a node, those alone that the record has online. */
static struct nb_text cpulist(struct comparison *c, const struct nb_smp *smp, int32_t nid,
			      const uint64_t *online)
{
	uint64_t *bits = (uint64_t *)pool_take(&c->pool, (smp->words + 1) * sizeof(*bits));

	if ((uint32_t)nid < smp->nodes)
		for (uint32_t i = 0; i < smp->words; i++)
			bits[i] = smp->node_cpus[(size_t)(uint32_t)nid * smp->words + i] &
				  online[i];
	return list(c, bits, smp->words * 64);
}

/* A node's row: the distances to the nodes that are online. */
static struct nb_text distances(struct comparison *c, const struct nb_boot *b, int32_t from)
{
	enum { NUMBER_MOST = 8 };
	uint32_t count = nb_nodes_count(&b->smp.online_nodes);
	char *at = pool_space(&c->pool, (count + 1) * NUMBER_MOST);
	size_t len = 0;

	nb_for_each_node (to, &b->smp.online_nodes)
		len += (size_t)snprintf(at + len, NUMBER_MOST, "%s%u", len ? " " : "",
					nb_numa_distance(&b->numa, from, to));
	pool_keep(&c->pool, len + 1);
	return (struct nb_text){ at, len };
}

/* "node 0: 400 400 MB/s 1 1 ns": initiators, bandwidth and latency to read and write. */
static struct nb_text predicted_access(struct comparison *c, const struct nb_node_access *access,
				       unsigned class)
{
	struct nb_text initiators = list(c, access->initiators[class].bits, NB_MAX_NODES);
	const struct nb_access_speed *s = &access->speed[class];

	if (!access->known)
		return say(c, "none");
	return say(c, "node %.*s: %u %u MB/s %u %u ns", (int)initiators.len, initiators.at,
		   s->read_bandwidth, s->write_bandwidth, s->read_latency, s->write_latency);
}

static struct nb_text recorded_access(struct comparison *c, const struct recorded_access *access)
{
	struct nb_text initiators = list(c, access->initiators.bits, NB_MAX_NODES);
	const struct nb_text *s = access->speeds;

	if (!access->there)
		return say(c, "none");
	return say(c, "node %.*s: %.*s %.*s MB/s %.*s %.*s ns", (int)initiators.len, initiators.at,
		   (int)s[0].len, s[0].at, (int)s[1].len, s[1].at, (int)s[2].len, s[2].at,
		   (int)s[3].len, s[3].at);
}

/* How fast memory is, on machines with a HMAT. */
static void hold_access(struct comparison *c, const struct run *run,
			const struct recorded *recorded)
{
	const struct nb_access *access = &run->boot.access;

	if (!run_has(run, NB_ACCESS))
		return;
	for (uint32_t i = 0; i < recorded->node_count * NB_ACCESS_CLASSES; i++) {
		const struct recorded_node *node = &recorded->nodes[i / NB_ACCESS_CLASSES];
		unsigned class = i % NB_ACCESS_CLASSES;
		const struct nb_node_access none = { .known = false }, *own = &none;

		if ((uint32_t)node->nid < access->nodes)
			own = &access->node[node->nid];
		if (!own->known && !node->access[class].there)
			continue;
		hold(c, GROUP_ACCESS, say(c, "node%d/access%u/initiators", node->nid, class),
		     predicted_access(c, own, class), recorded_access(c, &node->access[class]));
	}
}

static void hold_node_facts(struct comparison *c, const struct run *run,
			    const struct recorded *recorded, const uint64_t *online)
{
	const struct nb_boot *b = &run->boot;

	if (!run_has(run, NB_SMP))
		return;
	for (uint32_t i = 0; i < recorded->node_count; i++) {
		const struct recorded_node *node = &recorded->nodes[i];

		hold(c, GROUP_CPULISTS, say(c, "node%d/cpulist", node->nid),
		     cpulist(c, &b->smp, node->nid, online),
		     recorded->cpu_online.at ? node->cpulist : (struct nb_text){ NULL, 0 });
		hold(c, GROUP_DISTANCES, say(c, "node%d/distance", node->nid),
		     distances(c, b, node->nid), node->distance);
	}
}

/* How many present CPUs the log counts, or a null text. */
static struct nb_text present_in(const struct boot_log *log)
{
	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->plain[i], count;

		if (text_skip(&line, "CPU topo: Allowing ") && text_word(&line, &count))
			return count;
	}
	return (struct nb_text){ NULL, 0 };
}

static void hold_cpus(struct comparison *c, const struct run *run, const struct recorded *recorded)
{
	const struct nb_cpus *cpus = &run->boot.cpus;
	struct nb_text possible;
	uint32_t count;

	if (!run_has(run, NB_CPUS))
		return;
	count = run_has(run, NB_SMP) ? run->boot.smp.possible : cpus->possible;
	possible = count > 1 ? say(c, "0-%u", count - 1) : say(c, "0");
	hold(c, GROUP_CPUS, say(c, "cpu/possible"), possible, recorded->cpu_possible);
	hold(c, GROUP_CPUS, say(c, "present CPUs"), say(c, "%u", cpus->present),
	     present_in(&recorded->log));
}

static const struct recorded_zone *recorded_zone(const struct recorded *recorded, int32_t nid,
						 const char *name)
{
	for (uint32_t i = 0; i < recorded->zone_count; i++)
		if (recorded->zones[i].nid == nid && text_is(recorded->zones[i].name, name))
			return &recorded->zones[i];
	return NULL;
}

/*
 * No zone of a boot ends above the last page of RAM. One that does was made, or
 * has grown, when memory was added to the running system.
 */
static bool has_grown(const struct recorded_zone *recorded, const struct nb_zone *zone,
		      const struct nb_e820 *e820)
{
	return recorded->has_start && recorded->present > zone->present_pages &&
	       recorded->start_pfn + recorded->spanned > e820->max_pfn;
}

static void hold_zone(struct comparison *c, const struct nb_zone *zone, const char *name,
		      const struct recorded_zone *recorded)
{
	int32_t nid = recorded->nid;

	if (recorded->has_start)
		hold_number(c, GROUP_ZONES, say(c, "node %d %s start_pfn", nid, name), zone->start,
			    recorded->start_pfn);
	hold_number(c, GROUP_ZONES, say(c, "node %d %s spanned", nid, name), zone->spanned_pages,
		    recorded->spanned);
	hold_number(c, GROUP_ZONES, say(c, "node %d %s present", nid, name), zone->present_pages,
		    recorded->present);
}

static void hold_zones(struct comparison *c, const struct run *run, const struct recorded *recorded)
{
	const struct nb_zones *zones = &run->boot.zones;

	if (!run_has(run, NB_ZONES_STAGE))
		return;
	for (uint32_t i = 0; i < zones->nodes * NB_ZONES; i++) {
		int32_t nid = (int32_t)(i / NB_ZONES);
		enum nb_zone_id id = (enum nb_zone_id)(i % NB_ZONES);
		const struct nb_zone *zone = &zones->node[nid].zone[id];
		const struct recorded_zone *record = recorded_zone(recorded, nid, nb_zone_name(id));

		if (record && has_grown(record, zone, &run->boot.e820))
			add(c, (struct fact){ GROUP_ZONES, IS_GIVEN,
					      say(c, "node %d %s", nid, nb_zone_name(id)),
					      say(c, "grown by %llu pages",
						  (unsigned long long)(record->present -
								       zone->present_pages)),
					      say(c, "memory added after the boot") });
		else if (record)
			hold_zone(c, zone, nb_zone_name(id), record);
		else if (zone->present_pages)
			hold(c, GROUP_ZONES, say(c, "node %d %s present", nid, nb_zone_name(id)),
			     say(c, "%llu", (unsigned long long)zone->present_pages),
			     recorded->zone_count ? say(c, "no such zone")
						  : (struct nb_text){ NULL, 0 });
	}
}

/* Whether a fact is a guess where a log is all that there is. */
static bool is_guess(const struct source *source, enum source_fact fact)
{
	return source->facts[fact].origin == ORIGIN_ASSUMED;
}

/* Whether memory may have been added to the running system: the SRAT leaves room for it,
 * or there are devices of memory, which are mapped when their driver takes them. */
static bool may_grow(const struct nb_boot *b)
{
	const struct nb_e820_map *map = &b->e820.map;

	if (b->numa.max_possible > nb_pfn_phys(b->e820.max_pfn))
		return true;
	for (uint32_t i = 0; i < map->count; i++)
		if (map->at[i].type == NB_E820_PMEM || map->at[i].type == NB_E820_PRAM ||
		    map->at[i].type == NB_E820_SOFT_RESERVED)
			return true;
	return false;
}

/*
 * The kernel counts pages of each size as it enters them, and splits large ones later, so
 * that only the sum stays. Without the zones beside it nobody can tell what has grown.
 */
static void hold_direct_map(struct comparison *c, const struct run *run,
			    const struct recorded *recorded)
{
	const struct nb_boot *b = &run->boot;
	uint64_t kib = 0;
	bool added = c->later_count || may_grow(b);

	if (!run_has(run, NB_ZONES_STAGE) || !recorded->direct_map_kib || !recorded->zone_count)
		return;
	for (int size = NB_PAGE_4K; size < NB_PAGE_SIZES; size++)
		kib += b->mapping.pages[size] << (nb_entry_shift((unsigned)size) - 10);
	if (added && recorded->direct_map_kib > kib)
		return;
	hold_number(c, GROUP_DIRECT_MAP, say(c, "direct map"), kib, recorded->direct_map_kib);
}

/*
 * Bounce buffers are told once the boot that is modelled is over, and only if no IOMMU
 * has made them needless. Of a log alone no more is known than how many there are.
 */
static void hold_bounce(struct comparison *c, const struct held *held)
{
	const struct run *run = held->run;
	struct nb_text line = boot_log_line(&held->recorded->log, "software IO TLB: mapped [mem ");
	struct nb_range recorded, predicted = run->boot.bounce.buffers;

	if (!line.at || !run_has(run, NB_BOUNCE) || !text_mem_range(line, "[mem ", &recorded))
		return;
	recorded.end--; /* it is told as the byte behind the last */
	if (!knows_addresses(held)) {
		hold_number(c, GROUP_BOUNCE, say(c, "bounce buffers, bytes"),
			    nb_range_size(predicted), nb_range_size(recorded));
		return;
	}
	hold(c, GROUP_BOUNCE, say(c, "bounce buffers"),
	     say(c, "0x%llx-0x%llx", (unsigned long long)predicted.start,
		 (unsigned long long)predicted.end),
	     say(c, "0x%llx-0x%llx", (unsigned long long)recorded.start,
		 (unsigned long long)recorded.end));
}

static void list_given(struct comparison *c, const struct source *source)
{
	for (int i = 0; i < FACTS; i++) {
		char value[TEXT_MOST];

		if (source->facts[i].origin != ORIGIN_GIVEN)
			continue;
		fact_value(source, (enum source_fact)i, value, sizeof(value));
		add(c, (struct fact){ GROUP_GIVEN, IS_GIVEN, say(c, "%s", fact_rows[i].name),
				      say(c, "%s", value), say(c, "%s", source->facts[i].where) });
	}
	if (c->later_count)
		add(c, (struct fact){ GROUP_GIVEN, IS_GIVEN, say(c, "log lines after the boot"),
				      say(c, "%u", c->later_count),
				      say(c, "memory added after the boot") });
}

/*
 * What a log alone does not tell, and a kernel may have died of: where an initrd
 * lies, which decides if it fits, before the log could tell of it; a generic
 * initiator of a SRAT that was rejected, whose node is online all the same.
 */
static enum source_fact may_die_of(const struct held *held)
{
	const struct source *source = held->source;

	if (!source->is_log || !held->recorded->log.panicked)
		return FACTS;
	if (is_guess(source, FACT_INITRD) &&
	    !boot_log_line(&held->recorded->log, "Zone ranges:").at)
		return FACT_INITRD;
	if (is_guess(source, FACT_INITIATORS) && run_has(held->run, NB_NUMA) &&
	    held->run->boot.numa.source == NB_NUMA_DUMMY && nb_firmware_table(&source->fw, "SRAT"))
		return FACT_INITIATORS;
	return FACTS;
}

/* A kernel that died after all that is predicted died of something else. */
static void hold_end(struct comparison *c, const struct held *held, uint32_t lines_missing)
{
	const struct run *run = held->run;
	const struct recorded *recorded = held->recorded;
	bool died = recorded->end == END_PANIC || recorded->end == END_STOPPED;
	struct nb_text name = say(c, "the kernel survives");
	struct nb_text predicted = say(c, run->dies ? "no" : "yes");
	struct nb_text record = { NULL, 0 };

	if (!run->dies && may_die_of(held) != FACTS)
		add(c, (struct fact){
			       GROUP_NOT_HELD,
			       IS_NOT_RECORDED,
			       say(c, "why it died"),
			       say(c, "it may depend on the %s", fact_rows[may_die_of(held)].name),
			       { NULL, 0 } });
	else if (recorded->end != END_UNKNOWN && (run->dies || !died || lines_missing))
		record = say(c, died ? "no" : "yes");
	hold(c, GROUP_END, name, predicted, record);
}

static uint32_t nodes_with_memory(const struct run *run)
{
	return run_has(run, NB_ZONES_STAGE) ? nb_nodes_count(&run->boot.zones.has_memory) : 0;
}

/* Whether CPUs are started in another order than that of their numbers: first
 * threads first. */
static bool starts_threads_apart(const struct source *source)
{
	const struct nb_boot_facts *facts = &source->fw.facts;

	return source->kernel.rules->smp_counts_tries && facts->parallel_bringup &&
	       (is_guess(source, FACT_TOPOLOGY) || facts->thread_shift > 0);
}

/* Whether a node may be without memory: CPUs then decide if it comes online. */
static bool has_memoryless(const struct run *run)
{
	return run_has(run, NB_NUMA) && run_has(run, NB_ZONES_STAGE) &&
	       nb_nodes_count(&run->boot.numa.possible) > nodes_with_memory(run);
}

/* Whether the command line wants one thread of each core alone. */
static bool starts_first_threads(const struct source *source)
{
	return source->fw.cmdline && strstr(source->fw.cmdline, "nosmt");
}

static bool ends(struct nb_text text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len && !memcmp(text.at + text.len - len, end, len);
}

/*
 * What a count of pages needs that leaves out their descriptors and those which are
 * taken below 16 MiB: EFI's boot services may lie there, and a BIOS's data area where
 * not all of the first MiB is taken anyhow. With 32 bits none of these is left out,
 * but a descriptor has the size that the build chose.
 */
static enum source_fact low_pages_need(const struct held *held)
{
	const struct source *source = held->source;
	const struct nb_rules *rules = source->kernel.rules;

	if (!rules->memmap_counted)
		return FACTS;
	if (source->is_log && source->kernel.config.low_and_vmalloc)
		return boot_log_line(&held->recorded->log, "  DMA zone: ").at ? FACTS : FACT_BUILD;
	if (source->fw.facts.efi && is_guess(source, FACT_EFI_BOOT))
		return FACT_EFI_BOOT;
	if (source->fw.facts.efi &&
	    source->is_log) /* such memory is kept, but what the image has */
		return FACT_KERNEL;
	if (source->is_log && !rules->low_reserved_whole)
		return FACT_BIOS_WORDS;
	return FACTS;
}

/* Whether a line is of a map from before the one that is the source's. */
static bool is_of_lost_map(const struct source *source, struct nb_text plain)
{
	const struct provenance *map = &source->facts[FACT_MAP];

	return map->origin == ORIGIN_DERIVED &&
	       (nb_text_starts(plain, "BIOS-") || nb_text_starts(plain, "extended") ||
		(nb_text_starts(plain, "reserve setup_data:") &&
		 strcmp(map->where, "log, extended:")));
}

/* Whether a kernel runs as a guest of Xen that knows so: NUMA is turned off for it,
 * and its CPUs start in another way. Linux 4.9 arch/x86/xen/setup.c xen_arch_setup(). */
static bool is_of_xen(const struct source *source, struct nb_text plain)
{
	return !strcmp(source->facts[FACT_MAP].where, "log, Xen:") &&
	       (nb_text_starts(plain, "NUMA turned off") ||
		nb_text_starts(plain, "No NUMA configuration") ||
		nb_text_starts(plain, "smpboot: x86: Booting SMP") ||
		nb_text_starts(plain, ".... node"));
}

/* Whether a line tells of groups of CPUs, or of what follows from how many there are. */
static bool is_of_groups(struct nb_text plain)
{
	return nb_text_starts(plain, "percpu: Embedded ") || nb_text_starts(plain, "pcpu-alloc: ");
}

/* Whether a line goes on with one of CPUs that come up: " #199 #200". */
static bool is_of_bring_up(struct nb_text plain)
{
	while (plain.len && *plain.at == ' ')
		plain = (struct nb_text){ plain.at + 1, plain.len - 1 };
	return plain.len > 1 && *plain.at == '#';
}

/*
 * Whether the addresses of what is taken early can be told: they follow from where the
 * kernel lies and from sizes of its build, of which a log alone says little, and which
 * other releases have of their own.
 */
bool knows_addresses(const struct held *held)
{
	return !held->source->is_log &&
	       nb_text_starts(held->recorded->release, held->source->kernel.rules->release);
}

/* Whether a line tells of memory that is taken early, by its address. */
static bool is_of_early_memory(struct nb_text plain)
{
	return nb_text_starts(plain, "memblock_") || nb_text_starts(plain, "BRK [");
}

enum source_fact line_needs(const struct held *held, const struct log_line *line)
{
	const struct source *source = held->source;
	struct nb_text plain = line->plain;
	uint32_t nodes = nodes_with_memory(held->run);

	if (is_of_lost_map(source, plain))
		return FACT_MAP;
	if (is_of_xen(source, plain))
		return FACT_HYPERVISOR;
	if (is_of_early_memory(plain) && !knows_addresses(held))
		return FACT_KERNEL;
	if (nodes > 2 && is_guess(source, FACT_SLIT) &&
	    (nb_text_starts(plain, "Fallback order for Node ") ||
	     nb_text_starts(plain, "mminit::zonelist ")))
		return FACT_SLIT;
	if (is_guess(source, FACT_CPU_NODES) &&
	    (nb_text_starts(plain, "CPU topo: Max. logical nodes:") ||
	     nb_text_starts(plain, "NUMA: Initialized distance table") ||
	     (has_memoryless(held->run) &&
	      (nb_text_starts(plain, "Built ") || nb_text_starts(plain, "smp: Brought up ")))))
		return FACT_CPU_NODES;
	if (nb_text_starts(plain, "Built ") || ends(plain, " pages reserved"))
		return low_pages_need(held);
	if (source->is_log && ends(plain, " usable ==> usable"))
		return FACT_SETUP_DATA;
	if (is_guess(source, FACT_MADT) &&
	    (nb_text_starts(plain, "CPU topo: Boot CPU APIC ID") ||
	     nb_text_starts(plain, "CPU topo: [Firmware Bug]") ||
	     nb_text_starts(plain, "CPU topo: Enumerated BSP") ||
	     ends(plain, " exceed the limit of 1") ||
	     (nb_text_starts(plain, "smp: Brought up ") && starts_first_threads(source))))
		return FACT_MADT;
	if (!nb_text_starts(plain, ".... node") && !is_of_bring_up(plain) && !is_of_groups(plain))
		return FACTS;
	if (nodes > 1 && is_guess(source, FACT_CPU_NODES))
		return FACT_CPU_NODES;
	if (is_guess(source, FACT_MADT) &&
	    (nodes > 1 || (starts_threads_apart(source) && !is_of_groups(plain))))
		return FACT_MADT;
	return FACTS;
}

/* A kernel that dies in both: lines before its death that the console never got. */
static void list_lost_end(struct comparison *c, const struct held *held, uint32_t lines)
{
	if (lines && held->run->dies && held->recorded->end == END_STOPPED)
		add(c, (struct fact){ GROUP_NOT_HELD,
				      IS_NOT_RECORDED,
				      lines == 1 ? text_of("the last line of the log")
						 : say(c, "the last %u lines of the log", lines),
				      say(c, "the machine stopped without a panic, which would "
					     "have brought them to the console"),
				      { NULL, 0 } });
}

static void list_not_held(struct comparison *c)
{
	for (uint32_t i = 0; i < c->not_held_count; i++) {
		const struct not_held *n = &c->not_held[i];

		add(c, (struct fact){ GROUP_NOT_HELD,
				      IS_NOT_RECORDED,
				      say(c, "%u line%s of the log: %s", n->lines,
					  n->lines == 1 ? "" : "s", families[n->family].name),
				      say(c, "they depend on the %s", fact_rows[n->fact].name),
				      { NULL, 0 } });
	}
}

void compare_facts(struct comparison *c, const struct held *held)
{
	const struct recorded *recorded = held->recorded;
	const struct run *run = held->run;
	uint64_t online[NB_MAX_CPUS / 64] = { 0 };
	uint32_t missing = 0;

	*c = (struct comparison){ .by_meaning = held->source->kernel.pick == PICK_NEAREST };
	if (recorded->cpu_online.at)
		text_list(recorded->cpu_online, online, NB_MAX_CPUS);
	if (recorded->log.count) {
		c->has_log = true;
		missing = compare_logs(c, held);
	}
	hold_end(c, held, missing);
	hold_masks(c, run, recorded);
	hold_cpus(c, run, recorded);
	hold_node_facts(c, run, recorded, online);
	hold_zones(c, run, recorded);
	hold_managed(c, held);
	hold_watermarks(c, held);
	hold_direct_map(c, run, recorded);
	hold_bounce(c, held);
	hold_access(c, run, recorded);
	/* Of the very release that the rules were read in there is nothing to excuse. */
	if (recorded->log.count &&
	    !nb_text_starts(recorded->release, held->source->kernel.rules->release))
		compare_known_releases(c, recorded->release);
	list_given(c, held->source);
	list_not_held(c);
	list_lost_end(c, held, missing);
}

static const struct fact *find_fact(const struct comparison *c, struct nb_text name)
{
	for (uint32_t i = 0; i < c->fact_count; i++)
		if (text_same(c->facts[i].name, name))
			return &c->facts[i];
	return NULL;
}

void compare_other_line(struct comparison *c, const struct comparison *other)
{
	for (uint32_t i = 0; i < c->fact_count; i++) {
		struct fact *fact = &c->facts[i];
		const struct fact *same;

		if (fact->verdict != IS_DIFFERENT)
			continue;
		same = find_fact(other, fact->name);
		if (!same || same->verdict != IS_EXACT)
			continue;
		fact->verdict = IS_OF_RELEASE;
		c->counts[IS_DIFFERENT]--;
		c->counts[IS_OF_RELEASE]++;
	}
	compare_other_log(c, other);
}
