/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two windows over real sessions in one process: what each shows, and when. */
#include "app-notifier.h"
#include "app-render.h"
#include "launch-watch.h"
#include "pst-application-private.h"
#include "window-pair.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pst-error.h"
#include "pst-show.h"

typedef WindowPair Fixture;

static PstApplication *application;
static AppNotifier notifier;

static gboolean
are_all_done (PstWindow *window, guint n)
{
  GListModel *transfers = pst_app_session_get_transfers (window->session);

  if (g_list_model_get_n_items (transfers) < n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PstAppTransfer) transfer = g_list_model_get_item (transfers, i);

      if (pst_app_transfer_get_state (transfer) != PST_TRANSFER_DONE)
        return FALSE;
    }

  return TRUE;
}

static gboolean
one_is_done (Fixture *fixture)
{
  return are_all_done (fixture->host, 1) && are_all_done (fixture->guest, 1);
}

static gboolean
two_are_done (Fixture *fixture)
{
  return are_all_done (fixture->host, 2) && are_all_done (fixture->guest, 2);
}

static gboolean
end_is_notified (Fixture *fixture)
{
  return gtk_window_is_active (GTK_WINDOW (fixture->host))
         || app_notifier_has (&notifier, "Files Sent");
}

static gboolean
guest_sees_the_end (Fixture *fixture)
{
  return fixture->guest->session != NULL
         && pst_app_session_get_state (fixture->guest->session) == PST_SESSION_CLOSED;
}

static void
assert_arrived (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "Dear reader,\n");
}

static gboolean
offer_is_notified (Fixture *fixture)
{
  return gtk_window_is_active (GTK_WINDOW (fixture->guest))
         || (app_notifier_has (&notifier, "Wants to Send You Files") && notifier.actions->len >= 2);
}

/* Sent, asked, put off, reviewed, accepted, received, and told of on the way. */
static void
test_flow (Fixture *fixture, gconstpointer data)
{
  PstAppTransfer *offer;

  window_pair_connect (fixture);
  g_assert_cmpint (fixture->host->page, ==, PST_WINDOW_PAGE_TRANSFERS);

  offer = g_queue_peek_head (&fixture->guest->offers);
  wait_for (fixture, offer_is_notified);
  window_pair_activate (fixture->guest, "back");
  g_assert_cmpint (fixture->guest->page, ==, PST_WINDOW_PAGE_TRANSFERS);
  pst_window_review (fixture->guest, offer);
  g_assert_cmpint (fixture->guest->page, ==, PST_WINDOW_PAGE_OFFER);

  pst_app_transfer_accept (offer, fixture->dir, NULL);
  wait_for (fixture, one_is_done);
  g_assert_cmpint (fixture->guest->page, ==, PST_WINDOW_PAGE_TRANSFERS);
  g_assert_cmpuint (fixture->guest->offers.length, ==, 0);
  g_assert_false (pst_attention_is_inhibiting (fixture->host->attention));
  assert_arrived (fixture, "letter (1).txt");
  wait_for (fixture, end_is_notified);

  window_pair_activate (fixture->host, "disconnect");
  wait_for (fixture, guest_sees_the_end);
  g_assert_cmpint (fixture->guest->page, ==, PST_WINDOW_PAGE_TRANSFERS);
  window_pair_activate (fixture->guest, "back");
  g_assert_cmpint (fixture->guest->page, ==, PST_WINDOW_PAGE_START);
}

/* A body is markup to some desktops: a name that would be some is not in it. */
static void
test_notification_markup (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sent = g_build_filename (fixture->dir, "<u>letter & co.txt", NULL);
  g_autofree char *received = g_build_filename (fixture->dir, "<u>letter & co (1).txt", NULL);

  g_assert_cmpint (g_rename (fixture->file, sent), ==, 0);
  g_free (fixture->file);
  fixture->file = g_strdup (sent);
  window_pair_connect (fixture);
  wait_for (fixture, offer_is_notified);
  pst_app_transfer_accept (g_queue_peek_head (&fixture->guest->offers), fixture->dir, NULL);
  wait_for (fixture, one_is_done);
  wait_for (fixture, end_is_notified);
  for (guint i = 0; i < notifier.bodies->len; i++)
    g_assert_null (strpbrk (g_ptr_array_index (notifier.bodies, i), "<>&"));
  g_assert_cmpint (g_remove (received), ==, 0);
}

