/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-offer-tree.h"

#include <string.h>

/* What an entry has beside what the manifest says. What can be chosen are the
 * leaves: files, links and empty folders; all else follows from them. */
typedef struct
{
  guint32 parent;
  guint32 first_child; /* where its children begin in `children` */
  guint32 n_children;
  guint32 n_leaves;
  guint32 n_selected; /* leaves that are chosen */
  guint32 n_files;
  guint64 bytes;
} Node;

struct _PstOfferTree
{
  GObject parent_instance;

  PstManifest *manifest;
  guint root;      /* one beyond the entries */
  Node *nodes;     /* the entries and the root */
  guint *children; /* of all nodes, each node's in the order of the manifest */

  guint64 selected_bytes;
  guint selected_files;
};

G_DEFINE_FINAL_TYPE (PstOfferTree, pst_offer_tree, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *
get_path (PstOfferTree *self, guint entry)
{
  return pst_manifest_get_entry (self->manifest, entry)->path;
}

static int
compare_folders (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (get_path (user_data, *(const guint *)a), get_path (user_data, *(const guint *)b));
}

/* A stranger chooses the names, so folders are found by search: no choice of
 * names makes that slow. */
static GArray *
list_folders (PstOfferTree *self)
{
  GArray *folders = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->root; i++)
    if (pst_manifest_get_entry (self->manifest, i)->kind == PST_ENTRY_FOLDER)
      g_array_append_val (folders, i);
  g_array_sort_with_data (folders, compare_folders, self);

  return folders;
}

static gboolean
is_inside (const char *path, gsize length, const char *folder)
{
  return strncmp (path, folder, length) == 0 && folder[length] == '\0';
}

/* Like strcmp() of the first @length bytes of @path with @folder. */
static int
compare_start (const char *path, gsize length, const char *folder)
{
  int order = strncmp (path, folder, length);

  return order != 0 ? order : -(folder[length] != '\0');
}

static guint
find_folder (PstOfferTree *self, GArray *folders, const char *path, gsize length)
{
  guint low = 0;
  guint high = folders->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      guint folder = g_array_index (folders, guint, middle);
      int order = compare_start (path, length, get_path (self, folder));

      if (order == 0)
        return folder;
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }

  return self->root;
}

/* The folder that @entry stands in; the root for top-level items, and for all
 * whose folder does not stand before them. @hint: a folder that is likely. */
static guint
find_parent (PstOfferTree *self, GArray *folders, guint entry, guint hint)
{
  const char *path = get_path (self, entry);
  const char *slash = strrchr (path, '/');
  guint folder;

  if (slash == NULL)
    return self->root;
  if (hint < self->root && is_inside (path, slash - path, get_path (self, hint)))
    return hint;

  folder = find_folder (self, folders, path, slash - path);
  return folder < entry ? folder : self->root;
}

static void
find_parents (PstOfferTree *self)
{
  g_autoptr (GArray) folders = list_folders (self);
  guint hint = self->root;

  for (guint i = 0; i < self->root; i++)
    {
      hint = self->nodes[i].parent = find_parent (self, folders, i, hint);
      self->nodes[hint].n_children++;
    }
}

static void
list_children (PstOfferTree *self)
{
  g_autofree guint *n_listed = g_new0 (guint, self->root + 1);
  guint first = 0;

  for (guint i = 0; i <= self->root; i++)
    {
      self->nodes[i].first_child = first;
      first += self->nodes[i].n_children;
    }

  self->children = g_new (guint, self->root);
  for (guint i = 0; i < self->root; i++)
    {
      guint parent = self->nodes[i].parent;

      self->children[self->nodes[parent].first_child + n_listed[parent]++] = i;
    }
}

