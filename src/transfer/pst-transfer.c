/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The object: its properties, which show the figures of -figures. */
#include "pst-transfer-private.h"

enum
{
  PROP_STATE = 1,
  PROP_SENT_BYTES,
  PROP_WRITTEN_BYTES,
  PROP_TOTAL_BYTES,
  PROP_KEPT_BYTES,
  PROP_AGAIN_FILES,
  PROP_RATE_BPS,
  PROP_MEAN_RATE_BPS,
  PROP_TIME_LEFT_US,
  PROP_DONE_FILES,
  PROP_TOTAL_FILES,
  PROP_MISSING_BYTES,
  PROP_JOURNAL_TROUBLE,
  PROP_CHECKED_BYTES,
  PROP_TO_CHECK_BYTES,
  N_PROPS
};

enum
{
  SIGNAL_SETTLED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PstTransfer, pst_transfer, G_TYPE_OBJECT)

/* Notifies of the figures that changed since the last time. */
void
pst_transfer_publish (PstTransfer *self)
{
  const PstFigures *now = &self->published;
  PstFigures before = self->published;

  pst_transfer_measure (self);
  pst_transfer_measure_check (self);
  self->published = self->figures;

  g_object_freeze_notify (G_OBJECT (self));
#define NOTIFY(member, PROP)        \
  if (before.member != now->member) \
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP])
  NOTIFY (sent_bytes, PROP_SENT_BYTES);
  NOTIFY (written_bytes, PROP_WRITTEN_BYTES);
  NOTIFY (total_bytes, PROP_TOTAL_BYTES);
  NOTIFY (kept_bytes, PROP_KEPT_BYTES);
  NOTIFY (again_files, PROP_AGAIN_FILES);
  NOTIFY (rate_bps, PROP_RATE_BPS);
  NOTIFY (mean_rate_bps, PROP_MEAN_RATE_BPS);
  NOTIFY (time_left_us, PROP_TIME_LEFT_US);
  NOTIFY (done_files, PROP_DONE_FILES);
  NOTIFY (total_files, PROP_TOTAL_FILES);
  NOTIFY (missing_bytes, PROP_MISSING_BYTES);
  NOTIFY (journal_trouble, PROP_JOURNAL_TROUBLE);
  NOTIFY (checked_bytes, PROP_CHECKED_BYTES);
  NOTIFY (to_check_bytes, PROP_TO_CHECK_BYTES);
#undef NOTIFY
  g_object_thaw_notify (G_OBJECT (self));
}

/* Whether it is over and no worker reads or writes for it. */
gboolean
pst_transfer_is_settled (PstTransfer *self)
{
  return pst_transfer_is_finished (self) && !self->out.reading
         && (self->in.sink == NULL || pst_sink_is_settled (self->in.sink));
}

/* Called whenever the last worker may have gone. */
void
pst_transfer_check_settled (PstTransfer *self)
{
  if (self->settled || !pst_transfer_is_settled (self))
    return;

  self->settled = TRUE;
  g_signal_emit (self, signals[SIGNAL_SETTLED], 0);
}

