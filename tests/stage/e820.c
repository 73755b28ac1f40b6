/* SPDX-License-Identifier: MIT */
/*
 * The stage e820: small maps, what is told of them and what they become. Then
 * random maps, which the naive model must free of overlaps in the same way.
 */
#include "check.h"
#include "model/e820_model.h"
#include "record.h"

#include <numaboot/e820.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>

#include <stdlib.h>
#include <string.h>

enum { CAP = 256, WANTS = 32, MIB = 1 << 20 };

#define MAX_ARCH ((nb_pfn)1 << 34)
#define MAX_ARCH_5 ((nb_pfn)1 << 40)
#define TOP (UINT64_MAX - 0xfff) /* the last page of all addresses */

/* Events, as short as the lines that they become. */
#define BEGIN(view_)                                                                               \
	{                                                                                          \
		.kind = NB_EV_MAP_BEGIN, .flags = NB_VIEW_##view_                                  \
	}
#define ENTRY(view_, start_, end_, type_)                                                          \
	{                                                                                          \
		.kind = NB_EV_MAP_ENTRY, .flags = NB_VIEW_##view_, .range = { start_, end_ },      \
		.id = type_                                                                        \
	}
#define UPDATE(start_, end_, from_, to_)                                                           \
	{                                                                                          \
		.kind = NB_EV_MAP_UPDATE, .range = { start_, end_ }, .id = from_, .got = to_       \
	}
#define REMOVE(start_, end_, type_)                                                                \
	{                                                                                          \
		.kind = NB_EV_MAP_REMOVE, .range = { start_, end_ }, .id = type_                   \
	}
#define REMOVE_ANY(start_, end_)                                                                   \
	{                                                                                          \
		.kind = NB_EV_MAP_REMOVE, .range = { start_, end_ }, .flags = 1                    \
	}
#define LAST(pfn_, arch_)                                                                          \
	{                                                                                          \
		.kind = NB_EV_LAST_PFN, .got = pfn_, .limit = arch_                                \
	}
#define MALFORMED(param_)                                                                          \
	{                                                                                          \
		.kind = NB_EV_PARAM_MALFORMED, .id = NB_PARAM_##param_                             \
	}
#define DIES(why_)                                                                                 \
	{                                                                                          \
		.kind = NB_EV_DIES, .id = NB_E820, .why = NB_WHY_DIES_##why_                       \
	}
#define AS_IT_IS(why_, count_)                                                                     \
	{                                                                                          \
		.kind = NB_EV_MAP_NOT_SANITIZED, .why = NB_WHY_##why_, .got = count_               \
	}

/* What every build that lives ends with. */
#define BIOS_AREA UPDATE(0, 0x1000, 1, 2), REMOVE(0xa0000, 0x100000, 1)
#define TAIL(pfn_) BIOS_AREA, LAST(pfn_, MAX_ARCH)

/* The map of most rows: 1 MiB less its upper part, and up to 64 MiB. */
#define PLAIN                                                                                      \
	{ 0, 0x9fc00, 1 },                                                                         \
	{                                                                                          \
		MIB, 63 * MIB, 1                                                                   \
	}
#define SHOW_PLAIN BEGIN(BIOS), ENTRY(BIOS, 0, 0x9fc00, 1), ENTRY(BIOS, MIB, 64 * MIB, 1)
#define PLAIN_PFN 0x4000

#define GAP(view_, start_, end_)                                                                   \
	{                                                                                          \
		.kind = NB_EV_MAP_GAP, .flags = NB_VIEW_##view_, .range = { start_, end_ }         \
	}
#define REJECTED(why_, count_)                                                                     \
	{                                                                                          \
		.kind = NB_EV_MAP_REJECTED, .why = NB_WHY_##why_, .got = count_, .limit = 2        \
	}
#define LOW_END(low_, end_)                                                                        \
	{                                                                                          \
		.kind = NB_EV_LOW_RAM_END, .got = low_, .limit = end_                              \
	}
#define NO_HIGHMEM(flags_, asked_, available_)                                                     \
	{                                                                                          \
		.kind = NB_EV_HIGHMEM_REFUSED, .flags = flags_, .got = asked_, .limit = available_ \
	}

/* What 32 bits can address, and where their low memory ends by default. */
#define MAX_ARCH_PAE ((nb_pfn)1 << 24)
#define LOW_PAE (0x3effe000 - 128 * (nb_phys)MIB)

struct row {
	const char *claim, *cmdline;
	const char *line; /* null: 6.12 */
	struct nb_e820_entry map[6];
	uint32_t extended; /* so many of the last entries come from beyond the first 128 */
	struct nb_boot_facts facts;
	uint64_t e801_kib, e88_kib;
	uint32_t kernel_entries, cap; /* 0: enough */
	nb_phys unpack;               /* what an image at 16 MiB needs to unpack itself */
	enum nb_err err;
	struct nb_event want[WANTS];
};

static const struct nb_range setup_data[] = { { 0x2000, 0x2100 }, { 2 * MIB, 3 * MIB } };
static const struct nb_range uncached[] = { { 0, 0x1000 }, { 63 * MIB, 65 * MIB } };
static const struct nb_range covered[] = { { 64 * MIB, 65 * MIB } };
static const struct nb_range mmio[] = { { 80 * MIB, 81 * MIB } };

