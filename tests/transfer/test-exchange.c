/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two honest exchanges over a memory channel. */
#include "pair.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collide.h"
#include "pst-error.h"
#include "pst-flow.h"
#include "pst-pulse.h"

static void
assert_arrived (Pair *pair, const char *name)
{
  g_autofree char *sent = g_build_filename (pair->from, name, NULL);
  g_autofree char *got = g_build_filename (pair->to, name, NULL);
  struct stat one, other;

  g_assert_true (pair_same_file (sent, got));
  g_assert_cmpint (stat (sent, &one), ==, 0);
  g_assert_cmpint (stat (got, &other), ==, 0);
  g_assert_cmpint (one.st_mtim.tv_sec, ==, other.st_mtim.tv_sec);
  g_assert_cmpint (one.st_mtim.tv_nsec, ==, other.st_mtim.tv_nsec);
  g_assert_cmpint (one.st_mode, ==, other.st_mode);
}

#define state_is(transfer, STATE) (pst_transfer_get_state (transfer) == PST_TRANSFER_##STATE)

static void
test_one_file (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "one", 3 * 1024 * 1024 + 17);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "one"));

  g_assert_true (state_is (out, PREPARING));
  wait_for (pair->incoming != NULL);
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  g_assert_cmpstr (pst_transfer_get_title (pair->incoming), ==, "one");
  g_assert_cmpstr (pst_exchange_get_peer_name (pair->b), ==, "Ann\\u202e");

  pair_accept (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_arrived (pair, "one");
  g_assert_cmpuint (count_names (pair->to), ==, 1);
  g_assert_cmpuint (pst_transfer_get_written_bytes (out), ==, 3 * 1024 * 1024 + 17);
  g_assert_cmpuint (pst_transfer_get_sent_bytes (out), ==, 3 * 1024 * 1024 + 17);
  g_assert_cmpint (pst_transfer_get_time_left_us (out), ==, 0);
  g_assert_cmpuint (pst_transfer_get_done_files (pair->incoming), ==, 1);
  g_assert_cmpuint (g_strv_length (pst_transfer_get_result_paths (pair->incoming)), ==, 1);
  g_assert_cmpuint (pst_memory_channel_get_max_buffered (pair->channel_a), <,
                    PST_FLOW_HIGH_MARK_BYTES + PST_FRAME_MAX_BYTES + 1);
}

static void
test_empty_file_and_folder (Pair *pair, gconstpointer unused)
{
  g_autofree char *folder = pair_make_folder (pair, "things");
  g_autofree char *empty = pair_make_folder (pair, "things/nothing");
  g_autofree char *file = pair_make_file (pair, "things/zero", 0);
  g_autofree char *got = g_build_filename (pair->to, "things/nothing", NULL);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "things"));

  pair_accept (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_arrived (pair, "things/zero");
  g_assert_true (g_file_test (got, G_FILE_TEST_IS_DIR));
}

static void
test_only_folder (Pair *pair, gconstpointer unused)
{
  g_autofree char *folder = pair_make_folder (pair, "bare");
  g_autofree char *got = g_build_filename (pair->to, "bare", NULL);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "bare"));

  pair_accept (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  g_assert_true (g_file_test (got, G_FILE_TEST_IS_DIR));
}

