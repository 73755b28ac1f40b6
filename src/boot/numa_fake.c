/* SPDX-License-Identifier: MIT */
/*
 * numa_fake: numa=fake= splits the physical nodes into emulated ones.
 *
 *   N            N nodes of about equal RAM, dealt over the physical nodes
 *   sizeM sizeG  nodes of that much RAM
 *   NU           each physical node in N by span, holes or not
 *   ...:d,d,...  distances, row by row
 *
 * Round after round over the physical nodes, the lowest first, a piece of the
 * first block that is left of each becomes a block of the next emulated node.
 *
 * Source: Linux 6.12 mm/numa_emulation.c.
 */
#include "boot/numa_build.h"

#include "base/memory.h"

#define GRAIN (32 * NB_MIB)    /* no emulated node is smaller, sizes are multiples */
#define DMA32_END (4 * NB_GIB) /* what is left below it is not left over */

/* One way of splitting, in progress. */
struct split {
	struct nb_numa_build *b;
	struct nb_block_list *physical; /* what is left of the physical blocks */
	struct nb_block_list *fake;     /* what was made */
	struct nb_nodes left;           /* physical nodes that may have memory left */
	nb_phys size;                   /* RAM of a node; by span: bytes */
	uint64_t big;                   /* so many first nodes get a grain more */
	bool by_span;                   /* holes count */
	uint32_t made, wrap;            /* nodes made; numbers begin again at wrap */
};

/* Bytes in a range that no RAM region covers, in whole pages.
 * Linux 6.12 mm/numa_emulation.c mem_hole_size(). */
static nb_phys hole(const struct nb_numa_build *b, nb_phys start, nb_phys end)
{
	nb_pfn from = nb_pfn_up(start), to = nb_pfn_down(end);

	if (from >= to)
		return 0;
	return nb_pfn_phys(to - from - nb_memblock_pages(b->mb, from, to));
}

static bool is_enough(const struct split *s, nb_phys start, nb_phys end)
{
	return end - start - hole(s->b, start, end) >= s->size;
}

/*
 * The end that grows from `end` by grains until there is RAM enough from start
 * on, or the limit is passed. Found by halving, since each grain may be a hole.
 */
static nb_phys grow(const struct split *s, nb_phys start, nb_phys end, nb_phys limit)
{
	uint64_t few = 0, many;

	if (is_enough(s, start, end))
		return end;
	if (end > limit)
		return limit;
	many = (limit - end) / GRAIN + 1; /* the first that passes the limit */
	while (many - few > 1) {
		uint64_t grains = few + (many - few) / 2;

		if (is_enough(s, start, end + grains * GRAIN))
			many = grains;
		else
			few = grains;
	}
	return nb_min(end + many * GRAIN, limit);
}

/* Where the next emulated node ends that begins a physical block. */
static nb_phys piece_end(const struct split *s, struct nb_range block)
{
	nb_phys end = block.start + s->size + (s->made < s->big ? GRAIN : 0);

	if (!s->by_span)
		end = grow(s, block.start, end, block.end);
	if (end < DMA32_END && DMA32_END - end - hole(s->b, end, DMA32_END) < GRAIN)
		end = DMA32_END;
	if (!s->by_span && block.end - end - hole(s->b, end, block.end) < s->size)
		end = block.end;
	return nb_min(end, block.end);
}

/* The index of a node's first block, or the count if it has none. */
static uint32_t first_block(const struct nb_block_list *list, int32_t nid)
{
	uint32_t i = 0;

	while (i < list->count && list->at[i].nid != nid)
		i++;
	return i;
}

/* Linux 6.12 mm/numa_emulation.c emu_setup_memblk(). */
static bool make_block(struct split *s, uint32_t index, nb_phys end)
{
	struct nb_block *block = &s->physical->at[index];
	struct nb_block made = { { block->range.start, end }, (int32_t)(s->made % s->wrap) };
	uint32_t most = 2 * s->b->env->config->max_nodes;

	if (s->fake->count >= most) {
		nb_emit(s->b->env, .kind = NB_EV_FAKE_BLOCKS_FULL, .limit = most);
		return false;
	}
	if (s->fake->count >= s->b->numa->block_cap || (uint32_t)made.nid >= s->b->numa->nodes) {
		s->b->err = NB_ERR_FULL;
		return false;
	}
	s->fake->at[s->fake->count++] = made;
	s->made++;
	if (s->b->numa->emulated_phys[made.nid] == NB_NO_NODE)
		s->b->numa->emulated_phys[made.nid] =
			(int16_t)(s->b->env->rules->fake_is_its_own_physical ? made.nid
									     : block->nid);
	nb_emit(s->b->env, .kind = NB_EV_FAKE_NODE, .nid = made.nid, .range = made.range,
		.other_nid = block->nid);

	block->range.start = end;
	if (block->range.start >= block->range.end) {
		s->physical->count--;
		memmove(block, block + 1, (s->physical->count - index) * sizeof(*block));
	}
	return true;
}

