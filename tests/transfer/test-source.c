/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is listed and read of a machine's files. */
#include "pst-source.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "pair.h"
#include "pst-error.h"

typedef struct
{
  char *dir;
  PstSource *source;
  GError *error;
  GPtrArray *blocks;
  gboolean done;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->dir = g_dir_make_tmp ("pst-source-XXXXXX", NULL);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  const char *argv[] = { "rm", "-rf", f->dir, NULL };

  g_clear_pointer (&f->source, pst_source_unref);
  g_clear_pointer (&f->blocks, g_ptr_array_unref);
  g_clear_error (&f->error);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (f->dir);
}

static char *
at (Fixture *f, const char *name)
{
  return g_build_filename (f->dir, name, NULL);
}

static void
make_file (Fixture *f, const char *name, const char *text)
{
  g_autofree char *path = at (f, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
make_folder (Fixture *f, const char *name)
{
  g_autofree char *path = at (f, name);

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
}

static void
make_link (Fixture *f, const char *name, const char *target)
{
  g_autofree char *path = at (f, name);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
scan_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;

  f->source = pst_source_scan_finish (result, &f->error);
  f->done = TRUE;
}

static void
scan (Fixture *f, const char *first, const char *second)
{
  g_autofree char *one = at (f, first);
  g_autofree char *two = second != NULL ? at (f, second) : NULL;
  const char *paths[] = { one, two, NULL };

  f->done = FALSE;
  pst_source_scan_async (paths, NULL, scan_done, f);
  wait_for (f->done);
}

static void
assert_listed (Fixture *f, const char *const *expected)
{
  PstManifest *manifest = pst_source_get_manifest (f->source);

  g_assert_no_error (f->error);
  for (guint i = 0; expected[i] != NULL; i++)
    {
      g_assert_cmpuint (i, <, pst_manifest_get_n_entries (manifest));
      g_assert_cmpstr (pst_manifest_get_entry (manifest, i)->path, ==, expected[i]);
    }
  g_assert_cmpuint (pst_manifest_get_n_entries (manifest), ==, g_strv_length ((GStrv) expected));
}

static guint
count_left_out (Fixture *f)
{
  return g_strv_length ((GStrv) pst_source_get_left_out (f->source));
}

static void
test_sorted (Fixture *f, gconstpointer unused)
{
  const char *expected[] = { "d", "d/.dot", "d/a", "d/b", "d/b/x", NULL };

  make_folder (f, "d");
  make_folder (f, "d/b");
  make_file (f, "d/b/x", "1");
  make_file (f, "d/a", "1");
  make_file (f, "d/.dot", "1");
  scan (f, "d", NULL);
  assert_listed (f, expected);
  g_assert_cmpuint (count_left_out (f), ==, 0);
}

static void
test_same_names (Fixture *f, gconstpointer unused)
{
  const char *expected[] = { "x.txt", "x (1).txt", NULL };

  make_folder (f, "d");
  make_file (f, "x.txt", "1");
  make_file (f, "d/x.txt", "22");
  scan (f, "x.txt", "d/x.txt");
  assert_listed (f, expected);
  g_assert_cmpuint (pst_manifest_get_total_bytes (pst_source_get_manifest (f->source)), ==, 3);
}

static void
test_links (Fixture *f, gconstpointer unused)
{
  const char *expected[] = { "d", "d/file", "d/z-second", "d/a-first", NULL };

  make_folder (f, "d");
  make_file (f, "d/file", "1");
  make_file (f, "outside", "secret");
  make_link (f, "d/a-first", "z-second"); /* a chain, listed in the wrong order */
  make_link (f, "d/z-second", "file");
  make_link (f, "d/up", "../outside");
  make_link (f, "d/absolute", "/etc/passwd");
  make_link (f, "d/loop", "loop");
  make_link (f, "d/dangling", "nothing");
  scan (f, "d", NULL);
  assert_listed (f, expected);
  g_assert_cmpuint (count_left_out (f), ==, 4);
}

/* Links that lead back into the folders they are in, and round each other: each is
 * listed at most once, as a link, and nothing behind it a second time. */
static void
test_loops (Fixture *f, gconstpointer unused)
{
  const char *expected[] = { "d", "d/in", "d/in/file", "d/in/up", "d/self", NULL };

  make_folder (f, "d");
  make_folder (f, "d/in");
  make_file (f, "d/in/file", "1");
  make_link (f, "d/self", ".");
  make_link (f, "d/in/up", "..");
  make_link (f, "d/one", "other/x");
  make_link (f, "d/other", "one/x");
  scan (f, "d", NULL);
  assert_listed (f, expected);
  g_assert_cmpuint (count_left_out (f), ==, 2);
}

/* A link the person named is what they want sent. */
static void
test_named_link (Fixture *f, gconstpointer unused)
{
  const char *expected[] = { "named", NULL };

  make_file (f, "file", "12345");
  make_link (f, "named", "file");
  scan (f, "named", NULL);
  assert_listed (f, expected);
  g_assert_cmpint (pst_manifest_get_entry (pst_source_get_manifest (f->source), 0)->kind, ==,
                   PST_ENTRY_FILE);
}

static void
test_left_out (Fixture *f, gconstpointer unused)
{
  const char *expected[] = { "d", "d/file", NULL };
  g_autofree char *fifo = NULL;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  make_folder (f, "d");
  make_file (f, "d/file", "1");
  make_file (f, "d/not-utf8-\xff", "1");
  fifo = at (f, "d/fifo");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/d/socket", f->dir);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  close (fd);
  scan (f, "d", NULL);
  assert_listed (f, expected);
  g_assert_cmpuint (count_left_out (f), ==, 3);
  for (const char *const *why = pst_source_get_left_out (f->source); *why != NULL; why++)
    g_assert_true (g_utf8_validate (*why, -1, NULL));
}

static void
test_refused (Fixture *f, gconstpointer unused)
{
  g_autofree char *fifo = at (f, "fifo");

  scan (f, "missing", NULL);
  g_assert_error (f->error, PST_ERROR, PST_ERROR_SOURCE);
  g_clear_error (&f->error);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  scan (f, "fifo", NULL);
  g_assert_error (f->error, PST_ERROR, PST_ERROR_SOURCE);
  g_clear_error (&f->error);

  make_file (f, ".penstock-mine", "1");
  scan (f, ".penstock-mine", NULL);
  g_assert_error (f->error, PST_ERROR, PST_ERROR_SOURCE);
}

static void
read_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;

  f->blocks = pst_reader_read_finish (NULL, result, &f->error);
  f->done = TRUE;
}

static void
read_next (Fixture *f, PstReader *reader)
{
  g_clear_pointer (&f->blocks, g_ptr_array_unref);
  f->done = FALSE;
  pst_reader_read_async (reader, NULL, read_done, f);
  wait_for (f->done);
}

static void
test_read (Fixture *f, gconstpointer unused)
{
  gsize size = PST_SOURCE_BLOCK_BYTES + 1000;
  g_autofree char *text = g_strnfill (size, 'x');
  g_autoptr (PstReader) reader = NULL;
  guint8 digest[PST_DIGEST_BYTES];
  PstBlock *block;

  make_folder (f, "d");
  make_file (f, "d/big", text);
  make_file (f, "d/empty", "");
  make_file (f, "d/skipped", "no");
  scan (f, "d", NULL);
  reader = pst_reader_new (f->source, (const guint8[]){ 1, 1, 1, 0 });

  read_next (f, reader);
  g_assert_cmpuint (f->blocks->len, ==, 1);
  block = g_ptr_array_index (f->blocks, 0);
  g_assert_cmpuint (g_bytes_get_size (block->bytes), ==, PST_SOURCE_BLOCK_BYTES);
  g_assert_false (block->last);

  read_next (f, reader);
  g_assert_cmpuint (f->blocks->len, ==, 2);
  block = g_ptr_array_index (f->blocks, 0);
  g_assert_cmpuint (block->offset, ==, PST_SOURCE_BLOCK_BYTES);
  g_assert_true (block->last);
  crypto_generichash (digest, sizeof digest, (const guint8 *) text, size, NULL, 0);
  g_assert_cmpmem (block->digest, sizeof digest, digest, sizeof digest);
  block = g_ptr_array_index (f->blocks, 1);
  g_assert_null (block->bytes);
  g_assert_true (block->last);

  read_next (f, reader);
  g_assert_cmpuint (f->blocks->len, ==, 0);
}

/* From every block of a file, and from within it, reading can begin anew, and the
 * digest is that of the whole file. */
static void
test_read_anew (Fixture *f, gconstpointer unused)
{
  gsize size = 3 * PST_SOURCE_BLOCK_BYTES + 1000;
  g_autofree char *text = g_strnfill (size, 'x');
  g_autoptr (PstReader) whole = NULL;
  guint8 digest[PST_DIGEST_BYTES];

  for (gsize i = 0; i < size; i += 1000)
    text[i] = 'a' + (i / 1000) % 26;
  make_folder (f, "d");
  make_file (f, "d/big", text);
  make_file (f, "d/small", "no");
  crypto_generichash (digest, sizeof digest, (const guint8 *) text, size, NULL, 0);
  scan (f, "d", NULL);
  whole = pst_reader_new (f->source, NULL);

  for (gsize known = 0; known < size; known += PST_SOURCE_BLOCK_BYTES)
    {
      g_autoptr (GPtrArray) before = NULL;
      PstBlock *block;

      read_next (f, whole);
      before = g_steal_pointer (&f->blocks);
      block = g_ptr_array_index (before, 0);
      g_assert_cmpuint (block->offset, ==, known);
      g_assert_cmpint (block->hash == NULL, ==, known == 0);
      for (guint i = 0; i < 4; i++)
        {
          const gsize offsets[] = { known, known + 1, MIN (known + 70000, size), size };
          g_autoptr (PstReader) reader
              = pst_reader_new_at (f->source, NULL, 1, offsets[i], known, block->hash);
          guint64 next = offsets[i];
          gboolean last = FALSE;

          while (!last)
            {
              PstBlock *piece;

              read_next (f, reader);
              piece = g_ptr_array_index (f->blocks, 0);
              g_assert_no_error (piece->error);
              if (piece->bytes != NULL)
                {
                  g_assert_cmpuint (piece->offset, ==, next);
                  g_assert_cmpint (memcmp (g_bytes_get_data (piece->bytes, NULL), text + next,
                                           g_bytes_get_size (piece->bytes)),
                                   ==, 0);
                  next += g_bytes_get_size (piece->bytes);
                }
              last = piece->last;
              if (last)
                g_assert_cmpmem (piece->digest, sizeof digest, digest, sizeof digest);
            }
          g_assert_cmpuint (next, ==, size);
        }
    }
}

/* What is behind the last file, and a file that changed since. */
static void
test_read_anew_at_ends (Fixture *f, gconstpointer unused)
{
  g_autofree char *path = at (f, "x");
  g_autoptr (PstReader) behind = NULL;
  g_autoptr (PstReader) changed = NULL;
  PstBlock *block;

  make_file (f, "x", "0123456789");
  scan (f, "x", NULL);
  behind = pst_reader_new_at (f->source, NULL, 1, 0, 0, NULL);
  read_next (f, behind);
  g_assert_cmpuint (f->blocks->len, ==, 0);

  g_assert_cmpint (truncate (path, 3), ==, 0);
  changed = pst_reader_new_at (f->source, NULL, 0, 7, 0, NULL);
  read_next (f, changed);
  block = g_ptr_array_index (f->blocks, 0);
  g_assert_error (block->error, PST_ERROR, PST_ERROR_CHANGED);
  g_assert_cmpuint (block->offset, ==, 7); /* so much of it had gone */
  read_next (f, changed);
  g_assert_cmpuint (f->blocks->len, ==, 0);
}

/* Small files come many at a time, but not all at once. */
static void
test_batches (Fixture *f, gconstpointer unused)
{
  g_autoptr (PstReader) reader = NULL;
  guint n_files = 0;

  make_folder (f, "d");
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *name = g_strdup_printf ("d/%03u", i);

      make_file (f, name, "small");
    }
  scan (f, "d", NULL);
  reader = pst_reader_new (f->source, NULL);
  do
    {
      read_next (f, reader);
      g_assert_cmpuint (f->blocks->len, <=, PST_SOURCE_BATCH_BLOCKS);
      n_files += f->blocks->len;
    }
  while (f->blocks->len > 0);
  g_assert_cmpuint (n_files, ==, 200);
}

