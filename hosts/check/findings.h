/* SPDX-License-Identifier: MIT */
/*
 * findings: what is wrong with a machine's tables, memory map or command line:
 * where, what was found and what was wanted, the edit that mends it, and what each
 * kernel line makes of it.
 */
#ifndef HOSTS_CHECK_FINDINGS_H
#define HOSTS_CHECK_FINDINGS_H

#include "../sources/source.h"

#include <numaboot/rules.h>

enum severity {
	SEVERITY_NOTE,    /* worth knowing; nothing is lost by it */
	SEVERITY_WARNING, /* not as it should be, or lost on some kernels */
	SEVERITY_ERROR,   /* cannot be meant so */
	SEVERITIES,
};

extern const char *const severity_names[SEVERITIES];

/* What the specification says of it. */
enum spec_verdict {
	SPEC_FORBIDS,
	SPEC_ALLOWS,
	SPEC_SILENT,
	SPEC_VERDICTS,
};

extern const char *const spec_verdict_names[SPEC_VERDICTS];

/* In the order in which they are shown; catalog.c has a row for each. */
enum finding_id {
	FINDING_TABLE_SHORT,
	FINDING_TABLE_LENGTH,
	FINDING_TABLE_CHECKSUM,
	FINDING_TABLE_REVISION,
	FINDING_TABLE_UNKNOWN,
	FINDING_TABLE_TWICE,
	FINDING_ENTRY_ZERO_LENGTH,
	FINDING_ENTRY_TRUNCATED,
	FINDING_ENTRY_LENGTH,
	FINDING_ENTRY_UNKNOWN,
	FINDING_ENTRY_RESERVED,
	FINDING_FLAGS_RESERVED,
	FINDING_FIELD_RESERVED,
	FINDING_FIELD_RANGE,

	FINDING_MAP_FEW,
	FINDING_MAP_WRAPS,
	FINDING_MAP_EMPTY,
	FINDING_MAP_OVERLAP,
	FINDING_MAP_UNALIGNED,
	FINDING_MAP_NO_LOW_RAM,
	FINDING_MAP_TYPE,

	FINDING_SRAT_RESERVED,
	FINDING_SRAT_PXM_BITS,
	FINDING_SRAT_PXM_RANGE,
	FINDING_SRAT_PXM_LARGE,
	FINDING_SRAT_MEMORY_WRAPS,
	FINDING_SRAT_MEMORY_EMPTY,
	FINDING_SRAT_MEMORY_OVERLAP,
	FINDING_SRAT_ROOM_OVERLAP,
	FINDING_SRAT_MEMORY_TWICE,
	FINDING_SRAT_MEMORY_UNALIGNED,
	FINDING_SRAT_NO_MEMORY,
	FINDING_SRAT_NO_CPU,
	FINDING_SRAT_APIC_NONE,
	FINDING_SRAT_APIC_TWICE,
	FINDING_SRAT_CPU_TWICE,
	FINDING_SRAT_INITIATOR_OFF,
	FINDING_SRAT_CPU_ONLY,
	FINDING_SRAT_MEMORY_ONLY,
	FINDING_SRAT_ONE_DOMAIN,

	FINDING_SLIT_EMPTY,
	FINDING_SLIT_SHORT,
	FINDING_SLIT_LONG,
	FINDING_SLIT_LOCAL,
	FINDING_SLIT_REMOTE,
	FINDING_SLIT_SRAT,
	FINDING_SLIT_LARGE,

	FINDING_MADT_NO_CPU,
	FINDING_MADT_APIC_NONE,
	FINDING_MADT_APIC_TWICE,
	FINDING_MADT_BOTH_FORMS,
	FINDING_MADT_UID_TWICE,
	FINDING_MADT_FLAGS,
	FINDING_MADT_CAPABLE,
	FINDING_MADT_BOOT_CPU,
	FINDING_MADT_IOAPIC,
	FINDING_MADT_ADDRESS,

	FINDING_HMAT_REVISION,
	FINDING_HMAT_UNIT_ZERO,
	FINDING_HMAT_UNIT_OVERFLOW,
	FINDING_HMAT_TYPE,
	FINDING_HMAT_PXM_TWICE,
	FINDING_HMAT_MATRIX_TWICE,
	FINDING_HMAT_PXM_UNKNOWN,
	FINDING_HMAT_REMOTE_FASTER,
	FINDING_HMAT_SLIT,

	FINDING_CEDT_WINDOW_EMPTY,
	FINDING_CEDT_WINDOW_WRAPS,
	FINDING_CEDT_WINDOW_UNALIGNED,
	FINDING_CEDT_WINDOWS_OVERLAP,
	FINDING_CEDT_BRIDGE_TWICE,
	FINDING_CEDT_BRIDGE_SIZE,
	FINDING_CEDT_TARGET,
	FINDING_CEDT_BRIDGE_REGISTERS,
	FINDING_CEDT_XOR,
	FINDING_CEDT_WINDOW_RAM,
	FINDING_CEDT_WINDOW_NODE,

	FINDING_FADT_LENGTH,
	FINDING_FADT_POINTER,
	FINDING_FADT_REGISTER,

	FINDING_RAM_WITHOUT_NODE,
	FINDING_DOMAIN_WITHOUT_RAM,
	FINDING_RAM_MISSING,
	FINDING_APIC_NOT_IN_SRAT,
	FINDING_APIC_NOT_IN_MADT,
	FINDING_SRAT_ABSENT,

