/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sctp-path.h"

#include "pst-sctp-private.h"

typedef struct
{
  gint64 due_us;
  guint64 order;
  guint end; /* where it comes out */
  GBytes *bytes;
} Packet;

static void
packet_free (gpointer data)
{
  Packet *packet = data;

  g_bytes_unref (packet->bytes);
  g_free (packet);
}

static int
compare_packets (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Packet *x = a;
  const Packet *y = b;

  if (x->due_us != y->due_us)
    return x->due_us < y->due_us ? -1 : 1;
  return x->order < y->order ? -1 : 1;
}

Path *
path_new (const PathKind *kind, guint most_packet_bytes)
{
  Path *path = g_new0 (Path, 1);

  path->kind = *kind;
  path->now_us = G_USEC_PER_SEC;
  path->random = g_rand_new_with_seed (7);
  path->under_way = g_sequence_new (packet_free);
  for (guint i = 0; i < 2; i++)
    {
      path->ends[i].path = path;
      path->ends[i].free_us = &path->ends[i].own_free_us;
      path->ends[i].sctp = pst_sctp_new (5000, 5000, most_packet_bytes);
      path->ends[i].sctp->rate.random = i + 1; /* the same in each run */
    }
  return path;
}

void
path_free (Path *path)
{
  for (guint i = 0; i < 2; i++)
    pst_sctp_free (path->ends[i].sctp);
  g_sequence_free (path->under_way);
  g_rand_free (path->random);
  g_free (path);
}

/* Both go through one bottleneck from now on. */
void
path_share (Path *a, Path *b)
{
  for (guint i = 0; i < 2; i++)
    b->ends[i].free_us = &a->ends[i].own_free_us;
  for (guint i = 0; i < 2; i++)
    b->ends[i].sctp->rate.random += 17;
}

/* Before it connects. */
void
path_set_first_tsn (Path *path, guint end, guint32 tsn)
{
  PstSctp *sctp = path->ends[end].sctp;

  pst_outbound_clear (sctp);
  sctp->first_tsn = tsn;
  pst_outbound_init (sctp);
}

static gboolean
chance (Path *path, double probability)
{
  return probability > 0 && g_rand_double (path->random) < probability;
}

static void
add_packet (Path *path, guint end, gint64 due_us, const guint8 *bytes, gsize n_bytes)
{
  static guint64 order;
  Packet *packet = g_new (Packet, 1);
  guint8 *copy = g_memdup2 (bytes, n_bytes);

  if (chance (path, path->kind.corruption))
    copy[g_rand_int_range (path->random, 0, (gint32) n_bytes)] ^= (guint8) (1 << g_rand_int_range (
                                                                                path->random, 0,
                                                                                8));
  packet->due_us = due_us;
  packet->order = order++;
  packet->end = end;
  packet->bytes = g_bytes_new_take (copy, n_bytes);
  g_sequence_insert_sorted (path->under_way, packet, compare_packets, NULL);
}

/* Sends a packet from @from to the other end. */
static void
carry (PathEnd *from, const guint8 *bytes, gsize n_bytes)
{
  Path *path = from->path;
  const PathKind *kind = &path->kind;
  guint to = from == &path->ends[0] ? 1 : 0;
  gint64 leaves_us = path->now_us;

  from->largest_packet_bytes = MAX (from->largest_packet_bytes, n_bytes);
  if (path->filter != NULL && !path->filter (path, 1 - to, bytes, n_bytes))
    return;
  if (kind->cut || (kind->most_bytes > 0 && n_bytes > kind->most_bytes))
    return;
  if (kind->rate_bps > 0)
    {
      gint64 waits_us = MAX (*from->free_us - path->now_us, 0);

      if (kind->queue_bytes > 0
          && (guint64) waits_us * kind->rate_bps / G_USEC_PER_SEC + n_bytes > kind->queue_bytes)
        {
          from->dropped_packets++;
          return;
        }
      from->longest_queue_us = MAX (from->longest_queue_us, waits_us);
      *from->free_us = path->now_us + waits_us
                       + (gint64) (n_bytes * G_USEC_PER_SEC / kind->rate_bps);
      leaves_us = *from->free_us;
    }
  from->carried_packets++;
  if (chance (path, kind->loss))
    return;
  if (chance (path, kind->reordering))
    leaves_us += kind->delay_us / 2;
  add_packet (path, to, leaves_us + kind->delay_us, bytes, n_bytes);
  if (chance (path, kind->duplication))
    add_packet (path, to, leaves_us + kind->delay_us + 10, bytes, n_bytes);
}

/* What a message at this place of the stream must hold. */
static guint8
expected_byte (guint64 offset)
{
  return (guint8) (offset * 31 + (offset >> 8) * 7 + (offset >> 16));
}

/* Of varied messages: mostly around what fits packets, each size comes. */
gsize
path_message_bytes (guint64 number)
{
  static const gsize sizes[] = { 1,     2,     3,     4,
                                 5,     1156,  1171,  1172,
                                 1173,  1188,  1200,  1407,
                                 14688, 16384, 65535, PST_SCTP_MAX_MESSAGE_BYTES };

  if (number % 2 == 0)
    return sizes[number / 2 % G_N_ELEMENTS (sizes)];
  return 1 + number * 7919 % 4000;
}

static gsize
message_bytes_of (const Path *path, guint end, guint64 number)
{
  gsize n_bytes = path->ends[end].message_bytes;

  return n_bytes > 0 ? n_bytes : path_message_bytes (number);
}

