/* SPDX-License-Identifier: MIT */
/*
 * boots: random whole machines, each booted by every kernel line as it was booted
 * and as it might have been built, and held against all claims: stage by stage and
 * in the end, with a sink and without.
 *
 *     NB_MACHINES=N    so many machines
 *     NB_FIRST=N       the number of the first one: a failure names it
 */
#include "check.h"
#include "whole/claims.h"
#include "whole/machines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MACHINES = 300, MOST_CLAIMS = 100, KEPT_RUNS = 2 };

/* What a test has met. */
static struct {
	uint64_t boots, alive, dead, srats, slits; /* the last two: rejected */
	uint32_t broken_count; /* claims, and of how many boots each does not hold: */
	struct {
		const char *claim;
		uint64_t boots;
	} broken[MOST_CLAIMS];
} met;

static struct any_machine machine;

/* A boot of the machine. */
struct run {
	struct nb_boot boot;
	struct told told;
	enum nb_err err;
	const char *broken;
};

/* Memory of runs, one of which goes on while the other is looked at. A block ends
 * where this does, so that what is written beyond it is seen. */
static struct room {
	uint8_t *at;
	size_t size;
} rooms[KEPT_RUNS];

static void *block_of(struct room *room, size_t size)
{
	size_t whole = nb_align_up(size, 16);

	if (whole > room->size) {
		free(room->at);
		room->at = aligned_alloc(16, whole);
		check(room->at, "there is memory for a boot");
		room->size = whole;
	}
	return room->at + (room->size - whole);
}

static void run_begin(struct run *run, struct room *room, const struct any_kernel *kernel,
		      const struct nb_limits *limits, bool loud)
{
	struct nb_env env = { &nb_lines[kernel->line], &kernel->config, NULL };
	size_t size = nb_boot_size(limits);

	check(size, "the limits of a machine are valid");
	run->told = told_begin(env.rules, loud);
	if (loud)
		env.sink = &run->told.sink;
	run->broken = NULL;
	check(nb_boot_init(&run->boot, block_of(room, size), size, limits, &env, &machine.fw) ==
		      NB_OK,
	      "a boot begins");
}

/* Boots step by step, and holds each against its claims. */
static void run_loud(struct run *run, struct room *room, const struct any_kernel *kernel,
		     const struct nb_limits *limits)
{
	struct nb_boot *b = &run->boot;

	run_begin(run, room, kernel, limits, true);
	run->err = NB_OK;
	while (!run->err && !run->broken && b->next != NB_READY) {
		enum nb_stage stage = b->next;

		run->err = nb_boot_step(b);
		if (!run->err)
			run->broken = claims_after(b, stage, &run->told);
	}
	if (!run->broken)
		run->broken = claims_at_end(b, run->err, &run->told);
}

static void run_silent(struct run *run, const struct any_kernel *kernel,
		       const struct nb_limits *limits)
{
	run_begin(run, &rooms[1], kernel, limits, false);
	run->err = nb_boot(&run->boot);
}

/* Shows the first boot that breaks a claim, and counts the others. */
static void show(uint64_t number, const struct any_kernel *kernel, const char *claim)
{
	uint32_t i = 0;

	while (i < met.broken_count && met.broken[i].claim != claim)
		i++;
	check(i < MOST_CLAIMS, "there are few claims");
	met.broken[i].claim = claim;
	if (met.broken[i].boots++)
		return;
	met.broken_count++;
	print_error("not so: %s (machine %" PRIu64 ", Linux %s %s: %s)\n", claim, number,
		    nb_lines[kernel->line].line, kernel->build, machine.cmdline);
}

static const char *silence_differs(const struct run *loud, const struct any_kernel *kernel,
				   const struct nb_limits *limits)
{
	struct run silent;
	const char *broken = NULL;

	run_silent(&silent, kernel, limits);
	if (silent.err != loud->err ||
	    claims_digest(&silent.boot, false) != claims_digest(&loud->boot, false))
		broken = "a boot that nobody listens to is the same";
	return broken;
}

static const char *repetition_differs(const struct run *first, const struct any_kernel *kernel,
				      const struct nb_limits *limits)
{
	struct run again;
	const char *broken = NULL;

	run_loud(&again, &rooms[1], kernel, limits);
	if (again.told.hash != first->told.hash || again.told.events != first->told.events)
		broken = "the same machine tells the same story twice";
	return broken;
}

