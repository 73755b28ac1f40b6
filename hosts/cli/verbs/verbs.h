/* SPDX-License-Identifier: MIT */
/*
 * verbs: what the command can be asked to do. Each returns an exit code; what
 * went wrong is in the complaint, to be printed by the caller.
 */
#ifndef HOSTS_CLI_VERBS_VERBS_H
#define HOSTS_CLI_VERBS_VERBS_H

#include "../options.h"
#include "../output.h"
#include "../../sources/tree.h"

enum exit_code verb_predict(const struct options *options, struct out *out,
			    struct complaint *complaint);

enum exit_code verb_verify(const struct options *options, struct out *out,
			   struct complaint *complaint);

enum exit_code verb_compare(const struct options *options, struct out *out,
			    struct complaint *complaint);

enum exit_code verb_replay(const struct options *options, struct out *out,
			   struct complaint *complaint);

enum exit_code verb_where(const struct options *options, struct out *out,
			  struct complaint *complaint);

enum exit_code verb_boot(const struct options *options, struct out *out,
			 struct complaint *complaint);

enum exit_code verb_explain(const struct options *options, struct out *out,
			    struct complaint *complaint);

enum exit_code verb_capture(const struct options *options, struct complaint *complaint);

enum exit_code verb_check(const struct options *options, struct out *out,
			  struct complaint *complaint);

enum exit_code verb_lines(const struct options *options, struct out *out);

#endif
