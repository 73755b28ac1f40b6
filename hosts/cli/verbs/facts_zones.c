/* SPDX-License-Identifier: MIT */
/*
 * facts_zones: marks, reserves and lists of zones, held against /proc/zoneinfo.
 *
 * A prediction of these hangs on how many pages a zone manages, to the page. So the
 * rule alone is judged here: it is given what the record has, as it was when the rule
 * was applied.
 *
 *   managed, in the end - initrd - kernel's init part - huge pages of 1 GiB
 *                                                   = managed, when marks were made
 */
#include "facts_zones.h"

#include "../../sources/account.h"
#include "facts_hold.h"

#include <numaboot/render.h>

#include <stdio.h>
#include <string.h>

/* What the log says of pages that came back. */
struct returned {
	uint64_t initrd_pages, init_pages;
	uint64_t locks_pages; /* of the image, too, before anything is set */
	bool at_end;          /* the boot's end is in the log */
	bool efi_late;        /* EFI's boot services came back after reserves were made */
	uint64_t huge_count;  /* huge pages of 1 GiB that did */
};

/* One comparison at work. */
struct judging {
	struct comparison *c;
	const struct held *held;
	const struct nb_boot *boot;
	struct returned returned;
	struct nb_managed managed; /* when marks were made, by the record */
	struct nb_watermarks marks;
	bool *split; /* [nodes * NB_ZONES] part of the image lies there, another elsewhere */
};

static const struct nb_text not_recorded = { NULL, 0 };

static bool has(struct nb_text line, const char *words)
{
	return text_find(line, words) < line.len;
}

/* "HugeTLB registered 1 GB page size, pre-allocated 1 pages". */
static void note_huge(struct nb_text line, uint64_t *count)
{
	static const char *const words[] = { " 1 GB page size, pre-allocated ",
					     " 1.00 GiB page size, pre-allocated " };
	struct nb_text word;

	for (size_t i = 0; i < NB_COUNT(words); i++) {
		size_t at = text_find(line, words[i]) + strlen(words[i]);
		struct nb_text rest = { line.at + at, line.len - at };

		if (at <= line.len && text_word(&rest, &word) && !text_u64(word, count))
			*count = UINT64_MAX; /* as many as nobody took */
	}
}

static struct returned returned_of(const struct boot_log *log)
{
	struct returned r = { 0 };

	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->lines[i], what;
		uint64_t kib;

		r.efi_late = r.efi_late || has(line, "Freeing EFI boot services memory");
		note_huge(line, &r.huge_count);
		if (!account_given_back(line, &what, &kib))
			continue;
		if (text_is(what, "initrd"))
			r.initrd_pages += kib * NB_KIB / NB_PAGE_SIZE;
		else if (text_skip(&what, "unused "))
			r.init_pages += kib * NB_KIB / NB_PAGE_SIZE;
		else if (text_is(what, "SMP alternatives"))
			r.locks_pages += kib * NB_KIB / NB_PAGE_SIZE;
		else
			continue;
		r.at_end = r.at_end || r.init_pages;
	}
	return r;
}

static uint32_t zone_id(struct nb_text name)
{
	uint32_t id = 0;

	while (id < NB_ZONES && !text_is(name, nb_zone_name((enum nb_zone_id)id)))
		id++;
	return id;
}

/* Whether it is known where the kernel lies. */
static bool is_placed(const struct source *source)
{
	return source->facts[FACT_KERNEL].origin != ORIGIN_ASSUMED ||
	       (source->fw.cmdline && strstr(source->fw.cmdline, "nokaslr"));
}

/* Whether as many huge pages came back as are predicted, with all their descriptors. */
static bool knows_huge(const struct judging *j)
{
	const char *cmdline = j->held->source->fw.cmdline;
	uint64_t huge = 0;

	for (uint32_t i = 0; i < j->boot->managed.nodes * NB_ZONES; i++)
		huge += j->boot->managed.zone[i].huge_pages;
	return j->returned.huge_count == huge / nb_pfn_down(NB_GIB) &&
	       !(huge && cmdline && strstr(cmdline, "hugetlb_free_vmemmap="));
}

/* Whether what is reserved when the kernel tells of it is what memblock had, less what
 * the log says came back before. Of a release in between nobody knows when that is. */
static bool is_told(const struct judging *j)
{
	return is_placed(j->held->source) && !j->c->by_meaning &&
	       (!j->boot->env.rules->memory_told_late ||
		(knows_huge(j) && !j->held->source->fw.facts.efi));
}

/* Whether zones are as the boot made them, and the log tells what came back: then
 * what they managed meanwhile is known. */
