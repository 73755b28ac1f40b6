/* SPDX-License-Identifier: MIT */
/*
 * pages: hands out page frames once memblock has told which are free: blocks of
 * 2^order frames, order 0 to 10, of a node and up to a zone, with fallback and
 * watermarks. Usable on its own, and by all CPUs at once:
 *
 *     nb_pages_init()        zones, and a cache for each CPU, in the caller's block
 *     nb_pages_add()         a span of frames, over storage that memblock gave
 *     nb_pages_give()        free ranges in it: at the start, and later those of
 *                            the initrd, of ACPI, of EFI's boot services
 *     nb_pages_set_marks(), nb_pages_set_fallback()
 *     nb_pages_alloc(), nb_pages_free()
 *
 * A call that names a CPU belongs to that CPU: no other call may name it at the
 * same time, so an OS makes it with preemption off and not from an interrupt
 * that may come in between. All but nb_pages_init(), nb_pages_add() (one at a
 * time), nb_pages_set_fallback() (before the first allocation) and
 * nb_pages_check() (while nothing else runs) may run on all CPUs at once.
 *
 * A frame that is freed twice, or that is in no span, is an nb_assert(): for a
 * single frame at the latest when the CPU serves it again, passes it on (it keeps 32
 * of what it freed) or is drained, unless it was taken again in between. So is
 * a block that is freed with another order than it was taken with: always if
 * one of the two is below 6 and the other is not, else if orders are recorded.
 */
#ifndef NUMABOOT_PAGES_H
#define NUMABOOT_PAGES_H

#include <numaboot/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Orders 0 .. 10: 4 KiB .. 4 MiB. Linux 6.12 include/linux/mmzone.h MAX_PAGE_ORDER. */
enum { NB_ORDERS = 11 };

#define NB_NO_PFN UINT64_MAX

/* What the caller is ready for. */
struct nb_pages_limits {
	uint32_t nodes;     /* 1 .. NB_MAX_NODES */
	uint32_t cpus;      /* 1 .. NB_MAX_CPUS */
	uint32_t spans;     /* at least 1; those that are added later count */
	bool record_orders; /* for finding bugs: a byte for each frame, and no caches */
};

struct nb_page_zone;
struct nb_page_cpu;
struct nb_page_spans;

struct nb_pages {
	struct nb_pages_limits limits;
	struct nb_page_zone *zone;   /* [nodes * NB_ZONES] */
	struct nb_page_cpu *cpu;     /* [cpus] */
	struct nb_page_spans *spans; /* where frames are */
	const uint16_t *order;       /* [nodes * nodes] the caller's; or null */
	const uint16_t *order_count; /* [nodes] */
	bool by_zone;
};

/* Bytes that a block for these limits needs; 0 if they are not valid. */
size_t nb_pages_size(const struct nb_pages_limits *limits);

/*
 * Makes the zones, without frames, in a block of the caller, aligned to 128.
 * Errors: NB_ERR_LIMITS; NB_ERR_MEMORY if size is below nb_pages_size().
 */
NB_MUST_CHECK enum nb_err nb_pages_init(struct nb_pages *pages, void *block, size_t size,
					const struct nb_pages_limits *limits);

/* Frames of a zone that share one piece of storage. Holes in it cost storage as
 * memory does: 0.13 bytes a frame. */
struct nb_page_span {
	int32_t nid;
	enum nb_zone_id zone;
	nb_pfn start, end; /* start < end; of no other span */
	void *storage;     /* aligned to 64; nb_pages_span_size() bytes */
	bool zeroed;       /* it holds zeros already; else they are written */
};

/* Bytes of storage for the frames of [start, end). */
size_t nb_pages_span_size(const struct nb_pages_limits *limits, nb_pfn start, nb_pfn end);

/*
 * Adds a span, with no frame in it. At boot, best in ascending order: what is
 * added below another one is found more slowly. Later: hot-added memory.
 * Errors: NB_ERR_FULL if there are limits.spans of them.
 */
NB_MUST_CHECK enum nb_err nb_pages_add(struct nb_pages *pages, const struct nb_page_span *span);

/*
 * Frees [start, end), page frames that were never free before, in one span or
 * several. The zones manage as many more. A range of which a part was
 * given before is an nb_assert() while that part is free.
 * Source: Linux 6.12 mm/memblock.c memblock_free_all(), mm/page_alloc.c
 * free_reserved_area().
 */
