/* SPDX-License-Identifier: MIT */
/* machines: see machines.h. RAM comes first: pieces of it, each with a node; the
 * memory map, the SRAT and the MADT are written from these, then spoilt. */
#include "whole/machines.h"

#include <stdio.h>
#include <string.h>

#define K NB_KIB
#define M NB_MIB
#define G NB_GIB

enum { CMDLINE_WORDS = 5, MOST_CPUS = 24 };

/* Steps a generator of 64 bits: splitmix64, by S. Vigna, in the public domain. */
static uint64_t roll(struct any_machine *m)
{
	uint64_t z = m->dice += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint64_t below(struct any_machine *m, uint64_t limit)
{
	return roll(m) % limit;
}

static bool one_in(struct any_machine *m, uint64_t n)
{
	return below(m, n) == 0;
}

/* Mostly a plausible address, sometimes one near the end of all. */
static nb_phys some_address(struct any_machine *m)
{
	static const nb_phys units[] = { 1, 0x1000, M, 16 * M, 128 * M, G };

	switch (below(m, 12)) {
	case 0:
		return UINT64_MAX - below(m, 5) * 0x800;
	case 1:
		return ((nb_phys)1 << (40 + below(m, 24))) + below(m, 3) * M;
	default:
		return below(m, 40) * units[below(m, NB_COUNT(units))];
	}
}

static uint32_t some_pxm(struct any_machine *m)
{
	if (!one_in(m, 20))
		return (uint32_t)below(m, 6);
	return one_in(m, 3) ? UINT32_MAX - (uint32_t)below(m, 3) : (uint32_t)below(m, 2000);
}

static uint32_t some_apic(struct any_machine *m)
{
	if (!one_in(m, 20))
		return (uint32_t)below(m, 16);
	return one_in(m, 3) ? UINT32_MAX - (uint32_t)below(m, 3) : (uint32_t)below(m, 40000);
}

static uint32_t some_flags(struct any_machine *m)
{
	return (one_in(m, 10) ? 0 : NB_SRAT_ENABLED) | (uint32_t)below(m, 8);
}

/* --- RAM and the memory map ---------------------------------------------- */

/* A size of which the last digits are odd now and then. */
static nb_phys some_size(struct any_machine *m)
{
	static const nb_phys units[] = { 2 * M, 32 * M, 128 * M, 128 * M, G };
	nb_phys size = (1 + below(m, 8)) * units[below(m, NB_COUNT(units))];

	if (one_in(m, 6))
		size -= below(m, 2 * M / 0x1000) * 0x1000;
	return one_in(m, 12) ? size - below(m, 0x1000) : size;
}

/* Pieces of RAM, ascending, with a hole between some; each has a domain. */
static void place_ram(struct any_machine *m)
{
	uint32_t domains = 1 + (uint32_t)below(m, one_in(m, 8) ? ANY_PIECES : 6);
	uint32_t pieces = domains + (uint32_t)below(m, 4), step = 1 + (uint32_t)below(m, 3);
	bool shuffled = one_in(m, 3);
	nb_phys at = M;

	m->ram_count = (uint32_t)nb_min(pieces, ANY_PIECES);
	for (uint32_t i = 0; i < m->ram_count; i++) {
		nb_phys end = at + (i ? some_size(m) : 64 * M + some_size(m));

		/* No RAM where devices are. */
		if (at < 4 * G && end > 3 * G)
			end = at < 3 * G ? 3 * G : (at = 4 * G) + some_size(m);
		m->ram[i] = (struct nb_range){ at, end };
		m->pxms[i] = shuffled ? (uint32_t)below(m, domains) : i % domains;
		m->pxms[i] *= step;
		at = one_in(m, 3) ? nb_align_up(end, 2 * M) + below(m, 4) * 512 * M : end;
	}
}

static void put_entry(struct any_machine *m, nb_phys start, nb_phys size, uint32_t type)
{
	if (m->fw.map_count < ANY_ENTRIES)
		m->map[m->fw.map_count++] = (struct nb_e820_entry){ start, size, type };
}

/* The firmware's map of that RAM: neighbours are one entry, as firmware has it. */
static void map_ram(struct any_machine *m)
{
	uint32_t i = 0;

	put_entry(m, 0, one_in(m, 20) ? below(m, 640) * K : 0x9fc00, NB_E820_RAM);
	put_entry(m, 0xf0000, 0x10000, NB_E820_RESERVED);
	while (i < m->ram_count) {
		struct nb_range range = m->ram[i++];

		while (i < m->ram_count && m->ram[i].start == range.end && !one_in(m, 4))
			range.end = m->ram[i++].end;
		if (one_in(m, 8)) { /* tables of the firmware at its end */
			range.end -= nb_min(128 * K, range.end - range.start - 1);
			put_entry(m, range.end, 96 * K, one_in(m, 2) ? NB_E820_ACPI : NB_E820_NVS);
		}
		put_entry(m, range.start, range.end - range.start, NB_E820_RAM);
	}
}

static void map_anything(struct any_machine *m)
{
	static const uint32_t types[] = { 1, 1, 1, 1, 2, 3, 4, 7, 12, 20, NB_E820_SOFT_RESERVED };

	for (uint64_t more = 1 + below(m, one_in(m, 20) ? 150 : 30); more; more--)
		put_entry(m, some_address(m), one_in(m, 10) ? some_address(m) : below(m, 100) * M,
			  types[below(m, NB_COUNT(types))]);
}

static void random_map(struct any_machine *m, bool sound)
{
	struct nb_firmware *fw = &m->fw;

	if (sound || !one_in(m, 4))
		map_ram(m);
	if (!sound && !one_in(m, 3))
		map_anything(m);
	for (uint32_t i = 0; !sound && i < fw->map_count; i++) { /* in no order */
		uint32_t k = (uint32_t)below(m, fw->map_count);
		struct nb_e820_entry moved = m->map[i];

		m->map[i] = m->map[k];
		m->map[k] = moved;
	}
	if (!sound && one_in(m, 4))
		fw->extended_count = (uint32_t)below(m, NB_COUNT(m->extended));
	for (uint32_t i = 0; i < fw->extended_count; i++)
		m->extended[i] =
			(struct nb_e820_entry){ some_address(m), below(m, 100) * M, NB_E820_RAM };
	fw->e801_kib = one_in(m, 2) ? below(m, 4 * M) : 0;
	fw->e88_kib = one_in(m, 2) ? below(m, 64 * K) : 0;
	fw->map = m->map;
	fw->extended = m->extended;
}

/* --- the tables ---------------------------------------------------------- */

static void put_apic(struct any_machine *m, uint32_t pxm, uint32_t apic_id)
{
	if (one_in(m, 3) || apic_id > 254)
		srat_x2apic(&m->srat, pxm, apic_id, NB_SRAT_ENABLED);
	else
		srat_lapic(&m->srat, pxm, (uint8_t)apic_id, NB_SRAT_ENABLED);
}

/* The SRAT of that RAM: a CPU or two for each domain, then its memory. */
static void srat_of_ram(struct any_machine *m, uint32_t cpus)
{
	uint32_t hotplug = one_in(m, 4) ? NB_SRAT_HOTPLUG : 0;

	srat_begin(&m->srat, 3);
	for (uint32_t cpu = 0; cpu < cpus; cpu++)
		if (!one_in(m, 40))
			put_apic(m, m->pxms[cpu % m->ram_count], cpu);
	if (one_in(m, 6)) /* CPUs of a domain without memory */
		put_apic(m, 7, cpus ? cpus - 1 : 0);
	srat_memory(&m->srat, m->pxms[0], 0, 640 * K, NB_SRAT_ENABLED);
	for (uint32_t i = 0; i < m->ram_count; i++)
		srat_memory(&m->srat, m->pxms[i], m->ram[i].start, m->ram[i].end - m->ram[i].start,
			    NB_SRAT_ENABLED | (i && one_in(m, 2) ? hotplug : 0));
	if (one_in(m, 5))
		srat_initiator(&m->srat, NB_SRAT_INITIATOR, some_pxm(m), 0, NB_SRAT_ENABLED);
	if (one_in(m, 5)) /* room for memory that is added later */
		srat_memory(&m->srat, m->pxms[0], 64 * G, 4 * G, NB_SRAT_ENABLED | NB_SRAT_HOTPLUG);
}

static void srat_of_anything(struct any_machine *m)
{
	srat_begin(&m->srat, (uint8_t)below(m, 4));
	for (uint64_t entries = below(m, 60); entries; entries--) {
		nb_phys start = some_address(m);

		switch (below(m, 9)) {
		case 0:
			srat_lapic(&m->srat, some_pxm(m), (uint8_t)some_apic(m), some_flags(m));
			break;
		case 1:
			srat_x2apic(&m->srat, some_pxm(m), some_apic(m), some_flags(m));
			break;
		case 2:
			srat_initiator(&m->srat, (uint8_t)(NB_SRAT_INITIATOR + below(m, 2)),
				       some_pxm(m), (uint16_t)below(m, 2), some_flags(m));
			break;
		default:
			srat_memory(&m->srat, some_pxm(m), start, some_address(m), some_flags(m));
		}
	}
}

/* One more entry, which does not fit the others; or other bytes. */
static void spoil_srat(struct any_machine *m)
{
	struct nb_range ram = m->ram[below(m, m->ram_count)];
	uint32_t end = m->srat.len;

	switch (below(m, 5)) {
	case 0: /* it lies over another node's, or over its own */
		srat_memory(&m->srat, some_pxm(m), ram.start + below(m, M), below(m, 8 * M),
			    NB_SRAT_ENABLED);
		break;
	case 1: /* a domain that there is no room for */
		srat_memory(&m->srat, 5000, 80 * G, G, NB_SRAT_ENABLED);
		break;
	case 2: /* RAM at the end of the list is missing */
		m->srat.len -= (uint32_t)nb_min(40 * below(m, 3), end - 48);
		break;
	case 3: /* the last entry is cut off */
		m->srat.len -= (uint32_t)nb_min(1 + below(m, 39), end - 48);
		break;
	default:
		for (uint64_t count = 1 + below(m, 3); count && end > 48; count--)
			m->srat.at[48 + below(m, end - 48)] = (uint8_t)roll(m);
	}
}

static void random_madt(struct any_machine *m, uint32_t cpus, bool sound)
{
	madt_begin(&m->madt);
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		uint32_t id = sound ? cpu : some_apic(m);
		uint32_t flags = one_in(m, 8) ? (uint32_t)below(m, 4) : NB_MADT_ENABLED;

		if (one_in(m, sound ? 9 : 3))
			madt_x2apic(&m->madt, cpu, id, flags);
		else
			madt_lapic(&m->madt, (uint8_t)cpu, (uint8_t)id, flags);
	}
	if (one_in(m, 2)) { /* an I/O APIC, without which there is no SMP in some lines */
		static const uint8_t io_apic[12] = { 1, 12, 1, 0, 0, 0, 0xc0, 0xfe };

		table_raw(&m->madt, io_apic, sizeof(io_apic));
	}
}