static const struct row rows[] = {
	{ .claim = "a sound map is taken as it is",
	  .map = { PLAIN },
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN) } },

	/* the firmware's map */
	{ .claim = "entries are sorted, and those that touch are joined",
	  .map = { { 2 * MIB, MIB, 1 }, { 0, MIB, 1 }, { MIB, MIB, 1 } },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 3 * MIB, 1), TAIL(0x300) } },
	{ .claim = "of two types the larger holds, whatever the order",
	  .map = { { MIB, MIB, 2 }, { 0, 4 * MIB, 1 }, { 3 * MIB, 2 * MIB, 5 } },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, MIB, 1), ENTRY(BIOS, MIB, 2 * MIB, 2),
		    ENTRY(BIOS, 2 * MIB, 3 * MIB, 1), ENTRY(BIOS, 3 * MIB, 5 * MIB, 5),
		    TAIL(0x300) } },
	{ .claim = "an entry of no size is none, not even a border",
	  .map = { { 0, 2 * MIB, 12 }, { MIB, 0, 12 }, { MIB, 0, 1 } },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 2 * MIB, 12), BIOS_AREA, AS_IT_IS(TOO_FEW, 1),
		    LAST(0, MAX_ARCH) } },
	{ .claim = "persistent memory keeps every border inside it",
	  .map = { { MIB, 2 * MIB, 12 }, { 3 * MIB, MIB, 12 }, { 2 * MIB, 4 * MIB, 1 } },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, MIB, 2 * MIB, 12), ENTRY(BIOS, 2 * MIB, 3 * MIB, 12),
		    ENTRY(BIOS, 3 * MIB, 4 * MIB, 12), ENTRY(BIOS, 4 * MIB, 6 * MIB, 1),
		    TAIL(0x600) } },
	{ .claim = "soft reserved memory does too, other types do not",
	  .map = { { 0, 2 * MIB, NB_E820_SOFT_RESERVED },
		   { 0, MIB, 1 },
		   { 2 * MIB, MIB, 7 },
		   { 3 * MIB, MIB, 7 } },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, MIB, NB_E820_SOFT_RESERVED),
		    ENTRY(BIOS, MIB, 2 * MIB, NB_E820_SOFT_RESERVED),
		    ENTRY(BIOS, 2 * MIB, 4 * MIB, 7), TAIL(0) } },
	{ .claim = "type 0 is nothing at all",
	  .map = { { 0, 9 * MIB, 0 }, { MIB, MIB, 1 }, { 5 * MIB, MIB, 2 } },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, MIB, 2 * MIB, 1), ENTRY(BIOS, 5 * MIB, 6 * MIB, 2),
		    TAIL(0x200) } },
	{ .claim = "one entry is no map: an older report is believed",
	  .map = { { 0, 64 * MIB, 1 } },
	  .e801_kib = 7 * 1024,
	  .e88_kib = 7 * 1024,
	  .want = { { .kind = NB_EV_MAP_REJECTED, .why = NB_WHY_TOO_FEW, .got = 1, .limit = 2 },
		    BEGIN(E801),
		    ENTRY(E801, 0, 0x9f000, 1),
		    ENTRY(E801, MIB, 8 * MIB, 1),
		    TAIL(0x800) } },
	{ .claim = "of two older reports the larger",
	  .e801_kib = 1024,
	  .e88_kib = 2048,
	  .want = { { .kind = NB_EV_MAP_REJECTED, .why = NB_WHY_TOO_FEW, .limit = 2 },
		    BEGIN(E88),
		    ENTRY(E88, 0, 0x9f000, 1),
		    ENTRY(E88, MIB, 3 * MIB, 1),
		    TAIL(0x300) } },
	{ .claim = "an entry beyond 2^64 rejects the map, what came before it too",
	  .map = { PLAIN, { TOP, 0x2000, 1 } },
	  .want = { { .kind = NB_EV_MAP_REJECTED, .why = NB_WHY_WRAPS, .got = 3, .limit = 2 },
		    BEGIN(E801),
		    ENTRY(E801, 0, 0x9f000, 1),
		    TAIL(0x9f) } },
	{ .claim = "one that ends at 2^64 is copied, but then nothing can be sorted",
	  .map = { { MIB, MIB, 1 }, { 0, MIB, 1 }, { TOP, 0x1000, 2 } },
	  .want = { AS_IT_IS(WRAPS, 3), BEGIN(BIOS), ENTRY(BIOS, MIB, 2 * MIB, 1),
		    ENTRY(BIOS, 0, MIB, 1), ENTRY(BIOS, TOP, 0, 2), BIOS_AREA, AS_IT_IS(WRAPS, 4),
		    LAST(0x200, MAX_ARCH) } },
	{ .claim = "an empty entry anywhere wraps nothing",
	  .map = { PLAIN, { UINT64_MAX, 0, 1 } },
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN) } },
	{ .claim = "more entries are added and shown, up to one that wraps",
	  .map = { PLAIN, { 64 * MIB, MIB, 1 }, { TOP, 0x2000, 1 }, { 70 * MIB, MIB, 1 } },
	  .extended = 3,
	  .want = { SHOW_PLAIN, BEGIN(EXTENDED), ENTRY(EXTENDED, 0, 0x9fc00, 1),
		    ENTRY(EXTENDED, MIB, 65 * MIB, 1), TAIL(0x4100) } },
	{ .claim = "a full table takes no more entries",
	  .map = { PLAIN, { 64 * MIB, MIB, 2 }, { 70 * MIB, MIB, 1 } },
	  .kernel_entries = 3,
	  .want = { { .kind = NB_EV_MAP_FULL, .range = { 70 * MIB, 71 * MIB }, .limit = 3 },
		    SHOW_PLAIN,
		    ENTRY(BIOS, 64 * MIB, 65 * MIB, 2),
		    UPDATE(0, 0x1000, 1, 2),
		    { .kind = NB_EV_MAP_FULL, .range = { 0, 0x1000 }, .limit = 3 },
		    REMOVE(0xa0000, 0x100000, 1),
		    LAST(PLAIN_PFN, MAX_ARCH) } },
	{ .claim = "and sorting ends where it is full",
	  .map = { { 0, 9 * MIB, 1 }, { MIB, MIB, 2 }, { 3 * MIB, MIB, 2 } },
	  .kernel_entries = 3,
	  .want = { BEGIN(BIOS),
		    ENTRY(BIOS, 0, MIB, 1),
		    ENTRY(BIOS, MIB, 2 * MIB, 2),
		    ENTRY(BIOS, 2 * MIB, 3 * MIB, 1),
		    UPDATE(0, 0x1000, 1, 2),
		    { .kind = NB_EV_MAP_FULL, .range = { 0, 0x1000 }, .limit = 3 },
		    REMOVE(0xa0000, 0x100000, 1),
		    LAST(0x300, MAX_ARCH) } },
	{ .claim = "a caller with too little room is told so",
	  .map = { PLAIN, { 70 * MIB, MIB, 1 } },
	  .cap = 2,
	  .err = NB_ERR_FULL,
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN) } },

	/* mem= */
	{ .claim = "mem= takes all RAM from there up, and RAM only",
	  .map = { PLAIN, { 64 * MIB, MIB, 2 } },
	  .cmdline = "mem=32M",
	  .want = { SHOW_PLAIN, ENTRY(BIOS, 64 * MIB, 65 * MIB, 2), REMOVE(32 * MIB, UINT64_MAX, 1),
		    BEGIN(USER), ENTRY(USER, 0, 0x9fc00, 1), ENTRY(USER, MIB, 32 * MIB, 1),
		    ENTRY(USER, 64 * MIB, 65 * MIB, 2), TAIL(0x2000) } },
	{ .claim = "mem=0 is malformed, but makes the map the user's",
	  .map = { PLAIN },
	  .cmdline = "mem=0",
	  .want = { SHOW_PLAIN, MALFORMED(MEM), BEGIN(USER), ENTRY(USER, 0, 0x9fc00, 1),
		    ENTRY(USER, MIB, 64 * MIB, 1), TAIL(PLAIN_PFN) } },
	{ .claim = "mem without a value is malformed",
	  .map = { PLAIN },
	  .cmdline = "mem",
	  .want = { SHOW_PLAIN, MALFORMED(MEM), TAIL(PLAIN_PFN) } },
	{ .claim = "mem=nopentium is malformed here, and said to be",
	  .map = { PLAIN },
	  .cmdline = "mem=nopentium",
	  .want = { SHOW_PLAIN,
		    { .kind = NB_EV_PARAM_MALFORMED, .id = NB_PARAM_MEM, .flags = 1 },
		    TAIL(PLAIN_PFN) } },
	{ .claim = "the largest mem= removes nothing",
	  .map = { PLAIN },
	  .cmdline = "mem=0xffffffffffffffff",
	  .want = { SHOW_PLAIN, REMOVE(UINT64_MAX, UINT64_MAX, 1), BEGIN(USER),
		    ENTRY(USER, 0, 0x9fc00, 1), ENTRY(USER, MIB, 64 * MIB, 1), TAIL(PLAIN_PFN) } },

	/* memmap= */
	{ .claim = "memmap= adds what is asked for, and a larger type wins",
	  .map = { PLAIN },
	  .cmdline = "memmap=1M@64M,1M#2M memmap=1M$4M,0x1000!0x600000",
	  .want = { SHOW_PLAIN, BEGIN(USER), ENTRY(USER, 0, 0x9fc00, 1),
		    ENTRY(USER, MIB, 2 * MIB, 1), ENTRY(USER, 2 * MIB, 3 * MIB, 3),
		    ENTRY(USER, 3 * MIB, 4 * MIB, 1), ENTRY(USER, 4 * MIB, 5 * MIB, 2),
		    ENTRY(USER, 5 * MIB, 6 * MIB, 1), ENTRY(USER, 6 * MIB, 6 * MIB + 0x1000, 12),
		    ENTRY(USER, 6 * MIB + 0x1000, 65 * MIB, 1), TAIL(0x4100) } },
	{ .claim = "exactmap forgets the firmware's",
	  .map = { PLAIN },
	  .cmdline = "memmap=exactmap memmap=640K@0,16M@1M",
	  .want = { SHOW_PLAIN, BEGIN(USER), ENTRY(USER, 0, 0xa0000, 1),
		    ENTRY(USER, MIB, 17 * MIB, 1), TAIL(0x1100) } },
	{ .claim = "what goes on like exactmap is exactmap",
	  .map = { PLAIN },
	  .cmdline = "memmap=exactmaps,640K@0,1M@1M",
	  .want = { SHOW_PLAIN, BEGIN(USER), ENTRY(USER, 0, 0xa0000, 1),
		    ENTRY(USER, MIB, 2 * MIB, 1), TAIL(0x200) } },
	{ .claim = "an image that needs more than there is never says a word",
	  .map = { PLAIN, { 0xfffc0000, 0x40000, 2 } },
	  .unpack = 48 * MIB + 1,
	  .facts = { .kernel = { 16 * MIB, 17 * MIB } },
	  .err = NB_ERR_DIES,
	  .want = { DIES(NO_IMAGE_ROOM) } },
	{ .claim = "what it needs may end with memory",
	  .map = { PLAIN },
	  .unpack = 48 * MIB,
	  .facts = { .kernel = { 16 * MIB, 17 * MIB } },
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN) } },
	{ .claim = "or be in a reserved range that begins below",
	  .map = { PLAIN, { 64 * MIB, MIB, 2 } },
	  .unpack = 48 * MIB + 1,
	  .facts = { .kernel = { 16 * MIB, 17 * MIB } },
	  .want = { SHOW_PLAIN, ENTRY(BIOS, 64 * MIB, 65 * MIB, 2), TAIL(PLAIN_PFN) } },
	{ .claim = "where a boot loader put it elsewhere, there is room",
	  .map = { PLAIN },
	  .unpack = 48 * MIB + 1,
	  .facts = { .kernel = { 2 * MIB, 3 * MIB } },
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN) } },
	{ .claim = "a map of one entry is no map",
	  .map = { PLAIN },
	  .cmdline = "memmap=exactmap,64M@0",
	  .err = NB_ERR_DIES,
	  .want = { SHOW_PLAIN, AS_IT_IS(TOO_FEW, 1), DIES(MAP_INVALID) } },
	{ .claim = "nor is one with an entry that wraps",
	  .map = { PLAIN },
	  .cmdline = "memmap=2@0xffffffffffffffff",
	  .err = NB_ERR_DIES,
	  .want = { SHOW_PLAIN, AS_IT_IS(WRAPS, 3), DIES(MAP_INVALID) } },
	{ .claim = "a bare size is mem=, even 0",
	  .map = { PLAIN },
	  .cmdline = "memmap=32M memmap=0",
	  .want = { SHOW_PLAIN, REMOVE(32 * MIB, UINT64_MAX, 1), REMOVE(0, UINT64_MAX, 1),
		    BEGIN(USER), BIOS_AREA, AS_IT_IS(TOO_FEW, 0), LAST(0, MAX_ARCH) } },
	{ .claim = "so is a size before a character that says nothing",
	  .map = { PLAIN },
	  .cmdline = "memmap=32M?1M",
	  .want = { SHOW_PLAIN, REMOVE(32 * MIB, UINT64_MAX, 1), BEGIN(USER),
		    ENTRY(USER, 0, 0x9fc00, 1), ENTRY(USER, MIB, 32 * MIB, 1), TAIL(0x2000) } },
	{ .claim = "what has no size is passed over, pieces of it alone",
	  .map = { PLAIN },
	  .cmdline = "memmap memmap= memmap=@1M,,x,",
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN) } },
	{ .claim = "a suffix alone is a size of 0",
	  .map = { PLAIN },
	  .cmdline = "memmap=M@1M",
	  .want = { SHOW_PLAIN, BEGIN(USER), ENTRY(USER, 0, 0x9fc00, 1),
		    ENTRY(USER, MIB, 64 * MIB, 1), TAIL(PLAIN_PFN) } },
	{ .claim = "junk behind an entry does not undo it",
	  .map = { PLAIN },
	  .cmdline = "memmap=1M@64Mjunk",
	  .want = { SHOW_PLAIN, BEGIN(USER), ENTRY(USER, 0, 0x9fc00, 1),
		    ENTRY(USER, MIB, 65 * MIB, 1), TAIL(0x4100) } },
	{ .claim = "N%S-1+2 turns RAM into reserved",
	  .map = { PLAIN },
	  .cmdline = "memmap=1M%2M-1+2",
	  .want = { SHOW_PLAIN, UPDATE(2 * MIB, 3 * MIB, 1, 2), BEGIN(USER),
		    ENTRY(USER, 0, 0x9fc00, 1), ENTRY(USER, MIB, 2 * MIB, 1),
		    ENTRY(USER, 2 * MIB, 3 * MIB, 2), ENTRY(USER, 3 * MIB, 64 * MIB, 1),
		    TAIL(PLAIN_PFN) } },
	{ .claim = "N%S+7 adds, N%S-1 removes a type, N%S everything",
	  .map = { PLAIN },
	  .cmdline = "memmap=1M%64M+7,1M%4M-1,0x100000%0x600000",
	  .want = { SHOW_PLAIN, REMOVE(4 * MIB, 5 * MIB, 1), REMOVE_ANY(6 * MIB, 7 * MIB),
		    BEGIN(USER), ENTRY(USER, 0, 0x9fc00, 1), ENTRY(USER, MIB, 4 * MIB, 1),
		    ENTRY(USER, 5 * MIB, 6 * MIB, 1), ENTRY(USER, 7 * MIB, 64 * MIB, 1),
		    ENTRY(USER, 64 * MIB, 65 * MIB, 7), TAIL(PLAIN_PFN) } },
	{ .claim = "types are cut to 32 bits, and 0 is none",
	  .map = { PLAIN },
	  .cmdline = "memmap=1M%2M-0x100000000+0x100000000",
	  .want = { SHOW_PLAIN, REMOVE_ANY(2 * MIB, 3 * MIB), BEGIN(USER),
		    ENTRY(USER, 0, 0x9fc00, 1), ENTRY(USER, MIB, 2 * MIB, 1),
		    ENTRY(USER, 3 * MIB, 64 * MIB, 1), TAIL(PLAIN_PFN) } },
	{ .claim = "to before from is junk, and junk does nothing",
	  .map = { PLAIN },
	  .cmdline = "memmap=1M%2M+2-1",
	  .want = { SHOW_PLAIN, BEGIN(USER), ENTRY(USER, 0, 0x9fc00, 1),
		    ENTRY(USER, MIB, 64 * MIB, 1), TAIL(PLAIN_PFN) } },
	{ .claim = "a type cannot become itself",
	  .map = { PLAIN },
	  .cmdline = "memmap=1M%2M-2+2 numa",
	  .err = NB_ERR_DIES,
	  .want = { SHOW_PLAIN,
		    { .kind = NB_EV_DIES,
		      .id = NB_E820,
		      .range = { 2 * MIB, 3 * MIB },
		      .why = NB_WHY_DIES_SAME_TYPE } } },
	{ .claim = "a range that wraps ends at the last address",
	  .map = { PLAIN },
	  .cmdline = "memmap=0xffffffffffffffff%0x200000-1+2",
	  .want = { SHOW_PLAIN, UPDATE(2 * MIB, UINT64_MAX, 1, 2), BEGIN(USER),
		    ENTRY(USER, 0, 0x9fc00, 1), ENTRY(USER, MIB, 2 * MIB, 1),
		    ENTRY(USER, 2 * MIB, 64 * MIB, 2), TAIL(0x200) } },
	{ .claim = "an empty range inside RAM cuts it, and sorting mends it",
	  .map = { PLAIN },
	  .cmdline = "memmap=0%0x200000-1+2",
	  .want = { SHOW_PLAIN, UPDATE(2 * MIB, 2 * MIB, 1, 2), BEGIN(USER),
		    ENTRY(USER, 0, 0x9fc00, 1), ENTRY(USER, MIB, 64 * MIB, 1), TAIL(PLAIN_PFN) } },
	{ .claim = "edits see what earlier ones left",
	  .map = { PLAIN },
	  .cmdline = "memmap=4M%2M-1+20 mem=3M memmap=1M%3M-20+1",
	  .want = { SHOW_PLAIN, UPDATE(2 * MIB, 6 * MIB, 1, 20), REMOVE(3 * MIB, UINT64_MAX, 1),
		    UPDATE(3 * MIB, 4 * MIB, 20, 1), BEGIN(USER), ENTRY(USER, 0, 0x9fc00, 1),
		    ENTRY(USER, MIB, 2 * MIB, 1), ENTRY(USER, 2 * MIB, 3 * MIB, 20),
		    ENTRY(USER, 3 * MIB, 4 * MIB, 1), ENTRY(USER, 4 * MIB, 6 * MIB, 20),
		    TAIL(0x400) } },
	{ .claim = "other parameters are complained of between them, in the line's order",
	  .map = { PLAIN },
	  .cmdline = "numa memmap=1M%64M-1 movablecore mem kernelcore=",
	  .want = { SHOW_PLAIN, MALFORMED(NUMA), REMOVE(64 * MIB, 65 * MIB, 1),
		    MALFORMED(MOVABLECORE), MALFORMED(MEM), BEGIN(USER), ENTRY(USER, 0, 0x9fc00, 1),
		    ENTRY(USER, MIB, 64 * MIB, 1), TAIL(PLAIN_PFN) } },
	{ .claim = "kernelcore without a value is the end",
	  .map = { PLAIN },
	  .cmdline = "mem kernelcore numa",
	  .err = NB_ERR_DIES,
	  .want = { SHOW_PLAIN, MALFORMED(MEM), DIES(NO_VALUE) } },

	/* what the machine adds */
	{ .claim = "the boot loader's data become ranges of their own",
	  .map = { PLAIN },
	  .facts = { .setup_data = setup_data, .setup_data_count = 2 },
	  .want = { SHOW_PLAIN, UPDATE(0x2000, 0x2100, 1, 128), UPDATE(2 * MIB, 3 * MIB, 1, 128),
		    BEGIN(SETUP_DATA), ENTRY(SETUP_DATA, 0, 0x2000, 1),
		    ENTRY(SETUP_DATA, 0x2000, 0x2100, 128), ENTRY(SETUP_DATA, 0x2100, 0x9fc00, 1),
		    ENTRY(SETUP_DATA, MIB, 2 * MIB, 1), ENTRY(SETUP_DATA, 2 * MIB, 3 * MIB, 128),
		    ENTRY(SETUP_DATA, 3 * MIB, 64 * MIB, 1), TAIL(PLAIN_PFN) } },
	{ .claim = "before the user's map is shown",
	  .map = { PLAIN },
	  .cmdline = "mem=1M",
	  .facts = { .setup_data = setup_data, .setup_data_count = 1 },
	  .want = { SHOW_PLAIN, REMOVE(MIB, UINT64_MAX, 1), UPDATE(0x2000, 0x2100, 1, 128),
		    BEGIN(SETUP_DATA), ENTRY(SETUP_DATA, 0, 0x2000, 1),
		    ENTRY(SETUP_DATA, 0x2000, 0x2100, 128), ENTRY(SETUP_DATA, 0x2100, 0x9fc00, 1),
		    BEGIN(USER), ENTRY(USER, 0, 0x2000, 1), ENTRY(USER, 0x2000, 0x2100, 128),
		    ENTRY(USER, 0x2100, 0x9fc00, 1), TAIL(0x9f) } },
	{ .claim = "a kernel that lies in RAM changes nothing",
	  .map = { PLAIN, { 30 * MIB, MIB, 1 } },
	  .facts = { .kernel = { 16 * MIB, 17 * MIB }, .kernel_end = 40 * MIB },
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN) } },
	{ .claim = "where the kernel lies is RAM, whatever was there",
	  .map = { PLAIN, { 31 * MIB, MIB, 4 }, { 64 * MIB, MIB, 2 } },
	  .facts = { .kernel = { 30 * MIB, 32 * MIB }, .kernel_end = 65 * MIB },
	  .want = { BEGIN(BIOS),
		    ENTRY(BIOS, 0, 0x9fc00, 1),
		    ENTRY(BIOS, MIB, 31 * MIB, 1),
		    ENTRY(BIOS, 31 * MIB, 32 * MIB, 4),
		    ENTRY(BIOS, 32 * MIB, 64 * MIB, 1),
		    ENTRY(BIOS, 64 * MIB, 65 * MIB, 2),
		    { .kind = NB_EV_KERNEL_NOT_RAM, .range = { 30 * MIB, 65 * MIB } },
		    REMOVE_ANY(30 * MIB, 65 * MIB),
		    TAIL(0x4100) } },
	{ .claim = "RAM that no MTRR makes cacheable is given up, and RAM ends lower",
	  .map = { PLAIN },
	  .facts = { .mtrr_uncached = uncached, .mtrr_uncached_count = 2 },
	  .want = { SHOW_PLAIN,
		    TAIL(PLAIN_PFN),
		    UPDATE(0, 0x1000, 1, 2),
		    UPDATE(63 * MIB, 65 * MIB, 1, 2),
		    { .kind = NB_EV_MTRR_TRIMMED, .got = MIB },
		    BEGIN(MODIFIED),
		    ENTRY(MODIFIED, 0, 0x1000, 2),
		    ENTRY(MODIFIED, 0x1000, 0x9fc00, 1),
		    ENTRY(MODIFIED, MIB, 63 * MIB, 1),
		    ENTRY(MODIFIED, 63 * MIB, 64 * MIB, 2),
		    LAST(0x3f00, MAX_ARCH) } },
	{ .claim = "if no RAM was lost nothing is said",
	  .map = { PLAIN },
	  .facts = { .mtrr_uncached = covered, .mtrr_uncached_count = 1 },
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN), UPDATE(64 * MIB, 65 * MIB, 1, 2) } },
	{ .claim = "device memory of EFI is taken out",
	  .map = { PLAIN, { 80 * MIB, 8 * MIB, 2 } },
	  .facts = { .efi_mmio = mmio, .efi_mmio_count = 1 },
	  .want = { SHOW_PLAIN, ENTRY(BIOS, 80 * MIB, 88 * MIB, 2), REMOVE(80 * MIB, 81 * MIB, 2),
		    TAIL(PLAIN_PFN) } },

	/* the end of RAM */
	{ .claim = "ACPI data counts as the end of RAM, other types do not",
	  .map = { PLAIN, { 64 * MIB, MIB, 3 }, { 65 * MIB, MIB, 4 } },
	  .want = { SHOW_PLAIN, ENTRY(BIOS, 64 * MIB, 65 * MIB, 3),
		    ENTRY(BIOS, 65 * MIB, 66 * MIB, 4), TAIL(0x4100) } },
	{ .claim = "above 4 GiB the end of low RAM is found too",
	  .map = { PLAIN, { 4 * NB_GIB, MIB + 1, 1 } },
	  .want = { SHOW_PLAIN, ENTRY(BIOS, 4 * NB_GIB, 4 * NB_GIB + MIB + 1, 1), TAIL(0x100100),
		    LAST(PLAIN_PFN, MAX_ARCH) } },
	{ .claim = "RAM across 4 GiB fills what is below",
	  .map = { PLAIN, { 2 * NB_GIB, 4 * NB_GIB, 1 } },
	  .want = { SHOW_PLAIN, ENTRY(BIOS, 2 * NB_GIB, 6 * NB_GIB, 1), TAIL(0x180000),
		    LAST(0x100000, MAX_ARCH) } },
	{ .claim = "KVM looks for that once more, before the BIOS area is taken out",
	  .map = { { 0, 0x9fc00, 1 }, { MIB, 63 * MIB, 1 } },
	  .facts = { .kvm = true },
	  .want = { SHOW_PLAIN, LAST(PLAIN_PFN, MAX_ARCH), TAIL(PLAIN_PFN) } },
	{ .claim = "RAM that begins beyond what can be addressed is passed over",
	  .map = { PLAIN, { MAX_ARCH << 12, MIB, 1 } },
	  .want = { SHOW_PLAIN, ENTRY(BIOS, MAX_ARCH << 12, (MAX_ARCH << 12) + MIB, 1),
		    TAIL(PLAIN_PFN) } },
	{ .claim = "RAM that crosses it ends there",
	  .map = { PLAIN, { (MAX_ARCH << 12) - MIB, 2 * MIB, 1 } },
	  .want = { SHOW_PLAIN, ENTRY(BIOS, (MAX_ARCH << 12) - MIB, (MAX_ARCH << 12) + MIB, 1),
		    TAIL(MAX_ARCH), LAST(PLAIN_PFN, MAX_ARCH) } },
	{ .claim = "with five levels of page tables there is more",
	  .map = { PLAIN, { (MAX_ARCH_5 << 12) - MIB, MIB, 1 } },
	  .facts = { .five_level = true },
	  .want = { SHOW_PLAIN, ENTRY(BIOS, (MAX_ARCH_5 << 12) - MIB, MAX_ARCH_5 << 12, 1),
		    BIOS_AREA, LAST(MAX_ARCH_5, MAX_ARCH_5), LAST(PLAIN_PFN, MAX_ARCH_5) } },
	{ .claim = "in a map that cannot be sorted the walk ends at the first that crosses",
	  .map = { { 2 * NB_GIB, 4 * NB_GIB, 1 },
		   { 0, 0x1000, 1 },
		   { TOP, 0x1000, 2 },
		   { 8 * NB_GIB, MIB, 1 } },
	  .want = { AS_IT_IS(WRAPS, 4), BEGIN(BIOS), ENTRY(BIOS, 2 * NB_GIB, 6 * NB_GIB, 1),
		    ENTRY(BIOS, 0, 0x1000, 1), ENTRY(BIOS, TOP, 0, 2),
		    ENTRY(BIOS, 8 * NB_GIB, 8 * NB_GIB + MIB, 1), BIOS_AREA, AS_IT_IS(WRAPS, 4),
		    LAST(0x200100, MAX_ARCH), LAST(0x100000, MAX_ARCH) } },

	/* what other lines do */
	{ .claim = "where the map is sorted first two that touch are one, and no map",
	  .line = "4.9",
	  .map = { { 0, MIB, 1 }, { MIB, MIB, 1 } },
	  .e801_kib = 0,
	  .want = { REJECTED(TOO_FEW, 1), BEGIN(E801), ENTRY(E801, 0, 0x9f000, 1),
		    ENTRY(E801, MIB, MIB, 1), BIOS_AREA, LAST(0x9f, MAX_ARCH) } },
	{ .claim = "where it is copied first they are a map",
	  .line = "5.10",
	  .map = { { 0, MIB, 1 }, { MIB, MIB, 1 } },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 2 * MIB, 1), TAIL(0x200) } },
	{ .claim = "sorting first changes no sound map",
	  .line = "4.4",
	  .map = { { MIB, 63 * MIB, 1 }, { 0, 0x9fc00, 1 } },
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN) } },
	{ .claim = "one entry is a map from 7.3 on, which shows the holes",
	  .line = "7.3",
	  .map = { { MIB, MIB, 1 } },
	  .want = { AS_IT_IS(TOO_FEW, 1), BEGIN(BIOS), GAP(BIOS, 0, MIB),
		    ENTRY(BIOS, MIB, 2 * MIB, 1), BIOS_AREA, AS_IT_IS(TOO_FEW, 1),
		    LAST(0x200, MAX_ARCH) } },
	{ .claim = "no entry is none",
	  .line = "7.3",
	  .e88_kib = 1024,
	  .want = { { .kind = NB_EV_MAP_REJECTED, .why = NB_WHY_TOO_FEW, .limit = 1 },
		    BEGIN(E88),
		    ENTRY(E88, 0, 0x9f000, 1),
		    GAP(E88, 0x9f000, MIB),
		    ENTRY(E88, MIB, 2 * MIB, 1),
		    TAIL(0x200) } },
	{ .claim = "holes are shown, and what is out of order, but not the end",
	  .line = "7.3",
	  .map = { { 2 * MIB, MIB, 1 }, { MIB, MIB / 2, 1 }, { TOP, 0x1000, 2 } },
	  .want = { AS_IT_IS(WRAPS, 3),
		    BEGIN(BIOS),
		    GAP(BIOS, 0, 2 * MIB),
		    ENTRY(BIOS, 2 * MIB, 3 * MIB, 1),
		    { .kind = NB_EV_MAP_OUT_OF_ORDER, .got = MIB, .limit = 3 * MIB },
		    ENTRY(BIOS, MIB, MIB + MIB / 2, 1),
		    GAP(BIOS, MIB + MIB / 2, TOP),
		    ENTRY(BIOS, TOP, 0, 2),
		    BIOS_AREA,
		    AS_IT_IS(WRAPS, 3),
		    LAST(0x300, MAX_ARCH) } },
	{ .claim = "an entry that ends with the address space spoils an old map",
	  .line = "4.4",
	  .map = { PLAIN, { TOP, 0x1000, 2 } },
	  .want = { AS_IT_IS(WRAPS, 3), REJECTED(WRAPS, 3), BEGIN(E801), ENTRY(E801, 0, 0x9f000, 1),
		    ENTRY(E801, MIB, MIB, 1), BIOS_AREA, LAST(0x9f, MAX_ARCH) } },
	{ .claim = "and is only not sorted in a newer one",
	  .line = "4.9",
	  .map = { PLAIN, { TOP, 0x1000, 2 } },
	  .want = { AS_IT_IS(WRAPS, 3), SHOW_PLAIN, ENTRY(BIOS, TOP, 0, 2), BIOS_AREA,
		    AS_IT_IS(WRAPS, 4), LAST(PLAIN_PFN, MAX_ARCH) } },
	{ .claim = "3.14 knows no persistent memory: ranges of type 12 are joined",
	  .line = "3.14",
	  .map = { { MIB, MIB, 12 }, { 2 * MIB, MIB, 12 }, { 3 * MIB, MIB, 1 } },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, MIB, 3 * MIB, 12), ENTRY(BIOS, 3 * MIB, 4 * MIB, 1),
		    TAIL(0x400) } },
	{ .claim = "nor its character: all RAM from there up is taken out",
	  .line = "3.14",
	  .map = { PLAIN },
	  .cmdline = "memmap=32M!8M",
	  .want = { SHOW_PLAIN, REMOVE(32 * MIB, UINT64_MAX, 1), BEGIN(USER),
		    ENTRY(USER, 0, 0x9fc00, 1), ENTRY(USER, MIB, 32 * MIB, 1), TAIL(0x2000) } },
	{ .claim = "4.9 joins soft reserved ranges",
	  .line = "4.9",
	  .map = { { 0, MIB, NB_E820_SOFT_RESERVED },
		   { MIB, MIB, NB_E820_SOFT_RESERVED },
		   { 2 * MIB, MIB, 1 } },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 2 * MIB, NB_E820_SOFT_RESERVED),
		    ENTRY(BIOS, 2 * MIB, 3 * MIB, 1), TAIL(0x300) } },
	{ .claim = "and knows no types to turn into others",
	  .line = "4.9",
	  .map = { PLAIN },
	  .cmdline = "memmap=32M%8M-1+2",
	  .want = { SHOW_PLAIN, REMOVE(32 * MIB, UINT64_MAX, 1), BEGIN(USER),
		    ENTRY(USER, 0, 0x9fc00, 1), ENTRY(USER, MIB, 32 * MIB, 1), TAIL(0x2000) } },
	{ .claim = "before exactmap it looks for the end of RAM",
	  .line = "4.9",
	  .map = { PLAIN },
	  .cmdline = "memmap=exactmap memmap=0x90000@0 memmap=4M@1M",
	  .want = { SHOW_PLAIN, LAST(PLAIN_PFN, MAX_ARCH), BEGIN(USER), ENTRY(USER, 0, 0x90000, 1),
		    ENTRY(USER, MIB, 5 * MIB, 1), TAIL(0x500) } },
	{ .claim = "6.1 tells of the boot loader's data twice, for kexec's map too",
	  .line = "6.1",
	  .map = { PLAIN },
	  .facts = { .setup_data = setup_data, .setup_data_count = 1 },
	  .want = { SHOW_PLAIN,
		    UPDATE(0x2000, 0x2100, 1, 128),
		    { .kind = NB_EV_MAP_UPDATE,
		      .range = { 0x2000, 0x2100 },
		      .id = 1,
		      .got = 128,
		      .flags = 1 },
		    BEGIN(SETUP_DATA),
		    ENTRY(SETUP_DATA, 0, 0x2000, 1),
		    ENTRY(SETUP_DATA, 0x2000, 0x2100, 128),
		    ENTRY(SETUP_DATA, 0x2100, 0x9fc00, 1),
		    ENTRY(SETUP_DATA, MIB, 64 * MIB, 1),
		    TAIL(PLAIN_PFN) } },
	{ .claim = "7.3 leaves them alone",
	  .line = "7.3",
	  .map = { PLAIN },
	  .facts = { .setup_data = setup_data, .setup_data_count = 2 },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 0x9fc00, 1), GAP(BIOS, 0x9fc00, MIB),
		    ENTRY(BIOS, MIB, 64 * MIB, 1), TAIL(PLAIN_PFN) } },
	{ .claim = "6.1 leaves EFI's devices in, and KVM looks for nothing",
	  .line = "6.1",
	  .map = { PLAIN },
	  .facts = { .efi_mmio = mmio, .efi_mmio_count = 1, .kvm = true },
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN) } },
	{ .claim = "in 6.1 ACPI data is no RAM that may come to an end",
	  .line = "6.1",
	  .map = { PLAIN, { 64 * MIB, MIB, 3 } },
	  .want = { SHOW_PLAIN, ENTRY(BIOS, 64 * MIB, 65 * MIB, 3), TAIL(PLAIN_PFN) } },
	{ .claim = "without five levels built in there are none",
	  .line = "5.10",
	  .map = { PLAIN },
	  .facts = { .five_level = true },
	  .want = { SHOW_PLAIN, TAIL(PLAIN_PFN) } },

	/* 32 bits */
	{ .claim = "32 bits with PAE address 36, and all of little RAM is low",
	  .line = "6.1-i386",
	  .map = { PLAIN },
	  .want = { SHOW_PLAIN, BIOS_AREA, LAST(PLAIN_PFN, MAX_ARCH_PAE),
		    LOW_END(64 * MIB, 64 * MIB) } },
	{ .claim = "of more RAM only what fits beside vmalloc is low",
	  .line = "6.1-i386",
	  .map = { PLAIN, { 64 * MIB, 5 * NB_GIB, 1 } },
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 0x9fc00, 1),
		    ENTRY(BIOS, MIB, 5 * NB_GIB + 64 * MIB, 1), BIOS_AREA,
		    LAST(0x144000, MAX_ARCH_PAE), LOW_END(LOW_PAE, 5 * NB_GIB + 64 * MIB) } },
	{ .claim = "more vmalloc is less low memory, by its guard too",
	  .line = "6.1-i386",
	  .map = { PLAIN, { 64 * MIB, NB_GIB, 1 } },
	  .cmdline = "vmalloc=256M",
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 0x9fc00, 1), ENTRY(BIOS, MIB, NB_GIB + 64 * MIB, 1),
		    BIOS_AREA, LAST(0x44000, MAX_ARCH_PAE),
		    LOW_END(LOW_PAE - 136 * MIB, NB_GIB + 64 * MIB) } },
	{ .claim = "less highmem than there is cuts off the rest of RAM",
	  .line = "6.1-i386",
	  .map = { PLAIN, { 64 * MIB, NB_GIB, 1 } },
	  .cmdline = "highmem=16M",
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 0x9fc00, 1), ENTRY(BIOS, MIB, NB_GIB + 64 * MIB, 1),
		    BIOS_AREA, LAST(0x44000, MAX_ARCH_PAE),
		    LOW_END(LOW_PAE, LOW_PAE + 16 * MIB) } },
	{ .claim = "none of it too",
	  .line = "6.1-i386",
	  .map = { PLAIN, { 64 * MIB, NB_GIB, 1 } },
	  .cmdline = "highmem=0",
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 0x9fc00, 1), ENTRY(BIOS, MIB, NB_GIB + 64 * MIB, 1),
		    BIOS_AREA, LAST(0x44000, MAX_ARCH_PAE), LOW_END(LOW_PAE, LOW_PAE) } },
	{ .claim = "more than there is is refused",
	  .line = "6.1-i386",
	  .map = { PLAIN, { 64 * MIB, NB_GIB, 1 } },
	  .cmdline = "highmem=1G",
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 0x9fc00, 1), ENTRY(BIOS, MIB, NB_GIB + 64 * MIB, 1),
		    BIOS_AREA, LAST(0x44000, MAX_ARCH_PAE),
		    NO_HIGHMEM(4, NB_GIB, NB_GIB + 64 * MIB - LOW_PAE),
		    LOW_END(LOW_PAE, NB_GIB + 64 * MIB) } },
	{ .claim = "where all RAM is low highmem takes the end of it",
	  .line = "6.1-i386",
	  .map = { { 0, 0x9fc00, 1 }, { MIB, 127 * MIB, 1 } },
	  .cmdline = "highmem=64M",
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 0x9fc00, 1), ENTRY(BIOS, MIB, 128 * MIB, 1),
		    BIOS_AREA, LAST(0x8000, MAX_ARCH_PAE), LOW_END(64 * MIB, 128 * MIB) } },
	{ .claim = "but leaves 64 MiB",
	  .line = "6.1-i386",
	  .map = { { 0, 0x9fc00, 1 }, { MIB, 127 * MIB, 1 } },
	  .cmdline = "highmem=68M",
	  .want = { BEGIN(BIOS), ENTRY(BIOS, 0, 0x9fc00, 1), ENTRY(BIOS, MIB, 128 * MIB, 1),
		    BIOS_AREA, LAST(0x8000, MAX_ARCH_PAE), NO_HIGHMEM(2, 68 * MIB, 128 * MIB),
		    LOW_END(128 * MIB, 128 * MIB) } },
	{ .claim = "and takes no more than all",
	  .line = "6.1-i386",
	  .map = { PLAIN },
	  .cmdline = "highmem=64M",
	  .want = { SHOW_PLAIN, BIOS_AREA, LAST(PLAIN_PFN, MAX_ARCH_PAE),
		    NO_HIGHMEM(1, 64 * MIB, 64 * MIB), LOW_END(64 * MIB, 64 * MIB) } },
	{ .claim = "mem=nopentium is obeyed, in silence; what has no value is not",
	  .line = "6.1-i386",
	  .map = { PLAIN },
	  .cmdline = "mem=nopentium highmem vmalloc reservelow",
	  .want = { SHOW_PLAIN, MALFORMED(HIGHMEM), MALFORMED(VMALLOC), BIOS_AREA,
		    LAST(PLAIN_PFN, MAX_ARCH_PAE), LOW_END(64 * MIB, 64 * MIB) } },
	{ .claim = "64 bits know neither, but old lines know reservelow",
	  .line = "5.10",
	  .map = { PLAIN },
	  .cmdline = "highmem vmalloc reservelow",
	  .want = { SHOW_PLAIN, MALFORMED(RESERVELOW), TAIL(PLAIN_PFN) } },
};

