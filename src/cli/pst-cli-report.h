/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-leftover.h"
#include "pst-peer.h"
#include "pst-transfer.h"

G_BEGIN_DECLS

/* What the writers are told. These are plain values: a writer never sees an
 * object of the engine. Strings are not owned, and not escaped but for titles,
 * people's names and sentences. */

typedef enum
{
  PST_CLI_WAIT_SERVER,  /* a way to meet is being set up */
  PST_CLI_WAIT_PEER,    /* the other person has not come yet */
  PST_CLI_WAIT_SENDER,  /* whoever shows the code is being looked for */
  PST_CLI_WAIT_PAIRING, /* the code is being checked */
  PST_CLI_WAIT_PATH,    /* a path is being looked for */
  PST_CLI_WAIT_OFFER,   /* connected; the other person chooses what to send */
  PST_CLI_WAIT_LINK     /* the connection was lost and is being made again */
} PstCliWait;

typedef enum
{
  PST_CLI_ASK_CODE,
  PST_CLI_ASK_WORDS, /* whether the other person sees the same */
  PST_CLI_ASK_ACCEPT
} PstCliQuestion;

/**
 * PstCliInvite:
 * @code: what the other person enters
 * @link: (nullable): the same as a link
 * @qr: (nullable): the link as a QR code of text lines
 * @server_url: (nullable): the named server; %NULL on this network only
 */
typedef struct
{
  const char *code;
  const char *link;
  const char *qr;
  const char *server_url;
} PstCliInvite;

/**
 * PstCliOffer:
 * @id: the transfer's number
 * @title: its title, escaped already
 * @entries: (element-type PstEntry): everything in it, in order
 * @total_bytes: what it takes
 * @n_files: how many of the entries are files
 * @destination: the folder it would go to
 * @free_bytes: room there; -1 if unknown
 * @there_bytes: about how much is there from an earlier receipt; 0 if nothing is known
 */
typedef struct
{
  guint32 id;
  const char *title;
  GPtrArray *entries;
  guint64 total_bytes;
  guint n_files;
  const char *destination;
  gint64 free_bytes;
  guint64 there_bytes;
} PstCliOffer;

/**
 * PstCliSnapshot:
 *
 * A transfer and its connection at one moment; the members are those of
 * PstTransfer's and PstSession's properties of the same names.
 */
typedef struct
{
  gint64 time_us; /* monotonic */
  guint32 id;
  gboolean incoming;
  const char *title; /* escaped already; empty while unknown */
  PstTransferState state;
  const char *state_name;
  guint64 sent_bytes;
  guint64 written_bytes;
  guint64 total_bytes;
  guint64 kept_bytes;
  guint again_files;
  guint64 checked_bytes;
  guint64 to_check_bytes;
  guint64 rate_bps;
  guint64 mean_rate_bps;
  gint64 time_left_us;
  guint done_files;
  guint total_files;
  guint64 missing_bytes;
  PstJournalTrouble journal_trouble;
  const char *const *result_paths;
  const char *const *left_out; /* sentences */
  guint64 buffered_bytes;
  guint64 low_mark_bytes;
  guint64 high_mark_bytes;
  gint64 buffer_growth_bps;
  gboolean buffer_full;
  gboolean congested;
  gint64 round_trip_us;
  PstRoute route;
} PstCliSnapshot;

G_END_DECLS
