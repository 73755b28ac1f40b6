/* SPDX-License-Identifier: MIT */
/*
 * memblock: what is memory and what is taken, as two sorted sets of ranges,
 * and an allocator over the difference. Usable on its own: give two arrays to
 * nb_memblock_init(), add, reserve, allocate. For one CPU, before others start.
 */
#ifndef NUMABOOT_MEMBLOCK_H
#define NUMABOOT_MEMBLOCK_H

#include <numaboot/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of a region. Linux 6.12 include/linux/memblock.h enum memblock_flags. */
enum {
	NB_REGION_HOTPLUG = 0x1,
	NB_REGION_MIRROR = 0x2,
	NB_REGION_NOMAP = 0x4,
	NB_REGION_DRIVER_MANAGED = 0x8,
	NB_REGION_NO_INIT = 0x10,
	NB_REGION_KERNEL = 0x20,    /* Linux 7.3 MEMBLOCK_RSRV_KERN: the kernel took it */
	NB_REGION_HUGE_PAGE = 0x80, /* Linux 7.3 MEMBLOCK_RSRV_HUGETLB */
	NB_REGION_EARLY = 0x40,     /* Linux 7.3 MEMBLOCK_KHO_SCRATCH: for early allocations */
};

/*
 * The node of a reservation that none was ever set for. It is no node either,
 * but the kernel keeps it apart from NB_NO_NODE, to which NUMA resets what was
 * reserved before: such neighbours stay two regions. Linux 6.12 MAX_NUMNODES,
 * mm/memblock.c memblock_reserve(), mm/numa_memblks.c numa_memblks_init().
 */
#define NB_UNSET_NODE ((int32_t)NB_MAX_NODES)

struct nb_region {
	nb_phys start, end; /* start < end */
	int32_t nid;        /* NB_NO_NODE: none */
	uint32_t flags;
};

/* Ascending, disjoint; neighbours that touch differ in node or flags. Read them by
 * nb_region_at(). */
struct nb_regions {
	struct nb_region *store; /* the caller's, with its cap; free slots are in the middle */
	uint32_t count, cap;
	uint32_t front; /* so many lie at the start of the store, the others at its end */
};

/* The region of an index below count, until the set changes. */
static inline struct nb_region *nb_region_at(const struct nb_regions *set, uint32_t index)
{
	return &set->store[index < set->front ? index : index + (set->cap - set->count)];
}

/*
 * Adds [start, end) to the set; where the set already covers it, the set wins,
 * with its node and flags.
 *
 * Units: bytes; needs start < end.
 * Errors: NB_ERR_FULL if the pieces do not fit; the set is then as it was.
 * Source: Linux 6.12 mm/memblock.c memblock_add_range(), and its two passes.
 */
NB_MUST_CHECK enum nb_err nb_regions_add(struct nb_regions *set, nb_phys start, nb_phys end,
					 int32_t nid, uint32_t flags);

/* Takes [start, end) out. Errors: NB_ERR_FULL if a split does not fit.
 * Source: Linux 6.12 mm/memblock.c memblock_remove_range(). */
NB_MUST_CHECK enum nb_err nb_regions_remove(struct nb_regions *set, nb_phys start, nb_phys end);

/* Gives the covered parts of [start, end) a node; cuts and merges regions.
 * Source: Linux 6.12 mm/memblock.c memblock_set_node(). Errors: NB_ERR_FULL. */
NB_MUST_CHECK enum nb_err nb_regions_set_node(struct nb_regions *set, nb_phys start, nb_phys end,
					      int32_t nid);

/* Sets or clears flags on the covered parts of [start, end); likewise.
 * Source: Linux 6.12 mm/memblock.c memblock_setclr_flag(). Errors: NB_ERR_FULL. */
NB_MUST_CHECK enum nb_err nb_regions_set_flags(struct nb_regions *set, nb_phys start, nb_phys end,
					       uint32_t flags, bool on);

/* The region that holds an address, or a null pointer. O(log n). */
const struct nb_region *nb_regions_find(const struct nb_regions *set, nb_phys address);

/* The index of the first region that ends above an address; count if none. O(log n). */
uint32_t nb_regions_first_above(const struct nb_regions *set, nb_phys address);

/* Whether any region has a byte of [start, end). */
bool nb_regions_overlap(const struct nb_regions *set, nb_phys start, nb_phys end);

/* The sum of all regions, in bytes. */
nb_phys nb_regions_size(const struct nb_regions *set);

/* Keeps the first `count` regions only. */
void nb_regions_cut(struct nb_regions *set, uint32_t count);

/* Asserts the invariants: order, no overlap, touching neighbours differ. */
void nb_regions_check(const struct nb_regions *set);

/* One time that an array of the modelled kernel was full and was doubled. */
struct nb_doubling {
	bool of_reserved;        /* else of the memory array */
	uint32_t regions;        /* how many it holds now */
	struct nb_range storage; /* where the new array lies */
};

enum { NB_MAX_DOUBLINGS = 32 };

