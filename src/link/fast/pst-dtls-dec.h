/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define PST_TYPE_DTLS_DEC (pst_dtls_dec_get_type ())
G_DECLARE_FINAL_TYPE (PstDtlsDec, pst_dtls_dec, PST, DTLS_DEC, GstElement)

gboolean pst_dtls_dec_is_connected (PstDtlsDec *self);

G_END_DECLS
