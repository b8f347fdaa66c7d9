/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-history-private.h"

struct _PstHistoryItem
{
  GObject parent_instance;

  char *title;
  char *peer_name;
  GStrv paths;
  GDateTime *time;
  guint64 bytes;
  PstTransferState state;
  gboolean incoming;
};

G_DEFINE_FINAL_TYPE (PstHistoryItem, pst_history_item, G_TYPE_OBJECT)

static void
pst_history_item_finalize (GObject *object)
{
  PstHistoryItem *self = PST_HISTORY_ITEM (object);

  g_free (self->title);
  g_free (self->peer_name);
  g_strfreev (self->paths);
  g_clear_pointer (&self->time, g_date_time_unref);

  G_OBJECT_CLASS (pst_history_item_parent_class)->finalize (object);
}

static void
pst_history_item_class_init (PstHistoryItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pst_history_item_finalize;
}

static void
pst_history_item_init (PstHistoryItem *self)
{
}

PstHistoryItem *
pst_history_item_take (char *title,
                       char *peer_name,
                       GStrv paths,
                       GDateTime *time,
                       guint64 bytes,
                       PstTransferState state,
                       gboolean incoming)
{
  PstHistoryItem *self = g_object_new (PST_TYPE_HISTORY_ITEM, NULL);

  self->title = title;
  self->peer_name = peer_name;
  self->paths = paths;
  self->time = time;
  self->bytes = bytes;
  self->state = state;
  self->incoming = incoming;
  return self;
}

static GStrv
dup_first_paths (const char *const *paths)
{
  GPtrArray *copies = g_ptr_array_new ();

  for (guint i = 0; paths != NULL && paths[i] != NULL && i < PST_HISTORY_MAX_PATHS; i++)
    g_ptr_array_add (copies, g_strdup (paths[i]));
  g_ptr_array_add (copies, NULL);
  return (GStrv) g_ptr_array_free (copies, FALSE);
}

/* @transfer: one that is finished. @peer_name: (nullable) */
PstHistoryItem *
pst_history_item_new (PstAppTransfer *transfer, const char *peer_name)
{
  gboolean incoming = pst_app_transfer_is_incoming (transfer);
  const char *const *paths = incoming ? pst_app_transfer_get_result_paths (transfer)
                                      : pst_app_transfer_get_paths (transfer);

  return pst_history_item_take (g_strdup (pst_app_transfer_get_title (transfer)),
                                g_strdup (peer_name), dup_first_paths (paths),
                                g_date_time_new_now_local (),
                                pst_app_transfer_get_written_bytes (transfer),
                                pst_app_transfer_get_state (transfer), incoming);
}

/**
 * pst_history_item_get_title:
 * @self: an item
 *
 * Returns: (transfer none): the transfer's title
 */
const char *
pst_history_item_get_title (PstHistoryItem *self)
{
  return self->title;
}

/**
 * pst_history_item_get_peer_name:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): the other person's name
 */
const char *
pst_history_item_get_peer_name (PstHistoryItem *self)
{
  return self->peer_name;
}

/**
 * pst_history_item_get_paths:
 * @self: an item
 *
 * Returns: (transfer none): where what arrived lies, or what was sent from;
 *   the first of them when there were very many; maybe none
 */
const char *const *
pst_history_item_get_paths (PstHistoryItem *self)
{
  return (const char *const *) self->paths;
}

/**
 * pst_history_item_get_time:
 * @self: an item
 *
 * Returns: (transfer none): when it ended, in local time
 */
GDateTime *
pst_history_item_get_time (PstHistoryItem *self)
{
  return self->time;
}

/**
 * pst_history_item_get_bytes:
 * @self: an item
 *
 * Returns: how many bytes arrived
 */
guint64
pst_history_item_get_bytes (PstHistoryItem *self)
{
  return self->bytes;
}

/**
 * pst_history_item_get_state:
 * @self: an item
 *
 * Returns: how it ended
 */
PstTransferState
pst_history_item_get_state (PstHistoryItem *self)
{
  return self->state;
}

/**
 * pst_history_item_is_incoming:
 * @self: an item
 *
 * Returns: %TRUE if the other side sent it
 */
gboolean
pst_history_item_is_incoming (PstHistoryItem *self)
{
  return self->incoming;
}
