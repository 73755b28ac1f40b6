/* SPDX-License-Identifier: MIT */
/*
 * memblock_lines: one line of a log taken with memblock=debug.
 *
 *	memblock_reserve: [0x152f000-0x1535fff] flags 0x0 setup_arch+0x5ad/0xc2a
 *	__memblock_reserve: [0xf800000-0xf9fffff] nid=0 flags=20 memblock_alloc_range_nid+0xe7/0x190
 *	memblock_alloc_try_nid: 4096 bytes align=0x40 nid=0 from=0x0 max_addr=0x0 sparse_init+0x1/0x2
 *	memblock_phys_alloc_range: 24576 bytes align=0x1000 from=0x0 max_addr=0x100000 ...
 *	memblock_alloc_hugetlb: 1073741824 bytes, nid=0, exact_nid=0 ...
 *	memblock: reserved is doubled to 256 at [0x9d800-0x9efff]
 *	 memory size = 0x4ff7ec00 reserved size = 0x77c000
 *	 reserved[0x0]	[0x9f000-0xfffff], 0x61000 bytes on node 0 flags: 0x0
 *
 * The functions were renamed many times (virt_alloc, alloc, phys_alloc; free,
 * __free_early, phys_free), the form of their lines was not: what a line is, is
 * in the name before its colon.
 *
 * Linux 3.14, 4.4, 4.9, 5.10, 6.1, 6.12, 7.3 mm/memblock.c.
 */
#include "memblock_lines.h"

#include <string.h>

static bool has(struct nb_text text, const char *string)
{
	return text_find(text, string) < text.len;
}

/* "[0x1000-0x1fff]", whose end in the text is inclusive; may be empty. */
static bool read_range(struct nb_text *rest, struct nb_range *range)
{
	struct nb_text first, last, text = *rest;
	size_t dash, close;
	uint64_t start, end;

	if (!text_skip(&text, "["))
		return false;
	dash = text_find(text, "-");
	close = text_find(text, "]");
	if (close == text.len || dash > close)
		return false;
	first = (struct nb_text){ text.at, dash };
	last = (struct nb_text){ text.at + dash + 1, close - dash - 1 };
	if (!text_u64(first, &start) || !text_u64(last, &end))
		return false;
	end = end == UINT64_MAX ? end : end + 1;
	if (end < start)
		return false;
	*range = (struct nb_range){ start, end };
	*rest = (struct nb_text){ text.at + close + 1, text.len - close - 1 };
	return true;
}

/* The number behind a key, as in "nid=-1": -1 is given as such. Goes on behind it. */
static bool read_next(struct nb_text *rest, const char *key, uint64_t *value)
{
	size_t at = text_find(*rest, key), len = strlen(key);
	struct nb_text word;

	if (at == rest->len)
		return false;
	*rest = (struct nb_text){ rest->at + at + len, rest->len - at - len };
	if (!text_word(rest, &word))
		return false;
	while (word.len && (word.at[word.len - 1] == ',' || word.at[word.len - 1] == ':'))
		word.len--;
	if (text_is(word, "-1")) {
		*value = UINT64_MAX;
		return true;
	}
	return text_u64(word, value);
}

static bool read_after(struct nb_text text, const char *key, uint64_t *value)
{
	return read_next(&text, key, value);
}

/* A node's number; Linux has two that stand for none. */
static int32_t node_of(uint64_t number)
{
	return number < NB_MAX_NODES ? (int32_t)number : NB_NO_NODE;
}

/* The last word is the function that asked: "setup_arch+0x5ad/0xc2a". */
static struct nb_text caller_of(struct nb_text text)
{
	struct nb_text last = text;
	size_t plus;

	for (size_t i = text.len; i > 0; i--)
		if (text.at[i - 1] == ' ') {
			last = (struct nb_text){ text.at + i, text.len - i };
			break;
		}
	plus = text_find(last, "+0x");
	return plus == last.len ? (struct nb_text){ NULL, 0 } : (struct nb_text){ last.at, plus };
}

/* "flags 0x0" of old kernels; "nid=-1 flags=20" of new ones, hexadecimal. */
static void read_mark(struct memblock_line *line, struct nb_text text)
{
	size_t at = text_find(text, "flags=");
	uint64_t nid;
	uint32_t flags = 0;

	if (at == text.len || !read_after(text, "nid=", &nid))
		return;
	for (at += strlen("flags="); at < text.len && text.at[at] != ' '; at++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = (const char *)memchr(digits, text.at[at], sizeof(digits) - 1);

		if (!digit)
			return;
		flags = flags << 4 | (uint32_t)(digit - digits);
	}
	line->has_mark = true;
	line->nid = node_of(nid);
	line->flags = flags;
}

