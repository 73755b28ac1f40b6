/* SPDX-License-Identifier: MIT */
/*
 * libvirt: elements of a domain as they come; expat reads the XML.
 *
 *	domain/memory, maxMemory, vcpu		sizes, CPUs
 *	domain/os/type, loader, cmdline		the board, EFI, the command line
 *	domain/cpu/topology			sockets, dies, cores, threads
 *	domain/cpu/numa/cell ...		nodes, distances, latencies, bandwidths
 *
 * Source: libvirt's formatdomain documentation.
 */
#include "libvirt.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

enum { PATH_MOST = 160, WORDS_MOST = 64 << 10 };

struct reader {
	struct guest *guest;
	struct pool *pool;
	struct complaint *complaint;
	XML_Parser parser;
	char path[PATH_MOST];   /* of the element, without domains around it */
	unsigned depth, beyond; /* elements whose names do not fit the path */
	char words[WORDS_MOST];
	size_t words_len;
	uint64_t unit; /* of the element's words */
	uint32_t cell, cells;
	bool efi, failed, has_type;
};

static void fail(struct reader *r, const char *what, const char *value)
{
	if (!r->failed)
		complain(r->complaint, "line %lu of the domain: %s %.80s",
			 (unsigned long)XML_GetCurrentLineNumber(r->parser), what, value);
	r->failed = true;
	XML_StopParser(r->parser, XML_FALSE);
}

static const char *attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (!strcmp(attributes[0], name))
			return attributes[1];
	return NULL;
}

/* libvirt's units of sizes; without one it is KiB. */
static uint64_t unit_of(const char *name)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} units[] = {
		{ "b", 1 },
		{ "bytes", 1 },
		{ "KB", 1000 },
		{ "k", 1 << 10 },
		{ "KiB", 1 << 10 },
		{ "MB", 1000000 },
		{ "M", 1 << 20 },
		{ "MiB", 1 << 20 },
		{ "GB", 1000000000 },
		{ "G", 1 << 30 },
		{ "GiB", 1 << 30 },
		{ "T", (uint64_t)1 << 40 },
		{ "TiB", (uint64_t)1 << 40 },
	};

	for (size_t i = 0; name && i < NB_COUNT(units); i++)
		if (!strcmp(name, units[i].name))
			return units[i].bytes;
	return 1 << 10;
}

/* A number below 2^40; false after a complaint. */
static bool number(struct reader *r, const char *what, struct nb_text text, uint64_t *value)
{
	if (text_u64(text_trim(text), value) && !(*value >> 40))
		return true;
	fail(r, "expected a number for", what);
	return false;
}

static bool count(struct reader *r, const char **attributes, const char *name, uint32_t most,
		  uint32_t *value)
{
	const char *text = attribute(attributes, name);
	uint64_t got;

	if (!text)
		return false;
	if (!number(r, name, text_of(text), &got))
		return false;
	if (got > most) {
		fail(r, "too large a number for", name);
		return false;
	}
	*value = (uint32_t)got;
	return true;
}

static void begin_cell(struct reader *r, const char **attributes)
{
	struct guest *g = r->guest;
	const char *cpus = attribute(attributes, "cpus"), *memory = attribute(attributes, "memory");
	uint64_t set[GUEST_CPUS / 64] = { 0 }, kib;

	r->cell = r->cells;
	count(r, attributes, "id", GUEST_NODES - 1, &r->cell);
	if (r->cell >= GUEST_NODES) {
		fail(r, "expected at most 128 of", "cell");
		return;
	}
	r->cells = r->cell >= r->cells ? r->cell + 1 : r->cells;
	g->nodes = r->cells;
	if (memory && number(r, "memory", text_of(memory), &kib))
		g->node[r->cell].bytes = kib * unit_of(attribute(attributes, "unit"));
	if (cpus && !text_list(text_of(cpus), set, GUEST_CPUS))
		fail(r, "expected CPUs such as 0-3, not", cpus);
	for (uint32_t cpu = 0; cpu < GUEST_CPUS; cpu++)
		if (set[cpu / 64] >> cpu % 64 & 1)
			g->cpu_node[cpu] = (uint8_t)r->cell;
}

static void begin_sibling(struct reader *r, const char **attributes)
{
	uint32_t to, value;

	if (!count(r, attributes, "id", GUEST_NODES - 1, &to) ||
	    !count(r, attributes, "value", 255, &value))
		return;
	r->guest->distance[r->cell][to] = (uint8_t)value;
	r->guest->has_distance = true;
}

