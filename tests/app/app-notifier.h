/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Plays the desktop's notification server on the session bus. */

typedef struct
{
  guint owner;
  guint object;
  GDBusConnection *connection;
  GPtrArray *summaries; /* of all notifications so far */
  GPtrArray *bodies;    /* the same */
  GPtrArray *actions;   /* names of all their actions so far */
  guint n_closed;
  gboolean ready;
} AppNotifier;

void app_notifier_start (AppNotifier *self);
void app_notifier_stop (AppNotifier *self);
gboolean app_notifier_has (AppNotifier *self, const char *summary_part);

G_END_DECLS
