/* SPDX-License-Identifier: MIT */
/*
 * The stage numa: small machines, what their tables come to, what is told of it
 * and which nodes there are in the end. numa=fake= is in numa_fake.c.
 */
#include "check.h"
#include "numa_room.h"
#include "record.h"
#include "tables.h"

#include <numaboot/params.h>

#define M NB_MIB
#define G NB_GIB
#define TOP (UINT64_MAX - 0xfff) /* the last page of all addresses */

enum {
	ON = NB_SRAT_ENABLED,
	HOT = NB_SRAT_ENABLED | NB_SRAT_HOTPLUG,
	FIRST = NB_SRAT_ENTRIES, /* offset of the first entry */
	LAPIC_BYTES = 16,
	X2APIC_BYTES = 24,
	INITIATOR_BYTES = 32,
	MEMORY_BYTES = 40,
};

/* An entry of the SRAT. */
struct entry {
	enum { END, LAPIC, X2APIC, MEMORY, INITIATOR, RAW } type;
	uint32_t pxm, flags;
	uint64_t at, size; /* memory; at: an APIC ID; RAW: size bytes, the first of which is pxm */
};

#define CPU(pxm_, apic_)                                                                           \
	{                                                                                          \
		LAPIC, pxm_, ON, apic_, 0                                                          \
	}
#define X2(pxm_, apic_)                                                                            \
	{                                                                                          \
		X2APIC, pxm_, ON, apic_, 0                                                         \
	}
#define MEM(pxm_, start_, end_)                                                                    \
	{                                                                                          \
		MEMORY, pxm_, ON, start_, (end_) - (start_)                                        \
	}
#define HOTMEM(pxm_, start_, end_)                                                                 \
	{                                                                                          \
		MEMORY, pxm_, HOT, start_, (end_) - (start_)                                       \
	}
#define GI(pxm_)                                                                                   \
	{                                                                                          \
		INITIATOR, pxm_, ON, 0, 0                                                          \
	}
/* An entry of this type that says it has `says` bytes, and has `bytes`. */
#define RAWENTRY(type_, says_, bytes_)                                                             \
	{                                                                                          \
		RAW, type_, says_, 0, bytes_                                                       \
	}

/* What is told. */
#define TRY(source_)                                                                               \
	{                                                                                          \
		.kind = NB_EV_NUMA_TRY, .id = NB_NUMA_##source_                                    \
	}
#define PXM(pxm_, nid_)                                                                            \
	{                                                                                          \
		.kind = NB_EV_PXM_NUMBERED, .id = pxm_, .nid = nid_                                \
	}
#define REFUSED(pxm_, cpu_)                                                                        \
	{                                                                                          \
		.kind = NB_EV_PXM_REFUSED, .id = pxm_, .limit = 256,                               \
		.flags = (uint32_t) !(cpu_) | ((pxm_) < 256 ? 2u : 0)                              \
	}
#define ON_NODE(apic_, nid_, pxm_)                                                                 \
	{                                                                                          \
		.kind = NB_EV_SRAT_CPU, .id = apic_, .nid = nid_, .got = pxm_                      \
	}
#define ON_NODE2(apic_, nid_, pxm_)                                                                \
	{                                                                                          \
		.kind = NB_EV_SRAT_CPU, .id = apic_, .nid = nid_, .got = pxm_, .flags = 1          \
	}
/* The same with the place of the entry. */
#define PLACED_CPU(apic_, nid_, pxm_, x2apic_, offset_)                                            \
	{                                                                                          \
		.kind = NB_EV_SRAT_CPU, .id = apic_, .nid = nid_, .got = pxm_, .flags = x2apic_,   \
		.more = {                                                                          \
			offset_                                                                    \
		}                                                                                  \
	}
#define PLACED_MEM(nid_, pxm_, start_, end_, flags_, offset_)                                      \
	{                                                                                          \
		.kind = NB_EV_SRAT_MEMORY, .nid = nid_, .id = pxm_, .range = { start_, end_ },     \
		.flags = flags_, .more = {                                                         \
			offset_                                                                    \
		}                                                                                  \
	}
#define HAS(nid_, pxm_, start_, end_, flags_)                                                      \
	{                                                                                          \
		.kind = NB_EV_SRAT_MEMORY, .nid = nid_, .id = pxm_, .range = { start_, end_ },     \
		.flags = flags_                                                                    \
	}
#define LENGTH(type_, got_, want_, offset_)                                                        \
	{                                                                                          \
		.kind = NB_EV_SRAT_ENTRY_LENGTH, .id = type_, .got = got_, .limit = want_,         \
		.more = {                                                                          \
			offset_                                                                    \
		}                                                                                  \
	}
#define REJECTED(why_, offset_)                                                                    \
	{                                                                                          \
		.kind = NB_EV_SRAT_REJECTED, .why = NB_WHY_##why_, .more = { offset_ }             \
	}
#define NO_NODES(why_)                                                                             \
	{                                                                                          \
		.kind = NB_EV_SRAT_NO_MEMORY, .why = NB_WHY_##why_                                 \
	}
#define ASIDE(nid_, start_, end_, why_)                                                            \
	{                                                                                          \
		.kind = NB_EV_BLOCK_SET_ASIDE, .nid = nid_, .range = { start_, end_ },             \
		.why = NB_WHY_##why_                                                               \
	}
#define CLAMPED(nid_, start_, end_, was_start_, was_end_)                                          \
	{                                                                                          \
		.kind = NB_EV_BLOCK_CLAMPED, .nid = nid_, .range = { start_, end_ }, .other = {    \
			was_start_,                                                                \
			was_end_                                                                   \
		}                                                                                  \
	}
#define JOINED(nid_, a_, b_, c_, d_)                                                               \
	{                                                                                          \
		.kind = NB_EV_BLOCKS_JOINED, .nid = nid_, .range = { a_, b_ },                     \
		.other = { c_, d_ }, .more = {                                                     \
			(a_) < (c_) ? (a_) : (c_),                                                 \
			(b_) > (d_) ? (b_) : (d_)                                                  \
		}                                                                                  \
	}
#define ITSELF(nid_, a_, b_, c_, d_)                                                               \
	{                                                                                          \
		.kind = NB_EV_NODE_OVERLAPS_ITSELF, .nid = nid_, .range = { a_, b_ }, .other = {   \
			c_,                                                                        \
			d_                                                                         \
		}                                                                                  \
	}
#define OVERLAP(nid_, a_, b_, other_, c_, d_)                                                      \
	{                                                                                          \
		.kind = NB_EV_NODES_OVERLAP, .nid = nid_, .range = { a_, b_ },                     \
		.other_nid = other_, .other = {                                                    \
			c_,                                                                        \
			d_                                                                         \
		}                                                                                  \
	}
#define TABLE_OF(count_)                                                                           \
	{                                                                                          \
		.kind = NB_EV_DISTANCE_TABLE, .got = count_                                        \
	}
#define BAD_SLIT(i_, j_, got_)                                                                     \
	{                                                                                          \
		.kind = NB_EV_SLIT_INVALID, .nid = i_, .other_nid = j_, .got = got_                \
	}
#define WINDOW(start_, end_, pxm_, nid_)                                                           \
	{                                                                                          \
		.kind = NB_EV_WINDOW_NODE, .range = { start_, end_ }, .id = pxm_, .nid = nid_      \
	}
#define FILLED(start_, end_)                                                                       \
	{                                                                                          \
		.kind = NB_EV_WINDOW_FILLED, .range = { start_, end_ }                             \
	}