/* The arrays of a map of this capacity, each exactly as long. */
static struct nb_e820 new_e820(uint32_t cap)
{
	struct nb_e820 e820 = { .map.cap = cap, .firmware.cap = cap };

	e820.map.at = calloc(cap, sizeof(*e820.map.at));
	e820.firmware.at = calloc(cap, sizeof(*e820.firmware.at));
	e820.scratch.entries = calloc(cap, sizeof(*e820.scratch.entries));
	e820.scratch.starts = calloc(cap, sizeof(*e820.scratch.starts));
	e820.scratch.ends = calloc(cap, sizeof(*e820.scratch.ends));
	e820.scratch.live = calloc(cap, sizeof(*e820.scratch.live));
	return e820;
}

static void drop_e820(struct nb_e820 *e820)
{
	free(e820->map.at);
	free(e820->firmware.at);
	free(e820->scratch.entries);
	free(e820->scratch.starts);
	free(e820->scratch.ends);
	free(e820->scratch.live);
}

static struct record record;

static enum nb_line line_of(const char *name)
{
	uint32_t line = 0;

	while (line < NB_LINES && name && strcmp(nb_lines[line].line, name) != 0)
		line++;
	check(line < NB_LINES, "the line of a row is one");
	return name ? (enum nb_line)line : NB_LINE_6_12;
}