static bool read_ranged(struct memblock_line *line, enum memblock_line_kind kind,
			struct nb_text text)
{
	struct nb_text rest = text_trim(text);

	if (!read_range(&rest, &line->range))
		return false;
	line->kind = kind;
	line->caller = caller_of(rest);
	if (kind == LINE_RESERVE)
		read_mark(line, rest);
	return true;
}

/* A piece for a huge page: of its own size's alignment. */
static bool read_huge(struct memblock_line *line, struct nb_text rest)
{
	uint64_t nid, exact;

	if (!read_after(rest, "nid=", &nid) || !read_after(rest, "exact_nid=", &exact))
		return false;
	line->request.align = line->request.size;
	line->request.nid = node_of(nid);
	line->request.exact_nid = exact;
	return line->request.size > 0 && !(line->request.size & (line->request.size - 1));
}

/*
 * "4096 bytes align=0x40 nid=0 from=0x0 max_addr=0x0". An alignment of 0 is a
 * cache line, an end of 0 or 1 the limit, which a request has as 0.
 * Linux 6.12 mm/memblock.c memblock_alloc_try_nid(), memblock_alloc_internal().
 */
static bool read_request(struct memblock_line *line, struct nb_text name, struct nb_text text)
{
	enum { CACHE_LINE = 64, NO_LEAK_TRACE = 1 };
	struct nb_request *request = &line->request;
	struct nb_text rest = text, word;
	uint64_t nid = UINT64_MAX;

	line->kind = LINE_REQUEST;
	line->caller = caller_of(text);
	request->nid = NB_NO_NODE;
	if (!text_word(&rest, &word) || !text_u64(word, &request->size) || !line->caller.len)
		return false;
	if (has(name, "hugetlb"))
		return read_huge(line, rest);
	request->gives_up_min = !has(name, "phys");
	request->exact_nid = has(name, "exact_nid");
	if (!read_next(&rest, "align=", &request->align) ||
	    (request->gives_up_min && !read_next(&rest, "nid=", &nid)) ||
	    !read_next(&rest, "from=", &request->min) ||
	    !read_next(&rest, "max_addr=", &request->max))
		return false;
	request->nid = node_of(nid);
	request->align = request->align ? request->align : CACHE_LINE;
	if (request->max == NO_LEAK_TRACE || request->max == UINT64_MAX)
		request->max = 0;
	return request->size > 0 && !(request->align & (request->align - 1));
}

/* "reserved is doubled to 256 at [0x9d800-0x9efff]". */
static bool read_doubled(struct memblock_line *line, struct nb_text text)
{
	enum { LEAST = 256, MOST = 1 << 20 }; /* regions: twice 128, and what no machine has */
	size_t at = text_find(text, "[");
	struct nb_text rest = { text.at + at, text.len - at };

	line->kind = LINE_DOUBLED;
	line->of_reserved = has(text, "reserved");
	return read_after(text, "doubled to ", &line->size) && line->size >= LEAST &&
	       line->size <= MOST && read_range(&rest, &line->range) &&
	       line->range.start < line->range.end;
}

/* What is left of a dump's line once its first word is off. */
static bool read_dump_line(struct memblock_line *line, struct nb_text rest)
{
	uint64_t nid, flags, bytes;
	struct nb_text word;

	if (text_skip(&rest, " size = ")) {
		line->kind = LINE_DUMP_SIZES;
		return read_after((struct nb_text){ rest.at - 1, rest.len + 1 }, " ",
				  &line->size) &&
		       read_after(rest, "reserved size = ", &line->other);
	}
	if (text_skip(&rest, ".cnt")) {
		line->kind = LINE_DUMP_COUNT;
		return read_after(rest, "= ", &line->size);
	}
	line->kind = LINE_DUMP_REGION;
	rest = (struct nb_text){ rest.at + text_find(rest, "]"), rest.len - text_find(rest, "]") };
	if (!text_skip(&rest, "]"))
		return false;
	rest = text_trim(rest);
	if (!read_range(&rest, &line->range) || !text_skip(&rest, ",") ||
	    !text_word(&rest, &word) || !text_u64(word, &bytes) ||
	    bytes != nb_range_size(line->range) || !read_after(rest, "flags: ", &flags))
		return false;
	line->nid = read_after(rest, "on node ", &nid) ? node_of(nid) : NB_NO_NODE;
	line->flags = (uint32_t)flags;
	return line->range.start < line->range.end;
}

