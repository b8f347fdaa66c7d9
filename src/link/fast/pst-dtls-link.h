/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

#include "pst-dtls-session.h"

G_BEGIN_DECLS

#define PST_TYPE_DTLS_STATE (pst_dtls_state_get_type ())

GType pst_dtls_state_get_type (void);

/*
 * PST_DTLS_MAX_RUN:
 *
 * So many buffers are sealed under one lock: no more than leave the machine in
 * one system call, and the thread that opens does not wait long.
 */
#define PST_DTLS_MAX_RUN 64

/*
 * PstDtlsLink:
 * @mutex: guards what follows; never held while something is pushed or told
 * @session: (nullable): the association
 * @running: whether it was started and not stopped
 *
 * What an encoder and a decoder with the same `connection-id` share: one
 * association, and the thread that repeats the parts of its handshake. Counted;
 * each of the two elements holds one reference.
 */
typedef struct _PstDtlsLink
{
  GMutex mutex;
  PstDtlsSession *session;
  gboolean running;

  /*< private >*/
  char *id;
  guint n_references; /* the registry's mutex guards it */
  char *pem;
  GstBufferList *out;
  GCond changed;
  gboolean telling;
  PstDtlsState told;
  GWeakRef encoder;
  GWeakRef decoder;
} PstDtlsLink;

PstDtlsLink *pst_dtls_link_obtain (const char *id);
PstDtlsLink *pst_dtls_link_ref (PstDtlsLink *self);
void pst_dtls_link_release (PstDtlsLink *self);

void pst_dtls_link_set_encoder (PstDtlsLink *self, GstElement *encoder);
void pst_dtls_link_set_decoder (PstDtlsLink *self, GstElement *decoder);
void pst_dtls_link_set_pem (PstDtlsLink *self, const char *pem);
char *pst_dtls_link_dup_pem (PstDtlsLink *self);
char *pst_dtls_link_dup_peer_pem (PstDtlsLink *self);
PstDtlsSession *pst_dtls_link_ensure_session (PstDtlsLink *self);
PstDtlsState pst_dtls_link_peek_state (PstDtlsLink *self);
PstDtlsState pst_dtls_link_get_state (PstDtlsLink *self);
guint pst_dtls_link_get_version (PstDtlsLink *self);

void pst_dtls_link_start (PstDtlsLink *self, gboolean client);
void pst_dtls_link_stop (PstDtlsLink *self);
void pst_dtls_link_close (PstDtlsLink *self);
void pst_dtls_link_settle (PstDtlsLink *self);

GstBufferList *pst_dtls_link_seal (
    PstDtlsLink *self, GstBufferList *list, guint first, guint n_buffers, PstDtlsState *state);
gboolean pst_dtls_link_open (PstDtlsLink *self, GstBufferList *list);

void pst_dtls_pad_store_events (GstPad *pad, const char *media_type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstDtlsLink, pst_dtls_link_release)

G_END_DECLS