#define UNCOVERED(got_, total_)                                                                    \
	{                                                                                          \
		.kind = NB_EV_UNCOVERED, .got = got_, .limit = M, .more = { total_ }               \
	}
#define DUMMY(off_)                                                                                \
	{                                                                                          \
		.kind = NB_EV_DUMMY, .flags = off_                                                 \
	}
#define DUMMY_NODE(end_)                                                                           \
	{                                                                                          \
		.kind = NB_EV_DUMMY_NODE, .range = { 0, end_ }                                     \
	}
#define PLUGGED_IN(nid_)                                                                           \
	{                                                                                          \
		.kind = NB_EV_NODE_UNPLUGGABLE_CLEARED, .nid = nid_, .why = NB_WHY_KERNEL_MEMORY   \
	}
#define DIES(why_)                                                                                 \
	{                                                                                          \
		.kind = NB_EV_DIES, .id = NB_NUMA, .why = NB_WHY_DIES_##why_                       \
	}
#define DIES_AT(why_, nid_)                                                                        \
	{                                                                                          \
		.kind = NB_EV_DIES, .id = NB_NUMA, .nid = nid_, .why = NB_WHY_DIES_##why_          \
	}

/* What a table of rows is about: other kinds are not compared. */
static const enum nb_event_kind entries[] = {
	NB_EV_PXM_NUMBERED,        NB_EV_PXM_REFUSED,       NB_EV_SRAT_CPU,
	NB_EV_SRAT_X2APIC_IGNORED, NB_EV_SRAT_APIC_TOO_BIG, NB_EV_SRAT_INITIATOR,
	NB_EV_SRAT_STOPPED,        NB_EV_SRAT_ZERO_LENGTH,  NB_EV_SRAT_UNKNOWN_ENTRY,
	NB_EV_SRAT_ENTRY_LENGTH,   NB_EV_SRAT_MEMORY,       NB_EV_SRAT_BLOCK_INVALID,
	NB_EV_SRAT_BLOCKS_FULL,    NB_EV_SRAT_REJECTED,     NB_EV_SRAT_NO_MEMORY,
	NB_EV_TABLE_FAULT,
};
static const enum nb_event_kind blocks[] = {
	NB_EV_BLOCK_SET_ASIDE,      NB_EV_BLOCK_CLAMPED, NB_EV_NODES_OVERLAP,
	NB_EV_NODE_OVERLAPS_ITSELF, NB_EV_BLOCKS_JOINED, NB_EV_DUMMY,
};
static const enum nb_event_kind distances[] = {
	NB_EV_SLIT_INVALID,
	NB_EV_DISTANCE_TABLE,
	NB_EV_DISTANCE_NO_ROOM,
	NB_EV_DISTANCE_BOUNDS,
	NB_EV_DISTANCE_INVALID,
	NB_EV_TABLE_FAULT,
	NB_EV_DIES,
	NB_EV_DUMMY,
};
static const enum nb_event_kind windows[] = {
	NB_EV_WINDOW_FILLED,      NB_EV_WINDOW_NODE,   NB_EV_WINDOW_FULL, NB_EV_BLOCK_SET_ASIDE,
	NB_EV_SRAT_BLOCK_INVALID, NB_EV_BLOCKS_JOINED, NB_EV_DUMMY,
};
static const enum nb_event_kind outcomes[] = {
	NB_EV_NUMA_TRY,
	NB_EV_SRAT_NO_MEMORY,
	NB_EV_SRAT_REJECTED,
	NB_EV_NODES_OVERLAP,
	NB_EV_UNCOVERED,
	NB_EV_DUMMY,
	NB_EV_DUMMY_NODE,
	NB_EV_DIES,
	NB_EV_NODE_UNPLUGGABLE_CLEARED,
	NB_EV_NODE_DATA_ELSEWHERE,
};

struct row {
	const char *claim, *cmdline;
	struct nb_range ram[4], taken[3];
	uint8_t revision; /* of the SRAT; 0: 3 */
	bool no_srat, x2apic, no_hotplug, bottom_up;
	uint32_t max_nodes, node_data; /* 0: 64 nodes of 4 KiB each */
	struct entry srat[10];
	uint64_t slit_count;
	uint8_t slit_bytes, slit[16];
	struct nb_range window[4];
	enum nb_err err;
	uint64_t possible, online; /* as bits */
	struct nb_event want[20];
};