/* Calls a table by a name that nobody knows, or by its own again. */
static void rename_table(const char *from, const char *to)
{
	for (uint32_t i = 0; i < machine.fw.table_count; i++)
		if (!memcmp(machine.tables[i].signature, from, 4))
			memcpy(machine.tables[i].signature, to, 4);
}

/* Whether a boot goes another way where a table, though still in memory, is not
 * known as what it is. */
static bool differs_without(const struct run *run, const struct any_kernel *kernel,
			    const struct nb_limits *limits, const char *table)
{
	struct run without;

	rename_table(table, "XXXX");
	run_silent(&without, kernel, limits);
	rename_table("XXXX", table);
	return without.err || claims_digest(&without.boot, true) != claims_digest(&run->boot, true);
}

/*
 * Whether what a rejected table leaves behind decides anything. In Linux a SRAT
 * leaves the numbers of domains, generic initiators, how far a list of numa=fake=
 * was read, and where memory may end: machines with one of the latter three, which
 * asks for bounce buffers, are not asked.
 */
static const char *rejection_differs(const struct run *run, const struct any_kernel *kernel,
				     const struct nb_limits *limits)
{
	const struct nb_boot *b = &run->boot;

	if (b->next != NB_READY || b->memblock.doubled_count)
		return NULL;
	met.slits += run->told.slit_refused;
	if (run->told.slit_refused && differs_without(run, kernel, limits, "SLIT"))
		return "a SLIT that is rejected might as well not be there";
	if (b->numa.source != NB_NUMA_DUMMY || b->params.numa_off || b->params.numa_fake.at ||
	    nb_nodes_next(&b->numa.initiator, 0) != NB_NO_NODE ||
	    b->numa.max_possible > nb_pfn_phys(b->e820.end_pfn) ||
	    !nb_firmware_table(&machine.fw, "SRAT"))
		return NULL;
	met.srats++;
	if (differs_without(run, kernel, limits, "SRAT"))
		return "a SRAT that is rejected might as well not be there";
	return NULL;
}

static void boot_with(const struct any_kernel *kernel, uint64_t number)
{
	struct nb_limits limits = nb_limits_for(&machine.fw, &kernel->config);
	struct run run;

	run_loud(&run, &rooms[0], kernel, &limits);
	if (!run.broken)
		run.broken = silence_differs(&run, kernel, &limits);
	if (!run.broken && number % 8 == 1)
		run.broken = repetition_differs(&run, kernel, &limits);
	if (!run.broken)
		run.broken = rejection_differs(&run, kernel, &limits);
	if (run.broken)
		show(number, kernel, run.broken);
	met.boots++;
	met.alive += !run.err;
	met.dead += run.err == NB_ERR_DIES;
}

static uint64_t asked(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : otherwise;
}

static void test_machines(void **state)
{
	uint64_t first = asked("NB_FIRST", 1), count = asked("NB_MACHINES", MACHINES);

	(void)state;
	for (uint64_t number = first; number < first + count; number++) {
		any_machine(&machine, number);
		for (int line = 0; line < NB_LINES; line++)
			for (uint32_t build = 0; build < 2; build++) {
				uint32_t other = 1 + (uint32_t)(number % (ANY_BUILDS - 1));
				struct any_kernel kernel =
					any_kernel((enum nb_line)line, build ? other : 0);

				boot_with(&kernel, number);
			}
	}
	print_message("# %" PRIu64 " boots: %" PRIu64 " reach their end, %" PRIu64 " die; %" PRIu64
		      " reject a SRAT, %" PRIu64 " a SLIT\n",
		      met.boots, met.alive, met.dead, met.srats, met.slits);
	for (uint32_t i = 0; i < met.broken_count; i++)
		print_error("%" PRIu64 " boots: not so: %s\n", met.broken[i].boots,
			    met.broken[i].claim);
	check(!met.broken_count, "every claim holds of every boot");
	for (uint32_t i = 0; i < KEPT_RUNS; i++)
		free(rooms[i].at);
	check(count < MACHINES || (met.alive > met.boots / 4 && met.dead > met.boots / 50 &&
				   met.srats > met.boots / 50 && met.slits > 0),
	      "both ends were met, and rejected tables");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