static gboolean opened;

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  pst_show_finish (result, &error); /* there may be no program for it */
  opened = TRUE;
}

static gboolean
is_opened (Fixture *fixture)
{
  return opened;
}

/* What arrives is shown in a row; nobody opens it before the person does. */
static void
test_never_opened (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "letter (1).txt", NULL);

  window_pair_connect (fixture);
  launch_watch_reset ();
  pst_app_transfer_accept (g_queue_peek_head (&fixture->guest->offers), fixture->dir, NULL);
  wait_for (fixture, one_is_done);
  app_render_settle (GTK_WIDGET (fixture->guest));
  assert_arrived (fixture, "letter (1).txt");
  g_assert_cmpuint (launch_watch_get_n_launched (), ==, 0);

  /* It would have been noticed. */
  pst_show_open_async (NULL, path, on_opened, NULL);
  wait_for (fixture, is_opened);
  g_assert_cmpuint (launch_watch_get_n_launched (), >, 0);
}

/* With “first”, only the first offer of a connection asks. */
static void
test_ask_first (Fixture *fixture, gconstpointer data)
{
  GSettings *settings = pst_application_get_settings (fixture->application);

  g_settings_set_string (settings, "ask", "first");
  window_pair_connect (fixture);
  pst_app_transfer_accept (g_queue_peek_head (&fixture->guest->offers), fixture->dir, NULL);
  wait_for (fixture, one_is_done);
  window_pair_send (fixture);
  wait_for (fixture, two_are_done);
  assert_arrived (fixture, "letter (2).txt");
  g_settings_reset (settings, "ask");
}

/* A wait that is given up says goodbye behind the person's back. */
static void
test_cancel_waiting (Fixture *fixture, gconstpointer data)
{
  window_pair_send (fixture);
  wait_for (fixture, window_pair_has_code);
  window_pair_activate (fixture->host, "back");
  g_assert_cmpint (fixture->host->page, ==, PST_WINDOW_PAGE_START);
  g_assert_null (fixture->host->session);
}

static void
test_receive_and_back (Fixture *fixture, gconstpointer data)
{
  pst_window_take_code (fixture->guest, NULL);
  g_assert_cmpint (fixture->guest->page, ==, PST_WINDOW_PAGE_RECEIVE);
  window_pair_activate (fixture->guest, "back");
  g_assert_cmpint (fixture->guest->page, ==, PST_WINDOW_PAGE_START);
}

static gboolean
guest_failed (Fixture *fixture)
{
  return fixture->guest->page == PST_WINDOW_PAGE_FAILURE;
}

static void
join_with_wrong_words (Fixture *fixture)
{
  g_autofree char *code = NULL;
  g_autofree char *link = NULL;
  const char *uri;

  uri = pst_app_session_get_invite_uri (fixture->host->session);
  /* The same nameplate and server, other words. */
  code = g_strdup_printf ("%.*s-adroitness-aardvark-yucatan",
                          (int)strcspn (pst_app_session_get_code (fixture->host->session), "-"),
                          pst_app_session_get_code (fixture->host->session));
  link = g_strconcat ("wormhole-transfer:", code, strchr (uri, '?'), NULL);
  pst_window_join (fixture->guest, link);
}

static void
test_wrong_code (Fixture *fixture, gconstpointer data)
{
  window_pair_send (fixture);
  wait_for (fixture, window_pair_has_code);
  join_with_wrong_words (fixture);
  wait_for (fixture, guest_failed);
  g_assert_error (fixture->guest->failure, PST_ERROR, PST_ERROR_WRONG_CODE);
  pst_window_do_step (fixture->guest, PST_FAILURE_STEP_ENTER_CODE);
  g_assert_cmpint (fixture->guest->page, ==, PST_WINDOW_PAGE_RECEIVE);
}

static gboolean
host_failed (Fixture *fixture)
{
  return fixture->host->page == PST_WINDOW_PAGE_FAILURE;
}

