/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection's traffic, from hello to goodbye. */
#include "pst-exchange-private.h"

enum
{
  PROP_PEER_NAME = 1,
  PROP_BUFFERED_BYTES,
  PROP_HIGH_MARK_BYTES,
  PROP_LOW_MARK_BYTES,
  PROP_BUFFER_FULL,
  PROP_BUFFER_GROWTH_BPS,
  PROP_CONGESTED,
  PROP_ROUND_TRIP_US,
  N_PROPS
};

enum
{
  SIGNAL_READY,
  SIGNAL_LOST,
  SIGNAL_REMEMBER,
  SIGNAL_LINK,
  SIGNAL_TRANSFER_ADDED,
  SIGNAL_CLOSED,
  SIGNAL_SETTLED,
  N_SIGNALS
};

G_STATIC_ASSERT (N_PROPS - PROP_PEER_NAME == PST_EXCHANGE_N_PROPERTIES);

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PstExchange, pst_exchange, G_TYPE_OBJECT)

/* Looks at the path and fits the marks to it. */
static void
follow_path (PstExchange *self)
{
  if (self->channel == NULL)
    return;

  pst_channel_get_path (self->channel, &self->path);
  if (self->path.round_trip_us >= 0)
    self->round_trip_us = self->path.round_trip_us;
  pst_path_watch_add (&self->path_watch, g_get_monotonic_time (), self->path.sent_bytes,
                      self->path.lost_bytes);
  if (pst_marks_follow (&self->marks, pst_buffer_watch_get_drain_bps (&self->watch),
                        pst_exchange_get_buffered_bytes (self), self->path.n_links))
    pst_channel_set_low_mark (self->channel, self->marks.low_bytes);
}

/* Notifies of what changed in the buffer since the last time. */
void
pst_exchange_publish (PstExchange *self)
{
  typeof (self->published) before = self->published;
  typeof (self->published) *now = &self->published;

  follow_path (self);
  now->marks = self->marks;
  now->buffered_bytes = pst_exchange_get_buffered_bytes (self);
  now->full = now->buffered_bytes >= self->marks.high_bytes;
  now->growth_bps = pst_buffer_watch_get_growth_bps (&self->watch);
  now->congested = pst_path_watch_is_congested (&self->path_watch, self->path.round_trip_us,
                                                self->path.least_round_trip_us)
                   || pst_buffer_watch_is_congested (&self->watch, self->marks.low_bytes);
  now->round_trip_us = self->round_trip_us;

  g_object_freeze_notify (G_OBJECT (self));
#define NOTIFY(member, PROP)                                                                      \
  if (before.member != now->member)                                                               \
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP])
  NOTIFY (buffered_bytes, PROP_BUFFERED_BYTES);
  NOTIFY (marks.high_bytes, PROP_HIGH_MARK_BYTES);
  NOTIFY (marks.low_bytes, PROP_LOW_MARK_BYTES);
  NOTIFY (full, PROP_BUFFER_FULL);
  NOTIFY (growth_bps, PROP_BUFFER_GROWTH_BPS);
  NOTIFY (congested, PROP_CONGESTED);
  NOTIFY (round_trip_us, PROP_ROUND_TRIP_US);
#undef NOTIFY
  g_object_thaw_notify (G_OBJECT (self));
}

/* The link is gone; the transfers wait for another. */
void
pst_exchange_emit_lost (PstExchange *self, const GError *error)
{
  g_signal_emit (self, signals[SIGNAL_LOST], 0, error);
}

/* The other person does, or does not, want this device to remember theirs. */
void
pst_exchange_emit_remember (PstExchange *self, gboolean agrees)
{
  g_signal_emit (self, signals[SIGNAL_REMEMBER], 0, agrees);
}

/* The other side says something about a further link. */
void
pst_exchange_emit_link (PstExchange *self, const PstControl *control)
{
  g_signal_emit (self, signals[SIGNAL_LINK], 0, control->link, control->wanted, control->signal);
}

