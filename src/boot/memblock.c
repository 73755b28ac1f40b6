/* SPDX-License-Identifier: MIT */
/*
 * memblock: the stage that fills memblock: first what is taken, so that nothing
 * is given out that is still needed, then the RAM, then what is asked of it.
 *
 *   reserve   kernel image, start of low memory, initrd, setup data, BIOS area: all
 *             that before the map is read
 *   fill      RAM of the map, in whole pages; soft reserved is reserved
 *   EFI       what its boot services use is reserved
 *   low MiB   the trampoline takes a piece, all or the start of it is reserved
 *   direct map: from here on allocations may lie anywhere in it
 *   log       a larger buffer, if log_buf_len= asks for one
 *   initrd    moved if it is not in the direct map
 *   tables    each ACPI table is reserved
 *
 * The page tables of the direct map, where brk does not suffice for them, are not
 * modelled yet. Their place is at "direct map", so that what is taken later lies
 * higher here than in a kernel that needs many of them.
 * Nor is what is found by a look at memory: the iBFT, the MP table (which lies
 * in the BIOS area), the quirk of Sandy Bridge graphics, and the memory that EFI's
 * memory map and its attributes table lie in.
 *
 * Linux 6.12 arch/x86/kernel/setup.c setup_arch().
 */
#include "boot/memblock.h"

#include "base/bytes.h"

#include <numaboot/e820.h>
#include <numaboot/firmware.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>

enum {
	SLOTS = 128,            /* INIT_MEMBLOCK_REGIONS */
	BIOS_LOW_MIN = 0x20000, /* ebda.c: a lower end of low memory is insane */
	BIOS_LOW_MAX = 0x9f000, /* and a higher one is not believed */
	ISA_END = 0x100000,     /* 1 MiB */
	LOG_TEXT_EACH = 32,     /* bytes of text that one record of the log is reckoned to have */
	TABLE_LENGTH = 4,       /* offset of a table's length: ACPI 6.5 5.2.6 */
};

void nb_memblock_tell(struct nb_memblock *mb, const struct nb_env *env)
{
	for (; mb->doubled_told < mb->doubled_count; mb->doubled_told++) {
		const struct nb_doubling *doubling = &mb->doubled[mb->doubled_told];

		nb_emit(env, .kind = NB_EV_REGIONS_DOUBLED, .flags = doubling->of_reserved,
			.range = doubling->storage, .got = doubling->regions);
	}
}

enum nb_err nb_memblock_settle(struct nb_memblock *mb, const struct nb_regions *set,
			       enum nb_stage stage, enum nb_err err, const struct nb_env *env)
{
	bool of_reserved = set == &mb->reserved;

	nb_memblock_tell(mb, env);
	if (err == NB_ERR_DIES && !mb->may_double && !env->rules->regions_full_panics)
		return NB_OK; /* the request is lost, and nobody says so */
	if (err == NB_ERR_MEMORY) {
		nb_emit(env, .kind = NB_EV_REGIONS_LOST, .flags = of_reserved,
			.got = of_reserved ? mb->reserved_slots : mb->memory_slots,
			.limit = 2 * (of_reserved ? mb->reserved_slots : mb->memory_slots));
		return NB_OK;
	}
	if (err == NB_ERR_DIES)
		nb_emit(env, .kind = NB_EV_DIES, .id = stage, .why = NB_WHY_DIES_REGIONS_FULL);
	return err;
}

/* Whether something is the kernel's own, rather than the firmware's. */
static bool is_kernels(enum nb_reserved_for reason)
{
	return reason == NB_RESERVED_KERNEL || reason == NB_RESERVED_INITRD ||
	       reason == NB_RESERVED_SETUP_DATA;
}

static enum nb_err reserve(struct nb_memblock *mb, struct nb_range range,
			   enum nb_reserved_for reason, const struct nb_env *env)
{
	if (range.start >= range.end)
		return NB_OK;

	enum nb_err err = is_kernels(reason) ? nb_memblock_take(mb, range.start, range.end)
					     : nb_memblock_reserve(mb, range.start, range.end);
	enum nb_err settled = nb_memblock_settle(mb, &mb->reserved, NB_MEMBLOCK, err, env);

	if (!err)
		nb_emit(env, .kind = NB_EV_RESERVED, .range = range, .id = reason);
	return settled;
}

/* Size bytes from start on, as far as addresses go: memblock_cap_size(). */
static struct nb_range capped(nb_phys start, uint64_t size)
{
	return (struct nb_range){ start, start + nb_min(size, UINT64_MAX - start) };
}

