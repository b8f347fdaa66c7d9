/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two people and a mailbox server that lies to one of them, in each way and about each
 * thing it says: the two come to the same key and hear each other in order, or read
 * one plain sentence about why not. */
#include "false-mailbox.h"

#include "pst-error.h"

static const char *const things[] = { "welcome",      "ack",       "claimed",  "echo pake",
                                      "message pake", "pong",      "released", "message version",
                                      "message 0",    "message 1", "closed" };

/* Two people, one of whom the server lies to. */
typedef struct
{
  const char *about;
  PstRendezvous *server;
  FalseMailbox *mailbox;
  Party *host;
  Party *guest;
} Talk;

/* Waits that a server may use up. */
static const PstWormholeTiming short_waits = {
  .answer_ms = 4000,
  .retry_first_ms = 10,
  .retry_max_ms = 20,
  .retry_total_ms = 4000,
  .ping_ms = 500,
  .close_ms = 50,
};

/* Several times what it takes when all is well. */
#define PATIENCE_MS 5000

static gboolean
on_tick (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
is_over (Party *party)
{
  return party->failed || party->enough;
}

/* Where the guest was told why not, the host may wait on for another. */
static gboolean
are_over (Talk *talks, guint n)
{
  for (guint i = 0; i < n; i++)
    if (!is_over (talks[i].guest) || (!is_over (talks[i].host) && !talks[i].guest->failed))
      return FALSE;

  return TRUE;
}

static guint
count_played (Talk *talks, guint n)
{
  guint n_played = 0;

  for (guint i = 0; i < n; i++)
    n_played += false_mailbox_count_played (talks[i].mailbox);
  return n_played;
}

/* All heard what they waited for or were told why not; or nothing comes: a server can
 * always keep silent, and then a person ends it. */
static void
wait_over (Talk *talks, guint n)
{
  gint64 begin_us = g_get_monotonic_time ();
  guint tick = g_timeout_add (20, on_tick, NULL);

  while (!are_over (talks, n)
         && (g_get_monotonic_time () < begin_us + PATIENCE_MS * G_TIME_SPAN_MILLISECOND
             || count_played (talks, n) == 0))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, begin_us + 60 * G_TIME_SPAN_SECOND);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (tick);
}

static void
assert_told (Party *party)
{
  static const int codes[] = { PST_ERROR_SERVER, PST_ERROR_WRONG_CODE, PST_ERROR_PROTOCOL,
                               PST_ERROR_TAMPERED };
  gboolean known = FALSE;

  if (!party->failed)
    return;

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    known |= g_error_matches (party->error, PST_ERROR, codes[i]);
  g_assert_true (known);
  g_assert_cmpuint (strlen (party->error->message), >, 10);
  g_assert_null (strchr (party->error->message, '\x1b'));
}

/* The beginning of what was said, nothing twice, nothing left out. */
static void
assert_in_order (Party *party, const char *said)
{
  g_assert_true (g_str_has_prefix (said, party->messages->str));
}

static GBytes *
get_key (Party *party)
{
  return pst_wormhole_derive_key (party->wormhole, (const guint8 *) "x", 1);
}

static void
talk_begin (Talk *talk, Trick trick, const char *about, gboolean always)
{
  g_autofree char *url = NULL;

  talk->about = about;
  talk->server = party_serve (0, &url);
  talk->mailbox = false_mailbox_new (url, trick, about, always);
  talk->host = party_new (url, 1);
  talk->guest = party_new (false_mailbox_get_url (talk->mailbox), 2);
  pst_wormhole_set_timing (talk->host->wormhole, &short_waits);
  pst_wormhole_set_timing (talk->guest->wormhole, &short_waits);
  talk->host->n_wanted = talk->guest->n_wanted = 2;
  for (int i = 1; i <= 2; i++)
    {
      party_send (talk->host, i);
      party_send (talk->guest, 10 + i);
    }
  pst_wormhole_host (talk->host->wormhole, "4-purple-sausages", NULL, 0);
  pst_wormhole_join (talk->guest->wormhole, "4-purple-sausages");
}

/* Whoever is paired is so with the other one. */
static void
assert_paired_rightly (Talk *talk)
{
  if (talk->guest->paired)
    g_assert_cmpstr (pst_wormhole_get_peer_side (talk->guest->wormhole), ==,
                     pst_wormhole_get_side (talk->host->wormhole));
  if (talk->host->paired)
    g_assert_cmpstr (pst_wormhole_get_peer_side (talk->host->wormhole), ==,
                     pst_wormhole_get_side (talk->guest->wormhole));
  if (talk->host->paired && talk->guest->paired)
    {
      g_autoptr (GBytes) one = get_key (talk->host);
      g_autoptr (GBytes) other = get_key (talk->guest);

      g_assert_true (g_bytes_equal (one, other));
    }
}

static void
talk_end (Talk *talk)
{
  g_test_message ("%s: %u times; host %s, guest %s", talk->about,
                  false_mailbox_count_played (talk->mailbox),
                  talk->host->failed ? talk->host->error->message : talk->host->messages->str,
                  talk->guest->failed ? talk->guest->error->message : talk->guest->messages->str);
  assert_told (talk->host);
  assert_told (talk->guest);
  assert_in_order (talk->host, "11 12 ");
  assert_in_order (talk->guest, "1 2 ");
  assert_paired_rightly (talk);
  g_clear_pointer (&talk->guest, party_free);
  g_clear_pointer (&talk->host, party_free);
  g_clear_pointer (&talk->mailbox, false_mailbox_free);
  g_clear_object (&talk->server);
}

static gboolean
makes_sense (Trick trick, const char *about)
{
  gboolean needs_message = trick >= TRICK_MIRROR;

  return !needs_message || g_str_has_prefix (about, "message ");
}

/* One trick about each thing, once and always, all at the same time. */
static void
test_trick (gconstpointer data)
{
  Trick trick = GPOINTER_TO_INT (data);
  Talk talks[2 * G_N_ELEMENTS (things)];
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (things); i++)
    for (guint always = 0; always < 2; always++)
      if (makes_sense (trick, things[i]))
        talk_begin (&talks[n++], trick, things[i], always);
  wait_over (talks, n);
  g_assert_cmpuint (count_played (talks, n), >, 0);
  for (guint i = 0; i < n; i++)
    talk_end (&talks[i]);
}

/* As a measure of the others: passed on as it is, all arrives. */
static void
test_honest (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  g_autoptr (FalseMailbox) mailbox = false_mailbox_new (url, TRICK_NONE, "nothing", FALSE);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (Party) guest = party_new (false_mailbox_get_url (mailbox), 2);

  party_pair (host, guest);
  guest->n_wanted = 1;
  party_send (host, 1);
  spin_until (&guest->enough);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/false-mailbox/honest", test_honest);
  for (guint trick = TRICK_DROP; trick < N_TRICKS; trick++)
    {
      g_autofree char *path = g_strconcat ("/false-mailbox/", false_mailbox_tricks[trick], NULL);

      g_test_add_data_func (path, GINT_TO_POINTER (trick), test_trick);
    }
  return g_test_run ();
}