/* Rounds over the physical nodes until none has memory left. */
static bool deal(struct split *s)
{
	while (nb_nodes_next(&s->left, 0) >= 0) {
		nb_for_each_node (nid, &s->left) {
			uint32_t index = first_block(s->physical, nid);

			if (index == s->physical->count) {
				nb_nodes_remove(&s->left, nid);
				continue;
			}
			if (!make_block(s, index, piece_end(s, s->physical->at[index].range)))
				return false;
		}
	}
	return true;
}

/* Linux 6.12 mm/numa_emulation.c split_nodes_interleave(). */
static bool split_by_count(struct split *s, uint64_t asked)
{
	const struct nb_numa_build *b = s->b;
	nb_phys end = nb_pfn_phys(b->max_pfn);
	uint32_t most = b->env->config->max_nodes;
	int32_t count = (int32_t)(uint32_t)asked;
	nb_phys each;

	if (count <= 0)
		return false;
	if ((uint32_t)count > most) {
		nb_emit(b->env, .kind = NB_EV_FAKE_TOO_MANY_NODES, .got = (uint64_t)count,
			.limit = most);
		count = (int32_t)most;
	}
	each = nb_pfn_phys(nb_pfn_down(end - hole(b, 0, end)) / (uint64_t)count);
	s->big = (each & (GRAIN - 1)) * (uint64_t)count / GRAIN;
	s->size = nb_align_down(each, GRAIN);
	s->wrap = (uint32_t)count;
	if (!s->size) {
		nb_emit(b->env, .kind = NB_EV_FAKE_TOO_SMALL, .got = (uint64_t)count);
		return false;
	}
	return deal(s);
}

/* Sets a size of nodes, which must be at least that of `count` equal parts. */
static void set_size(struct split *s, nb_phys asked, nb_phys whole, uint64_t count)
{
	nb_phys least = nb_pfn_phys(nb_pfn_down(whole) / count);

	least = nb_align_up(nb_max(least, GRAIN), GRAIN);
	if (asked < least) {
		nb_emit(s->b->env, .kind = NB_EV_FAKE_SIZE_RAISED, .got = asked, .limit = least);
		asked = least;
	}
	s->size = nb_align_down(asked, GRAIN);
}

/* Linux 6.12 mm/numa_emulation.c split_nodes_size_interleave(). */
static bool split_by_size(struct split *s, nb_phys size)
{
	nb_phys end = nb_pfn_phys(s->b->max_pfn);

	if (!size)
		return false;
	s->wrap = s->b->env->config->max_nodes;
	set_size(s, size, end - hole(s->b, 0, end), s->wrap);
	return deal(s);
}

/* Whether a physical node gave too few; *made is what the kernel says it gave. */
static bool is_short(const struct split *s, uint32_t before, uint64_t asked, uint32_t *made)
{
	if (s->b->env->rules->fake_uniform == NB_UNIFORM_NUMBER) {
		*made = s->made;
		return *made < asked;
	}
	*made = s->made - before;
	return *made && *made < asked;
}

/* Cuts each physical node in `asked` parts. What Linux looks at is always the
 * first block that is left, whichever node's turn it is; once none is left, what
 * became of the last one, which is empty.
 * Linux 6.12 mm/numa_emulation.c numa_emulation(), the branch for 'U'. */
