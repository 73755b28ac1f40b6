/* SPDX-License-Identifier: MIT */
/*
 * smp: the boot CPU starts the others, and each enters the mask of its node.
 *
 *   which     those that are present, by number, as many as maxcpus= has it:
 *             tried, or running, by the rule
 *   in turn   in parallel and with threads: the first thread of each core, then
 *             the others; else by number
 *   node      as the cpus stage has it; AMD's code looks again on the CPU itself
 *   mask      an emulated node has all CPUs of its physical node
 *   has_cpu   each CPU's node; of the boot CPU, by the rule, all emulated nodes of
 *             its physical node, since they are looked at before the others start
 *
 * Source: Linux 6.12 kernel/cpu.c bringup_nonboot_cpus(), kernel/smp.c smp_init(),
 * arch/x86/kernel/smpboot.c, arch/x86/kernel/cpu/amd.c srat_detect_node(),
 * mm/numa_emulation.c numa_add_cpu(), mm/vmstat.c init_cpu_node_state().
 */
#include <numaboot/smp.h>

#include <numaboot/events.h>
#include <numaboot/rules.h>

#include "base/memory.h"
#include "boot/madt.h"

/* CPUs that one pass over the numbers starts. */
enum threads {
	ALL_THREADS,
	FIRST_THREADS,
	OTHER_THREADS,
};

/* APIC IDs without a node, between two that have one, and what Linux makes of them. */
struct gap {
	int64_t below, above; /* both excluded; equal: nothing is known yet */
	int32_t nid;
};

/* What the steps share. */
struct bringup {
	struct nb_smp *smp;
	const struct nb_cpus *cpus;
	const struct nb_numa *numa;
	const struct nb_boot_facts *facts;
	const struct nb_env *env;
	uint32_t cpu_width, node_width; /* columns of a number and its '#' */
	int32_t line_nid;               /* whose line of the log is open; NB_NO_NODE: none */
	bool smt_off;
	struct gap gap;
};

static void set_cpu(uint64_t *bits, uint32_t cpu)
{
	bits[cpu / 64] |= (uint64_t)1 << (cpu % 64);
}

static void clear_cpu(uint64_t *bits, uint32_t cpu)
{
	bits[cpu / 64] &= ~((uint64_t)1 << (cpu % 64));
}

static uint32_t digits(uint32_t number)
{
	uint32_t count = 1;

	for (; number >= 10; number /= 10)
		count++;
	return count;
}

/*
 * Blanks that right-align a number: at least one. Where the number is wider
 * than the field, printk() takes the negative width as "left-align", so that
 * the blanks grow again. Linux 6.12 arch/x86/kernel/smpboot.c announce_cpu().
 */
static uint32_t pad(uint32_t width, uint32_t number)
{
	uint32_t used = digits(number), blanks = width > used ? width - used : used - width;

	return blanks ? blanks : 1;
}

/* The line of a node that is being written ends where the next one begins. */
static void announce(struct bringup *b, uint32_t cpu)
{
	int32_t nid = b->cpus->cpu[cpu].nid;
	bool first = b->line_nid == NB_NO_NODE;

	if (first)
		nb_emit(b->env, .kind = NB_EV_SMP_BEGIN, .flags = 1);
	if (nid != b->line_nid) {
		if (!first)
			nb_emit(b->env, .kind = NB_EV_SMP_NODE_END);
		b->line_nid = nid;
		nb_emit(b->env, .kind = NB_EV_SMP_NODE_BEGIN, .nid = nid,
			.more = { pad(b->node_width, (uint32_t)nid) });
	}
	if (first) /* in place of the boot CPU */
		nb_emit(b->env, .kind = NB_EV_SMP_PAD, .got = b->cpu_width + 1);
	nb_emit(b->env, .kind = NB_EV_SMP_CPU, .id = cpu, .got = pad(b->cpu_width, cpu));
}

/* The nearest APIC ID with a node that is online, in steps of 1 or of -1. */
static int64_t next_placed(const struct bringup *b, int64_t apic_id, int step)
{
	int64_t ids = b->numa->apic_ids;

	do
		apic_id += step;
	while (apic_id >= 0 && apic_id < ids &&
	       !nb_nodes_has(&b->cpus->online, b->numa->apic_node[apic_id]));
	return apic_id;
}

/* The node of the nearest APIC ID below, else above. What lies between two that
 * have nodes has one answer, which is kept. Linux 6.12 arch/x86/kernel/cpu/amd.c
 * nearby_node(). */
