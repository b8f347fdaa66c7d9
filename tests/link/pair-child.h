/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other peer in a process of its own. */
#pragma once

#include <gio/gio.h>

#include "peer-pair.h"

G_BEGIN_DECLS

/* Changes a message on its way; returns a new one. */
typedef JsonObject *(*PairChange) (JsonObject *message, gconstpointer data);

typedef struct
{
  GSubprocess *process;
  GDataInputStream *output;
  GCancellable *cancellable;
  PairEnd *end; /* the peer in this process */
  PairChange change;
  gconstpointer change_data;
  GPtrArray *held; /* (nullable): candidates for it that wait, of char *, one a line */
  gboolean ended;
} PairChild;

void pair_child_spawn (PairChild *child, PairEnd *end, gboolean offerer, guint64 expected_bytes);
void pair_child_spawn_echo (PairChild *child, PairEnd *end, gboolean offerer, gboolean stock);
void pair_child_stop (const PairChild *child);
void pair_child_continue (const PairChild *child);
void pair_child_hold (PairChild *child);
void pair_child_release (PairChild *child);
void pair_child_kill (PairChild *child);

G_END_DECLS
