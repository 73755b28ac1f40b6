/* SPDX-License-Identifier: MIT */
/*
 * freestanding: boots a machine of two nodes in a program that has no libc, no
 * start-up code and no dynamic linker: what the library needs is all below.
 * Its exit status is 0 if an address of each node was put on that node.
 */
#include <numaboot/numaboot.h>

/* A SRAT of two processors and two nodes of 256 MiB, revision 3. */
enum { SRAT_LENGTH = 48 + 2 * 16 + 2 * 40 };

static uint8_t srat[SRAT_LENGTH];
static _Alignas(16) uint8_t block[1 << 20];
static struct nb_boot boot;

static _Noreturn void end(int status)
{
	enum { EXIT_GROUP = 231 };

	for (;;)
		__asm__ volatile("syscall"
				 :
				 : "a"(EXIT_GROUP), "D"(status)
				 : "rcx", "r11", "memory");
}

void nb_assert_failed(const char *what, const char *file, int line)
{
	(void)what;
	(void)file;
	(void)line;
	end(3);
}

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *at, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

/* The accesses are volatile lest the compiler make a call to the very function of them. */
void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
	return to;
}

void *memmove(void *to, const void *from, size_t len)
{
	if ((uintptr_t)to <= (uintptr_t)from)
		return memcpy(to, from, len);
	while (len--)
		((volatile uint8_t *)to)[len] = ((const uint8_t *)from)[len];
	return to;
}

void *memset(void *at, int value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((volatile uint8_t *)at)[i] = (uint8_t)value;
	return at;
}

int memcmp(const void *a, const void *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int difference = ((const uint8_t *)a)[i] - ((const uint8_t *)b)[i];

		if (difference)
			return difference;
	}
	return 0;
}

static void put(uint8_t *at, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static void put_node(uint8_t *cpu, uint8_t *memory, uint8_t nid)
{
	cpu[0] = NB_SRAT_LAPIC;
	cpu[1] = 16;
	cpu[2] = nid; /* PXM */
	cpu[3] = nid; /* APIC ID */
	put(cpu + 4, NB_SRAT_ENABLED, 4);
	memory[0] = NB_SRAT_MEMORY;
	memory[1] = 40;
	put(memory + 2, nid, 4);
	put(memory + 8, nid * 256 * NB_MIB, 8);
	put(memory + 16, 256 * NB_MIB, 8);
	put(memory + 28, NB_SRAT_ENABLED, 4);
}

static struct nb_table make_srat(void)
{
	uint8_t sum = 0;

	memcpy(srat, "SRAT", 4);
	put(srat + 4, SRAT_LENGTH, 4);
	srat[8] = 3; /* revision */
	put_node(srat + 48, srat + 80, 0);
	put_node(srat + 64, srat + 120, 1);
	for (size_t i = 0; i < SRAT_LENGTH; i++)
		sum = (uint8_t)(sum + srat[i]);
	srat[9] = (uint8_t)-sum;
	return (struct nb_table){ .signature = "SRAT", .at = srat, .len = SRAT_LENGTH };
}

static int run(void)
{
	const struct nb_e820_entry map[] = {
		{ 0, 0x9fc00, NB_E820_RAM },
		{ NB_MIB, 511 * NB_MIB, NB_E820_RAM },
	};
	const struct nb_table table = make_srat();
	const struct nb_firmware fw = {
		.map = map,
		.map_count = NB_COUNT(map),
		.tables = &table,
		.table_count = 1,
		.facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]),
	};
	const struct nb_limits limits = nb_limits_for(&fw, &nb_configs[NB_LINE_6_12]);
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12],
				    .config = &nb_configs[NB_LINE_6_12] };

	if (nb_boot_init(&boot, block, sizeof(block), &limits, &env, &fw) || nb_boot(&boot))
		return 2;
	return nb_node_of(&boot, 128 * NB_MIB) != 0 || nb_node_of(&boot, 384 * NB_MIB) != 1;
}

/* The stack is aligned to 16 here, which a called function does not expect. */
__attribute__((force_align_arg_pointer, used)) void _start(void)
{
	end(run());
}
