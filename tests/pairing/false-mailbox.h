/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mailbox server that is not to be trusted: it passes everything on to a true one
 * and back, but for what a trick says. */
#pragma once

#include "party.h"

G_BEGIN_DECLS

typedef enum
{
  TRICK_NONE,
  TRICK_DROP,    /* never comes */
  TRICK_TWICE,   /* comes twice */
  TRICK_LATE,    /* after the one behind it, or never */
  TRICK_FOREVER, /* a hundred times */
  TRICK_CLOSE,   /* the connection ends instead */
  TRICK_CLOSE_BEHIND,
  TRICK_JUNK, /* something else comes instead */
  TRICK_BINARY,
  TRICK_GIANT,
  TRICK_ERROR,
  TRICK_CROWDED,
  TRICK_REFUSE, /* a welcome that sends away */
  TRICK_MIRROR, /* as if the other side had said what the client itself said */
  TRICK_THIRD,  /* as if a third side had said it */
  TRICK_OTHER_PHASE,
  TRICK_CHANGED, /* another body */
  TRICK_EMPTY,   /* an empty one */
  N_TRICKS
} Trick;

extern const char *const false_mailbox_tricks[N_TRICKS]; /* their names; TRICK_NONE has none */

typedef struct _FalseMailbox FalseMailbox;

/* @about: the kind of an answer, or "message PHASE" for what the other side said;
 * @always: each of them, not the first on each connection alone. */
FalseMailbox *
false_mailbox_new (const char *true_url, Trick trick, const char *about, gboolean always);
const char *false_mailbox_get_url (FalseMailbox *self);
guint false_mailbox_count_played (FalseMailbox *self);
void false_mailbox_free (FalseMailbox *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FalseMailbox, false_mailbox_free)

G_END_DECLS
