/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define PST_TYPE_NICE_SINK (pst_nice_sink_get_type ())
G_DECLARE_FINAL_TYPE (PstNiceSink, pst_nice_sink, PST, NICE_SINK, GstBaseSink)

G_END_DECLS
