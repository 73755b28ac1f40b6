/* SPDX-License-Identifier: MIT */
/*
 * serial: ports of the 16550 kind, without interrupts: a byte is written when the
 * one before it has left.
 */
#include "serial.h"
#include "x86.h"

/* The ports of a PC, and registers of the 16550 from its base. */
enum {
	COM1 = 0x3f8,
	COM2 = 0x2f8,
	DATA_OR_DIVISOR = 0,
	INTERRUPTS = 1,
	FIFO = 2,
	LINE_CONTROL = 3,
	MODEM_CONTROL = 4,
	LINE_STATUS = 5,
	SCRATCH = 7,
};

enum { DEBUG_EXIT = 0xf4 };

struct port {
	struct nb_writer writer; /* first: a writer is its port */
	uint16_t base;           /* 0: not set up yet */
	bool lines, absent;
};

static void set_up(struct port *port, uint16_t base)
{
	port->base = base;
	out8(base + SCRATCH, 0x5a); /* which is kept, if the port is there */
	port->absent = in8(base + SCRATCH) != 0x5a;
	if (port->absent)
		return;
	out8(base + INTERRUPTS, 0);
	out8(base + LINE_CONTROL, 0x80);
	out8(base + DATA_OR_DIVISOR, 1); /* 115200 */
	out8(base + INTERRUPTS, 0);
	out8(base + LINE_CONTROL, 0x03); /* 8 bits, no parity */
	out8(base + FIFO, 0x07);
	out8(base + MODEM_CONTROL, 0x03);
}

static void put(const struct port *port, uint8_t byte)
{
	while (!(in8(port->base + LINE_STATUS) & 0x20))
		pause_cpu();
	out8(port->base + DATA_OR_DIVISOR, byte);
}

static void write_out(struct nb_writer *self, const char *text, size_t len)
{
	const struct port *port = (struct port *)self; /* its first member */

	for (size_t i = 0; i < len && !port->absent; i++) {
		if (port->lines && text[i] == '\n')
			put(port, '\r');
		put(port, (uint8_t)text[i]);
	}
}

struct nb_writer *serial_log(void)
{
	static struct port log = { .writer.write = write_out, .lines = true };

	if (!log.base)
		set_up(&log, COM1);
	return &log.writer;
}

struct nb_writer *serial_data(void)
{
	static struct port data = { .writer.write = write_out };

	if (!data.base)
		set_up(&data, COM2);
	return data.absent ? NULL : &data.writer;
}

void say(struct nb_writer *to, const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	to->write(to, text, len);
}

static void say_in_base(struct nb_writer *to, uint64_t number, unsigned base)
{
	char digits[20];
	size_t first = sizeof(digits);

	do {
		digits[--first] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	to->write(to, digits + first, sizeof(digits) - first);
}

void say_number(struct nb_writer *to, uint64_t number)
{
	say_in_base(to, number, 10);
}

void say_hex(struct nb_writer *to, uint64_t number)
{
	say(to, "0x");
	say_in_base(to, number, 16);
}

void end(enum end code)
{
	out8(DEBUG_EXIT, (uint8_t)code);
	halt();
}
