/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-history.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pst-app-transfer-private.h"
#include "pst-error.h"
#include "session-end.h"

static guint n_messages;

/* G_LOG_USE_STRUCTURED goes past g_test_expect_message(). */
static GLogWriterOutput
count_messages (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (level != G_LOG_LEVEL_MESSAGE)
    return g_log_writer_default (level, fields, n_fields, user_data);

  n_messages++;
  return G_LOG_WRITER_HANDLED;
}

typedef struct
{
  char *folder;
  char *path;   /* in a folder that is not there yet */
  char *broken;
  GFile *file;
  PstHistory *history;
} Fixture;

static void
open_history (Fixture *fixture)
{
  pst_history_flush (fixture->history);
  g_clear_object (&fixture->history);
  fixture->history = pst_history_new (fixture->file);
  pst_history_flush (fixture->history);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "state", "history.json", NULL);
  fixture->broken = g_strconcat (fixture->path, ".broken", NULL);
  fixture->file = g_file_new_for_path (fixture->path);
  fixture->history = pst_history_new (fixture->file);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pst_history_flush (fixture->history);
  g_assert_finalize_object (fixture->history);
  g_clear_object (&fixture->file);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->broken);
}

static PstTransferDetails *
make_details (const char *title, const char *const *results)
{
  PstTransferDetails *details
      = pst_transfer_details_new_for_paths ((const char *const[]){ title, NULL }, NULL);

  details->result_paths = g_strdupv ((GStrv) results);
  return details;
}

/* @results: (nullable): of one of theirs; ours have @title as their path. */
static void
add (PstHistory *history, const char *title, const char *const *results, PstTransferState state)
{
  gboolean incoming = results != NULL;
  const char *const paths[] = { title, NULL };
  g_autoptr (PstTransferDetails) details = make_details (title, results);
  g_autoptr (PstAppTransfer) transfer
      = pst_app_transfer_new (NULL, incoming ? 2 : 1, incoming ? NULL : paths);
  PstTransferSnapshot snapshot = {
    .state = state,
    .figures.written_bytes = 1234,
    .details = details,
  };

  pst_app_transfer_update (transfer, &snapshot, 0, 0);
  pst_history_add (history, transfer, incoming ? "Ann" : NULL);
}

static PstHistoryItem *
get (PstHistory *history, guint index)
{
  g_autoptr (PstHistoryItem) item = g_list_model_get_item (G_LIST_MODEL (history), index);

  g_assert_nonnull (item);
  return item; /* the list holds it */
}

static guint
count (PstHistory *history)
{
  return g_list_model_get_n_items (G_LIST_MODEL (history));
}

