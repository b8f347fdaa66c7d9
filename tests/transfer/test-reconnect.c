/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The link between two honest exchanges goes at every kind of moment and is
 * replaced; what arrives is what was sent. */
#include "pair.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-exchange-private.h"
#include "pst-transfer-private.h"
#include "pst-flow.h"

#define state_is(transfer, STATE) (pst_transfer_get_state (transfer) == PST_TRANSFER_##STATE)

/* More than two blocks, so that a digest goes on from the middle. */
#define BIG_BYTES (3 * PST_SOURCE_BLOCK_BYTES + 4321)

static void
assert_same (Pair *pair, const char *name)
{
  g_autofree char *sent = g_build_filename (pair->from, name, NULL);
  g_autofree char *got = g_build_filename (pair->to, name, NULL);

  g_assert_true (pair_same_file (sent, got));
}

static PstTransfer *
offer_from (Pair *pair, PstExchange *exchange, const char *name)
{
  g_autofree char *path = g_build_filename (pair->from, name, NULL);
  const char *paths[] = { path, NULL };

  return g_object_ref (pst_exchange_offer (exchange, paths));
}

static void
make_mixed_folder (Pair *pair, const char *name)
{
  static const struct
  {
    const char *name;
    gsize n_bytes;
  } files[] = {
    { "empty", 0 },         { "one", 1 },           { "frame", PST_FRAME_MAX_DATA_BYTES },
    { "big", BIG_BYTES },   { "also empty", 0 },    { "block", PST_SOURCE_BLOCK_BYTES },
    { "small", 1000 },      { "smaller", 100 },
  };
  g_autofree char *folder = pair_make_folder (pair, name);
  g_autofree char *inner_name = g_build_filename (name, "inner", NULL);
  g_autofree char *inner = pair_make_folder (pair, inner_name);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (i % 2 ? inner_name : name, files[i].name, NULL);

      g_free (pair_make_file (pair, path, files[i].n_bytes));
    }
}

static void
assert_same_folder (Pair *pair, const char *name)
{
  g_autofree char *sent = g_build_filename (pair->from, name, NULL);
  g_autofree char *got = g_build_filename (pair->to, name, NULL);
  g_autofree char *quoted_sent = g_shell_quote (sent);
  g_autofree char *quoted_got = g_shell_quote (got);
  g_autofree char *command = g_strdup_printf ("diff -r %s %s", quoted_sent, quoted_got);
  int status;

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, NULL));
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

static void
accept_all (PstExchange *exchange, PstTransfer *transfer, gpointer user_data)
{
  Pair *pair = user_data;
  g_autoptr (GError) error = NULL;

  if (!pst_transfer_is_incoming (transfer))
    return;
  pst_transfer_accept (transfer, pair->to, NULL, &error);
  g_assert_no_error (error);
}

static gboolean
is_done (PstTransfer *transfer)
{
  if (pst_transfer_is_finished (transfer) && !state_is (transfer, DONE))
    g_error ("ended as %s: %s", pst_transfer_state_to_name (pst_transfer_get_state (transfer)),
             pst_transfer_get_error (transfer) != NULL
                 ? pst_transfer_get_error (transfer)->message
                 : "without an error");
  return state_is (transfer, DONE);
}

/* Runs until the link is lost, or both transfers have ended well. */
static gboolean
run_until_cut (Pair *pair, PstTransfer *one, PstTransfer *other)
{
  wait_for (pair->lost_a || pair->closed_a || pair->closed_b
            || (is_done (one) && is_done (other)));
  g_assert_no_error (pair->error_a);
  g_assert_no_error (pair->error_b);
  g_assert_cmpint (pair->lost_a, ==, pair->lost_b);
  return pair->lost_a;
}

