/* SPDX-License-Identifier: MIT */
/*
 * cmdline: words of the kernel's command line that take nodes or memory away. A
 * boot loader's shell takes `$0x100000` of memmap=64M$0x100000 for a variable of
 * its own; what is left limits all memory to 64 MiB.
 */
#include "lint.h"

#include <numaboot/events.h>
#include <string.h>

/* The end of RAM, as the firmware has it. */
static nb_phys ram_end(const struct nb_firmware *fw)
{
	nb_phys end = 0;

	for (uint32_t i = 0; i < fw->map_count + fw->extended_count; i++) {
		const struct nb_e820_entry *e =
			i < fw->map_count ? &fw->map[i] : &fw->extended[i - fw->map_count];

		if (e->type == NB_E820_RAM && e->size <= UINT64_MAX - e->start)
			end = nb_max(end, e->start + e->size);
	}
	return end;
}

/* The place of a word. */
static uint32_t place_of(const struct lint *l, const struct nb_param *param)
{
	return (uint32_t)(param->name.at - l->fw->cmdline);
}

/* Takes the word out. */
static void drop_word(struct lint *l, const struct nb_param *param)
{
	const char *from = param->name.at;
	const char *end = param->value.at ? param->value.at + param->value.len
					  : from + param->name.len;

	mend(l, (struct edit){ .kind = EDIT_WORD,
			       .offset = place_of(l, param),
			       .width = (uint32_t)(end - from) });
}

/* Whether enabled memory of the SRAT is of more than one domain. */
static bool several_domains(const struct lint *l)
{
	const struct srat_memory_at *first = NULL;

	for (uint32_t i = 0; i < l->memory_count; i++) {
		if (!is_on(&l->memory[i]))
			continue;
		if (first && l->memory[i].pxm != first->pxm)
			return true;
		first = &l->memory[i];
	}
	return false;
}

/* One of the ranges of memmap=, and of mem= the only one. */
static void lint_limit(struct lint *l, const struct nb_param *param, struct nb_text value)
{
	nb_phys limit = nb_text_size(&value), end = ram_end(l->fw);
	bool map = nb_param_is(param, "memmap");

	if (map && value.len && !strchr("@#$!%,-", value.at[0])) {
		report(l, FINDING_CMDLINE_SHELL, in_words(place_of(l, param)),
		       "@, #, $, ! or % behind the size", "%.*s=%.*s", (int)param->name.len,
		       param->name.at, (int)param->value.len, param->value.at);
		drop_word(l, param);
	} else if (!value.len && limit && limit < end) {
		report(l, map ? FINDING_CMDLINE_SHELL : FINDING_CMDLINE_MEMORY_LIMIT,
		       in_words(place_of(l, param)),
		       map ? "@, #, $, ! or % behind the size" : "nothing, if it is meant so",
		       "%.*s=%.*s uses memory below 0x%llx, and RAM ends at 0x%llx",
		       (int)param->name.len, param->name.at, (int)param->value.len, param->value.at,
		       (unsigned long long)limit, (unsigned long long)end);
		drop_word(l, param);
	}
}

static void lint_memmap(struct lint *l, const struct nb_param *param)
{
	struct nb_text rest = param->value;

	while (rest.len) {
		struct nb_text one = rest;
		const char *comma = (const char *)memchr(rest.at, ',', rest.len);

		if (comma)
			one.len = (size_t)(comma - rest.at);
		rest.at += one.len + (comma != NULL);
		rest.len -= one.len + (comma != NULL);
		if (one.len && one.at[0] >= '0' && one.at[0] <= '9')
			lint_limit(l, param, one);
	}
}

/* numa=off or numa=noacpi on a machine that has several domains. What follows these
 * letters the kernel does not look at. */
static void lint_numa(struct lint *l, const struct nb_param *param)
{
	bool off = nb_text_starts(param->value, "off");
	const char *read = off ? "off" : "noacpi";
	bool more = param->value.len > strlen(read);

	report(l, off ? FINDING_CMDLINE_NUMA_OFF : FINDING_CMDLINE_NOACPI,
	       in_words(place_of(l, param)), "nothing, if it is meant so",
	       "numa=%.*s%s%s, and the SRAT has several domains", (int)param->value.len,
	       param->value.at, more ? ", which the kernel reads as numa=" : "", more ? read : "");
	drop_word(l, param);
}

static void lint_word(struct lint *l, const struct nb_param *param)
{
	const struct nb_env env = { .rules = l->source->kernel.rules,
				    .config = &l->source->kernel.config };
	struct place_of_finding place = in_words(place_of(l, param));
	enum nb_param_id id;

	if (nb_param_is(param, "numa") && several_domains(l) &&
	    (nb_text_starts(param->value, "off") || nb_text_starts(param->value, "noacpi"))) {
		lint_numa(l, param);
	} else if (nb_param_is(param, "acpi") && text_is(param->value, "off") &&
		   l->srat != NO_TABLE) {
		report(l, FINDING_CMDLINE_ACPI_OFF, place, "nothing, if it is meant so",
		       "acpi=off, and there is an SRAT");
		drop_word(l, param);
	} else if (!l->fw->facts.kdump && nb_param_is(param, "mem")) {
		lint_limit(l, param, param->value);
	} else if (!l->fw->facts.kdump && nb_param_is(param, "memmap")) {
		lint_memmap(l, param);
	} else if (env.rules && nb_param_judge(param, &env, &id) != NB_FATE_FINE) {
		report(l, FINDING_CMDLINE_MALFORMED, place, "a value that the kernel can read",
		       "%.*s=%.*s", (int)param->name.len, param->name.at, (int)param->value.len,
		       param->value.at ? param->value.at : "");
		drop_word(l, param);
	}
}

void lint_cmdline(struct lint *l)
{
	struct nb_cmdline line = { .rest = l->fw->cmdline ? l->fw->cmdline : "" };
	struct nb_param param;

	while (nb_cmdline_next(&line, &param))
		lint_word(l, &param);
}