void nb_pages_give(const struct nb_pages *pages, nb_pfn start, nb_pfn end);

/* How far down a request may take a zone. */
enum nb_page_mark { NB_MARK_LOW, NB_MARK_MIN, NB_MARK_HIGH, NB_MARK_NONE };

/* In pages. Linux 6.12 mm/page_alloc.c __setup_per_zone_wmarks(),
 * setup_per_zone_lowmem_reserve(). */
struct nb_page_marks {
	uint64_t low, min, high;
	uint64_t reserve[NB_ZONES]; /* kept from requests whose highest zone is that */
};

void nb_pages_set_marks(const struct nb_pages *pages, int32_t nid, enum nb_zone_id zone,
			const struct nb_page_marks *marks);

/*
 * The order in which nodes are asked: row nid of `order` holds order_count[nid] of
 * limits.nodes nodes, as struct nb_zonelists has it. by_zone: the highest zones of
 * all nodes come first. The arrays stay the caller's. Without them a request is
 * served by its own node.
 */
void nb_pages_set_fallback(struct nb_pages *pages, const uint16_t *order,
			   const uint16_t *order_count, bool by_zone);

/* A request. Zero in a field is the usual case, but for highest. */
struct nb_page_request {
	int32_t nid;
	uint8_t order;
	uint8_t highest; /* enum nb_zone_id: that zone or a lower one */
	uint8_t mark;    /* enum nb_page_mark */
	bool this_node;  /* no other node will do */
};

/*
 * Takes a block; returns its first frame, aligned to its size, or NB_NO_PFN.
 *
 * The zones of the fallback order are asked one after the other; one is passed
 * over if its free pages less the request would be below mark and reserve. A CPU
 * takes single frames in handfuls: those it has left, and those it freed last, are
 * given out first, and are not free for a mark. What other CPUs hold so is not
 * found: nb_pages_drain().
 * Source: Linux 6.12 mm/page_alloc.c get_page_from_freelist(), __zone_watermark_ok().
 */
nb_pfn nb_pages_alloc(const struct nb_pages *pages, uint32_t cpu, struct nb_page_request request);

/* Gives a block back, on any CPU. */
void nb_pages_free(const struct nb_pages *pages, uint32_t cpu, nb_pfn pfn, uint32_t order);

/* Takes up to `count` single frames (order 0); returns how many. */
size_t nb_pages_alloc_bulk(const struct nb_pages *pages, uint32_t cpu,
			   struct nb_page_request request, nb_pfn *pfns, size_t count);
void nb_pages_free_bulk(const struct nb_pages *pages, uint32_t cpu, const nb_pfn *pfns,
			size_t count);

/* Gives back what a CPU holds: before it goes offline, or when memory is short. */
void nb_pages_drain(const struct nb_pages *pages, uint32_t cpu);

struct nb_page_stats {
	uint64_t managed_pages; /* given */
	uint64_t free_pages;    /* without what CPUs hold; 64 off for each that is not drained */
	/* Free blocks of each order, as Linux's free lists hold them: the greatest that
	 * are aligned. Exact if nothing changes meanwhile and no CPU holds any. */
	uint64_t blocks[NB_ORDERS];
};

/* Of one zone; of all zones of a node with zone NB_ZONES. */
void nb_pages_stats(const struct nb_pages *pages, int32_t nid, enum nb_zone_id zone,
		    struct nb_page_stats *stats);

/* Since the start: what a CPU fetched from zones, by the request that made it do so. What
 * it then serves of that, and what it frees and serves again, is not counted each time, as
 * Linux does: 6.12 mm/vmstat.c. Any CPU may ask. */
struct nb_page_cpu_stats {
	uint64_t hit_pages;  /* taken from zones of the node that was asked for */
	uint64_t miss_pages; /* taken from another node's */
	uint64_t returned;   /* of these, given back unused */
	uint64_t failed;     /* requests that got nothing */
};

void nb_pages_cpu_stats(const struct nb_pages *pages, uint32_t cpu,
			struct nb_page_cpu_stats *stats);

/* Asserts the invariants of all that is free; needs every CPU drained. */
void nb_pages_check(const struct nb_pages *pages);

#ifdef __cplusplus
}
#endif
#endif
