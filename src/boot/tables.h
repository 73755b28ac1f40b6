/* SPDX-License-Identifier: MIT */
/* tables: the stage in which the kernel finds its ACPI tables; see tables.c. */
#ifndef NB_BOOT_TABLES_H
#define NB_BOOT_TABLES_H

#include <numaboot/e820.h>
#include <numaboot/events.h>
#include <numaboot/memblock.h>

NB_MUST_CHECK enum nb_err nb_tables_build(struct nb_e820 *e820, struct nb_memblock *mb,
					  const struct nb_firmware *fw, const struct nb_env *env);

#endif
