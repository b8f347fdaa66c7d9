/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-journal.h"

G_BEGIN_DECLS

/**
 * PstLeftover:
 * @id: what it is called, 16 digits
 * @title: what was offered, escaped for showing; %NULL with @error
 * @destination: where it was received; %NULL with @error
 * @began_s: when that began, seconds since 1970
 * @n_files: how many files there were
 * @n_whole_files: how many of them came whole
 * @total_bytes: their sizes together
 * @there_bytes: how much of that is there
 * @error: (nullable): why nothing but its name is known
 *
 * A receipt that did not come to its end.
 */
typedef struct
{
  char *id;
  char *title;
  char *destination;
  gint64 began_s;
  guint n_files;
  guint n_whole_files;
  guint64 total_bytes;
  guint64 there_bytes;
  GError *error;
} PstLeftover;

/**
 * PstFormer:
 * @journal: an earlier receipt of the same things
 * @there_bytes: about how much of them is there
 *
 * What an offer may go on with.
 */
typedef struct
{
  PstJournal *journal;
  guint64 there_bytes;
} PstFormer;

#define PST_TYPE_LEFTOVER (pst_leftover_get_type ())
GType pst_leftover_get_type (void);

PstLeftover *pst_leftover_copy (const PstLeftover *self);
void pst_leftover_free (PstLeftover *self);
char *pst_leftover_dup_folder (void);
GPtrArray *pst_leftover_list (const char *folder, GError **error);
void pst_leftover_list_async (const char *folder, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *pst_leftover_list_finish (GAsyncResult *result, GError **error);
gboolean pst_leftover_discard (const char *folder, const char *id, GError **error);
void pst_leftover_find_async (const char *folder,
                              PstManifest *manifest,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
GPtrArray *pst_leftover_find_finish (GAsyncResult *result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstLeftover, pst_leftover_free)

G_END_DECLS
