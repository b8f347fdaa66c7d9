/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-hkdf.h"
#include "pst-seal-private.h"

#include <sodium.h>
#include <string.h>

#define LINK 0x0a0b

typedef struct
{
  PstSeal *sender;
  PstSeal *receiver;
} Fixture;

static GBytes *
make_key (guint8 fill)
{
  guint8 key[PST_KEY_BYTES];

  memset (key, fill, sizeof key);
  return g_bytes_new (key, sizeof key);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) key = make_key (7);

  fixture->sender = pst_seal_new (key, LINK);
  fixture->receiver = pst_seal_new (key, LINK);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pst_seal_free (fixture->sender);
  pst_seal_free (fixture->receiver);
  pst_seal_free (NULL);
}

static GBytes *
close_text (PstSeal *seal, const char *text)
{
  return pst_seal_close (seal, PST_FRAME_CONTROL, (const guint8 *) text, strlen (text), NULL, 0);
}

static void
assert_opens (PstSeal *seal, GBytes *frame, const char *text)
{
  g_autoptr (GError) error = NULL;
  PstFrameKind kind = 0;
  g_autoptr (GBytes) payload = pst_seal_open (seal, frame, &kind, &error);

  g_assert_no_error (error);
  g_assert_cmpint (kind, ==, PST_FRAME_CONTROL);
  g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), text,
                   strlen (text));
}

static void
assert_refused (PstSeal *seal, GBytes *frame, PstError code)
{
  g_autoptr (GError) error = NULL;
  PstFrameKind kind = 77;

  g_assert_null (pst_seal_open (seal, frame, &kind, &error));
  g_assert_error (error, PST_ERROR, (int) code);
  g_assert_cmpint (kind, ==, 77);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) both = pst_seal_close (fixture->sender, PST_FRAME_CONTROL,
                                            (const guint8 *) "head", 4, (const guint8 *) "body", 4);
  g_autoptr (GBytes) head = close_text (fixture->sender, "head");
  g_autoptr (GBytes) body = pst_seal_close (fixture->sender, PST_FRAME_CONTROL, NULL, 0,
                                            (const guint8 *) "body", 4);
  g_autoptr (GBytes) one = close_text (fixture->sender, "1");

  g_assert_cmpuint (g_bytes_get_size (one), ==, PST_FRAME_HEADER_BYTES + 1 + PST_FRAME_TAG_BYTES);
  assert_opens (fixture->receiver, both, "headbody");
  assert_opens (fixture->receiver, head, "head");
  assert_opens (fixture->receiver, body, "body");
  assert_opens (fixture->receiver, one, "1");
}

/* The same frame made by libsodium's detached call from a nonce and a header
 * written out by hand. */
static void
test_known_frame (Fixture *fixture, gconstpointer data)
{
  static const guint8 header[] = { 1, 1, 0x0a, 0x0b, 0, 0, 0, 0, 0, 0, 1, 0x02 };
  static const guint8 nonce[24] = { 0x0a, 0x0b, 0, 0, 0, 0, 0, 0, 1, 0x02 };
  static const guint8 text[] = "attack at dawn";
  guint8 key[PST_KEY_BYTES], sealed[sizeof text], tag[PST_FRAME_TAG_BYTES];
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  g_autoptr (GBytes) frame = NULL;

  memset (key, 7, sizeof key);
  crypto_aead_xchacha20poly1305_ietf_encrypt_detached (sealed, tag, NULL, text, sizeof text,
                                                       header, sizeof header, NULL, nonce, key);
  g_byte_array_append (expected, header, sizeof header);
  g_byte_array_append (expected, sealed, sizeof sealed);
  g_byte_array_append (expected, tag, sizeof tag);

  pst_seal_set_counter (fixture->sender, 0x0101);
  frame = pst_seal_close (fixture->sender, PST_FRAME_DATA, text, 6, text + 6, sizeof text - 6);
  g_assert_cmpmem (g_bytes_get_data (frame, NULL), g_bytes_get_size (frame), expected->data,
                   expected->len);
}

