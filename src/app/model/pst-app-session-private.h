/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-app-session.h"
#include "pst-resident.h"

G_BEGIN_DECLS

struct _PstAppSession
{
  GObject parent_instance;

  PstEngine *engine;
  PstMirror *mirror;
  PstResident *resident;
  char *server_url;
  gboolean host;
  gboolean meeting; /* with a remembered device */
  gboolean begun;
  gboolean leaving; /* this side's person closed it */
  PstSessionSnapshot *now; /* never NULL; its transfers are in the list */

  GListStore *transfers; /* of PstAppTransfer, oldest first */
  GHashTable *by_key;    /* of PstAppTransfer; not owned, they are in the list */
  guint next_key;        /* for ours */
};

PstAppTransfer *pst_app_session_peek_transfer (PstAppSession *self, guint index);

G_END_DECLS
