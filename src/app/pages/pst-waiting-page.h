/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-app-session.h"

G_BEGIN_DECLS

/* The code, the QR code and the link of a session that waits for somebody, and
 * what is going to be sent.
 *
 * Signals:
 * - `cancelled ()`: the person does not want to wait any more
 * - `copied (const char *sentence)`: the clipboard has the code or the link, to
 *   be told to the person */
#define PST_TYPE_WAITING_PAGE (pst_waiting_page_get_type ())
G_DECLARE_FINAL_TYPE (PstWaitingPage, pst_waiting_page, PST, WAITING_PAGE, AdwBin)

GtkWidget *pst_waiting_page_new (void);
void pst_waiting_page_set_devices (PstWaitingPage *self, GMenuModel *devices);
void pst_waiting_page_set_session (PstWaitingPage *self, PstAppSession *session);

G_END_DECLS