static enum nb_err build(struct nb_e820 *e820, const struct row *row)
{
	enum nb_line line = line_of(row->line);
	struct nb_kernel_config config = {
		.e820_entries = 3200,
		.numa_emulation = true,
		.phys_bits = nb_configs[line].phys_bits,
		.low_and_vmalloc = nb_configs[line].low_and_vmalloc,
	};
	const struct nb_env env = { &nb_lines[line], &config, &record.sink };
	struct nb_firmware fw = { .map = row->map,
				  .cmdline = row->cmdline,
				  .e801_kib = row->e801_kib,
				  .e88_kib = row->e88_kib,
				  .facts = row->facts };

	while (fw.map_count < NB_COUNT(row->map) &&
	       (row->map[fw.map_count].size || row->map[fw.map_count].start))
		fw.map_count++;
	fw.map_count -= row->extended;
	fw.extended = row->map + fw.map_count;
	fw.extended_count = row->extended;
	if (row->kernel_entries)
		config.e820_entries = row->kernel_entries;
	if (row->unpack) {
		config.kernel.start = 16 * (nb_phys)MIB;
		config.unpack_bytes = row->unpack;
	}
	record_start(&record);
	return nb_e820_build(e820, &fw, &env);
}

/* test_places() tells of all edits, why, and of which word; here the map shows what came of them. */
static void forget_places(void)
{
	record_forget_place(&record, NB_EV_MAP_UPDATE);
	record_forget_place(&record, NB_EV_MAP_REMOVE);
	record_drop(&record, NB_EV_MAP_ADDED);
	record_drop(&record, NB_EV_MAP_CLEARED);
	record_forget_place(&record, NB_EV_PARAM_MALFORMED);
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct nb_e820 e820 = new_e820(row->cap ? row->cap : CAP);
		size_t wants = 0;

		while (wants < WANTS && row->want[wants].kind)
			wants++;
		check(build(&e820, row) == row->err, row->claim);
		forget_places();
		check_told(&record, row->want, wants, row->claim);
		drop_e820(&e820);
	}
}