static const struct row entry_rows[] = {
	{ .claim = "a domain gets the lowest free number when it is met first: CPUs, then memory",
	  .ram = { { 0, 2 * G } },
	  .srat = { MEM(9, 0, G), CPU(7, 1), MEM(8, G, 2 * G), CPU(9, 2) },
	  .possible = 7,
	  .online = 6,
	  .want = { PXM(7, 0), ON_NODE(1, 0, 7), PXM(9, 1), ON_NODE(2, 1, 9), HAS(1, 9, 0, G, ON),
		    PXM(8, 2), HAS(2, 8, G, 2 * G, ON) } },
	{ .claim = "both forms of CPU and initiators are read in the table's order",
	  .ram = { { 0, G } },
	  .srat = { X2(5, 3), GI(4), CPU(3, 2), MEM(3, 0, G) },
	  .possible = 7,
	  .online = 4,
	  .want = { PXM(5, 0),
		    ON_NODE2(3, 0, 5),
		    PXM(4, 1),
		    { .kind = NB_EV_SRAT_INITIATOR, .id = 4, .nid = 1 },
		    PXM(3, 2),
		    ON_NODE(2, 2, 3),
		    HAS(2, 3, 0, G, ON) } },
	{ .claim = "an entry that is not enabled names nothing, whatever else it says",
	  .ram = { { 0, G } },
	  .srat = { { LAPIC, 7, 0, 1, 0 }, { MEMORY, 6, HOT & ~ON, 0, TOP }, MEM(1, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(1, 0), HAS(0, 1, 0, G, ON) } },
	{ .claim = "before revision 2 a domain has 8 bits",
	  .ram = { { 0, G } },
	  .revision = 1,
	  .srat = { CPU(0x1203, 1), MEM(0x3403, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(3, 0), ON_NODE(1, 0, 3), HAS(0, 3, 0, G, ON) } },
	{ .claim = "from revision 2 on it has 32",
	  .ram = { { 0, G } },
	  .revision = 2,
	  .srat = { CPU(3, 1), MEM(0x103, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(3, 0), ON_NODE(1, 0, 3), REFUSED(0x103, false),
		    REJECTED(PXM_RANGE, FIRST + LAPIC_BYTES) } },
	{ .claim = "a CPU's domain that cannot be mapped ends the SRAT",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, G), CPU(256, 1), CPU(0, 2) },
	  .possible = 1,
	  .online = 1,
	  .want = { REFUSED(256, true), REJECTED(PXM_RANGE, FIRST + MEMORY_BYTES) } },
	{ .claim = "an initiator's only ends the walk over CPUs",
	  .ram = { { 0, G } },
	  .srat = { CPU(1, 1), GI(300), CPU(2, 2), MEM(1, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(1, 0), ON_NODE(1, 0, 1), REFUSED(300, false), HAS(0, 1, 0, G, ON) } },
	{ .claim = "so does one that is not enabled",
	  .ram = { { 0, G } },
	  .srat = { CPU(1, 1), { INITIATOR, 5, 0, 0, 0 }, CPU(2, 2), MEM(1, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(1, 0),
		    ON_NODE(1, 0, 1),
		    { .kind = NB_EV_SRAT_STOPPED, .more = { FIRST + LAPIC_BYTES } },
		    HAS(0, 1, 0, G, ON) } },
	{ .claim = "numbers run out",
	  .ram = { { 0, G } },
	  .max_nodes = 2,
	  .srat = { CPU(10, 1), CPU(11, 2), CPU(10, 3), CPU(12, 4), MEM(10, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(10, 0), ON_NODE(1, 0, 10), PXM(11, 1), ON_NODE(2, 1, 11), ON_NODE(3, 0, 10),
		    REFUSED(12, true), REJECTED(PXM_RANGE, FIRST + 3 * LAPIC_BYTES) } },
	{ .claim = "an x2APIC id needs x2APIC mode from 255 on",
	  .ram = { { 0, G } },
	  .srat = { X2(1, 254), X2(2, 255), MEM(0, 0, G) },
	  .possible = 3,
	  .online = 2,
	  .want = { PXM(1, 0),
		    ON_NODE2(254, 0, 1),
		    { .kind = NB_EV_SRAT_X2APIC_IGNORED, .id = 255, .got = 2 },
		    PXM(0, 1),
		    HAS(1, 0, 0, G, ON) } },
	{ .claim = "a LAPIC id does not",
	  .ram = { { 0, G } },
	  .srat = { CPU(1, 255), MEM(1, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(1, 0), ON_NODE(255, 0, 1), HAS(0, 1, 0, G, ON) } },
	{ .claim = "too large an id leaves its domain a number, but no node",
	  .ram = { { 0, G } },
	  .x2apic = true,
	  .srat = { X2(5, 32768), MEM(1, 0, G) },
	  .possible = 2,
	  .online = 2,
	  .want = { PXM(5, 0),
		    { .kind = NB_EV_SRAT_APIC_TOO_BIG, .id = 32768, .got = 5, .limit = 32768 },
		    PXM(1, 1),
		    HAS(1, 1, 0, G, ON) } },
	{ .claim = "one that Linux takes for negative has a node",
	  .ram = { { 0, G } },
	  .x2apic = true,
	  .srat = { X2(5, UINT32_MAX), MEM(1, 0, G) },
	  .possible = 3,
	  .online = 2,
	  .want = { PXM(5, 0),
		    { .kind = NB_EV_SRAT_APIC_TOO_BIG,
		      .id = UINT32_MAX,
		      .got = 5,
		      .limit = 32768,
		      .flags = 1 },
		    PXM(1, 1),
		    HAS(1, 1, 0, G, ON) } },
	{ .claim = "a LAPIC entry must have its very length",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, G), RAWENTRY(NB_SRAT_LAPIC, 17, 17), CPU(0, 1) },
	  .possible = 1,
	  .online = 1,
	  .want = { LENGTH(NB_SRAT_LAPIC, 17, 16, FIRST + MEMORY_BYTES),
		    REJECTED(ENTRY_LENGTH, FIRST + MEMORY_BYTES) } },
	{ .claim = "an x2APIC entry may be longer",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, G), RAWENTRY(NB_SRAT_X2APIC, 25, 25), CPU(0, 1) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(0, 0), ON_NODE(1, 0, 0), HAS(0, 0, 0, G, ON) } },
	{ .claim = "but not shorter",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, G), RAWENTRY(NB_SRAT_X2APIC, 23, 23), CPU(0, 1) },
	  .possible = 1,
	  .online = 1,
	  .want = { LENGTH(NB_SRAT_X2APIC, 23, 24, FIRST + MEMORY_BYTES),
		    REJECTED(ENTRY_LENGTH, FIRST + MEMORY_BYTES) } },
	{ .claim = "nor a memory entry, enabled or not; what comes later is not read",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, G), RAWENTRY(NB_SRAT_MEMORY, 39, 39), MEM(1, G, 2 * G) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(0, 0), HAS(0, 0, 0, G, ON),
		    LENGTH(NB_SRAT_MEMORY, 39, 40, FIRST + MEMORY_BYTES),
		    REJECTED(ENTRY_LENGTH, FIRST + MEMORY_BYTES) } },
	{ .claim = "an unknown entry is passed over, whatever it holds",
	  .ram = { { 0, G } },
	  .srat = { RAWENTRY(99, 5, 5), RAWENTRY(NB_SRAT_GICC, 18, 18), MEM(0, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { { .kind = NB_EV_SRAT_UNKNOWN_ENTRY, .id = 99, .more = { FIRST } },
		    { .kind = NB_EV_SRAT_UNKNOWN_ENTRY, .id = NB_SRAT_GICC, .more = { FIRST + 5 } },
		    PXM(0, 0),
		    HAS(0, 0, 0, G, ON) } },
	{ .claim = "an entry of no length ends all walks, after a look at it",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, G), RAWENTRY(99, 0, 8), MEM(1, G, 2 * G) },
	  .possible = 1,
	  .online = 1,
	  .want = { { .kind = NB_EV_SRAT_ZERO_LENGTH, .id = 0, .more = { FIRST + MEMORY_BYTES } },
		    PXM(0, 0),
		    HAS(0, 0, 0, G, ON),
		    { .kind = NB_EV_SRAT_UNKNOWN_ENTRY,
		      .id = 99,
		      .more = { FIRST + MEMORY_BYTES } },
		    { .kind = NB_EV_SRAT_ZERO_LENGTH, .id = 1, .more = { FIRST + MEMORY_BYTES } },
		    NO_NODES(ENTRY_LENGTH) } },
	{ .claim = "memory of no size has a node, but no block",
	  .ram = { { 0, G } },
	  .srat = { MEM(3, 5, 5), MEM(0, 0, G) },
	  .possible = 3,
	  .online = 2,
	  .want = { PXM(3, 0), HAS(0, 3, 5, 5, ON), PXM(0, 1), HAS(1, 0, 0, G, ON) } },
	{ .claim = "so has memory that wraps",
	  .ram = { { 0, G } },
	  .srat = { { MEMORY, 3, ON, TOP, 0x2000 }, MEM(0, 0, G) },
	  .possible = 3,
	  .online = 2,
	  .want = { PXM(3, 0),
		    { .kind = NB_EV_SRAT_BLOCK_INVALID, .range = { TOP, 0x1000 } },
		    HAS(0, 3, TOP, 0x1000, ON),
		    PXM(0, 1),
		    HAS(1, 0, 0, G, ON) } },
	{ .claim = "more blocks than two for each possible node end the SRAT",
	  .ram = { { 0, G } },
	  .max_nodes = 1,
	  .srat = { MEM(0, 0, M), MEM(0, M, 2 * M), MEM(0, 3 * M, G), MEM(0, 2 * M, 3 * M) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(0, 0),
		    HAS(0, 0, 0, M, ON),
		    HAS(0, 0, M, 2 * M, ON),
		    { .kind = NB_EV_SRAT_BLOCKS_FULL,
		      .range = { 3 * M, G },
		      .limit = 2,
		      .flags = 1,
		      .more = { 3 * M, G } },
		    REJECTED(TOO_MANY, FIRST + 2 * MEMORY_BYTES) } },
	{ .claim = "a kernel that cannot plug memory does not say that it could",
	  .ram = { { 0, G } },
	  .no_hotplug = true,
	  .srat = { { MEMORY, 0, HOT | NB_SRAT_NONVOLATILE, 0, G } },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(0, 0), HAS(0, 0, 0, G, ON | NB_SRAT_NONVOLATILE) } },
	{ .claim = "a SRAT without memory gives no nodes",
	  .ram = { { 0, G } },
	  .srat = { CPU(0, 0) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(0, 0), ON_NODE(0, 0, 0), NO_NODES(NO_MEMORY_ENTRY) } },
	{ .claim = "nor does none",
	  .ram = { { 0, G } },
	  .no_srat = true,
	  .possible = 1,
	  .online = 1,
	  .want = { NO_NODES(ABSENT) } },
	{ .claim = "acpi=off does not look",
	  .ram = { { 0, G } },
	  .cmdline = "acpi=off",
	  .srat = { MEM(0, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { NO_NODES(OFF) } },
	{ .claim = "numa=noacpi does, but takes initiators alone",
	  .ram = { { 0, G } },
	  .cmdline = "numa=noacpi",
	  .srat = { CPU(7, 1), GI(8), MEM(7, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { PXM(8, 0), { .kind = NB_EV_SRAT_INITIATOR, .id = 8, .nid = 0 } } },
};

static const struct row block_rows[] = {
	{ .claim = "blocks begin at the first byte of RAM",
	  .ram = { { 0x1000, G } },
	  .srat = { MEM(0, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { CLAMPED(0, 0x1000, G, 0, G) } },
	{ .claim = "what lies above RAM is set aside",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, 4 * G) },
	  .possible = 1,
	  .online = 1,
	  .want = { ASIDE(0, G, 4 * G, ABOVE_RAM), CLAMPED(0, 0, G, 0, 4 * G) } },
	{ .claim = "so is a block without RAM, even between RAM",
	  .ram = { { 0, G }, { 2 * G, 3 * G } },
	  .srat = { MEM(0, 0, G), MEM(1, G, 2 * G), MEM(2, 3 * G, 4 * G), MEM(0, 2 * G, 3 * G) },
	  .possible = 7,
	  .online = 1,
	  .want = { ASIDE(1, G, 2 * G, NOT_RAM), ASIDE(2, 3 * G, 4 * G, NOT_RAM),
		    JOINED(0, 0, G, 2 * G, 3 * G) } },
	{ .claim = "a byte of RAM keeps a block whole",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, G - 1, 2 * G), MEM(1, 0, G - 1) },
	  .possible = 3,
	  .online = 2,
	  .want = { ASIDE(0, G, 2 * G, ABOVE_RAM), CLAMPED(0, G - 1, G, G - 1, 2 * G) } },
	{ .claim = "blocks of a node become one over a hole",
	  .ram = { { 0, G }, { 2 * G, 3 * G } },
	  .srat = { MEM(0, 0, G), MEM(0, 2 * G, 3 * G) },
	  .possible = 1,
	  .online = 1,
	  .want = { JOINED(0, 0, G, 2 * G, 3 * G) } },
	{ .claim = "not over another node",
	  .ram = { { 0, 3 * G } },
	  .srat = { MEM(0, 0, G), MEM(0, 2 * G, 3 * G), MEM(1, G, 2 * G) },
	  .possible = 3,
	  .online = 3,
	  .want = { { 0 } } },
	{ .claim = "a node that claims bytes twice is warned of, and joined",
	  .ram = { { 0, 2 * G } },
	  .srat = { MEM(0, 0, G + M), MEM(0, G, 2 * G) },
	  .possible = 1,
	  .online = 1,
	  .want = { ITSELF(0, 0, G + M, G, 2 * G), JOINED(0, 0, G + M, G, 2 * G) } },
	{ .claim = "what was joined may overlap a block that was between",
	  .ram = { { 0, 3 * G } },
	  .srat = { MEM(0, 0, G), MEM(0, 2 * G, 3 * G), MEM(0, G, 2 * G) },
	  .possible = 1,
	  .online = 1,
	  .want = { JOINED(0, 0, G, 2 * G, 3 * G), ITSELF(0, 0, 3 * G, G, 2 * G),
		    JOINED(0, 0, 3 * G, G, 2 * G) } },
	{ .claim = "runs are joined in the order of their first blocks",
	  .ram = { { 0, 6 * G } },
	  .srat = { MEM(1, 2 * G, 3 * G), MEM(0, G, 2 * G), MEM(1, 3 * G, 4 * G), MEM(0, 0, G),
		    MEM(0, 4 * G, 5 * G), MEM(0, 5 * G, 6 * G) },
	  .possible = 3,
	  .online = 3,
	  .want = { JOINED(0, 2 * G, 3 * G, 3 * G, 4 * G), JOINED(1, G, 2 * G, 0, G),
		    JOINED(1, 4 * G, 5 * G, 5 * G, 6 * G) } },
	{ .claim = "one byte that two nodes claim rejects all, after the joins before it",
	  .ram = { { 0, 4 * G } },
	  .srat = { MEM(0, 0, G), MEM(0, G, 2 * G), MEM(1, 2 * G, 3 * G + 1),
		    MEM(2, 3 * G, 4 * G) },
	  .possible = 1,
	  .online = 1,
	  .want = { JOINED(0, 0, G, G, 2 * G), OVERLAP(1, 2 * G, 3 * G + 1, 2, 3 * G, 4 * G),
		    DUMMY(0) } },
	{ .claim = "beyond RAM two nodes may claim what they like",
	  .ram = { { 0, 2 * G } },
	  .srat = { MEM(0, 0, G), MEM(1, G, 4 * G), MEM(0, 3 * G, 5 * G) },
	  .possible = 3,
	  .online = 3,
	  .want = { ASIDE(1, 2 * G, 4 * G, ABOVE_RAM), CLAMPED(1, G, 2 * G, G, 4 * G),
		    ASIDE(0, 3 * G, 5 * G, NOT_RAM) } },
};

#define TWO_NODES .ram = { { 0, 2 * G } }, .srat = { MEM(0, 0, G), MEM(1, G, 2 * G) }
#define TWO .possible = 3, .online = 3

static const struct row distance_rows[] = {
	{ .claim = "a SLIT makes a table",
	  TWO_NODES,
	  TWO,
	  .slit_count = 2,
	  .slit_bytes = 4,
	  .slit = { 10, 21, 22, 10 },
	  .want = { TABLE_OF(2) } },
	{ .claim = "a table is as long as the highest node, not as the SLIT",
	  TWO_NODES,
	  TWO,
	  .slit_count = 1,
	  .slit_bytes = 1,
	  .slit = { 10 },
	  .want = { TABLE_OF(2) } },
	{ .claim = "more localities than nodes are no fault",
	  TWO_NODES,
	  TWO,
	  .slit_count = 3,
	  .slit_bytes = 9,
	  .slit = { 10, 11, 12, 13, 10, 14, 15, 16, 10 },
	  .want = { TABLE_OF(2) } },
	{ .claim = "not 10 from itself is invalid",
	  TWO_NODES,
	  TWO,
	  .slit_count = 2,
	  .slit_bytes = 4,
	  .slit = { 10, 20, 20, 11 },
	  .want = { BAD_SLIT(1, 1, 11) } },
	{ .claim = "nor is 10 from another",
	  TWO_NODES,
	  TWO,
	  .slit_count = 2,
	  .slit_bytes = 4,
	  .slit = { 10, 20, 10, 10 },
	  .want = { BAD_SLIT(1, 0, 10) } },
	{ .claim = "what is beyond the table is taken for invalid",
	  TWO_NODES,
	  TWO,
	  .slit_count = 2,
	  .slit_bytes = 3,
	  .slit = { 10, 20, 20 },
	  .want = { { .kind = NB_EV_TABLE_FAULT,
		      .id = 0x54494c53,
		      .why = NB_WHY_TRUNCATED,
		      .got = 3,
		      .limit = 4,
		      .more = { 36 } },
		    BAD_SLIT(1, 1, 0) } },
	{ .claim = "an empty one is valid and says nothing",
	  TWO_NODES,
	  TWO,
	  .slit_count = 0,
	  .slit_bytes = 4,
	  .slit = { 1, 2, 3, 4 } },
	{ .claim = "a count that is negative to Linux is not checked, and deadly",
	  TWO_NODES,
	  .possible = 0,
	  .slit_count = 0x80000000,
	  .slit_bytes = 4,
	  .slit = { 99, 98, 97, 96 },
	  .err = NB_ERR_DIES,
	  .want = { { .kind = NB_EV_TABLE_FAULT,
		      .id = 0x54494c53,
		      .why = NB_WHY_TRUNCATED,
		      .got = 4,
		      .limit = 0x4000000000000000,
		      .more = { 36 } },
		    TABLE_OF(2),
		    { .kind = NB_EV_DISTANCE_INVALID, .got = 99 },
		    DIES(SLIT_SIZE) } },
	{ .claim = "so is one whose lower half is right",
	  TWO_NODES,
	  .possible = 0,
	  .slit_count = 0x100000002,
	  .slit_bytes = 4,
	  .slit = { 10, 20, 30, 10 },
	  .err = NB_ERR_DIES,
	  .want = { { .kind = NB_EV_TABLE_FAULT,
		      .id = 0x54494c53,
		      .why = NB_WHY_TRUNCATED,
		      .got = 4,
		      .limit = UINT64_MAX,
		      .more = { 36 } },
		    TABLE_OF(2),
		    DIES(SLIT_SIZE) } },
	{ .claim = "with one domain nothing beyond the first row is read",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, G) },
	  .slit_count = 0x100000000,
	  .slit_bytes = 1,
	  .slit = { 10 },
	  .possible = 1,
	  .online = 1,
	  .want = { { .kind = NB_EV_TABLE_FAULT,
		      .id = 0x54494c53,
		      .why = NB_WHY_TRUNCATED,
		      .got = 1,
		      .limit = UINT64_MAX,
		      .more = { 36 } },
		    TABLE_OF(1) } },
	{ .claim = "a table that has no room is tried once, then all is out of bounds",
	  .ram = { { 0, 2 * G } },
	  .taken = { { 0, 2 * G - 0x1ff0 }, { 2 * G - 0x1800, 2 * G - 0x800 } },
	  .srat = { MEM(0, 0, G), MEM(1, G, 2 * G) },
	  TWO,
	  .node_data = 0x400,
	  .slit_count = 2,
	  .slit_bytes = 4,
	  .slit = { 10, 20, 20, 10 },
	  .want = { { .kind = NB_EV_DISTANCE_NO_ROOM },
		    { .kind = NB_EV_DISTANCE_BOUNDS, .nid = 0, .other_nid = 1, .got = 20 } } },
	{ .claim = "a SLIT is read even if the SRAT was rejected",
	  .ram = { { 0, G } },
	  .srat = { CPU(0, 0), CPU(1, 1), RAWENTRY(NB_SRAT_LAPIC, 15, 15) },
	  .slit_count = 2,
	  .slit_bytes = 4,
	  .slit = { 10, 20, 20, 10 },
	  .possible = 1,
	  .online = 1,
	  .want = { TABLE_OF(2), DUMMY(0) } },
	{ .claim = "domains without a node have no distance",
	  .ram = { { 0, 2 * G } },
	  .srat = { MEM(0, 0, G), MEM(2, G, 2 * G) },
	  TWO,
	  .slit_count = 3,
	  .slit_bytes = 9,
	  .slit = { 10, 99, 33, 99, 10, 99, 44, 99, 10 },
	  .want = { TABLE_OF(2) } },
};

