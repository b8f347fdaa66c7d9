/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast the pure rooms are on this machine. Prints; judges nothing. */
#include "pst-control.h"
#include "pst-hkdf.h"
#include "pst-json.h"
#include "pst-manifest.h"
#include "pst-path.h"
#include "pst-seal.h"

#include <string.h>

#define N_FRAMES  8000
#define N_FOLDERS 1000
#define N_FILES   100

static double
seconds_since (gint64 start_us)
{
  return (g_get_monotonic_time () - start_us) / 1e6;
}

static void
bench_seal (void)
{
  static const guint8 key_bytes[PST_KEY_BYTES] = { 1 };
  g_autoptr (GBytes) key = g_bytes_new_static (key_bytes, sizeof key_bytes);
  g_autoptr (PstSeal) sender = pst_seal_new (key, 0);
  g_autoptr (PstSeal) receiver = pst_seal_new (key, 0);
  g_autofree guint8 *body = g_malloc0 (PST_FRAME_MAX_DATA_BYTES);
  guint8 head[PST_FRAME_DATA_HEADER_BYTES] = { 0 };
  double megabytes = (double) N_FRAMES * PST_FRAME_MAX_DATA_BYTES / 1e6;
  double close_s = 0, open_s = 0;

  for (guint i = 0; i < N_FRAMES; i++)
    {
      gint64 start_us = g_get_monotonic_time ();
      g_autoptr (GBytes) frame = pst_seal_close (sender, PST_FRAME_DATA, head, sizeof head, body,
                                                 PST_FRAME_MAX_DATA_BYTES);
      g_autoptr (GBytes) payload = NULL;
      PstFrameKind kind;

      close_s += seconds_since (start_us);
      start_us = g_get_monotonic_time ();
      payload = pst_seal_open (receiver, frame, &kind, NULL);
      g_assert_nonnull (payload);
      open_s += seconds_since (start_us);
    }

  g_print ("close: %.0f MB/s, open: %.0f MB/s, both: %.0f MB/s\n", megabytes / close_s,
           megabytes / open_s, megabytes / (close_s + open_s));
}

static PstManifest *
make_list (void)
{
  PstManifest *list = pst_manifest_new ();

  for (guint i = 0; i < N_FOLDERS; i++)
    {
      PstEntry folder = { PST_ENTRY_FOLDER };
      char path[100];

      g_snprintf (path, sizeof path, "%s%u", i > 0 ? "pictures/summer holiday " : "pictures", i);
      if (i == 0)
        path[strlen (path) - 1] = '\0';
      folder.path = path;
      g_assert_true (pst_manifest_append (list, &folder, NULL));

      for (guint j = 0; j < N_FILES; j++)
        {
          PstEntry file = { PST_ENTRY_FILE };
          g_autofree char *name = g_strdup_printf ("%s/IMG_20240713_%06u.jpg", path, j);

          file.path = name;
          file.size_bytes = 3000000 + j;
          g_assert_true (pst_manifest_append (list, &file, NULL));
        }
    }
  g_assert_true (pst_manifest_seal (list, NULL));

  return list;
}

static void
bench_manifest (void)
{
  gint64 start_us = g_get_monotonic_time ();
  g_autoptr (PstManifest) list = make_list ();
  g_autoptr (PstManifest) again = pst_manifest_new ();
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_free);

  g_print ("manifest of %u entries: append and seal %.3f s", pst_manifest_get_n_entries (list),
           seconds_since (start_us));

  start_us = g_get_monotonic_time ();
  for (guint next = 0; next < pst_manifest_get_n_entries (list);)
    {
      g_autoptr (JsonObject) message = json_object_new ();

      json_object_set_array_member (message, "e", pst_manifest_write_part (list, &next, 60000));
      g_ptr_array_add (messages, pst_json_print (message));
    }
  g_print (", write %.3f s", seconds_since (start_us));

  start_us = g_get_monotonic_time ();
  for (guint i = 0; i < messages->len; i++)
    {
      const char *text = g_ptr_array_index (messages, i);
      g_autoptr (JsonObject) message = pst_json_parse (text, strlen (text), 65536, NULL);

      g_assert_true (
          pst_manifest_read_part (again, json_object_get_array_member (message, "e"), NULL));
    }
  g_assert_true (pst_manifest_seal (again, NULL));
  g_print (", read and seal %.3f s (%u messages)\n", seconds_since (start_us), messages->len);
}

/* The most work a stranger can cause with a list that is allowed: the longest
 * paths, and targets that go down and up as often as they may. */
static void
bench_worst_links (void)
{
  g_autoptr (PstManifest) list = pst_manifest_new ();
  GString *path = g_string_new (NULL);
  GString *target = g_string_new (NULL);
  PstEntry entry = { PST_ENTRY_FOLDER };
  gint64 start_us;
  double append_s;

  for (guint i = 0; i < PST_PATH_MAX_DEPTH - 2; i++)
    {
      g_string_append (path, i > 0 ? "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" : "a");
      entry.path = path->str;
      g_assert_true (pst_manifest_append (list, &entry, NULL));
    }
  g_string_append (path, "/a");
  entry.path = path->str;
  g_assert_true (pst_manifest_append (list, &entry, NULL));
  g_string_truncate (path, path->len - 1);
  while (target->len < 2 * PST_PATH_MAX_DEPTH / 2 * 5 - 10)
    g_string_append (target, "a/../");
  g_string_append (target, "a");

  start_us = g_get_monotonic_time ();
  entry.kind = PST_ENTRY_LINK;
  entry.target = target->str;
  for (guint i = 0;; i++)
    {
      gsize length = path->len;

      g_string_append_printf (path, "%u", i);
      entry.path = path->str;
      if (!pst_manifest_append (list, &entry, NULL))
        break;
      g_string_truncate (path, length);
    }
  append_s = seconds_since (start_us);
  start_us = g_get_monotonic_time ();
  g_assert_true (pst_manifest_seal (list, NULL));
  g_print ("worst list of %u links: append %.3f s, seal %.3f s\n",
           pst_manifest_get_n_entries (list) - (PST_PATH_MAX_DEPTH - 1), append_s,
           seconds_since (start_us));
  g_string_free (path, TRUE);
  g_string_free (target, TRUE);
}

/* What the end of each small file costs the two main loops. */
static void
bench_control (void)
{
  const guint n = 100000;
  PstControl done = { .kind = PST_CONTROL_ENTRY_DONE, .id = 2, .entry = 9999, .size_bytes = 10000 };
  g_autoptr (GBytes) payload = pst_control_write (&done);
  gint64 start_us = g_get_monotonic_time ();
  double write_s;

  for (guint i = 0; i < n; i++)
    g_bytes_unref (pst_control_write (&done));
  write_s = seconds_since (start_us);

  start_us = g_get_monotonic_time ();
  for (guint i = 0; i < n; i++)
    {
      g_auto (PstControl) control = { 0 };

      g_assert_true (pst_control_read (payload, &control, NULL));
    }
  g_print ("entry-done: write %.1f us, read %.1f us\n", write_s * 1e6 / n,
           seconds_since (start_us) * 1e6 / n);
}

int
main (void)
{
  bench_control ();
  bench_seal ();
  bench_manifest ();
  bench_worst_links ();
  return 0;
}
