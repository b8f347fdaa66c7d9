/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The nameplates and mailboxes of the embedded server: memory only, no I/O. */
typedef struct _PstMailroom PstMailroom;

typedef struct
{
  guint max_mailboxes;
  guint max_messages;
  gsize max_bytes;
} PstMailroomLimits;

typedef enum
{
  PST_MAILROOM_OK,
  PST_MAILROOM_CROWDED,   /* two other sides are there */
  PST_MAILROOM_RECLAIMED, /* this side had released the nameplate */
  PST_MAILROOM_FULL       /* a limit is reached */
} PstMailroomVerdict;

typedef struct
{
  char *side;
  char *phase;
  char *body;
  char *id;
  gint64 received_us;
} PstMail;

PstMailroom *pst_mailroom_new (const PstMailroomLimits *limits);
void pst_mailroom_free (PstMailroom *self);
PstMailroomVerdict pst_mailroom_allocate (PstMailroom *self,
                                          const char *appid,
                                          const char *side_name,
                                          gint64 now_us,
                                          char **nameplate);
PstMailroomVerdict pst_mailroom_claim (PstMailroom *self,
                                       const char *appid,
                                       const char *nameplate,
                                       const char *side_name,
                                       gint64 now_us,
                                       const char **mailbox);
void pst_mailroom_release (PstMailroom *self,
                           const char *appid,
                           const char *nameplate,
                           const char *side_name);
PstMailroomVerdict pst_mailroom_open (PstMailroom *self,
                                      const char *appid,
                                      const char *mailbox,
                                      const char *side_name,
                                      gint64 now_us);
GPtrArray *pst_mailroom_get_mail (PstMailroom *self, const char *appid, const char *mailbox);
PstMailroomVerdict pst_mailroom_add (PstMailroom *self,
                                     const char *appid,
                                     const char *mailbox,
                                     const PstMail *mail,
                                     const PstMail **added);
void pst_mailroom_close (PstMailroom *self,
                         const char *appid,
                         const char *mailbox,
                         const char *side_name);
void pst_mailroom_touch (PstMailroom *self,
                         const char *appid,
                         const char *mailbox,
                         gint64 now_us);
void pst_mailroom_prune (PstMailroom *self, gint64 before_us);
guint pst_mailroom_get_n_mailboxes (PstMailroom *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstMailroom, pst_mailroom_free)

G_END_DECLS