static void
test_tree (Pair *pair, gconstpointer unused)
{
  g_autofree char *folder = pair_make_folder (pair, "tree");
  g_autofree char *inner = pair_make_folder (pair, "tree/.hidden \xf0\x9f\x98\x80");
  g_autofree char *run = pair_make_file (pair, "tree/run", 100);
  g_autofree char *file = pair_make_file (pair, "tree/.hidden \xf0\x9f\x98\x80/two\nlines", 70000);
  g_autofree char *inside = g_build_filename (pair->from, "tree/inside", NULL);
  g_autofree char *outside = g_build_filename (pair->from, "tree/outside", NULL);
  g_autofree char *got_inside = g_build_filename (pair->to, "tree/inside", NULL);
  g_autofree char *got_outside = g_build_filename (pair->to, "tree/outside", NULL);
  g_autofree char *target = NULL;
  g_autoptr (PstTransfer) out = NULL;

  g_assert_cmpint (chmod (run, 0755), ==, 0);
  g_assert_cmpint (symlink (".hidden \xf0\x9f\x98\x80/two\nlines", inside), ==, 0);
  g_assert_cmpint (symlink ("../../secret", outside), ==, 0);

  out = g_object_ref (pair_offer (pair, "tree"));
  pair_accept (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_arrived (pair, "tree/run");
  assert_arrived (pair, "tree/.hidden \xf0\x9f\x98\x80/two\nlines");
  target = g_file_read_link (got_inside, NULL);
  g_assert_cmpstr (target, ==, ".hidden \xf0\x9f\x98\x80/two\nlines");
  g_assert_false (g_file_test (got_outside, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpuint (g_strv_length (pst_transfer_get_left_out (out)), ==, 1);
}

static void
test_selection (Pair *pair, gconstpointer unused)
{
  g_autofree char *folder = pair_make_folder (pair, "pick");
  g_autofree char *inner = pair_make_folder (pair, "pick/in");
  g_autofree char *one = pair_make_file (pair, "pick/in/one", 10);
  g_autofree char *two = pair_make_file (pair, "pick/two", 20);
  g_autofree char *got_one = g_build_filename (pair->to, "pick/in/one", NULL);
  g_autofree char *got_two = g_build_filename (pair->to, "pick/two", NULL);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "pick"));
  guint8 selection[4] = { 0 };
  PstManifest *manifest;

  wait_for (pair->incoming != NULL);
  manifest = pst_transfer_get_manifest (pair->incoming);
  for (guint i = 0; i < 4; i++)
    selection[i] = g_str_has_suffix (pst_manifest_get_entry (manifest, i)->path, "one");
  g_assert_true (pst_transfer_accept (pair->incoming, pair->to, selection, NULL));

  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  g_assert_true (pair_same_file (one, got_one));
  g_assert_false (g_file_test (got_two, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (pst_transfer_get_total_bytes (out), ==, 10);
}

/* Names that a table with a hash known to everybody compares with one another,
 * hundreds of thousands of times: listed, chosen, made and removed in steps that
 * grow with their number only. */
static void
test_colliding_names (Pair *pair, gconstpointer unused)
{
  const guint n_names = 1024;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree guint8 *files = g_new0 (guint8, 2 * n_names);
  g_autoptr (PstTransfer) out = NULL;
  g_auto (GStrv) paths = NULL;
  guint n_compared;

  for (guint i = 0; i < n_names; i++)
    {
      g_autofree char *name = collide_make_name (i);
      g_autofree char *inner = g_strconcat (name, "/empty", NULL);
      g_autofree char *folder = pair_make_folder (pair, name);

      g_free (pair_make_file (pair, inner, 0));
      g_strv_builder_add (builder, folder);
    }
  paths = g_strv_builder_end (builder);

  collide_count_compared ();
  out = g_object_ref (pst_exchange_offer (pair->a, (const char *const *) paths));
  wait_for (pair->incoming != NULL);
  g_assert_cmpuint (collide_count_compared (), <, 50 * n_names);

  for (guint i = 0; i < 2 * n_names; i++)
    files[i] = pst_manifest_get_entry (pst_transfer_get_manifest (pair->incoming), i)->kind
               == PST_ENTRY_FILE;
  pst_memory_channel_set_blocked (pair->channel_a, TRUE);
  collide_count_compared ();
  g_assert_true (pst_transfer_accept (pair->incoming, pair->to, files, NULL));
  n_compared = collide_count_compared ();
  g_assert_cmpuint (n_compared, >=, n_names);
  g_assert_cmpuint (n_compared, <, 50 * n_names);
  wait_for (count_names (pair->to) == n_names);
  pst_transfer_cancel (pair->incoming);
  wait_for (pst_exchange_is_settled (pair->b));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  g_assert_cmpuint (collide_count_compared (), <, 50 * n_names);
}

static void
test_taken_name (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "doc.txt", 1000);
  g_autofree char *taken = g_build_filename (pair->to, "doc.txt", NULL);
  g_autofree char *numbered = g_build_filename (pair->to, "doc (1).txt", NULL);
  g_autofree char *kept = NULL;
  g_autoptr (PstTransfer) out = NULL;

  g_assert_true (g_file_set_contents (taken, "mine", 4, NULL));
  out = g_object_ref (pair_offer (pair, "doc.txt"));
  pair_accept (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  g_assert_true (g_file_get_contents (taken, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "mine");
  g_assert_true (pair_same_file (path, numbered));
}

static void
test_decline (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "no", 10);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "no"));

  wait_for (pair->incoming != NULL);
  pst_transfer_decline (pair->incoming);
  wait_for (state_is (out, DECLINED));
  g_assert_true (state_is (pair->incoming, DECLINED));
  g_assert_error (pst_transfer_get_error (out), PST_ERROR, PST_ERROR_DECLINED);
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  g_assert_false (pst_transfer_accept (pair->incoming, pair->to, NULL, NULL));
}

static void
test_cancel (Pair *pair, gconstpointer by_receiver)
{
  g_autofree char *path = pair_make_file (pair, "big", 20 * 1024 * 1024);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "big"));

  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  pair_accept (pair);
  wait_for (pst_transfer_get_written_bytes (pair->incoming) > 0);
  pst_transfer_cancel (by_receiver ? pair->incoming : out);
  wait_for (pst_transfer_is_finished (out) && pst_transfer_is_finished (pair->incoming));
  g_assert_true (state_is (by_receiver ? pair->incoming : out, CANCELLED_BY_ME));
  g_assert_true (state_is (by_receiver ? out : pair->incoming, CANCELLED_BY_THEM));
  wait_for (pst_exchange_is_settled (pair->b));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  g_assert_false (pair->closed_a || pair->closed_b);
}

