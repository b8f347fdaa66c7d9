/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-sctp-association.h"

#include "pst-sctp-size.h"

/* What leaves in one turn: so much that the calls to the system that follow are
 * shared by many packets, and no more, for the receiver's socket must hold it. */
#define BATCH_PACKETS 64
#define BATCH_BYTES   (64 * 1024)

/* Acknowledgements that wait for the sending thread; beyond it, one stands for all. */
#define MOST_OWED 64

struct _PstAssociation
{
  guint id;
  gpointer owner; /* only compared */
  guint n_users;  /* under the registry's lock */

  GMutex lock;
  GCond work; /* the sending thread waits for it */
  GCond room; /* those who put messages in wait for it */
  guint n_waiting_for_room;
  PstSctp *sctp; /* from the moment both ports are known */
  guint local_port;
  guint remote_port;
  guint most_packet_bytes;
  GstElement *encoder;
  PstSctpState told; /* the state that was told last */
  gboolean flushing;
  GstBufferList *owed; /* (nullable): acknowledgements that were written at once */
  gboolean is_waiting; /* the sending thread, until @wake_us */
  gint64 wake_us;
};

static GMutex registry_lock;
static GHashTable *registry; /* of PstAssociation, a set */

static guint
hash_association (gconstpointer key)
{
  const PstAssociation *association = key;

  return association->id ^ g_direct_hash (association->owner);
}

static gboolean
equal_association (gconstpointer a, gconstpointer b)
{
  const PstAssociation *x = a;
  const PstAssociation *y = b;

  return x->id == y->id && x->owner == y->owner;
}

static PstAssociation *
association_new (guint id, gpointer owner)
{
  PstAssociation *self = g_new0 (PstAssociation, 1);

  self->id = id;
  self->owner = owner;
  self->most_packet_bytes = 1200;
  self->told = PST_SCTP_STATE_NEW;
  self->wake_us = G_MAXINT64;
  g_mutex_init (&self->lock);
  g_cond_init (&self->work);
  g_cond_init (&self->room);
  return self;
}

