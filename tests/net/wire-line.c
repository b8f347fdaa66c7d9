/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One direction of the wire: frames in order, when each arrives, and counts of
 * what has become of them. Frames lie in a ring, where they are read to and
 * written from, so that none is copied but those that faults make late. */
#include "wire-line.h"

#include <string.h>
#include <sys/mman.h>

/* 128 MiB: 300 MB/s for 400 ms. Only what is used takes memory. */
#define RING_BYTES (128 * 1024 * 1024)

#define VIRTIO_BYTES 10

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

/* Waiting times are counted by the millisecond. */
#define MAX_WAIT_MS 1023

typedef struct
{
  gint64 arrival_us;
  gsize length;
} Header;

#define MAX_RECORD_BYTES (sizeof (Header) + PST_WIRE_MAX_FRAME_BYTES + 16)

typedef struct
{
  guint64 frames, bytes, lost, dropped, overrun;
  guint64 duplicated, reordered, corrupted;
  guint64 tcp_bytes, udp_bytes;
  gint64 waited_us, longest_us;
  guint64 waits[MAX_WAIT_MS + 1];
} Passed;

struct _PstWireLine
{
  gint64 rate_bps, delay_us, queue_bytes;
  double loss;
  gboolean no_groups;
  PstWireFaults faults;
  GRand *chance;

  gint64 line_free_us;
  guint8 *ring;
  gsize head, tail, end; /* where the next one goes, the first one is, the last one ends */
  gsize n_frames;
  gboolean is_full;
  GQueue late; /* of Header with the frame behind it, the next one first */
  guint8 overrun[PST_WIRE_MAX_FRAME_BYTES];
  Passed passed;
};