static void
test_kept (Fixture *fixture, gconstpointer data)
{
  /* Names may be any bytes but 0 and /. */
  const char *const results[] = { "/home/ann/a\xff\nb", "/home/ann/c", NULL };
  PstHistoryItem *item;
  GStatBuf status;

  add (fixture->history, "/tmp/sent", NULL, PST_TRANSFER_DECLINED);
  add (fixture->history, "/x/came", results, PST_TRANSFER_DONE);
  open_history (fixture);
  g_assert_cmpuint (count (fixture->history), ==, 2);

  item = get (fixture->history, 0);
  g_assert_cmpstr (pst_history_item_get_title (item), ==, "came");
  g_assert_cmpstr (pst_history_item_get_peer_name (item), ==, "Ann");
  g_assert_true (g_strv_equal (pst_history_item_get_paths (item), results));
  g_assert_cmpint (pst_history_item_get_state (item), ==, PST_TRANSFER_DONE);
  g_assert_cmpuint (pst_history_item_get_bytes (item), ==, 1234);
  g_assert_true (pst_history_item_is_incoming (item));
  g_assert_cmpint (ABS (g_get_real_time () / G_USEC_PER_SEC
                        - g_date_time_to_unix (pst_history_item_get_time (item))),
                   <, 60);

  item = get (fixture->history, 1);
  g_assert_cmpstr (pst_history_item_get_paths (item)[0], ==, "/tmp/sent");
  g_assert_null (pst_history_item_get_peer_name (item));
  g_assert_cmpint (pst_history_item_get_state (item), ==, PST_TRANSFER_DECLINED);
  g_assert_false (pst_history_item_is_incoming (item));

  g_assert_cmpint (g_stat (fixture->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  *strrchr (fixture->path, '/') = '\0';
  g_assert_cmpint (g_stat (fixture->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
}

/* The oldest go; the list tells of every change. */
static void
test_capped (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < PST_HISTORY_MAX_ITEMS + 5; i++)
    {
      g_autofree char *title = g_strdup_printf ("/tmp/%u", i);

      add (fixture->history, title, NULL, PST_TRANSFER_DONE);
    }
  g_assert_cmpuint (count (fixture->history), ==, PST_HISTORY_MAX_ITEMS);
  pst_history_flush (fixture->history);
  open_history (fixture);
  g_assert_cmpuint (count (fixture->history), ==, PST_HISTORY_MAX_ITEMS);
  g_assert_cmpstr (pst_history_item_get_title (get (fixture->history, 0)), ==, "204");
  g_assert_cmpstr (pst_history_item_get_title (get (fixture->history, count (fixture->history) - 1)),
                   ==, "5");
}

static void
note_change (GListModel *model, guint position, guint removed, guint added, guint *n)
{
  *n += added;
  *n -= removed;
}

static void
test_cleared (Fixture *fixture, gconstpointer data)
{
  guint n = 0;

  g_signal_connect (fixture->history, "items-changed", G_CALLBACK (note_change), &n);
  add (fixture->history, "/tmp/a", NULL, PST_TRANSFER_DONE);
  add (fixture->history, "/tmp/b", NULL, PST_TRANSFER_DONE);
  g_assert_cmpuint (n, ==, 2);
  pst_history_flush (fixture->history);
  pst_history_clear (fixture->history);
  g_assert_cmpuint (n, ==, 0);
  pst_history_flush (fixture->history);
  open_history (fixture);
  g_assert_cmpuint (count (fixture->history), ==, 0);
}

/* Also when it was not read yet. */
static void
test_cleared_early (Fixture *fixture, gconstpointer data)
{
  add (fixture->history, "/tmp/a", NULL, PST_TRANSFER_DONE);
  pst_history_flush (fixture->history);
  g_clear_object (&fixture->history);
  fixture->history = pst_history_new (fixture->file);
  pst_history_clear (fixture->history);
  pst_history_flush (fixture->history);
  g_assert_cmpuint (count (fixture->history), ==, 0);
  open_history (fixture);
  g_assert_cmpuint (count (fixture->history), ==, 0);
}

/* What was added before the file was read stands above what was in it. */
static void
test_added_early (Fixture *fixture, gconstpointer data)
{
  add (fixture->history, "/tmp/old", NULL, PST_TRANSFER_DONE);
  pst_history_flush (fixture->history);
  g_clear_object (&fixture->history);
  fixture->history = pst_history_new (fixture->file);
  add (fixture->history, "/tmp/new", NULL, PST_TRANSFER_DONE);
  pst_history_flush (fixture->history);
  open_history (fixture);
  g_assert_cmpuint (count (fixture->history), ==, 2);
  g_assert_cmpstr (pst_history_item_get_title (get (fixture->history, 0)), ==, "new");
  g_assert_cmpstr (pst_history_item_get_title (get (fixture->history, 1)), ==, "old");
}

static void
test_broken (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = {
    "",
    "{",
    "[]",
    "{\"version\":2,\"transfers\":[]}",
    "{\"version\":1,\"transfers\":[1]}",
    "{\"version\":1,\"transfers\":[{\"title\":\"a\",\"state\":\"running\",\"bytes\":1,\"time\":1,"
    "\"paths\":[]}]}",
    "{\"version\":1,\"transfers\":[{\"title\":\"a\",\"state\":\"done\",\"bytes\":-1,\"time\":1,"
    "\"paths\":[]}]}",
    "{\"version\":1,\"transfers\":[{\"title\":\"a\",\"state\":\"done\",\"bytes\":1,"
    "\"time\":9223372036854775807,\"paths\":[]}]}",
    "{\"version\":1,\"transfers\":[{\"title\":\"a\",\"state\":\"done\",\"bytes\":1,\"time\":1,"
    "\"paths\":[\"http://x/\"]}]}",
    "{\"version\":1,\"transfers\":[{\"title\":\"a\",\"state\":\"done\",\"bytes\":1,\"time\":1,"
    "\"paths\":[[]]}]}",
  };

  add (fixture->history, "/tmp/a", NULL, PST_TRANSFER_DONE);
  pst_history_flush (fixture->history);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *kept = NULL;

      g_assert_true (g_file_set_contents (fixture->path, texts[i], -1, NULL));
      n_messages = 0;
      open_history (fixture);
      g_assert_cmpuint (n_messages, ==, 1);
      g_assert_cmpuint (count (fixture->history), ==, 0);
      g_assert_true (g_file_get_contents (fixture->broken, &kept, NULL, NULL));
      g_assert_cmpstr (kept, ==, texts[i]);
      g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
    }

  add (fixture->history, "/tmp/b", NULL, PST_TRANSFER_DONE);
  pst_history_flush (fixture->history);
  open_history (fixture);
  g_assert_cmpuint (count (fixture->history), ==, 1);
}

/* It stays usable while it cannot be saved. */
static void
test_unwritable (Fixture *fixture, gconstpointer data)
{
  g_autofree char *state = g_path_get_dirname (fixture->path);

  pst_history_flush (fixture->history);
  g_assert_true (g_file_set_contents (state, "a file where the folder should be", -1, NULL));
  n_messages = 0;
  add (fixture->history, "/tmp/a", NULL, PST_TRANSFER_DONE);
  pst_history_flush (fixture->history);
  g_assert_cmpuint (n_messages, ==, 2);
  g_assert_cmpuint (count (fixture->history), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_messages, NULL, NULL);

#define ADD(name, func) g_test_add ("/history/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("kept", test_kept);
  ADD ("capped", test_capped);
  ADD ("cleared", test_cleared);
  ADD ("cleared-early", test_cleared_early);
  ADD ("added-early", test_added_early);
  ADD ("broken", test_broken);
  ADD ("unwritable", test_unwritable);
#undef ADD
  return g_test_run ();
}
