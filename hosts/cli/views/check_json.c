/* SPDX-License-Identifier: MIT */
/*
 * check_json: findings for programs: schema numaboot/check/1; what kinds there are:
 * numaboot/findings/1.
 */
#include "check.h"

#include "json_parts.h"

static json_t *place_json(const struct finding_place *at)
{
	json_t *object = json_object();

	switch (at->place.kind) {
	case PLACE_TABLE:
		object_set(object, "table", json_string(at->place.table));
		object_set(object, "offset", number_json(at->place.at));
		break;
	case PLACE_MAP:
		object_set(object, "map_entry", number_json(at->place.at));
		break;
	case PLACE_WORD:
		object_set(object, "cmdline", number_json(at->place.at));
		break;
	case PLACE_MACHINE:
		break;
	}
	object_set(object, "found", text_json(text_of(at->found)));
	object_set(object, "wanted", json_string(at->wanted));
	return object;
}

/* What edits add: an entry at most, or a matrix of 64 rows. */
static json_t *hex_json(const uint8_t *bytes, uint32_t count)
{
	static const char digits[] = "0123456789abcdef";
	static char text[2 * 64 * 64];
	uint32_t len = 0;

	for (uint32_t i = 0; i < count && len + 2 <= sizeof(text); i++) {
		text[len++] = digits[bytes[i] >> 4];
		text[len++] = digits[bytes[i] & 15];
	}
	return json_stringn(text, len);
}

static json_t *edit_json(const struct edit *edit, const struct source *source)
{
	static const char *const kinds[] = {
		[EDIT_SET] = "set",  [EDIT_SUM] = "checksum", [EDIT_CUT] = "cut",
		[EDIT_ADD] = "add",  [EDIT_DROP] = "drop",    [EDIT_TAKE_OUT] = "drop",
		[EDIT_WORD] = "cut", [EDIT_PUT_IN] = "add",
	};
	json_t *object = json_object();

	object_set(object, "kind", json_string(kinds[edit->kind]));
	if (edit->kind == EDIT_PUT_IN) {
		object_set(object, "start", address_json(edit->old));
		object_set(object, "size", address_json(edit->new));
		object_set(object, "type", number_json(edit->width));
		return object;
	}
	if (edit->kind <= EDIT_DROP)
		object_set(object, "table",
			   json_stringn(source->fw.tables[edit->table].signature, 4));
	if (edit->kind == EDIT_TAKE_OUT)
		object_set(object, "map_entry", number_json(edit->table));
	else if (edit->kind == EDIT_WORD)
		object_set(object, "cmdline", number_json(edit->offset));
	else if (edit->kind != EDIT_DROP && edit->kind != EDIT_ADD)
		object_set(object, "offset", number_json(edit->offset));
	if (edit->width)
		object_set(object, "width", number_json(edit->width));
	if (edit->kind == EDIT_ADD)
		object_set(object, "bytes", hex_json(edit->bytes, edit->width));
	if (edit->kind == EDIT_SET || edit->kind == EDIT_SUM) {
		object_set(object, "old", address_json(edit->old));
		object_set(object, "new", address_json(edit->new));
	}
	return object;
}

static json_t *edits_json(const struct finding *finding, const struct source *source)
{
	json_t *array = json_array();

	for (const struct edit *e = finding->trial ? NULL : finding->edits; e; e = e->next)
		if (json_array_insert_new(array, 0, edit_json(e, source)))
			pool_exhausted();
	return array;
}

static json_t *verdicts_json(const enum line_verdict verdicts[NB_LINES])
{
	json_t *object = json_object();

	for (int line = 0; line < NB_LINES; line++)
		object_set(object, nb_lines[line].line,
			   json_string(line_verdict_names[verdicts[line]]));
	return object;
}

