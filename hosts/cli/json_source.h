/* SPDX-License-Identifier: MIT */
/*
 * json_source: what `predict --format json` printed, as a source again.
 */
#ifndef HOSTS_CLI_JSON_SOURCE_H
#define HOSTS_CLI_JSON_SOURCE_H

#include "../sources/source.h"

enum { JSON_LINE_MOST = 64 };

/* Tells the kernel that was modelled, as --line takes it; false if the text does not say. */
bool json_source_line(struct nb_text text, char line[JSON_LINE_MOST]);

/* Fills a source, whose kernel is settled. False, with a complaint, if the text is other
 * JSON, or none. */
bool json_source_read(struct source *source, struct nb_text text, struct complaint *complaint);

#endif
