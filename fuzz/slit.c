/* SPDX-License-Identifier: MIT */
/* slit: any bytes as a SLIT. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nb_table table = fuzz_table(data, size);
	struct nb_slit slit = { 0 };
	struct nb_fault fault;
	enum nb_err err = nb_slit(&table, &slit, &fault);
	uint32_t sum = 0;

	ensure((err == NB_OK) == (fault.kind == NB_FAULT_NONE));
	if (!err)
		ensure(slit.matrix.len == slit.count * slit.count);
	else if (fault.kind == NB_FAULT_COUNT)
		ensure(slit.count > UINT32_MAX || slit.matrix.len < slit.count * slit.count);
	else
		ensure(fault.kind == NB_FAULT_SHORT && fault.got < 44 && !slit.matrix.at);

	for (size_t i = 0; i < slit.matrix.len; i++)
		sum += slit.matrix.at[i];
	ensure(sum <= 255 * slit.matrix.len);
	return 0;
}
