/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-digest.h"

G_BEGIN_DECLS

/* A digest that is being made, by one thread at a time. */
typedef struct gcry_md_handle PstHash;

void pst_hash_prepare (void);

PstHash *pst_hash_new (void);
PstHash *pst_hash_copy (PstHash *self);
void pst_hash_free (PstHash *self);
void pst_hash_restart (PstHash *self);
void pst_hash_add (PstHash *self, gconstpointer bytes, gsize n_bytes);
void pst_hash_read (PstHash *self, guint8 digest[PST_DIGEST_BYTES]);
void pst_hash_finish (PstHash *self, guint8 digest[PST_DIGEST_BYTES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstHash, pst_hash_free)

G_END_DECLS
