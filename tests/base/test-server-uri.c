/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-server-uri.h"

static void
test_websocket (void)
{
  static const char *const good[] = { "ws://127.0.0.1:4000", "wss://meet.example.org",
                                      "ws://[fe80::1%25eth0]:4000/v1",
                                      "wss://meet.example.org:443/v1?a=b" };
  static const char *const bad[] = { "",
                                     "meet.example.org",
                                     "http://meet.example.org",
                                     "ws://",
                                     "ws:host",
                                     "ws://u@host",
                                     "ws://u:p@host",
                                     "ws://host#a",
                                     "ws://h:0",
                                     "ws://h:99999",
                                     "ws://a b" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GUri) uri = pst_server_uri_parse_websocket (good[i]);

      g_assert_nonnull (uri);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (pst_server_uri_parse_websocket (bad[i]));
}

static void
test_stun (void)
{
  static const char *const good[] = { "stun://stun.example.org", "stun://stun.example.org:3478",
                                      "stun://[2001:db8::1]:3478" };
  static const char *const bad[] = {
    "",           "stun.example.org",     "stun:stun.example.org", "stun://",
    "stun://:1",  "stun://host/a",        "stun://host#a",         "stun://host?a",
    "stun://u@h", "turn://u:p@host:3478", "stun://host:port"
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GUri) uri = pst_server_uri_parse_stun (good[i]);

      g_assert_nonnull (uri);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (pst_server_uri_parse_stun (bad[i]));
}

static void
test_turn (void)
{
  static const char *const good[] = { "turn://me:secret@host",
                                      "turn://me:secret@host:3478?transport=udp",
                                      "turn://me:s%40cret@[2001:db8::1]?transport=tcp" };
  static const char *const bad[] = { "",
                                     "turn://host",
                                     "turn://me@host",
                                     "turn://:secret@host",
                                     "turn://me:secret@",
                                     "turn://me:secret@host/a",
                                     "turn://me:secret@host#a",
                                     "turn://me:secret@host?transport=tls",
                                     "turns://me:secret@host",
                                     "stun://me:secret@host" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GUri) uri = pst_server_uri_parse_turn (good[i]);

      g_assert_nonnull (uri);
      g_assert_cmpstr (g_uri_get_user (uri), ==, "me");
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (pst_server_uri_parse_turn (bad[i]));
}

static void
test_over_tls (void)
{
  g_assert_true (pst_server_uri_is_turn_over_tls ("turns://me:secret@host"));
  g_assert_true (pst_server_uri_is_turn_over_tls ("TURNS:host"));
  g_assert_false (pst_server_uri_is_turn_over_tls ("turn://me:secret@host"));
  g_assert_false (pst_server_uri_is_turn_over_tls (""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server-uri/websocket", test_websocket);
  g_test_add_func ("/server-uri/stun", test_stun);
  g_test_add_func ("/server-uri/turn", test_turn);
  g_test_add_func ("/server-uri/over-tls", test_over_tls);
  return g_test_run ();
}
