/* SPDX-License-Identifier: MIT */
/*
 * kernel: which Linux is modelled: the rules of a line with what a build chose,
 * and how both were picked.
 */
#ifndef HOSTS_SOURCES_KERNEL_H
#define HOSTS_SOURCES_KERNEL_H

#include "tree.h"

#include <numaboot/params.h>
#include <numaboot/rules.h>

enum kernel_pick {
	PICK_DEFAULT, /* nothing names a release */
	PICK_ASKED,   /* the user named the line */
	PICK_SAME,    /* the release is of this line */
	PICK_NEAREST, /* no line is this release's: the nearest */
};

/* How a line stands to the others. */
struct line_row {
	enum nb_line before; /* that it is told from: the one before it, or with 64 bits of
			      * the same release; NB_LINES: it is the first */
	bool i386;
};

extern const struct line_row line_rows[NB_LINES];

struct kernel {
	const struct nb_rules *rules;
	struct nb_kernel_config config;
	const char *config_from; /* what was read over the line's usual build; null: nothing */
	uint64_t config_known;   /* a bit for each of config_rows that was read or set */
	struct nb_text config_release; /* that it is of, if that is not what is modelled */
	enum nb_line line;
	enum kernel_pick pick;
	struct nb_text release; /* that was to be modelled; empty: none was named */

	/* PICK_NEAREST: the lines around the release, NB_LINES where there is none,
	 * and how many releases of Linux they are away from it. */
	enum nb_line below, above;
	uint32_t below_distance, above_distance;
};

/* A release of Linux, as far as the lines tell them apart. */
struct release {
	struct nb_text text; /* "6.1.0-18-amd64" */
	uint32_t order;      /* releases since 2.6.0 */
	bool i386;
};

/* Reads "6.1.0-18-amd64 (...) ...", what follows "Linux version "; false if it is
 * no release. */
bool release_read(struct nb_text version, struct release *release);

/* The line that a user names, as "6.1-i386", "6.1" or any release; false if it
 * is none. */
bool kernel_named(struct kernel *kernel, const char *name);

/* The line of a release, or the nearest one; with no release the newest line
 * whose cases are the most: 6.12. */
void kernel_of_release(struct kernel *kernel, const struct release *release);

/* Where the release that is modelled stands among all, or the line if none was named. */
uint32_t kernel_order(const struct kernel *kernel);

/*
 * The rules that differ between lines, in the order of their fields, at most so
 * many of them; returns how many there are.
 */
uint32_t rules_between(const struct nb_rules *a, const struct nb_rules *b,
		       const struct nb_rule **rules, uint32_t most);

/* The same for a release that got its nearest line: what changed somewhere
 * between the lines around it, so that it may differ from the prediction. */
uint32_t rules_in_doubt(const struct kernel *kernel, const struct nb_rule **rules, uint32_t most);

/* Two lines' value of a rule, in words: "yes", "4 MiB", "by node". */
void rule_value_text(const struct nb_rules *rules, const struct nb_rule *rule, char *text,
		     size_t size);

/* One thing that a build chose, and that may be set. */
struct config_row {
	const char *key;     /* as --config has it */
	const char *options; /* of the kernel's .config that decide it; "" if none does */
	const char *says;
};

extern const struct config_row config_rows[];
extern const unsigned config_row_count;

/*
 * Reads a kernel's .config, as in /boot/config-RELEASE: what it says is set. Of a whole
 * one, which names X86_64 or X86_32, what it does not name is not built in; a fragment
 * leaves it as it is. `where` is the file's name. False, with a complaint, if the text
 * is none, is of another word size, or has an impossible value.
 */
bool kconfig_read(struct kernel *kernel, struct nb_text file, const char *where,
		  struct complaint *complaint);

/* Sets one thing, "KEY=VALUE"; KEY is of config_rows or an option of .config. False,
 * with a complaint, if there is none or the value is impossible. */
bool kconfig_set(struct kernel *kernel, const char *assignment, struct complaint *complaint);

/* Gives a build that has NUMA what a build without it does not need. */
void config_complete(struct nb_kernel_config *config);

/* The value of a row in words. */
void config_value_text(const struct nb_kernel_config *config, unsigned row, char *text,
		       size_t size);

/* Whether two builds have the same of a row, and the making of it so. */
bool config_same(const struct nb_kernel_config *a, const struct nb_kernel_config *b, unsigned row);
void config_copy(struct nb_kernel_config *to, const struct nb_kernel_config *from, unsigned row);

#endif
