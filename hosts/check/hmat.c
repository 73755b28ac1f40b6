/* SPDX-License-Identifier: MIT */
/*
 * hmat: latencies and bandwidths: ACPI 6.5 5.2.28. They are held against the SRAT's
 * domains and the SLIT's order. Memory without processors, such as high-bandwidth
 * memory, may well be faster than what is local: it is not compared.
 */
#include "lint.h"

#include <string.h>

enum {
	REVISION_AT = 8,
	UNIT_AT = 24,
	FLAGS_AT = 8,
	TYPE_AT = 9,
	TYPES = 6,
	LATENCIES = 3, /* the first types; the others are bandwidths */
	LISTS_AT = 32,
	HIERARCHY = 0x0f,
	LEVELS = 3, /* of caches in front of memory, which is 0 */
	NO_ENTRY = 0xffff,
	INITIATOR_VALID = 1,
};

/* A matrix, and where its entry is. */
struct matrix {
	struct nb_hmat_locality of;
	uint32_t offset, length;
};

static uint32_t pxm_at(struct nb_bytes list, uint32_t i)
{
	const uint8_t *at = list.at + (size_t)4 * i;

	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint16_t value_at(const struct nb_hmat_locality *m, uint32_t i, uint32_t t)
{
	const uint8_t *at = m->values.at + 2 * ((size_t)i * m->targets + t);

	return (uint16_t)(at[0] | at[1] << 8);
}

static bool is_value(uint16_t value)
{
	return value != 0 && value != NO_ENTRY;
}

static void cut_entry(struct lint *l, const struct matrix *m)
{
	mend(l,
	     (struct edit){
		     .kind = EDIT_CUT, .table = l->hmat, .offset = m->offset, .width = m->length });
}

static void lint_unit(struct lint *l, const struct matrix *m)
{
	struct place_of_finding place = in_table(l, l->hmat, m->offset + UNIT_AT);
	uint16_t most = 0;

	for (uint32_t i = 0; i < m->of.initiators; i++)
		for (uint32_t t = 0; t < m->of.targets; t++)
			if (is_value(value_at(&m->of, i, t)) && value_at(&m->of, i, t) > most)
				most = value_at(&m->of, i, t);
	if (!m->of.base_unit) {
		report(l, FINDING_HMAT_UNIT_ZERO, place, "a base unit of 1 or more",
		       "base unit 0: every number is 0");
		mend_set(l, l->hmat, m->offset + UNIT_AT, 8, 1);
	} else if (most && m->of.base_unit > UINT32_MAX / most) {
		report(l, FINDING_HMAT_UNIT_OVERFLOW, place, "products below 2^32",
		       "base unit %llu times %u", (unsigned long long)m->of.base_unit, most);
		mend_set(l, l->hmat, m->offset + UNIT_AT, 8, UINT32_MAX / most);
	}
}

/* One of the two lists of domains. */
static void lint_list(struct lint *l, const struct matrix *m, struct nb_bytes list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct place_of_finding place = in_table(l, l->hmat, list.offset + 4 * i);
		uint32_t pxm = pxm_at(list, i), j = 0;

		while (j < i && pxm_at(list, j) != pxm)
			j++;
		if (j < i) {
			report(l, FINDING_HMAT_PXM_TWICE, place, "each domain once",
			       "domain %u for the second time in a list of %u", pxm, count);
			cut_entry(l, m);
		} else if (l->memory_count && !pxm_is_known(l, pxm)) {
			report(l, FINDING_HMAT_PXM_UNKNOWN, place, "a domain of the SRAT",
			       "domain %u, of which the SRAT has no enabled entry", pxm);
			cut_entry(l, m);
		}
	}
}

/* The place of a domain among the targets; the count if it is none. */
static uint32_t target_of(const struct nb_hmat_locality *m, uint32_t pxm)
{
	uint32_t t = 0;

	while (t < m->targets && pxm_at(m->target_pxms, t) != pxm)
		t++;
	return t;
}

