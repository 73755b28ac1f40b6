/* SPDX-License-Identifier: MIT */
/*
 * bootlog_words: the lines of a log in plain words, which are those of Linux 6.12
 * without leading zeros, whatever release wrote them: from 2.6.32, whose ranges
 * are page frames or end behind their last byte, to 7.3. Sources read plain
 * lines, and a release between two modelled ones is compared by them.
 */
#include "source.h"

#include <stdio.h>
#include <string.h>

/*
 * Another release's words and the plain ones. In `from`, %d is a decimal number,
 * %h a hexadecimal one with 0x or without, %s any text up to what follows, and ~
 * any number of blanks. In `to`, %1s is the first of them as it was, %1d decimal,
 * %1x hexadecimal, %1e the byte before it, %1p and %1q the first byte of a page
 * frame and the byte before it, %- the first number less the second.
 */
/* clang-format off */
static const struct rewrite {
	const char *from, *to;
} rewrites[] = {
	/* up to 3.4: ranges without [mem */
	{ "~BIOS-e820: %h - %h (%s)", "BIOS-e820: [mem %1x-%2e] %3s" },
	{ "~BIOS-e801: %h - %h (%s)", "BIOS-e801: [mem %1x-%2e] %3s" },
	{ "~BIOS-88: %h - %h (%s)", "BIOS-88: [mem %1x-%2e] %3s" },
	{ "~user: %h - %h (%s)", "user: [mem %1x-%2e] %3s" },
	{ "~modified: %h - %h (%s)", "modified: [mem %1x-%2e] %3s" },
	{ "~extended: %h - %h (%s)", "extended: [mem %1x-%2e] %3s" },
	{ "~reserve setup_data: %h - %h (%s)", "reserve setup_data: [mem %1x-%2e] %3s" },
	{ "~Xen: %h - %h (%s)", "Xen: [mem %1x-%2e] %3s" },
	{ "e820 update range: %h - %h (%s) ==> (%s)", "e820: update [mem %1x-%2e] %3s ==> %4s" },
	{ "e820 remove range: %h - %h (%s)", "e820: remove [mem %1x-%2e] %3s" },
	{ "RAMDISK: %h - %h", "RAMDISK: [mem %1x-%2e]" },
	{ "SRAT: Node %d PXM %d %h-%h", "ACPI: SRAT: Node %1d PXM %2d [mem %3x-%4e]" },
	{ "SRAT: PXM %d -> APIC %d -> Node %d", "SRAT: PXM %1d -> APIC %2x -> Node %3d" },
	{ "NUMA: Node %d [%h,%h) + [%h,%h) -> [%h,%h)", "NUMA: Node %1d [mem %2x-%3e] + [mem %4x-%5e] -> [mem %6x-%7e]" },
	{ "Faking a node at %h-%h", "Faking a node at [mem %1x-%2e]" },
	{ "Initmem setup node %d %h-%h", "Initmem setup node %1d [mem %2x-%3e]" },
	{ "Bootmem setup node %d %h-%h", "Initmem setup node %1d [mem %2x-%3e]" },
	{ "  NODE_DATA [%h - %h]", "  NODE_DATA [mem %1x-%2x]" },
	{ "NR_CPUS:%d nr_cpumask_bits:%s", "setup_percpu: NR_CPUS:%1d nr_cpumask_bits:%2s" },
	{ "Zone PFN ranges:", "Zone ranges:" },
	{ "  DMA      %h -> %h", "  DMA      [mem %1p-%2q]" },
	{ "  DMA32    %h -> %h", "  DMA32    [mem %1p-%2q]" },
	{ "  Normal   %h -> %h", "  Normal   [mem %1p-%2q]" },
	{ "  HighMem  %h -> %h", "  HighMem  [mem %1p-%2q]" },
	{ "Movable zone start PFN for each node", "Movable zone start for each node" },
	{ "early_node_map[%d] active PFN ranges", "Early memory node ranges" },
	{ "    %d: %h -> %h", "  node   %1d: [mem %2p-%3q]" },

	/* names that lines began with, up to 4.15 or so */
	{ "e820: BIOS-provided%s", "BIOS-provided%1s" },
	{ "e820: user-defined%s", "user-defined%1s" },
	{ "e820: modified physical%s", "modified physical%1s" },
	{ "e820: extended physical%s", "extended physical%1s" },
	{ "e820: last_pfn%s", "last_pfn%1s" },
	{ "e820: too many entries%s", "too many entries%1s" },
	{ ".text .data .bss are not marked as E820_RAM!", ".text .data .bss are not marked as E820_TYPE_RAM!" },
	{ "SRAT: Node %s", "ACPI: SRAT: Node %1s" },
	{ "SRAT: SRAT not used.", "ACPI: SRAT: SRAT not used." },
	{ "SRAT: Too many%s", "ACPI: SRAT: Too many%1s" },
	{ "ACPI: [SRAT:%s", "[SRAT:%1s" },
	{ "NUMA: node %s", "node %1s" },
	{ "NUMA: Warning: node%s", "Warning: node%1s" },
	{ "NUMA: Warning: invalid%s", "Warning: invalid%1s" },

	/* memblock=debug */
	{ "__memblock_reserve: %s", "memblock_reserve: %1s" },
	{ "~memblock_free: [%h-%h]%s", "memblock_phys_free: [%1x-%2x]%3s" },
	{ "__memblock_free_early: [%s", "memblock_phys_free: [%1s" },

	/* processors */
	{ "smpboot: Allowing %d CPUs, %d hotplug CPUs", "CPU topo: Allowing %- present CPUs plus %2d hotplug CPUs" },
	{ "SMP: Allowing %d CPUs, %d hotplug CPUs", "CPU topo: Allowing %- present CPUs plus %2d hotplug CPUs" },
	{ "x86: Booting SMP configuration:", "smpboot: x86: Booting SMP configuration:" },
	{ "x86: Booted up %s", "smp: Brought up %1s" },
	{ "Built %d zonelists in Node order, %s", "Built %1d zonelists, %2s" },

	/* hash tables: up to 5.2 nothing tells how they lie; a line may go on behind one */
	{ "%s hash table entries: %s bytes, %s) Poking KASLR %s", "%1s hash table entries: %2s bytes)" },
	{ "%s hash table entries: %s bytes, %s)", "%1s hash table entries: %2s bytes)" },

	{ "software IO TLB [mem %h-%h] (%s) mapped at %s", "software IO TLB: mapped [mem %1x-%2x] (%3s)" },

	/* areas of processors, with an address up to 4.20 */
	{ "PERCPU: Embedded %d pages/cpu @%s s%s", "percpu: Embedded %1d pages/cpu s%3s" },
	{ "percpu: Embedded %d pages/cpu @%s s%s", "percpu: Embedded %1d pages/cpu s%3s" },
	{ "PERCPU: %d 4K pages/cpu @%s s%s", "percpu: %1d 4K pages/cpu s%3s" },
	{ "percpu: %d 4K pages/cpu @%s s%s", "percpu: %1d 4K pages/cpu s%3s" },
	{ "PERCPU: max_distance%s", "percpu: max_distance%1s" },
	{ "PERCPU: failed to allocate%s", "percpu: failed to allocate%1s" },

	/* 7.0: types of the map */
	{ "e820: update [mem %s] System RAM ==> device reserved", "e820: update [mem %1s] usable ==> reserved" },
	{ "e820: update [mem %s] System RAM ==> %s", "e820: update [mem %1s] usable ==> %2s" },
	{ "e820: remove [mem %s] System RAM", "e820: remove [mem %1s] usable" },
	{ "e820: remove [mem %s] device reserved", "e820: remove [mem %1s] reserved" },
	{ "%s: [mem %s]  System RAM", "%1s: [mem %2s] usable" },
	{ "%s: [mem %s]  device reserved", "%1s: [mem %2s] reserved" },
	{ "%s: [mem %s]  persistent RAM (type %d)", "%1s: [mem %2s] persistent (type %3d)" },
	{ "%s: [mem %s]  %s", "%1s: [mem %2s] %3s" },
	{ "E820 table full; ignoring %s", "too many entries; ignoring %1s" },
};
/* clang-format on */