static const struct row window_rows[] = {
	{ .claim = "a window that no block touches becomes a node, above all domains",
	  .ram = { { 0, G } },
	  .srat = { MEM(5, 0, G) },
	  .window = { { 4 * G, 5 * G }, { 6 * G, 7 * G } },
	  .possible = 7,
	  .online = 1,
	  .want = { WINDOW(4 * G, 5 * G, 6, 1), WINDOW(6 * G, 7 * G, 7, 2),
		    ASIDE(1, 4 * G, 5 * G, NOT_RAM), ASIDE(2, 6 * G, 7 * G, NOT_RAM) } },
	{ .claim = "RAM in it is that node's",
	  .ram = { { 0, G }, { 4 * G, 5 * G } },
	  .srat = { MEM(0, 0, G) },
	  .window = { { 4 * G, 5 * G } },
	  .possible = 3,
	  .online = 3,
	  .want = { WINDOW(4 * G, 5 * G, 1, 1) } },
	{ .claim = "blocks that it touches are stretched to fill it",
	  .ram = { { 0, 8 * G } },
	  .srat = { MEM(0, 0, 2 * G), MEM(1, 3 * G, 4 * G), MEM(0, 5 * G, 8 * G) },
	  .window = { { G, 6 * G } },
	  .possible = 3,
	  .online = 3,
	  .want = { FILLED(G, 6 * G) } },
	{ .claim = "one that touches none by a byte does not count",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, G) },
	  .window = { { G, 2 * G } },
	  .possible = 3,
	  .online = 1,
	  .want = { WINDOW(G, 2 * G, 1, 1), ASIDE(1, G, 2 * G, NOT_RAM) } },
	{ .claim = "a window of no size is a node without a block",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, G) },
	  .window = { { 2 * G, 2 * G }, { 3 * G, 3 * G } },
	  .possible = 7,
	  .online = 1,
	  .want = { WINDOW(2 * G, 2 * G, 1, 1), WINDOW(3 * G, 3 * G, 2, 2) } },
	{ .claim = "one that wraps too",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 0, G) },
	  .window = { { TOP, 0x1000 } },
	  .possible = 3,
	  .online = 1,
	  .want = { { .kind = NB_EV_SRAT_BLOCK_INVALID, .nid = 1, .range = { TOP, 0x1000 } },
		    WINDOW(TOP, 0x1000, 1, 1) } },
	{ .claim = "domains run out",
	  .ram = { { 0, G } },
	  .srat = { MEM(254, 0, G) },
	  .window = { { 2 * G, 3 * G }, { 4 * G, 5 * G }, { 0, G } },
	  .possible = 3,
	  .online = 1,
	  .want = { WINDOW(2 * G, 3 * G, 255, 1),
		    { .kind = NB_EV_WINDOW_FULL, .range = { 4 * G, 5 * G } },
		    ASIDE(1, 2 * G, 3 * G, NOT_RAM) } },
	{ .claim = "windows are no memory entries",
	  .ram = { { 0, G } },
	  .no_srat = true,
	  .window = { { 0, G } },
	  .possible = 1,
	  .online = 1,
	  .want = { WINDOW(0, G, 0, 0), DUMMY(0) } },
};

