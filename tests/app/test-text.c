/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <string.h>

#include "pst-error.h"
#include "pst-text.h"

#define S(n) ((gint64)(n)*G_USEC_PER_SEC)
#define M(n) S ((n) * (gint64)60)
#define H(n) M ((n) * (gint64)60)
#define FSI  "\xe2\x81\xa8"
#define LRI  "\xe2\x81\xa6"
#define PDI  "\xe2\x81\xa9"
#define NBSP "\xc2\xa0"

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_names (void)
{
  assert_text (pst_text_name ("report.pdf"), FSI "report.pdf" PDI);
  assert_text (pst_text_name ("photo\xe2\x80\xaegpj.exe"), FSI "photo\\u202egpj.exe" PDI);
  assert_text (pst_text_name ("a\nb"), FSI "a\\nb" PDI);
  assert_text (pst_text_name ("end" PDI "!"), FSI "end\\u2069!" PDI);
  assert_text (pst_text_name ("<b>"), FSI "<b>" PDI);
  assert_text (pst_text_name (""), FSI PDI);
}

static void
test_figures (void)
{
  assert_text (pst_text_size (0), "0 bytes");
  assert_text (pst_text_size (1), "1 byte");
  assert_text (pst_text_size (12300000), "12.3" NBSP "MB");
  assert_text (pst_text_rate (12300000), "12.3" NBSP "MB/s");
  assert_text (pst_text_files_and_size (1, 1000), "1 file, 1.0" NBSP "kB");
  assert_text (pst_text_files_and_size (3, 12300000), "3 files, 12.3" NBSP "MB");
  assert_text (pst_text_bytes_of (1200000, 3400000000), "1.2" NBSP "MB of 3.4" NBSP "GB");
  assert_text (pst_text_round_trip (-1), "");
  assert_text (pst_text_round_trip (0), "under 1 ms");
  assert_text (pst_text_round_trip (1499), "1 ms");
  assert_text (pst_text_round_trip (1500), "2 ms");
  assert_text (pst_text_round_trip (G_MAXINT64 / 2), "2147483647 ms");
}

static const struct
{
  gint64 us;
  const char *duration;
  const char *left;
} times[] = {
  { -1, "0 seconds", "" },
  { 0, "0 seconds", "about 5 seconds left" },
  { S (1), "1 second", "about 5 seconds left" },
  { S (6), "6 seconds", "about 10 seconds left" },
  { S (52), "52 seconds", "about 55 seconds left" },
  { S (56), "56 seconds", "about 1 minute left" },
  { S (89), "89 seconds", "about 1 minute left" },
  { S (90), "90 seconds", "about 2 minutes left" },
  { S (170), "3 minutes", "about 3 minutes left" },
  { M (19), "19 minutes", "about 19 minutes left" },
  { M (22), "22 minutes", "about 20 minutes left" },
  { M (23), "23 minutes", "about 25 minutes left" },
  { M (98), "98 minutes", "about 2 hours left" },
  { M (100), "2 hours", "about 2 hours left" },
  { H (47), "47 hours", "about 47 hours left" },
  { H (48), "2 days", "about 2 days left" },
  { G_MAXINT64, "36500 days", "about 36500 days left" },
};

static void
test_times (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      assert_text (pst_text_duration (times[i].us), times[i].duration);
      assert_text (pst_text_time_left (times[i].us), times[i].left);
    }
}

/* While the time left goes down second by second, the text goes down, too, and
 * no text ever comes back. */
static void
test_calm (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *last = g_strdup ("");

  for (gint64 s = 4 * 24 * 60 * 60; s >= 0; s--)
    {
      char *text = pst_text_time_left (S (s));

      if (g_str_equal (text, last))
        {
          g_free (text);
          continue;
        }
      g_free (last);
      last = g_strdup (text);
      g_assert_true (g_hash_table_add (seen, text));
    }

  g_assert_cmpuint (g_hash_table_size (seen), <, 140);
}

static void
test_places (void)
{
  assert_text (pst_text_server ("wss://box.example.org:4000/v1"), LRI "box.example.org" PDI);
  assert_text (pst_text_server ("ws://[fd77::1]:4000"), LRI "fd77::1" PDI);
  assert_text (pst_text_server ("not\nan address"), LRI "not\\nan address" PDI);

  g_assert_cmpstr (pst_text_route (PST_ROUTE_UNKNOWN), ==, "");
  g_assert_cmpstr (pst_text_route (PST_ROUTE_LOCAL), ==, "on this network");
  g_assert_cmpstr (pst_text_route (PST_ROUTE_DIRECT), ==, "directly over the Internet");
  g_assert_cmpstr (pst_text_route (PST_ROUTE_RELAY), ==, "through a relay");

  g_assert_cmpstr (pst_text_route_title (PST_ROUTE_UNKNOWN), ==, "");
  g_assert_cmpstr (pst_text_route_title (PST_ROUTE_LOCAL), ==, "On this network");
  g_assert_cmpstr (pst_text_route_title (PST_ROUTE_DIRECT), ==, "Directly over the Internet");
  g_assert_cmpstr (pst_text_route_title (PST_ROUTE_RELAY), ==, "Through a relay");
}

static void
assert_state (PstTransferState state, const char *outgoing, const char *incoming)
{
  g_assert_cmpstr (pst_text_state_words (state, FALSE, FALSE, NULL), ==, outgoing);
  g_assert_cmpstr (pst_text_state_words (state, TRUE, FALSE, NULL), ==, incoming);
}

static void
test_states (void)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_DISK_FULL, "x");
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  assert_state (PST_TRANSFER_PREPARING, "Preparing the list…", "Receiving the list…");
  assert_state (PST_TRANSFER_OFFERED, "Waiting for them to accept", "Waiting for your answer");
  assert_state (PST_TRANSFER_RUNNING, "Sending", "Receiving");
  assert_state (PST_TRANSFER_HELD_LIMIT, "Held at your speed limit", "Held at their speed limit");
  assert_state (PST_TRANSFER_DONE, "Sent", "Received");
  assert_state (PST_TRANSFER_DECLINED, "Declined by them", "Declined by you");
  assert_state (PST_TRANSFER_FAILED, "Failed", "Failed");
  g_assert_cmpstr (pst_text_state_words (PST_TRANSFER_PREPARING, FALSE, TRUE, NULL), ==,
                   "Waiting in the queue");
  g_assert_cmpstr (pst_text_state_words (PST_TRANSFER_FAILED, TRUE, FALSE, error), ==, "Disk Full");
  g_assert_cmpstr (pst_text_state_words (PST_TRANSFER_FAILED, FALSE, FALSE, error), ==,
                   "Their Disk Is Full");

  for (PstTransferState state = 0; state <= PST_TRANSFER_FAILED; state++)
    {
      const char *words = pst_text_state_words (state, FALSE, FALSE, NULL);

      g_assert_cmpuint (strlen (words), >, 0);
      g_assert_true (g_hash_table_add (seen, (char *)words));
    }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threats/03-shown-escaped/text", test_names);
  g_test_add_func ("/text/figures", test_figures);
  g_test_add_func ("/text/times", test_times);
  g_test_add_func ("/text/calm", test_calm);
  g_test_add_func ("/text/places", test_places);
  g_test_add_func ("/text/states", test_states);

  return g_test_run ();
}
