/* SPDX-License-Identifier: MIT */
/*
 * e820_text: a memory map as text, and the words for its types.
 */
#ifndef HOSTS_SOURCES_E820_TEXT_H
#define HOSTS_SOURCES_E820_TEXT_H

#include "source.h"

/* The type that Linux's words, or a number, stand for; false for others. */
bool e820_type_of(struct nb_text words, uint32_t *type);

/*
 * Reads a line of a map that is no boot log's. `counts` tells whether it is an entry
 * of a map: a line of /proc/iomem may be a device. False if it is no such line.
 */
bool e820_text_entry(struct nb_text line, struct nb_e820_entry *entry, bool *counts);

/* Takes such a text for the map of a source; false, with a complaint, if it is none. */
bool e820_text_read(struct source *source, struct nb_text text, struct complaint *complaint);

#endif