/* The initrd's pages; only its end may lie inside one. Empty: there is none. */
static struct nb_range initrd_pages(const struct nb_boot_facts *facts)
{
	struct nb_range initrd = facts->initrd;

	if (initrd.start == 0 || initrd.end > nb_align_down(UINT64_MAX, NB_PAGE_SIZE))
		return (struct nb_range){ 0 };
	initrd.end = nb_align_up(initrd.end, NB_PAGE_SIZE);
	return initrd;
}

/* From the end of low memory as the BIOS tells it, if it can be believed, or
 * from its extended data area up. Linux 6.12 arch/x86/kernel/ebda.c. */
static struct nb_range bios_area(const struct nb_boot_facts *facts)
{
	nb_phys start = facts->bios_low_kib * NB_KIB;

	if (start < BIOS_LOW_MIN || start > BIOS_LOW_MAX)
		start = BIOS_LOW_MAX;
	if (facts->ebda >= BIOS_LOW_MIN && facts->ebda < start)
		start = facts->ebda;
	return (struct nb_range){ start, ISA_END };
}

/* Linux 6.12 arch/x86/kernel/setup.c early_reserve_memory(). */
static enum nb_err reserve_early(struct nb_memblock *mb, const struct nb_boot_facts *facts,
				 const struct nb_env *env)
{
	const struct nb_range low = { 0, env->rules->low_reserved_early };
	enum nb_err err = reserve(mb, facts->kernel, NB_RESERVED_KERNEL, env);

	if (!err)
		err = reserve(mb, low, NB_RESERVED_LOW_MEMORY, env);
	if (!err)
		err = reserve(mb, initrd_pages(facts), NB_RESERVED_INITRD, env);
	for (uint32_t i = 0; !err && i < facts->setup_data_count; i++)
		err = reserve(mb, facts->setup_data[i], NB_RESERVED_SETUP_DATA, env);
	if (!err && !env->rules->bios_area_late)
		err = reserve(mb, bios_area(facts), NB_RESERVED_BIOS_AREA, env);
	return err;
}

static enum nb_err add_ram(struct nb_memblock *mb, struct nb_range range, const struct nb_env *env)
{
	if (range.start >= range.end)
		return NB_OK;
	return nb_memblock_settle(mb, &mb->memory, NB_MEMBLOCK,
				  nb_memblock_add(mb, range.start, range.end, NB_NO_NODE, 0), env);
}

/* What the kernel may use in the end, though the boot loader's data be in it. */
static bool is_memory(uint32_t type, const struct nb_rules *rules)
{
	return type == NB_E820_RAM || (type == NB_E820_RESERVED_KERN && rules->e820_setup_data);
}

/* Marks the first MiB for early allocations, or clears the mark, which may cut
 * regions. Linux 7.3 mm/memblock.c memblock_mark_kho_scratch(). */
static enum nb_err mark_early(struct nb_memblock *mb, bool on, const struct nb_env *env)
{
	const struct nb_range low = { 0, ISA_END };

	if (!env->rules->low_memory_marked)
		return NB_OK;
	return nb_memblock_settle(mb, &mb->memory, NB_MEMBLOCK,
				  nb_memblock_set_flags(mb, &mb->memory, low, NB_REGION_EARLY, on),
				  env);
}

/*
 * Fills memory from the map. What has been reserved is known by now, so the
 * arrays may be doubled, but only the first MiB is mapped yet.
 * Linux 6.12 arch/x86/kernel/e820.c e820__memblock_setup().
 */
static enum nb_err fill(struct nb_memblock *mb, const struct nb_e820_map *map,
			const struct nb_env *env)
{
	enum nb_err err = NB_OK;

	mb->limit = ISA_END;
	mb->may_double = true;
	for (uint32_t i = 0; !err && i < map->count; i++) {
		const struct nb_e820_entry *entry = &map->at[i];
		struct nb_range range = capped(entry->start, entry->size);

		if (entry->type == NB_E820_SOFT_RESERVED && env->rules->e820_soft_reserved)
			err = reserve(mb, range, NB_RESERVED_SOFT, env);
		else if (is_memory(entry->type, env->rules))
			err = add_ram(mb, range, env);
	}
	if (!err)
		err = mark_early(mb, true, env);
	if (err)
		return err;
	nb_memblock_trim(mb, NB_PAGE_SIZE);
	nb_emit(env, .kind = NB_EV_MEMORY_FILLED, .got = mb->memory_size,
		.limit = nb_regions_size(&mb->reserved),
		.more = { mb->memory.count, mb->reserved.count });
	return NB_OK;
}

