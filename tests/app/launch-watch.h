/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what this process starts or asks others to open: the functions by which
 * that is done stand in for the libraries'. Linked into a test's executable. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void launch_watch_reset (void);
guint launch_watch_get_n_launched (void);

G_END_DECLS
