/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-dtls-link.h"

static GMutex registry_mutex;
static GHashTable *registry; /* of unowned links by their ids */

GType
pst_dtls_state_get_type (void)
{
  static gsize type;
  static const GEnumValue values[] = { { PST_DTLS_NEW, "PST_DTLS_NEW", "new" },
                                       { PST_DTLS_CLOSED, "PST_DTLS_CLOSED", "closed" },
                                       { PST_DTLS_FAILED, "PST_DTLS_FAILED", "failed" },
                                       { PST_DTLS_CONNECTING, "PST_DTLS_CONNECTING", "connecting" },
                                       { PST_DTLS_CONNECTED, "PST_DTLS_CONNECTED", "connected" },
                                       { 0, NULL, NULL } };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("PstDtlsState", values));
  return type;
}

static PstDtlsLink *
link_new (const char *id)
{
  PstDtlsLink *self = g_new0 (PstDtlsLink, 1);

  self->id = g_strdup (id);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  g_weak_ref_init (&self->encoder, NULL);
  g_weak_ref_init (&self->decoder, NULL);
  return self;
}

static void
link_free (PstDtlsLink *self)
{
  g_clear_pointer (&self->session, pst_dtls_session_free);
  g_clear_pointer (&self->out, gst_buffer_list_unref);
  g_weak_ref_clear (&self->encoder);
  g_weak_ref_clear (&self->decoder);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->mutex);
  g_free (self->pem);
  g_free (self->id);
  g_free (self);
}

/*
 * pst_dtls_link_obtain:
 * @id: the `connection-id` of an element
 *
 * Returns: (transfer full): the one link that goes by @id
 */
PstDtlsLink *
pst_dtls_link_obtain (const char *id)
{
  PstDtlsLink *self;

  g_mutex_lock (&registry_mutex);
  if (registry == NULL)
    registry = g_hash_table_new (g_str_hash, g_str_equal);
  self = g_hash_table_lookup (registry, id);
  if (self == NULL)
    {
      self = link_new (id);
      g_hash_table_insert (registry, self->id, self);
    }
  self->n_references++;
  g_mutex_unlock (&registry_mutex);
  return self;
}

/*
 * pst_dtls_link_ref:
 * @self: a link
 *
 * Returns: (transfer full): @self
 */
PstDtlsLink *
pst_dtls_link_ref (PstDtlsLink *self)
{
  g_mutex_lock (&registry_mutex);
  self->n_references++;
  g_mutex_unlock (&registry_mutex);
  return self;
}

/*
 * pst_dtls_link_release:
 * @self: (transfer full): a link
 */
void
pst_dtls_link_release (PstDtlsLink *self)
{
  gboolean last;

  g_mutex_lock (&registry_mutex);
  last = --self->n_references == 0;
  if (last)
    g_hash_table_remove (registry, self->id);
  if (g_hash_table_size (registry) == 0)
    g_clear_pointer (&registry, g_hash_table_unref);
  g_mutex_unlock (&registry_mutex);

  if (last)
    link_free (self);
}

/* The session's datagrams are gathered and sent without the lock. */
static void
gather (const guint8 *datagram, gsize n_bytes, gpointer user_data)
{
  PstDtlsLink *self = user_data;

  if (self->out == NULL)
    self->out = gst_buffer_list_new ();
  gst_buffer_list_add (self->out, gst_buffer_new_memdup (datagram, n_bytes));
}

/*
 * pst_dtls_link_ensure_session:
 * @self: a link, with its lock held
 *
 * Returns: (transfer none) (nullable): the link's session; %NULL if the
 *   certificate that was set is not usable
 */
PstDtlsSession *
pst_dtls_link_ensure_session (PstDtlsLink *self)
{
  g_autoptr (GError) error = NULL;

  if (self->session == NULL)
    self->session = pst_dtls_session_new (self->pem, gather, self, &error);
  if (error != NULL)
    g_warning ("%s", error->message);
  return self->session;
}

/*
 * pst_dtls_link_set_encoder:
 * @self: a link
 * @encoder: (transfer none): whose pad "src" takes what the session says; not
 *   kept alive
 */
void
pst_dtls_link_set_encoder (PstDtlsLink *self, GstElement *encoder)
{
  g_weak_ref_set (&self->encoder, encoder);
}

