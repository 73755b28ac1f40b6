/* SPDX-License-Identifier: MIT */
/* sort: a heap sort over indices; see sort.h. */
#include "base/sort.h"

struct order {
	uint32_t *at;
	nb_key *key;
	const void *of;
};

static bool before(const struct order *o, uint32_t a, uint32_t b)
{
	uint64_t x = o->key(o->of, a), y = o->key(o->of, b);

	return x != y ? x < y : a < b;
}

/* Lets the value at `hole` sink in the heap of the first `count`, largest on top. */
static void sink(const struct order *o, uint32_t hole, uint32_t count)
{
	uint32_t value = o->at[hole];

	for (uint32_t child = 2 * hole + 1; child < count; child = 2 * hole + 1) {
		if (child + 1 < count && before(o, o->at[child], o->at[child + 1]))
			child++;
		if (!before(o, value, o->at[child]))
			break;
		o->at[hole] = o->at[child];
		hole = child;
	}
	o->at[hole] = value;
}

static bool is_sorted(const struct order *o, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (before(o, o->at[i], o->at[i - 1]))
			return false;
	return true;
}

void nb_sort(uint32_t *at, uint32_t count, nb_key *key, const void *of)
{
	struct order o = { at, key, of };

	nb_assert(count <= UINT32_MAX / 2 - 1);
	if (is_sorted(&o, count))
		return;
	for (uint32_t i = count / 2; i-- > 0;)
		sink(&o, i, count);
	for (uint32_t last = count; last-- > 1;) {
		uint32_t top = at[0];

		at[0] = at[last];
		at[last] = top;
		sink(&o, 0, last);
	}
}
