/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-wormhole.h"

G_BEGIN_DECLS

#define PST_TYPE_LINE (pst_line_get_type ())
G_DECLARE_FINAL_TYPE (PstLine, pst_line, PST, LINE, GObject)

/* One mailbox at a server, kept open over lost connections: sends again what
 * did not arrive and sees to the server's answers. Knows nothing of keys. The
 * server may be found at several addresses, which are tried in turn.
 *
 * Signals:
 * - `claimed (const char *nameplate)`: the mailbox is open (once); the nameplate is
 *   ours, if there is one
 * - `mail (const char *side, const char *phase, GBytes *body)`: of either side;
 *   after a reconnection everything comes again
 * - `failed (GError *error)`: the line gave up, once; it still must be closed */

PstLine *pst_line_new (const char *server_url, const char *appid, const char *side);
void pst_line_set_timing (PstLine *self, const PstWormholeTiming *timing);
void pst_line_start (PstLine *self, const char *nameplate);
void pst_line_start_at (PstLine *self, const char *mailbox);
void pst_line_add (PstLine *self, const char *phase, GBytes *body);
void pst_line_forget_numeric (PstLine *self, guint below);
void pst_line_add_url (PstLine *self, const char *server_url);
void pst_line_hurry (PstLine *self);
void pst_line_change_server (PstLine *self);
void pst_line_release (PstLine *self);
void pst_line_persist (PstLine *self);
void pst_line_close_async (PstLine *self,
                           PstMood mood,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean pst_line_close_finish (PstLine *self, GAsyncResult *result, GError **error);

G_END_DECLS