static bool is_better(const struct nb_hmat_locality *m, uint16_t value, uint16_t than)
{
	return is_value(value) && is_value(than) &&
	       (m->data_type < LATENCIES ? value < than : value > than);
}

/* Whether a domain has processors: without an SRAT, whether it initiates accesses. */
static bool has_cpu(const struct lint *l, const struct nb_hmat_locality *m, uint32_t pxm)
{
	uint32_t i = 0;

	if (l->srat != NO_TABLE)
		return pxm_has_cpu(l, pxm);
	while (i < m->initiators && pxm_at(m->initiator_pxms, i) != pxm)
		i++;
	return i < m->initiators;
}

/* Memory of another domain of processors that is faster than one's own. */
static void lint_remote(struct lint *l, const struct matrix *m)
{
	for (uint32_t i = 0; i < m->of.initiators; i++) {
		uint32_t pxm = pxm_at(m->of.initiator_pxms, i), own = target_of(&m->of, pxm);

		for (uint32_t t = 0; own < m->of.targets && t < m->of.targets; t++) {
			uint32_t other = pxm_at(m->of.target_pxms, t);

			if (other == pxm || !has_cpu(l, &m->of, other) ||
			    !is_better(&m->of, value_at(&m->of, i, t), value_at(&m->of, i, own)))
				continue;
			report(l, FINDING_HMAT_REMOTE_FASTER, in_table(l, l->hmat, m->offset),
			       "local memory that is no slower than that of other processors",
			       "from domain %u: %u to domain %u, %u to itself, type %u", pxm,
			       value_at(&m->of, i, t), other, value_at(&m->of, i, own),
			       m->of.data_type);
			cut_entry(l, m);
			return;
		}
	}
}

static uint8_t distance(const struct lint *l, uint32_t from, uint32_t to)
{
	uint64_t count = l->matrix.count;

	return from < count && to < count ? l->matrix.matrix.at[from * count + to] : 0;
}

/* The target that the SLIT has nearest to a domain; the count if it has none. */
static uint32_t nearest(const struct lint *l, const struct nb_hmat_locality *m, uint32_t from)
{
	uint32_t best = m->targets;

	for (uint32_t t = 0; t < m->targets; t++) {
		uint8_t to = distance(l, from, pxm_at(m->target_pxms, t));

		if (to &&
		    (best == m->targets || to < distance(l, from, pxm_at(m->target_pxms, best))))
			best = t;
	}
	return best;
}

/* A target that is nearest by the SLIT, and another one with a smaller latency. */
static void lint_order(struct lint *l, const struct matrix *m)
{
	for (uint32_t i = 0; m->of.data_type < LATENCIES && i < m->of.initiators; i++) {
		uint32_t from = pxm_at(m->of.initiator_pxms, i), a = nearest(l, &m->of, from);

		for (uint32_t b = 0; a < m->of.targets && b < m->of.targets; b++) {
			uint32_t near = pxm_at(m->of.target_pxms, a);
			uint32_t far = pxm_at(m->of.target_pxms, b);

			if (distance(l, from, near) >= distance(l, from, far) ||
			    !is_better(&m->of, value_at(&m->of, i, b), value_at(&m->of, i, a)))
				continue;
			report(l, FINDING_HMAT_SLIT, in_table(l, l->hmat, m->offset),
			       "the SLIT's order",
			       "from domain %u the SLIT has %u nearer than %u; latencies %u and %u",
			       from, near, far, value_at(&m->of, i, a), value_at(&m->of, i, b));
			return;
		}
	}
}

/* Whether a matrix is of memory itself, or may have been meant to be: one of a level that
 * is none counts for no reader. Revision 1 has one more of them, ACPI 6.2 5.2.27.4. */
static bool lint_hierarchy(struct lint *l, const struct matrix *m)
{
	uint64_t revision = table_number(&l->fw->tables[l->hmat], REVISION_AT, 1);
	unsigned level = m->of.flags & HIERARCHY, most = revision == 1 ? LEVELS + 1 : LEVELS;

	if (level <= most)
		return !level;
	report(l, FINDING_FIELD_RANGE, in_table(l, l->hmat, m->offset + FLAGS_AT),
	       "a level of memory that there is", "memory hierarchy %u, the largest is %u", level,
	       most);
	mend_set(l, l->hmat, m->offset + FLAGS_AT, 1, m->of.flags & ~(uint64_t)HIERARCHY);
	mend_guess(l, "the matrix is of memory itself, not of a cache in front of it");
	return true;
}

