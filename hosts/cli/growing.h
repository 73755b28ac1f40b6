/* SPDX-License-Identifier: MIT */
/*
 * growing: text in memory that grows as it is written.
 */
#ifndef HOSTS_CLI_GROWING_H
#define HOSTS_CLI_GROWING_H

#include <numaboot/params.h>
#include <numaboot/render.h>

struct growing {
	struct nb_writer writer; /* first: a writer is its text */
	char *at;
	size_t len, cap;
};

struct growing growing_empty(void);

static inline struct nb_text growing_text(const struct growing *growing)
{
	return (struct nb_text){ growing->at, growing->len };
}

void growing_drop(struct growing *growing);

#endif
