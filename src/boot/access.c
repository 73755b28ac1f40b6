/* SPDX-License-Identifier: MIT */
/*
 * access: the HMAT says how fast memory is from where.
 *
 *   SRAT memory -> targets;  HMAT matrices -> initiators, speeds
 *   a target that the HMAT ties to one initiator: that one
 *   else the initiators that no other beats, one matrix after the other
 *
 * All is by proximity domain until it is handed over by node.
 *
 * Source: Linux 6.12 drivers/acpi/numa/hmat.c.
 */
#include <numaboot/access.h>

#include "base/bytes.h"
#include "base/memory.h"

#include <numaboot/acpi.h>
#include <numaboot/events.h>
#include <numaboot/rules.h>

/* Kinds of numbers in a matrix: ACPI 6.5 table 5.149. */
enum {
	ACCESS_LATENCY,
	READ_LATENCY,
	WRITE_LATENCY,
	ACCESS_BANDWIDTH,
	READ_BANDWIDTH,
	WRITE_BANDWIDTH,
};

enum {
	INITIATOR_VALID = 0x1,
	MEMORY_VALID = 0x2, /* of revision 1; later ones have it always */
	HIERARCHY = 0x0f,   /* which level of memory a matrix is of; 0: memory itself */
	NO_ENTRY = 0xffff,
	PS_IN_NS = 1000,
	ACPI_DEVICE = 0, /* a kind of device handle */
};

/* The matrix that counts for each purpose: the last one of its kind, in the order
 * in which Linux compares. */
enum purpose {
	TO_WRITE_LATENCY,
	TO_READ_LATENCY,
	TO_WRITE_BANDWIDTH,
	TO_READ_BANDWIDTH,
	PURPOSES = NB_ACCESS_MATRICES,
};

struct build {
	struct nb_access *access;
	const struct nb_numa *numa;
	const struct nb_smp *smp;
	const struct nb_env *env;
	uint8_t revision;
	const struct nb_table *srat;
	struct nb_nodes targets, initiators; /* by PXM */
	struct nb_nodes ports;               /* targets that are a generic port with a name */
	bool any_matrix;
	bool has[PURPOSES];
};

static int32_t node_of(const struct build *b, uint32_t pxm)
{
	return pxm < NB_MAX_PXMS ? b->numa->pxm_node[pxm] : NB_NO_NODE;
}

/* The speeds of a target, or a null pointer if its domain has no node. */
static struct nb_access_speed *speed_of(const struct build *b, uint32_t pxm,
					enum nb_access_class kind)
{
	int32_t nid = node_of(b, pxm);

	return nid < 0 ? NULL : &b->access->node[nid].speed[kind];
}

static bool is_latency(uint8_t type)
{
	return type <= WRITE_LATENCY;
}

/* A number of a matrix in ns or MB/s; 0: none.
 * Linux 6.12 drivers/acpi/numa/hmat.c hmat_normalize(). */
static uint32_t scaled(const struct build *b, const struct nb_hmat_locality *m, uint64_t at)
{
	uint16_t entry = nb_le16(m->values, (size_t)(2 * at));
	uint32_t value;

	if (entry == 0 || entry == NO_ENTRY || m->base_unit > UINT32_MAX / entry)
		return 0;
	value = (uint32_t)(entry * m->base_unit);
	if (b->revision == 1)
		return value < 10 ? 0 : (value + 9) / 10;
	if (is_latency(m->data_type))
		return (value + PS_IN_NS - 1) / PS_IN_NS; /* may wrap, as in Linux */
	return value;
}

static void set_speed(struct nb_access_speed *speed, uint8_t type, uint32_t value)
{
	if (type == ACCESS_LATENCY || type == READ_LATENCY)
		speed->read_latency = value;
	if (type == ACCESS_LATENCY || type == WRITE_LATENCY)
		speed->write_latency = value;
	if (type == ACCESS_BANDWIDTH || type == READ_BANDWIDTH)
		speed->read_bandwidth = value;
	if (type == ACCESS_BANDWIDTH || type == WRITE_BANDWIDTH)
		speed->write_bandwidth = value;
}

/* The domain that an entry of the SRAT makes a target: memory's, or that of a
 * generic port that is an ACPI device, and whether it is a port with a name. */
static bool names_target(const struct nb_entry *entry, uint32_t *pxm, bool *port)
{
	struct nb_srat_initiator initiator;
	struct nb_srat_memory memory;
	struct nb_fault fault;

	*port = entry->type == NB_SRAT_PORT;
	if (*port) {
		nb_srat_initiator(entry, &initiator, &fault);
		*pxm = initiator.pxm;
		*port = initiator.handle[0] || initiator.handle[1];
		return (initiator.flags & NB_SRAT_ENABLED) && initiator.handle_type == ACPI_DEVICE;
	}
	if (entry->type != NB_SRAT_MEMORY)
		return false;
	nb_srat_memory(entry, &memory, &fault);
	*pxm = memory.pxm;
	return memory.flags & NB_SRAT_ENABLED;
}

