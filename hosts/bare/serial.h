/* SPDX-License-Identifier: MIT */
/*
 * serial: two serial ports, one for the log, one for what is captured; and words
 * and numbers to whatever takes text.
 */
#ifndef HOSTS_BARE_SERIAL_H
#define HOSTS_BARE_SERIAL_H

#include <numaboot/render.h>

/* The first serial port, for lines: a newline goes out as CR LF. */
struct nb_writer *serial_log(void);

/* The second, for bytes; null if there is none. */
struct nb_writer *serial_data(void);

void say(struct nb_writer *to, const char *text);
void say_number(struct nb_writer *to, uint64_t number);
void say_hex(struct nb_writer *to, uint64_t number);

/* Ends the machine, if it has the device by which QEMU ends with a status of
 * (2 * code + 1); else stops it. */
enum end {
	END_FINE = 16,
	END_WRONG = 17,   /* a processor is not what its tables say */
	END_DIES = 18,    /* the modelled kernel does not survive this machine */
	END_UNABLE = 19,  /* the input cannot be used, or memory is short */
	END_TRAPPED = 20, /* a bug: an assertion or an exception */
};
_Noreturn void end(enum end code);

#endif
