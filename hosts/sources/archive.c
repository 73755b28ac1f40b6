/* SPDX-License-Identifier: MIT */
/*
 * archive: walks from header to header, and finds what kind of tree the names make.
 *
 * Source: POSIX.1-2017 pax, ustar Interchange Format.
 */
#include "archive.h"
#include "text.h"

#include <numaboot/base.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Offsets in a header. */
enum {
	BLOCK = ARCHIVE_BLOCK,
	NAME_LENGTH = 100,
	SIZE = 124,
	SIZE_LENGTH = 12,
	TYPE = 156,
	MAGIC = 257,
	PREFIX = 345,
	PREFIX_LENGTH = 155,
};

/* A field up to its first zero. */
static struct nb_text field(const char *at, size_t most)
{
	const char *end = (const char *)memchr(at, '\0', most);

	return (struct nb_text){ at, end ? (size_t)(end - at) : most };
}

/* Octal digits, perhaps with a blank behind them; false if it is no number. */
static bool read_octal(struct nb_text digits, uint64_t *value)
{
	digits = text_trim(digits);
	*value = 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '7')
			return false;
		*value = *value << 3 | (uint64_t)(digits.at[i] - '0');
	}
	return digits.len > 0;
}

/* Steps over one header and what it is of. */
static bool step(struct nb_text *archive, struct nb_text *header, struct nb_text *content)
{
	uint64_t size, padded;

	*header = (struct nb_text){ archive->at, BLOCK };
	if (archive->len < BLOCK || memcmp(header->at + MAGIC, "ustar", 5) != 0 ||
	    !read_octal(field(header->at + SIZE, SIZE_LENGTH), &size) ||
	    size > archive->len - BLOCK)
		return false;
	*content = (struct nb_text){ archive->at + BLOCK, (size_t)size };
	padded = nb_min(nb_align_up(BLOCK + size, BLOCK), archive->len);
	*archive = (struct nb_text){ archive->at + padded, archive->len - (size_t)padded };
	return true;
}

/* A prefix, which may be empty, and a name. */
static struct nb_text whole_name(struct nb_text header, char room[ARCHIVE_NAME_MOST])
{
	struct nb_text prefix = field(header.at + PREFIX, PREFIX_LENGTH);
	struct nb_text name = field(header.at, NAME_LENGTH);
	size_t len = prefix.len;

	memcpy(room, prefix.at, len);
	if (len)
		room[len++] = '/';
	memcpy(room + len, name.at, name.len);
	return (struct nb_text){ room, len + name.len };
}

bool archive_next(struct nb_text *archive, char room[ARCHIVE_NAME_MOST], struct nb_text *name,
		  struct nb_text *content, struct complaint *complaint)
{
	struct nb_text header;

	while (archive->len && archive->at[0]) {
		if (!step(archive, &header, content)) {
			complain(complaint, "the archive is damaged, %zu bytes before its end",
				 archive->len);
			return false;
		}
		*name = whole_name(header, room);
		if (header.at[TYPE] == '0')
			return true;
	}
	return false;
}

/* Puts a name into a header: whole, or parted at a slash; false if it is too long. */
static bool set_name(char *header, const char *name)
{
	size_t len = strlen(name), cut = len;

	if (len <= NAME_LENGTH) {
		memcpy(header, name, len);
		return true;
	}
	while (cut > 0 && (name[cut] != '/' || cut > PREFIX_LENGTH))
		cut--;
	if (!cut || len - cut - 1 > NAME_LENGTH)
		return false;
	memcpy(header + PREFIX, name, cut);
	memcpy(header, name + cut + 1, len - cut - 1);
	return true;
}

bool archive_header(char header[ARCHIVE_BLOCK], const char *name, uint64_t size)
{
	enum { MODE = 100, OWNER = 108, GROUP = 116, TIME = 136, CHECKSUM = 148, VERSION = 263 };
	unsigned sum = 0;

	memset(header, 0, ARCHIVE_BLOCK);
	if (!set_name(header, name))
		return false;
	memcpy(header + MODE, "0000644", 7);
	memcpy(header + OWNER, "0000000", 7);
	memcpy(header + GROUP, "0000000", 7);
	snprintf(header + SIZE, SIZE_LENGTH, "%011llo", (unsigned long long)size & 077777777777);
	memcpy(header + TIME, "00000000000", 11);
	memset(header + CHECKSUM, ' ', 8);
	header[TYPE] = '0';
	memcpy(header + MAGIC, "ustar", 6);
	memcpy(header + VERSION, "00", 2);
	for (int i = 0; i < ARCHIVE_BLOCK; i++)
		sum += (uint8_t)header[i];
	snprintf(header + CHECKSUM, 7, "%06o", sum);
	return true;
}

/* Where the last part of a name begins. */
static struct nb_text base_of(struct nb_text name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.at[i - 1] == '/')
			return (struct nb_text){ name.at + i, name.len - i };
	return name;
}

static bool holds(struct nb_text name, const char *part)
{
	return text_find(name, part) < name.len;
}

