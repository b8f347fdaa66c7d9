/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that goes on where the receiver has something of it: the digest catches up, and
 * tells how much of that is the same. */
#include "pst-source-private.h"

#include <errno.h>
#include <sodium.h>

/* Takes another digest, of what was read of the file. */
void
pst_reader_set_hash (PstReader *self, PstHash *hash)
{
  pst_hash_free (self->hash);
  self->hash = hash;
}

/* Brings the digest from one place to another. @tally: (nullable): counts that */
GError *
pst_reader_catch_up (
    PstReader *self, const PstEntry *entry, guint64 from, guint64 to, PstTally *tally)
{
  g_autofree guint8 *buffer = NULL;

  if (from == 0)
    pst_hash_restart (self->hash);
  if (from < to)
    buffer = g_malloc (PST_SOURCE_BLOCK_BYTES);

  while (from < to)
    {
      gsize n_bytes = MIN (to - from, PST_SOURCE_BLOCK_BYTES);
      gssize n = pst_source_read (self->fd, buffer, n_bytes, n_bytes, from);

      if (g_cancellable_is_cancelled (self->cancellable))
        return pst_source_explain (entry, PST_ERROR_CANCELLED, "is not wanted any more");
      if (n < 0)
        return pst_source_explain_errno (entry, errno);
      if ((gsize) n < n_bytes)
        return pst_source_explain (entry, PST_ERROR_CHANGED,
                                   "became shorter while it was being sent");
      pst_hash_add (self->hash, buffer, n_bytes);
      if (tally != NULL)
        pst_tally_add (tally, n_bytes);
      from += n_bytes;
    }

  return NULL;
}

static gboolean
is_same_so_far (PstReader *self, const PstHeldPlace *place)
{
  guint8 digest[PST_DIGEST_BYTES];

  pst_hash_read (self->hash, digest);
  return sodium_memcmp (digest, place->digest, sizeof digest) == 0;
}

/* Goes to the farthest place up to which the receiver has the same, or stays at the
 * beginning. */
GError *
pst_reader_find_place (PstReader *self, const PstEntry *entry, const PstHeld *held)
{
  guint64 most_bytes = pst_held_get_most_bytes (self->held, held->entry);
  guint64 end_bytes = self->compared.n_bytes + most_bytes;
  g_autoptr (PstHash) good = NULL;
  GError *error = NULL;
  guint64 done = 0;

  pst_hash_restart (self->hash);
  good = pst_hash_copy (self->hash);
  for (guint i = held->n_places; i-- > 0;)
    {
      error = pst_reader_catch_up (self, entry, done, held->places[i].offset, &self->compared);
      done = held->places[i].offset;
      if (error != NULL || !is_same_so_far (self, &held->places[i]))
        break;
      self->offset = done;
      pst_hash_free (good);
      good = pst_hash_copy (self->hash);
    }

  pst_reader_set_hash (self, g_steal_pointer (&good));
  pst_tally_add (&self->compared, end_bytes - self->compared.n_bytes);
  return error;
}
