/* SPDX-License-Identifier: MIT */
/*
 * maker: an ACPI table that is made byte by byte.
 */
#ifndef HOSTS_SOURCES_MAKER_H
#define HOSTS_SOURCES_MAKER_H

#include "source.h"

struct maker {
	uint8_t *at;
	size_t len, most;
};

/* Begins a table of at most `most` bytes behind its header. */
struct maker maker_begin(struct pool *pool, const char *signature, uint8_t revision, size_t most);

/* Adds a number of so many bytes, the lowest first. */
void maker_put(struct maker *maker, uint64_t value, size_t bytes);

/* Sets the length and the checksum and adds the table to the source's. */
void maker_finish(struct source *source, struct maker *maker, nb_phys address);

#endif
