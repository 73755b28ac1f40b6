/* SPDX-License-Identifier: MIT */
/* why: the reasons of decisions, as names for programs and in words for people. */
#include <numaboot/render.h>

static const struct {
	const char *name, *text;
} whys[NB_WHYS] = {
	[NB_WHY_NONE] = { "", "no reason" },
	[NB_WHY_TOO_FEW] = { "too_few", "there are too few entries" },
	[NB_WHY_TOO_MANY] = { "too_many", "there are more ranges than the kernel has room for" },
	[NB_WHY_WRAPS] = { "wraps", "an entry ends beyond 2^64" },
	[NB_WHY_ABSENT] = { "absent", "there is no such table" },
	[NB_WHY_OFF] = { "off", "the command line turned it off" },
	[NB_WHY_DISABLED] = { "disabled", "the entry is not enabled" },
	[NB_WHY_SHORT] = { "short", "there are fewer bytes than it needs" },
	[NB_WHY_TRUNCATED] = { "truncated",
			       "it reaches beyond the table, and the kernel reads what lies there" },
	[NB_WHY_ENTRY_LENGTH] = { "entry_length",
				  "an entry has a length that its type cannot have" },
	[NB_WHY_PXM_RANGE] = { "pxm_range",
			       "a proximity domain is outside of what the kernel maps" },
	[NB_WHY_OVERLAP] = { "overlap", "two nodes claim the same memory" },
	[NB_WHY_UNCOVERED] = { "uncovered", "too much RAM has no node" },
	[NB_WHY_NO_MEMORY_ENTRY] = { "no_memory_entry", "no memory entry was accepted" },
	[NB_WHY_NOT_RAM] = { "not_ram", "the memory map has no RAM there" },
	[NB_WHY_ABOVE_RAM] = { "above_ram", "it lies above the end of RAM" },
	[NB_WHY_WINDOW] = { "window", "it is a window for CXL memory" },
	[NB_WHY_HAS_MEMORY] = { "has_memory", "it has memory" },
	[NB_WHY_HAS_CPU] = { "has_cpu", "it has a CPU" },
	[NB_WHY_HAS_INITIATOR] = { "has_initiator", "it has a generic initiator" },
	[NB_WHY_BOOT_SIBLING] = { "boot_sibling",
				  "it is emulated on the boot CPU's physical node" },
	[NB_WHY_SPILLED] = { "spilled",
			     "memory without a node was noted beyond the end of the set before this" },
	[NB_WHY_SRAT] = { "srat", "the SRAT says so" },
	[NB_WHY_ROUND_ROBIN] = { "round_robin",
				 "no table gives it a node, so the nodes are dealt in turn" },
	[NB_WHY_PXM_MAP] = { "pxm_map", "emulated nodes cannot be tied to proximity domains" },
	[NB_WHY_NOT_USABLE] = { "not_usable", "the CPU can never be brought online" },
	[NB_WHY_INVALID_ID] = { "invalid_id", "the APIC ID stands for no CPU" },
	[NB_WHY_LAPIC_HAS_IT] = { "lapic_has_it",
				  "an APIC ID below 255 belongs in a local APIC entry" },
	[NB_WHY_REPEATED] = { "repeated", "the same CPU was listed before" },
	[NB_WHY_NOT_FIRST] = { "not_first",
			       "only the first CPU of each package is listed, and this is another" },
	[NB_WHY_CACHE_ID] = { "cache_id",
			      "the number of its last-level cache is taken for a node" },
	[NB_WHY_NEAREST_NODE] = { "nearest_node",
				  "its own is not online, and this is the nearest that is" },
	[NB_WHY_NEAREST_APIC] = { "nearest_apic", "the nearest APIC ID that has a node is on it" },
	[NB_WHY_REVISION] = { "revision", "the kernel does not know the table's revision" },
	[NB_WHY_MALFORMED] = { "malformed", "something in the table has a wrong form" },
	[NB_WHY_KERNEL_MEMORY] = { "kernel_memory", "memory that the kernel uses lies on it" },
	[NB_WHY_DIES_NO_IMAGE_ROOM] = { "dies_no_image_room",
					"its image has no room to unpack itself, and resets the machine "
					"without a word" },
	[NB_WHY_DIES_MAP_INVALID] = { "dies_map_invalid",
				      "it panics, since the memory map of the command line is no map" },
	[NB_WHY_DIES_SAME_TYPE] = { "dies_same_type",
				    "it hits a BUG(), since memmap= turns a type of memory into itself" },
	[NB_WHY_DIES_NO_VALUE] = { "dies_no_value",
				   "it reads the value of a parameter that has none" },
	[NB_WHY_DIES_NO_LOW_RAM] = { "dies_no_low_ram",
				     "it panics, since no RAM below 1 MiB is left for the code that starts processors" },
	[NB_WHY_DIES_NO_INITRD_ROOM] = { "dies_no_initrd_room",
					 "it panics, since the initramfs lies outside of RAM and fits nowhere in it" },
	[NB_WHY_DIES_REGIONS_FULL] = { "dies_regions_full",
				       "it panics, since memblock's array of ranges is full before it may grow" },
	[NB_WHY_DIES_RAM_WITHOUT_NODE] = { "dies_ram_without_node",
					   "it reads the data of the node of RAM that has none" },
	[NB_WHY_DIES_FAKE_DISTANCE] = { "dies_fake_distance",
					"it reads distances of the physical nodes, of which it has no table" },
	[NB_WHY_DIES_SMALL_NODE] = { "dies_small_node",
				     "the slab allocator uses pages of a node that was too small to get data" },
	[NB_WHY_DIES_NO_CPU] = { "dies_no_cpu",
				 "it makes areas for each CPU, but none is possible" },
	[NB_WHY_DIES_PERCPU] = { "dies_percpu",
				 "it panics, since no memory is left for the areas of its CPUs" },
	[NB_WHY_DIES_BOOT_CPU] = { "dies_boot_cpu",
				   "it hits a BUG(), since the CPU that it runs on is not listed" },
	[NB_WHY_DIES_NODE_DATA] = { "dies_node_data",
				    "it panics, since no memory is left for a node's data" },
	[NB_WHY_DIES_SLIT_SIZE] = { "dies_slit_size",
				    "it reads a SLIT whose count of localities reaches beyond what is mapped" },
	[NB_WHY_DIES_NODE_NOT_MADE] = { "dies_node_not_made",
					"it uses the data of a node that is online but not possible, so that it has none" },
	[NB_WHY_DIES_NO_NODE_MASK] = { "dies_no_node_mask",
				       "it counts the CPUs of a node that is online but not possible, so that it has no set of them" },
};

const char *nb_why_name(enum nb_why why)
{
	return (unsigned)why < NB_WHYS && whys[why].name ? whys[why].name : "?";
}

const char *nb_why_text(enum nb_why why)
{
	return (unsigned)why < NB_WHYS && whys[why].text ? whys[why].text : "?";
}
