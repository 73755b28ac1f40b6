/* SPDX-License-Identifier: MIT */
/*
 * memblock_model: memblock over a small address space, as one cell for each
 * KiB. Every question is answered by looking at all cells, so that there is
 * nothing to get wrong: no regions, no merging, no order.
 */
#ifndef TESTS_MEMBLOCK_MODEL_H
#define TESTS_MEMBLOCK_MODEL_H

#include <numaboot/memblock.h>

enum {
	MODEL_CELLS = 256,
	MODEL_CELL_BYTES = 1024,
};

struct model_cell {
	bool there;
	int32_t nid;
	uint32_t flags;
};

/* One set. A range of cells is [first, past). */
struct model_set {
	struct model_cell cell[MODEL_CELLS];
	uint32_t slots;          /* of the modelled array, 0: no limit */
	struct nb_range storage; /* where that lies, in bytes; empty: it is the static one */
};

struct model {
	struct model_set memory, reserved;
	bool bottom_up, skip_hotplug, prefer_mirror, may_double;
	nb_phys limit, memory_size; /* bytes */
	uint32_t doublings;
};

/* How many regions the set is: runs of cells that are there and alike. */
uint32_t model_runs(const struct model_set *set);
/* The next run at or after cell `from`; false if there is none. */
bool model_next_run(const struct model_set *set, uint32_t from, uint32_t *first, uint32_t *past);

void model_set_add(struct model_set *set, uint32_t first, uint32_t past, int32_t nid,
		   uint32_t flags);
void model_set_remove(struct model_set *set, uint32_t first, uint32_t past);
void model_set_node(struct model_set *set, uint32_t first, uint32_t past, int32_t nid);
void model_set_flags(struct model_set *set, uint32_t first, uint32_t past, uint32_t flags, bool on);

/* The same on memblock, with its arrays: what Linux would answer. */
enum nb_err model_add(struct model *m, uint32_t first, uint32_t past, int32_t nid, uint32_t flags);
enum nb_err model_remove(struct model *m, uint32_t first, uint32_t past);
enum nb_err model_reserve(struct model *m, uint32_t first, uint32_t past);
enum nb_err model_free(struct model *m, uint32_t first, uint32_t past);
/* Makes room for cutting a range out of one of the sets. */
enum nb_err model_isolate(struct model *m, struct model_set *set, uint32_t first, uint32_t past);
void model_trim(struct model *m, uint32_t align_cells);

bool model_find(const struct model *m, const struct nb_request *request, nb_phys *address);
enum nb_err model_alloc(struct model *m, const struct nb_request *request, nb_phys *address);

/* Whether a cell is free memory that a search may take. */
bool model_is_free(const struct model *m, uint32_t cell, int32_t nid, uint32_t flags,
		   bool skip_hotplug);

#endif
