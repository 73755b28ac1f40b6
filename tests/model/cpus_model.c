/* SPDX-License-Identifier: MIT */
/* cpus_model: see the header. Each question is asked of all entries anew. */
#include "cpus_model.h"

#include <numaboot/acpi.h>

#include <string.h>

static uint32_t random_below(uint32_t *seed, uint32_t limit)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % limit;
}

static struct model_entry random_entry(uint32_t *seed, bool sapic)
{
	static const uint32_t types[] = { NB_MADT_LAPIC, NB_MADT_LAPIC, NB_MADT_X2APIC,
					  NB_MADT_X2APIC, 1 };
	static const uint32_t odd[] = { 254, 255, 256, 300, 0x9000, 0xffffffff };
	struct model_entry e = { .type = types[random_below(seed, NB_COUNT(types))] };

	if (sapic && random_below(seed, 2))
		e.type = NB_MADT_SAPIC;
	e.apic_id = random_below(seed, 12);
	if (random_below(seed, 6) == 0)
		e.apic_id = odd[random_below(seed, NB_COUNT(odd))];
	if (e.type == NB_MADT_LAPIC)
		e.apic_id &= 0xff;
	if (e.type == NB_MADT_SAPIC)
		e.apic_id &= 0xffff;
	if (e.type == NB_MADT_SAPIC && e.apic_id == 0xffff)
		e.apic_id = 1;
	e.flags = random_below(seed, 4) ? NB_MADT_ENABLED : random_below(seed, 2) << 1;
	e.is_short = random_below(seed, 40) == 0;
	return e;
}

void model_random_machine(struct model_machine *m, uint32_t seed)
{
	bool sapic = random_below(&seed, 8) == 0;

	memset(m, 0, sizeof(*m));
	m->entries = random_below(&seed, MODEL_ENTRIES + 1);
	for (uint32_t i = 0; i < m->entries; i++)
		m->entry[i] = random_entry(&seed, sapic);
	m->nr_cpus = random_below(&seed, 3) ? 0 : 1 + random_below(&seed, 8);
	m->possible_cpus = random_below(&seed, 4) ? UINT32_MAX : 1 + random_below(&seed, 8);
	m->max_cpus = random_below(&seed, 2) ? UINT32_MAX : random_below(&seed, 8);
	m->boot_apic_id = random_below(&seed, 4) ? 0 : random_below(&seed, 12);
	m->boot_is_bsp = random_below(&seed, 6) > 0;
	m->guest = random_below(&seed, 2);
	m->online_capable = random_below(&seed, 3) == 0;
	m->x2apic = random_below(&seed, 2);
	m->parallel = random_below(&seed, 3) > 0;
	m->smt_off = random_below(&seed, 4) == 0;
	m->amd = random_below(&seed, 2);
	m->emulated = random_below(&seed, 3) == 0;
	m->thread_shift = random_below(&seed, 3);
	m->package_shift = m->thread_shift + random_below(&seed, 3);
	m->nodes[random_below(&seed, MODEL_NODES)] = true;
	for (int nid = 0; nid < MODEL_NODES; nid++) {
		m->nodes[nid] |= random_below(&seed, 2);
		m->phys[nid] = m->emulated ? (int)random_below(&seed, 3) : nid;
	}
	for (int a = 0; a < MODEL_NODES; a++)
		for (int b = 0; b < MODEL_NODES; b++)
			m->distance[a][b] = (uint8_t)(a == b ? 10 : 11 + random_below(&seed, 4));
	for (uint32_t id = 0; id < MODEL_APICS; id++) {
		m->apic_node[id] = random_below(&seed, 2) ? (int)random_below(&seed, MODEL_NODES)
							  : -1;
		m->came_up[id] = random_below(&seed, 8) > 0;
	}
}

static bool usable(const struct model_machine *m, const struct model_entry *e)
{
	switch (m->rules->madt_disabled) {
	case NB_DISABLED_COUNT:
		return true;
	case NB_DISABLED_UNLESS_63:
		return e->flags & NB_MADT_ENABLED || !m->online_capable ||
		       e->flags & NB_MADT_ONLINE_CAPABLE;
	default:
		if (m->online_capable)
			return e->flags & (NB_MADT_ENABLED | NB_MADT_ONLINE_CAPABLE);
		return m->guest || e->flags & NB_MADT_ENABLED;
	}
}

/* A test's entries have just the bytes of their type, or one less. */
static bool too_short(const struct model_machine *m, const struct model_entry *e)
{
	return e->is_short || (e->type == NB_MADT_SAPIC && m->rules->madt_sapic_bytes > 16);
}

/* How many entries are read: up to the first short one of a type that is looked for. */
static uint32_t read_of(const struct model_machine *m, uint32_t type, uint32_t other_type)
{
	uint32_t i = 0;

	while (i < m->entries && !((m->entry[i].type == type || m->entry[i].type == other_type) &&
				   too_short(m, &m->entry[i])))
		i++;
	return i;
}