static void random_slit(struct any_machine *m)
{
	uint64_t count = 1 + below(m, 9);
	uint8_t matrix[9 * 9];
	bool broken = one_in(m, 6);

	for (uint64_t i = 0; i < count * count; i++) {
		bool self = i % (count + 1) == 0;

		matrix[i] = (uint8_t)(self ? 10 : one_in(m, 3) ? 20 : 11 + below(m, 40));
		if (broken && one_in(m, 20))
			matrix[i] = (uint8_t)roll(m);
	}
	slit_make(&m->slit, one_in(m, 30) ? some_address(m) : count, matrix,
		  (uint32_t)(count * count));
}

static void random_cedt(struct any_machine *m)
{
	cedt_begin(&m->cedt);
	for (uint64_t windows = below(m, 4); windows; windows--)
		if (one_in(m, 3))
			cedt_window(&m->cedt, some_address(m), some_address(m));
		else /* beside RAM, or over some of it */
			cedt_window(&m->cedt, m->ram[below(m, m->ram_count)].end - M, some_size(m));
}

static void random_hmat(struct any_machine *m)
{
	enum { ROWS = 4, LATENCY_READ = 1, TYPES = 6 };
	uint32_t domains[ROWS];
	uint16_t values[ROWS * ROWS];

	hmat_begin(&m->hmat, (uint8_t)(one_in(m, 6) ? below(m, 4) : 2));
	for (uint32_t i = 0; i < ROWS; i++)
		domains[i] = one_in(m, 6) ? some_pxm(m) : m->pxms[below(m, m->ram_count)];
	for (uint32_t i = 0; i < ROWS; i++)
		if (one_in(m, 2))
			hmat_proximity(&m->hmat, (uint16_t)below(m, 4), domains[i], domains[i]);
	for (uint8_t type = LATENCY_READ; type < TYPES; type++) {
		for (uint32_t i = 0; i < ROWS * ROWS; i++)
			values[i] = (uint16_t)(one_in(m, 9) ? roll(m) : 1 + below(m, 50));
		hmat_locality(&m->hmat, &(struct table_locality){ 0, type, 1 + below(m, 100), ROWS,
								  ROWS, domains, domains, values });
	}
	if (one_in(m, 8))
		m->hmat.len -= 1 + (uint32_t)below(m, 30);
}

