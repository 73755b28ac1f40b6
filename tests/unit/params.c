/* SPDX-License-Identifier: MIT */
/* params: how a command line falls into words, how numbers are read, what is obeyed. */
#include "check.h"
#include "events.h"

#include <numaboot/events.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>

#include <stdlib.h>
#include <string.h>

static struct nb_text text_of(const char *text)
{
	return (struct nb_text){ text, text ? strlen(text) : 0 };
}

static bool is(struct nb_text text, const char *want)
{
	if (!want)
		return !text.at;
	return text.at && text.len == strlen(want) && !memcmp(text.at, want, text.len);
}

static const struct words {
	const char *claim, *line;
	struct {
		const char *name, *value;
	} want[4];
} words[] = {
	{ "blanks of all kinds separate words",
	  " a\tb=1\n\v\f\rc ",
	  { { "a", NULL }, { "b", "1" }, { "c", NULL } } },
	{ "a no-break space is a blank, too",
	  "a\xa0"
	  "b",
	  { { "a", NULL }, { "b", NULL } } },
	{ "an empty line has no word", "", { { NULL, NULL } } },
	{ "blanks alone have none", " \t ", { { NULL, NULL } } },
	{ "an empty value is not no value", "a= b", { { "a", "" }, { "b", NULL } } },
	{ "the first = ends the name", "a=b=c", { { "a", "b=c" } } },
	{ "a = at the start is part of the name", "=a=b", { { "=a", "b" } } },
	{ "a lone = is a name", "=", { { "=", NULL } } },
	{ "quotes hold blanks together", "a=\"b c\" d", { { "a", "b c" }, { "d", NULL } } },
	{ "quotes around a whole word are dropped",
	  "\"a=b c\" d",
	  { { "a", "b c" }, { "d", NULL } } },
	{ "so are those around a word without a value",
	  "\"a b\" c",
	  { { "a b", NULL }, { "c", NULL } } },
	{ "quotes inside a value stay", "a=b\"c d\"e f", { { "a", "b\"c d\"e" }, { "f", NULL } } },
	{ "a closing quote alone stays", "a=b\" c", { { "a", "b\" c" } } },
	{ "only a value that begins with a quote loses the last",
	  "a=b\"c\"",
	  { { "a", "b\"c\"" } } },
	{ "a quote that is never closed holds all", "a=\"b c", { { "a", "b c" } } },
	{ "a value of one quote is empty", "a=\"", { { "a", "" } } },
	{ "a word of two quotes is empty", "\"\" b", { { "", NULL }, { "b", NULL } } },
	{ "a quote inside a quoted word opens it again",
	  "\"a=\"b c\" d",
	  { { "a", "b" }, { "c\" d", NULL } } },
	{ "the quote of a quoted empty value counts once", "\"a=\"", { { "a", "" } } },
	{ "two dashes end it", "a -- b", { { "a", NULL } } },
	{ "quoted ones do so too", "a \"--\" b", { { "a", NULL } } },
	{ "with a value they do not", "--=1 b", { { "--", "1" }, { "b", NULL } } },
	{ "three do not", "--- b", { { "---", NULL }, { "b", NULL } } },
};

static void test_words(void **state)
{
	(void)state;
	for (const struct words *row = words; row < words + NB_COUNT(words); row++) {
		struct nb_cmdline line = { .rest = row->line };
		struct nb_param param;

		for (size_t i = 0; i < NB_COUNT(row->want) && row->want[i].name; i++) {
			check(nb_cmdline_next(&line, &param), row->claim);
			check(is(param.name, row->want[i].name), row->claim);
			check(is(param.value, row->want[i].value), row->claim);
		}
		check(!nb_cmdline_next(&line, &param), row->claim);
		check(!nb_cmdline_next(&line, &param), "the end stays the end");
	}
}

