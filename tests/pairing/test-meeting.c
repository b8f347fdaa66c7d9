/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-meeting.h"

#include <string.h>

static void
fill_secret (guint8 secret[PST_KEY_BYTES])
{
  for (guint i = 0; i < PST_KEY_BYTES; i++)
    secret[i] = i;
}

/* Computed by another implementation of HKDF and SHA-256 (Python's hmac and hashlib)
 * from docs/protocol.md alone. */
static void
test_vectors (void)
{
  guint8 secret[PST_KEY_BYTES];
  g_autofree char *place = pst_meeting_server_place (20784, 3);
  g_autofree char *nearby = pst_meeting_nearby_place ("9f86d081884c7d65");
  g_autoptr (PstMeeting) host = NULL;
  g_autoptr (PstMeeting) guest = NULL;
  g_autofree char *tag = NULL;

  fill_secret (secret);
  host = pst_meeting_new (secret, place, PST_MEETING_HOST);
  guest = pst_meeting_new (secret, nearby, PST_MEETING_GUEST);
  tag = pst_meeting_make_tag (secret, 20784, "9f86d081884c7d65");

  g_assert_cmpstr (place, ==, "server:20784:3");
  g_assert_cmpstr (nearby, ==, "nearby:9f86d081884c7d65");
  g_assert_cmpstr (pst_meeting_get_mailbox (host), ==, "a3a33c7349a09317288b6f545f743254");
  g_assert_cmpstr (pst_meeting_get_password (host), ==,
                   "ef35f8d10bf578f347293e50c1a7076dca3ad235fc9851e686b7e8afeb695a16");
  g_assert_cmpstr (pst_meeting_get_mailbox (guest), ==, "6d9bdc19c98b84574ef1c37910c5f4e1");
  g_assert_cmpstr (tag, ==, "c0b2c5674104fd949d43fbb8af9fbecd");
  g_assert_true (pst_meeting_is_peer (guest, "00112233aab60eec4ce1e78fdc"));
}

/* Each knows the other's side and its own kind, and nobody else's. */
static void
test_sides (void)
{
  static const guint8 secret[PST_KEY_BYTES] = { 1 };
  static const guint8 other[PST_KEY_BYTES] = { 2 };
  g_autoptr (PstMeeting) host = pst_meeting_new (secret, "server:1:0", PST_MEETING_HOST);
  g_autoptr (PstMeeting) again = pst_meeting_new (secret, "server:1:0", PST_MEETING_HOST);
  g_autoptr (PstMeeting) guest = pst_meeting_new (secret, "server:1:0", PST_MEETING_GUEST);
  g_autoptr (PstMeeting) elsewhere = pst_meeting_new (secret, "server:2:0", PST_MEETING_GUEST);
  g_autoptr (PstMeeting) stranger = pst_meeting_new (other, "server:1:0", PST_MEETING_GUEST);

  g_assert_cmpuint (strlen (pst_meeting_get_side (host)), ==, 26);
  g_assert_cmpstr (pst_meeting_get_side (host), !=, pst_meeting_get_side (again));
  g_assert_cmpstr (pst_meeting_get_mailbox (host), ==, pst_meeting_get_mailbox (guest));
  g_assert_cmpstr (pst_meeting_get_password (host), ==, pst_meeting_get_password (guest));
  g_assert_cmpstr (pst_meeting_get_mailbox (host), !=, pst_meeting_get_mailbox (elsewhere));
  g_assert_cmpstr (pst_meeting_get_password (host), !=, pst_meeting_get_password (elsewhere));
  g_assert_cmpstr (pst_meeting_get_mailbox (host), !=, pst_meeting_get_mailbox (stranger));

  g_assert_true (pst_meeting_is_peer (host, pst_meeting_get_side (guest)));
  g_assert_true (pst_meeting_is_peer (guest, pst_meeting_get_side (host)));
  g_assert_true (pst_meeting_is_like_us (host, pst_meeting_get_side (again)));
  g_assert_false (pst_meeting_is_peer (host, pst_meeting_get_side (again)));
  g_assert_false (pst_meeting_is_peer (host, pst_meeting_get_side (elsewhere)));
  g_assert_false (pst_meeting_is_peer (host, pst_meeting_get_side (stranger)));
  g_assert_false (pst_meeting_is_peer (host, ""));
  g_assert_false (pst_meeting_is_peer (host, "0123456789"));
  g_assert_false (pst_meeting_is_peer (host, "0123456789abcdef0123456789"));
}

/* However two clocks differ, up to half a period, one of the guest's two is the
 * host's. */
static void
test_periods (void)
{
  for (gint64 host_s = 1000 * PST_MEETING_PERIOD_S; host_s < 1002 * PST_MEETING_PERIOD_S;
       host_s += 1799)
    for (gint64 off_s = -PST_MEETING_PERIOD_S / 2 + 1; off_s < PST_MEETING_PERIOD_S / 2;
         off_s += 1801)
      {
        guint64 period = pst_meeting_period (host_s);

        g_assert_true (pst_meeting_period (host_s + off_s) == period
                       || pst_meeting_other_period (host_s + off_s) == period);
      }

  g_assert_cmpuint (pst_meeting_period (-5), ==, 0);
  g_assert_cmpuint (pst_meeting_other_period (-5), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meeting/vectors", test_vectors);
  g_test_add_func ("/meeting/sides", test_sides);
  g_test_add_func ("/meeting/periods", test_periods);
  return g_test_run ();
}
