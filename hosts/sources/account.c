/* SPDX-License-Identifier: MIT */
/*
 * account: see account.h.
 *
 *	firmware's map  - what the kernel's map loses   = memory of memblock
 *	memory          - what is taken, for what       = handed over
 *	handed over     + what is given back later      = expected
 *	expected        + what nothing here explains    = MemTotal
 */
#include "account.h"

#include <numaboot/firmware.h>

#include <string.h>

enum { LOW_END = 1 << 20 };

static const struct account_row rows[ACCOUNT_ROWS] = {
	[ROW_FIRMWARE] = { "firmware", "RAM in the firmware's map",
			   "what it calls usable, or keeps its tables in", "", IS_GAIN },
	[ROW_ACPI] = { "acpi", "ACPI data and NVS", "RAM in which the firmware keeps its tables",
		       "", IS_LOSS },
	[ROW_LOW] = { "low", "first page, BIOS area", "what lies below 1 MiB is not trusted", "",
		      IS_LOSS },
	[ROW_MTRR] = { "mtrr", "uncached", "no MTRR says that it can be cached",
		       "a firmware that sets its MTRRs; disable_mtrr_trim", IS_LOSS },
	[ROW_COMMAND_LINE] = { "command_line", "command line", "mem= or memmap= takes it away",
			       "another command line", IS_LOSS },
	[ROW_MAP_LIMITS] = { "map_limits", "not usable", "beyond what the map or memblock holds",
			     "", IS_LOSS },
	[ROW_PARTS] = { "parts", "parts of pages", "memory is used in whole pages", "", IS_LOSS },
	[ROW_ADDED] = { "added", "not in the firmware's map",
			"memmap= adds it, or the kernel lies there", "", IS_GAIN },
	[ROW_MEMORY] = { "memory", "memory of memblock", "what the boot takes its memory from", "",
			 IS_SUM },
	[ROW_EDGES] = { "edges", "rests of pages", "of pages that are taken in part", "", IS_LOSS },
	[ROW_BEYOND] = { "beyond", "beyond the last page frame",
			 "the kernel cannot address it, or was told not to", "a 64-bit kernel",
			 IS_LOSS },
	[ROW_HANDED_OVER] = { "handed_over", "handed over", "to the page allocator", "", IS_SUM },
	[ROW_INITRD_BACK] = { "initrd_back", "initrd, unpacked", "it is given back", "", IS_GAIN },
	[ROW_KERNEL_BACK] = { "kernel_back", "kernel's init part",
			      "it is given back when the boot is over", "", IS_GAIN },
	[ROW_LATE_BACK] = { "late_back", "freed late", "EFI's boot services, memblock's arrays", "",
			    IS_GAIN },
	[ROW_HUGE_BACK] = { "huge_back", "huge pages", "they count as memory again", "", IS_GAIN },
	[ROW_PLUGGED_IN] = { "plugged_in", "plugged in later",
			     "pages that zones show and the boot did not have", "", IS_GAIN },
	[ROW_EXPECTED] = { "expected", "expected in the end", "what there is when the boot is over",
			   "", IS_SUM },
	[ROW_UNEXPLAINED] = { "unexplained", "not explained",
			      "what no log line tells of, such as EFI's boot services that came back",
			      "", IS_GAIN },
	[ROW_RECORDED] = { "recorded", "MemTotal", "as the machine shows it", "", IS_SUM },
};

struct account_row account_row(enum account_row_id row)
{
	const struct purpose_row *purpose;

	if (row < ROW_TAKEN || row >= ROW_EDGES)
		return rows[row];
	purpose = &purpose_rows[row - ROW_TAKEN];
	return (struct account_row){ purpose->key, purpose->name, purpose->reason,
				     purpose->gives_back, IS_LOSS };
}

/* What an account is made from. */
struct making {
	struct account *account;
	const struct nb_boot *boot;
	const struct nb_memblock *mb; /* as the page allocator finds it */
	bool nodes_known;
};

