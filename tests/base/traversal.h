/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others were attacked with, in one list for every door a name comes in by. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names that must be refused, as bytes; NULL after the last one. */
const char *traversal_get_refused (guint i, gsize *n_bytes);

/* A name as it stands between quotes in a JSON text; bytes that are no text stay
 * as they are. */
char *traversal_to_json (const char *name, gsize n_bytes);

/* Other ways to write such names in JSON, between the quotes. */
extern const char *const traversal_refused_json[];

/* Names that mean something elsewhere, or only look as if: legal, each one part,
 * written as they are. */
extern const char *const traversal_literal[];

G_END_DECLS