static bool split_each(struct split *s, uint64_t asked)
{
	struct nb_nodes physical = s->left;
	int32_t count = (int32_t)(uint32_t)asked;

	s->by_span = true;
	s->wrap = s->b->env->config->max_nodes;
	if (nb_nodes_next(&physical, 0) < 0 || count == 0)
		return false;
	nb_for_each_node (nid, &physical) {
		const struct nb_block *block = &s->physical->at[0];
		uint32_t before = s->made, made;

		nb_phys whole = nb_pfn_phys(nb_pfn_down(block->range.end)) -
				nb_pfn_phys(nb_pfn_down(block->range.start));
		uint64_t parts = (uint64_t)count; /* a negative count divides as a huge one */

		s->left = (struct nb_nodes){ 0 };
		nb_nodes_add(&s->left, block->nid);
		set_size(s, nb_pfn_phys(nb_pfn_down(whole) / parts), whole, parts);
		if (!deal(s))
			return false;
		if (is_short(s, before, asked, &made)) {
			nb_emit(s->b->env, .kind = NB_EV_FAKE_SHORT, .nid = nid, .got = made,
				.limit = asked);
			return false;
		}
	}
	return true;
}

/* Reads what was asked for, and splits. */
static bool split(struct split *s)
{
	struct nb_text *text = &s->b->fake;
	bool done;

	if (nb_text_has(*text, 'U') && s->b->env->rules->fake_uniform != NB_UNIFORM_UNKNOWN)
		done = split_each(s, nb_text_number(text));
	else if (nb_text_has(*text, 'M') || nb_text_has(*text, 'G'))
		done = split_by_size(s, nb_text_size(text));
	else
		done = split_by_count(s, nb_text_number(text));
	if (text->len && *text->at == ':')
		*text = (struct nb_text){ text->at + 1, text->len - 1 };
	return done;
}

/* The highest emulated node, and the physical node of the lowest.
 * Linux 6.12 mm/numa_emulation.c setup_emu2phys_nid(). */
static uint32_t last_fake(const struct nb_numa *numa, int16_t *any_physical)
{
	uint32_t last = 0;

	*any_physical = NB_NO_NODE;
	for (uint32_t nid = 0; nid < numa->nodes; nid++) {
		if (numa->emulated_phys[nid] == NB_NO_NODE)
			continue;
		last = nid;
		if (*any_physical == NB_NO_NODE)
			*any_physical = numa->emulated_phys[nid];
	}
	return last;
}

/* Gives emulated nodes the domains of their physical ones, which are noted, and
 * tells the highest that got one. False: one has had a domain since an earlier
 * attempt, after which Linux does not clear these maps. */
static bool tie_nodes(struct nb_numa *numa, uint32_t last, struct nb_nodes *used, int32_t *tied)
{
	int32_t *node_pxm = numa->scratch.node_pxm;

	*tied = NB_NO_NODE;
	for (uint32_t nid = 0; nid <= last; nid++) {
		int16_t physical = numa->emulated_phys[nid];

		if (physical == NB_NO_NODE || numa->node_pxm[physical] < 0)
			continue;
		if (node_pxm[nid] >= 0)
			return false;
		node_pxm[nid] = numa->node_pxm[physical];
		nb_nodes_add(used, physical);
		*tied = (int32_t)nid;
	}
	return true;
}

/* Physical nodes that no emulated one came from take the first free numbers and
 * count as named. False: there are not so many numbers. */
static bool name_unused(struct nb_numa_build *b, const struct nb_nodes *used)
{
	struct nb_numa *numa = b->numa;
	int32_t *node_pxm = numa->scratch.node_pxm;
	struct nb_nodes named = { 0 };

	for (uint32_t nid = 0, gap = 0; nid < numa->nodes; nid++) {
		if (numa->node_pxm[nid] < 0 || nb_nodes_has(used, (int32_t)nid))
			continue;
		while (gap < numa->nodes && node_pxm[gap] >= 0)
			gap++;
		if (gap == numa->nodes) {
			if (gap < b->env->config->max_nodes)
				b->err = NB_ERR_FULL;
			return false;
		}
		node_pxm[gap] = numa->node_pxm[nid];
		nb_nodes_add(&named, (int32_t)gap);
	}
	nb_for_each_node (nid, &named)
		nb_nodes_add(&numa->parsed, nid);
	return true;
}

/*
 * Ties emulated nodes to proximity domains. False: the two sides do not fit,
 * emulation is dropped.
 * Linux 6.12 drivers/acpi/numa/srat.c fix_pxm_node_maps().
 */
