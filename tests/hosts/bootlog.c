/* SPDX-License-Identifier: MIT */
/* bootlog: whatever wrote a log, its lines are those of the kernel. */
#include "check.h"

#include "../../hosts/sources/source.h"

#include <stdlib.h>
#include <string.h>

void pool_exhausted(void)
{
	abort();
}

static const struct form {
	const char *claim, *text, *line;
} forms[] = {
	{ "a level and a stamp go", "<6>[    0.000000] Zone ranges:\n", "Zone ranges:" },
	{ "a stamp goes", "[   12.345678] Zone ranges:\n", "Zone ranges:" },
	{ "a caller goes", "[    0.000000] [    T0] Zone ranges:\n", "Zone ranges:" },
	{ "a caller right behind the stamp goes", "[    0.000000][    T0] Zone ranges:\n",
	  "Zone ranges:" },
	{ "a date goes", "[Sat Nov 14 10:00:00 2026] Zone ranges:\n", "Zone ranges:" },
	{ "a short date goes", "[Nov14 10:00] Zone ranges:\n", "Zone ranges:" },
	{ "time since the line before goes", "[  +0.000003] Zone ranges:\n", "Zone ranges:" },
	{ "both times go", "[    0.000010 <    0.000003>] Zone ranges:\n", "Zone ranges:" },
	{ "an ISO date goes", "2026-11-14T10:00:00,000000+01:00 Zone ranges:\n", "Zone ranges:" },
	{ "facility and level in words go", "kern  :info  : [    0.000000] Zone ranges:\n",
	  "Zone ranges:" },
	{ "a journal's prefix goes", "Nov 14 10:00:00 host kernel: Zone ranges:\n",
	  "Zone ranges:" },
	{ "a journal's prefix goes, and the stamp after it",
	  "2026-11-14T10:00:00+01:00 host kernel: [    0.000000] Zone ranges:\n", "Zone ranges:" },
	{ "a host behind a stamp goes", "[    5.123456] host kernel: Zone ranges:\n",
	  "Zone ranges:" },
	{ "another program's lines go",
	  "Nov 14 10:00:00 host kernel: Zone ranges:\nNov 14 10:00:00 host systemd[1]: started\n",
	  "Zone ranges:" },
	{ "with ISO dates, too",
	  "2026-11-14T10:00:00+01:00 host cron[12]: begun\n2026-11-14T10:00:00+01:00 host kernel: Zone ranges:\n",
	  "Zone ranges:" },
	{ "a date in another language goes",
	  "[\320\241\320\261 \320\275\320\276\321\217 14 10:00:00 2026] Zone ranges:\n",
	  "Zone ranges:" },
	{ "a date in small letters goes", "[sam. nov. 14 10:00:00 2026] Zone ranges:\n",
	  "Zone ranges:" },
	{ "a time in brackets that is no date stays", "[at 10:00:00 it was] so\n",
	  "[at 10:00:00 it was] so" },
	{ "a journal's date in small letters goes", "lis 14 10:00:00 host kernel: Zone ranges:\n",
	  "Zone ranges:" },
	{ "a journal's whole date goes",
	  "Sat 2026-11-14 10:00:00 CET host kernel:   DMA      empty\n", "  DMA      empty" },
	{ "a journal's seconds go", "1763110800.123456 host kernel: Zone ranges:\n",
	  "Zone ranges:" },
	{ "a journal's parts of a second go", "Nov 14 10:00:00.123456 host kernel: Zone ranges:\n",
	  "Zone ranges:" },
	{ "a journal's difference goes",
	  "[  139.023512 <    0.000006 >] host kernel: Zone ranges:\n", "Zone ranges:" },
	{ "another program's lines go in any language",
	  "lis 14 10:00:00 host kernel: Zone ranges:\nlis 14 10:00:00 host systemd[1]: started\n"
	  "1763110800.123456 host cron[7]: begun\n",
	  "Zone ranges:" },
	{ "an installer's prefix goes", "10:00:00,534 INFO kernel:Zone ranges:\n", "Zone ranges:" },
	{ "an installer's prefix leaves the line's blanks",
	  "10:00:00,534 INFO kernel:  DMA      empty\n", "  DMA      empty" },
	{ "a mail's quotes go", "> > [    0.000000] Zone ranges:\n", "Zone ranges:" },
	{ "colours go", "\033[32m[    0.000000] \033[0mZone ranges:\n", "Zone ranges:" },
	{ "a record's prefix goes", "6,123,0,-;Zone ranges:\n", "Zone ranges:" },
	{ "a record's prefix with a caller goes", "6,123,0,-,caller=T0;Zone ranges:\n",
	  "Zone ranges:" },
	{ "a carriage return goes", "[    0.000000] Zone ranges:\r\n", "Zone ranges:" },
	{ "no prefix is no harm", "Zone ranges:\n", "Zone ranges:" },
	{ "blanks of the line stay", "[    0.000000]   DMA      empty \n", "  DMA      empty " },
	{ "a bracket that is no stamp stays", "[SRAT:0x01] Invalid zero length\n",
	  "[SRAT:0x01] Invalid zero length" },
	{ "the last line needs no end", "[    0.000000] Zone ranges:", "Zone ranges:" },
	{ "an unclosed bracket stays", "[    0.0000", "[    0.0000" },
	{ "an unclosed level stays", "<6", "<6" },
};

static void test_forms(void **state)
{
	(void)state;
	for (const struct form *form = forms; form < forms + NB_COUNT(forms); form++) {
		struct pool pool = { 0 };
		struct boot_log log;

		boot_log_read(&log, text_of(form->text), &pool);
		check(log.count == 1, form->claim);
		check(text_is(log.lines[0], form->line), form->claim);
		pool_drop(&pool);
	}
}

