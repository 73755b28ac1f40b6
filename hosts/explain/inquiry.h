/* SPDX-License-Identifier: MIT */
/*
 * inquiry: what is asked of one boot, and what the answers are made of. Each file
 * answers one question:
 *
 *   address.c    why is this memory where it is, or no memory at all
 *   node.c       what a node has, and why
 *   cpu.c        why a CPU is on its node
 *   zone.c       why a zone begins and ends where it does
 *   pxm.c        what became of a proximity domain
 *   fallback.c   who is asked when a node is empty
 *   memory.c     what became of the firmware's RAM
 *   story.c      all decisions in the order of the boot
 *
 *   nodes_from.c  who made the nodes, for all of them
 *   edits.c       what was done to the memory map
 *   proof.c       bytes, words, entries and rules as proofs of a link
 */
#ifndef HOSTS_EXPLAIN_INQUIRY_H
#define HOSTS_EXPLAIN_INQUIRY_H

#include "../sources/source.h"
#include "chain.h"
#include "question.h"
#include "tape.h"

#include <numaboot/boot.h>
#include <numaboot/render.h>

struct inquiry {
	const struct source *source;
	const struct nb_boot *boot;
	const struct tape *tape;
	const struct nb_event *death; /* null: the kernel lives */
	struct chain *chain;
};

/* Answers; that there is no such thing on the machine is an answer too. */
void explain(const struct inquiry *q, const struct question *question);

/* The parts, one a question; each adds its links. */
void explain_range(const struct inquiry *q, struct nb_range range);
void explain_node(const struct inquiry *q, int32_t nid);
void explain_cpu(const struct inquiry *q, uint32_t cpu);
void explain_zone(const struct inquiry *q, int32_t nid, enum nb_zone_id zone);
void explain_pxm(const struct inquiry *q, uint32_t pxm);
void explain_fallback(const struct inquiry *q, int32_t nid);
void explain_memory(const struct inquiry *q);
void explain_story(const struct inquiry *q);

/* nodes_from.c: why the tables' nodes did not hold, or that none were asked for, as
 * what follows "because"; "" if the tables' nodes hold. */
const char *why_one_node(const struct inquiry *q);
/* The same as links. */
void say_why_one_node(const struct inquiry *q, unsigned depth);
/* The part of the tape that made the nodes. */
struct tape_part nodes_made(const struct inquiry *q);
/* How a domain got its node. */
void say_numbering(const struct inquiry *q, unsigned depth, int32_t nid);
/* Whether there can be such a node; if not, that is the answer. */
bool node_is_possible(const struct inquiry *q, int32_t nid);
/* Whether a stage is done; if not, the kernel died, and that is the answer. */
bool came_so_far(const struct inquiry *q, enum nb_stage stage, const char *what);

/* edits.c: the edit of the memory map that took the most of a range, of several the
 * last; null: none took a byte. */
const struct nb_event *edit_of(const struct inquiry *q, struct nb_range range);
/* Why it was made: "the command line says mem=4G". */
const char *edit_words(const struct inquiry *q, const struct nb_event *edit);
/* All of a range, as links. */
void say_edits(const struct inquiry *q, unsigned depth, struct nb_range range);

/* Why RAM of the map is not used, where no edit of the map took it. */
static inline const char *unused_words(struct nb_range range)
{
	return nb_range_size(range) < NB_PAGE_SIZE ? "its page is not RAM as a whole"
						   : "it lies beyond what this kernel uses";
}

/* proof.c: adds proofs to the last link. What was made up from a log has none. */
void prove_entry(const struct inquiry *q, const char *table, uint32_t offset);
void prove_distance(const struct inquiry *q, int32_t from, int32_t to);
void prove_madt(const struct inquiry *q, uint32_t apic_id);
void prove_map(const struct inquiry *q, struct nb_range range);
void prove_word(const struct inquiry *q, uint64_t number);
/* The n-th word of the command line, from 1; false if there are fewer. */
bool find_word(const struct inquiry *q, uint64_t number, struct nb_param *param);
/* A parameter as it was written, as far as it is no quote. */
const char *word_text(const struct inquiry *q, const struct nb_param *param);
/* The last parameter of this name whose value begins so; null: whatever it is. */
void prove_param(const struct inquiry *q, const char *name, const char *value);
void prove_rule(const struct inquiry *q, const char *name);
/* Where an event was read, and by which rule it was decided; of a kind that several
 * functions decide, which one did. */
void prove_event(const struct inquiry *q, const struct nb_event *event);

static inline bool range_has(struct nb_range range, nb_phys address)
{
	return range.start <= address && address < range.end;
}

#endif
