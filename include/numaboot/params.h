/* SPDX-License-Identifier: MIT */
/*
 * params: what the kernel command line asks of this sequence, read once.
 * mem= and memmap= edit the memory map one after the other, so the e820 stage
 * walks the line for them itself.
 */
#ifndef NUMABOOT_PARAMS_H
#define NUMABOOT_PARAMS_H

#include <numaboot/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A piece of the command line; not terminated. A null `at` is no value at all,
 * which is not the same as an empty one. */
struct nb_text {
	const char *at;
	size_t len;
};

/* A walk over the words of a command line, as Linux splits them. It ends where
 * x86 cuts the line off: Linux 6.12 arch/x86/include/asm/setup.h
 * COMMAND_LINE_SIZE. */
struct nb_cmdline {
	const char *rest;
	bool done;
	size_t taken; /* characters before rest */
};

struct nb_param {
	struct nb_text name, value; /* value.at is null where there is no '=' */
};

/*
 * Gives the next parameter, or false at the end or at "--". Quotes group blanks
 * and are not part of a value that they enclose.
 * Source: Linux 6.12 lib/cmdline.c next_arg(), kernel/params.c parse_args().
 */
bool nb_cmdline_next(struct nb_cmdline *line, struct nb_param *param);

/* Whether a parameter has this name; '-' and '_' count as the same character.
 * Source: Linux 6.12 kernel/params.c parameq(). */
bool nb_param_is(const struct nb_param *param, const char *name);

/*
 * Reads a number at the start of *text and steps over it: 0x hexadecimal, a
 * leading 0 octal, else decimal. No digit: 0, and *text is as it was. Too large
 * wraps, as Linux does.
 * Source: Linux 6.12 lib/vsprintf.c simple_strtoull().
 */
uint64_t nb_text_number(struct nb_text *text);

/* The same with one suffix of K, M, G, T, P, E, which is stepped over.
 * Source: Linux 6.12 lib/cmdline.c memparse(). */
uint64_t nb_text_size(struct nb_text *text);

/*
 * Reads one number of a comma-separated list of ints and steps over it and the
 * comma. Returns 0: none was there; 1: it was the last; 2: a comma follows;
 * 3: a '-' follows.
 * Source: Linux 6.12 lib/cmdline.c get_option().
 */
int nb_text_option(struct nb_text *text, int32_t *value);

/* Whether text starts with a word; whether it contains a character. */
bool nb_text_starts(struct nb_text text, const char *word);
bool nb_text_has(struct nb_text text, char c);

/* Parameters that a malformed value of is reported for. */
enum nb_param_id {
	NB_PARAM_MEM,
	NB_PARAM_MEMMAP,
	NB_PARAM_NUMA,
	NB_PARAM_KERNELCORE,
	NB_PARAM_MOVABLECORE,
	NB_PARAM_ZONELIST_ORDER,
	NB_PARAM_RESERVELOW,
	NB_PARAM_HIGHMEM,
	NB_PARAM_VMALLOC,
	NB_PARAM_PERCPU_ALLOC,
	/* Not modelled: */
	NB_PARAM_CMA,
	NB_PARAM_CMA_PERNUMA,
	NB_PARAM_NUMA_CMA,
	NB_PARAM_HUGETLB_CMA,
	NB_PARAM_RESERVE_MEM,
	NB_PARAM_MEM_ENCRYPT,
	NB_PARAM_COUNT,
};

enum nb_core_kind {
	NB_CORE_NONE,
	NB_CORE_PAGES,
	NB_CORE_PERCENT,
};

/* numa_zonelist_order=. */
enum nb_zonelist_order {
	NB_ORDER_DEFAULT,
	NB_ORDER_NODE, /* all zones of a node, then the next node's */
	NB_ORDER_ZONE, /* the highest zones of all nodes, then the next zones */
};

/* percpu_alloc=. */
enum nb_percpu_alloc {
	NB_PERCPU_AUTO,
	NB_PERCPU_EMBED, /* as without it, but told by this name */
	NB_PERCPU_PAGE,  /* page by page */
};

