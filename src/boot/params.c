/* SPDX-License-Identifier: MIT */
/*
 * params: the command line in words, and the words that this sequence obeys.
 *
 * Linux reads these early, one after the other, so a later one wins:
 * Linux 6.12 init/main.c parse_early_param(), do_early_param().
 */
#include "base/memory.h"
#include "boot/params_huge.h"

#include <numaboot/events.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>

/* What x86 keeps of a line, without its end: COMMAND_LINE_SIZE - 1. */
enum { CMDLINE_CHARS = 2047 };

/* What is reserved of low memory unless reservelow= says otherwise, and its bounds:
 * Linux 5.10 arch/x86/Kconfig X86_RESERVE_LOW, arch/x86/kernel/setup.c. */
enum { RESERVE_LOW = 0x10000, RESERVE_LOW_LEAST = 0x1000, RESERVE_LOW_MOST = 0xa0000 };

/* What vmalloc gets of 32 bits of address space: Linux 6.1
 * arch/x86/mm/pgtable_32.c, pgtable_32_areas.h VMALLOC_OFFSET. */
enum { VMALLOC_BYTES = 128 << 20, VMALLOC_GUARD = 8 << 20 };

/* Bounce buffers: Linux 6.12 include/linux/swiotlb.h IO_TLB_SHIFT, IO_TLB_SEGSIZE,
 * IO_TLB_DEFAULT_SIZE. */
enum { SLAB_BYTES = 2 << 10, SLABS_ALIGN = 128, BOUNCE_BYTES = 64 << 20 };

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The value of a hexadecimal digit; 16 for any other character. */
static unsigned digit_of(char c)
{
	c = lower(c);
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

static char text_at(struct nb_text text, size_t at)
{
	return at < text.len ? text.at[at] : '\0';
}

static void text_step(struct nb_text *text, size_t by)
{
	text->at += by;
	text->len -= by;
}

/* The character that comes next; none where the line ends or is cut off. */
static char line_at(const struct nb_cmdline *line)
{
	return line->taken < CMDLINE_CHARS ? *line->rest : '\0';
}

static void line_step(struct nb_cmdline *line)
{
	line->rest++;
	line->taken++;
}

/* Steps over a word, up to a blank outside of quotes; where its first '=' is (0: none). */
static struct nb_text take_word(struct nb_cmdline *line, bool quoted, size_t *equals)
{
	struct nb_text word = { .at = line->rest };
	char c;

	*equals = 0;
	for (; (c = line_at(line)) != '\0' && (quoted || !is_blank(c)); line_step(line)) {
		if (!*equals && c == '=')
			*equals = word.len;
		if (c == '"')
			quoted = !quoted;
		word.len++;
	}
	return word;
}

bool nb_cmdline_next(struct nb_cmdline *line, struct nb_param *param)
{
	bool quoted, ends_quoted;
	size_t equals;
	struct nb_text word;

	if (!line->rest || line->done)
		return false;
	while (is_blank(line_at(line)))
		line_step(line);
	if (line_at(line) == '\0')
		return false;

	quoted = line_at(line) == '"';
	if (quoted)
		line_step(line);
	word = take_word(line, quoted, &equals);
	ends_quoted = word.len && word.at[word.len - 1] == '"';

	*param = (struct nb_param){ .name = { word.at, equals ? equals : word.len } };
	if (equals) {
		param->value = (struct nb_text){ word.at + equals + 1, word.len - equals - 1 };
		if (text_at(param->value, 0) == '"') {
			text_step(&param->value, 1);
			if (ends_quoted && param->value.len)
				param->value.len--;
			ends_quoted = false;
		}
		if (quoted && ends_quoted)
			param->value.len--;
	} else if (quoted && ends_quoted) {
		param->name.len--;
	}
	line->done = !equals && param->name.len == 2 && memcmp(param->name.at, "--", 2) == 0;
	return !line->done;
}

bool nb_param_is(const struct nb_param *param, const char *name)
{
	for (size_t i = 0; i < param->name.len; i++) {
		char a = param->name.at[i] == '-' ? '_' : param->name.at[i];
		char b = name[i] == '-' ? '_' : name[i];

		if (a != b || !b)
			return false;
	}
	return name[param->name.len] == '\0';
}

bool nb_text_starts(struct nb_text text, const char *word)
{
	size_t at = 0;

	while (word[at] && text_at(text, at) == word[at])
		at++;
	return !word[at];
}

bool nb_text_has(struct nb_text text, char c)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == c)
			return true;
	return false;
}