static void test_cut_off(void **state)
{
	static char line[4096];
	struct nb_cmdline at = { .rest = line }, none = { 0 };
	struct nb_param param;

	(void)state;
	memset(line, 'a', sizeof(line) - 1);
	memcpy(line + 2040, " b=56789", 8);
	check(nb_cmdline_next(&at, &param) && param.name.len == 2040, "a long word is a word");
	check(nb_cmdline_next(&at, &param) && is(param.value, "5678"), "2047 characters count");
	check(!nb_cmdline_next(&at, &param), "and none behind them");

	memset(line, ' ', 2046);
	memcpy(line + 2046, "\"abc", 5);
	at = (struct nb_cmdline){ .rest = line };
	check(nb_cmdline_next(&at, &param) && param.name.len == 0, "a cut may follow a quote");
	check(!nb_cmdline_next(&none, &param), "no line is an empty one");
}

/* A line of so many letters, and blanks behind them. */
static void check_cut(size_t letters, size_t blanks, bool cut, const char *claim)
{
	static char line[4096];
	struct kept_events kept = { .sink.put = keep_event };
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12],
				    .config = &nb_configs[NB_LINE_6_12],
				    .sink = &kept.sink };
	const struct nb_event want = { .kind = NB_EV_CMDLINE_CUT, .got = letters, .limit = 2047 };
	struct nb_params params;

	memset(line, 'a', letters);
	memset(line + letters, ' ', blanks);
	line[letters + blanks] = '\0';
	check(nb_params_read(&params, line, &env) == NB_OK, claim);
	check_events(&kept, &want, cut, claim);
}

static void test_cut_is_told(void **state)
{
	(void)state;
	check_cut(2047, 0, false, "a line that fits is not cut");
	check_cut(2048, 0, true, "a character more is told");
	check_cut(4000, 95, true, "and how many there were");
	check_cut(2047, 100, false, "blanks are no loss");
}

static void test_unmodelled_is_told(void **state)
{
	static const struct nb_event want[] = {
		{ .kind = NB_EV_PARAM_UNMODELLED, .id = NB_PARAM_HUGETLB_CMA, .more = { 2 } },
		{ .kind = NB_EV_PARAM_UNMODELLED, .id = NB_PARAM_CMA, .more = { 4 } },
		{ .kind = NB_EV_PARAM_UNMODELLED, .id = NB_PARAM_RESERVE_MEM, .more = { 5 } },
	};
	struct kept_events kept = { .sink.put = keep_event };
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12],
				    .config = &nb_configs[NB_LINE_6_12],
				    .sink = &kept.sink };
	struct nb_params params;

	(void)state;
	check(nb_params_read(&params, "quiet hugetlb_cma=1G cmax=1 cma=64M reserve_mem=1M:4K:a",
			     &env) == NB_OK,
	      "words that are not followed do no harm");
	check_events(&kept, want, NB_COUNT(want), "each is told, and which word it is");
}

static void test_names(void **state)
{
	static const struct {
		const char *claim, *typed, *name;
		bool same;
	} names[] = {
		{ "a name is itself", "mem", "mem", true },
		{ "dash and underscore are one", "movable-node", "movable_node", true },
		{ "on either side", "a_b", "a-b", true },
		{ "a longer name is another", "memmap", "mem", false },
		{ "so is a shorter one", "mem", "memmap", false },
		{ "case counts", "MEM", "mem", false },
		{ "no name is none", "", "mem", false },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(names); i++) {
		struct nb_param param = { .name = text_of(names[i].typed) };

		check(nb_param_is(&param, names[i].name) == names[i].same, names[i].claim);
	}
}

