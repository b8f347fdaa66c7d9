/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-manifest.h"

#include <string.h>

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-name-hash.h"
#include "pst-path.h"

/* An entry knows its folder, so that paths can be walked part by part. */
typedef struct _Record Record;
struct _Record
{
  PstEntry entry;
  Record *parent;    /* NULL for the top-level items */
  const char *name;  /* the last part of the path, not terminated in a lookup key */
  gsize name_bytes;
  char text[];       /* the path and the target */
};

struct _PstManifest
{
  gatomicrefcount references;
  GPtrArray *records;
  GHashTable *children; /* set of Records, by parent and name */
  gsize name_bytes;
  guint64 total_bytes;
  guint n_files;
  gboolean sealed;
};

G_DEFINE_BOXED_TYPE (PstManifest, pst_manifest, pst_manifest_ref, pst_manifest_unref)

static guint
hash_record (gconstpointer data)
{
  const Record *record = data;
  guint8 text[sizeof record->parent + PST_PATH_MAX_PART_BYTES];

  memcpy (text, &record->parent, sizeof record->parent);
  memcpy (text + sizeof record->parent, record->name, record->name_bytes);

  return pst_name_hash_bytes (text, sizeof record->parent + record->name_bytes);
}

static gboolean
equal_records (gconstpointer data, gconstpointer other_data)
{
  const Record *record = data;
  const Record *other = other_data;

  return record->parent == other->parent && record->name_bytes == other->name_bytes
         && memcmp (record->name, other->name, record->name_bytes) == 0;
}

static Record *
find_child (PstManifest *self, Record *parent, const char *name, gsize name_bytes)
{
  Record key = { .parent = parent, .name = name, .name_bytes = name_bytes };

  if (name_bytes > PST_PATH_MAX_PART_BYTES)
    return NULL;

  return g_hash_table_lookup (self->children, &key);
}

static Record *
take_step (PstManifest *self, Record *at, const char *part, gsize length)
{
  if (at != NULL && at->entry.kind != PST_ENTRY_FOLDER)
    return NULL;
  if (at != NULL && length == 1 && part[0] == '.')
    return at;
  if (at != NULL && length == 2 && part[0] == '.' && part[1] == '.')
    return at->parent;

  return find_child (self, at, part, length);
}

/* Goes along @path from the folder @at (NULL: the top) as the kernel would if all
 * entries were in place, but follows no link and never leaves the top-level item.
 * Gives where it arrives, NULL if there is nothing. */
static Record *
walk (PstManifest *self, Record *at, const char *path, gsize length)
{
  const char *end = path + length;

  for (const char *part = path, *slash; part != NULL; part = slash != NULL ? slash + 1 : NULL)
    {
      slash = memchr (part, '/', end - part);
      at = take_step (self, at, part, (slash != NULL ? slash : end) - part);
      if (at == NULL)
        return NULL;
    }

  return at;
}

/**
 * pst_manifest_new:
 *
 * Returns: (transfer full): an empty list, open for pst_manifest_append()
 */
PstManifest *
pst_manifest_new (void)
{
  PstManifest *self = g_new0 (PstManifest, 1);

  g_atomic_ref_count_init (&self->references);
  self->records = g_ptr_array_new_with_free_func (g_free);
  self->children = g_hash_table_new (hash_record, equal_records);

  return self;
}

/**
 * pst_manifest_ref:
 * @self: a manifest
 *
 * Returns: (transfer full): @self
 */
