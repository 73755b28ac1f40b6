/* SPDX-License-Identifier: MIT */
/*
 * cedt: the windows of physical addresses that CXL memory may appear in: CXL
 * 3.0 9.17.1.3. Linux looks neither at the entry's length nor at what is behind
 * base and size: drivers/acpi/numa/srat.c acpi_parse_cfmws().
 */
#include <numaboot/acpi.h>

#include "acpi/entry.h"
#include "base/bytes.h"

/* CXL Fixed Memory Window Structure, type 1, as far as it is read. Offsets in bytes. */
enum {
	WINDOW_BASE = 8,
	WINDOW_SIZE = 16,
	WINDOW_READ = 24,
};

void nb_cedt_window(const struct nb_entry *entry, struct nb_cedt_window *out,
		    struct nb_fault *fault)
{
	entry_is_there(entry, WINDOW_READ, fault);
	*out = (struct nb_cedt_window){
		.length = entry->length,
		.base = nb_le64(entry->rest, WINDOW_BASE),
		.size = nb_le64(entry->rest, WINDOW_SIZE),
	};
}
