/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sessions, and a file each way between them. */
#pragma once

#include "session-end.h"

G_BEGIN_DECLS

typedef struct
{
  End host, guest;
  char *path_there, *path_back;
  PstTransfer *there, *back;
} Run;

void run_begin (Run *run, gsize file_bytes);
gboolean run_is_done (PstTransfer *transfer);
void run_finish (Run *run);

G_END_DECLS
