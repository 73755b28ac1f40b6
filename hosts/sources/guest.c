/* SPDX-License-Identifier: MIT */
/*
 * guest: what the firmware of a QEMU machine tells.
 *
 *	RAM below 4 GiB, above it ----> the map, as SeaBIOS 1.16 completes it
 *	CPUs by APIC ID --------------> MADT, SRAT
 *	nodes, distances, speeds -----> SRAT, SLIT, HMAT
 *
 * Observed on the machines that tools/oracle boots, and described in QEMU 7.2's
 * documentation of -smp and -numa; ACPI 6.5 5.2.12, 5.2.16, 5.2.17, 5.2.27.
 */
#include "guest.h"
#include "maker.h"
#include "tables.h"

#include <string.h>

#define FOUR_GIB (4 * NB_GIB)

enum {
	LOW_KIB = 639,
	TABLES_KIB = 128, /* at the end of low RAM, for the firmware's own data */
	DEFAULT_DISTANCE = 20,
	OWN_DISTANCE = 10,
	NO_XAPIC = 255, /* the first APIC ID that needs an entry for x2APIC */
};

enum thread_ids { SOCKET, DIE, CORE, THREAD, IDS };

void guest_init(struct guest *guest)
{
	*guest = (struct guest){ .bytes = 128 * NB_MIB };
	memset(guest->cpu_node, GUEST_NO_NODE, sizeof(guest->cpu_node));
	for (uint32_t i = 0; i < GUEST_NODES; i++)
		guest->node[i].initiator = GUEST_NO_NODE;
}

/* How often a product, none of whose parts is 0, is in a number. */
static uint32_t part_of(uint32_t number, uint64_t a, uint64_t b, uint64_t c)
{
	return (uint32_t)(number / (a * b * c));
}

/* What was not given follows from the rest: cores before sockets. */
bool guest_settle_smp(struct guest *guest, struct complaint *complaint)
{
	struct guest_smp *smp = &guest->smp;
	uint64_t product;

	if (!smp->most)
		smp->most = smp->cpus;
	smp->dies = smp->dies ? smp->dies : 1;
	if (!smp->cores && smp->most) {
		smp->sockets = smp->sockets ? smp->sockets : 1;
		smp->threads = smp->threads ? smp->threads : 1;
		smp->cores = part_of(smp->most, smp->sockets, smp->dies, smp->threads);
	} else if (!smp->sockets && smp->most) {
		smp->threads = smp->threads ? smp->threads : 1;
		smp->sockets = part_of(smp->most, smp->dies, smp->cores, smp->threads);
	}
	if (!smp->threads && smp->most)
		smp->threads = part_of(smp->most, smp->sockets, smp->dies, smp->cores);
	smp->sockets = smp->sockets ? smp->sockets : 1;
	smp->cores = smp->cores ? smp->cores : 1;
	smp->threads = smp->threads ? smp->threads : 1;
	product = (uint64_t)smp->sockets * smp->dies * smp->cores * smp->threads;
	if (!smp->most)
		smp->most = product > GUEST_CPUS ? GUEST_CPUS + 1 : (uint32_t)product;
	if (!smp->cpus)
		smp->cpus = smp->most;
	if (smp->most > GUEST_CPUS || product != smp->most || smp->cpus > smp->most) {
		complain(complaint,
			 "-smp: %u CPUs, %u at most, of %u sockets, %u dies, %u cores, %u threads: "
			 "expected the product, at most %u",
			 smp->cpus, smp->most, smp->sockets, smp->dies, smp->cores, smp->threads,
			 GUEST_CPUS);
		return false;
	}
	return true;
}

static void ids_of(const struct guest_smp *smp, uint32_t cpu, uint32_t ids[IDS])
{
	ids[THREAD] = cpu % smp->threads;
	ids[CORE] = cpu / smp->threads % smp->cores;
	ids[DIE] = cpu / smp->threads / smp->cores % smp->dies;
	ids[SOCKET] = cpu / smp->threads / smp->cores / smp->dies;
}

