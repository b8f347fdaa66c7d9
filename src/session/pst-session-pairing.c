/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a session finds the other person. The code decides where: a nameplate
 * that begins with 0 lives on this network only, any other on a server. */
#include "pst-session-private.h"

#include "pst-code.h"
#include "pst-error.h"
#include "pst-invite.h"

static void try_next_server (PstSession *self);

static gboolean
is_pairing (PstSession *self)
{
  return self->state > PST_SESSION_NEW && self->state < PST_SESSION_CONNECTING;
}

/* Ends the attempt at @i of the list. */
void
pst_session_drop_attempt (PstSession *self, guint i)
{
  PstWormhole *attempt = g_ptr_array_index (self->attempts, i);

  g_signal_handlers_disconnect_by_data (attempt, self);
  if (attempt != self->wormhole)
    pst_wormhole_close_async (attempt, PST_MOOD_LONELY, NULL, NULL);
  g_ptr_array_remove_index (self->attempts, i);
}

/* Ends the attempts that have come to @last at most. */
static void
drop_attempts (PstSession *self, PstWormholeState last)
{
  for (guint i = self->attempts->len; i-- > 0;)
    if (pst_wormhole_get_state (g_ptr_array_index (self->attempts, i)) <= last)
      pst_session_drop_attempt (self, i);
}

/* A host's beacon is kept, since it has one id for as long as its server runs. */
static void
stop_beacon (PstSession *self)
{
  pst_session_stop_listening (self);
  if (self->beacon == NULL)
    return;

  pst_beacon_stop (self->beacon);
  if (self->host || self->device_secret != NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->beacon, self);
  g_clear_object (&self->beacon);
}

/* Ends all attempts at pairing but the one that succeeded, and the looking for
 * servers. */
void
pst_session_clear_pairing (PstSession *self)
{
  pst_timer_clear (&self->next_server);
  g_queue_clear_full (&self->found_urls, g_free);
  g_queue_clear_full (&self->found_places, (GDestroyNotify) pst_session_place_free);
  stop_beacon (self);
  drop_attempts (self, PST_WORMHOLE_CLOSED);
}

static void G_GNUC_PRINTF (3, 4)
fail_with (PstSession *self, PstError code, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list args;

  va_start (args, format);
  error = g_error_new_valist (PST_ERROR, code, format, args);
  va_end (args);
  pst_session_fail (self, error);
}

static void
on_code (PstWormhole *wormhole, const char *code, gpointer user_data)
{
  PstSession *self = user_data;
  g_autofree char *url = NULL;

  if (self->rendezvous != NULL)
    {
      g_autolist (GInetAddress) addresses = pst_beacon_list_addresses ();

      if (addresses != NULL)
        {
          g_autofree char *host = g_inet_address_to_string (addresses->data);

          url = g_uri_join (G_URI_FLAGS_NONE, "ws", NULL, host,
                            pst_rendezvous_get_port (self->rendezvous), "", NULL, NULL);
        }
    }

  pst_session_set_code (self, code, url);
  if (self->state == PST_SESSION_STARTING)
    pst_session_set_state (self, PST_SESSION_WAITING);
}

static void
on_message (PstWormhole *wormhole, JsonObject *message, gpointer user_data)
{
  pst_session_take_message (user_data, message);
}

static void
on_mailbox_failed (PstWormhole *wormhole, const GError *error, gpointer user_data)
{
  pst_session_lose_mailbox (user_data, error);
}

static void
on_paired (PstWormhole *wormhole, JsonObject *app_version, gpointer user_data)
{
  PstSession *self = user_data;

  if (!is_pairing (self))
    return;

  self->wormhole = g_object_ref (wormhole);
  pst_session_clear_pairing (self);
  pst_timer_clear (&self->deadline);
  if (app_version == NULL)
    {
      fail_with (self, PST_ERROR_PROTOCOL,
                 "The other side runs a program that does not speak Penstock's protocol; "
                 "both sides need Penstock.");
      return;
    }

  pst_session_offer_verifier (self);
  g_signal_connect_object (wormhole, "message", G_CALLBACK (on_message), self, 0);
  g_signal_connect_object (wormhole, "failed", G_CALLBACK (on_mailbox_failed), self, 0);
  if (self->state == PST_SESSION_STARTING)
    pst_session_set_state (self, PST_SESSION_WAITING);
  pst_session_set_state (self, PST_SESSION_CONNECTING);
  pst_session_connect_peer (self);
}

static gboolean
may_guess (PstSession *self)
{
  return self->n_guesses < PST_SESSION_MAX_GUESSES;
}

/* A failed check weighs more than a server that did not answer. */
static void
remember_error (PstSession *self, const GError *error)
{
  if (self->pairing_error != NULL && self->pairing_error->code == PST_ERROR_WRONG_CODE)
    return;

  g_clear_error (&self->pairing_error);
  self->pairing_error = g_error_copy (error);
}