static void
association_free (PstAssociation *self)
{
  PstSctpFigures figures;

  if (self->sctp != NULL)
    {
      pst_sctp_get_figures (self->sctp, &figures);
      g_debug ("sctp: %" G_GUINT64_FORMAT " packets sent, %" G_GUINT64_FORMAT
               " received, %" G_GUINT64_FORMAT " refused, %" G_GUINT64_FORMAT
               " pieces sent again, %" G_GUINT64_FORMAT " time-outs, packets of %u bytes",
               figures.packets_sent, figures.packets_received, figures.packets_refused,
               figures.chunks_sent_again, figures.timeouts, figures.packet_bytes);
    }
  g_clear_pointer (&self->owed, gst_buffer_list_unref);
  pst_sctp_free (self->sctp);
  g_cond_clear (&self->room);
  g_cond_clear (&self->work);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/**
 * pst_association_get:
 * @id: what both elements of a pair have in common
 * @owner: the bin they are in; numbers are chosen at random and may be the same in
 *   two bins
 *
 * Returns: (transfer full): the pair's association; give it back with
 *   pst_association_release()
 */
PstAssociation *
pst_association_get (guint id, gpointer owner)
{
  const PstAssociation key = { .id = id, .owner = owner };
  PstAssociation *self;

  g_mutex_lock (&registry_lock);
  if (registry == NULL)
    registry = g_hash_table_new (hash_association, equal_association);
  self = g_hash_table_lookup (registry, &key);
  if (self == NULL)
    {
      self = association_new (id, owner);
      g_hash_table_add (registry, self);
    }
  self->n_users++;
  g_mutex_unlock (&registry_lock);
  return self;
}

/**
 * pst_association_ref:
 * @self: an association
 *
 * Returns: (transfer full): the same, once more
 */
PstAssociation *
pst_association_ref (PstAssociation *self)
{
  g_mutex_lock (&registry_lock);
  self->n_users++;
  g_mutex_unlock (&registry_lock);
  return self;
}

/**
 * pst_association_release:
 * @self: (transfer full): an association
 *
 * It is gone when all who got it have given it back.
 */
void
pst_association_release (PstAssociation *self)
{
  gboolean last;

  g_mutex_lock (&registry_lock);
  last = --self->n_users == 0;
  if (last)
    g_hash_table_remove (registry, self);
  if (g_hash_table_size (registry) == 0)
    g_clear_pointer (&registry, g_hash_table_unref);
  g_mutex_unlock (&registry_lock);
  if (last)
    association_free (self);
}

/* Whether the sending thread sleeps beyond what it now should. */
static gboolean
sleeps_too_long (PstAssociation *self)
{
  return self->is_waiting && self->sctp != NULL
         && (self->owed != NULL
             || pst_sctp_get_next_us (self->sctp, g_get_monotonic_time ()) < self->wake_us);
}

/* Gives the lock back first: who is woken needs it. */
static void
unlock_and_wake (PstAssociation *self)
{
  gboolean wake = sleeps_too_long (self);

  if (wake)
    self->wake_us = G_MININT64; /* once is enough */
  g_mutex_unlock (&self->lock);
  if (wake)
    g_cond_signal (&self->work);
}

static void
begin_if_ready (PstAssociation *self)
{
  if (self->sctp != NULL || self->local_port == 0 || self->remote_port == 0
      || self->encoder == NULL)
    return;
  self->sctp = pst_sctp_new ((guint16) self->local_port, (guint16) self->remote_port,
                             self->most_packet_bytes);
  pst_sctp_connect (self->sctp, g_get_monotonic_time ());
  self->told = PST_SCTP_STATE_COOKIE_WAIT;
  g_cond_signal (&self->work);
}

/**
 * pst_association_set_encoder:
 * @self: an association
 * @encoder: (nullable): the element that tells its state; %NULL once it stops
 */
void
pst_association_set_encoder (PstAssociation *self, GstElement *encoder)
{
  g_mutex_lock (&self->lock);
  self->encoder = encoder;
  begin_if_ready (self);
  g_mutex_unlock (&self->lock);
}

/**
 * pst_association_ref_encoder:
 * @self: an association
 *
 * Returns: (transfer full) (nullable): the element that tells its state
 */
GstElement *
pst_association_ref_encoder (PstAssociation *self)
{
  GstElement *encoder;

  g_mutex_lock (&self->lock);
  encoder = self->encoder != NULL ? gst_object_ref (self->encoder) : NULL;
  g_mutex_unlock (&self->lock);
  return encoder;
}

/**
 * pst_association_set_local_port:
 * @self: an association
 * @port: ours; 0: not known yet
 */
void
pst_association_set_local_port (PstAssociation *self, guint port)
{
  g_mutex_lock (&self->lock);
  self->local_port = port;
  begin_if_ready (self);
  g_mutex_unlock (&self->lock);
}

/**
 * pst_association_set_remote_port:
 * @self: an association
 * @port: theirs; 0: not known yet
 */
void
pst_association_set_remote_port (PstAssociation *self, guint port)
{
  g_mutex_lock (&self->lock);
  self->remote_port = port;
  begin_if_ready (self);
  g_mutex_unlock (&self->lock);
}

/**
 * pst_association_set_most_packet_bytes:
 * @self: an association
 * @most_packet_bytes: the largest packet that may leave
 */
void
pst_association_set_most_packet_bytes (PstAssociation *self, guint most_packet_bytes)
{
  g_mutex_lock (&self->lock);
  if (self->most_packet_bytes != most_packet_bytes)
    {
      self->most_packet_bytes = most_packet_bytes;
      if (self->sctp != NULL)
        pst_sctp_set_most_packet_bytes (self->sctp, most_packet_bytes, g_get_monotonic_time ());
    }
  unlock_and_wake (self);
}

static PstSctpState
get_state (const PstAssociation *self)
{
  return self->sctp != NULL ? pst_sctp_get_state (self->sctp) : PST_SCTP_STATE_NEW;
}

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
         && get_state (self) != PST_SCTP_STATE_CLOSED
         && (get_state (self) != PST_SCTP_STATE_ESTABLISHED || !pst_sctp_wants_more (self->sctp)))
    {
      self->n_waiting_for_room++;
      g_cond_wait (&self->room, &self->lock);
      self->n_waiting_for_room--;
    }

  if (self->flushing || g_atomic_int_get (gate) == PST_ASSOCIATION_GATE_SHUT)
    result = GST_FLOW_FLUSHING;
  else if (get_state (self) != PST_SCTP_STATE_ESTABLISHED)
    result = GST_FLOW_EOS;
  else
    pst_sctp_send (self->sctp, message, stream, protocol, ordered);
  unlock_and_wake (self);
  return result;
}

/**
 * pst_association_reset_stream:
 * @self: an association
 * @stream: the stream that nobody sends on any more
 *
 * Tells the other side that the stream ends, once all that was sent on it has come.
 */
void
pst_association_reset_stream (PstAssociation *self, guint16 stream)
{
  g_mutex_lock (&self->lock);
  if (get_state (self) == PST_SCTP_STATE_ESTABLISHED)
    pst_sctp_reset_stream (self->sctp, stream);
  unlock_and_wake (self);
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
  if (get_state (self) != PST_SCTP_STATE_CLOSED || self->told == PST_SCTP_STATE_CLOSED)
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

  if (self->told < PST_SCTP_STATE_ESTABLISHED && get_state (self) == PST_SCTP_STATE_ESTABLISHED)
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
  unlock_and_wake (self);
}

/**
 * pst_association_set_flushing:
 * @self: an association
 * @flushing: whether nobody must wait in it any more
 */
void
pst_association_set_flushing (PstAssociation *self, gboolean flushing)
{
  g_mutex_lock (&self->lock);
  self->flushing = flushing;
  g_cond_broadcast (&self->work);
  g_cond_broadcast (&self->room);
  g_mutex_unlock (&self->lock);
}

/**
 * pst_association_wake:
 * @self: an association
 *
 * Makes those who wait in pst_association_send() look again at why.
 */
void
pst_association_wake (PstAssociation *self)
{
  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->room);
  g_mutex_unlock (&self->lock);
}

/**
 * pst_association_get_figures:
 * @self: an association
 * @figures: (out): what it did and knows; zero before it begins
 */
void
pst_association_get_figures (PstAssociation *self, PstSctpFigures *figures)
{
  *figures = (PstSctpFigures){ 0 };
  g_mutex_lock (&self->lock);
  if (self->sctp != NULL)
    pst_sctp_get_figures (self->sctp, figures);
  g_mutex_unlock (&self->lock);
}
