/* SPDX-License-Identifier: MIT */
/*
 * tables: the kernel takes ACPI tables out of the initramfs and puts them where
 * memblock has room; that place becomes a range of its own in the memory map.
 * Which tables it kept is seen in the tables themselves.
 *
 * Source: Linux 6.12 drivers/acpi/tables.c acpi_table_upgrade().
 */
#include "boot/tables.h"

#include "boot/memblock.h"

enum nb_err nb_tables_build(struct nb_e820 *e820, struct nb_memblock *mb,
			    const struct nb_firmware *fw, const struct nb_env *env)
{
	struct nb_range at = fw->facts.initrd_tables;
	enum nb_err err;

	if (at.start >= at.end)
		return NB_OK;
	err = nb_memblock_settle(mb, &mb->reserved, NB_TABLES,
				 nb_memblock_take(mb, at.start, at.end), env);
	return err ? err : nb_e820_add_tables(e820, at, env);
}
