/* SPDX-License-Identifier: MIT */
/*
 * compare_log: the part of a comparison that is about the boot log.
 */
#ifndef HOSTS_CLI_VERBS_COMPARE_LOG_H
#define HOSTS_CLI_VERBS_COMPARE_LOG_H

#include "compare.h"

/* Lines that follow each other. */
struct lines {
	const struct log_line *at;
	uint32_t count;
};

/*
 * Compares the modelled lines. broke_off: the record ends with the kernel's
 * death, so what is predicted after it is not recorded; returns how many lines
 * that are.
 */
uint32_t compare_logs(struct comparison *c, const struct boot_log *log, struct nb_text text,
		      bool broke_off);

#endif
