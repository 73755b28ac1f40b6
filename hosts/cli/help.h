/* SPDX-License-Identifier: MIT */
/* help: what the command can do, on one screen, or what of that is about one verb. */
#ifndef HOSTS_CLI_HELP_H
#define HOSTS_CLI_HELP_H

#include "output.h"

/* Null: all of it. */
void help(struct out *out, const char *verb);

#endif