/* The lines of a dump begin with the name of the set. Others do so too, so what
 * is no dump's is something else's. */
static bool read_dump(struct memblock_line *line, struct nb_text text)
{
	struct nb_text rest = text;

	line->of_reserved = text_skip(&rest, "reserved");
	if (!line->of_reserved && !text_skip(&rest, "memory"))
		return true;
	if (!(text_skip(&(struct nb_text){ rest.at, rest.len }, "[0x") ||
	      text_skip(&(struct nb_text){ rest.at, rest.len }, ".cnt") ||
	      (!line->of_reserved &&
	       text_skip(&(struct nb_text){ rest.at, rest.len }, " size = "))))
		return true;
	return read_dump_line(line, rest);
}

/* "NODE_DATA(0) allocated [mem 0x1000-0x1fff]", in 3.14 "NODE_DATA [mem ...]": whose,
 * is then on a line before. */
static bool read_node_data(struct memblock_line *line, struct nb_text text)
{
	uint64_t nid;
	struct nb_text rest = text;

	line->kind = LINE_NODE_DATA;
	if (!text_mem_range(text, "[mem ", &line->range)) {
		line->kind = LINE_OTHER; /* "NODE_DATA(1) on node 0" */
		return true;
	}
	if (text_skip(&rest, "NODE_DATA("))
		for (nid = 0; rest.len && rest.at[0] >= '0' && rest.at[0] <= '9';
		     rest.at++, rest.len--, line->nid = node_of(nid))
			nid = nid * 10 + (uint64_t)(rest.at[0] - '0');
	return true;
}

/* A line that begins with a function's name and a colon. */
static bool read_named(struct memblock_line *line, struct nb_text text)
{
	size_t colon = text_find(text, ":");
	struct nb_text name = { text.at, colon };
	struct nb_text rest = { text.at + colon + 1, colon < text.len ? text.len - colon - 1 : 0 };

	if (colon == text.len)
		return false;
	if (text_is(name, "memblock"))
		return !has(rest, "is doubled to") || read_doubled(line, rest);
	if (has(name, "alloc"))
		return read_request(line, name, rest);
	if (has(name, "reserve"))
		return read_ranged(line, LINE_RESERVE, rest);
	if (has(name, "free_late"))
		return read_ranged(line, LINE_FREE_LATE, rest);
	if (has(name, "free"))
		return read_ranged(line, LINE_FREE, rest);
	if (has(name, "remove"))
		return read_ranged(line, LINE_REMOVE, rest);
	if (has(name, "add"))
		return read_ranged(line, LINE_ADD, rest);
	return true;
}

/* Whether a line says that others are missing: a full buffer, a slow console. */
static bool tells_of_loss(struct nb_text text)
{
	return has(text, "messages dropped") || has(text, "message dropped") ||
	       has(text, "messages suppressed");
}

void memblock_line_read(struct memblock_line *line, struct nb_text text)
{
	struct nb_text rest = text_trim(text);
	bool whole = true;

	*line = (struct memblock_line){ .kind = LINE_OTHER, .nid = NB_NO_NODE };
	if (rest.len < 4)
		return;
	if ((rest.at[0] == 'm' && rest.at[3] == 'b') || rest.at[0] == '_') {
		if (text_skip(&(struct nb_text){ rest.at, rest.len }, "memblock") ||
		    text_skip(&(struct nb_text){ rest.at, rest.len }, "__memblock"))
			whole = read_named(line, rest);
	} else if (rest.at[0] == 'm' || rest.at[0] == 'r') {
		whole = read_dump(line, rest);
	} else if (rest.at[0] == 'M') {
		line->kind = text_is(rest, "MEMBLOCK configuration:") ? LINE_DUMP : LINE_OTHER;
	} else if (rest.at[0] == 'N' &&
		   text_skip(&(struct nb_text){ rest.at, rest.len }, "NODE_DATA")) {
		whole = read_node_data(line, rest);
	} else if (rest.at[0] == '*' && tells_of_loss(rest)) {
		line->kind = LINE_LOST;
	}
	if (!whole)
		line->kind = LINE_DAMAGED;
}