static guint
count_code_words (Fixture *fixture)
{
  g_auto (GStrv) parts = g_strsplit (pst_app_session_get_code (fixture->host->session), "-", -1);

  return g_strv_length (parts) - 1;
}

/* Two failed codes make the next one longer, until one works. */
static void
test_longer_code (Fixture *fixture, gconstpointer data)
{
  pst_application_note_code (fixture->application, TRUE);
  window_pair_send (fixture);
  for (guint i = 0; i < 2; i++)
    {
      wait_for (fixture, window_pair_has_code);
      g_assert_cmpuint (count_code_words (fixture), ==, 3);
      join_with_wrong_words (fixture);
      wait_for (fixture, host_failed);
      wait_for (fixture, guest_failed);
      pst_window_dismiss_failure (fixture->guest);
      pst_window_do_step (fixture->host, PST_FAILURE_STEP_NEW_CODE);
    }
  wait_for (fixture, window_pair_has_code);
  g_assert_cmpuint (count_code_words (fixture), ==, 4);

  pst_window_join (fixture->guest, pst_app_session_get_invite_uri (fixture->host->session));
  wait_for (fixture, window_pair_is_asked);
  pst_app_session_close (fixture->host->session);
  wait_for (fixture, guest_sees_the_end);
  window_pair_activate (fixture->host, "back");
  window_pair_send (fixture);
  wait_for (fixture, window_pair_has_code);
  g_assert_cmpuint (count_code_words (fixture), ==, 3);
}

static gboolean
contains_label (GtkWidget *widget, const char *part)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget)
      && strstr (gtk_label_get_text (GTK_LABEL (widget)), part) != NULL)
    return TRUE;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (contains_label (child, part))
      return TRUE;

  return FALSE;
}

static gboolean
both_have_words (Fixture *fixture)
{
  return pst_window_has_words (fixture->host) && pst_window_has_words (fixture->guest);
}

static const char *
read_words (PstWindow *window)
{
  g_assert_nonnull (window->question);
  return gtk_label_get_text (GTK_LABEL (
      adw_message_dialog_get_extra_child (ADW_MESSAGE_DIALOG (window->question))));
}

static gboolean
both_read (Fixture *fixture)
{
  return fixture->host->question != NULL && fixture->guest->question != NULL;
}

static gboolean
both_ended (Fixture *fixture)
{
  return guest_sees_the_end (fixture)
         && pst_app_session_get_state (fixture->host->session) == PST_SESSION_CLOSED;
}

static gboolean
both_are_told (Fixture *fixture)
{
  return contains_label (GTK_WIDGET (fixture->host->toasts), "words were not the same")
         && contains_label (GTK_WIDGET (fixture->guest->toasts), "words were not the same");
}

static gboolean
no_dialog_stands (Fixture *fixture)
{
  return fixture->host->question == NULL && fixture->guest->question == NULL;
}

/* Both see the same; who says otherwise ends it for both. */
static void
test_compare_words (Fixture *fixture, gconstpointer data)
{
  g_assert_false (pst_window_has_words (fixture->host));
  window_pair_connect (fixture);
  wait_for (fixture, both_have_words);
  window_pair_activate (fixture->host, "compare-words");
  window_pair_activate (fixture->guest, "compare-words");
  wait_for (fixture, both_read);
  g_assert_cmpstr (read_words (fixture->host), ==, read_words (fixture->guest));

  adw_message_dialog_response (ADW_MESSAGE_DIALOG (fixture->guest->question), "close");
  wait_for (fixture, both_have_words);
  window_pair_activate (fixture->guest, "compare-words");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (fixture->guest->question), "differ");
  wait_for (fixture, both_ended);
  wait_for (fixture, no_dialog_stands);
  wait_for (fixture, both_are_told);
  g_assert_false (pst_window_has_words (fixture->host));
}

static void
open_from_application (const char *action)
{
  g_autoptr (GListModel) toplevels = g_object_ref (gtk_window_get_toplevels ());
  guint n = g_list_model_get_n_items (toplevels);
  g_autoptr (GtkWindow) window = NULL;

  g_action_group_activate_action (G_ACTION_GROUP (application), action, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (toplevels), ==, n + 1);
  window = g_list_model_get_item (toplevels, n);
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (window)));
  app_render_settle (GTK_WIDGET (window));
  gtk_window_destroy (window);
}