static void put(struct making *m, enum account_row_id row, uint64_t bytes, int32_t nid)
{
	struct amount *amount = &m->account->rows[row];

	amount->known = true;
	amount->all += (int64_t)bytes;
	amount->node[nid >= 0 && nid < NB_MAX_NODES ? nid : NODE_NONE] += (int64_t)bytes;
	nb_nodes_add(&m->account->nodes, nid);
}

/* RAM that memblock does not have is of the node whose block it lies in. */
static void put_outside(struct making *m, enum account_row_id row, struct nb_range range)
{
	const struct nb_numa *numa = &m->boot->numa;
	uint64_t left = nb_range_size(range);

	for (uint32_t i = 0; m->nodes_known && i < numa->block_count; i++) {
		const struct nb_block *block = &numa->blocks[i];
		struct nb_range both = { nb_max(range.start, block->range.start),
					 nb_min(range.end, block->range.end) };
		uint64_t size = nb_min(nb_range_size(both), left);

		if (size)
			put(m, row, size, block->nid);
		left -= size;
	}
	if (left)
		put(m, row, left, NB_NO_NODE);
}

/* Puts a range into a row, each part to its node. */
static void put_range(struct making *m, enum account_row_id row, struct nb_range range)
{
	const struct nb_regions *memory = &m->mb->memory;
	nb_phys at = range.start;

	for (uint32_t i = nb_regions_first_above(memory, range.start);
	     i < memory->count && nb_region_at(memory, i)->start < range.end && at < range.end;
	     i++) {
		const struct nb_region *region = nb_region_at(memory, i);

		if (region->start > at)
			put_outside(m, row, (struct nb_range){ at, region->start });
		at = nb_max(at, region->start);
		put(m, row, nb_min(region->end, range.end) - at, region->nid);
		at = nb_min(region->end, range.end);
	}
	if (at < range.end)
		put_outside(m, row, (struct nb_range){ at, range.end });
}

/* Whether ranges have all of another. */
static bool have(const struct nb_range *ranges, uint32_t count, struct nb_range range)
{
	for (uint32_t i = 0; i < count; i++)
		if (ranges[i].start <= range.start && range.end <= ranges[i].end)
			return true;
	return false;
}

/* Why RAM of the firmware's map is none of memblock's. */
static enum account_row_id why_lost(const struct making *m, struct nb_range range)
{
	const struct nb_boot_facts *facts = &m->boot->firmware->facts;
	const char *cmdline = m->boot->firmware->cmdline;
	struct nb_text words = text_of(cmdline ? cmdline : ""), word;

	if (range.end <= LOW_END)
		return ROW_LOW;
	if (nb_range_size(range) < NB_PAGE_SIZE)
		return ROW_PARTS;
	if (have(facts->mtrr_uncached, facts->mtrr_uncached_count, range))
		return ROW_MTRR;
	while (text_word(&words, &word))
		if (text_skip(&word, "mem=") || text_skip(&word, "memmap="))
			return ROW_COMMAND_LINE;
	return ROW_MAP_LIMITS;
}

/* What of one range the regions do not have. */
static void put_lost(struct making *m, struct nb_range ram)
{
	const struct nb_regions *memory = &m->mb->memory;
	nb_phys at = ram.start;

	for (uint32_t i = nb_regions_first_above(memory, ram.start); at < ram.end; i++) {
		bool in = i < memory->count && nb_region_at(memory, i)->start < ram.end;
		struct nb_range lost = { at, in ? nb_region_at(memory, i)->start : ram.end };

		if (lost.start < lost.end)
			put_range(m, why_lost(m, lost), lost);
		if (!in)
			return;
		at = nb_region_at(memory, i)->end;
	}
}

static struct nb_range entry_range(const struct nb_e820_entry *entry)
{
	return (struct nb_range){ entry->start,
				  entry->start + nb_min(entry->size, UINT64_MAX - entry->start) };
}

