/* SPDX-License-Identifier: MIT */
/*
 * trace: any bytes as a boot log, followed as a trace of memblock. Whatever is in
 * it, the state stays one of memblock, and what is reserved has one owner each.
 */
#include "../hosts/sources/replay.h"

#include "fuzz.h"

void pool_exhausted(void)
{
	abort();
}

static void ensure_owned(const struct replay *replay)
{
	uint64_t left = 0;

	nb_regions_check(&replay->mb.memory);
	nb_regions_check(&replay->mb.reserved);
	nb_regions_check(&replay->owners);
	ensure(nb_regions_size(&replay->owners) == nb_regions_size(&replay->mb.reserved));
	for (uint32_t i = 0; i < replay->owners.count; i++) {
		ensure((uint32_t)nb_region_at(&replay->owners, i)->nid < replay->caller_count);
		ensure(nb_region_at(&replay->owners, i)->flags < PURPOSES);
	}
	for (uint32_t i = 0; i < replay->caller_count; i++)
		left += replay->callers[i].left;
	ensure(left == nb_regions_size(&replay->owners));
}

static void ensure_counted(const struct replay_counts *counts)
{
	ensure(counts->replayed <= counts->requests);
	ensure(counts->predicted + counts->taken == counts->unprinted);
	ensure(counts->dumps_equal <= counts->dumps);
	ensure(counts->frees_of_nothing <= counts->frees);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool pool = { .blocks = NULL };
	struct stage_steps none = { .count = 0 };
	struct replay replay;
	struct kernel kernel;
	struct boot_log log;
	char *copy = (char *)fuzz_copy(data, size);

	kernel_of_release(&kernel, NULL);
	boot_log_read(&log, (struct nb_text){ copy, size }, &pool);
	if (replay_log(&replay, &log, &kernel, &none, &pool)) {
		ensure_owned(&replay);
		ensure_counted(&replay.counts);
	}
	pool_drop(&pool);
	free(copy);
	return 0;
}
