/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others were attacked with, at a whole exchange: what is shown before it is
 * accepted, what is written, and that nothing else happens. */
#include "pair.h"

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-error.h"
#include "traversal.h"

#define HELLO "{\"t\":\"hello\",\"v\":1}"
#define MINE  "not theirs"

/* Every way to start a program leads past here: by GLib and by GIO, too. */
static guint n_started;

#define NEXT(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

pid_t
fork (void)
{
  n_started++;
  return NEXT (fork) ();
}

int
posix_spawn (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attributes, char *const argv[], char *const env[])
{
  n_started++;
  return NEXT (posix_spawn) (pid, path, actions, attributes, argv, env);
}

int
posix_spawnp (pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
              const posix_spawnattr_t *attributes, char *const argv[], char *const env[])
{
  n_started++;
  return NEXT (posix_spawnp) (pid, file, actions, attributes, argv, env);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
list_folder (GPtrArray *names, const char *path, const char *prefix)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      g_autofree char *inner = g_strconcat (prefix, name, "/", NULL);
      struct stat st;

      g_assert_cmpint (lstat (child, &st), ==, 0);
      g_ptr_array_add (names, g_strconcat (prefix, name, NULL));
      if (S_ISDIR (st.st_mode))
        list_folder (names, child, inner);
    }
}

/* What is below a folder, and what a list says, in one order. */
static char **
list_disk (const char *path)
{
  GPtrArray *names = g_ptr_array_new ();

  list_folder (names, path, "");
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

static char **
list_manifest (PstManifest *manifest)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < pst_manifest_get_n_entries (manifest); i++)
    g_ptr_array_add (names, g_strdup (pst_manifest_get_entry (manifest, i)->path));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

static void
assert_same_names (GStrv one, GStrv other)
{
  for (guint i = 0; one[i] != NULL && other[i] != NULL; i++)
    g_assert_cmpstr (one[i], ==, other[i]);
  g_assert_cmpuint (g_strv_length (one), ==, g_strv_length (other));
}

static void
receive (Pair *pair, PstTransfer *out)
{
  pair_accept (pair);
  wait_for (pst_transfer_is_finished (out) && pst_transfer_is_finished (pair->incoming));
  g_assert_no_error (pst_transfer_get_error (pair->incoming));
  g_assert_cmpint (pst_transfer_get_state (pair->incoming), ==, PST_TRANSFER_DONE);
}

/* Hidden, nested, empty: all of it is known while nothing is accepted and
 * nothing is written, and that and no more is what arrives. */
static void
test_whole_list_first (Pair *pair, gconstpointer unused)
{
  static const char *const expected[] = {
    "d",      "d/.hidden", "d/.ssh", "d/.ssh/authorized_keys",
    "d/a",    "d/a/b",     "d/a/b/.c", "d/a/b/.c/deep",
    "d/seen", NULL,
  };
  g_auto (GStrv) offered = NULL;
  g_auto (GStrv) arrived = NULL;
  g_autoptr (PstTransfer) out = NULL;

  for (guint i = 0; expected[i] != NULL; i++)
    if (expected[i + 1] != NULL && g_str_has_prefix (expected[i + 1], expected[i])
        && expected[i + 1][strlen (expected[i])] == '/')
      g_free (pair_make_folder (pair, expected[i]));
    else
      g_free (pair_make_file (pair, expected[i], 10));
  out = g_object_ref (pair_offer (pair, "d"));
  wait_for (pair->incoming != NULL);
  offered = list_manifest (pst_transfer_get_manifest (pair->incoming));
  assert_same_names (offered, (GStrv) expected);
  g_assert_cmpuint (count_names (pair->to), ==, 0);

  receive (pair, out);
  arrived = list_disk (pair->to);
  assert_same_names (arrived, (GStrv) expected);
}

/* Approved and written are the same bytes, however odd, and each name is one
 * part: nothing lands beside or above. */
static void
test_names_as_approved (Pair *pair, gconstpointer unused)
{
  g_auto (GStrv) approved = NULL;
  g_auto (GStrv) arrived = NULL;
  g_autoptr (PstTransfer) out = NULL;
  guint n_names = 1;

  g_free (pair_make_folder (pair, "d"));
  for (const char *const *literal = traversal_literal; *literal != NULL; literal++, n_names++)
    {
      g_autofree char *name = g_strconcat ("d/", *literal, NULL);

      g_free (pair_make_file (pair, name, 10));
    }
  out = g_object_ref (pair_offer (pair, "d"));
  wait_for (pair->incoming != NULL);
  approved = list_manifest (pst_transfer_get_manifest (pair->incoming));
  g_assert_cmpuint (g_strv_length (approved), ==, n_names);
  receive (pair, out);
  arrived = list_disk (pair->to);
  assert_same_names (arrived, approved);
  g_assert_cmpuint (count_names (pair->dir), ==, 2);
}

/* One whose only entry climbs two folders up. */
static const char archive[]
    = "PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00!\x00R1\xfb\x8d\x04\x00\x00\x00\x04\x00\x00\x00"
      "\x0a\x00\x00\x00../../evilevilPK\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00\x00\x00!\x00R1"
      "\xfb\x8d\x04\x00\x00\x00\x04\x00\x00\x00\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
      "\x80\x01\x00\x00\x00\x00../../evilPK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00"
      "8\x00\x00\x00,\x00\x00\x00\x00\x00";