static bool is_known(const struct judging *j)
{
	const struct recorded *recorded = j->held->recorded;
	uint64_t initrd = 0;

	for (uint32_t i = 0; i < j->boot->managed.nodes * NB_ZONES; i++)
		initrd += j->boot->managed.zone[i].initrd_pages;
	for (uint32_t i = 0; i < recorded->zone_count; i++) {
		const struct recorded_zone *zone = &recorded->zones[i];

		if (!zone->has_managed || zone_id(zone->name) == NB_ZONES ||
		    (uint32_t)zone->nid >= j->boot->zones.nodes ||
		    zone->present !=
			    j->boot->zones.node[zone->nid].zone[zone_id(zone->name)].present_pages)
			return false;
	}
	return j->returned.at_end && is_placed(j->held->source) && !j->c->later_count &&
	       knows_huge(j) && (!j->returned.initrd_pages || j->returned.initrd_pages == initrd);
}

/* Takes what came back off what each zone manages; false if it was not there. */
static bool take_back(struct judging *j)
{
	const struct recorded *recorded = j->held->recorded;
	const struct nb_range image = j->held->source->fw.facts.kernel;
	const struct nb_boot *b = j->boot;

	for (uint32_t i = 0; i < recorded->zone_count; i++) {
		const struct recorded_zone *record = &recorded->zones[i];
		uint32_t id = zone_id(record->name);
		struct nb_managed_zone *zone = nb_managed_zone(&j->managed, record->nid, id);
		bool begins = nb_node_of(b, image.start) == record->nid &&
			      nb_zone_of(b, image.start) == (enum nb_zone_id)id;
		bool ends = nb_node_of(b, image.end - 1) == record->nid &&
			    nb_zone_of(b, image.end - 1) == (enum nb_zone_id)id;
		uint64_t later;

		if (j->returned.initrd_pages)
			zone->initrd_pages =
				nb_managed_zone(&b->managed, record->nid, id)->initrd_pages;
		if (begins)
			zone->init_pages = (uint32_t)j->returned.init_pages;
		j->split[(uint32_t)record->nid * NB_ZONES + id] = begins != ends;
		zone->huge_pages = nb_managed_zone(&b->managed, record->nid, id)->huge_pages;
		later = zone->initrd_pages + zone->init_pages + zone->huge_pages;
		if (record->managed < later)
			return false;
		zone->pages = record->managed - later;
	}
	return true;
}

static void make_room(struct judging *j)
{
	const uint32_t nodes = j->boot->managed.nodes, zones = nodes * NB_ZONES;
	struct pool *pool = &j->c->pool;

	j->managed = (struct nb_managed){
		.zone = (struct nb_managed_zone *)pool_take(pool, zones * sizeof(*j->managed.zone)),
		.first_deferred = (nb_pfn *)pool_take(pool, nodes * sizeof(nb_pfn)),
		.nodes = nodes,
	};
	j->marks = (struct nb_watermarks){
		.zone = (struct nb_zone_watermarks *)pool_take(pool,
							       zones * sizeof(*j->marks.zone)),
		.nodes = nodes,
	};
	j->split = (bool *)pool_take(pool, zones * sizeof(*j->split));
}

static bool build(struct judging *j)
{
	const struct nb_env env = { j->boot->env.rules, j->boot->env.config, NULL };

	make_room(j);
	if (!is_known(j) || !take_back(j))
		return false;
	return nb_watermarks_build(&j->marks, &j->managed, &j->boot->zones, &j->boot->smp,
				   &j->boot->params, &env) == NB_OK;
}

static struct nb_text name_of(const struct judging *j, const struct recorded_zone *zone,
			      const char *what)
{
	return say(j->c, "node %d %.*s %s", zone->nid, (int)zone->name.len, zone->name.at, what);
}

/* A setting of the running system that is as the boot left it, or is not shown. */
static bool is_untouched(struct nb_text shown, uint64_t value)
{
	struct nb_text word;
	uint64_t number;

	return !shown.at ||
	       (text_word(&shown, &word) && text_u64(word, &number) && number == value);
}

/*
 * What shortness of memory added to the marks. 5.10 adds it, too, and does not show it:
 * there it is told by all three being off by whole pageblocks.
 */
static uint64_t boost_of(const struct judging *j, const struct recorded_zone *zone,
			 const struct nb_page_marks *marks)
{
	enum { PAGEBLOCK_PAGES = 512 };
	uint64_t more = zone->min - marks->min;

	if (zone->has_boost || !j->boot->env.rules->watermark_scale || zone->min < marks->min)
		return zone->boost;
	return more % PAGEBLOCK_PAGES == 0 && zone->low - marks->low == more &&
			       zone->high - marks->high == more
		       ? more
		       : 0;
}