/* Two folders, one each way, while a cut waits at a given frame of one end. */
static gboolean
cut_once (guint64 n_frames, gboolean at_a)
{
  Pair pair = { 0 };
  g_autoptr (PstTransfer) there = NULL;
  g_autoptr (PstTransfer) back = NULL;
  gboolean was_cut;

  pair_set_up (&pair, NULL);
  g_signal_connect (pair.a, "transfer-added", G_CALLBACK (accept_all), &pair);
  g_signal_connect (pair.b, "transfer-added", G_CALLBACK (accept_all), &pair);
  make_mixed_folder (&pair, "there");
  make_mixed_folder (&pair, "back");
  pst_memory_channel_cut_after (at_a ? pair.channel_a : pair.channel_b, n_frames);
  there = offer_from (&pair, pair.a, "there");
  back = offer_from (&pair, pair.b, "back");
  was_cut = run_until_cut (&pair, there, back);
  if (was_cut)
    {
      pair_mend (&pair);
      g_assert_false (run_until_cut (&pair, there, back));
    }
  assert_same_folder (&pair, "there");
  assert_same_folder (&pair, "back");
  g_assert_cmpuint (count_names (pair.to), ==, 2);
  g_assert_cmpuint (pst_transfer_get_sent_bytes (there), ==,
                    pst_transfer_get_total_bytes (there));
  g_assert_cmpuint (pst_transfer_get_done_files (there), ==, 8);
  pair_tear_down (&pair, NULL);
  return was_cut;
}

/* Sanitizers make it slow, and see mostly the same code behind each frame. */
#ifdef __SANITIZE_ADDRESS__
#define FRAME_STEP 5
#else
#define FRAME_STEP 1
#endif

static void
test_every_frame (gconstpointer at_a)
{
  guint n_frames = 1;

  while (cut_once (n_frames, at_a != NULL))
    n_frames += FRAME_STEP;
  g_test_message ("%u frames", n_frames);
  g_assert_cmpuint (n_frames, >, 40);
}

/* Cut again and again, now and then paused, until everything is there. */
static void
test_at_random (void)
{
  const guint n_runs = g_test_thorough () ? 200 : 20 / FRAME_STEP;

  for (guint i = 0; i < n_runs; i++)
    {
      Pair pair = { 0 };
      g_autoptr (PstTransfer) there = NULL;
      g_autoptr (PstTransfer) back = NULL;
      guint n_cuts = 0;

      pair_set_up (&pair, NULL);
      g_signal_connect (pair.a, "transfer-added", G_CALLBACK (accept_all), &pair);
      g_signal_connect (pair.b, "transfer-added", G_CALLBACK (accept_all), &pair);
      make_mixed_folder (&pair, "there");
      make_mixed_folder (&pair, "back");
      there = offer_from (&pair, pair.a, "there");
      back = offer_from (&pair, pair.b, "back");
      pst_memory_channel_cut_after (pair.channel_a, g_test_rand_int_range (1, 20));
      while (run_until_cut (&pair, there, back))
        {
          if (g_test_rand_bit ())
            pst_transfer_pause (there);
          if (g_test_rand_bit ())
            g_main_context_iteration (NULL, FALSE);
          pair_mend (&pair);
          pst_transfer_resume (there);
          if (++n_cuts < 30)
            pst_memory_channel_cut_after (
                g_test_rand_bit () ? pair.channel_a : pair.channel_b,
                g_test_rand_int_range (1, 25));
        }
      assert_same_folder (&pair, "there");
      assert_same_folder (&pair, "back");
      g_assert_cmpuint (count_names (pair.to), ==, 2);
      pair_tear_down (&pair, NULL);
    }
}

/* Begins to send a file, until the receiver's file system has some of it. */
static PstTransfer *
begin (Pair *pair, const char *name, gsize n_bytes)
{
  g_autofree char *path = pair_make_file (pair, name, n_bytes);
  PstTransfer *out = offer_from (pair, pair->a, name);

  pst_memory_channel_set_delay_ms (pair->channel_a, 2);
  pair_accept (pair);
  wait_for (pair->incoming->in.window.taken_bytes > 0);
  return out;
}

/* What both sides show while the link is away, and that no more goes twice than was
 * under way. */
