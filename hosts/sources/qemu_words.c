/* SPDX-License-Identifier: MIT */
/*
 * qemu_words: words as a shell cuts them, then options. Those that change neither memory
 * nor CPUs are stepped over.
 */
#include "qemu_words.h"

#include <string.h>

enum { WORDS_MOST = 8192, BACKENDS_MOST = GUEST_NODES };

/* -object memory-backend-...: its size, until a node names it. */
struct backend {
	struct nb_text id;
	uint64_t bytes;
};

struct reader {
	struct guest *guest;
	struct nb_text *words;
	uint32_t count;
	struct backend backends[BACKENDS_MOST];
	uint32_t backend_count;
	struct pool *pool;
	struct complaint *complaint;
	bool has_pflash;
};

static struct nb_text from(struct nb_text text, size_t skipped)
{
	return (struct nb_text){ text.at + skipped, text.len - skipped };
}

static bool is_qemu(struct nb_text word)
{
	static const char *const names[] = { "qemu-system-x86_64", "qemu-system-i386", "qemu-kvm" };

	for (size_t i = 0; i < NB_COUNT(names); i++) {
		size_t len = strlen(names[i]);

		if (word.len >= len && !memcmp(word.at + word.len - len, names[i], len) &&
		    (word.len == len || word.at[word.len - len - 1] == '/'))
			return true;
	}
	return false;
}

bool qemu_words_begin(struct nb_text line)
{
	struct nb_text word;

	while (text_word(&line, &word))
		if (is_qemu(word))
			return text_word(&line, &word) &&
			       (word.at[0] == '-' || text_is(word, "\\"));
	return false;
}

/* One word as a shell cuts it: quotes and backslashes go; a backslash before the end of a
 * line joins it with the next. False at the end of the command. */
static bool next_word(struct nb_text *rest, char *room, size_t *used, struct nb_text *word)
{
	size_t start = *used;
	char quote = '\0';
	bool any = false;

	for (; rest->len; *rest = from(*rest, 1)) {
		char c = rest->at[0];

		if (c == '\\' && quote != '\'' && rest->len > 1) {
			*rest = from(*rest, 1);
			if (rest->at[0] == '\r' && rest->len > 1)
				*rest = from(*rest, 1);
			if (rest->at[0] == '\n')
				continue;
			room[(*used)++] = rest->at[0];
			any = true;
		} else if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? '\0' : c;
			any = true;
		} else if (!quote && (c == ' ' || c == '\t' || c == '\r')) {
			if (any)
				break;
		} else if (!quote && c == '\n') {
			break;
		} else {
			room[(*used)++] = c;
			any = true;
		}
	}
	*word = (struct nb_text){ room + start, *used - start };
	room[(*used)++] = '\0';
	return any;
}

static bool refuse(struct reader *r, const char *option, struct nb_text value, const char *expected)
{
	complain(r->complaint, "%s %.*s: expected %s", option, value.len < 80 ? (int)value.len : 80,
		 value.at, expected);
	return false;
}

/* "key=value" of a list that commas part, or the value of a key of a JSON object; false if
 * it is not there. */
static bool value_of(struct nb_text list, const char *key, struct nb_text *value)
{
	size_t len = strlen(key);

	if (list.len && list.at[0] == '{') {
		for (size_t i = 0; i + len + 2 < list.len; i++) {
			if (list.at[i] != '"' || memcmp(list.at + i + 1, key, len) != 0 ||
			    list.at[i + len + 1] != '"')
				continue;
			*value = from(list, i + len + 2);
			while (value->len && strchr(": \"", value->at[0]))
				*value = from(*value, 1);
			for (size_t end = 0; end <= value->len; end++)
				if (end == value->len || strchr(",\"}", value->at[end])) {
					value->len = end;
					return true;
				}
		}
		return false;
	}
	while (list.len) {
		size_t comma = text_find(list, ",");

		if (comma > len && !memcmp(list.at, key, len) && list.at[len] == '=') {
			*value = (struct nb_text){ list.at + len + 1, comma - len - 1 };
			return true;
		}
		list = from(list, comma < list.len ? comma + 1 : comma);
	}
	return false;
}

/* The first of a list that has no key, or that of a key. */
static struct nb_text head_of(struct nb_text list)
{
	return (struct nb_text){ list.at, text_find(list, ",") };
}

static bool size_of(struct nb_text text, uint64_t unit, uint64_t *bytes)
{
	struct nb_text rest = text;
	uint64_t number = nb_text_size(&rest);

	if (!text.len || rest.at == text.at || rest.len > 1 || number >> 50 ||
	    (rest.len && (rest.at[0] | 0x20) != 'b'))
		return false;
	*bytes = text.at[text.len - 1] >= '0' && text.at[text.len - 1] <= '9' ? number * unit
									      : number;
	return true;
}