/* Which ACPI this is: the SRAT's layout and the MADT's flags follow from it. */
static void random_fadt(struct any_machine *m)
{
	static const uint8_t nothing[244];

	m->fadt.len = 0;
	table_raw(&m->fadt, nothing, sizeof(nothing));
	memcpy(m->fadt.at, "FACP", 4);
	m->fadt.at[8] = (uint8_t)(4 + below(m, 3));
	m->fadt.at[131] = (uint8_t)below(m, 6);
}

static void random_tables(struct any_machine *m, bool sound, bool spoilt)
{
	uint32_t cpus = (uint32_t)(one_in(m, 20) ? below(m, MOST_CPUS) : 1 + below(m, 12));
	struct table *given[ANY_TABLES] = { &m->madt, &m->srat, &m->slit,
					    &m->cedt, &m->hmat, &m->fadt };

	if (sound || spoilt)
		srat_of_ram(m, cpus);
	else
		srat_of_anything(m);
	if (spoilt)
		spoil_srat(m);
	random_madt(m, cpus, sound || spoilt);
	random_slit(m);
	random_cedt(m);
	random_hmat(m);
	random_fadt(m);
	for (uint32_t i = 0; i < ANY_TABLES; i++) {
		/* The first two are what this is about. */
		if (one_in(m, i < 2 ? 25 : 2))
			continue;
		m->tables[m->fw.table_count] = table_give(given[i]);
		if (!sound && one_in(m, 20)) /* it claims more than there is */
			m->tables[m->fw.table_count].len -=
				below(m, m->tables[m->fw.table_count].len + 1);
		if (one_in(m, 2))
			m->tables[m->fw.table_count].address =
				m->ram[0].end - M + 64 * K * i + below(m, 0x1000);
		m->fw.table_count++;
	}
	m->fw.tables = m->tables;
}

