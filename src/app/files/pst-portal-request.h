/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A dialogue that another program shows for us. */
typedef struct _PstPortalRequest PstPortalRequest;

PstPortalRequest *pst_portal_request_watch (const char *interface_name, const char *method_name);
void pst_portal_request_forget (PstPortalRequest *self);
void pst_portal_request_close (PstPortalRequest *self, GDestroyNotify closed, gpointer data);

G_END_DECLS
