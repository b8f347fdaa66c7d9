/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sessions that come to a connection through a mailbox server, and all that
 * went to and from it. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <string.h>

#include "pst-error.h"
#include "pst-rendezvous.h"
#include "session-end.h"
#include "wire-tap.h"

#define CODE       "7-purple-sausages"
#define WRONG_CODE "7-purple-sausage"

typedef struct
{
  PstRendezvous *rendezvous;
  char *url;
  End host, guest;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  PstSessionOptions options = { 0 };
  g_autoptr (GError) error = NULL;

  f->rendezvous = pst_rendezvous_new ();
  pst_rendezvous_listen (f->rendezvous, loopback, 0, &error);
  g_assert_no_error (error);
  f->url = g_strdup_printf ("ws://127.0.0.1:%u/v1", pst_rendezvous_get_port (f->rendezvous));
  options.server_url = f->url;
  end_init (&f->host, &options);
  end_init (&f->guest, &options);
  wire_tap_start ();
  pst_session_host (f->host.session, CODE);
  end_wait_for_code (&f->host);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  wire_tap_stop ();
  end_clear (&f->guest);
  end_clear (&f->host);
  g_clear_object (&f->rendezvous);
  g_free (f->url);
}

static void
come_together (Fixture *f)
{
  pst_session_join (f->guest.session, CODE);
  wait_for (end_get_state (&f->host) >= PST_SESSION_CONNECTED
            && end_get_state (&f->guest) >= PST_SESSION_CONNECTED);
  g_assert_cmpint (end_get_state (&f->host), ==, PST_SESSION_CONNECTED);
  g_assert_cmpint (end_get_state (&f->guest), ==, PST_SESSION_CONNECTED);
}

static void
test_words (Fixture *f, gconstpointer data)
{
  come_together (f);
  g_assert_true (wire_tap_has ("\"7\""));
  g_assert_false (wire_tap_has ("purple"));
  g_assert_false (wire_tap_has ("sausage"));
}

/* Those this machine has, but for loopback's, which the server's own is. */
static void
assert_no_address_of_ours (void)
{
  struct ifaddrs *all = NULL;
  guint n_looked_for = 0;

  g_assert_cmpint (getifaddrs (&all), ==, 0);
  for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next)
    {
      char text[INET6_ADDRSTRLEN] = "";
      int family = one->ifa_addr != NULL ? one->ifa_addr->sa_family : AF_UNSPEC;

      if (family == AF_INET)
        inet_ntop (family, &((struct sockaddr_in *) one->ifa_addr)->sin_addr, text, sizeof text);
      else if (family == AF_INET6)
        inet_ntop (family, &((struct sockaddr_in6 *) one->ifa_addr)->sin6_addr, text, sizeof text);
      if (strlen (text) < 5 || g_str_has_prefix (text, "127."))
        continue;
      g_assert_false (wire_tap_has (text));
      n_looked_for++;
    }
  freeifaddrs (all);
  g_assert_cmpuint (n_looked_for, >, 0);
}

/* Descriptions and candidates did go through the server, and none of it could
 * be read there. */
static void
test_addresses (Fixture *f, gconstpointer data)
{
  come_together (f);
  g_assert_cmpuint (wire_tap_count_added (NULL), >=, 2);
  g_assert_false (wire_tap_has ("candidate"));
  g_assert_false (wire_tap_has ("a=fingerprint"));
  g_assert_false (wire_tap_has ("ice-ufrag"));
  g_assert_false (wire_tap_has ("v=0"));
  assert_no_address_of_ours ();
}

/* Whoever guesses wrong is told nothing, sealed or not. */
static void
test_wrong_code (Fixture *f, gconstpointer data)
{
  pst_session_join (f->guest.session, WRONG_CODE);
  end_wait_until_closed (&f->host, PST_ERROR_WRONG_CODE);
  end_wait_until_closed (&f->guest, PST_ERROR_WRONG_CODE);
  g_assert_cmpuint (wire_tap_count_added ("pake"), ==, 2);
  g_assert_cmpuint (wire_tap_count_added ("version"), ==, 2);
  g_assert_cmpuint (wire_tap_count_added (NULL), ==, 0);
}

/* The session ends with its code: the right one comes too late. */
static void
test_code_is_dead (Fixture *f, gconstpointer data)
{
  PstSessionOptions options = { .server_url = f->url };
  End late;

  pst_session_join (f->guest.session, WRONG_CODE);
  end_wait_until_closed (&f->host, PST_ERROR_WRONG_CODE);
  end_init (&late, &options);
  pst_session_join (late.session, CODE);
  wait_for (late.closed);
  g_assert_nonnull (late.error);
  g_assert_cmpint (end_get_state (&f->host), ==, PST_SESSION_CLOSED);
  g_assert_cmpuint (wire_tap_count_added (NULL), ==, 0);
  end_clear (&late);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/threats/04-words-stay-secret/session", test_words);
  ADD ("/threats/05-addresses-sealed/session", test_addresses);
  ADD ("/threats/05-addresses-sealed/wrong-code", test_wrong_code);
  ADD ("/threats/13-one-guess/session", test_code_is_dead);
  return g_test_run ();
}
