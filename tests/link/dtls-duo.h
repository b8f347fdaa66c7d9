/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

/* One side of a connection: an encoder and a decoder, as webrtcbin has them. */
typedef struct
{
  GstElement *encoder;
  GstElement *decoder;
  GstElement *queue;   /* the wire that leads to the other side */
  GstPad *in;          /* what is pushed here arrives at the other side */
  GstPad *out;         /* where the other side's data arrives */
  GAsyncQueue *data;   /* of GstBuffers that arrived there */
  GAsyncQueue *states; /* of numbers, one above the connection state */
  gint n_keys;         /* atomic: how often on-key-set came */
  gint discard;        /* atomic: counts what arrives instead of keeping it */
  gint n_discarded;    /* atomic */
} DuoSide;

typedef struct
{
  GstElement *pipeline;
  DuoSide sides[2]; /* the first is the client */
} Duo;

void duo_load_factories (void);
void duo_init (Duo *duo, gboolean fast_client, gboolean fast_server);
void duo_clear (Duo *duo);
void duo_start (Duo *duo);
void duo_wait_connected (Duo *duo);
GstBufferList *duo_make_list (guint n_buffers, gsize n_bytes);
void duo_assert_arrives (DuoSide *to, gsize n_bytes);
