/* SPDX-License-Identifier: MIT */
/*
 * memblock: the stage that fills memblock: first what is taken, so that nothing
 * is given out that is still needed, then the RAM, then what is asked of it.
 *
 *   reserve   kernel image, start of low memory, initrd, setup data, BIOS area: all
 *             that before the map is read; tables that were found; what is used of
 *             the image's brk area
 *   fill      RAM of the map, in whole pages; soft reserved is reserved
 *   EFI       what its boot services use is reserved
 *   low MiB   the trampoline takes a piece, all or the start of it is reserved
 *
 * What is found by a look at memory is a fact of the machine: the MP table, the memory
 * that EFI's memory map and its attributes table lie in. Not modelled are the iBFT and
 * the quirk of Sandy Bridge graphics.
 *
 * Linux 6.12 arch/x86/kernel/setup.c setup_arch().
 */
#include "boot/memblock.h"

#include <numaboot/e820.h>
#include <numaboot/firmware.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>

enum {
	SLOTS = 128,            /* INIT_MEMBLOCK_REGIONS */
	BIOS_LOW_MIN = 0x20000, /* ebda.c: a lower end of low memory is insane */
	BIOS_LOW_MAX = 0x9f000, /* and a higher one is not believed */
	ISA_END = 0x100000,     /* 1 MiB */
};

static void tell(const struct nb_memblock *mb, enum nb_event_kind kind, struct nb_range range,
		 enum nb_reserved_for reason, const struct nb_env *env)
{
	enum { TRACED = 1, OF_SECTIONS = 2 }; /* old lines have another word for these */
	uint32_t flags = mb->traced ? TRACED : 0;

	if (reason == NB_RESERVED_SECTIONS)
		flags |= OF_SECTIONS;
	nb_emit(env, .kind = kind, .range = range, .id = reason, .flags = flags);
}

/* The storage that the array of a doubling had before, if it was not the static one. */
static void tell_old_storage(const struct nb_memblock *mb, const struct nb_doubling *doubling,
			     const struct nb_env *env)
{
	for (const struct nb_doubling *old = doubling; old-- > mb->doubled;)
		if (old->of_reserved == doubling->of_reserved) {
			tell(mb, NB_EV_FREED, old->storage, NB_RESERVED_REGIONS, env);
			return;
		}
}

