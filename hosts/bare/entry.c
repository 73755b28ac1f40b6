/* SPDX-License-Identifier: MIT */
/*
 * entry: the story of the image, from the boot protocol to the last line.
 *
 *	handed over   memory map, RSDP, command line: handover.c
 *	identified    the boot CPU, and what a boot wants to know of it: identity.c
 *	captured      all input of this boot, if it is asked for: capture.c
 *	booted        the library's stages, the log as each decides
 *	mapped        the direct map that a stage planned: tables.c
 *	started       before the stage that tells of it, every CPU: smp.c
 *	used          all memory, by all CPUs at once: pages.c
 *	summed up     a line or two, and an exit code
 *
 * Words of the command line that are the image's own:
 *
 *	numaboot.line=LINE   which Linux, as the command's --line; default 6.12
 *	numaboot.capture     write the input to the second serial port, as a tar archive
 */
#include "capture.h"
#include "handover.h"
#include "pages.h"
#include "serial.h"
#include "smp.h"
#include "tables.h"
#include "traps.h"

#include <numaboot/numaboot.h>

/* Enough for 256 nodes, and for the image to fit in the place of a small kernel. */
enum { STORAGE = 3 << 20, TABLES = 64 };

struct request {
	enum nb_line line;
	bool capture;
	bool no_five_level;          /* no5lvl, which Linux looks for itself before it boots */
	bool kdump;                  /* elfcorehdr=: Linux takes itself for a crash kernel */
	struct nb_text unknown_line; /* null: it is known */
};

extern char image_start[], image_end[];
_Noreturn void entry(uint32_t magic, uint32_t info);

static _Noreturn void refuse(const char *why)
{
	say(serial_log(), "numaboot: ");
	say(serial_log(), why);
	say(serial_log(), "\n");
	end(END_UNABLE);
}

static bool text_is(struct nb_text text, const char *string)
{
	for (size_t i = 0; i < text.len; i++)
		if (!string[i] || string[i] != text.at[i])
			return false;
	return !string[text.len];
}

static struct request read_request(const char *cmdline)
{
	struct nb_cmdline line = { .rest = cmdline };
	struct request request = { .line = NB_LINE_6_12 };
	struct nb_param param;

	while (nb_cmdline_next(&line, &param)) {
		if (nb_param_is(&param, "numaboot.capture"))
			request.capture = true;
		if (nb_param_is(&param, "no5lvl"))
			request.no_five_level = true;
		if (nb_param_is(&param, "elfcorehdr"))
			request.kdump = true;
		if (!nb_param_is(&param, "numaboot.line"))
			continue;
		request.unknown_line = param.value;
		for (int i = 0; i < NB_LINES; i++)
			if (param.value.at && text_is(param.value, nb_lines[i].line)) {
				request.line = (enum nb_line)i;
				request.unknown_line.at = NULL;
			}
	}
	return request;
}

/* The words that a BIOS leaves below 1 KiB: ACPI has none of it. */
static void read_bios_words(struct nb_boot_facts *facts)
{
	enum { EBDA_SEGMENT = 0x40e, LOW_KIB = 0x413 };
	const volatile uint16_t *ebda = (const uint16_t *)memory_at(EBDA_SEGMENT, 2);
	const volatile uint16_t *low = (const uint16_t *)memory_at(LOW_KIB, 2);

	facts->ebda = (nb_phys)*ebda << 4;
	facts->bios_low_kib = *low;
}

/* Follows the RSDP. Tables that are not there are no failure: Linux goes on too. */
static void read_tables(struct nb_firmware *fw, nb_phys rsdp)
{
	static struct nb_table tables[TABLES];
	uint32_t count = 0;
	struct nb_fault fault;

	if (!rsdp || nb_acpi_root(&memory_map, rsdp, tables, TABLES, &count, &fault) != NB_OK)
		say(serial_log(), "numaboot: no ACPI tables, or too many\n");
	fw->tables = tables;
	fw->table_count = (uint32_t)nb_min(count, TABLES);
}

static struct nb_firmware read_firmware(const struct nb_loader *handover, const struct identity *id,
					const struct request *request)
{
	struct nb_firmware fw = {
		.map = handover->map,
		.map_count = handover->map_count,
		.cmdline = handover->cmdline,
		.facts = nb_boot_facts_assumed(&nb_configs[request->line]),
	};

	/* The image is in the place of the kernel that it follows, and is not larger. */
	nb_assert((uintptr_t)image_start == fw.facts.kernel.start &&
		  (uintptr_t)image_end <= fw.facts.kernel.end);
	fw.facts.efi = handover->efi;
	fw.facts.mp_table = !handover->efi;
	if (!handover->efi)
		read_bios_words(&fw.facts);
	identity_facts(id, &fw.facts);
	fw.facts.five_level = fw.facts.five_level && !request->no_five_level;
	fw.facts.boot_apic_is_bsp = fw.facts.boot_apic_is_bsp && !request->kdump;
	fw.facts.kdump = request->kdump;
	read_tables(&fw, handover->rsdp);
	return fw;
}

/* Writes each event's lines to the log. */
struct log_sink {
	struct nb_sink sink; /* first: the library's way back here */
	enum nb_line wording;
};

