/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words two people compare to find that nobody is in between. */
#include "pst-session-private.h"

#include <string.h>

#include "pst-error.h"
#include "pst-phrase.h"

static void
make_phrase (GTask *task, gpointer source, gpointer verifier, GCancellable *cancellable)
{
  g_task_return_pointer (task, pst_phrase_make (g_bytes_get_data (verifier, NULL)), g_free);
}

static void
on_phrase (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstSession) self = user_data;

  pst_session_take_verifier (self, g_task_propagate_pointer (G_TASK (result), NULL));
  pst_session_release (self);
}

/* Beside the loop, which has a connection to make; the session closes only when
 * the thread has ended. The task has no source object, as its last reference may go
 * in that thread. */
static void
make_verifier (PstSession *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_phrase, g_object_ref (self));
  GBytes *verifier = pst_wormhole_derive_key (self->wormhole, (const guint8 *) PST_PHRASE_PURPOSE,
                                              strlen (PST_PHRASE_PURPOSE));

  g_task_set_source_tag (task, make_verifier);
  g_task_set_task_data (task, verifier, (GDestroyNotify) g_bytes_unref);
  self->n_closing++;
  g_task_run_in_thread (task, make_phrase);
}

/* Both sides have the same key: there may be words. */
void
pst_session_offer_verifier (PstSession *self)
{
  if (self->wants_words)
    make_verifier (self);
}

/**
 * pst_session_want_verifier:
 * @self: a session that is not closing
 *
 * Has the words for "verifier" made (docs/protocol.md, Phrase), as soon as the pairing is
 * done: they cost a tenth of a second of a processor and 16 MiB, and most people never
 * look at them. Wanting them twice changes nothing.
 */
void
pst_session_want_verifier (PstSession *self)
{
  if (self->wants_words || self->state >= PST_SESSION_CLOSING)
    return;

  self->wants_words = TRUE;
  if (self->wormhole != NULL)
    make_verifier (self);
}
