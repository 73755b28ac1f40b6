/* SPDX-License-Identifier: MIT */
/*
 * zonelists: for each node, the order in which the others are asked when it has
 * no free page.
 *
 * Linux takes, again and again, the node with memory that is best of those left:
 * the nearest; of equally near ones the one with less load, which a node gets
 * where a list begins a distance with it; of these the lowest number. A node below
 * the asking one counts as one further away. While one list is made, a load
 * changes only on a node that was taken already, so taking the best again and
 * again is the same as sorting once by (distance, load, number):
 *
 *   few nodes     an insertion sort of these three, packed into one number
 *   many nodes    the nodes are kept sorted by (load, number) from list to list;
 *                 one stable counting pass by distance completes each list
 *
 * No node counts as one with CPUs here: a CPU enters its node's mask when it is
 * identified, which is later, the boot CPU too.
 * Source: Linux 6.12 mm/page_alloc.c build_all_zonelists(), build_zonelists(),
 * find_next_best_node().
 */
#include <numaboot/events.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>
#include <numaboot/zonelists.h>

#include "base/memory.h"
#include "boot/zones_build.h"

enum {
	FEW_NODES = 32,
	KEYS = UINT8_MAX + 2,  /* a distance, one more for a node below the asking one */
	PAGEBLOCK_PAGES = 512, /* 2 MiB: what grouping by mobility moves about */
	MOBILITIES = 5,        /* unmovable, movable, reclaimable, high-order atomic, isolated */
	VERIFY_LOGLEVEL = 1,   /* mminit_loglevel= from which on zonelists are printed */
};

/* The node whose list is made, and how far it is from others. */
struct asking {
	uint32_t nid;
	const struct nb_numa *numa;
	const uint8_t *distances; /* its row of the table */
	uint32_t in_row;          /* nodes that the row has; 0: there is none */
};

/* The nodes with memory, while the lists are made one after the other. */
struct ranking {
	/* Writes all nodes but the asking one, best first. Returns how many. */
	uint32_t (*sort)(const struct ranking *ranking, const struct asking *asking, uint16_t *row);
	const struct nb_env *env;
	uint32_t online;     /* how many nodes are */
	uint32_t cap;        /* nodes that the arrays have room for */
	uint32_t count;      /* nodes with memory */
	uint32_t loads;      /* one more than the highest load */
	uint16_t *nodes;     /* [count] by number */
	uint16_t *ranked;    /* [count] by (load, number) */
	uint16_t *load;      /* [cap] */
	uint16_t *with_load; /* [cap + 1] how many nodes have a load */
	uint16_t *next;      /* [cap + 1] where the next node with a load goes; those to change */
};

static struct ranking rank_nodes(const struct nb_zonelists *lists,
				 const struct nb_nodes *has_memory)
{
	size_t cap = lists->nodes;
	struct ranking ranking = {
		.cap = lists->nodes,
		.loads = 1,
		.nodes = lists->scratch,
		.ranked = lists->scratch + cap,
		.load = lists->scratch + 2 * cap,
		.with_load = lists->scratch + 3 * cap,
		.next = lists->scratch + 4 * cap + 1,
	};

	memset(ranking.load, 0, cap * sizeof(*ranking.load));
	memset(ranking.with_load, 0, (cap + 1) * sizeof(*ranking.with_load));
	nb_for_each_node (nid, has_memory) {
		nb_assert((uint32_t)nid < cap);
		ranking.nodes[ranking.count] = (uint16_t)nid;
		ranking.ranked[ranking.count++] = (uint16_t)nid;
	}
	ranking.with_load[0] = (uint16_t)ranking.count;
	return ranking;
}

static struct asking ask(const struct nb_numa *numa, uint32_t nid)
{
	struct asking asking = { .nid = nid, .numa = numa };

	if (nid < numa->distance_count) {
		asking.distances = numa->distance + (size_t)nid * numa->distance_count;
		asking.in_row = numa->distance_count;
	}
	return asking;
}

static uint32_t distance_to(const struct asking *asking, uint32_t nid)
{
	if (nid < asking->in_row)
		return asking->distances[nid];
	return nb_numa_distance(asking->numa, (int32_t)asking->nid, (int32_t)nid);
}