static bool has_sapic(const struct model_machine *m)
{
	for (uint32_t i = 0; i < m->entries; i++)
		if (m->entry[i].type == NB_MADT_SAPIC)
			return true;
	return false;
}

static bool lapic_counts(const struct model_machine *m)
{
	for (uint32_t i = 0; i < read_of(m, NB_MADT_LAPIC, NB_MADT_LAPIC); i++)
		if (m->entry[i].type == NB_MADT_LAPIC && m->entry[i].apic_id != 0xff &&
		    usable(m, &m->entry[i]))
			return true;
	return false;
}

/* An x2APIC ID of an entry that is usable. */
static bool x2apic_listed(const struct model_machine *m, const struct model_entry *e)
{
	bool reachable = m->x2apic || e->apic_id <= 0xfe;

	if (m->rules->madt_x2apic_trusted)
		return reachable || e->apic_id == 0xffffffff || !(e->flags & NB_MADT_ENABLED);
	if (m->rules->madt_lapic_has_low && e->apic_id < 0xff && lapic_counts(m))
		return false;
	return reachable && e->apic_id != 0xffffffff;
}

/* Whether an entry names a CPU that is registered or rejected. */
static bool listed(const struct model_machine *m, uint32_t i)
{
	const struct model_entry *e = &m->entry[i];
	bool alone = m->rules->madt_x2apic_first;

	if (has_sapic(m))
		return e->type == NB_MADT_SAPIC && i < read_of(m, NB_MADT_SAPIC, NB_MADT_SAPIC);
	if (e->type != NB_MADT_LAPIC && e->type != NB_MADT_X2APIC)
		return false;
	if (i >= read_of(m, alone ? e->type : NB_MADT_LAPIC, alone ? e->type : NB_MADT_X2APIC))
		return false;
	if (!usable(m, e))
		return false;
	if (e->type == NB_MADT_X2APIC)
		return x2apic_listed(m, e);
	return e->apic_id != 0xff || m->rules->madt_lapic_255;
}

/* The entries that are listed, in the order in which they are heard of. */
static uint32_t hear(const struct model_machine *m, uint32_t heard[MODEL_ENTRIES])
{
	uint32_t count = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < m->entries; i++) {
			bool late = m->rules->madt_x2apic_first &&
				    m->entry[i].type == NB_MADT_LAPIC;

			if (late == (pass == 1) && listed(m, i))
				heard[count++] = i;
		}
	}
	return count;
}