void nb_memblock_tell(struct nb_memblock *mb, const struct nb_env *env)
{
	for (; mb->doubled_told < mb->doubled_count; mb->doubled_told++) {
		const struct nb_doubling *doubling = &mb->doubled[mb->doubled_told];

		nb_emit(env, .kind = NB_EV_REGIONS_DOUBLED, .flags = doubling->of_reserved,
			.range = doubling->storage, .got = doubling->regions);
		tell_old_storage(mb, doubling, env);
		tell(mb, NB_EV_RESERVED, doubling->storage, NB_RESERVED_REGIONS, env);
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

/* The stage that reserves something. */
static enum nb_stage stage_of(enum nb_reserved_for reason)
{
	if (reason >= NB_RESERVED_BOUNCE)
		return NB_BOUNCE;
	if (reason >= NB_RESERVED_HASH)
		return NB_HASHES_STAGE;
	if (reason >= NB_RESERVED_HUGE_PAGE)
		return NB_HUGE_PAGES;
	if (reason >= NB_RESERVED_RESOURCES)
		return NB_RESOURCES;
	if (reason >= NB_RESERVED_SECTIONS)
		return NB_ZONES_STAGE;
	if (reason >= NB_RESERVED_CRASH)
		return NB_CRASH;
	if (reason >= NB_RESERVED_DISTANCES)
		return NB_NUMA;
	if (reason >= NB_RESERVED_LOG)
		return NB_EARLY;
	return reason >= NB_RESERVED_FIRST_BLOCK ? NB_MAPPING : NB_MEMBLOCK;
}

enum nb_err nb_memblock_keep(struct nb_memblock *mb, struct nb_range range,
			     enum nb_reserved_for reason, const struct nb_env *env)
{
	if (range.start >= range.end)
		return NB_OK;

	enum nb_err err = is_kernels(reason) ? nb_memblock_take(mb, range.start, range.end)
					     : nb_memblock_reserve(mb, range.start, range.end);

	if (!err)
		tell(mb, NB_EV_RESERVED, range, reason, env);
	return nb_memblock_settle(mb, &mb->reserved, stage_of(reason), err, env);
}

enum nb_err nb_memblock_get(struct nb_memblock *mb, const struct nb_request *request,
			    enum nb_reserved_for reason, nb_phys *at, const struct nb_env *env)
{
	enum nb_err err = nb_memblock_alloc(mb, request, at);

	nb_assert(mb->may_double || !mb->reserved_slots || err != NB_ERR_DIES);
	if (err == NB_ERR_MEMORY) {
		nb_memblock_tell(mb, env);
		return err;
	}
	if (!err)
		tell(mb, NB_EV_RESERVED, (struct nb_range){ *at, *at + request->size }, reason,
		     env);
	return nb_memblock_settle(mb, &mb->reserved, stage_of(reason), err, env);
}

enum nb_err nb_memblock_give_back(struct nb_memblock *mb, struct nb_range range,
				  enum nb_reserved_for reason, const struct nb_env *env)
{
	if (range.start >= range.end)
		return NB_OK;
	tell(mb, NB_EV_FREED, range, reason, env);
	return nb_memblock_settle(mb, &mb->reserved, stage_of(reason),
				  nb_memblock_free(mb, range.start, range.end), env);
}

struct nb_range nb_capped(nb_phys start, uint64_t size)
{
	return (struct nb_range){ start, start + nb_min(size, UINT64_MAX - start) };
}

struct nb_range nb_initrd_pages(const struct nb_boot_facts *facts)
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

/* What is used of the kernel's brk area, the end of what stays reserved of its image. */
static struct nb_range brk_of(const struct nb_boot_facts *facts, const struct nb_env *env)
{
	return (struct nb_range){ facts->kernel.end - env->config->brk_bytes, facts->kernel.end };
}

/* Linux 6.12 arch/x86/kernel/setup.c early_reserve_memory(). */
static enum nb_err reserve_early(struct nb_memblock *mb, const struct nb_boot_facts *facts,
				 const struct nb_env *env)
{
	const struct nb_range low = { 0, env->rules->low_reserved_early };
	enum nb_err err = nb_memblock_keep(mb, facts->kernel, NB_RESERVED_KERNEL, env);

	if (!err)
		err = nb_memblock_keep(mb, low, NB_RESERVED_LOW_MEMORY, env);
	mb->initrd = nb_initrd_pages(facts);
	if (!err)
		err = nb_memblock_keep(mb, mb->initrd, NB_RESERVED_INITRD, env);
	for (uint32_t i = 0; !err && i < facts->setup_data_count; i++)
		err = nb_memblock_keep(mb, facts->setup_data[i], NB_RESERVED_SETUP_DATA, env);
	if (!err && !env->rules->bios_area_late)
		err = nb_memblock_keep(mb, bios_area(facts), NB_RESERVED_BIOS_AREA, env);
	return err;
}

static enum nb_err add_ram(struct nb_memblock *mb, struct nb_range range, const struct nb_env *env)
{
	if (range.start >= range.end)
		return NB_OK;

	enum nb_err err = nb_memblock_add(mb, range.start, range.end, NB_NO_NODE, 0);

	if (!err)
		nb_emit(env, .kind = NB_EV_MEMORY_ADDED, .range = range, .flags = mb->traced);
	return nb_memblock_settle(mb, &mb->memory, NB_MEMBLOCK, err, env);
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
		struct nb_range range = nb_capped(entry->start, entry->size);

		if (entry->type == NB_E820_SOFT_RESERVED && env->rules->e820_soft_reserved)
			err = nb_memblock_keep(mb, range, NB_RESERVED_SOFT, env);
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
	enum nb_err err =
		nb_memblock_get(mb, &request, NB_RESERVED_TRAMPOLINE, &mb->trampoline, env);

	if (err == NB_ERR_MEMORY && env->rules->trampoline_or_panic) {
		nb_emit(env, .kind = NB_EV_DIES, .id = NB_MEMBLOCK, .why = NB_WHY_DIES_NO_LOW_RAM);
		return NB_ERR_DIES;
	}
	if (err == NB_ERR_MEMORY) {
		nb_emit(env, .kind = NB_EV_NO_TRAMPOLINE);
		return NB_OK;
	}
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
		return nb_memblock_keep(mb, whole, NB_RESERVED_LOW_MEMORY, env);
	if (for_crash)
		err = nb_memblock_keep(mb, whole, NB_RESERVED_LOW_MEMORY, env);
	return err ? err : nb_memblock_keep(mb, start, NB_RESERVED_LOW_MEMORY, env);
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
			err = nb_memblock_keep(mb, facts->efi_boot[i], NB_RESERVED_EFI_BOOT, env);
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

	nb_memblock_init(mb, mb->memory.store, mb->reserved.store, mb->memory.cap);
	mb->reserved.cap = reserved_cap;
	mb->watch = watch;
	set_rules(mb, fw, params, env);
	return reserve_early(mb, &fw->facts, env);
}

enum nb_err nb_memblock_build(struct nb_memblock *mb, const struct nb_e820 *e820,
			      const struct nb_firmware *fw, const struct nb_params *params,
			      const struct nb_env *env)
{
	enum nb_err err = NB_OK;

	for (uint32_t i = 0; !err && i < fw->facts.found_count; i++)
		err = nb_memblock_keep(mb, fw->facts.found[i], NB_RESERVED_FOUND, env);
	mb->traced = params->memblock_debug; /* the command line is read by now */
	if (!err)
		err = nb_memblock_keep(mb, brk_of(&fw->facts, env), NB_RESERVED_BRK, env);
	if (!err)
		err = fill(mb, &e820->map, env);

	if (!err && env->rules->bios_area_late)
		err = nb_memblock_keep(mb, bios_area(&fw->facts), NB_RESERVED_BIOS_AREA, env);
	if (!err)
		err = reserve_efi_boot(mb, &fw->facts, env);
	return err ? err : take_low_memory(mb, params, env);
}
