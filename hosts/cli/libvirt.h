/* SPDX-License-Identifier: MIT */
/*
 * libvirt: the XML of a libvirt domain to the machine that libvirt has QEMU make.
 */
#ifndef HOSTS_CLI_LIBVIRT_H
#define HOSTS_CLI_LIBVIRT_H

#include "../sources/guest.h"

/* Reads what `virsh dumpxml` prints; strings are kept in the pool. False, with a
 * complaint, if it is no such XML or describes what is not modelled. */
bool libvirt_read(struct guest *guest, struct nb_text text, struct pool *pool,
		  struct complaint *complaint);

#endif
