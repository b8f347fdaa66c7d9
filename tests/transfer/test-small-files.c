/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small files share frames where both sides understand that. */
#include "pair.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pst-error.h"
#include "pst-flow.h"
#include "pst-parcel.h"

#define state_is(transfer, STATE) (pst_transfer_get_state (transfer) == PST_TRANSFER_##STATE)

#define HELLO(more)  "{\"t\":\"hello\",\"v\":1" more "}"
#define ACCEPT(n)    "{\"t\":\"accept\",\"id\":1,\"window\":" #n "}"
#define FILE(p, s)   "{\"p\":\"" p "\",\"k\":\"f\",\"s\":" #s ",\"m\":0}"
#define OFFER(files) "{\"t\":\"offer\",\"id\":2,\"part\":0,\"last\":true,\"entries\":[" files "]}"

/* The longest that goes into a parcel: a piece of a file may be as long as that. */
#define LONGEST_BYTES (PST_FRAME_MAX_DATA_BYTES - PST_PARCEL_HEADER_BYTES - PST_PARCEL_RECORD_BYTES)

static const gsize sizes[] = { 0, 1,      4095, 4096, 10000, LONGEST_BYTES, LONGEST_BYTES + 1,
                               0, 200000, 0,    5 };
#define N_SMALL 9 /* of them */

static void
make_files (Pair *pair, const char *folder, const gsize *n_bytes, guint n)
{
  g_free (pair_make_folder (pair, folder));
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%03u", folder, i);

      g_free (pair_make_file (pair, name, n_bytes[i]));
    }
}

/* So many of the same size. */
static void
make_many (Pair *pair, const char *folder, gsize n_bytes, guint n)
{
  g_autofree gsize *all = g_new (gsize, n);

  for (guint i = 0; i < n; i++)
    all[i] = n_bytes;
  make_files (pair, folder, all, n);
}

static void
assert_all_arrived (Pair *pair, const char *folder, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *sent = g_strdup_printf ("%s/%s/%03u", pair->from, folder, i);
      g_autofree char *got = g_strdup_printf ("%s/%s/%03u", pair->to, folder, i);

      g_assert_true (pair_same_file (sent, got));
    }
}

static void
test_arrive (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = NULL;

  make_files (pair, "some", sizes, G_N_ELEMENTS (sizes));
  out = g_object_ref (pair_offer (pair, "some"));
  pair_accept (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_all_arrived (pair, "some", G_N_ELEMENTS (sizes));
  g_assert_cmpuint (pst_transfer_get_done_files (pair->incoming), ==, G_N_ELEMENTS (sizes));
  g_assert_cmpuint (pst_transfer_get_sent_bytes (out), ==,
                    pst_transfer_get_written_bytes (pair->incoming));
}

/* The link is replaced while they are on their way, more than once. */
static void
test_link_replaced (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = NULL;

  make_many (pair, "some", 10000, 600);
  out = g_object_ref (pair_offer (pair, "some"));
  pair_accept (pair);
  for (guint n = 100; n <= 400; n += 150)
    {
      wait_for (pst_transfer_get_done_files (pair->incoming) >= n);
      pair_cut (pair);
      pair_mend (pair);
    }
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_all_arrived (pair, "some", 600);
}

static void
offer_some (Pair *pair, const char *hello, const char *accept)
{
  hostile_say (pair, hello);
  pair->outgoing = g_object_ref (pair_offer (pair, "some"));
  wait_for (pair->heard.n_controls[PST_CONTROL_OFFER] == 1);
  hostile_say (pair, accept);
}

static void
test_share_frames (Pair *pair, gconstpointer unused)
{
  make_files (pair, "some", sizes, G_N_ELEMENTS (sizes));
  offer_some (pair, HELLO (",\"parcels\":true"), ACCEPT (16777216));
  wait_for (state_is (pair->outgoing, VERIFYING));
  wait_for (pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_a)) == 0);
  g_assert_cmpuint (pair->heard.n_parcel_files, ==, N_SMALL);
  g_assert_cmpuint (pair->heard.n_parcels, <, N_SMALL);
  g_assert_cmpuint (pair->heard.n_controls[PST_CONTROL_ENTRY_DONE], ==,
                    G_N_ELEMENTS (sizes) - N_SMALL);
  g_assert_cmpuint (pair->heard.data_bytes, ==, pst_transfer_get_sent_bytes (pair->outgoing));
}

/* Who does not say that it understands them gets none. */
static void
test_not_understood (Pair *pair, gconstpointer hello)
{
  make_files (pair, "some", sizes, G_N_ELEMENTS (sizes));
  offer_some (pair, hello, ACCEPT (16777216));
  wait_for (state_is (pair->outgoing, VERIFYING));
  wait_for (pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_a)) == 0);
  g_assert_cmpuint (pair->heard.n_parcels, ==, 0);
  g_assert_cmpuint (pair->heard.n_controls[PST_CONTROL_ENTRY_DONE], ==, G_N_ELEMENTS (sizes));
}

/* A parcel has no more bytes than there is credit for. */
static void
test_credit (Pair *pair, gconstpointer unused)
{
  make_many (pair, "some", 10000, 10);
  offer_some (pair, HELLO (",\"parcels\":true"), ACCEPT (25000));
  wait_for (pair->heard.data_bytes == 20000);
  g_assert_cmpuint (pair->heard.n_parcel_files, ==, 2);
  hostile_say (pair, "{\"t\":\"credit\",\"id\":1,\"received\":20000,\"written\":20000,"
                     "\"window\":9999}");
  hostile_wait (pair);
  g_assert_cmpuint (pair->heard.data_bytes, ==, 20000);
  hostile_say (pair, "{\"t\":\"credit\",\"id\":1,\"received\":20000,\"written\":20000,"
                     "\"window\":80000}");
  wait_for (state_is (pair->outgoing, VERIFYING) && pair->heard.n_parcel_files == 10);
}

