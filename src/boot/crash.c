/* SPDX-License-Identifier: MIT */
/*
 * crash: memory for the kernel that is started when this one has died:
 *
 *   crashkernel=256M          anywhere, low rather than high
 *   crashkernel=256M@768M     there and nowhere else
 *   crashkernel=1G-4G:128M,4G-:256M[@768M]    by how much RAM there is
 *   crashkernel=512M,high     above 4 GiB, with some memory below
 *   crashkernel=64M,low       so much of it
 *
 * The last word of each kind counts, and words are looked for in the raw line, between
 * blanks alone. Up to 6.1 a line asks for "high" where the plain word asks for nothing;
 * since then where there is no plain word.
 *
 * Source: Linux 6.12 kernel/crash_reserve.c, Linux 6.1 kernel/crash_core.c,
 * arch/x86/kernel/setup.c reserve_crashkernel().
 */
#include <numaboot/crash.h>

#include "base/memory.h"
#include "boot/memblock.h"

#include <numaboot/params.h>
#include <numaboot/rules.h>

enum {
	LINE_CHARS = 2047,       /* what x86 keeps of a command line */
	ALIGN = 16 << 20,        /* of what is searched for */
	FIXED_ALIGN = 1 << 20,   /* of a place that is named, up to 6.1 */
	BEYOND_BOUNCE = 8 << 20, /* low memory beside the bounce buffers */
	RAM_ROUND = 128 << 20,   /* the firmware may have kept some of it */
};

#define LOW_END (4 * NB_GIB)
#define HIGH_END (64ULL << 40)

static const char word[] = "crashkernel=";
static const char *const suffixes[] = { ",high", ",low", ",cma" };

struct crash_build {
	struct nb_memblock *mb;
	const struct nb_params *params;
	const struct nb_env *env;
	struct nb_text line;
	nb_phys ram;
};

/* What a word says. */
enum reading { ABSENT, WRONG, FINE };

struct wish {
	nb_phys size, base; /* base 0: anywhere */
	bool high;
};

static struct nb_text behind(struct nb_text text, size_t by)
{
	return (struct nb_text){ text.at + by, text.len - by };
}

static size_t length(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return len;
}

static bool ends_in(struct nb_text text, const char *suffix)
{
	size_t len = length(suffix);

	return text.len >= len && memcmp(text.at + text.len - len, suffix, len) == 0;
}

static bool has_suffix(struct nb_text text, const struct nb_env *env)
{
	size_t known = NB_COUNT(suffixes) - (env->rules->crash_cma ? 0 : 1);

	for (size_t i = 0; i < known; i++)
		if (ends_in(text, suffixes[i]))
			return true;
	return false;
}

/* The value of the last word with a suffix, or of the last that has none (null). */
static bool find_word(const struct crash_build *b, const char *suffix, struct nb_text *value)
{
	bool found = false;

	for (size_t i = 0; i < b->line.len; i++) {
		struct nb_text at = behind(b->line, i);
		size_t len = 0;

		if (!nb_text_starts(at, word))
			continue;
		while (len < at.len && at.at[len] != ' ')
			len++;
		at.len = len;
		if (suffix ? !ends_in(at, suffix) : has_suffix(at, b->env))
			continue;
		*value = behind(at, length(word));
		found = true;
	}
	return found;
}

static enum reading wrong(const struct crash_build *b, enum nb_crash_fault fault,
			  struct nb_text rest)
{
	nb_emit(b->env, .kind = NB_EV_CRASH_MALFORMED, .id = fault,
		.flags = fault == NB_CRASH_STRAY_CHAR, .got = rest.len ? (uint8_t)*rest.at : 0);
	return WRONG;
}

static bool take_char(struct nb_text *text, char c)
{
	if (!text->len || *text->at != c)
		return false;
	*text = behind(*text, 1);
	return true;
}

/* A number with a suffix; false if nothing of one is there. */
static bool take_size(struct nb_text *text, nb_phys *size)
{
	size_t before = text->len;

	*size = nb_text_size(text);
	return text->len < before;
}

/* One "1G-4G:128M"; *fits: this much RAM is there. */
static enum reading read_range(const struct crash_build *b, nb_phys ram, struct nb_text *text,
			       nb_phys *size, bool *fits)
{
	nb_phys start, end = UINT64_MAX;

	if (!take_size(text, &start))
		return wrong(b, NB_CRASH_NO_NUMBER, *text);
	if (!take_char(text, '-'))
		return wrong(b, NB_CRASH_NO_DASH, *text);
	if (!text->len || *text->at != ':') {
		if (!take_size(text, &end))
			return wrong(b, NB_CRASH_NO_NUMBER, *text);
		if (end <= start)
			return wrong(b, NB_CRASH_EMPTY_RANGE, *text);
	}
	if (!take_char(text, ':'))
		return wrong(b, NB_CRASH_NO_COLON, *text);
	if (!take_size(text, size))
		return wrong(b, NB_CRASH_NO_NUMBER, *text);
	if (*size >= ram)
		return wrong(b, NB_CRASH_TOO_LARGE, *text);
	*fits = ram >= start && ram < end;
	return FINE;
}