/* Whether a domain is a target; one that has no place in a set is looked for. */
static bool is_target(const struct build *b, uint32_t pxm)
{
	struct nb_entry_walk walk = nb_entries(b->srat, NB_ENTRY_COMMON, NB_SRAT_ENTRIES);
	struct nb_entry entry;
	uint32_t other;
	bool port;

	if (pxm < NB_MAX_PXMS)
		return nb_nodes_has(&b->targets, (int32_t)pxm);
	while (nb_entry_next(&walk, &entry))
		if (names_target(&entry, &other, &port) && other == pxm)
			return true;
	return false;
}

/*
 * SRAT memory and generic ports make targets; false if the walk over it fails. A
 * port with a name is done with before its node is asked for, even if its domain
 * has memory too. Linux 6.12 drivers/acpi/numa/hmat.c hmat_register_target().
 */
static bool find_targets(struct build *b)
{
	struct nb_entry_walk walk = nb_entries(b->srat, NB_ENTRY_COMMON, NB_SRAT_ENTRIES);
	struct nb_entry entry;

	while (nb_entry_next(&walk, &entry)) {
		uint32_t pxm;
		bool port;

		if (!names_target(&entry, &pxm, &port) || pxm >= NB_MAX_PXMS)
			continue;
		nb_nodes_add(&b->targets, (int32_t)pxm);
		if (port)
			nb_nodes_add(&b->ports, (int32_t)pxm);
		else if (entry.type == NB_SRAT_PORT) /* the last of several names holds */
			nb_nodes_remove(&b->ports, (int32_t)pxm);
	}
	return walk.fault.kind != NB_FAULT_ZERO_LENGTH;
}

/* Ties a target to its nearest initiator.
 * Linux 6.12 drivers/acpi/numa/hmat.c hmat_parse_proximity_domain(). */
static bool take_proximity(struct build *b, const struct nb_entry *entry)
{
	struct nb_hmat_proximity p;
	struct nb_fault fault;

	if (nb_hmat_proximity(entry, &p, &fault))
		return false;
	if (b->revision == 1 && !(p.flags & MEMORY_VALID))
		return true;
	if (!is_target(b, p.memory_pxm))
		return false;
	if (!(p.flags & INITIATOR_VALID))
		return true;
	if (node_of(b, p.initiator_pxm) == NB_NO_NODE)
		return false;
	if (p.memory_pxm < NB_MAX_PXMS)
		b->access->nearest_pxm[p.memory_pxm] = (int32_t)p.initiator_pxm;
	return true;
}

/* A number between a target and the initiator that it is tied to is its speed. */
static void take_number(struct build *b, uint32_t initiator, uint32_t target, uint8_t type,
			uint32_t value)
{
	struct nb_access_speed *any = speed_of(b, target, NB_ACCESS_ANY);

	if (!any || !nb_nodes_has(&b->targets, (int32_t)target) ||
	    b->access->nearest_pxm[target] != (int32_t)initiator)
		return;
	set_speed(any, type, value);
	if (nb_nodes_has(&b->smp->has_cpu, node_of(b, initiator)))
		set_speed(speed_of(b, target, NB_ACCESS_CPU), type, value);
}

static void keep_matrix(struct build *b, const struct nb_hmat_locality *m)
{
	static const uint8_t kinds[PURPOSES][2] = {
		[TO_WRITE_LATENCY] = { ACCESS_LATENCY, WRITE_LATENCY },
		[TO_READ_LATENCY] = { ACCESS_LATENCY, READ_LATENCY },
		[TO_WRITE_BANDWIDTH] = { ACCESS_BANDWIDTH, WRITE_BANDWIDTH },
		[TO_READ_BANDWIDTH] = { ACCESS_BANDWIDTH, READ_BANDWIDTH },
	};

	b->any_matrix = true;
	for (int purpose = 0; purpose < PURPOSES; purpose++) {
		if (m->data_type != kinds[purpose][0] && m->data_type != kinds[purpose][1])
			continue;
		b->has[purpose] = true;
		b->access->matrix[purpose] = *m;
	}
}