static const struct row outcome_rows[] = {
	{ .claim = "nodes with RAM come online", TWO_NODES, TWO, .want = { TRY(ACPI) } },
	{ .claim = "numa=off does not look at tables",
	  TWO_NODES,
	  .cmdline = "numa=off",
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(DUMMY), DUMMY(1), DUMMY_NODE(2 * G) } },
	{ .claim = "numa=noacpi looks, but takes nothing",
	  TWO_NODES,
	  .cmdline = "numa=noacpi",
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI), TRY(DUMMY), DUMMY(0), DUMMY_NODE(2 * G) } },
	{ .claim = "1 MiB of RAM without a node is forgiven",
	  .ram = { { 0, 2 * G } },
	  .srat = { MEM(0, 0, G), MEM(1, G, 2 * G - M) },
	  TWO,
	  .want = { TRY(ACPI) } },
	{ .claim = "a page more is not",
	  .ram = { { 0, 2 * G } },
	  .srat = { MEM(0, 0, G), MEM(1, G, 2 * G - M - 0x1000) },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI), UNCOVERED(M + 0x1000, 2 * G), TRY(DUMMY), DUMMY(0),
		    DUMMY_NODE(2 * G) } },
	{ .claim = "parts of pages are not missed",
	  .ram = { { 0, 2 * G } },
	  .srat = { MEM(0, 0, G), MEM(1, G, 2 * G - M - 0x800) },
	  TWO,
	  .want = { TRY(ACPI) } },
	{ .claim = "tables whose memory is all beyond RAM leave RAM uncovered",
	  .ram = { { 0, G } },
	  .srat = { MEM(0, 2 * G, 3 * G) },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI), UNCOVERED(G, G), TRY(DUMMY), DUMMY(0), DUMMY_NODE(G) } },
	{ .claim = "overlapping nodes fall back to one",
	  .ram = { { 0, 2 * G } },
	  .srat = { MEM(0, 0, G + 1), MEM(1, G, 2 * G) },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI), OVERLAP(0, 0, G + 1, 1, G, 2 * G), TRY(DUMMY), DUMMY(0),
		    DUMMY_NODE(2 * G) } },
	{ .claim = "a node that is full has its data on another",
	  .ram = { { 0, 2 * G } },
	  .taken = { { G, 2 * G } },
	  .srat = { MEM(0, 0, G), MEM(1, G, 2 * G) },
	  TWO,
	  .want = { TRY(ACPI), { .kind = NB_EV_NODE_DATA_ELSEWHERE, .nid = 1, .other_nid = 0 } } },
	{ .claim = "or on what has no node: that is told as the first online one",
	  .ram = { { 0, 2 * G } },
	  .taken = { { 0, 2 * G - 0x10000 } },
	  .srat = { MEM(0, 0, G), MEM(1, G, 2 * G - 0x10000) },
	  TWO,
	  .want = { TRY(ACPI),
		    { .kind = NB_EV_NODE_DATA_ELSEWHERE, .nid = 0, .other_nid = 64 },
		    { .kind = NB_EV_NODE_DATA_ELSEWHERE, .nid = 1, .other_nid = 0 } } },
	{ .claim = "no room for a node's data is the end",
	  .ram = { { 0, 2 * G } },
	  .taken = { { 0, 2 * G - 0x1000 } },
	  .srat = { MEM(0, 0, G), MEM(1, G, 2 * G) },
	  .possible = 3,
	  .online = 1,
	  .err = NB_ERR_DIES,
	  .want = { TRY(ACPI),
		    { .kind = NB_EV_NODE_DATA_ELSEWHERE, .nid = 0, .other_nid = 1 },
		    DIES_AT(NODE_DATA, 1) } },
	{ .claim = "memory that the kernel is in cannot be unplugged, with all of its node",
	  .ram = { { 0, 3 * G } },
	  .taken = { { G, G + M } },
	  .cmdline = "movable_node",
	  .srat = { HOTMEM(0, 0, G), HOTMEM(1, G, 2 * G), HOTMEM(2, 2 * G, 3 * G) },
	  .possible = 7,
	  .online = 7,
	  .want = { TRY(ACPI),
		    PLUGGED_IN(1),
		    { .kind = NB_EV_NODE_DATA_ELSEWHERE, .nid = 0, .other_nid = 1 },
		    { .kind = NB_EV_NODE_DATA_ELSEWHERE, .nid = 2, .other_nid = 1 } } },
	{ .claim = "what could not be unplugged anyway is not told of",
	  .ram = { { 0, 2 * G } },
	  .taken = { { 0, M } },
	  .cmdline = "movable_node",
	  .srat = { MEM(0, 0, G), HOTMEM(1, G, 2 * G) },
	  TWO,
	  .want = { TRY(ACPI), { .kind = NB_EV_NODE_DATA_ELSEWHERE, .nid = 1, .other_nid = 0 } } },
	{ .claim = "the distance table is not put on what can be unplugged, so that it still can",
	  .ram = { { 0, 2 * G } },
	  .taken = { { G, G + M } },
	  .cmdline = "movable_node",
	  .srat = { HOTMEM(0, 0, G), MEM(1, G, 2 * G) },
	  TWO,
	  .slit_count = 2,
	  .slit_bytes = 4,
	  .slit = { 10, 20, 20, 10 },
	  .want = { TRY(ACPI), { .kind = NB_EV_NODE_DATA_ELSEWHERE, .nid = 0, .other_nid = 1 } } },
	{ .claim = "a table that was rejected leaves nothing that can be unplugged",
	  .ram = { { 0, 2 * G } },
	  .taken = { { G, G + M } },
	  .cmdline = "movable_node",
	  .srat = { HOTMEM(0, 0, G) },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI), UNCOVERED(G, 2 * G), TRY(DUMMY), DUMMY(0), DUMMY_NODE(2 * G) } },
};

