/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Until a test that waits for something is a failed one. */
#define DUO_TIMEOUT_S 30

typedef struct
{
  GstElement *encoder;
  GstElement *decoder;
  GstPad *in;        /* (nullable): of the test; goes into the encoder */
  GAsyncQueue *came; /* of GstBuffer */
  GPtrArray *pads;   /* the test's, behind the decoder */

  GMutex lock;
  GCond changed;
  guint n_established; /* how often it was told */
  guint n_over;
  guint n_sent;
  gboolean is_held; /* what comes waits in the pad */
} SctpSide;

/* Two pairs of elements in a pipeline, linked back to back. */
typedef struct
{
  GstElement *pipeline;
  SctpSide sides[2];
} SctpDuo;

void sctp_duo_init (SctpDuo *duo, gboolean fast_first, gboolean fast_second);
void sctp_duo_clear (SctpDuo *duo);
void sctp_duo_start (SctpDuo *duo);
void sctp_duo_wait_established (SctpDuo *duo);
void sctp_duo_open (SctpSide *side, guint stream);
void sctp_duo_close (SctpSide *side);
void sctp_duo_hold (SctpSide *side, gboolean held);
void sctp_duo_wait_full (SctpSide *side);
GstFlowReturn sctp_duo_send (SctpSide *side, guint number, gsize n_bytes);
void sctp_duo_assert_came (SctpSide *side, guint number, gsize n_bytes);

G_END_DECLS