/* Allocates; that there is no such memory is for the caller to judge. */
static enum nb_err allocate(struct nb_memblock *mb, const struct nb_request *request,
			    nb_phys *address, const struct nb_env *env)
{
	enum nb_err err = nb_memblock_alloc(mb, request, address);

	if (err != NB_ERR_MEMORY)
		return nb_memblock_settle(mb, &mb->reserved, NB_MEMBLOCK, err, env);
	nb_memblock_tell(mb, env);
	return err;
}

/*
 * CPUs start in real mode, so their code needs a place below 1 MiB. Without one
 * old kernels panic; others say so and go on until they are about to start the
 * CPUs (with EFI one may be found in what the boot services leave: not modelled).
 * Linux 6.12 arch/x86/realmode/init.c reserve_real_mode().
 */
static enum nb_err place_trampoline(struct nb_memblock *mb, const struct nb_env *env)
{
	const struct nb_request request = { .size = env->config->trampoline_bytes,
					    .align = NB_PAGE_SIZE,
					    .max = ISA_END,
					    .nid = NB_NO_NODE };
	enum nb_err err = allocate(mb, &request, &mb->trampoline, env);

	if (err == NB_ERR_MEMORY && env->rules->trampoline_or_panic) {
		nb_emit(env, .kind = NB_EV_DIES, .id = NB_MEMBLOCK, .why = NB_WHY_DIES_NO_LOW_RAM);
		return NB_ERR_DIES;
	}
	if (err == NB_ERR_MEMORY) {
		nb_emit(env, .kind = NB_EV_NO_TRAMPOLINE);
		return NB_OK;
	}
	if (!err)
		nb_emit(env, .kind = NB_EV_RESERVED, .id = NB_RESERVED_TRAMPOLINE,
			.range = { mb->trampoline,
				   mb->trampoline + env->config->trampoline_bytes });
	return err;
}

/*
 * All of the first MiB, since BIOSes are known to write there, or its start; all of
 * it too for a crash kernel, but only behind a trampoline.
 * Linux 6.12 arch/x86/realmode/init.c reserve_real_mode(), Linux 5.10
 * arch/x86/kernel/setup.c trim_low_memory_range().
 */
static enum nb_err reserve_low(struct nb_memblock *mb, const struct nb_params *params,
			       const struct nb_env *env)
{
	const struct nb_range whole = { 0, ISA_END };
	const struct nb_range start = { 0, nb_align_up(params->reserve_low, NB_PAGE_SIZE) };
	bool for_crash = env->rules->low_reserved_for_crash && params->crashkernel &&
			 mb->trampoline != 0;
	enum nb_err err = NB_OK;

	if (env->rules->low_reserved_whole)
		return reserve(mb, whole, NB_RESERVED_LOW_MEMORY, env);
	if (for_crash)
		err = reserve(mb, whole, NB_RESERVED_LOW_MEMORY, env);
	return err ? err : reserve(mb, start, NB_RESERVED_LOW_MEMORY, env);
}

/* What becomes of the first MiB once memblock knows the RAM. */
static enum nb_err take_low_memory(struct nb_memblock *mb, const struct nb_params *params,
				   const struct nb_env *env)
{
	enum nb_err err = place_trampoline(mb, env);

	if (!err)
		err = reserve_low(mb, params, env);
	return err ? err : mark_early(mb, false, env);
}

/*
 * The end of the direct map, which holds the first MiB and all RAM up to the end
 * that the map gave, or up to the end of low memory.
 * Linux 6.12 arch/x86/mm/init.c init_mem_mapping().
 */
static nb_phys end_of_mapped(const struct nb_memblock *mb, nb_phys end_of_ram)
{
	for (uint32_t i = mb->memory.count; i > 0; i--)
		if (mb->memory.at[i - 1].start < end_of_ram)
			return nb_max(ISA_END, nb_min(mb->memory.at[i - 1].end, end_of_ram));
	return ISA_END;
}

/* Whether the direct map holds a range of pages without a hole. */
static bool is_mapped(const struct nb_memblock *mb, struct nb_range range, nb_phys end_of_ram)
{
	nb_phys at = range.start < ISA_END ? ISA_END : range.start;

	if (range.end > ISA_END && range.end > end_of_ram)
		return false;
	for (uint32_t i = nb_regions_first_above(&mb->memory, at);
	     at < range.end && i < mb->memory.count && mb->memory.at[i].start <= at; i++)
		at = mb->memory.at[i].end;
	return at >= range.end;
}

/* What EFI's boot services use must not be given out before they have ended; a
 * range of which a part is taken already is left alone.
 * Linux 6.12 arch/x86/platform/efi/quirks.c efi_reserve_boot_services(). */
