/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An offer of theirs, from when its list is complete until it is answered: what is
 * there of it from an earlier receipt, what of it is chosen, and where it goes. */
#include "pst-transfer-private.h"

#include <stdlib.h>
#include <string.h>

#include "pst-name-hash.h"

static void
show_offer (PstTransfer *self)
{
  pst_transfer_set_state (self, PST_TRANSFER_OFFERED);
  pst_exchange_transfer_offered (self->exchange, self);
}

static void
formers_found (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstTransfer) self = user_data;

  self->in.formers = pst_leftover_find_finish (result);
  if (!pst_transfer_is_finished (self))
    show_offer (self);
}

/* The offer is complete. It is shown once it is known what is there of it. */
void
pst_transfer_find_formers (PstTransfer *self)
{
  const char *journals = pst_exchange_get_journals (self->exchange);

  if (journals != NULL && pst_exchange_peer_resumes (self->exchange))
    pst_leftover_find_async (journals, self->manifest, formers_found, g_object_ref (self));
  else
    show_offer (self);
}

/* The folders around a chosen entry are chosen with it. */
static guint8 *
complete_selection (PstManifest *manifest, const guint8 *selection)
{
  guint n_entries = pst_manifest_get_n_entries (manifest);
  g_autoptr (GHashTable) folders = g_hash_table_new_full (pst_name_hash, g_str_equal, g_free, NULL);
  guint8 *complete = g_new0 (guint8, n_entries);

  /* Folders stand before what is in them, so backwards finds all. */
  for (guint i = n_entries; i-- > 0;)
    {
      const PstEntry *entry = pst_manifest_get_entry (manifest, i);
      const char *slash = strrchr (entry->path, '/');

      if (!selection[i] && !g_hash_table_contains (folders, entry->path))
        continue;
      complete[i] = 1;
      if (slash != NULL)
        g_hash_table_add (folders, g_strndup (entry->path, slash - entry->path));
    }

  return complete;
}

static GArray *
selection_to_ranges (const guint8 *selection, guint n_entries)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (PstEntryRange));

  for (guint32 i = 0; i < n_entries; i++)
    {
      PstEntryRange range = { i, i };

      if (!selection[i])
        continue;
      while (i + 1 < n_entries && selection[i + 1])
        range.last = ++i;
      g_array_append_val (ranges, range);
    }

  return ranges;
}

/* What is there is said in parts before the answer. */
static void
say_held (PstTransfer *self)
{
  guint n_held = self->in.held != NULL ? self->in.held->len : 0;

  for (guint i = 0; i < n_held; i += PST_CONTROL_MAX_HELD)
    {
      g_auto (PstControl) control = { .kind = PST_CONTROL_HELD, .id = self->wire_id };

      control.held = g_array_new (FALSE, FALSE, sizeof (PstHeld));
      g_array_append_vals (control.held, &g_array_index (self->in.held, PstHeld, i),
                           MIN (n_held - i, PST_CONTROL_MAX_HELD));
      pst_exchange_send_control (self->exchange, &control);
    }
}

void
pst_transfer_say_accept (PstTransfer *self)
{
  g_auto (PstControl) control = {
    .kind = PST_CONTROL_ACCEPT,
    .id = self->wire_id,
    .window_bytes = self->in.window.window_bytes,
  };

  if (self->selection != NULL)
    control.ranges = selection_to_ranges (self->selection,
                                          pst_manifest_get_n_entries (self->manifest));
  say_held (self);
  pst_exchange_send_control (self->exchange, &control);
  pst_window_announced (&self->in.window);
}

/* It is known what is there: the other side may send. Between two links it is told
 * when it asks. */
static void
answer (PstTransfer *self)
{
  PstControl pause = { .kind = PST_CONTROL_PAUSE, .id = self->wire_id };

  self->in.checking = FALSE;
  self->in.answered = TRUE;
  self->check.total_bytes = pst_held_sum_most_bytes (self->in.held, G_MAXUINT32);
  pst_transfer_update_meter (self);
  pst_transfer_update_active (self);
  pst_transfer_fit_window (self);
  if (!self->unaligned)
    {
      pst_transfer_say_accept (self);
      if (self->paused_by_me)
        pst_exchange_send_control (self->exchange, &pause);
    }
  pst_transfer_find_next_file (self);
  pst_transfer_touch (self);
}

