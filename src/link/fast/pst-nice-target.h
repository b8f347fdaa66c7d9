/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>
#include <nice/agent.h>

G_BEGIN_DECLS

/**
 * PstNiceTarget:
 * @agent: (nullable) (owned): the agent; set once
 * @stream: the stream's id, 0: not set
 * @component: the component's id, 0: not set
 *
 * What an ICE element reads from or writes to. Properties set it, before the
 * element starts.
 */
typedef struct
{
  NiceAgent *agent;
  guint stream;
  guint component;
} PstNiceTarget;

enum
{
  PST_NICE_TARGET_PROP_AGENT = 1,
  PST_NICE_TARGET_PROP_STREAM,
  PST_NICE_TARGET_PROP_COMPONENT,
  PST_NICE_TARGET_N_PROPS,
};

void pst_nice_target_install_properties (GObjectClass *klass);
gboolean pst_nice_target_set (PstNiceTarget *self, guint property_id, const GValue *value);
gboolean pst_nice_target_get (PstNiceTarget *self, guint property_id, GValue *value);
gboolean pst_nice_target_is_complete (PstNiceTarget *self);
void pst_nice_target_clear (PstNiceTarget *self);

G_END_DECLS
