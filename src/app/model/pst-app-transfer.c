/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-app-transfer-private.h"

enum
{
  PROP_STATE = 1,
  PROP_QUEUED,
  PROP_TITLE,
  PROP_SENT_BYTES,
  PROP_WRITTEN_BYTES,
  PROP_TOTAL_BYTES,
  PROP_RATE_BPS,
  PROP_MEAN_RATE_BPS,
  PROP_TIME_LEFT_US,
  PROP_DONE_FILES,
  PROP_TOTAL_FILES,
  PROP_MISSING_BYTES,
  PROP_JOURNAL_TROUBLE,
  PROP_KEPT_BYTES,
  PROP_AGAIN_FILES,
  PROP_CHECKED_BYTES,
  PROP_TO_CHECK_BYTES,
  N_PROPS
};

enum
{
  SIGNAL_ACCEPT_FAILED,
  SIGNAL_SAMPLED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PstAppTransfer, pst_app_transfer, G_TYPE_OBJECT)

static void
get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  PstAppTransfer *self = PST_APP_TRANSFER (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_QUEUED:
      g_value_set_boolean (value, self->queued);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->details->title);
      break;
    case PROP_SENT_BYTES:
      g_value_set_uint64 (value, self->figures.sent_bytes);
      break;
    case PROP_WRITTEN_BYTES:
      g_value_set_uint64 (value, self->figures.written_bytes);
      break;
    case PROP_TOTAL_BYTES:
      g_value_set_uint64 (value, self->figures.total_bytes);
      break;
    case PROP_RATE_BPS:
      g_value_set_uint64 (value, self->figures.rate_bps);
      break;
    case PROP_MEAN_RATE_BPS:
      g_value_set_uint64 (value, self->figures.mean_rate_bps);
      break;
    case PROP_TIME_LEFT_US:
      g_value_set_int64 (value, self->figures.time_left_us);
      break;
    case PROP_DONE_FILES:
      g_value_set_uint (value, self->figures.done_files);
      break;
    case PROP_TOTAL_FILES:
      g_value_set_uint (value, self->figures.total_files);
      break;
    case PROP_MISSING_BYTES:
      g_value_set_uint64 (value, self->figures.missing_bytes);
      break;
    case PROP_JOURNAL_TROUBLE:
      g_value_set_int (value, self->figures.journal_trouble);
      break;
    case PROP_KEPT_BYTES:
      g_value_set_uint64 (value, self->figures.kept_bytes);
      break;
    case PROP_AGAIN_FILES:
      g_value_set_uint (value, self->figures.again_files);
      break;
    case PROP_CHECKED_BYTES:
      g_value_set_uint64 (value, self->figures.checked_bytes);
      break;
    case PROP_TO_CHECK_BYTES:
      g_value_set_uint64 (value, self->figures.to_check_bytes);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_app_transfer_finalize (GObject *object)
{
  PstAppTransfer *self = PST_APP_TRANSFER (object);

  g_clear_pointer (&self->resident, pst_resident_unref);
  g_clear_pointer (&self->details, pst_transfer_details_unref);
  g_clear_pointer (&self->samples, pst_samples_free);
  g_strfreev (self->paths);
  g_free (self->destination);

  G_OBJECT_CLASS (pst_app_transfer_parent_class)->finalize (object);
}

