/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How two devices that remember each other meet without a code: on this network,
 * where each announces itself to the other alone, and, if a server is set, there as
 * well (docs/protocol.md, “Meeting again”). They meet whether one waits and the other
 * looks, or both do the same. Whatever comes of one place, the others go on: the
 * secret cannot be guessed. */
#include "pst-session-private.h"

#include "pst-error.h"

/* A machine that slept wakes in another period; nobody waits for this look. */
#define LOOK_AT_CLOCK_MS (60 * 1000)

/* Of two that hear each other, the one with the greater id goes to the other. Digits
 * come before this: whoever looks goes to the one that waits. */
#define LOOKING_PREFIX "looking-"

static void try_next_place (PstSession *self);

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static const guint8 *
get_secret (PstSession *self)
{
  return g_bytes_get_data (self->device_secret, NULL);
}

static void
fail_with (PstSession *self, PstError code, const char *sentence)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, code, sentence);

  pst_session_fail (self, error);
}

static gboolean
is_nearby (PstWormhole *wormhole)
{
  return pst_meeting_is_nearby (pst_wormhole_get_meeting (wormhole));
}

static void
meet_at (PstSession *self, const char *url, const char *place, PstMeetingRole role)
{
  PstMeeting *meeting = pst_meeting_new (get_secret (self), place, role);
  PstWormhole *wormhole = pst_wormhole_new_for_meeting (url, PST_WORMHOLE_APPID, meeting);

  pst_session_add_attempt (self, wormhole);
  pst_wormhole_meet (wormhole);
}

static gboolean
is_at (PstSession *self, const char *place)
{
  for (guint i = 0; i < self->attempts->len; i++)
    {
      PstWormhole *attempt = g_ptr_array_index (self->attempts, i);

      if (g_str_equal (pst_meeting_get_place (pst_wormhole_get_meeting (attempt)), place))
        return TRUE;
    }

  return FALSE;
}

/* On this network: */

static void
announce (PstSession *self)
{
  g_autofree char *tag = pst_meeting_make_tag (get_secret (self), self->meeting_period,
                                               self->meeting_id);
  g_autoptr (GError) error = NULL;

  if (self->beacon != NULL)
    pst_beacon_stop (self->beacon);
  g_clear_object (&self->beacon);
  self->beacon = pst_beacon_new_device_announcer (tag, self->meeting_id,
                                                  pst_rendezvous_get_port (self->rendezvous));
  if (!pst_beacon_start (self->beacon, &error))
    g_info ("This machine cannot be found on its network: %s", error->message);
}

static gboolean
wait_nearby (PstSession *self, GError **error)
{
  g_autofree char *id = pst_beacon_make_id ();
  g_autofree char *url = NULL;
  g_autofree char *place = NULL;

  self->meeting_id = g_strconcat (self->host ? "" : LOOKING_PREFIX, id, NULL);
  self->rendezvous = pst_rendezvous_new ();
  if (!pst_rendezvous_listen (self->rendezvous, NULL, 0, error))
    return FALSE;

  announce (self);
  url = g_strdup_printf ("ws://127.0.0.1:%u/v1", pst_rendezvous_get_port (self->rendezvous));
  place = pst_meeting_nearby_place (self->meeting_id);
  meet_at (self, url, place, PST_MEETING_HOST);
  return TRUE;
}

/* Whoever is near is quicker than a server. */
static void
on_found (PstBeacon *beacon, const char *url, const char *id, gpointer user_data)
{
  PstSession *self = user_data;
  g_autofree char *place = pst_meeting_nearby_place (id);

  if (g_strcmp0 (id, self->meeting_id) < 0 && !is_at (self, place))
    meet_at (self, url, place, PST_MEETING_GUEST);
}

/* Ends the looking for the device on this network. */
void
pst_session_stop_listening (PstSession *self)
{
  if (self->listener == NULL)
    return;

  pst_beacon_stop (self->listener);
  g_signal_handlers_disconnect_by_data (self->listener, self);
  g_clear_object (&self->listener);
}

/* Begins anew with each call, since a listener believes only so many, and each once. */
static gboolean
listen_nearby (PstSession *self, GCallback found, GError **error)
{
  pst_session_stop_listening (self);
  self->listener = pst_beacon_new_device_listener (get_secret (self),
                                                   pst_meeting_period (now_s ()));
  g_signal_connect_object (self->listener, "found", found, self, 0);
  return pst_beacon_start (self->listener, error);
}

/* Waiting: */

/* The other device may wait as well. */
static void
listen_for_host (PstSession *self)
{
  g_autoptr (GError) error = NULL;

  if (!listen_nearby (self, G_CALLBACK (on_found), &error))
    g_info ("%s", error->message);
}

/* At the next place of the server that is free. */
static void
host_at_server (PstSession *self)
{
  g_autofree char *place = pst_meeting_server_place (self->meeting_period, self->place_number);

  meet_at (self, self->server_url, place, PST_MEETING_HOST);
}

/* Only what nobody has come to yet is moved into the new period. */
static gboolean
look_at_clock (gpointer user_data)
{
  PstSession *self = user_data;
  guint64 period = pst_meeting_period (now_s ());

  if (self->state != PST_SESSION_WAITING)
    return G_SOURCE_CONTINUE;
  listen_for_host (self);
  if (period == self->meeting_period)
    return G_SOURCE_CONTINUE;

  self->meeting_period = period;
  self->place_number = 0;
  announce (self);
  if (self->server_url != NULL)
    {
      for (guint i = self->attempts->len; i-- > 0;)
        if (!is_nearby (g_ptr_array_index (self->attempts, i)))
          pst_session_drop_attempt (self, i);
      host_at_server (self);
    }
  return G_SOURCE_CONTINUE;
}

