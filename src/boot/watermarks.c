/* SPDX-License-Identifier: MIT */
/*
 * watermarks: how many pages of each zone are kept back, from whom, and how many a
 * CPU keeps at hand.
 *
 *   pages beyond the high marks ---> min_free_kbytes, which grows as their root
 *   huge pages, if they are on ----> raise it: room to keep pageblocks apart
 *              |
 *              v
 *   each zone's share is its min mark; low and high follow from that or from its size
 *
 *   pages of higher zones of the node ---> what a zone keeps from those who could
 *                                          have used them
 *   a zone's size, or its low mark ------> lists of its CPUs
 *
 * A zone grows meanwhile, since the initrd, the kernel's init part and pages of 1 GiB
 * come back: by rule, what is set early is not set again.
 * Source: Linux 6.12 mm/page_alloc.c init_per_zone_wmark_min(), mm/khugepaged.c
 * set_recommended_min_free_kbytes().
 */
#include <numaboot/events.h>
#include <numaboot/rules.h>
#include <numaboot/watermarks.h>

#include "base/memory.h"
#include "boot/zones_build.h"

enum {
	MIN_FREE_LEAST_KIB = 128,
	PAGE_KIB = NB_PAGE_SIZE / NB_KIB,
	KIB_FACTOR = 16,  /* of the KiB under the root */
	SHARE_LEAST = 32, /* of a high zone's min mark */
	SHARE_MOST = 128,
	SHARE_PART = 1024,
	SCALE_WHOLE = 10000,                            /* what a watermark's scale is of */
	PAGEBLOCK_PAGES = 512,                          /* 2 MiB: a huge page */
	PAGEBLOCKS_APART = 2 + 3 * 3,                   /* kept in each zone, of three mobilities */
	RAISE_PART = 20,                                /* but at most so much of all */
	HUGE_LEAST_PAGES = 512 * NB_MIB / NB_PAGE_SIZE, /* with less RAM they are off */
	BATCHES_HIGH = 6,                               /* of a list that is set once */
	BATCHES_LEAST = 4,                              /* of one that is not */
	HIGH_MAX_PART = 8,                              /* of a zone, on all lists together */
};

/* When a zone is looked at. */
enum when {
	AT_FIRST, /* memblock's free pages are there */
	AT_MARKS, /* min_free_kbytes is computed */
	AT_RAISE, /* huge pages ask for room, at last */
	AT_END,   /* all that comes back has come */
};

struct setting {
	struct nb_watermarks *w;
	const struct nb_managed *managed;
	const struct nb_zones *zones;
	const struct nb_smp *smp;
	const struct nb_env *env;
	bool huge_pages;
};

static uint32_t all_zones(const struct setting *s)
{
	return s->w->nodes * NB_ZONES;
}

static uint64_t pages_of(const struct setting *s, uint32_t i, enum when when)
{
	const struct nb_managed_zone *zone = &s->managed->zone[i];
	const struct nb_rules *rules = s->env->rules;
	bool unpacked = when == AT_END || (when != AT_FIRST && rules->initrd_back_first);
	bool huge = when == AT_END ||
		    (when == AT_MARKS && rules->huge_pages_back == NB_HUGE_BACK_FIRST) ||
		    (when == AT_RAISE && rules->huge_pages_back != NB_HUGE_BACK_LAST);

	return zone->pages + (unpacked ? zone->initrd_pages : 0) + (huge ? zone->huge_pages : 0) +
	       (when == AT_END ? zone->init_pages : 0);
}

static const struct nb_zone *zone_of(const struct setting *s, uint32_t i)
{
	return &s->zones->node[i / NB_ZONES].zone[i % NB_ZONES];
}

/* Whether a zone is for a kind of use that can do without: its mark is small, and it
 * has no part in what the others share. */
static bool is_high(const struct setting *s, uint32_t id)
{
	return id == NB_ZONE_HIGHMEM ||
	       (id == NB_ZONE_MOVABLE &&
		(s->env->rules->movable_is_high || s->zones->movable_from == NB_ZONE_HIGHMEM));
}