static void begin_speed(struct reader *r, const char **attributes, bool latency)
{
	static const char *const types[] = { "access", "read", "write" };
	const char *name = attribute(attributes, "type"), *value = attribute(attributes, "value");
	uint32_t initiator, target, level = 0, type = 0;
	uint64_t got, **at;

	while (type < NB_COUNT(types) && name && strcmp(name, types[type]) != 0)
		type++;
	if (!name || !value || type == NB_COUNT(types) ||
	    !count(r, attributes, "initiator", GUEST_NODES - 1, &initiator) ||
	    !count(r, attributes, "target", GUEST_NODES - 1, &target) ||
	    !number(r, "value", text_of(value), &got)) {
		fail(r, "expected initiator, target, type and value of",
		     latency ? "latency" : "bandwidth");
		return;
	}
	count(r, attributes, "cache", GUEST_LEVELS - 1, &level);
	at = &r->guest->speed[level][type + (latency ? 0 : NB_COUNT(types))].at;
	if (!*at)
		*at = (uint64_t *)pool_take(r->pool, GUEST_NODES * GUEST_NODES * sizeof(**at));
	(*at)[initiator * GUEST_NODES + target] =
		latency ? got : got * unit_of(attribute(attributes, "unit"));
	r->guest->hmat = true;
}

static void begin_topology(struct reader *r, const char **attributes)
{
	struct guest_smp *smp = &r->guest->smp;

	count(r, attributes, "sockets", GUEST_CPUS, &smp->sockets);
	count(r, attributes, "dies", GUEST_CPUS, &smp->dies);
	count(r, attributes, "cores", GUEST_CPUS, &smp->cores);
	count(r, attributes, "threads", GUEST_CPUS, &smp->threads);
}

static void begin_type(struct reader *r, const char **attributes)
{
	const char *machine = attribute(attributes, "machine"),
		   *arch = attribute(attributes, "arch");

	if (arch && strcmp(arch, "x86_64") != 0 && strcmp(arch, "i686") != 0)
		fail(r, "expected x86_64, not", arch);
	if (!machine)
		return;
	if (!strncmp(machine, "q35", 3) || !strncmp(machine, "pc-q35", 6))
		r->guest->q35 = true;
	else if (strcmp(machine, "pc") != 0 && strncmp(machine, "pc-i440fx", 9) != 0)
		fail(r, "expected a machine pc or q35, whose firmware is known here, not", machine);
}

static void begin_domain(struct reader *r, const char **attributes)
{
	const char *type = attribute(attributes, "type");

	r->has_type = type != NULL;
	r->guest->kvm = type && !strcmp(type, "kvm");
	if (type && strcmp(type, "kvm") != 0 && strcmp(type, "qemu") != 0)
		fail(r, "expected a domain of type kvm or qemu, not", type);
}

static void begin_known(struct reader *r, const char **attributes)
{
	const char *path = r->path, *value;

	if (!strcmp(path, "domain"))
		begin_domain(r, attributes);
	else if (!strcmp(path, "domain/os/type"))
		begin_type(r, attributes);
	else if (!strcmp(path, "domain/os"))
		r->efi |= (value = attribute(attributes, "firmware")) && !strcmp(value, "efi");
	else if (!strcmp(path, "domain/os/loader"))
		r->efi |= (value = attribute(attributes, "type")) && !strcmp(value, "pflash");
	else if (!strcmp(path, "domain/vcpu"))
		count(r, attributes, "current", GUEST_CPUS, &r->guest->smp.cpus);
	else if (!strcmp(path, "domain/maxMemory"))
		count(r, attributes, "slots", 256, &r->guest->slots);
	else if (!strcmp(path, "domain/cpu/topology"))
		begin_topology(r, attributes);
	else if (!strcmp(path, "domain/cpu/numa/cell"))
		begin_cell(r, attributes);
	else if (!strcmp(path, "domain/cpu/numa/cell/distances/sibling"))
		begin_sibling(r, attributes);
	else if (!strcmp(path, "domain/cpu/numa/interconnects/latency"))
		begin_speed(r, attributes, true);
	else if (!strcmp(path, "domain/cpu/numa/interconnects/bandwidth"))
		begin_speed(r, attributes, false);
}

static void XMLCALL begin(void *user, const char *name, const char **attributes)
{
	struct reader *r = (struct reader *)user;
	size_t len = strlen(r->path);

	if (r->beyond || len + strlen(name) + 2 > sizeof(r->path)) {
		r->beyond++;
		return;
	}
	snprintf(r->path + len, sizeof(r->path) - len, "%s%s", len ? "/" : "", name);
	r->words_len = 0;
	r->unit = unit_of(attribute(attributes, "unit"));
	begin_known(r, attributes);
}

static void XMLCALL words(void *user, const char *text, int len)
{
	struct reader *r = (struct reader *)user;

	if ((size_t)len > sizeof(r->words) - r->words_len)
		len = (int)(sizeof(r->words) - r->words_len);
	memcpy(r->words + r->words_len, text, (size_t)len);
	r->words_len += (size_t)len;
}

