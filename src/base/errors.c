/* SPDX-License-Identifier: MIT */
/* errors: the version of the interface, and errors in words. */
#include <numaboot/base.h>

uint32_t nb_api_version(void)
{
	return NB_API_VERSION;
}

const char *nb_err_text(enum nb_err err)
{
	switch (err) {
	case NB_OK:
		return "no error";
	case NB_ERR_FULL:
		return "an array of the given limits is full";
	case NB_ERR_MEMORY:
		return "not enough memory";
	case NB_ERR_LIMITS:
		return "limits of zero, or above what the library supports";
	case NB_ERR_FIRMWARE:
		return "a table is malformed";
	case NB_ERR_DIES:
		return "the modelled kernel does not survive this machine";
	}
	return "unknown error";
}
