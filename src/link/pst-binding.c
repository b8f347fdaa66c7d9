/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-binding.h"

#include <sodium.h>
#include <string.h>

#include "pst-error.h"

/* docs/protocol.md, “Binding”: the first byte of a binding frame. */
#define BINDING_KIND 0xb1

#define MAC_BYTES crypto_auth_hmacsha256_BYTES

G_STATIC_ASSERT (PST_BINDING_FRAME_BYTES == 1 + MAC_BYTES);

/* Every field is preceded by its length, so that no two different sets of
 * fields give the same bytes. */
static void
add_field (crypto_auth_hmacsha256_state *state, const void *data, gsize size)
{
  guint32 length = GUINT32_TO_BE (size);

  crypto_auth_hmacsha256_update (state, (const guint8 *) &length, sizeof length);
  crypto_auth_hmacsha256_update (state, data, size);
}

static void
compute_mac (const PstBinding *self, gboolean from_offerer, guint8 mac[MAC_BYTES])
{
  crypto_auth_hmacsha256_state state;
  const char *role = from_offerer ? "offerer" : "answerer";
  guint32 epoch = GUINT32_TO_BE (self->epoch);
  guint16 link = GUINT16_TO_BE (self->link);

  crypto_auth_hmacsha256_init (&state, self->key, crypto_auth_hmacsha256_KEYBYTES);
  add_field (&state, role, strlen (role));
  add_field (&state, self->offerer_fingerprint, PST_FINGERPRINT_BYTES);
  add_field (&state, self->answerer_fingerprint, PST_FINGERPRINT_BYTES);
  add_field (&state, self->offerer_side, strlen (self->offerer_side));
  add_field (&state, self->answerer_side, strlen (self->answerer_side));
  add_field (&state, &epoch, sizeof epoch);
  /* The first link's is as it was before there could be several. */
  if (self->link > 0)
    add_field (&state, &link, sizeof link);
  crypto_auth_hmacsha256_final (&state, mac);

  sodium_memzero (&state, sizeof state);
}

/**
 * pst_binding_make_frame:
 * @self: what this side knows of the connection
 * @from_offerer: whether the frame goes from the offerer to the answerer
 *
 * Makes the frame by which a side proves, on a fresh channel, that it is the
 * one the pairing was made with: one byte of kind and version, then HMAC-SHA-256
 * (RFC 2104) over the length-prefixed fields of docs/protocol.md, “Binding”.
 * The role is one of them, so that a frame sent back to its maker is refused.
 *
 * Returns: (transfer full): %PST_BINDING_FRAME_BYTES bytes
 */
GBytes *
pst_binding_make_frame (const PstBinding *self, gboolean from_offerer)
{
  guint8 frame[PST_BINDING_FRAME_BYTES] = { BINDING_KIND };

  compute_mac (self, from_offerer, frame + 1);
  return g_bytes_new (frame, sizeof frame);
}

/**
 * pst_binding_check_frame:
 * @self: what this side knows of the connection
 * @from_offerer: whether @frame came from the offerer
 * @frame: the first frame that came
 * @error: return location for a %PST_ERROR_PROTOCOL (no binding frame at all)
 *   or %PST_ERROR_TAMPERED (it binds something else)
 *
 * Checks the other side's binding frame, in constant time.
 *
 * Returns: %TRUE if it is the one it must be
 */
gboolean
pst_binding_check_frame (const PstBinding *self,
                         gboolean from_offerer,
                         GBytes *frame,
                         GError **error)
{
  guint8 mac[MAC_BYTES];
  const guint8 *data;
  gsize size;
  gboolean same;

  data = g_bytes_get_data (frame, &size);
  if (size != PST_BINDING_FRAME_BYTES || data[0] != BINDING_KIND)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "The other side sent something before it proved who it is.");
      return FALSE;
    }

  compute_mac (self, from_offerer, mac);
  same = sodium_memcmp (mac, data + 1, MAC_BYTES) == 0;
  sodium_memzero (mac, sizeof mac);

  if (!same)
    g_set_error_literal (error, PST_ERROR, PST_ERROR_TAMPERED,
                         "The connection does not lead to the person the code was shared with.");
  return same;
}