/* "min 165, low 206, high 247". */
static void hold_marks(const struct judging *j, const struct recorded_zone *zone, bool known)
{
	const struct nb_page_marks *marks =
		&nb_zone_watermarks(&j->marks, zone->nid, zone_id(zone->name))->marks;
	uint64_t boost = boost_of(j, zone, marks);
	struct nb_text recorded = not_recorded;

	if (known &&
	    is_untouched(j->held->recorded->watermark_scale, j->boot->env.rules->watermark_scale))
		recorded = say(j->c, "min %llu, low %llu, high %llu",
			       (unsigned long long)(zone->min - boost),
			       (unsigned long long)(zone->low - boost),
			       (unsigned long long)(zone->high - boost));
	hold(j->c, GROUP_WATERMARKS, name_of(j, zone, "watermarks"),
	     say(j->c, "min %llu, low %llu, high %llu", (unsigned long long)marks->min,
		 (unsigned long long)marks->low, (unsigned long long)marks->high),
	     recorded);
}

/* "(0, 3, 3, 3)": a number for each zone that the kernel has. */
static void hold_reserve(const struct judging *j, const struct recorded_zone *zone, bool known)
{
	enum { NUMBER_MOST = 24, FIRST_RATIO = 256 };
	const struct nb_page_marks *marks =
		&nb_zone_watermarks(&j->marks, zone->nid, zone_id(zone->name))->marks;
	char text[NB_ZONES * NUMBER_MOST] = "(";
	size_t len = 1;

	for (uint32_t id = 0; id < NB_ZONES; id++)
		if (nb_zone_is_built_in(j->boot->env.config, id))
			len += (size_t)snprintf(text + len, NUMBER_MOST, "%s%llu",
						len > 1 ? ", " : "",
						(unsigned long long)marks->reserve[id]);
	if (j->returned.efi_late && !j->boot->env.rules->reserve_follows)
		known = false;
	known = known && is_untouched(j->held->recorded->reserve_ratio, FIRST_RATIO);
	hold(j->c, GROUP_RESERVES, name_of(j, zone, "protection"), say(j->c, "%s)", text),
	     known ? zone->protection : not_recorded);
}

/* "batch 63, high 186"; where a list grows, between which bounds, if they are shown. */
static struct nb_text list_text(const struct judging *j, const struct recorded_zone *shown,
				uint64_t batch, uint64_t high, uint64_t high_max)
{
	bool grows = j->boot->env.rules->lists_grow;

	if (grows && shown->list_high_max)
		return say(j->c, "batch %llu, high %llu to %llu", (unsigned long long)batch,
			   (unsigned long long)high, (unsigned long long)high_max);
	if (grows)
		return say(j->c, "batch %llu", (unsigned long long)batch);
	return say(j->c, "batch %llu, high %llu", (unsigned long long)batch,
		   (unsigned long long)high);
}

static void hold_list(const struct judging *j, const struct recorded_zone *zone, bool known)
{
	const struct nb_zone_watermarks *marks =
		nb_zone_watermarks(&j->marks, zone->nid, zone_id(zone->name));
	uint64_t high = zone->list_high_max ? zone->list_high_min : zone->list_high;
	struct nb_text recorded = not_recorded;

	if (!zone->lists || !zone->present)
		return;
	if (zone->lists_differ)
		recorded = say(j->c, "not the same for all CPUs");
	else if (known && is_untouched(j->held->recorded->watermark_scale,
				       j->boot->env.rules->watermark_scale))
		recorded = list_text(j, zone, zone->batch, high, zone->list_high_max);
	hold(j->c, GROUP_LISTS, name_of(j, zone, "lists"),
	     list_text(j, zone, marks->batch, marks->high_min, marks->high_max), recorded);
}

/* Whether part of the image, and nobody knows how much, lies in a zone or, for what is
 * kept from requests of higher ones, in one above it. */
static bool is_split(const struct judging *j, const struct recorded_zone *zone, bool above)
{
	uint32_t first = (uint32_t)zone->nid * NB_ZONES, id = zone_id(zone->name);

	for (uint32_t i = id; i < (above ? NB_ZONES : id + 1); i++)
		if (j->split[first + i])
			return true;
	return false;
}

