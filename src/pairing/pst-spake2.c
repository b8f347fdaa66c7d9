/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-spake2.h"

#include "pst-error.h"

#include <sodium.h>
#include <string.h>

#define POINT_BYTES  crypto_core_ed25519_BYTES
#define SYMMETRIC    0x53 /* the side's byte before the element: 'S' */
#define PW_INFO      "SPAKE2 pw"
#define PW_OKM_BYTES 48 /* 128 bits more than the group order: the bias is nil */

G_STATIC_ASSERT (PST_SPAKE2_MESSAGE_BYTES == 1 + POINT_BYTES);
G_STATIC_ASSERT (PST_SPAKE2_SCALAR_BYTES == crypto_core_ed25519_SCALARBYTES);
G_STATIC_ASSERT (PST_KEY_BYTES == crypto_hash_sha256_BYTES);

/* The point nobody knows the logarithm of: python-spake2's arbitrary element
 * for the seed "symmetric". */
static const guint8 blinding_s[POINT_BYTES] = {
  0x6f, 0x00, 0xda, 0xe8, 0x7c, 0x1b, 0xe1, 0xa7, 0x3b, 0x59, 0x22, 0xef, 0x43, 0x1c, 0xd8, 0xf5,
  0x78, 0x79, 0x56, 0x9c, 0x22, 0x2d, 0x22, 0xb1, 0xcd, 0x71, 0xe8, 0x54, 0x6a, 0xb8, 0xe6, 0xf1,
};

/* RFC 8032, section 5.1: L − 1, little-endian, for L the order of the group. */
static const guint8 order_minus_1[PST_SPAKE2_SCALAR_BYTES] = {
  0xec, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
};

static const guint8 identity[POINT_BYTES] = { 0x01 };

struct _PstSpake2
{
  guint8 scalar[PST_SPAKE2_SCALAR_BYTES];
  guint8 blind[POINT_BYTES]; /* pw·S */
  guint8 password_hash[crypto_hash_sha256_BYTES];
  guint8 appid_hash[crypto_hash_sha256_BYTES];
  guint8 element[POINT_BYTES]; /* X = x·B + pw·S */
  gboolean finished;
};

/**
 * pst_spake2_password_to_scalar:
 * @password: (array length=password_bytes): the password
 * @password_bytes: its length
 * @scalar: (out caller-allocates): the scalar, little-endian, reduced mod L
 *
 * HKDF-SHA-256 of the password with the info `SPAKE2 pw`, 48 bytes read as a
 * big-endian number mod L (python-spake2; docs/protocol.md).
 */
void
pst_spake2_password_to_scalar (const guint8 *password,
                               gsize password_bytes,
                               guint8 scalar[PST_SPAKE2_SCALAR_BYTES])
{
  guint8 okm[PW_OKM_BYTES];
  guint8 wide[crypto_core_ed25519_NONREDUCEDSCALARBYTES] = { 0 };

  pst_hkdf_sha256 (password, password_bytes, (const guint8 *) PW_INFO, strlen (PW_INFO), okm,
                   sizeof okm);
  for (gsize i = 0; i < sizeof okm; i++)
    wide[i] = okm[sizeof okm - 1 - i];
  crypto_core_ed25519_scalar_reduce (scalar, wide);

  sodium_memzero (okm, sizeof okm);
  sodium_memzero (wide, sizeof wide);
}

/* Fails only for a password that maps to zero or an x that cancels it. */
static gboolean
make_element (PstSpake2 *self, const char *password)
{
  guint8 pw_scalar[PST_SPAKE2_SCALAR_BYTES];
  guint8 public[POINT_BYTES];
  gboolean made;

  pst_spake2_password_to_scalar ((const guint8 *) password, strlen (password), pw_scalar);
  made = crypto_scalarmult_ed25519_noclamp (self->blind, pw_scalar, blinding_s) == 0
         && crypto_scalarmult_ed25519_base_noclamp (public, self->scalar) == 0
         && crypto_core_ed25519_add (self->element, public, self->blind) == 0
         && sodium_memcmp (self->element, identity, sizeof identity) != 0;

  sodium_memzero (pw_scalar, sizeof pw_scalar);
  sodium_memzero (public, sizeof public);
  return made;
}