static void
feed (PathEnd *end)
{
  while (pst_sctp_get_state (end->sctp) == PST_SCTP_STATE_ESTABLISHED
         && end->sent_bytes < end->to_send_bytes && pst_sctp_wants_more (end->sctp))
    {
      gsize wanted = message_bytes_of (end->path, end == &end->path->ends[1], end->sent_messages);
      gsize n_bytes = MIN (wanted, end->to_send_bytes - end->sent_bytes);
      guint8 *bytes = g_malloc (n_bytes);
      g_autoptr (GBytes) message = NULL;

      for (gsize i = 0; i < n_bytes; i++)
        bytes[i] = expected_byte (end->sent_bytes + i);
      message = g_bytes_new_take (bytes, n_bytes);
      pst_sctp_send (end->sctp, message, 0, 53, TRUE);
      end->sent_bytes += n_bytes;
      end->sent_messages++;
    }
}

static void
collect (PathEnd *end)
{
  const Path *path = end->path;
  guint from = end == &path->ends[0] ? 1 : 0;
  PstSctpMessage *message;

  while ((message = pst_sctp_take_message (end->sctp)) != NULL)
    {
      gsize expected = MIN (message_bytes_of (path, from, end->came_messages),
                            path->ends[from].to_send_bytes - end->came_bytes);

      end->came_wrong |= message->n_bytes != expected || message->protocol != 53;
      for (gsize i = 0; i < message->n_bytes; i++)
        end->came_wrong |= message->bytes[i] != expected_byte (end->came_bytes + i);
      end->came_bytes += message->n_bytes;
      end->came_messages++;
      pst_sctp_message_free (message);
    }
}

static void
turn (PathEnd *end)
{
  guint8 packet[65536];
  guint64 before = end->carried_packets;
  gsize n_bytes;

  do
    {
      feed (end);
      n_bytes = pst_sctp_write_packet (end->sctp, packet, sizeof packet, end->path->now_us);
      if (n_bytes > 0)
        carry (end, packet, n_bytes);
    }
  while (n_bytes > 0);
  end->n_bursts += end->carried_packets > before;
}

/* Hands over all that is due now. */
static void
deliver (Path *path)
{
  GSequenceIter *first;
  gboolean any[2] = { FALSE, FALSE };

  while (first = g_sequence_get_begin_iter (path->under_way), !g_sequence_iter_is_end (first))
    {
      Packet *packet = g_sequence_get (first);
      PathEnd *end = &path->ends[packet->end];

      if (packet->due_us > path->now_us)
        break;
      pst_sctp_receive (end->sctp, g_bytes_get_data (packet->bytes, NULL),
                        g_bytes_get_size (packet->bytes), path->now_us);
      any[packet->end] = TRUE;
      g_sequence_remove (first);
    }
  for (guint i = 0; i < 2; i++)
    if (any[i])
      {
        pst_sctp_end_burst (path->ends[i].sctp, path->now_us);
        collect (&path->ends[i]);
      }
}

static gint64
next_us (Path *path)
{
  GSequenceIter *first = g_sequence_get_begin_iter (path->under_way);
  gint64 next = G_MAXINT64;

  if (!g_sequence_iter_is_end (first))
    next = ((Packet *) g_sequence_get (first))->due_us;
  for (guint i = 0; i < 2; i++)
    next = MIN (next, pst_sctp_get_next_us (path->ends[i].sctp, path->now_us));
  return next;
}

static void
work (Path *path)
{
  path->n_turns++;
  deliver (path);
  for (guint i = 0; i < 2; i++)
    turn (&path->ends[i]);
}

/* Lets time go on for two that share something. */
void
path_run_two (Path *a, Path *b, gint64 until_us)
{
  while (a->now_us < until_us)
    {
      gint64 next;

      work (a);
      work (b);
      next = MAX (MIN (next_us (a), next_us (b)), a->now_us + 1);
      a->now_us = b->now_us = MIN (next, until_us);
    }
}

static gboolean
step (Path *path, gint64 until_us)
{
  gint64 next;

  work (path);
  next = MAX (next_us (path), path->now_us + 1);
  if (next > until_us)
    {
      path->now_us = until_us;
      return FALSE;
    }
  path->now_us = next;
  return TRUE;
}

/* Lets time go on. */
void
path_run (Path *path, gint64 until_us)
{
  while (step (path, until_us))
    ;
}

/* Lets @end send so much more. */
void
path_send (Path *path, guint end, guint64 n_bytes, gsize message_bytes)
{
  path->ends[end].to_send_bytes += n_bytes;
  path->ends[end].message_bytes = message_bytes;
}

gboolean
path_run_until_came (Path *path, guint end, guint64 n_bytes, gint64 within_us)
{
  gint64 until_us = path->now_us + within_us;

  while (path->ends[end].came_bytes < n_bytes && step (path, until_us))
    ;
  return path->ends[end].came_bytes >= n_bytes;
}

gboolean
path_connect (Path *path)
{
  gint64 until_us = path->now_us + 30 * G_USEC_PER_SEC;

  for (guint i = 0; i < 2; i++)
    pst_sctp_connect (path->ends[i].sctp, path->now_us);
  while ((pst_sctp_get_state (path->ends[0].sctp) != PST_SCTP_STATE_ESTABLISHED
          || pst_sctp_get_state (path->ends[1].sctp) != PST_SCTP_STATE_ESTABLISHED)
         && step (path, until_us))
    ;
  return pst_sctp_get_state (path->ends[0].sctp) == PST_SCTP_STATE_ESTABLISHED
         && pst_sctp_get_state (path->ends[1].sctp) == PST_SCTP_STATE_ESTABLISHED;
}
