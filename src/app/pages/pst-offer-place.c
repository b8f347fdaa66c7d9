/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-offer-place.h"

#include <stdlib.h>

#include "pst-destination.h"

/**
 * pst_offer_place_free:
 * @self: (transfer full): what is known of a folder
 */
void
pst_offer_place_free (PstOfferPlace *self)
{
  g_free (self->path);
  free (self->real_path);
  g_free (self->display);
  g_free (self);
}

/* In a worker: a folder may lie on a disk that sleeps or a server that is slow. */
static void
probe (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const char *path = task_data;
  PstOfferPlace *place = g_new0 (PstOfferPlace, 1);

  place->path = *path != '\0' ? g_strdup (path) : pst_destination_dup_default ();
  if (place->path != NULL)
    {
      place->real_path = realpath (place->path, NULL);
      place->display = pst_destination_dup_display (place->path);
      place->writable = pst_destination_check (place->path, NULL);
      place->free_known = pst_destination_get_free_bytes (place->path, &place->free_bytes);
    }

  g_task_return_pointer (task, place, (GDestroyNotify) pst_offer_place_free);
}

/**
 * pst_offer_place_probe_async:
 * @path: a folder; empty for the default
 * @cancellable: (nullable): gives up waiting
 * @callback: called when it is known
 * @user_data: for @callback
 *
 * Finds out whether a folder can be written, and what room it has.
 */
void
pst_offer_place_probe_async (const char *path,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, pst_offer_place_probe_async);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, probe);
}

/**
 * pst_offer_place_probe_finish:
 * @result: what the callback got
 * @error: return location for a %G_IO_ERROR_CANCELLED, the only error
 *
 * Returns: (transfer full): what is known of the folder; %NULL with @error set
 */
PstOfferPlace *
pst_offer_place_probe_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
