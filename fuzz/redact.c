/* SPDX-License-Identifier: MIT */
/*
 * redact: any bytes as a text or the boot protocol's page from which a capture takes names
 * out. The first line is the host's name. Nothing but words is crossed out, the name is gone,
 * and what was redacted once stays as it is.
 */
#include "../hosts/sources/redact.h"
#include "../hosts/sources/text.h"

#include "fuzz.h"

void pool_exhausted(void)
{
	abort();
}

static bool is_word(char c)
{
	return text_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

/* Whether the name stands somewhere as a word of its own. */
static bool has_name(struct nb_text text, struct nb_text name)
{
	for (size_t i = 0; i + name.len <= text.len; i++)
		if (!memcmp(text.at + i, name.at, name.len) && (!i || !is_word(text.at[i - 1])) &&
		    (i + name.len == text.len || !is_word(text.at[i + name.len])))
			return true;
	return false;
}

/* Whether a name has something that can be crossed out. */
static bool has_words(struct nb_text name)
{
	for (size_t i = 0; i < name.len; i++)
		if (is_word(name.at[i]) && name.at[i] != 'X')
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *before = (char *)fuzz_copy(data, size), *once, *twice;
	struct nb_text rest = { before, size }, host = { "", 0 };
	size_t len;

	text_line(&rest, &host);
	len = rest.len;
	once = (char *)fuzz_copy(rest.at, len);
	redact_text(once, len, host);
	for (size_t i = 0; i < len; i++)
		ensure(once[i] == rest.at[i] || (once[i] == 'X' && is_word(rest.at[i])));
	if (host.len >= 2 && has_words(host) && !text_is(host, "localhost"))
		ensure(!has_name((struct nb_text){ once, len }, host));
	twice = (char *)fuzz_copy(once, len);
	redact_text(twice, len, host);
	ensure(!len || !memcmp(once, twice, len));
	redact_boot_page(twice, len);
	free(twice);
	free(once);
	free(before);
	return 0;
}
