/* SPDX-License-Identifier: MIT */
/*
 * where: what the views of an account show.
 */
#ifndef HOSTS_CLI_VIEWS_WHERE_H
#define HOSTS_CLI_VIEWS_WHERE_H

#include "../../sources/account.h"
#include "../options.h"
#include "views.h"

struct locating {
	struct prediction prediction;
	const struct account *account;
	const struct choice *choice;
};

void view_where(struct out *out, const struct locating *locating);
void view_where_json(struct out *out, const struct locating *locating);

#endif
