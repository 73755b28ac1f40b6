/* SPDX-License-Identifier: MIT */
/*
 * claims: what must hold of any boot, on any machine and in every kernel line, by
 * its public results and its events alone. A claim is a sentence; what returns one
 * says that it does not hold, a null pointer that all do.
 */
#ifndef TESTS_WHOLE_CLAIMS_H
#define TESTS_WHOLE_CLAIMS_H

#include <numaboot/boot.h>
#include <numaboot/render.h>

enum { TOLD_TEXT = 4096 };

/* A sink that holds each event against the claims on events, and keeps of them
 * what no result shows. */
struct told {
	struct nb_sink sink; /* first: the library gives it back */
	struct nb_writer writer;
	enum nb_line wording;
	const struct nb_rules *rules;
	bool renders;       /* texts are looked at, too */
	const char *broken; /* the first claim that did not hold */
	uint64_t events, stages, deaths;
	uint64_t hash; /* of all fields of all events, in order */
	bool lost;     /* memblock lost a request: some RAM may have no node */
	bool slit_refused;
	nb_phys ram;     /* bytes of RAM, once memblock knows it */
	uint32_t stage;  /* whose events these are */
	uint32_t length; /* of the text */
	bool unsound;    /* of the text: a byte that no log line has */
};

/* A sink for one boot. */
struct told told_begin(const struct nb_rules *rules, bool renders);

/* What must hold of the results once a stage has run. */
const char *claims_after(const struct nb_boot *boot, enum nb_stage stage, struct told *told);

/* What must hold of the events once a boot has ended. */
const char *claims_at_end(const struct nb_boot *boot, enum nb_err err, const struct told *told);

/* Pieces of the above, by what they look at. */
const char *claims_on_map(const struct nb_boot *boot);
const char *claims_on_memblock(const struct nb_boot *boot);
const char *claims_on_filling(const struct nb_boot *boot, bool lost);
const char *claims_on_mapping(const struct nb_boot *boot);
const char *claims_on_nodes(const struct nb_boot *boot, bool lost);
const char *claims_on_zones(const struct nb_boot *boot);
const char *claims_on_cpus(const struct nb_boot *boot);
const char *claims_on_late_nodes(const struct nb_boot *boot);
const char *claims_on_areas(const struct nb_boot *boot);
const char *claims_on_lists(const struct nb_boot *boot);
const char *claims_on_managed(const struct nb_boot *boot);
const char *claims_on_watermarks(const struct nb_boot *boot);
const char *claims_on_start(const struct nb_boot *boot);
const char *claims_on_access(const struct nb_boot *boot);

/* All results of a boot as one number: equal boots have equal ones. `nodes` alone:
 * only what a table that was rejected must not have touched. */
uint64_t claims_digest(const struct nb_boot *boot, bool nodes);

#endif
