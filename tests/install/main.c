/* SPDX-License-Identifier: MIT */
/* main: what a stranger's program sees: the installed headers and library. */
#include <numaboot/numaboot.h>

#include <stdio.h>
#include <stdlib.h>

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

int main(void)
{
	const struct nb_limits limits = { .nodes = 2, .cpus = 4, .apic_ids = 8, .ranges = 16 };

	return nb_api_version() != NB_API_VERSION || nb_boot_size(&limits) == 0;
}
