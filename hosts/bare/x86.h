/* SPDX-License-Identifier: MIT */
/*
 * x86: the instructions that C has no words for.
 */
#ifndef HOSTS_BARE_X86_H
#define HOSTS_BARE_X86_H

#include <stdint.h>

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

enum {
	MSR_APIC_BASE = 0x1b,
	MSR_X2APIC = 0x800, /* the first of the local APIC's registers, 16 bytes being one */
};
#define MSR_GS_BASE 0xc0000101u

static inline uint64_t read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

struct cpuid {
	uint32_t a, b, c, d;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline void pause_cpu(void)
{
	__asm__ volatile("pause" : : : "memory");
}

/* Stops this processor for good. */
static inline _Noreturn void halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

#endif