/*
 * pst_dtls_link_set_decoder:
 * @self: a link
 * @decoder: (transfer none): is told of the states too; not kept alive
 */
void
pst_dtls_link_set_decoder (PstDtlsLink *self, GstElement *decoder)
{
  g_weak_ref_set (&self->decoder, decoder);
}

/*
 * pst_dtls_link_set_pem:
 * @self: a link that is not started
 * @pem: (nullable): a certificate and its key; %NULL for a fresh one
 */
void
pst_dtls_link_set_pem (PstDtlsLink *self, const char *pem)
{
  g_mutex_lock (&self->mutex);
  if (pst_dtls_link_peek_state (self) == PST_DTLS_NEW)
    {
      g_clear_pointer (&self->session, pst_dtls_session_free);
      g_free (self->pem);
      self->pem = g_strdup (pem);
    }
  g_mutex_unlock (&self->mutex);
}

/*
 * pst_dtls_link_dup_pem:
 * @self: a link
 *
 * Returns: (transfer full) (nullable): this side's certificate, without its key
 */
char *
pst_dtls_link_dup_pem (PstDtlsLink *self)
{
  char *pem;

  g_mutex_lock (&self->mutex);
  pem = pst_dtls_link_ensure_session (self) != NULL
            ? g_strdup (pst_dtls_session_get_pem (self->session))
            : NULL;
  g_mutex_unlock (&self->mutex);
  return pem;
}

/*
 * pst_dtls_link_dup_peer_pem:
 * @self: a link
 *
 * Returns: (transfer full) (nullable): the other side's certificate; %NULL
 *   before %PST_DTLS_CONNECTED
 */
char *
pst_dtls_link_dup_peer_pem (PstDtlsLink *self)
{
  char *pem = NULL;

  g_mutex_lock (&self->mutex);
  if (self->session != NULL)
    pem = g_strdup (pst_dtls_session_get_peer_pem (self->session));
  g_mutex_unlock (&self->mutex);
  return pem;
}

/*
 * pst_dtls_link_peek_state:
 * @self: a link, with its lock held
 *
 * Returns: where the association stands
 */
PstDtlsState
pst_dtls_link_peek_state (PstDtlsLink *self)
{
  return self->session != NULL ? pst_dtls_session_get_state (self->session) : PST_DTLS_NEW;
}

/*
 * pst_dtls_link_get_state:
 * @self: a link
 *
 * Returns: where the association stands
 */
PstDtlsState
pst_dtls_link_get_state (PstDtlsLink *self)
{
  PstDtlsState state;

  g_mutex_lock (&self->mutex);
  state = pst_dtls_link_peek_state (self);
  g_mutex_unlock (&self->mutex);
  return state;
}

/*
 * pst_dtls_link_get_version:
 * @self: a link
 *
 * Returns: as pst_dtls_session_get_version()
 */
guint
pst_dtls_link_get_version (PstDtlsLink *self)
{
  guint version;

  g_mutex_lock (&self->mutex);
  version = self->session != NULL ? pst_dtls_session_get_version (self->session) : 0;
  g_mutex_unlock (&self->mutex);
  return version;
}

/*
 * pst_dtls_pad_store_events:
 * @pad: a source pad that is being activated, or has been flushed
 * @media_type: (nullable): the type of what leaves there
 *
 * Puts down what has to precede the first buffer. GStreamer sends it along,
 * whichever thread comes first.
 */
void
pst_dtls_pad_store_events (GstPad *pad, const char *media_type)
{
  g_autofree char *id = g_strdup_printf ("pst-dtls-%08x", g_random_int ());
  g_autoptr (GstEvent) start = gst_event_new_stream_start (id);
  g_autoptr (GstEvent) segment_event = NULL;
  GstSegment segment;

  gst_event_set_group_id (start, gst_util_group_id_next ());
  gst_pad_store_sticky_event (pad, start);
  if (media_type != NULL)
    {
      g_autoptr (GstCaps) caps = gst_caps_new_empty_simple (media_type);
      g_autoptr (GstEvent) caps_event = gst_event_new_caps (caps);

      gst_pad_store_sticky_event (pad, caps_event);
    }
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  segment_event = gst_event_new_segment (&segment);
  gst_pad_store_sticky_event (pad, segment_event);
}
