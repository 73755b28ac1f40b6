/* SPDX-License-Identifier: MIT */
/*
 * numa_distance: the table of distances, which is made when the first distance
 * is set and takes a piece of memblock. Linux 6.12 mm/numa_memblks.c.
 */
#include "base/memory.h"
#include "boot/memblock.h"
#include "boot/numa_build.h"

bool nb_distance_take(struct nb_numa_build *b, nb_phys size, struct nb_range *at)
{
	struct nb_request request = {
		.size = size,
		.align = NB_PAGE_SIZE,
		.nid = NB_NO_NODE,
	};
	nb_phys start;
	enum nb_err err = nb_memblock_get(b->mb, &request, NB_RESERVED_DISTANCES, &start, b->env);

	if (err != NB_ERR_MEMORY)
		b->err = err;
	if (err)
		return false;
	*at = (struct nb_range){ start, start + size };
	return true;
}

void nb_distance_give_back(struct nb_numa_build *b, struct nb_range at)
{
	enum nb_err err = nb_memblock_give_back(b->mb, at, NB_RESERVED_DISTANCES, b->env);

	if (err && !b->err)
		b->err = err;
}

void nb_distance_reset(struct nb_numa_build *b)
{
	nb_distance_give_back(b, b->distance_at);
	b->distance_at = (struct nb_range){ 0 };
	b->distance_failed = false;
	b->numa->distance_count = 0;
}

/* Makes the table for all nodes that are named so far. Where there is no memory
 * for it, every distance is out of bounds until all starts over.
 * Linux 6.12 mm/numa_memblks.c numa_alloc_distance(). */
static bool make_table(struct nb_numa_build *b)
{
	struct nb_numa *numa = b->numa;
	int32_t last = nb_nodes_last(&numa->parsed);
	uint32_t count;

	for (uint32_t i = 0; i < numa->block_count; i++)
		if (numa->blocks[i].nid > last)
			last = numa->blocks[i].nid;
	count = last < 0 ? 1 : (uint32_t)last + 1;
	if (count > numa->nodes) {
		b->err = NB_ERR_FULL;
		return false;
	}
	if (!nb_distance_take(b, (nb_phys)count * count, &b->distance_at)) {
		b->distance_failed = true;
		if (!b->err)
			nb_emit(b->env, .kind = NB_EV_DISTANCE_NO_ROOM);
		return false;
	}
	memset(numa->distance, NB_REMOTE_DISTANCE, (size_t)count * count);
	for (uint32_t i = 0; i < count; i++)
		numa->distance[i * count + i] = NB_LOCAL_DISTANCE;
	numa->distance_count = count;
	nb_emit(b->env, .kind = NB_EV_DISTANCE_TABLE, .got = count);
	return true;
}

void nb_distance_set(struct nb_numa_build *b, int32_t from, int32_t to, int64_t distance)
{
	struct nb_numa *numa = b->numa;

	if (!numa->distance_count && !b->distance_failed && (b->err || !make_table(b)))
		return;
	if ((uint32_t)from >= numa->distance_count || (uint32_t)to >= numa->distance_count) {
		if (!b->told_bounds)
			nb_emit(b->env, .kind = NB_EV_DISTANCE_BOUNDS, .nid = from, .other_nid = to,
				.got = (uint64_t)distance);
		b->told_bounds = true;
		return;
	}
	if (distance < 0 || distance > UINT8_MAX || (from == to && distance != NB_LOCAL_DISTANCE)) {
		if (!b->told_invalid)
			nb_emit(b->env, .kind = NB_EV_DISTANCE_INVALID, .nid = from,
				.other_nid = to, .got = (uint64_t)distance);
		b->told_invalid = true;
		return;
	}
	numa->distance[(uint32_t)from * numa->distance_count + (uint32_t)to] = (uint8_t)distance;
}

uint8_t nb_numa_distance(const struct nb_numa *numa, int32_t from, int32_t to)
{
	if ((uint32_t)from >= numa->distance_count || (uint32_t)to >= numa->distance_count)
		return from == to ? NB_LOCAL_DISTANCE : NB_REMOTE_DISTANCE;
	return numa->distance[(uint32_t)from * numa->distance_count + (uint32_t)to];
}