static void lint_matrix(struct lint *l, const struct matrix *m)
{
	bool of_memory;

	if (m->of.data_type >= TYPES) {
		report(l, FINDING_HMAT_TYPE, in_table(l, l->hmat, m->offset + TYPE_AT),
		       "a data type of 0 to 5", "data type %u", m->of.data_type);
		cut_entry(l, m);
		return;
	}
	of_memory = lint_hierarchy(l, m);
	lint_unit(l, m);
	lint_list(l, m, m->of.initiator_pxms, m->of.initiators);
	lint_list(l, m, m->of.target_pxms, m->of.targets);
	if (!of_memory)
		return;
	lint_remote(l, m);
	lint_order(l, m);
}

static void lint_proximity(struct lint *l, const struct nb_entry *entry)
{
	struct nb_hmat_proximity p;
	struct nb_fault fault;

	if (nb_hmat_proximity(entry, &p, &fault) || !l->memory_count)
		return;
	if (!pxm_has_memory(l, p.memory_pxm))
		report(l, FINDING_HMAT_PXM_UNKNOWN, in_table(l, l->hmat, entry->bytes.offset + 16),
		       "a domain of memory of the SRAT",
		       "domain %u, of which the SRAT has no enabled memory", p.memory_pxm);
	else if (!(p.flags & INITIATOR_VALID) || pxm_is_known(l, p.initiator_pxm))
		return;
	if ((p.flags & INITIATOR_VALID) && !pxm_is_known(l, p.initiator_pxm))
		report(l, FINDING_HMAT_PXM_UNKNOWN, in_table(l, l->hmat, entry->bytes.offset + 12),
		       "a domain of the SRAT", "domain %u, of which the SRAT has no enabled entry",
		       p.initiator_pxm);
	mend_cut(l, l->hmat, entry->bytes.offset, entry->length);
}

/* Whether two lists have a domain in common. */
static bool shares(struct nb_bytes a, uint32_t a_count, struct nb_bytes b, uint32_t b_count)
{
	for (uint32_t i = 0; i < a_count; i++)
		for (uint32_t j = 0; j < b_count; j++)
			if (pxm_at(a, i) == pxm_at(b, j))
				return true;
	return false;
}

/* Whether two entries say the same thing of the same domains. */
static bool says_same(const struct nb_entry *a, const struct nb_entry *b)
{
	struct nb_hmat_proximity p, q;
	struct nb_hmat_locality m, n;
	struct nb_fault fault;

	if (a->type != b->type)
		return false;
	if (a->type == NB_HMAT_PROXIMITY)
		return !nb_hmat_proximity(a, &p, &fault) && !nb_hmat_proximity(b, &q, &fault) &&
		       p.memory_pxm == q.memory_pxm && p.initiator_pxm == q.initiator_pxm;
	return a->type == NB_HMAT_LOCALITY && !nb_hmat_locality(a, &m, &fault) &&
	       !nb_hmat_locality(b, &n, &fault) && m.data_type == n.data_type &&
	       m.flags == n.flags &&
	       shares(m.initiator_pxms, m.initiators, n.initiator_pxms, n.initiators) &&
	       shares(m.target_pxms, m.targets, n.target_pxms, n.targets);
}

static void lint_twice(struct lint *l, const struct nb_entry *entry)
{
	const struct nb_table *table = &l->fw->tables[l->hmat];
	struct nb_entry_walk walk = lint_walk(table);
	struct nb_entry other;

	while (lint_next(&walk, table, &other) && other.bytes.offset < entry->bytes.offset) {
		if (!says_same(&other, entry))
			continue;
		report(l, FINDING_HMAT_MATRIX_TWICE, in_table(l, l->hmat, entry->bytes.offset),
		       "each pair of domains once", "of type %u, as at HMAT+0x%x", entry->type,
		       other.bytes.offset);
		mend_cut(l, l->hmat, entry->bytes.offset, entry->length);
		return;
	}
}

