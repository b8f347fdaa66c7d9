/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "pst-hkdf.h"

G_BEGIN_DECLS

/* SPAKE2, symmetric, over Ed25519: from a short common password each side gets
 * the same strong key, and whoever does not know the password gets one guess.
 * Each object makes one message and finishes once. */
typedef struct _PstSpake2 PstSpake2;

#define PST_SPAKE2_MESSAGE_BYTES 33
#define PST_SPAKE2_SCALAR_BYTES  32

void pst_spake2_password_to_scalar (const guint8 *password,
                                    gsize password_bytes,
                                    guint8 scalar[PST_SPAKE2_SCALAR_BYTES]);
PstSpake2 *pst_spake2_new (const char *password, const char *appid, GError **error);
PstSpake2 *pst_spake2_new_with_scalar (const char *password,
                                       const char *appid,
                                       const guint8 scalar[PST_SPAKE2_SCALAR_BYTES],
                                       GError **error);
void pst_spake2_free (PstSpake2 *self);
GBytes *pst_spake2_get_message (PstSpake2 *self);
gboolean pst_spake2_finish (PstSpake2 *self,
                            GBytes *peer_message,
                            guint8 key[PST_KEY_BYTES],
                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstSpake2, pst_spake2_free)

G_END_DECLS
