/* SPDX-License-Identifier: MIT */
/* assert: what a broken assertion of the library means in a test: the end. */
#include <stdio.h>
#include <stdlib.h>

#include <numaboot/base.h>

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
	abort();
}