static bool text_is(struct nb_text text, const char *word)
{
	size_t len = 0;

	while (word[len])
		len++;
	return text.len == len && nb_text_starts(text, word);
}

uint64_t nb_text_number(struct nb_text *text)
{
	unsigned base = 10;
	uint64_t value = 0;

	if (text_at(*text, 0) == '0') {
		base = 8;
		if (lower(text_at(*text, 1)) == 'x' && digit_of(text_at(*text, 2)) < 16) {
			base = 16;
			text_step(text, 2);
		}
	}
	while (text->len && digit_of(*text->at) < base) {
		value = value * base + digit_of(*text->at);
		text_step(text, 1);
	}
	return value;
}

uint64_t nb_text_size(struct nb_text *text)
{
	static const char suffixes[] = "kmgtpe";
	uint64_t value = nb_text_number(text);

	for (unsigned i = 0; suffixes[i]; i++) {
		if (text->len && lower(*text->at) == suffixes[i]) {
			text_step(text, 1);
			return value << (10 * (i + 1));
		}
	}
	return value;
}

int nb_text_option(struct nb_text *text, int32_t *value)
{
	bool negative = text_at(*text, 0) == '-';
	size_t before;
	uint64_t number;

	if (!text->len)
		return 0;
	if (negative)
		text_step(text, 1);
	before = text->len;
	number = nb_text_number(text);
	*value = (int32_t)(uint32_t)(negative ? 0 - number : number);
	if (text->len == before)
		return 0;
	if (text_at(*text, 0) == ',') {
		text_step(text, 1);
		return 2;
	}
	return text_at(*text, 0) == '-' ? 3 : 1;
}

/* A number of CPUs, as Linux's unsigned ints take a signed option. */
static void read_count(struct nb_text value, uint32_t *out)
{
	int32_t number;

	if (value.len) {
		number = (int32_t)*out;
		nb_text_option(&value, &number);
		*out = (uint32_t)number;
	}
}

/* What is neither yes nor no leaves *out as it was.
 * Linux 6.12 lib/kstrtox.c kstrtobool(). */
static void read_bool(struct nb_text value, bool *out)
{
	char a = lower(text_at(value, 0)), b = lower(text_at(value, 1));

	if (a == 'y' || a == 't' || a == '1' || (a == 'o' && b == 'n'))
		*out = true;
	else if (a == 'n' || a == 'f' || a == '0' || (a == 'o' && b == 'f'))
		*out = false;
}

/* kernelcore= and movablecore=. Linux 6.12 mm/mm_init.c cmdline_parse_core(). */
static bool read_core(struct nb_text value, struct nb_core *core, const struct nb_env *env)
{
	struct nb_text rest = value;
	uint64_t number;

	if (!value.at)
		return false;
	number = nb_text_number(&rest);
	if (text_at(rest, 0) == '%' && env->rules->movable_percent) {
		core->percent = number;
	} else {
		core->pages = nb_text_size(&value) >> NB_PAGE_SHIFT;
		core->percent = 0;
	}
	return true;
}

/* numa_zonelist_order=: the first letter counts. Linux 4.9 mm/page_alloc.c
 * __parse_numa_zonelist_order(). */
static bool read_zonelist_order(struct nb_text value, enum nb_zonelist_order *order,
				const struct nb_env *env)
{
	char letter = lower(text_at(value, 0));

	if (env->rules->zonelist_order == NB_ZONELIST_NODE || !value.at)
		return true;
	if (letter == 'd')
		*order = NB_ORDER_DEFAULT;
	else if (letter == 'n')
		*order = NB_ORDER_NODE;
	else if (letter == 'z')
		*order = NB_ORDER_ZONE;
	return letter == 'd' || letter == 'n' || letter == 'z';
}

/* percpu_alloc=: a word that is none is passed over. Linux 6.12 mm/percpu.c
 * percpu_alloc_setup(). */
static bool read_percpu_alloc(struct nb_text value, enum nb_percpu_alloc *alloc)
{
	if (text_is(value, "embed"))
		*alloc = NB_PERCPU_EMBED;
	else if (text_is(value, "page"))
		*alloc = NB_PERCPU_PAGE;
	return value.at;
}

/* One of a list of words between commas. Linux 6.12 lib/cmdline.c parse_option_str(). */
static bool list_has(struct nb_text list, const char *word)
{
	while (list.len) {
		size_t len = 0;

		while (len < list.len && list.at[len] != ',')
			len++;
		if (text_is((struct nb_text){ list.at, len }, word))
			return true;
		text_step(&list, nb_min(len + 1, list.len));
	}
	return false;
}

