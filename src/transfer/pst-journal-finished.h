/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Who did not hear in a week that all had arrived does not send it again because of that;
 * and no more transfers than this end in the moment in which a connection does. */
#define PST_JOURNAL_FINISHED_S   (7 * 24 * 60 * 60)
#define PST_JOURNAL_MAX_FINISHED 64

gboolean pst_journal_is_finished_name (const char *name, guint64 *id);
void pst_journal_finish (int folder_fd, guint64 id);
void pst_journal_reopen (int folder_fd, guint64 id);
void pst_journal_trim_finished (int folder_fd);
void pst_journal_forget_async (const char *folder,
                               guint64 id,
                               GAsyncReadyCallback callback,
                               gpointer user_data);

G_END_DECLS