/* Pages beyond the high marks that any request of the kernel or of a file may have. */
static uint64_t pages_beyond(const struct setting *s, enum when when)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < all_zones(s); i++) {
		uint64_t pages = pages_of(s, i, when), high = s->w->zone[i].marks.high;

		if (i % NB_ZONES <= NB_ZONE_NORMAL && pages > high)
			sum += pages - high;
	}
	return sum;
}

/* The integer root of a number. */
static uint64_t root_of(uint64_t number)
{
	uint64_t root = 0;

	for (uint64_t bit = (uint64_t)1 << 31; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= number)
			root += bit;
	return root;
}

static void set_marks(const struct setting *s, enum when when)
{
	uint64_t shared = s->w->min_free_kib / PAGE_KIB, low_pages = 0;

	for (uint32_t i = 0; i < all_zones(s); i++)
		if (!is_high(s, i % NB_ZONES))
			low_pages += pages_of(s, i, when);
	for (uint32_t i = 0; i < all_zones(s); i++) {
		struct nb_page_marks *marks = &s->w->zone[i].marks;
		uint64_t pages = pages_of(s, i, when);
		uint64_t share = low_pages ? shared * pages / low_pages : 0;
		uint64_t scaled = pages * s->env->rules->watermark_scale / SCALE_WHOLE;
		uint64_t step = nb_max(share / 4, scaled);

		marks->min = share;
		if (is_high(s, i % NB_ZONES))
			marks->min = nb_clamp(pages / SHARE_PART, SHARE_LEAST, SHARE_MOST);
		marks->low = marks->min + step;
		marks->high = marks->low + step;
		if (!s->env->rules->watermark_scale)
			marks->high = marks->min + share / 2;
	}
}

static void compute_min_free(const struct setting *s, enum when when)
{
	uint64_t kib = root_of(pages_beyond(s, when) * PAGE_KIB * KIB_FACTOR);

	s->w->min_free_kib = nb_clamp(kib, MIN_FREE_LEAST_KIB, s->env->rules->min_free_kib_most);
	nb_emit(s->env, .kind = NB_EV_MIN_FREE, .why = NB_WHY_ROOT_OF_FREE,
		.got = s->w->min_free_kib, .limit = kib);
	set_marks(s, when);
}

/*
 * Where huge pages are on, room for their pageblocks raises it, in zones that have
 * pages and, by rule, have some that cannot be moved. Then the marks are made again,
 * raised or not. Returns whether they were.
 */
static bool raise_for_huge_pages(const struct setting *s, enum when when)
{
	uint64_t zones = 0, pages = 0, wanted;

	for (uint32_t i = 0; i < all_zones(s); i++) {
		bool counts = i % NB_ZONES <= NB_ZONE_NORMAL || s->env->rules->huge_pages_in_high;

		zones += counts && zone_of(s, i)->present_pages;
		pages += pages_of(s, i, when);
	}
	if (!s->huge_pages || pages < HUGE_LEAST_PAGES)
		return false;
	wanted = nb_min(zones * PAGEBLOCKS_APART * PAGEBLOCK_PAGES,
			pages_beyond(s, when) / RAISE_PART);
	if (wanted * PAGE_KIB > s->w->min_free_kib) {
		nb_emit(s->env, .kind = NB_EV_MIN_FREE, .why = NB_WHY_HUGE_PAGES,
			.got = wanted * PAGE_KIB, .limit = s->w->min_free_kib);
		s->w->min_free_kib = wanted * PAGE_KIB;
	}
	set_marks(s, when);
	return true;
}

/* What a zone keeps from a request that could have used a higher one: a part of that
 * one's pages, and of all between. Movable and HighMem keep nothing. */
static void set_reserves(const struct setting *s)
{
	static const uint32_t parts[NB_ZONES] = {
		[NB_ZONE_DMA] = 256, [NB_ZONE_DMA32] = 256, [NB_ZONE_NORMAL] = 32
	};
	enum when when = s->env->rules->reserve_follows ? AT_END : AT_MARKS;

	for (uint32_t i = 0; i < all_zones(s); i++) {
		uint32_t id = i % NB_ZONES;
		uint64_t above = 0;

		if (!parts[id] || (!pages_of(s, i, when) && !s->env->rules->reserve_without_pages))
			continue;
		for (uint32_t higher = id + 1; higher < NB_ZONES; higher++) {
			above += pages_of(s, i - id + higher, when);
			s->w->zone[i].marks.reserve[higher] = above / parts[id];
		}
	}
}

