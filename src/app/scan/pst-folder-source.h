/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-frame-source.h"

G_BEGIN_DECLS

/* Plays the PNG pictures of a folder, over and over, as if a camera saw them. */
#define PST_TYPE_FOLDER_SOURCE (pst_folder_source_get_type ())
G_DECLARE_FINAL_TYPE (PstFolderSource, pst_folder_source, PST, FOLDER_SOURCE, GObject)

PstFrameSource *pst_folder_source_new (const char *folder);

G_END_DECLS
