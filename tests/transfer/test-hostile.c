/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An honest exchange, and a test that speaks for the other side: every
 * misbehaviour ends the connection with a named error and leaves nothing on
 * the disk. */
#include "pair.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pst-error.h"
#include "pst-flow.h"
#include "pst-transfer-private.h"
#include "traversal.h"

#define HELLO "{\"t\":\"hello\",\"v\":1}"
#define FILE_OF(size) "{\"p\":\"f\",\"k\":\"f\",\"s\":" #size ",\"m\":0}"
#define OFFER(id, entries)                                                                        \
  "{\"t\":\"offer\",\"id\":" #id ",\"part\":0,\"last\":true,\"entries\":[" entries "]}"
#define DIGEST "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void
assert_ends (Pair *pair, PstError code)
{
  wait_for (pair->closed_a);
  g_assert_error (pair->error_a, PST_ERROR, (int) code);
  g_assert_cmpuint (strlen (pair->error_a->message), >, 10);
  wait_for (pst_exchange_is_settled (pair->a));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
}

/* @a has accepted a file of 100000 bytes under the number 2. */
static void
make_receiving (Pair *pair)
{
  hostile_say (pair, HELLO);
  hostile_say (pair, OFFER (2, FILE_OF (100000)));
  pair_accept (pair);
}