/* HKDF's info for side "0011223344" at epoch 258. */
static void
test_purpose (void)
{
  g_autoptr (GBytes) purpose = pst_seal_purpose ("0011223344", 258);
  g_autoptr (GBytes) later = pst_seal_purpose ("0011223344", 259);
  g_autoptr (GBytes) other = pst_seal_purpose ("0011223345", 258);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "0011223344", -1);
  GString *hex = g_string_new (NULL);
  gsize length;
  const guint8 *bytes = g_bytes_get_data (purpose, &length);

  g_assert_cmpuint (length, ==, 19 + 32 + 4);
  g_assert_cmpmem (bytes, 19, "penstock:v1:frames:", 19);
  for (gsize i = 19; i < 19 + 32; i++)
    g_string_append_printf (hex, "%02x", bytes[i]);
  g_assert_cmpstr (hex->str, ==, digest);
  g_assert_cmpmem (bytes + 19 + 32, 4, "\0\0\1\2", 4);
  g_assert_false (g_bytes_equal (purpose, later));
  g_assert_false (g_bytes_equal (purpose, other));
  g_string_free (hex, TRUE);
}

static void
test_first_counter (Fixture *fixture, gconstpointer data)
{
  for (guint64 i = 1; i < 4; i++)
    {
      g_autoptr (GBytes) frame = close_text (fixture->sender, "x");
      PstFrameHeader header;

      g_assert_true (pst_frame_read_header (g_bytes_get_data (frame, NULL),
                                            g_bytes_get_size (frame), &header, NULL));
      g_assert_cmpuint (header.counter, ==, i);
      g_assert_cmpuint (header.link, ==, LINK);
    }
}

static void
test_replay (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) first = close_text (fixture->sender, "first");
  g_autoptr (GBytes) second = close_text (fixture->sender, "second");
  g_autoptr (GBytes) third = close_text (fixture->sender, "third");

  assert_opens (fixture->receiver, second, "second");
  assert_refused (fixture->receiver, second, PST_ERROR_TAMPERED);
  assert_refused (fixture->receiver, first, PST_ERROR_TAMPERED);
  assert_opens (fixture->receiver, third, "third");
}

/* Counters begin at 1: a frame numbered 0 is refused, though its tag is right. */
static void
test_counter_zero (Fixture *fixture, gconstpointer data)
{
  static const guint8 nonce[24] = { LINK >> 8, LINK & 0xff };
  PstFrameHeader header = { PST_FRAME_CONTROL, LINK, 0 };
  guint8 raw[PST_FRAME_HEADER_BYTES + 1 + PST_FRAME_TAG_BYTES];
  guint8 key[PST_KEY_BYTES];
  g_autoptr (GBytes) frame = NULL;

  memset (key, 7, sizeof key);
  pst_frame_write_header (&header, raw);
  crypto_aead_xchacha20poly1305_ietf_encrypt (raw + PST_FRAME_HEADER_BYTES, NULL,
                                              (const guint8 *) "x", 1, raw,
                                              PST_FRAME_HEADER_BYTES, NULL, nonce, key);
  frame = g_bytes_new_static (raw, sizeof raw);
  assert_refused (fixture->receiver, frame, PST_ERROR_TAMPERED);
}

static void
test_exhaustion (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) early = close_text (fixture->sender, "early");
  g_autoptr (GBytes) last = NULL;

  pst_seal_set_counter (fixture->sender, G_MAXUINT64 - 1);
  last = close_text (fixture->sender, "last");
  g_assert_nonnull (last);
  g_assert_null (close_text (fixture->sender, "beyond"));
  g_assert_null (close_text (fixture->sender, "beyond"));

  assert_opens (fixture->receiver, last, "last");
  assert_refused (fixture->receiver, last, PST_ERROR_TAMPERED);
  assert_refused (fixture->receiver, early, PST_ERROR_TAMPERED);
}

