/* SPDX-License-Identifier: MIT */
/* resources: the stage that notes what lies where in the address space; see resources.c. */
#ifndef NB_BOOT_RESOURCES_H
#define NB_BOOT_RESOURCES_H

#include <numaboot/e820.h>
#include <numaboot/events.h>
#include <numaboot/firmware.h>
#include <numaboot/memblock.h>

NB_MUST_CHECK enum nb_err nb_resources_build(struct nb_memblock *mb, const struct nb_e820 *e820,
					     const struct nb_firmware *fw,
					     const struct nb_env *env);

#endif