static const struct number {
	const char *claim, *text, *rest;
	uint64_t value;
	bool size; /* with a suffix */
} numbers[] = {
	{ "decimal", "120x", "x", 120, false },
	{ "a leading 0 is octal", "0128", "8", 10, false },
	{ "0x is hexadecimal", "0xFfg", "g", 255, false },
	{ "0X too", "0X10", "", 16, false },
	{ "0x without a digit is a zero", "0xg", "xg", 0, false },
	{ "nothing to read is zero, and nothing is stepped over", "K", "K", 0, false },
	{ "a sign is none", "-1", "-1", 0, false },
	{ "the end ends it", "", "", 0, false },
	{ "the largest number", "18446744073709551615", "", UINT64_MAX, false },
	{ "too large wraps", "18446744073709551617", "", 1, false },
	{ "hexadecimal wraps too", "0x123456789abcdef01", "", 0x23456789abcdef01, false },
	{ "K", "4K@", "@", 4 << 10, true },
	{ "small letters do as well", "4k", "", 4 << 10, true },
	{ "M", "3M", "", 3 << 20, true },
	{ "G", "5G", "", 5ull << 30, true },
	{ "T", "6T", "", 6ull << 40, true },
	{ "P", "7P", "", 7ull << 50, true },
	{ "E", "1E", "", 1ull << 60, true },
	{ "E is a digit of hexadecimal", "0x1E", "", 0x1e, true },
	{ "only one suffix is read", "1KM", "M", 1024, true },
	{ "a suffix needs no digit", "M", "", 0, true },
	{ "a shift drops what is too high", "17E", "", 1ull << 60, true },
	{ "B is no suffix", "1B", "B", 1, true },
};

static void test_numbers(void **state)
{
	(void)state;
	for (const struct number *row = numbers; row < numbers + NB_COUNT(numbers); row++) {
		struct nb_text text = text_of(row->text);
		uint64_t value = row->size ? nb_text_size(&text) : nb_text_number(&text);

		check(value == row->value, row->claim);
		check(is(text, row->rest), row->claim);
	}
}

static void test_text_ends(void **state)
{
	struct nb_text cut = { "0x12", 1 }, cut_digits = { "1234", 2 }, cut_suffix = { "5K", 1 };

	(void)state;
	check(nb_text_number(&cut) == 0 && cut.len == 0, "a prefix beyond the end is none");
	check(nb_text_number(&cut_digits) == 12, "a digit beyond the end is none");
	check(nb_text_size(&cut_suffix) == 5, "a suffix beyond the end is none");
}

static void test_options(void **state)
{
	static const struct {
		const char *claim, *text, *rest;
		int found;
		int32_t value;
	} options[] = {
		{ "the last number", "12", "", 1, 12 },
		{ "a comma is stepped over", "12,3", "3", 2, 12 },
		{ "a range is seen and left", "12-15", "-15", 3, 12 },
		{ "negative", "-12,", "", 2, -12 },
		{ "nothing leaves the value alone", "", "", 0, 77 },
		{ "a word is no number, and sets it to zero", "abc", "abc", 0, 0 },
		{ "a dash alone is stepped over", "-abc", "abc", 0, 0 },
		{ "a comma alone is no number", ",1", ",1", 0, 0 },
		{ "hexadecimal", "0x10,", "", 2, 16 },
		{ "too large is cut to an int", "4294967297", "", 1, 1 },
		{ "with its sign", "2147483648", "", 1, INT32_MIN },
		{ "a colon ends it", "3:4", ":4", 1, 3 },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(options); i++) {
		struct nb_text text = text_of(options[i].text);
		int32_t value = 77;

		check(nb_text_option(&text, &value) == options[i].found, options[i].claim);
		check(value == options[i].value, options[i].claim);
		check(is(text, options[i].rest), options[i].claim);
	}
}

static void test_looks(void **state)
{
	(void)state;
	check(nb_text_starts(text_of("fake=2"), "fake="), "a text starts with its beginning");
	check(!nb_text_starts(text_of("fak"), "fake="), "not with more than there is");
	check(nb_text_starts(text_of("x"), ""), "with nothing always");
	check(nb_text_has(text_of("2U:10"), 'U') && !nb_text_has(text_of("2u"), 'U'),
	      "case counts");
	check(!nb_text_has(text_of(NULL), 'U'), "no text has nothing");
}

