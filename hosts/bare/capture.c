/* SPDX-License-Identifier: MIT */
/*
 * capture: a tar archive of a sysroot.
 *
 *	sys/kernel/boot_params/data     the memory map, and whether there is EFI
 *	sys/firmware/acpi/tables/       the first of each signature
 *	proc/cmdline, proc/cpuinfo
 *
 * Source: POSIX.1-2017 pax, ustar Interchange Format; Linux 6.12
 * arch/x86/include/uapi/asm/bootparam.h struct boot_params.
 */
#include "capture.h"
#include "serial.h"

/* The header of a file: offsets in bytes. The rest of it stays zero. */
enum {
	BLOCK = 512,
	NAME = 0,
	NAME_MOST = 100,
	MODE = 100,
	OWNER = 108,
	GROUP = 116,
	SIZE = 124,
	TIME = 136,
	CHECKSUM = 148,
	TYPE = 156,
	MAGIC = 257,
};

/* The page of Linux's boot protocol. */
enum {
	PAGE = 4096,
	PAGE_EFI = 0x1c0,
	PAGE_E820_COUNT = 0x1e8,
	PAGE_E820 = 0x2d0,
	E820_ENTRY = 20,
	E820_MOST = 128,
};

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memset(void *at, int value, size_t len);

static void put_octal(char *to, size_t digits, uint64_t value)
{
	for (to[digits] = '\0'; digits--; value >>= 3)
		to[digits] = (char)('0' + (value & 7));
}

/* Appends to a text of at most `most` bytes and its end; what is too much is cut. */
static void append(char *to, size_t most, const char *text)
{
	size_t len = 0;

	while (to[len])
		len++;
	for (; len < most && *text; len++, text++)
		to[len] = *text;
	to[len] = '\0';
}

static void put_file(struct nb_writer *to, const char *name, const void *at, size_t len)
{
	static const char zeros[BLOCK];
	char header[BLOCK] = "";
	unsigned sum = 0;

	append(header + NAME, NAME_MOST - 1, name);
	put_octal(header + MODE, 7, 0444);
	put_octal(header + OWNER, 7, 0);
	put_octal(header + GROUP, 7, 0);
	put_octal(header + SIZE, 11, len);
	put_octal(header + TIME, 11, 0);
	header[TYPE] = '0';
	memcpy(header + MAGIC,
	       "ustar\0"
	       "00",
	       8);
	memset(header + CHECKSUM, ' ', 8); /* counts as blanks */
	for (size_t i = 0; i < BLOCK; i++)
		sum += (uint8_t)header[i];
	put_octal(header + CHECKSUM, 6, sum);
	to->write(to, header, BLOCK);
	to->write(to, (const char *)at, len);
	to->write(to, zeros, (BLOCK - len % BLOCK) % BLOCK);
}

static void put_boot_page(struct nb_writer *to, const struct nb_firmware *fw)
{
	static uint8_t page[PAGE];

	nb_assert(fw->map_count <= E820_MOST);
	if (fw->facts.efi)
		memcpy(page + PAGE_EFI, "EL64", 4);
	page[PAGE_E820_COUNT] = (uint8_t)fw->map_count;
	for (uint32_t i = 0; i < fw->map_count; i++) {
		uint8_t *at = page + PAGE_E820 + (size_t)i * E820_ENTRY;

		memcpy(at, &fw->map[i].start, 8);
		memcpy(at + 8, &fw->map[i].size, 8);
		memcpy(at + 16, &fw->map[i].type, 4);
	}
	put_file(to, "sys/kernel/boot_params/data", page, PAGE);
}

static void put_tables(struct nb_writer *to, const struct nb_firmware *fw)
{
	for (uint32_t i = 0; i < fw->table_count; i++) {
		const struct nb_table *table = &fw->tables[i];
		char name[NAME_MOST] = "sys/firmware/acpi/tables/";
		char signature[5] = "";

		memcpy(signature, table->signature, 4);
		if (nb_firmware_table(fw, signature) != table)
			continue;
		append(name, NAME_MOST - 1, signature);
		put_file(to, name, table->at, table->len);
	}
}

/* Text that grows: a writer into a buffer. */
struct buffer {
	struct nb_writer writer; /* first: a writer is its buffer */
	size_t len;
	char text[512];
};

static void buffer_write(struct nb_writer *self, const char *text, size_t len)
{
	struct buffer *buffer = (struct buffer *)self; /* its first member */

	for (size_t i = 0; i < len && buffer->len < sizeof(buffer->text); i++)
		buffer->text[buffer->len++] = text[i];
}

/* The boot CPU's record, as far as a boot follows from it. */
static void put_cpuinfo(struct nb_writer *to, const struct nb_firmware *fw,
			const struct identity *id)
{
	const struct nb_boot_facts *facts = &fw->facts;
	struct buffer buffer = { .writer.write = buffer_write };
	struct nb_writer *text = &buffer.writer;
	uint64_t cores = id->package_shift - nb_min(id->thread_shift, id->package_shift);

	say(text, "processor\t: 0\nvendor_id\t: ");
	say(text, id->vendor);
	say(text, "\nmodel name\t: ");
	say(text, id->model);
	say(text, "\nsiblings\t: ");
	say_number(text, (uint64_t)1 << id->package_shift);
	say(text, "\ncpu cores\t: ");
	say_number(text, (uint64_t)1 << cores);
	say(text, "\napicid\t\t: ");
	say_number(text, id->apic_id);
	say(text, "\ninitial apicid\t: ");
	say_number(text, id->apic_id);
	say(text, "\nflags\t\t: apic");
	say(text, id->x2apic ? " x2apic" : "");
	say(text, facts->gb_pages ? " pdpe1gb" : "");
	say(text, facts->five_level ? " la57" : "");
	say(text, facts->hypervisor ? " hypervisor" : "");
	say(text, "\n\n");
	put_file(to, "proc/cpuinfo", buffer.text, buffer.len);
}

void capture(struct nb_writer *to, const struct nb_firmware *fw, const struct identity *id)
{
	static const char zeros[2 * BLOCK]; /* the archive's end */
	size_t len = 0;

	say(to, CAPTURE_MARK);
	put_boot_page(to, fw);
	put_tables(to, fw);
	while (fw->cmdline[len])
		len++;
	put_file(to, "proc/cmdline", fw->cmdline, len);
	put_cpuinfo(to, fw, id);
	to->write(to, zeros, sizeof(zeros));
}
