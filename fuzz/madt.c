/* SPDX-License-Identifier: MIT */
/* madt: any bytes as a MADT. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nb_table table = fuzz_table(data, size);
	struct nb_entry_walk walk = nb_entries(&table, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
	struct nb_entry entry;

	while (fuzz_next(&walk, &entry)) {
		size_t need = entry.type == NB_MADT_LAPIC ? 8 : 16;
		struct nb_madt_cpu cpu;
		struct nb_fault fault;
		enum nb_err err;

		if (entry.type != NB_MADT_LAPIC && entry.type != NB_MADT_SAPIC &&
		    entry.type != NB_MADT_X2APIC)
			continue;
		err = nb_madt_cpu(&entry, &cpu, &fault);
		ensure((err == NB_OK) == (entry.bytes.len >= need));
		ensure((err == NB_OK) == (fault.kind == NB_FAULT_NONE));
		if (!err && entry.type == NB_MADT_LAPIC)
			ensure(cpu.apic_id <= 0xff && cpu.uid <= 0xff);
	}
	return 0;
}
