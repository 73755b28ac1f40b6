/* SPDX-License-Identifier: MIT */
/*
 * smp: the boot CPU wakes the others, one at a time.
 *
 *	area        the per-CPU area of the percpu stage: the processor's record at its
 *	            start, and its stack, which grows down from its end
 *	trampoline  copied to the page that the memblock stage took below 1 MiB
 *	INIT, SIPI  and a wait for the processor to say that it runs
 */
#include "smp.h"
#include "apic.h"
#include "handover.h"
#include "identity.h"
#include "serial.h"
#include "traps.h"
#include "x86.h"

enum { STACK_ALIGN = 16, PATIENCE_MILLISECONDS = 5000 };

struct processor {
	uint64_t stack; /* its top; first: the trampoline takes it from here */
	const struct nb_boot *boot;
	uint32_t number, apic_id;
	int32_t nid, area_nid;
	bool x2apic;
	uint32_t found_apic_id;                      /* what it read from itself */
	void (*work)(uint32_t number, void *shared); /* what it runs for */
	void *shared;
	volatile bool runs, done;
};

extern const uint8_t trampoline[], trampoline_end[];
extern struct processor *processor_starting; /* which the trampoline is for */
struct processor *processor_starting;

_Noreturn void processor_main(struct processor *self);
void call_on_stack(uint64_t top, void (*function)(struct processor *), struct processor *self);
static uint32_t running;
void *memcpy(void *restrict to, const void *restrict from, size_t len);

/* What each says once it runs: who it is, and where the stack is that it is on. */
static void report(uint32_t number, void *shared)
{
	struct processor *self = (struct processor *)shared;
	struct nb_writer *log = serial_log();

	self->found_apic_id = apic_id(self->x2apic);
	self->area_nid = nb_node_of(self->boot, (uintptr_t)__builtin_frame_address(0));
	say(log, "numaboot: CPU ");
	say_number(log, number);
	say(log, " runs: APIC ID ");
	say_number(log, self->found_apic_id);
	say(log, ", node ");
	say_number(log, (uint64_t)self->nid);
	say(log, ", area at ");
	say_hex(log, (uintptr_t)self);
	say(log, " on node ");
	say_number(log, (uint64_t)self->area_nid);
	say(log, "\n");
}

/* A processor on its stack, with something to do. */
static void run(struct processor *self)
{
	write_msr(MSR_GS_BASE, (uintptr_t)self);
	apic_enable(self->x2apic);
	self->runs = true;
	self->work(self->number, self->shared);
	self->done = true;
}

void processor_main(struct processor *self)
{
	traps_load();
	run(self);
	halt();
}

static struct processor *processor_of(const struct nb_boot *boot, uint32_t number)
{
	return (struct processor *)(uintptr_t)nb_percpu_area(&boot->percpu, number);
}

/* Makes a CPU's record in its area. */
static enum nb_err make(const struct nb_boot *boot, uint32_t number, bool x2apic)
{
	const struct nb_cpu *cpu = &boot->cpus.cpu[number];
	nb_phys area = nb_percpu_area(&boot->percpu, number);
	nb_phys size = nb_percpu_area_bytes(&boot->percpu);

	if (!memory_at(area, size))
		return NB_ERR_MEMORY;
	*processor_of(boot, number) = (struct processor){
		.stack = nb_align_down(area + size, STACK_ALIGN),
		.boot = boot,
		.number = number,
		.apic_id = cpu->apic_id,
		.nid = cpu->nid,
		.x2apic = x2apic,
		.work = report,
		.shared = processor_of(boot, number),
	};
	return NB_OK;
}

enum nb_err smp_prepare_boot_cpu(const struct nb_boot *boot, bool x2apic)
{
	enum nb_err err = make(boot, 0, x2apic);

	if (!err)
		call_on_stack(processor_of(boot, 0)->stack, run, processor_of(boot, 0));
	return err;
}

static void wait_for(const volatile bool *flag)
{
	for (uint32_t i = 0; i < PATIENCE_MILLISECONDS && !*flag; i++)
		wait_milliseconds(1);
}

/* Has a processor begin at the trampoline, from whatever it was at: it halts when it
 * is done, and is woken so again. */
static void wake(const struct nb_boot *boot, struct processor *processor)
{
	memcpy((void *)(uintptr_t)boot->memblock.trampoline, trampoline,
	       (size_t)(trampoline_end - trampoline));
	processor->runs = processor->done = false;
	processor_starting = processor;
	apic_start(processor->x2apic, processor->apic_id, boot->memblock.trampoline);
	wait_for(&processor->runs);
}

static void count(const struct processor *processor, uint32_t *apic_ids, struct started *started)
{
	if (!processor->done) {
		say(serial_log(), "numaboot: CPU ");
		say_number(serial_log(), processor->number);
		say(serial_log(), " does not answer\n");
		started->wrong++;
		return;
	}
	apic_ids[started->count++] = processor->found_apic_id;
	started->at_home += processor->area_nid == processor->nid;
	started->wrong += processor->found_apic_id != processor->apic_id;
}

enum nb_err smp_start(const struct nb_boot *boot, bool x2apic, struct started *started)
{
	static uint32_t apic_ids[NB_MAX_CPUS];
	bool boot_cpu_only = boot->cpus.boot_cpu_only || !boot->memblock.trampoline;

	*started = (struct started){ .apic_ids = apic_ids };
	for (uint32_t number = 0; number < boot->cpus.possible; number++) {
		if (!boot->cpus.cpu[number].present || (number && boot_cpu_only))
			continue;
		if (number) {
			enum nb_err err = make(boot, number, x2apic);

			if (err)
				return err;
			wake(boot, processor_of(boot, number));
			wait_for(&processor_of(boot, number)->done);
		}
		count(processor_of(boot, number), apic_ids, started);
	}
	running = started->count;
	return NB_OK;
}

uint32_t smp_running(void)
{
	return running;
}

void smp_wait_for(const uint32_t *number, uint32_t least)
{
	while (__atomic_load_n(number, __ATOMIC_SEQ_CST) < least)
		pause_cpu();
}

/* Gives a CPU its part; false if it is none that runs. */
static bool give(const struct nb_boot *boot, uint32_t number,
		 void (*work)(uint32_t number, void *shared), void *shared)
{
	struct processor *processor = processor_of(boot, number);

	if (!boot->cpus.cpu[number].present || !processor->done)
		return false;
	processor->work = work;
	processor->shared = shared;
	return true;
}

void smp_run(const struct nb_boot *boot, void (*work)(uint32_t number, void *shared), void *shared)
{
	static bool busy[NB_MAX_CPUS];

	for (uint32_t number = 1; number < boot->cpus.possible; number++) {
		busy[number] = give(boot, number, work, shared);
		if (busy[number])
			wake(boot, processor_of(boot, number));
	}
	give(boot, 0, work, shared);
	call_on_stack(processor_of(boot, 0)->stack, run, processor_of(boot, 0));
	for (uint32_t number = 1; number < boot->cpus.possible; number++)
		while (busy[number] && !processor_of(boot, number)->done)
			pause_cpu();
}
