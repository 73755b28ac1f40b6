/* SPDX-License-Identifier: MIT */
/*
 * access: how fast the memory of each node is, and from which nodes it is
 * fastest, as the HMAT says. Linux shows it in sysfs below each node as access0
 * (from any initiator) and access1 (from initiators with CPUs).
 */
#ifndef NUMABOOT_ACCESS_H
#define NUMABOOT_ACCESS_H

#include <numaboot/acpi.h>
#include <numaboot/firmware.h>
#include <numaboot/numa.h>
#include <numaboot/params.h>
#include <numaboot/smp.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_env;

/* Matrices that can count: latency and bandwidth, to read and to write. */
enum { NB_ACCESS_MATRICES = 4 };

enum nb_access_class {
	NB_ACCESS_ANY, /* access0 */
	NB_ACCESS_CPU, /* access1 */
	NB_ACCESS_CLASSES,
};

/* Bandwidth in MB/s, latency in ns; 0: not known. */
struct nb_access_speed {
	uint32_t read_bandwidth, write_bandwidth;
	uint32_t read_latency, write_latency;
};

struct nb_node_access {
	bool known; /* the HMAT was used, and the node has memory in the SRAT */
	struct nb_nodes initiators[NB_ACCESS_CLASSES];
	struct nb_access_speed speed[NB_ACCESS_CLASSES];
};

struct nb_access {
	struct nb_node_access *node; /* [nodes] */
	uint32_t nodes;
	bool used; /* there is an HMAT and nothing in it is malformed */

	/* The stage's own memory. */
	int32_t *nearest_pxm;            /* [NB_MAX_PXMS] what the HMAT ties memory to */
	uint16_t *row;                   /* [NB_ACCESS_MATRICES * NB_MAX_PXMS] a row + 1; 0: none */
	struct nb_hmat_locality *matrix; /* [NB_ACCESS_MATRICES] */
};

/*
 * Reads the HMAT. It cannot fail but for a malformed table, which Linux ignores
 * whole, after an event.
 * Source: Linux 6.12 drivers/acpi/numa/hmat.c hmat_init().
 */
NB_MUST_CHECK enum nb_err nb_access_build(struct nb_access *access, const struct nb_numa *numa,
					  const struct nb_smp *smp, const struct nb_firmware *fw,
					  const struct nb_params *params, const struct nb_env *env);

#ifdef __cplusplus
}
#endif
#endif
