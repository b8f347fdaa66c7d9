/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-digest.h"

G_BEGIN_DECLS

/* A file may be there up to two places: to the one that is known to have survived
 * a power cut, and to the end of what is there. */
#define PST_HELD_MAX_PLACES 2

/* A file goes on behind @offset bytes if their BLAKE2b-256 is @digest. */
typedef struct
{
  guint64 offset;
  guint8 digest[PST_DIGEST_BYTES];
} PstHeldPlace;

/**
 * PstHeld:
 * @entry: the file's number in the manifest
 * @n_places: how many of @places there are; 0 if what is there is of another version
 * @places: where the file can go on, farthest first
 * @decided: whether the sender has said where it goes on
 * @kept_bytes: once decided: from where; 0 if it is sent from its beginning
 *
 * What a receiver has of a file from an earlier receipt.
 */
typedef struct
{
  guint32 entry;
  guint n_places;
  PstHeldPlace places[PST_HELD_MAX_PLACES];
  gboolean decided;
  guint64 kept_bytes;
} PstHeld;

PstHeld *pst_held_find (GArray *held, guint32 entry);
gboolean pst_held_has_place (const PstHeld *self, guint64 offset);
gboolean pst_held_is_kept (const PstHeld *self);
guint64 pst_held_get_most_bytes (GArray *held, guint32 entry);
guint64 pst_held_sum_most_bytes (GArray *held, guint32 n_entries);
guint64 pst_held_get_kept_bytes (GArray *held, guint32 entry);

G_END_DECLS
