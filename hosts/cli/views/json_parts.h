/* SPDX-License-Identifier: MIT */
/*
 * json_parts: what all JSON views are made of. A value that is put into another
 * one belongs to it.
 */
#ifndef HOSTS_CLI_VIEWS_JSON_PARTS_H
#define HOSTS_CLI_VIEWS_JSON_PARTS_H

#include "views.h"

#include <jansson.h>

void object_set(json_t *object, const char *key, json_t *value);
void array_add(json_t *array, json_t *value);
json_t *number_json(uint64_t value);
/* "0x100000". */
json_t *address_json(nb_phys value);
/* Start and end, the first byte behind. */
json_t *range_json(struct nb_range range);
/* Text that may hold bytes that are no UTF-8: each such byte becomes a '?'. */
json_t *text_json(struct nb_text text);
/* The members of a bit set, one by one. */
json_t *members_json(const uint64_t *bits, uint32_t end);
json_t *nodes_json(const struct nb_nodes *set);
/* What the library says of an event. */
json_t *sentence_json(const struct nb_event *event);
/* Which Linux is modelled, and what is in doubt about it. */
json_t *kernel_json(const struct prediction *prediction);
/* Where a kernel dies; null if it does not. */
json_t *death_json(const struct run *run);
/* Prints a value and drops it. */
void json_print(struct out *out, json_t *object);

#endif
