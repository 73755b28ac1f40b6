/* SPDX-License-Identifier: MIT */
/*
 * watermarks: how many pages of each zone are kept back, from whom, and how many a
 * CPU keeps at hand.
 */
#ifndef NUMABOOT_WATERMARKS_H
#define NUMABOOT_WATERMARKS_H

#include <numaboot/managed.h>
#include <numaboot/params.h>
#include <numaboot/smp.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_env;

/* All in pages. */
struct nb_zone_watermarks {
	struct nb_page_marks marks; /* as nb_pages_set_marks() takes them */
	/* What each CPU keeps of a zone that has pages: how many it takes or gives
	 * back at once; with how many it begins to give back, at the least and, where
	 * that number grows with use, at the most. */
	uint64_t batch, high_min, high_max;
};

struct nb_watermarks {
	struct nb_zone_watermarks *zone; /* [nodes * NB_ZONES] */
	uint32_t nodes;
	uint64_t min_free_kib; /* the sum that the min marks share: min_free_kbytes */
};

/*
 * Sets the marks of all zones, with what `managed` says that they have at each time.
 * Errors: none yet.
 * Source: Linux 6.12 mm/page_alloc.c init_per_zone_wmark_min(),
 * __setup_per_zone_wmarks(), setup_per_zone_lowmem_reserve(), zone_batchsize(),
 * zone_highsize(); mm/khugepaged.c set_recommended_min_free_kbytes().
 */
NB_MUST_CHECK enum nb_err
nb_watermarks_build(struct nb_watermarks *watermarks, const struct nb_managed *managed,
		    const struct nb_zones *zones, const struct nb_smp *smp,
		    const struct nb_params *params, const struct nb_env *env);

/* The marks of a zone of a node. */
static inline struct nb_zone_watermarks *nb_zone_watermarks(const struct nb_watermarks *watermarks,
							    int32_t nid, uint32_t zone)
{
	nb_assert(nid >= 0 && (uint32_t)nid < watermarks->nodes && zone < NB_ZONES);
	return &watermarks->zone[(uint32_t)nid * NB_ZONES + zone];
}

#ifdef __cplusplus
}
#endif
#endif
