/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean pst_launchable_check (GFileInfo *info);
/* What pst_launchable_check() needs to be told. */
#define PST_LAUNCHABLE_ATTRIBUTES                                                                  \
  G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE                        \
                                 "," G_FILE_ATTRIBUTE_UNIX_MODE

G_END_DECLS