static void
get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  PstTransfer *self = PST_TRANSFER (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_SENT_BYTES:
      g_value_set_uint64 (value, self->published.sent_bytes);
      break;
    case PROP_WRITTEN_BYTES:
      g_value_set_uint64 (value, self->published.written_bytes);
      break;
    case PROP_TOTAL_BYTES:
      g_value_set_uint64 (value, self->published.total_bytes);
      break;
    case PROP_KEPT_BYTES:
      g_value_set_uint64 (value, self->published.kept_bytes);
      break;
    case PROP_AGAIN_FILES:
      g_value_set_uint (value, self->published.again_files);
      break;
    case PROP_RATE_BPS:
      g_value_set_uint64 (value, self->published.rate_bps);
      break;
    case PROP_MEAN_RATE_BPS:
      g_value_set_uint64 (value, self->published.mean_rate_bps);
      break;
    case PROP_TIME_LEFT_US:
      g_value_set_int64 (value, self->published.time_left_us);
      break;
    case PROP_DONE_FILES:
      g_value_set_uint (value, self->published.done_files);
      break;
    case PROP_TOTAL_FILES:
      g_value_set_uint (value, self->published.total_files);
      break;
    case PROP_MISSING_BYTES:
      g_value_set_uint64 (value, self->published.missing_bytes);
      break;
    case PROP_JOURNAL_TROUBLE:
      g_value_set_int (value, self->published.journal_trouble);
      break;
    case PROP_CHECKED_BYTES:
      g_value_set_uint64 (value, self->published.checked_bytes);
      break;
    case PROP_TO_CHECK_BYTES:
      g_value_set_uint64 (value, self->published.to_check_bytes);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_transfer_dispose (GObject *object)
{
  PstTransfer *self = PST_TRANSFER (object);

  pst_transfer_clear_outgoing (self);
  g_clear_object (&self->in.sink);
  g_clear_pointer (&self->in.held, g_array_unref);
  g_clear_pointer (&self->in.formers, g_ptr_array_unref);

  G_OBJECT_CLASS (pst_transfer_parent_class)->dispose (object);
}

static void
pst_transfer_finalize (GObject *object)
{
  PstTransfer *self = PST_TRANSFER (object);

  g_clear_pointer (&self->manifest, pst_manifest_unref);
  g_clear_pointer (&self->results, g_strfreev);
  g_clear_error (&self->error);
  g_clear_error (&self->first_failure);
  g_free (self->selection);
  g_free (self->title);

  G_OBJECT_CLASS (pst_transfer_parent_class)->finalize (object);
}

static GParamSpec *
figure_uint64 (const char *name)
{
  return g_param_spec_uint64 (name, NULL, NULL, 0, G_MAXUINT64, 0,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static void
pst_transfer_class_init (PstTransferClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->dispose = pst_transfer_dispose;
  object_class->finalize = pst_transfer_finalize;

  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, PST_TRANSFER_FAILED, 0, flags);
  props[PROP_SENT_BYTES] = figure_uint64 ("sent-bytes");
  props[PROP_WRITTEN_BYTES] = figure_uint64 ("written-bytes");
  props[PROP_TOTAL_BYTES] = figure_uint64 ("total-bytes");
  props[PROP_KEPT_BYTES] = figure_uint64 ("kept-bytes");
  props[PROP_AGAIN_FILES] = g_param_spec_uint ("again-files", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_RATE_BPS] = figure_uint64 ("rate-bps");
  props[PROP_MEAN_RATE_BPS] = figure_uint64 ("mean-rate-bps");
  props[PROP_TIME_LEFT_US] = g_param_spec_int64 ("time-left-us", NULL, NULL, -1, G_MAXINT64, -1,
                                                 flags);
  props[PROP_DONE_FILES] = g_param_spec_uint ("done-files", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_TOTAL_FILES] = g_param_spec_uint ("total-files", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_MISSING_BYTES] = figure_uint64 ("missing-bytes");
  props[PROP_JOURNAL_TROUBLE] = g_param_spec_int ("journal-trouble", NULL, NULL, 0,
                                                  PST_JOURNAL_TROUBLE_FAILED, 0, flags);
  props[PROP_CHECKED_BYTES] = figure_uint64 ("checked-bytes");
  props[PROP_TO_CHECK_BYTES] = figure_uint64 ("to-check-bytes");
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_SETTLED] = g_signal_new ("settled", PST_TYPE_TRANSFER, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
pst_transfer_init (PstTransfer *self)
{
  self->state = PST_TRANSFER_PREPARING;
  self->title = g_strdup ("");
  self->figures.time_left_us = self->published.time_left_us = -1;
  g_queue_init (&self->out.blocks);
  g_queue_init (&self->out.marks);
}

/**
 * pst_transfer_is_incoming:
 * @self: a transfer
 *
 * Returns: %TRUE if the other side offered it
 */
gboolean
pst_transfer_is_incoming (PstTransfer *self)
{
  return self->incoming;
}

/**
 * pst_transfer_get_id:
 * @self: a transfer
 *
 * Returns: its number on this side of the connection, from the start and unique
 *   over both directions; of ours, messages may carry another one
 */
guint32
pst_transfer_get_id (PstTransfer *self)
{
  return self->id;
}

/**
 * pst_transfer_get_title:
 * @self: a transfer
 *
 * Returns: (transfer none): the name of the one thing offered, escaped for
 *   showing, or how many things there are; empty while preparing
 */
const char *
pst_transfer_get_title (PstTransfer *self)
{
  return self->title;
}

/**
 * pst_transfer_get_manifest:
 * @self: a transfer
 *
 * Returns: (transfer none) (nullable): what is offered; %NULL while preparing
 */
PstManifest *
pst_transfer_get_manifest (PstTransfer *self)
{
  return self->manifest != NULL && pst_manifest_is_sealed (self->manifest) ? self->manifest : NULL;
}

/**
 * pst_transfer_get_state:
 * @self: a transfer
 *
 * Returns: the state
 */
PstTransferState
pst_transfer_get_state (PstTransfer *self)
{
  return self->state;
}

/**
 * pst_transfer_get_error:
 * @self: a transfer
 *
 * Returns: (transfer none) (nullable): why it failed or was cancelled
 */
const GError *
pst_transfer_get_error (PstTransfer *self)
{
  return self->error;
}

/**
 * pst_transfer_get_sent_bytes:
 * @self: a transfer
 *
 * Returns: bytes handed to the channel; of an incoming transfer, bytes received
 */
guint64
pst_transfer_get_sent_bytes (PstTransfer *self)
{
  return self->published.sent_bytes;
}

/**
 * pst_transfer_get_written_bytes:
 * @self: a transfer
 *
 * Returns: bytes on the receiver's disk
 */
guint64
pst_transfer_get_written_bytes (PstTransfer *self)
{
  return self->published.written_bytes;
}

/**
 * pst_transfer_get_total_bytes:
 * @self: a transfer
 *
 * Returns: bytes of everything that was offered or, once accepted, accepted
 */
guint64
pst_transfer_get_total_bytes (PstTransfer *self)
{
  return self->published.total_bytes;
}

/**
 * pst_transfer_get_kept_bytes:
 * @self: a transfer
 *
 * Returns: how many of the bytes sent and written were at the receiver from an
 *   earlier receipt, and were not sent now
 */
guint64
pst_transfer_get_kept_bytes (PstTransfer *self)
{
  return self->published.kept_bytes;
}

/**
 * pst_transfer_get_again_files:
 * @self: a transfer
 *
 * Returns: of how many files the receiver had another version from an earlier
 *   receipt; they are sent from their beginning
 */
guint
pst_transfer_get_again_files (PstTransfer *self)
{
  return self->published.again_files;
}

/**
 * pst_transfer_get_checked_bytes:
 * @self: a transfer
 *
 * Tells how far the sides are with what is at the receiver from an earlier receipt. Both
 * read it, the receiver first: half of a byte counts for each.
 *
 * Returns: while %PST_TRANSFER_CHECKING, the bytes looked at; else 0
 */
guint64
pst_transfer_get_checked_bytes (PstTransfer *self)
{
  return self->published.checked_bytes;
}

/**
 * pst_transfer_get_to_check_bytes:
 * @self: a transfer
 *
 * Returns: while %PST_TRANSFER_CHECKING, the bytes there are to look at, or 0 while
 *   they are not known; else 0
 */
guint64
pst_transfer_get_to_check_bytes (PstTransfer *self)
{
  return self->published.to_check_bytes;
}

/**
 * pst_transfer_get_journal_trouble:
 * @self: a transfer
 *
 * Tells whether a receipt of the same things could go on with this one. It arrives all
 * the same; only if it breaks off, what came may have to come again.
 *
 * Returns: of an incoming transfer that was accepted, why that is not so; it may pass
 */
PstJournalTrouble
pst_transfer_get_journal_trouble (PstTransfer *self)
{
  return self->published.journal_trouble;
}

/**
 * pst_transfer_get_rate_bps:
 * @self: a transfer
 *
 * Returns: bytes that the receiver's disk takes a second, over the last three seconds
 */
guint64
pst_transfer_get_rate_bps (PstTransfer *self)
{
  return self->published.rate_bps;
}

/**
 * pst_transfer_get_mean_rate_bps:
 * @self: a transfer
 *
 * Returns: the same since the start, pauses and lost links left out
 */
guint64
pst_transfer_get_mean_rate_bps (PstTransfer *self)
{
  return self->published.mean_rate_bps;
}

/**
 * pst_transfer_get_time_left_us:
 * @self: a transfer
 *
 * Returns: the time left at the present rate, or -1 while it is unknown
 */
gint64
pst_transfer_get_time_left_us (PstTransfer *self)
{
  return self->published.time_left_us;
}

/**
 * pst_transfer_get_done_files:
 * @self: a transfer
 *
 * Returns: files that are whole and checked at the receiver; at the sender,
 *   files whose last byte was sent
 */
guint
pst_transfer_get_done_files (PstTransfer *self)
{
  return self->published.done_files;
}

/**
 * pst_transfer_get_total_files:
 * @self: a transfer
 *
 * Returns: how many files there are
 */
guint
pst_transfer_get_total_files (PstTransfer *self)
{
  return self->published.total_files;
}

/**
 * pst_transfer_get_missing_bytes:
 * @self: a transfer
 *
 * Returns: the bytes that have to become free at the receiver before a transfer
 *   goes on whose disk is full; 0 if they are not known, or it is not
 */
guint64
pst_transfer_get_missing_bytes (PstTransfer *self)
{
  return self->published.missing_bytes;
}

/**
 * pst_transfer_get_left_out:
 * @self: a transfer
 *
 * Returns: (transfer none) (nullable): at the sender, a sentence for each thing
 *   that is not sent; see pst_source_get_left_out()
 */
GStrv
pst_transfer_get_left_out (PstTransfer *self)
{
  return self->out.source != NULL ? (GStrv) pst_source_get_left_out (self->out.source) : NULL;
}

/**
 * pst_transfer_get_result_paths:
 * @self: a transfer
 *
 * Returns: (transfer none) (nullable): at the receiver, once it has ended well,
 *   the paths of the top-level items that arrived
 */
GStrv
pst_transfer_get_result_paths (PstTransfer *self)
{
  return self->results;
}
