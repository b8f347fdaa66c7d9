/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several links over real connections, with GStreamer's own elements. */
#include <string.h>

#include "pst-channel.h"
#include "pst-error.h"
#include "pst-exchange-private.h"
#include "pst-session-private.h"
#include "session-run.h"

/* Under way for some seconds, and little work. */
#define FILE_BYTES (3 << 20)
#define LIMIT_BPS  (FILE_BYTES / 6)

/* @links: for PST_LINK_BUNDLE. */
static void
open_pair (Run *run, const char *links)
{
  const PstSessionOptions options = { .limit_bps = LIMIT_BPS, .stock = TRUE };

  *run = (Run){ 0 };
  g_setenv ("PST_LINK_BUNDLE", links, TRUE);
  end_open_pair_with (&run->host, &options, &run->guest, &options);
}

static guint
count_links (End *end)
{
  return end->session->bundle != NULL ? pst_bundle_get_n_links (end->session->bundle) : 0;
}

static PstSessionLink *
get_link (End *end, guint number)
{
  for (guint i = 0; i < end->session->links->len; i++)
    {
      PstSessionLink *link = g_ptr_array_index (end->session->links, i);

      if (link->number == number)
        return link;
    }

  return NULL;
}

#define wait_for_links(run, n) \
  wait_for (count_links (&(run)->host) == (n) && count_links (&(run)->guest) == (n))

static void
break_off (PstPeer *peer, PstError code)
{
  g_autoptr (PstPeer) alive = g_object_ref (peer);
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, code, "Cut.");

  pst_channel_emit_closed (PST_CHANNEL (alive), error);
}

static End *
get_offerer (Run *run)
{
  return pst_session_is_offerer (run->host.session) ? &run->host : &run->guest;
}

static End *
get_answerer (Run *run)
{
  return pst_session_is_offerer (run->host.session) ? &run->guest : &run->host;
}

/* All carry something, both ways. */
static void
test_several (void)
{
  Run run;
  PstChannelPath path;

  open_pair (&run, "3!");
  wait_for_links (&run, 3);
  run_begin (&run, FILE_BYTES);
  pst_channel_get_path (PST_CHANNEL (run.host.session->bundle), &path);
  g_assert_cmpuint (path.n_links, ==, 3);
  g_assert_cmpuint (path.most_links, ==, 3);
  run_finish (&run);
}

/* One that ends is done without: nothing is lost, and there is no other connection. */
static void
test_cut (gconstpointer data)
{
  End *end;
  Run run;

  open_pair (&run, "3!");
  wait_for_links (&run, 3);
  run_begin (&run, FILE_BYTES);
  end = GPOINTER_TO_INT (data) ? get_offerer (&run) : get_answerer (&run);
  break_off (get_link (end, 1)->peer, PST_ERROR_LOST);
  wait_for_links (&run, 2);
  g_assert_null (get_link (&run.host, 1));
  g_assert_null (get_link (&run.guest, 1));
  g_assert_cmpuint (run.host.session->epoch, ==, 0);
  run_finish (&run);
}

/* With the first one all are gone; the connection after it has one for the time being. */
static void
test_first_cut (void)
{
  Run run;

  open_pair (&run, "2!");
  wait_for_links (&run, 2);
  run_begin (&run, FILE_BYTES);
  break_off (run.host.session->peer, PST_ERROR_LOST);
  wait_for (run.host.session->epoch == 1 && run.guest.session->epoch == 1);
  wait_for (end_get_state (&run.host) == PST_SESSION_CONNECTED
            && end_get_state (&run.guest) == PST_SESSION_CONNECTED);
  g_assert_cmpuint (run.host.session->n_rests, ==, 1);
  g_assert_cmpuint (run.guest.session->n_rests, ==, 1);
  run_finish (&run);
}