bool guest_cpu_is(const struct guest *guest, uint32_t cpu, const int64_t wanted[IDS])
{
	uint32_t ids[IDS];

	ids_of(&guest->smp, cpu, ids);
	for (int i = 0; i < IDS; i++)
		if (wanted[i] >= 0 && wanted[i] != ids[i])
			return false;
	return true;
}

static uint32_t apic_id_of(const struct guest_smp *smp, uint32_t cpu)
{
	uint8_t core = bits_for(smp->threads), die = (uint8_t)(core + bits_for(smp->cores));
	uint8_t socket = (uint8_t)(die + bits_for(smp->dies));
	uint32_t ids[IDS];

	ids_of(smp, cpu, ids);
	return ids[SOCKET] << socket | ids[DIE] << die | ids[CORE] << core | ids[THREAD];
}

/* RAM below 4 GiB: a board leaves a hole for devices, and if RAM reaches it, a larger one
 * that begins at a whole GiB. */
static uint64_t low_bytes(const struct guest *guest)
{
	uint64_t hole = guest->q35 ? 0xb0000000 : 0xe0000000;

	if (guest->bytes >= hole)
		hole = guest->q35 ? 0x80000000 : 0xc0000000;
	if (guest->low_most && guest->low_most < hole)
		hole = guest->low_most;
	return nb_min(guest->bytes, hole);
}

static void add_range(struct source *source, struct nb_e820_entry *map, nb_phys start, nb_phys end,
		      uint32_t type)
{
	if (start < end)
		map[source->fw.map_count++] = (struct nb_e820_entry){ start, end - start, type };
}

/*
 * The firmware's own data at the end of low RAM: what QEMU makes of ACPI, and the SMBIOS
 * tables once they are too long for the place below 1 MiB. SMBIOS 2.8: a table for the
 * system, the chassis, each socket, each 16 GiB of RAM, each piece of RAM.
 */
static uint64_t firmware_bytes(const struct guest *guest)
{
	enum { BIOS = 67, REST = 25 + 13 + 6, DIMM = 53, PIECE = 33, LOW_MOST = 600 };
	const struct { /* with the names of the board in them */
		uint64_t system, socket;
	} board = { guest->q35 ? 75 + 39 : 81 + 42, guest->q35 ? 65 : 68 };
	uint64_t pieces = guest->bytes > low_bytes(guest) ? 2 : 1;
	uint64_t smbios = BIOS + REST + board.system + board.socket * guest->smp.sockets +
			  DIMM * ((guest->bytes + 16 * NB_GIB - 1) / (16 * NB_GIB)) +
			  PIECE * pieces;

	return TABLES_KIB * NB_KIB + (smbios > LOW_MOST ? nb_align_up(smbios, NB_PAGE_SIZE) : 0);
}

static void make_map(struct source *source, const struct guest *guest)
{
	enum { ENTRIES = 16 };
	struct nb_e820_entry *map =
		(struct nb_e820_entry *)pool_take(&source->pool, ENTRIES * sizeof(*map));
	uint64_t low = low_bytes(guest), tables = low - firmware_bytes(guest);

	source->fw.map = map;
	source->fw.map_count = 0;
	add_range(source, map, 0, LOW_KIB * NB_KIB, NB_E820_RAM);
	add_range(source, map, LOW_KIB * NB_KIB, 640 * NB_KIB, NB_E820_RESERVED);
	add_range(source, map, 0xf0000, NB_MIB, NB_E820_RESERVED);
	add_range(source, map, NB_MIB, tables, NB_E820_RAM);
	add_range(source, map, tables, low, NB_E820_RESERVED);
	if (guest->q35) { /* PCI's configuration space, the chipset's registers */
		add_range(source, map, 0xb0000000, 0xc0000000, NB_E820_RESERVED);
		add_range(source, map, 0xfed1c000, 0xfed20000, NB_E820_RESERVED);
	}
	if (guest->kvm)
		add_range(source, map, 0xfeffc000, 0xff000000, NB_E820_RESERVED);
	add_range(source, map, 0xfffc0000, FOUR_GIB, NB_E820_RESERVED);
	add_range(source, map, FOUR_GIB, FOUR_GIB + guest->bytes - low, NB_E820_RAM);
	if (!guest->intel) /* HyperTransport's, of AMD's processors */
		add_range(source, map, 0xfd00000000, 0x10000000000, NB_E820_RESERVED);
	source->facts[FACT_MAP] = (struct provenance){ ORIGIN_DERIVED, "QEMU's machine" };
}