static int32_t neighbour_node(struct bringup *b, uint32_t apic_id)
{
	int64_t ids = b->numa->apic_ids, at = (int64_t)nb_min(apic_id, b->numa->apic_ids);
	struct gap *gap = &b->gap;

	if (gap->below < at && at < gap->above)
		return gap->nid;
	gap->below = next_placed(b, at, -1);
	gap->above = next_placed(b, at, 1);
	if (gap->below >= 0)
		gap->nid = b->numa->apic_node[gap->below];
	else if (gap->above < ids)
		gap->nid = b->numa->apic_node[gap->above];
	else
		gap->nid = nb_nodes_next(&b->cpus->online, 0);
	return gap->nid;
}

/* The node that the SRAT gives an APIC ID. */
static int32_t srat_node(const struct bringup *b, uint32_t apic_id)
{
	return apic_id < b->numa->apic_ids ? b->numa->apic_node[apic_id] : NB_NO_NODE;
}

/*
 * The node that a CPU finds itself on. Intel's and others' code keeps what the
 * tables said; AMD's asks for the SRAT's node again, and without one takes the
 * number of the last-level cache for a node, which is here the package's. Where
 * that is not online, the SRAT decides by the ID that the CPU itself reports,
 * listed or not, or else the nearest ID.
 */
static int32_t settle(struct bringup *b, uint32_t cpu)
{
	const struct nb_cpu *it = &b->cpus->cpu[cpu];
	uint32_t own = cpu ? it->apic_id : b->facts->boot_apic_id;
	int32_t nid = srat_node(b, it->apic_id);
	enum nb_why why = NB_WHY_CACHE_ID;

	if (b->facts->vendor != NB_VENDOR_AMD)
		return it->nid;
	if (nid == NB_NO_NODE)
		nid = (int32_t)(own >> nb_min(b->facts->package_shift, 31));
	if (!nb_nodes_has(&b->cpus->online, nid)) {
		nid = srat_node(b, own);
		why = NB_WHY_SRAT;
	}
	if (!nb_nodes_has(&b->cpus->online, nid)) {
		nid = neighbour_node(b, own);
		why = NB_WHY_NEAREST_APIC;
	}
	if (nid != it->nid)
		nb_emit(b->env, .kind = NB_EV_CPU_NODE, .id = cpu, .nid = nid, .why = why);
	return nid;
}

static void note_has_cpu(struct nb_smp *smp, int32_t nid, enum nb_why why, const struct nb_env *env)
{
	if (nb_nodes_has(&smp->has_cpu, nid))
		return;
	nb_nodes_add(&smp->has_cpu, nid);
	nb_emit(env, .kind = NB_EV_NODE_HAS_CPU, .nid = nid, .why = why);
}

static void run(struct bringup *b, uint32_t cpu)
{
	struct nb_smp *smp = b->smp;
	int32_t nid = settle(b, cpu);

	nb_assert(nid >= 0 && (uint32_t)nid < smp->nodes);
	set_cpu(smp->online, cpu);
	set_cpu(smp->node_cpus + (size_t)nid * smp->words, cpu);
	if (b->env->rules->smp_has_cpu != NB_HAS_CPU_NEVER)
		note_has_cpu(smp, nid, NB_WHY_HAS_CPU, b->env);
	smp->online_count++;
}

static bool is_first_thread(const struct bringup *b, uint32_t cpu)
{
	return !(b->cpus->cpu[cpu].apic_id & (b->cpus->threads_per_core - 1));
}

/* Has one CPU come up, if it answers. One without an APIC ID cannot be called. */
static void try_cpu(struct bringup *b, uint32_t cpu)
{
	bool answers = nb_smp_is_online(b->smp, cpu);

	clear_cpu(b->smp->online, cpu);
	if (b->cpus->cpu[cpu].apic_id == NB_NO_APIC_ID)
		return;
	announce(b, cpu);
	/* nosmt: each thread has to run once, and is then stopped. */
	if (answers && (is_first_thread(b, cpu) || !b->smt_off))
		run(b, cpu);
}

/*
 * Tries up to `count` CPUs, the boot CPU among those counted. smp->online says
 * beforehand which would answer, and afterwards, of these threads, which run.
 */
static void start_some(struct bringup *b, enum threads threads, uint32_t count)
{
	for (uint32_t cpu = 0; cpu < b->cpus->possible; cpu++) {
		bool first = is_first_thread(b, cpu);

		if (!b->cpus->cpu[cpu].present ||
		    (threads != ALL_THREADS && first != (threads == FIRST_THREADS)))
			continue;
		if (count && cpu)
			try_cpu(b, cpu);
		else if (cpu)
			clear_cpu(b->smp->online, cpu);
		count -= count > 0;
	}
}

