/* SPDX-License-Identifier: MIT */
/*
 * place: what a SOURCE is, and what options put over it.
 *
 *	directory ---- a sysroot, a case, a directory of tables, and of a log or map of them
 *	file --------- unpacked --> an archive of these; a log; tables; a memory map
 *	nothing ------ --tables and --e820 alone
 */
#include "place.h"

#include "../sources/e820_text.h"
#include "../sources/qemu_words.h"
#include "../sources/tables.h"
#include "contents.h"
#include "libvirt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_entry(int root, const char *name)
{
	struct stat status;

	return fstatat(root, name, &status, 0) == 0;
}

static bool add_tables(struct source *source, const struct contents *contents, const char *where,
		       struct complaint *complaint)
{
	if (contents->content == CONTENT_TABLES)
		return tables_add_bytes(source, contents->bytes, where, complaint);
	return tables_add_text(source, contents->bytes, where, complaint);
}

/* Every plain file of a directory, in the order of their names. */
static int list_files(const char *path, struct dirent ***names)
{
	return scandir(path, names, NULL, alphasort);
}

static void drop_files(struct dirent **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

/* Adds the tables of a directory's files. Returns how many files have some, or -1 after a
 * complaint. Files that are something else are left alone. */
static int add_table_files(struct source *source, const char *folder, const char *where,
			   struct complaint *complaint)
{
	struct dirent **names;
	int count = list_files(folder, &names), found = 0;

	for (int i = 0; i < count && found >= 0; i++) {
		char path[PATH_MAX];
		struct stat status;
		struct contents contents;
		struct complaint none = { .text = "" };

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name) >=
			    sizeof(path) ||
		    stat(path, &status) != 0 || !S_ISREG(status.st_mode) ||
		    !contents_read(path, &source->pool, &contents, &none))
			continue;
		if (contents.content == CONTENT_DISASSEMBLY && !found) {
			complain(
				complaint,
				"%s: a disassembly of an ACPI table without the bytes at its end: "
				"expected \"Raw Table Data\" there, or the table, which iasl makes "
				"of it again",
				path);
			found = -1;
		}
		if (contents.content != CONTENT_TABLES && contents.content != CONTENT_ACPIDUMP)
			continue;
		if (add_tables(source, &contents, where, &none)) {
			found++;
		} else {
			complain(complaint, "%s: %s", path, none.text);
			found = -1;
		}
	}
	if (count >= 0)
		drop_files(names, count);
	return found;
}

/* Whether a directory's files are ACPI tables, to judge by the first. */
static bool holds_tables(const char *folder)
{
	static struct source unused;
	struct complaint none;
	bool holds = add_table_files(&unused, folder, folder, &none) != 0;

	pool_drop(&unused.pool);
	unused = (struct source){ .is_log = false };
	return holds;
}

