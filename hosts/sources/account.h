/* SPDX-License-Identifier: MIT */
/*
 * account: where RAM is, from the firmware's map to what processes may use: each
 * row is bytes, in all and of each node, and the rows add up.
 */
#ifndef HOSTS_SOURCES_ACCOUNT_H
#define HOSTS_SOURCES_ACCOUNT_H

#include "purposes.h"
#include "replay.h"

#include <numaboot/boot.h>

enum account_row_id {
	ROW_FIRMWARE, /* RAM in the firmware's map, that which it keeps included */
	ROW_ACPI,
	ROW_LOW,
	ROW_MTRR,
	ROW_COMMAND_LINE,
	ROW_MAP_LIMITS,
	ROW_PARTS,
	ROW_ADDED,
	ROW_MEMORY, /* what memblock has */
	ROW_TAKEN,  /* and what of it is taken: one row for each purpose */
	ROW_EDGES = ROW_TAKEN + PURPOSES,
	ROW_BEYOND,
	ROW_HANDED_OVER, /* to the page allocator */
	ROW_INITRD_BACK,
	ROW_KERNEL_BACK,
	ROW_LATE_BACK,
	ROW_HUGE_BACK,
	ROW_PLUGGED_IN,
	ROW_EXPECTED, /* what the page allocator has in the end */
	ROW_UNEXPLAINED,
	ROW_RECORDED, /* MemTotal */
	ACCOUNT_ROWS,
};

enum account_kind {
	IS_LOSS,
	IS_GAIN,
	IS_SUM, /* of all rows above */
};

struct account_row {
	const char *key; /* its name for programs */
	const char *name;
	const char *reason;
	const char *gives_back; /* "": nothing would */
	enum account_kind kind;
};

/* What a row is; those of purposes are made of purpose_rows. */
struct account_row account_row(enum account_row_id row);

enum { NODE_NONE = NB_MAX_NODES }; /* RAM of no node, or of one that is not known */

struct amount {
	int64_t all; /* bytes */
	int64_t node[NB_MAX_NODES + 1];
	bool known; /* a row that is not known is not shown */
};

struct account {
	struct amount rows[ACCOUNT_ROWS];
	struct nb_nodes nodes; /* those that have anything */
	bool nodes_recorded;   /* ROW_RECORDED is known of each node */
	bool is_traced;        /* what is taken is known from a trace, not from stages alone */
};

/*
 * Makes the account of a boot whose memory stage is done. What is taken is read from
 * the trace; without one (null) from what the stages did, which then knows less. The
 * log may be without lines.
 */
void account_boot(struct account *account, const struct nb_boot *boot,
		  const struct stage_steps *steps, const struct replay *replay,
		  const struct boot_log *log, struct pool *pool);

/* Reads "Freeing unused kernel memory: 1940K (...)": what of it is given back, "initrd"
 * or "unused kernel"; false if a line is none of these. */
bool account_given_back(struct nb_text line, struct nb_text *what, uint64_t *kib);

/* What the running kernel says that it has: in all, or a node. Bytes. */
void account_record(struct account *account, int32_t nid, uint64_t bytes);

/* What a node has got since the boot, by the pages that its zones show. Bytes. */
void account_plugged_in(struct account *account, int32_t nid, uint64_t bytes);

/* Sums up, once all is recorded. */
void account_close(struct account *account);

#endif
