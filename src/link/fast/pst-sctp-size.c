/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-sctp-size.h"

/* IPv4 and IPv6 on Ethernet; IPv6 through a tunnel that takes 20 bytes (6in4); PPPoE;
 * what IPv6 promises (1280 less headers). Large ones: all that DTLS takes, and
 * what a network of jumbo frames carries whole. */
static const guint sizes[] = {
  PST_SCTP_LARGE_PACKET_BYTES, 8800, PST_SCTP_WHOLE_PACKET_BYTES, 1415, 1380, 1280,
};

/* RFC 8899, section 5.1.2: a probe is lost with others, so ask again. */
#define MAX_TRIES 3

/* A large packet that is lost, twice within this time, ends large ones. */
#define LOSS_MEMORY_US  G_USEC_PER_SEC
#define FIRST_REST_US   (10 * G_USEC_PER_SEC)
#define LONGEST_REST_US (600 * G_USEC_PER_SEC)

static void
begin (PstSctpSize *self, guint most_bytes, gint64 next_us)
{
  self->n_probes = 0;
  self->next_us = G_MAXINT64;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    if (sizes[i] <= most_bytes && sizes[i] > self->packet_bytes)
      {
        self->probes[self->n_probes].n_bytes = sizes[i];
        self->probes[self->n_probes].n_tries = 0;
        self->probes[self->n_probes++].answered = FALSE;
        self->next_us = next_us;
      }
}

/**
 * pst_sctp_size_init:
 * @self: uninitialised
 * @most_bytes: the largest packet allowed, in bytes of SCTP
 */
void
pst_sctp_size_init (PstSctpSize *self, guint most_bytes)
{
  *self = (PstSctpSize){
    .packet_bytes = PST_SCTP_BASE_PACKET_BYTES,
    .whole_bytes = PST_SCTP_BASE_PACKET_BYTES,
    .most_bytes = most_bytes,
    .next_us = G_MAXINT64,
    .lost_us = G_MININT64,
    .rest_us = FIRST_REST_US,
  };
}

/**
 * pst_sctp_size_set_most:
 * @self: a size, whose connection is there
 * @most_bytes: the largest packet allowed from now on
 * @now_us: monotonic time
 *
 * Begins to ask for larger packets, or goes back to what is allowed.
 */
void
pst_sctp_size_set_most (PstSctpSize *self, guint most_bytes, gint64 now_us)
{
  self->most_bytes = most_bytes;
  if (self->packet_bytes > most_bytes)
    self->packet_bytes = MIN (self->whole_bytes, most_bytes);
  begin (self, most_bytes, now_us);
}

/* The next size to ask for in this turn: the large ones first. */
static int
find_probe (const PstSctpSize *self)
{
  guint fewest = MAX_TRIES;
  int found = -1;

  for (guint i = 0; i < self->n_probes; i++)
    if (!self->probes[i].answered && self->probes[i].n_bytes > self->packet_bytes
        && self->probes[i].n_tries < fewest)
      {
        fewest = self->probes[i].n_tries;
        found = (int) i;
      }
  return found;
}

/**
 * pst_sctp_size_take_probe:
 * @self: a size
 * @timeout_us: how long an answer may take
 * @now_us: monotonic time
 *
 * Returns: how large a probe should leave now; 0: none
 */
guint
pst_sctp_size_take_probe (PstSctpSize *self, gint64 timeout_us, gint64 now_us)
{
  int found;
  int next;

  if (now_us < self->next_us)
    return 0;

  found = find_probe (self);
  if (found < 0)
    {
      self->next_us = G_MAXINT64;
      return 0;
    }
  /* One turn asks for all sizes at once, the next waits for the answers. */
  self->probes[found].n_tries++;
  next = find_probe (self);
  if (next < 0 || self->probes[next].n_tries >= self->probes[found].n_tries)
    self->next_us = now_us + timeout_us;
  return self->probes[found].n_bytes;
}

/**
 * pst_sctp_size_get_next_us:
 * @self: a size
 *
 * Returns: when to ask for a probe again; %G_MAXINT64: not for now
 */
gint64
pst_sctp_size_get_next_us (const PstSctpSize *self)
{
  return self->next_us;
}

/**
 * pst_sctp_size_answered:
 * @self: a size
 * @n_bytes: of the probe that was answered; a stranger's figure
 *
 * Returns: %TRUE if packets may be larger from now on
 */
gboolean
pst_sctp_size_answered (PstSctpSize *self, guint n_bytes)
{
  for (guint i = 0; i < self->n_probes; i++)
    if (self->probes[i].n_bytes == n_bytes && self->probes[i].n_tries > 0)
      {
        self->probes[i].answered = TRUE;
        if (n_bytes <= PST_SCTP_WHOLE_PACKET_BYTES)
          self->whole_bytes = MAX (self->whole_bytes, n_bytes);
        if (n_bytes <= self->packet_bytes)
          return FALSE;
        self->packet_bytes = n_bytes;
        return TRUE;
      }
  return FALSE;
}

static void
fall_back (PstSctpSize *self, guint packet_bytes, gint64 now_us)
{
  self->packet_bytes = packet_bytes;
  begin (self, self->most_bytes, now_us + self->rest_us);
  self->rest_us = MIN (self->rest_us * 2, LONGEST_REST_US);
}

/**
 * pst_sctp_size_lost:
 * @self: a size
 * @n_bytes: of a packet that was lost
 * @now_us: monotonic time
 *
 * A large packet travels in fragments and is lost with any of them, so that it is
 * for paths without loss alone.
 *
 * Returns: %TRUE if packets must be smaller from now on
 */
gboolean
pst_sctp_size_lost (PstSctpSize *self, guint n_bytes, gint64 now_us)
{
  gboolean again = self->lost_us != G_MININT64 && now_us - self->lost_us < LOSS_MEMORY_US;

  if (n_bytes <= PST_SCTP_WHOLE_PACKET_BYTES || self->packet_bytes <= PST_SCTP_WHOLE_PACKET_BYTES)
    return FALSE;

  self->lost_us = now_us;
  if (again)
    fall_back (self, self->whole_bytes, now_us);
  return again;
}

/**
 * pst_sctp_size_black_hole:
 * @self: a size
 * @now_us: monotonic time
 *
 * Nothing is answered any more: perhaps for the size (RFC 8899, section 4.3).
 *
 * Returns: %TRUE if packets must be smaller from now on
 */
gboolean
pst_sctp_size_black_hole (PstSctpSize *self, gint64 now_us)
{
  self->whole_bytes = PST_SCTP_BASE_PACKET_BYTES;
  if (self->packet_bytes <= PST_SCTP_BASE_PACKET_BYTES)
    return FALSE;
  fall_back (self, PST_SCTP_BASE_PACKET_BYTES, now_us);
  return TRUE;
}
