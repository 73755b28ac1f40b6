/* SPDX-License-Identifier: MIT */
/* machine: a whole small machine from a few words, and a boot of it. */
#ifndef TESTS_MACHINE_H
#define TESTS_MACHINE_H

#include "record.h"
#include "tables.h"

#include <numaboot/boot.h>

/* An entry of the SRAT. */
struct machine_entry {
	enum {
		ENTRY_END,
		ENTRY_LAPIC,
		ENTRY_X2APIC,
		ENTRY_MEMORY,
		ENTRY_INITIATOR,
		ENTRY_RAW, /* `size` bytes: type pxm, length flags, then zeros */
	} type;
	uint32_t pxm, flags;
	uint64_t at, size; /* memory; at: an APIC ID */
};

#define ENTRY_CPU(pxm_, apic_)                                                                     \
	{                                                                                          \
		ENTRY_LAPIC, pxm_, NB_SRAT_ENABLED, apic_, 0                                       \
	}
#define ENTRY_CPU2(pxm_, apic_)                                                                    \
	{                                                                                          \
		ENTRY_X2APIC, pxm_, NB_SRAT_ENABLED, apic_, 0                                      \
	}
#define ENTRY_RAM(pxm_, start_, end_)                                                              \
	{                                                                                          \
		ENTRY_MEMORY, pxm_, NB_SRAT_ENABLED, start_, (end_) - (start_)                     \
	}
#define ENTRY_HOT(pxm_, start_, end_)                                                              \
	{                                                                                          \
		ENTRY_MEMORY, pxm_, NB_SRAT_ENABLED | NB_SRAT_HOTPLUG, start_, (end_) - (start_)   \
	}
#define ENTRY_GI(pxm_)                                                                             \
	{                                                                                          \
		ENTRY_INITIATOR, pxm_, NB_SRAT_ENABLED, 0, 0                                       \
	}

struct machine {
	struct nb_e820_entry map[6]; /* ends with one of no size */
	const char *cmdline;
	struct machine_entry srat[12]; /* none: no SRAT */
	uint32_t localities;           /* of the SLIT; 0: there is none */
	uint8_t slit[16];
	struct nb_range window[2];
	bool hmat;                    /* one that ties memory of domain 0 to domain 0 */
	uint32_t cpus;                /* APIC IDs 0 and up in the MADT */
	struct machine_entry madt[3]; /* behind those: ENTRY_LAPIC, ENTRY_X2APIC, ENTRY_RAW */
	struct nb_boot_facts facts;
};

/* One boot: its storage is exactly as large as it has to be. */
struct machine_boot {
	struct nb_boot boot;
	struct nb_limits limits;
	struct record *record;
	void *block;
	struct nb_firmware fw;
	struct nb_table tables[5];
	struct table *madt, *srat, *slit, *cedt, *hmat;
	struct nb_rules rules;
	struct nb_kernel_config config;
	struct nb_page_tables *writer; /* of the direct map; null: none */
	enum nb_err err;
};

/* Prepares a boot of a machine by a line's kernel; rules and config may be changed
 * before machine_run(). */
void machine_begin(struct machine_boot *run, const struct machine *machine, enum nb_line line);
void machine_run(struct machine_boot *run);
void machine_end(struct machine_boot *run);

#endif
