/* SPDX-License-Identifier: MIT */
/*
 * fadt: how new it says that it is, against how long it is: ACPI 6.5 5.2.9. Its
 * version decides how disabled processors of the MADT are read.
 */
#include "lint.h"

enum {
	REVISION_AT = 8,
	FACS_AT = 36,
	DSDT_AT = 40,
	SCI_AT = 46,
	SMI_AT = 48,
	SMI_VALUES_AT = 52, /* three commands; those of P- and C-states stand apart */
	PSTATE_AT = 55,
	TIMER_BYTES_AT = 91,
	GPE0_BYTES_AT = 92,
	GPE1_BYTES_AT = 93,
	CSTATE_AT = 95,
	FLAGS_AT = 112,
	RESET_AT = 116, /* space, width, offset, access, address */
	FACS_64_AT = 132,
	DSDT_64_AT = 140,
	FLAG_RESET = 1 << 10,
	FLAG_REDUCED = 1 << 20, /* without the registers of ACPI */
	TIMER_BYTES = 4,
	SPACE_PCI = 2, /* the last of the spaces that a reset register may be in */
};

/* The least bytes of each version. */
static const uint32_t least[] = {
	[1] = 116, [2] = 116, [3] = 244, [4] = 244, [5] = 268, [6] = 276
};

/* Two fields for one address. */
static void lint_pointer(struct lint *l, const char *name, uint32_t at, uint32_t at_64)
{
	const struct nb_table *table = &l->fw->tables[l->fadt];
	uint64_t narrow = table_number(table, at, 4), wide = table_number(table, at_64, 8);

	if (!narrow && !wide)
		report(l, FINDING_FADT_POINTER, in_table(l, l->fadt, at), "an address",
		       "no address of the %s", name);
	else if (narrow && wide && narrow != wide)
		report(l, FINDING_FADT_POINTER, in_table(l, l->fadt, at_64), "one address",
		       "the %s is at 0x%llx and at 0x%llx", name, (unsigned long long)narrow,
		       (unsigned long long)wide);
}

static void tell_register(struct lint *l, uint32_t at, const char *wanted, uint32_t width)
{
	report(l, FINDING_FADT_REGISTER, in_table(l, l->fadt, at), wanted, "%llu",
	       (unsigned long long)table_number(&l->fw->tables[l->fadt], at, width));
}

/* Registers of a machine that has those of ACPI. */
static void lint_registers(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->fadt];
	bool smi = table_number(table, SMI_AT, 4);

	if (table_number(table, TIMER_BYTES_AT, 1) != TIMER_BYTES)
		tell_register(l, TIMER_BYTES_AT, "a PM timer of 4 bytes", 1);
	if (table_number(table, GPE0_BYTES_AT, 1) & 1)
		tell_register(l, GPE0_BYTES_AT, "an even number of bytes of GPE0", 1);
	if (table_number(table, GPE1_BYTES_AT, 1) & 1)
		tell_register(l, GPE1_BYTES_AT, "an even number of bytes of GPE1", 1);
	if (smi && !table_number(table, SCI_AT, 2))
		tell_register(l, SCI_AT, "an interrupt, where there is an SMI port", 2);
	if (!smi && (table_number(table, SMI_VALUES_AT, 3) || table_number(table, PSTATE_AT, 1) ||
		     table_number(table, CSTATE_AT, 1)))
		tell_register(l, SMI_AT, "an SMI port for the commands that there are", 4);
}

static void lint_reset(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->fadt];

	if (!(table_number(table, FLAGS_AT, 4) & FLAG_RESET))
		return;
	if (table_number(table, RESET_AT, 1) > SPACE_PCI)
		tell_register(l, RESET_AT, "a reset register in memory, I/O or PCI space", 1);
	if (table_number(table, RESET_AT + 1, 1) != 8 || table_number(table, RESET_AT + 2, 1))
		tell_register(l, RESET_AT + 1, "a reset register of 8 bits at bit 0", 1);
}

/* What power management needs, and no stage of the boot. */
static void lint_rest(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->fadt];

	if (nb_acpi_bytes(table).len < RESET_AT)
		return;
	lint_pointer(l, "DSDT", DSDT_AT, DSDT_64_AT);
	if (table_number(table, FLAGS_AT, 4) & FLAG_REDUCED)
		return;
	lint_pointer(l, "FACS", FACS_AT, FACS_64_AT);
	lint_registers(l);
	if (nb_acpi_bytes(table).len > RESET_AT + 12)
		lint_reset(l);
}

void lint_fadt(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->fadt];
	uint64_t revision = table_number(table, REVISION_AT, 1);

	if (revision < NB_COUNT(least) && nb_acpi_bytes(table).len < least[revision])
		report(l, FINDING_FADT_LENGTH, in_table(l, l->fadt, REVISION_AT),
		       "a table as long as its version's", "version %llu in %zu bytes",
		       (unsigned long long)revision, nb_acpi_bytes(table).len);
	if (!l->source->is_log || l->source->table_from[l->fadt])
		lint_rest(l); /* one that is made of a log has none of it */
}
