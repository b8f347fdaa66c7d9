/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receipt into a folder of the document portal goes on after a restart of everything.
 * tests/ui/with-portals.py --twice runs this in a sandbox, ends the portals, starts
 * them anew, gives the same folder again and runs this once more. */
#include "pst-destination.h"
#include "pst-disk.h"
#include "pst-leftover.h"
#include "pst-source.h"

#include <sodium.h>
#include <string.h>

#define N_BYTES 300000
#define N_PART  200000

static const char *destination;
static char *journals;
static guint8 *bytes;

static PstManifest *
make_manifest (void)
{
  const PstEntry entries[] = {
    { PST_ENTRY_FOLDER, (char *) "Holiday", .mtime_ns = 1 },
    { PST_ENTRY_FILE, (char *) "Holiday/whole", NULL, N_BYTES, 1600000000123456789 },
    { PST_ENTRY_FILE, (char *) "part", NULL, N_BYTES, 1600000000123456789 },
  };
  PstManifest *manifest = pst_manifest_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    pst_manifest_append (manifest, &entries[i], &error);
  pst_manifest_seal (manifest, &error);
  g_assert_no_error (error);
  return manifest;
}

static void
finish_file (PstDisk *disk, guint32 entry)
{
  guint8 digest[PST_DIGEST_BYTES];
  g_autoptr (GError) error = NULL;
  guint n_named;

  crypto_generichash (digest, sizeof digest, bytes, N_BYTES, NULL, 0);
  pst_disk_finish_file (disk, entry, digest, &error);
  g_assert_no_error (error);
  pst_disk_name_files (disk, &n_named, &error);
  g_assert_no_error (error);
}

/* One file comes whole, the other in part. */
static void
test_begin (void)
{
  g_autoptr (PstManifest) manifest = make_manifest ();
  g_autoptr (PstDisk) disk = NULL;
  g_autoptr (GError) error = NULL;

  disk = pst_disk_new_kept (manifest, NULL, destination, journals, NULL, &error);
  g_assert_no_error (error);
  pst_disk_prepare (disk, &error);
  g_assert_no_error (error);
  pst_disk_write (disk, 1, bytes, N_BYTES, &error);
  g_assert_no_error (error);
  finish_file (disk, 1);
  pst_disk_write (disk, 2, bytes, N_PART, &error);
  g_assert_no_error (error);
  pst_disk_leave (disk);
}

static void
on_found (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

static GPtrArray *
find_formers (PstManifest *manifest)
{
  g_autoptr (GAsyncResult) result = NULL;

  pst_leftover_find_async (journals, manifest, on_found, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return pst_leftover_find_finish (result);
}

static void
assert_held (PstDisk *disk, guint32 entry, guint64 offset)
{
  const PstHeld *held = pst_held_find (pst_disk_get_held (disk), entry);

  g_assert_nonnull (held);
  g_assert_cmpuint (held->n_places, >=, 1);
  g_assert_cmpuint (held->places[0].offset, ==, offset);
}

static void
assert_whole (const char *name)
{
  g_autofree char *path = g_build_filename (destination, name, NULL);
  g_autofree char *contents = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &contents, &n_bytes, NULL));
  g_assert_cmpmem (contents, n_bytes, bytes, N_BYTES);
}

static void
assert_absent (const char *name)
{
  g_autofree char *path = g_build_filename (destination, name, NULL);

  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* The path is the same, the journal is found by it, and nothing is sent twice. */
static void
test_go_on (void)
{
  g_autoptr (PstManifest) manifest = make_manifest ();
  g_autoptr (GPtrArray) formers = find_formers (manifest);
  g_autoptr (GPtrArray) leftovers = NULL;
  g_autoptr (PstDisk) disk = NULL;
  g_autoptr (GError) error = NULL;
  const PstFormer *former;

  g_assert_nonnull (formers);
  g_assert_cmpuint (formers->len, ==, 1);
  former = g_ptr_array_index (formers, 0);
  g_assert_cmpstr (pst_journal_get_head (former->journal)->destination, ==, destination);
  g_assert_cmpuint (former->there_bytes, ==, N_BYTES + N_PART);

  disk = pst_disk_new_kept (manifest, NULL, destination, journals, former->journal, &error);
  g_assert_no_error (error);
  pst_disk_prepare (disk, &error);
  g_assert_no_error (error);
  assert_held (disk, 1, N_BYTES);
  assert_held (disk, 2, N_PART);

  pst_disk_continue_file (disk, 1, N_BYTES, &error);
  g_assert_no_error (error);
  finish_file (disk, 1);
  pst_disk_continue_file (disk, 2, N_PART, &error);
  g_assert_no_error (error);
  pst_disk_write (disk, 2, bytes + N_PART, N_BYTES - N_PART, &error);
  g_assert_no_error (error);
  finish_file (disk, 2);
  pst_disk_commit (disk, &error);
  g_assert_no_error (error);

  assert_whole ("Holiday/whole");
  assert_whole ("part");
  assert_absent ("Holiday (1)");
  assert_absent ("part (1)");
  leftovers = pst_leftover_list (journals, &error);
  g_assert_cmpuint (leftovers->len, ==, 0);
}

/* What lies in a chosen folder can be sent as well. */
static void
test_send (void)
{
  g_autofree char *folder = g_build_filename (destination, "Holiday", NULL);
  const char *const paths[] = { folder, NULL };
  g_autoptr (GAsyncResult) scanned = NULL;
  g_autoptr (GAsyncResult) read = NULL;
  g_autoptr (GPtrArray) blocks = NULL;
  g_autoptr (PstSource) source = NULL;
  g_autoptr (PstReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  const PstBlock *first;

  pst_source_scan_async (paths, NULL, on_found, &scanned);
  while (scanned == NULL)
    g_main_context_iteration (NULL, TRUE);
  source = pst_source_scan_finish (scanned, &error);
  g_assert_no_error (error);

  reader = pst_reader_new (source, NULL);
  pst_reader_read_async (reader, NULL, on_found, &read);
  while (read == NULL)
    g_main_context_iteration (NULL, TRUE);
  blocks = pst_reader_read_finish (reader, read, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (blocks->len, >, 0);
  first = g_ptr_array_index (blocks, 0);
  g_assert_no_error (first->error);
  g_assert_cmpmem (g_bytes_get_data (first->bytes, NULL), g_bytes_get_size (first->bytes), bytes,
                   g_bytes_get_size (first->bytes));
}

int
main (int argc, char **argv)
{
  gboolean again = g_strcmp0 (g_getenv ("PST_TEST_RUN"), "2") == 0;

  g_test_init (&argc, &argv, NULL);
  destination = g_getenv ("PST_TEST_DESTINATION");
  journals = pst_leftover_dup_folder ();
  bytes = g_malloc (N_BYTES);
  for (guint i = 0; i < N_BYTES; i++)
    bytes[i] = i * 7 + i / 256;

  g_test_add_func (again ? "/portal/resume/go-on" : "/portal/resume/begin",
                   again ? test_go_on : test_begin);
  if (again)
    g_test_add_func ("/portal/resume/send", test_send);
  return g_test_run ();
}