static bool tie_to_pxms(struct nb_numa_build *b, uint32_t last)
{
	struct nb_numa *numa = b->numa;
	uint32_t pxms = (uint32_t)nb_min(b->env->config->max_nodes, NB_MAX_PXMS);
	const int32_t *node_pxm = numa->scratch.node_pxm;
	int16_t *pxm_node = numa->scratch.pxm_node;
	struct nb_nodes used = { 0 };
	int32_t tied;

	if (b->params->numa_off)
		return false;
	if (b->srat_off)
		return true;
	if (!tie_nodes(numa, last, &used, &tied))
		return false;
	if (tied == NB_NO_NODE)
		return true; /* no table named a domain */
	if (tied != (int32_t)last || !name_unused(b, &used))
		return false;

	for (uint32_t nid = 0; nid < numa->nodes; nid++)
		if (node_pxm[nid] >= 0 && pxm_node[node_pxm[nid]] == NB_NO_NODE)
			pxm_node[node_pxm[nid]] = (int16_t)nid;
	memcpy(numa->node_pxm, node_pxm, numa->nodes * sizeof(*node_pxm));
	memcpy(numa->pxm_node, pxm_node, pxms * sizeof(*pxm_node)); /* not of all PXMs */
	return true;
}

/* Each APIC ID goes to the lowest emulated node of its physical one; 0 if none.
 * Linux 6.12 arch/x86/mm/numa.c numa_emu_update_cpu_to_node(). */
static void move_apics(struct nb_numa *numa, uint32_t last)
{
	int16_t *lowest = numa->scratch.lowest;

	for (uint32_t nid = 0; nid < numa->nodes; nid++)
		lowest[nid] = 0;
	for (uint32_t nid = last + 1; nid-- > 0;)
		if (numa->emulated_phys[nid] != NB_NO_NODE)
			lowest[numa->emulated_phys[nid]] = (int16_t)nid;
	for (uint32_t id = 0; id < numa->apic_ids; id++)
		if (numa->apic_node[id] != NB_NO_NODE)
			numa->apic_node[id] = lowest[numa->apic_node[id]];
}

/*
 * Copies the distance of two nodes from the physical ones, at a place in their
 * table. Linux reads it there even if that lies outside, where nothing is known but
 * that memory is zero on most machines, or if there is no table: then it dies.
 */
static void copy_distance(struct nb_numa_build *b, uint32_t from, uint32_t to, int64_t at,
			  uint32_t physical_count)
{
	uint64_t size = (uint64_t)physical_count * physical_count;
	int64_t distance = 0; /* what memory that nobody has written to holds */

	if (!size) {
		nb_emit(b->env, .kind = NB_EV_DIES, .id = NB_NUMA,
			.why = NB_WHY_DIES_FAKE_DISTANCE);
		b->err = NB_ERR_DIES;
		return;
	}
	if (at >= 0 && (uint64_t)at < size)
		distance = b->numa->scratch.distance[at];
	else
		nb_emit(b->env, .kind = NB_EV_FAKE_DISTANCE_UNKNOWN, .nid = (int32_t)from,
			.other_nid = (int32_t)to);
	nb_distance_set(b, (int32_t)from, (int32_t)to, distance);
}

/* Distances from the command line while they last, else the physical ones. */
static void set_distances(struct nb_numa_build *b, uint32_t last, uint32_t physical_count)
{
	const int16_t *physical = b->numa->emulated_phys;

	for (uint32_t i = 0; i <= last; i++) {
		for (uint32_t j = 0; j <= last && !b->err; j++) {
			int64_t from = physical[i], to = physical[j];
			int32_t distance;

			if (nb_text_option(&b->fake, &distance) == 2)
				nb_distance_set(b, (int32_t)i, (int32_t)j, distance);
			else if (from >= physical_count || to >= physical_count)
				nb_distance_set(b, (int32_t)i, (int32_t)j,
						from == to ? NB_LOCAL_DISTANCE
							   : NB_REMOTE_DISTANCE);
			else
				copy_distance(b, i, j, from * physical_count + to, physical_count);
		}
	}
}

/* The physical node of an emulated one; of one that is named beside them what
 * Linux takes for it: it counts from the last emulated node. */
static int64_t physical_of(const struct nb_numa *numa, uint32_t nid, uint32_t last)
{
	int16_t physical = numa->emulated_phys[nid];

	return physical != NB_NO_NODE ? physical : (int64_t)nid - last;
}

