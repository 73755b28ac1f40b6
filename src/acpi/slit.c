/* SPDX-License-Identifier: MIT */
/*
 * slit: the count of localities and the matrix of distances between them:
 * ACPI 6.5 5.2.17. The count is 64 bits wide and may claim any size.
 */
#include <numaboot/acpi.h>

#include "base/bytes.h"

enum {
	COUNT = 36,
	MATRIX = 44,
};

/* count * count, or the largest number where that is too large. */
static uint64_t matrix_bytes(uint64_t count)
{
	return count > UINT32_MAX ? UINT64_MAX : count * count;
}

enum nb_err nb_slit(const struct nb_table *table, struct nb_slit *out, struct nb_fault *fault)
{
	struct nb_bytes bytes = nb_acpi_bytes(table);
	uint64_t need, have;

	if (bytes.len < MATRIX) {
		*fault = (struct nb_fault){
			.kind = NB_FAULT_SHORT,
			.got = bytes.len,
			.want = MATRIX,
		};
		return NB_ERR_FIRMWARE;
	}
	*fault = (struct nb_fault){ .kind = NB_FAULT_NONE };

	out->count = nb_le64(bytes, COUNT);
	need = matrix_bytes(out->count);
	have = bytes.len - MATRIX;
	out->matrix = nb_slice(bytes, MATRIX, nb_min(need, have));
	if (need <= have)
		return NB_OK;

	*fault = (struct nb_fault){
		.kind = NB_FAULT_COUNT,
		.offset = COUNT,
		.got = have,
		.want = need,
	};
	return NB_ERR_FIRMWARE;
}
