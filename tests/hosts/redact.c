/* SPDX-License-Identifier: MIT */
/* redact: what names a machine goes, at the same length; what a boot is made of stays. */
#include "check.h"

#include "../../hosts/sources/redact.h"
#include "../../hosts/sources/text.h"

#include <numaboot/base.h>
#include <stdio.h>
#include <string.h>

static const struct row {
	const char *claim, *text, *want;
} rows[] = {
	{ "a MAC address goes", "eth0: 52:54:00:12:34:aB up", "eth0: XX:XX:XX:XX:XX:XX up" },
	{ "one of a boot loader goes", "BOOTIF=01-52-54-00-12-34-ab quiet",
	  "BOOTIF=XX-XX-XX-XX-XX-XX-XX quiet" },
	{ "a UUID goes", "root=UUID=0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f ro",
	  "root=UUID=XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX ro" },
	{ "an address goes", "ip=192.0.2.17::x:eth0 at 192.0.2.1\n",
	  "ip=XXX.X.X.XX::X:XXXX at XXX.X.X.X\n" },
	{ "the host's name goes as a word", "tower towers /dev/tower-1",
	  "XXXXX towers /dev/XXXXX-1" },
	{ "a value of the command line goes", "quiet hostname=a.b.example nfsroot=c:/d numa=off",
	  "quiet hostname=X.X.XXXXXXX nfsroot=X:/X numa=off" },
	{ "a serial number goes", "usb 1-1: SerialNumber: AB12\nnext",
	  "usb 1-1: SerialNumber: XXXX\nnext" },
	{ "who built the kernel goes", "Linux version 6.1.0 (me@build.example) (gcc 12)",
	  "Linux version 6.1.0 (XX@XXXXX.XXXXXXX) (gcc 12)" },
	{ "a range stays", "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable",
	  "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable" },
	{ "a release stays", "Linux version 6.12.117+deb12-amd64",
	  "Linux version 6.12.117+deb12-amd64" },
	{ "a PCI address stays", "pci 0000:00:1f.2: [8086:2922]", "pci 0000:00:1f.2: [8086:2922]" },
	{ "a time stays", "rtc: 2026-11-14T10:00:00 UTC", "rtc: 2026-11-14T10:00:00 UTC" },
	{ "a command line stays", "numa=fake=4 crashkernel=256M memmap=1G$0x100000000",
	  "numa=fake=4 crashkernel=256M memmap=1G$0x100000000" },
};

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		char text[128];
		uint32_t found;

		snprintf(text, sizeof(text), "%s", row->text);
		found = redact_text(text, strlen(text), text_of("tower"));
		check(!strcmp(text, row->want), row->claim);
		check((found > 0) == (strcmp(row->text, row->want) != 0), row->claim);
		for (size_t cut = 0; cut < strlen(row->text); cut++)
			redact_text(text, cut, text_of("tower"));
	}
}

static void test_page(void **state)
{
	char page[4096];

	(void)state;
	memset(page, 1, sizeof(page));
	redact_boot_page(page, sizeof(page));
	check(!page[0x140] && !page[0x1bf] && page[0x1c0], "the monitor's data goes, EFI's stays");
	check(!page[0x2cf] && page[0x2d0], "the disks' signatures go, the map stays");
	redact_boot_page(page, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
