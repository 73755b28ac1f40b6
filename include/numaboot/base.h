/* SPDX-License-Identifier: MIT */
/*
 * base: the words that everything else is written in: units, errors, ranges,
 * bytes of a table, sets of nodes and of CPUs.
 */
#ifndef NUMABOOT_BASE_H
#define NUMABOOT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface: a program that was compiled against another
 * major number must not use the library. nb_api_version() tells the linked one. */
#define NB_API_MAJOR 0
#define NB_API_MINOR 1
#define NB_API_VERSION ((uint32_t)(NB_API_MAJOR << 16 | NB_API_MINOR))

/* Returns NB_API_VERSION of the library that is linked: major << 16 | minor. */
uint32_t nb_api_version(void);

#define NB_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__GNUC__)
#define NB_MUST_CHECK __attribute__((warn_unused_result))
#else
#define NB_MUST_CHECK
#endif

/* Physical addresses and sizes in bytes; page frame numbers of 4 KiB. */
typedef uint64_t nb_phys;
typedef uint64_t nb_pfn;

#define NB_PAGE_SHIFT 12
#define NB_PAGE_SIZE ((nb_phys)1 << NB_PAGE_SHIFT)
#define NB_KIB ((nb_phys)1 << 10)
#define NB_MIB ((nb_phys)1 << 20)
#define NB_GIB ((nb_phys)1 << 30)

/* No node. Linux has two such values; memblock alone needs to tell them apart and
 * calls the other one NB_UNSET_NODE. */
#define NB_NO_NODE ((int32_t)-1)
/* No APIC ID is known. */
#define NB_NO_APIC_ID ((uint32_t)0xffffffff)

/*
 * What a call can end with. Firmware that makes no sense is not among them for
 * an embedder: a stage reports it as an event and goes on as Linux does.
 */
enum nb_err {
	NB_OK = 0,
	NB_ERR_FULL,     /* an array of the caller's limits is full */
	NB_ERR_MEMORY,   /* no memory of that kind is left in memblock, or the block is too small */
	NB_ERR_LIMITS,   /* limits of zero, or above what the library supports */
	NB_ERR_FIRMWARE, /* what firmware or the loader left is malformed, struct nb_fault says how */
	NB_ERR_DIES,     /* the modelled kernel does not survive this machine; an event says why */
};

/* Returns a short English sentence for an error; never a null pointer. */
const char *nb_err_text(enum nb_err err);

/*
 * A bug of the library or a broken promise of its caller. The host gives
 * nb_assert_failed() its meaning; it must not return.
 */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void nb_assert_failed(const char *what, const char *file, int line);

#define nb_assert(claim) ((claim) ? (void)0 : nb_assert_failed(#claim, __FILE__, __LINE__))

/* Bytes, half-open: [start, end). Empty when start >= end. */
struct nb_range {
	nb_phys start, end;
};

static inline nb_phys nb_range_size(struct nb_range range)
{
	return range.end > range.start ? range.end - range.start : 0;
}

static inline bool nb_ranges_overlap(struct nb_range a, struct nb_range b)
{
	return a.start < b.end && b.start < a.end;
}

/* Rounding to a power of two; the caller knows that it does not wrap. */
static inline uint64_t nb_align_down(uint64_t value, uint64_t align)
{
	return value & ~(align - 1);
}

static inline uint64_t nb_align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static inline uint64_t nb_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t nb_max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static inline uint64_t nb_clamp(uint64_t value, uint64_t low, uint64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static inline nb_pfn nb_pfn_down(nb_phys address)
{
	return address >> NB_PAGE_SHIFT;
}

/* The first whole page at or above an address; the last page of 2^64 has no successor. */
static inline nb_pfn nb_pfn_up(nb_phys address)
{
	return (address >> NB_PAGE_SHIFT) + ((address & (NB_PAGE_SIZE - 1)) != 0);
}

static inline nb_phys nb_pfn_phys(nb_pfn pfn)
{
	return pfn << NB_PAGE_SHIFT;
}

/*
 * Bytes of a table, or of an entry in it: `offset` says where `at` lies counted
 * from the table's start, so that a fault can name the place.
 */
struct nb_bytes {
	const uint8_t *at;
	size_t len;
	uint32_t offset;
};

/* The largest numbers that the library supports, whatever the caller's limits. */
enum {
	NB_MAX_NODES = 1024,
	NB_MAX_CPUS = 8192,
	NB_MAX_APIC_IDS = 32768,
};

/* Zones, in the order of their addresses. With 32 bits there is HighMem and no
 * DMA32, with 64 the other way round. */
enum nb_zone_id {
	NB_ZONE_DMA,
	NB_ZONE_DMA32,
	NB_ZONE_NORMAL,
	NB_ZONE_HIGHMEM,
	NB_ZONE_MOVABLE,
	NB_ZONE_DEVICE,
	NB_ZONES,
};

/* Sizes of pages: a page is an entry of a table of that level. */
enum nb_page_size {
	NB_PAGE_4K = 1,
	NB_PAGE_2M,
	NB_PAGE_1G,
	NB_PAGE_SIZES,
};

/* The bytes that one entry of a table of level 1 to 5 stands for, as a shift. */
static inline unsigned nb_entry_shift(unsigned level)
{
	return NB_PAGE_SHIFT + 9 * (level - 1);
}

/* A set of nodes. Small enough to be passed and returned by value. */
struct nb_nodes {
	uint64_t bits[NB_MAX_NODES / 64];
};

static inline bool nb_nodes_has(const struct nb_nodes *set, int32_t nid)
{
	return nid >= 0 && nid < NB_MAX_NODES && (set->bits[nid / 64] >> (nid % 64) & 1);
}

/* Adds a node; anything outside [0, NB_MAX_NODES) is ignored. */
void nb_nodes_add(struct nb_nodes *set, int32_t nid);
void nb_nodes_remove(struct nb_nodes *set, int32_t nid);
uint32_t nb_nodes_count(const struct nb_nodes *set);
/* The lowest member at or above `from`, or NB_NO_NODE. */
int32_t nb_nodes_next(const struct nb_nodes *set, int32_t from);
/* The lowest number at or above `from` that is no member, or NB_NO_NODE. */
int32_t nb_nodes_next_gap(const struct nb_nodes *set, int32_t from);
/* The highest member, or NB_NO_NODE. */
int32_t nb_nodes_last(const struct nb_nodes *set);

#define nb_for_each_node(nid, set)                                                                 \
	for (int32_t nid = nb_nodes_next((set), 0); nid >= 0; nid = nb_nodes_next((set), nid + 1))

#ifdef __cplusplus
}
#endif
#endif