/* --- the command line and the facts -------------------------------------- */

/* Each # is a number. */
static const char *const words[] = {
	"numa=off",
	"numa=noacpi",
	"numa=nohmat",
	"numa=fake=#",
	"numa=fake=#",
	"numa=fake=#M",
	"numa=fake=#U",
	"numa=fake=#G",
	"numa=fake=#:#,#,",
	"numa=fake=3U:10,20,30",
	"numa=fake=0,#",
	"numa",
	"mem=#M",
	"mem=#G",
	"memmap=#M@#M",
	"memmap=#M$#M",
	"memmap=#M#0x#0000000",
	"memmap=#K!#M",
	"memmap=#M%#M-1+2",
	"memmap=#M%#M",
	"memmap=1M%#M-1+#,1M%#M-#+1",
	"memmap=1G@#M,1G@#M,2M%#M-1+20",
	"memmap=1G@0,1G@0,1G@0,1M%5M-1+2,1M%9M-1+2",
	"memmap=exactmap",
	"memmap=exactmap memmap=640K@0 memmap=#G@1M",
	"movable_node",
	"movable_node",
	"kernelcore=#M",
	"kernelcore=#%",
	"kernelcore=mirror",
	"kernelcore",
	"movablecore=#M",
	"movablecore=#%",
	"movablecore=99G",
	"numa_zonelist_order=zone",
	"numa_zonelist_order=Node",
	"acpi=off",
	"nosmp",
	"nosmt",
	"nosmt=force",
	"nolapic",
	"disableapic",
	"nox2apic",
	"nr_cpus=#",
	"possible_cpus=#",
	"maxcpus=#",
	"cpuhp.parallel=0",
	"mminit_loglevel=4",
	"memblock=debug",
	"log_buf_len=#M",
	"crashkernel=256M",
	"crashkernel=#M",
	"crashkernel=#M@#M",
	"crashkernel=#M-#G:#M,#G-:#M@#M",
	"crashkernel=#M,high crashkernel=#M,low",
	"crashkernel=#,",
	"hugepagesz=1G hugepages=#",
	"hugepages=# default_hugepagesz=1G hugepagesz=2M hugepages=#",
	"hugepagesz=1G hugepages=#:#,#:#",
	"swiotlb=#,force",
	"swiotlb=#000000",
	"iommu=off,#",
	"hashdist=#",
	"dhash_entries=# ihash_entries=#0000000000 mphash_entries=#",
	"reservelow=#K",
	"highmem=#M",
	"vmalloc=#M",
};

