/* SPDX-License-Identifier: MIT */
/*
 * guest: a machine that QEMU makes, as it is described, and the firmware's map and
 * tables that Linux finds on it.
 */
#ifndef HOSTS_SOURCES_GUEST_H
#define HOSTS_SOURCES_GUEST_H

#include "source.h"

enum {
	GUEST_NODES = 128, /* QEMU's own limit */
	GUEST_CPUS = 4096,
	GUEST_SPEEDS = 6, /* of data types of the HMAT */
	GUEST_LEVELS = 4, /* of its hierarchy: memory and three caches */
};

enum { GUEST_NO_NODE = GUEST_NODES };

struct guest_node {
	uint64_t bytes;
	bool has_cpu;
	uint32_t initiator; /* GUEST_NO_NODE: none */
};

/* Sockets, dies, cores, threads; 0: not given. */
struct guest_smp {
	uint32_t cpus, most, sockets, dies, cores, threads;
};

/* One line of latencies or bandwidths: ns or bytes in a second, by initiator and target. */
struct guest_speed {
	uint64_t *at; /* GUEST_NODES squared; null: there is none */
};

struct guest {
	bool q35, kvm, intel, hmat;
	bool one_cpu_model; /* -cpu max: what it can do is known */
	uint64_t bytes, bytes_most;
	uint32_t slots;
	uint64_t low_most; /* RAM below 4 GiB; 0: as much as the board puts there */
	struct guest_smp smp;
	struct guest_node node[GUEST_NODES];
	uint32_t nodes;
	uint8_t cpu_node[GUEST_CPUS];               /* GUEST_NO_NODE: not given */
	uint8_t distance[GUEST_NODES][GUEST_NODES]; /* 0: not given */
	bool has_distance;
	struct guest_speed speed[GUEST_LEVELS][GUEST_SPEEDS];
	struct nb_text cmdline; /* null: not given */
};

/* A plain PC with one CPU and 128 MiB. */
void guest_init(struct guest *guest);

/* Settles the topology from what was given; false, with a complaint, if that is
 * impossible. CPUs may be told their nodes then. */
bool guest_settle_smp(struct guest *guest, struct complaint *complaint);

/* Whether a number is one of a CPU with these ids, of which some may not be given (-1). */
bool guest_cpu_is(const struct guest *guest, uint32_t cpu, const int64_t ids[4]);

/*
 * Fills a source, whose kernel is settled, with what SeaBIOS and QEMU 7.2 hand over on
 * that machine. False, with a complaint, if QEMU would refuse the machine.
 */
bool guest_read(struct source *source, struct guest *guest, struct complaint *complaint);

#endif
