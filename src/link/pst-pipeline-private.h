/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#define GST_USE_UNSTABLE_API
#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "pst-pipeline.h"

G_BEGIN_DECLS

typedef struct
{
  GObject *object; /* owned */
  gulong id;
} PstPipelineHandler;

struct _PstPipeline
{
  PstHandover *handover;
  GstElement *pipeline;
  GstElement *webrtc; /* owned by the pipeline, too */
  GstWebRTCDataChannel *channel;
  GArray *handlers; /* of PstPipelineHandler */
  gboolean has_relays;

  /* There from the first description on. */
  GObject *sctp;
  GObject *dtls;
  GObject *ice;

  GTask *done; /* while it is being torn down */
};

void pst_pipeline_connect (PstPipeline *self,
                           gpointer object,
                           const char *signal,
                           GCallback handler);
void pst_pipeline_set_on_each (PstPipeline *self,
                               const char *factory,
                               const char *property,
                               guint value);

/* In pst-pipeline-agent.c */
void pst_pipeline_set_up_agent (PstPipeline *self);

G_END_DECLS
