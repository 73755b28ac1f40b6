/* SPDX-License-Identifier: MIT */
/*
 * redact: finds what has the form of an identity.
 */
#include "redact.h"
#include "text.h"

#include <numaboot/base.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_word(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

static void cross_out(char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (is_word(at[i]))
			at[i] = 'X';
}

/* How long a form is at the start of a text: 'h' is a hexadecimal digit, all else
 * itself. 0: another text, or one that goes on as a word. */
static size_t has_form(struct nb_text text, const char *form)
{
	size_t i = 0;

	for (; form[i]; i++)
		if (i == text.len || (form[i] == 'h' ? !is_hex(text.at[i]) : text.at[i] != form[i]))
			return 0;
	return i < text.len && (is_word(text.at[i]) || text.at[i] == ':') ? 0 : i;
}

/* "192.0.2.1", which is no release and no range. */
static size_t has_ip(struct nb_text text)
{
	size_t i = 0;

	for (int part = 0; part < 4; part++) {
		size_t digits = 0;

		for (; i < text.len && is_digit(text.at[i]); i++)
			digits++;
		if (!digits || digits > 3)
			return 0;
		if (part < 3 && (i == text.len || text.at[i++] != '.'))
			return 0;
	}
	return i < text.len && (is_word(text.at[i]) || text.at[i] == '.' || text.at[i] == '-') ? 0
											       : i;
}

/* What identifies something by its form, at the start of a word. */
static size_t has_identity(struct nb_text text)
{
	static const char *const forms[] = {
		"hh:hh:hh:hh:hh:hh",
		"hh-hh-hh-hh-hh-hh",
		"01-hh-hh-hh-hh-hh-hh",
		"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh",
	};
	size_t len = has_ip(text);

	for (size_t i = 0; !len && i < NB_COUNT(forms); i++)
		len = has_form(text, forms[i]);
	return len;
}

static uint32_t redact_identities(char *at, size_t len)
{
	uint32_t found = 0;

	for (size_t i = 0; i < len; i++) {
		size_t form;

		if (i && (is_word(at[i - 1]) || at[i - 1] == ':' || at[i - 1] == '.' ||
			  at[i - 1] == '-'))
			continue;
		form = has_identity((struct nb_text){ at + i, len - i });
		if (!form)
			continue;
		cross_out(at + i, form);
		i += form - 1;
		found++;
	}
	return found;
}

/* Words of the kernel's command line whose values name something. */
static uint32_t redact_values(char *at, size_t len)
{
	static const char *const names[] = {
		"hostname=",  "ip=",        "nfsroot=", "BOOTIF=",
		"ifname=",    "UUID=",      "LABEL=",   "by-id/",
		"luks.name=", "luks.uuid=", "netdev=",  "nameserver=",
		"inst.ks=",   "inst.repo=", "url=",     "iscsi_initiator="
	};
	uint32_t found = 0;

	for (size_t n = 0; n < NB_COUNT(names); n++)
		for (size_t i = 0; i < len; i++) {
			size_t name = strlen(names[n]), end;

			if (len - i <= name || memcmp(at + i, names[n], name) != 0 ||
			    (i && is_word(at[i - 1]) && names[n][0] != 'h' && names[n][0] != 'u'))
				continue;
			for (end = i + name; end < len && !strchr(" \n\t\"", at[end]);)
				end++;
			cross_out(at + i + name, end - i - name);
			found += end > i + name;
			i = end - 1;
		}
	return found;
}

/* What follows a mark, up to the end of the line or to a closing bracket. */
static uint32_t redact_behind(char *at, size_t len, const char *mark, const char *ends)
{
	size_t mark_len = strlen(mark);
	uint32_t found = 0;

	for (size_t i = 0; i + mark_len < len; i++) {
		size_t end, same = 0;

		while (same < mark_len && (at[i + same] | 0x20) == (mark[same] | 0x20))
			same++;
		if (same < mark_len)
			continue;
		for (end = i + mark_len; end < len && !strchr(ends, at[end]);)
			end++;
		cross_out(at + i + mark_len, end - i - mark_len);
		found++;
		i = end - 1;
	}
	return found;
}

/* "(builder@host)". */
static uint32_t redact_builders(char *at, size_t len)
{
	uint32_t found = 0;

	for (size_t i = 0; i < len; i++) {
		size_t first = i, last = i;

		if (at[i] != '@')
			continue;
		while (first > 0 && (is_word(at[first - 1]) || strchr(".-+", at[first - 1])))
			first--;
		while (last + 1 < len && (is_word(at[last + 1]) || strchr(".-", at[last + 1])))
			last++;
		if (first == i || last == i || first == 0 || at[first - 1] != '(')
			continue;
		cross_out(at + first, last + 1 - first);
		found++;
	}
	return found;
}

static uint32_t redact_name(char *at, size_t len, struct nb_text name)
{
	uint32_t found = 0;

	if (name.len < 2 || text_is(name, "localhost"))
		return 0;
	for (size_t i = 0; i + name.len <= len; i++) {
		if (memcmp(at + i, name.at, name.len) != 0 || (i && is_word(at[i - 1])) ||
		    (i + name.len < len && is_word(at[i + name.len])))
			continue;
		cross_out(at + i, name.len);
		found++;
	}
	return found;
}

uint32_t redact_text(char *at, size_t len, struct nb_text host)
{
	return redact_identities(at, len) + redact_values(at, len) +
	       redact_behind(at, len, "serial number:", "\n") +
	       redact_behind(at, len, "serialnumber:", "\n") +
	       redact_behind(at, len, "hostname set to ", "\n") + redact_builders(at, len) +
	       redact_name(at, len, host);
}

void redact_boot_page(char *at, size_t len)
{
	/* Linux 6.12 arch/x86/include/uapi/asm/bootparam.h struct boot_params: edid_info,
	 * edd_mbr_sig_buffer, eddbuf. */
	static const struct {
		size_t start, end;
	} parts[] = { { 0x140, 0x1c0 }, { 0x290, 0x2d0 }, { 0xd00, 0xeec } };

	for (size_t i = 0; i < NB_COUNT(parts); i++)
		if (len >= parts[i].end)
			memset(at + parts[i].start, 0, parts[i].end - parts[i].start);
}
