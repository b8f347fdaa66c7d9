/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes of the files: every piece, end and failure is checked against the manifest
 * and whose turn it is before it reaches the disk. */
#include "pst-transfer-private.h"

#include <string.h>

#include "pst-escape.h"
#include "pst-parcel.h"

/* Stands on the next file that is to come, or behind the last. */
void
pst_transfer_find_next_file (PstTransfer *self)
{
  guint n_entries = pst_manifest_get_n_entries (self->manifest);

  self->in.offset = 0;
  while (self->in.entry < n_entries
         && (pst_manifest_get_entry (self->manifest, self->in.entry)->kind != PST_ENTRY_FILE
             || !pst_transfer_is_selected (self, self->in.entry)))
    self->in.entry++;

  if (self->in.entry == n_entries)
    {
      self->in.complete = TRUE;
      pst_sink_commit (self->in.sink);
      pst_transfer_update_active (self);
    }
}

/* What is there of the file whose turn it is, until the sender has said where that
 * goes on. */
static PstHeld *
get_undecided (PstTransfer *self)
{
  PstHeld *held = pst_held_find (self->in.held, self->in.entry);

  return held != NULL && !held->decided ? held : NULL;
}

/* Over a new link nothing comes before the sender has asked what came. */
static gboolean
is_receiving (PstTransfer *self)
{
  return pst_transfer_is_active (self) && self->in.answered && !self->in.complete
         && !self->unaligned;
}

/* The next bytes of the file whose turn it is. */
static gboolean
take_bytes (PstTransfer *self, GBytes *bytes, GError **error)
{
  gsize n_bytes = g_bytes_get_size (bytes);

  if (!pst_window_receive (&self->in.window, n_bytes, error))
    return FALSE;

  self->in.offset += n_bytes;
  self->figures.sent_bytes += n_bytes;
  pst_sink_write (self->in.sink, self->in.entry, bytes);
  return TRUE;
}

/* A piece of a file. Only the next bytes of the file whose turn it is will do. */
gboolean
pst_transfer_take_data (PstTransfer *self,
                        const PstFrameDataHeader *header,
                        GBytes *bytes,
                        GError **error)
{
  const PstEntry *entry;

  if (!self->incoming || !is_receiving (self))
    return pst_transfer_refuse (error, "data that was not asked for");
  if (header->entry != self->in.entry || get_undecided (self) != NULL)
    return pst_transfer_refuse (error, "data of a file whose turn it is not");
  entry = pst_manifest_get_entry (self->manifest, header->entry);
  if (header->offset != self->in.offset)
    return pst_transfer_refuse (error, "data for a wrong place in a file");
  if (g_bytes_get_size (bytes) > entry->size_bytes - self->in.offset)
    return pst_transfer_refuse (error, "more of a file than it had declared");
  if (!take_bytes (self, bytes, error))
    return FALSE;

  pst_transfer_tell_arrival (self);
  return TRUE;
}

static void
take_end (PstTransfer *self, const guint8 digest[PST_DIGEST_BYTES])
{
  pst_sink_finish_file (self->in.sink, self->in.entry, digest);
  self->in.entry++;
  pst_transfer_find_next_file (self);
}

/* A whole file. Only that whose turn it is will do. */
static gboolean
take_file (PstTransfer *self, GBytes *payload, const PstParcelFile *file, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (payload, file->offset, file->n_bytes);

  if (!is_receiving (self))
    return pst_transfer_refuse (error, "a file that was not asked for");
  if (file->entry != self->in.entry || self->in.offset > 0 || get_undecided (self) != NULL)
    return pst_transfer_refuse (error, "a file whose turn it is not");
  if (file->n_bytes != pst_manifest_get_entry (self->manifest, file->entry)->size_bytes)
    return pst_transfer_refuse (error, "a file that is not as long as it had declared");
  if (file->n_bytes > 0 && !take_bytes (self, bytes, error))
    return FALSE;

  take_end (self, file->digest);
  return TRUE;
}

/* Several whole files; @files tells where in @payload they are. */
gboolean
pst_transfer_take_parcel (PstTransfer *self, GBytes *payload, GArray *files, GError **error)
{
  if (!self->incoming)
    return pst_transfer_refuse (error, "files that were not asked for");
  for (guint i = 0; i < files->len; i++)
    if (!take_file (self, payload, &g_array_index (files, PstParcelFile, i), error))
      return FALSE;

  pst_transfer_tell_arrival (self);
  return TRUE;
}

static gboolean
take_entry_done (PstTransfer *self, const PstControl *control, GError **error)
{
  const PstEntry *entry;

  if (control->entry != self->in.entry || get_undecided (self) != NULL)
    return pst_transfer_refuse (error, "the end of a file whose turn it is not");
  entry = pst_manifest_get_entry (self->manifest, control->entry);
  if (control->size_bytes != entry->size_bytes || self->in.offset != entry->size_bytes)
    return pst_transfer_refuse (error, "the end of a file too early");

  take_end (self, control->digest);
  return TRUE;
}

/* Where a file goes on of which something is there. Over a new link that is said
 * again if nothing of the file has come. */
static gboolean
take_entry_from (PstTransfer *self, const PstControl *control, GError **error)
{
  PstHeld *held = pst_held_find (self->in.held, control->entry);

  if (held == NULL || control->entry != self->in.entry || self->in.offset > 0
      || (held->decided && control->offset != held->kept_bytes)
      || (control->offset > 0 && !pst_held_has_place (held, control->offset)))
    return pst_transfer_refuse (error, "a place to go on at that is none");
  if (held->decided)
    return TRUE;

  pst_transfer_decide (self, held, control->offset);
  self->in.offset = control->offset;
  if (pst_held_is_kept (held))
    pst_sink_continue_file (self->in.sink, control->entry, control->offset);
  else
    pst_sink_restart_file (self->in.sink, control->entry);

  self->figures.sent_bytes += control->offset;
  pst_transfer_count_written (self, self->in.window.written_bytes);
  pst_transfer_touch (self);
  return TRUE;
}

static gboolean
take_entry_failed (PstTransfer *self, const PstControl *control, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *shown = NULL;

  if (control->entry != self->in.entry)
    return pst_transfer_refuse (error, "the failure of a file whose turn it is not");

  shown = pst_escape_name (control->text != NULL ? control->text : "", -1);
  failure = g_error_new (PST_ERROR, control->reason, "The other side could not send a file. %s",
                         shown);
  pst_sink_abandon_file (self->in.sink, control->entry);
  pst_transfer_lose_file (self, control->entry, self->in.offset, failure);
  self->in.entry++;
  pst_transfer_find_next_file (self);
  return TRUE;
}

/* What is said of a file: where it goes on, that it has ended, that it will not come. */
gboolean
pst_transfer_take_file_control (PstTransfer *self, const PstControl *control, GError **error)
{
  if (!is_receiving (self))
    return pst_transfer_refuse (error, "a message about its offer out of turn");

  switch (control->kind)
    {
    case PST_CONTROL_ENTRY_FROM:
      return take_entry_from (self, control, error);
    case PST_CONTROL_ENTRY_DONE:
      return take_entry_done (self, control, error);
    case PST_CONTROL_ENTRY_FAILED:
      return take_entry_failed (self, control, error);
    default:
      g_assert_not_reached ();
    }
}
