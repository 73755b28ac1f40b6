/* SPDX-License-Identifier: MIT */
/* sentence: see the header. */
#include "sentence.h"

#include <string.h>

static void keep(struct nb_writer *self, const char *text, size_t len)
{
	struct sentence *s = (struct sentence *)self;
	size_t room = sizeof(s->text) - 1 - s->len;

	len = len < room ? len : room;
	memcpy(s->text + s->len, text, len);
	s->len += len;
	s->text[s->len] = '\0';
}

const char *sentence_of(struct sentence *sentence, const struct nb_event *event)
{
	sentence->writer.write = keep;
	sentence->len = 0;
	sentence->text[0] = '\0';
	nb_render_sentence(event, &sentence->writer);
	return sentence->text;
}
