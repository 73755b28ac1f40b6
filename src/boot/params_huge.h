/* SPDX-License-Identifier: MIT */
/* params_huge: the words of the command line about huge pages; see params_huge.c. */
#ifndef NB_BOOT_PARAMS_HUGE_H
#define NB_BOOT_PARAMS_HUGE_H

#include <numaboot/events.h>
#include <numaboot/params.h>

/* What a number of pages may be for. */
enum nb_huge_size { NB_HUGE_UNNAMED, NB_HUGE_2M, NB_HUGE_1G, NB_HUGE_SIZES };

/* What the words so far have come to. All zero to begin. */
struct nb_huge_words {
	enum nb_huge_size now;        /* what the next number is for */
	enum nb_huge_size by_default; /* default_hugepagesz=; unnamed: none yet */
	bool ignores_next;            /* the size named last spoils the next number */
	bool has[NB_HUGE_SIZES];      /* sizes that were named */
	bool counted[NB_HUGE_SIZES];
	bool any_counted;
	enum nb_huge_size last; /* what the last number was for */
	struct nb_huge_pages pages[NB_HUGE_SIZES];
};

/* Obeys one parameter, if it is about huge pages. */
void nb_huge_words_read(struct nb_huge_words *words, const struct nb_param *param,
			const struct nb_env *env);

/*
 * How many pages a list like "0:2,1:3" asks of a node, nodes in any order: the last word
 * counts. *wrong: it is no such list.
 */
uint64_t nb_huge_pages_of_node(struct nb_text list, int32_t nid, bool *wrong);

/* Whether all nodes of such a list are among others. */
bool nb_huge_pages_are_of(struct nb_text list, const struct nb_nodes *nodes);

#endif