/* Each edit of the map has its reason, and those of the command line their word. */
static void test_places(void **state)
{
	static const struct row row = {
		.map = { PLAIN },
		.cmdline = "quiet memmap=exactmap,90M@0,4M$16M mem=x mem=90M",
		.facts = { .setup_data = setup_data,
			   .setup_data_count = 1,
			   .efi_mmio = mmio,
			   .efi_mmio_count = 1,
			   .mtrr_uncached = uncached,
			   .mtrr_uncached_count = 1 },
	};
	static const struct {
		enum nb_event_kind kind;
		enum nb_why why;
		uint64_t word;
	} want[] = {
		{ NB_EV_MAP_CLEARED, NB_WHY_ASKED, 2 },
		{ NB_EV_MAP_ADDED, NB_WHY_ASKED, 2 },
		{ NB_EV_MAP_ADDED, NB_WHY_ASKED, 2 },
		{ NB_EV_PARAM_MALFORMED, NB_WHY_NONE, 3 },
		{ NB_EV_MAP_REMOVE, NB_WHY_ASKED, 4 },
		{ NB_EV_MAP_UPDATE, NB_WHY_SETUP_DATA, 0 },
		{ NB_EV_MAP_REMOVE, NB_WHY_EFI_DEVICE, 0 },
		{ NB_EV_MAP_UPDATE, NB_WHY_BIOS_AREA, 0 },
		{ NB_EV_MAP_REMOVE, NB_WHY_BIOS_AREA, 0 },
		{ NB_EV_MAP_UPDATE, NB_WHY_UNCACHED, 0 },
	};
	static const enum nb_event_kind kinds[] = { NB_EV_MAP_UPDATE, NB_EV_MAP_REMOVE,
						    NB_EV_MAP_CLEARED, NB_EV_MAP_ADDED,
						    NB_EV_PARAM_MALFORMED };
	struct nb_e820 e820 = new_e820(CAP);

	(void)state;
	check(build(&e820, &row) == NB_OK, "a map is built");
	record_keep(&record, kinds, NB_COUNT(kinds));
	check(record.count == NB_COUNT(want), "all edits are told");
	for (size_t i = 0; i < NB_COUNT(want); i++)
		check(record.at[i].kind == want[i].kind && record.at[i].why == want[i].why &&
			      record.at[i].more[0] == want[i].word,
		      "each with its reason and its word");
	drop_e820(&e820);
}

