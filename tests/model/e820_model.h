/* SPDX-License-Identifier: MIT */
/*
 * e820_model: a memory map freed of overlaps the slow way: each stretch between
 * two borders is looked up in all entries.
 */
#ifndef TESTS_E820_MODEL_H
#define TESTS_E820_MODEL_H

#include <numaboot/firmware.h>

enum { E820_MODEL_MOST = 256 };

/* Fills `out` with at most `cap` entries of the result and returns how many; the
 * entries do not wrap. */
uint32_t e820_model_sanitize(const struct nb_e820_entry *in, uint32_t count,
			     struct nb_e820_entry *out, uint32_t cap);

#endif
