/* SPDX-License-Identifier: MIT */
/*
 * identity: what the processor that runs says of itself.
 */
#ifndef HOSTS_BARE_IDENTITY_H
#define HOSTS_BARE_IDENTITY_H

#include <numaboot/firmware.h>

struct identity {
	char vendor[13], model[49];
	uint32_t family, model_number, stepping;
	uint32_t apic_id;                        /* of the processor that asked */
	uint8_t thread_shift, package_shift;     /* bits of the APIC ID below core and package */
	bool bsp, x2apic_mode;                   /* as its APIC says */
	bool x2apic, gb_pages, la57, no_execute; /* as CPUID says */
	bool hypervisor, kvm;                    /* one that Linux has a name for */
};

struct identity identify(void);

/* Puts into facts what the processor that runs, the boot CPU, knows of them. */
void identity_facts(const struct identity *id, struct nb_boot_facts *facts);

#endif
