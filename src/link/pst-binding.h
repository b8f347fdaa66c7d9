/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-certificate.h"

G_BEGIN_DECLS

#define PST_BINDING_FRAME_BYTES 33

/**
 * PstBinding:
 * @key: (array fixed-size=32): the key both sides share for this purpose alone
 * @offerer_side: the offerer's side, as in the pairing
 * @answerer_side: the answerer's side
 * @offerer_fingerprint: the fingerprint in the offer
 * @answerer_fingerprint: the fingerprint in the answer
 * @epoch: the number of the connection within the pairing
 * @link: the number of the link within the epoch, 0 for the first
 *
 * What the two sides of one connection must agree on.
 */
typedef struct
{
  const guint8 *key;
  const char *offerer_side;
  const char *answerer_side;
  guint8 offerer_fingerprint[PST_FINGERPRINT_BYTES];
  guint8 answerer_fingerprint[PST_FINGERPRINT_BYTES];
  guint32 epoch;
  guint16 link;
} PstBinding;

GBytes *pst_binding_make_frame (const PstBinding *self, gboolean from_offerer);
gboolean pst_binding_check_frame (const PstBinding *self,
                                  gboolean from_offerer,
                                  GBytes *frame,
                                  GError **error);

G_END_DECLS