/* A directory that is a sysroot or holds one, or at least a case's log. */
static bool open_directory(struct place *place, const struct ask *ask, struct complaint *complaint)
{
	int root = place->all.root, below = -1;

	place->has_state = true;
	if (has_entry(root, "proc") || has_entry(root, "sys")) {
		place->sysroot = place->all;
		return true;
	}
	if (!ask->must_be_sysroot)
		below = openat(root, "sysroot", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (below >= 0) {
		place->is_case = true;
		files_open(&place->sysroot, below, place->name, complaint);
		return true;
	}
	if (!ask->must_be_sysroot && has_entry(root, "dmesg")) {
		place->is_case = place->is_log = true;
		place->has_state = false;
		return true;
	}
	if (!ask->must_be_sysroot && holds_tables(place->name)) {
		place->is_file = true; /* of more than one piece */
		place->has_state = false;
		return true;
	}
	complain(complaint, "%s: not a sysroot: expected proc/ and sys/ in it%s", place->name,
		 ask->must_be_sysroot ? "" : ", a case with sysroot/ or dmesg, or ACPI tables");
	return false;
}

bool place_open(struct place *place, const struct ask *ask, struct complaint *complaint)
{
	const char *name = ask->source ? ask->source : "/";
	bool nothing = !ask->source && (ask->tables_count || ask->e820);
	struct stat status;
	int root;

	*place = (struct place){ .is_open = true,
				 .is_this_machine = !nothing && !strcmp(name, "/"),
				 .name = name };
	files_open(&place->all, -1, name, complaint);
	files_open(&place->sysroot, -1, name, complaint);
	if (nothing) {
		place->name = ask->tables_count ? ask->tables[0] : ask->e820;
		return true;
	}
	if (!ask->must_be_sysroot &&
	    (!strcmp(name, "-") || (stat(name, &status) == 0 && !S_ISDIR(status.st_mode)))) {
		place->is_file = true;
		return true;
	}
	root = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	files_open(&place->all, root, name, complaint);
	if (root < 0) {
		complain(complaint, "%s: %s: expected a directory with proc/ and sys/%s", name,
			 strerror(errno),
			 ask->must_be_sysroot ? "" : ", a case with sysroot/, or a boot log");
		return false;
	}
	if (!open_directory(place, ask, complaint))
		return false;
	if (place->is_this_machine)
		place->name = "this machine";
	return true;
}

void place_use(struct place *place, struct pool *pool)
{
	place->sysroot.pool = pool;
	place->all.pool = pool;
}

void place_close(struct place *place)
{
	if (place->sysroot.root >= 0 && place->sysroot.root != place->all.root)
		close(place->sysroot.root);
	if (place->all.root >= 0)
		close(place->all.root);
}

bool place_case_log(struct place *place, struct boot_log *log, struct pool *pool)
{
	struct tree *tree = &place->all.tree;
	struct nb_text text;
	struct boot_log console;
	enum tree_result result = tree->read(tree, "dmesg", LOG_MOST, &text);

	if (result != TREE_OK)
		return result == TREE_ABSENT;
	boot_log_read(log, text, pool);
	result = tree->read(tree, "console", LOG_MOST, &text);
	if (result == TREE_OK) {
		boot_log_read(&console, text, pool);
		boot_log_complete(log, &console, pool);
	}
	return !tree_failed(result);
}

/* The files of an archive as a place's trees. */
static void use_archive(struct place *place, struct complaint *complaint)
{
	place->is_case = place->archive.shape == SHAPE_CASE;
	files_open_archive(&place->all, &place->archive, "", place->name, complaint);
	files_open_archive(&place->sysroot, &place->archive, place->is_case ? "sysroot/" : "",
			   place->name, complaint);
	place->has_state = place->archive.shape != SHAPE_FILES;
}

/* Adds what an archive of single files has of tables. */
static bool add_archived_tables(struct place *place, struct source *source,
				struct complaint *complaint)
{
	static const char where[] = "ACPI tables of the archive";

	for (uint32_t i = 0; i < place->archive.count; i++) {
		struct contents contents = { .bytes = place->archive.files[i].content };

		contents.content = content_of(contents.bytes);
		if ((contents.content == CONTENT_TABLES || contents.content == CONTENT_ACPIDUMP) &&
		    !add_tables(source, &contents, where, complaint))
			return false;
	}
	if (source->fw.table_count)
		tables_are_whole(source, where);
	return true;
}

static void take_log(struct place *place, struct source *source, struct nb_text text)
{
	boot_log_read(&place->log, text, &source->pool);
	place->is_log = true;
}

/* An archive: trees that are read like a directory's; without a map among them a boot
 * log tells of the boot. */
static bool open_archive(struct place *place, struct source *source, struct nb_text bytes,
			 struct complaint *complaint)
{
	struct nb_text unused;
	struct tree *tree = &place->sysroot.tree;
	const struct archived *log;

	if (!archive_read(&place->archive, bytes, &source->pool, complaint))
		return false;
	use_archive(place, complaint);
	source->what = place->is_case      ? "an archive of a case"
		       : !place->has_state ? "an archive"
		       : archive_has(&place->archive, "firmware/") ||
				       archive_has(&place->archive, "boot_params/")
			       ? "an archive of a machine's files"
			       : "an archive of what a running Linux shows";
	log = archive_log(&place->archive);
	if (log && tree->read(tree, "sys/kernel/boot_params/data", 1, &unused) != TREE_OK &&
	    tree->read(tree, "sys/firmware/memmap/0/start", 1, &unused) != TREE_OK) {
		source->what = "an archive with a boot log";
		take_log(place, source, log->content);
	}
	return true;
}

static bool is_not_known(const struct place *place, const struct contents *contents,
			 struct complaint *complaint)
{
	complain(complaint,
		 "%s: %s: expected a boot log, ACPI tables, a memory map, or an archive "
		 "of them or of proc/ and sys/%s",
		 contents_name(place->name), content_name(contents->content),
		 contents->content == CONTENT_DISASSEMBLY
			 ? "; or a disassembly with \"Raw Table Data\" at its end; iasl makes "
			   "the table of it again"
			 : "");
	return false;
}

/* What is read of a file that is neither log nor archive, once the kernel is settled. */
struct piece {
	struct contents contents; /* of a folder: its memory map, if one is in it */
	bool is_folder;           /* of tables */
};

static bool has_map_lines(struct nb_text bytes)
{
	return text_find(bytes, "BIOS-e820: ") < bytes.len;
}

/* What a directory is called that has tables, and a log or a map, "boot log", of a name. */
static const char *with_beside(struct pool *pool, const char *what, const char *name)
{
	static const char format[] = "a directory of ACPI tables, with the %s %s";
	size_t size = sizeof(format) + strlen(what) + strlen(name);
	char *text = (char *)pool_take(pool, size);

	snprintf(text, size, format, what, name);
	return text;
}

/*
 * A machine's boot log, or its memory map alone, beside its tables: the first in the
 * order of names that has a map, a log before a map.
 */
static void find_beside(struct place *place, struct source *source, struct piece *piece)
{
	struct dirent **names;
	const char *log = NULL, *map = NULL;
	int count = list_files(place->name, &names);

	for (int i = 0; i < count && !log; i++) {
		char path[PATH_MAX];
		struct stat status;
		struct contents contents;
		struct complaint none;

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", place->name, names[i]->d_name) >=
			    sizeof(path) ||
		    stat(path, &status) != 0 || !S_ISREG(status.st_mode) ||
		    !contents_read(path, &source->pool, &contents, &none))
			continue;
		if (contents.content == CONTENT_LOG && has_map_lines(contents.bytes)) {
			log = names[i]->d_name;
			take_log(place, source, contents.bytes);
		} else if (contents.content == CONTENT_MAP && !map) {
			map = names[i]->d_name;
			piece->contents = contents;
		}
	}
	if (log || map)
		source->what = with_beside(&source->pool, log ? "boot log" : "memory map",
					   log ? log : map);
	if (count >= 0)
		drop_files(names, count);
}