/* Logs and what is left of them, lines ended by newlines. */
static const struct whole {
	const char *claim, *text, *lines;
	bool from_start, keeps_blanks, panicked;
} wholes[] = {
	{ "an empty log has no lines", "", "", false, false, false },
	{ "the kernel's first line is the start", "junk\n[ 0.0] Linux version 6.12\n[ 0.0] a\n",
	  "Linux version 6.12\na\n", true, false, false },
	{ "of two boots the last one counts",
	  "Linux version 1\na\nKernel panic - not syncing: x\nLinux version 2\nb\n",
	  "Linux version 2\nb\n", true, false, false },
	{ "a panic is seen", "Linux version 1\nKernel panic - not syncing: x\n",
	  "Linux version 1\nKernel panic - not syncing: x\n", true, false, true },
	{ "a blank at a line's end is seen", "[ 0.0] a \n", "a \n", false, true, false },
	{ "CPUs that a warning cut off return to their line",
	  "[ 0.1] .... node  #1, CPUs:   #2\n[ 0.2] WARNING\n[ 0.3]  #3 #4\n",
	  ".... node  #1, CPUs:   #2 #3 #4\nWARNING\n", false, false, false },
	{ "CPUs without a line before stay", "[ 0.3]  #3\n", " #3\n", false, false, false },
	{ "a record that begins inside a line is a line",
	  "<6>[    0.1] .... node  #1, CPUs:   #2\n<4>[    0.2]  #3<5>[    0.3] late\n",
	  ".... node  #1, CPUs:   #2 #3\nlate\n", false, false, false },
	{ "what a mailer wrapped is one line again",
	  "[    0.000000] a line of some length that a mailer has wrapped at a\n"
	  "blank\n[    0.000000] b\n[    0.000000] c\n",
	  "a line of some length that a mailer has wrapped at a blank\nb\nc\n", false, false,
	  false },
	{ "what the console says of lost messages continues no line",
	  "[    0.000000] a line of some length that no mailer has wrapped at any of\n"
	  "** 3 printk messages dropped **\n[    0.000000] b\n[    0.000000] c\n",
	  "a line of some length that no mailer has wrapped at any of\n"
	  "** 3 printk messages dropped **\nb\nc\n",
	  false, false, false },
	{ "a line that had room was not wrapped",
	  "[    0.000000] a\n  00: 86\n[    0.000000] b\n[    0.000000] c\n", "a\n  00: 86\nb\nc\n",
	  false, false, false },
	{ "an address without its bracket is never alone",
	  "[    0.000000] Initmem setup node 0 [mem\n0x1000-0x1fff]\n",
	  "Initmem setup node 0 [mem 0x1000-0x1fff]\n", false, false, false },
	{ "what a terminal cut at its edge is one line again",
	  "[    0.000000] abcdefgh\nij\n[    0.000000] ABCDEFGH\nIJ\n[    0.000000] 01234567\n89\n"
	  "[    0.000000] b\n",
	  "abcdefghij\nABCDEFGHIJ\n0123456789\nb\n", false, false, false },
	{ "a blank that a logger took comes back",
	  "kernel: Zone ranges:\nNov 14 10:00:00 host kernel:  DMA      empty\n",
	  "kernel: Zone ranges:\n  DMA      empty\n", false, false, false },
	{ "a # that is no CPU stays", ".... node  #1, CPUs:   #2\n #3 up\n",
	  ".... node  #1, CPUs:   #2\n #3 up\n", false, false, false },
};

static bool has_lines(const struct boot_log *log, struct nb_text want)
{
	struct nb_text line;

	for (uint32_t i = 0; i < log->count; i++)
		if (!text_line(&want, &line) || !text_same(line, log->lines[i]))
			return false;
	return !want.len;
}

static void test_wholes(void **state)
{
	(void)state;
	for (const struct whole *row = wholes; row < wholes + NB_COUNT(wholes); row++) {
		struct pool pool = { 0 };
		struct boot_log log;

		boot_log_read(&log, text_of(row->text), &pool);
		check(has_lines(&log, text_of(row->lines)), row->claim);
		check(log.from_start == row->from_start, row->claim);
		check(log.keeps_blanks == row->keeps_blanks, row->claim);
		check(log.panicked == row->panicked, row->claim);
		pool_drop(&pool);
	}
}

static const struct pair {
	const char *claim, *log, *before, *lines;
} pairs[] = {
	{ "a lost beginning comes from the console", "c\nd\ne\nf\n",
	  "Linux version 1\na\nb\nc\nd\ne\n", "Linux version 1\na\nb\nc\nd\ne\nf\n" },
	{ "one equal line is no overlap", "c\nd\ne\n", "Linux version 1\nc\nx\n", "c\nd\ne\n" },
	{ "a whole log stays", "Linux version 1\nb\nc\n", "Linux version 1\na\nb\nc\n",
	  "Linux version 1\nb\nc\n" },
	{ "an empty console is no harm", "c\nd\ne\n", "", "c\nd\ne\n" },
};

static void test_completion(void **state)
{
	(void)state;
	for (const struct pair *row = pairs; row < pairs + NB_COUNT(pairs); row++) {
		struct pool pool = { 0 };
		struct boot_log log, before;

		boot_log_read(&log, text_of(row->log), &pool);
		boot_log_read(&before, text_of(row->before), &pool);
		boot_log_complete(&log, &before, &pool);
		check(has_lines(&log, text_of(row->lines)), row->claim);
		pool_drop(&pool);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_wholes),
		cmocka_unit_test(test_completion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
