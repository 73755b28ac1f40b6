/* SPDX-License-Identifier: MIT */
/* tape: what is kept of a boot's events, and the part that tells of one attempt. */
#include "check.h"

#include "../../hosts/explain/tape.h"
#include "../../hosts/sources/pool.h"

#include <numaboot/numa.h>
#include <stdlib.h>

void pool_exhausted(void)
{
	abort();
}

static struct tape tape;

static void tell(enum nb_event_kind kind, uint32_t id, int32_t nid)
{
	tape.sink.put(&tape.sink, &(const struct nb_event){ kind, .id = id, .nid = nid });
}

/* A boot whose tables are refused. */
static void record(int32_t order_of)
{
	tape_drop(&tape);
	tape_begin(&tape, order_of);
	tell(NB_EV_STAGE, NB_NUMA, 0);
	tell(NB_EV_NUMA_TRY, NB_NUMA_ACPI, 0);
	tell(NB_EV_SRAT_MEMORY, 1, 0);
	tell(NB_EV_SRAT_MEMORY, 2, 1);
	tell(NB_EV_SRAT_REJECTED, 0, 0);
	tell(NB_EV_NUMA_TRY, NB_NUMA_DUMMY, 0);
	tell(NB_EV_DUMMY, 0, 0);
	tell(NB_EV_STAGE, NB_ZONELISTS, 0);
	for (int32_t nid = 0; nid < 2; nid++) {
		tell(NB_EV_FALLBACK_BEGIN, 0, nid);
		tell(NB_EV_FALLBACK_NODE, 0, nid);
		tell(NB_EV_FALLBACK_END, 0, 0);
	}
	tell(NB_EV_ZONELIST_ZONE, 0, 0);
}

static unsigned count_of(struct tape_part part, enum nb_event_kind kind)
{
	unsigned count = 0;

	while (tape_next(&part, kind))
		count++;
	return count;
}

static void test_parts(void **state)
{
	struct tape_part acpi, dummy;

	(void)state;
	record(NB_NO_NODE);
	acpi = tape_attempt(&tape, NB_NUMA_ACPI);
	dummy = tape_attempt(&tape, NB_NUMA_DUMMY);
	check(count_of(acpi, NB_EV_SRAT_MEMORY) == 2 && count_of(acpi, NB_EV_DUMMY) == 0,
	      "the attempt with the tables ends where the next begins");
	check(count_of(dummy, NB_EV_DUMMY) == 1 && count_of(dummy, NB_EV_STAGE) == 0,
	      "the last attempt ends with the stage");
	check(count_of(tape_attempt(&tape, NB_NUMA_NONE), NB_EV_DUMMY) == 0,
	      "one that was not made is empty");
	check(tape_last(acpi, NB_EV_SRAT_MEMORY)->id == 2 && !tape_last(acpi, NB_EV_DUMMY),
	      "the last of a kind is found in its part alone");
	check(tape_before(&tape, tape_last(acpi, NB_EV_SRAT_REJECTED))->id == 2 &&
		      tape_behind(&tape, tape_last(acpi, NB_EV_SRAT_REJECTED))->id == NB_NUMA_DUMMY,
	      "an event has neighbours");
	check(!tape_before(&tape, &tape.at[0]) && !tape_behind(&tape, &tape.at[tape.count - 1]),
	      "but for the first and the last");
}

static void test_orders(void **state)
{
	(void)state;
	record(NB_NO_NODE);
	check(count_of(tape_all(&tape), NB_EV_FALLBACK_NODE) == 0 &&
		      count_of(tape_all(&tape), NB_EV_ZONELIST_ZONE) == 0,
	      "lists are not kept");
	record(1);
	check(count_of(tape_all(&tape), NB_EV_FALLBACK_NODE) == 1 &&
		      tape_last(tape_all(&tape), NB_EV_FALLBACK_NODE)->nid == 1 &&
		      count_of(tape_all(&tape), NB_EV_FALLBACK_END) == 1,
	      "but for the one that is asked for");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
