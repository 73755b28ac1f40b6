/* SPDX-License-Identifier: MIT */
/*
 * bounce: devices that address 32 bits have what they transfer copied through buffers
 * below 4 GiB. Newer lines cut them into an area for each processor, which may take more
 * of them, and take fewer where there is no room for all.
 *
 * What says which buffers are free lies anywhere. Memory encryption, which needs more
 * buffers, is not modelled; whether an IOMMU makes them needless shows later.
 *
 * Source: Linux 6.12 kernel/dma/swiotlb.c, arch/x86/kernel/pci-dma.c.
 */
#include <numaboot/bounce.h>

#include "boot/memblock.h"

#include <numaboot/rules.h>

enum {
	SLAB = 2 << 10,        /* bytes: a buffer */
	AREA = 128 * SLAB,     /* the least of an area, and of what is asked for */
	LEAST_BYTES = 1 << 20, /* less is of no use */
};

#define REACH (4 * NB_GIB)

/* The next power of two, as far as there is one. */
static uint64_t power_above(uint64_t number)
{
	const uint64_t last = (uint64_t)1 << 63;
	uint64_t power = 1;

	while (power < number && power < last)
		power <<= 1;
	return power;
}

/* Whether anything may lie out of a device's reach. */
static bool is_needed(const struct nb_e820 *e820, const struct nb_numa *numa,
		      const struct nb_params *params, const struct nb_env *env)
{
	nb_phys end = nb_pfn_phys(e820->end_pfn);

	if (env->rules->bounce_by_possible)
		end = nb_max(end, numa->max_possible);

	return params->bounce_forced || params->bounce_soft || (!params->no_iommu && end > REACH);
}

/* An area for each processor, and enough buffers for all areas. */
static nb_phys in_areas(nb_phys bytes, const struct nb_cpus *cpus, const struct nb_env *env)
{
	uint64_t areas = power_above(cpus->possible);
	nb_phys rounded = power_above(nb_max(bytes, areas * AREA));

	nb_emit(env, .kind = NB_EV_BOUNCE_AREAS, .got = areas);
	if (rounded != bytes)
		nb_emit(env, .kind = NB_EV_BOUNCE_ROUNDED, .got = rounded);
	return rounded;
}

static enum nb_err take(struct nb_memblock *mb, nb_phys bytes, nb_phys max, nb_phys *at,
			const struct nb_env *env)
{
	const struct nb_request request = {
		.size = nb_align_up(bytes, NB_PAGE_SIZE),
		.align = NB_PAGE_SIZE,
		.max = max ? nb_min(max, mb->limit) : 0, /* memblock_alloc_internal() */
		.nid = NB_NO_NODE,
	};

	return nb_memblock_get(mb, &request, NB_RESERVED_BOUNCE, at, env);
}

/* The buffers, where newer lines try half as many each time that there is no room. */
static enum nb_err take_buffers(struct nb_memblock *mb, nb_phys *bytes, nb_phys *at,
				const struct nb_env *env)
{
	const nb_phys asked = *bytes;
	enum nb_err err = take(mb, *bytes, REACH - 1, at, env);

	while (err == NB_ERR_MEMORY && env->rules->bounce_in_areas && *bytes > LEAST_BYTES) {
		*bytes = nb_align_up(*bytes / 2, AREA);
		err = take(mb, *bytes, REACH - 1, at, env);
	}
	if (!err && *bytes != asked)
		nb_emit(env, .kind = NB_EV_BOUNCE_FEWER, .got = asked / SLAB,
			.limit = *bytes / SLAB);
	return err;
}

enum nb_err nb_bounce_build(struct nb_bounce *bounce, struct nb_memblock *mb,
			    const struct nb_e820 *e820, const struct nb_numa *numa,
			    const struct nb_cpus *cpus, const struct nb_params *params,
			    const struct nb_env *env)
{
	nb_phys bytes = params->bounce_bytes, at;
	enum nb_err err;

	*bounce = (struct nb_bounce){ 0 };
	if (!is_needed(e820, numa, params, env) || params->bounce_off || !bytes)
		return NB_OK;
	if (env->rules->bounce_in_areas)
		bytes = in_areas(bytes, cpus, env);
	err = take_buffers(mb, &bytes, &at, env);
	if (err == NB_ERR_MEMORY) {
		nb_emit(env, .kind = NB_EV_BOUNCE_FAILED, .got = bytes);
		return NB_OK;
	}
	if (err)
		return err;
	bounce->buffers = (struct nb_range){ at, at + bytes };
	nb_emit(env, .kind = NB_EV_BOUNCE_TAKEN, .range = bounce->buffers);
	err = take(mb, bytes / SLAB * env->rules->bounce_slab_bytes, 0, &at, env);
	return err == NB_ERR_MEMORY ? NB_OK : err;
}
