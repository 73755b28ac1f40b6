/* SPDX-License-Identifier: MIT */
/*
 * capture: the input of this boot as files, for the command on another machine.
 */
#ifndef HOSTS_BARE_CAPTURE_H
#define HOSTS_BARE_CAPTURE_H

#include "identity.h"

#include <numaboot/render.h>

/* The line that the archive follows: firmware may have used the port before. */
#define CAPTURE_MARK "numaboot: files\n"

/* Writes proc/ and sys/ as Linux would show them, as far as they are the input of
 * a boot, as a tar archive: `numaboot predict` reads them. */
void capture(struct nb_writer *to, const struct nb_firmware *fw, const struct identity *id);

#endif