/* What a list is sorted by first. */
static uint32_t key_of(const struct asking *asking, uint32_t nid)
{
	return distance_to(asking, nid) + (nid < asking->nid);
}

/* For few nodes: an insertion sort. */
static uint32_t sort_few(const struct ranking *ranking, const struct asking *asking, uint16_t *row)
{
	uint32_t packed[FEW_NODES];
	uint32_t count = 0;

	nb_assert(ranking->count <= FEW_NODES);
	for (uint32_t i = 0; i < ranking->count; i++) {
		uint32_t nid = ranking->nodes[i], at = count;
		uint32_t value = key_of(asking, nid) * (NB_MAX_NODES + 1) + ranking->load[nid];

		if (nid == asking->nid)
			continue;
		value = value * NB_MAX_NODES + nid;
		for (; at > 0 && packed[at - 1] > value; at--)
			packed[at] = packed[at - 1];
		packed[at] = value;
		count++;
	}
	for (uint32_t i = 0; i < count; i++)
		row[i] = (uint16_t)(packed[i] % NB_MAX_NODES);
	return count;
}

/*
 * For many nodes, from their ranks: a stable counting sort. Nodes that
 * follow each other mostly have the same key, so a run of them is dealt with in
 * one place before the next key's is looked up.
 */
static uint32_t sort_many(const struct ranking *ranking, const struct asking *asking, uint16_t *row)
{
	uint16_t next[KEYS] = { 0 }; /* how many have a key, then where the next one goes */
	uint32_t run_key = 0, run = 0, start = 0;

	for (uint32_t i = 0; i < ranking->count; i++) {
		uint32_t nid = ranking->nodes[i], key = key_of(asking, nid);

		if (nid == asking->nid)
			continue;
		if (key != run_key) {
			next[run_key] = (uint16_t)(next[run_key] + run);
			run_key = key;
			run = 0;
		}
		run++;
	}
	next[run_key] = (uint16_t)(next[run_key] + run);

	for (uint32_t key = 0; key < KEYS; key++) {
		run = next[key];
		next[key] = (uint16_t)start;
		start += run;
	}

	uint16_t *to = row + next[run_key];

	for (uint32_t i = 0; i < ranking->count; i++) {
		uint32_t nid = ranking->ranked[i], key = key_of(asking, nid);

		if (nid == asking->nid)
			continue;
		if (key != run_key) {
			next[run_key] = (uint16_t)(to - row);
			run_key = key;
			to = row + next[run_key];
		}
		*to++ = (uint16_t)nid;
	}
	return start;
}

/* A list loads a node at most once, and never the node that it is for, so that no
 * load is above the number of nodes. */
static void set_load(struct ranking *ranking, uint32_t nid, uint32_t load)
{
	nb_assert(load <= ranking->cap);
	ranking->with_load[ranking->load[nid]]--;
	ranking->with_load[load]++;
	ranking->load[nid] = (uint16_t)load;
	ranking->loads = (uint32_t)nb_max(ranking->loads, load + 1);
}

/* The load of a node that begins a distance: one more, or how many online nodes
 * the list had not placed before it, whatever it was. */
static uint32_t load_of(const struct ranking *ranking, uint32_t nid, uint32_t placed)
{
	if (ranking->env->rules->fallback_load_adds)
		return ranking->load[nid] + 1u;
	return ranking->online > placed ? ranking->online - placed : 0;
}

/*
 * The first node of each new distance gets load, so that the next list prefers
 * another. "New" is against the node before, for the first one against the asking
 * node itself, in its list or not: `first` of the list is where others begin.
 * Returns whether any load changed.
 */
static bool add_loads(struct ranking *ranking, const struct asking *asking, const uint16_t *row,
		      uint32_t first, uint32_t count)
{
	uint16_t *places = ranking->next;
	uint32_t changes = 0, before = distance_to(asking, asking->nid);

	/* Noted without a branch, which could not be foreseen, and changed after. */
	for (uint32_t i = first; i < count; i++) {
		uint32_t distance = distance_to(asking, row[i]);

		places[changes] = (uint16_t)i;
		changes += distance != before;
		before = distance;
	}
	for (uint32_t i = 0; i < changes; i++) {
		uint32_t nid = row[places[i]];

		set_load(ranking, nid, load_of(ranking, nid, places[i]));
	}
	return changes > 0;
}

