/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-sctp-association-private.h"

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
void
pst_association_unlock (PstAssociation *self)
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
  pst_association_unlock (self);
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
  if (pst_association_get_state (self) == PST_SCTP_STATE_ESTABLISHED)
    pst_sctp_reset_stream (self->sctp, stream);
  pst_association_unlock (self);
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