static bool is_entry(const struct nb_e820_entry *entry, nb_phys start, nb_phys end, uint32_t type)
{
	return entry->start == start && entry->start + entry->size == end && entry->type == type;
}

static void test_results(void **state)
{
	static const struct row row = { .map = { PLAIN, { 5 * NB_GIB, MIB, 1 } },
					.cmdline = "mem=32M" };
	struct nb_e820 e820 = new_e820(CAP);

	(void)state;
	check(build(&e820, &row) == NB_OK, "a map is built");
	check(e820.user_defined, "mem= makes it the user's");
	check(e820.max_pfn == 0x2000 && e820.max_low_pfn == 0x2000, "RAM ends where it was cut");
	check(e820.max_arch_pfn == MAX_ARCH, "46 bits can be addressed");
	check(e820.map.count == 3 && is_entry(&e820.map.at[0], 0, 0x1000, 2) &&
		      is_entry(&e820.map.at[1], 0x1000, 0x9fc00, 1) &&
		      is_entry(&e820.map.at[2], MIB, 32 * MIB, 1),
	      "page 0 is the firmware's");
	check(e820.firmware.count == 3 && is_entry(&e820.firmware.at[0], 0, 0x9fc00, 1) &&
		      is_entry(&e820.firmware.at[1], MIB, 64 * MIB, 1),
	      "the firmware's map stays as it was");

	check(build(&e820, &rows[0]) == NB_OK && !e820.user_defined && e820.map.count == 3,
	      "nothing of it is left in a second build");
	drop_e820(&e820);
}

