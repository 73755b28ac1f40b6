/* SPDX-License-Identifier: MIT */
/*
 * source: a machine to predict: its firmware as the library wants it, and for
 * every boot fact where it was read, or that it was assumed. And, kept apart,
 * what the machine showed once it ran, which a prediction never looks at.
 */
#ifndef HOSTS_SOURCES_SOURCE_H
#define HOSTS_SOURCES_SOURCE_H

#include "kernel.h"
#include "pool.h"
#include "text.h"
#include "tree.h"

#include <numaboot/access.h>
#include <numaboot/firmware.h>
#include <numaboot/zones.h>

/* What a boot depends on; facts.c says of each where it is read and what is
 * assumed. */
enum source_fact {
	FACT_BUILD,
	FACT_MAP,
	FACT_EXTENDED_MAP,
	FACT_TABLES,
	FACT_SLIT,
	FACT_CPU_NODES,
	FACT_INITIATORS,
	FACT_MADT,
	FACT_TABLE_ADDRESSES,
	FACT_CMDLINE,
	FACT_KERNEL,
	FACT_INITRD,
	FACT_INITRD_TABLES,
	FACT_SETUP_DATA,
	FACT_EFI,
	FACT_EFI_MMIO,
	FACT_EFI_BOOT,
	FACT_FOUND,
	FACT_EFI_KEPT,
	FACT_MTRR,
	FACT_BIOS_WORDS,
	FACT_HYPERVISOR,
	FACT_VENDOR,
	FACT_BOOT_APIC_ID,
	FACT_BOOT_APIC_BSP,
	FACT_X2APIC,
	FACT_LOCAL_APIC,
	FACT_GB_PAGES,
	FACT_FIVE_LEVEL,
	FACT_KDUMP,
	FACT_MP_TABLE,
	FACT_STARTED,
	FACT_TOPOLOGY,
	FACT_PARALLEL,
	FACT_PERCPU,
	FACTS,
};

enum origin {
	ORIGIN_ASSUMED,
	ORIGIN_READ,    /* from the inputs of a boot */
	ORIGIN_OPTION,  /* from the command's options */
	ORIGIN_GIVEN,   /* from what the machine showed: by verify alone */
	ORIGIN_DERIVED, /* follows from other facts */
};

struct provenance {
	enum origin origin;
	const char *where; /* the file that it was read from, or what it follows from */
};

struct fact_row {
	const char *key; /* its name for programs */
	const char *name;
	const char *read_from; /* "" if no input has it */
	const char *given_by;  /* what verify may read it from; "" if nothing */
	const char *assumed;   /* what is taken where nothing is known */
};

extern const struct fact_row fact_rows[FACTS];

enum {
	SOURCE_MAP = 128,   /* entries that the boot protocol's page holds */
	SOURCE_TABLES = 32, /* more tables than any machine's log lists */
	SOURCE_NODES_DATA = 64,
	SOURCE_RANGES = 64,
	SOURCE_EFI = 1024, /* ranges of boot services; EFI's map seldom has half of that */
};

struct source {
	struct nb_firmware fw; /* points into what follows and into the pool */
	struct provenance facts[FACTS];
	struct kernel kernel; /* what is modelled; the boot reads its config */
	struct pool pool;

	struct nb_table tables[SOURCE_TABLES];
	const char *table_from[SOURCE_TABLES]; /* where each was read; null: from a log */
	struct nb_range setup_data[SOURCE_NODES_DATA];
	struct nb_range efi_mmio[SOURCE_RANGES];
	struct nb_range efi_boot[SOURCE_EFI];
	struct nb_range found[SOURCE_RANGES];
	struct nb_range mtrr_uncached[SOURCE_RANGES];
	struct nb_range efi_kept[SOURCE_RANGES]; /* RAM that became reserved once memblock had it */
	uint32_t efi_kept_count;
	bool is_log;       /* a boot log is all there was to read */
	uint32_t boots;    /* that the log holds; the source is the last of them */
	const char *what;  /* it was recognized as; null: a directory of files */
	bool takes_spoilt; /* tables may be cut, or longer than they say: a check looks for that */
	bool cmdline_cut;  /* its line of the command line is as long as one can be */
};

enum { LACKS_MOST = 256 };

/* Names what decides most and is not in the source: "memory map, ACPI tables". False
 * if nothing is missing. */
bool source_lacks(const struct source *source, char *text, size_t size); /* LACKS_MOST do */

/* Whether it has a memory map, without which no boot can be predicted. */
bool source_has_map(const struct source *source);
/* Notes that a fact was read from the inputs of a boot, and where. */
static inline void source_learn(struct source *source, enum source_fact fact, const char *where)
{
	source->facts[fact] = (struct provenance){ ORIGIN_READ, where };
}

/* Writes the value of a fact in words, always terminated. */
void fact_value(const struct source *source, enum source_fact fact, char *text, size_t size);

/* Whether the boot of this machine could come out differently if an assumed
 * fact were otherwise: worth telling. With `pages` how many pages zones are handed
 * counts as well. */
bool fact_matters(const struct source *source, enum source_fact fact, bool pages);

/*
 * Fills a source, whose kernel is settled, from a sysroot: /proc and /sys as
 * Linux shows them, here or copied from another machine. Looks at the inputs of the boot only, so that
 * the answer does not depend on what is to be predicted.
 *
 * Returns false, with the tree's complaint, if an input is there but cannot be
 * read or used.
 */
bool sysroot_read(struct source *source, struct tree *tree);

/* Reads the release of the kernel that left a sysroot; false, without a complaint,
 * if it does not say. */
bool sysroot_release(struct tree *tree, struct release *release);