/* Sorts by (load, number) again. */
static void rank_again(const struct ranking *ranking)
{
	uint16_t start = 0;

	for (uint32_t load = 0; load < ranking->loads; load++) {
		ranking->next[load] = start;
		start = (uint16_t)(start + ranking->with_load[load]);
	}
	for (uint32_t i = 0; i < ranking->count; i++) {
		uint16_t nid = ranking->nodes[i];

		ranking->ranked[ranking->next[ranking->load[nid]]++] = nid;
	}
}

/* Tells of a list before it changes the loads that it was sorted by. */
static void emit_order(const struct ranking *ranking, const struct asking *asking,
		       const uint16_t *row, uint32_t count)
{
	const struct nb_env *env = ranking->env;

	if (!env->sink || env->config->no_numa)
		return;
	nb_emit(env, .kind = NB_EV_FALLBACK_BEGIN, .nid = (int32_t)asking->nid);
	for (uint32_t i = 0; i < count; i++)
		nb_emit(env, .kind = NB_EV_FALLBACK_NODE, .other_nid = row[i],
			.got = distance_to(asking, row[i]), .limit = ranking->load[row[i]]);
	nb_emit(env, .kind = NB_EV_FALLBACK_END);
}

/* Makes one node's list. Returns its length. */
static uint32_t order_nodes(struct ranking *ranking, const struct asking *asking, bool self_first,
			    uint16_t *row)
{
	uint32_t first = 0;

	if (self_first)
		row[first++] = (uint16_t)asking->nid;

	uint32_t count = first + ranking->sort(ranking, asking, row + first);

	emit_order(ranking, asking, row, count);
	if (add_loads(ranking, asking, row, first, count) && ranking->sort == sort_many)
		rank_again(ranking);
	return count;
}

/* Orders the nodes for every node that has data. Loads go on from list to list. */
static void build_orders(struct nb_zonelists *lists, const struct nb_numa *numa,
			 const struct nb_zones *zones, const struct nb_cpus *cpus,
			 const struct nb_env *env)
{
	struct ranking ranking = rank_nodes(lists, &zones->has_memory);
	bool all = env->rules->empty_nodes_built;

	ranking.env = env;
	ranking.online = nb_nodes_count(&cpus->online);
	ranking.sort = ranking.count <= FEW_NODES ? sort_few : sort_many;

	memset(lists->order_count, 0, lists->nodes * sizeof(*lists->order_count));
	nb_for_each_node (nid, all ? &numa->possible : &cpus->online) {
		nb_assert((uint32_t)nid < lists->nodes);

		bool self_first = nb_nodes_has(&zones->has_memory, nid) ||
				  !env->rules->fallback_skips_empty_self;
		uint16_t *row = lists->order + (size_t)nid * lists->nodes;
		struct asking asking = ask(numa, (uint32_t)nid);

		lists->order_count[nid] = (uint16_t)order_nodes(&ranking, &asking, self_first, row);
	}
}

/* Pages of a node, and those of them below 4 GiB. */
struct share {
	uint64_t low, all;
};

static struct share share_of(const struct nb_node_zones *node, bool managed)
{
	struct share share = { 0 };

	for (uint32_t id = 0; id < NB_ZONES; id++) {
		const struct nb_zone *zone = &node->zone[id];
		uint64_t pages = managed ? zone->managed_pages : zone->present_pages;

		share.all += pages;
		if (id < NB_ZONE_NORMAL)
			share.low += pages;
	}
	return share;
}

/*
 * Whether high zones come first, so that the low ones are kept for those who need
 * them: not where a node has no Normal zone, where most memory is low, or where a
 * large node has little else.
 * Source: Linux 3.14 mm/page_alloc.c default_zonelist_order().
 */
