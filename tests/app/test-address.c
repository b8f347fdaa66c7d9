/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>

#include "pst-address.h"
#include "pst-error.h"
#include "pst-peer-private.h"

static void
assert_check (gboolean (*check) (const char *, GError **), const char *text, gboolean usable)
{
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", text);
  g_assert_true (check (text, &error) == usable);
  if (usable)
    {
      g_assert_no_error (error);
      return;
    }

  g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
  g_assert_true (g_str_has_suffix (error->message, "."));
}

static void
test_server (void)
{
  const char *const good[] = { "ws://relay.magic-wormhole.io:4000/v1", "wss://meet.example.org",
                               "wss://meet.example.org/v1", "ws://[2001:db8::1]:4000/v1",
                               "ws://192.0.2.7:4000" };
  const char *const bad[] = { "",
                              "relay.example.org",
                              "http://relay.example.org",
                              "ws://",
                              "ws:///v1",
                              "ws://relay.example.org:0",
                              "ws://me@relay.example.org",
                              "wss://relay.example.org/#top",
                              "ws://relay.example.org:99999" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    assert_check (pst_address_check_server, good[i], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_check (pst_address_check_server, bad[i], FALSE);
}

static const char *const stun_good[] = { "stun://stun.example.org:3478", "stun://stun.example.org",
                                         "stun://192.0.2.7:3478", "stun://[2001:db8::1]:3478" };
static const char *const stun_bad[] = { "",
                                        "stun.example.org:3478",
                                        "stun:stun.example.org:3478",
                                        "stun://",
                                        "stun://stun.example.org/path",
                                        "stun://me@stun.example.org",
                                        "stun://stun.example.org?transport=udp",
                                        "turn://stun.example.org" };
static const char *const turn_good[] = { "turn://me:secret@turn.example.org:3478",
                                         "turn://me:secret@turn.example.org",
                                         "turn://me:secret@turn.example.org?transport=tcp",
                                         "turn://me:secret@turn.example.org:3478?transport=udp" };
static const char *const turn_bad[] = { "",
                                        "turn://turn.example.org:3478",
                                        "turn://me@turn.example.org:3478",
                                        "turns://me:secret@turn.example.org",
                                        "turn://me:secret@",
                                        "TURNS://x",
                                        "turn://:secret@turn.example.org",
                                        "turn://me:secret@turn.example.org/path",
                                        "turn://me:secret@turn.example.org?transport=tls",
                                        "stun://me:secret@turn.example.org" };

static void
test_stun (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (stun_good); i++)
    assert_check (pst_address_check_stun, stun_good[i], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (stun_bad); i++)
    assert_check (pst_address_check_stun, stun_bad[i], FALSE);
}

static void
test_turn (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (turn_good); i++)
    assert_check (pst_address_check_turn, turn_good[i], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (turn_bad); i++)
    assert_check (pst_address_check_turn, turn_bad[i], FALSE);
}

static gboolean
link_takes (const char *stun, const char *turn)
{
  g_autoptr (GBytes) key = g_bytes_new_take (g_malloc0 (32), 32);
  const char *turns[] = { turn, NULL };
  PstPeerConfig config = { .local_side = "a",
                           .remote_side = "b",
                           .bind_key = key,
                           .stun_server = stun,
                           .turn_servers = turn != NULL ? turns : NULL };

  return pst_peer_check_config (&config, NULL);
}

/* Whatever is taken here must work later, and the other way round. */
static void
test_agrees_with_link (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (stun_good); i++)
    g_assert_true (link_takes (stun_good[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (stun_bad); i++)
    g_assert_false (link_takes (stun_bad[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (turn_good); i++)
    g_assert_true (link_takes (NULL, turn_good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (turn_bad); i++)
    g_assert_false (link_takes (NULL, turn_bad[i]));
}

static void
test_secret (void)
{
  g_autofree char *turn = pst_address_dup_turn_display ("turn://me:secret@turn.example.org:3478");
  g_autofree char *odd = pst_address_dup_turn_display ("turn//me:secret@");
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (turn, ==, "\u2066turn://me@turn.example.org:3478\u2069");
  g_assert_null (strstr (odd, "secret"));

  g_assert_false (pst_address_check_turn ("turn://me:secret@turn.example.org/x", &error));
  g_assert_null (strstr (error->message, "secret"));
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/server", test_server);
  g_test_add_func ("/address/stun", test_stun);
  g_test_add_func ("/address/turn", test_turn);
  g_test_add_func ("/address/agrees-with-link", test_agrees_with_link);
  g_test_add_func ("/address/secret", test_secret);
  return g_test_run ();
}
