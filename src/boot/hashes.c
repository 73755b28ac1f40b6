/* SPDX-License-Identifier: MIT */
/*
 * hashes: tables whose size follows that of RAM: the more pages the more entries, up to
 * the next power of two.
 *
 *   PID      of processes, up to 4.9
 *   Dentry, Inode     of the file system's names and files
 *   Mount, Mountpoint
 *
 * The first three are too large for the page allocator and are taken of memblock; but on
 * several nodes the second and third are spread over all of them later, page by page
 * (hashdist), and the last two always come later.
 *
 * Addresses from here on are near those of Linux at best, since small things are taken in
 * between that are not modelled: what is taken is not told as memblock=debug has it.
 *
 * Source: Linux 6.12 mm/mm_init.c alloc_large_system_hash(), fixup_hashdist(),
 * fs/dcache.c dcache_init(), fs/inode.c inode_init(), fs/namespace.c mnt_init().
 */
#include "boot/hashes.h"

#include "boot/memblock.h"

#include <numaboot/rules.h>

enum {
	LINE = 64,
	ENTRY_SHIFT = 3, /* an entry is a pointer of 8 bytes; of 4 with 32 bits */
	MEGA_PAGES_SHIFT = 8,
	BUDDY_SHIFT = 22, /* the page allocator has no larger blocks, 4 MiB */
	LARGE_SHIFT = 21,
	SLOWER_SHIFT = 24, /* pages, 64 GiB: each time that RAM is four times as large */
};

/* Which tables there are: what a bucket is reckoned for, and how many at most. */
static const struct table {
	unsigned scale;       /* bytes of RAM for each entry, as a power of two */
	uint64_t least, most; /* 0: a 16th of all RAM */
} tables[NB_HASHES] = {
	[NB_HASH_PID] = { 18, 16, 4096 },    [NB_HASH_DENTRY] = { 13, 0, 0 },
	[NB_HASH_INODE] = { 14, 0, 0 },      [NB_HASH_MOUNT] = { 19, 0, 0 },
	[NB_HASH_MOUNTPOINT] = { 19, 0, 0 },
};

static unsigned log2_of(uint64_t number)
{
	unsigned shift = 0;

	while (number > 1) {
		number >>= 1;
		shift++;
	}
	return shift;
}

static unsigned entry_shift(const struct nb_env *env)
{
	return env->config->low_and_vmalloc ? ENTRY_SHIFT - 1 : ENTRY_SHIFT;
}

/* Whether tables are spread over the nodes. */
static bool are_spread(const struct nb_zones *zones, const struct nb_params *params,
		       const struct nb_env *env)
{
	if (env->config->no_numa || env->config->low_and_vmalloc)
		return false;
	if (params->hash_spread != NB_HASH_SPREAD_UNSAID)
		return params->hash_spread == NB_HASH_SPREAD;
	return !env->rules->hash_one_node || nb_nodes_count(&zones->has_memory) > 1;
}

/* How many entries a table has by the size of RAM. */
static uint64_t entries_by_ram(const struct table *table, const struct nb_zones *zones,
			       const struct nb_env *env)
{
	uint64_t pages = nb_align_up(zones->kernel_pages, 1 << MEGA_PAGES_SHIFT), entries;
	uint64_t page_entries = NB_PAGE_SIZE >> entry_shift(env);
	unsigned scale = table->scale;

	if (env->rules->hash_slower && !table->most)
		for (uint64_t at = 1 << SLOWER_SHIFT; at < pages; at <<= 2)
			scale++;
	entries = scale > NB_PAGE_SHIFT ? pages >> (scale - NB_PAGE_SHIFT)
					: pages << (NB_PAGE_SHIFT - scale);
	return nb_max(entries, table->least ? table->least : page_entries);
}

/* The bytes of a table, as a power of two. */
static unsigned shift_of(enum nb_hash hash, const struct nb_zones *zones,
			 const struct nb_params *params, const struct nb_env *env)
{
	const struct table *table = &tables[hash];
	uint64_t most = table->most ? table->most
				    : (zones->all_pages << (NB_PAGE_SHIFT - 4)) >> entry_shift(env);
	uint64_t entries = params->hash_entries[hash];
	unsigned shift;

	if (!entries)
		entries = entries_by_ram(table, zones, env);
	shift = log2_of(entries);
	shift += entries > (uint64_t)1 << shift;
	most = nb_max(nb_min(most, (uint64_t)1 << 31), 1);
	return (unsigned)nb_min(shift, log2_of(most)) + entry_shift(env);
}

static void tell(enum nb_hash hash, unsigned shift, enum nb_hash_place place,
		 const struct nb_env *env)
{
	nb_emit(env, .kind = NB_EV_HASH, .id = hash, .flags = place,
		.got = (uint64_t)1 << (shift - entry_shift(env)), .limit = (uint64_t)1 << shift,
		.more = { (uint64_t)((int64_t)shift - NB_PAGE_SHIFT) });
}

static enum nb_err die(const struct nb_env *env)
{
	nb_emit(env, .kind = NB_EV_DIES, .id = NB_HASHES_STAGE, .why = NB_WHY_DIES_NO_HASH);
	return NB_ERR_DIES;
}

/* Half as large each time that there is no room. */
static enum nb_err take(struct nb_memblock *mb, enum nb_hash hash, unsigned shift,
			const struct nb_env *env)
{
	struct nb_request request = { .align = LINE, .nid = NB_NO_NODE };
	enum nb_err err;
	nb_phys at;

	do {
		request.size = (nb_phys)1 << shift;
		err = nb_memblock_get(mb, &request, NB_RESERVED_HASH, &at, env);
	} while (err == NB_ERR_MEMORY && request.size > NB_PAGE_SIZE && --shift);
	if (err)
		return err == NB_ERR_MEMORY ? die(env) : err;
	tell(hash, shift, NB_HASH_LINEAR, env);
	return NB_OK;
}

enum nb_err nb_hashes_build(struct nb_memblock *mb, const struct nb_zones *zones,
			    const struct nb_params *params, const struct nb_env *env)
{
	bool spread = are_spread(zones, params, env);
	enum nb_err err = NB_OK;

	mb->traced = false;
	for (uint32_t hash = 0; !err && hash <= NB_HASH_INODE; hash++)
		if (hash == NB_HASH_PID ? env->rules->hash_of_pids : !spread)
			err = take(mb, hash, shift_of(hash, zones, params, env), env);
	return err;
}

/* Whether pages of 2 MiB map a table that is spread. */
static bool is_large(unsigned shift, uint32_t nodes, const struct nb_env *env)
{
	uint64_t bytes = (uint64_t)1 << shift;

	if (env->rules->hash_large == NB_HASH_LARGE_BY_NODE)
		bytes /= nb_max(nodes, 1);
	return env->rules->hash_large != NB_HASH_LARGE_NEVER && bytes >> LARGE_SHIFT;
}

void nb_hashes_later(const struct nb_zones *zones, uint32_t nodes, const struct nb_params *params,
		     const struct nb_env *env)
{
	bool spread = are_spread(zones, params, env);

	for (uint32_t hash = NB_HASH_DENTRY; hash < NB_HASHES; hash++) {
		unsigned shift = shift_of(hash, zones, params, env);
		bool mapped = spread || shift > BUDDY_SHIFT;

		if (hash <= NB_HASH_INODE && !spread)
			continue;
		tell(hash, shift,
		     !mapped                       ? NB_HASH_LINEAR
		     : is_large(shift, nodes, env) ? NB_HASH_MAPPED_LARGE
						   : NB_HASH_MAPPED,
		     env);
	}
}
