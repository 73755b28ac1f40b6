/* SPDX-License-Identifier: MIT */
/*
 * tables: ACPI tables as people pass them on.
 *
 *	SRAT.dat, a row of tables	bytes: a signature, a length
 *	SRAT @ 0x7ffe0000		acpidump
 *	    0000: 53 52 41 54 ...
 *	    0000: 53 52 41 54 ...	the raw data behind a disassembly of iasl
 *
 * Source: ACPI 6.5 5.2.6, 5.2.5.3.
 */
#include "tables.h"

#include <stdio.h>
#include <string.h>

enum {
	HEADER = 36,
	LENGTH = 4,
	ROOT_LENGTH = 20,   /* of a root pointer of ACPI 1.0 */
	ROOT_LENGTH_2 = 36, /* of a later one */
	ROOT_REVISION = 15,
	LINE_BYTES = 16, /* of a line of a dump */
	TABLE_MOST = 32 << 20,
};

const char table_names[TABLE_NAMES][5] = { "FACP", "APIC", "SRAT", "SLIT", "HMAT", "CEDT", "HPET" };

static uint32_t le32(const char *at)
{
	const uint8_t *bytes = (const uint8_t *)at;

	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static bool is_wanted(const char *signature)
{
	for (size_t i = 0; i < TABLE_NAMES; i++)
		if (!memcmp(signature, table_names[i], 4))
			return true;
	return false;
}

/* Whether one letter differs, or two beside each other are swapped. */
static bool is_near(const char *signature, const char *name)
{
	int differ = 0, last = 0;

	for (int i = 0; i < 4; i++)
		if (signature[i] != name[i]) {
			differ++;
			last = i;
		}
	return differ == 1 || (differ == 2 && last && signature[last] == name[last - 1] &&
			       signature[last - 1] == name[last]);
}

const char *table_meant(const char *signature)
{
	/* other tables that are so: ACPI 6.5 table 5.5, 5.6 */
	static const char others[][5] = { "SLIC", "FACS", "ECDT" };
	const char *meant = NULL;

	for (size_t i = 0; i < NB_COUNT(others); i++)
		if (!memcmp(signature, others[i], 4))
			return NULL;
	for (size_t i = 0; i < TABLE_NAMES && !is_wanted(signature); i++)
		if (is_near(signature, table_names[i]))
			meant = table_names[i];
	return meant;
}

/* Capital letters, digits, and what else names of tables have. */
static bool is_signature(const char *at)
{
	for (int i = 0; i < 4; i++)
		if (!(at[i] >= 'A' && at[i] <= 'Z') && !(at[i] >= '0' && at[i] <= '9') &&
		    at[i] != '_' && at[i] != '$')
			return false;
	return at[0] >= 'A';
}

static size_t root_length(struct nb_text bytes)
{
	if (bytes.len < ROOT_LENGTH || memcmp(bytes.at, "RSD PTR ", 8) != 0)
		return 0;
	return bytes.at[ROOT_REVISION] && bytes.len >= ROOT_LENGTH_2 ? ROOT_LENGTH_2 : ROOT_LENGTH;
}

bool tables_bytes_begin(struct nb_text bytes)
{
	uint32_t len;

	if (root_length(bytes))
		return true;
	if (bytes.len < LENGTH + 4 || !is_signature(bytes.at))
		return false;
	len = le32(bytes.at + LENGTH);
	return (len >= LENGTH + 4 && len <= bytes.len) ||
	       (is_wanted(bytes.at) && memchr(bytes.at, '\0', bytes.len));
}

/* Which facts a table tells. */
static void learn(struct source *source, const char *signature, const char *where)
{
	static const struct {
		char signature[5];
		enum source_fact fact;
	} tells[] = {
		{ "SLIT", FACT_SLIT },       { "SRAT", FACT_CPU_NODES },
		{ "SRAT", FACT_INITIATORS }, { "CEDT", FACT_INITIATORS },
		{ "APIC", FACT_MADT },
	};
	const struct provenance from = { ORIGIN_READ, where };

	source->facts[FACT_TABLES] = from;
	for (size_t i = 0; i < NB_COUNT(tells); i++)
		if (!memcmp(signature, tells[i].signature, 4))
			source->facts[tells[i].fact] = from;
}

void tables_are_whole(struct source *source, const char *where)
{
	for (size_t i = 0; i < TABLE_NAMES; i++)
		learn(source, table_names[i], where);
}

/* The place of a table: an older one's that gives way, else a new one. Null if one
 * of the same name came from the same place, or there is no room. */
static struct nb_table *place_of(struct source *source, const char *signature, const char *where)
{
	struct nb_firmware *fw = &source->fw;

	fw->tables = source->tables;
	for (uint32_t i = 0; is_wanted(signature) && i < fw->table_count; i++)
		if (!memcmp(source->tables[i].signature, signature, 4))
			return source->table_from[i] == where ? NULL : &source->tables[i];
	if (fw->table_count == SOURCE_TABLES ||
	    (!is_wanted(signature) && fw->table_count >= SOURCE_TABLES - TABLE_NAMES))
		return NULL;
	return &source->tables[fw->table_count++];
}

void tables_add(struct source *source, const char *name, struct nb_text bytes, nb_phys address,
		const char *where)
{
	struct nb_table *table;

	if (!is_wanted(name) && !address && !(source->takes_spoilt && table_meant(name)))
		return;
	table = place_of(source, name, where);
	if (!table)
		return;
	source->table_from[table - source->tables] = where;
	memcpy(table->signature, name, 4);
	table->at = (const uint8_t *)bytes.at;
	table->len = bytes.len;
	if (address) {
		table->address = address;
		source->facts[FACT_TABLE_ADDRESSES] = (struct provenance){ ORIGIN_READ, where };
	}
	if (is_wanted(name))
		learn(source, name, where);
}

/* Whether more is behind a table's end than padding, or another table. */
static bool has_tail(struct nb_text bytes, size_t len)
{
	struct nb_text tail = { bytes.at + len, bytes.len - len };

	for (size_t i = 0; i < tail.len; i++)
		if (tail.at[i])
			return !root_length(tail) && !(tail.len >= 4 && is_signature(tail.at));
	return false;
}

/* A table as a piece of bytes; false, with a complaint, if it is not whole. */
static bool add_whole(struct source *source, struct nb_text bytes, nb_phys address,
		      const char *where, struct complaint *complaint)
{
	uint32_t len = bytes.len >= LENGTH + 4 ? le32(bytes.at + LENGTH) : 0;

	if (root_length(bytes))
		return true;
	if (bytes.len < LENGTH + 4 || !is_signature(bytes.at)) {
		complain(complaint, "a table without a name: expected four capital letters");
		return false;
	}
	if (len > bytes.len && !source->takes_spoilt) {
		complain(complaint,
			 "the end of %.4s is missing: it says that it has %u bytes, %zu "
			 "are there",
			 bytes.at, len, bytes.len);
		return false;
	}
	if (len >= HEADER && len <= bytes.len && !(source->takes_spoilt && has_tail(bytes, len)))
		bytes.len = len;
	tables_add(source, bytes.at, bytes, address, where);
	return true;
}

bool tables_add_bytes(struct source *source, struct nb_text bytes, const char *where,
		      struct complaint *complaint)
{
	while (bytes.len) {
		size_t len = root_length(bytes);

		if (!len && (bytes.len < LENGTH + 4 || !is_signature(bytes.at)))
			break; /* what is behind the tables, as padding is */
		if (!add_whole(source, bytes, 0, where, complaint))
			return false;
		if (!len)
			len = le32(bytes.at + LENGTH);
		if (len < LENGTH + 4 || len > bytes.len)
			break;
		bytes = (struct nb_text){ bytes.at + len, bytes.len - len };
	}
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A line of a dump. */
struct dump_line {
	size_t offset;
	size_t count;
	char bytes[LINE_BYTES];
};

/* "    0010: 41 20 4D 20  A M ": an offset, then bytes up to two blanks. */
static bool read_dump_line(struct nb_text line, struct dump_line *dump)
{
	size_t i = 0, digits = 0;

	*dump = (struct dump_line){ .offset = 0 };
	while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t' || line.at[i] == '>'))
		i++;
	for (; i < line.len && hex_digit(line.at[i]) >= 0 && digits < 8; i++, digits++)
		dump->offset = dump->offset << 4 | (size_t)hex_digit(line.at[i]);
	if (digits < 4 || i == line.len || line.at[i] != ':')
		return false;
	for (i++; dump->count < LINE_BYTES && line.len - i >= 3 && line.at[i] == ' ' &&
		  hex_digit(line.at[i + 1]) >= 0 && hex_digit(line.at[i + 2]) >= 0 &&
		  (i + 3 == line.len || line.at[i + 3] == ' ' || line.at[i + 3] == '\t');
	     i += 3)
		dump->bytes[dump->count++] =
			(char)(hex_digit(line.at[i + 1]) << 4 | hex_digit(line.at[i + 2]));
	return dump->count > 0;
}

/* "SRAT @ 0x7ffe0000". */
static bool read_title(struct nb_text line, nb_phys *address)
{
	size_t at = text_find(line, " @ 0x");
	struct nb_text name = text_trim((struct nb_text){ line.at, at }), number;
	uint64_t value;

	while (name.len && name.at[0] == '>')
		name = text_trim((struct nb_text){ name.at + 1, name.len - 1 });
	if (at == line.len ||
	    (!text_is(name, "RSD PTR") && (name.len != 4 || !is_signature(name.at))))
		return false;
	number = text_trim((struct nb_text){ line.at + at + 3, line.len - at - 3 });
	if (!text_u64(number, &value))
		return false;
	*address = value >> 52 ? 0 : value; /* a kernel's own address is none of memory */
	return true;
}

bool tables_text_begins(struct nb_text line)
{
	struct dump_line dump;
	nb_phys address;

	return read_title(line, &address) || (read_dump_line(line, &dump) && !dump.offset &&
					      dump.count >= 8 && is_signature(dump.bytes));
}

/* A table that is being put together. */
struct building {
	char *at;
	size_t len, cap;
	nb_phys address;
};

static bool append(struct building *b, const struct dump_line *dump, struct pool *pool)
{
	if (b->len + dump->count > TABLE_MOST)
		return false;
	if (b->len + dump->count > b->cap) {
		size_t cap = 4 * b->cap + 4096;
		char *more = (char *)pool_take(pool, cap);

		if (b->len)
			memcpy(more, b->at, b->len);
		b->at = more;
		b->cap = cap;
	}
	memcpy(b->at + b->len, dump->bytes, dump->count);
	b->len += dump->count;
	return true;
}

static bool finish(struct source *source, struct building *b, const char *where,
		   struct complaint *complaint)
{
	const struct nb_text bytes = { b->at, b->len };
	const nb_phys address = b->address;

	*b = (struct building){ .at = NULL };
	return !bytes.len || add_whole(source, bytes, address, where, complaint);
}

bool tables_add_text(struct source *source, struct nb_text text, const char *where,
		     struct complaint *complaint)
{
	struct building b = { .at = NULL };
	struct nb_text line;
	struct dump_line dump;

	for (uint32_t number = 1; text_line(&text, &line); number++) {
		nb_phys address;

		if (read_title(line, &address)) {
			if (!finish(source, &b, where, complaint))
				return false;
			b.address = address;
			continue;
		}
		if (!read_dump_line(line, &dump))
			continue;
		if (!dump.offset && b.len && !finish(source, &b, where, complaint))
			return false;
		if (dump.offset != b.len || !append(&b, &dump, &source->pool)) {
			complain(complaint, "line %u of the dump: expected the bytes from 0x%zx on",
				 number, b.len);
			return false;
		}
	}
	return finish(source, &b, where, complaint);
}