/* Their manifest is complete. */
void
pst_exchange_transfer_offered (PstExchange *self, PstTransfer *transfer)
{
  g_signal_emit (self, signals[SIGNAL_TRANSFER_ADDED], 0, transfer);
}

/* Called whenever the last worker may have gone. */
void
pst_exchange_check_settled (PstExchange *self)
{
  if (self->n_forgetting > 0)
    return;
  for (guint i = 0; i < self->transfers->len; i++)
    if (!pst_transfer_is_settled (g_ptr_array_index (self->transfers, i)))
      return;

  g_signal_emit (self, signals[SIGNAL_SETTLED], 0);
}

/* The number of an offer whose first part is about to leave. */
guint32
pst_exchange_take_wire_id (PstExchange *self)
{
  guint32 wire_id = self->next_wire_id;

  self->next_wire_id += 2;
  return wire_id;
}

/* Takes @transfer. */
void
pst_exchange_add_transfer (PstExchange *self, PstTransfer *transfer)
{
  g_ptr_array_add (self->transfers, transfer);
  g_signal_connect_object (transfer, "settled", G_CALLBACK (pst_exchange_check_settled), self,
                           G_CONNECT_SWAPPED);
}

/* @peer_name: (nullable): the name in their hello, escaped. */
void
pst_exchange_take_greeting (PstExchange *self, const char *peer_name)
{
  gboolean changed = g_strcmp0 (self->peer_name, peer_name) != 0;

  g_free (self->peer_name);
  self->peer_name = g_strdup (peer_name);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PEER_NAME]);
  g_signal_emit (self, signals[SIGNAL_READY], 0);
}