/* Reads SOURCE, if it is a file, and tells what it is. */
static bool read_file(struct place *place, struct source *source, struct piece *piece,
		      struct complaint *complaint)
{
	struct contents *contents = &piece->contents;

	if (place->all.root >= 0) {
		piece->is_folder = true;
		source->what = "a directory of ACPI tables";
		find_beside(place, source, piece);
		return true;
	}
	if (!contents_read(place->name, &source->pool, contents, complaint))
		return false;
	source->what = content_name(contents->content);
	switch (contents->content) {
	case CONTENT_PACKED:
		return open_archive(place, source, contents->bytes, complaint);
	case CONTENT_LOG:
	case CONTENT_EMPTY: /* a log that says nothing */
		source->what = content_name(CONTENT_LOG);
		take_log(place, source, contents->bytes);
		return true;
	case CONTENT_TABLES:
	case CONTENT_ACPIDUMP:
	case CONTENT_MAP:
	case CONTENT_QEMU:
	case CONTENT_XML:
		return true;
	case CONTENT_JSON:
		if (!json_source_line(contents->bytes, place->line))
			place->line[0] = '\0';
		return true;
	case CONTENT_DISASSEMBLY:
	case CONTENT_BINARY:
		break;
	}
	return is_not_known(place, contents, complaint);
}

static bool is_whole_machine(enum content content)
{
	return content == CONTENT_QEMU || content == CONTENT_XML || content == CONTENT_JSON;
}

/* A description of a machine: one that QEMU makes, or one that was predicted before. */
static bool read_machine(struct source *source, const struct contents *contents,
			 struct complaint *complaint)
{
	static struct guest guest;
	bool read;

