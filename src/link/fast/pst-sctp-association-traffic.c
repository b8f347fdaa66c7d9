/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What passes through an association: messages that are put in, packets that leave and
 * come, messages that come out. */
#include "pst-sctp-association-private.h"

#include "pst-sctp-size.h"

/* What leaves in one turn: so much that the calls to the system that follow are
 * shared by many packets, and no more, for the receiver's socket must hold it. */
#define BATCH_PACKETS 64
#define BATCH_BYTES   (64 * 1024)

/* Acknowledgements that wait for the sending thread; beyond it, one stands for all. */
#define MOST_OWED 64

/**
 * pst_association_send:
 * @self: an association
 * @message: what to send; kept until it is acknowledged
 * @stream: on which stream
 * @protocol: the payload protocol identifier
 * @ordered: whether it must not overtake others
 * @gate: (not nullable): a #PstAssociationGate, atomic; who changes it calls
 *   pst_association_wake()
 *
 * Queues a message, as soon as little enough is ready to leave.
 *
 * Returns: %GST_FLOW_OK, %GST_FLOW_FLUSHING, or %GST_FLOW_EOS when the association is
 *   over
 */
GstFlowReturn
pst_association_send (PstAssociation *self,
                      GBytes *message,
                      guint16 stream,
                      guint32 protocol,
                      gboolean ordered,
                      gint *gate)
{
  GstFlowReturn result = GST_FLOW_OK;

  g_mutex_lock (&self->lock);
  while (!self->flushing && g_atomic_int_get (gate) == PST_ASSOCIATION_GATE_OPEN
         && pst_association_get_state (self) != PST_SCTP_STATE_CLOSED
         && (pst_association_get_state (self) != PST_SCTP_STATE_ESTABLISHED
             || !pst_sctp_wants_more (self->sctp)))
    {
      self->n_waiting_for_room++;
      g_cond_wait (&self->room, &self->lock);
      self->n_waiting_for_room--;
    }

  if (self->flushing || g_atomic_int_get (gate) == PST_ASSOCIATION_GATE_SHUT)
    result = GST_FLOW_FLUSHING;
  else if (pst_association_get_state (self) != PST_SCTP_STATE_ESTABLISHED)
    result = GST_FLOW_EOS;
  else
    pst_sctp_send (self->sctp, message, stream, protocol, ordered);
  pst_association_unlock (self);
  return result;
}

static gboolean
is_due (PstAssociation *self, gint64 now_us)
{
  return self->sctp != NULL && pst_sctp_get_next_us (self->sctp, now_us) <= now_us;
}

/* The packets of a turn lie in one piece of memory behind each other. */
static GstBufferList *
write_batch (PstAssociation *self)
{
  g_autofree guint8 *memory = NULL;
  gsize offsets[BATCH_PACKETS + 1] = { 0 };
  guint n_packets = 0;
  gint64 now_us = g_get_monotonic_time ();
  GstBufferList *list;
  GBytes *bytes;
  gsize size = BATCH_BYTES + PST_SCTP_MAX_MESSAGE_BYTES;

  if (self->owed != NULL)
    return g_steal_pointer (&self->owed);
  if (!is_due (self, now_us))
    return NULL;

  memory = g_malloc (size);
  while (n_packets < BATCH_PACKETS && offsets[n_packets] < BATCH_BYTES)
    {
      gsize n_bytes = pst_sctp_write_packet (self->sctp, memory + offsets[n_packets],
                                             size - offsets[n_packets], now_us);

      if (n_bytes == 0)
        break;
      n_packets++;
      offsets[n_packets] = offsets[n_packets - 1] + n_bytes;
    }
  if (n_packets == 0)
    return NULL;

  bytes = g_bytes_new_take (g_steal_pointer (&memory), offsets[n_packets]);
  list = gst_buffer_list_new_sized (n_packets);
  for (guint i = 0; i < n_packets; i++)
    gst_buffer_list_add (list,
                         gst_buffer_new_wrapped_full (
                             GST_MEMORY_FLAG_READONLY, (gpointer) g_bytes_get_data (bytes, NULL),
                             offsets[n_packets], offsets[i], offsets[i + 1] - offsets[i],
                             g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref));
  g_bytes_unref (bytes);
  return list;
}

static void
wait_for_work (PstAssociation *self)
{
  gint64 now_us = g_get_monotonic_time ();

  self->wake_us = self->sctp != NULL ? pst_sctp_get_next_us (self->sctp, now_us) : G_MAXINT64;
  self->is_waiting = TRUE;
  if (self->wake_us == G_MAXINT64)
    g_cond_wait (&self->work, &self->lock);
  else if (self->wake_us > now_us)
    g_cond_wait_until (&self->work, &self->lock, self->wake_us);
  self->is_waiting = FALSE;
}