/* A folder stands before what is in it, so backwards each is complete in time. */
static void
add_up (PstOfferTree *self)
{
  for (guint i = self->root; i-- > 0;)
    {
      const PstEntry *entry = pst_manifest_get_entry (self->manifest, i);
      Node *node = &self->nodes[i];
      Node *parent = &self->nodes[node->parent];

      node->bytes += entry->size_bytes;
      node->n_files += entry->kind == PST_ENTRY_FILE;
      node->n_leaves += node->n_children == 0;
      node->n_selected = node->n_leaves;
      parent->bytes += node->bytes;
      parent->n_files += node->n_files;
      parent->n_leaves += node->n_leaves;
    }

  self->nodes[self->root].n_selected = self->nodes[self->root].n_leaves;
  self->selected_bytes = self->nodes[self->root].bytes;
  self->selected_files = self->nodes[self->root].n_files;
}

static void
pst_offer_tree_finalize (GObject *object)
{
  PstOfferTree *self = PST_OFFER_TREE (object);

  g_clear_pointer (&self->manifest, pst_manifest_unref);
  g_free (self->nodes);
  g_free (self->children);

  G_OBJECT_CLASS (pst_offer_tree_parent_class)->finalize (object);
}

static void
pst_offer_tree_class_init (PstOfferTreeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pst_offer_tree_finalize;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
pst_offer_tree_init (PstOfferTree *self)
{
}

/**
 * pst_offer_tree_new:
 * @manifest: a complete list
 *
 * Makes the tree in one go: about 50 bytes an entry, and no object for any.
 *
 * Returns: (transfer full): the tree; everything is chosen
 */
PstOfferTree *
pst_offer_tree_new (PstManifest *manifest)
{
  PstOfferTree *self = g_object_new (PST_TYPE_OFFER_TREE, NULL);

  self->manifest = pst_manifest_ref (manifest);
  self->root = pst_manifest_get_n_entries (manifest);
  self->nodes = g_new0 (Node, self->root + 1);
  self->nodes[self->root].parent = self->root;
  find_parents (self);
  list_children (self);
  add_up (self);

  return self;
}

/**
 * pst_offer_tree_get_manifest:
 * @self: a tree
 *
 * Returns: (transfer none): the list it was made from
 */
PstManifest *
pst_offer_tree_get_manifest (PstOfferTree *self)
{
  return self->manifest;
}

/**
 * pst_offer_tree_get_root:
 * @self: a tree
 *
 * Returns: the number that stands for the whole offer; not an entry
 */
guint
pst_offer_tree_get_root (PstOfferTree *self)
{
  return self->root;
}

/**
 * pst_offer_tree_get_name:
 * @self: a tree
 * @entry: an entry
 *
 * Returns: (transfer none): its name as the tree shows it, not escaped: the last
 *   part of its path, or all of it if the tree does not show its folder
 */
const char *
pst_offer_tree_get_name (PstOfferTree *self, guint entry)
{
  const char *path = get_path (self, entry);
  const char *slash = strrchr (path, '/');

  return slash != NULL && self->nodes[entry].parent != self->root ? slash + 1 : path;
}

/**
 * pst_offer_tree_get_n_children:
 * @self: a tree
 * @entry: an entry or the root
 *
 * Returns: how many entries are directly inside
 */
guint
pst_offer_tree_get_n_children (PstOfferTree *self, guint entry)
{
  g_return_val_if_fail (entry <= self->root, 0);

  return self->nodes[entry].n_children;
}

/**
 * pst_offer_tree_get_child:
 * @self: a tree
 * @entry: an entry or the root
 * @position: below pst_offer_tree_get_n_children()
 *
 * Returns: the entry that is directly inside at this place, in the manifest's order
 */
guint
pst_offer_tree_get_child (PstOfferTree *self, guint entry, guint position)
{
  g_return_val_if_fail (entry <= self->root, self->root);
  g_return_val_if_fail (position < self->nodes[entry].n_children, self->root);

  return self->children[self->nodes[entry].first_child + position];
}

/**
 * pst_offer_tree_get_bytes:
 * @self: a tree
 * @entry: an entry or the root
 *
 * Returns: the size of it, or of all files inside
 */
guint64
pst_offer_tree_get_bytes (PstOfferTree *self, guint entry)
{
  g_return_val_if_fail (entry <= self->root, 0);

  return self->nodes[entry].bytes;
}

/**
 * pst_offer_tree_get_n_files:
 * @self: a tree
 * @entry: an entry or the root
 *
 * Returns: how many files it is or has inside
 */
guint
pst_offer_tree_get_n_files (PstOfferTree *self, guint entry)
{
  g_return_val_if_fail (entry <= self->root, 0);

  return self->nodes[entry].n_files;
}

/**
 * pst_offer_tree_get_check:
 * @self: a tree
 * @entry: an entry or the root
 *
 * Returns: how much of it is chosen
 */
PstOfferCheck
pst_offer_tree_get_check (PstOfferTree *self, guint entry)
{
  const Node *node;

  g_return_val_if_fail (entry <= self->root, PST_OFFER_CHECK_NONE);

  node = &self->nodes[entry];
  if (node->n_selected == 0)
    return PST_OFFER_CHECK_NONE;

  return node->n_selected == node->n_leaves ? PST_OFFER_CHECK_ALL : PST_OFFER_CHECK_SOME;
}

static void
count_leaf (PstOfferTree *self, guint leaf, gboolean selected)
{
  const Node *node = &self->nodes[leaf];

  if (selected)
    {
      self->selected_bytes += node->bytes;
      self->selected_files += node->n_files;
    }
  else
    {
      self->selected_bytes -= node->bytes;
      self->selected_files -= node->n_files;
    }
}

/* What is inside stands behind its folder, so one pass forwards finds it all. */
static void
select_inside (PstOfferTree *self, guint entry, gboolean selected)
{
  g_autofree guint8 *inside = g_new0 (guint8, self->root + 1);

  inside[entry] = 1;
  for (guint i = entry == self->root ? 0 : entry; i < self->root; i++)
    {
      Node *node = &self->nodes[i];
      guint n_selected = selected ? node->n_leaves : 0;

      inside[i] |= inside[node->parent];
      if (!inside[i] || node->n_selected == n_selected)
        continue;
      node->n_selected = n_selected;
      if (node->n_children == 0)
        count_leaf (self, i, selected);
    }
}

/**
 * pst_offer_tree_set_selected:
 * @self: a tree
 * @entry: an entry or the root
 * @selected: whether it and all that is inside are wanted
 *
 * Makes a choice. The folders around follow.
 */
void
pst_offer_tree_set_selected (PstOfferTree *self, guint entry, gboolean selected)
{
  guint before;
  guint after;

  g_return_if_fail (entry <= self->root);

  before = self->nodes[entry].n_selected;
  after = selected ? self->nodes[entry].n_leaves : 0;
  if (before == after)
    return;

  select_inside (self, entry, selected);
  for (guint i = entry; i != self->root;)
    {
      i = self->nodes[i].parent;
      self->nodes[i].n_selected += after - before;
    }
  if (entry == self->root)
    self->nodes[entry].n_selected = after;

  g_signal_emit (self, signals[CHANGED], 0);
}

/**
 * pst_offer_tree_get_selected_bytes:
 * @self: a tree
 *
 * Returns: the size of all files that are chosen
 */
guint64
pst_offer_tree_get_selected_bytes (PstOfferTree *self)
{
  return self->selected_bytes;
}

/**
 * pst_offer_tree_get_selected_files:
 * @self: a tree
 *
 * Returns: how many files are chosen
 */
guint
pst_offer_tree_get_selected_files (PstOfferTree *self)
{
  return self->selected_files;
}

/**
 * pst_offer_tree_dup_selection:
 * @self: a tree
 *
 * Gives the choice as pst_app_transfer_accept() takes it: the folders around
 * what is chosen are chosen, too.
 *
 * Returns: (transfer full) (nullable): one byte an entry; %NULL for everything
 */
GBytes *
pst_offer_tree_dup_selection (PstOfferTree *self)
{
  guint8 *selection;

  if (pst_offer_tree_get_check (self, self->root) == PST_OFFER_CHECK_ALL)
    return NULL;

  selection = g_new (guint8, self->root);
  for (guint i = 0; i < self->root; i++)
    selection[i] = self->nodes[i].n_selected > 0;

  return g_bytes_new_take (selection, self->root);
}
