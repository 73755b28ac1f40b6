/* SPDX-License-Identifier: MIT */
/*
 * catalog: what there is to say of each kind of event: its name, the meaning of each
 * field it carries, the sentence that explains it; and what the kernel prints for it.
 *
 * Log lines and sentences are templates. {FIELD} or {FIELD:FORM} stands for a
 * field of the event; fields are nid other_nid id flags range other got limit
 * more0 .. more3 why. Forms:
 *
 *   none     decimal; a range as two addresses, the end inclusive, as Linux has it
 *   x x2 x4  hexadecimal with 0x, at least so many digits; X X8 without 0x
 *   A Q      an address of at least 8 or exactly 16 digits (of a range too)
 *   M        in MiB
 *   w3 w02   decimal in 3 columns, or with at least 2 digits; s is signed
 *   L        the address before, as A: the inclusive end of a range
 *   V        an address in the direct map of old kernels, 16 digits without 0x
 *   blanks zeros dashes   that many of these
 *   size     with the largest unit that divides it: 64 MiB
 *   n NOUN   with what is counted: 1 page, 2 pages, 2 entries
 *   v VERB   not the number but what so many do: is or are (v be), has or have, runs or run
 *   zone zone8 type view heading param stage tag   a name for the number; zone8
 *            is padded to 8 columns
 *
 * {flags?2: text} stands for text if bit 2 of the field is set, {flags!2: text}
 * if it is not.
 */
#ifndef NB_RENDER_CATALOG_H
#define NB_RENDER_CATALOG_H

#include <numaboot/events.h>
#include <numaboot/render.h>

struct nb_catalog_row {
	enum nb_event_kind kind; /* the row's own place, checked by a test */
	const char *name;
	const char *field[NB_EVENT_FIELDS];
	const char *says; /* null: nothing to say, a part of a list */
};

extern const struct nb_catalog_row nb_catalog[NB_EVENT_KINDS];

/* What 6.12 prints for each kind; null: nothing. */
extern const char *const nb_log_words[NB_EVENT_KINDS];

/* Other words that lines have for a kind: from `first` to `last`. */
struct nb_wording {
	enum nb_event_kind kind;
	enum nb_line first, last;
	const char *log; /* null: these lines print nothing */
};

extern const struct nb_wording nb_wordings[];
extern const size_t nb_wording_count;

/* How long a line of a log gets that is printed in pieces. */
struct nb_log_limit {
	size_t most;         /* bytes; 0: as long as it is, readers join its records */
	bool newline_counts; /* the newline that ends a piece needs room too */
};

extern const struct nb_log_limit nb_log_limits[NB_LINES];

#endif