static unsigned some_number(struct any_machine *m)
{
	static const uint64_t limits[] = { 9, 9, 60, 4000 };

	return (unsigned)below(m, limits[below(m, NB_COUNT(limits))]);
}

static void random_cmdline(struct any_machine *m)
{
	char *at = m->cmdline;

	for (uint64_t count = below(m, CMDLINE_WORDS); count; count--) {
		for (const char *c = words[below(m, NB_COUNT(words))]; *c; c++)
			if (*c == '#')
				at += sprintf(at, "%u", some_number(m));
			else
				*at++ = *c;
		*at++ = ' ';
	}
	*at = '\0';
	m->fw.cmdline = m->cmdline;
}

static struct nb_range somewhere(struct any_machine *m, nb_phys most)
{
	nb_phys start = some_address(m) % (8 * G);

	return (struct nb_range){ start, start + 1 + below(m, most) };
}

static void random_ranges(struct any_machine *m)
{
	struct nb_boot_facts *facts = &m->fw.facts;

	if (one_in(m, 4))
		facts->setup_data_count = (uint32_t)below(m, NB_COUNT(m->setup_data));
	for (uint32_t i = 0; i < facts->setup_data_count; i++)
		m->setup_data[i] = somewhere(m, M);
	facts->setup_data = m->setup_data;
	if (one_in(m, 8))
		facts->mtrr_uncached_count = NB_COUNT(m->uncached);
	m->uncached[0] = (struct nb_range){ 512 * M, 600 * M };
	m->uncached[1] = (struct nb_range){ 700 * M, 8 * G };
	facts->mtrr_uncached = m->uncached;
	if (one_in(m, 8))
		facts->efi_mmio_count = NB_COUNT(m->mmio);
	m->mmio[0] = (struct nb_range){ 0xb0000000, 0xc0000000 };
	m->mmio[1] = (struct nb_range){ 0x30000000, 0x30040000 };
	facts->efi_mmio = m->mmio;
	if (facts->efi)
		facts->efi_boot_count = (uint32_t)below(m, NB_COUNT(m->efi_boot));
	for (uint32_t i = 0; i < facts->efi_boot_count; i++)
		m->efi_boot[i] = somewhere(m, 16 * M);
	facts->efi_boot = m->efi_boot;
	if (one_in(m, 8))
		facts->initrd_tables_bytes = 1 + (uint32_t)below(m, 0x3000);
	if (one_in(m, 4))
		facts->initrd = (struct nb_range){ 64 * M + below(m, 4 * G), 0 };
	if (facts->initrd.start) /* above the kernel: no boot loader puts it over that */
		facts->initrd.end = facts->initrd.start + 1 + below(m, 32 * M);
}

