/* SPDX-License-Identifier: MIT */
/*
 * releases: what differs in a release for a reason that is known, so that it is told
 * apart from an error of the prediction. Each row was seen in logs of real
 * machines; docs/FIDELITY.md has the same list.
 */
#include "releases.h"

#include "../../sources/kernel.h"
#include "../../sources/text.h"

/* clang-format off */
const struct release_row release_rows[] = {
	{ "2.6.0", "2.6.39", "the first 64 KiB are taken out of the map: a BIOS may write there", {
		"e820: update [mem %-0xffff] *",
		"modified physical RAM map:",
		"modified: [mem *",
		"  DMA      [mem *",
		"  node   0: [mem %-0x9*",
		"  node   0: [mem 0x1000-0x1fff]",
		"On node # totalpages: #",
	} },
	{ "2.6.0", "2.6.39", "of a zone's pages those of its descriptors are left out", {
		"  * zone: # pages, LIFO batch:#",
	} },
	{ "2.6.0", "2.6.39", "high memory holds its own descriptors", {
		"  HighMem zone: # pages used for memmap",
		"Built 1 zonelists*",
	} },
	{ "2.6.0", "2.6.39", "memory for processors' areas comes in large pages on 32 bits, too, with less room", {
		"percpu: Embedded *",
		"pcpu-alloc: *",
	} },
	{ "2.6.0", "2.6.39", "of the hash tables of mounts there is one, told without its size", {
		"Mount-cache hash table entries: *",
		"Mountpoint-cache hash table entries: *",
	} },
	{ "2.6.0", "2.6.37", "what is joined of a node's memory is not told, what can be plugged is", {
		"NUMA: Node # [mem * + *",
		"SRAT: hot plug zone found *",
	} },
	{ "2.6.0", "3.12", "CPUs that come up are told in other words", {
		"smpboot: x86: Booting SMP configuration:",
		".... node *",
		"smp: Brought up *",
	} },
	{ "3.10", "3.10", "Red Hat's 3.10 tells of node data as 4.4 does", {
		"NODE_DATA(#) allocated *",
		"  NODE_DATA *",
		"Initmem setup node *",
	} },
	{ "3.10", "3.10", "and has as much room in processors' areas", {
		"percpu: Embedded *",
		"pcpu-alloc: *",
	} },
	{ "2.6.0", "3.8", "the direct map is made from its start, and told in other words", {
		"init_memory_mapping: *",
		" [mem * page *",
	} },
	{ "3.10", "3.10", "Red Hat's 3.10 does not tell of the direct map", {
		"init_memory_mapping: *",
		" [mem * page *",
	} },
	{ "3.10", "3.10", "in Red Hat's 3.10 crashkernel=auto is a size by how much RAM there is", {
		"crashkernel: memory value expected",
		"Reserving #MB of memory at *MB for crashkernel *",
	} },
	{ "4.18", "4.18", "in Red Hat's 4.18 crashkernel=auto is a size by how much RAM there is", {
		"crashkernel: memory value expected",
		"Reserving #MB of memory at *MB for crashkernel *",
	} },
	{ "4.15", "5.9", "pages in unavailable ranges are told as one sum", {
		"On node #, zone *: # pages in unavailable ranges",
	} },
	{ "5.13", "5.13", "pages in unavailable ranges are told of a zone, with those in between", {
		"On node #, zone *: # pages in unavailable ranges",
	} },
	{ "6.9", "6.15", "a CPU that is not there is refused if others of its package are", {
		"CPU topo: Rejected CPUs #",
	} },
};
/* clang-format on */

const unsigned release_row_count = NB_COUNT(release_rows);

static uint32_t order_of(const char *name)
{
	struct release release = { .order = 0 };

	release_read(text_of(name), &release);
	return release.order;
}

bool release_has_own(struct nb_text release, struct nb_text plain)
{
	struct release own;

	if (!release.at || !release_read(release, &own))
		return false;
	for (unsigned row = 0; row < release_row_count; row++) {
		const struct release_row *r = &release_rows[row];

		if (own.order < order_of(r->first) || own.order > order_of(r->last))
			continue;
		for (int i = 0; i < RELEASE_PATTERNS && r->patterns[i]; i++)
			if (pattern_fits(r->patterns[i], plain))
				return true;
	}
	return false;
}
