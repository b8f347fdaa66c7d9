/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-watch.h"

#include "pst-cli-text.h"

/* Ten times a second: what a person can still read. */
#define REPORT_INTERVAL_MS 100

struct _PstCliWatch
{
  GObject parent_instance;

  PstSession *session; /* not owned: it outlives its watches */
  PstTransfer *transfer;
  PstTransferState shown_state;
  gboolean told_trouble;
  guint timeout_id;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PstCliWatch, pst_cli_watch, G_TYPE_OBJECT)

static void
report (PstCliWatch *self)
{
  g_autoptr (PstCliWatch) guard = g_object_ref (self);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  self->shown_state = pst_transfer_get_state (self->transfer);
  if (pst_transfer_is_finished (self->transfer))
    pst_cli_watch_stop (self);

  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static gboolean
on_timeout (gpointer user_data)
{
  PstCliWatch *self = user_data;

  self->timeout_id = 0;
  report (self);
  return G_SOURCE_REMOVE;
}

static void
on_notify (PstTransfer *transfer, GParamSpec *pspec, PstCliWatch *self)
{
  PstTransferState state = pst_transfer_get_state (transfer);

  if (state != self->shown_state
      && !(pst_cli_text_is_flowing (state) && pst_cli_text_is_flowing (self->shown_state)))
    report (self);
  else if (self->timeout_id == 0)
    self->timeout_id = g_timeout_add (REPORT_INTERVAL_MS, on_timeout, self);
}

static void
pst_cli_watch_dispose (GObject *object)
{
  PstCliWatch *self = PST_CLI_WATCH (object);

  if (self->transfer != NULL)
    pst_cli_watch_stop (self);
  g_clear_object (&self->transfer);
  G_OBJECT_CLASS (pst_cli_watch_parent_class)->dispose (object);
}

static void
pst_cli_watch_class_init (PstCliWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pst_cli_watch_dispose;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
pst_cli_watch_init (PstCliWatch *self)
{
}

/**
 * pst_cli_watch_new:
 * @session: the session @transfer belongs to; it must outlive the watch
 * @transfer: a transfer
 *
 * Returns: (transfer full): a watch that is not started yet
 */
PstCliWatch *
pst_cli_watch_new (PstSession *session, PstTransfer *transfer)
{
  PstCliWatch *self = g_object_new (PST_TYPE_CLI_WATCH, NULL);

  self->session = session;
  self->transfer = g_object_ref (transfer);
  return self;
}

/**
 * pst_cli_watch_get_transfer:
 * @self: a watch
 *
 * Returns: (transfer none): its transfer
 */
PstTransfer *
pst_cli_watch_get_transfer (PstCliWatch *self)
{
  return self->transfer;
}

/**
 * pst_cli_watch_start:
 * @self: a watch
 *
 * Emits #PstCliWatch::changed for the state the transfer is in, and from then on.
 */
void
pst_cli_watch_start (PstCliWatch *self)
{
  g_signal_connect (self->transfer, "notify", G_CALLBACK (on_notify), self);
  report (self);
}

/**
 * pst_cli_watch_stop:
 * @self: a watch
 *
 * Ends the watching; nothing is emitted any more.
 */
void
pst_cli_watch_stop (PstCliWatch *self)
{
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->transfer, self);
}

/**
 * pst_cli_watch_has_new_trouble:
 * @self: a watch
 *
 * Returns: %TRUE the first time that the transfer's journal is found to be in trouble
 */
gboolean
pst_cli_watch_has_new_trouble (PstCliWatch *self)
{
  if (self->told_trouble
      || pst_transfer_get_journal_trouble (self->transfer) == PST_JOURNAL_TROUBLE_NONE)
    return FALSE;

  self->told_trouble = TRUE;
  return TRUE;
}

/* GObject converts from whichever number the property is. */
static gint64
get_number (PstSession *session, const char *property)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT64);
  g_object_get_property (G_OBJECT (session), property, &value);
  return g_value_get_int64 (&value);
}

static void
fill_connection (PstSession *session, PstCliSnapshot *snapshot)
{
  snapshot->buffered_bytes = get_number (session, "buffered-bytes");
  snapshot->low_mark_bytes = get_number (session, "low-mark-bytes");
  snapshot->high_mark_bytes = get_number (session, "high-mark-bytes");
  snapshot->buffer_growth_bps = get_number (session, "buffer-growth-bps");
  snapshot->buffer_full = get_number (session, "buffer-full") != 0;
  snapshot->congested = get_number (session, "congested") != 0;
  snapshot->round_trip_us = get_number (session, "round-trip-us");
  snapshot->route = (PstRoute) get_number (session, "route");
}

/**
 * pst_cli_watch_fill:
 * @self: a watch
 * @snapshot: (out caller-allocates): the transfer and its connection at this
 *   moment; its strings live as long as the transfer does not change
 *
 * The one place where the engine's objects become plain values.
 */
void
pst_cli_watch_fill (PstCliWatch *self, PstCliSnapshot *snapshot)
{
  PstTransfer *transfer = self->transfer;

  *snapshot = (PstCliSnapshot){
    .time_us = g_get_monotonic_time (),
    .id = pst_transfer_get_id (transfer),
    .incoming = pst_transfer_is_incoming (transfer),
    .title = pst_transfer_get_title (transfer),
    .state = pst_transfer_get_state (transfer),
    .state_name = pst_transfer_state_to_name (pst_transfer_get_state (transfer)),
    .sent_bytes = pst_transfer_get_sent_bytes (transfer),
    .written_bytes = pst_transfer_get_written_bytes (transfer),
    .total_bytes = pst_transfer_get_total_bytes (transfer),
    .kept_bytes = pst_transfer_get_kept_bytes (transfer),
    .again_files = pst_transfer_get_again_files (transfer),
    .checked_bytes = pst_transfer_get_checked_bytes (transfer),
    .to_check_bytes = pst_transfer_get_to_check_bytes (transfer),
    .rate_bps = pst_transfer_get_rate_bps (transfer),
    .mean_rate_bps = pst_transfer_get_mean_rate_bps (transfer),
    .time_left_us = pst_transfer_get_time_left_us (transfer),
    .done_files = pst_transfer_get_done_files (transfer),
    .total_files = pst_transfer_get_total_files (transfer),
    .missing_bytes = pst_transfer_get_missing_bytes (transfer),
    .journal_trouble = pst_transfer_get_journal_trouble (transfer),
    .result_paths = (const char *const *) pst_transfer_get_result_paths (transfer),
    .left_out = (const char *const *) pst_transfer_get_left_out (transfer),
  };
  fill_connection (self->session, snapshot);
}