static void test_tables(void **state)
{
	static const struct nb_event want[] = { BEGIN(MODIFIED),
						ENTRY(MODIFIED, 0, 0x1000, 2),
						ENTRY(MODIFIED, 0x1000, 0x9fc00, 1),
						ENTRY(MODIFIED, MIB, 2 * MIB, 1),
						ENTRY(MODIFIED, 2 * MIB, 2 * MIB + 0x3000, 4),
						ENTRY(MODIFIED, 2 * MIB + 0x3000, 64 * MIB, 1) };
	const struct nb_range at = { 2 * MIB, 2 * MIB + 0x3000 };
	struct nb_kernel_config config = { .e820_entries = 3200 };
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &config, &record.sink };
	const struct nb_env old = { &nb_lines[NB_LINE_5_10], &config, &record.sink };
	struct nb_e820 e820 = new_e820(CAP);

	(void)state;
	check(build(&e820, &rows[0]) == NB_OK, "a map is built");
	record_start(&record);
	check(nb_e820_add_tables(&e820, at, &env) == NB_OK, "tables have a place");
	check_told(&record, want, NB_COUNT(want), "their place becomes a range of its own");
	record_start(&record);
	check(nb_e820_add_tables(&e820, (struct nb_range){ 8 * MIB, 9 * MIB }, &old) == NB_OK &&
		      is_entry(&e820.map.at[5], 8 * MIB, 9 * MIB, NB_E820_ACPI),
	      "ACPI data in 5.10");
	drop_e820(&e820);

	e820 = new_e820(4);
	check(build(&e820, &rows[0]) == NB_OK, "a map of three entries fits into four");
	check(nb_e820_add_tables(&e820, at, &env) == NB_ERR_FULL, "no more do");
	drop_e820(&e820);
}