/* What a line is to set: every field that is not set is what an empty line leaves. */
static const struct setting {
	const char *claim, *line, *fake;
	struct nb_params want;
} settings[] = {
#define P .max_cpus = UINT32_MAX, .possible_cpus = UINT32_MAX
	{ "an empty line sets nothing", "", NULL, { P } },
	{ "numa=off", "numa=off", NULL, { P, .numa_off = true } },
	{ "numa=off may go on", "numa=offline", NULL, { P, .numa_off = true } },
	{ "numa=noacpi and nohmat are two",
	  "numa=noacpi numa=nohmat",
	  NULL,
	  { P, .numa_noacpi = true, .numa_nohmat = true } },
	{ "a list of them is not read", "numa=noacpi,off", NULL, { P, .numa_noacpi = true } },
	{ "what follows fake= is kept", "numa=fake=2U:10,20", "2U:10,20", { P } },
	{ "the last fake= counts",
	  "numa=fake=2 numa=fake=3 numa=off",
	  "3",
	  { P, .numa_off = true } },
	{ "an empty fake= is one", "numa=fake=", "", { P } },
	{ "movable_node", "movable-node=0", NULL, { P, .movable_node = true } },
	{ "kernelcore in bytes is in pages",
	  "kernelcore=8191",
	  NULL,
	  { P, .kernelcore = { 1, 0 } } },
	{ "kernelcore in percent", "kernelcore=30%x", NULL, { P, .kernelcore = { 0, 30 } } },
	{ "a size takes back a share",
	  "movablecore=30% movablecore=1M",
	  NULL,
	  { P, .movablecore = { 256, 0 } } },
	{ "a share leaves a size",
	  "movablecore=1M movablecore=30%",
	  NULL,
	  { P, .movablecore = { 256, 30 } } },
	{ "kernelcore=mirror in a list",
	  "kernelcore=a,mirror,b",
	  NULL,
	  { P, .kernelcore_mirror = true } },
	{ "mirrors is not mirror", "kernelcore=mirrors", NULL, { P } },
	{ "movablecore=mirror is a size of 0", "movablecore=mirror", NULL, { P } },
	{ "nr_cpus", "nr_cpus=4", NULL, { P, .nr_cpus = 4 } },
	{ "nr_cpus never grows",
	  "nr_cpus=4 nr_cpus=8 nr_cpus=0 nr_cpus=-2",
	  NULL,
	  { P, .nr_cpus = 4 } },
	{ "nr_cpus of all or more is none", "nr_cpus=8192", NULL, { P } },
	{ "maxcpus", "maxcpus=3", NULL, { .possible_cpus = UINT32_MAX, .max_cpus = 3 } },
	{ "maxcpus without a value is none", "maxcpus", NULL, { P } },
	{ "maxcpus that is no number is 0",
	  "maxcpus=all",
	  NULL,
	  { .possible_cpus = UINT32_MAX, .no_smp = true } },
	{ "no processors once, no processors ever",
	  "maxcpus=0 maxcpus=4",
	  NULL,
	  { .possible_cpus = UINT32_MAX, .max_cpus = 4, .no_smp = true } },
	{ "nosmp", "nosmp", NULL, { .possible_cpus = UINT32_MAX, .no_smp = true } },
	{ "possible_cpus",
	  "possible_cpus=5",
	  NULL,
	  { .max_cpus = UINT32_MAX, .possible_cpus = 5 } },
	{ "nolapic", "nolapic", NULL, { P, .no_apic = true } },
	{ "disableapic", "disableapic", NULL, { P, .no_apic = true } },
	{ "nox2apic", "nox2apic", NULL, { P, .no_x2apic = true } },
	{ "nosmt", "nosmt", NULL, { P, .smt_off = 1 } },
	{ "nosmt=force holds", "nosmt=force nosmt", NULL, { P, .smt_off = 2 } },
	{ "nosmt may be forced later", "nosmt nosmt=force", NULL, { P, .smt_off = 2 } },
	{ "cpuhp.parallel=0", "cpuhp.parallel=0", NULL, { P, .serial_bringup = true } },
	{ "cpuhp.parallel=Off", "cpuhp.parallel=Off", NULL, { P, .serial_bringup = true } },
	{ "cpuhp.parallel=no, then yes", "cpuhp.parallel=no cpuhp.parallel=Yes", NULL, { P } },
	{ "cpuhp.parallel=o is neither",
	  "cpuhp.parallel=n cpuhp.parallel=o",
	  NULL,
	  { P, .serial_bringup = true } },
	{ "cpuhp.parallel that is neither changes nothing", "cpuhp.parallel=maybe", NULL, { P } },
	{ "cpuhp.parallel without a value changes nothing", "cpuhp.parallel", NULL, { P } },
	{ "acpi=off", "acpi=off", NULL, { P, .acpi_off = true } },
	{ "acpi=force takes it back", "acpi=off acpi=force", NULL, { P } },
	{ "acpi=offline is neither", "acpi=offline", NULL, { P } },
	{ "mminit_loglevel", "mminit_loglevel=4", NULL, { P, .mminit_loglevel = 4 } },
	{ "memblock=debug anywhere in the value",
	  "memblock=xdebugy",
	  NULL,
	  { P, .memblock_debug = true } },
	{ "other words set nothing", "root=/dev/sda1 quiet Numa=off numa", NULL, { P } },
	{ "nothing behind -- is read", "-- numa=off", NULL, { P } },
#undef P
};

