/* SPDX-License-Identifier: MIT */
/* percpu_model: see percpu_model.h. */
#include "model/percpu_model.h"

enum { LOCAL = 10, REMOTE = 20 };

uint32_t percpu_model_by_node(const struct nb_cpus *cpus, uint32_t from, uint32_t to)
{
	return cpus->cpu[from].nid == cpus->cpu[to].nid ? LOCAL : REMOTE;
}

void percpu_model_groups(struct percpu_model *model, const struct nb_cpus *cpus,
			 percpu_model_distance *distance)
{
	model->groups = 0;
	for (uint32_t cpu = 0; cpu < cpus->possible; cpu++) {
		uint32_t group = model->groups, rank = 0;

		for (uint32_t other = 0; other < cpu; other++)
			if (distance(cpus, cpu, other) == LOCAL &&
			    distance(cpus, other, cpu) == LOCAL) {
				group = model->group_of[other];
				rank++;
			}
		if (group == model->groups)
			model->groups++;
		model->group_of[cpu] = group;
		model->rank[cpu] = rank;
		model->count[group] = rank + 1;
	}
}

/* Allocations of so many units that a group needs. */
static uint32_t allocs_for(uint32_t cpus, uint64_t units)
{
	uint32_t allocs = 0;
	uint64_t room = 0;

	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		if (!room) {
			allocs++;
			room = units;
		}
		room--;
	}
	return allocs;
}

static uint32_t allocs_of(const struct percpu_model *model, uint64_t units)
{
	uint32_t allocs = 0;

	for (uint32_t group = 0; group < model->groups; group++)
		allocs += allocs_for(model->count[group], units);
	return allocs;
}

/* Whether allocations may have so many units: they hold areas, are whole pages, and
 * at most a third as many as there are CPUs stay empty. */
static bool allowed(const struct percpu_model *model, uint64_t units, uint64_t least,
		    uint32_t possible)
{
	uint64_t unit = model->alloc / units;

	return unit * units == model->alloc && unit % NB_PAGE_SIZE == 0 && unit >= least &&
	       allocs_of(model, units) * units - possible <= possible / 3;
}

/* From the most units down, while the allocations do not get more. */
void percpu_model_units(struct percpu_model *model, uint64_t area, uint64_t atom, uint32_t possible)
{
	uint64_t least = area < PERCPU_MODEL_LEAST ? PERCPU_MODEL_LEAST : area, units = 1;

	model->alloc = 0;
	while (model->alloc < least)
		model->alloc += atom;
	while (units * least <= model->alloc)
		units++;
	while (!allowed(model, units, least, possible))
		units--;
	for (uint64_t fewer = units - 1; fewer > 0; fewer--) {
		if (!allowed(model, fewer, least, possible))
			continue;
		if (allocs_of(model, fewer) > allocs_of(model, units))
			break;
		units = fewer;
	}
	model->units_per_alloc = (uint32_t)units;
	model->unit = model->alloc / units;
}