static void
test_pause (Pair *pair, gconstpointer by_receiver)
{
  g_autofree char *path = pair_make_file (pair, "long", 8 * 1024 * 1024);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "long"));
  PstTransfer *pauser, *other;
  guint64 sent_bytes;

  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  pair_accept (pair);
  pauser = by_receiver ? pair->incoming : out;
  other = by_receiver ? out : pair->incoming;
  wait_for (pst_transfer_get_written_bytes (pair->incoming) > 0);

  pst_transfer_pause (pauser);
  pst_transfer_pause (pauser);
  wait_for (state_is (pauser, PAUSED_BY_ME) && state_is (other, PAUSED_BY_THEM));
  pst_transfer_resume (other); /* not theirs to take back */
  wait_for (pst_exchange_get_buffered_bytes (pair->a) == 0);
  sent_bytes = pst_transfer_get_sent_bytes (out);
  g_assert_cmpuint (sent_bytes, <, 8 * 1024 * 1024);
  g_assert_true (state_is (other, PAUSED_BY_THEM));

  pst_transfer_resume (pauser);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_arrived (pair, "long");
}

static void
test_held_by_network (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "held", 4 * 1024 * 1024);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "held"));

  wait_for (pair->incoming != NULL);
  pst_memory_channel_set_blocked (pair->channel_a, TRUE);
  pair_accept (pair);
  wait_for (state_is (out, HELD_NETWORK));
  g_assert_cmpuint (pst_exchange_get_buffered_bytes (pair->a), >=, PST_FLOW_HIGH_MARK_BYTES);
  g_assert_cmpuint (pst_exchange_get_buffered_bytes (pair->a), <,
                    PST_FLOW_HIGH_MARK_BYTES + PST_FRAME_MAX_BYTES + 1);
  pst_memory_channel_set_blocked (pair->channel_a, FALSE);
  wait_for (state_is (out, DONE));
  assert_arrived (pair, "held");
}

static void
test_many_both_ways (Pair *pair, gconstpointer unused)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_done = 0;

  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u", i);
      g_autofree char *path = pair_make_file (pair, name, (i + 1) * 1024 * 1024);
      const char *paths[] = { path, NULL };

      g_ptr_array_add (all, g_object_ref (pst_exchange_offer (pair->a, paths)));
      wait_for (pair->incoming != NULL);
      pair_accept (pair);
      g_ptr_array_add (all, g_steal_pointer (&pair->incoming));
      g_ptr_array_add (all, g_object_ref (pst_exchange_offer (pair->b, paths)));
      wait_for (pair->incoming != NULL);
      pair_accept (pair);
      g_ptr_array_add (all, g_steal_pointer (&pair->incoming));
    }
  for (guint i = 0; i < all->len; i++)
    wait_for (state_is (g_ptr_array_index (all, i), DONE));
  for (guint i = 0; i < all->len; i++)
    n_done += state_is (g_ptr_array_index (all, i), DONE);
  g_assert_cmpuint (n_done, ==, 16);
  g_assert_cmpuint (count_names (pair->to), ==, 8);
}

