/* SPDX-License-Identifier: MIT */
/*
 * kernel: the smallest that needs memory. It is started as the image of hosts/bare is,
 * whose way to long mode and serial port it borrows. It takes pages of each node, then
 * all that are left, and says where they were. With "-" it knows of no tables.
 */
#include "kernel.h"

#include "bare/handover.h"
#include "bare/serial.h"

enum { NODES = 4, PAGES = 1000 };

extern char image_start[], image_end[];
_Noreturn void entry(uint32_t magic, uint32_t info);

struct nb_range kernel_image(void)
{
	return (struct nb_range){ (uintptr_t)image_start, (uintptr_t)image_end };
}

void kernel_panic(const char *what, const char *file, int line)
{
	struct nb_writer *log = serial_log();

	say(log, "panic: ");
	say(log, what);
	say(log, ", ");
	say(log, file);
	say(log, ":");
	say_number(log, (uint64_t)line);
	say(log, "\n");
	end(END_TRAPPED);
}

/* Takes up to `most` pages, and writes into each; says between which they lie. */
static void take_pages(int32_t nid, uint64_t most)
{
	struct nb_writer *log = serial_log();
	nb_pfn first = UINT64_MAX, last = 0, pfn;
	uint64_t count = 0;

	for (; count < most && (pfn = memory_page(0, nid)) != UINT64_MAX; count++) {
		*(volatile uint64_t *)nb_pfn_phys(pfn) = pfn;
		first = nb_min(first, pfn);
		last = nb_max(last, pfn);
	}
	say(log, "node ");
	say_number(log, (uint64_t)nid);
	say(log, ": ");
	say_number(log, count);
	say(log, " pages, ");
	say_hex(log, nb_pfn_phys(first));
	say(log, " to ");
	say_hex(log, nb_pfn_phys(last));
	say(log, "\n");
}

void entry(uint32_t magic, uint32_t info)
{
	static struct nb_loader loader;
	const char *wrong = handover_read(&loader, magic, info);
	int32_t nodes = NODES;

	if (wrong)
		kernel_panic(wrong, __FILE__, __LINE__);
	if (loader.cmdline[0] == '-') { /* as if nobody told where the tables are */
		loader.rsdp = 0;
		nodes = 1;
	}
	memory_boot(loader.map, loader.map_count, loader.rsdp);
	memory_hand_over();
	for (int32_t nid = 0; nid < nodes; nid++)
		take_pages(nid, PAGES);
	take_pages(nodes - 1, UINT64_MAX);
	end(END_FINE);
}
