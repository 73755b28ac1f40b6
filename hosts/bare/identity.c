/* SPDX-License-Identifier: MIT */
/*
 * identity: CPUID, as Linux reads it when it identifies a CPU.
 *
 * Source: Intel SDM 2A CPUID; AMD APM 3 appendix E; Linux 6.12
 * arch/x86/kernel/cpu/common.c cpu_detect(), get_model_name(),
 * arch/x86/kernel/cpu/hypervisor.c detect_hypervisor_vendor().
 */
#include "identity.h"
#include "x86.h"

enum {
	LEAF_FEATURES = 1,
	LEAF_MORE_FEATURES = 7,
	LEAF_TOPOLOGY = 0xb,
	LEAF_HYPERVISOR = 0x40000000,
};
#define LEAF_EXTENDED 0x80000000u

static void put_word(char *to, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		to[i] = (char)(word >> (8 * i));
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static void read_model(struct identity *id)
{
	char raw[49] = "";
	size_t first = 0, len = 0;

	if (cpuid(LEAF_EXTENDED, 0).a < LEAF_EXTENDED + 4)
		return;
	for (uint32_t i = 0; i < 3; i++) {
		struct cpuid part = cpuid(LEAF_EXTENDED + 2 + i, 0);

		put_word(raw + 16 * i, part.a);
		put_word(raw + 16 * i + 4, part.b);
		put_word(raw + 16 * i + 8, part.c);
		put_word(raw + 16 * i + 12, part.d);
	}
	while (raw[first] == ' ')
		first++;
	for (; raw[first]; first++)
		id->model[len++] = raw[first];
}

/* Which hypervisor there is, if Linux knows it. */
static void read_hypervisor(struct identity *id)
{
	static const char *const known[] = { "KVMKVMKVM",    "VMwareVMware", "Microsoft Hv",
					     "XenVMMXenVMM", "ACRNACRNACRN", "bhyve bhyve " };
	struct cpuid r = cpuid(LEAF_HYPERVISOR, 0);
	char name[13] = "";

	put_word(name, r.b);
	put_word(name + 4, r.c);
	put_word(name + 8, r.d);
	for (size_t i = 0; i < NB_COUNT(known); i++)
		id->hypervisor = id->hypervisor || same(name, known[i]);
	id->kvm = same(name, known[0]);
}

/* Topology from leaf 0xb where there is one; else all of a package from leaf 1. */
static void read_topology(struct identity *id, uint32_t most, struct cpuid features)
{
	enum { LEVEL_THREAD = 1, LEVEL_CORE = 2 };
	struct cpuid level = most >= LEAF_TOPOLOGY ? cpuid(LEAF_TOPOLOGY, 0) : (struct cpuid){ 0 };
	uint32_t package = features.d >> 28 & 1 ? features.b >> 16 & 0xff : 1;

	id->apic_id = features.b >> 24;
	if (level.b) {
		id->apic_id = level.d;
		for (uint32_t i = 0; i < 2; i++) {
			level = cpuid(LEAF_TOPOLOGY, i);
			if ((level.c >> 8 & 0xff) == LEVEL_THREAD)
				id->thread_shift = (uint8_t)(level.a & 0x1f);
			if ((level.c >> 8 & 0xff) == LEVEL_CORE)
				id->package_shift = (uint8_t)(level.a & 0x1f);
		}
		return;
	}
	while ((uint32_t)1 << id->package_shift < package)
		id->package_shift++;
}

struct identity identify(void)
{
	struct identity id = { .vendor = "" };
	struct cpuid first = cpuid(0, 0), features = cpuid(LEAF_FEATURES, 0);
	uint64_t apic = read_msr(MSR_APIC_BASE);

	put_word(id.vendor, first.b);
	put_word(id.vendor + 4, first.d);
	put_word(id.vendor + 8, first.c);
	id.family = features.a >> 8 & 0xf;
	id.model_number = features.a >> 4 & 0xf;
	if (id.family == 0xf)
		id.family += features.a >> 20 & 0xff;
	if (id.family >= 6)
		id.model_number += (features.a >> 16 & 0xf) << 4;
	id.stepping = features.a & 0xf;
	read_model(&id);
	read_topology(&id, first.a, features);
	id.bsp = apic >> 8 & 1;
	id.x2apic_mode = apic >> 10 & 1;
	id.x2apic = features.c >> 21 & 1;
	id.gb_pages = cpuid(LEAF_EXTENDED, 0).a > LEAF_EXTENDED &&
		      (cpuid(LEAF_EXTENDED + 1, 0).d >> 26 & 1);
	id.no_execute = cpuid(LEAF_EXTENDED, 0).a > LEAF_EXTENDED &&
			(cpuid(LEAF_EXTENDED + 1, 0).d >> 20 & 1);
	id.la57 = first.a >= LEAF_MORE_FEATURES && (cpuid(LEAF_MORE_FEATURES, 0).c >> 16 & 1);
	if (features.c >> 31 & 1)
		read_hypervisor(&id);
	return id;
}

void identity_facts(const struct identity *id, struct nb_boot_facts *facts)
{
	if (same(id->vendor, "GenuineIntel"))
		facts->vendor = NB_VENDOR_INTEL;
	else if (same(id->vendor, "AuthenticAMD") || same(id->vendor, "HygonGenuine"))
		facts->vendor = NB_VENDOR_AMD;
	else
		facts->vendor = NB_VENDOR_OTHER;
	facts->boot_apic_id = id->apic_id;
	facts->boot_apic_is_bsp = id->bsp;
	facts->hypervisor = id->hypervisor;
	facts->kvm = id->kvm;
	facts->x2apic = id->x2apic_mode;
	facts->gb_pages = id->gb_pages;
	facts->five_level = id->la57;
	facts->thread_shift = id->thread_shift;
	facts->package_shift = id->package_shift;
}
