/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list, and when its file is read and written. */
#include "pst-history-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* Nobody else's business, like the rest of a person's state. */
#define FOLDER_MODE 0700

struct _PstHistory
{
  GObject parent_instance;

  GFile *file;
  GListStore *items; /* of PstHistoryItem, newest first */
  gboolean loading;
  gboolean cleared; /* what is being loaded is not wanted any more */
  gboolean saving;
  gboolean changed; /* since it was saved or begun to be saved */
};

static GType
get_item_type (GListModel *model)
{
  return PST_TYPE_HISTORY_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (PST_HISTORY (model)->items));
}

static gpointer
get_item (GListModel *model, guint position)
{
  return g_list_model_get_item (G_LIST_MODEL (PST_HISTORY (model)->items), position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PstHistory,
                               pst_history,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
pst_history_dispose (GObject *object)
{
  PstHistory *self = PST_HISTORY (object);

  g_clear_object (&self->items);
  g_clear_object (&self->file);

  G_OBJECT_CLASS (pst_history_parent_class)->dispose (object);
}

static void
pst_history_class_init (PstHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pst_history_dispose;
}

static void
pst_history_init (PstHistory *self)
{
  self->items = g_list_store_new (PST_TYPE_HISTORY_ITEM);
  g_signal_connect_object (self->items, "items-changed", G_CALLBACK (g_list_model_items_changed),
                           self, G_CONNECT_SWAPPED);
}

static void save (PstHistory *self);

static void
on_saved (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstHistory) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_file_replace_contents_finish (G_FILE (object), result, NULL, &error))
    g_message ("The history could not be saved: %s", error->message);
  self->saving = FALSE;
  save (self);
}

static void
make_folder (GFile *file)
{
  g_autoptr (GFile) folder = g_file_get_parent (file);

  if (folder != NULL && g_mkdir_with_parents (g_file_peek_path (folder), FOLDER_MODE) != 0)
    g_message ("The folder of the history could not be made: %s", g_strerror (errno));
}

/* One at a time, and only once it is known what was there before. */
static void
save (PstHistory *self)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (self->loading || self->saving || !self->changed)
    return;

  self->saving = TRUE;
  self->changed = FALSE;
  make_folder (self->file);
  text = pst_history_print (G_LIST_MODEL (self->items));
  bytes = g_bytes_new (text, strlen (text));
  g_file_replace_contents_bytes_async (
      self->file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION,
      NULL, on_saved, g_object_ref (self));
}

static void
trim (PstHistory *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  if (n > PST_HISTORY_MAX_ITEMS)
    g_list_store_splice (self->items, PST_HISTORY_MAX_ITEMS, n - PST_HISTORY_MAX_ITEMS, NULL, 0);
}

/* A file that cannot be understood is kept for somebody who can. */
static void
set_aside (PstHistory *self, const GError *why)
{
  g_autofree char *name = g_strconcat (g_file_peek_path (self->file), ".broken", NULL);

  if (g_rename (g_file_peek_path (self->file), name) == 0)
    g_message ("The history could not be read and is now “%s”: %s", name, why->message);
  else
    g_message ("The history could not be read (%s), nor set aside: %s", why->message,
               g_strerror (errno));
}

static void
take_loaded (PstHistory *self, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = pst_history_parse (text, length, &error);

  if (items == NULL)
    {
      set_aside (self, error);
      return;
    }

  if (self->cleared)
    return;

  g_list_store_splice (self->items, g_list_model_get_n_items (G_LIST_MODEL (self->items)), 0,
                       items->pdata, items->len);
  trim (self);
}

static void
on_loaded (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstHistory) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (g_file_load_contents_finish (G_FILE (object), result, &text, &length, NULL, &error))
    take_loaded (self, text, length);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    set_aside (self, error);
  self->loading = FALSE;
  save (self);
}

/**
 * pst_history_new:
 * @file: a local file, which need not be there
 *
 * Reads the finished transfers of earlier days; they are there a moment later.
 *
 * Returns: (transfer full): the list
 */
PstHistory *
pst_history_new (GFile *file)
{
  PstHistory *self = g_object_new (PST_TYPE_HISTORY, NULL);

  self->file = g_object_ref (file);
  self->loading = TRUE;
  g_file_load_contents_async (file, NULL, on_loaded, g_object_ref (self));
  return self;
}

/**
 * pst_history_add:
 * @self: a history
 * @transfer: a finished transfer
 * @peer_name: (nullable): who it came from or went to
 *
 * Puts a transfer at the top of the list, which is saved.
 */
void
pst_history_add (PstHistory *self, PstAppTransfer *transfer, const char *peer_name)
{
  g_autoptr (PstHistoryItem) item = NULL;

  g_return_if_fail (pst_app_transfer_is_finished (transfer));

  item = pst_history_item_new (transfer, peer_name);
  g_list_store_insert (self->items, 0, item);
  trim (self);
  self->changed = TRUE;
  save (self);
}

/**
 * pst_history_clear:
 * @self: a history
 *
 * Forgets all, in the file too. What is still being read comes to nothing.
 */
void
pst_history_clear (PstHistory *self)
{
  self->cleared = self->loading;
  g_list_store_remove_all (self->items);
  self->changed = TRUE;
  save (self);
}

/**
 * pst_history_flush:
 * @self: a history
 *
 * Returns once the file has been read and says what the list says; for the end
 * of the program. Runs the default main context meanwhile.
 */
void
pst_history_flush (PstHistory *self)
{
  while (self->loading || self->saving)
    g_main_context_iteration (NULL, TRUE);
}