/* kernelcore= and movablecore=: a number of pages, or percent of all. */
struct nb_core {
	uint64_t pages, percent;
};

/* Large hash tables. */
enum nb_hash {
	NB_HASH_PID,
	NB_HASH_DENTRY,
	NB_HASH_INODE,
	NB_HASH_MOUNT,
	NB_HASH_MOUNTPOINT,
	NB_HASHES,
};

/* hashdist=. */
enum nb_hash_spread { NB_HASH_SPREAD_UNSAID, NB_HASH_SPREAD, NB_HASH_NOT_SPREAD };

/* hugepages= of 1 GiB: how many, or a list of nodes with how many of each. */
struct nb_huge_pages {
	uint64_t count;
	struct nb_text by_node; /* null: of any */
};

#define NB_NO_HIGHMEM ((uint32_t)0xffffffff)

struct nb_params {
	struct nb_text numa_fake; /* what follows numa=fake=; null: not asked for */
	bool numa_off, numa_noacpi, numa_nohmat;
	bool acpi_off; /* acpi=off: no table is read */
	bool movable_node, kernelcore_mirror;
	struct nb_core kernelcore, movablecore;
	enum nb_zonelist_order zonelist_order;
	enum nb_percpu_alloc percpu_alloc;
	nb_phys reserve_low; /* reservelow=, bytes, for kernels that know it */
	bool crashkernel;    /* crashkernel= is given, whatever it says */
	struct nb_huge_pages huge_pages;
	enum nb_hash_spread hash_spread;  /* hashdist= */
	uint64_t hash_entries[NB_HASHES]; /* dhash_entries= and the like; 0: by RAM */
	bool bounce_forced, bounce_off;   /* swiotlb=force, swiotlb=noforce */
	bool bounce_soft, no_iommu;       /* iommu=soft, iommu=off */
	nb_phys bounce_bytes;             /* swiotlb=: how large the bounce buffers are */
	uint32_t highmem_pages;           /* highmem=, 32 bits; NB_NO_HIGHMEM: not given */
	uint32_t vmalloc_bytes;  /* vmalloc=, 32 bits: what vmalloc takes, with its guard */
	bool no_apic;            /* nolapic, disableapic: one CPU */
	bool no_smp;             /* nosmp, maxcpus=0: one CPU */
	bool no_x2apic;          /* nox2apic */
	uint32_t nr_cpus;        /* 0: not given */
	uint32_t max_cpus;       /* maxcpus=: how many are started; UINT32_MAX: all */
	uint32_t possible_cpus;  /* 0xffffffff: not given */
	bool serial_bringup;     /* cpuhp.parallel=0 */
	int32_t smt_off;         /* nosmt: 1; nosmt=force: 2, which holds */
	int32_t mminit_loglevel; /* mminit_loglevel= */
	bool memblock_debug;     /* memblock=debug */
	bool no_gb_pages;        /* nogbpages, unless gbpages comes after it */
	bool no_huge_pages;      /* transparent_hugepage=never */
	nb_phys log_buf;         /* log_buf_len=, rounded up to a power of two; 0: not given */
};

struct nb_env;

/* The stage: reads the command line. It is silent: what cannot be read is told by
 * the e820 stage, in the order of the line. Errors: none yet.
 * Source: Linux 6.12 init/main.c parse_early_param(). */
NB_MUST_CHECK enum nb_err nb_params_read(struct nb_params *params, const char *cmdline,
					 const struct nb_env *env);

/* What becomes of a parameter. */
enum nb_param_fate {
	NB_FATE_FINE,
	NB_FATE_MALFORMED, /* the kernel says so and goes on */
	NB_FATE_DIES,      /* the kernel does not survive it */
};

/* The fate of a parameter that decides about nodes or zones, and which it is; any
 * other is fine, mem= and memmap= too. */
enum nb_param_fate nb_param_judge(const struct nb_param *param, const struct nb_env *env,
				  enum nb_param_id *id);

#ifdef __cplusplus
}
#endif
#endif
