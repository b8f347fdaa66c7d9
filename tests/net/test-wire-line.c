/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One direction of the wire: what goes in comes out, in order, when it is due. */
#include "wire-line.h"

#include <string.h>

static void
put (PstWireLine *line, guint8 mark, gsize length, gint64 now_us)
{
  memset (pst_wire_line_reserve (line), mark, length);
  pst_wire_line_take (line, length, now_us);
}

static void
assert_next (PstWireLine *line, guint8 mark, gsize expected_length)
{
  gsize length = 0;
  const guint8 *frame = pst_wire_line_peek (line, G_MAXINT64 - 1, &length);

  g_assert_nonnull (frame);
  g_assert_cmpuint (length, ==, expected_length);
  g_assert_cmpuint (frame[0], ==, mark);
  g_assert_cmpuint (frame[length - 1], ==, mark);
  pst_wire_line_drop (line);
}

static gint64
count_of (PstWireLine *line, const char *member)
{
  g_autofree char *json = pst_wire_line_describe (line);
  g_autofree char *key = g_strdup_printf ("\"%s\": ", member);
  const char *found = strstr (json, key);

  g_assert_nonnull (found);

  return g_ascii_strtoll (found + strlen (key), NULL, 10);
}

static gsize
length_of (guint i)
{
  return i % 3 == 0 ? PST_WIRE_MAX_FRAME_BYTES - i % 100 : 100 + i % 1400;
}

/* Several times round the ring, with some frames always under way. */
static void
test_order (void)
{
  PstWireLine *line = pst_wire_line_new (0, 0, 0, 0, FALSE, 1);
  const guint n_frames = 20000, n_under_way = 2500;

  for (guint i = 0; i < n_frames + n_under_way; i++)
    {
      if (i < n_frames)
        put (line, i % 251, length_of (i), 0);
      if (i >= n_under_way)
        assert_next (line, (i - n_under_way) % 251, length_of (i - n_under_way));
    }
  g_assert_cmpint (pst_wire_line_next_us (line), ==, G_MAXINT64);
  g_assert_cmpint (count_of (line, "overrun"), ==, 0);
  pst_wire_line_free (line);
}

/* What does not fit is counted; what is there stays whole. */
static void
test_full (void)
{
  PstWireLine *line = pst_wire_line_new (0, 0, 0, 0, FALSE, 1);
  gint64 n_lost;

  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < 3000; i++)
        put (line, i % 251, PST_WIRE_MAX_FRAME_BYTES, 0);
      n_lost = count_of (line, "overrun");
      g_assert_cmpint (n_lost, >, 500);
      g_assert_cmpint (n_lost, <, 1500);
      for (guint i = 0; i < 3000 - n_lost; i++)
        assert_next (line, i % 251, PST_WIRE_MAX_FRAME_BYTES);
      g_assert_cmpint (pst_wire_line_next_us (line), ==, G_MAXINT64);
    }
  pst_wire_line_free (line);
}

static void
test_due (void)
{
  PstWireLine *line = pst_wire_line_new (1000000, 5000, 3000, 0, FALSE, 1);
  gsize length;

  /* A virtio header does not count: 1,000 bytes take a millisecond. */
  for (guint i = 0; i < 3; i++)
    put (line, i, 1010, 100);
  g_assert_cmpint (pst_wire_line_next_us (line), ==, 100 + 1000 + 5000);
  g_assert_null (pst_wire_line_peek (line, 6099, &length));
  g_assert_nonnull (pst_wire_line_peek (line, 6100, &length));
  assert_next (line, 0, 1010);
  g_assert_cmpint (pst_wire_line_next_us (line), ==, 100 + 2000 + 5000);

  /* 3,000 bytes may wait, and do; then there is room for one more. */
  put (line, 3, 1010, 100);
  put (line, 4, 1010, 100);
  put (line, 5, 1010, 1100);
  g_assert_cmpint (count_of (line, "dropped"), ==, 1);
  for (guint i = 1; i < 4; i++)
    assert_next (line, i, 1010);
  assert_next (line, 5, 1010);
  pst_wire_line_free (line);
}

static guint
lost_of_10000 (guint32 seed, guint8 *pattern)
{
  PstWireLine *line = pst_wire_line_new (0, 0, 0, 0.01, FALSE, seed);
  gint64 n_lost;

  for (guint i = 0; i < 10000; i++)
    {
      put (line, 0, 100, 0);
      pattern[i] = pst_wire_line_next_us (line) != G_MAXINT64;
      if (pattern[i])
        pst_wire_line_drop (line);
    }
  n_lost = count_of (line, "lost");
  pst_wire_line_free (line);

  return n_lost;
}

static void
test_loss (void)
{
  static guint8 one[10000], same[10000], other[10000];
  guint n_lost = lost_of_10000 (1, one);

  g_assert_cmpuint (n_lost, >, 50);
  g_assert_cmpuint (n_lost, <, 150);
  g_assert_cmpuint (lost_of_10000 (1, same), ==, n_lost);
  lost_of_10000 (2, other);
  g_assert_cmpmem (one, sizeof one, same, sizeof same);
  g_assert_cmpint (memcmp (one, other, sizeof one), !=, 0);
}