static void random_facts(struct any_machine *m, bool sound)
{
	struct nb_boot_facts *facts = &m->fw.facts;

	*facts = (struct nb_boot_facts){
		.kernel = { 16 * M, 32 * M },
		.kernel_end = 33 * M,
		.boot_apic_is_bsp = !one_in(m, 8),
		.bios_low_kib = (uint16_t)(one_in(m, 4) ? below(m, 700) : 639),
		.ebda = one_in(m, 4) ? below(m, 0xa0000) : 0,
		.x2apic = one_in(m, 3),
		.kvm = one_in(m, 3),
		.hypervisor = one_in(m, 2),
		.efi = one_in(m, 5),
		.gb_pages = one_in(m, 2),
		.kdump = one_in(m, 10),
		.mp_table = one_in(m, 2),
		.five_level = one_in(m, 6),
		.vendor = (enum nb_vendor)below(m, NB_VENDOR_OTHER + 1),
		.thread_shift = (uint8_t)below(m, 3),
		.package_shift = (uint8_t)below(m, 5),
		.parallel_bringup = one_in(m, 2),
		.boot_apic_id = sound ? 0 : (uint32_t)below(m, 3),
	};
	if (one_in(m, 6)) {
		facts->started_count = (uint32_t)below(m, NB_COUNT(m->started));
		facts->started = m->started;
	}
	for (uint32_t i = 0; i < facts->started_count; i++)
		m->started[i] = some_apic(m);
	if (!sound)
		random_ranges(m);
}

void any_machine(struct any_machine *m, uint64_t number)
{
	uint64_t kind;

	m->fw = (struct nb_firmware){ 0 };
	m->dice = number;
	kind = below(m, 6);
	place_ram(m);
	random_map(m, kind < 4);
	random_tables(m, kind < 3, kind == 3 || kind == 4);
	random_cmdline(m);
	random_facts(m, kind < 3);
}

struct any_kernel any_kernel(enum nb_line line, uint32_t build)
{
	struct any_kernel kernel = { line, nb_configs[line], "as it was booted" };

	switch (build) {
	case 1:
		kernel.config.no_numa = true;
		kernel.config.max_nodes = 1;
		kernel.build = "without NUMA";
		break;
	case 2:
		kernel.config.max_nodes = kernel.config.no_numa ? 1 : 4;
		kernel.build = "of few nodes";
		break;
	case 3:
		kernel.config.max_cpus = 3;
		kernel.config.x2apic = false;
		kernel.build = "of few CPUs";
		break;
	case 4:
		kernel.config.max_nodes = kernel.config.no_numa ? 1 : 64;
		kernel.config.memory_hotplug = kernel.config.numa_emulation = false;
		kernel.config.e820_entries = 128;
		kernel.build = "of few options";
		break;
	case 5:
		kernel.config.no_acpi_numa = true;
		kernel.build = "that does not ask ACPI for nodes";
		break;
	case 6:
		kernel.config.tolerant = true;
		kernel.build = "tolerant of faulty tables";
		break;
	default:
		break;
	}
	return kernel;
}
