/* SPDX-License-Identifier: MIT */
/*
 * traps: the interrupt table of all processors: exceptions only.
 */
#include "traps.h"
#include "layout.h"
#include "serial.h"

/* Intel SDM 3A 6.14.1. */
struct gate {
	uint16_t low, selector;
	uint8_t stack, type;
	uint16_t middle;
	uint32_t high, zero;
};

struct __attribute__((packed)) table_pointer {
	uint16_t last;
	const struct gate *at;
};

enum { ENTRY_BYTES = 16, INTERRUPT_GATE = 0x8e };

extern const char trap_entries[];
_Noreturn void trap_taken(uint64_t vector, uint64_t code, uint64_t at, uint64_t address);

_Noreturn void trap_taken(uint64_t vector, uint64_t code, uint64_t at, uint64_t address)
{
	struct nb_writer *log = serial_log();

	say(log, "\nnumaboot: exception ");
	say_number(log, vector);
	say(log, ", code ");
	say_hex(log, code);
	say(log, ", at ");
	say_hex(log, at);
	say(log, ", address ");
	say_hex(log, address);
	say(log, "\n");
	end(END_TRAPPED);
}

void nb_assert_failed(const char *what, const char *file, int line)
{
	struct nb_writer *log = serial_log();

	say(log, "\nnumaboot: a bug: ");
	say(log, file);
	say(log, ":");
	say_number(log, (uint64_t)line);
	say(log, ": not true: ");
	say(log, what);
	say(log, "\n");
	end(END_TRAPPED);
}

void traps_load(void)
{
	static struct gate gates[TRAPS];
	const struct table_pointer pointer = { sizeof(gates) - 1, gates };

	for (unsigned vector = 0; vector < TRAPS; vector++) {
		uint64_t at = (uintptr_t)trap_entries + (uint64_t)vector * ENTRY_BYTES;

		gates[vector] = (struct gate){
			.low = (uint16_t)at,
			.selector = CODE64,
			.type = INTERRUPT_GATE,
			.middle = (uint16_t)(at >> 16),
			.high = (uint32_t)(at >> 32),
		};
	}
	__asm__ volatile("lidt %0" : : "m"(pointer), "m"(gates));
}