static void check_params(const struct nb_params *got, const struct nb_params *want,
			 const char *claim)
{
	check(got->numa_off == want->numa_off, claim);
	check(got->numa_noacpi == want->numa_noacpi, claim);
	check(got->numa_nohmat == want->numa_nohmat, claim);
	check(got->acpi_off == want->acpi_off, claim);
	check(got->movable_node == want->movable_node, claim);
	check(got->kernelcore_mirror == want->kernelcore_mirror, claim);
	check(got->kernelcore.pages == want->kernelcore.pages, claim);
	check(got->kernelcore.percent == want->kernelcore.percent, claim);
	check(got->movablecore.pages == want->movablecore.pages, claim);
	check(got->movablecore.percent == want->movablecore.percent, claim);
	check(got->no_apic == want->no_apic, claim);
	check(got->no_smp == want->no_smp, claim);
	check(got->no_x2apic == want->no_x2apic, claim);
	check(got->nr_cpus == want->nr_cpus, claim);
	check(got->max_cpus == want->max_cpus, claim);
	check(got->possible_cpus == want->possible_cpus, claim);
	check(got->serial_bringup == want->serial_bringup, claim);
	check(got->smt_off == want->smt_off, claim);
	check(got->mminit_loglevel == want->mminit_loglevel, claim);
	check(got->memblock_debug == want->memblock_debug, claim);
}

static void test_read(void **state)
{
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12],
				    .config = &nb_configs[NB_LINE_6_12] };
	struct nb_params params;

	(void)state;
	for (const struct setting *row = settings; row < settings + NB_COUNT(settings); row++) {
		check(nb_params_read(&params, row->line, &env) == NB_OK, row->claim);
		check(is(params.numa_fake, row->fake), row->claim);
		check_params(&params, &row->want, row->claim);
	}
	check(nb_params_read(&params, NULL, &env) == NB_OK, "no line is an empty one");
	check_params(&params, &settings[0].want, "no line is an empty one");
}