/* The words of an element, which count where it ends. */
static void end_known(struct reader *r)
{
	const struct nb_text text = text_trim((struct nb_text){ r->words, r->words_len });
	struct guest *g = r->guest;
	uint64_t value;
	char *copy;

	if (!strcmp(r->path, "domain/memory") && number(r, "memory", text, &value))
		g->bytes = value * r->unit;
	else if (!strcmp(r->path, "domain/maxMemory") && number(r, "maxMemory", text, &value))
		g->bytes_most = value * r->unit;
	else if (!strcmp(r->path, "domain/vcpu") && number(r, "vcpu", text, &value))
		g->smp.most = value > GUEST_CPUS ? GUEST_CPUS + 1 : (uint32_t)value;
	else if (!strcmp(r->path, "domain/cpu/model"))
		g->intel = !nb_text_starts(text, "EPYC") && !nb_text_starts(text, "Opteron") &&
			   !nb_text_starts(text, "qemu");
	else if (!strcmp(r->path, "domain/os/cmdline")) {
		copy = (char *)pool_take(r->pool, text.len + 1);
		memcpy(copy, text.at, text.len);
		g->cmdline = (struct nb_text){ copy, text.len };
	}
}

static void XMLCALL end(void *user, const char *name)
{
	struct reader *r = (struct reader *)user;
	char *slash;

	(void)name;
	if (r->beyond) {
		r->beyond--;
		return;
	}
	end_known(r);
	slash = strrchr(r->path, '/');
	*(slash ? slash : r->path) = '\0';
	r->words_len = 0;
}

/* The initiator that libvirt names for a node without CPUs: the one that is fastest. */
static uint32_t nearest(const struct guest *g, uint32_t target)
{
	const uint64_t *latency = g->speed[0][0].at, *bandwidth = g->speed[0][GUEST_SPEEDS / 2].at;
	uint32_t best = GUEST_NO_NODE;
	uint64_t best_score = 0;

	for (uint32_t i = 0; i < g->nodes; i++) {
		uint64_t ns = latency ? latency[i * GUEST_NODES + target] : 0;
		uint64_t score = ns          ? UINT64_MAX - ns
				 : bandwidth ? bandwidth[i * GUEST_NODES + target]
					     : 0;

		if (score > best_score) {
			best_score = score;
			best = i;
		}
	}
	return best;
}

/* What libvirt fills in: RAM is that of the cells, each CPU is a socket. */
static bool settle(struct reader *r)
{
	struct guest *g = r->guest;
	struct guest_smp *smp = &g->smp;
	bool has_cpu[GUEST_NODES] = { false };
	uint64_t sum = 0;

	for (uint32_t i = 0; i < g->nodes; i++)
		sum += g->node[i].bytes;
	if (g->nodes)
		g->bytes = sum;
	g->bytes = nb_align_up(g->bytes, NB_MIB);
	if (!smp->most)
		smp->most = 1;
	if (!smp->sockets && !smp->cores && !smp->threads) {
		smp->sockets = smp->most;
		smp->cores = smp->threads = 1;
	}
	for (uint32_t cpu = 0; cpu < GUEST_CPUS; cpu++)
		if (g->cpu_node[cpu] < GUEST_NO_NODE)
			has_cpu[g->cpu_node[cpu]] = true;
	for (uint32_t i = 0; g->hmat && i < g->nodes; i++)
		g->node[i].initiator = has_cpu[i] ? i : nearest(g, i);
	if (r->efi) {
		complain(r->complaint, "a machine with EFI: its memory map is not known here, "
				       "only that of SeaBIOS");
		return false;
	}
	return guest_settle_smp(g, r->complaint);
}

bool libvirt_read(struct guest *guest, struct nb_text text, struct pool *pool,
		  struct complaint *complaint)
{
	struct reader *r = (struct reader *)pool_take(pool, sizeof(*r));
	bool parsed;

	*r = (struct reader){ .guest = guest, .pool = pool, .complaint = complaint };
	guest_init(guest);
	r->parser = XML_ParserCreate(NULL);
	if (!r->parser)
		pool_exhausted();
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, begin, end);
	XML_SetCharacterDataHandler(r->parser, words);
	parsed = XML_Parse(r->parser, text.at, (int)text.len, 1) == XML_STATUS_OK;
	if (!parsed && !r->failed)
		fail(r, "no XML:", XML_ErrorString(XML_GetErrorCode(r->parser)));
	XML_ParserFree(r->parser);
	if (parsed && !r->has_type) {
		complain(complaint, "XML of something else: expected a libvirt domain");
		return false;
	}
	return parsed && !r->failed && settle(r);
}
