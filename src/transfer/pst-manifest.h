/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  PST_ENTRY_FILE,
  PST_ENTRY_FOLDER,
  PST_ENTRY_LINK
} PstEntryKind;

/**
 * PstEntry:
 * @kind: file, folder or symbolic link
 * @path: relative path, `/`-separated, checked by pst_path_check()
 * @target: (nullable): where a link points, relative to its own folder
 * @size_bytes: a file's size; 0 for the others
 * @mtime_ns: modification time, nanoseconds since 1970
 * @executable: whether the owner may execute a file
 *
 * One thing that is offered. Its index in the manifest is its number on the wire.
 */
typedef struct
{
  PstEntryKind kind;
  char *path;
  char *target;
  guint64 size_bytes;
  gint64 mtime_ns;
  gboolean executable;
} PstEntry;

/* A stranger's list must fit in memory: the names of a hundred thousand files
 * with room to spare. */
#define PST_MANIFEST_MAX_ENTRIES    200000
#define PST_MANIFEST_MAX_NAME_BYTES (24 * 1024 * 1024)
#define PST_MANIFEST_MAX_FILE_BYTES (G_GUINT64_CONSTANT (1) << 60)

/* So that each count of bytes is a whole number of JSON. */
#define PST_MANIFEST_MAX_TOTAL_BYTES ((guint64) G_MAXINT64)

/* Boxed, reference-counted, immutable once it is sealed (complete). */
typedef struct _PstManifest PstManifest;

#define PST_TYPE_MANIFEST (pst_manifest_get_type ())
GType pst_manifest_get_type (void);

PstManifest *pst_manifest_ref (PstManifest *self);
void pst_manifest_unref (PstManifest *self);
guint pst_manifest_get_n_entries (PstManifest *self);
const PstEntry *pst_manifest_get_entry (PstManifest *self, guint index);
guint64 pst_manifest_get_total_bytes (PstManifest *self);
gsize pst_manifest_get_memory_bytes (PstManifest *self);
char *pst_manifest_dup_title (PstManifest *self);
guint pst_manifest_get_n_files (PstManifest *self);

/* Building: append in order (a folder before what is in it), then seal. */
PstManifest *pst_manifest_new (void);
gboolean pst_manifest_append (PstManifest *self, const PstEntry *entry, GError **error);
gboolean pst_manifest_seal (PstManifest *self, GError **error);
gboolean pst_manifest_is_sealed (PstManifest *self);

/* On the wire: parts of the list, each a JSON array that prints to at most
 * @max_bytes (unless a single entry is longer). */
JsonArray *pst_manifest_write_part (PstManifest *self, guint *next_index, gsize max_bytes);
gboolean pst_manifest_read_part (PstManifest *self, JsonArray *part, GError **error);

/* Links that name another entry of the same top-level item stay; the reader
 * refuses all others, the sender asks before it appends. */
gboolean pst_manifest_link_is_inside (PstManifest *self, const char *path, const char *target);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstManifest, pst_manifest_unref)

G_END_DECLS