/* The firmware's RAM, and what of it does not become memory. The map is sorted. */
static void put_map(struct making *m)
{
	const struct nb_e820_map *map = &m->boot->e820.firmware;
	const struct nb_regions *memory = &m->mb->memory;
	uint64_t size = 0;

	for (uint32_t i = 0; i < map->count; i++) {
		struct nb_range ram = entry_range(&map->at[i]);
		bool kept = map->at[i].type == NB_E820_ACPI || map->at[i].type == NB_E820_NVS;

		if (kept)
			put_range(m, ROW_ACPI, ram);
		if (kept || map->at[i].type == NB_E820_RAM)
			put_range(m, ROW_FIRMWARE, ram);
		if (map->at[i].type != NB_E820_RAM)
			continue;
		put_lost(m, ram);
	}
	for (uint32_t k = 0; k < memory->count; k++) {
		const struct nb_region *region = nb_region_at(memory, k);
		nb_phys at = region->start;

		for (uint32_t i = 0; i < map->count; i++) {
			struct nb_range ram = entry_range(&map->at[i]);

			if (map->at[i].type != NB_E820_RAM || ram.end <= at ||
			    ram.start >= region->end)
				continue;
			if (ram.start > at)
				put_range(m, ROW_ADDED, (struct nb_range){ at, ram.start });
			at = nb_min(ram.end, region->end);
		}
		if (at < region->end)
			put_range(m, ROW_ADDED, (struct nb_range){ at, region->end });
		size += region->end - region->start;
		put(m, ROW_MEMORY, region->end - region->start, region->nid);
	}
	m->account->rows[ROW_MEMORY].known = size > 0;
}

/* What is taken, where memblock has memory: reservations may lie outside. */
static void put_taken(struct making *m, const struct nb_regions *owners)
{
	const struct nb_regions *memory = &m->mb->memory;

	for (uint32_t i = 0; i < owners->count; i++) {
		const struct nb_region *owner = nb_region_at(owners, i);

		for (uint32_t k = nb_regions_first_above(memory, owner->start);
		     k < memory->count && nb_region_at(memory, k)->start < owner->end; k++)
			put(m, (enum account_row_id)(ROW_TAKEN + owner->flags),
			    nb_min(nb_region_at(memory, k)->end, owner->end) -
				    nb_max(nb_region_at(memory, k)->start, owner->start),
			    nb_region_at(memory, k)->nid);
	}
}

/* What is free: whole pages are handed over, the rests of pages are not. */
static void put_free(struct making *m)
{
	struct nb_free_walk walk = {
		.mb = m->mb,
		.nid = NB_NO_NODE,
		.flags = NB_REGION_NOMAP | NB_REGION_DRIVER_MANAGED | NB_REGION_HOTPLUG,
	};
	struct nb_range free;
	int32_t nid;

	while (nb_free_next(&walk, &free, &nid)) {
		nb_pfn first = nb_pfn_up(free.start);
		nb_pfn past = nb_min(nb_pfn_down(free.end), m->boot->e820.max_pfn);
		uint64_t whole, beyond = 0;

		if (nb_pfn_down(free.end) > m->boot->e820.max_pfn)
			beyond = nb_pfn_phys(nb_pfn_down(free.end) - nb_max(first, past));
		whole = past > first ? nb_pfn_phys(past - first) : 0;

		put(m, ROW_HANDED_OVER, whole, nid);
		if (beyond)
			put(m, ROW_BEYOND, beyond, nid);
		if (nb_range_size(free) > whole + beyond)
			put(m, ROW_EDGES, nb_range_size(free) - whole - beyond, nid);
	}
}

/* What a stage takes memory for, where its event does not say. */
static enum purpose purpose_of_stage(enum nb_stage stage)
{
	switch (stage) {
	case NB_MAPPING:
		return FOR_PAGE_TABLES;
	case NB_ZONES_STAGE:
		return FOR_MEMMAP;
	case NB_NUMA:
	case NB_LATE_NODES:
		return FOR_NODE_DATA;
	case NB_PERCPU:
		return FOR_PERCPU;
	default:
		return FOR_SMALL_THINGS;
	}
}

/* Who has what after all that the stages did. */
static struct nb_regions owners_of(const struct stage_steps *steps, const struct nb_memblock *mb,
				   struct pool *pool)
{
	struct nb_regions owners = { .cap = 2 * steps->count + 2 * mb->reserved.count + 64 };
	enum nb_err err = NB_OK;