/* An attempt that comes to nothing disturbs nothing, and is not repeated soon. */
static void
test_attempt_fails (gconstpointer data)
{
  End *end;
  Run run;

  open_pair (&run, "2!");
  end = GPOINTER_TO_INT (data) ? get_offerer (&run) : get_answerer (&run);
  wait_for (get_link (end, 1) != NULL);
  g_assert_cmpuint (count_links (end), ==, 1);
  break_off (get_link (end, 1)->peer, PST_ERROR_NO_PATH);
  wait_for (run.host.session->links->len == 0 && run.guest.session->links->len == 0);
  run_begin (&run, FILE_BYTES);
  g_assert_cmpuint (run.host.session->links->len, ==, 0);
  g_assert_cmpuint (get_offerer (&run)->session->last_link, ==, 1);
  g_assert_cmpuint (run.host.session->epoch, ==, 0);
  run_finish (&run);
}

/* A bundle that somebody in between takes part in, or that breaks the rules, is worse
 * than none. */
static void
test_tampered (void)
{
  Run run;

  open_pair (&run, "2!");
  wait_for_links (&run, 2);
  break_off (get_link (&run.host, 1)->peer, PST_ERROR_PROTOCOL);
  end_wait_until_closed (&run.host, PST_ERROR_PROTOCOL);
  end_wait_until_closed (&run.guest, PST_ERROR_PROTOCOL);
  end_clear (&run.guest);
  end_clear (&run.host);
}

/* @data: PST_LINK_BUNDLE. No bundle at all. */
static void
test_none (gconstpointer data)
{
  const PstSessionOptions options = { .stock = data != NULL };
  End host, guest;

  g_setenv ("PST_LINK_BUNDLE", data != NULL ? data : "4!", TRUE);
  end_open_pair_with (&host, &options, &guest, &options);
  g_assert_null (host.session->bundle);
  g_assert_null (guest.session->bundle);
  g_assert_cmpuint (pst_exchange_get_peer_most_links (host.session->exchange), <, 2);
  g_assert_cmpuint (pst_exchange_get_peer_most_links (guest.session->exchange), <, 2);
  end_clear (&guest);
  end_clear (&host);
}

/* What one side says that has the keys. */
static void
say (End *liar, const char *text)
{
  PstExchange *exchange = liar->session->exchange;
  GBytes *frame = pst_seal_close (exchange->seal, PST_FRAME_CONTROL, (const guint8 *) text,
                                  strlen (text), NULL, 0);

  g_assert_true (pst_channel_send (exchange->channel, frame, NULL));
  g_bytes_unref (frame);
}

typedef struct
{
  const char *name;
  gboolean from_offerer;
  const char *texts[3]; /* in which nothing is wrong with any but the last */
} Deed;

#define SIGNAL(n, signal) "{\"t\":\"link\",\"n\":" #n ",\"signal\":" signal "}"
#define WANTED(n)         "{\"t\":\"link\",\"n\":" #n ",\"wanted\":true}"
#define ICE               "{\"t\":\"ice\",\"epoch\":0,\"c\":[]}"

static const Deed deeds[] = {
  { "wanted-by-offerer", TRUE, { WANTED (1) } },
  { "wanted-twice", FALSE, { WANTED (1), WANTED (1) } },
  { "wanted-less", FALSE, { WANTED (9), WANTED (8) } },
  { "begun-by-answerer", FALSE, { SIGNAL (1, ICE) } },
  { "no-kind", TRUE, { SIGNAL (1, "{}") } },
  { "goodbye", TRUE, { SIGNAL (1, "{\"t\":\"bye\",\"epoch\":0}") } },
  { "other-epoch", TRUE, { SIGNAL (1, "{\"t\":\"ice\",\"epoch\":1,\"c\":[]}") } },
  { "bad-description",
    TRUE,
    { SIGNAL (1, "{\"t\":\"sdp\",\"epoch\":0,\"kind\":\"offer\",\"sdp\":\"v=0\"}") } },
  { "bad-candidate",
    TRUE,
    { SIGNAL (1, ICE),
      SIGNAL (1, "{\"t\":\"ice\",\"epoch\":0,\"c\":[{\"m\":0,\"c\":\"candidate:\"}]}") } },
  { "candidates-after-the-last",
    TRUE,
    { SIGNAL (1, "{\"t\":\"ice\",\"epoch\":0,\"c\":[],\"end\":true}"), SIGNAL (1, ICE) } },
  { "number", TRUE, { "{\"t\":\"link\",\"n\":16}" } },
};

