/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A folder with things to send, one to receive into, one for journals, and one transfer
 * at a time between them, in a child with a bad disk (fault-child.c). */
typedef struct
{
  char *dir;
  char *from;
  char *to;
  char *state;
  char *room;
  char *said; /* by the last child */
  int status;
} FaultRun;

void fault_set_up (FaultRun *run, gconstpointer unused);
void fault_tear_down (FaultRun *run, gconstpointer unused);
void fault_begin (FaultRun *run);
void fault_go (FaultRun *run, const char *const *settings, const char *const *what);
guint fault_check_whole (FaultRun *run);
guint fault_count_source (FaultRun *run);
guint fault_count_partial (FaultRun *run);
guint fault_count_journals (FaultRun *run);
guint64 fault_get_said (FaultRun *run, const char *what);

G_END_DECLS
