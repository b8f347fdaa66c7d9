/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the engine: watches a session and its transfers, starts queued ones, and
 * puts what changed into the mirror. */
#include "pst-resident-private.h"

#include "pst-app-session.h"
#include "pst-error.h"

typedef struct
{
  GSource source;
  PstResident *resident; /* not owned: it destroys the source before it goes */
} PutSource;

static gboolean
is_finished (PstWatch *watch)
{
  return pst_transfer_state_is_final (watch->state);
}

static gboolean
is_queued (PstWatch *watch)
{
  return watch->transfer == NULL && !is_finished (watch);
}

/* Running in one way or another; these change often and can wait their turn. */
static gboolean
is_flowing (PstTransferState state)
{
  return state >= PST_TRANSFER_RUNNING && state <= PST_TRANSFER_HELD_LIMIT;
}

static void
renew_details (PstWatch *watch)
{
  pst_transfer_details_unref (watch->details);
  watch->details = pst_transfer_details_new (watch->transfer);
}

static void
on_transfer_notify (PstTransfer *transfer, GParamSpec *pspec, gpointer user_data)
{
  PstWatch *watch = user_data;
  PstTransferState before = watch->state;
  gboolean at_once;

  watch->state = pst_transfer_get_state (transfer);
  at_once = watch->state != before && !(is_flowing (watch->state) && is_flowing (before));
  if (at_once)
    renew_details (watch);
  pst_resident_schedule (watch->resident, at_once);
}

static void
watch_transfer (PstWatch *watch, PstTransfer *transfer)
{
  watch->transfer = g_object_ref (transfer);
  watch->state = pst_transfer_get_state (transfer);
  g_signal_connect (transfer, "notify", G_CALLBACK (on_transfer_notify), watch);
}

static void
watch_free (gpointer data)
{
  PstWatch *watch = data;

  if (watch->transfer != NULL)
    g_signal_handlers_disconnect_by_data (watch->transfer, watch);
  g_clear_object (&watch->transfer);
  g_clear_pointer (&watch->details, pst_transfer_details_unref);
  g_clear_error (&watch->refusal);
  g_strfreev (watch->paths);
  g_free (watch);
}

/* Gives NULL for a transfer that is over and was seen to be. */
PstWatch *
pst_resident_find (PstResident *self, guint key)
{
  for (guint i = 0; i < self->watches->len; i++)
    {
      PstWatch *watch = g_ptr_array_index (self->watches, i);

      if (watch->key == key)
        return watch;
    }

  return NULL;
}

PstWatch *
pst_resident_add (PstResident *self, guint key)
{
  PstWatch *watch = g_new0 (PstWatch, 1);

  watch->resident = self;
  watch->key = key;
  g_ptr_array_add (self->watches, watch);
  pst_resident_schedule (self, TRUE);
  return watch;
}

/* Takes a transfer that the other side has not heard of out of the queue. */
void
pst_resident_drop_queued (PstWatch *watch)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED, "You cancelled.");

  if (!is_queued (watch))
    return;

  watch->state = PST_TRANSFER_CANCELLED_BY_ME;
  pst_transfer_details_unref (watch->details);
  watch->details
      = pst_transfer_details_new_for_paths ((const char *const *) watch->paths, error);
  pst_resident_schedule (watch->resident, TRUE);
}

static PstWatch *
first_queued (PstResident *self)
{
  for (guint i = 0; i < self->watches->len; i++)
    if (is_queued (g_ptr_array_index (self->watches, i)))
      return g_ptr_array_index (self->watches, i);

  return NULL;
}

static gboolean
may_start_another (PstResident *self)
{
  guint n_active = 0;

  for (guint i = 0; i < self->watches->len; i++)
    {
      PstWatch *watch = g_ptr_array_index (self->watches, i);

      n_active += !PST_KEY_IS_INCOMING (watch->key) && watch->transfer != NULL
                  && !is_finished (watch);
    }

  return n_active < PST_APP_SESSION_MAX_ACTIVE
         && pst_session_get_state (self->session) == PST_SESSION_CONNECTED;
}

/* The others follow with the snapshot that tells of the end of one. */
static void
start_queued (PstResident *self)
{
  PstWatch *watch;

  while ((watch = first_queued (self)) != NULL && may_start_another (self))
    watch_transfer (watch, pst_session_send (self->session, (const char *const *) watch->paths));
}

