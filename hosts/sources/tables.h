/* SPDX-License-Identifier: MIT */
/*
 * tables: ACPI tables as people pass them on, into a source.
 */
#ifndef HOSTS_SOURCES_TABLES_H
#define HOSTS_SOURCES_TABLES_H

#include "source.h"

/* Whether bytes begin with an ACPI table, or the pointer to the first one. */
bool tables_bytes_begin(struct nb_text bytes);

/* Whether a line begins a table in a dump: "SRAT @ 0x7ffe0000", or the first bytes. */
bool tables_text_begins(struct nb_text line);

enum { TABLE_NAMES = 7 };

/* The tables that the stages read. */
extern const char table_names[TABLE_NAMES][5];

/* The name of a table that stages read and that a signature was probably meant to be: it
 * is one letter off, or two beside each other are swapped. Null for one of them itself, for
 * another table's, and for what is like none of them. */
const char *table_meant(const char *signature);

/*
 * Adds a table, by its signature: of several with one signature from one place the
 * first counts, what came from another place before gives way. `where` lives as long
 * as the source. Tables that no stage reads count only where they lie, and where spoilt ones
 * are taken as what one was probably meant to be.
 */
void tables_add(struct source *source, const char *name, struct nb_text bytes, nb_phys address,
		const char *where);

/*
 * Adds all tables of bytes, or of a dump as text: acpidump's, iasl's raw data. False,
 * with a complaint, if the end of one is missing.
 */
bool tables_add_bytes(struct source *source, struct nb_text bytes, const char *where,
		      struct complaint *complaint);
bool tables_add_text(struct source *source, struct nb_text text, const char *where,
		     struct complaint *complaint);

/* These tables are all that there are: what they do not say is known not to be said. */
void tables_are_whole(struct source *source, const char *where);

#endif
