/* SPDX-License-Identifier: MIT */
/*
 * detect: what bytes are, told from the bytes alone: a file's name is never asked.
 */
#ifndef HOSTS_SOURCES_DETECT_H
#define HOSTS_SOURCES_DETECT_H

#include "pool.h"
#include "tree.h"

enum content {
	CONTENT_EMPTY,
	CONTENT_PACKED,      /* compressed, or an archive: to be unpacked first */
	CONTENT_TABLES,      /* ACPI tables as bytes, one behind the other */
	CONTENT_ACPIDUMP,    /* ACPI tables as hexadecimal text */
	CONTENT_DISASSEMBLY, /* iasl's text, which holds no bytes */
	CONTENT_MAP,         /* a memory map as text that is no boot log's */
	CONTENT_QEMU,        /* QEMU's command line */
	CONTENT_XML,         /* XML: a libvirt domain, if anything */
	CONTENT_JSON,        /* JSON: a prediction, if anything */
	CONTENT_LOG,         /* text that is nothing else: a boot log, if anything */
	CONTENT_BINARY,      /* nothing that is known */
};

/* What the bytes are. Text has to be plain, see plain_text(). */
enum content content_of(struct nb_text bytes);

/* What a content is called; of CONTENT_BINARY and CONTENT_EMPTY what was expected. */
const char *content_name(enum content content);

/*
 * Text as it was before something carried it: UTF-16 with its mark becomes UTF-8,
 * carriage returns that end lines alone become newlines, and quoted-printable mail is
 * decoded. All else is given back as it is. False, after a complaint, if it is
 * encoded in a way that is not undone here.
 */
bool plain_text(struct nb_text bytes, struct pool *pool, struct nb_text *plain,
		struct complaint *complaint);

#endif