/* Reads what a sysroot has of its kernel's .config; false if that failed. */
bool sysroot_kconfig(struct source *source, struct tree *tree);

/*
 * Whether this machine's firmware is hidden from us, as a container hides it:
 * Linux always shows the map, and tables unless ACPI is off. False for a
 * machine without ACPI that shows its map.
 */
bool sysroot_is_hidden(const struct source *source, struct tree *tree);

/* Settles the command line of a source that has been read, once: what was read,
 * or `instead` of it, and `append` after a blank; either may be null. Derives
 * the facts that follow from it. */
void source_command_line(struct source *source, const char *instead, const char *append);

enum { ACCESS_SPEEDS = 4 };

/* How fast a node's memory is for its nearest initiators, below nodeN/accessN. */
struct recorded_access {
	bool there;
	struct nb_nodes initiators;
	struct nb_text speeds[ACCESS_SPEEDS]; /* in the order of recorded_speed_names */
};

extern const char *const recorded_speed_names[ACCESS_SPEEDS];

/* A node as the running kernel shows it; at is null where there is no such file. */
struct recorded_node {
	int32_t nid;
	struct nb_text cpulist, distance;
	struct recorded_access access[NB_ACCESS_CLASSES];
};

struct recorded_zone {
	int32_t nid;
	struct nb_text name;
	uint64_t start_pfn, spanned, present;
	bool has_start; /* a zone without pages shows none */
	bool has_managed, has_boost;
	uint64_t managed, min, low, high; /* the marks as they are when memory is not short */
	uint64_t boost;                   /* what shortness adds to them */
	struct nb_text protection;        /* "(0, 3, 3, 3)" */
	uint32_t lists;                   /* of CPUs */
	bool lists_differ;                /* in more than their length */
	uint64_t batch, list_high, list_high_min, list_high_max;
};

enum recorded_mask {
	MASK_POSSIBLE,
	MASK_ONLINE,
	MASK_HAS_MEMORY,
	MASK_HAS_NORMAL_MEMORY,
	MASK_HAS_CPU,
	MASK_HAS_INITIATOR,
	MASKS,
};

/* How the recorded boot ended, as far as it is known. */
enum recorded_end {
	END_UNKNOWN,
	END_OK,
	END_PANIC,
	END_STOPPED, /* no word of a panic, but nothing more came */
};

/* A boot log as lines: no levels, no time stamps, one boot. */
struct boot_log {
	struct nb_text *lines;
	struct nb_text *plain; /* the same, in plain words: see bootlog_words.c */
	uint32_t count;
	uint32_t boots;    /* that begin in the text: the last of them is kept */
	bool from_start;   /* begins with the kernel's first line */
	bool keeps_blanks; /* blanks at line ends have not been lost */
	bool panicked;
};

/* What a machine showed. An empty text with a null `at` was not recorded. */
struct recorded {
	struct nb_text release;
	struct nb_text masks[MASKS]; /* of nodes */
	struct nb_text cpu_possible, cpu_present, cpu_online;
	struct recorded_node *nodes;
	uint32_t node_count;
	struct recorded_zone *zones;
	uint32_t zone_count;
	struct nb_range kernel;  /* the running kernel's image; empty: not recorded */
	uint64_t direct_map_kib; /* 0: not recorded */
	/* What may be set in the running system, below proc/sys/vm. */
	struct nb_text min_free, watermark_scale, reserve_ratio;
	struct boot_log log;  /* no lines: not recorded */
	const char *log_name; /* where the log was read from */
	enum recorded_end end;
	struct pool pool;
};

/* The file of each mask, below sys/devices/system/node/. */
extern const char *const recorded_mask_names[MASKS];

/* Reads what a running system shows below a root. Missing files are no failure. */
bool recorded_read(struct recorded *recorded, struct tree *tree);

/*
 * Cuts the text of a boot log into lines, whatever wrote it: dmesg with any of
 * its options, a serial console, /dev/kmsg, a system's journal. Of several
 * boots the last one counts.
 */
void boot_log_read(struct boot_log *log, struct nb_text text, struct pool *pool);

/* A line in plain words; the same text if it is plain already. */
struct nb_text plain_words(struct nb_text line, struct pool *pool);

/* Puts the lines of a log in plain words. */
void boot_log_put_plainly(struct boot_log *log, struct pool *pool);

/* The first line, in plain words, that begins so; a null text if there is none. */
struct nb_text boot_log_line(const struct boot_log *log, const char *start);

/* The release whose kernel wrote the log; false if its first line is lost. */
bool boot_log_release(const struct boot_log *log, struct release *release);

/*
 * Fills a source, whose kernel is settled, from a log alone. False, with a
 * complaint, if it has no memory map; all else is then there.
 */
bool log_source_read(struct source *source, const struct boot_log *log,
		     struct complaint *complaint);

/* Takes the memory map of a log alone for that of a source; false, with a complaint, if
 * it has none. */
bool log_map_read(struct source *source, const struct boot_log *log, struct complaint *complaint);

/* Puts the lines of `before` that a log has lost its beginning of in front of it. */
void boot_log_complete(struct boot_log *log, const struct boot_log *before, struct pool *pool);

/* Takes what is assumed where the source says nothing, for its kernel. */
void source_assume(struct source *source);

/* Whether a fact is a guess because a boot log, all that there is, does not hold it. */
bool source_guesses(const struct source *source, enum source_fact fact);

/* Looks into the log for what only the running kernel knew and makes it facts of
 * the source: each is then ORIGIN_GIVEN. */
void given_facts(struct source *source, const struct recorded *recorded);

#endif