/* The four fields of four bits that a cache in front of memory has. False if one of
 * them has no meaning. */
static bool lint_attributes(struct lint *l, uint32_t at, uint32_t value)
{
	enum { KINDS = 2 };
	static const unsigned most[] = { LEVELS, LEVELS, KINDS, KINDS };

	for (unsigned i = 0; i < NB_COUNT(most); i++) {
		if ((value >> (4 * i) & 0xf) <= most[i])
			continue;
		report(l, FINDING_FIELD_RANGE, in_table(l, l->hmat, at),
		       "attributes that have a meaning", "0x%x: bits %u to %u are %u", value, 4 * i,
		       4 * i + 3, value >> (4 * i) & 0xf);
		mend_set(l, l->hmat, at, 4, value & ~((uint32_t)0xf << (4 * i)));
		mend_guess(l, "which of the values is meant, the table does not say");
		return false;
	}
	return true;
}

/* A cache in front of memory: whose, of which level, and its size. */
static void lint_cache(struct lint *l, const struct nb_entry *entry)
{
	enum { DOMAIN_AT = 8, CACHE_SIZE_AT = 16, ATTRIBUTES_AT = 24 };
	uint32_t offset = entry->bytes.offset, level, levels;
	struct nb_hmat_cache cache;
	struct nb_fault fault;

	if (nb_hmat_cache(entry, &cache, &fault))
		return;
	levels = cache.attributes & 0xf;
	level = cache.attributes >> 4 & 0xf;
	if (lint_attributes(l, offset + ATTRIBUTES_AT, cache.attributes) && level > levels) {
		report(l, FINDING_FIELD_RANGE, in_table(l, l->hmat, offset + ATTRIBUTES_AT),
		       "a level that there is", "a cache of level %u, the levels are %u", level,
		       levels);
		mend_set(l, l->hmat, offset + ATTRIBUTES_AT, 4,
			 (cache.attributes & ~(uint32_t)0xf) | level);
		mend_guess(l, "the level is right, and the count of levels is not");
	}
	if (level && !cache.size) {
		report(l, FINDING_FIELD_RANGE, in_table(l, l->hmat, offset + CACHE_SIZE_AT),
		       "the size of a cache", "a cache of level %u of 0 bytes", level);
		mend_cut(l, l->hmat, offset, entry->length);
	}
	if (l->memory_count && !pxm_has_memory(l, cache.memory_pxm)) {
		report(l, FINDING_HMAT_PXM_UNKNOWN, in_table(l, l->hmat, offset + DOMAIN_AT),
		       "a domain of memory of the SRAT",
		       "a cache of domain %u, of which the SRAT has no enabled memory",
		       cache.memory_pxm);
		mend_cut(l, l->hmat, offset, entry->length);
	}
}

void lint_hmat(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->hmat];
	struct nb_entry_walk walk = lint_walk(table);
	struct nb_entry entry;
	struct nb_fault fault;
	uint64_t revision = table_number(table, REVISION_AT, 1);

	if (revision != 1 && revision != 2) {
		report(l, FINDING_HMAT_REVISION, in_table(l, l->hmat, REVISION_AT), "1 or 2",
		       "%llu", (unsigned long long)revision);
		mend_set(l, l->hmat, REVISION_AT, 1, 2);
	}
	while (lint_next(&walk, table, &entry)) {
		struct matrix m = { .offset = entry.bytes.offset, .length = entry.length };

		lint_twice(l, &entry);
		if (entry.type == NB_HMAT_PROXIMITY)
			lint_proximity(l, &entry);
		else if (entry.type == NB_HMAT_CACHE)
			lint_cache(l, &entry);
		else if (entry.type == NB_HMAT_LOCALITY && !nb_hmat_locality(&entry, &m.of, &fault))
			lint_matrix(l, &m);
	}
}
