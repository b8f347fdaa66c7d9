/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-snapshot.h"

#include <glib/gi18n.h>
#include <string.h>

#include "pst-escape.h"
#include "pst-leftover.h"

static guint
count_roots (PstManifest *manifest)
{
  guint n_roots = 0;

  for (guint i = 0; i < pst_manifest_get_n_entries (manifest); i++)
    if (strchr (pst_manifest_get_entry (manifest, i)->path, '/') == NULL)
      n_roots++;

  return n_roots;
}

static char *
format_n_items (guint n_items)
{
  /* Translators: stands for the name of a transfer of several files and folders. */
  return g_strdup_printf (ngettext ("%u item", "%u items", n_items), n_items);
}

/* The one thing offered has its own name; how many there are is said in the
 * person's language. */
static char *
make_title (PstTransfer *transfer)
{
  PstManifest *manifest = pst_transfer_get_manifest (transfer);
  guint n_roots = manifest != NULL ? count_roots (manifest) : 1;

  return n_roots == 1 ? g_strdup (pst_transfer_get_title (transfer)) : format_n_items (n_roots);
}

static char *
make_title_for_paths (const char *const *paths)
{
  guint n_paths = g_strv_length ((GStrv) paths);
  g_autofree char *name = NULL;

  if (n_paths != 1)
    return format_n_items (n_paths);

  name = g_path_get_basename (paths[0]);
  return pst_escape_name (name, -1);
}

static void
free_earlier (gpointer data)
{
  PstEarlier *earlier = data;

  g_free (earlier->destination);
  g_free (earlier);
}

static GPtrArray *
copy_formers (GPtrArray *formers)
{
  GPtrArray *list;

  if (formers == NULL || formers->len == 0)
    return NULL;

  list = g_ptr_array_new_with_free_func (free_earlier);
  for (guint i = 0; i < formers->len; i++)
    {
      const PstFormer *former = g_ptr_array_index (formers, i);
      PstEarlier *earlier = g_new (PstEarlier, 1);

      earlier->destination = g_strdup (pst_journal_get_head (former->journal)->destination);
      earlier->there_bytes = former->there_bytes;
      g_ptr_array_add (list, earlier);
    }

  return list;
}

/* Everything there is to know of @transfer but its figures. */
PstTransferDetails *
pst_transfer_details_new (PstTransfer *transfer)
{
  PstTransferDetails *self = g_atomic_rc_box_new0 (PstTransferDetails);
  PstManifest *manifest = pst_transfer_get_manifest (transfer);
  const GError *error = pst_transfer_get_error (transfer);

  self->title = make_title (transfer);
  self->manifest = manifest != NULL ? pst_manifest_ref (manifest) : NULL;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  self->left_out = g_strdupv (pst_transfer_get_left_out (transfer));
  self->result_paths = g_strdupv (pst_transfer_get_result_paths (transfer));
  self->earlier = copy_formers (pst_transfer_get_formers (transfer));
  return self;
}

/* What is known before the files are listed. @error: (nullable): why it ended. */
PstTransferDetails *
pst_transfer_details_new_for_paths (const char *const *paths, const GError *error)
{
  PstTransferDetails *self = g_atomic_rc_box_new0 (PstTransferDetails);

  self->title = make_title_for_paths (paths);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  return self;
}

/* The same with another end. @error: (nullable) */
PstTransferDetails *
pst_transfer_details_copy (PstTransferDetails *self, const GError *error)
{
  PstTransferDetails *copy = g_atomic_rc_box_new0 (PstTransferDetails);

  copy->title = g_strdup (self->title);
  copy->manifest = self->manifest != NULL ? pst_manifest_ref (self->manifest) : NULL;
  copy->error = error != NULL ? g_error_copy (error) : NULL;
  copy->left_out = g_strdupv (self->left_out);
  copy->result_paths = g_strdupv (self->result_paths);
  copy->earlier = self->earlier != NULL ? g_ptr_array_ref (self->earlier) : NULL;
  return copy;
}

