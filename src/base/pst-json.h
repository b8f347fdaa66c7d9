/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Our messages nest four deep; json-glib's parser recurses, so a stranger's
 * nesting must be bounded before it sees the text. */
#define PST_JSON_MAX_DEPTH 16

/* Our objects have at most a dozen members. json-glib keeps them in a table whose
 * hash has no secret, so a stranger can make all names collide: with thousands of
 * them, each would be compared with all before it. */
#define PST_JSON_MAX_MEMBERS 64

JsonObject *pst_json_parse (const char *text, gsize length, gsize max_bytes, GError **error);
char *pst_json_print (JsonObject *object);
void pst_json_append_string (GString *text, const char *value);

gboolean pst_json_get_string (JsonObject *object,
                              const char *member,
                              gsize max_bytes,
                              const char **value,
                              GError **error);
gboolean pst_json_get_uint (JsonObject *object,
                            const char *member,
                            guint64 max,
                            guint64 *value,
                            GError **error);
gboolean pst_json_get_int (JsonObject *object, const char *member, gint64 *value, GError **error);
gboolean pst_json_get_bool (JsonObject *object,
                            const char *member,
                            gboolean fallback,
                            gboolean *value,
                            GError **error);
JsonArray *pst_json_get_array (JsonObject *object,
                               const char *member,
                               guint max_length,
                               GError **error);
JsonObject *pst_json_get_object (JsonObject *object, const char *member, GError **error);

G_END_DECLS