static void
start_hosting (PstSession *self)
{
  g_autoptr (GError) error = NULL;

  if (!wait_nearby (self, &error))
    {
      pst_session_fail (self, error);
      return;
    }

  listen_for_host (self);
  if (self->server_url != NULL)
    host_at_server (self);
  pst_timer_set (&self->next_server, LOOK_AT_CLOCK_MS, look_at_clock, self);
}

/* Looking: */

static gboolean
give_up (gpointer user_data)
{
  PstSession *self = user_data;

  pst_timer_clear (&self->deadline);
  if (self->pairing_error != NULL && self->pairing_error->code == PST_ERROR_SERVER)
    pst_session_fail (self, self->pairing_error);
  else
    fail_with (self, PST_ERROR_NOT_FOUND,
               "The remembered device was not found. It must be waiting, on this network or at "
               "the same server; and if its person has forgotten this device, pair with a code "
               "again.");
  return G_SOURCE_REMOVE;
}

static void
add_place (PstSession *self, const char *url, char *place)
{
  PstSessionPlace *entry = g_new (PstSessionPlace, 1);

  entry->url = g_strdup (url);
  entry->place = place;
  g_queue_push_tail (&self->found_places, entry);
}

void
pst_session_place_free (PstSessionPlace *place)
{
  g_free (place->url);
  g_free (place->place);
  g_free (place);
}

static gboolean
next_place_due (gpointer user_data)
{
  PstSession *self = user_data;

  pst_timer_clear (&self->next_server);
  try_next_place (self);
  return G_SOURCE_REMOVE;
}

static gboolean
has_server_attempts (PstSession *self)
{
  for (guint i = 0; i < self->attempts->len; i++)
    if (!is_nearby (g_ptr_array_index (self->attempts, i)))
      return TRUE;

  return FALSE;
}

/* The next place when this one fails or leads nowhere for a while; those before
 * are still looked at. */
static void
try_next_place (PstSession *self)
{
  PstSessionPlace *place;

  if (self->next_server != NULL && has_server_attempts (self))
    return;
  place = g_queue_pop_head (&self->found_places);
  if (place == NULL)
    return;

  pst_timer_set (&self->next_server, PST_SESSION_NEXT_SERVER_MS, next_place_due, self);
  meet_at (self, place->url, place->place, PST_MEETING_GUEST);
  pst_session_place_free (place);
}

static void
add_server_places (PstSession *self)
{
  guint64 periods[] = { pst_meeting_period (now_s ()), pst_meeting_other_period (now_s ()) };

  for (guint number = 0; number < PST_MEETING_PLACES; number++)
    for (guint i = 0; i < G_N_ELEMENTS (periods); i++)
      add_place (self, self->server_url, pst_meeting_server_place (periods[i], number));
}

static void
start_looking (PstSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) own_error = NULL;

  pst_session_set_state (self, PST_SESSION_WAITING);
  if (!wait_nearby (self, &own_error))
    g_info ("Who looks for this machine cannot find it: %s", own_error->message);
  if (!listen_nearby (self, G_CALLBACK (on_found), &error) && self->server_url == NULL)
    {
      pst_session_fail (self, error);
      return;
    }

  pst_timer_set (&self->deadline, PST_SESSION_PARTNER_WAIT_MS, give_up, self);
  if (self->server_url != NULL)
    {
      add_server_places (self);
      try_next_place (self);
    }
}

/* Begins to wait for, or to look for, the device that is set. */
void
pst_session_start_meeting (PstSession *self)
{
  self->meeting_period = pst_meeting_period (now_s ());
  if (self->host)
    start_hosting (self);
  else
    start_looking (self);
}

static gboolean
may_host_elsewhere (PstSession *self, const GError *error)
{
  return self->server_url != NULL && error->code != PST_ERROR_SERVER
         && ++self->place_number < PST_MEETING_PLACES;
}

/* One attempt came to nothing. The host waits at the server's next place if this
 * one is spoilt; a server that is away does not keep it from being found here. */
void
pst_session_leave_place (PstSession *self, PstWormhole *wormhole, const GError *error)
{
  if (!self->host)
    {
      try_next_place (self);
      return;
    }

  if (!is_nearby (wormhole) && may_host_elsewhere (self, error))
    host_at_server (self);
  if (self->attempts->len == 0)
    pst_session_fail (self, error);
}

static void
on_found_again (PstBeacon *beacon, const char *url, const char *id, gpointer user_data)
{
  PstSession *self = user_data;
  const PstMeeting *meeting = pst_wormhole_get_meeting (self->wormhole);
  g_autofree char *place = pst_meeting_nearby_place (id);

  if (g_str_equal (place, pst_meeting_get_place (meeting)))
    pst_wormhole_add_server (self->wormhole, url);
}

/* They met on one network, and the server there may have another address now. */
void
pst_session_look_for_device (PstSession *self)
{
  const PstMeeting *meeting = pst_wormhole_get_meeting (self->wormhole);
  g_autoptr (GError) error = NULL;

  if (!is_nearby (self->wormhole))
    return;

  if (pst_meeting_get_role (meeting) == PST_MEETING_HOST)
    {
      self->meeting_period = pst_meeting_period (now_s ());
      announce (self);
    }
  else if (!listen_nearby (self, G_CALLBACK (on_found_again), &error))
    g_info ("%s", error->message);
}