/* Of what comes, the last entry and what is around it is enough. */
static void
accept_last_entry (PstExchange *exchange, PstTransfer *transfer, gpointer user_data)
{
  Pair *pair = user_data;
  g_autofree guint8 *selection = NULL;
  g_autoptr (GError) error = NULL;
  guint n_entries;

  if (!pst_transfer_is_incoming (transfer))
    return;

  n_entries = pst_manifest_get_n_entries (pst_transfer_get_manifest (transfer));
  selection = g_new0 (guint8, n_entries);
  selection[n_entries - 1] = 1;
  pst_transfer_accept (transfer, pair->to, selection, &error);
  g_assert_no_error (error);
}

static void
make_full_folder (Pair *pair, const char *name, guint n_files)
{
  g_autofree char *folder = pair_make_folder (pair, name);

  for (guint i = 0; i < n_files; i++)
    {
      g_autofree char *inner = g_strdup_printf ("%s/%u", name, i);

      g_free (pair_make_file (pair, inner, 0));
    }
}

/* The lists come to their ends in another order than they were begun. */
static void
test_slow_list_first (Pair *pair, gconstpointer unused)
{
  g_autofree char *quick = pair_make_file (pair, "quick", 10);
  g_autoptr (PstTransfer) first = NULL;
  g_autoptr (PstTransfer) second = NULL;

  make_full_folder (pair, "slow", 2000);
  g_signal_connect (pair->b, "transfer-added", G_CALLBACK (accept_last_entry), pair);
  first = g_object_ref (pair_offer (pair, "slow"));
  second = g_object_ref (pair_offer (pair, "quick"));
  g_assert_cmpuint (pst_transfer_get_id (first), !=, pst_transfer_get_id (second));
  wait_for (pair->closed_b || (state_is (first, DONE) && state_is (second, DONE)));
  g_assert_no_error (pair->error_b);
  g_assert_cmpuint (pst_transfer_get_done_files (first), ==, 1);
  assert_arrived (pair, "quick");
}

/* The larger ones first, all at once, from both sides. */
static void
test_many_lists_at_once (Pair *pair, gconstpointer unused)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  const guint n_folders = 10;

  g_signal_connect (pair->a, "transfer-added", G_CALLBACK (accept_last_entry), pair);
  g_signal_connect (pair->b, "transfer-added", G_CALLBACK (accept_last_entry), pair);
  for (guint i = 0; i < n_folders; i++)
    {
      g_autofree char *name = g_strdup_printf ("folder-%u", i);

      make_full_folder (pair, name, 512 >> i);
    }
  for (guint i = 0; i < n_folders; i++)
    {
      g_autofree char *name = g_strdup_printf ("folder-%u", i);
      g_autofree char *path = g_build_filename (pair->from, name, NULL);
      const char *paths[] = { path, NULL };

      g_ptr_array_add (all, g_object_ref (pst_exchange_offer (pair->a, paths)));
      g_ptr_array_add (all, g_object_ref (pst_exchange_offer (pair->b, paths)));
    }
  for (guint i = 0; i < all->len; i++)
    wait_for (pair->closed_a || pair->closed_b || state_is (g_ptr_array_index (all, i), DONE));
  g_assert_no_error (pair->error_a);
  g_assert_no_error (pair->error_b);
  g_assert_cmpuint (count_names (pair->to), ==, 2 * n_folders);
}

/* Cancelled before the other side heard of it: it never does, and the next one
 * is as good as the first. */
static void
test_cancel_while_listing (Pair *pair, gconstpointer unused)
{
  g_autofree char *one = pair_make_file (pair, "one", 10);
  g_autofree char *two = pair_make_file (pair, "two", 10);
  g_autoptr (PstTransfer) first = g_object_ref (pair_offer (pair, "one"));
  g_autoptr (PstTransfer) second = NULL;

  pst_transfer_cancel (first);
  g_assert_true (state_is (first, CANCELLED_BY_ME));
  second = g_object_ref (pair_offer (pair, "two"));
  pair_accept (pair);
  wait_for (state_is (second, DONE));
  g_assert_cmpuint (count_names (pair->to), ==, 1);
}

/* A short one started behind a long one is not held up by it. */
static void
test_none_starves (Pair *pair, gconstpointer unused)
{
  g_autofree char *long_path = pair_make_file (pair, "long", 32 * 1024 * 1024);
  g_autofree char *short_path = pair_make_file (pair, "short", 512 * 1024);
  g_autoptr (PstTransfer) first = g_object_ref (pair_offer (pair, "long"));
  g_autoptr (PstTransfer) second = NULL;

  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  pair_accept (pair);
  wait_for (pst_transfer_get_written_bytes (pair->incoming) > 0);
  g_clear_object (&pair->incoming);
  second = g_object_ref (pair_offer (pair, "short"));
  pair_accept (pair);
  wait_for (state_is (second, DONE));
  g_assert_false (pst_transfer_is_finished (first));
}