/* Both rates and times may be 0; NULL with errno when there is no memory. */
PstWireLine *
pst_wire_line_new (gint64 rate_bps,
                   gint64 delay_us,
                   gint64 queue_bytes,
                   double loss,
                   gboolean no_groups,
                   guint32 seed)
{
  PstWireLine *self = g_new0 (PstWireLine, 1);

  self->rate_bps = rate_bps;
  self->delay_us = delay_us;
  self->queue_bytes = queue_bytes;
  self->loss = loss;
  self->no_groups = no_groups;
  self->chance = g_rand_new_with_seed (seed);
  self->ring = mmap (NULL, RING_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  return self->ring == MAP_FAILED ? NULL : self;
}

/* What happens to frames that come from now on. */
void
pst_wire_line_set_faults (PstWireLine *self, const PstWireFaults *faults)
{
  self->faults = *faults;
}

void
pst_wire_line_free (PstWireLine *self)
{
  g_queue_clear_full (&self->late, g_free);
  munmap (self->ring, RING_BYTES);
  g_rand_free (self->chance);
  g_free (self);
}

/* Room for the longest frame. In a full ring it goes nowhere. */
guint8 *
pst_wire_line_reserve (PstWireLine *self)
{
  if (self->n_frames == 0)
    self->head = self->tail = self->end = 0;

  if (self->head >= self->tail && RING_BYTES - self->head < MAX_RECORD_BYTES)
    {
      self->end = self->head;
      self->head = 0;
    }
  self->is_full = self->n_frames > 0 && self->head <= self->tail
                  && self->tail - self->head < MAX_RECORD_BYTES;

  return self->is_full ? self->overrun : self->ring + self->head + sizeof (Header);
}

/* Groups other than those of neighbour discovery: 01:00:5e:… of IPv4, and of
 * 33:33:… all but 33:33:ff:…, the solicited-node addresses (RFC 2464, RFC 4291). */
static gboolean
is_group (const guint8 *frame)
{
  return (frame[0] == 0x01 && frame[1] == 0x00 && frame[2] == 0x5e)
         || (frame[0] == 0x33 && frame[1] == 0x33 && frame[2] != 0xff);
}

static guint8
protocol_of (const guint8 *frame, gsize length)
{
  const guint8 *packet = frame + 14;

  if (length >= 14 + 20 && frame[12] == 0x08 && frame[13] == 0x00)
    return packet[9];
  if (length >= 14 + 48 && frame[12] == 0x86 && frame[13] == 0xdd)
    return packet[6] == 44 ? packet[40] : packet[6]; /* 44: a fragment, RFC 8200, 4.5 */

  return 0;
}

static void
count (Passed *passed, const guint8 *frame, gsize length, gint64 waiting_us)
{
  guint8 protocol = protocol_of (frame, length);

  passed->frames++;
  passed->bytes += length;
  passed->tcp_bytes += protocol == PROTOCOL_TCP ? length : 0;
  passed->udp_bytes += protocol == PROTOCOL_UDP ? length : 0;
  passed->waited_us += waiting_us;
  passed->longest_us = MAX (passed->longest_us, waiting_us);
  passed->waits[MIN (waiting_us / 1000, MAX_WAIT_MS)]++;
}

static gboolean
is_taken (PstWireLine *self, const guint8 *frame, gint64 waiting_us)
{
  if (self->is_full)
    self->passed.overrun++;
  else if (self->rate_bps > 0 && waiting_us * self->rate_bps / G_USEC_PER_SEC > self->queue_bytes)
    self->passed.dropped++;
  else if ((self->loss > 0 && g_rand_double (self->chance) < self->loss)
           || (self->no_groups && is_group (frame)))
    self->passed.lost++;
  else
    return TRUE;

  return FALSE;
}

static gboolean
happens (PstWireLine *self, double chance)
{
  return chance > 0 && g_rand_double (self->chance) < chance;
}

static int
compare_arrivals (gconstpointer one, gconstpointer other, gpointer user_data)
{
  const Header *a = one, *b = other;

  return a->arrival_us < b->arrival_us ? -1 : a->arrival_us > b->arrival_us;
}

/* A copy of the frame behind @header arrives some time after it would. */
static void
add_late (PstWireLine *self, const Header *header)
{
  Header *copy = g_memdup2 (header, sizeof *header + header->length);

  copy->arrival_us += 1 + (gint64) (g_rand_double (self->chance) * self->faults.late_us);
  g_queue_insert_sorted (&self->late, copy, compare_arrivals, NULL);
}

/* Returns whether the frame stays where it is, too. */
static gboolean
apply_faults (PstWireLine *self, Header *header)
{
  guint8 *frame = (guint8 *) (header + 1) + VIRTIO_BYTES;

  if (happens (self, self->faults.duplicate))
    {
      self->passed.duplicated++;
      add_late (self, header);
    }
  if (happens (self, self->faults.corrupt)
      && pst_wire_corrupt (frame, header->length - VIRTIO_BYTES, self->chance))
    self->passed.corrupted++;
  if (!happens (self, self->faults.reorder))
    return TRUE;

  self->passed.reordered++;
  add_late (self, header);
  return FALSE;
}

/* LENGTH bytes were read to where pst_wire_line_reserve() said. */
void
pst_wire_line_take (PstWireLine *self, gsize length, gint64 now_us)
{
  Header *header = (Header *) (self->ring + self->head);
  const guint8 *frame = (self->is_full ? self->overrun : (guint8 *) (header + 1)) + VIRTIO_BYTES;
  gint64 waiting_us = MAX (self->line_free_us - now_us, 0);

  if (!is_taken (self, frame, waiting_us))
    return;

  count (&self->passed, frame, length - VIRTIO_BYTES, waiting_us);
  self->line_free_us = MAX (self->line_free_us, now_us);
  if (self->rate_bps > 0)
    self->line_free_us += (gint64) (length - VIRTIO_BYTES) * G_USEC_PER_SEC / self->rate_bps;
  *header = (Header){ .arrival_us = self->line_free_us + self->delay_us, .length = length };
  if (!apply_faults (self, header))
    return;
  self->head += (sizeof *header + length + 15) & ~(gsize) 15;
  self->n_frames++;
}

static const Header *
first_in_ring (const PstWireLine *self)
{
  gboolean is_wrapped = self->end > 0 && self->tail == self->end;

  return self->n_frames == 0 ? NULL : (const Header *) (self->ring + (is_wrapped ? 0 : self->tail));
}

static const Header *
first (const PstWireLine *self)
{
  const Header *in_ring = first_in_ring (self);
  const Header *late = g_queue_peek_head ((GQueue *) &self->late);

  if (in_ring == NULL || late == NULL)
    return in_ring != NULL ? in_ring : late;

  return late->arrival_us < in_ring->arrival_us ? late : in_ring;
}

/* When the next frame arrives; G_MAXINT64 if there is none. */
gint64
pst_wire_line_next_us (const PstWireLine *self)
{
  const Header *header = first (self);

  return header != NULL ? header->arrival_us : G_MAXINT64;
}

/* The first frame, if it has arrived. */
const guint8 *
pst_wire_line_peek (const PstWireLine *self, gint64 now_us, gsize *length)
{
  if (pst_wire_line_next_us (self) > now_us)
    return NULL;

  *length = first (self)->length;
  return (const guint8 *) (first (self) + 1);
}

void
pst_wire_line_drop (PstWireLine *self)
{
  const Header *header = first (self);

  if (header == g_queue_peek_head (&self->late))
    {
      g_free (g_queue_pop_head (&self->late));
      return;
    }
  if (self->end > 0 && self->tail == self->end)
    self->tail = self->end = 0;
  self->tail += (sizeof *header + header->length + 15) & ~(gsize) 15;
  self->n_frames--;
}

static int
wait_ms_of_part (const Passed *passed, double part)
{
  guint64 n_before = 0;

  for (int i = 0; i < MAX_WAIT_MS; i++)
    {
      n_before += passed->waits[i];
      if (n_before >= part * passed->frames)
        return i;
    }

  return MAX_WAIT_MS;
}

/* What has passed since the last call, as a JSON object. */
char *
pst_wire_line_describe (PstWireLine *self)
{
  const Passed *passed = &self->passed;
  char *json = g_strdup_printf (
      "{\"frames\": %" G_GUINT64_FORMAT ", \"bytes\": %" G_GUINT64_FORMAT
      ", \"tcp_bytes\": %" G_GUINT64_FORMAT ", \"udp_bytes\": %" G_GUINT64_FORMAT
      ", \"lost\": %" G_GUINT64_FORMAT ", \"dropped\": %" G_GUINT64_FORMAT
      ", \"overrun\": %" G_GUINT64_FORMAT ", \"duplicated\": %" G_GUINT64_FORMAT
      ", \"reordered\": %" G_GUINT64_FORMAT ", \"corrupted\": %" G_GUINT64_FORMAT
      ", \"wait_mean_ms\": %.3f, \"wait_median_ms\": %d"
      ", \"wait_95_ms\": %d, \"wait_longest_ms\": %.3f}",
      passed->frames, passed->bytes, passed->tcp_bytes, passed->udp_bytes, passed->lost,
      passed->dropped, passed->overrun, passed->duplicated, passed->reordered, passed->corrupted,
      passed->frames > 0 ? passed->waited_us / 1000.0 / passed->frames : 0.0,
      wait_ms_of_part (passed, 0.5), wait_ms_of_part (passed, 0.95), passed->longest_us / 1000.0);

  memset (&self->passed, 0, sizeof self->passed);

  return json;
}
