/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "party.h"

#include "pst-json.h"
#include "pst-mailbox.h"
#include "pst-phase.h"

void
raw_peer_add (RawClient *raw, const char *phase, GBytes *body)
{
  g_autofree char *hex = pst_mailbox_encode_body (body);
  g_autofree char *text = g_strdup_printf (
      "{\"type\":\"add\",\"phase\":\"%s\",\"body\":\"%s\"}", phase, hex);

  raw_client_send (raw, text);
}

void
raw_peer_add_sealed (RawClient *raw, const guint8 *key, const char *phase, const char *text)
{
  g_autoptr (GBytes) plaintext = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) body = pst_phase_seal (key, "raw", phase, plaintext);

  raw_peer_add (raw, phase, body);
}

GBytes *
raw_peer_await_pake (RawClient *raw)
{
  while (TRUE)
    {
      g_autofree char *text = raw_client_next (raw);
      g_autoptr (PstMailboxFrame) frame = pst_mailbox_parse_answer (text, strlen (text), NULL);
      g_autoptr (GBytes) body = NULL;
      g_autoptr (JsonObject) content = NULL;

      if (frame->type != PST_MAILBOX_MESSAGE)
        continue;
      body = pst_mailbox_decode_body (frame->body, NULL);
      content = pst_json_parse (g_bytes_get_data (body, NULL), g_bytes_get_size (body), 4096, NULL);
      return pst_mailbox_decode_body (json_object_get_string_member (content, "pake_v1"), NULL);
    }
}

void
raw_peer_add_pake (RawClient *raw, PstSpake2 *agreement)
{
  g_autoptr (GBytes) ours = pst_spake2_get_message (agreement);
  g_autofree char *hex = pst_mailbox_encode_body (ours);
  g_autofree char *pake = g_strdup_printf ("{\"pake_v1\":\"%s\"}", hex);
  g_autoptr (GBytes) body = g_bytes_new (pake, strlen (pake));

  raw_peer_add (raw, "pake", body);
}

RawClient *
raw_peer_open (const char *url, const char *code)
{
  g_autoptr (RawClient) raw = raw_client_connect (url);
  g_autofree char *nameplate = g_strndup (code, strcspn (code, "-"));
  g_autofree char *claim
      = g_strdup_printf ("{\"type\":\"claim\",\"nameplate\":\"%s\"}", nameplate);
  const char *mailbox = NULL;

  raw_client_send (raw,
                   "{\"type\":\"bind\",\"appid\":\"" PST_WORMHOLE_APPID "\",\"side\":\"raw\"}");
  raw_client_send (raw, claim);
  while (mailbox == NULL)
    {
      g_autoptr (JsonObject) answer = raw_client_next_object (raw);
      g_autofree char *open = NULL;

      mailbox = json_object_get_string_member_with_default (answer, "mailbox", NULL);
      open = g_strdup_printf ("{\"type\":\"open\",\"mailbox\":\"%s\"}", mailbox);
      if (mailbox != NULL)
        raw_client_send (raw, open);
    }

  return g_steal_pointer (&raw);
}

RawClient *
raw_peer_join (const char *url, const char *code, guint8 *key)
{
  g_autoptr (RawClient) raw = raw_peer_open (url, code);
  g_autoptr (PstSpake2) agreement = pst_spake2_new (code, PST_WORMHOLE_APPID, NULL);
  g_autoptr (GBytes) theirs = raw_peer_await_pake (raw);

  raw_peer_add_pake (raw, agreement);
  g_assert_true (pst_spake2_finish (agreement, theirs, key, NULL));
  return g_steal_pointer (&raw);
}
