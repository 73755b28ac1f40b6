/* SPDX-License-Identifier: MIT */
/*
 * fuzz: what every target begins with. A target takes any bytes, gives them to
 * the library in blocks of exactly their size, and ensures what must hold of the
 * result. libFuzzer drives it, or replay.c over files.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <numaboot/acpi.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void ensure_at(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

/* Ends the run with the claim that does not hold. */
#define ensure(claim) ensure_at((claim), #claim, __FILE__, __LINE__)

/* Any bytes as a table; the signature is what stands in its place. */
static inline struct nb_table fuzz_table(const uint8_t *data, size_t size)
{
	struct nb_table table = { .at = data, .len = size };

	memcpy(table.signature, data, size < 4 ? size : 4);
	return table;
}

/* A copy in a block of its own size, so that a read beyond it is seen. */
static inline void *fuzz_copy(const void *data, size_t size)
{
	void *copy = malloc(size ? size : 1);

	ensure(copy != NULL);
	if (size)
		memcpy(copy, data, size);
	return copy;
}

/* Gives the next entry, and ensures that it lies in the table and goes on. */
static inline bool fuzz_next(struct nb_entry_walk *walk, struct nb_entry *entry)
{
	uint32_t from = walk->next;

	if (!nb_entry_next(walk, entry))
		return false;
	ensure(entry->rest.offset == from);
	ensure(entry->bytes.offset == from && entry->bytes.at == entry->rest.at);
	ensure(entry->rest.at == walk->table.at + from);
	ensure(entry->rest.len == walk->table.len - from);
	ensure(entry->bytes.len <= entry->rest.len && entry->bytes.len <= entry->length);
	ensure(walk->next > from || walk->fault.kind == NB_FAULT_ZERO_LENGTH);
	return true;
}

/* A reader that may leave bytes out ensures that its fault says so. */
static inline void fuzz_lenient(const struct nb_entry *entry, size_t need, uint32_t length,
				const struct nb_fault *fault)
{
	ensure(length == entry->length);
	ensure(fault->kind == (entry->rest.len < need ? NB_FAULT_TRUNCATED : NB_FAULT_NONE));
}

#endif
