/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-engine-private.h"
#include "pst-resident.h"

G_BEGIN_DECLS

/* One transfer; ours wait without a PstTransfer until it is their turn. */
typedef struct
{
  PstResident *resident; /* not owned */
  guint key;
  GStrv paths;           /* of ours */
  PstTransfer *transfer; /* NULL while it is queued */
  PstTransferState state;
  PstTransferDetails *details;
  guint n_refusals;
  GError *refusal;
  gboolean final_put;    /* its end stands in the last snapshot */
} PstWatch;

struct _PstResident
{
  gatomicrefcount ref_count;
  PstEngine *engine;
  PstMirror *mirror;

  /* Only in the thread that draws. */
  gboolean released;

  /* Only in the engine. */
  PstSession *session;
  GPtrArray *watches;  /* of PstWatch, oldest first */
  guint next_key;      /* for theirs */
  GError *error;       /* why it closed */
  GSource *put_source; /* ready when the next snapshot is due */
  gint64 put_us;       /* when the last one was put */
};

void pst_resident_begin (PstResident *self, PstSession *session);
void pst_resident_end (PstResident *self);
void pst_resident_schedule (PstResident *self, gboolean at_once);
PstWatch *pst_resident_find (PstResident *self, guint key);
PstWatch *pst_resident_add (PstResident *self, guint key);
void pst_resident_drop_queued (PstWatch *watch);

G_END_DECLS