enum { CAPTURES = 8 };

/* What stood where a pattern has a %. */
struct captures {
	struct nb_text text[CAPTURES];
	uint64_t number[CAPTURES];
	unsigned count;
};

static bool digit_of(char c, bool hexadecimal, unsigned *digit)
{
	if (c >= '0' && c <= '9')
		*digit = (unsigned)(c - '0');
	else if (hexadecimal && c >= 'a' && c <= 'f')
		*digit = (unsigned)(c - 'a') + 10;
	else if (hexadecimal && c >= 'A' && c <= 'F')
		*digit = (unsigned)(c - 'A') + 10;
	else
		return false;
	return true;
}

/* Takes a number off the text; false if there is none, or one of too many digits. */
static bool take_number(struct nb_text *text, bool hexadecimal, struct captures *c)
{
	enum { DIGITS_MOST = 16 };
	struct nb_text rest = *text;
	uint64_t number = 0;
	size_t len = 0;
	unsigned digit;

	if (hexadecimal)
		text_skip(&rest, "0x");
	while (len < rest.len && digit_of(rest.at[len], hexadecimal, &digit)) {
		number = number * (hexadecimal ? 16 : 10) + digit;
		len++;
	}
	if (!len || len > DIGITS_MOST)
		return false;
	rest = text_from(rest, len);
	c->text[c->count] = (struct nb_text){ text->at, text->len - rest.len };
	c->number[c->count++] = number;
	*text = rest;
	return true;
}