static bool is_numbered(const struct model_cpus *out, uint32_t numbered, uint32_t apic_id)
{
	for (uint32_t cpu = 0; cpu < numbered; cpu++)
		if (out->cpu[cpu].apic_id == apic_id)
			return true;
	return false;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The list, in order: what is registered (present or not) and what is rejected. */
struct reading {
	uint32_t limit, numbered, disabled;
	bool bsp_known;
	bool seen[MODEL_APICS];
};

static bool first_is_refused(struct reading *r, const struct model_machine *m, uint32_t apic_id)
{
	if (r->bsp_known)
		return false;
	if (apic_id == m->boot_apic_id && !m->boot_is_bsp)
		r->limit = 1;
	else
		r->bsp_known = true;
	return apic_id != m->boot_apic_id && !m->boot_is_bsp;
}

static void read_entry(struct model_cpus *out, struct reading *r, const struct model_machine *m,
		       const struct model_entry *e)
{
	if (e->apic_id >= NB_MAX_APIC_IDS || first_is_refused(r, m, e->apic_id) ||
	    (e->apic_id != m->boot_apic_id && r->numbered >= r->limit)) {
		out->rejected++;
		return;
	}
	r->seen[e->apic_id] = true;
	if (!(e->flags & NB_MADT_ENABLED))
		r->disabled++;
	else if (!is_numbered(out, r->numbered, e->apic_id))
		out->cpu[r->numbered++] = (struct model_cpu){ e->apic_id, -1, true, false };
}

static void count_threads(struct model_cpus *out, const struct reading *r, uint32_t thread_shift)
{
	uint32_t ids = 0, cores = 0;

	for (uint32_t id = 0; id < MODEL_APICS; id++) {
		bool first = r->seen[id];

		for (uint32_t other = 0; other < id; other++)
			if (r->seen[other] && other >> thread_shift == id >> thread_shift)
				first = false;
		ids += r->seen[id];
		cores += first;
	}
	out->threads = (ids + cores - 1) / cores;
}

static int nearest(const struct model_cpus *out, const struct model_machine *m, int from)
{
	for (int distance = 10;; distance++)
		for (int nid = 0; nid < MODEL_NODES; nid++)
			if (out->online[nid] && m->distance[from][nid] == distance)
				return nid;
}

static void place(struct model_cpus *out, const struct model_machine *m)
{
	int with_memory[MODEL_NODES], nodes = 0;

	for (int nid = 0; nid < MODEL_NODES; nid++)
		if (m->nodes[nid])
			with_memory[nodes++] = nid;
	memcpy(out->online, m->nodes, sizeof(out->online));
	for (uint32_t cpu = 0; cpu < out->possible; cpu++) {
		struct model_cpu *it = &out->cpu[cpu];

		it->nid = with_memory[cpu % (uint32_t)nodes];
		if (!it->present || it->apic_id >= MODEL_APICS || m->apic_node[it->apic_id] < 0)
			continue;
		it->nid = m->apic_node[it->apic_id];
		if (m->rules->cpu_leaves_offline && !out->online[it->nid])
			it->nid = nearest(out, m, it->nid);
		out->online[it->nid] = true;
	}
}

/* CPUs as a set of APIC IDs. */
static void count_by_set(struct model_cpus *out, const struct model_machine *m,
			 const uint32_t *heard, uint32_t count)
{
	struct reading r = { .numbered = 1 };
	uint32_t total, id = 0;

	r.limit = least(m->nr_cpus ? m->nr_cpus : m->most_cpus, m->possible_cpus);
	if (m->max_cpus == 0)
		r.limit = least(r.limit, 1);
	out->cpu[0] = (struct model_cpu){ m->boot_apic_id, -1, true, false };
	r.seen[m->boot_apic_id] = true;
	for (uint32_t i = 0; i < count; i++)
		read_entry(out, &r, m, &m->entry[heard[i]]);

	total = r.numbered + r.disabled;
	out->possible = least(total, r.limit);
	out->present = least(r.numbered, out->possible);
	for (uint32_t cpu = out->present; cpu < out->possible; cpu++) {
		while (id < MODEL_APICS && (!r.seen[id] || is_numbered(out, r.numbered, id)))
			id++;
		if (id < MODEL_APICS)
			out->cpu[cpu].apic_id = id++;
	}
	count_threads(out, &r, m->thread_shift);
}

/* CPUs counted by entry. */
struct counting {
	uint32_t limit, counted, disabled, next;
	bool boot_met;
};

static void count_entry(struct model_cpus *out, struct counting *c, const struct model_machine *m,
			const struct model_entry *e)
{
	bool boot = e->apic_id == m->boot_apic_id;
	uint32_t room = c->limit - (boot || c->boot_met ? 0 : 1), number = c->next;

	if (e->apic_id >= NB_MAX_APIC_IDS && e->apic_id != NB_NO_APIC_ID) {
		out->rejected++;
		return;
	}
	if (!(e->flags & NB_MADT_ENABLED) || c->counted >= room) {
		out->rejected += e->flags & NB_MADT_ENABLED;
		c->disabled++;
		return;
	}
	c->boot_met |= boot;
	c->counted++;
	for (uint32_t cpu = c->next; cpu-- > 0;)
		if (m->rules->cpu_registry == NB_REGISTRY_KEPT &&
		    out->cpu[cpu].apic_id == e->apic_id)
			number = cpu;
	if (boot)
		number = 0;
	else if (number == c->next)
		c->next++;
	out->cpu[number] = (struct model_cpu){ e->apic_id, -1, true, false };
}

static void count_by_entry(struct model_cpus *out, const struct model_machine *m,
			   const uint32_t *heard, uint32_t count)
{
	struct counting c = { .limit = m->nr_cpus ? m->nr_cpus : m->most_cpus, .next = 1 };

	for (uint32_t i = 0; i < count; i++)
		count_entry(out, &c, m, &m->entry[heard[i]]);
	if (!c.counted) {
		c.counted = 1;
		if (m->rules->cpu_registry == NB_REGISTRY_KEPT &&
		    (m->x2apic || m->boot_apic_id < 255))
			out->cpu[0].apic_id = m->boot_apic_id;
	}
	out->cpu[0].present = true;

	out->possible = c.counted + (m->max_cpus ? c.disabled : 0);
	if (m->possible_cpus != UINT32_MAX)
		out->possible = m->possible_cpus;
	out->possible = least(out->possible, c.limit);
	if (!m->max_cpus)
		out->possible = least(out->possible, 1);
	out->present = least(out->possible, c.counted);
	for (uint32_t cpu = out->possible; cpu < MODEL_CPUS; cpu++)
		out->cpu[cpu] = (struct model_cpu){ NB_NO_APIC_ID, -1, false, false };
	out->threads = (uint32_t)1 << m->thread_shift;
}

void model_count_cpus(struct model_cpus *out, const struct model_machine *m)
{
	uint32_t heard[MODEL_ENTRIES], count = hear(m, heard);

	memset(out, 0, sizeof(*out));
	for (uint32_t cpu = 0; cpu < MODEL_CPUS; cpu++)
		out->cpu[cpu] = (struct model_cpu){ NB_NO_APIC_ID, -1, false, false };
	if (m->rules->cpu_registry == NB_REGISTRY_SET)
		count_by_set(out, m, heard, count);
	else
		count_by_entry(out, m, heard, count);
	place(out, m);
}

static int srat_node(const struct model_machine *m, uint32_t apic_id)
{
	return apic_id < MODEL_APICS ? m->apic_node[apic_id] : -1;
}

/* AMD's second look: the SRAT's node if it is online, else the package if the SRAT
 * has no say, else the SRAT's by the CPU's own word, else the nearest ID's. */
static int settle(const struct model_cpus *out, const struct model_machine *m, uint32_t cpu)
{
	uint32_t id = cpu ? out->cpu[cpu].apic_id : m->boot_apic_id, cache = id >> m->package_shift;
	int named = srat_node(m, out->cpu[cpu].apic_id), own = srat_node(m, id);

	if (!m->amd)
		return out->cpu[cpu].nid;
	if (named >= 0 && out->online[named])
		return named;
	if (named < 0 && cache < MODEL_NODES && out->online[cache])
		return (int)cache;
	if (own >= 0 && out->online[own])
		return own;
	for (int near = (int)id - 1; near >= 0; near--)
		if (m->apic_node[near] >= 0 && out->online[m->apic_node[near]])
			return m->apic_node[near];
	for (int near = (int)id + 1; near < MODEL_APICS; near++)
		if (m->apic_node[near] >= 0 && out->online[m->apic_node[near]])
			return m->apic_node[near];
	for (int nid = 0;; nid++)
		if (out->online[nid])
			return nid;
}

static void enter(struct model_cpus *out, const struct model_machine *m, uint32_t cpu)
{
	int own = settle(out, m, cpu);

	out->cpu[cpu].runs = true;
	out->cpu[cpu].nid = own;
	out->has_cpu[own] |= m->rules->smp_has_cpu != NB_HAS_CPU_NEVER;
	for (int nid = 0; nid < MODEL_NODES; nid++) {
		bool same = m->emulated ? m->phys[nid] == m->phys[own] : nid == own;

		if (out->online[nid] && same) {
			out->on_node[nid][cpu] = true;
			if (cpu == 0 && m->rules->smp_has_cpu == NB_HAS_CPU_BOOT)
				out->has_cpu[nid] = true;
		}
	}
}

static uint32_t running(const struct model_cpus *out)
{
	uint32_t count = 0;

	for (uint32_t cpu = 0; cpu < out->possible; cpu++)
		count += out->cpu[cpu].runs;
	return count;
}

static bool is_first(const struct model_cpus *out, uint32_t cpu)
{
	return !(out->cpu[cpu].apic_id & (out->threads - 1));
}

static void try_one(struct model_cpus *out, const struct model_machine *m, uint32_t cpu)
{
	uint32_t id = out->cpu[cpu].apic_id;
	bool stopped = m->smt_off && m->rules->smp_nosmt && out->threads > 1 && !is_first(out, cpu);

	if (id == NB_NO_APIC_ID)
		return;
	out->announced[out->announcements++] = cpu;
	if (id < MODEL_APICS && m->came_up[id] && !stopped)
		enter(out, m, cpu);
}

/* One pass; which: 0 all, 1 first threads, 2 the others. count has to be above 0. */
static void pass(struct model_cpus *out, const struct model_machine *m, int which, uint32_t count)
{
	for (uint32_t cpu = 0; cpu < out->possible; cpu++) {
		bool first = is_first(out, cpu);

		if (!out->cpu[cpu].present || (which == 1 && !first) || (which == 2 && first))
			continue;
		if (cpu)
			try_one(out, m, cpu);
		if (!--count)
			return;
	}
}

bool model_survives(const struct model_cpus *out, const struct model_machine *m)
{
	return out->cpu[0].apic_id == m->boot_apic_id || m->x2apic ||
	       !m->rules->smp_boot_cpu_listed;
}

void model_start_cpus(struct model_cpus *out, const struct model_machine *m)
{
	enter(out, m, 0);
	if (m->max_cpus == 0)
		return;
	if (!m->rules->smp_counts_tries) {
		for (uint32_t cpu = 1; cpu < out->possible; cpu++)
			if (out->cpu[cpu].present && running(out) < m->max_cpus)
				try_one(out, m, cpu);
		return;
	}
	if (!m->parallel || out->threads == 1) {
		pass(out, m, 0, m->max_cpus);
		return;
	}
	pass(out, m, 1, m->max_cpus);
	if (m->max_cpus != running(out))
		pass(out, m, 2, m->max_cpus - running(out));
}