/* Tries one CPU after the other until `count` run. */
static void start_until(struct bringup *b, uint32_t count)
{
	for (uint32_t cpu = 1; cpu < b->cpus->possible; cpu++) {
		if (b->cpus->cpu[cpu].present && b->smp->online_count < count)
			try_cpu(b, cpu);
		else
			clear_cpu(b->smp->online, cpu);
	}
}

/* Sets smp->online to the CPUs that would come up if they were started. */
static void ask_who_answers(struct nb_smp *smp, const struct nb_cpus *cpus,
			    const struct nb_boot_facts *facts)
{
	uint32_t *bits = smp->apic_scratch;

	memset(bits, 0, (smp->apic_ids + 31) / 32 * sizeof(*bits));
	for (uint32_t i = 0; facts->started && i < facts->started_count; i++)
		if (facts->started[i] < smp->apic_ids)
			bits[facts->started[i] / 32] |= (uint32_t)1 << (facts->started[i] % 32);

	for (uint32_t cpu = 0; cpu < cpus->possible; cpu++) {
		uint32_t id = cpus->cpu[cpu].apic_id;
		bool came_up = id < smp->apic_ids && (bits[id / 32] >> (id % 32) & 1);

		if (cpus->cpu[cpu].present && (came_up || !facts->started))
			set_cpu(smp->online, cpu);
	}
}

/* Starts the others. Linux 6.12 kernel/cpu.c bringup_nonboot_cpus(). */
static void start_others(struct bringup *b, const struct nb_params *params)
{
	bool parallel = b->facts->parallel_bringup && !params->serial_bringup;
	uint32_t count = b->cpus->boot_cpu_only ? 0 : params->max_cpus;

	if (!b->env->rules->smp_counts_tries) {
		start_until(b, count);
	} else if (count && parallel && b->cpus->threads_per_core > 1) {
		start_some(b, FIRST_THREADS, count);
		/* As Linux counts: it wraps if the boot CPU is no first thread. */
		start_some(b, OTHER_THREADS, count - b->smp->online_count);
	} else {
		start_some(b, ALL_THREADS, count);
	}
	if (b->line_nid != NB_NO_NODE)
		nb_emit(b->env, .kind = NB_EV_SMP_NODE_END);
}

/* Adds the bits of one node's mask to another's. */
static void add_mask(struct nb_smp *smp, int32_t to, int32_t from)
{
	uint64_t *into = smp->node_cpus + (size_t)to * smp->words;
	const uint64_t *bits = smp->node_cpus + (size_t)from * smp->words;

	for (uint32_t word = 0; word < smp->words; word++)
		into[word] |= bits[word];
}

/* Every CPU is in the masks of all emulated nodes of its physical node: they
 * are gathered in the first of these nodes and given to the others. */
static void share_masks(struct bringup *b)
{
	const int16_t *phys = b->numa->emulated_phys;
	struct nb_nodes left = b->cpus->online;

	nb_for_each_node (first, &left) {
		nb_for_each_node (nid, &left)
			if (phys[nid] == phys[first])
				add_mask(b->smp, first, nid);
		nb_for_each_node (nid, &left) {
			if (nid == first || phys[nid] != phys[first])
				continue;
			add_mask(b->smp, nid, first);
			nb_nodes_remove(&left, nid);
		}
	}
}

/* The boot CPU runs already. By the newer rule its node counts with all that
 * emulation made of it. */
static void run_boot_cpu(struct bringup *b)
{
	const int16_t *phys = b->numa->emulated_phys;
	int32_t nid;

	run(b, 0);
	if (b->env->rules->smp_has_cpu != NB_HAS_CPU_BOOT)
		return;
	nid = nb_nodes_next(&b->smp->has_cpu, 0);
	nb_for_each_node (other, &b->cpus->online)
		if (phys[other] == phys[nid])
			note_has_cpu(b->smp, other, NB_WHY_BOOT_SIBLING, b->env);
}

/*
 * RAM without a node has the number that stands for none, one too high for a set
 * of nodes. To note that this "node" has memory is to set a bit beyond the set: if
 * the sets are whole words, the first one of the next, nodes that have a CPU.
 * Linux 4.4 mm/page_alloc.c early_calculate_totalpages().
 */
static void spill_has_memory(struct nb_smp *smp, const struct nb_memblock *mb,
			     const struct nb_env *env)
{
	enum { SET_BITS = 64 };
	struct nb_page_walk walk = { .memory = &mb->memory, .nid = NB_NO_NODE };
	struct nb_range pages;
	int32_t nid;

	if (env->config->max_nodes % SET_BITS)
		return;
	while (nb_page_next(&walk, &pages, &nid))
		if (nid == NB_NO_NODE)
			note_has_cpu(smp, 0, NB_WHY_SPILLED, env);
}

