/* SPDX-License-Identifier: MIT */
/* srat: any bytes as a SRAT. */
#include "fuzz.h"

static void read_entry(const struct nb_entry *entry)
{
	struct nb_srat_initiator initiator;
	struct nb_srat_memory memory;
	struct nb_srat_cpu cpu;
	struct nb_fault fault;

	switch (entry->type) {
	case NB_SRAT_LAPIC:
		nb_srat_lapic(entry, &cpu, &fault);
		fuzz_lenient(entry, 16, cpu.length, &fault);
		ensure(cpu.pxm_low <= 0xff && !(cpu.pxm_high & 0xff) && cpu.apic_id <= 0xff);
		break;
	case NB_SRAT_X2APIC:
		nb_srat_x2apic(entry, &cpu, &fault);
		fuzz_lenient(entry, 24, cpu.length, &fault);
		ensure(cpu.pxm_high == 0);
		break;
	case NB_SRAT_MEMORY:
		nb_srat_memory(entry, &memory, &fault);
		fuzz_lenient(entry, 40, memory.length, &fault);
		break;
	default: /* any other as if it were an initiator or a port */
		nb_srat_initiator(entry, &initiator, &fault);
		fuzz_lenient(entry, 32, initiator.length, &fault);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nb_table table = fuzz_table(data, size);
	struct nb_entry_walk walk = nb_entries(&table, NB_ENTRY_COMMON, NB_SRAT_ENTRIES);
	struct nb_entry entry;

	while (fuzz_next(&walk, &entry))
		read_entry(&entry);
	(void)nb_acpi_checksum_ok(&table);
	return 0;
}
