/* SPDX-License-Identifier: MIT */
/*
 * config_rows: what a build's rows may be, and the setting of one.
 */
#ifndef HOSTS_SOURCES_CONFIG_ROWS_H
#define HOSTS_SOURCES_CONFIG_ROWS_H

#include "kernel.h"

/* What a number may be: all others are impossible, or more than the library is for. */
struct bounds {
	uint64_t least, most;
	uint64_t unit; /* of which it is a multiple; POWER: it is a power of two */
};

enum { POWER = 0 };

/* Addresses that RAM may have, with 4 levels of tables. */
#define CONFIG_ADDRESSES ((uint64_t)1 << 46)

bool bounds_hold(const struct bounds *bounds, uint64_t number);

enum { EXPECTED_MOST = 96 };

/* "a multiple of 0x1000 from 0x1000 to 0xa0000". */
void bounds_say(const struct bounds *bounds, bool hexadecimal, char text[EXPECTED_MOST]);

/* 32 or 64: of the kernels that are built so. */
unsigned config_bits(const struct nb_kernel_config *config);

/* The row with a key, or their count. */
unsigned config_row_of(struct nb_text key);

/* Sets a row. False if the value is impossible: what was expected is said, and the
 * kernel's build is not to be used. */
bool config_row_set(struct kernel *kernel, unsigned row, struct nb_text value,
		    char expected[EXPECTED_MOST]);

#endif
