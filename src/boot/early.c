/* SPDX-License-Identifier: MIT */
/*
 * early: what the kernel takes as soon as the direct map is there, and before it
 * knows of nodes:
 *
 *   log       a larger buffer, if log_buf_len= asks for one
 *   initrd    moved if it is not in the direct map
 *   tables    those that the initramfs brings go where memblock has room; that place
 *             becomes a range of its own in the memory map. Which tables the kernel
 *             kept is seen in the tables themselves
 *   tables    each ACPI table of the firmware is reserved
 *   APIC      a page for a table that maps its registers
 *
 * Linux 6.12 arch/x86/kernel/setup.c setup_arch(), drivers/acpi/tables.c
 * acpi_table_upgrade().
 */
#include "boot/early.h"

#include "base/bytes.h"
#include "boot/madt.h"
#include "boot/memblock.h"

#include <numaboot/events.h>
#include <numaboot/rules.h>

enum {
	ISA_END = 0x100000, /* 1 MiB */
	LOG_TEXT_EACH = 32, /* bytes of text that one record of the log is reckoned to have */
	TABLE_LENGTH = 4,   /* offset of a table's length: ACPI 6.5 5.2.6 */
};

/* Whether the direct map holds a range of pages without a hole. */
static bool is_mapped(const struct nb_memblock *mb, struct nb_range range, nb_phys end_of_ram)
{
	nb_phys at = range.start < ISA_END ? ISA_END : range.start;

	if (range.end > ISA_END && range.end > end_of_ram)
		return false;
	for (uint32_t i = nb_regions_first_above(&mb->memory, at);
	     at < range.end && i < mb->memory.count && nb_region_at(&mb->memory, i)->start <= at;
	     i++)
		at = nb_region_at(&mb->memory, i)->end;
	return at >= range.end;
}

/*
 * Takes the log buffer that the command line asks for: text, descriptors, records.
 * Where one of them finds no room all are given back.
 * Linux 6.12 kernel/printk/printk.c setup_log_buf().
 */
static enum nb_err take_log(struct nb_memblock *mb, const struct nb_params *params,
			    const struct nb_env *env)
{
	const struct nb_rules *rules = env->rules;
	const nb_phys sizes[] = {
		params->log_buf,
		params->log_buf / LOG_TEXT_EACH * rules->log_descriptor,
		params->log_buf / LOG_TEXT_EACH * rules->log_info,
	};
	struct nb_range pieces[NB_COUNT(sizes)] = { { 0 } };
	enum nb_err err = NB_OK;

	if (params->log_buf <= env->config->log_buf)
		return NB_OK;
	for (size_t i = 0; i < NB_COUNT(sizes) && !err; i++) {
		const struct nb_request request = {
			.size = sizes[i],
			.align = rules->log_align,
			.nid = NB_NO_NODE,
		};

		if (!sizes[i])
			continue;
		err = nb_memblock_get(mb, &request, NB_RESERVED_LOG, &pieces[i].start, env);
		if (!err)
			pieces[i].end = pieces[i].start + sizes[i];
	}
	for (size_t i = 0; i < NB_COUNT(sizes); i++) {
		if (err != NB_ERR_MEMORY)
			break;
		if (nb_memblock_give_back(mb, pieces[i], NB_RESERVED_LOG, env))
			return err;
	}
	return err == NB_ERR_MEMORY ? NB_OK : err;
}

/*
 * The initrd is read through the direct map: where the command line took RAM
 * away below it, it is copied to RAM that is left, and its old place is free.
 * Linux 6.12 arch/x86/kernel/setup.c reserve_initrd(), relocate_initrd().
 */
