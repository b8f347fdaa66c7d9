/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of the packets: what is paid for each of them is paid here. */
#include "pst-dtls-link.h"

/* RFC 7983, section 7: the first byte of a datagram of DTLS. */
#define FIRST_BYTE_MIN 20
#define FIRST_BYTE_MAX 63

/* The datagrams of one run, one after the other in a single block that goes
 * when the last of its buffers does. */
typedef struct
{
  guint8 *block;
  gsize size;
  gsize used;
  guint n_datagrams;
  guint sizes[PST_DTLS_MAX_RUN];
} Run;

static gsize
measure (GstBufferList *list, guint first, guint n)
{
  gsize size = 0;

  for (guint i = 0; i < n; i++)
    size += gst_buffer_get_size (gst_buffer_list_get (list, first + i))
            + PST_DTLS_MAX_OVERHEAD_BYTES;
  return size;
}

/* To be called with the link's lock held. */
static void
seal_buffer (PstDtlsSession *session, GstBuffer *buffer, Run *run)
{
  GstMapInfo map;
  gsize n_bytes;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;

  n_bytes = pst_dtls_session_seal (session, map.data, map.size, run->block + run->used,
                                   run->size - run->used);
  if (n_bytes > 0)
    run->sizes[run->n_datagrams++] = n_bytes;
  run->used += n_bytes;
  gst_buffer_unmap (buffer, &map);
}

static GstBufferList *
wrap_run (Run *run)
{
  GstBufferList *list = gst_buffer_list_new_sized (run->n_datagrams);
  gsize offset = 0;

  for (guint i = 0; i < run->n_datagrams; i++)
    {
      GstBuffer *buffer = gst_buffer_new ();

      gst_buffer_append_memory (
          buffer,
          gst_memory_new_wrapped (0, run->block + offset, run->sizes[i], 0, run->sizes[i],
                                  g_atomic_rc_box_acquire (run->block), g_atomic_rc_box_release));
      gst_buffer_list_add (list, buffer);
      offset += run->sizes[i];
    }
  return list;
}

/*
 * pst_dtls_link_seal:
 * @self: a link
 * @list: what is to be sent, a record a buffer
 * @first: the first buffer of @list that is looked at
 * @n_buffers: how many are, at most %PST_DTLS_MAX_RUN
 * @state: (out): where the association stands
 *
 * Encrypts a part of a list. Buffers that are no record are left out.
 *
 * Returns: (transfer full) (nullable): the datagrams; %NULL if there are none
 */
GstBufferList *
pst_dtls_link_seal (
    PstDtlsLink *self, GstBufferList *list, guint first, guint n_buffers, PstDtlsState *state)
{
  Run run = { .size = measure (list, first, n_buffers) };
  GstBufferList *sealed;

  run.block = g_atomic_rc_box_alloc (run.size);
  g_mutex_lock (&self->mutex);
  for (guint i = 0; self->session != NULL && i < n_buffers; i++)
    seal_buffer (self->session, gst_buffer_list_get (list, first + i), &run);
  *state = pst_dtls_link_peek_state (self);
  g_mutex_unlock (&self->mutex);

  sealed = run.n_datagrams > 0 ? wrap_run (&run) : NULL;
  g_atomic_rc_box_release (run.block);
  return sealed;
}

typedef struct
{
  PstDtlsSession *session;
  GstBufferList *more; /* (nullable): of records that found no place */
} Opening;

static void
read_more (Opening *self)
{
  guint8 record[PST_DTLS_MAX_RECORD_BYTES];
  gsize n_bytes;

  while ((n_bytes = pst_dtls_session_read (self->session, record, sizeof record)) > 0)
    {
      if (self->more == NULL)
        self->more = gst_buffer_list_new ();
      gst_buffer_list_add (self->more, gst_buffer_new_memdup (record, n_bytes));
    }
}

/* Opens a datagram where it stands, so that nothing needs to be allocated. */
static gsize
open_in_place (Opening *self, GstBuffer *buffer)
{
  GstMapInfo map;
  gsize n_bytes = 0;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READWRITE))
    return 0;
  if (map.size > 0 && map.data[0] >= FIRST_BYTE_MIN && map.data[0] <= FIRST_BYTE_MAX)
    n_bytes = pst_dtls_session_open (self->session, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  return n_bytes;
}

static gboolean
open_buffer (GstBuffer **buffer, guint index, gpointer user_data)
{
  Opening *self = user_data;
  gsize n_bytes;

  *buffer = gst_buffer_make_writable (*buffer);
  n_bytes = open_in_place (self, *buffer);
  read_more (self);
  if (n_bytes > 0)
    gst_buffer_set_size (*buffer, n_bytes);
  else
    gst_buffer_replace (buffer, NULL);
  return TRUE;
}

static gboolean
append_buffer (GstBuffer **buffer, guint index, gpointer user_data)
{
  gst_buffer_list_add (user_data, gst_buffer_ref (*buffer));
  return TRUE;
}

/*
 * pst_dtls_link_open:
 * @self: a link
 * @list: a list that is writable: datagrams, which are replaced by what was in
 *   them
 *
 * Takes what came from the other side. pst_dtls_link_settle() has to follow.
 *
 * Returns: whether the other side has ended the association
 */
gboolean
pst_dtls_link_open (PstDtlsLink *self, GstBufferList *list)
{
  Opening opening = { NULL, NULL };
  gboolean ended = FALSE;

  g_mutex_lock (&self->mutex);
  opening.session = pst_dtls_link_ensure_session (self);
  if (opening.session != NULL)
    {
      gst_buffer_list_foreach (list, open_buffer, &opening);
      ended = self->running && pst_dtls_session_get_state (opening.session) == PST_DTLS_CLOSED;
    }
  else
    gst_buffer_list_remove (list, 0, gst_buffer_list_length (list));
  g_mutex_unlock (&self->mutex);

  if (opening.more != NULL)
    {
      gst_buffer_list_foreach (opening.more, append_buffer, list);
      gst_buffer_list_unref (opening.more);
    }
  return ended;
}
