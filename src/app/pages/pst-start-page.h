/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Nothing chosen yet: a place to drop files on, the choosers, and Receive. It
 * needs no signals: its buttons are the actions of the window ("win.open",
 * "win.open-folder", "win.receive"); drops are taken by the whole window. */
#define PST_TYPE_START_PAGE (pst_start_page_get_type ())
G_DECLARE_FINAL_TYPE (PstStartPage, pst_start_page, PST, START_PAGE, AdwBin)

GtkWidget *pst_start_page_new (void);
void pst_start_page_set_server (PstStartPage *self, const char *server_url);

G_END_DECLS
