/* SPDX-License-Identifier: MIT */
/*
 * memory: what became of the RAM of the firmware's map: what of it Linux does not
 * use, piece by piece, largest first, and what the kernel takes for itself while it
 * boots, summed up by what it is for. `numaboot where` accounts for every byte.
 */
#include "inquiry.h"

enum { LOSSES = 64, LOSSES_SHOWN = 8 };

struct loss {
	struct nb_range range;
};

struct losses {
	struct loss at[LOSSES];
	unsigned count;
	uint64_t total, bytes; /* of the firmware's RAM; that is lost */
};

static void lose(struct losses *losses, struct nb_range range)
{
	losses->bytes += nb_range_size(range);
	if (losses->count < LOSSES)
		losses->at[losses->count++].range = range;
}

/* What of the firmware's RAM is not in memblock. */
static void find_losses(const struct inquiry *q, struct losses *losses)
{
	const struct nb_e820_map *map = &q->boot->e820.firmware;
	const struct nb_regions *memory = &q->boot->memblock.memory;

	for (uint32_t i = 0; i < map->count; i++) {
		nb_phys at = map->at[i].start, end = at + map->at[i].size;

		if (map->at[i].type != NB_E820_RAM)
			continue;
		losses->total += map->at[i].size;
		for (uint32_t k = nb_regions_first_above(memory, at);
		     k < memory->count && nb_region_at(memory, k)->start < end; k++) {
			if (nb_region_at(memory, k)->start > at)
				lose(losses,
				     (struct nb_range){ at, nb_region_at(memory, k)->start });
			at = nb_max(at, nb_region_at(memory, k)->end);
		}
		if (at < end)
			lose(losses, (struct nb_range){ at, end });
	}
}

static unsigned largest(const struct losses *losses, const bool *told)
{
	unsigned best = losses->count;

	for (unsigned i = 0; i < losses->count; i++)
		if (!told[i] &&
		    (best == losses->count ||
		     nb_range_size(losses->at[i].range) > nb_range_size(losses->at[best].range)))
			best = i;
	return best;
}

/* Why a piece is not used, as what follows a colon. */
static const char *loss_words(const struct inquiry *q, struct nb_range range)
{
	const struct nb_event *by = edit_of(q, range);

	return by ? edit_words(q, by) : unused_words(range);
}

static void say_loss(const struct inquiry *q, struct nb_range range)
{
	const struct nb_event *by = edit_of(q, range);

	chain_say(q->chain, 1, by, "%s, %s, is not used: %s.",
		  size_words(q->chain, nb_range_size(range)), range_words(q->chain, range),
		  loss_words(q, range));
	if (by)
		prove_event(q, by);
	prove_map(q, range);
}

/* What is reserved, by its purpose. */
static void say_taken(const struct inquiry *q)
{
	uint64_t bytes[NB_RESERVED_FORS] = { 0 }, sum = 0;

	for (uint32_t i = 0; i < q->tape->count; i++) {
		const struct nb_event *event = &q->tape->at[i];
		uint64_t size = nb_range_size(event->range);

		if (event->kind == NB_EV_RESERVED) {
			bytes[event->id] += size;
		} else if (event->kind == NB_EV_FREED) {
			bytes[event->id] -= nb_min(size, bytes[event->id]);
		}
	}
	for (int id = 0; id < NB_RESERVED_FORS; id++)
		sum += bytes[id];
	chain_say(q->chain, 1, NULL,
		  "The kernel takes %s of it while it boots; `numaboot where` has the account.",
		  size_words(q->chain, sum));
	for (int id = 0; id < NB_RESERVED_FORS; id++)
		if (bytes[id] >= NB_MIB)
			chain_say(q->chain, 2, NULL, "%s for %s.", size_words(q->chain, bytes[id]),
				  nb_reserved_text((enum nb_reserved_for)id));
}

static void answer(const struct inquiry *q, const struct losses *losses)
{
	const bool told[LOSSES] = { false };
	struct nb_range most;

	if (!losses->count) {
		chain_say(q->chain, 0, NULL,
			  "All RAM of the firmware's map, %s, is memory to Linux.",
			  size_words(q->chain, losses->total));
		return;
	}
	most = losses->at[largest(losses, told)].range;
	chain_say(
		q->chain, 0, NULL,
		"Of %s of RAM in the firmware's map Linux does not use %s; %s of it, %s, because %s.",
		size_words(q->chain, losses->total), size_words(q->chain, losses->bytes),
		size_words(q->chain, nb_range_size(most)), range_words(q->chain, most),
		loss_words(q, most));
}

void explain_memory(const struct inquiry *q)
{
	struct losses losses = { 0 };
	bool told[LOSSES] = { false };

	if (q->boot->next <= NB_MEMBLOCK) {
		chain_say(q->chain, 0, q->death, "This kernel dies before it has memory: %s.",
			  nb_why_text(q->death ? q->death->why : NB_WHY_NONE));
		return;
	}
	find_losses(q, &losses);
	answer(q, &losses);
	chain_function(q->chain, NB_EV_MEMORY_ADDED);
	for (unsigned i = 0; i < losses.count && i < LOSSES_SHOWN; i++) {
		unsigned next = largest(&losses, told);

		told[next] = true;
		say_loss(q, losses.at[next].range);
	}
	if (losses.count > LOSSES_SHOWN)
		chain_say(q->chain, 1, NULL, "%u smaller pieces follow.",
			  losses.count - LOSSES_SHOWN);
	say_taken(q);
}
