/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-folder-source.h"

#include "pst-picture.h"
#include "pst-timer.h"

#define INTERVAL_MS 100 /* a slow camera, so that a test need not wait long */

struct _PstFolderSource
{
  GObject parent_instance;

  char *folder;
  GPtrArray *paths;
  guint next;
  GSource *timer;
};

static void pst_folder_source_iface_init (PstFrameSourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstFolderSource,
                               pst_folder_source,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PST_TYPE_FRAME_SOURCE,
                                                      pst_folder_source_iface_init))

static void
fail (PstFolderSource *self, const GError *error)
{
  pst_timer_clear (&self->timer);
  pst_frame_source_emit_failed (PST_FRAME_SOURCE (self), error);
}

static gboolean
play_next (gpointer data)
{
  g_autoptr (PstFolderSource) self = g_object_ref (data);
  g_autoptr (GFile) file = g_file_new_for_path (self->paths->pdata[self->next]);
  g_autoptr (GError) error = NULL;
  g_auto (PstFrame) frame = { 0 };

  self->next = (self->next + 1) % self->paths->len;
  if (pst_picture_load (file, &frame, NULL, &error))
    pst_frame_source_emit_frame (PST_FRAME_SOURCE (self), &frame);
  else
    fail (self, error);

  return self->timer != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
say_empty (gpointer data)
{
  g_autoptr (PstFolderSource) self = g_object_ref (data);
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No pictures in %s.",
                                          self->folder);

  fail (self, error);
  return G_SOURCE_REMOVE;
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
list_pictures (PstFolderSource *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  g_ptr_array_set_size (self->paths, 0);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".png"))
      g_ptr_array_add (self->paths, g_build_filename (self->folder, name, NULL));
  g_ptr_array_sort (self->paths, compare_paths);
}

static void
pst_folder_source_start (PstFrameSource *source)
{
  PstFolderSource *self = PST_FOLDER_SOURCE (source);

  if (self->timer != NULL)
    return;

  list_pictures (self);
  self->next = 0;
  pst_timer_set (&self->timer, INTERVAL_MS, self->paths->len > 0 ? play_next : say_empty, self);
}

static void
pst_folder_source_stop (PstFrameSource *source)
{
  pst_timer_clear (&PST_FOLDER_SOURCE (source)->timer);
}

static void
pst_folder_source_iface_init (PstFrameSourceInterface *iface)
{
  iface->start = pst_folder_source_start;
  iface->stop = pst_folder_source_stop;
}

static void
pst_folder_source_dispose (GObject *object)
{
  pst_timer_clear (&PST_FOLDER_SOURCE (object)->timer);

  G_OBJECT_CLASS (pst_folder_source_parent_class)->dispose (object);
}

static void
pst_folder_source_finalize (GObject *object)
{
  PstFolderSource *self = PST_FOLDER_SOURCE (object);

  g_ptr_array_unref (self->paths);
  g_free (self->folder);

  G_OBJECT_CLASS (pst_folder_source_parent_class)->finalize (object);
}

static void
pst_folder_source_class_init (PstFolderSourceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = pst_folder_source_dispose;
  object_class->finalize = pst_folder_source_finalize;
}

static void
pst_folder_source_init (PstFolderSource *self)
{
  self->paths = g_ptr_array_new_with_free_func (g_free);
}

/**
 * pst_folder_source_new:
 * @folder: a folder with `.png` files
 *
 * Returns: (transfer full): a source that plays them in the order of their
 *   names; without any it fails as if there were no camera
 */
PstFrameSource *
pst_folder_source_new (const char *folder)
{
  PstFolderSource *self = g_object_new (PST_TYPE_FOLDER_SOURCE, NULL);

  self->folder = g_strdup (folder);
  return PST_FRAME_SOURCE (self);
}