static bool count_of(struct nb_text text, uint32_t most, uint32_t *count)
{
	uint64_t number;

	if (!text_u64(text, &number) || number > most)
		return false;
	*count = (uint32_t)number;
	return true;
}

static bool read_memory(struct reader *r, struct nb_text list)
{
	struct guest *g = r->guest;
	struct nb_text value = head_of(list);

	if (text_find(value, "=") < value.len && !value_of(list, "size", &value))
		value = (struct nb_text){ "128M", 4 };
	if (!size_of(value, NB_MIB, &g->bytes) ||
	    (value_of(list, "maxmem", &value) && !size_of(value, NB_MIB, &g->bytes_most)) ||
	    (value_of(list, "slots", &value) && !count_of(value, 256, &g->slots)))
		return refuse(r, "-m", list, "sizes such as 4G");
	return true;
}

static bool read_smp(struct reader *r, struct nb_text list)
{
	struct guest_smp *smp = &r->guest->smp;
	const struct {
		const char *key;
		uint32_t *count;
	} keys[] = {
		{ "cpus", &smp->cpus }, { "maxcpus", &smp->most }, { "sockets", &smp->sockets },
		{ "dies", &smp->dies }, { "cores", &smp->cores },  { "threads", &smp->threads },
	};
	struct nb_text value = head_of(list);

	*smp = (struct guest_smp){ .cpus = 0 };
	if (text_find(value, "=") == value.len && !count_of(value, GUEST_CPUS, &smp->cpus))
		return refuse(r, "-smp", list, "numbers");
	for (size_t i = 0; i < NB_COUNT(keys); i++)
		if (value_of(list, keys[i].key, &value) &&
		    !count_of(value, GUEST_CPUS, keys[i].count))
			return refuse(r, "-smp", list, "numbers");
	return true;
}

static bool read_machine(struct reader *r, struct nb_text list)
{
	struct guest *g = r->guest;
	struct nb_text type = head_of(list), value;

	if (text_find(type, "=") < type.len && !value_of(list, "type", &type))
		type = (struct nb_text){ NULL, 0 };
	if (nb_text_starts(type, "q35") || nb_text_starts(type, "pc-q35"))
		g->q35 = true;
	else if (text_is(type, "pc") || nb_text_starts(type, "pc-i440fx"))
		g->q35 = false;
	else if (type.len)
		return refuse(r, "-machine", type, "pc or q35, whose firmware is known here");
	if (value_of(list, "accel", &value))
		g->kvm = nb_text_starts(value, "kvm");
	if (value_of(list, "hmat", &value))
		g->hmat = text_is(value, "on");
	if (value_of(list, "max-ram-below-4g", &value) && !size_of(value, 1, &g->low_most))
		return refuse(r, "-machine", list, "a size");
	if (value_of(list, "pflash0", &value))
		r->has_pflash = true;
	return true;
}

static bool read_cpu(struct reader *r, struct nb_text list)
{
	struct nb_text model = head_of(list), value;

	r->guest->one_cpu_model = text_is(model, "max");
	r->guest->intel = value_of(list, "vendor", &value) && text_is(value, "GenuineIntel");
	if (!text_is(model, "max") && !nb_text_starts(model, "qemu") &&
	    !nb_text_starts(model, "EPYC") && !nb_text_starts(model, "Opteron") &&
	    !text_is(model, "host"))
		r->guest->intel = true; /* all other models are Intel's */
	return true;
}

static bool read_object(struct reader *r, struct nb_text list)
{
	struct nb_text type = head_of(list), id, size;
	struct backend *backend = &r->backends[r->backend_count];

	if (list.len && list.at[0] == '{' && !value_of(list, "qom-type", &type))
		return true;
	if (!nb_text_starts(type, "memory-backend-"))
		return true;
	if (r->backend_count == BACKENDS_MOST || !value_of(list, "id", &id) ||
	    !value_of(list, "size", &size) || !size_of(size, 1, &backend->bytes))
		return refuse(r, "-object", list, "an id and a size");
	backend->id = id;
	r->backend_count++;
	return true;
}

/* The -object may come before the node or after it, as libvirt has it before. */
static bool backend_bytes(const struct reader *r, struct nb_text id, uint64_t *bytes)
{
	for (uint32_t i = 0; i < r->backend_count; i++)
		if (text_same(r->backends[i].id, id)) {
			*bytes = r->backends[i].bytes;
			return true;
		}
	return false;
}

static bool node_number(struct nb_text list, const char *key, uint32_t *node)
{
	struct nb_text value;

	return value_of(list, key, &value) && count_of(value, GUEST_NODES - 1, node);
}

