/* SPDX-License-Identifier: MIT */
/*
 * machines: random whole machines, each from a number alone: the same number gives
 * the same machine on every host. About half of them are sound, a third are sound
 * but for one thing, and of the rest nothing is sure.
 */
#ifndef TESTS_WHOLE_MACHINES_H
#define TESTS_WHOLE_MACHINES_H

#include "tables.h"

#include <numaboot/boot.h>

enum { ANY_ENTRIES = 128, ANY_PIECES = 48, ANY_TABLES = 6 };

struct any_machine {
	struct nb_firmware fw;

	/* What fw points at. */
	struct nb_e820_entry map[ANY_ENTRIES], extended[8];
	struct nb_range setup_data[4], uncached[2], mmio[2], efi_boot[3];
	struct table srat, slit, madt, cedt, hmat, fadt;
	struct nb_table tables[ANY_TABLES];
	uint32_t started[16];
	char cmdline[512];

	uint64_t dice; /* the generator's own */
	struct nb_range ram[ANY_PIECES];
	uint32_t ram_count, pxms[ANY_PIECES];
};

/* Makes the machine of a number. */
void any_machine(struct any_machine *machine, uint64_t number);

/* Kernels to boot it with: each line as it was built, then built otherwise. */
struct any_kernel {
	enum nb_line line;
	struct nb_kernel_config config;
	const char *build; /* in words */
};

enum { ANY_BUILDS = 7 };

/* A line's kernel; build 0 is the one that was booted. */
struct any_kernel any_kernel(enum nb_line line, uint32_t build);

#endif