/* Linux 6.12 drivers/acpi/numa/hmat.c hmat_parse_locality(). */
static bool take_locality(struct build *b, const struct nb_entry *entry)
{
	struct nb_hmat_locality m;
	struct nb_fault fault;

	if (nb_hmat_locality(entry, &m, &fault))
		return false;
	for (uint32_t i = 0; i < m.initiators; i++) {
		uint32_t initiator = nb_le32(m.initiator_pxms, (size_t)4 * i);

		if (node_of(b, initiator) != NB_NO_NODE)
			nb_nodes_add(&b->initiators, (int32_t)initiator);
		for (uint32_t t = 0; t < m.targets && !(m.flags & HIERARCHY); t++)
			take_number(b, initiator, nb_le32(m.target_pxms, (size_t)4 * t),
				    m.data_type, scaled(b, &m, (uint64_t)i * m.targets + t));
	}
	if (!(m.flags & HIERARCHY))
		keep_matrix(b, &m);
	return true;
}

static bool take_cache(const struct nb_entry *entry)
{
	struct nb_hmat_cache cache;
	struct nb_fault fault;

	return nb_hmat_cache(entry, &cache, &fault) == NB_OK;
}

/* One pass over the HMAT for one type of entry; false if any is malformed. */
static bool pass(struct build *b, const struct nb_table *hmat, uint32_t type)
{
	struct nb_entry_walk walk = nb_entries(hmat, NB_ENTRY_HMAT, NB_HMAT_ENTRIES);
	struct nb_entry entry;

	while (nb_entry_next(&walk, &entry)) {
		bool fine = true;

		if (entry.type != type)
			continue;
		if (type == NB_HMAT_PROXIMITY)
			fine = take_proximity(b, &entry);
		else if (type == NB_HMAT_LOCALITY)
			fine = take_locality(b, &entry);
		else
			fine = take_cache(&entry);
		if (!fine) {
			nb_emit(b->env, .kind = NB_EV_HMAT_IGNORED, .why = NB_WHY_MALFORMED,
				.more = { entry.bytes.offset });
			return false;
		}
	}
	if (walk.fault.kind != NB_FAULT_ZERO_LENGTH)
		return true;
	nb_emit(b->env, .kind = NB_EV_HMAT_IGNORED, .why = NB_WHY_MALFORMED,
		.more = { walk.fault.offset });
	return false;
}

/* Notes, for each matrix, the first row of each initiator. */
static void index_rows(struct build *b)
{
	for (int purpose = 0; purpose < PURPOSES; purpose++) {
		const struct nb_hmat_locality *m = &b->access->matrix[purpose];
		uint16_t *row = b->access->row + purpose * NB_MAX_PXMS;

		for (uint32_t pxm = 0; pxm < NB_MAX_PXMS; pxm++)
			row[pxm] = 0;
		for (uint32_t i = 0; b->has[purpose] && i < m->initiators && i < UINT16_MAX; i++) {
			uint32_t pxm = nb_le32(m->initiator_pxms, (size_t)4 * i);

			if (pxm < NB_MAX_PXMS && !row[pxm])
				row[pxm] = (uint16_t)(i + 1);
		}
	}
}

/* The column of a target in a matrix, or the number of columns. */
static uint32_t column(const struct nb_hmat_locality *m, uint32_t pxm)
{
	uint32_t t = 0;

	while (t < m->targets && nb_le32(m->target_pxms, (size_t)4 * t) != pxm)
		t++;
	return t;
}

/* The number between an initiator and a target, as a column; 0: none. */
static uint32_t number_at(const struct build *b, enum purpose purpose, int32_t initiator,
			  uint32_t t)
{
	const struct nb_hmat_locality *m = &b->access->matrix[purpose];
	uint32_t row = b->access->row[(int)purpose * NB_MAX_PXMS + initiator];

	return row && t < m->targets ? scaled(b, m, (uint64_t)(row - 1) * m->targets + t) : 0;
}

/* Leaves those of the candidates that no other beats in one matrix, and returns
 * the best number; 0: the matrix says nothing, and all stay. */
static uint32_t keep_best(const struct build *b, enum purpose purpose, uint32_t target,
			  struct nb_nodes *candidates)
{
	const struct nb_hmat_locality *m = &b->access->matrix[purpose];
	uint32_t t = column(m, target);
	uint32_t best = 0;

	nb_for_each_node (pxm, candidates) {
		uint32_t value = number_at(b, purpose, pxm, t);

		if (value && (!best || (is_latency(m->data_type) ? value < best : value > best)))
			best = value;
	}
	nb_for_each_node (pxm, candidates)
		if (number_at(b, purpose, pxm, t) != best)
			nb_nodes_remove(candidates, pxm);
	return best;
}

/* Finds the initiators of a target, by PXM, and its speed where no one is the
 * nearest. Linux 6.12 drivers/acpi/numa/hmat.c hmat_update_target_attrs(). */
