/* SPDX-License-Identifier: MIT */
/*
 * pages: what memblock has left goes to the page allocator, and every CPU uses it.
 */
#ifndef HOSTS_BARE_PAGES_H
#define HOSTS_BARE_PAGES_H

#include <numaboot/boot.h>
#include <numaboot/pages.h>

/*
 * Takes the allocator's own memory from memblock, then gives it all frames that are
 * free, mapped and in a zone, with the marks that the boot's stage has set. Errors: NB_ERR_MEMORY, NB_ERR_FULL.
 */
NB_MUST_CHECK enum nb_err pages_take_over(struct nb_pages *pages, struct nb_boot *boot);

struct used {
	uint64_t free_pages;  /* before */
	uint64_t taken_pages; /* at the one moment when no CPU got any more */
	uint64_t near_pages;  /* of these, on the node of the CPU that took them */
	uint64_t wrong;       /* frames that are of another node, not in order, or not as filled */
};

/*
 * Has the boot CPU take large blocks, which have to come node by node in its fallback
 * order. Then all CPUs that run, at once, take single frames of their own nodes, fill,
 * check and free them; take blocks, the largest first, along the fallback order until
 * nothing is left; wait for each other; check what is theirs and free it.
 */
struct used pages_use(const struct nb_pages *pages, const struct nb_boot *boot);

#endif
