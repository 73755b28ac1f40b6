/* SPDX-License-Identifier: MIT */
/* memory: the code of docs/EMBEDDING.md, as it stands there. */
#include <numaboot/numaboot.h>

#include "kernel.h"

static _Alignas(16) uint8_t block[2 << 20];
static struct nb_table tables[64];
static struct nb_firmware fw;
static struct nb_boot boot;
static struct nb_pages pages;

void nb_assert_failed(const char *what, const char *file, int line)
{
	kernel_panic(what, file, line);
}

static void must(enum nb_err err)
{
	if (err && err != NB_ERR_FIRMWARE) /* Linux goes on without tables */
		kernel_panic(nb_err_text(err), __FILE__, __LINE__);
}

static const void *map(struct nb_map *self, nb_phys address, size_t len)
{
	(void)self;
	return address < MAPPED && len <= MAPPED - address ? (const void *)address : NULL;
}

void memory_boot(const struct nb_e820_entry *entries, uint32_t count, nb_phys rsdp)
{
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12], NULL };
	struct nb_map host = { map };
	struct nb_fault fault;

	fw = (struct nb_firmware){ .map = entries, .map_count = count, .tables = tables };
	fw.facts = nb_boot_facts_assumed(env.config);
	fw.facts.kernel = kernel_image();
	must(nb_acpi_root(&host, rsdp, tables, NB_COUNT(tables), &fw.table_count, &fault));
	const struct nb_limits limits = nb_limits_for(&fw, env.config);

	must(nb_boot_init(&boot, block, sizeof(block), &limits, &env, &fw));
	must(nb_boot(&boot));
}

static void *take(size_t size, int32_t nid)
{
	struct nb_request request = { .size = size, .align = 128, .max = MAPPED, .nid = nid };
	nb_phys at;

	must(nb_memblock_alloc(&boot.memblock, &request, &at));
	return (void *)at;
}

void memory_hand_over(void)
{
	struct nb_page_walk in = { .memory = &boot.memblock.memory, .nid = NB_NO_NODE };
	struct nb_pages_limits max = { boot.limits.nodes, boot.cpus.possible, in.memory->count, 0 };
	struct nb_free_walk rest = { .mb = &boot.memblock, .nid = NB_NO_NODE };
	size_t size = nb_pages_size(&max);
	struct nb_range at;
	int32_t nid;

	must(nb_pages_init(&pages, take(size, NB_NO_NODE), size, &max));
	while (nb_page_next(&in, &at, &nid)) {
		struct nb_page_span span = { nid, NB_ZONE_NORMAL, at.start, at.end, NULL, false };

		span.storage = take(nb_pages_span_size(&max, at.start, at.end), nid);
		must(nb_pages_add(&pages, &span));
	}
	while (nb_free_next(&rest, &at, NULL))
		nb_pages_give(&pages, nb_pfn_up(at.start), nb_pfn_down(at.end));
	nb_pages_set_fallback(&pages, boot.zonelists.order, boot.zonelists.order_count, false);
}

nb_pfn memory_page(uint32_t cpu, int32_t nid)
{
	struct nb_page_request request = { .nid = nid, .highest = NB_ZONE_NORMAL };

	return nb_pages_alloc(&pages, cpu, request);
}
