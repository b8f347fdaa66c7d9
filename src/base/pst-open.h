/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

int pst_open_no_link (int folder_fd, const char *name, int flags);
int pst_open_folder (int at_fd, const char *path, int flags);

G_END_DECLS