static void
test_shown (Pair *pair, gconstpointer unused)
{
  const gsize n_bytes = 3 * PST_FLOW_MAX_WINDOW_BYTES;
  g_autoptr (PstTransfer) out = begin (pair, "long", n_bytes);
  guint64 before_bytes, more_bytes;

  wait_for (pst_transfer_get_written_bytes (out) > PST_FLOW_MAX_WINDOW_BYTES);
  before_bytes = pst_memory_channel_get_n_bytes (pair->channel_a);
  pair_cut (pair);
  g_assert_true (state_is (out, RECONNECTING) && state_is (pair->incoming, RECONNECTING));
  g_assert_cmpuint (pst_exchange_get_buffered_bytes (pair->a), ==, 0);
  wait_for (pst_transfer_get_rate_bps (out) == 0 && pst_transfer_get_time_left_us (out) == -1);
  g_assert_cmpuint (pst_transfer_get_written_bytes (out), >, PST_FLOW_MAX_WINDOW_BYTES);

  pair_mend (pair);
  g_assert_true (state_is (out, RECONNECTING));
  wait_for (!state_is (out, RECONNECTING) && !state_is (pair->incoming, RECONNECTING));
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_same (pair, "long");
  more_bytes = pst_memory_channel_get_n_bytes (pair->channel_a);
  g_assert_cmpuint (before_bytes + more_bytes, <, n_bytes + PST_FLOW_MAX_WINDOW_BYTES);
}

/* A pause by either side, said while the link was away or lost with it. */
static void
test_pause (Pair *pair, gconstpointer by_receiver)
{
  g_autoptr (PstTransfer) out = begin (pair, "paused", 4 * 1024 * 1024);
  PstTransfer *pauser = by_receiver ? pair->incoming : out;
  PstTransfer *other = by_receiver ? out : pair->incoming;

  pair_cut (pair);
  pst_transfer_pause (pauser);
  g_assert_true (state_is (pauser, RECONNECTING));
  pair_mend (pair);
  wait_for (state_is (pauser, PAUSED_BY_ME) && state_is (other, PAUSED_BY_THEM));

  pair_cut (pair);
  pair_mend (pair);
  wait_for (state_is (pauser, PAUSED_BY_ME) && state_is (other, PAUSED_BY_THEM));

  pst_transfer_resume (pauser);
  pair_cut (pair);
  pair_mend (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_same (pair, "paused");
}

static void
test_cancel (Pair *pair, gconstpointer by_receiver)
{
  g_autoptr (PstTransfer) out = begin (pair, "cancelled", 4 * 1024 * 1024);
  PstTransfer *canceller = by_receiver ? pair->incoming : out;
  PstTransfer *other = by_receiver ? out : pair->incoming;

  pair_cut (pair);
  pst_transfer_cancel (canceller);
  g_assert_true (state_is (canceller, CANCELLED_BY_ME) && state_is (other, RECONNECTING));
  /* Said once more, and lost once more. */
  pair_mend (pair);
  pair_cut (pair);
  g_assert_true (state_is (other, RECONNECTING));
  pair_mend (pair);
  wait_for (state_is (other, CANCELLED_BY_THEM));
  wait_for (pst_exchange_is_settled (pair->a) && pst_exchange_is_settled (pair->b));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  g_assert_false (pair->closed_a || pair->closed_b);
}

/* Offered, listed, accepted, declined and cancelled while there is no link. */
static void
test_decide (Pair *pair, gconstpointer unused)
{
  g_autofree char *one = pair_make_file (pair, "one", 1000);
  g_autofree char *two = pair_make_file (pair, "two", 1000);
  g_autofree char *three = pair_make_file (pair, "three", 1000);
  g_autofree char *four = pair_make_file (pair, "four", 1000);
  g_autoptr (PstTransfer) accepted = offer_from (pair, pair->a, "one");
  g_autoptr (PstTransfer) declined = NULL, unheard = NULL, late = NULL;
  g_autoptr (PstTransfer) to_accept = NULL;

  wait_for (pair->incoming != NULL);
  to_accept = g_steal_pointer (&pair->incoming);
  declined = offer_from (pair, pair->a, "two");
  wait_for (pair->incoming != NULL);

  pst_memory_channel_set_blocked (pair->channel_a, TRUE);
  unheard = offer_from (pair, pair->a, "three");
  wait_for (state_is (unheard, OFFERED));
  pair_cut (pair);
  late = offer_from (pair, pair->a, "four");
  g_assert_true (pst_transfer_accept (to_accept, pair->to, NULL, NULL));
  g_assert_true (state_is (to_accept, RECONNECTING) && state_is (accepted, OFFERED));
  pst_transfer_decline (pair->incoming);
  pst_transfer_cancel (unheard);
  g_clear_object (&pair->incoming);

  pair_mend (pair);
  wait_for (state_is (accepted, DONE) && state_is (declined, DECLINED));
  assert_same (pair, "one");
  pair_accept (pair);
  wait_for (state_is (late, DONE));
  assert_same (pair, "four");
  g_assert_cmpuint (count_names (pair->to), ==, 2);
  g_assert_false (pair->closed_a || pair->closed_b);
}

/* Two offers, the first in several parts, of which so many messages are heard. */
static void
test_offers (Pair *pair, gconstpointer n_heard)
{
  g_autofree char *folder = pair_make_folder (pair, "many");
  g_autofree char *one = pair_make_file (pair, "one", 10);
  g_autoptr (PstTransfer) many = NULL, single = NULL;

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *name = g_strdup_printf ("many/file number %u, of no bytes", i);

      g_free (pair_make_file (pair, name, 0));
    }
  g_signal_connect (pair->b, "transfer-added", G_CALLBACK (accept_all), pair);
  wait_for (pst_exchange_get_buffered_bytes (pair->a) == 0);
  pst_memory_channel_set_blocked (pair->channel_a, TRUE);
  many = offer_from (pair, pair->a, "many");
  wait_for (state_is (many, OFFERED));
  single = offer_from (pair, pair->a, "one");
  wait_for (state_is (single, OFFERED));
  if (n_heard != NULL)
    {
      pst_memory_channel_cut_after (pair->channel_a, GPOINTER_TO_UINT (n_heard));
      pst_memory_channel_set_blocked (pair->channel_a, FALSE);
      wait_for (pair->lost_a);
    }
  else
    pair_cut (pair);

  pair_mend (pair);
  wait_for (state_is (many, DONE) && state_is (single, DONE));
  assert_same_folder (pair, "many");
  assert_same (pair, "one");
}