/* Takes text up to the first place where what follows in the pattern stands, up
 * to its next % or its end. */
static bool take_text(struct nb_text *text, const char *pattern, struct captures *c)
{
	char until[64];
	size_t len = strcspn(pattern, "%"), end;

	nb_assert(len < sizeof(until));
	memcpy(until, pattern, len);
	until[len] = '\0';
	end = len ? text_find(*text, until) : text->len;
	if (len && end == text->len)
		return false;
	c->text[c->count] = (struct nb_text){ text->at, end };
	c->number[c->count++] = 0;
	*text = text_from(*text, end);
	return true;
}

static bool fits(struct nb_text text, const char *pattern, struct captures *c)
{
	c->count = 0;
	for (; *pattern; pattern++) {
		if (*pattern == '~') {
			while (text.len && text.at[0] == ' ')
				text = text_from(text, 1);
		} else if (*pattern != '%') {
			if (!text.len || text.at[0] != *pattern)
				return false;
			text = text_from(text, 1);
		} else if (*++pattern == 's') {
			if (!take_text(&text, pattern + 1, c))
				return false;
		} else if (!take_number(&text, *pattern == 'h', c)) {
			return false;
		}
	}
	return !text.len;
}

/* The value of a capture in the form of a letter. Returns its length. */
static size_t put_capture(char *at, const struct captures *c, char which, char form)
{
	unsigned i = (unsigned)(which - '1');
	unsigned long long n;

	if (which == '-')
		return (size_t)sprintf(at, "%llu",
				       (unsigned long long)(c->number[0] - c->number[1]));
	nb_assert(i < c->count);
	n = c->number[i];
	switch (form) {
	case 'd':
		return (size_t)sprintf(at, "%llu", n);
	case 'x':
		return (size_t)sprintf(at, "0x%llx", n);
	case 'e':
		return (size_t)sprintf(at, "0x%llx", n - 1);
	case 'p':
		return (size_t)sprintf(at, "0x%llx", n << NB_PAGE_SHIFT);
	case 'q':
		return (size_t)sprintf(at, "0x%llx", (n << NB_PAGE_SHIFT) - 1);
	default:
		if (c->text[i].len)
			memcpy(at, c->text[i].at, c->text[i].len);
		return c->text[i].len;
	}
}

/* Writes a line anew. A capture in another form is at most this much longer. */
static struct nb_text compose(const char *to, const struct captures *c, struct pool *pool)
{
	enum { NUMBER_MOST = 24 };
	size_t most = strlen(to) + CAPTURES * NUMBER_MOST, len = 0;
	char *at;

	for (unsigned i = 0; i < c->count; i++)
		most += c->text[i].len;
	at = pool_space(pool, most);
	while (*to) {
		if (*to != '%') {
			at[len++] = *to++;
			continue;
		}
		len += put_capture(at + len, c, to[1], to[2]);
		to += to[1] == '-' ? 2 : 3;
	}
	pool_keep(pool, len);
	return (struct nb_text){ at, len };
}

static bool is_0x(struct nb_text text, size_t at)
{
	return at + 2 < text.len && text.at[at] == '0' && text.at[at + 1] == 'x';
}

/* Whether some address has a zero that could go. */
static bool has_zeros(struct nb_text line)
{
	for (size_t at = 1; at + 2 < line.len; at++) {
		const char *x = (const char *)memchr(line.at + at, 'x', line.len - at - 2);

		if (!x)
			return false;
		at = (size_t)(x - line.at);
		if (is_0x(line, at - 1) && line.at[at + 1] == '0')
			return true;
	}
	return false;
}

