/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One link after the other: an exchange outlives its channel. When that is lost,
 * all that has not ended waits for the next one, over which both sides first say
 * how things stand. */
#include "pst-exchange-private.h"

#include "pst-journal-finished.h"

/* The number of the link in the frame headers: there is one in each epoch. */
#define LINK 0

/* How transfers ended is kept until it must have arrived: in case it did not, it
 * is said again over the next link. More than this never end within a few round
 * trips; of one that is too old only that it is over is said. */
#define MAX_ENDINGS 1024

/* Data leaves a buffer in more than this; pings alone are not meant. */
#define LEAVING_BYTES (16 * 1024)

static void
on_frame (PstChannel *channel, GBytes *frame, gpointer user_data)
{
  pst_exchange_take_frame (user_data, frame);
}

static void
on_closed (PstChannel *channel, const GError *error, gpointer user_data)
{
  pst_exchange_lose (user_data, error);
}

static gboolean
is_lost (PstExchange *self, gint64 now_us)
{
  pst_channel_get_path (self->channel, &self->path);
  return pst_pulse_is_lost (&self->pulse, now_us, self->path.came_us, self->path.unanswered_us);
}

/* Slow is not stuck: what is on its way is acknowledged piece by piece, or leaves the
 * buffer. */
static gboolean
is_moving (PstExchange *self, gint64 now_us)
{
  return self->path.unanswered_us > 0 || now_us - self->left_us < PST_METER_STALL_US;
}

static void
watch_leaving (PstExchange *self, gint64 now_us)
{
  guint64 left_bytes = self->given_bytes - pst_exchange_get_buffered_bytes (self);

  if (left_bytes - self->left_bytes < LEAVING_BYTES)
    return;

  self->left_bytes = left_bytes;
  self->left_us = now_us;
}

/* Bytes that went into a link and do not come out of it: another link may help, and
 * over it both sides first say what came. */
static gboolean
is_stuck (PstExchange *self, gint64 now_us)
{
  watch_leaving (self, now_us);
  for (guint i = 0; i < self->transfers->len; i++)
    if (pst_transfer_is_stuck (g_ptr_array_index (self->transfers, i)))
      return !is_moving (self, now_us);

  return FALSE;
}

static void
ping (PstExchange *self)
{
  PstControl control = { .kind = PST_CONTROL_PING, .stamp = g_get_monotonic_time () };

  pst_exchange_send_control (self, &control);
}

