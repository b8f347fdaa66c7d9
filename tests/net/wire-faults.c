/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a bad wire does to the bytes of a packet. */
#include "wire-faults.h"

#define ETHERNET_BYTES 14
#define UDP_BYTES      8
#define PROTOCOL_UDP   17

/* Such exchanges a packet at most, and how often two bits are looked for. */
#define MAX_EXCHANGES 8
#define MAX_TRIES     100

/* Where what UDP carries begins in an IPv4 packet (RFC 791); 0 if it is none. */
static gsize
payload_of_ipv4 (const guint8 *packet, gsize length)
{
  gsize header_bytes = (packet[0] & 0x0f) * 4;
  gboolean is_later_fragment = (packet[6] & 0x1f) != 0 || packet[7] != 0;

  if (length < header_bytes || packet[9] != PROTOCOL_UDP)
    return 0;

  return header_bytes + (is_later_fragment ? 0 : UDP_BYTES);
}

/* The same of IPv6 (RFC 8200), with no extension but that of a fragment. */
static gsize
payload_of_ipv6 (const guint8 *packet)
{
  gboolean is_fragment = packet[6] == 44;
  gboolean is_later_fragment = is_fragment && (packet[42] != 0 || (packet[43] & 0xf8) != 0);

  if ((is_fragment ? packet[40] : packet[6]) != PROTOCOL_UDP)
    return 0;

  return 40 + (is_fragment ? 8 : 0) + (is_later_fragment ? 0 : UDP_BYTES);
}

static gsize
payload_of (const guint8 *frame, gsize length)
{
  const guint8 *packet = frame + ETHERNET_BYTES;
  gsize start = 0;

  if (length >= ETHERNET_BYTES + 20 && frame[12] == 0x08 && frame[13] == 0x00)
    start = payload_of_ipv4 (packet, length - ETHERNET_BYTES);
  else if (length >= ETHERNET_BYTES + 48 && frame[12] == 0x86 && frame[13] == 0xdd)
    start = payload_of_ipv6 (packet);

  return start > 0 ? ETHERNET_BYTES + start : 0;
}

/* A bit that is set and one of the same weight that is not, changed both: the sum
 * of RFC 768 stays what it was, wherever in the datagram this fragment is. */
static gboolean
exchange (guint8 *payload, gint32 length, GRand *chance)
{
  for (guint i = 0; i < MAX_TRIES; i++)
    {
      guint8 bit = 1 << g_rand_int_range (chance, 0, 8);
      gint32 one = g_rand_int_range (chance, 0, length);
      gint32 other = g_rand_int_range (chance, 0, length);

      if ((one - other) % 2 == 0 && ((payload[one] ^ payload[other]) & bit) != 0)
        {
          payload[one] ^= bit;
          payload[other] ^= bit;
          return TRUE;
        }
    }

  return FALSE;
}

/* Changes some bits of what UDP carries, so that UDP does not notice. Returns
 * whether it did: not with other packets, nor where all bits are the same. */
gboolean
pst_wire_corrupt (guint8 *frame, gsize length, GRand *chance)
{
  gsize start = payload_of (frame, length);
  gint32 n_exchanges = g_rand_int_range (chance, 1, MAX_EXCHANGES + 1);
  gboolean is_changed = FALSE;

  if (start == 0 || length < start + 4)
    return FALSE;
  for (gint32 i = 0; i < n_exchanges; i++)
    is_changed |= exchange (frame + start, length - start, chance);

  return is_changed;
}