void hold_watermarks(struct comparison *c, const struct held *held)
{
	const struct recorded *recorded = held->recorded;
	struct judging j = {
		.c = c,
		.held = held,
		.boot = &held->run->boot,
		.returned = returned_of(&recorded->log),
	};
	bool known, settled;

	if (!run_has(held->run, NB_WATERMARKS) || !recorded->zone_count)
		return;
	known = build(&j);
	if (!known)
		j.marks = j.boot->watermarks;
	hold(c, GROUP_WATERMARKS, say(c, "min_free_kbytes"),
	     say(c, "%llu", (unsigned long long)j.marks.min_free_kib),
	     known ? recorded->min_free : not_recorded);
	for (uint32_t i = 0; i < recorded->zone_count; i++) {
		const struct recorded_zone *zone = &recorded->zones[i];

		if ((uint32_t)zone->nid >= j.marks.nodes || zone_id(zone->name) == NB_ZONES)
			continue;
		settled = known && !is_split(&j, zone, false);
		hold_marks(&j, zone, settled);
		hold_reserve(
			&j, zone,
			known && (j.boot->env.rules->reserve_follows || !is_split(&j, zone, true)));
		hold_list(&j, zone, settled);
	}
}

/* Adds the whole pages of a range to what comes late. */
static void add_late(const struct judging *j, const struct nb_memblock *mb, struct nb_range range)
{
	struct nb_piece_walk walk = { .mb = mb, .zones = &j->boot->zones, .all = true };
	nb_pfn start = nb_pfn_up(range.start), end = nb_pfn_down(range.end);
	struct nb_piece piece;

	while (nb_piece_next(&walk, &piece))
		if (piece.zone != NB_ZONES && piece.start < end && start < piece.end)
			nb_managed_zone(&j->managed, piece.nid, piece.zone)->init_pages +=
				(uint32_t)(nb_min(end, piece.end) - nb_max(start, piece.start));
}

/* What memblock itself gave back late: what the log tells of, and the last of each of
 * its own arrays, which it does not. */
static void add_freed_late(const struct judging *j, const struct replay *replay)
{
	bool met[2] = { false, false };

	for (uint32_t i = 0; i < replay->entry_count; i++)
		if (replay->entries[i].what == REPLAY_FREED_LATE)
			add_late(j, &replay->mb, replay->entries[i].range);
	for (uint32_t i = replay->mb.doubled_count; i > 0; i--) {
		const struct nb_doubling *doubling = &replay->mb.doubled[i - 1];

		if (!met[doubling->of_reserved] && !replay_freed_late(replay, doubling->storage))
			add_late(j, &replay->mb, doubling->storage);
		met[doubling->of_reserved] = true;
	}
}

/* Counts what memblock had left when the page allocator took over, by the trace, and
 * what came back. */
static void count_traced(struct judging *j, const struct replay *replay)
{
	const struct nb_env env = { j->boot->env.rules, j->boot->env.config, NULL };
	const struct nb_boot_facts *facts = &j->held->source->fw.facts;
	struct nb_memblock mb = replay->mb;
	enum nb_err err;

	mb.initrd = j->returned.initrd_pages ? j->boot->memblock.initrd : (struct nb_range){ 0 };
	err = nb_managed_build(&j->managed, &mb, &j->boot->zones, facts, &env);
	nb_assert(err == NB_OK);
	for (uint32_t i = 0; i < j->managed.nodes * NB_ZONES; i++)
		if (j->managed.zone[i].init_pages)
			j->managed.zone[i].init_pages =
				(uint32_t)(j->returned.init_pages + j->returned.locks_pages);
	add_freed_late(j, replay);
}

/* "node 1 deferred pages initialised in 8ms": a thread of that node did so. */
static void note_deferred(struct nb_text line, struct nb_nodes *nodes)
{
	struct nb_text word;
	uint64_t nid;

	if (text_skip(&line, "node ") && text_word(&line, &word) && text_u64(word, &nid) &&
	    nid < NB_MAX_NODES && text_skip(&line, " deferred pages initialised"))
		nb_nodes_add(nodes, (int32_t)nid);
}

/* Nodes as "0 2 5". */
static struct nb_text nodes_text(struct comparison *c, const struct nb_nodes *nodes)
{
	enum { NUMBER_MOST = 8 };
	char *at = pool_space(&c->pool, (nb_nodes_count(nodes) + 1) * NUMBER_MOST);
	size_t len = 0;

	nb_for_each_node (nid, nodes)
		len += (size_t)snprintf(at + len, NUMBER_MOST, "%s%d", len ? " " : "", nid);
	pool_keep(&c->pool, len + 1);
	return (struct nb_text){ at, len };
}

/* Which nodes have pages whose descriptors waited until all CPUs ran. Of other
 * builds it is not known if any do. */