static void find_initiators(const struct build *b, uint32_t target, enum nb_access_class kind,
			    struct nb_nodes *pxms)
{
	int32_t nearest = b->access->nearest_pxm[target];

	memset(pxms, 0, sizeof(*pxms));
	if (nearest >= 0 && (kind == NB_ACCESS_ANY ||
			     nb_nodes_has(&b->smp->has_cpu, node_of(b, (uint32_t)nearest)))) {
		nb_nodes_add(pxms, nearest);
		return;
	}
	if (!b->any_matrix)
		return;
	*pxms = b->initiators;
	for (int purpose = 0; purpose < PURPOSES; purpose++) {
		uint32_t best;

		if (!b->has[purpose])
			continue;
		if (kind == NB_ACCESS_CPU)
			nb_for_each_node (pxm, &b->initiators)
				if (!nb_nodes_has(&b->smp->has_cpu, node_of(b, (uint32_t)pxm)))
					nb_nodes_remove(pxms, pxm);
		best = keep_best(b, (enum purpose)purpose, target, pxms);
		if (best)
			set_speed(speed_of(b, target, kind), b->access->matrix[purpose].data_type,
				  best);
	}
}

/* Hands a target over to its node, if that is online; only online initiators are
 * linked to it. Linux 6.12 drivers/base/node.c
 * register_memory_node_under_compute_node(). */
static void register_target(const struct build *b, uint32_t target)
{
	int32_t nid = node_of(b, target);
	struct nb_node_access *node;

	if (nid < 0 || !nb_nodes_has(&b->smp->online_nodes, nid) ||
	    nb_nodes_has(&b->ports, (int32_t)target))
		return;
	node = &b->access->node[nid];
	node->known = true;
	for (int kind = 0; kind < NB_ACCESS_CLASSES; kind++) {
		struct nb_nodes pxms;

		find_initiators(b, target, (enum nb_access_class)kind, &pxms);
		nb_for_each_node (pxm, &pxms) {
			int32_t initiator = node_of(b, (uint32_t)pxm);

			if (!nb_nodes_has(&b->smp->online_nodes, initiator))
				continue;
			nb_nodes_add(&node->initiators[kind], initiator);
			nb_emit(b->env, .kind = NB_EV_ACCESS, .nid = nid, .other_nid = initiator,
				.id = (uint32_t)kind);
		}
	}
}

static bool read_hmat(struct build *b, const struct nb_table *hmat)
{
	struct nb_acpi_header header;
	struct nb_fault fault;

	if (!find_targets(b) || nb_acpi_header(hmat, &header, &fault))
		return false;
	b->revision = header.revision;
	if (b->revision != 1 && b->revision != 2) {
		nb_emit(b->env, .kind = NB_EV_HMAT_IGNORED, .why = NB_WHY_REVISION);
		return false;
	}
	return pass(b, hmat, NB_HMAT_PROXIMITY) && pass(b, hmat, NB_HMAT_LOCALITY) &&
	       pass(b, hmat, NB_HMAT_CACHE);
}

static void clear(struct nb_access *access)
{
	access->used = false;
	for (uint32_t nid = 0; nid < access->nodes; nid++)
		access->node[nid] = (struct nb_node_access){ 0 };
	for (uint32_t pxm = 0; pxm < NB_MAX_PXMS; pxm++)
		access->nearest_pxm[pxm] = -1;
}

enum nb_err nb_access_build(struct nb_access *access, const struct nb_numa *numa,
			    const struct nb_smp *smp, const struct nb_firmware *fw,
			    const struct nb_params *params, const struct nb_env *env)
{
	const struct nb_table *srat = nb_firmware_table(fw, "SRAT");
	const struct nb_table *hmat = nb_firmware_table(fw, "HMAT");
	struct build b = { .access = access, .numa = numa, .smp = smp, .env = env, .srat = srat };

	clear(access);
	if (params->numa_noacpi || params->numa_nohmat || params->acpi_off || params->numa_off ||
	    numa->srat_rejected || env->config->no_acpi_numa || !srat || !hmat)
		return NB_OK;
	if (!env->rules->access_hmat) {
		nb_emit(env, .kind = NB_EV_HMAT_IGNORED, .why = NB_WHY_NOT_KNOWN);
		return NB_OK;
	}
	if (!read_hmat(&b, hmat)) {
		clear(access); /* of what was read before the fault */
		return NB_OK;
	}
	access->used = true;
	index_rows(&b);
	nb_for_each_node (target, &b.targets)
		register_target(&b, (uint32_t)target);
	for (uint32_t nid = 0; nid < access->nodes; nid++)
		if (!access->node[nid].known) /* read, but handed over to no node */
			access->node[nid] = (struct nb_node_access){ 0 };
	return NB_OK;
}