/* What low memory is for. */
static void test_low(void **state)
{
	static const struct {
		const char *claim, *line;
		nb_phys reserve_low;
		uint32_t highmem_pages, vmalloc_mib;
		bool crashkernel;
	} rows[] = {
		{ "an empty line leaves what is usual", "", 0x10000, NB_NO_HIGHMEM, 128, false },
		{ "reservelow is in bytes", "reservelow=100K", 100 << 10, NB_NO_HIGHMEM, 128,
		  false },
		{ "a page at least", "reservelow=0", 0x1000, NB_NO_HIGHMEM, 128, false },
		{ "and 640 KiB at most", "reservelow=1M", 0xa0000, NB_NO_HIGHMEM, 128, false },
		{ "crashkernel is there, whatever it says", "crashkernel=", 0x10000, NB_NO_HIGHMEM,
		  128, true },
		{ "but not without a value", "crashkernel", 0x10000, NB_NO_HIGHMEM, 128, false },
		{ "highmem is in pages", "highmem=1M", 0x10000, 256, 128, false },
		{ "of 32 bits", "highmem=0x100000001000", 0x10000, 1, 128, false },
		{ "vmalloc has its guard on top", "vmalloc=16M", 0x10000, NB_NO_HIGHMEM, 24,
		  false },
		{ "in 32 bits", "vmalloc=4G", 0x10000, NB_NO_HIGHMEM, 8, false },
		{ "without values nothing changes", "highmem vmalloc reservelow", 0x10000,
		  NB_NO_HIGHMEM, 128, false },
	};
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12],
				    .config = &nb_configs[NB_LINE_6_12] };
	struct nb_params got;

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		check(nb_params_read(&got, rows[i].line, &env) == NB_OK, rows[i].claim);
		check(got.reserve_low == rows[i].reserve_low, rows[i].claim);
		check(got.highmem_pages == rows[i].highmem_pages, rows[i].claim);
		check(got.vmalloc_bytes == rows[i].vmalloc_mib << 20, rows[i].claim);
		check(got.crashkernel == rows[i].crashkernel, rows[i].claim);
	}
}

static void test_not_built_in(void **state)
{
	struct nb_kernel_config config = nb_configs[NB_LINE_6_12];
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12], .config = &config };
	struct nb_params params;

	(void)state;
	config.numa_emulation = config.memory_hotplug = false;
	check(nb_params_read(&params, "numa=fake=2 movable_node", &env) == NB_OK, "a line is read");
	check(!params.numa_fake.at, "emulation that is not built in is not asked for");
	check(!params.movable_node, "nor are movable nodes");
}

static void test_fates(void **state)
{
	static const struct {
		const char *claim, *line;
		enum nb_param_fate fate;
		enum nb_param_id id;
		bool no_emulation;
	} fates[] = {
		{ "numa without a value is malformed", "numa", NB_FATE_MALFORMED, NB_PARAM_NUMA,
		  false },
		{ "with any value it is not", "numa=what", NB_FATE_FINE, NB_PARAM_NUMA, false },
		{ "nor with an empty one", "numa=", NB_FATE_FINE, NB_PARAM_NUMA, false },
		{ "fake= that is not built in is", "numa=fake=2", NB_FATE_MALFORMED, NB_PARAM_NUMA,
		  true },
		{ "movablecore without a value is malformed", "movablecore", NB_FATE_MALFORMED,
		  NB_PARAM_MOVABLECORE, false },
		{ "kernelcore without one is deadly", "kernelcore", NB_FATE_DIES,
		  NB_PARAM_KERNELCORE, false },
		{ "with an empty one it is fine", "kernelcore=", NB_FATE_FINE, NB_PARAM_KERNELCORE,
		  false },
		{ "what is not read here is fine", "mem", NB_FATE_FINE, NB_PARAM_COUNT, false },
	};
	struct nb_kernel_config config = nb_configs[NB_LINE_6_12];
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12], .config = &config };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(fates); i++) {
		struct nb_cmdline line = { .rest = fates[i].line };
		enum nb_param_id id = NB_PARAM_COUNT;
		struct nb_param param;

		config.numa_emulation = !fates[i].no_emulation;
		check(nb_cmdline_next(&line, &param), fates[i].claim);
		check(nb_param_judge(&param, &env, &id) == fates[i].fate, fates[i].claim);
		check(id == fates[i].id, fates[i].claim);
	}
}