static void
get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  PstExchange *self = PST_EXCHANGE (object);

  switch (prop_id)
    {
    case PROP_PEER_NAME:
      g_value_set_string (value, self->peer_name);
      break;
    case PROP_BUFFERED_BYTES:
      g_value_set_uint64 (value, self->published.buffered_bytes);
      break;
    case PROP_HIGH_MARK_BYTES:
      g_value_set_uint64 (value, self->published.marks.high_bytes);
      break;
    case PROP_LOW_MARK_BYTES:
      g_value_set_uint64 (value, self->published.marks.low_bytes);
      break;
    case PROP_BUFFER_FULL:
      g_value_set_boolean (value, self->published.full);
      break;
    case PROP_BUFFER_GROWTH_BPS:
      g_value_set_int64 (value, self->published.growth_bps);
      break;
    case PROP_CONGESTED:
      g_value_set_boolean (value, self->published.congested);
      break;
    case PROP_ROUND_TRIP_US:
      g_value_set_int64 (value, self->published.round_trip_us);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_exchange_dispose (GObject *object)
{
  PstExchange *self = PST_EXCHANGE (object);

  self->closed = TRUE;
  pst_exchange_release_channel (self);
  for (guint i = 0; i < self->transfers->len; i++)
    pst_transfer_disconnect (g_ptr_array_index (self->transfers, i), NULL);
  g_ptr_array_set_size (self->transfers, 0);

  G_OBJECT_CLASS (pst_exchange_parent_class)->dispose (object);
}

static void
pst_exchange_finalize (GObject *object)
{
  PstExchange *self = PST_EXCHANGE (object);

  g_clear_pointer (&self->transfers, g_ptr_array_unref);
  g_queue_clear_full (&self->endings, (GDestroyNotify) pst_ending_free);
  g_clear_error (&self->send_error);
  g_free (self->peer_name);
  g_free (self->display_name);
  g_free (self->journals);

  G_OBJECT_CLASS (pst_exchange_parent_class)->finalize (object);
}

/**
 * pst_exchange_fill_properties:
 * @specs: (array fixed-size=8) (out caller-allocates): where the specifications go
 *
 * Makes the specifications of all properties of an exchange, from "peer-name"
 * to "round-trip-us" in the order in which they are documented, for a class
 * that shows them under the same names.
 */
void
pst_exchange_fill_properties (GParamSpec *specs[PST_EXCHANGE_N_PROPERTIES])
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  *specs++ = g_param_spec_string ("peer-name", NULL, NULL, NULL, flags);
  *specs++ = g_param_spec_uint64 ("buffered-bytes", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  *specs++ = g_param_spec_uint64 ("high-mark-bytes", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  *specs++ = g_param_spec_uint64 ("low-mark-bytes", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  *specs++ = g_param_spec_boolean ("buffer-full", NULL, NULL, FALSE, flags);
  *specs++
      = g_param_spec_int64 ("buffer-growth-bps", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  *specs++ = g_param_spec_boolean ("congested", NULL, NULL, FALSE, flags);
  *specs++ = g_param_spec_int64 ("round-trip-us", NULL, NULL, -1, G_MAXINT64, -1, flags);
}

static void
pst_exchange_class_init (PstExchangeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = get_property;
  object_class->dispose = pst_exchange_dispose;
  object_class->finalize = pst_exchange_finalize;

  pst_exchange_fill_properties (&props[PROP_PEER_NAME]);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_READY] = g_signal_new ("ready", PST_TYPE_EXCHANGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_LOST] = g_signal_new ("lost", PST_TYPE_EXCHANGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_REMEMBER] = g_signal_new ("remember", PST_TYPE_EXCHANGE, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[SIGNAL_LINK] = g_signal_new ("link", PST_TYPE_EXCHANGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_BOOLEAN,
                                       JSON_TYPE_OBJECT);
  signals[SIGNAL_TRANSFER_ADDED]
      = g_signal_new ("transfer-added", PST_TYPE_EXCHANGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 1, PST_TYPE_TRANSFER);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", PST_TYPE_EXCHANGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_SETTLED] = g_signal_new ("settled", PST_TYPE_EXCHANGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
pst_exchange_init (PstExchange *self)
{
  self->transfers = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->endings);
  pst_exchange_forget_path (self);
  self->published.round_trip_us = self->round_trip_us;
  self->published.marks = self->marks;
}

/**
 * pst_exchange_new:
 * @channel: an open channel; kept until it is lost or the exchange is closed
 * @offerer: whether this side made the SDP offer: its transfers get the odd numbers
 * @send_key: 32 bytes, for frames to the other side; see pst_seal_purpose()
 * @receive_key: 32 bytes, for frames from it
 * @display_name: (nullable): the name shown to the other person, at most
 *   %PST_CONTROL_MAX_NAME_BYTES
 * @limit_bps: bytes a second to send at most; 0 for no limit
 * @only_receives: whether this side will never offer anything; two such sides end the
 *   exchange with %PST_ERROR_USAGE
 *
 * Takes over the traffic of a channel and says hello.
 *
 * Returns: (transfer full): the exchange
 */
PstExchange *
pst_exchange_new (PstChannel *channel,
                  gboolean offerer,
                  GBytes *send_key,
                  GBytes *receive_key,
                  const char *display_name,
                  guint64 limit_bps,
                  gboolean only_receives)
{
  PstExchange *self = g_object_new (PST_TYPE_EXCHANGE, NULL);

  self->display_name = g_strdup (display_name);
  self->next_id = self->next_wire_id = offerer ? 1 : 2;
  self->limit.rate_bps = limit_bps;
  self->only_receives = only_receives;
  pst_exchange_attach (self, channel, send_key, receive_key);
  return self;
}

/**
 * pst_exchange_set_journals:
 * @self: an exchange
 * @folder: (nullable): an absolute path; made when it is needed
 *
 * Has receipts write journals into @folder, so that they can go on after the end of
 * the program. To be called before the first offer comes.
 */
void
pst_exchange_set_journals (PstExchange *self, const char *folder)
{
  g_free (self->journals);
  self->journals = g_strdup (folder);
}

/* The folder of journals, or NULL. */
const char *
pst_exchange_get_journals (PstExchange *self)
{
  return self->journals;
}

/* Whether the other side understands what is there from an earlier receipt. */
gboolean
pst_exchange_peer_resumes (PstExchange *self)
{
  return self->peer_resumes;
}

/* Whether it understands several files in one frame. */
gboolean
pst_exchange_peer_takes_parcels (PstExchange *self)
{
  return self->peer_takes_parcels;
}

/**
 * pst_exchange_offer:
 * @self: an exchange
 * @paths: (array zero-terminated=1): at least one file or folder of this machine
 *
 * Offers files to the other side. Listing them goes on in the background; if
 * that fails, the transfer fails.
 *
 * Returns: (transfer none): the transfer
 */
PstTransfer *
pst_exchange_offer (PstExchange *self, const char *const *paths)
{
  PstTransfer *transfer = pst_transfer_new_outgoing (self, self->next_id, paths);

  self->next_id += 2;
  pst_exchange_add_transfer (self, transfer);
  g_signal_emit (self, signals[SIGNAL_TRANSFER_ADDED], 0, transfer);
  return transfer;
}

/**
 * pst_exchange_remember:
 * @self: an exchange
 * @agrees: whether this side's person wants the two devices to remember each other
 *
 * Tells the other side, now and after each lost link.
 */
void
pst_exchange_remember (PstExchange *self, gboolean agrees)
{
  self->answered = TRUE;
  self->agrees = agrees;
  pst_exchange_say_remember (self);
}

/**
 * pst_exchange_get_peer_name:
 * @self: an exchange
 *
 * Returns: (transfer none) (nullable): the other person's name, escaped for showing
 */
const char *
pst_exchange_get_peer_name (PstExchange *self)
{
  return self->peer_name;
}

/**
 * pst_exchange_get_buffered_bytes:
 * @self: an exchange
 *
 * Returns: what waits in the channel's buffer at this moment; 0 without a channel
 */
guint64
pst_exchange_get_buffered_bytes (PstExchange *self)
{
  return self->channel != NULL ? pst_channel_get_buffered_amount (self->channel) : 0;
}

/**
 * pst_exchange_get_round_trip_us:
 * @self: an exchange
 *
 * Returns: the last round trip, waiting behind data included; -1 while unknown
 */
gint64
pst_exchange_get_round_trip_us (PstExchange *self)
{
  return self->round_trip_us;
}

/* Whether the other side's sender sleeps while its buffer is full. */
gboolean
pst_exchange_sender_sleeps (PstExchange *self)
{
  return self->path.sender_sleeps;
}

/**
 * pst_exchange_is_settled:
 * @self: an exchange
 *
 * Returns: %TRUE if no worker reads or writes for any of its transfers
 */
gboolean
pst_exchange_is_settled (PstExchange *self)
{
  pst_exchange_forget_settled (self);
  return self->transfers->len == 0 && self->n_forgetting == 0;
}

/**
 * pst_exchange_say_bye:
 * @self: an exchange
 * @error: (nullable): why; %NULL when all is done
 *
 * Tells the other side that this one leaves. The other side answers by closing.
 */
void
pst_exchange_say_bye (PstExchange *self, const GError *error)
{
  PstControl bye = { .kind = PST_CONTROL_BYE };

  if (self->said_bye || self->channel == NULL)
    return;

  self->said_bye = TRUE;
  bye.in_peace = error == NULL;
  bye.reason = error != NULL && error->domain == PST_ERROR ? (PstError) error->code
                                                           : PST_ERROR_FAILED;
  pst_exchange_send_control (self, &bye);
}

/**
 * pst_exchange_close:
 * @self: an exchange
 * @error: (nullable): why; %NULL for a peaceful end
 *
 * Ends the traffic: unfinished transfers end, #PstExchange::closed is emitted.
 * The channel is let go, not closed. A second call does nothing.
 */
void
pst_exchange_close (PstExchange *self, const GError *error)
{
  g_autoptr (PstExchange) alive = NULL;
  g_autoptr (GError) why = NULL;

  if (self->closed)
    return;

  alive = g_object_ref (self);
  why = error != NULL ? g_error_copy (error) : NULL;
  self->closed = TRUE;
  pst_exchange_release_channel (self);
  for (guint i = 0; i < self->transfers->len; i++)
    pst_transfer_disconnect (g_ptr_array_index (self->transfers, i), why);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, why);
}
