/* SPDX-License-Identifier: MIT */
/*
 * check: what was found, for people and for programs.
 */
#ifndef HOSTS_CLI_VIEWS_CHECK_H
#define HOSTS_CLI_VIEWS_CHECK_H

#include "../verbs/check.h"

#include <numaboot/render.h>

void view_check(struct out *out, const struct checked *checked);
void view_check_json(struct out *out, const struct checked *checked);

/* One machine in one line of JSON, with its newline; `complaint` instead of findings
 * if it could not be read. */
void view_check_line(struct nb_writer *writer, const char *name, const struct checked *checked,
		     const char *complaint);

/* What a kind of finding is, what comes of it and how it is mended. */
void view_finding_row(struct out *out, const struct finding_row *row);
/* All kinds. */
void view_finding_rows(struct out *out);
/* The same for programs: of one kind, or of all (null). */
void view_finding_rows_json(struct out *out, const struct finding_row *only);

#endif
