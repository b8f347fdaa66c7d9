/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-control.h"
#include "pst-exchange.h"
#include "pst-memory-channel.h"
#include "pst-seal.h"

G_BEGIN_DECLS

/* What @a said to a test that speaks for b. */
typedef struct
{
  guint n_controls[PST_N_CONTROLS];
  guint64 data_bytes;
  guint n_parcels;
  guint n_parcel_files;
  gboolean bye_in_peace;
  PstError bye_reason;
} Heard;

/* Two exchanges, one on each end of a memory channel, with folders to send
 * from and to receive into. */
typedef struct
{
  char *dir;
  char *from;
  char *to;
  PstMemoryChannel *channel_a, *channel_b;
  GBytes *key_ab, *key_ba;
  PstExchange *a, *b;
  PstTransfer *incoming; /* the last one b was offered */
  GError *error_a, *error_b;
  gboolean closed_a, closed_b;
  gboolean lost_a, lost_b; /* and not mended */

  /* Instead of b. */
  PstSeal *hostile_seal, *hostile_opener;
  Heard heard;
  PstTransfer *outgoing;
} Pair;

void pair_set_up (Pair *pair, gconstpointer unused);
void pair_tear_down (Pair *pair, gconstpointer unused);

/* The link goes, with what is under way; another comes, with new keys. */
void pair_cut (Pair *pair);
void pair_mend (Pair *pair);

/* Two more exchanges take the place of those that are closed. */
void pair_renew (Pair *pair);

/* Only a; the test speaks for b with the functions below, and hears what a says. */
void pair_set_up_hostile (Pair *pair, gconstpointer unused);
void hostile_say (Pair *pair, const char *json);
void hostile_say_data (Pair *pair, guint32 id, guint32 entry, guint64 offset, gsize n_bytes);

/* A file of so many zeros goes into a parcel. */
void hostile_add_zeros (GByteArray *parcel, guint32 entry, gsize n_bytes);
void hostile_send_parcel (Pair *pair, GByteArray *parcel);

void hostile_send (Pair *pair, GBytes *frame);
GBytes *hostile_seal (Pair *pair, PstFrameKind kind, const void *bytes, gsize n_bytes);

/* Until all that was said has arrived. */
void hostile_wait (Pair *pair);

char *pair_make_file (Pair *pair, const char *name, gsize n_bytes);
char *pair_make_folder (Pair *pair, const char *name);
PstTransfer *pair_offer (Pair *pair, const char *name);
void pair_accept (Pair *pair);
void pair_on_added (PstExchange *exchange, PstTransfer *transfer, gpointer user_data);
gboolean pair_same_file (const char *one, const char *other);
guint count_names (const char *dir);

/* Runs the main loop until @condition; fails the test after ten seconds, or a minute
 * where there is much to do. */
#define wait_for(condition)      wait_at_most (10, condition)
#define wait_for_long(condition) wait_at_most (60, condition)
#define wait_at_most(seconds, condition)                                                          \
  G_STMT_START                                                                                    \
  {                                                                                               \
    gint64 until_us = g_get_monotonic_time () + (seconds) * G_TIME_SPAN_SECOND;                   \
    g_autoptr (GSource) wake = g_timeout_source_new (50);                                         \
    g_source_set_callback (wake, G_SOURCE_FUNC (return_true), NULL, NULL);                        \
    g_source_attach (wake, NULL);                                                                 \
    while (!(condition))                                                                          \
      {                                                                                           \
        if (g_get_monotonic_time () > until_us)                                                   \
          g_error ("waited in vain for " #condition);                                             \
        g_main_context_iteration (NULL, TRUE);                                                    \
      }                                                                                           \
    g_source_destroy (wake);                                                                      \
  }                                                                                               \
  G_STMT_END

gboolean return_true (gpointer unused);

G_END_DECLS