static gboolean
tick (gpointer user_data)
{
  g_autoptr (PstExchange) self = g_object_ref (user_data);
  gint64 now_us = g_get_monotonic_time ();

  if (is_lost (self, now_us) || is_stuck (self, now_us))
    {
      g_autoptr (GError) error = g_error_new_literal (
          PST_ERROR, PST_ERROR_LOST, "The connection to the other side is lost.");

      pst_exchange_lose (self, error);
      return G_SOURCE_REMOVE;
    }

  ping (self);
  for (guint i = 0; i < self->transfers->len; i++)
    pst_transfer_tick (g_ptr_array_index (self->transfers, i));
  if (self->channel != NULL)
    pst_exchange_watch_buffer (self);
  return self->channel != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Nothing is known of the path yet. */
void
pst_exchange_forget_path (PstExchange *self)
{
  self->path = (PstChannelPath){ .round_trip_us = -1, .least_round_trip_us = -1 };
  self->path_watch = (PstPathWatch){ 0 };
  self->watch = (PstBufferWatch){ 0 };
  self->queued_bytes = 0;
  self->round_trip_us = -1;
  self->marks = (PstMarks){ PST_FLOW_LOW_MARK_BYTES, PST_FLOW_HIGH_MARK_BYTES };
}

/* Lets go of the channel and of what moves it. */
void
pst_exchange_release_channel (PstExchange *self)
{
  pst_timer_clear (&self->ping_source);
  pst_timer_clear (&self->limit_source);
  pst_timer_clear (&self->failure_source);
  pst_timer_clear (&self->figures_source);
  g_clear_error (&self->send_error);
  if (self->channel != NULL)
    g_signal_handlers_disconnect_by_data (self->channel, self);
  g_clear_object (&self->channel);
  g_clear_pointer (&self->seal, pst_seal_free);
  g_clear_pointer (&self->opener, pst_seal_free);
  self->greeted = FALSE;
}

/* The channel ended by itself or fell silent. A loss can be made good; anything
 * else ends the exchange. */
void
pst_exchange_lose (PstExchange *self, const GError *error)
{
  g_autoptr (PstExchange) alive = g_object_ref (self);
  g_autoptr (GError) why = error != NULL ? g_error_copy (error) : NULL;

  if (!g_error_matches (why, PST_ERROR, PST_ERROR_LOST))
    {
      pst_exchange_close (self, why);
      return;
    }

  pst_exchange_detach (self);
  pst_exchange_emit_lost (self, why);
}

/* Frees @ending. */
void
pst_ending_free (PstEnding *ending)
{
  pst_control_clear (&ending->control);
  g_free (ending);
}

/* A message is about to go: if it ends a transfer, it is kept. */
void
pst_exchange_note_ending (PstExchange *self, const PstControl *control)
{
  PstEnding *ending;

  if (control->kind != PST_CONTROL_DECLINE && control->kind != PST_CONTROL_VERIFIED
      && control->kind != PST_CONTROL_CANCEL)
    return;

  ending = g_new0 (PstEnding, 1);
  ending->control = *control;
  ending->control.text = g_strdup (control->text);
  ending->said_us = g_get_monotonic_time ();
  g_queue_push_tail (&self->endings, ending);
  if (self->endings.length > MAX_ENDINGS)
    pst_ending_free (g_queue_pop_head (&self->endings));
}

/* What was said last ends a transfer of which a journal tells until that is heard. */
void
pst_exchange_forget_when_heard (PstExchange *self, guint64 journal_id)
{
  PstEnding *ending = g_queue_peek_tail (&self->endings);

  ending->finished = TRUE;
  ending->journal_id = journal_id;
  /* The answer to this tells. */
  if (self->channel != NULL)
    ping (self);
}

static void
journal_forgotten (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstExchange) self = user_data;

  self->n_forgetting--;
  pst_exchange_check_settled (self);
}

/* Everything that was said before @stamp_us has arrived. */
void
pst_exchange_forget_endings (PstExchange *self, gint64 stamp_us)
{
  PstEnding *ending;

  while ((ending = g_queue_peek_head (&self->endings)) != NULL && ending->said_us < stamp_us)
    {
      if (ending->finished && self->journals != NULL)
        {
          self->n_forgetting++;
          pst_journal_forget_async (self->journals, ending->journal_id, journal_forgotten,
                                    g_object_ref (self));
        }
      pst_ending_free (g_queue_pop_head (&self->endings));
    }
}

/**
 * pst_exchange_heard_peace:
 * @self: an exchange
 *
 * The other side leaves in peace, as another way than the channel tells: it has heard of
 * every end.
 */
void
pst_exchange_heard_peace (PstExchange *self)
{
  pst_exchange_forget_endings (self, G_MAXINT64);
}

static void
say_endings (PstExchange *self)
{
  for (GList *l = self->endings.head; l != NULL; l = l->next)
    {
      PstEnding *ending = l->data;

      ending->said_us = g_get_monotonic_time ();
      pst_exchange_say (self, &ending->control);
    }
}

static gboolean
has_ending (PstExchange *self, guint32 id)
{
  for (GList *l = self->endings.head; l != NULL; l = l->next)
    if (((PstEnding *) l->data)->control.id == id)
      return TRUE;

  return FALSE;
}

/* The other side asks about a transfer of its that has ended here, or of which
 * nothing ever came. */
