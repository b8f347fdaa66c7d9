/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What connections leave behind in this process: nothing. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint n_threads;
  guint n_files;
} PairTraces;

void pair_traces_init (PairTraces *traces);
void pair_traces_wait_for (const PairTraces *traces);
gsize pair_get_resident_bytes (void);

G_END_DECLS
