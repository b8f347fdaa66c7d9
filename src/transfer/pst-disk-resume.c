/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receipt that goes on where an earlier one ended: what is there is looked at and
 * hashed anew, byte for byte, and only what the sender then finds to be the same is
 * kept. What the journal says is a hint where to look, never a reason to trust. */
#include "pst-disk-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-open.h"
#include "pst-journal-folder.h"
#include "pst-path.h"

#define READ_BYTES (256 * 1024)

/* What is there of a file. */
typedef struct
{
  char *part_name; /* NULL: it stands under its final name */
  char *final_name;
  ino_t inode;
  guint8 digest[PST_DIGEST_BYTES]; /* of one with its final name */
  GPtrArray *hashes;               /* of PstHash: at each of its places */
} There;

static void
there_free (There *there)
{
  g_free (there->part_name);
  g_free (there->final_name);
  g_clear_pointer (&there->hashes, g_ptr_array_unref);
  g_free (there);
}

/* Forgets what was found, which stays. */
void
pst_disk_forget_there (PstDisk *self)
{
  g_clear_pointer (&self->there, g_hash_table_unref);
  g_clear_pointer (&self->held, g_array_unref);
  g_clear_pointer (&self->former, pst_journal_unref);
}

static int
open_regular (int folder_fd, const char *name, int flags, struct stat *st)
{
  int fd = pst_open_no_link (folder_fd, name, flags | O_NONBLOCK);

  if (fd < 0)
    return -1;
  if (fstat (fd, st) == 0 && S_ISREG (st->st_mode))
    return fd;

  close (fd);
  return -1;
}

/* Adds the bytes from @from to @to of a file to @hash. */
static gboolean
hash_range (PstDisk *self, int fd, guint64 from, guint64 to, PstHash *hash)
{
  g_autofree guint8 *buffer = g_malloc (READ_BYTES);

  while (from < to)
    {
      gssize n = pread (fd, buffer, MIN (to - from, READ_BYTES), from);

      if ((n < 0 && errno != EINTR) || n == 0 || g_atomic_int_get (&self->stopped))
        return FALSE;
      if (n > 0)
        {
          pst_hash_add (hash, buffer, n);
          pst_tally_add (&self->looked, n);
        }
      from += MAX (n, 0);
    }

  return TRUE;
}

static gboolean
is_same_version (const PstJournalFile *file, const PstEntry *entry)
{
  return file->size_bytes == entry->size_bytes && file->mtime_ns == entry->mtime_ns
         && file->executable == entry->executable;
}

static gboolean
is_untouched (const PstJournalFile *file, const struct stat *st)
{
  struct timespec mtime = pst_disk_to_timespec (file->mtime_ns);

  return (guint64) st->st_size == file->size_bytes && st->st_mtim.tv_sec == mtime.tv_sec
         && st->st_mtim.tv_nsec == mtime.tv_nsec;
}

static char *
numbered (const char *name, guint number)
{
  return number == 0 ? g_strdup (name) : pst_path_number (name, number);
}

/* The program may have stopped between giving a name and noting it: then the file
 * stands under one of those that were free. Where a file system in user space, such as
 * the document portal's, numbers its files anew, its size and time tell. */
static char *
find_final_name (int parent_fd, const char *name, const PstJournalFile *file)
{
  struct stat st;

  if (file->number >= 0)
    return numbered (name, file->number);

  for (guint i = 0; i <= MAX_NUMBER; i++)
    {
      g_autofree char *candidate = numbered (name, i);

      if (fstatat (parent_fd, candidate, &st, AT_SYMLINK_NOFOLLOW) != 0)
        break;
      if (S_ISREG (st.st_mode) && (st.st_ino == file->inode || is_untouched (file, &st)))
        return g_steal_pointer (&candidate);
    }

  return NULL;
}

