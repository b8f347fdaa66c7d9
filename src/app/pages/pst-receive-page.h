/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-app-session.h"
#include "pst-code-entry.h"
#include "pst-scan-view.h"

G_BEGIN_DECLS

/* Where the code is typed, pasted or scanned, and, after that, what is being
 * done about it.
 *
 * Signals:
 * - `code-entered (const char *code_or_link)`: it reads as a code or a link
 * - `cancelled ()`: the person does not want to receive any more */
#define PST_TYPE_RECEIVE_PAGE (pst_receive_page_get_type ())
G_DECLARE_FINAL_TYPE (PstReceivePage, pst_receive_page, PST, RECEIVE_PAGE, AdwBin)

GtkWidget *pst_receive_page_new (void);
void pst_receive_page_reset (PstReceivePage *self);
void pst_receive_page_set_devices (PstReceivePage *self, GMenuModel *devices);
void pst_receive_page_set_text (PstReceivePage *self, const char *code_or_link);
void pst_receive_page_choose_image (PstReceivePage *self);
void pst_receive_page_set_session (PstReceivePage *self, PstAppSession *session);
void pst_receive_page_show_state (PstReceivePage *self, PstSessionState state);
void pst_receive_page_offer_text (PstReceivePage *self, const char *clipboard_text);
PstScanView *pst_receive_page_get_scan_view (PstReceivePage *self);
PstCodeEntry *pst_receive_page_get_code_entry (PstReceivePage *self);
const char *pst_receive_page_get_view (PstReceivePage *self);

G_END_DECLS
