/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-allowance.h"

#include "pst-error.h"
#include "pst-outflow.h"

/* The input half: reads from the base's input while there is an allowance. */
#define PST_TYPE_ALLOWANCE_INPUT (pst_allowance_input_get_type ())
G_DECLARE_FINAL_TYPE (
    PstAllowanceInput, pst_allowance_input, PST, ALLOWANCE_INPUT, GFilterInputStream)

struct _PstAllowanceInput
{
  GFilterInputStream parent_instance;

  gsize allowance_bytes;
};

static void pst_allowance_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstAllowanceInput,
                               pst_allowance_input,
                               G_TYPE_FILTER_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      pst_allowance_input_pollable_init))

static GInputStream *
get_base (gpointer stream)
{
  return g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));
}

static gboolean
check_allowance (PstAllowanceInput *self, gsize *count, GError **error)
{
  if (self->allowance_bytes == 0)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_LIMIT,
                           "The other end sends more than is allowed.");
      return FALSE;
    }

  *count = MIN (*count, self->allowance_bytes);
  return TRUE;
}

static gssize
take (PstAllowanceInput *self, gssize n_read)
{
  if (n_read > 0)
    self->allowance_bytes -= n_read;
  return n_read;
}

static gssize
pst_allowance_input_read (GInputStream *stream,
                      void *buffer,
                      gsize count,
                      GCancellable *cancellable,
                      GError **error)
{
  PstAllowanceInput *self = PST_ALLOWANCE_INPUT (stream);

  if (!check_allowance (self, &count, error))
    return -1;
  return take (self, g_input_stream_read (get_base (self), buffer, count, cancellable, error));
}

static gssize
pst_allowance_input_read_nonblocking (GPollableInputStream *stream,
                                  void *buffer,
                                  gsize count,
                                  GError **error)
{
  PstAllowanceInput *self = PST_ALLOWANCE_INPUT (stream);
  GPollableInputStream *base = G_POLLABLE_INPUT_STREAM (get_base (self));

  if (!check_allowance (self, &count, error))
    return -1;
  return take (self, g_pollable_input_stream_read_nonblocking (base, buffer, count, NULL, error));
}

static gboolean
pst_allowance_input_can_poll (GPollableInputStream *stream)
{
  GInputStream *base = get_base (stream);

  return G_IS_POLLABLE_INPUT_STREAM (base)
         && g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (base));
}

static gboolean
pst_allowance_input_is_readable (GPollableInputStream *stream)
{
  return g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (get_base (stream)));
}

static GSource *
pst_allowance_input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  GPollableInputStream *base = G_POLLABLE_INPUT_STREAM (get_base (stream));
  g_autoptr (GSource) child = g_pollable_input_stream_create_source (base, cancellable);

  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
pst_allowance_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->can_poll = pst_allowance_input_can_poll;
  iface->is_readable = pst_allowance_input_is_readable;
  iface->create_source = pst_allowance_input_create_source;
  iface->read_nonblocking = pst_allowance_input_read_nonblocking;
}

static void
pst_allowance_input_class_init (PstAllowanceInputClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = pst_allowance_input_read;
}

static void
pst_allowance_input_init (PstAllowanceInput *self)
{
}

struct _PstAllowance
{
  GIOStream parent_instance;

  GIOStream *base;
  PstAllowanceInput *input;
  PstOutflow *output;
};

G_DEFINE_FINAL_TYPE (PstAllowance, pst_allowance, G_TYPE_IO_STREAM)

static GInputStream *
pst_allowance_get_input_stream (GIOStream *stream)
{
  return G_INPUT_STREAM (PST_ALLOWANCE (stream)->input);
}

static GOutputStream *
pst_allowance_get_output_stream (GIOStream *stream)
{
  return G_OUTPUT_STREAM (PST_ALLOWANCE (stream)->output);
}

static gboolean
pst_allowance_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return g_io_stream_close (PST_ALLOWANCE (stream)->base, cancellable, error);
}

static void
pst_allowance_finalize (GObject *object)
{
  PstAllowance *self = PST_ALLOWANCE (object);

  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->base);

  G_OBJECT_CLASS (pst_allowance_parent_class)->finalize (object);
}

static void
pst_allowance_class_init (PstAllowanceClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pst_allowance_finalize;
  stream_class->get_input_stream = pst_allowance_get_input_stream;
  stream_class->get_output_stream = pst_allowance_get_output_stream;
  stream_class->close_fn = pst_allowance_close;
}

static void
pst_allowance_init (PstAllowance *self)
{
}

/**
 * pst_allowance_new:
 * @base: (transfer none): a connection whose streams can be polled
 * @allowance_bytes: how much may be read until pst_allowance_allow() is called
 *
 * Bounds what a stranger can make us hold. libsoup caps each WebSocket frame,
 * but puts any number of fragments together to one message; whoever reads from
 * such a connection through this stream, and renews the allowance with each whole
 * message, has a cap on the message too.
 *
 * Returns: (transfer full): the stream; closing it closes @base
 */
GIOStream *
pst_allowance_new (GIOStream *base, gsize allowance_bytes)
{
  PstAllowance *self = g_object_new (PST_TYPE_ALLOWANCE, NULL);

  self->base = g_object_ref (base);
  self->input = g_object_new (PST_TYPE_ALLOWANCE_INPUT, "base-stream",
                              g_io_stream_get_input_stream (base), "close-base-stream", FALSE,
                              NULL);
  self->input->allowance_bytes = allowance_bytes;
  self->output = pst_outflow_new (g_io_stream_get_output_stream (base));

  return G_IO_STREAM (self);
}

/**
 * pst_allowance_allow:
 * @self: a stream with an allowance
 * @allowance_bytes: how much may be read from now on
 *
 * Sets the allowance anew; what is left of the last one is forgotten.
 */
void
pst_allowance_allow (PstAllowance *self, gsize allowance_bytes)
{
  self->input->allowance_bytes = allowance_bytes;
}

/**
 * pst_allowance_get_left_bytes:
 * @self: a stream with an allowance
 *
 * Returns: how many bytes have been written to it and left
 */
guint64
pst_allowance_get_left_bytes (PstAllowance *self)
{
  return pst_outflow_get_left_bytes (self->output);
}