/* Distances of nodes that are named beside the emulated ones. */
static void set_distances_beyond(struct nb_numa_build *b, uint32_t last, uint32_t physical_count)
{
	const struct nb_numa *numa = b->numa;

	for (uint32_t i = 0; i < numa->distance_count; i++) {
		for (uint32_t j = 0; j < numa->distance_count && !b->err; j++) {
			int64_t from = physical_of(numa, i, last), to = physical_of(numa, j, last);

			if (numa->emulated_phys[i] == NB_NO_NODE ||
			    numa->emulated_phys[j] == NB_NO_NODE)
				copy_distance(b, i, j, from * physical_count + to, physical_count);
		}
	}
}

/* Copies the physical distances; false if there is no room for them. */
static bool keep_distances(struct nb_numa_build *b, struct nb_range *copy)
{
	struct nb_numa *numa = b->numa;
	size_t bytes = (size_t)numa->distance_count * numa->distance_count;

	if (!bytes)
		return true;
	if (!nb_distance_take(b, bytes, copy)) {
		if (!b->err)
			nb_emit(b->env, .kind = NB_EV_FAKE_NO_ROOM);
		return false;
	}
	memcpy(numa->scratch.distance, numa->distance, bytes);
	return true;
}

/* From here on the nodes that count as named are the emulated ones. */
static void name_fake_nodes(struct nb_numa *numa, const struct nb_block_list *fake)
{
	numa->parsed = (struct nb_nodes){ 0 };
	for (uint32_t i = 0; i < fake->count; i++)
		nb_nodes_add(&numa->parsed, fake->at[i].nid);
}

/* Makes the emulated nodes the machine's. False: they are dropped. */
static bool commit(struct nb_numa_build *b, const struct nb_block_list *fake)
{
	struct nb_numa *numa = b->numa;
	const bool tied = b->env->rules->fake_tied_to_pxms;
	uint32_t physical_count = numa->distance_count;
	struct nb_range copy = { 0 };
	int16_t any_physical;
	uint32_t last = last_fake(numa, &any_physical);

	if (!keep_distances(b, &copy))
		return false;
	if (b->env->rules->fake_replaces_parsed)
		name_fake_nodes(numa, fake);
	if (tied && !tie_to_pxms(b, last)) {
		nb_emit(b->env, .kind = NB_EV_FAKE_DROPPED,
			.why = b->params->numa_off ? NB_WHY_OFF : NB_WHY_PXM_MAP);
		return false; /* Linux keeps the copy of the distances, too */
	}
	memcpy(numa->blocks, fake->at, fake->count * sizeof(*fake->at));
	numa->block_count = fake->count;
	move_apics(numa, last);
	for (uint32_t nid = 0; nid <= last; nid++)
		if (numa->emulated_phys[nid] == NB_NO_NODE)
			numa->emulated_phys[nid] = any_physical;

	nb_distance_reset(b);
	set_distances(b, last, physical_count);
	if (tied)
		set_distances_beyond(b, last, physical_count);
	nb_distance_give_back(b, copy);
	numa->emulated = true;
	return true;
}

void nb_numa_fake(struct nb_numa_build *b)
{
	struct nb_numa *numa = b->numa;
	struct nb_nodes parsed = numa->parsed;
	struct nb_block_list physical = { numa->scratch.physical, numa->block_count };
	struct nb_block_list fake = { numa->scratch.fake, 0 };
	struct split s = { .b = b, .physical = &physical, .fake = &fake, .left = parsed };
	bool made = false;

	numa->emulated = false;
	if (b->fake.at) {
		physical.at[0] = (struct nb_block){ .nid = NB_NO_NODE }; /* if there is none */
		memcpy(physical.at, numa->blocks, numa->block_count * sizeof(*numa->blocks));
		for (uint32_t nid = 0; nid < numa->nodes; nid++)
			numa->emulated_phys[nid] = NB_NO_NODE;
		made = split(&s);
		if (made && nb_blocks_clean(b, &fake) == NB_REJECTED) {
			nb_emit(b->env, .kind = NB_EV_FAKE_INVALID);
			made = false;
		}
		made = made && !b->err && commit(b, &fake);
	}
	if (made || b->err)
		return;
	numa->parsed = parsed;
	for (uint32_t nid = 0; nid < numa->nodes; nid++)
		numa->emulated_phys[nid] = (int16_t)nid;
}