static void
test_no_archive (Pair *pair, gconstpointer name)
{
  g_autofree char *path = g_build_filename (pair->from, name, NULL);
  g_autofree char *got = g_build_filename (pair->to, name, NULL);
  g_auto (GStrv) offered = NULL;
  g_auto (GStrv) arrived = NULL;
  g_autoptr (PstTransfer) out = NULL;

  g_assert_true (g_file_set_contents (path, archive, sizeof archive - 1, NULL));
  out = g_object_ref (pair_offer (pair, name));
  wait_for (pair->incoming != NULL);
  offered = list_manifest (pst_transfer_get_manifest (pair->incoming));
  g_assert_cmpuint (g_strv_length (offered), ==, 1);
  receive (pair, out);
  g_assert_true (pair_same_file (path, got));
  arrived = list_disk (pair->to);
  assert_same_names (arrived, offered);
  g_assert_cmpuint (count_names (pair->dir), ==, 2);
}

/* What a desktop would start or show arrives, and nothing starts. */
static void
test_never_opened (Pair *pair, gconstpointer unused)
{
  static const char *const names[]
      = { "d/run.desktop", "d/run.sh", "d/page.html", "d/photo.jpg", "d/autorun.inf" };
  const char *argv[] = { "true", NULL };
  g_autoptr (PstTransfer) out = NULL;

  g_free (pair_make_folder (pair, "d"));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = pair_make_file (pair, names[i], 10);

      g_assert_cmpint (g_chmod (path, 0755), ==, 0);
    }
  n_started = 0;
  out = g_object_ref (pair_offer (pair, "d"));
  receive (pair, out);
  g_assert_cmpuint (n_started, ==, 0);

  /* And it would have been noticed. */
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_assert_cmpuint (n_started, >, 0);
}

static void
test_declined_writes_nothing (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = NULL;

  g_free (pair_make_folder (pair, "d"));
  g_free (pair_make_file (pair, "d/one", 100000));
  out = g_object_ref (pair_offer (pair, "d"));
  wait_for (pair->incoming != NULL);
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  pst_transfer_decline (pair->incoming);
  wait_for (pst_transfer_is_finished (out));
  wait_for (pst_exchange_is_settled (pair->b));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  g_assert_cmpuint (pst_transfer_get_sent_bytes (out), ==, 0);
}

#define OFFER "{\"t\":\"offer\",\"id\":2,\"part\":0,\"last\":true,\"entries\":["
#define FILE_OF(size) "{\"p\":\"mine\",\"k\":\"f\",\"s\":" size ",\"m\":0"

/* Words that would delete, at every place a stranger may put some. */
static void
test_nothing_is_deleted (Pair *pair, gconstpointer unused)
{
  static const char *const orders[] = {
    "{\"t\":\"delete\",\"id\":2,\"paths\":[\"mine\"]}",
    "{\"t\":\"remove\",\"id\":2,\"entries\":[0]}",
    "{\"t\":\"pause\",\"id\":2,\"delete\":[\"mine\"]}",
    "{\"t\":\"entry-failed\",\"id\":2,\"entry\":0,\"reason\":\"changed\",\"path\":\"mine\"}",
  };
  g_autofree char *path = g_build_filename (pair->to, "mine", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (path, MINE, -1, NULL));
  hostile_say (pair, HELLO);
  hostile_say (pair, OFFER FILE_OF ("100000") ",\"delete\":true}],\"remove\":[\"mine\"]}");
  pair_accept (pair);
  hostile_say_data (pair, 2, 0, 0, 1000);
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    hostile_say (pair, orders[i]);
  wait_for (pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_b)) == 0);
  pst_transfer_cancel (pair->incoming);
  wait_for (pst_exchange_is_settled (pair->a));
  g_assert_false (pair->closed_a);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, MINE);
  g_assert_cmpuint (count_names (pair->to), ==, 1);
}

/* Asked before it is said that anything is accepted. */
static void
test_room_first (Pair *pair, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  hostile_say (pair, HELLO);
  hostile_say (pair, OFFER FILE_OF ("1152921504606846976") "}]}");
  wait_for (pair->incoming != NULL);
  g_assert_false (pst_transfer_accept (pair->incoming, pair->to, NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DISK_FULL);
  g_assert_cmpint (pst_transfer_get_state (pair->incoming), ==, PST_TRANSFER_OFFERED);
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  pst_transfer_decline (pair->incoming);
  g_assert_cmpint (pst_transfer_get_state (pair->incoming), ==, PST_TRANSFER_DECLINED);
}

#define ADD(path, data, func)                                                                     \
  g_test_add (path, Pair, data, pair_set_up, func, pair_tear_down)
#define ADD_HOSTILE(path, func)                                                                   \
  g_test_add (path, Pair, NULL, pair_set_up_hostile, func, pair_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/threats/01-whole-list-first/engine", NULL, test_whole_list_first);
  ADD ("/threats/02-no-archive/zip", "evil.zip", test_no_archive);
  ADD ("/threats/02-no-archive/other-name", "evil", test_no_archive);
  ADD_HOSTILE ("/threats/08-nothing-names-removal/messages", test_nothing_is_deleted);
  ADD ("/threats/09-approved-is-written", NULL, test_names_as_approved);
  ADD ("/threats/15-never-opened/engine", NULL, test_never_opened);
  ADD ("/threats/17-nothing-before-acceptance/declined", NULL, test_declined_writes_nothing);
  ADD_HOSTILE ("/threats/21-room-first/engine", test_room_first);
  return g_test_run ();
}
