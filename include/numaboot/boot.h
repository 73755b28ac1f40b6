/* SPDX-License-Identifier: MIT */
/*
 * boot: the whole sequence: how much memory it needs, and its run, at once or
 * stage by stage.
 */
#ifndef NUMABOOT_BOOT_H
#define NUMABOOT_BOOT_H

#include <numaboot/access.h>
#include <numaboot/bounce.h>
#include <numaboot/cpus.h>
#include <numaboot/crash.h>
#include <numaboot/e820.h>
#include <numaboot/events.h>
#include <numaboot/firmware.h>
#include <numaboot/mapping.h>
#include <numaboot/memblock.h>
#include <numaboot/numa.h>
#include <numaboot/params.h>
#include <numaboot/percpu.h>
#include <numaboot/rules.h>
#include <numaboot/smp.h>
#include <numaboot/watermarks.h>
#include <numaboot/zonelists.h>
#include <numaboot/zones.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the caller is ready for. Fixed for the life of the boot. */
struct nb_limits {
	uint32_t nodes;    /* 1 .. NB_MAX_NODES */
	uint32_t cpus;     /* 1 .. NB_MAX_CPUS */
	uint32_t apic_ids; /* 1 .. NB_MAX_APIC_IDS */
	uint32_t ranges;   /* in each map: memory map entries, memory, reserved; at least 16.
			    * What is reserved for CPUs' areas has its own room. */
};

struct nb_boot {
	struct nb_env env;
	struct nb_limits limits;
	enum nb_stage next; /* NB_READY: all stages are done */
	const struct nb_firmware *firmware;

	/* One result for each stage, valid once its stage has run. */
	struct nb_params params;
	struct nb_e820 e820;
	struct nb_memblock memblock;
	struct nb_mapping mapping; /* its writer is for the host to set */
	struct nb_numa numa;
	struct nb_crash crash;
	struct nb_zones zones;
	struct nb_cpus cpus;
	struct nb_percpu percpu;
	struct nb_zonelists zonelists;
	struct nb_bounce bounce;
	struct nb_managed managed;
	struct nb_smp smp;
	struct nb_watermarks watermarks;
	struct nb_access access;
};

/* Bytes that a block for these limits needs; 0 if the limits are not valid. */
size_t nb_boot_size(const struct nb_limits *limits);

/*
 * The limits that a machine needs, by a look at its tables: never too small for
 * a boot of it, never above what the library supports.
 */
struct nb_limits nb_limits_for(const struct nb_firmware *fw, const struct nb_kernel_config *config);

/*
 * Carves the results' arrays from a block of the caller, aligned to 16 bytes,
 * and clears them. The block belongs to the boot until the caller drops both.
 * Errors: NB_ERR_LIMITS; NB_ERR_MEMORY if size is below nb_boot_size().
 */
NB_MUST_CHECK enum nb_err nb_boot_init(struct nb_boot *b, void *block, size_t size,
				       const struct nb_limits *limits, const struct nb_env *env,
				       const struct nb_firmware *fw);

/* Runs the next stage. After an error the results of earlier stages hold. */
NB_MUST_CHECK enum nb_err nb_boot_step(struct nb_boot *b);

/* Runs all stages that are left. */
NB_MUST_CHECK enum nb_err nb_boot(struct nb_boot *b);

/* Look-ups for an OS, once the stages that they read have run. */

/* Whether an address is RAM that the kernel manages. */
bool nb_is_ram(const struct nb_boot *b, nb_phys address);
/* The node of an address or page, or NB_NO_NODE if it is no RAM of a node. */
int32_t nb_node_of(const struct nb_boot *b, nb_phys address);
int32_t nb_node_of_pfn(const struct nb_boot *b, nb_pfn pfn);
/* The zone of an address, or NB_ZONES if it is in none. */
enum nb_zone_id nb_zone_of(const struct nb_boot *b, nb_phys address);

#ifdef __cplusplus
}
#endif
#endif