static bool ends_with(struct nb_text name, const char *end)
{
	size_t len = strlen(end);

	return name.len >= len && !memcmp(name.at + name.len - len, end, len);
}

bool archive_wants(struct nb_text name)
{
	static const char *const parts[] = { "sys/firmware/acpi/tables/", "sys/firmware/memmap/",
					     "sys/kernel/boot_params/", "system/node/",
					     "proc/sys/vm/" };
	static const char *const files[] = { "cmdline", "version", "cpuinfo", "zoneinfo", "iomem",
					     "meminfo", "dmesg",   "console", "outcome" };
	static const char *const ends[] = { ".dat", ".aml", ".bin", ".acpidump" };
	struct nb_text base = base_of(name);
	size_t cpu = text_find(name, "system/cpu/");

	for (size_t i = 0; i < NB_COUNT(parts); i++)
		if (holds(name, parts[i]))
			return true;
	for (size_t i = 0; i < NB_COUNT(files); i++)
		if (text_is(base, files[i]))
			return true;
	for (size_t i = 0; i < NB_COUNT(ends); i++)
		if (ends_with(base, ends[i]))
			return true;
	return nb_text_starts(base, "dmesg") || nb_text_starts(base, "config") ||
	       holds(base, "acpidump") ||
	       (cpu < name.len && base.at == name.at + cpu + strlen("system/cpu/"));
}

static int by_name(const void *a, const void *b)
{
	const struct nb_text *x = &((const struct archived *)a)->name;
	const struct nb_text *y = &((const struct archived *)b)->name;
	int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* What stands before a part of a path, if that begins a name or follows a slash. */
static bool root_before(struct nb_text name, const char *part, struct nb_text *root)
{
	size_t at = text_find(name, part);

	*root = (struct nb_text){ name.at, at };
	return at < name.len && (at == 0 || name.at[at - 1] == '/');
}

/* The shape that the shortest root tells: what lies deeper is a part of it. */
static void find_shape(struct archive *archive)
{
	static const struct {
		const char *part;
		enum archive_shape shape;
	} shapes[] = {
		{ "sysroot/", SHAPE_CASE },      { "proc/", SHAPE_SYSROOT },
		{ "sys/", SHAPE_SYSROOT },       { "system/node/", SHAPE_SYSTEM },
		{ "system/cpu/", SHAPE_SYSTEM },
	};

	for (size_t s = 0; s < NB_COUNT(shapes); s++) {
		if (archive->shape != SHAPE_FILES && archive->shape != shapes[s].shape)
			break;
		for (uint32_t i = 0; i < archive->count; i++) {
			struct nb_text root;

			if (!root_before(archive->files[i].name, shapes[s].part, &root) ||
			    (archive->shape != SHAPE_FILES && root.len >= archive->root.len))
				continue;
			archive->shape = shapes[s].shape;
			archive->root = root;
		}
	}
}

bool archive_read(struct archive *archive, struct nb_text bytes, struct pool *pool,
		  struct complaint *complaint)
{
	struct nb_text rest = bytes, name, content;
	char room[ARCHIVE_NAME_MOST];
	uint32_t count = 0;

	*archive = (struct archive){ .root = { "", 0 } };
	complaint->text[0] = '\0';
	while (archive_next(&rest, room, &name, &content, complaint))
		count++;
	if (complaint->text[0])
		return false;
	archive->files = (struct archived *)pool_take(pool, (count + 1) * sizeof(*archive->files));
	rest = bytes;
	while (archive->count < count && archive_next(&rest, room, &name, &content, complaint)) {
		char *copy = (char *)pool_take(pool, name.len + 1);

		memcpy(copy, name.at, name.len);
		archive->files[archive->count++] = (struct archived){ { copy, name.len }, content };
	}
	qsort(archive->files, archive->count, sizeof(*archive->files), by_name);
	find_shape(archive);
	return true;
}

bool archive_find(const struct archive *archive, const char *path, struct nb_text *content)
{
	char whole[2 * ARCHIVE_NAME_MOST];
	struct archived key = { { whole, archive->root.len }, { NULL, 0 } };
	const struct archived *found;

	if (archive->root.len + strlen(path) > sizeof(whole))
		return false;
	memcpy(whole, archive->root.at, archive->root.len);
	memcpy(whole + key.name.len, path, strlen(path));
	key.name.len += strlen(path);
	found = (const struct archived *)bsearch(&key, archive->files, archive->count, sizeof(key),
						 by_name);
	if (found)
		*content = found->content;
	return found != NULL;
}

bool archive_has(const struct archive *archive, const char *part)
{
	for (uint32_t i = 0; i < archive->count; i++)
		if (holds(archive->files[i].name, part))
			return true;
	return false;
}

const struct archived *archive_log(const struct archive *archive)
{
	const struct archived *best = NULL;

	for (uint32_t i = 0; i < archive->count; i++) {
		const struct archived *file = &archive->files[i];

		if (nb_text_starts(base_of(file->name), "dmesg") && file->content.len &&
		    (!best || file->content.len > best->content.len))
			best = file;
	}
	return best;
}