/* Nothing is to be sent, so the receiver is done before the sender knows that it
 * has begun. */
static void
test_bare_folder (Pair *pair, gconstpointer unused)
{
  g_autofree char *folder = pair_make_folder (pair, "bare");
  g_autofree char *file = pair_make_file (pair, "bare/unwanted", 1000);
  g_autoptr (PstTransfer) out = offer_from (pair, pair->a, "bare");
  guint8 selection[] = { 1, 0 };

  wait_for (pair->incoming != NULL);
  pair_cut (pair);
  g_assert_true (pst_transfer_accept (pair->incoming, pair->to, selection, NULL));
  wait_for (state_is (pair->incoming, DONE));
  g_assert_true (state_is (out, OFFERED));
  pair_mend (pair);
  wait_for (state_is (out, DONE));
  g_assert_cmpuint (pst_transfer_get_total_bytes (out), ==, 0);
  g_assert_false (pair->closed_a || pair->closed_b);
}

/* All is sent, nothing is heard of it: neither end of the files nor of the
 * transfer. */
static void
test_verifying (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "last", 100000);
  g_autoptr (PstTransfer) out = offer_from (pair, pair->a, "last");

  wait_for (pair->incoming != NULL);
  pair_accept (pair);
  wait_for (state_is (out, VERIFYING) || state_is (out, DONE));
  pst_memory_channel_set_blocked (pair->channel_b, TRUE);
  wait_for (state_is (pair->incoming, DONE));
  pair_cut (pair);
  g_assert_true (state_is (out, RECONNECTING) || state_is (out, DONE));
  pair_mend (pair);
  wait_for (state_is (out, DONE));
  assert_same (pair, "last");
}

/* A file that changes while there is no link is given up; one of which the end
 * was not heard is looked at anew. */