	owners.store = (struct nb_region *)pool_take(pool, owners.cap * sizeof(*owners.store));
	for (uint32_t i = 0; i < steps->count && !err; i++) {
		const struct stage_step *step = &steps->at[i];
		enum purpose purpose = purpose_of_event(step->kind, step->id);
		struct nb_range range = step->step.range;

		if (step->step.err || range.start >= range.end)
			continue;
		if (purpose == PURPOSES)
			purpose = purpose_of_stage(step->stage);
		if (step->step.op == NB_OP_FREE)
			err = nb_regions_remove(&owners, range.start, range.end);
		else if (step->step.op == NB_OP_RESERVE || step->step.op == NB_OP_TAKE ||
			 step->step.op == NB_OP_ALLOC)
			err = nb_regions_add(&owners, range.start, range.end, NB_NO_NODE, purpose);
	}
	/* What is reserved and no step did are memblock's own arrays. */
	for (uint32_t i = 0; i < mb->reserved.count && !err; i++)
		err = nb_regions_add(&owners, nb_region_at(&mb->reserved, i)->start,
				     nb_region_at(&mb->reserved, i)->end, NB_NO_NODE, FOR_MEMBLOCK);
	return owners;
}

/* The node that most of a row's bytes are on: what is given back of it is there. */
static int32_t node_of_row(const struct account *account, enum account_row_id row)
{
	const struct amount *amount = &account->rows[row];
	int32_t best = NB_NO_NODE;

	nb_for_each_node (nid, &account->nodes)
		if (amount->node[nid] > (best == NB_NO_NODE ? 0 : amount->node[best]))
			best = nid;
	return best;
}

bool account_given_back(struct nb_text line, struct nb_text *what, uint64_t *kib)
{
	struct nb_text rest = line, word;
	size_t at;

	if (!text_skip(&rest, "Freeing "))
		return false;
	at = text_find(rest, "memory: ");
	if (at == rest.len)
		return false;
	*what = text_trim((struct nb_text){ rest.at, at });
	rest = (struct nb_text){ rest.at + at + 8, rest.len - at - 8 };
	if (!text_word(&rest, &word) || !word.len || word.at[word.len - 1] != 'K')
		return false;
	word.len--;
	return text_u64(word, kib);
}

static void put_given_back(struct making *m, struct nb_text line)
{
	struct nb_text what;
	bool initrd;
	uint64_t kib;

	if (!account_given_back(line, &what, &kib))
		return;
	initrd = text_is(what, "initrd");
	put(m, initrd ? ROW_INITRD_BACK : ROW_KERNEL_BACK, kib * NB_KIB,
	    node_of_row(m->account,
			(enum account_row_id)(ROW_TAKEN + (initrd ? FOR_INITRD : FOR_KERNEL))));
}

/* What EFI's boot services had, which some kernels say. Of which node it is they do not. */
static void put_efi_back(struct making *m, struct nb_text line)
{
	struct nb_text what;
	uint64_t kib;

	if (text_skip(&line, "efi: ") && account_given_back(line, &what, &kib))
		put(m, ROW_LATE_BACK, kib * NB_KIB,
		    nb_nodes_count(&m->account->nodes) == 1 ? nb_nodes_next(&m->account->nodes, 0)
							    : NB_NO_NODE);
}

/* What was freed late; only whole pages are. */
static void put_freed_late(struct making *m, struct nb_range range)
{
	nb_pfn first = nb_pfn_up(range.start), past = nb_pfn_down(range.end);

	if (past > first)
		put_range(m, ROW_LATE_BACK,
			  (struct nb_range){ nb_pfn_phys(first), nb_pfn_phys(past) });
}

/* The arrays that memblock has grown are given back, which some kernels say. */
static void put_arrays_back(struct making *m, const struct replay *replay)
{
	bool met[2] = { false, false };

	for (uint32_t i = m->mb->doubled_count; i > 0; i--) {
		const struct nb_doubling *doubling = &m->mb->doubled[i - 1];

		if (!met[doubling->of_reserved] &&
		    !(replay && replay_freed_late(replay, doubling->storage)))
			put_freed_late(m, doubling->storage);
		met[doubling->of_reserved] = true;
	}
}