/**
 * pst_spake2_new_with_scalar:
 * @password: the whole code, nameplate included
 * @appid: the application the mailbox is bound to
 * @scalar: (array fixed-size=32): the secret x, little-endian, below L
 * @error: return location for a %PST_ERROR_BAD_CODE or %PST_ERROR_FAILED
 *
 * As pst_spake2_new(), with a given secret: for test vectors only. A scalar
 * used twice gives the password away.
 *
 * Returns: (transfer full) (nullable): a key agreement
 */
PstSpake2 *
pst_spake2_new_with_scalar (const char *password,
                            const char *appid,
                            const guint8 scalar[PST_SPAKE2_SCALAR_BYTES],
                            GError **error)
{
  g_autoptr (PstSpake2) self = NULL;
  char *normal = g_utf8_normalize (password, -1, G_NORMALIZE_NFC);
  gboolean made;

  if (normal == NULL)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_BAD_CODE,
                           "The code contains bytes that are not text.");
      return NULL;
    }

  self = g_new0 (PstSpake2, 1);
  memcpy (self->scalar, scalar, sizeof self->scalar);
  crypto_hash_sha256 (self->password_hash, (const guint8 *) normal, strlen (normal));
  crypto_hash_sha256 (self->appid_hash, (const guint8 *) appid, strlen (appid));
  made = make_element (self, normal);
  sodium_memzero (normal, strlen (normal));
  g_free (normal);

  if (!made)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_FAILED,
                           "No key agreement can be started with this code; use another one.");
      return NULL;
    }

  return g_steal_pointer (&self);
}

/**
 * pst_spake2_new:
 * @password: the whole code, nameplate included; made NFC, as the other
 *   programs do
 * @appid: the application the mailbox is bound to
 * @error: return location for a %PST_ERROR_BAD_CODE if the password is not
 *   UTF-8, or %PST_ERROR_FAILED
 *
 * Starts a key agreement with a fresh secret: symmetric SPAKE2 over Ed25519 as
 * python-spake2 has it (docs/protocol.md).
 *
 * Returns: (transfer full) (nullable): a key agreement
 */
PstSpake2 *
pst_spake2_new (const char *password, const char *appid, GError **error)
{
  guint8 scalar[PST_SPAKE2_SCALAR_BYTES];
  PstSpake2 *self;

  if (sodium_init () < 0)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_FAILED,
                           "The cryptographic library cannot be used on this system.");
      return NULL;
    }

  crypto_core_ed25519_scalar_random (scalar);
  self = pst_spake2_new_with_scalar (password, appid, scalar, error);
  sodium_memzero (scalar, sizeof scalar);

  return self;
}

/**
 * pst_spake2_free:
 * @self: (transfer full): a key agreement
 *
 * Wipes and frees a key agreement.
 */