static gboolean
give_up (gpointer user_data)
{
  PstSession *self = user_data;

  pst_timer_clear (&self->deadline);
  if (self->pairing_error != NULL)
    pst_session_fail (self, self->pairing_error);
  else if (self->attempts->len > 0)
    fail_with (self, PST_ERROR_NOT_FOUND,
               "Nobody waits under this code; ask for a new one and try again.");
  else
    fail_with (self, PST_ERROR_NOT_FOUND,
               "Nobody on this network announces this code; check the code, and that both "
               "machines are on the same network. If they are, use the link instead of the code.");
  return G_SOURCE_REMOVE;
}

/* Every server that was heard has its turn before the person is told. One that cannot
 * be reached is no reason to listen for a shorter time than if nothing were heard. */
static guint
time_for_others_ms (PstSession *self)
{
  gint64 listened_ms = (g_get_monotonic_time () - self->listening_us) / 1000;
  gint64 enough_ms;

  if (self->pairing_error == NULL || !g_queue_is_empty (&self->found_urls))
    return PST_SESSION_PARTNER_WAIT_MS;

  enough_ms = g_error_matches (self->pairing_error, PST_ERROR, PST_ERROR_WRONG_CODE)
                  ? PST_SESSION_ALL_HEARD_MS
                  : PST_SESSION_BEACON_WAIT_MS;
  return MAX (enough_ms - listened_ms, PST_SESSION_OTHER_SERVER_MS);
}

static void
on_failed (PstWormhole *wormhole, const GError *error, gpointer user_data)
{
  PstSession *self = user_data;
  g_autoptr (PstWormhole) alive = g_object_ref (wormhole);

  if (!is_pairing (self))
    return;

  g_signal_handlers_disconnect_by_data (wormhole, self);
  g_ptr_array_remove (self->attempts, wormhole);
  remember_error (self, error);

  if (self->device_secret != NULL)
    {
      pst_session_leave_place (self, wormhole, error);
      return;
    }
  if (self->beacon == NULL || self->host)
    {
      pst_session_fail (self, self->pairing_error);
      return;
    }

  /* Anyone on the network can announce a code. What one server came to does
   * not end the search before the others had their turn. */
  try_next_server (self);
  if (self->attempts->len == 0 && may_guess (self))
    pst_timer_set (&self->deadline, time_for_others_ms (self), give_up, self);
  else if (self->attempts->len == 0)
    give_up (self);
}

/* Whoever an attempt comes to agree on a key with has made one guess at the
 * code. Servers that cannot be reached or stay silent make none, so they take
 * no place away from the right one. */
static void
on_wormhole_state (PstWormhole *wormhole, GParamSpec *pspec, gpointer user_data)
{
  PstSession *self = user_data;
  PstWormholeState state = pst_wormhole_get_state (wormhole);

  /* A remembered device has no code to guess. */
  if (self->device_secret != NULL)
    {
      if (state == PST_WORMHOLE_WAITING && self->state == PST_SESSION_STARTING)
        pst_session_set_state (self, PST_SESSION_WAITING);
      return;
    }
  if (state != PST_WORMHOLE_PAIRING)
    return;

  self->n_guesses++;
  if (!may_guess (self))
    drop_attempts (self, PST_WORMHOLE_WAITING);
  if (self->state == PST_SESSION_STARTING || self->state == PST_SESSION_WAITING)
    pst_session_set_state (self, PST_SESSION_PAIRING);
}

/* Takes @wormhole, which is new, as one more attempt at pairing. */
void
pst_session_add_attempt (PstSession *self, PstWormhole *wormhole)
{
  g_autoptr (JsonObject) app_version = json_object_new ();

  json_object_set_int_member (app_version, "v", 1);
  pst_wormhole_set_app_version (wormhole, app_version);
  g_signal_connect_object (wormhole, "code", G_CALLBACK (on_code), self, 0);
  g_signal_connect_object (wormhole, "paired", G_CALLBACK (on_paired), self, 0);
  g_signal_connect_object (wormhole, "failed", G_CALLBACK (on_failed), self, 0);
  g_signal_connect_object (wormhole, "notify::state", G_CALLBACK (on_wormhole_state), self, 0);
  g_ptr_array_add (self->attempts, wormhole);
}

static PstWormhole *
add_attempt (PstSession *self, const char *url)
{
  PstWormhole *wormhole = pst_wormhole_new (url, PST_WORMHOLE_APPID);

  pst_session_add_attempt (self, wormhole);
  return wormhole;
}