static struct record record;
static struct table srat, slit, cedt, madt;

static void put_entry(const struct entry *entry)
{
	static const uint8_t nothing[64];
	uint8_t bytes[64] = { (uint8_t)entry->pxm, (uint8_t)entry->flags };

	switch (entry->type) {
	case LAPIC:
		srat_lapic(&srat, entry->pxm, (uint8_t)entry->at, entry->flags);
		break;
	case X2APIC:
		srat_x2apic(&srat, entry->pxm, (uint32_t)entry->at, entry->flags);
		break;
	case MEMORY:
		srat_memory(&srat, entry->pxm, entry->at, entry->size, entry->flags);
		break;
	case INITIATOR:
		srat_initiator(&srat, NB_SRAT_INITIATOR, entry->pxm, 0, entry->flags);
		break;
	case RAW:
		table_raw(&srat, bytes, 2);
		table_raw(&srat, nothing, (uint32_t)entry->size - 2);
		break;
	case END:
		break;
	}
}

/* The tables of a row; returns how many. */
static uint32_t make_tables(const struct row *row, struct nb_table *tables)
{
	uint32_t count = 0;

	madt_begin(&madt);
	tables[count++] = table_give(&madt);
	srat_begin(&srat, row->revision ? row->revision : 3);
	for (const struct entry *entry = row->srat; entry->type != END; entry++)
		put_entry(entry);
	if (!row->no_srat)
		tables[count++] = table_give(&srat);
	if (row->slit_bytes) {
		slit_make(&slit, row->slit_count, row->slit, row->slit_bytes);
		tables[count++] = table_give(&slit);
	}
	cedt_begin(&cedt);
	for (const struct nb_range *w = row->window; w->start || w->end; w++)
		cedt_window(&cedt, w->start, w->end - w->start);
	if (row->window[0].end)
		tables[count++] = table_give(&cedt);
	return count;
}

static void make_memory(const struct row *row)
{
	room_clear(row->max_nodes ? row->max_nodes : 64);
	room.config.memory_hotplug = !row->no_hotplug;
	if (row->node_data)
		room.config.node_data_bytes = row->node_data;
	for (const struct nb_range *ram = row->ram; ram->end; ram++)
		room_add_ram(ram->start, ram->end);
	for (const struct nb_range *taken = row->taken; taken->end; taken++)
		room_reserve(taken->start, taken->end);
}