/* The ends of empty files wait for room like everything else. */
static void
test_empty_files_wait_for_room (Pair *pair, gconstpointer unused)
{
  make_many (pair, "some", 0, 4000);
  hostile_say (pair, HELLO (""));
  pair->outgoing = g_object_ref (pair_offer (pair, "some"));
  wait_for (state_is (pair->outgoing, OFFERED)
            && pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_a)) == 0);
  pst_memory_channel_set_blocked (pair->channel_a, TRUE);
  hostile_say (pair, ACCEPT (0));
  wait_for (state_is (pair->outgoing, HELD_NETWORK));
  g_assert_cmpuint (pst_memory_channel_get_max_buffered (pair->channel_a), <=,
                    PST_FLOW_HIGH_MARK_BYTES + PST_FRAME_MAX_BYTES);
  pst_memory_channel_set_blocked (pair->channel_a, FALSE);
  pst_transfer_cancel (pair->outgoing);
}

static void
assert_zeros (Pair *pair, const char *name, gsize n_bytes)
{
  g_autofree char *path = g_build_filename (pair->to, name, NULL);
  g_autofree char *zeros = g_malloc0 (n_bytes + 1);
  g_autofree char *bytes = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  g_assert_cmpmem (bytes, length, zeros, n_bytes);
}

#define THREE FILE ("a", 3) "," FILE ("b", 0) "," FILE ("c", 9000)

static void
receive_three (Pair *pair, gboolean last_is_right)
{
  g_autoptr (GByteArray) parcel = pst_parcel_new (2);

  hostile_say (pair, HELLO (""));
  hostile_say (pair, OFFER (THREE));
  pair_accept (pair);
  hostile_add_zeros (parcel, 0, 3);
  hostile_add_zeros (parcel, 1, 0);
  hostile_add_zeros (parcel, 2, 9000);
  parcel->data[parcel->len - 1] = !last_is_right;
  hostile_send_parcel (pair, parcel);
  wait_for (pst_transfer_is_finished (pair->incoming));
}

static void
test_take (Pair *pair, gconstpointer unused)
{
  receive_three (pair, TRUE);
  g_assert_true (state_is (pair->incoming, DONE));
  assert_zeros (pair, "a", 3);
  assert_zeros (pair, "b", 0);
  assert_zeros (pair, "c", 9000);
}

/* What is not as its digest says gets no name. */
static void
test_wrong_digest (Pair *pair, gconstpointer unused)
{
  g_autofree char *wrong = g_build_filename (pair->to, "c", NULL);

  receive_three (pair, FALSE);
  g_assert_error (pst_transfer_get_error (pair->incoming), PST_ERROR, PST_ERROR_TAMPERED);
  wait_for (pst_exchange_is_settled (pair->a));
  g_assert_false (g_file_test (wrong, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count_names (pair->to), ==, 2);
}

/* Bytes beyond the window, all at once: nothing can be written in between. */
static void
test_more_than_credit (Pair *pair, gconstpointer unused)
{
  const gsize n_bytes = 60000;
  const guint n = 2 * PST_FLOW_MAX_WINDOW_BYTES / n_bytes;
  g_autoptr (GString) offer = g_string_new (
      "{\"t\":\"offer\",\"id\":2,\"part\":0,\"last\":true,\"entries\":[");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (offer, "%s{\"p\":\"%u\",\"k\":\"f\",\"s\":60000,\"m\":0}",
                            i > 0 ? "," : "", i);
  g_string_append (offer, "]}");
  hostile_say (pair, HELLO (""));
  hostile_say (pair, offer->str);
  pair_accept (pair);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GByteArray) parcel = pst_parcel_new (2);
      g_autoptr (GBytes) frame = NULL;

      hostile_add_zeros (parcel, i, n_bytes);
      frame = hostile_seal (pair, PST_FRAME_PARCEL, parcel->data, parcel->len);
      pst_channel_emit_frame (PST_CHANNEL (pair->channel_a), frame);
    }
  g_assert_true (pair->closed_a);
  g_assert_error (pair->error_a, PST_ERROR, PST_ERROR_PROTOCOL);
}

#define ADD(path, func) \
  g_test_add ("/small-files/" path, Pair, NULL, pair_set_up, func, pair_tear_down)
#define ADD_HOSTILE(path, data, func) \
  g_test_add ("/small-files/" path, Pair, data, pair_set_up_hostile, func, pair_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("arrive", test_arrive);
  ADD ("link-replaced", test_link_replaced);
  ADD_HOSTILE ("share-frames", NULL, test_share_frames);
  ADD_HOSTILE ("not-understood/not-said", HELLO (""), test_not_understood);
  ADD_HOSTILE ("not-understood/denied", HELLO (",\"parcels\":false"), test_not_understood);
  ADD_HOSTILE ("credit", NULL, test_credit);
  ADD_HOSTILE ("empty-files-wait-for-room", NULL, test_empty_files_wait_for_room);
  ADD_HOSTILE ("take", NULL, test_take);
  ADD_HOSTILE ("wrong-digest", NULL, test_wrong_digest);
  ADD_HOSTILE ("more-than-credit", NULL, test_more_than_credit);
  return g_test_run ();
}