static void
test_before_hello (Pair *pair, gconstpointer json)
{
  hostile_say (pair, json);
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

static void
test_after_hello (Pair *pair, gconstpointer json)
{
  hostile_say (pair, HELLO);
  hostile_say (pair, json);
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

/* @data: which name, counted from 1 and negative for those that are written in
 * another way. It comes with the first part of an offer, or with a later one. */
static char *
make_name_json (gconstpointer data)
{
  int which = GPOINTER_TO_INT (data);
  gsize n_bytes;
  const char *name;

  if (which < 0)
    return g_strdup (traversal_refused_json[-which - 1]);
  name = traversal_get_refused (which - 1, &n_bytes);
  return traversal_to_json (name, n_bytes);
}

static void
test_traversal_first (Pair *pair, gconstpointer data)
{
  g_autofree char *name = make_name_json (data);
  g_autofree char *offer
      = g_strdup_printf (OFFER (2, "{\"p\":\"a\",\"k\":\"d\",\"m\":0},"
                                   "{\"p\":\"%s\",\"k\":\"f\",\"s\":1,\"m\":0}"),
                         name);

  hostile_say (pair, HELLO);
  hostile_say (pair, offer);
  assert_ends (pair, PST_ERROR_PROTOCOL);
  g_assert_null (pair->incoming);
}

static void
test_traversal_later (Pair *pair, gconstpointer data)
{
  g_autofree char *name = make_name_json (data);
  g_autofree char *last
      = g_strdup_printf ("{\"t\":\"offer\",\"id\":2,\"part\":1,\"last\":true,\"entries\":["
                         "{\"p\":\"%s\",\"k\":\"f\",\"s\":1,\"m\":0}]}",
                         name);

  hostile_say (pair, HELLO);
  hostile_say (pair, "{\"t\":\"offer\",\"id\":2,\"part\":0,\"entries\":["
                     "{\"p\":\"a\",\"k\":\"d\",\"m\":0}]}");
  hostile_say (pair, last);
  assert_ends (pair, PST_ERROR_PROTOCOL);
  g_assert_null (pair->incoming);
}

static void
test_while_receiving (Pair *pair, gconstpointer json)
{
  make_receiving (pair);
  hostile_say (pair, json);
  assert_ends (pair, PST_ERROR_PROTOCOL);
  g_assert_cmpint (pst_transfer_get_state (pair->incoming), ==, PST_TRANSFER_FAILED);
}

typedef struct
{
  guint32 id, entry;
  guint64 offset;
  gsize n_bytes;
} Piece;

static void
test_data_while_receiving (Pair *pair, gconstpointer data)
{
  const Piece *piece = data;

  make_receiving (pair);
  hostile_say_data (pair, piece->id, piece->entry, piece->offset, piece->n_bytes);
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

static void
test_more_than_declared (Pair *pair, gconstpointer unused)
{
  make_receiving (pair);
  hostile_say_data (pair, 2, 0, 0, 60000);
  hostile_say_data (pair, 2, 0, 60000, 40001);
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

static void
test_data_before_acceptance (Pair *pair, gconstpointer unused)
{
  hostile_say (pair, HELLO);
  hostile_say (pair, OFFER (2, FILE_OF (100000)));
  hostile_say_data (pair, 2, 0, 0, 1000);
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

/* Bytes beyond the window: the disk is slow, the sender does not care. */
static void
test_more_than_credit (Pair *pair, gconstpointer unused)
{
  gsize n_bytes = PST_FRAME_MAX_DATA_BYTES;

  hostile_say (pair, HELLO);
  hostile_say (pair, OFFER (2, FILE_OF (1000000000)));
  pair_accept (pair);
  for (guint i = 0; i < 2 * PST_FLOW_MAX_WINDOW_BYTES / n_bytes; i++)
    {
      PstFrameDataHeader header = { 2, 0, i * n_bytes };
      g_autofree guint8 *payload = g_malloc0 (PST_FRAME_DATA_HEADER_BYTES + n_bytes);
      g_autoptr (GBytes) frame = NULL;

      pst_frame_write_data_header (&header, payload);
      frame = hostile_seal (pair, PST_FRAME_DATA, payload, PST_FRAME_DATA_HEADER_BYTES + n_bytes);
      /* All at once: nothing can be written in between. */
      pst_channel_emit_frame (PST_CHANNEL (pair->channel_a), frame);
    }
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

static void
test_wrong_digest (Pair *pair, gconstpointer unused)
{
  make_receiving (pair);
  hostile_say_data (pair, 2, 0, 0, 60000);
  hostile_say_data (pair, 2, 0, 60000, 40000);
  hostile_say (pair, "{\"t\":\"entry-done\",\"id\":2,\"entry\":0,\"size\":100000,"
                     "\"digest\":\"" DIGEST "\"}");
  wait_for (pst_transfer_is_finished (pair->incoming));
  g_assert_error (pst_transfer_get_error (pair->incoming), PST_ERROR, PST_ERROR_TAMPERED);
  wait_for (pst_exchange_is_settled (pair->a));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
}

static void
test_broken_tag (Pair *pair, gconstpointer unused)
{
  g_autoptr (GBytes) frame = hostile_seal (pair, PST_FRAME_CONTROL, HELLO, strlen (HELLO));
  gsize n_bytes;
  g_autofree guint8 *broken = g_memdup2 (g_bytes_get_data (frame, &n_bytes),
                                         g_bytes_get_size (frame));

  broken[n_bytes - 1] ^= 1;
  hostile_send (pair, g_bytes_new (broken, n_bytes));
  assert_ends (pair, PST_ERROR_TAMPERED);
}

static void
test_repeated_counter (Pair *pair, gconstpointer unused)
{
  GBytes *frame = hostile_seal (pair, PST_FRAME_CONTROL, HELLO, strlen (HELLO));

  hostile_send (pair, g_bytes_ref (frame));
  hostile_send (pair, frame);
  assert_ends (pair, PST_ERROR_TAMPERED);
}

/* The channel's own limit stands before the exchange; this is the second line. */
static void
test_too_long_frame (Pair *pair, gconstpointer unused)
{
  g_autofree guint8 *long_frame = g_malloc0 (PST_FRAME_MAX_BYTES + 1);
  g_autoptr (GBytes) frame = NULL;

  long_frame[0] = PST_FRAME_VERSION;
  long_frame[1] = PST_FRAME_CONTROL;
  frame = g_bytes_new (long_frame, PST_FRAME_MAX_BYTES + 1);
  pst_channel_emit_frame (PST_CHANNEL (pair->channel_a), frame);
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

static void
test_short_frame (Pair *pair, gconstpointer unused)
{
  hostile_send (pair, g_bytes_new ("\1\2", 2));
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

static void
test_second_offer_with_same_id (Pair *pair, gconstpointer unused)
{
  hostile_say (pair, HELLO);
  hostile_say (pair, OFFER (2, FILE_OF (1)));
  wait_for (pair->incoming != NULL);
  pst_transfer_decline (pair->incoming);
  hostile_say (pair, OFFER (2, FILE_OF (1)));
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

static void
test_too_many_offers (Pair *pair, gconstpointer unused)
{
  hostile_say (pair, HELLO);
  for (guint i = 0; i <= PST_EXCHANGE_MAX_INCOMING; i++)
    {
      g_autofree char *offer = g_strdup_printf (
          "{\"t\":\"offer\",\"id\":%u,\"part\":0,\"last\":true,\"entries\":[" FILE_OF (1) "]}",
          2 * i + 2);

      hostile_say (pair, offer);
    }
  assert_ends (pair, PST_ERROR_LIMIT);
}

static void
test_endless_offer (Pair *pair, gconstpointer unused)
{
  g_autofree char *part_name = g_strnfill (200, 'n');

  hostile_say (pair, HELLO);
  wait_for (pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_b)) == 0);
  for (guint part = 0; !pair->closed_a; part++)
    {
      g_autoptr (GString) offer = g_string_new (NULL);
      g_autoptr (GBytes) frame = NULL;

      g_string_printf (offer, "{\"t\":\"offer\",\"id\":2,\"part\":%u,\"entries\":[", part);
      for (guint i = 0; i < 200; i++)
        g_string_append_printf (offer, "%s{\"p\":\"%u-%u-%s\",\"k\":\"f\",\"s\":0,\"m\":0}",
                                i > 0 ? "," : "", part, i, part_name);
      g_string_append (offer, "]}");
      frame = hostile_seal (pair, PST_FRAME_CONTROL, offer->str, offer->len);
      pst_channel_emit_frame (PST_CHANNEL (pair->channel_a), frame);
      g_assert_cmpuint (part, <, 2000);
    }
  assert_ends (pair, PST_ERROR_LIMIT);
}

static void
test_out_of_turn_for_sender (Pair *pair, gconstpointer json)
{
  g_free (pair_make_file (pair, "mine", 1000));
  hostile_say (pair, HELLO);
  pair_offer (pair, "mine");
  wait_for (pst_memory_channel_get_n_frames (pair->channel_a) >= 2);
  hostile_say (pair, json);
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

/* It has no number yet that they could know. */
static void
test_answer_while_listing (Pair *pair, gconstpointer json)
{
  g_autoptr (GBytes) frame = NULL;

  g_free (pair_make_file (pair, "mine", 1000));
  hostile_say (pair, HELLO);
  wait_for (pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_b)) == 0);
  pair_offer (pair, "mine");
  frame = hostile_seal (pair, PST_FRAME_CONTROL, json, strlen (json));
  pst_channel_emit_frame (PST_CHANNEL (pair->channel_a), frame);
  g_assert_true (pair->closed_a);
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

static void
test_credit_for_nothing (Pair *pair, gconstpointer unused)
{
  test_out_of_turn_for_sender (pair,
                               "{\"t\":\"accept\",\"id\":1,\"entries\":[[0,5]],\"window\":1}");
}

/* An unsolicited flood of pings is not answered by a flood. */
static void
test_ping_flood (Pair *pair, gconstpointer unused)
{
  hostile_say (pair, HELLO);
  pst_memory_channel_set_blocked (pair->channel_a, TRUE);
  for (guint i = 0; i < 50000; i++)
    hostile_say (pair, "{\"t\":\"ping\",\"n\":1}");
  wait_for (pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_b)) == 0);
  g_assert_cmpuint (pst_exchange_get_buffered_bytes (pair->a), <=,
                    PST_FLOW_HIGH_MARK_BYTES + PST_FRAME_MAX_BYTES);
  g_assert_false (pair->closed_a);
}

/* What is asked about no transfer at all is answered, but not without end to somebody
 * who reads none of it. */
static void
test_unread (Pair *pair, gconstpointer unused)
{
  hostile_say (pair, HELLO);
  hostile_wait (pair);
  pair_cut (pair);
  pair_mend (pair);
  hostile_say (pair, HELLO);
  hostile_wait (pair);
  pst_memory_channel_set_blocked (pair->channel_a, TRUE);
  for (guint32 id = 2; !pair->closed_a; id += 2)
    {
      g_autofree char *keep = g_strdup_printf ("{\"t\":\"keep\",\"id\":%u}", id);

      hostile_say (pair, keep);
      if (id % 1000 == 0)
        hostile_wait (pair);
      g_assert_cmpuint (id, <, 400000);
    }
  assert_ends (pair, PST_ERROR_LIMIT);
  g_assert_cmpuint (pst_memory_channel_get_max_buffered (pair->channel_a), <=,
                    PST_EXCHANGE_MAX_UNREAD_BYTES + 2 * PST_FRAME_MAX_BYTES);
}

/* They stop, with or without a word about why; the word is escaped. */
typedef struct
{
  const char *json;
  PstError code;
  PstTransferState state;
  const char *part; /* of what is said here */
} Stop;

static const Stop stops[] = {
  { "{\"t\":\"cancel\",\"id\":2,\"reason\":\"cancelled\"}", PST_ERROR_CANCELLED,
    PST_TRANSFER_CANCELLED_BY_THEM, "cancelled" },
  { "{\"t\":\"cancel\",\"id\":2,\"reason\":\"disk-full\"}", PST_ERROR_DISK_FULL,
    PST_TRANSFER_FAILED, "had to stop" },
  { "{\"t\":\"cancel\",\"id\":2,\"reason\":\"source\",\"message\":\"no\\u001b[2J\"}",
    PST_ERROR_SOURCE, PST_TRANSFER_FAILED, "no\\u001b[2J" },
  { "{\"t\":\"cancel\",\"id\":2,\"reason\":\"moon\"}", PST_ERROR_FAILED, PST_TRANSFER_FAILED,
    "had to stop" },
  { "{\"t\":\"entry-failed\",\"id\":2,\"entry\":0,\"reason\":\"changed\"}", PST_ERROR_CHANGED,
    PST_TRANSFER_FAILED, "could not send" },
};

static void
test_stop (Pair *pair, gconstpointer data)
{
  const Stop *stop = data;

  make_receiving (pair);
  hostile_say_data (pair, 2, 0, 0, 1000);
  hostile_say (pair, "{\"t\":\"pause\",\"id\":2}");
  hostile_say (pair, "{\"t\":\"resume\",\"id\":2}");
  hostile_say (pair, stop->json);
  wait_for (pst_transfer_is_finished (pair->incoming));
  g_assert_cmpint (pst_transfer_get_state (pair->incoming), ==, stop->state);
  g_assert_error (pst_transfer_get_error (pair->incoming), PST_ERROR, (int) stop->code);
  g_assert_nonnull (strstr (pst_transfer_get_error (pair->incoming)->message, stop->part));
  wait_for (pst_exchange_is_settled (pair->a));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  g_assert_false (pair->closed_a);
}

/* All of it was sent; they count otherwise. */
static void
test_verified_otherwise (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = NULL;

  g_free (pair_make_file (pair, "mine", 1000));
  hostile_say (pair, HELLO);
  out = g_object_ref (pair_offer (pair, "mine"));
  wait_for (pst_transfer_get_state (out) == PST_TRANSFER_OFFERED);
  hostile_say (pair, "{\"t\":\"accept\",\"id\":1,\"window\":1048576}");
  wait_for (pst_transfer_get_state (out) == PST_TRANSFER_VERIFYING);
  hostile_say (pair, "{\"t\":\"verified\",\"id\":1,\"files\":0,\"failed\":1}");
  assert_ends (pair, PST_ERROR_PROTOCOL);
  g_assert_cmpint (pst_transfer_get_state (out), ==, PST_TRANSFER_FAILED);
}

/* The link is replaced while @a receives a file, of which so much has come. */
static void
make_receiving_again (Pair *pair)
{
  make_receiving (pair);
  hostile_say_data (pair, 2, 0, 0, 1000);
  wait_for (pst_transfer_get_written_bytes (pair->incoming) == 1000);
  pair_cut (pair);
  pair_mend (pair);
  hostile_say (pair, HELLO);
}

/* What came stays, and only what follows it is taken; asked about once. */
static void
test_again_receiving (Pair *pair, gconstpointer json)
{
  make_receiving_again (pair);
  hostile_say (pair, "{\"t\":\"cancel\",\"id\":40,\"reason\":\"cancelled\"}");
  hostile_say (pair, "{\"t\":\"keep\",\"id\":42,\"paused\":false}");
  hostile_say (pair, "{\"t\":\"keep\",\"id\":2,\"paused\":true}");
  wait_for (pst_transfer_get_state (pair->incoming) == PST_TRANSFER_PAUSED_BY_THEM);
  hostile_say_data (pair, 2, 0, 1000, 1000);
  wait_for (pst_transfer_get_written_bytes (pair->incoming) == 2000);
  g_assert_false (pair->closed_a);
  if (json != NULL)
    hostile_say (pair, json);
  else
    hostile_say_data (pair, 2, 0, 1000, 1000);
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

/* A sender whose file was accepted, with a window of nothing. */
static PstTransfer *
make_sending_again (Pair *pair, gboolean accepted)
{
  PstTransfer *out;

  g_free (pair_make_file (pair, "mine", 100000));
  hostile_say (pair, HELLO);
  out = g_object_ref (pair_offer (pair, "mine"));
  wait_for (pst_transfer_get_state (out) == PST_TRANSFER_OFFERED);
  if (accepted)
    {
      hostile_say (pair, "{\"t\":\"accept\",\"id\":1,\"window\":70000}");
      wait_for (pst_transfer_get_sent_bytes (out) == PST_FRAME_MAX_DATA_BYTES);
      hostile_say (pair, "{\"t\":\"credit\",\"id\":1,\"received\":200,\"written\":100,"
                         "\"window\":0}");
      wait_for (pst_transfer_get_written_bytes (out) == 100);
    }
  pair_cut (pair);
  pair_mend (pair);
  hostile_say (pair, HELLO);
  return out;
}

static void
test_again_accepted (Pair *pair, gconstpointer json)
{
  g_autoptr (PstTransfer) out = make_sending_again (pair, TRUE);

  hostile_say (pair, json);
  assert_ends (pair, PST_ERROR_PROTOCOL);
  g_assert_cmpint (pst_transfer_get_state (out), ==, PST_TRANSFER_FAILED);
}

/* A choice in more pieces than an answer may have is refused here, and can be made
 * anew. */
static void
test_scattered_choice (Pair *pair, gconstpointer unused)
{
  const guint n_entries = 2 * PST_CONTROL_MAX_RANGES + 2, in_part = 500;
  g_autofree guint8 *selection = g_malloc0 (n_entries);
  g_autoptr (GError) error = NULL;

  hostile_say (pair, HELLO);
  for (guint i = 0, part = 0; i < n_entries; part++)
    {
      g_autoptr (GString) offer = g_string_new (NULL);

      g_string_printf (offer, "{\"t\":\"offer\",\"id\":2,\"part\":%u,\"last\":%s,\"entries\":[",
                       part, i + in_part >= n_entries ? "true" : "false");
      for (guint k = 0; k < in_part && i < n_entries; k++, i++)
        {
          g_string_append_printf (offer, "%s{\"p\":\"%u\",\"k\":\"d\",\"m\":0}",
                                  k > 0 ? "," : "", i);
          selection[i] = i % 2;
        }
      g_string_append (offer, "]}");
      hostile_say (pair, offer->str);
    }
  wait_for (pair->incoming != NULL);
  g_assert_false (pst_transfer_accept (pair->incoming, pair->to, selection, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_LIMIT);
  g_assert_cmpint (pst_transfer_get_state (pair->incoming), ==, PST_TRANSFER_OFFERED);
  g_assert_cmpuint (count_names (pair->to), ==, 0);

  memset (selection, 0, n_entries);
  selection[7] = 1;
  g_clear_error (&error);
  g_assert_true (pst_transfer_accept (pair->incoming, pair->to, selection, &error));
  g_assert_no_error (error);
  wait_for (pst_transfer_is_finished (pair->incoming));
  g_assert_cmpint (pst_transfer_get_state (pair->incoming), ==, PST_TRANSFER_DONE);
  g_assert_cmpuint (count_names (pair->to), ==, 1);
}

static void
test_again_offered (Pair *pair, gconstpointer json)
{
  g_autoptr (PstTransfer) out = make_sending_again (pair, FALSE);

  hostile_say (pair, json);
  assert_ends (pair, PST_ERROR_PROTOCOL);
  g_assert_cmpint (pst_transfer_get_state (out), ==, PST_TRANSFER_FAILED);
}

/* An honest answer, as a measure of those above; a second one is none. */
static void
test_again_twice (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = make_sending_again (pair, TRUE);
  const char *have = "{\"t\":\"have\",\"id\":1,\"parts\":1,\"entry\":0,\"offset\":300,"
                     "\"written\":300,\"window\":0}";

  hostile_say (pair, have);
  wait_for (pst_transfer_get_written_bytes (out) == 300);
  g_assert_cmpuint (pst_transfer_get_sent_bytes (out), ==, 300);
  g_assert_false (pair->closed_a);
  hostile_say (pair, have);
  assert_ends (pair, PST_ERROR_PROTOCOL);
}

/* What names a transfer that is over crosses on the wire; it is no fault. */
static void
test_late_messages (Pair *pair, gconstpointer unused)
{
  make_receiving (pair);
  pst_transfer_cancel (pair->incoming);
  hostile_say_data (pair, 2, 0, 0, 1000);
  hostile_say (pair, "{\"t\":\"pause\",\"id\":2}");
  hostile_say (pair, "{\"t\":\"entry-done\",\"id\":2,\"entry\":0,\"size\":100000,"
                     "\"digest\":\"" DIGEST "\"}");
  hostile_say (pair, "{\"t\":\"something-new\",\"id\":9}");
  wait_for (pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_b)) == 0);
  g_assert_false (pair->closed_a);
  g_assert_cmpint (pst_transfer_get_state (pair->incoming), ==, PST_TRANSFER_CANCELLED_BY_ME);
}

/* A receiver that takes everything and writes nothing: the sender stops at the
 * window, says whose fault it is, and nothing but credit moves it again. */
static void
test_disk_that_writes_nothing (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = NULL;
  guint64 sent_bytes, n_frames;
  g_autofree char *credit = NULL;

  g_free (pair_make_file (pair, "mine", 8 * 1024 * 1024));
  hostile_say (pair, HELLO);
  out = g_object_ref (pair_offer (pair, "mine"));
  wait_for (pst_transfer_get_state (out) == PST_TRANSFER_OFFERED);
  hostile_say (pair, "{\"t\":\"accept\",\"id\":1,\"window\":1048576}");
  wait_for (pst_transfer_get_sent_bytes (out) > 1048576 - PST_FRAME_MAX_BYTES
            && pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_a)) == 0);
  sent_bytes = pst_transfer_get_sent_bytes (out);
  g_assert_cmpuint (sent_bytes, <=, 1048576);

  credit = g_strdup_printf ("{\"t\":\"credit\",\"id\":1,\"received\":%" G_GUINT64_FORMAT
                            ",\"written\":0,\"window\":1048576}",
                            sent_bytes);
  hostile_say (pair, credit);
  wait_for (pst_transfer_get_state (out) == PST_TRANSFER_HELD_THEIR_DISK);

  /* Half a minute without a written byte. */
  out->meter.progressed_us -= PST_METER_STALL_US;
  n_frames = pst_memory_channel_get_n_frames (pair->channel_a);
  pst_transfer_tick (out);
  g_assert_cmpint (pst_transfer_get_state (out), ==, PST_TRANSFER_STALLED);
  pst_exchange_wake (pair->a);
  g_assert_cmpuint (pst_memory_channel_get_n_frames (pair->channel_a), ==, n_frames);
  g_assert_cmpuint (out->figures.sent_bytes, ==, sent_bytes);
  g_assert_cmpuint (pst_transfer_get_written_bytes (out), ==, 0);

  hostile_say (pair, "{\"t\":\"credit\",\"id\":1,\"received\":524288,\"written\":524288,"
                     "\"window\":1048576}");
  assert_ends (pair, PST_ERROR_PROTOCOL); /* what was received cannot become less */
}

static const struct
{
  const char *name;
  const char *json;
} before_hello[] = {
  { "offer", OFFER (2, FILE_OF (1)) },
  { "ping", "{\"t\":\"ping\",\"n\":1}" },
  { "version-zero", "{\"t\":\"hello\",\"v\":0}" },
  { "not-json", "hello" },
}, after_hello[] = {
  { "second-hello", HELLO },
  { "offer/id-of-ours", OFFER (1, FILE_OF (1)) },
  { "offer/part-one-first",
    "{\"t\":\"offer\",\"id\":2,\"part\":1,\"last\":true,\"entries\":[" FILE_OF (1) "]}" },
  { "offer/empty", OFFER (2, "") },
  { "offer/twice-the-same", OFFER (2, FILE_OF (1) "," FILE_OF (1)) },
  { "offer/file-as-folder", OFFER (2, FILE_OF (1) ",{\"p\":\"f/x\",\"k\":\"f\",\"s\":1,\"m\":0}") },
  { "offer/no-folder", OFFER (2, "{\"p\":\"d/x\",\"k\":\"f\",\"s\":1,\"m\":0}") },
  { "offer/negative-size", OFFER (2, FILE_OF (-1)) },
  { "offer/link-outside",
    OFFER (2, "{\"p\":\"d\",\"k\":\"d\",\"m\":0},"
              "{\"p\":\"d/l\",\"k\":\"l\",\"m\":0,\"l\":\"../../etc\"}") },
  { "offer/link-on-top", OFFER (2, "{\"p\":\"l\",\"k\":\"l\",\"m\":0,\"l\":\"/etc/passwd\"}") },
  { "unknown-transfer", "{\"t\":\"pause\",\"id\":2}" },
  { "unknown-transfer-of-ours",
    "{\"t\":\"credit\",\"id\":1,\"received\":0,\"written\":0,\"window\":0}" },
  { "number-zero", "{\"t\":\"pause\",\"id\":0}" },
  { "offer/number-zero", OFFER (0, FILE_OF (1)) },
  { "keep", "{\"t\":\"keep\",\"id\":2,\"paused\":false}" },
  { "cancel-what-was-never-offered", "{\"t\":\"cancel\",\"id\":2,\"reason\":\"cancelled\"}" },
}, while_receiving[] = {
  { "end-too-early",
    "{\"t\":\"entry-done\",\"id\":2,\"entry\":0,\"size\":100000,\"digest\":\"" DIGEST "\"}" },
  { "end-of-other",
    "{\"t\":\"entry-done\",\"id\":2,\"entry\":1,\"size\":100000,\"digest\":\"" DIGEST "\"}" },
  { "end-of-other-size",
    "{\"t\":\"entry-done\",\"id\":2,\"entry\":0,\"size\":0,\"digest\":\"" DIGEST "\"}" },
  { "failure-of-other", "{\"t\":\"entry-failed\",\"id\":2,\"entry\":1,\"reason\":\"changed\"}" },
  { "second-offer", OFFER (2, FILE_OF (1)) },
  { "verified", "{\"t\":\"verified\",\"id\":2,\"files\":1,\"failed\":0}" },
  { "accept", "{\"t\":\"accept\",\"id\":2,\"window\":1}" },
  { "keep", "{\"t\":\"keep\",\"id\":2,\"paused\":false}" },
  { "have", "{\"t\":\"have\",\"id\":2,\"parts\":1}" },
}, named_entries[] = {
  { "traversal", "{\"t\":\"accept\",\"id\":1,\"entries\":[\"../mine\"],\"window\":1}" },
  { "absolute", "{\"t\":\"accept\",\"id\":1,\"entries\":[[\"/etc/passwd\",1]],\"window\":1}" },
}, for_sender[] = {
  { "credit-before-accept",
    "{\"t\":\"credit\",\"id\":1,\"received\":0,\"written\":0,\"window\":0}" },
  { "verified-before-accept", "{\"t\":\"verified\",\"id\":1,\"files\":1,\"failed\":0}" },
  { "entry-done",
    "{\"t\":\"entry-done\",\"id\":1,\"entry\":0,\"size\":0,\"digest\":\"" DIGEST "\"}" },
  { "offer-as-ours", OFFER (1, FILE_OF (1)) },
  { "have", "{\"t\":\"have\",\"id\":1,\"parts\":1}" },
  { "keep", "{\"t\":\"keep\",\"id\":1}" },
}, again_receiving[] = {
  { "asked-twice", "{\"t\":\"keep\",\"id\":2}" },
  { "asked-about-ours", "{\"t\":\"keep\",\"id\":1}" },
  { "data-again", NULL },
}, again_accepted[] = {
#define HAVE(place) "{\"t\":\"have\",\"id\":1,\"parts\":1" place "}"
  { "beyond-what-was-sent",
    HAVE (",\"entry\":0,\"offset\":65493,\"written\":100,\"window\":0") },
  { "before-what-was-acknowledged",
    HAVE (",\"entry\":0,\"offset\":199,\"written\":100,\"window\":0") },
  { "written-became-less", HAVE (",\"entry\":0,\"offset\":300,\"written\":99,\"window\":0") },
  { "written-before-it-came",
    HAVE (",\"entry\":0,\"offset\":300,\"written\":301,\"window\":0") },
  { "end-that-was-not-sent", HAVE (",\"entry\":1,\"offset\":0,\"written\":100,\"window\":0") },
  { "offset-behind-the-end", HAVE (",\"entry\":1,\"offset\":1,\"written\":100,\"window\":0") },
  { "no-such-entry", HAVE (",\"entry\":2,\"offset\":0,\"written\":100,\"window\":0") },
  { "longer-than-the-file",
    HAVE (",\"entry\":0,\"offset\":100001,\"written\":100,\"window\":0") },
  { "not-accepted-any-more", HAVE ("") },
  { "credit-for-what-was-never-sent",
    "{\"t\":\"credit\",\"id\":1,\"received\":65493,\"written\":100,\"window\":0}" },
  { "verified", "{\"t\":\"verified\",\"id\":1,\"files\":1,\"failed\":0}" },
}, again_offered[] = {
  { "parts-that-were-not-sent", "{\"t\":\"have\",\"id\":1,\"parts\":2}" },
  { "place-without-accept", HAVE (",\"entry\":0,\"offset\":0,\"written\":0,\"window\":0") },
  { "verified", "{\"t\":\"verified\",\"id\":1,\"files\":1,\"failed\":0}" },
};

static const Piece pieces[] = {
  { 4, 0, 0, 10 },          /* a transfer that does not exist */
  { 2, 1, 0, 10 },          /* an entry that does not exist */
  { 2, 0, 1, 10 },          /* a gap */
  { 2, 0, 100000, 10 },     /* behind the end */
  { 2, 0, G_MAXUINT64 - 5, 3 },
};

#define ADD(name, data, func)                                                                     \
  g_test_add (name, Pair, data, pair_set_up_hostile, func, pair_tear_down)

#define ADD_TABLE_AT(prefix, table, func)                                                         \
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)                                                \
    {                                                                                             \
      g_autofree char *path = g_strconcat (prefix "/", table[i].name, NULL);                      \
      ADD (path, table[i].json, func);                                                            \
    }
#define ADD_TABLE(prefix, table, func) ADD_TABLE_AT ("/hostile/" prefix, table, func)

static void
add_traversal (const char *kind, int which)
{
  g_autofree char *first
      = g_strdup_printf ("/threats/10-traversal/offer/%s-%d", kind, ABS (which));
  g_autofree char *later
      = g_strdup_printf ("/threats/10-traversal/offer-part/%s-%d", kind, ABS (which));

  ADD (first, GINT_TO_POINTER (which), test_traversal_first);
  ADD (later, GINT_TO_POINTER (which), test_traversal_later);
}

static void
add_traversals (void)
{
  gsize n_bytes;

  for (int i = 1; traversal_get_refused (i - 1, &n_bytes) != NULL; i++)
    add_traversal ("name", i);
  for (int i = 1; traversal_refused_json[i - 1] != NULL; i++)
    add_traversal ("written", -i);
  ADD_TABLE_AT ("/threats/10-traversal/accept", named_entries, test_out_of_turn_for_sender);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("before-hello", before_hello, test_before_hello);
  ADD_TABLE ("after-hello", after_hello, test_after_hello);
  ADD_TABLE ("while-receiving", while_receiving, test_while_receiving);
  ADD_TABLE ("for-sender", for_sender, test_out_of_turn_for_sender);
  add_traversals ();
  ADD_TABLE ("again/receiving", again_receiving, test_again_receiving);
  ADD_TABLE ("again/accepted", again_accepted, test_again_accepted);
  ADD_TABLE ("again/offered", again_offered, test_again_offered);
  ADD ("/hostile/again/twice", NULL, test_again_twice);
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autofree char *path = g_strdup_printf ("/hostile/data/%u", i);
      ADD (path, &pieces[i], test_data_while_receiving);
    }
  ADD ("/threats/19-more-than-declared", NULL, test_more_than_declared);
  ADD ("/threats/17-nothing-before-acceptance/data", NULL, test_data_before_acceptance);
  ADD ("/hostile/more-than-credit", NULL, test_more_than_credit);
  ADD ("/hostile/wrong-digest", NULL, test_wrong_digest);
  ADD ("/hostile/broken-tag", NULL, test_broken_tag);
  ADD ("/hostile/repeated-counter", NULL, test_repeated_counter);
  ADD ("/hostile/too-long-frame", NULL, test_too_long_frame);
  ADD ("/hostile/short-frame", NULL, test_short_frame);
  ADD ("/hostile/second-offer-with-same-id", NULL, test_second_offer_with_same_id);
  ADD ("/hostile/too-many-offers", NULL, test_too_many_offers);
  ADD ("/hostile/endless-offer", NULL, test_endless_offer);
  ADD ("/hostile/answer-while-listing/number-zero",
       "{\"t\":\"cancel\",\"id\":0,\"reason\":\"limit\"}", test_answer_while_listing);
  ADD ("/hostile/answer-while-listing/next-number",
       "{\"t\":\"cancel\",\"id\":1,\"reason\":\"limit\"}", test_answer_while_listing);
  ADD ("/hostile/accept-what-was-not-offered", NULL, test_credit_for_nothing);
  ADD ("/hostile/ping-flood", NULL, test_ping_flood);
  ADD ("/hostile/unread", NULL, test_unread);
  ADD ("/hostile/disk-that-writes-nothing", NULL, test_disk_that_writes_nothing);
  ADD ("/hostile/late-messages", NULL, test_late_messages);
  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    {
      g_autofree char *path = g_strdup_printf ("/hostile/stop/%u", i);
      ADD (path, &stops[i], test_stop);
    }
  ADD ("/hostile/verified-otherwise", NULL, test_verified_otherwise);
  ADD ("/hostile/scattered-choice", NULL, test_scattered_choice);
  return g_test_run ();
}