/* QEMU's name in a header. */
static struct maker begin_table(struct source *source, const char *signature, uint8_t revision,
				size_t most)
{
	struct maker maker = maker_begin(&source->pool, signature, revision, most);

	memcpy(maker.at + 10, "BOCHS BXPC    \1\0\0\0BXPC\1", 23);
	return maker;
}

static bool wide(uint32_t apic_id)
{
	return apic_id >= NO_XAPIC;
}

static void make_madt(struct source *source, const struct guest *guest)
{
	enum { INTERRUPTS = 16, PCI_INTERRUPTS = 1 << 5 | 1 << 9 | 1 << 10 | 1 << 11, REST = 128 };
	const struct guest_smp *smp = &guest->smp;
	struct maker maker = begin_table(source, "APIC", 1, 8 + 16 * (size_t)smp->most + REST);
	bool any_wide = false;

	maker_put(&maker, 0xfee00000, 4);
	maker_put(&maker, 1, 4);
	for (uint32_t cpu = 0; cpu < smp->most; cpu++) {
		uint32_t apic_id = apic_id_of(smp, cpu), enabled = cpu < smp->cpus;

		if (wide(apic_id)) {
			maker_put(&maker, 0x1009, 4); /* type, length */
			maker_put(&maker, apic_id, 4);
			maker_put(&maker, enabled, 4);
			maker_put(&maker, cpu, 4);
			any_wide = true;
		} else {
			maker_put(&maker, 0x0800, 2);
			maker_put(&maker, cpu, 1);
			maker_put(&maker, apic_id, 1);
			maker_put(&maker, enabled, 4);
		}
	}
	maker_put(&maker, 0x0c01, 4); /* the I/O APIC */
	maker_put(&maker, 0xfec00000, 4);
	maker_put(&maker, 0, 4);
	for (uint32_t irq = 0; irq < INTERRUPTS; irq++) {
		bool pci = PCI_INTERRUPTS >> irq & 1;

		if (irq && !pci)
			continue;
		maker_put(&maker, 0x0a02, 3);
		maker_put(&maker, irq, 1);
		maker_put(&maker, irq ? irq : 2, 4);
		maker_put(&maker, pci ? 0xd : 0, 2);
	}
	if (any_wide) {
		maker_put(&maker, 0x0c0a, 4);
		maker_put(&maker, UINT32_MAX, 4);
		maker_put(&maker, 1, 4);
	} else {
		maker_put(&maker, 0xff0604, 5);
		maker_put(&maker, 1, 1);
	}
	maker_finish(source, &maker, 0);
}

static void put_srat_cpu(struct maker *maker, uint32_t apic_id, uint32_t node)
{
	if (wide(apic_id)) {
		maker_put(maker, 0x1802, 4);
		maker_put(maker, node, 4);
		maker_put(maker, apic_id, 4);
		maker_put(maker, 1, 4);
		maker_put(maker, 0, 8);
	} else {
		maker_put(maker, 0x1000, 2);
		maker_put(maker, node, 1);
		maker_put(maker, apic_id, 1);
		maker_put(maker, 1, 4);
		maker_put(maker, 0, 8);
	}
}

