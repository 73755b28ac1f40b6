/* SPDX-License-Identifier: MIT */
/* page: a writer that keeps what is written, which is short. */
#ifndef TESTS_PAGE_H
#define TESTS_PAGE_H

#include "check.h"

#include <numaboot/render.h>

#include <string.h>

struct page {
	struct nb_writer writer; /* first: a writer is its page */
	char text[1024];
	size_t len;
};

static inline void page_write(struct nb_writer *self, const char *text, size_t len)
{
	struct page *page = (struct page *)self;

	check(page->len + len < sizeof(page->text), "what is told is short");
	memcpy(page->text + page->len, text, len);
	page->len += len;
	page->text[page->len] = '\0';
}

static inline struct page page_blank(void)
{
	return (struct page){ .writer.write = page_write };
}

#endif
