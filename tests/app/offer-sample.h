/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Offers as tests of the page that shows them need them. */
#pragma once

#include "pst-manifest.h"

G_BEGIN_DECLS

void offer_sample_append (PstManifest *manifest,
                          PstEntryKind kind,
                          const char *path,
                          const char *target,
                          guint64 size_bytes);
PstManifest *offer_sample_new_mixed (void);
PstManifest *offer_sample_new_strange (void);
PstManifest *offer_sample_new_single (guint64 size_bytes);
PstManifest *offer_sample_new_large (guint n_entries, guint folder_size);

G_END_DECLS
