/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Small files and folders that survive a power cut. Everything here blocks, and
 * leaves in errno why it failed. */

gboolean pst_durable_append (int fd, const char *text);
int pst_durable_begin (int folder_fd, const char *temporary);
gboolean pst_durable_finish (
    int folder_fd, int fd, const char *temporary, const char *name, const char *text);
gboolean pst_durable_sync_folder (int folder_fd);
gboolean pst_durable_make_folder (const char *path);

G_END_DECLS
