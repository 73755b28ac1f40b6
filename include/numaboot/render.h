/* SPDX-License-Identifier: MIT */
/*
 * render: events to text, through a write() of the caller.
 */
#ifndef NUMABOOT_RENDER_H
#define NUMABOOT_RENDER_H

#include <numaboot/events.h>
#include <numaboot/rules.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_writer {
	void (*write)(struct nb_writer *self, const char *text, size_t len);
};

/* Writes what the modelled kernel prints for an event: nothing, a piece of a
 * line, or whole lines, each ended by a newline; no time stamp, no level. The
 * words are those of a line: rules->wording. */
void nb_render_log(const struct nb_event *event, enum nb_line wording, struct nb_writer *out);

/*
 * The log of a whole boot. A line that is printed in pieces is one record to the
 * kernel, of so many bytes at most: what has no room goes on in a line of its own.
 * Source: Linux 6.12 kernel/printk/printk.c vprintk_store().
 */
struct nb_log {
	struct nb_writer *out;
	enum nb_line wording;
	size_t len; /* bytes of the line that is not ended yet */
};

/* Writes what is printed for the next event. */
void nb_log_put(struct nb_log *log, const struct nb_event *event);

/* Writes one sentence that says what was decided and why, without a newline.
 * Nothing for a kind that only opens, continues or closes a list. */
void nb_render_sentence(const struct nb_event *event, struct nb_writer *out);

/* The kind's name in JSON: lower case with underscores. */
const char *nb_event_name(enum nb_event_kind kind);
/* Where Linux decides something. */
struct nb_source {
	enum nb_line line; /* whose source has it so: the nearest one that was read */
	const char *where; /* "mm/numa_memblks.c numa_cleanup_meminfo()"; "": nowhere alone */
};
/* The file and the function of Linux that decide this, or print it; the line is
 * rules->wording. */
struct nb_source nb_event_source(enum nb_event_kind kind, enum nb_line wording);
/* The name of a reason; "" for NB_WHY_NONE. */
const char *nb_why_name(enum nb_why why);
/* A reason in words, fit to follow a colon or "because". */
const char *nb_why_text(enum nb_why why);
/* The name of a zone as Linux prints it: "DMA", "DMA32", "Normal", "Movable",
 * "Device"; "" for what is none. */
const char *nb_zone_name(enum nb_zone_id zone);
/* The name of a stage: "e820", "memblock", "numa", ... */
const char *nb_stage_name(enum nb_stage stage);
/* What memory is reserved for: "the kernel's image"; fit to follow "for". */
const char *nb_reserved_text(enum nb_reserved_for reason);
/* The words for a type of memory, as the log has it; null for a bare number. */
const char *nb_e820_type_text(uint32_t type, enum nb_line wording);

/* What a field of an event means in its kind, "" if the kind does not carry it. */
enum nb_event_field {
	NB_FIELD_NID,
	NB_FIELD_OTHER_NID,
	NB_FIELD_ID,
	NB_FIELD_FLAGS,
	NB_FIELD_RANGE,
	NB_FIELD_OTHER,
	NB_FIELD_GOT,
	NB_FIELD_LIMIT,
	NB_FIELD_MORE0,
	NB_FIELD_MORE1,
	NB_FIELD_MORE2,
	NB_FIELD_MORE3,
	NB_EVENT_FIELDS,
};
const char *nb_event_field_name(enum nb_event_kind kind, enum nb_event_field field);

#ifdef __cplusplus
}
#endif
#endif
