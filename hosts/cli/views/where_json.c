/* SPDX-License-Identifier: MIT */
/* where_json: an account for programs. */
#include "json_parts.h"
#include "where.h"

static const char *const kinds[] = {
	[IS_LOSS] = "loss",
	[IS_GAIN] = "gain",
	[IS_SUM] = "sum",
};

static json_t *nodes_of(const struct locating *v, const struct amount *amount)
{
	json_t *array = json_array();

	for (int32_t nid = 0; nid <= NB_MAX_NODES; nid++) {
		bool none = nid == NODE_NONE;
		json_t *object;

		if (none ? !amount->node[nid] : !nb_nodes_has(&v->account->nodes, nid))
			continue;
		object = json_object();
		object_set(object, "node", none ? json_null() : number_json((uint64_t)nid));
		object_set(object, "bytes", json_integer(amount->node[nid]));
		array_add(array, object);
	}
	return array;
}

static json_t *row_json(const struct locating *v, enum account_row_id id)
{
	const struct amount *amount = &v->account->rows[id];
	struct account_row row = account_row(id);
	json_t *object = json_object();

	object_set(object, "row", json_string(row.key));
	object_set(object, "name", json_string(row.name));
	object_set(object, "kind", json_string(kinds[row.kind]));
	object_set(object, "bytes", json_integer(amount->all));
	object_set(object, "nodes", nodes_of(v, amount));
	object_set(object, "reason", row.reason[0] ? json_string(row.reason) : json_null());
	object_set(object, "gives_back",
		   row.gives_back[0] ? json_string(row.gives_back) : json_null());
	return object;
}

void view_where_json(struct out *out, const struct locating *v)
{
	json_t *root = json_object(), *rows = json_array();

	object_set(root, "schema", json_string("numaboot/where/1"));
	object_set(root, "source", text_json(text_of(v->prediction.name)));
	object_set(root, "kernel", kernel_json(&v->prediction));
	object_set(root, "traced", json_boolean(v->account->is_traced));
	for (int id = 0; id < ACCOUNT_ROWS; id++)
		if (v->account->rows[id].known)
			array_add(rows, row_json(v, (enum account_row_id)id));
	object_set(root, "rows", rows);
	json_print(out, root);
}
