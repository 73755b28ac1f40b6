/* SPDX-License-Identifier: MIT */
/*
 * log: events as the lines that the modelled kernel prints.
 */
#include "views.h"

static void write_out(struct nb_writer *self, const char *text, size_t len)
{
	out_write(((struct out_writer *)self)->out, text, len); /* its first member */
}

struct out_writer out_writer(struct out *out)
{
	return (struct out_writer){ .writer.write = write_out, .out = out };
}

static void put(struct nb_sink *self, const struct nb_event *event)
{
	struct log_sink *sink = (struct log_sink *)self; /* its first member */

	nb_log_put(&sink->log, event);
}

struct log_sink log_sink(struct nb_writer *writer, const struct nb_rules *rules)
{
	return (struct log_sink){ .sink.put = put, .log = { writer, rules->wording, 0 } };
}

void view_death(struct out *out, const struct run *run)
{
	struct out_writer writer = out_writer(out);

	if (run->death.kind == NB_EV_DIES)
		nb_render_sentence(&run->death, &writer.writer);
	else
		out_string(out, "This kernel does not survive this machine.");
}