static enum nb_err place_initrd(struct nb_memblock *mb, const struct nb_boot_facts *facts,
				nb_phys end_of_ram, const struct nb_env *env)
{
	struct nb_range pages = nb_initrd_pages(facts);
	uint64_t size = nb_range_size(facts->initrd);

	if (pages.start >= pages.end || is_mapped(mb, pages, end_of_ram))
		return NB_OK;

	const struct nb_request request = {
		.size = nb_align_up(size, NB_PAGE_SIZE),
		.align = NB_PAGE_SIZE,
		.max = mb->limit,
		.nid = NB_NO_NODE,
	};
	nb_phys to;
	enum nb_err err = nb_memblock_get(mb, &request, NB_RESERVED_INITRD_MOVED, &to, env);

	if (err == NB_ERR_MEMORY) {
		nb_emit(env, .kind = NB_EV_DIES, .id = NB_EARLY, .why = NB_WHY_DIES_NO_INITRD_ROOM,
			.range = facts->initrd);
		return NB_ERR_DIES;
	}
	if (err)
		return err;
	mb->initrd = (struct nb_range){ to, to + request.size };
	nb_emit(env, .kind = NB_EV_INITRD_MOVED, .range = facts->initrd,
		.other = { to, to + size });
	return nb_memblock_give_back(mb, pages, NB_RESERVED_INITRD, env);
}

/* Tables are reserved to the byte, with the length that they claim.
 * Linux 6.12 drivers/acpi/tables.c acpi_reserve_initial_tables(). */
static enum nb_err reserve_tables(struct nb_memblock *mb, const struct nb_firmware *fw,
				  const struct nb_env *env)
{
	enum nb_err err = NB_OK;

	for (uint32_t i = 0; !err && i < fw->table_count; i++) {
		const struct nb_table *table = &fw->tables[i];
		struct nb_bytes bytes = { .at = table->at, .len = table->len };

		uint32_t taken = table->taken ? table->taken : nb_le32(bytes, TABLE_LENGTH);

		if (table->address != 0)
			err = nb_memblock_keep(mb, nb_capped(table->address, taken),
					       NB_RESERVED_TABLE, env);
	}
	return err;
}

/* Tables of the initramfs are copied below 4 GiB; without room for them they are not
 * taken. Linux 6.12 drivers/acpi/tables.c acpi_table_upgrade(). */
static enum nb_err place_initrd_tables(struct nb_e820 *e820, struct nb_memblock *mb, uint32_t bytes,
				       const struct nb_env *env)
{
	const struct nb_request request = {
		.size = bytes,
		.align = NB_PAGE_SIZE,
		.max = nb_min(mb->limit, 4 * NB_GIB),
		.nid = NB_NO_NODE,
	};
	enum nb_err err;
	nb_phys at;

	if (!bytes)
		return NB_OK;
	err = nb_memblock_get(mb, &request, NB_RESERVED_INITRD_TABLES, &at, env);
	if (err)
		return err == NB_ERR_MEMORY ? NB_OK : err;
	return nb_e820_add_tables(e820, (struct nb_range){ at, at + bytes }, env);
}

enum nb_err nb_early_map_apic(struct nb_memblock *mb, const struct nb_firmware *fw,
			      const struct nb_params *params, const struct nb_env *env)
{
	const struct nb_request request = {
		.size = NB_PAGE_SIZE,
		.align = NB_PAGE_SIZE,
		.nid = NB_NO_NODE,
	};
	nb_phys at;

	if (params->no_apic || !nb_madt_find(fw, params).table ||
	    nb_x2apic_mode(&fw->facts, params))
		return NB_OK;

	enum nb_err err = nb_memblock_get(mb, &request, NB_RESERVED_APIC_TABLE, &at, env);

	return err == NB_ERR_MEMORY ? NB_OK : err;
}

enum nb_err nb_early_build(struct nb_e820 *e820, struct nb_memblock *mb,
			   const struct nb_firmware *fw, const struct nb_params *params,
			   const struct nb_env *env)
{
	bool low_only = env->config->low_and_vmalloc != 0;
	nb_phys end_of_ram = nb_pfn_phys(low_only ? e820->max_low_pfn : e820->max_pfn);
	enum nb_err err = take_log(mb, params, env);

	if (!err)
		err = place_initrd(mb, &fw->facts, end_of_ram, env);
	if (!err)
		err = place_initrd_tables(e820, mb, fw->facts.initrd_tables_bytes, env);
	if (!err && !params->acpi_off && env->rules->tables_reserved)
		err = reserve_tables(mb, fw, env);
	if (!err && env->rules->apic_table == NB_APIC_TABLE_EARLY)
		err = nb_early_map_apic(mb, fw, params, env);
	return err;
}