static gboolean
take_closed (PstAssociation *self)
{
  if (pst_association_get_state (self) != PST_SCTP_STATE_CLOSED
      || self->told == PST_SCTP_STATE_CLOSED)
    return FALSE;
  self->told = PST_SCTP_STATE_CLOSED;
  g_cond_broadcast (&self->room);
  return TRUE;
}

/**
 * pst_association_collect:
 * @self: an association
 * @closed: (out): whether it just ended
 *
 * Waits until packets should leave; only the sending thread may call it.
 *
 * Returns: (transfer full) (nullable): the packets; %NULL when there is nothing to
 *   send any more, as it is flushing
 */
GstBufferList *
pst_association_collect (PstAssociation *self, gboolean *closed)
{
  GstBufferList *list = NULL;

  g_mutex_lock (&self->lock);
  while (!self->flushing && (list = write_batch (self)) == NULL)
    wait_for_work (self);
  *closed = take_closed (self);
  if (self->n_waiting_for_room > 0 && self->sctp != NULL && pst_sctp_is_low (self->sctp))
    g_cond_broadcast (&self->room);
  g_mutex_unlock (&self->lock);
  return list;
}

static void
receive_packet (PstAssociation *self, GstBuffer *packet, gint64 now_us)
{
  GstMapInfo map;

  if (!gst_buffer_map (packet, &map, GST_MAP_READ))
    return;
  pst_sctp_receive (self->sctp, map.data, map.size, now_us);
  gst_buffer_unmap (packet, &map);
}

/* Writes the acknowledgement that must not wait for the packets behind it; the sending
 * thread finds it. */
static void
write_owed (PstAssociation *self, gint64 now_us)
{
  guint8 packet[PST_SCTP_MAX_MESSAGE_BYTES];
  gsize n_bytes;

  if (self->owed == NULL)
    self->owed = gst_buffer_list_new ();
  if (gst_buffer_list_length (self->owed) >= MOST_OWED)
    return;
  n_bytes = pst_sctp_write_packet (self->sctp, packet, sizeof packet, now_us);
  if (n_bytes > 0)
    gst_buffer_list_add (self->owed, gst_buffer_new_memdup (packet, n_bytes));
}

/* While the sending thread sleeps, waking it costs more than the acknowledgement. */
static GstBuffer *
write_ack (PstAssociation *self, gint64 now_us)
{
  guint8 packet[PST_SCTP_BASE_PACKET_BYTES];
  gsize n_bytes = 0;

  if (self->is_waiting && self->wake_us > now_us && self->owed == NULL)
    n_bytes = pst_sctp_write_ack (self->sctp, packet, sizeof packet, now_us);
  return n_bytes > 0 ? gst_buffer_new_memdup (packet, n_bytes) : NULL;
}

static void
collect_news (PstAssociation *self, PstAssociationNews *news)
{
  PstSctpMessage *message;
  int stream;

  if (self->told < PST_SCTP_STATE_ESTABLISHED
      && pst_association_get_state (self) == PST_SCTP_STATE_ESTABLISHED)
    {
      self->told = PST_SCTP_STATE_ESTABLISHED;
      news->established = TRUE;
      g_cond_broadcast (&self->room);
    }
  news->closed = take_closed (self);
  while ((message = pst_sctp_take_message (self->sctp)) != NULL)
    g_queue_push_tail (&news->messages, message);
  while ((stream = pst_sctp_take_reset_stream (self->sctp)) >= 0)
    g_queue_push_tail (&news->reset_streams, GINT_TO_POINTER (stream));
}

/**
 * pst_association_receive:
 * @self: an association
 * @packets: (array length=n_packets): what came together
 * @n_packets: how many
 * @news: (out): what to tell, and to free
 *
 * Takes packets; only the receiving thread may call it.
 */
void
pst_association_receive (PstAssociation *self,
                         GstBuffer **packets,
                         guint n_packets,
                         PstAssociationNews *news)
{
  gint64 now_us = g_get_monotonic_time ();

  *news = (PstAssociationNews){ 0 };
  g_queue_init (&news->messages);
  g_queue_init (&news->reset_streams);

  g_mutex_lock (&self->lock);
  if (self->sctp != NULL && !self->flushing)
    {
      for (guint i = 0; i < n_packets; i++)
        {
          receive_packet (self, packets[i], now_us);
          if (pst_sctp_owes_sack (self->sctp))
            write_owed (self, now_us);
        }
      pst_sctp_end_burst (self->sctp, now_us);
      news->ack = write_ack (self, now_us);
      collect_news (self, news);
    }
  pst_association_unlock (self);
}