/* Without leading zeros of hexadecimal numbers. */
static struct nb_text without_zeros(struct nb_text line, struct pool *pool)
{
	char *at;
	size_t len = 0;
	unsigned unused;

	if (!has_zeros(line))
		return line;
	at = (char *)pool_take(pool, line.len);
	for (size_t i = 0; i < line.len; i++) {
		bool prefix = is_0x(line, i);

		at[len++] = line.at[i];
		if (!prefix)
			continue;
		at[len++] = line.at[++i];
		while (i + 2 < line.len && line.at[i + 1] == '0' &&
		       digit_of(line.at[i + 2], true, &unused))
			i++;
	}
	return (struct nb_text){ at, len };
}

/* A zone that ends before it starts is empty: up to 2.6.32 its borders were told. */
static struct nb_text without_empty_zone(struct nb_text line, struct pool *pool)
{
	struct captures c;

	if (!fits(line, "  %s[mem %h-%h]", &c) || c.number[1] != c.number[2] + 1)
		return line;
	return compose("  %1sempty", &c, pool);
}

/* A set of rewrites, a bit each. */
struct rows {
	uint64_t bits[(NB_COUNT(rewrites) + 63) / 64];
};

static void add_row(struct rows *rows, size_t row)
{
	rows->bits[row / 64] |= (uint64_t)1 << row % 64;
}

static void add_rows(struct rows *rows, const struct rows *more)
{
	for (size_t i = 0; i < NB_COUNT(rows->bits); i++)
		rows->bits[i] |= more->bits[i];
}

/* Puts a line in the words of the first of some rows that fits. */
static struct nb_text rewrite(struct nb_text line, const struct rows *rows, struct pool *pool)
{
	struct captures c;

	for (size_t i = 0; i < NB_COUNT(rows->bits); i++)
		for (uint64_t left = rows->bits[i]; left; left &= left - 1) {
			const struct rewrite *row =
				&rewrites[64 * i + (size_t)__builtin_ctzll(left)];

			if (fits(line, row->from, &c))
				return without_zeros(
					without_empty_zone(compose(row->to, &c, pool), pool), pool);
		}
	return without_zeros(line, pool);
}

struct nb_text plain_words(struct nb_text line, struct pool *pool)
{
	struct rows all = { { 0 } };

	for (size_t row = 0; row < NB_COUNT(rewrites); row++)
		add_row(&all, row);
	return rewrite(line, &all, pool);
}

/* What a row that begins with any text has somewhere. */
static const char *const marks[] = { "[mem ", "hash table entries: " };

/* Which rows can fit, by what is seen at a glance: a log has many lines and most fit
 * none. */
struct sieve {
	struct rows first[256]; /* by the line's first byte */
	struct rows word[256];  /* by its first byte that is no blank */
	struct rows marked[NB_COUNT(marks)];
};

static void make_sieve(struct sieve *sieve)
{
	memset(sieve, 0, sizeof(*sieve));
	for (size_t row = 0; row < NB_COUNT(rewrites); row++) {
		const char *from = rewrites[row].from;
		size_t m = 0;

		if (from[0] == '~') {
			add_row(&sieve->word[(uint8_t)from[1]], row);
		} else if (from[0] != '%') {
			add_row(&sieve->first[(uint8_t)from[0]], row);
		} else {
			while (m < NB_COUNT(marks) && !strstr(from, marks[m]))
				m++;
			nb_assert(m < NB_COUNT(marks));
			add_row(&sieve->marked[m], row);
		}
	}
}

static struct nb_text sift(const struct sieve *sieve, struct nb_text line, struct pool *pool)
{
	struct rows rows;
	size_t blanks = 0;

	if (!line.len)
		return line;
	rows = sieve->first[(uint8_t)line.at[0]];
	while (blanks + 1 < line.len && line.at[blanks] == ' ')
		blanks++;
	add_rows(&rows, &sieve->word[(uint8_t)line.at[blanks]]);
	for (size_t m = 0; m < NB_COUNT(marks); m++)
		if (text_find(line, marks[m]) < line.len)
			add_rows(&rows, &sieve->marked[m]);
	return rewrite(line, &rows, pool);
}

void boot_log_put_plainly(struct boot_log *log, struct pool *pool)
{
	struct sieve sieve;

	make_sieve(&sieve);
	log->plain =
		(struct nb_text *)pool_take(pool, ((size_t)log->count + 1) * sizeof(*log->plain));
	for (uint32_t i = 0; i < log->count; i++)
		log->plain[i] = sift(&sieve, log->lines[i], pool);
}
