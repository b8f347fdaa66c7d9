/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "party.h"

#include "pst-error.h"

const PstWormholeTiming party_quick = {
  .answer_ms = 5000,
  .retry_first_ms = 20,
  .retry_max_ms = 40,
  .retry_total_ms = 400,
  .ping_ms = 20,
  .close_ms = 2000,
};

static void
on_code (PstWormhole *wormhole, const char *code, Party *party)
{
  g_assert_false (party->has_code);
  party->has_code = TRUE;
}

static void
on_paired (PstWormhole *wormhole, JsonObject *version, Party *party)
{
  g_assert_false (party->paired);
  party->paired = TRUE;
  party->peer_v = version != NULL ? json_object_get_int_member (version, "v") : -1;
}

static void
on_message (PstWormhole *wormhole, JsonObject *message, Party *party)
{
  g_string_append_printf (party->messages, "%d ",
                          (int) json_object_get_int_member (message, "n"));
  party->enough = --party->n_wanted == 0;
}

static void
on_failed (PstWormhole *wormhole, GError *error, Party *party)
{
  g_assert_false (party->failed);
  party->failed = TRUE;
  party->error = g_error_copy (error);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Party *party = user_data;

  g_assert_true (pst_wormhole_close_finish (PST_WORMHOLE (source), result, NULL));
  party->closed = TRUE;
}

Party *
party_new (const char *url, int v)
{
  Party *party = g_new0 (Party, 1);
  g_autoptr (JsonObject) version = json_object_new ();

  json_object_set_int_member (version, "v", v);
  party->messages = g_string_new (NULL);
  party->wormhole = pst_wormhole_new (url, PST_WORMHOLE_APPID);
  pst_wormhole_set_timing (party->wormhole, &party_quick);
  pst_wormhole_set_app_version (party->wormhole, version);
  g_signal_connect (party->wormhole, "code", G_CALLBACK (on_code), party);
  g_signal_connect (party->wormhole, "paired", G_CALLBACK (on_paired), party);
  g_signal_connect (party->wormhole, "message", G_CALLBACK (on_message), party);
  g_signal_connect (party->wormhole, "failed", G_CALLBACK (on_failed), party);
  return party;
}

void
party_close (Party *party, PstMood mood)
{
  pst_wormhole_close_async (party->wormhole, mood, on_closed, party);
  spin_until (&party->closed);
}

void
party_free (Party *party)
{
  party->closed = FALSE;
  party_close (party, PST_MOOD_HAPPY);
  g_signal_handlers_disconnect_by_data (party->wormhole, party);
  g_object_unref (party->wormhole);
  g_string_free (party->messages, TRUE);
  g_clear_error (&party->error);
  g_free (party);
}

void
party_send (Party *party, int n)
{
  g_autoptr (JsonObject) message = json_object_new ();

  json_object_set_int_member (message, "n", n);
  pst_wormhole_send (party->wormhole, message);
}

PstRendezvous *
party_serve (guint16 port, char **url)
{
  PstRendezvousLimits limits = pst_rendezvous_default_limits;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  PstRendezvous *server = pst_rendezvous_new ();
  g_autoptr (GError) error = NULL;

  /* The parties here ask far more often than real ones. */
  limits.commands_per_s = 1000;
  pst_rendezvous_set_limits (server, &limits);
  pst_rendezvous_listen (server, loopback, port, &error);
  g_assert_no_error (error);
  if (url != NULL)
    *url = g_strdup_printf ("ws://127.0.0.1:%u", pst_rendezvous_get_port (server));
  return server;
}

void
party_pair (Party *host, Party *guest)
{
  pst_wormhole_host (host->wormhole, NULL, NULL, 0);
  spin_until (&host->has_code);
  g_assert_cmpint (pst_wormhole_get_state (host->wormhole), ==, PST_WORMHOLE_WAITING);
  pst_wormhole_join (guest->wormhole, pst_wormhole_get_code (host->wormhole));
  spin_until (&host->paired);
  spin_until (&guest->paired);
}

void
party_assert_failed (Party *party, int code)
{
  spin_until (&party->failed);
  g_assert_error (party->error, PST_ERROR, code);
  g_assert_cmpint (pst_wormhole_get_state (party->wormhole), ==, PST_WORMHOLE_CLOSED);
}