static GParamSpec *
figure_uint64 (const char *name)
{
  return g_param_spec_uint64 (name, NULL, NULL, 0, G_MAXUINT64, 0,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static void
pst_app_transfer_class_init (PstAppTransferClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->finalize = pst_app_transfer_finalize;

  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, PST_TRANSFER_FAILED, 0, flags);
  props[PROP_QUEUED] = g_param_spec_boolean ("queued", NULL, NULL, FALSE, flags);
  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, "", flags);
  props[PROP_SENT_BYTES] = figure_uint64 ("sent-bytes");
  props[PROP_WRITTEN_BYTES] = figure_uint64 ("written-bytes");
  props[PROP_TOTAL_BYTES] = figure_uint64 ("total-bytes");
  props[PROP_RATE_BPS] = figure_uint64 ("rate-bps");
  props[PROP_MEAN_RATE_BPS] = figure_uint64 ("mean-rate-bps");
  props[PROP_TIME_LEFT_US] = g_param_spec_int64 ("time-left-us", NULL, NULL, -1, G_MAXINT64, -1,
                                                 flags);
  props[PROP_DONE_FILES] = g_param_spec_uint ("done-files", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_TOTAL_FILES] = g_param_spec_uint ("total-files", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_MISSING_BYTES] = figure_uint64 ("missing-bytes");
  props[PROP_JOURNAL_TROUBLE] = g_param_spec_int ("journal-trouble", NULL, NULL, 0,
                                                  PST_JOURNAL_TROUBLE_FAILED, 0, flags);
  props[PROP_KEPT_BYTES] = figure_uint64 ("kept-bytes");
  props[PROP_AGAIN_FILES] = g_param_spec_uint ("again-files", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_CHECKED_BYTES] = figure_uint64 ("checked-bytes");
  props[PROP_TO_CHECK_BYTES] = figure_uint64 ("to-check-bytes");
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_ACCEPT_FAILED] = g_signal_new ("accept-failed", PST_TYPE_APP_TRANSFER,
                                                G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                                1, G_TYPE_ERROR);
  signals[SIGNAL_SAMPLED] = g_signal_new ("sampled", PST_TYPE_APP_TRANSFER, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
pst_app_transfer_init (PstAppTransfer *self)
{
  self->state = PST_TRANSFER_PREPARING;
  self->figures.time_left_us = -1;
  self->samples = pst_samples_new ();
}

/* @paths: of one of ours, which begins in the queue; %NULL for one of theirs. */
PstAppTransfer *
pst_app_transfer_new (PstResident *resident, guint key, const char *const *paths)
{
  static const char *const unknown[] = { "", NULL };
  PstAppTransfer *self = g_object_new (PST_TYPE_APP_TRANSFER, NULL);

  self->resident = resident != NULL ? pst_resident_ref (resident) : NULL;
  self->key = key;
  self->queued = paths != NULL;
  self->paths = g_strdupv ((GStrv) paths);
  self->details = pst_transfer_details_new_for_paths (paths != NULL ? paths : unknown, NULL);
  return self;
}

guint
pst_app_transfer_get_key (PstAppTransfer *self)
{
  return self->key;
}

static void
set_state (PstAppTransfer *self, PstTransferState state, gboolean queued)
{
  if (self->state != state)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  if (self->queued != queued)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_QUEUED]);
  self->state = state;
  self->queued = queued;
}

static void
set_details (PstAppTransfer *self, PstTransferDetails *details)
{
  g_autoptr (PstTransferDetails) before = self->details;

  self->details = pst_transfer_details_ref (details);
  if (g_strcmp0 (before->title, details->title) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TITLE]);
}

static void
set_figures (PstAppTransfer *self, const PstTransferFigures *now)
{
  PstTransferFigures before = self->figures;

  self->figures = *now;
#define NOTIFY(member, PROP)        \
  if (before.member != now->member) \
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP])
  NOTIFY (sent_bytes, PROP_SENT_BYTES);
  NOTIFY (written_bytes, PROP_WRITTEN_BYTES);
  NOTIFY (total_bytes, PROP_TOTAL_BYTES);
  NOTIFY (rate_bps, PROP_RATE_BPS);
  NOTIFY (mean_rate_bps, PROP_MEAN_RATE_BPS);
  NOTIFY (time_left_us, PROP_TIME_LEFT_US);
  NOTIFY (done_files, PROP_DONE_FILES);
  NOTIFY (total_files, PROP_TOTAL_FILES);
  NOTIFY (missing_bytes, PROP_MISSING_BYTES);
  NOTIFY (journal_trouble, PROP_JOURNAL_TROUBLE);
  NOTIFY (kept_bytes, PROP_KEPT_BYTES);
  NOTIFY (again_files, PROP_AGAIN_FILES);
  NOTIFY (checked_bytes, PROP_CHECKED_BYTES);
  NOTIFY (to_check_bytes, PROP_TO_CHECK_BYTES);
#undef NOTIFY
}

/* A snapshot out of turn tells of a change of state; where there was none, as
 * for the other transfers in it, the next one in turn is soon enough. */
static gboolean
is_worth_a_sample (PstAppTransfer *self, gint64 time_us)
{
  guint n = pst_samples_get_n (self->samples);
  const PstSample *last = n > 0 ? pst_samples_get (self->samples, n - 1) : NULL;

  if (self->state < PST_TRANSFER_RUNNING || self->state > PST_TRANSFER_VERIFYING)
    return FALSE;
  return last == NULL || last->state != self->state
         || time_us - last->time_us >= PST_RESIDENT_INTERVAL_US;
}

