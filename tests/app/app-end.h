/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person's side, as the window sees it: a PstAppSession in an engine, and
 * a folder to send from and to receive into. */
#pragma once

#include "pst-app-session.h"
#include "session-end.h"

G_BEGIN_DECLS

typedef struct
{
  PstAppSession *session;
  char *folder;
  gboolean accepts;    /* accept what comes into the folder */
  GPtrArray *incoming; /* of PstAppTransfer */
  guint n_closed;
  GError *error;
} AppEnd;

void app_end_init (AppEnd *end, PstEngine *engine);
void app_end_clear (AppEnd *end);
void app_end_open_pair (AppEnd *host, AppEnd *guest, PstEngine *engine);
PstAppTransfer *app_end_send (AppEnd *end, const char *path);
void app_end_wait_for_code (AppEnd *end);

G_END_DECLS