	if (contents->content == CONTENT_JSON)
		return json_source_read(source, contents->bytes, complaint);
	read = contents->content == CONTENT_XML
		       ? libvirt_read(&guest, contents->bytes, &source->pool, complaint)
		       : qemu_words_read(&guest, contents->bytes, &source->pool, complaint);
	return read && guest_read(source, &guest, complaint);
}

/* Adds the tables of a directory, over those that were made of a log beside them. */
static bool add_folder(struct place *place, struct source *source, struct complaint *complaint)
{
	static const char where[] = "ACPI tables";

	if (add_table_files(source, place->name, where, complaint) <= 0)
		return false;
	if (!place->is_log)
		tables_are_whole(source, where);
	return true;
}

static bool read_piece(struct place *place, struct source *source, const struct piece *piece,
		       struct complaint *complaint)
{
	static const char where[] = "ACPI tables";
	struct complaint why = { .text = "" };
	bool read;

	source_assume(source);
	if (is_whole_machine(piece->contents.content)) {
		if (read_machine(source, &piece->contents, &why))
			return true;
		complain(complaint, "%s: %s", contents_name(place->name), why.text);
		return false;
	}
	if (piece->is_folder)
		return add_folder(place, source, complaint) &&
		       (!piece->contents.bytes.len ||
			e820_text_read(source, piece->contents.bytes, complaint));
	if (piece->contents.content == CONTENT_MAP)
		return e820_text_read(source, piece->contents.bytes, complaint);
	read = add_tables(source, &piece->contents, where, &why);
	if (read)
		tables_are_whole(source, where);
	else
		complain(complaint, "%s: %s", contents_name(place->name), why.text);
	return read;
}

bool place_add_tables(struct source *source, const char *path, struct complaint *complaint)
{
	static const char where[] = "--tables";
	struct complaint why = { .text = "" };
	struct contents contents;
	struct stat status;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
		int found = add_table_files(source, path, where, complaint);

		if (!found)
			complain(complaint, "%s: no ACPI tables in it", path);
		return found > 0;
	}
	if (!contents_read(path, &source->pool, &contents, complaint))
		return false;
	if (contents.content != CONTENT_TABLES && contents.content != CONTENT_ACPIDUMP) {
		complain(complaint, "%s: %s: expected ACPI tables", contents_name(path),
			 content_name(contents.content));
		return false;
	}
	if (!add_tables(source, &contents, where, &why)) {
		complain(complaint, "%s: %s", contents_name(path), why.text);
		return false;
	}
	return true;
}

/* Takes the map that --e820 names: a text, or a boot log. */
static bool set_map(struct source *source, const char *path, struct complaint *complaint)
{
	struct contents contents;
	struct boot_log log;
	struct complaint why = { .text = "" };
	bool read;

	if (!contents_read(path, &source->pool, &contents, complaint))
		return false;
	if (contents.content == CONTENT_LOG) {
		boot_log_read(&log, contents.bytes, &source->pool);
		read = log_map_read(source, &log, &why);
	} else if (contents.content == CONTENT_MAP) {
		read = e820_text_read(source, contents.bytes, &why);
	} else {
		complain(&why, "%s: expected a memory map", content_name(contents.content));
		read = false;
	}
	if (!read)
		complain(complaint, "%s: %s", contents_name(path), why.text);
	else
		source->facts[FACT_MAP] = (struct provenance){ ORIGIN_OPTION, "--e820" };
	return read;
}

/* Puts what options name over what SOURCE has. */
static bool add_pieces(struct place *place, struct source *source, const struct ask *ask,
		       struct complaint *complaint)
{
	bool alone = !place->is_file && !place->is_log && place->all.root < 0;

	for (unsigned i = 0; i < ask->tables_count; i++)
		if (!place_add_tables(source, ask->tables[i], complaint))
			return false;
	if (alone && ask->tables_count)
		tables_are_whole(source, "--tables");
	return !ask->e820 || set_map(source, ask->e820, complaint);
}

/* A boot cannot be predicted without a map. */
static bool needs_map(const struct place *place, const struct source *source,
		      struct complaint *complaint)
{
	if (source_has_map(source))
		return true;
	if (place->all.root >= 0 && place->has_state)
		complain(complaint,
			 "no memory map: expected sys/kernel/boot_params/data or "
			 "sys/firmware/memmap/0 in %s, or --e820",
			 place->name);
	else
		complain(complaint, "%s: %s, which has no memory map: expected --e820 too%s",
			 contents_name(place->name), source->what ? source->what : "ACPI tables",
			 place->has_state ? ", a file with the map or that machine's boot log, "
					    "and --tables for its nodes"
					  : "");
	return false;
}

