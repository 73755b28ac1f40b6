/* SPDX-License-Identifier: MIT */
/*
 * cpus_model: CPUs counted, numbered, placed and started, each step by looking
 * at everything there is: no bit sets, no order that is relied on.
 */
#ifndef TESTS_CPUS_MODEL_H
#define TESTS_CPUS_MODEL_H

#include <numaboot/cpus.h>
#include <numaboot/rules.h>

enum {
	MODEL_ENTRIES = 24,
	MODEL_CPUS = 32,
	MODEL_NODES = 8,
	MODEL_APICS = 320,
};

/* An entry of a MADT, before it is bytes. */
struct model_entry {
	uint32_t type, apic_id, flags;
	bool is_short; /* claims fewer bytes than its type needs */
};

struct model_machine {
	const struct nb_rules *rules; /* of the kernel that boots it */
	struct model_entry entry[MODEL_ENTRIES];
	uint32_t entries;
	uint32_t nr_cpus, max_cpus, possible_cpus, most_cpus; /* the build's most */
	uint32_t boot_apic_id, thread_shift, package_shift;
	bool boot_is_bsp, guest, online_capable, x2apic, parallel, smt_off, amd;
	bool nodes[MODEL_NODES]; /* with memory: one at least */
	int phys[MODEL_NODES];   /* of emulated nodes; itself if none is */
	bool emulated;
	int apic_node[MODEL_APICS]; /* -1: none */
	uint8_t distance[MODEL_NODES][MODEL_NODES];
	bool came_up[MODEL_APICS];
};

struct model_cpu {
	uint32_t apic_id; /* NB_NO_APIC_ID: a number without a CPU */
	int nid;
	bool present, runs;
};

struct model_cpus {
	struct model_cpu cpu[MODEL_CPUS];
	uint32_t possible, present, rejected, threads;
	bool online[MODEL_NODES], has_cpu[MODEL_NODES];
	bool on_node[MODEL_NODES][MODEL_CPUS];
	uint32_t announced[MODEL_CPUS], announcements;
};

/* A machine of few CPUs in which all rules have something to do. */
void model_random_machine(struct model_machine *m, uint32_t seed);

void model_count_cpus(struct model_cpus *out, const struct model_machine *m);
/* Whether the kernel lives to start CPUs. */
bool model_survives(const struct model_cpus *out, const struct model_machine *m);
void model_start_cpus(struct model_cpus *out, const struct model_machine *m);

#endif