/* No byte of a frame can change unnoticed, and no attempt uses up the counter. */
static void
test_every_byte (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) frame = close_text (fixture->sender, "payload");
  gsize length = g_bytes_get_size (frame);

  for (gsize i = 0; i < length; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (frame, NULL), length);
        g_autoptr (GBytes) changed = NULL;
        g_autoptr (GError) error = NULL;
        PstFrameKind kind;

        copy[i] ^= 1 << bit;
        changed = g_bytes_new_static (copy, length);
        g_assert_null (pst_seal_open (fixture->receiver, changed, &kind, &error));
        if (i >= 2)
          g_assert_error (error, PST_ERROR, PST_ERROR_TAMPERED);
      }

  assert_opens (fixture->receiver, frame, "payload");
}

static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) frame = close_text (fixture->sender, "payload");
  gsize shortest = PST_FRAME_HEADER_BYTES + 1 + PST_FRAME_TAG_BYTES;

  for (gsize length = 0; length < g_bytes_get_size (frame); length++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (g_bytes_get_data (frame, NULL), length);

      assert_refused (fixture->receiver, cut,
                      length < shortest ? PST_ERROR_PROTOCOL : PST_ERROR_TAMPERED);
    }

  assert_opens (fixture->receiver, frame, "payload");
}

static void
test_extended (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) frame = close_text (fixture->sender, "payload");
  gsize length = g_bytes_get_size (frame);
  g_autofree guint8 *copy = g_malloc0 (length + 1);
  g_autoptr (GBytes) longer = NULL;

  memcpy (copy, g_bytes_get_data (frame, NULL), length);
  longer = g_bytes_new_static (copy, length + 1);
  assert_refused (fixture->receiver, longer, PST_ERROR_TAMPERED);
}

static void
test_wrong_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) frame = close_text (fixture->sender, "payload");
  g_autoptr (GBytes) key = make_key (8);
  g_autoptr (PstSeal) other = pst_seal_new (key, LINK);

  assert_refused (other, frame, PST_ERROR_TAMPERED);
}

static void
test_wrong_link (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) key = make_key (7);
  g_autoptr (PstSeal) other = pst_seal_new (key, LINK + 1);
  g_autoptr (GBytes) frame = close_text (fixture->sender, "payload");
  g_autoptr (GBytes) others = close_text (other, "payload");

  assert_refused (other, frame, PST_ERROR_TAMPERED);
  assert_refused (fixture->receiver, others, PST_ERROR_TAMPERED);
  assert_opens (fixture->receiver, frame, "payload");
}

static void
test_largest (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *body = g_malloc (PST_FRAME_MAX_DATA_BYTES);
  guint8 head[PST_FRAME_DATA_HEADER_BYTES] = { 0 };
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GBytes) bytes = NULL;
  PstFrameDataHeader header;
  PstFrameKind kind;

  memset (body, 0x5a, PST_FRAME_MAX_DATA_BYTES);
  frame = pst_seal_close (fixture->sender, PST_FRAME_DATA, head, sizeof head, body,
                          PST_FRAME_MAX_DATA_BYTES);
  g_assert_cmpuint (g_bytes_get_size (frame), ==, 65536);

  payload = pst_seal_open (fixture->receiver, frame, &kind, NULL);
  g_assert_cmpuint (g_bytes_get_size (payload), ==, PST_FRAME_MAX_PAYLOAD_BYTES);
  g_assert_cmpint (kind, ==, PST_FRAME_DATA);
  g_assert_true (pst_frame_read_data (payload, &header, &bytes, NULL));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), body,
                   PST_FRAME_MAX_DATA_BYTES);
}

#define add(name, function)                                                                        \
  g_test_add ("/seal/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/purpose", test_purpose);
  add ("round-trip", test_round_trip);
  add ("known-frame", test_known_frame);
  add ("first-counter", test_first_counter);
  add ("replay", test_replay);
  add ("counter-zero", test_counter_zero);
  add ("exhaustion", test_exhaustion);
  add ("every-byte", test_every_byte);
  add ("truncated", test_truncated);
  add ("extended", test_extended);
  add ("wrong-key", test_wrong_key);
  add ("wrong-link", test_wrong_link);
  add ("largest", test_largest);
  return g_test_run ();
}
