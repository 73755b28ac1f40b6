/* SPDX-License-Identifier: MIT */
/*
 * replay: what the views of a replay show, and of what.
 */
#ifndef HOSTS_CLI_VIEWS_REPLAY_H
#define HOSTS_CLI_VIEWS_REPLAY_H

#include "../../sources/replay.h"
#include "../options.h"
#include "views.h"

/* What a view may show of a replay. */
struct replaying {
	struct prediction prediction;
	const struct replay *replay;
	const char *log_name;
	const struct choice *choice;
	bool as_recorded; /* the stages ran with the command line of the log, and mended nothing */
	bool has_machine; /* stages ran: the log, or a sysroot, tells of the machine */
};

extern const char *const replay_what_names[REPLAY_WHATS];
extern const char *const replay_how_names[REPLAY_HOWS];
extern const char *const replay_gap_names[REPLAY_GAPS];
extern const char *const replay_gap_texts[REPLAY_GAPS];

/* Whether an entry, or a caller, is among those that were asked for. */
bool replay_shows(const struct replaying *replaying, const struct replay_entry *entry);
bool replay_shows_caller(const struct replaying *replaying, const struct replay_caller *caller);

/* Puts callers into an order, those who took most first, and returns how many are
 * shown; `order` has room for all. */
uint32_t replay_largest(const struct replaying *replaying, uint32_t *order);

void view_replay(struct out *out, const struct replaying *replaying);
void view_replay_json(struct out *out, const struct replaying *replaying);

#endif
