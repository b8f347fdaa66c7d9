/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a link comes up, goes down, and says so. */
#include <openssl/crypto.h>

#include "pst-dtls-link.h"

static void
tell (PstDtlsLink *self, PstDtlsState state)
{
  g_autoptr (GstElement) encoder = g_weak_ref_get (&self->encoder);
  g_autoptr (GstElement) decoder = g_weak_ref_get (&self->decoder);

  if (decoder != NULL && state == PST_DTLS_CONNECTED)
    g_object_notify (G_OBJECT (decoder), "peer-pem");
  if (decoder != NULL)
    g_object_notify (G_OBJECT (decoder), "connection-state");
  if (encoder != NULL)
    g_object_notify (G_OBJECT (encoder), "connection-state");
  if (encoder != NULL && state == PST_DTLS_CONNECTED)
    g_signal_emit_by_name (encoder, "on-key-set");
}

/* Tells the elements' listeners of a new state. One thread at a time does, so
 * that the last news to come is the latest. */
static void
announce (PstDtlsLink *self)
{
  g_mutex_lock (&self->mutex);
  while (!self->telling && self->told != pst_dtls_link_peek_state (self))
    {
      PstDtlsState state = self->told = pst_dtls_link_peek_state (self);

      self->telling = TRUE;
      g_mutex_unlock (&self->mutex);
      tell (self, state);
      g_mutex_lock (&self->mutex);
      self->telling = FALSE;
    }
  g_mutex_unlock (&self->mutex);
}

static void
push_out (PstDtlsLink *self, GstBufferList *out)
{
  g_autoptr (GstElement) encoder = g_weak_ref_get (&self->encoder);
  g_autoptr (GstPad) pad = encoder != NULL ? gst_element_get_static_pad (encoder, "src") : NULL;

  if (pad != NULL)
    gst_pad_push_list (pad, out);
  else
    gst_buffer_list_unref (out);
}

/*
 * pst_dtls_link_settle:
 * @self: a link
 *
 * Sends what the session has to say, and tells of its new state. To be called,
 * without the lock, after the session was given something.
 */
void
pst_dtls_link_settle (PstDtlsLink *self)
{
  GstBufferList *out;
  gboolean news;

  g_mutex_lock (&self->mutex);
  out = g_steal_pointer (&self->out);
  news = self->told != pst_dtls_link_peek_state (self);
  if (out != NULL || news)
    g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);

  if (out != NULL)
    push_out (self, out);
  if (news)
    announce (self);
}

/* To be called with the lock held. */
static void
wait_until_due (PstDtlsLink *self, gint64 timeout_us)
{
  if (timeout_us < 0)
    g_cond_wait (&self->changed, &self->mutex);
  else
    g_cond_wait_until (&self->changed, &self->mutex, g_get_monotonic_time () + timeout_us);
}

/* Sends the first part of the handshake and repeats what is not answered, until
 * the handshake is over. It has a thread, as sending may block and nobody else
 * can wait: a change of state must not, and the clock belongs to everybody.
 * The start is told from here too: webrtcbin changes the state under a lock that
 * its listeners take. */
static gpointer
run_handshake (gpointer data)
{
  PstDtlsLink *self = data;

  pst_dtls_link_settle (self);
  g_mutex_lock (&self->mutex);
  while (self->running && pst_dtls_link_peek_state (self) == PST_DTLS_CONNECTING)
    {
      gint64 timeout_us = pst_dtls_session_get_timeout_us (self->session);

      if (timeout_us == 0)
        pst_dtls_session_handle_timeout (self->session);
      if (self->out == NULL && timeout_us != 0)
        wait_until_due (self, timeout_us);
      g_mutex_unlock (&self->mutex);
      pst_dtls_link_settle (self);
      g_mutex_lock (&self->mutex);
    }
  g_mutex_unlock (&self->mutex);

  pst_dtls_link_release (self);
  OPENSSL_thread_stop ();
  return NULL;
}

static void
start_thread (PstDtlsLink *self)
{
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_try_new ("pst-dtls", run_handshake, pst_dtls_link_ref (self), &error);

  if (thread != NULL)
    {
      g_thread_unref (thread);
      return;
    }
  g_warning ("%s", error->message);
  pst_dtls_link_release (self);
}

/*
 * pst_dtls_link_start:
 * @self: a link
 * @client: whether this side speaks first
 *
 * Starts the handshake. Never blocks. A link starts once; one that has ended
 * stays so.
 */
void
pst_dtls_link_start (PstDtlsLink *self, gboolean client)
{
  gboolean starts;

  g_mutex_lock (&self->mutex);
  starts = pst_dtls_link_ensure_session (self) != NULL
           && pst_dtls_link_peek_state (self) == PST_DTLS_NEW;
  if (starts)
    {
      self->running = TRUE;
      pst_dtls_session_start (self->session, client);
    }
  g_mutex_unlock (&self->mutex);

  if (starts)
    start_thread (self);
}

/*
 * pst_dtls_link_stop:
 * @self: a link
 *
 * Ends the association without a word to the other side. Does not wait for
 * anybody: not for a thread that is about to send either.
 */
void
pst_dtls_link_stop (PstDtlsLink *self)
{
  g_mutex_lock (&self->mutex);
  self->running = FALSE;
  if (pst_dtls_link_peek_state (self) != PST_DTLS_NEW)
    {
      pst_dtls_session_close (self->session);
      g_clear_pointer (&self->out, gst_buffer_list_unref);
    }
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
  announce (self);
}

/*
 * pst_dtls_link_close:
 * @self: a link
 *
 * Ends the association and says so to the other side.
 */
void
pst_dtls_link_close (PstDtlsLink *self)
{
  g_mutex_lock (&self->mutex);
  if (pst_dtls_link_peek_state (self) == PST_DTLS_CONNECTED)
    pst_dtls_session_close (self->session);
  g_mutex_unlock (&self->mutex);
  pst_dtls_link_settle (self);
}
