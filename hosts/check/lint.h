/* SPDX-License-Identifier: MIT */
/*
 * lint: what the checks of each table share: the tables read once, and a way to
 * report. A check looks at what the firmware wrote; what a kernel makes of it is
 * found out by running that kernel.
 */
#ifndef HOSTS_CHECK_LINT_H
#define HOSTS_CHECK_LINT_H

#include "findings.h"

#include <numaboot/acpi.h>

/* Entries that were read, each with its offset in the table. */
struct srat_cpu_at {
	uint32_t offset, apic_id, pxm;
	bool x2apic, enabled;
};

struct srat_memory_at {
	uint32_t offset, pxm, flags;
	struct nb_range range; /* up to the end of the address space if it wraps */
	uint64_t size;         /* as the table says */
};

struct srat_initiator_at {
	uint32_t offset, pxm, flags, type;
};

struct madt_cpu_at {
	uint32_t offset, type;
	struct nb_madt_cpu cpu;
};

struct cedt_window_at {
	uint32_t offset;
	struct nb_range range;
	uint64_t size;
};

#define NO_TABLE UINT32_MAX

struct lint {
	const struct source *source;
	const struct nb_firmware *fw;
	struct findings *out;
	uint32_t srat, slit, madt, hmat, cedt, fadt; /* indices of tables, or NO_TABLE */

	struct srat_cpu_at *cpu;
	struct srat_memory_at *memory;
	struct srat_initiator_at *initiator;
	struct madt_cpu_at *madt_cpu;
	struct cedt_window_at *window;
	uint32_t cpu_count, memory_count, initiator_count, madt_cpu_count, window_count;

	uint32_t *far, *near; /* domains of the SRAT that no Linux maps, and free ones for them */
	uint32_t far_count, near_count;

	struct nb_slit matrix; /* of the SLIT; empty if it cannot be read */

	struct finding *last; /* that was reported; an edit is for it */
	bool edited;          /* it has one */
};

/* Reads the tables that there are. */
void lint_read(struct lint *l);

/* A walk over the entries of a table that has some. One of a wrong length, where it
 * is plain which is right, is given with that: one fault should not hide all that
 * follows it. */
struct nb_entry_walk lint_walk(const struct nb_table *table);
bool lint_next(struct nb_entry_walk *walk, const struct nb_table *table, struct nb_entry *entry);

/* Places. */
struct place_of_finding in_table(const struct lint *l, uint32_t table, uint32_t offset);
struct place_of_finding in_map(uint32_t entry);
struct place_of_finding in_words(size_t character);
struct place_of_finding in_machine(void);

/* Reports something at a place; what was found is formatted. */
__attribute__((format(printf, 5, 6))) void report(struct lint *l, enum finding_id id,
						  struct place_of_finding place, const char *wanted,
						  const char *found, ...);

/* What a noun behind a number ends with. */
static inline const char *plural(uint64_t number)
{
	return number == 1 ? "" : "s";
}

/* The edits that mend what was reported last. */
void mend_set(struct lint *l, uint32_t table, uint32_t offset, uint32_t width, uint64_t value);
void mend(struct lint *l, struct edit edit);
void mend_cut(struct lint *l, uint32_t table, uint32_t offset, uint32_t width);
void mend_map(struct lint *l, struct nb_range range, uint32_t type);
/* Gives an entry of the SRAT another domain, by its type. */
void mend_pxm(struct lint *l, uint32_t entry, uint32_t type, uint32_t pxm);
/* The edits of what was reported last take something for granted. */
void mend_guess(struct lint *l, const char *guess);
/* They are no edits to be made: they show what it does. */
void mend_trial(struct lint *l);

/* A number of at most 8 bytes in a table; what the table does not have is zero. */
uint64_t table_number(const struct nb_table *table, uint32_t offset, uint32_t width);

/* How many host bridges a CXL window is shared by, as its entry encodes it: CXL 3.0 9.17.1.3.
 * 0 if the value is reserved. */
static inline uint32_t window_ways(uint64_t encoded)
{
	if (encoded <= 4)
		return 1u << encoded;
	return encoded >= 8 && encoded <= 10 ? 3u << (encoded - 8) : 0;
}

/* Whether a proximity domain has an enabled entry of memory, or of a processor. */
bool pxm_has_memory(const struct lint *l, uint32_t pxm);
bool pxm_has_cpu(const struct lint *l, uint32_t pxm);
/* Whether any enabled entry of the SRAT names it. */
bool pxm_is_known(const struct lint *l, uint32_t pxm);

static inline bool is_on(const struct srat_memory_at *m)
{
	return (m->flags & NB_SRAT_ENABLED) && m->size;
}

/* The checks, one file each. */
void lint_tables(struct lint *l);
void lint_reserved(struct lint *l);
void lint_map(struct lint *l);
void lint_srat(struct lint *l);
void lint_domains(struct lint *l);
void lint_slit(struct lint *l);
void lint_madt(struct lint *l);
void lint_hmat(struct lint *l);
void lint_cedt(struct lint *l);
void lint_fadt(struct lint *l);
void lint_cross(struct lint *l);
void lint_cmdline(struct lint *l);

#endif