static json_t *finding_json(enum finding_id id, const struct checked *c)
{
	const struct finding *finding = &c->findings.of[id];
	const struct finding_row *row = &finding_rows[id];
	uint32_t kept = finding->count < PLACES_KEPT ? finding->count : PLACES_KEPT;
	json_t *object = json_object(), *places = json_array();

	object_set(object, "id", json_string(row->id));
	object_set(object, "severity", json_string(severity_names[row->severity]));
	object_set(object, "title", json_string(row->title));
	object_set(object, "count", number_json(finding->count));
	for (uint32_t i = 0; i < kept; i++)
		array_add(places, place_json(&finding->at[i]));
	object_set(object, "places", places);
	object_set(object, "spec", json_string(spec_verdict_names[row->spec]));
	object_set(object, "section", json_string(row->section));
	object_set(object, "lines",
		   finding_is_judged(finding) ? verdicts_json(finding->line) : json_null());
	object_set(object, "edits", edits_json(finding, &c->source));
	object_set(object, "no_edit",
		   row->no_edit && (!finding->edits || finding->trial) ? json_string(row->no_edit)
								       : json_null());
	object_set(object, "guess",
		   finding->guess && finding->edits ? json_string(finding->guess) : json_null());
	object_set(object, "mended", json_boolean(finding->mended && !finding->trial));
	return object;
}

static void set_findings(json_t *object, const struct checked *c)
{
	static const char *const names[SEVERITIES] = { "notes", "warnings", "errors" };
	uint32_t counts[SEVERITIES] = { 0 };
	json_t *array = json_array();

	for (int id = 0; id < FINDING_IDS; id++) {
		if (!c->findings.of[id].count)
			continue;
		counts[finding_rows[id].severity]++;
		array_add(array, finding_json((enum finding_id)id, c));
	}
	for (int severity = SEVERITIES - 1; severity >= 0; severity--)
		object_set(object, names[severity], number_json(counts[severity]));
	object_set(object, "findings", array);
}

static json_t *begin(const char *name)
{
	json_t *object = json_object();

	object_set(object, "schema", json_string("numaboot/check/1"));
	object_set(object, "source", text_json(text_of(name)));
	return object;
}

static json_t *check_json(const struct checked *c)
{
	json_t *object = begin(c->name);
	char lacks[LACKS_MOST];

	object_set(object, "recognized",
		   c->source.what ? text_json(text_of(c->source.what)) : json_null());
	object_set(object, "lacks",
		   c->source.what && source_lacks(&c->source, lacks, sizeof(lacks))
			   ? json_string(lacks)
			   : json_null());
	object_set(object, "line", json_string(c->source.kernel.rules->line));
	object_set(object, "kernels",
		   c->source.fw.map_count ? verdicts_json(c->findings.as_is) : json_null());
	set_findings(object, c);
	return object;
}

void view_check_json(struct out *out, const struct checked *c)
{
	json_print(out, check_json(c));
}

static int write_line(const char *text, size_t len, void *data)
{
	struct nb_writer *writer = (struct nb_writer *)data;

	writer->write(writer, text, len);
	return 0;
}

void view_check_line(struct nb_writer *writer, const char *name, const struct checked *c,
		     const char *complaint)
{
	json_t *object = complaint ? begin(name) : check_json(c);

	if (complaint)
		object_set(object, "error", text_json(text_of(complaint)));
	if (json_dump_callback(object, write_line, writer, JSON_COMPACT))
		pool_exhausted();
	writer->write(writer, "\n", 1);
	json_decref(object);
}

static json_t *row_json(const struct finding_row *row)
{
	json_t *object = json_object();

	object_set(object, "id", json_string(row->id));
	object_set(object, "severity", json_string(severity_names[row->severity]));
	object_set(object, "title", json_string(row->title));
	object_set(object, "means", json_string(row->means));
	object_set(object, "to_do", json_string(row->mend));
	object_set(object, "spec", json_string(spec_verdict_names[row->spec]));
	object_set(object, "section", json_string(row->section));
	object_set(object, "no_edit", row->no_edit ? json_string(row->no_edit) : json_null());
	return object;
}

void view_finding_rows_json(struct out *out, const struct finding_row *only)
{
	json_t *root = json_object(), *array = json_array();

	object_set(root, "schema", json_string("numaboot/findings/1"));
	for (int id = 0; id < FINDING_IDS; id++)
		if (!only || only == &finding_rows[id])
			array_add(array, row_json(&finding_rows[id]));
	object_set(root, "findings", array);
	json_print(out, root);
}
