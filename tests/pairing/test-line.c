/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line to a server that plays what each test has written: whatever it says and
 * whenever, the line goes on, comes back, or ends as it should. */
#include "pst-line.h"

#include <string.h>

#include "pst-error.h"
#include "pst-mailbox.h"
#include "pst-websocket.h"
#include "raw-client.h"

#define WELCOME   "{\"type\":\"welcome\",\"welcome\":{}}"
#define ALLOCATED "{\"type\":\"allocated\",\"nameplate\":\"4\"}"
#define CLAIMED   "{\"type\":\"claimed\",\"mailbox\":\"m\"}"
#define RELEASED  "{\"type\":\"released\"}"
#define CLOSED    "{\"type\":\"closed\"}"
#define ERROR(text) "{\"type\":\"error\",\"error\":\"" text "\"}"
#define MAIL(side, phase, body)                                                                    \
  "{\"type\":\"message\",\"side\":\"" side "\",\"phase\":\"" phase "\",\"body\":\"" body "\"}"

/* What the server says to a command of this type. */
typedef struct
{
  const char *to;   /* “connect” for the beginning of a connection */
  guint connection; /* only on this one, counted from 1; 0: on each */
  const char *line; /* NULL: it hangs up */
} Play;

typedef struct
{
  GSocketService *service;
  SoupWebsocketConnection *websocket;
  const Play *plays; /* up to one without `to` */
  gboolean silent;   /* gives no pong */
  guint n_connections;
  GPtrArray *seen; /* types of commands, on all connections */
  char *url;

  PstLine *line;
  guint n_claimed;
  GString *mail; /* side/phase of each */
  GError *error;
  gboolean failed;
  gboolean closed;
} Fixture;

static const PstWormholeTiming quick = {
  .answer_ms = 20 * 1000,
  .retry_first_ms = 5,
  .retry_max_ms = 20,
  .retry_total_ms = 200,
  .ping_ms = 60 * 1000,
  .close_ms = 20 * 1000,
};