static void
test_changed (Pair *pair, gconstpointer unused)
{
  g_autofree char *folder = pair_make_folder (pair, "f");
  g_autofree char *big = pair_make_file (pair, "f/a", BIG_BYTES);
  g_autofree char *small = pair_make_file (pair, "f/b", 1000);
  g_autoptr (PstTransfer) out = offer_from (pair, pair->a, "f");

  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  pair_accept (pair);
  wait_for (pair->incoming->in.window.taken_bytes > 0);
  pair_cut (pair);
  g_assert_cmpint (truncate (big, 10), ==, 0);

  for (guint i = 0; i < 3; i++)
    {
      pair_mend (pair);
      pst_memory_channel_set_blocked (pair->channel_a, FALSE);
      if (i == 2)
        break;
      wait_for (!state_is (out, RECONNECTING));
      pair_cut (pair);
    }
  wait_for (pst_transfer_is_finished (out) && pst_transfer_is_finished (pair->incoming));
  g_assert_true (state_is (out, FAILED) && state_is (pair->incoming, FAILED));
  g_assert_error (pst_transfer_get_error (out), PST_ERROR, PST_ERROR_CHANGED);
  g_assert_cmpuint (pst_transfer_get_total_bytes (out), ==, 1000);
  g_assert_cmpuint (pst_transfer_get_sent_bytes (out), ==, 1000);
  assert_same (pair, "f/b");
  g_assert_false (pair->closed_a || pair->closed_b);
}

/* The disk fails while there is no link. */
static void
test_destination_fails (Pair *pair, gconstpointer unused)
{
  g_autofree char *folder = pair_make_folder (pair, "f");
  g_autofree char *one = pair_make_file (pair, "f/one", 100000);
  g_autofree char *two = pair_make_file (pair, "f/two", 4 * 1024 * 1024);
  g_autofree char *got = g_build_filename (pair->to, "f", NULL);
  g_autoptr (PstTransfer) out = offer_from (pair, pair->a, "f");

  wait_for (pair->incoming != NULL);
  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  pair_accept (pair);
  wait_for (state_is (out, RUNNING) && g_file_test (got, G_FILE_TEST_IS_DIR));
  pair_cut (pair);
  pst_transfer_abort (pair->incoming,
                      &(GError){ PST_ERROR, PST_ERROR_DISK_FULL, (char *) "It is full." });
  g_assert_true (state_is (pair->incoming, FAILED) && state_is (out, RECONNECTING));
  pair_mend (pair);
  wait_for (state_is (out, FAILED));
  g_assert_error (pst_transfer_get_error (out), PST_ERROR, PST_ERROR_DISK_FULL);
  g_assert_false (pair->closed_a || pair->closed_b);
}