static void
add_place (PstHeld *held, guint64 offset, PstHash *hash)
{
  PstHeldPlace *place;

  /* Farthest first. */
  memmove (&held->places[1], &held->places[0], held->n_places * sizeof held->places[0]);
  place = &held->places[0];
  place->offset = offset;
  pst_hash_read (hash, place->digest);
  held->n_places++;
}

/* Of a whole file under its final name all is there, or nothing. */
static There *
look_at_final (PstDisk *self, const PstEntry *entry, const PstJournalFile *file, PstHeld *held)
{
  g_autofree char *path = pst_disk_local_path (self, entry->path);
  int parent_fd = pst_disk_get_parent_fd (self, path);
  g_autofree char *name = NULL;
  g_autoptr (PstHash) hash = pst_hash_new ();
  struct stat st;
  gboolean same = FALSE;
  There *there;
  int fd;

  if (parent_fd >= 0)
    name = find_final_name (parent_fd, pst_disk_last_part (path), file);
  fd = name != NULL ? open_regular (parent_fd, name, O_RDONLY, &st) : -1;
  if (fd < 0)
    return NULL;

  if (is_untouched (file, &st))
    same = hash_range (self, fd, 0, file->size_bytes, hash);
  close (fd);
  if (!same)
    return NULL;

  add_place (held, file->size_bytes, hash);
  there = g_new0 (There, 1);
  there->final_name = g_steal_pointer (&name);
  there->inode = st.st_ino;
  memcpy (there->digest, held->places[0].digest, sizeof there->digest);
  return there;
}

/* Up to where bytes were safe, and up to where there are any. */
static guint
find_places (const PstJournalFile *file, const struct stat *st, guint64 places[2])
{
  guint64 end = MIN ((guint64) st->st_size, file->size_bytes);
  guint64 safe = file->whole ? end : MIN (file->safe_bytes, end);
  guint n = 0;

  if (safe > 0)
    places[n++] = safe;
  if (end > safe)
    places[n++] = end;
  return n;
}

static There *
look_at_part (PstDisk *self, const PstJournalFile *file, PstHeld *held)
{
  There *there;
  guint64 places[PST_HELD_MAX_PLACES], done = 0;
  g_autoptr (PstHash) hash = pst_hash_new ();
  struct stat st;
  guint n_places;
  int fd = open_regular (self->dest_fd, file->part_name, O_RDONLY, &st);

  if (fd < 0)
    return NULL;

  n_places = st.st_nlink == 1 && st.st_uid == geteuid () ? find_places (file, &st, places) : 0;
  there = g_new0 (There, 1);
  there->part_name = g_strdup (file->part_name);
  there->inode = st.st_ino;
  there->hashes = g_ptr_array_new_with_free_func ((GDestroyNotify) pst_hash_free);
  for (guint i = 0; i < n_places && hash_range (self, fd, done, places[i], hash); i++)
    {
      done = places[i];
      g_ptr_array_add (there->hashes, pst_hash_copy (hash));
      add_place (held, done, hash);
    }
  close (fd);

  if (held->n_places == 0)
    g_clear_pointer (&there, there_free);
  return there;
}

/* Finds what is there of one file. */
static void
look_at (PstDisk *self, guint32 number, const PstJournalFile *file)
{
  const PstEntry *entry = pst_manifest_get_entry (self->manifest, number);
  PstHeld held = { .entry = number };
  There *there = NULL;

  if (is_same_version (file, entry))
    {
      /* Even if it had its final name: a power cut may have taken that. */
      there = look_at_part (self, file, &held);
      if (there == NULL && file->whole)
        there = look_at_final (self, entry, file, &held);
      /* What the person took away is only missing. */
      if (there == NULL)
        return;
    }

  g_array_append_val (self->held, held);
  if (there != NULL)
    g_hash_table_insert (self->there, GUINT_TO_POINTER (number), there);
}

