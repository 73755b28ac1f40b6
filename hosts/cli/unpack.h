/* SPDX-License-Identifier: MIT */
/*
 * unpack: runs numaboot-unpack.
 */
#ifndef HOSTS_CLI_UNPACK_H
#define HOSTS_CLI_UNPACK_H

#include "../sources/pool.h"
#include "../sources/tree.h"

/*
 * Unpacks what a file descriptor has from its start: an archive becomes
 * plain tar, a file that is only compressed what it was. False, with a complaint, if the
 * program is not there, or says what is wrong.
 */
bool unpack(int fd, struct pool *pool, struct nb_text *out, struct complaint *complaint);

/*
 * Begins a numaboot-unpack that stays, for who unpacks many files: loading its libraries takes
 * longer than most archives. Each file still has a process of its own, with limits. Where
 * none can be begun, each file begins one.
 */
void unpack_stay(void);

/* The other way: as "--gzip", "--xz" or "--zstd" say. The bytes as they are, if that is null or
 * the program is not there. */
bool pack(int fd, const char *how, struct pool *pool, struct nb_text *out,
	  struct complaint *complaint);

#endif
