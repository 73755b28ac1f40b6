/* SPDX-License-Identifier: MIT */
/*
 * recorded: what a running kernel shows of the machine that it made: nodes and
 * CPUs in /sys/devices/system, zones in /proc/zoneinfo, itself in /proc/iomem, how much
 * it mapped in /proc/meminfo.
 */
#include "source.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MOST = 64 << 10, ZONEINFO_MOST = 64 << 20, PATH_MOST = 128 };

const char *const recorded_mask_names[MASKS] = {
	[MASK_POSSIBLE] = "possible",     [MASK_ONLINE] = "online",
	[MASK_HAS_MEMORY] = "has_memory", [MASK_HAS_NORMAL_MEMORY] = "has_normal_memory",
	[MASK_HAS_CPU] = "has_cpu",       [MASK_HAS_INITIATOR] = "has_generic_initiator",
};

/* Reads a file of one line; absent gives a null text. */
static bool read_line(struct tree *tree, const char *path, struct nb_text *out)
{
	struct nb_text text;
	enum tree_result result = tree->read(tree, path, TEXT_MOST, &text);

	*out = (struct nb_text){ NULL, 0 };
	if (result == TREE_OK)
		*out = text_trim(text);
	return !tree_failed(result);
}

static bool read_masks(struct recorded *recorded, struct tree *tree)
{
	for (int i = 0; i < MASKS; i++) {
		char path[PATH_MOST];

		snprintf(path, sizeof(path), "sys/devices/system/node/%s", recorded_mask_names[i]);
		if (!read_line(tree, path, &recorded->masks[i]))
			return false;
	}
	return read_line(tree, "sys/devices/system/cpu/possible", &recorded->cpu_possible) &&
	       read_line(tree, "sys/devices/system/cpu/present", &recorded->cpu_present) &&
	       read_line(tree, "sys/devices/system/cpu/online", &recorded->cpu_online);
}

const char *const recorded_speed_names[ACCESS_SPEEDS] = {
	"read_bandwidth",
	"write_bandwidth",
	"read_latency",
	"write_latency",
};

/* Initiators are links to directories of nodes. */
static bool read_initiators(struct tree *tree, const char *folder, const struct nb_nodes *online,
			    struct nb_nodes *initiators)
{
	nb_for_each_node (nid, online) {
		char path[PATH_MOST];
		struct nb_text unused;
		enum tree_result result;

		snprintf(path, sizeof(path), "%s/node%d", folder, nid);
		result = tree->read(tree, path, TEXT_MOST, &unused);
		if (result == TREE_FAILED)
			return false;
		if (result != TREE_ABSENT)
			nb_nodes_add(initiators, nid);
	}
	tree->complaint->text[0] = '\0';
	return true;
}

static bool read_access(struct tree *tree, const struct nb_nodes *online, int32_t nid,
			unsigned class, struct recorded_access *access)
{
	char folder[PATH_MOST / 2], path[PATH_MOST];

	snprintf(folder, sizeof(folder), "sys/devices/system/node/node%d/access%u/initiators", nid,
		 class);
	for (int i = 0; i < ACCESS_SPEEDS; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, recorded_speed_names[i]);
		if (!read_line(tree, path, &access->speeds[i]))
			return false;
		if (!access->speeds[i].at)
			return true;
	}
	access->there = true;
	return read_initiators(tree, folder, online, &access->initiators);
}

static bool read_node(struct tree *tree, const struct nb_nodes *online, struct recorded_node *node)
{
	char path[PATH_MOST];

	snprintf(path, sizeof(path), "sys/devices/system/node/node%d/cpulist", node->nid);
	if (!read_line(tree, path, &node->cpulist))
		return false;
	snprintf(path, sizeof(path), "sys/devices/system/node/node%d/distance", node->nid);
	if (!read_line(tree, path, &node->distance))
		return false;
	for (unsigned class = 0; class < NB_ACCESS_CLASSES; class ++)
		if (!read_access(tree, online, node->nid, class, &node->access[class]))
			return false;
	return true;
}

