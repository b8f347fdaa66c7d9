/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-frame.h"

G_BEGIN_DECLS

/* One direction of one connection: a key and a counter. Opaque; the key is
 * wiped when it is freed. */
typedef struct _PstSeal PstSeal;

GBytes *pst_seal_purpose (const char *sending_side, guint32 epoch);
PstSeal *pst_seal_new (GBytes *key, guint16 link);
void pst_seal_free (PstSeal *self);

/* Payload = @head ‖ @body; either may be empty, not both. */
GBytes *pst_seal_close (PstSeal *self,
                        PstFrameKind kind,
                        const guint8 *head,
                        gsize head_bytes,
                        const guint8 *body,
                        gsize body_bytes);
GBytes *pst_seal_open (PstSeal *self, GBytes *frame, PstFrameKind *kind, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstSeal, pst_seal_free)

G_END_DECLS
