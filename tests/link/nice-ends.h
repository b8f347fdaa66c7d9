/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>
#include <nice/agent.h>

G_BEGIN_DECLS

/* The least size of a numbered datagram. */
#define NICE_ENDS_NUMBERED_BYTES 8

/* Who sends into one end at the same time, at most. */
#define NICE_ENDS_STREAMS 2

typedef struct _NiceEnds NiceEnds;

/* One of two ends: an agent with the elements around it. */
typedef struct
{
  NiceEnds *ends;
  NiceAgent *agent;
  guint stream;
  GstElement *sink;
  GstElement *src;
  GstPad *out;                        /* pushes into sink */
  GstPad *in;                         /* src pushes into it */
  GPtrArray *seen[NICE_ENDS_STREAMS]; /* by number */
  guint n_received;
  guint n_lists;
  guint64 n_bytes;
  gboolean counting; /* only n_bytes and n_received */
} NiceEnd;

struct _NiceEnds
{
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  GMutex lock;
  GCond changed;
  NiceEnd ends[2];
};

void nice_ends_open (NiceEnds *self, const char *const addresses[2][2]);
void nice_ends_close (NiceEnds *self);

void nice_ends_make_elements (NiceEnds *self);
void nice_ends_connect (NiceEnds *self);
void nice_ends_select (NiceEnds *self, guint address);
guint nice_ends_get_state (NiceEnd *end);

GstBuffer *nice_ends_make_datagram (guint stream, guint number, gsize size);
void nice_ends_push (NiceEnd *from, guint stream, guint first_number, guint n, const gsize *sizes);
gboolean nice_ends_wait_received (NiceEnd *to, guint n);
guint nice_ends_count_received (NiceEnd *to);
void nice_ends_rest (NiceEnds *self, guint most_ms);
guint64 nice_ends_get_stat (GstElement *element, const char *name);

G_END_DECLS
