/* SPDX-License-Identifier: MIT */
/*
 * loader: what the adapters fill, and how it becomes the input of a boot.
 */
#include "adapters/loader.h"

#include "base/bytes.h"

void nb_loader_begin(struct nb_loader *to)
{
	*to = (struct nb_loader){
		.map = to->map,
		.map_cap = to->map_cap,
		.cmdline = to->cmdline,
		.cmdline_cap = to->cmdline_cap,
		.taken = to->taken,
		.taken_cap = to->taken_cap,
	};
	if (to->cmdline && to->cmdline_cap)
		to->cmdline[0] = '\0';
}

void nb_loader_add(struct nb_loader *to, struct nb_e820_entry entry)
{
	if (to->map_count < to->map_cap)
		to->map[to->map_count] = entry;
	to->map_count++;
}

struct nb_range nb_loader_range(nb_phys start, uint64_t size)
{
	return (struct nb_range){ start, start + nb_min(size, UINT64_MAX - start) };
}

void nb_loader_taken(struct nb_loader *to, nb_phys start, uint64_t size)
{
	struct nb_range range = nb_loader_range(start, size);

	if (!to->taken || range.start == range.end)
		return;
	if (to->taken_count < to->taken_cap)
		to->taken[to->taken_count] = range;
	to->taken_count++;
}

/* Appends a text to the command line; false if that is at its end. */
static bool append(struct nb_loader *to, size_t *len, struct nb_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (*len + 1 >= to->cmdline_cap || !text.at[i])
			return false;
		to->cmdline[(*len)++] = (char)text.at[i];
		to->cmdline[*len] = '\0';
	}
	return true;
}

void nb_loader_cmdline(struct nb_loader *to, struct nb_bytes text)
{
	size_t len = 0;

	if (to->cmdline)
		append(to, &len, text);
}

void nb_loader_cmdline_at(struct nb_loader *to, struct nb_map *host, nb_phys address)
{
	size_t len = 0;
	struct nb_bytes text;
	struct nb_fault fault;

	if (!to->cmdline || !address)
		return;
	do { /* nobody tells how long it is, but a page is mapped as a whole */
		text = nb_loader_map(host, address, NB_PAGE_SIZE - (address & (NB_PAGE_SIZE - 1)),
				     &fault);
		address += text.len;
	} while (text.len && append(to, &len, text));
}

enum nb_err nb_loader_end(const struct nb_loader *to)
{
	return to->map_count > to->map_cap || to->taken_count > to->taken_cap ? NB_ERR_FULL : NB_OK;
}

struct nb_bytes nb_loader_map(struct nb_map *host, nb_phys address, uint64_t len,
			      struct nb_fault *fault)
{
	const uint8_t *at = NULL;

	if (address && len <= SIZE_MAX)
		at = (const uint8_t *)host->map(host, address, (size_t)len);
	*fault = (struct nb_fault){ .kind = NB_FAULT_NONE };
	if (!at)
		nb_loader_fail(fault, NB_FAULT_ADDRESS, address, len);
	return (struct nb_bytes){ .at = at, .len = at ? (size_t)len : 0 };
}

enum nb_err nb_loader_fail(struct nb_fault *fault, enum nb_fault_kind kind, uint64_t got,
			   uint64_t want)
{
	*fault = (struct nb_fault){ .kind = kind, .got = got, .want = want };
	return NB_ERR_FIRMWARE;
}

void nb_firmware_take(struct nb_firmware *fw, const struct nb_loader *loader)
{
	uint32_t own = loader->map_count - loader->extended_count;

	nb_assert(nb_loader_end(loader) == NB_OK);
	fw->map = loader->map;
	fw->map_count = own;
	fw->extended = loader->extended_count ? loader->map + own : NULL;
	fw->extended_count = loader->extended_count;
	fw->e801_kib = loader->e801_kib;
	fw->e88_kib = loader->e88_kib;
	fw->cmdline = loader->cmdline;
	fw->facts.efi = loader->efi;
	fw->facts.initrd = loader->initrd;
	fw->facts.setup_data = loader->taken;
	fw->facts.setup_data_count = loader->setup_data_count;
	fw->facts.found = loader->taken ? loader->taken + loader->setup_data_count : NULL;
	fw->facts.found_count = loader->taken_count - loader->setup_data_count;
}
