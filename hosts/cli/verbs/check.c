/* SPDX-License-Identifier: MIT */
/*
 * check: reads a machine, looks for what is wrong with it, tries what mends it and
 * asks every kernel line what it makes of it.
 */
#include "check.h"

#include "../place.h"
#include "../views/check.h"
#include "verbs.h"

#include <string.h>

static bool read_machine(struct checked *c, const struct ask *ask, struct complaint *complaint)
{
	struct place place = { .is_open = false };
	bool read;

	c->source.takes_spoilt = true;
	read = place_read_parts(&place, &c->source, ask, complaint);

	c->name = place.name;
	place_close(&place);
	return read;
}

static void ignore(struct findings *findings, const struct check_ask *check)
{
	for (unsigned i = 0; i < check->ignore_count; i++)
		for (int id = 0; id < FINDING_IDS; id++)
			if (!strcmp(finding_rows[id].id, check->ignore[i]))
				findings->of[id] = (struct finding){ 0 };
}

bool check_source(struct checked *c, const struct options *options, const struct ask *ask,
		  struct complaint *complaint)
{
	const struct check_ask *check = &options->check;

	memset(c, 0, sizeof(*c));
	if (!read_machine(c, ask, complaint))
		return false;
	if (!c->source.fw.map_count && !c->source.fw.table_count) {
		complain(complaint, "%s: nothing to check: expected ACPI tables or a memory map",
			 c->name);
		return false;
	}
	if (!c->source.fw.map_count && check->expect) {
		complain(complaint, "%s: no memory map to hold --expect against: expected --e820",
			 c->name);
		return false;
	}
	lint_source(&c->findings, &c->source);
	repair_prove(&c->findings, &c->source);
	lines_judge(&c->findings, &c->source);
	ignore(&c->findings, check);
	if (!c->source.fw.map_count || (check->each && !check->expect))
		return true;
	c->ran = run_source(&c->run, &c->source, NULL, complaint);
	if (c->ran && check->expect) {
		expect_hold(&c->findings, check->expect, &c->run);
		ignore(&c->findings, check);
	}
	return c->ran;
}

void check_drop(struct checked *c)
{
	run_drop(&c->run);
	pool_drop(&c->findings.pool);
	pool_drop(&c->source.pool);
}

bool check_fails(const struct checked *c, const struct check_ask *check)
{
	return check->fail_on < SEVERITIES &&
	       findings_reach(&c->findings, (enum severity)check->fail_on);
}

enum exit_code verb_check(const struct options *options, struct out *out,
			  struct complaint *complaint)
{
	static struct checked checked;
	enum exit_code code = EXIT_INPUT;

	if (options->check.list) {
		if (options->format == FORMAT_JSON)
			view_finding_rows_json(out, NULL);
		else
			view_finding_rows(out);
		return EXIT_EXACT;
	}
	if (options->check.each)
		return check_each(options, out, complaint);
	if (check_source(&checked, options, &options->ask[0], complaint)) {
		code = check_fails(&checked, &options->check) ? EXIT_DIFFERS : EXIT_EXACT;
		if (options->format == FORMAT_JSON)
			view_check_json(out, &checked);
		else
			view_check(out, &checked);
	}
	check_drop(&checked);
	return code;
}
