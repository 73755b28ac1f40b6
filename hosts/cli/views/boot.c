/* SPDX-License-Identifier: MIT */
/*
 * boot: what became of a machine of QEMU.
 */
#include "views.h"

void view_machine(struct out *out, const struct machine *machine, const char *name)
{
	out_style(out, STYLE_HEAD);
	out_string(out, "A machine of QEMU in the shape of ");
	out_string(out, name);
	out_style(out, STYLE_PLAIN);
	out_string(out, ": ");
	out_number(out, machine->nodes);
	out_string(out, machine->nodes == 1 ? " node, " : " nodes, ");
	out_number(out, machine->cpus);
	out_string(out, machine->cpus == 1 ? " CPU, " : " CPUs, ");
	out_size(out, machine->bytes);
	out_string(out, " of RAM\n");
}

void view_image_log(struct out *out, struct nb_text log)
{
	out_string(out, "\n");
	out_text(out, log);
}

static void put_side(struct out *out, const char *name, struct nb_text line)
{
	out_string(out, name);
	if (line.at)
		out_text(out, line);
	else
		out_string(out, "(nothing)");
	out_string(out, "\n");
}

void view_image_judged(struct out *out, uint32_t lines, bool same, struct nb_text got,
		       struct nb_text wanted)
{
	out_string(out, "\n");
	out_style(out, same ? STYLE_GOOD : STYLE_BAD);
	if (same) {
		out_string(out, "Exact: all ");
		out_count(out, lines, "line");
		out_string(out, lines == 1 ? " is" : " are");
		out_string(out, " as predicted from what the machine is.");
	} else {
		out_string(out, "Line ");
		out_number(out, lines + 1);
		out_string(out, " is not the one that is predicted.");
	}
	out_style(out, STYLE_PLAIN);
	out_string(out, "\n");
	if (!same) {
		put_side(out, "  image      ", got);
		put_side(out, "  predicted  ", wanted);
	}
}
