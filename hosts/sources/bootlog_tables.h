/* SPDX-License-Identifier: MIT */
/*
 * bootlog_tables: ACPI tables made from what a log says of them, so that a boot
 * finds what that kernel found. What a log does not hold is made up, and the
 * facts say so.
 */
#ifndef HOSTS_SOURCES_BOOTLOG_TABLES_H
#define HOSTS_SOURCES_BOOTLOG_TABLES_H

#include "source.h"

/*
 * Adds the tables that a log lists and that a boot reads: SRAT, MADT and SLIT,
 * with a FADT if it takes one to read the MADT. Learns the facts that say where
 * they are from.
 */
void log_tables_read(struct source *source, const struct boot_log *log);

#endif
