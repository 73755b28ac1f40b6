/* SPDX-License-Identifier: MIT */
/* check: what every test file begins with. A failed check prints its claim. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static inline void check_at(bool holds, const char *claim, const char *what, const char *file,
			    int line)
{
	if (holds)
		return;
	print_error("not so: %s (%s)\n", claim, what);
	_fail(file, line);
}

/* Fails the test, and says which claim did not hold, unless `holds`. */
#define check(holds, claim) check_at((holds), (claim), #holds, __FILE__, __LINE__)

#endif