static void
test_changed (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "moving", 1000);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "moving"));

  wait_for (pair->incoming != NULL);
  g_assert_true (g_file_set_contents (path, "shorter", 7, NULL));
  pair_accept (pair);
  wait_for (state_is (out, FAILED) && state_is (pair->incoming, FAILED));
  g_assert_error (pst_transfer_get_error (out), PST_ERROR, PST_ERROR_CHANGED);
  g_assert_error (pst_transfer_get_error (pair->incoming), PST_ERROR, PST_ERROR_CHANGED);
  g_assert_cmpuint (count_names (pair->to), ==, 0);
}

/* Changed while its bytes are on their way: whichever way it is changed, the
 * receiver keeps nothing of it, and the file behind it arrives. */
static void
test_changed_midway (Pair *pair, gconstpointer how)
{
  g_autofree char *folder = pair_make_folder (pair, "set");
  g_autofree char *path = pair_make_file (pair, "set/a", 8 * 1024 * 1024);
  g_autofree char *good = pair_make_file (pair, "set/b", 1000);
  g_autofree char *got = g_build_filename (pair->to, "set/a", NULL);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "set"));
  g_autofree char *more = g_malloc0 (16);
  int fd;

  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  pair_accept (pair);
  wait_for (pst_transfer_get_written_bytes (pair->incoming) > 0);
  fd = open (path, O_WRONLY);
  if (g_str_equal (how, "shrinks"))
    g_assert_cmpint (ftruncate (fd, 1024), ==, 0);
  else if (g_str_equal (how, "grows"))
    g_assert_cmpint (pwrite (fd, more, 16, 8 * 1024 * 1024), ==, 16);
  else
    g_assert_cmpint (pwrite (fd, more, 16, 8 * 1024 * 1024 - 16), ==, 16);
  close (fd);

  wait_for (state_is (out, FAILED) && state_is (pair->incoming, FAILED));
  g_assert_error (pst_transfer_get_error (out), PST_ERROR, PST_ERROR_CHANGED);
  g_assert_error (pst_transfer_get_error (pair->incoming), PST_ERROR, PST_ERROR_CHANGED);
  g_assert_false (g_file_test (got, G_FILE_TEST_EXISTS));
  assert_arrived (pair, "set/b");
  g_assert_cmpuint (count_names (pair->to), ==, 1);
}

static void
test_vanished (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "gone", 1000);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "gone"));

  wait_for (pair->incoming != NULL);
  g_assert_cmpint (g_unlink (path), ==, 0);
  pair_accept (pair);
  wait_for (state_is (out, FAILED) && state_is (pair->incoming, FAILED));
  g_assert_error (pst_transfer_get_error (out), PST_ERROR, PST_ERROR_CHANGED);
  g_assert_cmpuint (count_names (pair->to), ==, 0);
}

/* Two of three: the third arrives, and the sentence tells how many did not. */
static void
test_two_vanish (Pair *pair, gconstpointer unused)
{
  g_autofree char *folder = pair_make_folder (pair, "set");
  g_autofree char *one = pair_make_file (pair, "set/a", 10);
  g_autofree char *two = pair_make_file (pair, "set/b", 10);
  g_autofree char *good = pair_make_file (pair, "set/c", 10);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "set"));
  PstTransfer *ends[2];

  wait_for (pair->incoming != NULL);
  g_assert_cmpint (g_unlink (one), ==, 0);
  g_assert_cmpint (g_unlink (two), ==, 0);
  pair_accept (pair);
  wait_for (state_is (out, FAILED) && state_is (pair->incoming, FAILED));
  ends[0] = out;
  ends[1] = pair->incoming;
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_assert_error (pst_transfer_get_error (ends[i]), PST_ERROR, PST_ERROR_CHANGED);
      g_assert_true (g_str_has_prefix (pst_transfer_get_error (ends[i])->message,
                                       "2 files did not arrive. The first: "));
    }
  assert_arrived (pair, "set/c");
}

