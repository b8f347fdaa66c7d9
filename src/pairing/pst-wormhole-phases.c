/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-wormhole-private.h"

#include "pst-error.h"
#include "pst-json.h"
#include "pst-mailbox.h"
#include "pst-phase.h"
#include "pst-timer.h"

/* How far ahead of the one expected a numeric phase is kept. */
#define MAX_AHEAD 64

static void
send_sealed (PstWormhole *self, const char *phase, JsonObject *content)
{
  char *text = pst_json_print (content);
  g_autoptr (GBytes) plaintext = g_bytes_new_take (text, strlen (text));
  g_autoptr (GBytes) body = pst_phase_seal (self->key, self->side, phase, plaintext);

  pst_line_add (self->line, phase, body);
}

static void
send_version (PstWormhole *self)
{
  g_autoptr (JsonObject) content = json_object_new ();
  JsonObject *versions = json_object_new ();

  if (self->app_version != NULL)
    json_object_set_object_member (versions, "penstock", json_object_ref (self->app_version));
  json_object_set_array_member (content, "abilities", json_array_new ());
  json_object_set_object_member (content, "app_versions", versions);
  send_sealed (self, "version", content);
}

void
pst_wormhole_send_phase (PstWormhole *self, JsonObject *message)
{
  g_autoptr (JsonObject) content = json_object_new ();
  g_autofree char *phase = g_strdup_printf ("%u", self->next_outgoing++);

  json_object_set_object_member (content, "penstock", json_object_ref (message));
  json_object_set_int_member (content, "taken", self->next_incoming);
  send_sealed (self, phase, content);
}

void
pst_wormhole_send_pake (PstWormhole *self)
{
  g_autoptr (GBytes) message = pst_spake2_get_message (self->agreement);
  g_autofree char *hex = pst_mailbox_encode_body (message);
  g_autoptr (JsonObject) content = json_object_new ();
  g_autoptr (GBytes) body = NULL;
  char *text;

  json_object_set_string_member (content, "pake_v1", hex);
  text = pst_json_print (content);
  body = g_bytes_new_take (text, strlen (text));
  pst_line_add (self->line, "pake", body);
}

static JsonObject *
parse_content (GBytes *plaintext, GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (plaintext, &size);

  return pst_json_parse (text, size, PST_MAILBOX_MAX_BODY_BYTES, error);
}

static GBytes *
parse_pake (GBytes *body, GError **error)
{
  g_autoptr (JsonObject) content = parse_content (body, error);
  const char *hex;

  if (content == NULL
      || !pst_json_get_string (content, "pake_v1", PST_MAILBOX_MAX_BODY_BYTES, &hex, error))
    return NULL;

  return pst_mailbox_decode_body (hex, error);
}

/* How many of our messages the other side has: those need not be kept. */
static gboolean
note_taken (PstWormhole *self, JsonObject *content, GError **error)
{
  guint64 taken;

  if (!json_object_has_member (content, "taken"))
    return TRUE;
  if (!pst_json_get_uint (content, "taken", self->next_outgoing, &taken, error))
    return FALSE;

  pst_line_forget_numeric (self->line, taken);
  return TRUE;
}

/* Handlers may close us. */
static gboolean
deliver (PstWormhole *self, const char *phase, GBytes *body, GError **error)
{
  g_autoptr (GBytes) plaintext = pst_phase_open (self->key, self->peer_side, phase, body, error);
  g_autoptr (JsonObject) content = NULL;
  JsonObject *message;

  if (plaintext == NULL || (content = parse_content (plaintext, error)) == NULL)
    return FALSE;

  /* Stock clients say other things, which are none of ours. */
  if (!json_object_has_member (content, "penstock"))
    return TRUE;
  message = pst_json_get_object (content, "penstock", error);
  if (message == NULL || !note_taken (self, content, error))
    return FALSE;

  pst_wormhole_emit_message (self, message);
  return TRUE;
}

static void
deliver_ahead (PstWormhole *self)
{
  while (self->state == PST_WORMHOLE_PAIRED)
    {
      g_autofree char *phase = g_strdup_printf ("%u", self->next_incoming);
      gpointer key = GUINT_TO_POINTER (self->next_incoming);
      g_autoptr (GBytes) body = NULL;
      GError *error = NULL;

      if (!g_hash_table_steal_extended (self->ahead, key, NULL, (gpointer *) &body))
        return;
      self->next_incoming++;
      if (!deliver (self, phase, body, &error))
        pst_wormhole_fail (self, error);
    }
}

static gboolean
find_app_version (GBytes *plaintext, JsonObject **version, GError **error)
{
  g_autoptr (JsonObject) content = parse_content (plaintext, error);
  JsonObject *versions, *ours;

  *version = NULL;
  if (content == NULL)
    return FALSE;
  if (!json_object_has_member (content, "app_versions"))
    return TRUE;
  versions = pst_json_get_object (content, "app_versions", error);
  if (versions == NULL)
    return FALSE;
  if (!json_object_has_member (versions, "penstock"))
    return TRUE;
  ours = pst_json_get_object (versions, "penstock", error);
  if (ours == NULL)
    return FALSE;

  *version = json_object_ref (ours);
  return TRUE;
}

