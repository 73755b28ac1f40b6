/* SPDX-License-Identifier: MIT */
/* loader: how the adapters fill struct nb_loader. */
#ifndef NB_ADAPTERS_LOADER_H
#define NB_ADAPTERS_LOADER_H

#include <numaboot/adapters.h>

/* Forgets all but the caller's arrays. */
void nb_loader_begin(struct nb_loader *to);

/* Counts an entry, and keeps it if there is room. */
void nb_loader_add(struct nb_loader *to, struct nb_e820_entry entry);

/* The same for RAM in use; an empty range is none. */
void nb_loader_taken(struct nb_loader *to, nb_phys start, uint64_t size);

/* Copies a text up to its NUL or its end. */
void nb_loader_cmdline(struct nb_loader *to, struct nb_bytes text);

/* The same for one that lies at a physical address, page by page: 0 is none. */
void nb_loader_cmdline_at(struct nb_loader *to, struct nb_map *host, nb_phys address);

/* Whether all had room. */
enum nb_err nb_loader_end(const struct nb_loader *to);

/* Bytes at a physical address: none, with a fault, if the host does not map them. */
struct nb_bytes nb_loader_map(struct nb_map *host, nb_phys address, uint64_t len,
			      struct nb_fault *fault);

/* A range that ends where addresses do. */
struct nb_range nb_loader_range(nb_phys start, uint64_t size);

/* What is wrong with a structure of a protocol, as its error. */
enum nb_err nb_loader_fail(struct nb_fault *fault, enum nb_fault_kind kind, uint64_t got,
			   uint64_t want);

#endif