void
pst_exchange_answer_keep (PstExchange *self, guint32 id, gboolean known)
{
  PstControl have = { .kind = PST_CONTROL_HAVE, .id = id };
  PstControl cancel = { .kind = PST_CONTROL_CANCEL, .id = id, .reason = PST_ERROR_LOST };

  if (!known)
    pst_exchange_send_control (self, &have);
  else if (!has_ending (self, id))
    pst_exchange_send_control (self, &cancel);
}

/* Says what this side's person wants, if they were asked. */
void
pst_exchange_say_remember (PstExchange *self)
{
  PstControl remember = { .kind = PST_CONTROL_REMEMBER, .agrees = self->agrees };

  if (self->answered && self->channel != NULL)
    pst_exchange_send_control (self, &remember);
}

static void
say_how_things_stand (PstExchange *self)
{
  say_endings (self);
  pst_exchange_say_remember (self);
  for (guint i = 0; i < self->transfers->len; i++)
    pst_transfer_keep (g_ptr_array_index (self->transfers, i));
}

/**
 * pst_exchange_attach:
 * @self: an exchange without a channel
 * @channel: an open channel; kept until it is lost or the exchange is closed
 * @send_key: 32 bytes that were never used before, for frames to the other side;
 *   see pst_seal_purpose()
 * @receive_key: 32 bytes, for frames from it
 *
 * Takes over the traffic of a channel and says hello. What was under way when
 * the channel before was lost goes on once both sides have said how far it came.
 */
void
pst_exchange_attach (PstExchange *self,
                     PstChannel *channel,
                     GBytes *send_key,
                     GBytes *receive_key)
{
  PstControl hello = {
    .kind = PST_CONTROL_HELLO,
    .version = PST_CONTROL_VERSION,
    .text = self->display_name,
    .resumes = TRUE,
    .takes_parcels = TRUE,
    .only_receives = self->only_receives,
  };

  g_return_if_fail (!self->closed && self->channel == NULL);

  self->channel = g_object_ref (channel);
  self->seal = pst_seal_new (send_key, LINK);
  self->opener = pst_seal_new (receive_key, LINK);
  self->n_links++;
  self->given_bytes = self->left_bytes = 0;
  self->left_us = g_get_monotonic_time ();
  self->n_remember = 0;
  self->n_about_links = 0;
  self->peer_most_links = 0;
  self->said_bye = FALSE;
  pst_pulse_start (&self->pulse, g_get_monotonic_time ());
  pst_exchange_forget_path (self);

  pst_channel_set_low_mark (channel, self->marks.low_bytes);
  g_signal_connect (channel, "frame", G_CALLBACK (on_frame), self);
  g_signal_connect (channel, "closed", G_CALLBACK (on_closed), self);
  g_signal_connect_swapped (channel, "buffered-amount-low", G_CALLBACK (pst_exchange_wake), self);
  pst_timer_set (&self->ping_source, PST_PULSE_PING_US / 1000, tick, self);

  pst_channel_get_path (channel, &self->path);
  hello.most_links = self->path.most_links;
  pst_exchange_send_control (self, &hello);
  ping (self);
  say_how_things_stand (self);
}

/**
 * pst_exchange_detach:
 * @self: an exchange
 *
 * Lets go of the channel, which is not closed. Transfers wait for
 * pst_exchange_attach(); what is received already is still written. Without a
 * channel this does nothing.
 */
void
pst_exchange_detach (PstExchange *self)
{
  if (self->channel == NULL)
    return;

  pst_exchange_release_channel (self);
  pst_exchange_forget_path (self);
  for (guint i = 0; i < self->transfers->len; i++)
    pst_transfer_suspend (g_ptr_array_index (self->transfers, i));
  pst_exchange_publish (self);
}

/**
 * pst_exchange_is_attached:
 * @self: an exchange
 *
 * Returns: %TRUE if it has a channel
 */
gboolean
pst_exchange_is_attached (PstExchange *self)
{
  return self->channel != NULL;
}
