/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-signalling.h"

#include <gst/sdp/sdp.h>
#include <string.h>

#include "pst-error.h"

/* RFC 8841, section 5: the port carries no meaning under DTLS; everyone uses
 * this one. */
#define SCTP_PORT 5000

#define DIGITS   "0123456789"
#define LETTERS  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define ICE_CHAR DIGITS LETTERS "+/"

static gboolean
broken (GError **error, const char *sentence)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL, sentence);
  return FALSE;
}

static gboolean
is_sha256 (const char *key, const char *value)
{
  return g_strcmp0 (key, "fingerprint") == 0 && value != NULL
         && g_ascii_strncasecmp (value, "sha-256 ", strlen ("sha-256 ")) == 0;
}

static gboolean
parse_fingerprint (const GstSDPMessage *message,
                   const GstSDPMedia *media,
                   guint8 fingerprint[PST_FINGERPRINT_BYTES],
                   GError **error)
{
  const char *found = NULL;
  guint n_found = 0;

  for (guint i = 0; i < gst_sdp_message_attributes_len (message); i++)
    {
      const GstSDPAttribute *attribute = gst_sdp_message_get_attribute (message, i);
      n_found += is_sha256 (attribute->key, attribute->value);
    }
  for (guint i = 0; i < gst_sdp_media_attributes_len (media); i++)
    {
      const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);

      if (!is_sha256 (attribute->key, attribute->value))
        continue;
      found = attribute->value;
      n_found++;
    }

  if (found == NULL || n_found != 1)
    return broken (error, "A session description must name exactly one certificate.");
  return pst_certificate_parse_fingerprint (found, fingerprint, error);
}

static gboolean
is_data_channel (const GstSDPMedia *media)
{
  return g_strcmp0 (gst_sdp_media_get_media (media), "application") == 0
         && g_strcmp0 (gst_sdp_media_get_proto (media), "UDP/DTLS/SCTP") == 0
         && gst_sdp_media_formats_len (media) == 1
         && g_strcmp0 (gst_sdp_media_get_format (media, 0), "webrtc-datachannel") == 0;
}

/* Returns the attribute if it stands there once, within its lengths and of the
 * characters allowed. */
static const char *
get_token (const GstSDPMedia *media, const char *key, gsize min, gsize max, const char *allowed)
{
  const char *value = gst_sdp_media_get_attribute_val (media, key);
  gsize length;

  if (value == NULL || gst_sdp_media_get_attribute_val_n (media, key, 1) != NULL)
    return NULL;

  length = strlen (value);
  return length >= min && length <= max && strspn (value, allowed) == length ? value : NULL;
}

/* RFC 8842, section 5: the offerer leaves the DTLS role open; the answerer of
 * this program always takes the active one. */
static gboolean
has_role (const GstSDPMedia *media, gboolean offer)
{
  return g_strcmp0 (gst_sdp_media_get_attribute_val (media, "setup"), offer ? "actpass" : "active")
         == 0;
}

static char *
write_sdp (const char *mid,
           const char *role,
           const char *ufrag,
           const char *password,
           const guint8 fingerprint[PST_FINGERPRINT_BYTES])
{
  g_autofree char *hash = pst_certificate_format_fingerprint (fingerprint);

  return g_strdup_printf ("v=0\r\n"
                          "o=- 0 0 IN IP4 0.0.0.0\r\n"
                          "s=-\r\n"
                          "t=0 0\r\n"
                          "a=ice-options:trickle\r\n"
                          "a=group:BUNDLE %s\r\n"
                          "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                          "c=IN IP4 0.0.0.0\r\n"
                          "a=setup:%s\r\n"
                          "a=ice-ufrag:%s\r\n"
                          "a=ice-pwd:%s\r\n"
                          "a=mid:%s\r\n"
                          "a=fingerprint:%s\r\n"
                          "a=sctp-port:%d\r\n",
                          mid, role, ufrag, password, mid, hash, SCTP_PORT);
}

static PstDescription *
describe (const GstSDPMessage *message, const GstSDPMedia *media, gboolean offer, GError **error)
{
  g_autoptr (PstDescription) self = g_new0 (PstDescription, 1);
  const char *mid = get_token (media, "mid", 1, 64, DIGITS LETTERS "-_");
  /* RFC 8839, section 5.4. */
  const char *ufrag = get_token (media, "ice-ufrag", 4, 256, ICE_CHAR);
  const char *password = get_token (media, "ice-pwd", 22, 256, ICE_CHAR);

  if (!is_data_channel (media) || !has_role (media, offer) || mid == NULL || ufrag == NULL
      || password == NULL)
    {
      broken (error, "A session description does not describe one data channel.");
      return NULL;
    }
  if (!parse_fingerprint (message, media, self->fingerprint, error))
    return NULL;

  self->sdp = write_sdp (mid, offer ? "actpass" : "active", ufrag, password, self->fingerprint);
  return g_steal_pointer (&self);
}

/**
 * pst_description_parse:
 * @sdp: a session description (RFC 8866), from a stranger or from webrtcbin
 * @offer: whether it is an offer
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Understands the description of one connection with data channels (RFC 8841)
 * and nothing else: at most 16 KiB, exactly one `m=application`, exactly one
 * SHA-256 fingerprint, one `mid`, `ice-ufrag` and `ice-pwd`. The result is
 * written anew from these values, so that nothing else of what a stranger wrote
 * reaches webrtcbin, and nothing else of this machine (such as its name)
 * reaches the other side.
 *
 * Returns: (transfer full) (nullable): the description
 */
PstDescription *
pst_description_parse (const char *sdp, gboolean offer, GError **error)
{
  g_autoptr (GstSDPMessage) message = NULL;
  gsize length = strnlen (sdp, PST_SIGNALLING_MAX_SDP_BYTES + 1);

  gst_sdp_message_new (&message);
  if (length == 0 || length > PST_SIGNALLING_MAX_SDP_BYTES
      || gst_sdp_message_parse_buffer ((const guint8 *) sdp, length, message) != GST_SDP_OK
      || gst_sdp_message_medias_len (message) != 1)
    {
      broken (error, "A session description cannot be understood.");
      return NULL;
    }

  return describe (message, gst_sdp_message_get_media (message, 0), offer, error);
}

/**
 * pst_description_free:
 * @self: (transfer full) (nullable): a description
 */
void
pst_description_free (PstDescription *self)
{
  if (self == NULL)
    return;

  g_free (self->sdp);
  g_free (self);
}