static enum nb_err build(const struct row *row)
{
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &room.config, &record.sink };
	struct nb_table tables[4];
	struct nb_firmware fw = { .tables = tables, .cmdline = row->cmdline };
	struct nb_e820 e820 = { 0 };
	struct nb_params params;

	make_memory(row);
	fw.table_count = make_tables(row, tables);
	fw.facts.x2apic = row->x2apic;
	e820.max_pfn = room_max_pfn();
	check(nb_params_read(&params, row->cmdline, &env) == NB_OK, row->claim);
	room.mb.skip_hotplug = room.mb.bottom_up = params.movable_node;
	record_start(&record);
	return nb_numa_build(&room.numa, &room.mb, &e820, &fw, &params, &env);
}

static uint64_t bits_of(const struct nb_nodes *nodes)
{
	for (size_t word = 1; word < NB_COUNT(nodes->bits); word++)
		check(!nodes->bits[word], "no row has so many nodes");
	return nodes->bits[0];
}

/* test_plain() and test_places() tell where entries lie. */
static void forget_places(void)
{
	static const enum nb_event_kind placed[] = {
		NB_EV_PXM_REFUSED,       NB_EV_SRAT_CPU,       NB_EV_SRAT_X2APIC_IGNORED,
		NB_EV_SRAT_APIC_TOO_BIG, NB_EV_SRAT_INITIATOR, NB_EV_SRAT_MEMORY,
		NB_EV_SLIT_INVALID,      NB_EV_WINDOW_FILLED,  NB_EV_WINDOW_NODE,
		NB_EV_WINDOW_FULL,
	};

	for (size_t i = 0; i < NB_COUNT(placed); i++)
		record_forget_place(&record, placed[i]);
}

static void check_rows(const struct row *rows, size_t count, const enum nb_event_kind *kinds,
		       size_t kind_count)
{
	for (const struct row *row = rows; row < rows + count; row++) {
		size_t wants = 0;

		while (wants < NB_COUNT(row->want) && row->want[wants].kind)
			wants++;
		check(build(row) == row->err, row->claim);
		nb_regions_check(&room.mb.memory);
		nb_regions_check(&room.mb.reserved);
		record_keep(&record, kinds, kind_count);
		forget_places();
		check_told(&record, row->want, wants, row->claim);
		check(bits_of(&room.numa.possible) == row->possible, row->claim);
		check(bits_of(&room.numa.online) == row->online, row->claim);
	}
}

#define CHECK_ROWS(rows, kinds) check_rows(rows, NB_COUNT(rows), kinds, NB_COUNT(kinds))

static void test_entries(void **state)
{
	(void)state;
	CHECK_ROWS(entry_rows, entries);
}

static void test_blocks(void **state)
{
	(void)state;
	CHECK_ROWS(block_rows, blocks);
}

static void test_distances(void **state)
{
	(void)state;
	CHECK_ROWS(distance_rows, distances);
}

static void test_windows(void **state)
{
	(void)state;
	CHECK_ROWS(window_rows, windows);
}

static void test_outcomes(void **state)
{
	(void)state;
	CHECK_ROWS(outcome_rows, outcomes);
}

/* The whole story of one machine, and all of its results. */
static void test_plain(void **state)
{
	enum { MEMORY_AT = FIRST + LAPIC_BYTES + X2APIC_BYTES };
	static const struct row row = {
		.ram = { { 0x1000, G }, { 4 * G, 5 * G } },
		.taken = { { M, 2 * M } },
		.srat = { CPU(4, 2), X2(8, 3), HOTMEM(4, 0, G), MEM(8, 4 * G, 6 * G),
			  MEM(8, 9 * G, 9 * G + 1) },
		.slit_count = 9,
		.slit_bytes = 0,
	};
	static const struct nb_event want[] = {
		TRY(ACPI),
		PXM(4, 0),
		PLACED_CPU(2, 0, 4, 0, FIRST),
		PXM(8, 1),
		PLACED_CPU(3, 1, 8, 1, FIRST + LAPIC_BYTES),
		PLACED_MEM(0, 4, 0, G, HOT, MEMORY_AT),
		PLACED_MEM(1, 8, 4 * G, 6 * G, ON, MEMORY_AT + MEMORY_BYTES),
		PLACED_MEM(1, 8, 9 * G, 9 * G + 1, ON, MEMORY_AT + 2 * MEMORY_BYTES),
		CLAMPED(0, 0x1000, G, 0, G),
		ASIDE(1, 5 * G, 6 * G, ABOVE_RAM),
		CLAMPED(1, 4 * G, 5 * G, 4 * G, 6 * G),
		ASIDE(1, 9 * G, 9 * G + 1, NOT_RAM),
		{ .kind = NB_EV_NODE_SETUP, .nid = 0, .range = { 8 * M, G } },
		{ .kind = NB_EV_RESERVED, .id = NB_RESERVED_NODE_DATA, .range = { G - 0x1000, G } },
		{ .kind = NB_EV_NODE_DATA, .nid = 0, .range = { G - 0x1000, G } },
		{ .kind = NB_EV_NODE_SETUP, .nid = 1, .range = { 4 * G, 5 * G } },
		{ .kind = NB_EV_RESERVED,
		  .id = NB_RESERVED_NODE_DATA,
		  .range = { 5 * G - 0x1000, 5 * G } },
		{ .kind = NB_EV_NODE_DATA, .nid = 1, .range = { 5 * G - 0x1000, 5 * G } },
	};
	const struct nb_numa *numa = &room.numa;

	(void)state;
	check(build(&row) == NB_OK, "a plain machine is built");
	check_told(&record, want, NB_COUNT(want), "a plain machine's story");
	check(numa->source == NB_NUMA_ACPI && !numa->srat_rejected && !numa->emulated,
	      "its source");
	check(numa->nr_node_ids == 2, "the highest node and one");
	check(numa->apic_node[2] == 0 && numa->apic_node[3] == 1, "APIC IDs have nodes");
	check(numa->apic_node[1] == NB_NO_NODE && numa->apic_node[1023] == NB_NO_NODE,
	      "others not");
	check(numa->pxm_node[4] == 0 && numa->pxm_node[8] == 1, "domains have nodes");
	check(numa->pxm_node[0] == NB_NO_NODE && numa->pxm_node[1023] == NB_NO_NODE, "others not");
	check(numa->node_pxm[0] == 4 && numa->node_pxm[1] == 8 && numa->node_pxm[2] == -1,
	      "both ways");
	check(numa->max_possible == 9 * G, "memory may be added up to the SRAT's last page");
	check(numa->node_data[0] == G - 0x1000 && !numa->node_data[2], "node data has its place");
	check(numa->emulated_phys[0] == 0 && numa->emulated_phys[77] == 77, "nodes are themselves");
	check(nb_region_at(&room.mb.memory, 0)->nid == 0 &&
		      nb_region_at(&room.mb.memory, 1)->nid == 1,
	      "RAM has its nodes");
	check(nb_region_at(&room.mb.memory, 0)->flags == 0,
	      "where the kernel is nothing can be unplugged");
	check(nb_region_at(&room.mb.reserved, 0)->nid == 0, "what is taken has its node too");
	check(!room.mb.bottom_up, "memory is searched from the top");
}

