/* SPDX-License-Identifier: MIT */
/*
 * cpus_hpet: what is taken of memory right after the MADT was read: that the event timer's
 * registers lie in the address space is noted, with their name.
 *
 * Source: Linux 6.12 arch/x86/kernel/acpi/boot.c acpi_parse_hpet().
 */
#include "boot/cpus_build.h"
#include "boot/memblock.h"

#include <numaboot/rules.h>

enum {
	LINE = 64,
	NAME_BYTES = 9, /* "HPET" and a number */
};

enum nb_err nb_cpus_hpet(struct nb_memblock *mb, const struct nb_firmware *fw,
			 const struct nb_params *params, const struct nb_env *env)
{
	const struct nb_request request = {
		.size = env->config->resource_bytes + NAME_BYTES,
		.align = LINE,
		.nid = NB_NO_NODE,
	};
	enum nb_err err;
	nb_phys at;

	if (params->acpi_off || !nb_firmware_table(fw, "HPET"))
		return NB_OK;
	err = nb_memblock_get(mb, &request, NB_RESERVED_RESOURCES, &at, env);
	return err == NB_ERR_MEMORY ? NB_OK : err;
}
