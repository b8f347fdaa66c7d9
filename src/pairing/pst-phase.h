/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "pst-hkdf.h"

G_BEGIN_DECLS

/* What a sealed phase is longer than its plaintext: nonce and authenticator. */
#define PST_PHASE_OVERHEAD_BYTES (24 + 16)

void pst_phase_derive (const guint8 key[PST_KEY_BYTES],
                       const guint8 *purpose,
                       gsize purpose_bytes,
                       guint8 out[PST_KEY_BYTES]);
GBytes *pst_phase_seal (const guint8 key[PST_KEY_BYTES],
                        const char *side,
                        const char *phase,
                        GBytes *plaintext);
GBytes *pst_phase_open (const guint8 key[PST_KEY_BYTES],
                        const char *side,
                        const char *phase,
                        GBytes *body,
                        GError **error);

G_END_DECLS