/* Every "cpus=0-3" of a node: the key may be there several times. */
static bool read_node_cpus(struct reader *r, struct nb_text list, uint32_t node)
{
	while (list.len) {
		size_t comma = text_find(list, ",");
		struct nb_text value;
		uint32_t first, last;

		if (value_of((struct nb_text){ list.at, comma }, "cpus", &value)) {
			size_t dash = text_find(value, "-");

			if (!count_of((struct nb_text){ value.at, dash }, GUEST_CPUS - 1, &first))
				return false;
			last = first;
			if (dash < value.len &&
			    !count_of(from(value, dash + 1), GUEST_CPUS - 1, &last))
				return false;
			for (uint32_t cpu = first; cpu <= last; cpu++)
				r->guest->cpu_node[cpu] = (uint8_t)node;
		}
		list = from(list, comma < list.len ? comma + 1 : comma);
	}
	return true;
}

static bool read_node(struct reader *r, struct nb_text list)
{
	struct guest *g = r->guest;
	struct nb_text value;
	uint32_t nid = g->nodes;
	struct guest_node *node;

	if (value_of(list, "nodeid", &value) && !node_number(list, "nodeid", &nid))
		return refuse(r, "-numa", list, "a nodeid below 128");
	if (nid >= GUEST_NODES)
		return refuse(r, "-numa", list, "at most 128 nodes");
	node = &g->node[nid];
	if (nid >= g->nodes)
		g->nodes = nid + 1;
	if (value_of(list, "mem", &value) && !size_of(value, NB_MIB, &node->bytes))
		return refuse(r, "-numa", list, "a size");
	if (value_of(list, "memdev", &value) && !backend_bytes(r, value, &node->bytes))
		return refuse(r, "-numa", list, "a memdev that an -object before it names");
	if (value_of(list, "initiator", &value) &&
	    !node_number(list, "initiator", &node->initiator))
		return refuse(r, "-numa", list, "an initiator below 128");
	if (!read_node_cpus(r, list, nid))
		return refuse(r, "-numa", list, "CPUs such as 0-3");
	return true;
}

static bool read_distance(struct reader *r, struct nb_text list)
{
	uint32_t from_node, to, distance;
	struct nb_text value;

	if (!node_number(list, "src", &from_node) || !node_number(list, "dst", &to) ||
	    !value_of(list, "val", &value) || !count_of(value, 255, &distance))
		return refuse(r, "-numa", list, "src, dst and val");
	r->guest->distance[from_node][to] = (uint8_t)distance;
	r->guest->has_distance = true;
	return true;
}

static bool read_numa_cpu(struct reader *r, struct nb_text list)
{
	static const char *const keys[] = { "socket-id", "die-id", "core-id", "thread-id" };
	int64_t ids[NB_COUNT(keys)];
	struct nb_text value;
	uint32_t node, id;

	if (!node_number(list, "node-id", &node))
		return refuse(r, "-numa", list, "a node-id");
	for (size_t i = 0; i < NB_COUNT(keys); i++) {
		ids[i] = -1;
		if (!value_of(list, keys[i], &value))
			continue;
		if (!count_of(value, GUEST_CPUS, &id))
			return refuse(r, "-numa", list, "ids of sockets, dies, cores, threads");
		ids[i] = id;
	}
	for (uint32_t cpu = 0; cpu < r->guest->smp.most; cpu++)
		if (guest_cpu_is(r->guest, cpu, ids))
			r->guest->cpu_node[cpu] = (uint8_t)node;
	return true;
}

static bool one_of(struct nb_text list, const char *key, const char *const *names, uint32_t count,
		   uint32_t *index)
{
	struct nb_text value;

	if (!value_of(list, key, &value))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (text_is(value, names[i])) {
			*index = i;
			return true;
		}
	return false;
}

static bool read_speed(struct reader *r, struct nb_text list)
{
	static const char *const levels[] = { "memory", "first-level", "second-level",
					      "third-level" };
	static const char *const types[] = {
		"access-latency",   "read-latency",   "write-latency",
		"access-bandwidth", "read-bandwidth", "write-bandwidth"
	};
	uint32_t level, type, initiator, target;
	struct nb_text value;
	uint64_t number, **at;

	if (!one_of(list, "hierarchy", levels, NB_COUNT(levels), &level) ||
	    !one_of(list, "data-type", types, NB_COUNT(types), &type) ||
	    !node_number(list, "initiator", &initiator) || !node_number(list, "target", &target) ||
	    !value_of(list, type < 3 ? "latency" : "bandwidth", &value) ||
	    !(type < 3 ? text_u64(value, &number) : size_of(value, 1, &number)))
		return refuse(r, "-numa", list, "initiator, target, hierarchy, data-type, value");
	at = &r->guest->speed[level][type].at;
	if (!*at)
		*at = (uint64_t *)pool_take(r->pool, GUEST_NODES * GUEST_NODES * sizeof(**at));
	(*at)[initiator * GUEST_NODES + target] = number;
	return true;
}

