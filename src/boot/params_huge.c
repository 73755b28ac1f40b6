/* SPDX-License-Identifier: MIT */
/*
 * params_huge: pages of 1 GiB that the command line asks for. They are too large for the
 * page allocator, so memblock has to give them.
 *
 *   hugepagesz=1G hugepages=4           of all nodes in turn
 *   hugepagesz=1G hugepages=0:1,2:3     of these nodes
 *   hugepages=4 default_hugepagesz=1G   the size may come later
 *
 * A number counts for the size before it. A size that is named again, or is none, spoils
 * the number behind it, and so does a number of the same size before. A size of 2 MiB
 * matters for no more than that.
 *
 * Source: Linux 6.12 mm/hugetlb.c hugepages_setup(), hugepagesz_setup(),
 * default_hugepagesz_setup().
 */
#include "boot/params_huge.h"

#include <numaboot/rules.h>

#define SIZE_2M (2 * NB_MIB)

static struct nb_text behind(struct nb_text text, size_t by)
{
	return (struct nb_text){ text.at + by, text.len - by };
}

static bool take_number(struct nb_text *text, uint64_t *number)
{
	size_t before = text->len;
	uint64_t value = 0;

	while (text->len && *text->at >= '0' && *text->at <= '9') {
		value = value * 10 + (uint64_t)(*text->at - '0');
		*text = behind(*text, 1);
	}
	*number = value;
	return text->len < before;
}

static bool next_is(struct nb_text text, char c)
{
	return text.len && *text.at == c;
}

/* One "0:2", and the comma behind it; false at the end or where it is none. */
static bool take_node(struct nb_text *list, uint64_t *nid, uint64_t *count, bool *wrong)
{
	*wrong = list->len &&
		 (!take_number(list, nid) || !next_is(*list, ':') || *nid >= NB_MAX_NODES);
	if (!list->len || *wrong)
		return false;
	*list = behind(*list, 1);
	*wrong = !take_number(list, count);
	/* What follows a number that no comma ends is not looked at. */
	*list = next_is(*list, ',') ? behind(*list, 1) : (struct nb_text){ list->at, 0 };
	return !*wrong;
}

uint64_t nb_huge_pages_of_node(struct nb_text list, int32_t nid, bool *wrong)
{
	uint64_t at, count, found = 0;

	while (take_node(&list, &at, &count, wrong))
		if (at == (uint64_t)nid)
			found = count;
	return found;
}

bool nb_huge_pages_are_of(struct nb_text list, const struct nb_nodes *nodes)
{
	uint64_t nid, count;
	bool wrong;

	while (take_node(&list, &nid, &count, &wrong))
		if (!nb_nodes_has(nodes, (int32_t)nid))
			return false;
	return !wrong;
}

/* A number, or a list of nodes where this kernel knows one. */
static struct nb_huge_pages read_count(struct nb_text value, const struct nb_env *env)
{
	struct nb_huge_pages asked = { 0 };
	struct nb_text rest = value;
	bool wrong;

	take_number(&rest, &asked.count);
	if (!next_is(rest, ':') || !env->rules->huge_pages_by_node)
		return asked;
	asked.by_node = value;
	nb_huge_pages_of_node(value, 0, &wrong);
	return wrong ? (struct nb_huge_pages){ 0 } : asked;
}

static enum nb_huge_size size_of(struct nb_text value)
{
	uint64_t size = nb_text_size(&value);

	return size == NB_GIB ? NB_HUGE_1G : size == SIZE_2M ? NB_HUGE_2M : NB_HUGE_UNNAMED;
}

/* A size counts from its first word on. */
static bool add_size(struct nb_huge_words *w, enum nb_huge_size size)
{
	if (size == NB_HUGE_UNNAMED || w->has[size])
		return false;
	w->has[size] = true;
	w->now = size;
	return true;
}

static void read_size(struct nb_huge_words *w, struct nb_text value, const struct nb_env *env)
{
	enum nb_huge_size size = size_of(value);

	w->ignores_next = size == NB_HUGE_UNNAMED;
	if (w->ignores_next || add_size(w, size) || !env->rules->huge_pages_strict)
		return;
	/* It is named again, which the default size may be before it is counted. */
	w->ignores_next = size != w->by_default || w->counted[size];
	if (!w->ignores_next)
		w->now = size;
}

static void read_default_size(struct nb_huge_words *w, struct nb_text value)
{
	enum nb_huge_size size = size_of(value);

	w->ignores_next = w->by_default || size == NB_HUGE_UNNAMED;
	if (w->ignores_next)
		return;
	add_size(w, size);
	w->by_default = size;
	if (w->counted[NB_HUGE_UNNAMED]) {
		w->pages[size] = w->pages[NB_HUGE_UNNAMED];
		w->counted[size] = true;
	}
}

static void read_pages(struct nb_huge_words *w, struct nb_text value, const struct nb_env *env)
{
	bool ignored = w->ignores_next || (w->any_counted && w->last == w->now);

	w->ignores_next = false;
	if (ignored)
		return;
	w->pages[w->now] = read_count(value, env);
	w->counted[w->now] = w->any_counted = true;
	w->last = w->now;
}

void nb_huge_words_read(struct nb_huge_words *w, const struct nb_param *param,
			const struct nb_env *env)
{
	if (!param->value.at)
		return;
	if (nb_param_is(param, "hugepagesz"))
		read_size(w, param->value, env);
	else if (nb_param_is(param, "default_hugepagesz") && env->rules->huge_pages_strict)
		read_default_size(w, param->value);
	else if (nb_param_is(param, "hugepages"))
		read_pages(w, param->value, env);
}