static enum reading read_ranges(const struct crash_build *b, struct nb_text text, struct wish *wish)
{
	nb_phys ram = b->env->rules->crash_ram_rounded ? nb_align_up(b->ram, RAM_ROUND) : b->ram;
	bool fits = false;
	nb_phys size = 0;

	do {
		enum reading reading = read_range(b, ram, &text, &size, &fits);

		if (reading != FINE)
			return reading;
	} while (!fits && take_char(&text, ','));
	wish->size = fits ? size : 0;
	if (!wish->size) {
		wrong(b, NB_CRASH_NOTHING, text);
		return FINE;
	}
	while (text.len && *text.at != '@')
		text = behind(text, 1);
	if (take_char(&text, '@') && !take_size(&text, &wish->base))
		return wrong(b, NB_CRASH_NO_OFFSET, text);
	return FINE;
}

/* The word without a suffix. */
static enum reading read_plain(const struct crash_build *b, struct wish *wish)
{
	struct nb_text text;

	*wish = (struct wish){ 0 };
	if (!find_word(b, NULL, &text))
		return ABSENT;
	if (nb_text_has(text, ':'))
		return read_ranges(b, text, wish);
	if (!take_size(&text, &wish->size))
		return wrong(b, NB_CRASH_NO_VALUE, text);
	if (take_char(&text, '@'))
		take_size(&text, &wish->base);
	else if (text.len)
		return wrong(b, NB_CRASH_STRAY_CHAR, text);
	return FINE;
}

static enum reading read_suffixed(const struct crash_build *b, const char *suffix, nb_phys *size)
{
	struct nb_text text;

	*size = 0;
	if (!find_word(b, suffix, &text))
		return ABSENT;
	if (!take_size(&text, size))
		return wrong(b, NB_CRASH_NO_VALUE, text);
	if (!nb_text_starts(text, suffix) || text.len > length(suffix))
		return wrong(b, NB_CRASH_STRAY_CHAR, text);
	return FINE;
}

/* What is wanted; false: nothing. */
static bool read_wish(const struct crash_build *b, struct wish *wish, nb_phys *low)
{
	bool strict = b->env->rules->crash_strict;
	enum reading reading = read_plain(b, wish), of_low;

	if (strict ? reading == ABSENT : reading != FINE || !wish->size) {
		*wish = (struct wish){ .high = true };
		reading = read_suffixed(b, ",high", &wish->size);
	}
	if (reading != FINE || !wish->size)
		return false;
	*low = nb_max(b->params->bounce_bytes + BEYOND_BOUNCE, b->env->rules->crash_low_least);
	if (!strict)
		return true; /* the low part's word is only read when there is to be one */
	of_low = wish->high ? read_suffixed(b, ",low", &(nb_phys){ 0 }) : ABSENT;
	return of_low != WRONG && wish->size < b->ram;
}

/* How much is to lie below 4 GiB. */
static nb_phys low_size(const struct crash_build *b, const struct wish *wish, nb_phys by_default,
			bool *is_default)
{
	bool strict = b->env->rules->crash_strict;
	nb_phys size;

	*is_default = (strict && !wish->high) || read_suffixed(b, ",low", &size) != FINE;
	if (strict && wish->base)
		return 0;
	return *is_default ? by_default : size;
}

static enum nb_err get(const struct crash_build *b, struct nb_range in, nb_phys size, nb_phys align,
		       struct nb_range *got)
{
	const struct nb_request request = {
		.size = size,
		.align = align,
		.min = in.start,
		.max = in.end,
		.nid = NB_NO_NODE,
	};
	nb_phys at;
	enum nb_err err = NB_ERR_MEMORY;

	if (in.start < in.end && size <= in.end - in.start)
		err = nb_memblock_get(b->mb, &request, NB_RESERVED_CRASH, &at, b->env);
	if (!err)
		*got = (struct nb_range){ at, at + size };
	return err;
}

/* A place that is named. Up to 6.1 it has to be a multiple of 1 MiB, then of 16. */
static enum nb_err get_there(const struct crash_build *b, const struct wish *wish,
			     struct nb_range *got)
{
	const struct nb_range there = { wish->base,
					wish->base + nb_min(wish->size, UINT64_MAX - wish->base) };

	return get(b, there, wish->size, b->env->rules->crash_strict ? ALIGN : FIXED_ALIGN, got);
}

