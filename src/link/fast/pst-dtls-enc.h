/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define PST_TYPE_DTLS_ENC (pst_dtls_enc_get_type ())
G_DECLARE_FINAL_TYPE (PstDtlsEnc, pst_dtls_enc, PST, DTLS_ENC, GstElement)

G_END_DECLS