static uint64_t below(uint64_t limit)
{
	return (((uint64_t)rand() << 31) ^ (uint64_t)rand()) % limit;
}

/* A map of few distinct borders and types, so that all can happen. */
static uint32_t make_map(struct nb_e820_entry *map, bool wraps)
{
	static const uint32_t types[] = { 1, 1,  1,  2, 3,   4,  5,
					  7, 12, 12, 0, 128, 99, NB_E820_SOFT_RESERVED };
	uint32_t count = (uint32_t)below(24);
	uint64_t spread = 2 + below(40);

	for (uint32_t i = 0; i < count; i++)
		map[i] = (struct nb_e820_entry){ below(spread) * MIB,
						 below(spread) * MIB / (1 + below(3)),
						 types[below(NB_COUNT(types))] };
	if (count && wraps)
		map[below(count)].start = TOP + below(2) * 0xfff;
	return count;
}

static void test_sanitize_random(void **state)
{
	const char *claim = "a random map is freed of overlaps as the model does it";
	struct nb_e820_entry in[24], want[48];

	(void)state;
	srand(3);
	for (int run = 0; run < 20000; run++) {
		uint32_t count = make_map(in, run % 50 == 0);
		uint32_t cap = count + (uint32_t)below(run % 4 ? 24 : 3);
		struct nb_e820 e820 = new_e820(cap + 1);
		bool wraps = false;

		e820.map.cap = cap;
		e820.map.count = count;
		memcpy(e820.map.at, in, count * sizeof(*in));
		for (uint32_t i = 0; i < count; i++)
			wraps |= in[i].start + in[i].size < in[i].start;
		if (!nb_e820_sanitize(&e820.map, &e820.scratch)) {
			check(count < 2 || wraps, claim);
			check(e820.map.count == count &&
				      !memcmp(e820.map.at, in, count * sizeof(*in)),
			      "a map that is not sorted is left as it is");
		} else {
			uint32_t wants = e820_model_sanitize(in, count, want, cap);

			check(count >= 2 && !wraps, claim);
			check(e820.map.count == wants, claim);
			for (uint32_t i = 0; i < wants; i++)
				check(is_entry(&e820.map.at[i], want[i].start,
					       want[i].start + want[i].size, want[i].type),
				      claim);
		}
		drop_e820(&e820);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_sanitize_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
