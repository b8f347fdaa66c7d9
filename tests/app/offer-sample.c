/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "offer-sample.h"

void
offer_sample_append (PstManifest *manifest,
                     PstEntryKind kind,
                     const char *path,
                     const char *target,
                     guint64 size_bytes)
{
  g_autoptr (GError) error = NULL;
  PstEntry entry = {
    kind, (char *)path, (char *)target, size_bytes, 0, g_str_has_suffix (path, ".sh")
  };

  pst_manifest_append (manifest, &entry, &error);
  g_assert_no_error (error);
}

static PstManifest *
seal (PstManifest *manifest)
{
  g_autoptr (GError) error = NULL;

  pst_manifest_seal (manifest, &error);
  g_assert_no_error (error);

  return manifest;
}

PstManifest *
offer_sample_new_mixed (void)
{
  PstManifest *manifest = pst_manifest_new ();

  offer_sample_append (manifest, PST_ENTRY_FOLDER, "Holiday", NULL, 0);
  offer_sample_append (manifest, PST_ENTRY_FILE, "Holiday/.hidden", NULL, 120);
  offer_sample_append (manifest, PST_ENTRY_FOLDER, "Holiday/Beach", NULL, 0);
  offer_sample_append (manifest, PST_ENTRY_FILE, "Holiday/Beach/sand.jpg", NULL, 4200000);
  offer_sample_append (manifest, PST_ENTRY_FILE, "Holiday/Beach/sea.mp4", NULL, 734000000);
  offer_sample_append (manifest, PST_ENTRY_LINK, "Holiday/cover", "Beach/sand.jpg", 0);
  offer_sample_append (manifest, PST_ENTRY_FOLDER, "Holiday/Empty", NULL, 0);
  offer_sample_append (manifest, PST_ENTRY_FILE, "Holiday/sort.sh", NULL, 2048);
  offer_sample_append (manifest, PST_ENTRY_FILE, "report.pdf", NULL, 1530000);

  return seal (manifest);
}

PstManifest *
offer_sample_new_strange (void)
{
  PstManifest *manifest = pst_manifest_new ();

  offer_sample_append (manifest, PST_ENTRY_FILE, "photo\xe2\x80\xaegpj.exe", NULL, 1000);
  offer_sample_append (manifest, PST_ENTRY_FILE, "two lines\nAccept everything", NULL, 2000);
  offer_sample_append (manifest, PST_ENTRY_FILE, "<b>bold <i> &amp; <span size=\"99999\">", NULL,
                       3000);
  offer_sample_append (manifest, PST_ENTRY_FILE,
                       "\xd7\x9e\xd7\xa1\xd7\x9e\xd7\x9a 1 (\xd7\xa2\xd7\x95\xd7\xaa\xd7\xa7).txt",
                       NULL, 4000);
  offer_sample_append (manifest, PST_ENTRY_FILE,
                       "a name that is much too long to be shown whole in a narrow window, and yet "
                       "has an end.tar.gz",
                       NULL, 5000);

  return seal (manifest);
}

PstManifest *
offer_sample_new_single (guint64 size_bytes)
{
  PstManifest *manifest = pst_manifest_new ();

  offer_sample_append (manifest, PST_ENTRY_FILE, "recording.mkv", NULL, size_bytes);

  return seal (manifest);
}

/* @n_entries in folders of @folder_size, all inside one. */
PstManifest *
offer_sample_new_large (guint n_entries, guint folder_size)
{
  PstManifest *manifest = pst_manifest_new ();
  g_autofree char *folder = NULL;

  offer_sample_append (manifest, PST_ENTRY_FOLDER, "archive", NULL, 0);
  for (guint i = 1; i < n_entries; i++)
    {
      g_autofree char *path = NULL;

      if (i % folder_size == 1)
        {
          g_free (folder);
          folder = g_strdup_printf ("archive/folder-%06u", i);
          offer_sample_append (manifest, PST_ENTRY_FOLDER, folder, NULL, 0);
          continue;
        }
      path = g_strdup_printf ("%s/document number %06u.txt", folder, i);
      offer_sample_append (manifest, PST_ENTRY_FILE, path, NULL, i * 1000);
    }

  return seal (manifest);
}