static bool read_nodes(struct recorded *recorded, struct tree *tree)
{
	struct nb_nodes online = { { 0 } };

	if (!recorded->masks[MASK_ONLINE].at ||
	    !text_list(recorded->masks[MASK_ONLINE], online.bits, NB_MAX_NODES))
		return true;
	recorded->nodes = (struct recorded_node *)pool_take(
		&recorded->pool, nb_nodes_count(&online) * sizeof(*recorded->nodes) + 1);
	nb_for_each_node (nid, &online) {
		struct recorded_node *node = &recorded->nodes[recorded->node_count++];

		node->nid = nid;
		if (!read_node(tree, &online, node))
			return false;
	}
	return true;
}

/* "Node 0, zone    DMA32": the line that begins a zone. */
static bool zone_heading(struct nb_text line, struct recorded_zone *zone)
{
	struct nb_text nid;
	uint64_t number;
	size_t comma = text_find(line, ", zone ");

	if (comma == line.len || !text_skip(&line, "Node "))
		return false;
	comma -= strlen("Node ");
	nid = (struct nb_text){ line.at, comma };
	if (!text_u64(nid, &number) || number >= NB_MAX_NODES)
		return false;
	comma += strlen(", zone ");
	*zone = (struct recorded_zone){
		.nid = (int32_t)number,
		.name = text_trim((struct nb_text){ line.at + comma, line.len - comma }),
	};
	return true;
}

/* A number of the list of a CPU, which has to be the same for all. */
static void list_number(struct nb_text value, uint64_t *number, struct recorded_zone *zone)
{
	uint64_t before = *number;

	text_u64(value, number);
	zone->lists_differ = zone->lists_differ || (zone->lists > 1 && *number != before);
}

/* "              batch: 63": of the list of a CPU, which its number begins. */
static void list_field(struct nb_text key, struct nb_text value, struct recorded_zone *zone)
{
	if (text_is(key, "cpu:"))
		zone->lists++;
	else if (text_is(key, "batch:"))
		list_number(value, &zone->batch, zone);
	else if (text_is(key, "high_min:"))
		list_number(value, &zone->list_high_min, zone);
	else if (text_is(key, "high_max:"))
		list_number(value, &zone->list_high_max, zone);
	else if (text_is(key, "high:"))
		text_u64(value, &zone->list_high);
}

/* "        spanned  4095": fields of a zone that count here. */
static void zone_field(struct nb_text line, struct recorded_zone *zone)
{
	struct nb_text key, rest, value;

	if (!text_word(&line, &key))
		return;
	rest = text_trim(line);
	if (!text_word(&line, &value))
		return;
	list_field(key, value, zone);
	if (text_is(key, "managed"))
		zone->has_managed = text_u64(value, &zone->managed);
	else if (text_is(key, "min"))
		text_u64(value, &zone->min);
	else if (text_is(key, "low"))
		text_u64(value, &zone->low);
	else if (text_is(key, "high"))
		text_u64(value, &zone->high);
	else if (text_is(key, "boost"))
		zone->has_boost = text_u64(value, &zone->boost);
	else if (text_is(key, "protection:"))
		zone->protection = rest;
	if (text_is(key, "spanned"))
		text_u64(value, &zone->spanned);
	else if (text_is(key, "present"))
		text_u64(value, &zone->present);
	else if (text_is(key, "start_pfn:"))
		zone->has_start = text_u64(value, &zone->start_pfn);
}

static uint32_t count_zones(struct nb_text text)
{
	struct recorded_zone zone;
	struct nb_text line;
	uint32_t count = 0;

	while (text_line(&text, &line))
		count += zone_heading(line, &zone);
	return count;
}