/* Partial files of ours from which nothing goes on. */
static void
drop_others (PstDisk *self)
{
  g_autoptr (GHashTable) kept = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *files = pst_journal_get_files (self->former);
  GHashTableIter iter;
  There *there;

  g_hash_table_iter_init (&iter, self->there);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &there))
    if (there->part_name != NULL)
      g_hash_table_add (kept, there->part_name);

  pst_journal_remove_parts (self->dest_fd, self->random, kept);
  /* New ones are named behind all that there ever were. */
  for (guint i = 0; i < files->len; i++)
    {
      const PstJournalFile *file = g_ptr_array_index (files, i);
      guint64 number = g_ascii_strtoull (strrchr (file->part_name, '-') + 1, NULL, 10);

      if (number < G_MAXUINT32)
        self->n_parts = MAX (self->n_parts, (guint) number + 1);
    }
}

/* Of a file that is wanted what the earlier receipt did to it, if anything. */
static const PstJournalFile *
find_former_file (PstDisk *self, guint32 number)
{
  const PstEntry *entry = pst_manifest_get_entry (self->manifest, number);

  return entry->kind == PST_ENTRY_FILE && pst_disk_is_selected (self, number)
             ? pst_journal_find_file (self->former, entry->path)
             : NULL;
}

/* Counts what look_at() is about to read, so that it can be shown how far it is. */
static void
count_to_look (PstDisk *self, guint32 number, const PstJournalFile *file)
{
  struct stat st;

  if (!is_same_version (file, pst_manifest_get_entry (self->manifest, number)))
    return;
  if (fstatat (self->dest_fd, file->part_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
    pst_tally_add (&self->to_look, MIN ((guint64) st.st_size, file->size_bytes));
  else if (file->whole)
    pst_tally_add (&self->to_look, file->size_bytes);
}

static void
for_each_former_file (PstDisk *self,
                      void (*func) (PstDisk *self, guint32 number, const PstJournalFile *file))
{
  for (guint i = 0; i < pst_manifest_get_n_entries (self->manifest); i++)
    {
      const PstJournalFile *file = find_former_file (self, i);

      if (file != NULL)
        func (self, i, file);
    }
}

/* Looks at what the earlier receipt left. */
void
pst_disk_look (PstDisk *self)
{
  if (self->former == NULL || self->held != NULL)
    return;

  self->held = g_array_new (FALSE, FALSE, sizeof (PstHeld));
  self->there = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) there_free);
  for_each_former_file (self, count_to_look);
  for_each_former_file (self, look_at);

  if (!g_atomic_int_get (&self->stopped))
    drop_others (self);
}

/**
 * pst_disk_stop:
 * @self: a receipt
 *
 * Ends a look at what is there early, as nobody waits for it any more; any thread.
 */
void
pst_disk_stop (PstDisk *self)
{
  g_atomic_int_set (&self->stopped, TRUE);
}

/**
 * pst_disk_get_looked:
 * @self: a receipt
 * @total_bytes: (out): what there is to look at; 0 while that is not known
 *
 * Tells how far the look at what an earlier receipt left is, in whole pieces of
 * %PST_TALLY_PIECE_BYTES; any thread.
 *
 * Returns: the bytes looked at, at most @total_bytes
 */
guint64
pst_disk_get_looked (PstDisk *self, guint64 *total_bytes)
{
  *total_bytes = pst_tally_get_bytes (&self->to_look);
  return MIN (pst_tally_get_bytes (&self->looked), *total_bytes);
}

/**
 * pst_disk_get_held:
 * @self: a receipt that is prepared
 *
 * Returns: (transfer none) (nullable) (element-type PstHeld): what is there of an
 *   earlier receipt, in the order of the manifest. The owner's thread may decide about
 *   it, as no worker looks at what was decided.
 */
GArray *
pst_disk_get_held (PstDisk *self)
{
  return self->held;
}

static gboolean
explain_gone (const PstEntry *entry, GError **error)
{
  g_autofree char *shown = pst_escape_name (entry->path, -1);

  g_set_error (error, PST_ERROR, PST_ERROR_DESTINATION,
               "What was there of “%s” changed meanwhile; receive it again.", shown);
  return FALSE;
}