static void
sink_prepared (PstSink *sink, gpointer user_data)
{
  PstTransfer *self = user_data;

  if (!self->in.checking)
    return;
  if (pst_sink_get_held (sink) != NULL)
    self->in.held = g_array_ref (pst_sink_get_held (sink));
  answer (self);
}

/* The earlier receipt into that folder, if there is one. */
static PstFormer *
find_former (PstTransfer *self, const char *destination)
{
  char *real = realpath (destination, NULL);
  PstFormer *found = NULL;

  for (guint i = 0; real != NULL && self->in.formers != NULL && i < self->in.formers->len; i++)
    {
      PstFormer *former = g_ptr_array_index (self->in.formers, i);

      if (found == NULL && g_str_equal (pst_journal_get_head (former->journal)->destination, real))
        found = former;
    }

  free (real);
  return found;
}

/**
 * pst_transfer_get_there_bytes:
 * @self: an incoming transfer
 * @destination: an existing folder
 *
 * Tells about how much of what is offered is in @destination from an earlier receipt
 * that did not come to its end. Whether it is the same is found out once the offer
 * is accepted.
 *
 * Returns: the bytes; 0 if nothing is known to be there
 */
guint64
pst_transfer_get_there_bytes (PstTransfer *self, const char *destination)
{
  const PstFormer *former = find_former (self, destination);

  return former != NULL ? former->there_bytes : 0;
}

/**
 * pst_transfer_get_formers:
 * @self: an incoming transfer
 *
 * Returns: (transfer none) (nullable) (element-type PstFormer): the earlier receipts of
 *   the same things, into whatever folders, that did not come to their end
 */
GPtrArray *
pst_transfer_get_formers (PstTransfer *self)
{
  return self->in.formers;
}

/**
 * pst_transfer_accept:
 * @self: an incoming transfer that is offered
 * @destination: an existing folder that can be written
 * @selection: (nullable) (array): one byte for each entry of the manifest, not
 *   0 for those wanted; %NULL for all. Folders around a wanted entry are
 *   wanted, too.
 * @error: return location for a %PST_ERROR_DESTINATION, %PST_ERROR_DISK_FULL,
 *   %PST_ERROR_LIMIT or %PST_ERROR_USAGE
 *
 * Lets the other side send, once what is there of an earlier receipt of the same
 * things into the same folder has been looked at. After an error the transfer is
 * still offered, and another destination can be tried.
 *
 * Returns: %TRUE if it was accepted
 */
gboolean
pst_transfer_accept (PstTransfer *self,
                     const char *destination,
                     const guint8 *selection,
                     GError **error)
{
  g_autoptr (GArray) ranges = NULL;
  g_autofree guint8 *complete = NULL;
  g_autoptr (PstDisk) disk = NULL;
  PstFormer *former;

  if (!self->incoming || self->state != PST_TRANSFER_OFFERED)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                           "There is no offer to accept any more.");
      return FALSE;
    }

  if (selection != NULL)
    {
      complete = complete_selection (self->manifest, selection);
      ranges = selection_to_ranges (complete, pst_manifest_get_n_entries (self->manifest));
    }
  if (ranges != NULL && ranges->len > PST_CONTROL_MAX_RANGES)
    {
      g_set_error (error, PST_ERROR, PST_ERROR_LIMIT,
                   "This choice is too scattered; choose whole folders or fewer single files.");
      return FALSE;
    }

  former = find_former (self, destination);
  disk = pst_disk_new_kept (self->manifest, complete, destination,
                            pst_exchange_get_journals (self->exchange),
                            former != NULL ? former->journal : NULL, error);
  if (disk == NULL)
    return FALSE;

  self->selection = g_steal_pointer (&complete);
  self->in.checking = former != NULL;
  pst_transfer_start_receiving (self, disk);
  g_signal_connect_object (self->in.sink, "prepared", G_CALLBACK (sink_prepared), self, 0);
  if (self->in.checking)
    pst_transfer_tell_check (self);
  else
    answer (self);
  return TRUE;
}

/**
 * pst_transfer_decline:
 * @self: an incoming transfer that is offered
 *
 * Refuses the offer. Anything else is left alone.
 */
void
pst_transfer_decline (PstTransfer *self)
{
  PstControl control = { .kind = PST_CONTROL_DECLINE, .id = self->wire_id };
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_DECLINED, "You declined.");

  if (!self->incoming || self->state != PST_TRANSFER_OFFERED)
    return;

  pst_exchange_send_control (self->exchange, &control);
  pst_transfer_fail (self, PST_TRANSFER_DECLINED, error);
}