static void hold_deferred(const struct judging *j)
{
	const struct nb_managed *managed = &j->boot->managed;
	const struct boot_log *log = &j->held->recorded->log;
	struct nb_nodes predicted = { { 0 } }, recorded = { { 0 } };

	if (!knows_addresses(j->held) || !j->boot->env.config->deferred_init)
		return;
	for (uint32_t nid = 0; nid < managed->nodes; nid++)
		if (managed->first_deferred[nid])
			nb_nodes_add(&predicted, (int32_t)nid);
	for (uint32_t i = 0; i < log->count; i++)
		note_deferred(log->lines[i], &recorded);
	hold(j->c, GROUP_MANAGED, say(j->c, "nodes with deferred pages"),
	     nodes_text(j->c, &predicted),
	     j->returned.at_end ? nodes_text(j->c, &recorded) : not_recorded);
}

/* "464716K", which stands before a mark in "Memory: 464716K/1310200K available (...,
 * 99644K reserved, ...)"; nothing if it does not. */
static struct nb_text kib_before(struct nb_text line, const char *mark)
{
	size_t at = text_find(line, mark), from = at;

	while (from && line.at[from - 1] >= '0' && line.at[from - 1] <= '9')
		from--;
	return at < line.len && from < at ? (struct nb_text){ line.at + from, at + 1 - from }
					  : not_recorded;
}

static struct nb_text kib_text(struct comparison *c, uint64_t pages)
{
	return say(c, "%lluK", (unsigned long long)(pages * (NB_PAGE_SIZE / NB_KIB)));
}

/* The kernel's own sum: all pages by the prediction; what is reserved and what is free
 * by the trace, if that tells of all. */
static void hold_told(const struct judging *j, bool known)
{
	const struct boot_log *log = &j->held->recorded->log;
	const char *cmdline = j->held->source->fw.cmdline;
	const struct nb_rules *rules = j->boot->env.rules;
	struct nb_text line = boot_log_line(log, "Memory: ");
	/* Where vmalloc begins is drawn, and with it how many tables it needs. */
	bool drawn = rules->vmalloc_tables && !(cmdline && strstr(cmdline, "nokaslr"));
	uint64_t back = rules->memory_told_late ? j->returned.locks_pages : 0;

	if (!j->c->has_log)
		return;
	hold(j->c, GROUP_MEMORY, say(j->c, "Memory: in all"),
	     kib_text(j->c, j->boot->zones.present_pages), kib_before(line, "K available ("));
	if (!j->held->replay)
		return;
	hold(j->c, GROUP_MEMORY, say(j->c, "Memory: reserved"),
	     kib_text(j->c, j->managed.reserved_pages - back),
	     known ? kib_before(line, "K reserved") : not_recorded);
	if (j->managed.free_pages)
		hold(j->c, GROUP_MEMORY, say(j->c, "Memory: available"),
		     kib_text(j->c, j->managed.free_pages),
		     known && !drawn ? kib_before(line, "K/") : not_recorded);
}

void hold_managed(struct comparison *c, const struct held *held)
{
	const struct recorded *recorded = held->recorded;
	struct judging j = {
		.c = c,
		.held = held,
		.boot = &held->run->boot,
		.returned = returned_of(&recorded->log),
	};
	bool known, whole;

	if (!run_has(held->run, NB_MANAGED))
		return;
	hold_deferred(&j);
	make_room(&j);
	if (held->replay)
		count_traced(&j, held->replay);
	whole = held->replay && held->replay->ended && !held->replay->counts.gaps;
	hold_told(&j, whole && is_told(&j));
	if (!held->replay || !recorded->zone_count)
		return;
	/* EFI's boot services come back, in some kernels without a word, or are lost where
	 * their descriptors are not made yet. */
	known = is_known(&j) && !held->source->fw.facts.efi && whole && take_back(&j);
	count_traced(&j, held->replay);
	for (uint32_t i = 0; i < recorded->zone_count; i++) {
		const struct recorded_zone *record = &recorded->zones[i];
		const struct nb_managed_zone *zone;

		if ((uint32_t)record->nid >= j.managed.nodes || zone_id(record->name) == NB_ZONES)
			continue;
		zone = nb_managed_zone(&j.managed, record->nid, zone_id(record->name));
		hold(c, GROUP_MANAGED, name_of(&j, record, "managed"),
		     say(c, "%llu",
			 (unsigned long long)(zone->pages + zone->initrd_pages + zone->init_pages +
					      zone->huge_pages)),
		     known && !is_split(&j, record, false)
			     ? say(c, "%llu", (unsigned long long)record->managed)
			     : not_recorded);
	}
}