static void put_srat_memory(struct maker *maker, struct nb_range range, uint32_t node,
			    uint32_t flags)
{
	maker_put(maker, 0x2801, 2);
	maker_put(maker, node, 4);
	maker_put(maker, 0, 2);
	maker_put(maker, range.start, 8);
	maker_put(maker, range.end - range.start, 8);
	maker_put(maker, 0, 4);
	maker_put(maker, flags, 4);
	maker_put(maker, 0, 8);
}

/* A node's RAM without what holes cut out of it. Returns how many pieces it is. */
static uint32_t put_node(struct maker *maker, const struct guest *guest, uint32_t node,
			 uint64_t *next)
{
	uint64_t low = low_bytes(guest), start = *next, end = start + guest->node[node].bytes;
	const struct nb_range hole = { 640 * NB_KIB, NB_MIB };
	uint32_t pieces = 0;

	if (start <= hole.start && end > hole.start) {
		if (start < hole.start) {
			put_srat_memory(maker, (struct nb_range){ start, hole.start }, node, 1);
			pieces++;
		}
		start = hole.end;
		end = nb_max(end, hole.end);
	}
	if (start <= low && end > low) {
		if (start < low) {
			put_srat_memory(maker, (struct nb_range){ start, low }, node, 1);
			pieces++;
		}
		start = FOUR_GIB;
		end = FOUR_GIB + end - low;
	}
	if (start < end) {
		put_srat_memory(maker, (struct nb_range){ start, end }, node, 1);
		pieces++;
	}
	*next = end;
	return pieces;
}

/* Where DIMMs may be plugged in: above all RAM, a GiB for each slot to be aligned in. */
static struct nb_range plugged_range(const struct guest *guest)
{
	nb_phys start = nb_align_up(FOUR_GIB + guest->bytes - low_bytes(guest), NB_GIB);

	if (guest->bytes_most <= guest->bytes)
		return (struct nb_range){ start, start };
	return (struct nb_range){ start, start + guest->bytes_most - guest->bytes +
						 guest->slots * NB_GIB };
}

static void make_srat(struct source *source, const struct guest *guest)
{
	enum { ENABLED = 1, PLUGGABLE = 2, MEMORY = 40, FIXED_PIECES = 2 };
	const struct guest_smp *smp = &guest->smp;
	struct nb_range plugged = plugged_range(guest);
	struct maker maker =
		begin_table(source, "SRAT", 1,
			    12 + 24 * (size_t)smp->most + MEMORY * (3 * (size_t)guest->nodes + 4));
	uint64_t next = 0;
	uint32_t pieces = 0;

	maker_put(&maker, 1, 4);
	maker_put(&maker, 0, 8);
	for (uint32_t cpu = 0; cpu < smp->most; cpu++)
		put_srat_cpu(&maker, apic_id_of(smp, cpu), guest->cpu_node[cpu]);
	for (uint32_t node = 0; node < guest->nodes; node++)
		pieces += put_node(&maker, guest, node, &next);
	for (; pieces < guest->nodes + FIXED_PIECES; pieces++)
		put_srat_memory(&maker, (struct nb_range){ 0, 0 }, 0, 0);
	if (plugged.start < plugged.end)
		put_srat_memory(&maker, plugged, guest->nodes - 1, ENABLED | PLUGGABLE);
	maker_finish(source, &maker, 0);
}

/* A distance that is given one way only is that of both. */
static uint8_t distance_of(const struct guest *guest, uint32_t from, uint32_t to)
{
	if (guest->distance[from][to])
		return guest->distance[from][to];
	if (from == to)
		return OWN_DISTANCE;
	return guest->distance[to][from] ? guest->distance[to][from] : DEFAULT_DISTANCE;
}

static void make_slit(struct source *source, const struct guest *guest)
{
	struct maker maker =
		begin_table(source, "SLIT", 1, 8 + (size_t)guest->nodes * guest->nodes);

	maker_put(&maker, guest->nodes, 8);
	for (uint32_t from = 0; from < guest->nodes; from++)
		for (uint32_t to = 0; to < guest->nodes; to++)
			maker_put(&maker, distance_of(guest, from, to), 1);
	maker_finish(source, &maker, 0);
}

