/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-app-devices.h"
#include "pst-app-session.h"
#include "pst-application.h"
#include "pst-window.h"

G_BEGIN_DECLS

/* SIGINT, SIGTERM, SIGHUP. */
#define PST_APPLICATION_N_SIGNALS 3

struct _PstApplication
{
  AdwApplication parent_instance;

  GSettings *settings;
  PstEngine *engine;
  PstHistory *history;
  PstAppDevices *devices;
  guint n_failed_codes; /* made here, in a row, until one works */

  /* The way out (pst-application-end.c). */
  GPtrArray *ending; /* sessions without a window that say goodbye */
  guint signal_sources[PST_APPLICATION_N_SIGNALS];
};

/* pst-application.c */
PstWindow *pst_application_find_window (PstApplication *self);
PstWindow *pst_application_ensure_window (PstApplication *self);
void pst_application_note_code (PstApplication *self, gboolean worked);

/* pst-application-actions.c */
void pst_application_install_actions (PstApplication *self);

/* pst-application-end.c */
void pst_application_see_off (PstApplication *self, PstAppSession *session);
void pst_application_watch_signals (PstApplication *self);
void pst_application_end (PstApplication *self);

G_END_DECLS