/* Sets what the options say of the build, over what was read of it. */
static bool set_build(struct source *source, const struct ask *ask, struct complaint *complaint)
{
	struct kernel *kernel = &source->kernel;
	struct contents file;

	if (ask->kconfig) {
		if (!contents_read(ask->kconfig, &source->pool, &file, complaint))
			return false;
		if (!kconfig_read(kernel, file.bytes, ask->kconfig, complaint))
			return false;
		kernel->config_from = "--kconfig";
	}
	for (unsigned i = 0; i < ask->config_count; i++) {
		if (!kconfig_set(kernel, ask->config[i], complaint))
			return false;
		kernel->config_from = "--config";
	}
	return true;
}

/* The kernel that is modelled: as asked for, else the one that left the source. */
static bool pick_kernel(struct place *place, struct source *source, const struct ask *ask,
			struct complaint *complaint)
{
	struct release release;
	const char *line = ask->line && strcmp(ask->line, "auto") != 0 ? ask->line : place->line;
	bool known;

	if (*line && kernel_named(&source->kernel, line))
		return set_build(source, ask, complaint);
	if (place->is_log)
		known = boot_log_release(&place->log, &release);
	else
		known = place->has_state && sysroot_release(&place->sysroot.tree, &release);
	kernel_of_release(&source->kernel, known ? &release : NULL);
	if (!place->is_log && place->has_state && !ask->kconfig &&
	    !sysroot_kconfig(source, &place->sysroot.tree))
		return false;
	return set_build(source, ask, complaint);
}

/* Reads the inputs of a boot from what the place has turned out to be. A log's own map
 * may be replaced. */
static bool read_inputs(struct place *place, struct source *source, const struct ask *ask,
			const struct piece *piece, struct complaint *complaint)
{
	if (place->is_log) {
		struct complaint why = { .text = "" };
		bool has_map = log_source_read(source, &place->log, &why);

		if (piece->is_folder) {
			if (!has_map) /* a piece of one is none */
				source->fw.map_count = 0;
			return add_folder(place, source, complaint);
		}
		if (has_map || ask->e820)
			return true;
		complain(complaint, "%s: %s", place->name, why.text);
		return false;
	}
	if (place->has_state)
		return sysroot_read(source, &place->sysroot.tree);
	if (place->archive.files) {
		source_assume(source);
		return add_archived_tables(place, source, complaint);
	}
	if (place->is_file)
		return read_piece(place, source, piece, complaint);
	source_assume(source);
	source->what = ask->tables_count ? "ACPI tables" : "a memory map";
	return true;
}

bool place_read_parts(struct place *place, struct source *source, const struct ask *ask,
		      struct complaint *complaint)
{
	struct tree *tree = &place->sysroot.tree;
	struct piece piece = { .is_folder = false };

	if (!place->is_open && !place_open(place, ask, complaint))
		return false;
	place_use(place, &source->pool);
	if (place->is_file && !read_file(place, source, &piece, complaint))
		return false;
	if (place->is_log && !place->is_file) {
		source->what = "a boot log";
		if (!place_case_log(place, &place->log, &source->pool))
			return false;
	}
	place_use(place, &source->pool);
	place->has_kernel = pick_kernel(place, source, ask, complaint);
	if (!place->has_kernel || !read_inputs(place, source, ask, &piece, complaint) ||
	    !add_pieces(place, source, ask, complaint))
		return false;
	if (place->is_this_machine && sysroot_is_hidden(source, tree)) {
		complain(complaint,
			 "this machine's firmware is hidden, as in a container: expected "
			 "/sys/firmware/acpi/tables or /sys/firmware/memmap");
		return false;
	}
	source_command_line(source, ask->cmdline, ask->append);
	return true;
}

bool place_read(struct place *place, struct source *source, const struct ask *ask,
		struct complaint *complaint)
{
	return place_read_parts(place, source, ask, complaint) &&
	       needs_map(place, source, complaint);
}