/* Each arrives, and the second time within the time set. */
static void
test_duplicate (void)
{
  const PstWireFaults faults = { .duplicate = 1, .late_us = 1000 };
  PstWireLine *line = pst_wire_line_new (0, 5000, 0, 0, FALSE, 1);
  gsize length;

  pst_wire_line_set_faults (line, &faults);
  for (guint i = 0; i < 3; i++)
    put (line, i, 100 + i, 10000 * i);
  for (guint i = 0; i < 3; i++)
    {
      assert_next (line, i, 100 + i);
      g_assert_cmpint (pst_wire_line_next_us (line), >, 10000 * i + 5000);
      g_assert_nonnull (pst_wire_line_peek (line, 10000 * i + 6001, &length));
      assert_next (line, i, 100 + i);
    }
  g_assert_cmpint (pst_wire_line_next_us (line), ==, G_MAXINT64);
  g_assert_cmpint (count_of (line, "duplicated"), ==, 3);
  pst_wire_line_free (line);
}

/* Each arrives once and whole, some after others that came later. */
static void
test_reorder (void)
{
  const PstWireFaults faults = { .reorder = 0.2, .late_us = 1000 };
  PstWireLine *line = pst_wire_line_new (0, 0, 0, 0, FALSE, 1);
  guint8 times[250] = { 0 };
  guint n_behind = 0;

  pst_wire_line_set_faults (line, &faults);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    put (line, i, length_of (i), 100 * i);
  for (guint i = 0, last = 0; i < G_N_ELEMENTS (times); i++)
    {
      gsize length;
      guint mark = *pst_wire_line_peek (line, G_MAXINT64 - 1, &length);

      n_behind += mark < last;
      last = MAX (last, mark);
      times[mark]++;
      assert_next (line, mark, length_of (mark));
    }
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    g_assert_cmpuint (times[i], ==, 1);
  g_assert_cmpuint (n_behind, >, 20);
  g_assert_cmpuint (n_behind, <=, count_of (line, "reordered"));
  pst_wire_line_free (line);
}

/* IPv4 or IPv6, whole or the second of two fragments; the rest is random. */
static gsize
make_packet (guint8 *frame, gboolean ipv6, guint8 protocol, gboolean is_fragment, GRand *chance)
{
  guint8 *packet = frame + 14;

  for (guint i = 0; i < 1200; i++)
    frame[i] = g_rand_int (chance);
  frame[12] = ipv6 ? 0x86 : 0x08;
  frame[13] = ipv6 ? 0xdd : 0x00;
  packet[0] = ipv6 ? 0x60 : 0x45;
  if (ipv6)
    {
      packet[6] = is_fragment ? 44 : protocol;
      packet[40] = protocol;
      packet[42] = 1; /* not the first fragment */
    }
  else
    {
      packet[6] = is_fragment ? 1 : 0;
      packet[7] = 0;
      packet[9] = protocol;
    }

  return 14 + (ipv6 ? 40 : 20) + (ipv6 && is_fragment ? 8 : 0) + (is_fragment ? 0 : 8);
}

/* RFC 1071. */
static guint16
sum_of (const guint8 *bytes, gsize length)
{
  guint64 sum = 0;

  for (gsize i = 0; i < length; i++)
    sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);

  return sum;
}

static void
assert_corrupted (guint kind, GRand *chance)
{
  guint8 frame[1200], before[1200];
  gsize start = make_packet (frame, kind & 1, 17, kind & 2, chance);
  gsize length = 1200 - kind % 3;
  guint n_changed = 0;

  memcpy (before, frame, sizeof frame);
  g_assert_true (pst_wire_corrupt (frame, length, chance));
  g_assert_cmpmem (frame, start, before, start);
  g_assert_cmpmem (frame + length, 1200 - length, before + length, 1200 - length);
  for (gsize i = start; i < length; i++)
    n_changed += frame[i] != before[i];
  g_assert_cmpuint (n_changed, >=, 2);
  g_assert_cmpuint (sum_of (frame + start, length - start), ==,
                    sum_of (before + start, length - start));
}

/* What UDP carries, and nothing else; UDP does not notice. */
static void
test_corrupt (void)
{
  GRand *chance = g_rand_new_with_seed (1);
  guint8 frame[1200];

  for (guint i = 0; i < 1000; i++)
    assert_corrupted (i, chance);
  for (guint ipv6 = 0; ipv6 < 2; ipv6++)
    {
      gsize start = make_packet (frame, ipv6, 17, FALSE, chance);

      g_assert_false (pst_wire_corrupt (frame, start + 3, chance));
      for (gsize length = 0; length < start; length++)
        g_assert_false (pst_wire_corrupt (frame, length, chance));
      memset (frame + start, 0, 100); /* no two bits to exchange */
      g_assert_false (pst_wire_corrupt (frame, start + 100, chance));
      make_packet (frame, ipv6, 6, FALSE, chance);
      g_assert_false (pst_wire_corrupt (frame, sizeof frame, chance));
    }
  g_rand_free (chance);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire-line/order", test_order);
  g_test_add_func ("/wire-line/full", test_full);
  g_test_add_func ("/wire-line/due", test_due);
  g_test_add_func ("/wire-line/loss", test_loss);
  g_test_add_func ("/wire-line/duplicate", test_duplicate);
  g_test_add_func ("/wire-line/reorder", test_reorder);
  g_test_add_func ("/wire-line/corrupt", test_corrupt);

  return g_test_run ();
}
