/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "pst-certificate.h"

G_BEGIN_DECLS

/* docs/protocol.md, “Signalling”. */
#define PST_SIGNALLING_MAX_SDP_BYTES            16384
#define PST_SIGNALLING_MAX_CANDIDATES           64
#define PST_SIGNALLING_MAX_CANDIDATES_A_MESSAGE 16
#define PST_SIGNALLING_MAX_CANDIDATE_BYTES      512

/**
 * PstDescription:
 * @sdp: the session description, written anew from what was understood
 * @fingerprint: the SHA-256 of the DTLS certificate that it names
 */
typedef struct
{
  char *sdp;
  guint8 fingerprint[PST_FINGERPRINT_BYTES];
} PstDescription;

/**
 * PstSignal:
 * @description: (nullable): the description in the message
 * @candidates: (array zero-terminated=1): the usable candidates in the message,
 *   written anew; may be empty
 * @end: whether there will be no more candidates
 *
 * One message, understood.
 */
typedef struct
{
  PstDescription *description;
  GStrv candidates;
  gboolean end;
} PstSignal;

typedef struct _PstSignalling PstSignalling;

PstSignalling *pst_signalling_new (gboolean offerer, guint32 epoch);
void pst_signalling_free (PstSignalling *self);
JsonObject *
pst_signalling_make_description (PstSignalling *self, const PstDescription *description);
JsonObject *
pst_signalling_make_candidates (PstSignalling *self, const char *const *candidates, gboolean end);
PstSignal *pst_signalling_take (PstSignalling *self, JsonObject *message, GError **error);
void pst_signal_free (PstSignal *self);

PstDescription *pst_description_parse (const char *sdp, gboolean offer, GError **error);
void pst_description_free (PstDescription *self);
gboolean pst_candidate_parse (const char *text, char **candidate, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstSignalling, pst_signalling_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstSignal, pst_signal_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstDescription, pst_description_free)

G_END_DECLS