/* The unit in which all of a list are whole numbers: a power of ten of ns, or of two of
 * bytes. */
static uint64_t unit_of(const uint64_t *speed, bool latency)
{
	uint64_t unit = latency ? UINT64_MAX : 0, bits = 0;

	for (uint32_t i = 0; i < GUEST_NODES * GUEST_NODES; i++) {
		uint64_t one = 1, rest = speed[i];

		bits |= speed[i];
		for (; latency && rest && rest % 10 == 0; rest /= 10)
			one *= 10;
		if (latency && rest)
			unit = nb_min(unit, one);
	}
	if (!latency)
		unit = bits & (~bits + 1);
	return unit && unit != UINT64_MAX ? unit : 1;
}

static void put_speeds(struct maker *maker, const struct guest *guest, uint32_t level,
		       uint32_t type)
{
	const uint64_t *speed = guest->speed[level][type].at;
	bool latency = type < GUEST_SPEEDS / 2;
	uint64_t unit = unit_of(speed, latency);
	uint32_t initiators = 0;

	for (uint32_t i = 0; i < guest->nodes; i++)
		initiators += guest->node[i].has_cpu;
	maker_put(maker, 1, 4);
	maker_put(maker, 32 + 4 * (initiators + guest->nodes) + 2 * initiators * guest->nodes, 4);
	maker_put(maker, level, 1);
	maker_put(maker, type, 3);
	maker_put(maker, initiators, 4);
	maker_put(maker, guest->nodes, 8);
	maker_put(maker, latency ? unit * 1000 : unit / NB_MIB, 8); /* in ps, or MiB */
	for (uint32_t i = 0; i < guest->nodes; i++)
		if (guest->node[i].has_cpu)
			maker_put(maker, i, 4);
	for (uint32_t target = 0; target < guest->nodes; target++)
		maker_put(maker, target, 4);
	for (uint32_t i = 0; i < guest->nodes; i++)
		for (uint32_t target = 0; guest->node[i].has_cpu && target < guest->nodes; target++)
			maker_put(maker, speed[i * GUEST_NODES + target] / unit, 2);
}

static void make_hmat(struct source *source, const struct guest *guest)
{
	size_t nodes = guest->nodes;
	struct maker maker = begin_table(source, "HMAT", 2,
					 4 + 40 * nodes +
						 GUEST_LEVELS * GUEST_SPEEDS *
							 (32 + 8 * nodes + 2 * nodes * nodes));

	maker_put(&maker, 0, 4);
	for (uint32_t node = 0; node < nodes; node++) {
		bool known = guest->node[node].initiator < GUEST_NO_NODE;

		maker_put(&maker, 0, 4);
		maker_put(&maker, 40, 4);
		maker_put(&maker, known, 4);
		maker_put(&maker, guest->node[node].initiator, 4);
		maker_put(&maker, node, 4);
		maker_put(&maker, 0, 20);
	}
	for (uint32_t level = 0; level < GUEST_LEVELS; level++)
		for (uint32_t type = 0; type < GUEST_SPEEDS; type++)
			if (guest->speed[level][type].at)
				put_speeds(&maker, guest, level, type);
	maker_finish(source, &maker, 0);
}

static void make_small_tables(struct source *source, const struct guest *guest)
{
	struct maker facp = begin_table(source, "FACP", guest->q35 ? 3 : 1, 256);
	struct maker hpet = begin_table(source, "HPET", 1, 20);

	maker_put(&facp, 0, guest->q35 ? 208 : 80);
	maker_finish(source, &facp, 0);
	maker_put(&hpet, 0x8086a201, 4);
	maker_put(&hpet, 0, 4);
	maker_put(&hpet, 0xfed00000, 8);
	maker_put(&hpet, 0, 4);
	maker_finish(source, &hpet, 0);
}

/* Where nobody says whose CPUs are whose, a socket is a node, in turns; a machine that has
 * slots for DIMMs has a node at least. */