/* CPUs that share a zone's lists: its node's or, if that has none, all. */
static uint64_t cpus_near(const struct setting *s, uint32_t nid)
{
	const struct nb_smp *smp = s->smp;
	uint64_t count = 0;

	for (uint32_t word = 0; nid < smp->nodes && word < smp->words; word++)
		for (uint64_t bits = smp->node_cpus[(size_t)nid * smp->words + word]; bits;
		     bits &= bits - 1)
			count++;
	return nb_max(count ? count : smp->online_count, 1);
}

static void set_lists(const struct setting *s, enum when marks)
{
	const struct nb_rules *rules = s->env->rules;
	enum when when = rules->lists_by_marks ? marks : AT_FIRST;
	uint64_t cpus = 1;

	for (uint32_t i = 0; i < all_zones(s); i++) {
		struct nb_zone_watermarks *zone = &s->w->zone[i];
		uint64_t pages = pages_of(s, i, when), batch = nb_zones_batch(pages, rules);

		if (i % NB_ZONES == 0)
			cpus = cpus_near(s, i / NB_ZONES);
		if (!zone_of(s, i)->present_pages)
			continue;
		zone->batch = nb_max(batch, 1);
		zone->high_min = BATCHES_HIGH * batch;
		if (rules->lists_by_marks)
			zone->high_min =
				nb_max(zone->marks.low / cpus, BATCHES_LEAST * zone->batch);
		zone->high_max = zone->high_min;
		if (rules->lists_grow)
			zone->high_max =
				nb_max(pages / HIGH_MAX_PART / cpus, BATCHES_LEAST * zone->batch);
	}
}

static void emit(const struct setting *s, enum when marks_at)
{
	for (uint32_t i = 0; i < all_zones(s); i++) {
		const struct nb_zone_watermarks *zone = &s->w->zone[i];
		const struct nb_page_marks *marks = &zone->marks;
		int32_t nid = (int32_t)(i / NB_ZONES);

		if (!zone_of(s, i)->present_pages)
			continue;
		nb_emit(s->env, .kind = NB_EV_WATERMARKS, .nid = nid, .id = i % NB_ZONES,
			.got = marks->min, .limit = pages_of(s, i, marks_at),
			.more = { marks->low, marks->high });
		if (marks->reserve[NB_ZONE_DEVICE])
			nb_emit(s->env, .kind = NB_EV_ZONE_RESERVE, .nid = nid, .id = i % NB_ZONES,
				.more = { marks->reserve[NB_ZONE_DMA32],
					  marks->reserve[NB_ZONE_NORMAL],
					  marks->reserve[NB_ZONE_HIGHMEM],
					  marks->reserve[NB_ZONE_MOVABLE] });
		nb_emit(s->env, .kind = NB_EV_CPU_LISTS, .nid = nid, .id = i % NB_ZONES,
			.got = zone->batch, .more = { zone->high_min, zone->high_max });
	}
}

enum nb_err nb_watermarks_build(struct nb_watermarks *watermarks, const struct nb_managed *managed,
				const struct nb_zones *zones, const struct nb_smp *smp,
				const struct nb_params *params, const struct nb_env *env)
{
	const struct setting s = {
		.w = watermarks,
		.managed = managed,
		.zones = zones,
		.smp = smp,
		.env = env,
		.huge_pages = env->config->huge_pages && !params->no_huge_pages,
	};

	enum when last = AT_MARKS; /* that marks were made */

	nb_assert(watermarks->nodes == managed->nodes && watermarks->nodes == zones->nodes);
	memset(watermarks->zone, 0, all_zones(&s) * sizeof(*watermarks->zone));
	watermarks->min_free_kib = 0;
	if (env->rules->huge_pages_first)
		raise_for_huge_pages(&s, AT_FIRST);
	compute_min_free(&s, AT_MARKS);
	if (raise_for_huge_pages(&s, AT_RAISE))
		last = AT_RAISE;
	set_reserves(&s);
	set_lists(&s, last);
	emit(&s, last);
	return NB_OK;
}