/* A folder that became a link after it was listed leads nowhere. */
static void
test_folder_becomes_link (Fixture *f, gconstpointer unused)
{
  g_autoptr (PstReader) reader = NULL;
  g_autofree char *inner = NULL;
  g_autofree char *file = NULL;

  make_folder (f, "d");
  make_folder (f, "d/in");
  make_file (f, "d/in/x", "1");
  make_folder (f, "elsewhere");
  make_file (f, "elsewhere/x", "2");
  scan (f, "d", NULL);

  file = at (f, "d/in/x");
  inner = at (f, "d/in");
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (inner), ==, 0);
  make_link (f, "d/in", "../elsewhere");

  reader = pst_reader_new (f->source, NULL);
  read_next (f, reader);
  g_assert_cmpuint (f->blocks->len, ==, 1);
  g_assert_error (((PstBlock *) g_ptr_array_index (f->blocks, 0))->error, PST_ERROR,
                  PST_ERROR_CHANGED);
  read_next (f, reader);
  g_assert_cmpuint (f->blocks->len, ==, 0);
}

#define ADD_AT(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
#define ADD(name, func)    ADD_AT ("/source/" name, func)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("sorted", test_sorted);
  ADD ("same-names", test_same_names);
  ADD_AT ("/threats/17-links-of-the-sender/out-of-the-item", test_links);
  ADD_AT ("/threats/20-changed-source/loops", test_loops);
  ADD ("named-link", test_named_link);
  ADD ("left-out", test_left_out);
  ADD ("refused", test_refused);
  ADD ("read", test_read);
  ADD ("read-anew", test_read_anew);
  ADD ("read-anew-at-ends", test_read_anew_at_ends);
  ADD ("batches", test_batches);
  ADD_AT ("/threats/17-links-of-the-sender/folder-becomes-link", test_folder_becomes_link);
  return g_test_run ();
}
