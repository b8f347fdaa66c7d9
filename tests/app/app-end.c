/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-end.h"

static void
on_transfer_added (PstAppSession *session, PstAppTransfer *transfer, AppEnd *end)
{
  if (!pst_app_transfer_is_incoming (transfer))
    return;

  g_ptr_array_add (end->incoming, g_object_ref (transfer));
  if (end->accepts)
    pst_app_transfer_accept (transfer, end->folder, NULL);
}

static void
on_closed (PstAppSession *session, const GError *error, AppEnd *end)
{
  g_assert_cmpint (pst_app_session_get_state (session), ==, PST_SESSION_CLOSED);
  g_assert_false (pst_app_session_is_busy (session));
  end->n_closed++;
  end->error = error != NULL ? g_error_copy (error) : NULL;
}

void
app_end_init (AppEnd *end, PstEngine *engine)
{
  PstSessionOptions options = { 0 };

  *end = (AppEnd){ .session = pst_app_session_new (engine, &options), .folder = make_folder () };
  end->incoming = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (end->session, "transfer-added", G_CALLBACK (on_transfer_added), end);
  g_signal_connect (end->session, "closed", G_CALLBACK (on_closed), end);
}

/* Whatever it does at that moment. */
void
app_end_clear (AppEnd *end)
{
  if (end->session != NULL)
    {
      g_signal_handlers_disconnect_by_data (end->session, end);
      g_assert_finalize_object (end->session);
      end->session = NULL;
    }
  g_clear_pointer (&end->incoming, g_ptr_array_unref);
  g_clear_error (&end->error);
  remove_folder (end->folder);
  g_clear_pointer (&end->folder, g_free);
}

void
app_end_wait_for_code (AppEnd *end)
{
  wait_for (end->n_closed > 0 || pst_app_session_get_code (end->session) != NULL);
  g_assert_no_error (end->error);
}

/* Two that found each other by the code alone. */
void
app_end_open_pair (AppEnd *host, AppEnd *guest, PstEngine *engine)
{
  app_end_init (host, engine);
  app_end_init (guest, engine);
  pst_app_session_host (host->session, NULL);
  app_end_wait_for_code (host);
  pst_app_session_join (guest->session, pst_app_session_get_code (host->session));
  wait_for (pst_app_session_get_state (host->session) >= PST_SESSION_CONNECTED
            && pst_app_session_get_state (guest->session) >= PST_SESSION_CONNECTED);
  g_assert_cmpint (pst_app_session_get_state (host->session), ==, PST_SESSION_CONNECTED);
  g_assert_cmpint (pst_app_session_get_state (guest->session), ==, PST_SESSION_CONNECTED);
}

PstAppTransfer *
app_end_send (AppEnd *end, const char *path)
{
  const char *const paths[] = { path, NULL };
  PstAppTransfer *transfer = pst_app_session_send (end->session, paths);

  g_assert_nonnull (transfer);
  g_assert_true (pst_app_transfer_is_queued (transfer));
  g_assert_false (pst_app_transfer_is_incoming (transfer));
  return transfer;
}