/* Fates that are not those of 6.12. */
static void test_fates_of_lines(void **state)
{
	static const struct {
		const char *claim, *line;
		enum nb_line kernel;
		enum nb_param_fate fate;
		enum nb_param_id id;
	} fates[] = {
		{ "where no mirror is looked for kernelcore may lack its value", "kernelcore",
		  NB_LINE_4_4, NB_FATE_MALFORMED, NB_PARAM_KERNELCORE },
		{ "where one is it is fatal", "kernelcore", NB_LINE_4_9, NB_FATE_DIES,
		  NB_PARAM_KERNELCORE },
		{ "an order of zonelists begins with d, n or z", "numa_zonelist_order=x",
		  NB_LINE_4_9, NB_FATE_MALFORMED, NB_PARAM_ZONELIST_ORDER },
		{ "an empty one does not", "numa_zonelist_order=", NB_LINE_3_14, NB_FATE_MALFORMED,
		  NB_PARAM_ZONELIST_ORDER },
		{ "none at all is fine", "numa_zonelist_order", NB_LINE_3_14, NB_FATE_FINE,
		  NB_PARAM_ZONELIST_ORDER },
		{ "in either case", "numa_zonelist_order=Zone", NB_LINE_4_4, NB_FATE_FINE,
		  NB_PARAM_ZONELIST_ORDER },
		{ "areas of CPUs made of what nobody knows", "percpu_alloc=lpage", NB_LINE_6_12,
		  NB_FATE_FINE, NB_PARAM_PERCPU_ALLOC },
		{ "or of nothing", "percpu_alloc", NB_LINE_6_12, NB_FATE_MALFORMED,
		  NB_PARAM_PERCPU_ALLOC },
		{ "a kernel without a choice does not look", "numa_zonelist_order=x", NB_LINE_5_10,
		  NB_FATE_FINE, NB_PARAM_ZONELIST_ORDER },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(fates); i++) {
		enum nb_line kernel = fates[i].kernel;
		const struct nb_env env = { .rules = &nb_lines[kernel],
					    .config = &nb_configs[kernel] };
		struct nb_cmdline line = { .rest = fates[i].line };
		enum nb_param_id id = NB_PARAM_COUNT;
		struct nb_param param;

		check(nb_cmdline_next(&line, &param), fates[i].claim);
		check(nb_param_judge(&param, &env, &id) == fates[i].fate, fates[i].claim);
		check(fates[i].fate == NB_FATE_FINE || id == fates[i].id, fates[i].claim);
	}
}

/* The last word that is known wins. */
static void test_percpu_alloc(void **state)
{
	static const struct {
		const char *line;
		enum nb_percpu_alloc want;
	} asked[] = {
		{ "", NB_PERCPU_AUTO },
		{ "percpu_alloc=page", NB_PERCPU_PAGE },
		{ "percpu_alloc=page percpu_alloc=embed", NB_PERCPU_EMBED },
		{ "percpu_alloc=page percpu_alloc=lpage", NB_PERCPU_PAGE },
		{ "percpu_alloc=pages", NB_PERCPU_AUTO },
		{ "percpu_alloc", NB_PERCPU_AUTO },
	};
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12],
				    .config = &nb_configs[NB_LINE_6_12] };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(asked); i++) {
		struct nb_params params;

		check(nb_params_read(&params, asked[i].line, &env) == NB_OK, asked[i].line);
		check(params.percpu_alloc == asked[i].want, asked[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_percpu_alloc),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_cut_is_told),
		cmocka_unit_test(test_unmodelled_is_told),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_text_ends),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_low),
		cmocka_unit_test(test_not_built_in),
		cmocka_unit_test(test_fates),
		cmocka_unit_test(test_fates_of_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
