/* SPDX-License-Identifier: MIT */
/*
 * firmware: the input of a boot: what the firmware and the boot loader handed
 * over, and the facts about the machine that no table holds. A host fills it;
 * the library only reads it, and only while a stage runs.
 */
#ifndef NUMABOOT_FIRMWARE_H
#define NUMABOOT_FIRMWARE_H

#include <numaboot/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Types of memory map entries. ACPI 6.5 table 15.1, and Linux's own from 12 up:
 * Linux 6.12 arch/x86/include/asm/e820/types.h. Any other number is kept. */
enum nb_e820_type {
	NB_E820_RAM = 1,
	NB_E820_RESERVED = 2,
	NB_E820_ACPI = 3,
	NB_E820_NVS = 4,
	NB_E820_UNUSABLE = 5,
	NB_E820_PMEM = 7,
	NB_E820_PRAM = 12,
	NB_E820_RESERVED_KERN = 128,
};
#define NB_E820_SOFT_RESERVED ((uint32_t)0xefffffff)

/* One entry as the firmware reports it: size in bytes, may be 0 or wrap. */
struct nb_e820_entry {
	nb_phys start;
	uint64_t size;
	uint32_t type;
};

/* One ACPI table as bytes, header included, and where it lies if that is known. */
struct nb_table {
	char signature[4];
	nb_phys address;   /* 0: not known */
	uint32_t taken;    /* bytes there that are reserved; 0: as many as the table says */
	const uint8_t *at; /* may be null for a table that no stage reads */
	size_t len;        /* bytes that may be read; its own length field may claim more */
};

enum nb_vendor {
	NB_VENDOR_UNKNOWN,
	NB_VENDOR_INTEL,
	NB_VENDOR_AMD, /* and Hygon, which is treated the same */
	NB_VENDOR_OTHER,
};

/*
 * What decides something but stands in no table. A host that cannot know one
 * leaves what nb_boot_facts_assumed() gave; docs/FIDELITY.md lists, for each,
 * where it is read from and what is assumed.
 */
struct nb_boot_facts {
	struct nb_range kernel;       /* image: text to the end of what stays reserved */
	nb_phys kernel_end;           /* end of the image with bss and brk space, >= kernel.end */
	uint32_t initrd_tables_bytes; /* of ACPI tables that the kernel takes of the initramfs */
	struct nb_range initrd;       /* empty: none */
	const struct nb_range *setup_data; /* boot loader's data nodes, header included */
	uint32_t setup_data_count;
	enum nb_vendor vendor;
	uint32_t boot_apic_id;
	bool boot_apic_is_bsp; /* the boot CPU's APICBASE has the BSP bit: not a crash kernel */
	bool efi;
	bool hypervisor; /* one that Linux has a name for; QEMU's TCG is none */
	bool kvm;        /* the hypervisor is KVM, which looks for the end of low RAM once more */
	bool x2apic;     /* the boot CPU is in x2APIC mode before the SRAT is read */
	bool gb_pages;
	bool no_local_apic;    /* the boot CPU has no local APIC, or none that may be used */
	bool five_level;       /* 5-level paging is active */
	bool kdump;            /* this is a crash kernel */
	bool mp_table;         /* a MultiProcessor table lists the CPUs as the MADT does */
	uint16_t bios_low_kib; /* the word at 0x413: KiB of low memory */
	nb_phys ebda;          /* address of the extended BIOS data area; 0: none */
	const struct nb_range *mtrr_uncached; /* RAM that no write-back MTRR covers */
	uint32_t mtrr_uncached_count;
	const struct nb_range *efi_mmio; /* devices of EFI, 256 KiB and more, to be taken out */
	uint32_t efi_mmio_count;
	const struct nb_range *efi_boot; /* memory of EFI's boot services: kept while Linux boots */
	uint32_t efi_boot_count;
	const struct nb_range *found; /* what is reserved because it was found to lie there: */
	uint32_t found_count;         /* the MP table, EFI's memory map and attributes */
	const uint32_t *started;      /* APIC IDs that came up; null: every CPU that is present */
	uint32_t started_count;
	uint8_t thread_shift, package_shift; /* APIC ID bits below core and package, from CPUID */
	bool parallel_bringup;               /* CPUs are started in parallel, first threads first */
};

struct nb_firmware {
	const struct nb_e820_entry *map; /* as handed over: any order and shape */
	uint32_t map_count;
	const struct nb_e820_entry *extended; /* entries beyond the boot loader's 128 */
	uint32_t extended_count;
	uint64_t e801_kib, e88_kib;    /* older reports of memory above 1 MiB, in KiB */
	const struct nb_table *tables; /* in the order of the root table */
	uint32_t table_count;
	const char *cmdline; /* NUL-terminated; null counts as empty */
	struct nb_boot_facts facts;
};

struct nb_kernel_config;

/* The facts that are assumed where nothing is known: a plain BIOS machine of one
 * vendor's CPUs in xAPIC mode, this build of the kernel where it is not moved, no initrd. */
struct nb_boot_facts nb_boot_facts_assumed(const struct nb_kernel_config *config);

/* The first table with this signature, or a null pointer. Linux uses the first
 * of several: drivers/acpi/tables.c acpi_table_parse(). */
const struct nb_table *nb_firmware_table(const struct nb_firmware *fw, const char signature[4]);

#ifdef __cplusplus
}
#endif
#endif