static enum nb_err reserve_efi_boot(struct nb_memblock *mb, const struct nb_boot_facts *facts,
				    const struct nb_env *env)
{
	enum nb_err err = NB_OK;

	for (uint32_t i = 0; !err && i < facts->efi_boot_count; i++)
		if (!nb_regions_overlap(&mb->reserved, facts->efi_boot[i].start,
					facts->efi_boot[i].end))
			err = reserve(mb, facts->efi_boot[i], NB_RESERVED_EFI_BOOT, env);
	return err;
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
		err = allocate(mb, &request, &pieces[i].start, env);
		if (!err)
			pieces[i].end = pieces[i].start + sizes[i];
	}
	for (size_t i = 0; i < NB_COUNT(sizes); i++) {
		if (pieces[i].start == pieces[i].end)
			continue;
		if (!err)
			nb_emit(env, .kind = NB_EV_RESERVED, .id = NB_RESERVED_LOG,
				.range = pieces[i]);
		else if (nb_memblock_settle(mb, &mb->reserved, NB_MEMBLOCK,
					    nb_memblock_free(mb, pieces[i].start, pieces[i].end),
					    env))
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
	struct nb_range pages = initrd_pages(facts);
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
	enum nb_err err = allocate(mb, &request, &to, env);

	if (err == NB_ERR_MEMORY) {
		nb_emit(env, .kind = NB_EV_DIES, .id = NB_MEMBLOCK,
			.why = NB_WHY_DIES_NO_INITRD_ROOM, .range = facts->initrd);
		return NB_ERR_DIES;
	}
	if (err)
		return err;
	nb_emit(env, .kind = NB_EV_INITRD_MOVED, .range = facts->initrd,
		.other = { to, to + size });
	return nb_memblock_settle(mb, &mb->reserved, NB_MEMBLOCK,
				  nb_memblock_free(mb, pages.start, pages.end), env);
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

		if (table->address != 0)
			err = reserve(mb, capped(table->address, nb_le32(bytes, TABLE_LENGTH)),
				      NB_RESERVED_TABLE, env);
	}
	return err;
}

/* How this kernel's memblock searches and reserves. */
static void set_rules(struct nb_memblock *mb, const struct nb_firmware *fw,
		      const struct nb_params *params, const struct nb_env *env)
{
	mb->memory_slots = mb->reserved_slots = SLOTS;
	mb->skip_hotplug = params->movable_node && env->config->memory_hotplug;
	/* Until the SRAT says which memory can go, stay close to the kernel. */
	mb->bottom_up = mb->skip_hotplug;
	mb->upwards_from = env->rules->upwards_above_kernel ? fw->facts.kernel_end : 0;
	mb->upwards_takes_hotplug = !env->rules->upwards_skips_hotplug;
	mb->unset_node = env->rules->unset_node_apart ? NB_UNSET_NODE : NB_NO_NODE;
	mb->region_bytes = env->rules->region_bytes;
	mb->marks_kernel = env->rules->kernel_memory_marked;
}

enum nb_err nb_memblock_begin(struct nb_memblock *mb, const struct nb_firmware *fw,
			      const struct nb_params *params, const struct nb_env *env)
{
	struct nb_memblock_watch *watch = mb->watch;
	uint32_t reserved_cap = mb->reserved.cap;

	nb_memblock_init(mb, mb->memory.at, mb->reserved.at, mb->memory.cap);
	mb->reserved.cap = reserved_cap;
	mb->watch = watch;
	set_rules(mb, fw, params, env);
	return reserve_early(mb, &fw->facts, env);
}

enum nb_err nb_memblock_build(struct nb_memblock *mb, const struct nb_e820 *e820,
			      const struct nb_firmware *fw, const struct nb_params *params,
			      const struct nb_env *env)
{
	bool low_only = env->config->low_and_vmalloc != 0;
	nb_phys end_of_ram = nb_pfn_phys(low_only ? e820->max_low_pfn : e820->max_pfn);
	enum nb_err err = fill(mb, &e820->map, env);

	if (!err && env->rules->bios_area_late)
		err = reserve(mb, bios_area(&fw->facts), NB_RESERVED_BIOS_AREA, env);
	if (!err)
		err = reserve_efi_boot(mb, &fw->facts, env);
	if (!err)
		err = take_low_memory(mb, params, env);
	if (err)
		return err;

	mb->limit = end_of_mapped(mb, end_of_ram);
	err = take_log(mb, params, env);
	if (!err)
		err = place_initrd(mb, &fw->facts, end_of_ram, env);
	if (!err && !params->acpi_off && env->rules->tables_reserved)
		err = reserve_tables(mb, fw, env);
	return err;
}
