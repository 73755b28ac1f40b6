/* SPDX-License-Identifier: MIT */
/*
 * apic: the local APIC, in the mode that the firmware left it in, and time enough
 * to wake a processor with it.
 */
#ifndef HOSTS_BARE_APIC_H
#define HOSTS_BARE_APIC_H

#include <numaboot/base.h>

/* Turns the APIC of the processor that runs on, in x2APIC mode or not. */
void apic_enable(bool x2apic);

/* The ID that it has in this mode. */
uint32_t apic_id(bool x2apic);

/* Has another processor start in real mode at a page below 1 MiB: INIT, then SIPI. */
void apic_start(bool x2apic, uint32_t apic_id, nb_phys page);

/* Waits. At most 50. */
void wait_milliseconds(uint32_t milliseconds);

#endif