void
pst_spake2_free (PstSpake2 *self)
{
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

/**
 * pst_spake2_get_message:
 * @self: a key agreement
 *
 * Gives what the other side is to be sent: `0x53` and the encoded element.
 *
 * Returns: (transfer full): %PST_SPAKE2_MESSAGE_BYTES bytes
 */
GBytes *
pst_spake2_get_message (PstSpake2 *self)
{
  guint8 message[PST_SPAKE2_MESSAGE_BYTES] = { SYMMETRIC };

  memcpy (message + 1, self->element, sizeof self->element);

  return g_bytes_new (message, sizeof message);
}

/* Whether (L − 1)·P + P is the identity: true in the subgroup of order L alone,
 * whatever the library's own check overlooks (CVE-2025-69277). */
static gboolean
has_prime_order (const guint8 *point)
{
  guint8 negative[POINT_BYTES];
  guint8 sum[POINT_BYTES];

  return crypto_scalarmult_ed25519_noclamp (negative, order_minus_1, point) == 0
         && crypto_core_ed25519_add (sum, negative, point) == 0
         && sodium_memcmp (sum, identity, sizeof identity) == 0;
}

/* The order is that of docs/protocol.md. The library's check covers encodings
 * that are not canonical, points of small order and points off the curve. */
static gboolean
is_good_message (PstSpake2 *self, const guint8 *message, gsize message_bytes)
{
  return message_bytes == PST_SPAKE2_MESSAGE_BYTES && message[0] == SYMMETRIC
         && sodium_memcmp (message + 1, self->element, POINT_BYTES) != 0
         && crypto_core_ed25519_is_valid_point (message + 1) == 1 && has_prime_order (message + 1);
}

/* K = x·(Y − pw·S) */
static gboolean
multiply (PstSpake2 *self, const guint8 *peer_element, guint8 *shared)
{
  guint8 public[POINT_BYTES];
  gboolean done = crypto_core_ed25519_sub (public, peer_element, self->blind) == 0
                  && crypto_scalarmult_ed25519_noclamp (shared, self->scalar, public) == 0;

  sodium_memzero (public, sizeof public);
  return done;
}

static void
hash_transcript (PstSpake2 *self, const guint8 *peer_element, const guint8 *shared, guint8 *key)
{
  gboolean ours_first = memcmp (self->element, peer_element, POINT_BYTES) < 0;
  crypto_hash_sha256_state state;

  crypto_hash_sha256_init (&state);
  crypto_hash_sha256_update (&state, self->password_hash, sizeof self->password_hash);
  crypto_hash_sha256_update (&state, self->appid_hash, sizeof self->appid_hash);
  crypto_hash_sha256_update (&state, ours_first ? self->element : peer_element, POINT_BYTES);
  crypto_hash_sha256_update (&state, ours_first ? peer_element : self->element, POINT_BYTES);
  crypto_hash_sha256_update (&state, shared, POINT_BYTES);
  crypto_hash_sha256_final (&state, key);

  sodium_memzero (&state, sizeof state);
}

/* Whatever came of it, the secret is used up. */
static void
wipe (PstSpake2 *self)
{
  sodium_memzero (self->scalar, sizeof self->scalar);
  sodium_memzero (self->blind, sizeof self->blind);
  sodium_memzero (self->password_hash, sizeof self->password_hash);
  self->finished = TRUE;
}

/**
 * pst_spake2_finish:
 * @self: a key agreement that has not been finished
 * @peer_message: what the other side sent; hostile
 * @key: (out caller-allocates) (array fixed-size=32): the agreed key; all zero
 *   on failure
 * @error: return location for a %PST_ERROR_TAMPERED if the message is not one
 *   an honest side can have sent, or %PST_ERROR_PROTOCOL on a second call
 *
 * Ends the key agreement; also a failure ends it, so that nobody gets a second
 * guess. Both sides get the same key if their passwords are the same; that they
 * are shows only when something sealed with the key opens.
 *
 * Returns: %TRUE if @key is set
 */
gboolean
pst_spake2_finish (PstSpake2 *self,
                   GBytes *peer_message,
                   guint8 key[PST_KEY_BYTES],
                   GError **error)
{
  gsize size;
  const guint8 *message = g_bytes_get_data (peer_message, &size);
  guint8 shared[POINT_BYTES];
  gboolean agreed;

  memset (key, 0, PST_KEY_BYTES);
  if (self->finished)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "The other side tried the code a second time.");
      return FALSE;
    }

  agreed = is_good_message (self, message, size) && multiply (self, message + 1, shared);
  if (agreed)
    hash_transcript (self, message + 1, shared, key);
  else
    g_set_error_literal (error, PST_ERROR, PST_ERROR_TAMPERED,
                         "The other side's part of the key agreement is not genuine; someone may "
                         "be trying to break in.");

  sodium_memzero (shared, sizeof shared);
  wipe (self);
  return agreed;
}
