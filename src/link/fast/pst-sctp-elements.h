/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

#include "pst-sctp.h"

G_BEGIN_DECLS

#define PST_TYPE_SCTP_ENC (pst_sctp_enc_get_type ())
G_DECLARE_FINAL_TYPE (PstSctpEnc, pst_sctp_enc, PST, SCTP_ENC, GstElement)

#define PST_TYPE_SCTP_DEC (pst_sctp_dec_get_type ())
G_DECLARE_FINAL_TYPE (PstSctpDec, pst_sctp_dec, PST, SCTP_DEC, GstElement)

void pst_sctp_enc_get_figures (PstSctpEnc *self, PstSctpFigures *figures);

/* For the decoder, whose thread hears of it; in pst-sctp-enc.c. */
void pst_sctp_enc_tell (PstSctpEnc *self, gboolean established);
void pst_sctp_enc_push (PstSctpEnc *self, GstBuffer *packet);

G_END_DECLS