static bool read_numa(struct reader *r, struct nb_text list)
{
	struct nb_text type = head_of(list);

	if (text_is(type, "node"))
		return read_node(r, list);
	if (text_is(type, "dist"))
		return read_distance(r, list);
	if (text_is(type, "cpu"))
		return read_numa_cpu(r, list);
	return !text_is(type, "hmat-lb") || read_speed(r, list);
}

static bool read_accel(struct reader *r, struct nb_text list)
{
	r->guest->kvm = nb_text_starts(list, "kvm");
	return true;
}

static bool read_append(struct reader *r, struct nb_text line)
{
	r->guest->cmdline = line;
	return true;
}

static bool read_drive(struct reader *r, struct nb_text list)
{
	r->has_pflash |= text_find(list, "if=pflash") < list.len;
	return true;
}

static bool read_bios(struct reader *r, struct nb_text file)
{
	r->has_pflash |= text_find(file, "OVMF") < file.len || text_find(file, "edk2") < file.len;
	return true;
}

/* In the order in which they are read: a node may name what follows it. */
static const struct option_row {
	const char *name, *other;
	bool (*read)(struct reader *r, struct nb_text value);
} options[] = {
	{ "machine", "M", read_machine },    { "accel", "accel", read_accel },
	{ "cpu", "cpu", read_cpu },          { "m", "m", read_memory },
	{ "smp", "smp", read_smp },          { "object", "object", read_object },
	{ "append", "append", read_append }, { "drive", "drive", read_drive },
	{ "bios", "bios", read_bios },
};

/* "-smp" and "--smp" alike. */
static struct nb_text name_of(struct nb_text word)
{
	size_t dashes = 0;

	while (dashes < 2 && dashes < word.len && word.at[dashes] == '-')
		dashes++;
	return from(word, dashes);
}

static bool read_option(struct reader *r, const char *name, const char *other,
			bool (*read)(struct reader *r, struct nb_text value))
{
	for (uint32_t i = 0; i < r->count; i++) {
		struct nb_text word = r->words[i];

		if (!word.len || word.at[0] != '-' ||
		    (!text_is(name_of(word), name) && !text_is(name_of(word), other)))
			continue;
		if (i + 1 == r->count)
			return refuse(r, "option", word, "a value behind it");
		if (!read(r, r->words[++i]))
			return false;
	}
	return true;
}

static bool has_flag(const struct reader *r, const char *name)
{
	for (uint32_t i = 0; i < r->count; i++)
		if (r->words[i].len && r->words[i].at[0] == '-' &&
		    text_is(name_of(r->words[i]), name))
			return true;
	return false;
}

/* Cuts the command into words, from behind QEMU's name on. */
static bool cut(struct reader *r, struct nb_text text)
{
	char *room = (char *)pool_take(r->pool, 2 * text.len + 2);
	size_t used = 0;
	struct nb_text line, word;
	const char *end = text.at + text.len;
	bool found = false;

	while (!found && text_line(&text, &line))
		found = qemu_words_begin(line);
	if (!found) {
		complain(r->complaint, "no command that starts QEMU");
		return false;
	}
	text = (struct nb_text){ line.at, (size_t)(end - line.at) };
	r->words = (struct nb_text *)pool_take(r->pool, WORDS_MOST * sizeof(*r->words));
	while (next_word(&text, room, &used, &word))
		if (is_qemu(word))
			break;
	while (r->count < WORDS_MOST && next_word(&text, room, &used, &word))
		r->words[r->count++] = word;
	if (r->count == WORDS_MOST)
		complain(r->complaint, "a command of more than %u words", WORDS_MOST);
	return r->count < WORDS_MOST;
}

bool qemu_words_read(struct guest *guest, struct nb_text text, struct pool *pool,
		     struct complaint *complaint)
{
	struct reader r = { .guest = guest, .pool = pool, .complaint = complaint };

	guest_init(guest);
	if (!cut(&r, text))
		return false;
	for (size_t i = 0; i < NB_COUNT(options); i++)
		if (!read_option(&r, options[i].name, options[i].other, options[i].read))
			return false;
	guest->kvm |= has_flag(&r, "enable-kvm");
	if (r.has_pflash) {
		complain(complaint, "a machine with EFI: its memory map is not known here, only "
				    "that of SeaBIOS");
		return false;
	}
	return guest_settle_smp(guest, complaint) && read_option(&r, "numa", "numa", read_numa);
}