PstManifest *
pst_manifest_ref (PstManifest *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

/**
 * pst_manifest_unref:
 * @self: (transfer full): a manifest
 *
 * Gives up a reference; with the last one all entries are freed.
 */
void
pst_manifest_unref (PstManifest *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_hash_table_unref (self->children);
  g_ptr_array_unref (self->records);
  g_free (self);
}

/**
 * pst_manifest_get_n_entries:
 * @self: a manifest
 *
 * Returns: how many entries it has, at most %PST_MANIFEST_MAX_ENTRIES
 */
guint
pst_manifest_get_n_entries (PstManifest *self)
{
  return self->records->len;
}

/**
 * pst_manifest_get_entry:
 * @self: a manifest
 * @index: an index below pst_manifest_get_n_entries()
 *
 * Returns: (transfer none): the entry; it stays where it is as long as @self lives
 */
const PstEntry *
pst_manifest_get_entry (PstManifest *self, guint index)
{
  g_return_val_if_fail (index < self->records->len, NULL);

  return &((Record *) g_ptr_array_index (self->records, index))->entry;
}

/**
 * pst_manifest_get_total_bytes:
 * @self: a manifest
 *
 * Returns: the size of all files together, at most %PST_MANIFEST_MAX_TOTAL_BYTES
 */
guint64
pst_manifest_get_total_bytes (PstManifest *self)
{
  return self->total_bytes;
}

/**
 * pst_manifest_get_memory_bytes:
 * @self: a manifest
 *
 * Returns: about how much memory the list takes
 */
gsize
pst_manifest_get_memory_bytes (PstManifest *self)
{
  /* Beside the record: its places in the array and the table. */
  return self->name_bytes + self->records->len * (sizeof (Record) + 4 * sizeof (gpointer));
}

/**
 * pst_manifest_get_n_files:
 * @self: a manifest
 *
 * Returns: how many entries are files
 */
guint
pst_manifest_get_n_files (PstManifest *self)
{
  return self->n_files;
}

/**
 * pst_manifest_dup_title:
 * @self: a sealed manifest
 *
 * Returns: (transfer full): the name of the one thing in it, escaped for showing,
 *   or how many things there are
 */
char *
pst_manifest_dup_title (PstManifest *self)
{
  guint n_roots = 0;

  for (guint i = 0; i < self->records->len; i++)
    n_roots += ((Record *) g_ptr_array_index (self->records, i))->parent == NULL;

  if (n_roots == 1)
    return pst_escape_name (pst_manifest_get_entry (self, 0)->path, -1);
  return g_strdup_printf ("%u items", n_roots);
}

/**
 * pst_manifest_is_sealed:
 * @self: a manifest
 *
 * Returns: whether pst_manifest_seal() found the list complete and acceptable
 */
gboolean
pst_manifest_is_sealed (PstManifest *self)
{
  return self->sealed;
}

static gboolean
refuse (GError **error, PstError code, const PstEntry *entry, const char *fault)
{
  g_autofree char *shown = pst_escape_name (entry->path, -1);

  g_set_error (error, PST_ERROR, code, "“%s” in the offer %s.", shown, fault);
  return FALSE;
}

/* Gives what is wrong with the members that depend on the kind, or NULL. */
static const char *
fault_of_kind (const PstEntry *entry)
{
  switch (entry->kind)
    {
    case PST_ENTRY_FILE:
      if (entry->size_bytes > PST_MANIFEST_MAX_FILE_BYTES)
        return "is larger than a file can be";
      break;
    case PST_ENTRY_FOLDER:
    case PST_ENTRY_LINK:
      if (entry->size_bytes != 0 || entry->executable)
        return "has what only a file can have";
      break;
    default:
      return "is neither a file nor a folder nor a link";
    }

  if (entry->kind != PST_ENTRY_LINK)
    return entry->target != NULL ? "points somewhere but is no link" : NULL;
  if (entry->target == NULL || entry->target[0] == '\0'
      || strlen (entry->target) > PST_PATH_MAX_BYTES || !g_utf8_validate (entry->target, -1, NULL))
    return "is a link without a proper target";

  return NULL;
}

static gsize
count_name_bytes (const PstEntry *entry)
{
  return strlen (entry->path) + (entry->target != NULL ? strlen (entry->target) : 0);
}

static gboolean
check_room (PstManifest *self, const PstEntry *entry, GError **error)
{
  if (self->records->len >= PST_MANIFEST_MAX_ENTRIES
      || count_name_bytes (entry) > PST_MANIFEST_MAX_NAME_BYTES - self->name_bytes)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_LIMIT,
                           "The offer has too many files; pack them into an archive first.");
      return FALSE;
    }

  if (entry->size_bytes > PST_MANIFEST_MAX_TOTAL_BYTES - self->total_bytes)
    return refuse (error, PST_ERROR_LIMIT, entry, "makes the offer larger than it may be");

  return TRUE;
}

/* Finds out where @entry goes; FALSE if its folder is missing or its place taken. */
static gboolean
find_place (PstManifest *self, const PstEntry *entry, Record *place, GError **error)
{
  const char *slash = strrchr (entry->path, '/');

  place->parent = NULL;
  place->name = slash != NULL ? slash + 1 : entry->path;
  place->name_bytes = strlen (place->name);

  if (slash != NULL)
    {
      place->parent = walk (self, NULL, entry->path, slash - entry->path);
      if (place->parent == NULL || place->parent->entry.kind != PST_ENTRY_FOLDER)
        return refuse (error, PST_ERROR_PROTOCOL, entry, "comes without its folder");
    }

  if (g_hash_table_contains (self->children, place))
    return refuse (error, PST_ERROR_PROTOCOL, entry, "is there twice");

  return TRUE;
}

