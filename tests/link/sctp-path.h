/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-sctp.h"

G_BEGIN_DECLS

/* A path between two associations in a time of its own: nothing waits, and each
 * run with the same seed sees the same losses. */
typedef struct
{
  gint64 delay_us;     /* one way */
  guint64 rate_bps;    /* bytes a second; 0: any */
  guint64 queue_bytes; /* in front of the rate; 0: any */
  double loss;         /* of packets */
  double duplication;
  double corruption; /* one bit */
  double reordering; /* a packet that takes half a delay longer */
  guint most_bytes;  /* larger packets vanish; 0: none */
  gboolean cut;      /* everything vanishes */
} PathKind;

typedef struct _Path Path;

/* Whether a packet may leave; for what chance alone does not find. */
typedef gboolean (*PathFilter) (Path *path, guint end, const guint8 *packet, gsize n_bytes);

typedef struct
{
  Path *path;
  PstSctp *sctp;
  gint64 own_free_us;
  gint64 *free_us; /* when what was queued towards the other side has left */
  guint64 n_bursts; /* packets left together so often */
  guint64 carried_packets;
  guint64 dropped_packets;
  guint64 largest_packet_bytes;
  gint64 longest_queue_us;

  guint64 to_send_bytes; /* messages of these are made as they are wanted */
  gsize message_bytes;   /* 0: another size each time */
  guint64 sent_bytes;
  guint64 sent_messages;
  guint64 came_bytes;
  guint64 came_messages;
  gboolean came_wrong;
} PathEnd;

struct _Path
{
  PathKind kind;
  gint64 now_us;
  GRand *random;
  GSequence *under_way;
  PathEnd ends[2];
  PathFilter filter; /* (nullable) */
  guint64 n_turns;   /* how often the ends were asked for packets */
};

Path *path_new (const PathKind *kind, guint most_packet_bytes);
void path_free (Path *path);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Path, path_free)

void path_send (Path *path, guint end, guint64 n_bytes, gsize message_bytes);
void path_run (Path *path, gint64 until_us);
void path_run_two (Path *a, Path *b, gint64 until_us);
void path_share (Path *a, Path *b);
void path_set_first_tsn (Path *path, guint end, guint32 tsn);
gsize path_message_bytes (guint64 number);
gboolean path_run_until_came (Path *path, guint end, guint64 n_bytes, gint64 within_us);
gboolean path_connect (Path *path);

G_END_DECLS