/* Anywhere: in which half first, and whether in the other at all. */
static enum nb_err get_anywhere(const struct crash_build *b, const struct wish *wish,
				struct nb_range *got)
{
	const struct nb_rules *rules = b->env->rules;
	const nb_phys low_end = rules->crash_low_end;
	const nb_phys high_end = b->env->config->low_and_vmalloc ? low_end : HIGH_END;
	const struct nb_range low = { rules->crash_strict ? 0 : ALIGN, low_end };
	const struct nb_range high = { rules->crash_strict ? low_end : ALIGN, high_end };
	bool second = wish->high ? rules->crash_strict : rules->crash_tries_high;
	enum nb_err err = get(b, wish->high ? high : low, wish->size, ALIGN, got);

	return err == NB_ERR_MEMORY && second
		       ? get(b, wish->high ? low : high, wish->size, ALIGN, got)
		       : err;
}

/* RAM below 4 GiB. */
static nb_phys low_ram(const struct nb_regions *memory)
{
	nb_phys size = 0;

	for (uint32_t i = 0; i < memory->count && nb_region_at(memory, i)->start < LOW_END; i++)
		size += nb_min(nb_region_at(memory, i)->end, LOW_END) -
			nb_region_at(memory, i)->start;
	return size;
}

static void tell(const struct crash_build *b, struct nb_range range, bool low)
{
	enum { LOW = 1 };

	nb_emit(b->env, .kind = NB_EV_CRASH_RESERVED, .flags = low ? LOW : 0, .range = range,
		.got = range.start, .limit = range.end,
		.more = { nb_range_size(range), b->ram, nb_min(b->ram, LOW_END),
			  low_ram(&b->mb->memory) });
}

static void tell_failed(const struct crash_build *b, enum nb_why why, nb_phys size,
			bool low_by_default)
{
	enum { IN_USE = 1, LOW = 2, BY_DEFAULT = 4 };

	nb_emit(b->env, .kind = NB_EV_CRASH_FAILED, .why = why, .got = size,
		.flags = (why == NB_WHY_CRASH_IN_USE ? IN_USE : 0) |
			 (why == NB_WHY_CRASH_NO_LOW ? LOW : 0) |
			 (low_by_default ? BY_DEFAULT : 0));
}

/* Some memory below 4 GiB, for devices that reach no further. */
static enum nb_err get_low(struct nb_crash *crash, const struct crash_build *b,
			   const struct wish *wish, nb_phys by_default)
{
	const struct nb_range below = { 0, LOW_END };
	bool is_default;
	nb_phys size = low_size(b, wish, by_default, &is_default);
	enum nb_err err = size ? get(b, below, size, ALIGN, &crash->low) : NB_OK;

	if (!err && size)
		tell(b, crash->low, true);
	else if (err == NB_ERR_MEMORY)
		tell_failed(b, NB_WHY_CRASH_NO_LOW, size, is_default);
	return err;
}

/* Where the kernel lies above 4 GiB, the low part decides with it; in the oldest lines
 * it comes last, and may be missing. */
static enum nb_err finish(struct nb_crash *crash, const struct crash_build *b,
			  const struct wish *wish, nb_phys by_default)
{
	bool needs_low = b->env->rules->crash_needs_low;
	bool is_high = crash->kernel.start >= LOW_END;
	struct nb_range kernel = crash->kernel;
	enum nb_err err = NB_OK;

	if (is_high && needs_low)
		err = get_low(crash, b, wish, by_default);
	if (err == NB_ERR_MEMORY) {
		crash->kernel = (struct nb_range){ 0 };
		return nb_memblock_give_back(b->mb, kernel, NB_RESERVED_CRASH, b->env);
	}
	if (err)
		return err;
	tell(b, crash->kernel, false);
	if (is_high && !needs_low)
		err = get_low(crash, b, wish, by_default);
	return err == NB_ERR_MEMORY ? NB_OK : err;
}

enum nb_err nb_crash_build(struct nb_crash *crash, struct nb_memblock *mb, const char *cmdline,
			   const struct nb_params *params, const struct nb_env *env)
{
	struct crash_build b = {
		.mb = mb,
		.params = params,
		.env = env,
		.line = { .at = cmdline },
		.ram = mb->memory_size,
	};
	struct wish wish;
	nb_phys low = 0;
	enum nb_err err;

	*crash = (struct nb_crash){ 0 };
	while (cmdline && b.line.len < LINE_CHARS && cmdline[b.line.len])
		b.line.len++;
	if (!read_wish(&b, &wish, &low))
		return NB_OK;
	err = wish.base ? get_there(&b, &wish, &crash->kernel)
			: get_anywhere(&b, &wish, &crash->kernel);
	if (err == NB_ERR_MEMORY) {
		tell_failed(&b, wish.base ? NB_WHY_CRASH_IN_USE : NB_WHY_CRASH_NO_ROOM, wish.size,
			    false);
		return NB_OK;
	}
	return err ? err : finish(crash, &b, &wish, low);
}