static bool zones_come_first(const struct nb_zones *zones, const struct nb_nodes *online)
{
	struct share sum = { 0 };
	uint64_t average;

	nb_for_each_node (nid, online) {
		struct share share = share_of(&zones->node[nid], true);

		if (!zones->node[nid].zone[NB_ZONE_NORMAL].present_pages)
			return false;
		sum.low += share.low;
		sum.all += share.all;
	}
	if (!sum.low || sum.low > sum.all / 2)
		return false;
	average = sum.all / (nb_nodes_count(&zones->has_memory) + 1);
	nb_for_each_node (nid, online) {
		struct share share = share_of(&zones->node[nid], false);

		if (share.low && share.all > average && share.low > share.all * 70 / 100)
			return false;
	}
	return true;
}

static bool is_by_zone(const struct nb_zones *zones, const struct nb_cpus *cpus,
		       const struct nb_params *params, const struct nb_env *env)
{
	/* Without NUMA nobody is asked: of one node both orders are the same. */
	if (env->config->no_numa)
		return env->rules->zonelist_order != NB_ZONELIST_NODE;
	if (env->rules->zonelist_order == NB_ZONELIST_NODE)
		return false;
	if (params->zonelist_order != NB_ORDER_DEFAULT)
		return params->zonelist_order == NB_ORDER_ZONE;
	return env->rules->zonelist_order == NB_ZONELIST_COMPUTED &&
	       zones_come_first(zones, &cpus->online);
}

struct nb_zonelist_walk nb_zonelist_start(const struct nb_zonelists *lists,
					  const struct nb_zones *zones, int32_t nid,
					  enum nb_zone_id highest, bool this_node)
{
	return (struct nb_zonelist_walk){
		.lists = lists,
		.zones = zones,
		.nid = nid,
		.highest = highest,
		.this_node = this_node,
		.zone = (int32_t)highest,
	};
}

/* Whether a zonelist has a zone, which the walk has reached. */
static bool is_listed(const struct nb_zonelist_walk *walk, int32_t nid)
{
	const struct nb_zone *zone = &walk->zones->node[nid].zone[walk->zone];

	return walk->lists->by_managed ? zone->managed_pages : zone->present_pages;
}

/* Steps to the next place: the next lower zone of the node, or of the next node. */
static void step(struct nb_zonelist_walk *walk, uint32_t count)
{
	if (walk->lists->by_zone && !walk->this_node) {
		if (++walk->at == count) {
			walk->at = 0;
			walk->zone--;
		}
	} else if (--walk->zone < 0) {
		walk->at++;
		walk->zone = walk->at < count ? (int32_t)walk->highest : -1;
	}
}

bool nb_zonelist_next(struct nb_zonelist_walk *walk, struct nb_zoneref *ref)
{
	const struct nb_zonelists *lists = walk->lists;

	if (walk->nid < 0 || (uint32_t)walk->nid >= lists->nodes)
		return false;

	const uint16_t *row = lists->order + (size_t)walk->nid * lists->nodes;
	uint32_t count = walk->this_node ? 1 : lists->order_count[walk->nid];

	while (count && walk->zone >= 0) {
		int32_t nid = walk->this_node ? walk->nid : row[walk->at];
		bool listed = is_listed(walk, nid);

		*ref = (struct nb_zoneref){ nid, (enum nb_zone_id)walk->zone };
		step(walk, count);
		if (listed)
			return true;
	}
	return false;
}

static void emit_zonelist(struct nb_zonelist_walk walk, const struct nb_env *env)
{
	struct nb_zoneref ref;

	nb_emit(env, .kind = NB_EV_ZONELIST_BEGIN, .nid = walk.nid, .id = walk.highest,
		.flags = walk.this_node);
	while (nb_zonelist_next(&walk, &ref))
		nb_emit(env, .kind = NB_EV_ZONELIST_ZONE, .nid = ref.nid, .id = ref.zone);
	nb_emit(env, .kind = NB_EV_ZONELIST_END);
}

/* A node that is online but was never made: Linux reads its data at address 0. */
static enum nb_err no_node_data(int32_t nid, const struct nb_env *env)
{
	nb_emit(env, .kind = NB_EV_DIES, .id = NB_ZONELISTS, .nid = nid,
		.why = NB_WHY_DIES_NODE_NOT_MADE);
	return NB_ERR_DIES;
}