static bool settle_nodes(struct guest *guest, struct complaint *complaint)
{
	uint64_t sum = 0;
	bool any = false;

	if (!guest->nodes && guest->slots) {
		guest->nodes = 1;
		guest->node[0] =
			(struct guest_node){ .bytes = guest->bytes, .initiator = GUEST_NO_NODE };
	}
	for (uint32_t i = 0; i < guest->nodes; i++)
		sum += guest->node[i].bytes;
	if (guest->nodes && sum != guest->bytes) {
		complain(complaint, "-numa: nodes of %llu MiB in all: expected the %llu MiB of -m",
			 (unsigned long long)(sum >> 20), (unsigned long long)(guest->bytes >> 20));
		return false;
	}
	for (uint32_t cpu = 0; cpu < guest->smp.most; cpu++)
		any |= guest->cpu_node[cpu] < GUEST_NO_NODE;
	for (uint32_t cpu = 0; guest->nodes && cpu < guest->smp.most; cpu++) {
		uint32_t ids[IDS];

		ids_of(&guest->smp, cpu, ids);
		if (guest->cpu_node[cpu] >= guest->nodes)
			guest->cpu_node[cpu] = any ? 0 : (uint8_t)(ids[SOCKET] % guest->nodes);
		guest->node[guest->cpu_node[cpu]].has_cpu = true;
	}
	return true;
}

static void learn(struct source *source, enum source_fact fact)
{
	source->facts[fact] = (struct provenance){ ORIGIN_DERIVED, "QEMU's machine" };
}

/* What the processors are, as far as that is told. */
static void set_facts(struct source *source, const struct guest *guest)
{
	struct nb_boot_facts *facts = &source->fw.facts;
	const struct guest_smp *smp = &guest->smp;

	facts->hypervisor = facts->kvm = guest->kvm; /* Linux has no name for another */
	learn(source, FACT_HYPERVISOR);
	facts->boot_apic_id = 0;
	learn(source, FACT_BOOT_APIC_ID);
	facts->thread_shift = bits_for(smp->threads);
	facts->package_shift =
		(uint8_t)(facts->thread_shift + bits_for(smp->cores) + bits_for(smp->dies));
	learn(source, FACT_TOPOLOGY);
	if (!guest->one_cpu_model)
		return;
	facts->vendor = guest->intel ? NB_VENDOR_INTEL : NB_VENDOR_AMD;
	learn(source, FACT_VENDOR);
	if (!guest->kvm) {
		facts->gb_pages = facts->five_level = true;
		learn(source, FACT_GB_PAGES);
		learn(source, FACT_FIVE_LEVEL);
	}
}

bool guest_read(struct source *source, struct guest *guest, struct complaint *complaint)
{
	enum { LEAST_MIB = 2 };

	source_assume(source);
	if (low_bytes(guest) < LEAST_MIB * NB_MIB || guest->bytes % NB_MIB || guest->bytes >> 44) {
		complain(complaint, "-m: %llu bytes: expected whole MiB, 2 of them to 16 TiB",
			 (unsigned long long)guest->bytes);
		return false;
	}
	if (!settle_nodes(guest, complaint))
		return false;
	make_map(source, guest);
	make_small_tables(source, guest);
	make_madt(source, guest);
	if (guest->nodes) {
		make_srat(source, guest);
		if (guest->has_distance)
			make_slit(source, guest);
		if (guest->hmat)
			make_hmat(source, guest);
	}
	tables_are_whole(source, "QEMU's machine");
	for (int fact = 0; fact < FACTS; fact++)
		if (source->facts[fact].origin == ORIGIN_READ)
			source->facts[fact].origin = ORIGIN_DERIVED;
	set_facts(source, guest);
	if (guest->cmdline.at) {
		source->fw.cmdline = guest->cmdline.at;
		source->facts[FACT_CMDLINE] = (struct provenance){ ORIGIN_READ, "-append" };
	}
	return true;
}
