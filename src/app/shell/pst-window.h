/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-application.h"

G_BEGIN_DECLS

/* Actions: "open", "open-folder", "paste", "receive", "back", "disconnect",
 * "choose-destination", "close"; those of the application: "preferences",
 * "shortcuts", "help", "about", "quit", and, for notifications, "accept" and
 * "decline". */
#define PST_TYPE_WINDOW (pst_window_get_type ())
G_DECLARE_FINAL_TYPE (PstWindow, pst_window, PST, WINDOW, AdwApplicationWindow)

PstWindow *pst_window_new (PstApplication *application);
void pst_window_send (PstWindow *self, const char *const *paths);
void pst_window_take_code (PstWindow *self, const char *code_or_link);
void pst_window_say (PstWindow *self, const char *sentence);
void pst_window_open (PstWindow *self, GListModel *files);
void pst_window_answer (PstWindow *self, const char *id, gboolean accept);

G_END_DECLS