/* Taken back before it was answered: no answer counts any more. */
static void
test_withdrawn (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "no", 10);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "no"));
  g_autoptr (GError) error = NULL;

  wait_for (pair->incoming != NULL);
  pst_transfer_cancel (out);
  pst_transfer_cancel (out);
  wait_for (state_is (pair->incoming, CANCELLED_BY_THEM));
  g_assert_error (pst_transfer_get_error (pair->incoming), PST_ERROR, PST_ERROR_CANCELLED);
  g_assert_false (pst_transfer_accept (pair->incoming, pair->to, NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
  pst_transfer_decline (pair->incoming);
  pst_transfer_pause (pair->incoming);
  pst_transfer_resume (pair->incoming);
  g_assert_true (state_is (pair->incoming, CANCELLED_BY_THEM));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
}

/* What is not for this side to do, or not now, does nothing. */
static void
test_out_of_place (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "it", 10);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "it"));
  g_autoptr (GError) error = NULL;

  wait_for (pair->incoming != NULL && state_is (out, OFFERED));
  g_assert_false (pst_transfer_accept (out, pair->to, NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
  pst_transfer_decline (out);
  pst_transfer_pause (out);
  pst_transfer_resume (pair->incoming);
  g_assert_true (state_is (out, OFFERED) && state_is (pair->incoming, OFFERED));
  pair_accept (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  pst_transfer_pause (out);
  pst_transfer_cancel (out);
  g_assert_true (state_is (out, DONE));
}

/* Both pause: it goes on only once both have taken that back. */
static void
test_both_pause (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "long", 8 * 1024 * 1024);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "long"));

  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  pair_accept (pair);
  wait_for (pst_transfer_get_written_bytes (pair->incoming) > 0);
  pst_transfer_pause (out);
  pst_transfer_pause (pair->incoming);
  wait_for (state_is (out, PAUSED_BY_ME) && state_is (pair->incoming, PAUSED_BY_ME));
  wait_for (pst_exchange_get_buffered_bytes (pair->a) == 0);
  pst_transfer_resume (out);
  wait_for (state_is (out, PAUSED_BY_THEM));
  pst_transfer_resume (pair->incoming);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_arrived (pair, "long");
}

/* The sentence about it is longer than a message may carry. */
static void
test_vanished_with_long_path (Pair *pair, gconstpointer unused)
{
  g_autofree char *one = g_strnfill (200, 'a');
  g_autofree char *two = g_build_filename (one, one, NULL);
  g_autofree char *three = g_build_filename (two, one, NULL);
  g_autofree char *folder = pair_make_folder (pair, one);
  g_autofree char *inner = pair_make_folder (pair, two);
  g_autofree char *path = pair_make_file (pair, three, 10);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, one));

  wait_for (pair->incoming != NULL);
  g_assert_cmpint (g_unlink (path), ==, 0);
  pair_accept (pair);
  wait_for (state_is (out, FAILED) && state_is (pair->incoming, FAILED));
  g_assert_error (pst_transfer_get_error (pair->incoming), PST_ERROR, PST_ERROR_CHANGED);
  g_assert_false (pair->closed_a || pair->closed_b);
}

static void
test_missing_source (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "not there"));

  wait_for (state_is (out, FAILED));
  g_assert_error (pst_transfer_get_error (out), PST_ERROR, PST_ERROR_SOURCE);
  g_assert_null (pair->incoming);
}

static void
test_bad_destination (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "x", 1000);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "x"));
  g_autoptr (GError) error = NULL;

  wait_for (pair->incoming != NULL);
  g_assert_false (pst_transfer_accept (pair->incoming, "/proc/no/such", NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  pair_accept (pair); /* another one can be tried */
  wait_for (state_is (out, DONE));
}

/* The destination vanishes while files arrive. */
static void
test_destination_fails (Pair *pair, gconstpointer unused)
{
  g_autofree char *folder = pair_make_folder (pair, "f");
  g_autofree char *one = pair_make_file (pair, "f/one", 4 * 1024 * 1024);
  g_autofree char *two = pair_make_file (pair, "f/two", 1000);
  g_autofree char *got = g_build_filename (pair->to, "f", NULL);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "f"));

  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  pair_accept (pair);
  wait_for (pst_transfer_get_written_bytes (pair->incoming) > 0);
  g_assert_cmpint (g_rmdir (got), ==, 0);
  wait_for (state_is (out, FAILED) && state_is (pair->incoming, FAILED));
  g_assert_error (pst_transfer_get_error (pair->incoming), PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_error (pst_transfer_get_error (out), PST_ERROR, PST_ERROR_DESTINATION);
  wait_for (pst_exchange_is_settled (pair->b));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
}