/* Each ends it, as in any other signalling. */
static void
test_misbehaviour (gconstpointer data)
{
  const Deed *deed = data;
  Run run;
  End *liar, *victim;

  open_pair (&run, "4");
  liar = deed->from_offerer ? get_offerer (&run) : get_answerer (&run);
  victim = deed->from_offerer ? get_answerer (&run) : get_offerer (&run);
  for (guint i = 0; i < G_N_ELEMENTS (deed->texts) && deed->texts[i] != NULL; i++)
    say (liar, deed->texts[i]);
  end_wait_until_closed (victim, PST_ERROR_PROTOCOL);
  end_wait_until_closed (liar, PST_ERROR_PROTOCOL);
  end_clear (&run.guest);
  end_clear (&run.host);
}

/* Whoever begins one attempt after the other gets one at a time, each number once, and is
 * refused the others; the connection does not mind. */
static void
test_greedy (void)
{
  Run run;
  End *victim;

  open_pair (&run, "4");
  victim = get_answerer (&run);
  for (guint n = 1; n <= PST_CHANNEL_MAX_LINK_NUMBER; n++)
    {
      g_autofree char *text = g_strdup_printf ("{\"t\":\"link\",\"n\":%u,\"signal\":%s}", n, ICE);

      say (get_offerer (&run), text);
    }
  wait_for (victim->session->last_link == PST_CHANNEL_MAX_LINK_NUMBER);
  g_assert_cmpuint (victim->session->links->len, <=, 1);
  run_begin (&run, FILE_BYTES);
  run_finish (&run);
}

/* And whoever has too much to say about them is not heard for ever. */
static void
test_endless (void)
{
  Run run;
  End *liar;

  open_pair (&run, "4");
  liar = get_offerer (&run);
  for (guint i = 0; i <= PST_EXCHANGE_MAX_ABOUT_LINKS; i++)
    say (liar, "{\"t\":\"link\",\"n\":1}");
  end_wait_until_closed (get_answerer (&run), PST_ERROR_LIMIT);
  end_wait_until_closed (liar, PST_ERROR_LIMIT);
  end_clear (&run.guest);
  end_clear (&run.host);
}

/* In the midst of it all, also of an attempt. */
static void
test_close (void)
{
  Run run;

  open_pair (&run, "4!");
  wait_for (count_links (&run.host) == 3);
  run_begin (&run, FILE_BYTES);
  g_clear_object (&run.there);
  g_clear_object (&run.back);
  end_close (&run.host);
  end_wait_until_closed (&run.guest, PST_ERROR_CANCELLED);
  g_assert_cmpuint (run.guest.session->links->len, ==, 0);
  g_free (run.path_there);
  g_free (run.path_back);
  end_clear (&run.guest);
  end_clear (&run.host);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/links/several", test_several);
  g_test_add_data_func ("/session/links/cut-by-offerer", GINT_TO_POINTER (TRUE), test_cut);
  g_test_add_data_func ("/session/links/cut-by-answerer", GINT_TO_POINTER (FALSE), test_cut);
  g_test_add_func ("/session/links/first-cut", test_first_cut);
  g_test_add_data_func ("/session/links/attempt-fails-at-offerer", GINT_TO_POINTER (TRUE),
                        test_attempt_fails);
  g_test_add_data_func ("/session/links/attempt-fails-at-answerer", GINT_TO_POINTER (FALSE),
                        test_attempt_fails);
  g_test_add_func ("/session/links/breaks-the-rules", test_tampered);
  g_test_add_data_func ("/session/links/never", "1", test_none);
  g_test_add_data_func ("/session/links/fast", NULL, test_none);
  g_test_add_func ("/session/links/greedy", test_greedy);
  g_test_add_func ("/session/links/endless", test_endless);
  g_test_add_func ("/session/links/close", test_close);
  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      g_autofree char *path = g_strconcat ("/session/links/misbehaviour/", deeds[i].name, NULL);

      g_test_add_data_func (path, &deeds[i], test_misbehaviour);
    }
  return g_test_run ();
}
