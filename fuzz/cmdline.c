/* SPDX-License-Identifier: MIT */
/*
 * cmdline: any bytes, up to the first NUL, as a kernel command line: the walk
 * over its words, the readers of values on each, and all parameters at once.
 */
#include <numaboot/params.h>
#include <numaboot/rules.h>

#include "fuzz.h"
#include "listen.h"

/* A reader steps forward over what it read, or nowhere. */
static void ensure_inside(struct nb_text text, struct nb_text whole)
{
	ensure(text.at >= whole.at && text.at <= whole.at + whole.len);
	ensure(text.at + text.len == whole.at + whole.len);
}

static void read_value(struct nb_text value)
{
	struct nb_text text = value;
	uint64_t number = nb_text_number(&text);
	int32_t option;

	ensure_inside(text, value);
	ensure(number == 0 || text.at > value.at);
	text = value;
	(void)nb_text_size(&text);
	ensure_inside(text, value);
	ensure(nb_text_has(value, ',') == (memchr(value.at, ',', value.len) != NULL));
	ensure(nb_text_starts(value, "fake=") == (value.len >= 5 && !memcmp(value.at, "fake=", 5)));

	/* A list of numbers comes to an end. */
	text = value;
	for (size_t steps = 0;; steps++) {
		struct nb_text before = text;
		int found = nb_text_option(&text, &option);

		ensure(found >= 0 && found <= 3 && steps <= value.len);
		ensure_inside(text, before);
		if (found != 2)
			break;
		ensure(text.at > before.at);
	}
}

static void walk(const char *line, size_t len)
{
	struct nb_cmdline at = { .rest = line };
	struct nb_param param;
	size_t words = 0;

	while (nb_cmdline_next(&at, &param)) {
		ensure(at.rest >= line && at.rest <= line + len);
		ensure(param.name.at >= line && param.name.at + param.name.len <= at.rest);
		ensure(++words <= len);
		(void)nb_param_is(&param, "numa");
		(void)nb_param_is(&param, "movable-node");
		if (!param.value.at)
			continue;
		ensure(param.value.at > param.name.at + param.name.len);
		ensure(param.value.at + param.value.len <= at.rest);
		read_value(param.value);
	}
	ensure(!nb_cmdline_next(&at, &param));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	size_t len = end ? (size_t)(end - data) : size;
	char *line = malloc(len + 1);
	struct listener listener = listen(NB_LINE_6_12);
	struct nb_env env = {
		.rules = &nb_lines[NB_LINE_6_12],
		.config = &nb_configs[NB_LINE_6_12],
		.sink = &listener.sink,
	};
	struct nb_params params;

	ensure(line != NULL);
	if (len)
		memcpy(line, data, len);
	line[len] = '\0';

	walk(line, len);
	ensure(nb_params_read(&params, line, &env) == NB_OK);
	ensure(params.nr_cpus < env.config->max_cpus);
	if (params.numa_fake.at)
		ensure(params.numa_fake.at > line &&
		       params.numa_fake.at + params.numa_fake.len <= line + len);
	ensure(nb_params_read(&params, NULL, &env) == NB_OK);
	free(line);
	return 0;
}