/* Nobody replaces the link. */
static void
test_connection_lost (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "cut", 8 * 1024 * 1024);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "cut"));
  g_autoptr (GError) lost = g_error_new_literal (PST_ERROR, PST_ERROR_LOST, "Cut.");

  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  pair_accept (pair);
  wait_for (pst_transfer_get_written_bytes (pair->incoming) > 0);
  pair_cut (pair);
  g_assert_true (state_is (out, RECONNECTING) && state_is (pair->incoming, RECONNECTING));
  g_assert_false (pair->closed_a || pair->closed_b);
  pst_exchange_close (pair->a, lost);
  pst_exchange_close (pair->b, lost);
  g_assert_true (pair->closed_a && pair->closed_b);
  g_assert_error (pair->error_a, PST_ERROR, PST_ERROR_LOST);
  g_assert_true (state_is (out, FAILED));
  g_assert_error (pst_transfer_get_error (out), PST_ERROR, PST_ERROR_LOST);
  wait_for (pst_exchange_is_settled (pair->b));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
}

/* The sender's channel takes nothing more, at whatever step. */
static void
test_send_fails (Pair *pair, gconstpointer while_offering)
{
  g_autofree char *path = pair_make_file (pair, "refused", 2 * 1024 * 1024);
  g_autoptr (PstTransfer) out = NULL;

  wait_for (pst_exchange_get_round_trip_us (pair->a) >= 0);
  if (while_offering != NULL)
    pst_memory_channel_refuse (pair->channel_a);
  out = g_object_ref (pair_offer (pair, "refused"));
  if (while_offering == NULL)
    {
      pair_accept (pair);
      pst_memory_channel_refuse (pair->channel_a);
    }
  wait_for (pair->lost_a);
  g_assert_false (pair->closed_a);
  if (while_offering == NULL)
    g_assert_true (state_is (out, RECONNECTING));
  pair_cut (pair);
  pair_mend (pair);
  if (while_offering != NULL)
    pair_accept (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_arrived (pair, "refused");
}

/* The receiver cannot say that it accepts. */
static void
test_accept_fails (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "refused", 1000);

  pair_offer (pair, "refused");
  wait_for (pair->incoming != NULL);
  pst_memory_channel_refuse (pair->channel_b);
  pair_accept (pair);
  wait_for (pair->lost_b);
  g_assert_true (state_is (pair->incoming, RECONNECTING));
  pair_cut (pair);
  pair_mend (pair);
  wait_for (state_is (pair->incoming, DONE));
  assert_arrived (pair, "refused");
}

static void
test_bye (Pair *pair, gconstpointer cancelled)
{
  g_autofree char *path = pair_make_file (pair, "bye", 10);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "bye"));
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED, "x");

  wait_for (pair->incoming != NULL);
  pst_exchange_say_bye (pair->a, cancelled != NULL ? error : NULL);
  wait_for (pair->closed_b);
  if (cancelled)
    g_assert_error (pair->error_b, PST_ERROR, PST_ERROR_CANCELLED);
  else
    g_assert_no_error (pair->error_b);
  g_assert_true (state_is (pair->incoming, CANCELLED_BY_THEM));
}

static void
test_ping (Pair *pair, gconstpointer unused)
{
  wait_for (pst_exchange_get_round_trip_us (pair->a) >= 0);
}

/* The limit is kept, named, and left when the person's side sets none. */
static void
test_limit (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "limited", 1024 * 1024);
  g_autoptr (PstMemoryChannel) one = NULL, other = NULL;
  g_autoptr (PstExchange) sender = NULL, receiver = NULL;
  g_autoptr (PstTransfer) out = NULL;
  const char *paths[] = { path, NULL };
  gint64 started_us, took_us;

  pst_memory_channel_new_pair (&one, &other);
  sender = pst_exchange_new (PST_CHANNEL (one), TRUE, pair->key_ab, pair->key_ba, NULL, 1000000,
                             FALSE);
  receiver = pst_exchange_new (PST_CHANNEL (other), FALSE, pair->key_ba, pair->key_ab, NULL, 0,
                               FALSE);
  g_signal_connect (receiver, "transfer-added", G_CALLBACK (pair_on_added), pair);
  out = g_object_ref (pst_exchange_offer (sender, paths));
  started_us = g_get_monotonic_time ();
  pair_accept (pair);
  wait_for (state_is (out, HELD_LIMIT));
  wait_for (state_is (out, DONE));
  took_us = g_get_monotonic_time () - started_us;
  g_assert_cmpint (took_us, >=, 900000); /* 1 MiB at 1 MB/s, less what the bucket holds */
  assert_arrived (pair, "limited");
  pst_exchange_close (sender, NULL);
  pst_exchange_close (receiver, NULL);
}

