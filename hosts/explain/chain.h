/* SPDX-License-Identifier: MIT */
/*
 * chain: an answer as links: the first says what is so, those below it why, each
 * with what it was read from and the function of Linux that decides.
 */
#ifndef HOSTS_EXPLAIN_CHAIN_H
#define HOSTS_EXPLAIN_CHAIN_H

#include "../sources/pool.h"

#include <numaboot/events.h>
#include <numaboot/render.h>

/* What a link was read from. */
enum proof_kind {
	PROOF_TABLE, /* bytes of an ACPI table */
	PROOF_MAP,   /* an entry of the firmware's memory map */
	PROOF_WORD,  /* a word of the command line */
	PROOF_RULE,  /* what the line does */
};

enum { PROOF_FIELDS = 6 };

struct proof_field {
	const char *name;
	uint32_t at; /* a table: bytes from its start; the command line: characters */
	const char *value;
};

struct proof {
	enum proof_kind kind;
	const char *where;   /* "SRAT", "memory map", "command line", the name of a rule */
	const char *what;    /* "memory entry", "entry 6", "word 3" */
	const char *chapter; /* of the specification; "" if there is none */
	uint32_t offset;     /* as the fields have it; the map: the entry's number */
	uint32_t field_count;
	struct proof_field fields[PROOF_FIELDS];
};

enum { LINK_PROOFS = 4 };

struct link {
	unsigned depth;    /* 0: an answer; 1: a reason; 2: a reason of the reason before it */
	const char *says;  /* one sentence */
	const char *event; /* name of the decision's kind; "" if no event tells of it */
	struct nb_source function; /* what decides it; nowhere if there is no single one */
	uint32_t proof_count;
	struct proof proofs[LINK_PROOFS];
};

/* All zero, but for the pool, is an empty chain. Texts are in the pool. */
struct chain {
	struct pool *pool;
	enum nb_line wording; /* of the line whose decisions it tells */
	struct link *at;
	uint32_t count, cap;
};

/* A text in the pool. */
__attribute__((format(printf, 2, 3))) const char *chain_text(struct chain *chain,
							     const char *format, ...);

/* "0x100000-0x7fffffff", the end inclusive as in the kernel's log. */
const char *range_words(struct chain *chain, struct nb_range range);
/* "1.5 GiB". */
const char *size_words(struct chain *chain, uint64_t bytes);

/* Adds a link in words of its own. The event is its decision; null: it has none. */
__attribute__((format(printf, 4, 5))) void chain_say(struct chain *chain, unsigned depth,
						     const struct nb_event *event,
						     const char *format, ...);

/* Adds a link that says what the library says of an event. */
void chain_tell(struct chain *chain, unsigned depth, const struct nb_event *event);

/* What the last link is decided by, where no event tells of it: what decides events of a
 * kind; a function that is where it is in all lines; one in the file of a kind's. */
void chain_function(struct chain *chain, enum nb_event_kind kind);
void chain_function_at(struct chain *chain, const char *where);
void chain_function_beside(struct chain *chain, enum nb_event_kind kind, const char *name);

/* Adds a proof to the last link and returns it, to be filled; null: it has enough. */
struct proof *chain_prove(struct chain *chain, enum proof_kind kind);
void proof_add(struct proof *proof, const char *name, uint32_t at, const char *value);

void chain_drop(struct chain *chain);

#endif