/* The client may have hung up meanwhile. */
static void
say (Fixture *f, const char *text)
{
  if (f->websocket != NULL
      && soup_websocket_connection_get_state (f->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_text (f->websocket, text);
}

static void
hang_up (Fixture *f)
{
  if (soup_websocket_connection_get_state (f->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (f->websocket, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
}

static void
play (Fixture *f, const char *to)
{
  for (const Play *one = f->plays; one->to != NULL; one++)
    {
      if (!g_str_equal (one->to, to)
          || (one->connection != 0 && one->connection != f->n_connections))
        continue;
      if (one->line != NULL)
        say (f, one->line);
      else
        hang_up (f);
    }
}

static const char *
name_of (PstMailboxType type)
{
  switch (type)
    {
    case PST_MAILBOX_BIND:
      return "bind";
    case PST_MAILBOX_ALLOCATE:
      return "allocate";
    case PST_MAILBOX_CLAIM:
      return "claim";
    case PST_MAILBOX_RELEASE:
      return "release";
    case PST_MAILBOX_OPEN:
      return "open";
    case PST_MAILBOX_ADD:
      return "add";
    case PST_MAILBOX_CLOSE:
      return "close";
    case PST_MAILBOX_PING:
      return "ping";
    default:
      g_assert_not_reached ();
    }
}

static void
on_command (SoupWebsocketConnection *websocket, int type, GBytes *message, Fixture *f)
{
  gsize n_bytes;
  const char *text = g_bytes_get_data (message, &n_bytes);
  g_autoptr (PstMailboxFrame) frame = pst_mailbox_parse_command (text, n_bytes, NULL);
  g_autofree char *pong = NULL;

  g_assert_nonnull (frame);
  pst_websocket_renew (websocket);
  g_ptr_array_add (f->seen, (gpointer) name_of (frame->type));
  play (f, name_of (frame->type));
  if (frame->type != PST_MAILBOX_PING || f->silent)
    return;

  pong = pst_mailbox_print (&(PstMailboxFrame){ .type = PST_MAILBOX_PONG, .ping = frame->ping });
  say (f, pong);
}

static void
on_accepted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;
  SoupWebsocketConnection *websocket = pst_websocket_accept_finish (result, NULL);

  if (websocket == NULL)
    return;
  g_clear_object (&f->websocket);
  f->websocket = websocket;
  f->n_connections++;
  g_signal_connect (websocket, "message", G_CALLBACK (on_command), f);
  play (f, "connect");
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *object,
             gpointer user_data)
{
  pst_websocket_accept_async (connection, NULL, on_accepted, user_data);
  return TRUE;
}

static void
on_claimed (PstLine *line, const char *nameplate, Fixture *f)
{
  f->n_claimed++;
}

static void
on_mail (PstLine *line, const char *side, const char *phase, GBytes *body, Fixture *f)
{
  g_string_append_printf (f->mail, "%s/%s ", side, phase);
}

static void
on_failed (PstLine *line, const GError *error, Fixture *f)
{
  g_assert_false (f->failed);
  f->failed = TRUE;
  f->error = g_error_copy (error);
}

static void
set_up (Fixture *f, gconstpointer plays)
{
  guint16 port;

  f->plays = plays;
  f->seen = g_ptr_array_new ();
  f->mail = g_string_new (NULL);
  f->service = g_socket_service_new ();
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (f->service), NULL, NULL);
  g_signal_connect (f->service, "incoming", G_CALLBACK (on_incoming), f);
  f->url = g_strdup_printf ("ws://127.0.0.1:%u", port);

  f->line = pst_line_new (f->url, "app", "us");
  pst_line_set_timing (f->line, &quick);
  g_signal_connect (f->line, "claimed", G_CALLBACK (on_claimed), f);
  g_signal_connect (f->line, "mail", G_CALLBACK (on_mail), f);
  g_signal_connect (f->line, "failed", G_CALLBACK (on_failed), f);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;

  g_assert_true (pst_line_close_finish (PST_LINE (source), result, NULL));
  f->closed = TRUE;
}

#define wait_for(condition)                                                                        \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gboolean done_ = (condition);                                                                  \
    guint bound_ = g_timeout_add_seconds (15, on_bound, (gpointer) #condition);                    \
    for (; !done_; done_ = (condition))                                                            \
      g_main_context_iteration (NULL, TRUE);                                                       \
    g_source_remove (bound_);                                                                      \
  }                                                                                                \
  G_STMT_END

static gboolean
on_bound (gpointer condition)
{
  g_error ("waited in vain for %s", (const char *) condition);
  return G_SOURCE_REMOVE;
}

static void
tear_down (Fixture *f, gconstpointer plays)
{
  if (!f->closed)
    {
      /* Whatever is open then is closed without waiting for an answer. */
      g_clear_object (&f->websocket);
      g_socket_service_stop (f->service);
      g_socket_listener_close (G_SOCKET_LISTENER (f->service));
      pst_line_close_async (f->line, PST_MOOD_HAPPY, on_closed, f);
      wait_for (f->closed);
    }
  if (f->websocket != NULL)
    g_signal_handlers_disconnect_by_data (f->websocket, f);
  g_signal_handlers_disconnect_by_data (f->line, f);
  g_clear_object (&f->line);
  g_clear_object (&f->websocket);
  g_socket_service_stop (f->service);
  g_socket_listener_close (G_SOCKET_LISTENER (f->service));
  g_clear_object (&f->service);
  g_clear_error (&f->error);
  g_string_free (f->mail, TRUE);
  g_ptr_array_unref (f->seen);
  g_free (f->url);
}

static guint
count (Fixture *f, const char *type)
{
  guint n = 0;

  for (guint i = 0; i < f->seen->len; i++)
    n += g_str_equal (g_ptr_array_index (f->seen, i), type);
  return n;
}

static void
add (Fixture *f, const char *phase)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("x", 1);

  pst_line_add (f->line, phase, body);
}

/* What every good server says. */
#define GREETS  { "connect", 0, WELCOME }
#define CLAIMS  { "claim", 0, CLAIMED }
#define CLOSES  { "release", 0, RELEASED }, { "close", 0, CLOSED }
#define THE_END { NULL, 0, NULL }

static const Play good[] = { GREETS, CLAIMS, CLOSES, THE_END };

static void
close_line (Fixture *f)
{
  pst_line_close_async (f->line, PST_MOOD_LONELY, on_closed, f);
  wait_for (f->closed);
  g_assert_false (f->failed);
}

static void
test_good (Fixture *f, gconstpointer unused)
{
  pst_line_start (f->line, "4");
  wait_for (f->n_claimed == 1);
  add (f, "one");
  wait_for (count (f, "add") == 1);
  pst_line_release (f->line);
  pst_line_release (f->line);
  wait_for (count (f, "release") == 1);
  close_line (f);
  g_assert_cmpuint (count (f, "release"), ==, 1);
  g_assert_cmpuint (count (f, "close"), ==, 1);
}

/* Said at the wrong time, twice, or of another version: passed over. */
static const Play chatter[] = {
  { "connect", 0, MAIL ("them", "early", "00") },
  { "connect", 0, CLAIMED },
  { "connect", 0, "{\"type\":\"pong\",\"pong\":1}" },
  { "connect", 0, CLOSED },
  GREETS,
  { "connect", 0, WELCOME },
  { "claim", 0, ALLOCATED },
  { "claim", 0, RELEASED },
  { "claim", 0, "{\"type\":\"teleported\",\"to\":\"moon\"}" },
  { "claim", 0, "{\"type\":\"nameplates\",\"nameplates\":[]}" },
  CLAIMS,
  { "open", 0, CLAIMED },
  { "open", 0, "{\"type\":\"pong\",\"pong\":77}" },
  { "open", 0, MAIL ("us", "other", "00") },
  { "open", 0, MAIL ("them", "late", "00") },
  CLOSES,
  THE_END,
};

static void
test_chatter (Fixture *f, gconstpointer unused)
{
  pst_line_start (f->line, "4");
  wait_for (f->mail->len > 0);
  g_assert_cmpstr (f->mail->str, ==, "them/late ");
  g_assert_cmpuint (f->n_claimed, ==, 1);
  close_line (f);
}

/* The connection goes; what the mailbox still holds is not sent a second time, and
 * what it lost is. */
static const Play echo[] = {
  GREETS,
  CLAIMS,
  { "open", 2, MAIL ("us", "kept", "78") },
  { "open", 2, MAIL ("us", "changed", "00") },
  CLOSES,
  THE_END,
};

static void
test_comes_back (Fixture *f, gconstpointer unused)
{
  add (f, "kept");
  add (f, "changed");
  pst_line_start (f->line, "4");
  wait_for (count (f, "add") == 2);
  hang_up (f);
  wait_for (count (f, "add") == 3);
  wait_for (count (f, "open") == 2);
  g_assert_cmpuint (f->n_connections, ==, 2);
  g_assert_cmpuint (f->n_claimed, ==, 1);
  close_line (f);
  g_assert_cmpuint (count (f, "add"), ==, 3);
}

/* The nameplate is of no use any more: coming back, only the mailbox is opened. */
static void
test_comes_back_released (Fixture *f, gconstpointer unused)
{
  pst_line_start (f->line, "4");
  wait_for (f->n_claimed == 1);
  pst_line_release (f->line);
  wait_for (count (f, "release") == 1);
  hang_up (f);
  wait_for (count (f, "open") == 2);
  g_assert_cmpuint (count (f, "claim"), ==, 1);
  close_line (f);
}

/* The release had arrived, its answer had not. */
static const Play reclaimed[] = {
  GREETS, { "claim", 1, CLAIMED }, { "claim", 2, ERROR ("reclaimed") }, CLOSES, THE_END,
};

static void
test_reclaimed (Fixture *f, gconstpointer unused)
{
  pst_line_start (f->line, "4");
  wait_for (f->n_claimed == 1);
  wait_for (count (f, "ping") == 1);
  hang_up (f);
  wait_for (count (f, "open") == 2);
  g_assert_false (f->failed);
  close_line (f);
}

static void
test_reclaimed_at_first (Fixture *f, gconstpointer unused)
{
  pst_line_start (f->line, "4");
  wait_for (f->failed);
  g_assert_error (f->error, PST_ERROR, PST_ERROR_SERVER);
}

static const Play reclaimed_at_first[] = { GREETS, { "claim", 0, ERROR ("reclaimed") }, THE_END };

/* Before anybody is paired, a server that does not do its part is left; after that
 * it is tried again, whatever it says. */
static const Play turns_away[]
    = { { "connect", 0, "{\"type\":\"welcome\",\"welcome\":{\"error\":\"moved\\u001b[2J\"}}" },
        THE_END };
static const Play says_junk[] = { GREETS, CLAIMS, { "open", 1, "junk" }, CLOSES, THE_END };
static const Play says_error[] = { GREETS, CLAIMS, { "open", 1, ERROR ("oops") }, CLOSES, THE_END };
static const Play says_crowded[]
    = { GREETS, CLAIMS, { "open", 1, ERROR ("crowded") }, CLOSES, THE_END };
static const Play says_no_hex[]
    = { GREETS, CLAIMS, { "open", 1, MAIL ("them", "0", "xx") }, CLOSES, THE_END };

static void
test_distrusted (Fixture *f, gconstpointer unused)
{
  pst_line_start (f->line, "4");
  wait_for (f->failed);
  g_assert_error (f->error, PST_ERROR, PST_ERROR_SERVER);
  g_assert_null (strchr (f->error->message, '\033'));
}

static void
test_persists (Fixture *f, gconstpointer unused)
{
  pst_line_persist (f->line);
  pst_line_start (f->line, "4");
  wait_for (count (f, "open") == 2);
  wait_for (count (f, "ping") >= 2);
  g_assert_false (f->failed);
  close_line (f);
}

static void
test_binary (Fixture *f, gconstpointer unused)
{
  pst_line_start (f->line, "4");
  wait_for (f->n_claimed == 1);
  soup_websocket_connection_send_binary (f->websocket, "{}", 2);
  wait_for (f->failed);
  g_assert_error (f->error, PST_ERROR, PST_ERROR_SERVER);

  /* Nothing it says after that is heard. */
  say (f, MAIL ("them", "0", "00"));
  say (f, "junk");
  pst_line_close_async (f->line, PST_MOOD_ERRORY, on_closed, f);
  wait_for (f->closed);
  g_assert_cmpuint (f->mail->len, ==, 0);
}

/* A server that does not answer any more is left and tried again. */
static void
test_no_answer (Fixture *f, gconstpointer unused)
{
  PstWormholeTiming timing = quick;

  timing.answer_ms = 50;
  f->silent = TRUE;
  pst_line_set_timing (f->line, &timing);
  pst_line_start (f->line, "4");
  wait_for (f->n_connections >= 2);
  wait_for (f->failed);
  g_assert_error (f->error, PST_ERROR, PST_ERROR_SERVER);
}

static void
test_ping_is_due (Fixture *f, gconstpointer unused)
{
  PstWormholeTiming timing = quick;

  timing.ping_ms = 5;
  pst_line_set_timing (f->line, &timing);
  pst_line_start (f->line, "4");
  wait_for (count (f, "ping") >= 4);
  g_assert_cmpuint (f->n_connections, ==, 1);
  close_line (f);
}

/* Closed in the middle of a claim, the line waits for its answer, which names the
 * mailbox to be closed. */
static const Play late[] = { GREETS, CLOSES, THE_END };

static void
test_closed_while_allocating (Fixture *f, gconstpointer unused)
{
  pst_line_start (f->line, NULL);
  wait_for (count (f, "allocate") == 1);
  pst_line_close_async (f->line, PST_MOOD_ERRORY, on_closed, f);
  say (f, ALLOCATED);
  wait_for (count (f, "claim") == 1);
  say (f, CLAIMED);
  wait_for (f->closed);
  g_assert_cmpuint (count (f, "release"), ==, 1);
  g_assert_cmpuint (count (f, "close"), ==, 1);
  g_assert_cmpuint (count (f, "open"), ==, 0);
  g_assert_cmpuint (f->n_claimed, ==, 0);
}

static void
test_closed_while_claiming (Fixture *f, gconstpointer answer)
{
  pst_line_start (f->line, "4");
  wait_for (count (f, "claim") == 1);
  pst_line_close_async (f->line, PST_MOOD_SCARY, on_closed, f);
  say (f, CLAIMED);
  wait_for (f->closed);
  g_assert_cmpuint (count (f, "close"), ==, 1);
  g_assert_cmpuint (f->n_claimed, ==, 0);
}

/* Whatever is said to a goodbye, it is one. */
static const Play refuses_close[] = { GREETS, CLAIMS, { "close", 0, ERROR ("no") }, THE_END };
static const Play junk_to_close[] = { GREETS, CLAIMS, { "close", 0, "junk" }, THE_END };
static const Play hangs_up_on_close[] = { GREETS, CLAIMS, { "close", 0, NULL }, THE_END };
static const Play ignores_close[] = { GREETS, CLAIMS, THE_END };

static void
test_goodbye (Fixture *f, gconstpointer plays)
{
  PstWormholeTiming timing = quick;

  if (plays == ignores_close)
    timing.close_ms = 50;
  pst_line_set_timing (f->line, &timing);
  pst_line_start (f->line, "4");
  wait_for (f->n_claimed == 1);
  close_line (f);
  g_assert_cmpuint (count (f, "close"), ==, 1);
}

/* Closed where there is nothing to close. */
static void
test_closed_early (Fixture *f, gconstpointer unused)
{
  close_line (f);
  g_assert_cmpuint (f->n_connections, ==, 0);
}

static void
test_closed_at_rest (Fixture *f, gconstpointer unused)
{
  PstWormholeTiming timing = quick;

  timing.retry_first_ms = 60 * 1000;
  timing.retry_max_ms = 60 * 1000;
  pst_line_set_timing (f->line, &timing);
  pst_line_persist (f->line);
  pst_line_start (f->line, "4");
  wait_for (f->n_claimed == 1);
  hang_up (f);
  wait_for (soup_websocket_connection_get_state (f->websocket) == SOUP_WEBSOCKET_STATE_CLOSED);
  add (f, "unsent");
  pst_line_release (f->line);
  close_line (f);
  g_assert_cmpuint (count (f, "add"), ==, 0);
  g_assert_cmpuint (f->n_connections, ==, 1);
}

#define ADD(path, plays, func) g_test_add ("/line/" path, Fixture, plays, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("good", good, test_good);
  ADD ("chatter", chatter, test_chatter);
  ADD ("comes-back/echo", echo, test_comes_back);
  ADD ("comes-back/released", good, test_comes_back_released);
  ADD ("comes-back/reclaimed", reclaimed, test_reclaimed);
  ADD ("distrusted/reclaimed", reclaimed_at_first, test_reclaimed_at_first);
  ADD ("distrusted/turns-away", turns_away, test_distrusted);
  ADD ("distrusted/junk", says_junk, test_distrusted);
  ADD ("distrusted/error", says_error, test_distrusted);
  ADD ("distrusted/crowded", says_crowded, test_distrusted);
  ADD ("distrusted/no-hex", says_no_hex, test_distrusted);
  ADD ("distrusted/binary", good, test_binary);
  ADD ("persists/junk", says_junk, test_persists);
  ADD ("persists/error", says_error, test_persists);
  ADD ("persists/crowded", says_crowded, test_persists);
  ADD ("persists/no-hex", says_no_hex, test_persists);
  ADD ("no-answer", good, test_no_answer);
  ADD ("ping-is-due", good, test_ping_is_due);
  ADD ("closed/early", good, test_closed_early);
  ADD ("closed/at-rest", good, test_closed_at_rest);
  ADD ("closed/while-allocating", late, test_closed_while_allocating);
  ADD ("closed/while-claiming", late, test_closed_while_claiming);
  ADD ("goodbye/refused", refuses_close, test_goodbye);
  ADD ("goodbye/junk", junk_to_close, test_goodbye);
  ADD ("goodbye/hung-up", hangs_up_on_close, test_goodbye);
  ADD ("goodbye/ignored", ignores_close, test_goodbye);
  return g_test_run ();
}