static gboolean
continue_part (PstDisk *self, guint32 number, const There *there, guint64 offset, GError **error)
{
  const PstEntry *entry = pst_manifest_get_entry (self->manifest, number);
  const PstHeld *held = pst_held_find (self->held, number);
  struct stat st;
  guint place = 0;
  int fd = open_regular (self->dest_fd, there->part_name, O_WRONLY, &st);

  if (fd < 0)
    return explain_gone (entry, error);
  if (st.st_ino != there->inode || st.st_nlink != 1 || (guint64) st.st_size < offset
      || ftruncate (fd, offset) != 0)
    {
      close (fd);
      return explain_gone (entry, error);
    }

  while (place + 1 < held->n_places && held->places[place].offset != offset)
    place++;
  self->fd = fd;
  self->entry = number;
  self->next_entry = number + 1;
  self->offset = offset;
  /* Places are farthest first, digests nearest. */
  pst_hash_free (self->hash);
  self->hash = g_ptr_array_steal_index (there->hashes, there->hashes->len - 1 - place);
  self->partial_name = g_strdup (there->part_name);
  self->noted = TRUE;
  /* Of what was found it is not known whether it ever reached the disk. */
  self->safe_bytes = 0;
  g_hash_table_remove (self->there, GUINT_TO_POINTER (number));
  return pst_disk_checkpoint (self, error);
}

/**
 * pst_disk_continue_file:
 * @self: a receipt
 * @entry: a file's number, of which something is held
 * @offset: one of its places
 * @error: return location for a %PST_ERROR_DESTINATION
 *
 * The sender has the same up to @offset: what is written next goes behind it.
 *
 * Returns: %TRUE if it is still there
 */
gboolean
pst_disk_continue_file (PstDisk *self, guint32 entry, guint64 offset, GError **error)
{
  const There *there = g_hash_table_lookup (self->there, GUINT_TO_POINTER (entry));

  g_return_val_if_fail (there != NULL && self->fd < 0, FALSE);

  /* Under its final name it is whole, and touched no more. */
  return there->part_name == NULL || continue_part (self, entry, there, offset, error);
}

/**
 * pst_disk_restart_file:
 * @self: a receipt
 * @entry: a file's number, of which something is held
 *
 * The sender has another version: the file begins anew. A partial file is removed;
 * one with its final name stays, and the new one gets a number.
 */
void
pst_disk_restart_file (PstDisk *self, guint32 entry)
{
  const There *there = self->there != NULL
                           ? g_hash_table_lookup (self->there, GUINT_TO_POINTER (entry))
                           : NULL;

  if (there == NULL)
    return;
  if (there->part_name != NULL)
    unlinkat (self->dest_fd, there->part_name, 0);
  g_hash_table_remove (self->there, GUINT_TO_POINTER (entry));
}

/* Whether the file came whole in an earlier receipt, and is kept. */
gboolean
pst_disk_is_there (PstDisk *self, guint32 entry)
{
  const There *there = self->there != NULL
                           ? g_hash_table_lookup (self->there, GUINT_TO_POINTER (entry))
                           : NULL;

  return there != NULL && there->part_name == NULL;
}

/* The end of such a file. */
gboolean
pst_disk_finish_there (PstDisk *self,
                       guint32 number,
                       const guint8 digest[PST_DIGEST_BYTES],
                       GError **error)
{
  const PstEntry *entry = pst_manifest_get_entry (self->manifest, number);
  const There *there = g_hash_table_lookup (self->there, GUINT_TO_POINTER (number));

  if (sodium_memcmp (there->digest, digest, PST_DIGEST_BYTES) != 0)
    {
      g_autofree char *shown = pst_escape_name (entry->path, -1);

      g_set_error (error, PST_ERROR, PST_ERROR_TAMPERED,
                   "“%s” is not what the other side said it was.", shown);
      return FALSE;
    }

  if (strchr (entry->path, '/') == NULL)
    pst_disk_add_result (self, there->final_name);
  self->next_entry = number + 1;
  self->n_named++;
  return TRUE;
}
