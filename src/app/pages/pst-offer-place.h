/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PstOfferPlace:
 * @path: the folder
 * @real_path: the same without symbolic links; %NULL if there is no such folder
 * @display: how a person knows it, not escaped
 * @writable: whether something can be written there
 * @free_known: whether @free_bytes is known
 * @free_bytes: the room there is
 *
 * What is known of the folder where received things are to go.
 */
typedef struct
{
  char *path;
  char *real_path;
  char *display;
  gboolean writable;
  gboolean free_known;
  guint64 free_bytes;
} PstOfferPlace;

void pst_offer_place_free (PstOfferPlace *self);
void pst_offer_place_probe_async (const char *path,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
PstOfferPlace *pst_offer_place_probe_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstOfferPlace, pst_offer_place_free)

G_END_DECLS
