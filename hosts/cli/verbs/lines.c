/* SPDX-License-Identifier: MIT */
/*
 * lines: lists the kernels that are modelled.
 */
#include "verbs.h"

#include "../views/views.h"

enum exit_code verb_lines(const struct options *options, struct out *out)
{
	if (options->format == FORMAT_JSON)
		view_lines_json(out);
	else
		view_lines(out);
	return EXIT_EXACT;
}