/* Linux cuts a long command line without a word. */
static void say_cut(const struct nb_event *event)
{
	say(serial_log(), "numaboot: the command line has ");
	say_number(serial_log(), event->got);
	say(serial_log(), " characters, of which Linux keeps ");
	say_number(serial_log(), event->limit);
	say(serial_log(), "\n");
}

static void put_event(struct nb_sink *self, const struct nb_event *event)
{
	if (event->kind == NB_EV_CMDLINE_CUT)
		say_cut(event);
	nb_render_log(event, ((struct log_sink *)self)->wording, serial_log());
}

/* What the machine showed that the library does not know. */
struct found {
	struct started started;
	uint64_t wrong_addresses; /* that the page tables lead elsewhere */
	struct used used;
};

/* Runs the stages; the CPUs are started for real before one tells that they are. */
static enum nb_err run(struct nb_boot *boot, struct nb_firmware *fw, const struct identity *id,
		       struct found *found)
{
	struct started *started = &found->started;
	enum nb_err err = NB_OK;

	while (!err && boot->next != NB_READY) {
		enum nb_stage stage = boot->next;

		if (stage == NB_MAPPING)
			tables_prepare(boot, id);
		if (stage == NB_SMP) {
			err = smp_start(boot, fw->facts.x2apic, started);
			fw->facts.started = started->apic_ids;
			fw->facts.started_count = started->count;
		}
		if (!err)
			err = nb_boot_step(boot);
		if (!err && stage == NB_PERCPU)
			err = smp_prepare_boot_cpu(boot, fw->facts.x2apic);
		if (!err && stage == NB_MAPPING)
			found->wrong_addresses = tables_load(boot, id);
	}
	return err;
}

static void say_identity(const struct identity *id)
{
	struct nb_writer *log = serial_log();

	say(log, "numaboot: CPU0: ");
	say(log, id->model[0] ? id->model : id->vendor);
	say(log, " (family: ");
	say_hex(log, id->family);
	say(log, ", model: ");
	say_hex(log, id->model_number);
	say(log, ", stepping: ");
	say_hex(log, id->stepping);
	say(log, id->x2apic_mode ? "), in x2APIC mode\n" : ")\n");
}

/* Hands memory over and has the CPUs use it. */
static enum nb_err use_memory(struct nb_boot *boot, struct used *used)
{
	static struct nb_pages pages;
	struct nb_writer *log = serial_log();
	enum nb_err err = pages_take_over(&pages, boot);

	if (err)
		return err;
	*used = pages_use(&pages, boot);
	say(log, "numaboot: pages: ");
	say_number(log, used->free_pages);
	say(log, " were free, ");
	say_number(log, used->taken_pages);
	say(log, " taken by all CPUs at once, ");
	say_number(log, used->near_pages);
	say(log, " of them near, ");
	say_number(log, used->wrong);
	say(log, " wrong\n");
	return NB_OK;
}

static _Noreturn void sum_up(const struct nb_boot *boot, enum nb_err err, const struct found *found)
{
	const struct started *started = &found->started;
	struct nb_writer *log = serial_log();

	if (err == NB_ERR_DIES) {
		say(log, "numaboot: Linux does not survive the stage ");
		say(log, nb_stage_name(boot->next));
		say(log, " on this machine\n");
		end(END_DIES);
	}
	if (err)
		refuse(nb_err_text(err));
	say(log, "numaboot: done: ");
	say_number(log, nb_nodes_count(&boot->smp.online_nodes));
	say(log, " nodes, ");
	say_number(log, started->count);
	say(log, " of ");
	say_number(log, boot->cpus.present);
	say(log, " CPUs run, ");
	say_number(log, started->at_home);
	say(log, " areas on their own nodes, ");
	say_number(log, started->wrong);
	say(log, " wrong\n");
	end(started->wrong || found->wrong_addresses || found->used.wrong ? END_WRONG : END_FINE);
}

void entry(uint32_t magic, uint32_t info)
{
	static _Alignas(16) uint8_t storage[STORAGE];
	static struct nb_loader handover;
	static struct nb_firmware fw;
	static struct nb_boot boot;
	struct found found = { .wrong_addresses = 0 };
	bool grub = magic == MULTIBOOT2_MAGIC;
	const char *wrong = handover_read(&handover, magic, info);
	struct identity id = identify();

	traps_load();
	if (wrong)
		refuse(wrong);

	struct request request = read_request(handover.cmdline);

	if (request.unknown_line.at)
		refuse("numaboot.line= names no line: numaboot lines has them");
	say(serial_log(), grub ? "numaboot: started by multiboot2, as Linux "
			       : "numaboot: started by PVH, as Linux ");
	say(serial_log(), nb_lines[request.line].line);
	say(serial_log(), "\n");
	say_identity(&id);
	fw = read_firmware(&handover, &id, &request);
	if (request.capture && serial_data())
		capture(serial_data(), &fw, &id);

	struct log_sink log = { .sink.put = put_event, .wording = nb_lines[request.line].wording };
	const struct nb_env env = { .rules = &nb_lines[request.line],
				    .config = &nb_configs[request.line],
				    .sink = &log.sink };
	const struct nb_limits limits = nb_limits_for(&fw, env.config);
	enum nb_err err = nb_boot_init(&boot, storage, sizeof(storage), &limits, &env, &fw);

	if (!err)
		err = run(&boot, &fw, &id, &found);
	if (!err)
		err = use_memory(&boot, &found.used);
	sum_up(&boot, err, &found);
}
