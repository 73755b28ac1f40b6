/* SPDX-License-Identifier: MIT */
/*
 * qemu_words: QEMU's command line, as a script, a process list or libvirt's log has it,
 * to the machine that it describes.
 */
#ifndef HOSTS_SOURCES_QEMU_WORDS_H
#define HOSTS_SOURCES_QEMU_WORDS_H

#include "guest.h"

/* Whether a line starts QEMU for x86. */
bool qemu_words_begin(struct nb_text line);

/* Reads the first such command of a text; strings are kept in the pool. False, with a
 * complaint, if it describes what is not modelled, or nothing that QEMU would start. */
bool qemu_words_read(struct guest *guest, struct nb_text text, struct pool *pool,
		     struct complaint *complaint);

#endif
