/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What a person dropped, pasted, chose or named on the command line becomes
 * paths that can be sent, or one translated sentence that says why not and
 * what to do. */

/* @paths: NULL-terminated, at least one; NULL when @error says why not. */
typedef void (*PstIntakeFunc) (GStrv paths, const GError *error, gpointer user_data);

GStrv pst_intake_check (GListModel *files, GError **error);
GtkEventController *pst_intake_drop_target_new (PstIntakeFunc func,
                                                gpointer user_data,
                                                GDestroyNotify destroy);
void pst_intake_paste (GdkClipboard *clipboard,
                       PstIntakeFunc func,
                       gpointer user_data,
                       GDestroyNotify destroy);

G_END_DECLS
