/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "pst-hkdf.h"

G_BEGIN_DECLS

/* What the verifier is derived from the agreed key with. */
#define PST_PHRASE_PURPOSE "wormhole:verifier"

/* 48 bits: somebody in the middle who has the code needs about 2^24 tries on
 * each side until the two phrases meet; each takes as long as ours does
 * (docs/security.md). */
#define PST_PHRASE_WORDS 6

char *pst_phrase_make (const guint8 verifier[PST_KEY_BYTES]);

G_END_DECLS