/* Entries that name nothing, and those of other kinds, have their places too. */
static void test_places(void **state)
{
	enum { SECOND = FIRST + LAPIC_BYTES, THIRD = SECOND + MEMORY_BYTES };
	static const struct row row = {
		.ram = { { 0, G } },
		.srat = { { LAPIC, 7, 0, 1, 0 },
			  { MEMORY, 6, HOT & ~ON, G, G },
			  GI(4),
			  X2(2, 255),
			  MEM(4, 0, G),
			  MEM(300, G, 2 * G) },
	};
	static const struct nb_event want[] = {
		{ .kind = NB_EV_SRAT_SKIPPED,
		  .why = NB_WHY_DISABLED,
		  .id = NB_SRAT_LAPIC,
		  .got = 7,
		  .limit = 1,
		  .more = { FIRST } },
		{ .kind = NB_EV_SRAT_INITIATOR, .id = 4, .nid = 0, .more = { THIRD } },
		{ .kind = NB_EV_SRAT_X2APIC_IGNORED,
		  .id = 255,
		  .got = 2,
		  .more = { THIRD + INITIATOR_BYTES } },
		{ .kind = NB_EV_SRAT_SKIPPED,
		  .why = NB_WHY_DISABLED,
		  .id = NB_SRAT_MEMORY,
		  .range = { G, 2 * G },
		  .got = 6,
		  .more = { SECOND } },
		PLACED_MEM(0, 4, 0, G, ON, THIRD + INITIATOR_BYTES + X2APIC_BYTES),
		{ .kind = NB_EV_PXM_REFUSED,
		  .id = 300,
		  .limit = 256,
		  .flags = 1,
		  .more = { THIRD + INITIATOR_BYTES + X2APIC_BYTES + MEMORY_BYTES } },
	};
	static const enum nb_event_kind kinds[] = {
		NB_EV_SRAT_SKIPPED, NB_EV_SRAT_INITIATOR, NB_EV_SRAT_X2APIC_IGNORED,
		NB_EV_SRAT_MEMORY,  NB_EV_PXM_REFUSED,
	};

	(void)state;
	check(build(&row) == NB_OK, "a machine of odd entries is built");
	record_keep(&record, kinds, NB_COUNT(kinds));
	check_told(&record, want, NB_COUNT(want), "each tells where it lies");
}

static void test_distance_values(void **state)
{
	static const struct row row = {
		TWO_NODES,
		.slit_count = 2,
		.slit_bytes = 4,
		.slit = { 10, 21, 255, 10 },
	};
	const struct nb_numa *numa = &room.numa;

	(void)state;
	check(build(&row) == NB_OK, "a machine with a SLIT is built");
	check(nb_numa_distance(numa, 0, 1) == 21 && nb_numa_distance(numa, 1, 0) == 255,
	      "distances are as the SLIT has them, each way");
	check(nb_numa_distance(numa, 1, 1) == 10, "to itself");
	check(nb_numa_distance(numa, 0, 2) == 20 && nb_numa_distance(numa, 5, 5) == 10,
	      "beyond the table they are assumed");
	check(nb_numa_distance(numa, -1, 0) == 20, "of no node too");
	check(nb_region_at(&room.mb.reserved, 2)->start == 2 * G - 0x1000 &&
		      nb_region_at(&room.mb.reserved, 2)->end == 2 * G - 0x1000 + 4 &&
		      nb_region_at(&room.mb.reserved, 2)->nid == 1,
	      "the table lies at the top of memory");
}

static void test_target_node(void **state)
{
	static const struct row row = {
		.ram = { { 0, 2 * G } },
		.srat = { MEM(0, 0, G), MEM(1, G, 3 * G), MEM(2, 4 * G, 5 * G) },
		.window = { { 6 * G, 7 * G } },
	};
	static const struct {
		const char *claim;
		nb_phys address;
		int32_t nid;
	} looks[] = {
		{ "RAM is of its block's node", 5, 0 },
		{ "a block ends before its end", G, 1 },
		{ "what was set aside above RAM counts", 2 * G, 1 },
		{ "so does a block without RAM", 5 * G - 1, 2 },
		{ "and a window", 6 * G, 3 },
		{ "what nobody claims has no node", 3 * G, NB_NO_NODE },
	};

	(void)state;
	check(build(&row) == NB_OK, "a machine with room for more memory is built");
	for (size_t i = 0; i < NB_COUNT(looks); i++)
		check(nb_numa_target_node(&room.numa, looks[i].address) == looks[i].nid,
		      looks[i].claim);
}

/* What a rejected attempt leaves: the numbers of domains, and initiators. */
static void test_leftovers(void **state)
{
	static const struct row row = {
		.ram = { { 0, 2 * G } },
		.srat = { CPU(7, 1), GI(8), HOTMEM(9, 0, M) },
		.slit_count = 10,
		.slit_bytes = 0,
	};
	const struct nb_numa *numa = &room.numa;

	(void)state;
	check(build(&row) == NB_OK, "a machine with too little in its SRAT is built");
	check(numa->source == NB_NUMA_DUMMY && !numa->srat_rejected,
	      "the SRAT is in vain, not refused");
	check(numa->pxm_node[7] == 0 && numa->pxm_node[8] == 1 && numa->pxm_node[9] == 2,
	      "domains keep their numbers");
	check(bits_of(&numa->initiator) == 2, "an initiator's node keeps its mark");
	check(bits_of(&numa->possible) == 1, "but is not possible");
	check(numa->apic_node[1] == NB_NO_NODE, "no CPU has a node");
	check(room.mb.memory.count == 1 && nb_region_at(&room.mb.memory, 0)->flags == 0,
	      "nothing is hot-pluggable any more");
}

/* The kernel's arrays grow while nodes are bound, and a caller may have too little. */
static void test_arrays(void **state)
{
	static const struct row row = { TWO_NODES };
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &room.config, &record.sink };
	struct nb_params params = { 0 };
	struct nb_table tables[4];
	struct nb_firmware fw = { .tables = tables };
	struct nb_e820 e820 = { .max_pfn = nb_pfn_down(2 * G) };

	(void)state;
	for (uint32_t regions = 124; regions < 130; regions++) {
		static const enum nb_event_kind doubled[] = { NB_EV_REGIONS_DOUBLED };

		make_memory(&row);
		room.mb.memory_slots = room.mb.reserved_slots = 128;
		room.mb.may_double = true;
		for (uint32_t i = 0; i < regions && i < 127; i++)
			room_reserve((i + 1) * 2 * M, (i + 1) * 2 * M + M);
		fw.table_count = make_tables(&row, tables);
		record_start(&record);
		check(nb_numa_build(&room.numa, &room.mb, &e820, &fw, &params, &env) == NB_OK,
		      "a machine with many reservations is built");
		record_keep(&record, doubled, 1);
		check(record.count == (regions >= 127), "two slots must be free to bind a range");
	}

	for (uint32_t nodes = 1; nodes < 3; nodes++) {
		make_memory(&row);
		room.numa.nodes = nodes;
		fw.table_count = make_tables(&row, tables);
		record_start(&record);
		check(nb_numa_build(&room.numa, &room.mb, &e820, &fw, &params, &env) ==
			      (nodes == 1 ? NB_ERR_FULL : NB_OK),
		      "two nodes need room for two");
	}
	make_memory(&row);
	room.numa.block_cap = 1;
	check(nb_numa_build(&room.numa, &room.mb, &e820, &fw, &params, &env) == NB_ERR_FULL,
	      "and two blocks");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),           cmocka_unit_test(test_entries),
		cmocka_unit_test(test_blocks),          cmocka_unit_test(test_distances),
		cmocka_unit_test(test_windows),         cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_distance_values), cmocka_unit_test(test_target_node),
		cmocka_unit_test(test_leftovers),       cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
