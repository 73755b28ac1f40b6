/* SPDX-License-Identifier: MIT */
/*
 * redact: takes what names a machine or its owner out of what is captured. Lengths stay,
 * since a boot depends on some: each byte becomes an X, or a zero in what is no text.
 */
#ifndef HOSTS_SOURCES_REDACT_H
#define HOSTS_SOURCES_REDACT_H

#include <numaboot/params.h>

/*
 * MAC and IP addresses, UUIDs, serial numbers, (user@host), values of words such as
 * hostname= and ip=, and the host's name wherever it is a word. Returns how many were
 * taken out.
 */
uint32_t redact_text(char *at, size_t len, struct nb_text host);

/* The boot protocol's page: the monitor's data and the disks' signatures. */
void redact_boot_page(char *at, size_t len);

#endif