static Record *
make_record (const PstEntry *entry, const Record *place)
{
  gsize path_size = strlen (entry->path) + 1;
  gsize target_size = entry->target != NULL ? strlen (entry->target) + 1 : 0;
  Record *record = g_malloc (sizeof *record + path_size + target_size);

  record->entry = *entry;
  record->entry.path = memcpy (record->text, entry->path, path_size);
  if (entry->target != NULL)
    record->entry.target = memcpy (record->text + path_size, entry->target, target_size);
  record->parent = place->parent;
  record->name = record->entry.path + (place->name - entry->path);
  record->name_bytes = place->name_bytes;

  return record;
}

/**
 * pst_manifest_append:
 * @self: a manifest that is not sealed
 * @entry: what to append; copied
 * @error: return location for a %PST_ERROR_PROTOCOL, or a %PST_ERROR_LIMIT if
 *   the list would become longer or the files larger than allowed
 *
 * Appends an entry. Its path must pass pst_path_check() and be new, its folder
 * (unless it is a top-level item) must stand before it as a folder; a file is at
 * most %PST_MANIFEST_MAX_FILE_BYTES large; only a link has a target, of at most
 * %PST_PATH_MAX_BYTES bytes of UTF-8. Whether links stay inside is known only
 * when all entries are there: see pst_manifest_seal().
 *
 * Returns: %TRUE if @entry was appended; on failure @self is unchanged
 */
gboolean
pst_manifest_append (PstManifest *self, const PstEntry *entry, GError **error)
{
  const char *fault;
  Record place;
  Record *record;

  g_return_val_if_fail (!self->sealed, FALSE);

  if (!pst_path_check (entry->path, strlen (entry->path), error))
    return FALSE;
  fault = fault_of_kind (entry);
  if (fault != NULL)
    return refuse (error, PST_ERROR_PROTOCOL, entry, fault);
  if (!check_room (self, entry, error) || !find_place (self, entry, &place, error))
    return FALSE;

  record = make_record (entry, &place);
  g_ptr_array_add (self->records, record);
  g_hash_table_add (self->children, record);
  self->name_bytes += count_name_bytes (entry);
  self->total_bytes += entry->size_bytes;
  self->n_files += entry->kind == PST_ENTRY_FILE;

  return TRUE;
}

/**
 * pst_manifest_seal:
 * @self: a manifest that is not sealed
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Declares the list complete and checks what only the whole shows: that there
 * is an entry at all, and that each link stays inside the offer (see
 * pst_manifest_link_is_inside()). From then on the list never changes.
 *
 * Returns: %TRUE if the list is acceptable and now sealed
 */
gboolean
pst_manifest_seal (PstManifest *self, GError **error)
{
  g_return_val_if_fail (!self->sealed, FALSE);

  if (self->records->len == 0)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL, "The offer is empty.");
      return FALSE;
    }

  for (guint i = 0; i < self->records->len; i++)
    {
      const PstEntry *entry = pst_manifest_get_entry (self, i);

      if (entry->kind == PST_ENTRY_LINK
          && !pst_manifest_link_is_inside (self, entry->path, entry->target))
        return refuse (error, PST_ERROR_PROTOCOL, entry, "is a link that leads out of the offer");
    }

  self->sealed = TRUE;
  return TRUE;
}

/**
 * pst_manifest_link_is_inside:
 * @self: a manifest
 * @path: where a link stands or would stand, accepted by pst_path_check()
 * @target: what it contains
 *
 * Tells whether a link names another entry of its own top-level item and gets
 * there through folders of the manifest alone: every part of @target but the
 * last is a folder entry, never a link, also the one each `..` steps out of.
 *
 * Why that is enough: the sink makes each folder entry as a real folder, so the
 * kernel goes exactly the way that was walked here and arrives at the entry
 * found here. If that entry is a link in turn, the same holds for it, from its
 * own folder on. So by induction each step of a chain of links ends at an entry
 * of the item, and the chain ends there or in a loop, which the kernel refuses.
 * No target spells the item's own name or passes above it, so the item may be
 * renamed on arrival. An entry that was not chosen or failed leaves a link that
 * dangles inside the item.
 *
 * Returns: %TRUE if the link may travel; %FALSE too while what it names is not
 *   appended yet
 */
gboolean
pst_manifest_link_is_inside (PstManifest *self, const char *path, const char *target)
{
  g_autofree char *named = pst_path_resolve_link (path, target);
  Record *folder;

  if (named == NULL)
    return FALSE;

  folder = walk (self, NULL, path, strrchr (path, '/') - path);
  return folder != NULL && walk (self, folder, target, strlen (target)) != NULL;
}