/* Only one side notices; the other one lets go when told to. */
static void
test_one_side (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = begin (pair, "one side", 4 * 1024 * 1024);

  pst_memory_channel_break (pair->channel_b);
  g_assert_true (pair->lost_b && !pair->lost_a);
  pst_exchange_detach (pair->a);
  pst_exchange_detach (pair->a);
  g_assert_true (!pair->lost_a && state_is (out, RECONNECTING));
  pair_mend (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_same (pair, "one side");
}

/* Nothing more arrives at the receiver, the sender knows all that did, and something is
 * under way. */
static void
stop_flow (Pair *pair, PstTransfer *out)
{
  const PstWindow *window = &pair->incoming->in.window;

  wait_for (pst_transfer_get_written_bytes (out) > 1024 * 1024);
  pst_memory_channel_set_blocked (pair->channel_a, TRUE);
  wait_for (window->written_bytes == window->received_bytes
            && out->out.credit.written_bytes == window->written_bytes
            && out->out.credit.sent_bytes > window->received_bytes);
}

/* As if the link had not moved for as long as makes a stall. */
static void
grow_old (Pair *pair, PstTransfer *out)
{
  out->meter.progressed_us -= PST_METER_STALL_US;
  out->meter.arrived_us -= PST_METER_STALL_US;
  pair->a->left_us -= PST_METER_STALL_US;
  pair->a->left_bytes = pair->a->given_bytes - pst_exchange_get_buffered_bytes (pair->a);
}

static void
wait_for_next_ping (Pair *pair)
{
  guint64 n_frames = pst_memory_channel_get_n_frames (pair->channel_a);

  wait_for (pst_memory_channel_get_n_frames (pair->channel_a) > n_frames || pair->lost_a);
}

/* Bytes go into the link and do not come out of it, though something comes back. */
static void
test_stuck (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = begin (pair, "stuck", 8 * 1024 * 1024);

  stop_flow (pair, out);
  grow_old (pair, out);
  wait_for (pair->lost_a);
  g_assert_true (state_is (out, RECONNECTING));

  pst_exchange_detach (pair->b);
  pair_mend (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_same (pair, "stuck");
}

/* What everybody has, and nobody writes, another link does not make faster. */
static void
test_their_disk_is_not_stuck (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = begin (pair, "disk", 8 * 1024 * 1024);
  guint64 received_bytes;

  stop_flow (pair, out);
  received_bytes = out->out.credit.received_bytes;
  out->out.credit.received_bytes = out->out.credit.sent_bytes;
  grow_old (pair, out);
  wait_for_next_ping (pair);
  g_assert_false (pair->lost_a);
  g_assert_true (state_is (out, STALLED));

  out->out.credit.received_bytes = received_bytes;
  pair_cut (pair);
  pair_mend (pair);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_same (pair, "disk");
}

/* A line may be so slow that no frame came whole for long. */
static void
test_slow_is_not_stuck (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = begin (pair, "slow", 8 * 1024 * 1024);

  stop_flow (pair, out);
  grow_old (pair, out);
  pair->a->left_us += PST_METER_STALL_US;
  wait_for_next_ping (pair);
  g_assert_false (pair->lost_a);

  pst_memory_channel_set_blocked (pair->channel_a, FALSE);
  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  assert_same (pair, "slow");
}

/* What is said before the link goes and has arrived is not said again. */
static void
test_endings_are_forgotten (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = begin (pair, "short", 100000);
  guint64 n_frames;

  wait_for (state_is (out, DONE) && state_is (pair->incoming, DONE));
  pair_cut (pair);
  pair_mend (pair);
  /* hello, a ping, and the end of the transfer */
  g_assert_cmpuint (pst_memory_channel_get_n_frames (pair->channel_b), ==, 3);
  pst_exchange_say_bye (pair->a, NULL);
  wait_for (pair->closed_b);
  /* hello, a ping, the answer to theirs, and bye */
  n_frames = pst_memory_channel_get_n_frames (pair->channel_a);
  g_assert_cmpuint (n_frames, <=, 4);
}

#define ADD(path, data, func)                                                                     \
  g_test_add ("/reconnect/" path, Pair, data, pair_set_up, func, pair_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/reconnect/every-frame/there", GINT_TO_POINTER (1), test_every_frame);
  g_test_add_data_func ("/reconnect/every-frame/back", NULL, test_every_frame);
  g_test_add_func ("/reconnect/at-random", test_at_random);
  ADD ("shown", NULL, test_shown);
  ADD ("pause-by-sender", NULL, test_pause);
  ADD ("pause-by-receiver", GINT_TO_POINTER (1), test_pause);
  ADD ("cancel-by-sender", NULL, test_cancel);
  ADD ("cancel-by-receiver", GINT_TO_POINTER (1), test_cancel);
  ADD ("decide", NULL, test_decide);
  ADD ("offers/unheard", GUINT_TO_POINTER (0), test_offers);
  ADD ("offers/begun", GUINT_TO_POINTER (1), test_offers);
  ADD ("offers/half", GUINT_TO_POINTER (2), test_offers);
  ADD ("offers/first", GUINT_TO_POINTER (5), test_offers);
  ADD ("bare-folder", NULL, test_bare_folder);
  ADD ("verifying", NULL, test_verifying);
  ADD ("changed", NULL, test_changed);
  ADD ("destination-fails", NULL, test_destination_fails);
  ADD ("one-side", NULL, test_one_side);
  ADD ("stuck", NULL, test_stuck);
  ADD ("their-disk-is-not-stuck", NULL, test_their_disk_is_not_stuck);
  ADD ("slow-is-not-stuck", NULL, test_slow_is_not_stuck);
  ADD ("endings-are-forgotten", NULL, test_endings_are_forgotten);
  return g_test_run ();
}
