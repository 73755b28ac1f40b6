/* SPDX-License-Identifier: MIT */
/*
 * sentence: what an event means, in plain words, in memory of its own.
 */
#ifndef HOSTS_SOURCES_SENTENCE_H
#define HOSTS_SOURCES_SENTENCE_H

#include <numaboot/events.h>
#include <numaboot/render.h>

struct sentence {
	struct nb_writer writer; /* first: a writer is its sentence */
	char text[1024];         /* zero-terminated; cut if it has no room */
	size_t len;
};

/* Writes the sentence of an event; returns its text. */
const char *sentence_of(struct sentence *sentence, const struct nb_event *event);

#endif
