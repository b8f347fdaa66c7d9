/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-mailbox.h"
#include "pst-mailroom.h"

G_BEGIN_DECLS

/* Carries out the commands of one client in the mailroom of the embedded server:
 * no I/O, no clock. */
typedef struct _PstClerk PstClerk;

/**
 * PstClerkHooks:
 * @send: something for the client; the time it is sent is not filled in
 * @opened: the client has a mailbox open now; what it holds is sent afterwards
 * @added: the client has added something to it, for all who have it open, the
 *   client too
 *
 * What a client's commands lead to.
 */
typedef struct
{
  void (*send) (const PstMailboxFrame *frame, gpointer user_data);
  void (*opened) (gpointer user_data);
  void (*added) (const PstMail *mail, gpointer user_data);
} PstClerkHooks;

PstClerk *pst_clerk_new (PstMailroom *mailroom, const PstClerkHooks *hooks, gpointer user_data);
void pst_clerk_free (PstClerk *self);
const char *
pst_clerk_take (PstClerk *self, const PstMailboxFrame *frame, gint64 now_us, gint64 received_us);
void pst_clerk_send_mail (PstClerk *self, const PstMail *mail);
void pst_clerk_touch (PstClerk *self, gint64 now_us);
gboolean pst_clerk_is_listening (PstClerk *self);
gboolean pst_clerk_shares_mailbox (PstClerk *self, PstClerk *other);
gboolean pst_clerk_is_same_side (PstClerk *self, PstClerk *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstClerk, pst_clerk_free)

G_END_DECLS
