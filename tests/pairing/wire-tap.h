/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hears all that this process says to mailbox servers and as one: the functions
 * that send stand in for the libraries'. Linked into a test's executable. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

void wire_tap_start (void);
void wire_tap_stop (void);

/* Whether a text or, decoded, the body of a message has @part in it. */
gboolean wire_tap_has (const char *part);

/* How many commands were sent to add a message of this phase; NULL: one whose
 * phase is a number. */
guint wire_tap_count_added (const char *phase);

G_END_DECLS
