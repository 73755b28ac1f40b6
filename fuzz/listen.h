/* SPDX-License-Identifier: MIT */
/*
 * listen: a sink that renders events, in both forms, and throws the text away. A
 * machine of a thousand nodes has millions of them: the first show enough.
 */
#ifndef FUZZ_LISTEN_H
#define FUZZ_LISTEN_H

#include <numaboot/events.h>
#include <numaboot/render.h>
#include <numaboot/rules.h>

#include "fuzz.h"

enum { LISTEN_MOST = 5000 };

struct listener {
	struct nb_sink sink;     /* first: the library gives it back */
	struct nb_writer writer; /* behind it: likewise */
	struct nb_log log;
	uint64_t events, dies;
	size_t bytes;
};

static inline void listen_write(struct nb_writer *self, const char *text, size_t len)
{
	struct listener *listener =
		(struct listener *)((char *)self - offsetof(struct listener, writer));

	ensure(len == 0 || text != NULL);
	for (size_t i = 0; i < len; i++)
		ensure(text[i] != '\0');
	listener->bytes += len;
}

static inline void listen_put(struct nb_sink *self, const struct nb_event *event)
{
	struct listener *listener = (struct listener *)self;

	ensure(event->kind < NB_EVENT_KINDS && event->why < NB_WHYS);
	ensure(nb_event_name(event->kind)[0] != '\0' && nb_why_name(event->why) != NULL);
	if (listener->events++ < LISTEN_MOST) {
		listener->log.out = &listener->writer;
		nb_log_put(&listener->log, event);
		nb_render_sentence(event, &listener->writer);
	}
	listener->dies += event->kind == NB_EV_DIES;
}

static inline struct listener listen(enum nb_line wording)
{
	return (struct listener){
		.sink = { .put = listen_put },
		.writer = { .write = listen_write },
		.log.wording = wording,
	};
}

#endif