/* numa=. Linux 6.12 arch/x86/mm/numa.c numa_setup(). */
static bool read_numa(struct nb_params *p, struct nb_text value, const struct nb_env *env)
{
	if (!value.at)
		return false;
	if (nb_text_starts(value, "off"))
		p->numa_off = true;
	if (nb_text_starts(value, "fake=")) {
		text_step(&value, 5);
		if (env->config->numa_emulation)
			p->numa_fake = value;
		return env->config->numa_emulation;
	}
	if (nb_text_starts(value, "noacpi"))
		p->numa_noacpi = true;
	if (nb_text_starts(value, "nohmat"))
		p->numa_nohmat = true;
	return true;
}

/* What low memory is for. These are malformed only without a value, for kernels that
 * know them. Linux 5.10 arch/x86/kernel/setup.c parse_reservelow(), Linux 6.1
 * arch/x86/mm/init_32.c parse_highmem(), arch/x86/mm/pgtable_32.c parse_vmalloc(). */
static void read_low(struct nb_params *p, const struct nb_param *param)
{
	struct nb_text value = param->value;

	if (!value.at)
		return;
	if (nb_param_is(param, "reservelow"))
		p->reserve_low =
			nb_clamp(nb_text_size(&value), RESERVE_LOW_LEAST, RESERVE_LOW_MOST);
	else if (nb_param_is(param, "highmem"))
		p->highmem_pages = (uint32_t)(nb_text_size(&value) >> NB_PAGE_SHIFT);
	else if (nb_param_is(param, "vmalloc"))
		p->vmalloc_bytes = (uint32_t)(nb_text_size(&value) + VMALLOC_GUARD);
	else if (nb_param_is(param, "crashkernel"))
		p->crashkernel = true;
}

/* swiotlb=N,force: slabs, whose number is rounded up. Linux 6.12 kernel/dma/swiotlb.c
 * setup_io_tlb_npages(). */
static void read_swiotlb(struct nb_params *p, struct nb_text value)
{
	size_t before = value.len;
	uint64_t slabs = nb_text_number(&value);

	if (value.len < before)
		p->bounce_bytes = nb_align_up(slabs, SLABS_ALIGN) * SLAB_BYTES;
	if (text_at(value, 0) == ',')
		text_step(&value, 1);
	p->bounce_forced |= text_is(value, "force");
	p->bounce_off |= text_is(value, "noforce");
}

/* Bounce buffers. Linux 6.12 arch/x86/kernel/pci-dma.c iommu_setup(). */
static void read_bounce(struct nb_params *p, const struct nb_param *param)
{
	struct nb_text value = param->value;

	if (nb_param_is(param, "swiotlb"))
		read_swiotlb(p, value);
	if (!nb_param_is(param, "iommu"))
		return;
	while (value.len) {
		p->no_iommu |= nb_text_starts(value, "off");
		p->bounce_soft |= nb_text_starts(value, "soft");
		while (value.len && text_at(value, 0) != ',')
			text_step(&value, 1);
		if (value.len)
			text_step(&value, 1);
	}
}

/* Hash tables. Linux 6.12 mm/mm_init.c set_hashdist(), fs/dcache.c set_dhash_entries(). */
static void read_hashes(struct nb_params *p, const struct nb_param *param)
{
	static const char *const names[NB_HASHES] = {
		[NB_HASH_PID] = "",
		[NB_HASH_DENTRY] = "dhash_entries",
		[NB_HASH_INODE] = "ihash_entries",
		[NB_HASH_MOUNT] = "mhash_entries",
		[NB_HASH_MOUNTPOINT] = "mphash_entries",
	};
	struct nb_text value = param->value;
	bool spread = false;

	if (!value.at)
		return;
	if (nb_param_is(param, "hashdist")) {
		read_bool(value, &spread);
		spread = spread || nb_text_number(&value);
		p->hash_spread = spread ? NB_HASH_SPREAD : NB_HASH_NOT_SPREAD;
	}
	for (int hash = 0; hash < NB_HASHES; hash++)
		if (nb_param_is(param, names[hash]))
			p->hash_entries[hash] = nb_text_number(&value);
}

