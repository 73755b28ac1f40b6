/* SPDX-License-Identifier: MIT */
/* cedt: any bytes as a CEDT. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nb_table table = fuzz_table(data, size);
	struct nb_entry_walk walk = nb_entries(&table, NB_ENTRY_CEDT, NB_CEDT_ENTRIES);
	struct nb_entry entry;

	while (fuzz_next(&walk, &entry)) {
		struct nb_cedt_window window;
		struct nb_fault fault;

		nb_cedt_window(&entry, &window, &fault);
		fuzz_lenient(&entry, 36, window.length, &fault);
	}
	return 0;
}
