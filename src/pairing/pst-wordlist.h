/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One word for each value of a byte. */
#define PST_WORDLIST_SIZE 256

const char *const *pst_wordlist_get (guint position);

G_END_DECLS
