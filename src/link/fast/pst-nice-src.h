/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define PST_TYPE_NICE_SRC (pst_nice_src_get_type ())
G_DECLARE_FINAL_TYPE (PstNiceSrc, pst_nice_src, PST, NICE_SRC, GstElement)

G_END_DECLS