static void
append_snapshot (PstWatch *watch, GArray *transfers)
{
  PstTransferSnapshot transfer = {
    .key = watch->key,
    .queued = is_queued (watch),
    .state = watch->state,
    .figures.time_left_us = -1,
    .details = pst_transfer_details_ref (watch->details),
    .n_refusals = watch->n_refusals,
    .refusal = watch->refusal != NULL ? g_error_copy (watch->refusal) : NULL,
  };

  if (watch->transfer != NULL)
    pst_transfer_figures_read (&transfer.figures, watch->transfer);
  g_array_append_val (transfers, transfer);
}

static PstSessionSnapshot *
take_snapshot (PstResident *self)
{
  PstSessionSnapshot *snapshot = pst_session_snapshot_new (self->session);

  snapshot->error = self->error != NULL ? g_error_copy (self->error) : NULL;
  for (guint i = 0; i < self->watches->len; i++)
    append_snapshot (g_ptr_array_index (self->watches, i), snapshot->transfers);

  return snapshot;
}

/* Whose end was seen need not be told again, so that a snapshot does not grow
 * with all that ever was. */
static void
forget_seen (PstResident *self)
{
  for (guint i = self->watches->len; i-- > 0;)
    if (((PstWatch *) g_ptr_array_index (self->watches, i))->final_put)
      g_ptr_array_remove_index (self->watches, i);
}

static void
put (PstResident *self)
{
  start_queued (self);
  self->put_us = g_get_monotonic_time ();
  if (pst_mirror_put (self->mirror, take_snapshot (self)))
    forget_seen (self);

  for (guint i = 0; i < self->watches->len; i++)
    {
      PstWatch *watch = g_ptr_array_index (self->watches, i);

      watch->final_put = is_finished (watch);
    }
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  put (((PutSource *) source)->resident);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs put_funcs = { .dispatch = dispatch };

/* Something changed: tell so in this turn of the loop, or when a tenth of a
 * second has passed since the last time. */
void
pst_resident_schedule (PstResident *self, gboolean at_once)
{
  gint64 due_us = at_once ? 0 : self->put_us + PST_RESIDENT_INTERVAL_US;
  gint64 before_us = g_source_get_ready_time (self->put_source);

  if (before_us == -1 || due_us < before_us)
    g_source_set_ready_time (self->put_source, due_us);
}

static void
on_session_notify (PstSession *session, GParamSpec *pspec, PstResident *self)
{
  static const char *const at_once[] = { "state",     "code",  "verifier", "remember",
                                         "peer-name", "route", NULL };

  pst_resident_schedule (self, g_strv_contains (at_once, pspec->name));
}

static void
on_transfer_added (PstSession *session, PstTransfer *transfer, PstResident *self)
{
  PstWatch *watch;

  if (!pst_transfer_is_incoming (transfer))
    return;

  watch = pst_resident_add (self, self->next_key);
  watch_transfer (watch, transfer);
  watch->details = pst_transfer_details_new (transfer);
  self->next_key += 2;
}

static void
on_closed (PstSession *session, const GError *error, PstResident *self)
{
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

/* Watches @session, which it takes, in the context that is thread-default. */
void
pst_resident_begin (PstResident *self, PstSession *session)
{
  self->session = session;
  self->watches = g_ptr_array_new_with_free_func (watch_free);
  self->next_key = 2;
  self->put_source = g_source_new (&put_funcs, sizeof (PutSource));
  ((PutSource *) self->put_source)->resident = self;
  g_source_set_static_name (self->put_source, "pst-resident");
  g_source_attach (self->put_source, g_main_context_get_thread_default ());

  g_signal_connect (session, "notify", G_CALLBACK (on_session_notify), self);
  g_signal_connect (session, "transfer-added", G_CALLBACK (on_transfer_added), self);
  g_signal_connect (session, "closed", G_CALLBACK (on_closed), self);
}

/* The session is down and nobody asks for it any more. */
void
pst_resident_end (PstResident *self)
{
  g_source_destroy (self->put_source);
  g_clear_pointer (&self->put_source, g_source_unref);
  g_clear_pointer (&self->watches, g_ptr_array_unref);
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
}