/* Takes the place of a server for this network, and announces it. */
static void
host_nearby (PstSession *self, const char *code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *nameplate
      = code != NULL ? pst_code_dup_nameplate (code) : pst_code_make_local_nameplate ();
  g_autofree char *url = NULL;
  guint16 port;

  self->rendezvous = pst_rendezvous_new ();
  if (!pst_rendezvous_listen (self->rendezvous, NULL, 0, &error))
    {
      pst_session_fail (self, error);
      return;
    }

  port = pst_rendezvous_get_port (self->rendezvous);
  self->beacon = pst_beacon_new_announcer (nameplate, port);
  if (!pst_beacon_start (self->beacon, &error))
    g_info ("Nobody can find this machine by the code alone, only by the link: %s", error->message);

  url = g_strdup_printf ("ws://127.0.0.1:%u/v1", port);
  pst_wormhole_host (add_attempt (self, url), code, nameplate,
                     self->n_words > 0 ? self->n_words : PST_CODE_DEFAULT_WORDS);
}

/* Waits for the other person; @text: (nullable): the code to use. */
void
pst_session_start_hosting (PstSession *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *code = NULL;

  if (text != NULL && (code = pst_code_parse (text, &error)) == NULL)
    {
      pst_session_fail (self, error);
      return;
    }
  if (code != NULL && pst_code_is_local (code) != (self->server_url == NULL))
    {
      fail_with (self, PST_ERROR_USAGE, "%s",
                 self->server_url == NULL
                     ? "A code for this network begins with 0; choose another number, or name a "
                       "server."
                     : "A code that begins with 0 is for this network only; choose another "
                       "number.");
      return;
    }

  if (self->server_url == NULL)
    host_nearby (self, code);
  else
    pst_wormhole_host (add_attempt (self, self->server_url), code, NULL,
                       self->n_words > 0 ? self->n_words : PST_CODE_DEFAULT_WORDS);
}

static gboolean
next_server_due (gpointer user_data)
{
  pst_timer_clear (&((PstSession *) user_data)->next_server);
  try_next_server (user_data);
  return G_SOURCE_REMOVE;
}

/* One server at a time, as one server may be heard under several addresses;
 * the next when this one fails or leads nowhere. */
static void
try_next_server (PstSession *self)
{
  g_autofree char *url = NULL;

  if (!may_guess (self) || (self->next_server != NULL && self->attempts->len > 0))
    return;
  url = g_queue_pop_head (&self->found_urls);
  if (url == NULL)
    return;

  pst_timer_set (&self->next_server, PST_SESSION_NEXT_SERVER_MS, next_server_due, self);
  pst_timer_set (&self->deadline, time_for_others_ms (self), give_up, self);
  pst_wormhole_join (add_attempt (self, url), self->code);
}

static void
on_found (PstBeacon *beacon, const char *url, const char *id, gpointer user_data)
{
  PstSession *self = user_data;

  g_queue_push_tail (&self->found_urls, g_strdup (url));
  try_next_server (self);
}

static void
on_found_again (PstBeacon *beacon, const char *url, const char *id, gpointer user_data)
{
  pst_wormhole_add_server (((PstSession *) user_data)->wormhole, url);
}

/* The two have found each other before, on one network: the host's server may
 * have another address now. Begins anew with each call, since a listener believes
 * only so many. */
void
pst_session_look_for_server (PstSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *nameplate = NULL;

  if (self->device_secret != NULL)
    {
      pst_session_look_for_device (self);
      return;
    }
  if (!pst_code_is_local (self->code) || (self->host && self->beacon == NULL))
    return;

  stop_beacon (self);
  if (!self->host)
    {
      nameplate = pst_code_dup_nameplate (self->code);
      self->beacon = pst_beacon_new_listener (nameplate);
      g_signal_connect_object (self->beacon, "found", G_CALLBACK (on_found_again), self, 0);
    }
  if (!pst_beacon_start (self->beacon, &error))
    g_info ("%s", error->message);
}

static void
join_nearby (PstSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *nameplate = pst_code_dup_nameplate (self->code);

  self->beacon = pst_beacon_new_listener (nameplate);
  g_signal_connect_object (self->beacon, "found", G_CALLBACK (on_found), self, 0);
  self->listening_us = g_get_monotonic_time ();
  if (!pst_beacon_start (self->beacon, &error))
    {
      pst_session_fail (self, error);
      return;
    }
  pst_timer_set (&self->deadline, PST_SESSION_BEACON_WAIT_MS, give_up, self);
}

/* Looks for the other person; @text: a code or a link. */
void
pst_session_start_joining (PstSession *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *code = NULL;
  g_autofree char *url = NULL;

  if (!pst_invite_parse (text, &code, &url, &error))
    {
      pst_session_fail (self, error);
      return;
    }

  pst_session_set_code (self, code, url);
  pst_session_set_state (self, PST_SESSION_WAITING);
  if (url == NULL && pst_code_is_local (code))
    {
      join_nearby (self);
      return;
    }
  if (url == NULL && self->server_url == NULL)
    {
      fail_with (self, PST_ERROR_USAGE,
                 "This code belongs to a server; name the one the other person uses.");
      return;
    }

  pst_timer_set (&self->deadline, PST_SESSION_PARTNER_WAIT_MS, give_up, self);
  pst_wormhole_join (add_attempt (self, url != NULL ? url : self->server_url), code);
}
