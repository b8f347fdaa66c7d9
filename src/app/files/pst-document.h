/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Paths below the document portal's mount, behind which a sandbox sees what the
 * person chose: /run/user/1000/doc/b1a2c3/Pictures stands for ~/Pictures. */

char *pst_document_dup_inner_path (const char *path);
char *pst_document_dup_host_path (const char *path);

G_END_DECLS