static void
add_sample (PstAppTransfer *self, gint64 time_us, guint64 buffered_bytes)
{
  PstSample sample = {
    .time_us = time_us,
    .rate_bps = self->figures.rate_bps,
    .sent_bytes = self->figures.sent_bytes,
    .written_bytes = self->figures.written_bytes,
    .buffered_bytes = buffered_bytes,
    .state = self->state,
  };

  pst_samples_add (self->samples, &sample);
  g_signal_emit (self, signals[SIGNAL_SAMPLED], 0);
}

static void
tell_refusal (PstAppTransfer *self, const PstTransferSnapshot *snapshot)
{
  if (snapshot->n_refusals == self->n_refusals)
    return;

  self->n_refusals = snapshot->n_refusals;
  g_clear_pointer (&self->destination, g_free);
  g_signal_emit (self, signals[SIGNAL_ACCEPT_FAILED], 0, snapshot->refusal);
}

/* Shows what the engine said at @time_us. */
void
pst_app_transfer_update (PstAppTransfer *self,
                         const PstTransferSnapshot *snapshot,
                         gint64 time_us,
                         guint64 buffered_bytes)
{
  g_autoptr (PstAppTransfer) alive = g_object_ref (self);

  if (pst_app_transfer_is_finished (self))
    return;

  g_object_freeze_notify (G_OBJECT (self));
  set_state (self, snapshot->state, snapshot->queued);
  if (self->details != snapshot->details)
    set_details (self, snapshot->details);
  set_figures (self, &snapshot->figures);
  g_object_thaw_notify (G_OBJECT (self));

  tell_refusal (self, snapshot);
  if (is_worth_a_sample (self, time_us))
    add_sample (self, time_us, buffered_bytes);
}

/* Its session is over, and the engine will say no more about it. */
void
pst_app_transfer_end (PstAppTransfer *self, PstTransferState state, const GError *error)
{
  g_autoptr (PstTransferDetails) details = NULL;

  if (pst_app_transfer_is_finished (self))
    return;

  details = pst_transfer_details_copy (self->details, error);
  g_object_freeze_notify (G_OBJECT (self));
  set_state (self, state, FALSE);
  set_details (self, details);
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * pst_app_transfer_accept:
 * @self: an incoming transfer that is offered
 * @destination: an existing folder that can be written
 * @selection: (nullable): one byte for each entry of the manifest, not 0 for
 *   those wanted; %NULL for all
 *
 * Lets the other side send. If that does not work, #PstAppTransfer::accept-failed
 * says why, and another destination can be tried.
 */
void
pst_app_transfer_accept (PstAppTransfer *self, const char *destination, GBytes *selection)
{
  PstManifest *manifest = self->details->manifest;

  g_return_if_fail (destination != NULL);
  g_return_if_fail (selection == NULL
                    || (manifest != NULL
                        && g_bytes_get_size (selection) == pst_manifest_get_n_entries (manifest)));

  g_free (self->destination);
  self->destination = g_strdup (destination);
  pst_resident_accept (self->resident, self->key, destination, selection);
}

/**
 * pst_app_transfer_decline:
 * @self: an incoming transfer that is offered
 *
 * Refuses the offer. Anything else is left alone.
 */
void
pst_app_transfer_decline (PstAppTransfer *self)
{
  pst_resident_decline (self->resident, self->key);
}

/**
 * pst_app_transfer_pause:
 * @self: a transfer that runs
 *
 * Stops the flow for this side's sake. Pausing what does not run does nothing.
 */
void
pst_app_transfer_pause (PstAppTransfer *self)
{
  pst_resident_pause (self->resident, self->key);
}

/**
 * pst_app_transfer_resume:
 * @self: a transfer
 *
 * Takes back pst_app_transfer_pause(). A pause by the other side stays.
 */
void
pst_app_transfer_resume (PstAppTransfer *self)
{
  pst_resident_resume (self->resident, self->key);
}

/**
 * pst_app_transfer_cancel:
 * @self: a transfer
 *
 * Ends it on both sides, or takes it out of the queue. A finished transfer is
 * left alone.
 */
void
pst_app_transfer_cancel (PstAppTransfer *self)
{
  pst_resident_cancel (self->resident, self->key);
}