	FINDING_CMDLINE_NUMA_OFF,
	FINDING_CMDLINE_NOACPI,
	FINDING_CMDLINE_ACPI_OFF,
	FINDING_CMDLINE_MEMORY_LIMIT,
	FINDING_CMDLINE_SHELL,
	FINDING_CMDLINE_MALFORMED,

	FINDING_KERNEL,
	FINDING_OTHER_KERNEL,
	FINDING_EXPECT,
	FINDING_IDS,
};

struct finding_row {
	const char *id; /* stable: for --ignore, for programs */
	enum severity severity;
	enum spec_verdict spec;
	const char *section; /* of which specification; "" if none has a word on it */
	const char *title;   /* one line */
	const char *means;   /* what it is, and what comes of it */
	const char *mend;    /* what to do about it */
	const char *no_edit; /* why there may be no edit; null: there always is one */
};

extern const struct finding_row finding_rows[FINDING_IDS];

/* The row of an id as the user writes it; null if there is none. */
const struct finding_row *finding_row_by_id(const char *id);

enum edit_kind {
	EDIT_SET,      /* `width` bytes of a table become a number */
	EDIT_SUM,      /* the checksum of a table, once all else is edited */
	EDIT_CUT,      /* `width` bytes of a table go */
	EDIT_ADD,      /* `width` bytes come behind the table's last one */
	EDIT_DROP,     /* the table goes */
	EDIT_TAKE_OUT, /* an entry of the memory map goes */
	EDIT_WORD,     /* `width` characters of the command line go */
	EDIT_PUT_IN, /* an entry of type `width` comes into the memory map, at `old`, of `new` bytes */
};

/* One edit, in places and bytes as they were before any edit. */
struct edit {
	const struct edit *next;
	enum edit_kind kind;
	uint32_t table; /* index in the firmware's tables, or of the map's entry */
	uint32_t offset, width;
	uint64_t old, new;
	const uint8_t *bytes; /* EDIT_ADD */
};

enum place_kind {
	PLACE_TABLE, /* offset in a table */
	PLACE_MAP,   /* entry of the memory map */
	PLACE_WORD,  /* character of the command line */
	PLACE_MACHINE,
};

struct place_of_finding {
	enum place_kind kind;
	char table[5];
	uint32_t at; /* offset, entry or character */
};

struct finding_place {
	struct place_of_finding place;
	const char *found, *wanted;
};

/* What a kernel line makes of it, from the mildest to the worst. */
enum line_verdict {
	LINE_NOT_RUN,   /* nothing to compare with: no edit mends it */
	LINE_NOT_KNOWN, /* it hangs on the memory map, and there is none */
	LINE_USED,      /* the same comes out as without it */
	LINE_DIFFERS,   /* used, but something else comes out */
	LINE_IGNORED,   /* the table is not used */
	LINE_NUMA_OFF,
	LINE_BOUNDS, /* the kernel reads or writes out of bounds */
	LINE_PANIC,
	LINE_VERDICTS,
};

extern const char *const line_verdict_names[LINE_VERDICTS];

enum { PLACES_KEPT = 8 };

/* All that was found of one kind. */
struct finding {
	uint32_t count; /* of places; 0: nothing was found */
	struct finding_place at[PLACES_KEPT];
	const struct edit *edits; /* of all places */
	uint32_t edited;          /* places that have edits */
	const char *guess;        /* what the edits take for granted; null: nothing */
	bool trial;               /* the edits show what the defect does, and are none to be made */
	bool mended;              /* with the edits it is gone, and nothing new has come */
	enum line_verdict line[NB_LINES];
};

struct findings {
	struct finding of[FINDING_IDS];
	enum line_verdict as_is[NB_LINES]; /* what each line gives up on the machine as it is */
	struct pool pool;
};

/* Looks for all that is wrong with a source whose command line is settled. All zero
 * is an empty set of findings. */
void lint_source(struct findings *findings, const struct source *source);

/* Makes a source as it is with the edits of some findings; the pool holds what is
 * not the original's. */
void repair_source(struct source *mended, const struct source *source,
		   const struct findings *findings, const bool chosen[FINDING_IDS],
		   struct pool *pool);

/* Tries every finding's edits: whether they mend it, and what checksums become. */
void repair_prove(struct findings *findings, const struct source *source);

/* Makes what single tables lack, so that kernels can run on them: a memory map, a MADT,
 * an SRAT. Doubtful: there is RAM in all that the SRAT claims, mended or not. */
void stand_in(struct source *with, const struct source *source, const struct findings *findings,
	      bool doubtful, struct pool *pool);

/* Runs every line with and without each finding and writes down what comes of it. */
void lines_judge(struct findings *findings, const struct source *source);

struct run;

/* Whether what --expect is given can be read: words such as "nodes=4" and
 * "memory-per-node=64G+-1%". */
bool expect_reads(const char *wants);

/* Holds it against a boot; what is not so becomes a finding. */
void expect_hold(struct findings *findings, const char *wants, const struct run *run);

/* Whether kernels were run with and without it. */
bool finding_is_judged(const struct finding *finding);

/* Whether any finding is of a severity or above. */
bool findings_reach(const struct findings *findings, enum severity severity);

#endif