/* Huge pages that were taken early are pages of the page allocator in the end. */
static void put_huge_back(struct making *m)
{
	struct amount *taken = &m->account->rows[ROW_TAKEN + FOR_HUGE_PAGES];

	if (taken->known)
		m->account->rows[ROW_HUGE_BACK] = *taken;
}

void account_boot(struct account *account, const struct nb_boot *boot,
		  const struct stage_steps *steps, const struct replay *replay,
		  const struct boot_log *log, struct pool *pool)
{
	struct making m = {
		.account = account,
		.boot = boot,
		.mb = replay ? &replay->mb : &boot->memblock,
		.nodes_known = boot->next > NB_NUMA,
	};
	struct nb_regions owners;
	bool told_late = false;

	*account = (struct account){ .is_traced = replay != NULL };
	put_map(&m);
	owners = replay ? replay->owners : owners_of(steps, m.mb, pool);
	put_taken(&m, &owners);
	put_free(&m);
	put_huge_back(&m);
	put_arrays_back(&m, replay);
	for (uint32_t i = 0; i < log->count; i++)
		put_given_back(&m, log->lines[i]);
	for (uint32_t i = 0; replay && i < replay->entry_count; i++)
		if (replay->entries[i].what == REPLAY_FREED_LATE) {
			put_freed_late(&m, replay->entries[i].range);
			told_late = true;
		}
	for (uint32_t i = 0; !told_late && i < log->count; i++)
		put_efi_back(&m, log->lines[i]);
}

void account_record(struct account *account, int32_t nid, uint64_t bytes)
{
	struct amount *amount = &account->rows[ROW_RECORDED];

	amount->known = true;
	if (nid == NB_NO_NODE)
		amount->all = (int64_t)bytes;
	else
		amount->node[nid] = (int64_t)bytes;
	account->nodes_recorded = account->nodes_recorded || nid != NB_NO_NODE;
}

void account_plugged_in(struct account *account, int32_t nid, uint64_t bytes)
{
	struct making m = { .account = account };

	put(&m, ROW_PLUGGED_IN, bytes, nid);
}

/* A row as another with some rows added. */
static void sum(struct account *account, enum account_row_id to, enum account_row_id from,
		enum account_row_id plus)
{
	struct amount *total = &account->rows[to], *more = &account->rows[plus];
	const struct amount *base = &account->rows[from];

	if (to != from)
		*total = *base;
	total->all += more->all;
	for (int i = 0; i <= NB_MAX_NODES; i++)
		total->node[i] += more->node[i];
}

void account_close(struct account *account)
{
	struct amount *expected = &account->rows[ROW_EXPECTED];
	struct amount *recorded = &account->rows[ROW_RECORDED];
	struct amount *unexplained = &account->rows[ROW_UNEXPLAINED];

	sum(account, ROW_EXPECTED, ROW_HANDED_OVER, ROW_INITRD_BACK);
	sum(account, ROW_EXPECTED, ROW_EXPECTED, ROW_KERNEL_BACK);
	sum(account, ROW_EXPECTED, ROW_EXPECTED, ROW_LATE_BACK);
	sum(account, ROW_EXPECTED, ROW_EXPECTED, ROW_HUGE_BACK);
	sum(account, ROW_EXPECTED, ROW_EXPECTED, ROW_PLUGGED_IN);
	expected->known = account->rows[ROW_INITRD_BACK].known ||
			  account->rows[ROW_KERNEL_BACK].known || recorded->known;
	if (!recorded->known)
		return;
	unexplained->known = true;
	unexplained->all = recorded->all - expected->all;
	if (!account->nodes_recorded) {
		/* A kernel without nodes shows none: what differs is nobody's. */
		memcpy(recorded->node, expected->node, sizeof(recorded->node));
		recorded->node[NODE_NONE] += unexplained->all;
	}
	for (int i = 0; i <= NB_MAX_NODES; i++)
		unexplained->node[i] = recorded->node[i] - expected->node[i];
}