PstTransferDetails *
pst_transfer_details_ref (PstTransferDetails *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_details (gpointer data)
{
  PstTransferDetails *self = data;

  g_free (self->title);
  g_clear_pointer (&self->manifest, pst_manifest_unref);
  g_clear_error (&self->error);
  g_strfreev (self->left_out);
  g_strfreev (self->result_paths);
  g_clear_pointer (&self->earlier, g_ptr_array_unref);
}

void
pst_transfer_details_unref (PstTransferDetails *self)
{
  g_atomic_rc_box_release_full (self, clear_details);
}

/* Whether a transfer in @state is over. */
gboolean
pst_transfer_state_is_final (PstTransferState state)
{
  return state >= PST_TRANSFER_DONE;
}

/* The figures as @transfer shows them now. */
void
pst_transfer_figures_read (PstTransferFigures *self, PstTransfer *transfer)
{
  *self = (PstTransferFigures){
    .sent_bytes = pst_transfer_get_sent_bytes (transfer),
    .written_bytes = pst_transfer_get_written_bytes (transfer),
    .total_bytes = pst_transfer_get_total_bytes (transfer),
    .rate_bps = pst_transfer_get_rate_bps (transfer),
    .mean_rate_bps = pst_transfer_get_mean_rate_bps (transfer),
    .time_left_us = pst_transfer_get_time_left_us (transfer),
    .done_files = pst_transfer_get_done_files (transfer),
    .total_files = pst_transfer_get_total_files (transfer),
    .missing_bytes = pst_transfer_get_missing_bytes (transfer),
    .journal_trouble = pst_transfer_get_journal_trouble (transfer),
    .kept_bytes = pst_transfer_get_kept_bytes (transfer),
    .again_files = pst_transfer_get_again_files (transfer),
    .checked_bytes = pst_transfer_get_checked_bytes (transfer),
    .to_check_bytes = pst_transfer_get_to_check_bytes (transfer),
  };
}

static void
clear_transfer (gpointer data)
{
  PstTransferSnapshot *transfer = data;

  g_clear_pointer (&transfer->details, pst_transfer_details_unref);
  g_clear_error (&transfer->refusal);
}

static void
read_connection (PstSessionSnapshot *self, PstSession *session)
{
  int route;

  g_object_get (session, "route", &route, "buffered-bytes", &self->buffered_bytes,
                "high-mark-bytes", &self->high_mark_bytes, "low-mark-bytes", &self->low_mark_bytes,
                "buffer-full", &self->buffer_full, "buffer-growth-bps", &self->buffer_growth_bps,
                "congested", &self->congested, "round-trip-us", &self->round_trip_us, NULL);
  self->route = route;
  if (self->high_mark_bytes == 0)
    self->round_trip_us = -1; /* it ended before there was a connection */
}

/* @session as it is now, without its transfers. */
PstSessionSnapshot *
pst_session_snapshot_new (PstSession *session)
{
  PstSessionSnapshot *self = g_new0 (PstSessionSnapshot, 1);

  self->time_us = g_get_monotonic_time ();
  self->state = pst_session_get_state (session);
  self->code = g_strdup (pst_session_get_code (session));
  self->invite_uri = g_strdup (pst_session_get_invite_uri (session));
  self->verifier = g_strdup (pst_session_get_verifier (session));
  self->peer_name = g_strdup (pst_session_get_peer_name (session));
  self->remember = pst_session_get_remember (session);
  self->device_secret = pst_session_dup_device_secret (session);
  self->round_trip_us = -1;
  if (self->state >= PST_SESSION_CONNECTED)
    read_connection (self, session);
  self->transfers = g_array_new (FALSE, TRUE, sizeof (PstTransferSnapshot));
  g_array_set_clear_func (self->transfers, clear_transfer);
  return self;
}

void
pst_session_snapshot_free (PstSessionSnapshot *self)
{
  g_free (self->code);
  g_free (self->invite_uri);
  g_free (self->verifier);
  g_free (self->peer_name);
  g_clear_pointer (&self->device_secret, g_bytes_unref);
  g_clear_error (&self->error);
  g_array_unref (self->transfers);
  g_free (self);
}