/*
 * The lists that mminit_loglevel= asks for: for each zone with pages of each
 * online node, first with fallback, then without.
 * Source: Linux 6.12 mm/mm_init.c mminit_verify_zonelist().
 */
static enum nb_err emit_zonelists(const struct nb_zonelists *lists, const struct nb_zones *zones,
				  const struct nb_nodes *online, const struct nb_env *env)
{
	uint32_t lists_of_node = env->config->no_numa ? 1 : 2;

	nb_for_each_node (nid, online) {
		if (!nb_nodes_has(&zones->built, nid))
			return no_node_data(nid, env);
		for (uint32_t i = 0; env->sink && i < lists_of_node * NB_ZONES; i++) {
			enum nb_zone_id zone = (enum nb_zone_id)(i % NB_ZONES);

			if (zones->node[nid].zone[zone].present_pages)
				emit_zonelist(
					nb_zonelist_start(lists, zones, nid, zone, i >= NB_ZONES),
					env);
		}
	}
	return NB_OK;
}

/* The highest zone with pages that a memory policy may bind: not Movable, where
 * the kernel never has to allocate. Source: Linux 6.12 include/linux/mempolicy.h
 * check_highest_zone(). */
static enum nb_zone_id find_policy_zone(const struct nb_zonelists *lists,
					const struct nb_zones *zones,
					const struct nb_kernel_config *config)
{
	uint32_t highest = nb_zone_lowest(config);

	nb_for_each_node (nid, &zones->built)
		for (uint32_t id = highest + 1; id < NB_ZONE_MOVABLE; id++) {
			const struct nb_zone *zone = &zones->node[nid].zone[id];

			if (lists->by_managed ? zone->managed_pages : zone->present_pages)
				highest = id;
		}
	return (enum nb_zone_id)highest;
}

/*
 * Linux adds up the boot CPU's list, which has every zone of every node with
 * memory, and of its own node. No watermark is set yet.
 * Source: Linux 6.12 mm/page_alloc.c nr_free_zone_pages().
 */
static uint64_t count_pages(const struct nb_zones *zones, int32_t own)
{
	uint64_t pages = zones->managed_pages;

	for (uint32_t id = 0; !nb_nodes_has(&zones->has_memory, own) && id < NB_ZONES; id++)
		pages += zones->node[own].zone[id].managed_pages;
	return pages;
}

enum nb_err nb_zonelists_build(struct nb_zonelists *lists, const struct nb_numa *numa,
			       const struct nb_zones *zones, const struct nb_cpus *cpus,
			       const struct nb_params *params, const struct nb_env *env)
{
	enum nb_err err = NB_OK;

	lists->by_zone = is_by_zone(zones, cpus, params, env);
	lists->by_managed = env->rules->zonelists_by_managed;
	build_orders(lists, numa, zones, cpus, env);
	if (params->mminit_loglevel >= VERIFY_LOGLEVEL)
		err = emit_zonelists(lists, zones, &cpus->online, env);
	if (err)
		return err;

	lists->total_pages = count_pages(zones, cpus->cpu[0].nid);
	lists->grouping_off = lists->total_pages < (uint64_t)PAGEBLOCK_PAGES * MOBILITIES;
	lists->policy_zone = find_policy_zone(lists, zones, env->config);
	nb_emit(env, .kind = NB_EV_ZONELISTS_BUILT, .got = nb_nodes_count(&cpus->online),
		.limit = lists->total_pages,
		.flags = (lists->grouping_off ? 1u : 0) | (lists->by_zone ? 2u : 0));
	if (!env->config->no_numa)
		nb_emit(env, .kind = NB_EV_POLICY_ZONE, .id = lists->policy_zone);

	/* Lists or not, what comes next visits each online node: Linux 6.12
	 * mm/bootmem_info.c register_page_bootmem_info_node(), 7.3 mm/slub.c. */
	nb_for_each_node (nid, &cpus->online)
		if (!nb_nodes_has(&zones->built, nid))
			return no_node_data(nid, env);
	return NB_OK;
}