static bool read_zones(struct recorded *recorded, struct tree *tree)
{
	struct nb_text text, line;
	enum tree_result result = tree->read(tree, "proc/zoneinfo", ZONEINFO_MOST, &text);
	struct recorded_zone *zone = NULL;

	if (result != TREE_OK)
		return result == TREE_ABSENT;
	recorded->zones = (struct recorded_zone *)pool_take(
		&recorded->pool, (count_zones(text) + 1) * sizeof(*recorded->zones));
	while (text_line(&text, &line)) {
		struct recorded_zone next;

		if (zone_heading(line, &next)) {
			zone = &recorded->zones[recorded->zone_count++];
			*zone = next;
		} else if (zone) {
			zone_field(line, zone);
		}
	}
	return true;
}

/* "  01000000-01ffffff : Kernel code". */
static bool iomem_line(struct nb_text line, const char *name, uint64_t *start, uint64_t *last)
{
	struct nb_text range, number;
	size_t colon = text_find(line, " : "), dash;
	char hex[2][20];

	if (colon == line.len ||
	    !text_is((struct nb_text){ line.at + colon + 3, line.len - colon - 3 }, name))
		return false;
	range = text_trim((struct nb_text){ line.at, colon });
	dash = text_find(range, "-");
	if (dash == range.len || dash > 16 || range.len - dash - 1 > 16)
		return false;
	snprintf(hex[0], sizeof(hex[0]), "0x%.*s", (int)dash, range.at);
	snprintf(hex[1], sizeof(hex[1]), "0x%.*s", (int)(range.len - dash - 1),
		 range.at + dash + 1);
	number = text_of(hex[0]);
	return text_u64(number, start) && text_u64(text_of(hex[1]), last);
}

/* The running kernel's image. Without privilege the addresses read as zero. */
static bool read_iomem(struct recorded *recorded, struct tree *tree)
{
	struct nb_text text, line;
	enum tree_result result = tree->read(tree, "proc/iomem", ZONEINFO_MOST, &text);
	uint64_t start = 0, end = 0, unused, last;

	if (result != TREE_OK)
		return result == TREE_ABSENT;
	while (text_line(&text, &line)) {
		iomem_line(line, "Kernel code", &start, &unused);
		if (iomem_line(line, "Kernel bss", &unused, &last))
			end = last + 1;
	}
	if (start && start < end)
		recorded->kernel = (struct nb_range){ start, end };
	return true;
}

/* "DirectMap2M:     4173824 kB": one line for each size of pages. */
static bool read_direct_map(struct recorded *recorded, struct tree *tree)
{
	struct nb_text text, line, word;
	enum tree_result result = tree->read(tree, "proc/meminfo", TEXT_MOST, &text);
	uint64_t kib;

	if (result != TREE_OK)
		return result == TREE_ABSENT;
	while (text_line(&text, &line))
		if (text_skip(&line, "DirectMap") && text_word(&line, &word) &&
		    text_word(&line, &word) && text_u64(word, &kib))
			recorded->direct_map_kib += kib;
	return true;
}

static bool read_settings(struct recorded *recorded, struct tree *tree)
{
	return read_line(tree, "proc/sys/vm/min_free_kbytes", &recorded->min_free) &&
	       read_line(tree, "proc/sys/vm/watermark_scale_factor", &recorded->watermark_scale) &&
	       read_line(tree, "proc/sys/vm/lowmem_reserve_ratio", &recorded->reserve_ratio);
}

static bool read_release(struct recorded *recorded, struct tree *tree)
{
	struct nb_text line, word;
	enum tree_result result = tree->read(tree, "proc/version", TEXT_MOST, &line);

	if (result == TREE_OK && text_skip(&line, "Linux version ") && text_word(&line, &word))
		recorded->release = word;
	return !tree_failed(result);
}

bool recorded_read(struct recorded *recorded, struct tree *tree)
{
	return read_release(recorded, tree) && read_masks(recorded, tree) &&
	       read_nodes(recorded, tree) && read_zones(recorded, tree) &&
	       read_iomem(recorded, tree) && read_direct_map(recorded, tree) &&
	       read_settings(recorded, tree);
}
