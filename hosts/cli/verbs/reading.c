/* SPDX-License-Identifier: MIT */
/*
 * reading: what a source has of both sides of a boot: what went into it, and what
 * the machine showed of it. What no input holds is taken from the record, and said
 * to be given.
 */
#include "reading.h"

#include "../contents.h"

static void take_log(struct recorded *recorded, struct nb_text text, const char *name)
{
	boot_log_read(&recorded->log, text, &recorded->pool);
	recorded->log_name = name;
}

static bool read_log(struct reading *reading, const char *log, struct complaint *complaint)
{
	struct place *place = &reading->place;
	struct recorded *recorded = &reading->recorded;
	struct contents contents;
	struct nb_text text;

	if (log) {
		if (!contents_read(log, &recorded->pool, &contents, complaint))
			return false;
		take_log(recorded, contents.bytes, log);
		return true;
	}
	if (place->is_log) {
		recorded->log = place->log;
		recorded->log_name = place->is_case ? "dmesg" : place->name;
		return true;
	}
	if (place->is_case) {
		recorded->log_name = "dmesg";
		return place_case_log(place, &recorded->log, &recorded->pool);
	}
	if (place->is_this_machine && kmsg_read(&recorded->pool, &text))
		take_log(recorded, text, "/dev/kmsg");
	return true;
}

/* How the recorded boot ended: as the case says, else as the log shows. A
 * kernel whose nodes can be read is alive. */
static bool read_end(struct recorded *recorded, struct place *place)
{
	struct tree *tree = &place->all.tree;
	struct nb_text text = { NULL, 0 };

	if (place->is_case && tree_failed(tree->read(tree, "outcome", 64, &text)))
		return false;
	text = text_trim(text);
	if (text_is(text, "panic") || recorded->log.panicked)
		recorded->end = END_PANIC;
	else if (text_is(text, "ok") || recorded->masks[MASK_ONLINE].at)
		recorded->end = END_OK;
	else if (text.len)
		recorded->end = END_STOPPED;
	return true;
}

/* Of what release the record is, if only its log says. */
static void read_release(struct recorded *recorded)
{
	struct release release;

	if (!recorded->release.at && boot_log_release(&recorded->log, &release))
		recorded->release = release.text;
}

bool reading_record(struct reading *reading, const char *log, struct complaint *complaint)
{
	struct place *place = &reading->place;
	struct recorded *recorded = &reading->recorded;

	place_use(place, &recorded->pool);
	if ((place->has_state && !recorded_read(recorded, &place->sysroot.tree)) ||
	    !read_log(reading, log, complaint) || !read_end(recorded, place))
		return false;
	read_release(recorded);
	return true;
}

bool reading_both(struct reading *reading, const struct ask *ask, const char *log,
		  struct complaint *complaint)
{
	const struct place *place = &reading->place;

	if (!place_read(&reading->place, &reading->source, ask, complaint))
		return false;
	if (place->is_log && !place->log.from_start &&
	    reading->source.kernel.pick == PICK_DEFAULT) { /* what would be held against what? */
		complain(complaint,
			 "the log has lost its beginning and with it the kernel's release: "
			 "expected --line");
		return false;
	}
	if (!reading_record(reading, log, complaint))
		return false;
	given_facts(&reading->source, &reading->recorded);
	return true;
}

bool reading_as_recorded(const struct ask *ask, const struct run *run)
{
	for (uint32_t i = 0; i < run->note_count && i < RUN_NOTES; i++)
		if (run_is_repair(&run->notes[i]))
			return false;
	return !ask->cmdline && !ask->append;
}

void reading_drop(struct reading *reading)
{
	place_close(&reading->place);
	pool_drop(&reading->recorded.pool);
	pool_drop(&reading->source.pool);
}
