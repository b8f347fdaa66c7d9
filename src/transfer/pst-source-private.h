/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-source.h"

G_BEGIN_DECLS

struct _PstSource
{
  gatomicrefcount ref_count;
  PstManifest *manifest;
  GHashTable *roots;   /* name in the offer → absolute path */
  GPtrArray *left_out; /* NULL-terminated once scanned */
};

const char *pst_source_get_root (PstSource *self, const char *path, const char **rest);

G_END_DECLS