/* Each of them opens without a complaint of GTK's. */
static void
test_dialogs (Fixture *fixture, gconstpointer data)
{
  open_from_application ("help");
  open_from_application ("shortcuts");
  open_from_application ("about");
}

static gboolean
missing_file_is_told (Fixture *fixture)
{
  return contains_label (GTK_WIDGET (fixture->host->toasts), "not-there & gone.txt");
}

/* What is missing is named, markup and all, and nothing is begun. */
static void
test_missing_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "not-there & gone.txt", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);

  g_list_store_append (files, file);
  pst_window_open (fixture->host, G_LIST_MODEL (files));
  wait_for (fixture, missing_file_is_told);
  g_assert_cmpint (fixture->host->page, ==, PST_WINDOW_PAGE_START);
}

static gboolean
chooser_is_open (Fixture *fixture)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  gboolean found = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (toplevels) && !found; i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, i);

      found = GTK_IS_FILE_CHOOSER_DIALOG (window) && gtk_widget_get_mapped (window);
    }

  return found;
}

/* What is chosen from a window that has gone would go nowhere. */
static void
test_chooser_goes (Fixture *fixture, gconstpointer data)
{
  window_pair_activate (fixture->host, "open");
  wait_for (fixture, chooser_is_open);
  gtk_window_close (GTK_WINDOW (fixture->host));
  wait_for (fixture, window_pair_is_host_gone);
  g_assert_false (chooser_is_open (fixture));
}

/* A file named to the application is ready to be sent, a link to be used. */
static void
test_open (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_path (fixture->file);
  g_autoptr (GFile) link = g_file_new_for_uri ("wormhole-transfer:4-adroitness-aardvark");
  PstWindow *first = fixture->host;

  gtk_window_close (GTK_WINDOW (fixture->guest));
  wait_for (fixture, window_pair_is_guest_gone);
  g_application_open (G_APPLICATION (application), &link, 1, "");
  g_assert_cmpint (first->page, ==, PST_WINDOW_PAGE_RECEIVE);
  window_pair_activate (first, "back");
  g_application_open (G_APPLICATION (application), &file, 1, "");
  g_assert_cmpint (first->page, ==, PST_WINDOW_PAGE_WAITING);
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  app_notifier_start (&notifier);
  application = window_pair_start ();
  g_test_add ("/window/flow", Fixture, NULL, window_pair_setup, test_flow, window_pair_teardown);
  g_test_add ("/threats/12-markup/notification", Fixture, NULL, window_pair_setup, test_notification_markup, window_pair_teardown);
  g_test_add ("/threats/15-never-opened/window", Fixture, NULL, window_pair_setup, test_never_opened, window_pair_teardown);
  g_test_add ("/window/ask-first", Fixture, NULL, window_pair_setup, test_ask_first, window_pair_teardown);
  g_test_add ("/window/cancel-waiting", Fixture, NULL, window_pair_setup, test_cancel_waiting, window_pair_teardown);
  g_test_add ("/window/receive-and-back", Fixture, NULL, window_pair_setup, test_receive_and_back, window_pair_teardown);
  g_test_add ("/window/wrong-code", Fixture, NULL, window_pair_setup, test_wrong_code, window_pair_teardown);
  g_test_add ("/window/longer-code", Fixture, NULL, window_pair_setup, test_longer_code, window_pair_teardown);
  g_test_add ("/window/compare-words", Fixture, NULL, window_pair_setup, test_compare_words, window_pair_teardown);
  g_test_add ("/window/dialogs", Fixture, NULL, window_pair_setup, test_dialogs, window_pair_teardown);
  g_test_add ("/threats/12-markup/toast", Fixture, NULL, window_pair_setup, test_missing_file, window_pair_teardown);
  g_test_add ("/window/chooser-goes", Fixture, NULL, window_pair_setup, test_chooser_goes, window_pair_teardown);
  g_test_add ("/window/open", Fixture, NULL, window_pair_setup, test_open, window_pair_teardown);
  status = g_test_run ();
  app_notifier_stop (&notifier);

  return status;
}
