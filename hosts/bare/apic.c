/* SPDX-License-Identifier: MIT */
/*
 * apic: registers in memory, or in x2APIC mode as MSRs; and the old timer, which
 * every PC has.
 *
 * Source: Intel SDM 3A 11.4 to 11.6 and 11.12, and 9.4.4 for the order and the
 * times of INIT and SIPI; Intel 8254.
 */
#include "apic.h"
#include "x86.h"

/* Registers, as offsets in memory; each is an MSR in x2APIC mode. */
enum {
	APIC_ID = 0x20,
	APIC_SPURIOUS = 0xf0,
	APIC_COMMAND = 0x300,
	APIC_COMMAND_HIGH = 0x310,
};

enum {
	BASE_ENABLE = 1 << 11,
	BASE_X2APIC = 1 << 10,
	SPURIOUS_ENABLE = 1 << 8 | 0xff,
	COMMAND_PENDING = 1 << 12,
	COMMAND_INIT = 5 << 8 | 1 << 14 | 1 << 15, /* asserted, by level */
	COMMAND_INIT_END = 5 << 8 | 1 << 15,
	COMMAND_STARTUP = 6 << 8 | 1 << 14,
};

enum {
	TIMER_GATE = 0x61,
	TIMER_2 = 0x42,
	TIMER_COMMAND = 0x43,
	TIMER_2_ONCE = 0xb0, /* counter 2, both bytes, mode 0 */
	TICKS_PER_MILLISECOND = 1193,
};

void wait_milliseconds(uint32_t milliseconds)
{
	uint32_t ticks = milliseconds * TICKS_PER_MILLISECOND;

	nb_assert(ticks <= UINT16_MAX);
	out8(TIMER_GATE, (uint8_t)((in8(TIMER_GATE) & ~2u) | 1)); /* counts, and is not heard */
	out8(TIMER_COMMAND, TIMER_2_ONCE);
	out8(TIMER_2, (uint8_t)ticks);
	out8(TIMER_2, (uint8_t)(ticks >> 8));
	while (!(in8(TIMER_GATE) & 0x20))
		pause_cpu();
}

static volatile uint32_t *register_at(uint32_t offset)
{
	return (volatile uint32_t *)(uintptr_t)(nb_align_down(read_msr(MSR_APIC_BASE),
							      NB_PAGE_SIZE) +
						offset);
}

static uint32_t msr_of(uint32_t offset)
{
	return MSR_X2APIC + offset / 16;
}

void apic_enable(bool x2apic)
{
	uint64_t base = read_msr(MSR_APIC_BASE) | BASE_ENABLE;

	write_msr(MSR_APIC_BASE, base);
	if (x2apic) {
		write_msr(MSR_APIC_BASE, base | BASE_X2APIC);
		write_msr(msr_of(APIC_SPURIOUS), SPURIOUS_ENABLE);
	} else {
		*register_at(APIC_SPURIOUS) = SPURIOUS_ENABLE;
	}
}

uint32_t apic_id(bool x2apic)
{
	return x2apic ? (uint32_t)read_msr(msr_of(APIC_ID)) : *register_at(APIC_ID) >> 24;
}

static void command(bool x2apic, uint32_t apic_id, uint32_t what)
{
	if (x2apic) {
		write_msr(msr_of(APIC_COMMAND), (uint64_t)apic_id << 32 | what);
		return;
	}
	*register_at(APIC_COMMAND_HIGH) = apic_id << 24;
	*register_at(APIC_COMMAND) = what;
	while (*register_at(APIC_COMMAND) & COMMAND_PENDING)
		pause_cpu();
}

void apic_start(bool x2apic, uint32_t apic_id, nb_phys page)
{
	uint32_t startup = COMMAND_STARTUP | (uint32_t)(page >> NB_PAGE_SHIFT);

	nb_assert(page < NB_MIB && !(page & (NB_PAGE_SIZE - 1)));
	command(x2apic, apic_id, COMMAND_INIT);
	wait_milliseconds(10);
	if (!x2apic) /* which knows no such command */
		command(x2apic, apic_id, COMMAND_INIT_END);
	command(x2apic, apic_id, startup);
	wait_milliseconds(1); /* a second one is for those that missed the first */
	command(x2apic, apic_id, startup);
}
