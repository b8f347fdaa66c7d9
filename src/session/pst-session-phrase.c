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
  PstSession *self = PST_SESSION (source);

  pst_session_take_verifier (self, g_task_propagate_pointer (G_TASK (result), NULL));
  pst_session_release (self);
}

/* Beside the loop, which has a connection to make; the session closes only when
 * the thread has ended. */
void
pst_session_make_verifier (PstSession *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_phrase, NULL);
  GBytes *verifier = pst_wormhole_derive_key (self->wormhole, (const guint8 *) PST_PHRASE_PURPOSE,
                                              strlen (PST_PHRASE_PURPOSE));

  g_task_set_source_tag (task, pst_session_make_verifier);
  g_task_set_task_data (task, verifier, (GDestroyNotify) g_bytes_unref);
  self->n_closing++;
  g_task_run_in_thread (task, make_phrase);
}
