/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

/* Reads what stands in vectors/spake2.json; a missing member fails the test. */
JsonObject *vectors_load (void);
GBytes *vectors_hex (JsonObject *object, const char *member);
void vectors_get_hex (JsonObject *object, const char *member, guint8 *out, gsize out_bytes);
void assert_hex (const guint8 *data, gsize size, const char *hex);
