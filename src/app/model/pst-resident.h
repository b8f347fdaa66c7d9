/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-engine.h"
#include "pst-mirror.h"
#include "pst-session.h"
#include "pst-snapshot.h"

G_BEGIN_DECLS

/**
 * PstResident:
 *
 * A PstSession in its engine: does what it is told from the thread that draws,
 * keeps the queue, and puts PstSessionSnapshots into a mirror.
 *
 * All functions are called in the thread that draws and return at once.
 */
typedef struct _PstResident PstResident;

/* What a person can read. */
#define PST_RESIDENT_INTERVAL_US (G_USEC_PER_SEC / 10)

PstResident *
pst_resident_new (PstEngine *engine, const PstSessionOptions *options, PstMirror *mirror);
PstResident *pst_resident_ref (PstResident *self);
void pst_resident_unref (PstResident *self);
void pst_resident_release (PstResident *self);

void pst_resident_host (PstResident *self, const char *code);
void pst_resident_join (PstResident *self, const char *code_or_link);
void pst_resident_meet (PstResident *self, GBytes *secret, gboolean host);
void pst_resident_remember (PstResident *self, gboolean wanted);
void pst_resident_send (PstResident *self, guint key, const char *const *paths);
void pst_resident_want_verifier (PstResident *self);
void pst_resident_reject (PstResident *self);
void pst_resident_close (PstResident *self);

void pst_resident_accept (PstResident *self, guint key, const char *destination, GBytes *selection);
void pst_resident_decline (PstResident *self, guint key);
void pst_resident_pause (PstResident *self, guint key);
void pst_resident_resume (PstResident *self, guint key);
void pst_resident_cancel (PstResident *self, guint key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstResident, pst_resident_unref)

G_END_DECLS