/* Whether a parameter is one of read_low() that this kernel knows, and which. */
static bool knows_low(const struct nb_param *param, const struct nb_env *env, enum nb_param_id *id)
{
	bool known = false;

	if (nb_param_is(param, "reservelow")) {
		known = !env->rules->low_reserved_whole;
		*id = known ? NB_PARAM_RESERVELOW : *id;
	} else if (nb_param_is(param, "highmem")) {
		known = env->config->low_and_vmalloc != 0;
		*id = known ? NB_PARAM_HIGHMEM : *id;
	} else if (nb_param_is(param, "vmalloc")) {
		known = env->config->low_and_vmalloc != 0;
		*id = known ? NB_PARAM_VMALLOC : *id;
	}
	return known;
}

/* log_buf_len=. Linux 6.12 kernel/printk/printk.c log_buf_len_update(). */
static nb_phys read_log_buf(struct nb_text value)
{
	uint64_t size = nb_min(nb_text_size(&value), 2 * NB_GIB);
	nb_phys rounded = 1;

	while (rounded < size)
		rounded <<= 1;
	return size ? rounded : 0;
}

/* transparent_hugepage=, which is not read with the early ones; an unknown word changes
 * nothing. Linux 6.12 mm/huge_memory.c setup_transparent_hugepage(). */
static void read_huge_pages(struct nb_params *p, struct nb_text value)
{
	if (text_is(value, "never"))
		p->no_huge_pages = true;
	else if (text_is(value, "always") || text_is(value, "madvise"))
		p->no_huge_pages = false;
}

/* What has to do with memory; false if the value is malformed. */
static bool read_memory(struct nb_params *p, const struct nb_param *param, const struct nb_env *env,
			enum nb_param_id *id)
{
	if (nb_param_is(param, "numa")) {
		*id = NB_PARAM_NUMA;
		return read_numa(p, param->value, env);
	}
	if (nb_param_is(param, "kernelcore")) {
		*id = NB_PARAM_KERNELCORE;
		if (env->rules->mirror == NB_MIRROR_UNKNOWN || !list_has(param->value, "mirror"))
			return read_core(param->value, &p->kernelcore, env);
		p->kernelcore_mirror = true;
	} else if (nb_param_is(param, "movablecore")) {
		*id = NB_PARAM_MOVABLECORE;
		return read_core(param->value, &p->movablecore, env);
	} else if (nb_param_is(param, "numa_zonelist_order")) {
		*id = NB_PARAM_ZONELIST_ORDER;
		return read_zonelist_order(param->value, &p->zonelist_order, env);
	} else if (nb_param_is(param, "percpu_alloc")) {
		*id = NB_PARAM_PERCPU_ALLOC;
		return read_percpu_alloc(param->value, &p->percpu_alloc);
	} else if (nb_param_is(param, "movable_node")) {
		p->movable_node = env->config->memory_hotplug;
	} else if (nb_param_is(param, "mminit_loglevel")) {
		nb_text_option(&(struct nb_text){ param->value.at, param->value.len },
			       &p->mminit_loglevel);
	} else if (nb_param_is(param, "log_buf_len")) {
		p->log_buf = read_log_buf(param->value);
	} else if (nb_param_is(param, "gbpages") || nb_param_is(param, "nogbpages")) {
		p->no_gb_pages = nb_param_is(param, "nogbpages");
	} else if (nb_param_is(param, "transparent_hugepage")) {
		read_huge_pages(p, param->value);
	} else if (nb_param_is(param, "memblock")) {
		for (size_t i = 0; i < param->value.len; i++)
			p->memblock_debug |= nb_text_starts(
				(struct nb_text){ param->value.at + i, param->value.len - i },
				"debug");
	}
	return true;
}

/* What has to do with CPUs. Linux 6.12 kernel/smp.c, arch/x86/kernel/cpu/topology.c. */
static void read_cpus(struct nb_params *p, const struct nb_param *param, const struct nb_env *env)
{
	uint32_t most = p->nr_cpus ? p->nr_cpus : env->config->max_cpus;
	bool parallel = !p->serial_bringup;

	if (nb_param_is(param, "nr_cpus")) {
		uint32_t count = 0;

		read_count(param->value, &count);
		if (count && count < most)
			p->nr_cpus = count;
	} else if (nb_param_is(param, "maxcpus")) {
		read_count(param->value, &p->max_cpus);
		p->no_smp |= p->max_cpus == 0;
	} else if (nb_param_is(param, "nosmp")) {
		p->max_cpus = 0;
		p->no_smp = true;
	} else if (nb_param_is(param, "possible_cpus")) {
		read_count(param->value, &p->possible_cpus);
	} else if (nb_param_is(param, "nolapic") ||
		   (nb_param_is(param, "disableapic") && env->rules->disableapic)) {
		p->no_apic = true;
	} else if (nb_param_is(param, "nox2apic")) {
		p->no_x2apic = true;
	} else if (nb_param_is(param, "nosmt")) {
		if (p->smt_off != 2)
			p->smt_off = text_is(param->value, "force") ? 2 : 1;
	} else if (nb_param_is(param, "cpuhp.parallel")) {
		read_bool(param->value, &parallel);
		p->serial_bringup = !parallel;
	} else if (nb_param_is(param, "acpi")) {
		if (text_is(param->value, "off"))
			p->acpi_off = true;
		else if (text_is(param->value, "force"))
			p->acpi_off = false;
	}
}

