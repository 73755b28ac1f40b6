/* SPDX-License-Identifier: MIT */
/*
 * bootlog_machine: what a log says of a machine's CPUs and nodes, before it is made
 * tables of.
 */
#ifndef HOSTS_SOURCES_BOOTLOG_MACHINE_H
#define HOSTS_SOURCES_BOOTLOG_MACHINE_H

#include "source.h"

/* The first APIC ID that only entries of the wide form hold. */
enum { XAPIC_END = 255 };

/* A processor as the log has it. */
struct log_cpu {
	uint32_t apic_id, pxm;
	bool x2apic;   /* of the SRAT: an entry of the wide form */
	bool ignored;  /* of the SRAT: an ID that the APICs cannot have */
	bool disabled; /* of the MADT */
};

/* Nodes of the SRAT, by the lines that name them. */
struct log_node {
	uint32_t pxm;
	bool named, has_memory; /* memory: that is there from the start and loses its contents */
	bool is_memoryless;     /* the result alone shows it, and that it has no memory */
};

/* What made a kernel refuse the SRAT, as far as it said. */
enum refusal {
	REFUSAL_NONE,
	REFUSAL_CPU,        /* a processor entry of another length */
	REFUSAL_MEMORY,     /* a memory entry of another length */
	REFUSAL_CPU_PXM,    /* a processor's proximity domain has no place */
	REFUSAL_MEMORY_PXM, /* one of memory has none */
};

struct log_memory {
	uint32_t pxm, flags;
	nb_phys start, last;
};

/* All that a log says of the machine's CPUs and nodes. */
struct log_machine {
	struct log_cpu *srat;  /* CPU lines of the SRAT */
	struct log_cpu *madt;  /* LAPIC lines */
	struct log_cpu *extra; /* CPUs that were there, but more than the kernel takes */
	struct log_memory *memory;
	struct log_node *nodes;
	uint32_t srat_count, madt_count, extra_count, memory_count, node_end;
	uint32_t placed;     /* CPU lines with a node */
	uint32_t memoryless; /* nodes that nothing but the result names */
	enum refusal refusal;
	bool has_zero;           /* an entry of no length ends what is read of the SRAT */
	uint32_t memory_length;  /* REFUSAL_MEMORY: of the entry, 39 where it is not told */
	uint32_t refused_pxm;    /* REFUSAL_CPU_PXM */
	uint32_t present, later; /* CPUs that the log counts: at boot, and to be plugged in */
	uint32_t exceeding;      /* CPUs that were there when maxcpus=0 left one of them */
	bool counted;
	bool refused; /* CPUs that are not there are, if others of their package are */
};

/* Reads what is told of the boot. */
struct log_machine log_machine_read(const struct boot_log *log, struct pool *pool);

#endif
