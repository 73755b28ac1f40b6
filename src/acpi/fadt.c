/* SPDX-License-Identifier: MIT */
/*
 * fadt: how new the ACPI of this machine is: from 6.3 on a MADT says which
 * disabled processors may come online later. Linux compares the whole minor
 * byte, though its upper four bits count errata: arch/x86/kernel/acpi/boot.c
 * acpi_parse_madt(). Layout: ACPI 6.5 5.2.9.
 */
#include <numaboot/acpi.h>

#include "base/bytes.h"

enum { MINOR = 131 };

enum nb_err nb_fadt(const struct nb_table *table, struct nb_fadt *out, struct nb_fault *fault)
{
	struct nb_acpi_header header;
	enum nb_err err = nb_acpi_header(table, &header, fault);

	if (err)
		return err;
	*out = (struct nb_fadt){
		.major = header.revision,
		.minor = nb_u8(nb_acpi_bytes(table), MINOR),
	};
	return NB_OK;
}