static guint n_notified;

static void
count_notify (void)
{
  n_notified++;
}

static void
test_notifies_seldom (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "figures", 4 * 1024 * 1024);
  g_autoptr (PstTransfer) out = g_object_ref (pair_offer (pair, "figures"));
  gint64 started_us = g_get_monotonic_time ();
  gint64 ran_us;

  n_notified = 0;
  pst_memory_channel_set_delay_ms (pair->channel_a, 3);
  g_signal_connect (out, "notify::sent-bytes", G_CALLBACK (count_notify), NULL);
  pair_accept (pair);
  wait_for (state_is (out, DONE));
  ran_us = g_get_monotonic_time () - started_us;
  g_assert_cmpuint (n_notified, >, 0);
  g_assert_cmpint (n_notified, <=, ran_us / (PST_PULSE_PING_US / 25) + 2);
}

#define ADD_AT(path, data, func) g_test_add (path, Pair, data, pair_set_up, func, pair_tear_down)
#define ADD(path, data, func)    ADD_AT ("/exchange/" path, data, func)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-file", NULL, test_one_file);
  ADD ("empty-file-and-folder", NULL, test_empty_file_and_folder);
  ADD ("only-folder", NULL, test_only_folder);
  ADD ("tree", NULL, test_tree);
  ADD ("selection", NULL, test_selection);
  ADD ("colliding-names", NULL, test_colliding_names);
  ADD_AT ("/threats/18-never-overwritten/engine", NULL, test_taken_name);
  ADD ("decline", NULL, test_decline);
  ADD ("cancel-by-sender", NULL, test_cancel);
  ADD ("cancel-by-receiver", GINT_TO_POINTER (1), test_cancel);
  ADD ("pause-by-sender", NULL, test_pause);
  ADD ("pause-by-receiver", GINT_TO_POINTER (1), test_pause);
  ADD ("held-by-network", NULL, test_held_by_network);
  ADD ("many-both-ways", NULL, test_many_both_ways);
  ADD ("slow-list-first", NULL, test_slow_list_first);
  ADD ("many-lists-at-once", NULL, test_many_lists_at_once);
  ADD ("cancel-while-listing", NULL, test_cancel_while_listing);
  ADD ("none-starves", NULL, test_none_starves);
  ADD_AT ("/threats/20-changed-source/before", NULL, test_changed);
  ADD_AT ("/threats/20-changed-source/shrinks", "shrinks", test_changed_midway);
  ADD_AT ("/threats/20-changed-source/grows", "grows", test_changed_midway);
  ADD_AT ("/threats/20-changed-source/rewritten", "rewritten", test_changed_midway);
  ADD_AT ("/threats/20-changed-source/vanishes", NULL, test_vanished);
  ADD ("two-vanish", NULL, test_two_vanish);
  ADD ("withdrawn", NULL, test_withdrawn);
  ADD ("out-of-place", NULL, test_out_of_place);
  ADD ("both-pause", NULL, test_both_pause);
  ADD ("vanished-with-long-path", NULL, test_vanished_with_long_path);
  ADD ("missing-source", NULL, test_missing_source);
  ADD ("bad-destination", NULL, test_bad_destination);
  ADD ("destination-fails", NULL, test_destination_fails);
  ADD ("connection-lost", NULL, test_connection_lost);
  ADD ("send-fails/offer", GINT_TO_POINTER (1), test_send_fails);
  ADD ("send-fails/data", NULL, test_send_fails);
  ADD ("send-fails/accept", NULL, test_accept_fails);
  ADD ("bye-in-peace", NULL, test_bye);
  ADD ("bye-cancelled", GINT_TO_POINTER (1), test_bye);
  ADD ("limit", NULL, test_limit);
  ADD ("ping", NULL, test_ping);
  ADD ("notifies-seldom", NULL, test_notifies_seldom);
  return g_test_run ();
}
