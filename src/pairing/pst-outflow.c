/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-outflow.h"

struct _PstOutflow
{
  GFilterOutputStream parent_instance;

  guint64 left_bytes;
};

static void pst_outflow_pollable_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstOutflow,
                               pst_outflow,
                               G_TYPE_FILTER_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      pst_outflow_pollable_init))

static GOutputStream *
get_base (gpointer stream)
{
  return g_filter_output_stream_get_base_stream (G_FILTER_OUTPUT_STREAM (stream));
}

static gssize
note (gpointer stream, gssize n_written)
{
  if (n_written > 0)
    PST_OUTFLOW (stream)->left_bytes += n_written;
  return n_written;
}

static gssize
pst_outflow_write (GOutputStream *stream,
                   const void *buffer,
                   gsize count,
                   GCancellable *cancellable,
                   GError **error)
{
  return note (stream,
               g_output_stream_write (get_base (stream), buffer, count, cancellable, error));
}

static gssize
pst_outflow_write_nonblocking (GPollableOutputStream *stream,
                               const void *buffer,
                               gsize count,
                               GError **error)
{
  GPollableOutputStream *base = G_POLLABLE_OUTPUT_STREAM (get_base (stream));

  return note (stream,
               g_pollable_output_stream_write_nonblocking (base, buffer, count, NULL, error));
}

static gboolean
pst_outflow_can_poll (GPollableOutputStream *stream)
{
  GOutputStream *base = get_base (stream);

  return G_IS_POLLABLE_OUTPUT_STREAM (base)
         && g_pollable_output_stream_can_poll (G_POLLABLE_OUTPUT_STREAM (base));
}

static gboolean
pst_outflow_is_writable (GPollableOutputStream *stream)
{
  return g_pollable_output_stream_is_writable (G_POLLABLE_OUTPUT_STREAM (get_base (stream)));
}

static GSource *
pst_outflow_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  GPollableOutputStream *base = G_POLLABLE_OUTPUT_STREAM (get_base (stream));
  g_autoptr (GSource) child = g_pollable_output_stream_create_source (base, cancellable);

  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
pst_outflow_pollable_init (GPollableOutputStreamInterface *iface)
{
  iface->can_poll = pst_outflow_can_poll;
  iface->is_writable = pst_outflow_is_writable;
  iface->create_source = pst_outflow_create_source;
  iface->write_nonblocking = pst_outflow_write_nonblocking;
}

static void
pst_outflow_class_init (PstOutflowClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = pst_outflow_write;
}

static void
pst_outflow_init (PstOutflow *self)
{
}

/**
 * pst_outflow_new:
 * @base: (transfer none): a stream that can be polled
 *
 * libsoup queues what it cannot write, and does not tell how much that is. Whoever
 * gives it this stream can tell, and let go of an end that does not read.
 *
 * Returns: (transfer full): a stream in front of @base, which it does not close
 */
PstOutflow *
pst_outflow_new (GOutputStream *base)
{
  return g_object_new (PST_TYPE_OUTFLOW, "base-stream", base, "close-base-stream", FALSE, NULL);
}

/**
 * pst_outflow_get_left_bytes:
 * @self: a stream
 *
 * Returns: how many bytes @base has taken
 */
guint64
pst_outflow_get_left_bytes (PstOutflow *self)
{
  return self->left_bytes;
}