/* Characters behind the part of a line that is kept are lost without a word, in all
 * lines. Blanks at the end are none. Linux 6.12 arch/x86/kernel/head64.c copy_bootdata(). */
static void tell_cut(const char *cmdline, const struct nb_env *env)
{
	uint64_t chars = 0;

	for (uint64_t i = 0; cmdline && cmdline[i]; i++)
		if (!is_blank(cmdline[i]))
			chars = i + 1;
	if (chars > CMDLINE_CHARS)
		nb_emit(env, .kind = NB_EV_CMDLINE_CUT, .got = chars, .limit = CMDLINE_CHARS);
}

/* What takes memory that nothing here counts is not passed over without a word. Linux
 * 6.12 kernel/dma/contiguous.c, mm/hugetlb.c hugetlb_cma_reserve(), mm/memblock.c
 * reserve_mem(). */
static void tell_unmodelled(const struct nb_param *param, uint64_t word, const struct nb_env *env)
{
	static const struct {
		const char *name;
		enum nb_param_id id;
	} rows[] = {
		{ "cma", NB_PARAM_CMA },
		{ "cma_pernuma", NB_PARAM_CMA_PERNUMA },
		{ "numa_cma", NB_PARAM_NUMA_CMA },
		{ "hugetlb_cma", NB_PARAM_HUGETLB_CMA },
		{ "reserve_mem", NB_PARAM_RESERVE_MEM },
		{ "mem_encrypt", NB_PARAM_MEM_ENCRYPT },
	};

	for (size_t i = 0; i < NB_COUNT(rows); i++)
		if (nb_param_is(param, rows[i].name))
			nb_emit(env, .kind = NB_EV_PARAM_UNMODELLED, .id = rows[i].id,
				.more = { word });
}

enum nb_err nb_params_read(struct nb_params *params, const char *cmdline, const struct nb_env *env)
{
	struct nb_cmdline line = { .rest = cmdline };
	struct nb_huge_words huge = { .now = NB_HUGE_UNNAMED };
	struct nb_param param;
	uint64_t word = 0;

	*params = (struct nb_params){
		.max_cpus = UINT32_MAX,
		.possible_cpus = UINT32_MAX,
		.reserve_low = RESERVE_LOW,
		.highmem_pages = NB_NO_HIGHMEM,
		.vmalloc_bytes = VMALLOC_BYTES,
		.bounce_bytes = BOUNCE_BYTES,
	};
	tell_cut(cmdline, env);
	while (nb_cmdline_next(&line, &param)) {
		enum nb_param_id id = NB_PARAM_COUNT;

		tell_unmodelled(&param, ++word, env);
		read_memory(params, &param, env, &id);
		read_low(params, &param);
		read_bounce(params, &param);
		read_hashes(params, &param);
		nb_huge_words_read(&huge, &param, env);
		read_cpus(params, &param, env);
	}
	params->huge_pages = huge.pages[NB_HUGE_1G];
	return NB_OK;
}

enum nb_param_fate nb_param_judge(const struct nb_param *param, const struct nb_env *env,
				  enum nb_param_id *id)
{
	struct nb_params unused = { 0 };

	/* Where "mirror" is known, it is looked for before anything asks if there is a
	 * value: Linux 6.12 mm/mm_init.c cmdline_parse_kernelcore(). */
	if (nb_param_is(param, "kernelcore") && !param->value.at &&
	    env->rules->mirror != NB_MIRROR_UNKNOWN) {
		*id = NB_PARAM_KERNELCORE;
		return NB_FATE_DIES;
	}
	if (!param->value.at && knows_low(param, env, id))
		return NB_FATE_MALFORMED;
	return read_memory(&unused, param, env, id) ? NB_FATE_FINE : NB_FATE_MALFORMED;
}