static void
on_paired (PstWormhole *self, JsonObject *version)
{
  pst_timer_clear (&self->doubt);
  pst_line_persist (self->line);
  for (guint i = 0; i < self->unsent->len; i++)
    pst_wormhole_send_phase (self, g_ptr_array_index (self->unsent, i));
  g_ptr_array_set_size (self->unsent, 0);
  pst_wormhole_set_state (self, PST_WORMHOLE_PAIRED);
  if (self->state != PST_WORMHOLE_PAIRED)
    return;

  pst_wormhole_emit_paired (self, version);
  deliver_ahead (self);
}

static void
open_version (PstWormhole *self)
{
  g_autoptr (GBytes) body = g_steal_pointer (&self->peer_version);
  g_autoptr (GBytes) plaintext = NULL;
  g_autoptr (JsonObject) version = NULL;
  GError *error = NULL;

  plaintext = pst_phase_open (self->key, self->peer_side, "version", body, NULL);
  if (plaintext == NULL && self->meeting != NULL)
    pst_wormhole_fail (
        self, g_error_new_literal (PST_ERROR, PST_ERROR_TAMPERED,
                                   "Someone disturbs the meeting with the remembered device; try "
                                   "again."));
  else if (plaintext == NULL)
    pst_wormhole_fail (
        self,
        g_error_new_literal (PST_ERROR, PST_ERROR_WRONG_CODE,
                             "The codes of the two sides differ, or someone tries to guess yours. "
                             "Make a new code and try again."));
  else if (!find_app_version (plaintext, &version, &error))
    pst_wormhole_fail (self, error);
  else
    on_paired (self, version);
}

/* Our version goes out before theirs is looked at: should the codes differ,
 * both sides come to know. */
static void
on_pake (PstWormhole *self, GBytes *body)
{
  g_autoptr (GBytes) message = NULL;
  GError *error = NULL;

  if (self->agreement == NULL)
    return;

  message = parse_pake (body, &error);
  if (message == NULL || !pst_spake2_finish (self->agreement, message, self->key, &error))
    {
      pst_wormhole_fail (self, error);
      return;
    }

  g_clear_pointer (&self->agreement, pst_spake2_free);
  self->has_key = TRUE;
  pst_line_release (self->line);
  send_version (self);
  pst_wormhole_set_state (self, PST_WORMHOLE_PAIRING);
  if (self->state == PST_WORMHOLE_PAIRING && self->peer_version != NULL)
    open_version (self);
}

static void
on_version (PstWormhole *self, GBytes *body)
{
  if (self->state == PST_WORMHOLE_PAIRED || self->peer_version != NULL)
    return;

  self->peer_version = g_bytes_ref (body);
  if (self->has_key)
    open_version (self);
}

static void
on_numeric (PstWormhole *self, guint number, GBytes *body)
{
  gpointer key = GUINT_TO_POINTER (number);

  if (number < self->next_incoming || g_hash_table_contains (self->ahead, key))
    return;
  if (number - self->next_incoming >= MAX_AHEAD)
    {
      pst_wormhole_fail (self, g_error_new_literal (PST_ERROR, PST_ERROR_PROTOCOL,
                                                    "Messages of the other side are missing."));
      return;
    }

  g_hash_table_insert (self->ahead, key, g_bytes_ref (body));
  deliver_ahead (self);
}

static gboolean
is_first_peer (PstWormhole *self, const char *side)
{
  return self->peer_side == NULL || strcmp (self->peer_side, side) == 0;
}

static void
give_place_up (PstWormhole *self)
{
  pst_wormhole_fail (self, g_error_new_literal (PST_ERROR, PST_ERROR_LIMIT,
                                                "An earlier attempt to meet has not gone yet; try "
                                                "again in some minutes."));
}

static gboolean
on_doubt (gpointer user_data)
{
  g_autoptr (PstWormhole) self = g_object_ref (user_data);

  pst_timer_clear (&self->doubt);
  give_place_up (self);
  return G_SOURCE_REMOVE;
}

/* Where two devices meet, nobody is heard who does not know the secret. Whoever does
 * the same as we do is the other device, or an earlier attempt of either that has
 * vanished: that one never answers, and keeps the other device out. */
static gboolean
is_expected (PstWormhole *self, const char *side)
{
  gboolean is_like_us;

  if (self->meeting == NULL)
    return TRUE;

  is_like_us = pst_meeting_is_like_us (self->meeting, side);
  if (!is_like_us && !pst_meeting_is_peer (self->meeting, side))
    return FALSE;
  if (is_first_peer (self, side))
    {
      if (is_like_us && self->peer_side == NULL)
        pst_timer_set (&self->doubt, PST_WORMHOLE_DOUBT_MS, on_doubt, self);
      return TRUE;
    }

  if (self->state < PST_WORMHOLE_PAIRED)
    give_place_up (self);
  return FALSE;
}

static gboolean
is_peer (PstWormhole *self, const char *side)
{
  if (self->peer_side == NULL)
    self->peer_side = g_strdup (side);

  return is_first_peer (self, side);
}

void
pst_wormhole_take_mail (PstWormhole *self, const char *side, const char *phase, GBytes *body)
{
  guint number;

  if (self->state == PST_WORMHOLE_CLOSED || !is_expected (self, side))
    return;
  if (!is_peer (self, side))
    pst_wormhole_fail (
        self, g_error_new_literal (
                  PST_ERROR, PST_ERROR_SERVER,
                  "Two others are using this code already. Make a new code and try again."));
  else if (strcmp (phase, "pake") == 0)
    on_pake (self, body);
  else if (strcmp (phase, "version") == 0)
    on_version (self, body);
  else if (pst_mailbox_parse_phase (phase, &number))
    on_numeric (self, number, body);
}