/*
 * Whether the boot CPU's APIC is set up and its ID not found among those that are
 * listed. In x2APIC mode nobody looks, and none is set up where there is none or
 * nothing is known of any. Linux 6.1 arch/x86/kernel/apic/apic.c setup_local_APIC().
 */
static bool misses_boot_cpu(const struct bringup *b, const struct nb_params *params)
{
	bool set_up = !params->no_apic && (!b->cpus->boot_cpu_only || !params->max_cpus);

	return set_up && b->cpus->cpu[0].apic_id == NB_NO_APIC_ID &&
	       !nb_x2apic_mode(b->facts, params);
}

/* Whether a node is online beyond those that have a set of their CPUs. Sets that
 * are as long as need be are made of possible nodes only.
 * Linux 5.10 mm/vmstat.c init_cpu_node_state(). */
static bool has_node_without_mask(const struct bringup *b)
{
	return b->env->config->cpumask_offstack &&
	       nb_nodes_next(&b->cpus->online, (int32_t)b->numa->nr_node_ids) >= 0;
}

/* Why the kernel does not live to start a CPU, if it does not. */
static enum nb_why why_it_dies(const struct bringup *b, const struct nb_memblock *mb,
			       const struct nb_params *params)
{
	const struct nb_rules *rules = b->env->rules;

	if (rules->small_node_is_deadly && nb_nodes_next(&b->numa->too_small, 0) >= 0)
		return NB_WHY_DIES_SMALL_NODE;
	if (rules->smp_possible_counted && !b->cpus->present)
		return NB_WHY_DIES_NO_CPU;
	if (rules->smp_boot_cpu_listed && misses_boot_cpu(b, params))
		return NB_WHY_DIES_BOOT_CPU;
	if (has_node_without_mask(b))
		return NB_WHY_DIES_NO_NODE_MASK;
	/* an early initcall: Linux 6.12 arch/x86/realmode/init.c do_init_real_mode() */
	if (!mb->trampoline && !b->facts->efi)
		return NB_WHY_DIES_NO_LOW_RAM;
	return NB_WHY_NONE;
}

enum nb_err nb_smp_build(struct nb_smp *smp, const struct nb_memblock *mb,
			 const struct nb_cpus *cpus, const struct nb_numa *numa,
			 const struct nb_boot_facts *facts, const struct nb_params *params,
			 const struct nb_env *env)
{
	struct bringup b = {
		.smp = smp,
		.cpus = cpus,
		.numa = numa,
		.facts = facts,
		.env = env,
		.cpu_width = digits(cpus->possible) + 1,
		.node_width = digits(nb_nodes_count(&numa->possible)) + 1,
		.line_nid = NB_NO_NODE,
		.smt_off = params->smt_off && env->rules->smp_nosmt && cpus->threads_per_core > 1,
	};
	enum nb_why why;
	uint32_t nodes;

	if (cpus->possible > smp->words * 64 || numa->nr_node_ids > smp->nodes)
		return NB_ERR_FULL;
	memset(smp->online, 0, smp->words * sizeof(*smp->online));
	memset(smp->node_cpus, 0, (size_t)smp->nodes * smp->words * sizeof(*smp->node_cpus));
	smp->online_count = 0;
	smp->possible = cpus->boot_cpu_only ? 1 : cpus->possible;
	smp->has_cpu = (struct nb_nodes){ 0 };
	smp->online_nodes = cpus->online;

	why = why_it_dies(&b, mb, params);
	if (why) {
		nb_emit(env, .kind = NB_EV_DIES, .id = NB_SMP, .why = why);
		return NB_ERR_DIES;
	}
	if (cpus->boot_cpu_only)
		nb_emit(env, .kind = NB_EV_SMP_DISABLED);
	ask_who_answers(smp, cpus, facts);
	run_boot_cpu(&b);
	nb_emit(env, .kind = NB_EV_SMP_BEGIN);
	start_others(&b, params);
	if (numa->emulated)
		share_masks(&b);
	spill_has_memory(smp, mb, env);

	nodes = nb_nodes_count(&smp->online_nodes);
	nb_emit(env, .kind = NB_EV_SMP_DONE, .more = { nodes, smp->online_count },
		.flags = (uint32_t)(nodes != 1) | (uint32_t)(smp->online_count != 1) << 1);
	return NB_OK;
}