struct nb_memblock_watch;

struct nb_memblock {
	struct nb_regions memory, reserved;
	struct nb_memblock_watch *watch; /* null: nobody looks; nb_memblock_init() clears it */
	bool bottom_up;                  /* search upwards */
	nb_phys upwards_from; /* a search upwards begins there; found nothing: downwards. 0: no */
	bool skip_hotplug;    /* every search passes over hot-pluggable regions: movable_node */
	bool upwards_takes_hotplug; /* but a search upwards does not */
	bool marks_kernel;      /* what is taken is NB_REGION_KERNEL, and of the node asked for */
	int32_t unset_node;     /* of a reservation without a node: NB_UNSET_NODE or NB_NO_NODE */
	bool traced;            /* memblock=debug was read: what changes is in the log */
	bool prefer_mirror;     /* every allocation tries mirrored regions first */
	nb_phys limit;          /* allocations stay below, unless they say otherwise */
	nb_phys memory_size;    /* what "memory size" says: trimmed bytes still count */
	nb_phys trampoline;     /* where CPUs start, below 1 MiB; 0: no room was found */
	struct nb_range initrd; /* the pages that hold it until it is unpacked; empty: none */

	/* The kernel's own arrays begin with 128 regions and are doubled when full,
	 * which takes memory. Model it (Linux 6.12 mm/memblock.c
	 * memblock_double_array()), or not: slots 0; else at least 8. When one is full,
	 * a few entries of the caller's arrays must be left for the doubling. */
	uint32_t memory_slots, reserved_slots;
	uint32_t region_bytes; /* what a region takes in them: 24 */
	bool may_double;       /* else the kernel dies when one is full */
	struct nb_doubling doubled[NB_MAX_DOUBLINGS];
	uint32_t doubled_count;
	uint32_t doubled_told; /* how many of these a stage has emitted */
};

/* An allocation. Zero in a field is the usual case, but for size, align and nid. */
struct nb_request {
	nb_phys size, align; /* bytes; align a power of two */
	nb_phys min, max;    /* the piece lies in [min, max); max 0: mb->limit */
	int32_t nid;         /* NB_NO_NODE: any */
	bool exact_nid;      /* no other node will do */
	uint32_t flags;      /* NB_REGION_MIRROR: mirrored memory, given up if there is none */
	bool skip_hotplug;   /* pass over hot-pluggable regions, if mb does not say so already */
	bool gives_up_min;   /* if there is none at or above min, below it will do */
};

/* What is asked of a memblock. */
enum nb_memblock_op {
	NB_OP_ADD,
	NB_OP_REMOVE,
	NB_OP_RESERVE,
	NB_OP_TAKE,
	NB_OP_FREE,
	NB_OP_ALLOC,
	NB_OP_SET_NODE,
	NB_OP_SET_FLAGS,
};

struct nb_memblock_step {
	enum nb_memblock_op op;
	enum nb_err err;       /* what came of it */
	struct nb_range range; /* that was named, or found; of an allocation that failed: empty */
	int32_t nid;           /* add, set node */
	uint32_t flags;        /* add, set flags */
	bool of_reserved, on;  /* set node, set flags: in which set; set or cleared */
	struct nb_request request; /* alloc */
};

/*
 * Who watches a memblock is told of each step that the functions below take,
 * after it, in order: as memblock=debug prints it, and those that it does not
 * print. What a step does inside, as doubling an array, is no step.
 */
struct nb_memblock_watch {
	void (*told)(struct nb_memblock_watch *self, const struct nb_memblock *mb,
		     const struct nb_memblock_step *step);
};

/* Prepares an empty memblock over two arrays of the caller, each of cap regions. */
void nb_memblock_init(struct nb_memblock *mb, struct nb_region *memory, struct nb_region *reserved,
		      uint32_t cap);

/*
 * Memory is there; memory is gone; memory is taken; memory is given back. All
 * in bytes, needing start < end but for _free, which ignores an empty range.
 *
 * Errors: NB_ERR_FULL; NB_ERR_DIES if the modelled array is full and may not
 * double; NB_ERR_MEMORY if it may but no memory is left for a larger one: Linux
 * then logs that and loses the request, so a stage reports it and goes on.
 */
NB_MUST_CHECK enum nb_err nb_memblock_add(struct nb_memblock *mb, nb_phys start, nb_phys end,
					  int32_t nid, uint32_t flags);
NB_MUST_CHECK enum nb_err nb_memblock_remove(struct nb_memblock *mb, nb_phys start, nb_phys end);
NB_MUST_CHECK enum nb_err nb_memblock_reserve(struct nb_memblock *mb, nb_phys start, nb_phys end);
NB_MUST_CHECK enum nb_err nb_memblock_free(struct nb_memblock *mb, nb_phys start, nb_phys end);

/* As nb_memblock_reserve(), for what the kernel takes for itself without having it
 * searched: where mb->marks_kernel, that is marked. */
NB_MUST_CHECK enum nb_err nb_memblock_take(struct nb_memblock *mb, nb_phys start, nb_phys end);

/*
 * Gives the covered parts of [start, end) a node; sets or clears flags on them.
 * `set` is &mb->memory or &mb->reserved. As nb_regions_set_node() and
 * nb_regions_set_flags(), but the modelled array needs two free slots first,
 * whether or not a region is cut.
 * Errors: as nb_memblock_add().
 * Source: Linux 6.12 mm/memblock.c memblock_isolate_range().
 */
NB_MUST_CHECK enum nb_err nb_memblock_set_node(struct nb_memblock *mb, struct nb_regions *set,
					       nb_phys start, nb_phys end, int32_t nid);
NB_MUST_CHECK enum nb_err nb_memblock_set_flags(struct nb_memblock *mb, struct nb_regions *set,
						struct nb_range range, uint32_t flags, bool on);

/* Cuts memory regions to multiples of align; those that get empty vanish.
 * memory_size keeps the cut bytes. Linux 6.12 mm/memblock.c memblock_trim_memory(). */
void nb_memblock_trim(struct nb_memblock *mb, nb_phys align);

/*
 * Where a piece for this request would lie; nothing is taken.
 * Errors: NB_ERR_MEMORY if there is none; *address is then as it was.
 * Source: Linux 6.12 mm/memblock.c memblock_find_in_range_node().
 */
NB_MUST_CHECK enum nb_err nb_memblock_find(const struct nb_memblock *mb,
					   const struct nb_request *request, nb_phys *address);

/*
 * Finds a piece and reserves it. What is given up when there is none, in this
 * order: the node unless exact, the mirror, and if the request says so min, with
 * which the node and the mirror are tried again.
 * Errors: NB_ERR_MEMORY, NB_ERR_FULL, NB_ERR_DIES.
 * Source: Linux 6.12 mm/memblock.c memblock_alloc_range_nid(), and for min
 * memblock_alloc_internal().
 */
NB_MUST_CHECK enum nb_err nb_memblock_alloc(struct nb_memblock *mb,
					    const struct nb_request *request, nb_phys *address);

/* A walk over free memory: parts of memory that are not reserved. */
struct nb_free_walk {
	const struct nb_memblock *mb;
	int32_t nid;    /* NB_NO_NODE: any */
	uint32_t flags; /* as in a request */
	bool skip_hotplug;
	uint32_t memory_at, reserved_at; /* the walk's own: 0 to begin */
	nb_phys from;
};

/* Gives the next free range, ascending, and its node; false at the end. nid may be null. */
bool nb_free_next(struct nb_free_walk *walk, struct nb_range *range, int32_t *nid);

/* A walk over whole pages of memory, reserved or not. */
struct nb_page_walk {
	const struct nb_regions *memory;
	int32_t nid; /* NB_NO_NODE: any */
	uint32_t at; /* the walk's own: 0 to begin */
};

/* Gives the next range, ascending, as page frames, and its node (NB_NO_NODE: none).
 * Regions of less than a page are left out. Linux 6.12 mm/memblock.c __next_mem_pfn_range(). */
bool nb_page_next(struct nb_page_walk *walk, struct nb_range *pfns, int32_t *nid);

/* The node of a page of memory, or NB_NO_NODE if it is none or has none. */
int32_t nb_memblock_node(const struct nb_memblock *mb, nb_pfn pfn);

/* Pages of memory in [start, end), page frames; the rest of it are holes. */
uint64_t nb_memblock_pages(const struct nb_memblock *mb, nb_pfn start, nb_pfn end);

struct nb_e820;
struct nb_firmware;
struct nb_params;
struct nb_env;

/*
 * Reserves what is taken before anyone reads the map: the kernel, the loader's
 * data, the initrd. mb comes with the two arrays that nb_memblock_init() gave it;
 * what is in them is dropped.
 *
 * Errors: NB_ERR_FULL; NB_ERR_DIES after an event.
 * Source: Linux 6.12 arch/x86/kernel/setup.c early_reserve_memory().
 */
NB_MUST_CHECK enum nb_err nb_memblock_begin(struct nb_memblock *mb, const struct nb_firmware *fw,
					    const struct nb_params *params,
					    const struct nb_env *env);

/*
 * The stage, after nb_memblock_begin(): fills memory from the map, reserves low
 * memory.
 *
 * Errors: NB_ERR_FULL; NB_ERR_DIES after an event. A kernel that finds no room
 * for the trampoline goes on until it starts CPUs: mb->trampoline is then 0.
 * Source: Linux 6.12 arch/x86/kernel/setup.c setup_arch(), arch/x86/kernel/e820.c e820__memblock_setup().
 */
NB_MUST_CHECK enum nb_err nb_memblock_build(struct nb_memblock *mb, const struct nb_e820 *e820,
					    const struct nb_firmware *fw,
					    const struct nb_params *params,
					    const struct nb_env *env);

#ifdef __cplusplus
}
#endif
#endif
