/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sessions of ours, on a wire with a clock of its own. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "dtls-wire.h"

/* A quiet clock: the first time-out of a handshake is due by then. */
#define TIMEOUT_US (4 * G_USEC_PER_SEC)

typedef struct
{
  WireEnd client;
  WireEnd server;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  wire_end_init (&self->client, NULL);
  wire_end_init (&self->server, NULL);
}

static void
set_up_connected (Fixture *self, gconstpointer data)
{
  set_up (self, data);
  wire_connect (&self->client, &self->server);
  g_assert_cmpint (wire_end_get_state (&self->client), ==, PST_DTLS_CONNECTED);
  g_assert_cmpint (wire_end_get_state (&self->server), ==, PST_DTLS_CONNECTED);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  wire_end_clear (&self->client);
  wire_end_clear (&self->server);
}

static void
test_handshake (Fixture *self, gconstpointer data)
{
  PstDtlsSession *client = self->client.session;
  PstDtlsSession *server = self->server.session;

  g_assert_cmpuint (pst_dtls_session_get_version (client), ==, DTLS1_2_VERSION);
  g_assert_cmpstr (pst_dtls_session_get_peer_pem (client), ==, pst_dtls_session_get_pem (server));
  g_assert_cmpstr (pst_dtls_session_get_peer_pem (server), ==, pst_dtls_session_get_pem (client));
  g_assert_cmpstr (pst_dtls_session_get_pem (client), !=, pst_dtls_session_get_pem (server));
  g_assert_null (strstr (pst_dtls_session_get_pem (client), "PRIVATE"));
  g_assert_cmpint (pst_dtls_session_get_timeout_us (client), ==, -1);
  g_assert_cmpint (pst_dtls_session_get_timeout_us (server), ==, -1);
  g_assert_cmpuint (self->client.longest, <=, PST_DTLS_MAX_HANDSHAKE_BYTES);
  g_assert_cmpuint (self->server.longest, <=, PST_DTLS_MAX_HANDSHAKE_BYTES);
}

static void
test_before (Fixture *self, gconstpointer data)
{
  guint8 datagram[100];

  g_assert_null (pst_dtls_session_get_peer_pem (self->client.session));
  g_assert_cmpuint (pst_dtls_session_get_version (self->client.session), ==, 0);
  g_assert_cmpuint (pst_dtls_session_seal (self->client.session, (const guint8 *)"a", 1, datagram,
                                           sizeof datagram),
                    ==, 0);
  g_assert_cmpint (pst_dtls_session_get_timeout_us (self->client.session), ==, -1);
}

/* The other side's hello may come before this side's start. */
static void
test_early (Fixture *self, gconstpointer data)
{
  pst_dtls_session_start (self->client.session, TRUE);
  wire_carry (&self->client, &self->server, NULL);
  pst_dtls_session_start (self->server.session, FALSE);
  wire_settle (&self->client, &self->server);
  g_assert_cmpint (wire_end_get_state (&self->client), ==, PST_DTLS_CONNECTED);
  g_assert_cmpint (wire_end_get_state (&self->server), ==, PST_DTLS_CONNECTED);
}

static void
let_time_pass (Fixture *self)
{
  wire_pass_time (TIMEOUT_US);
  pst_dtls_session_handle_timeout (self->client.session);
  pst_dtls_session_handle_timeout (self->server.session);
}

static guint
connect_with (Fixture *self, const Mischief *mischief)
{
  guint n_rounds = 0;

  pst_dtls_session_start (self->server.session, FALSE);
  pst_dtls_session_start (self->client.session, TRUE);
  while (wire_end_get_state (&self->client) == PST_DTLS_CONNECTING
         || wire_end_get_state (&self->server) == PST_DTLS_CONNECTING)
    {
      g_assert_cmpuint (++n_rounds, <, 200);
      wire_carry (&self->client, &self->server, mischief);
      wire_carry (&self->server, &self->client, mischief);
      if (self->client.out.length + self->server.out.length == 0)
        let_time_pass (self);
    }
  return n_rounds;
}

static void
test_bad_wire (void)
{
  guint n_rounds = 0;

  for (guint seed = 0; seed < 150; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      Mischief mischief = { rand,          .loss = 20,      .twice = 20,
                            .reorder = 30, .truncated = 20, .garbage = 20 };
      Fixture fixture;

      set_up (&fixture, NULL);
      n_rounds += connect_with (&fixture, &mischief);
      g_assert_cmpint (wire_end_get_state (&fixture.client), ==, PST_DTLS_CONNECTED);
      g_assert_cmpint (wire_end_get_state (&fixture.server), ==, PST_DTLS_CONNECTED);
      tear_down (&fixture, NULL);
    }
  /* Two rounds each if nothing were lost. */
  g_assert_cmpuint (n_rounds, >, 150 * 3);
}

static void
test_no_answer (Fixture *self, gconstpointer data)
{
  guint n_sent = 0;

  pst_dtls_session_start (self->client.session, TRUE);
  while (wire_end_get_state (&self->client) == PST_DTLS_CONNECTING)
    {
      gint64 timeout_us = pst_dtls_session_get_timeout_us (self->client.session);

      g_assert_cmpuint (++n_sent, <, 100);
      g_assert_cmpint (timeout_us, >, 0);
      g_assert_cmpint (timeout_us, <=, TIMEOUT_US);
      g_assert_cmpuint (self->client.out.length, ==, n_sent);
      wire_pass_time (timeout_us);
      g_assert_cmpint (pst_dtls_session_get_timeout_us (self->client.session), ==, 0);
      pst_dtls_session_handle_timeout (self->client.session);
    }
  g_assert_cmpint (wire_end_get_state (&self->client), ==, PST_DTLS_FAILED);
  g_assert_cmpuint (n_sent, >, 5);
  g_assert_cmpint (pst_dtls_session_get_timeout_us (self->client.session), ==, -1);
}

static void
test_data (Fixture *self, gconstpointer data)
{
  static const gsize sizes[] = { 1, 2, 15, 16, 17, 1200, 1400, 8000, 15000, 16000, 16384 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      wire_assert_passes (&self->client, &self->server, sizes[i]);
      wire_assert_passes (&self->server, &self->client, sizes[i]);
    }
}

static void
test_limits (Fixture *self, gconstpointer data)
{
  gsize room = PST_DTLS_MAX_RECORD_BYTES + 1 + PST_DTLS_MAX_OVERHEAD_BYTES;
  g_autofree guint8 *plain = g_malloc0 (PST_DTLS_MAX_RECORD_BYTES + 1);
  g_autofree guint8 *datagram = g_malloc (room);
  PstDtlsSession *session = self->client.session;

  g_assert_cmpuint (pst_dtls_session_seal (session, plain, 0, datagram, room), ==, 0);
  g_assert_cmpuint (
      pst_dtls_session_seal (session, plain, PST_DTLS_MAX_RECORD_BYTES + 1, datagram, room), ==, 0);
  g_assert_cmpuint (
      pst_dtls_session_seal (session, plain, 10, datagram, 9 + PST_DTLS_MAX_OVERHEAD_BYTES), ==, 0);
  g_assert_cmpuint (pst_dtls_session_open (session, datagram, 0), ==, 0);
  wire_assert_passes (&self->client, &self->server, 100);
}

/* Every record arrives once or not at all, and as it was sent. */
static void
test_data_on_bad_wire (Fixture *self, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  Mischief mischief = {
    rand, .loss = 10, .twice = 30, .reorder = 30, .truncated = 20, .garbage = 30
  };
  gboolean seen[2000] = { FALSE };
  guint n_seen = 0;
  GBytes *bytes;

  for (guint32 i = 0; i < G_N_ELEMENTS (seen); i++)
    {
      wire_end_send (&self->client, (const guint8 *)&i, sizeof i);
      if (i % 20 == 19)
        wire_carry (&self->client, &self->server, &mischief);
    }

  for (; (bytes = g_queue_pop_head (&self->server.data)) != NULL; n_seen++)
    {
      guint32 number;

      g_assert_cmpuint (g_bytes_get_size (bytes), ==, sizeof number);
      memcpy (&number, g_bytes_get_data (bytes, NULL), sizeof number);
      g_assert_cmpuint (number, <, G_N_ELEMENTS (seen));
      g_assert_false (seen[number]);
      seen[number] = TRUE;
      g_bytes_unref (bytes);
    }
  g_assert_cmpuint (n_seen, >, G_N_ELEMENTS (seen) / 2);
  g_assert_cmpuint (n_seen, <, G_N_ELEMENTS (seen));
}

/* Whatever bit is turned over, nothing comes out and nothing breaks. */
static void
test_forged (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) bytes = NULL;
  gsize n_bytes;

  wire_end_send (&self->client, (const guint8 *)"some data", 9);
  bytes = g_queue_pop_head (&self->client.out);
  n_bytes = g_bytes_get_size (bytes);

  for (gsize bit = 0; bit < 8 * n_bytes; bit++)
    {
      g_autofree guint8 *forged = g_memdup2 (g_bytes_get_data (bytes, NULL), n_bytes);

      forged[bit / 8] ^= 1 << bit % 8;
      wire_end_take (&self->server, forged, n_bytes);
      g_assert_cmpuint (self->server.data.length, ==, 0);
    }
  g_assert_cmpint (wire_end_get_state (&self->server), ==, PST_DTLS_CONNECTED);
  wire_end_take (&self->server, g_bytes_get_data (bytes, NULL), n_bytes);
  wire_assert_data (&self->server, (const guint8 *)"some data", 9);
}

/* Sealed records too short to be one, alone, behind a sound record, and where a
 * header that is refused says its content begins. */
static void
test_short (Fixture *self, gconstpointer data)
{
  for (guint n_bytes = 0; n_bytes < 24; n_bytes++)
    {
      guint8 record[13 + 24] = { 23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 1, 0, 0, (guint8) n_bytes };
      guint8 hidden[13 + sizeof record] = { 23, 0xFE, 0xFF, 0, 1, 0, 0, 0, 0, 1, 0, 0, sizeof record };
      g_autoptr (GByteArray) behind = g_byte_array_new ();
      g_autoptr (GBytes) sound = NULL;

      wire_end_take (&self->server, record, 13 + n_bytes);
      memcpy (hidden + 13, record, sizeof record);
      wire_end_take (&self->server, hidden, sizeof hidden);
      hidden[11] = 0xFF; /* longer than any record */
      wire_end_take (&self->server, hidden, sizeof hidden);
      g_assert_cmpuint (self->server.data.length, ==, 0);

      wire_end_send (&self->client, (const guint8 *) "sound", 5);
      sound = g_queue_pop_head (&self->client.out);
      g_byte_array_append (behind, g_bytes_get_data (sound, NULL), g_bytes_get_size (sound));
      g_byte_array_append (behind, record, 13 + n_bytes);
      wire_end_take (&self->server, behind->data, behind->len);
      g_assert_cmpint (wire_end_get_state (&self->server), ==, PST_DTLS_CONNECTED);
      wire_assert_data (&self->server, (const guint8 *) "sound", 5);
    }
}

static void
test_two_in_one (Fixture *self, gconstpointer data)
{
  g_autoptr (GByteArray) both = g_byte_array_new ();

  wire_end_send (&self->client, (const guint8 *)"one", 3);
  wire_end_send (&self->client, (const guint8 *)"two", 3);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GBytes) bytes = g_queue_pop_head (&self->client.out);
      g_byte_array_append (both, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
  wire_end_take (&self->server, both->data, both->len);
  wire_assert_data (&self->server, (const guint8 *)"one", 3);
  wire_assert_data (&self->server, (const guint8 *)"two", 3);
}

/* The server is ready before the client; what it sends may overtake the last
 * part of the handshake, and is then lost, but nothing else is. */
static void
test_overtaken (Fixture *self, gconstpointer data)
{
  GBytes *finished;

  pst_dtls_session_start (self->server.session, FALSE);
  pst_dtls_session_start (self->client.session, TRUE);
  while (wire_end_get_state (&self->server) != PST_DTLS_CONNECTED)
    {
      wire_carry (&self->server, &self->client, NULL);
      wire_carry (&self->client, &self->server, NULL);
    }
  g_assert_cmpint (wire_end_get_state (&self->client), ==, PST_DTLS_CONNECTING);

  wire_end_send (&self->server, (const guint8 *)"quick", 5);
  finished = g_queue_pop_head (&self->server.out);
  g_queue_push_tail (&self->server.out, finished);
  wire_settle (&self->client, &self->server);

  g_assert_cmpint (wire_end_get_state (&self->client), ==, PST_DTLS_CONNECTED);
  g_queue_clear_full (&self->client.data, (GDestroyNotify)g_bytes_unref);
  wire_assert_passes (&self->server, &self->client, 100);
  wire_assert_passes (&self->client, &self->server, 100);
}

static void
test_close (Fixture *self, gconstpointer data)
{
  pst_dtls_session_close (self->client.session);
  g_assert_cmpint (wire_end_get_state (&self->client), ==, PST_DTLS_CLOSED);
  g_assert_cmpuint (self->client.out.length, ==, 1);
  wire_settle (&self->client, &self->server);
  g_assert_cmpint (wire_end_get_state (&self->server), ==, PST_DTLS_CLOSED);
  pst_dtls_session_close (self->server.session);
  g_assert_cmpint (wire_end_get_state (&self->server), ==, PST_DTLS_CLOSED);
}

/* What other users of OpenSSL in the same thread leave behind is not ours. */
static void
test_stale_error (Fixture *self, gconstpointer data)
{
  static const guint8 forged[13 + 24] = { 23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 1, 0, 0, 24 };
  g_autoptr (GBytes) goodbye = NULL;

  pst_dtls_session_close (self->client.session);
  goodbye = g_queue_pop_head (&self->client.out);

  ERR_raise (ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
  wire_end_take (&self->server, forged, sizeof forged);
  g_assert_cmpint (wire_end_get_state (&self->server), ==, PST_DTLS_CONNECTED);
  ERR_raise (ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
  wire_end_take (&self->server, g_bytes_get_data (goodbye, NULL), g_bytes_get_size (goodbye));
  g_assert_cmpint (wire_end_get_state (&self->server), ==, PST_DTLS_CLOSED);
}

static void
test_given_identity (void)
{
  g_autoptr (X509) certificate = NULL;
  g_autoptr (EVP_PKEY) key = NULL;
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  g_autofree char *certificate_pem = NULL;
  g_autofree char *key_pem = NULL;
  g_autofree char *pem = NULL;
  char *text;
  long n_bytes;
  Fixture fixture;

  g_assert_true (pst_dtls_identity_make (&certificate, &key, NULL));
  certificate_pem = pst_dtls_identity_format (certificate);
  PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL);
  n_bytes = BIO_get_mem_data (bio, &text);
  key_pem = g_strndup (text, n_bytes);
  pem = g_strconcat (certificate_pem, key_pem, NULL);

  wire_end_init (&fixture.client, pem);
  wire_end_init (&fixture.server, NULL);
  wire_connect (&fixture.client, &fixture.server);
  g_assert_cmpstr (pst_dtls_session_get_peer_pem (fixture.server.session), ==, certificate_pem);
  tear_down (&fixture, NULL);

  g_assert_null (pst_dtls_session_new (certificate_pem, NULL, NULL, NULL));
  g_assert_null (pst_dtls_session_new (key_pem, NULL, NULL, NULL));
  g_assert_null (pst_dtls_session_new ("nonsense", NULL, NULL, NULL));
}

#define ADD(path, set_up_function, function) \
  g_test_add ("/link/dtls-session/" path, Fixture, NULL, set_up_function, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("handshake", set_up_connected, test_handshake);
  ADD ("before", set_up, test_before);
  ADD ("early", set_up, test_early);
  g_test_add_func ("/link/dtls-session/bad-wire", test_bad_wire);
  ADD ("no-answer", set_up, test_no_answer);
  ADD ("data", set_up_connected, test_data);
  ADD ("limits", set_up_connected, test_limits);
  ADD ("data-on-bad-wire", set_up_connected, test_data_on_bad_wire);
  ADD ("forged", set_up_connected, test_forged);
  ADD ("short", set_up_connected, test_short);
  ADD ("two-in-one", set_up_connected, test_two_in_one);
  ADD ("overtaken", set_up, test_overtaken);
  ADD ("stale-error", set_up_connected, test_stale_error);
  ADD ("close", set_up_connected, test_close);
  g_test_add_func ("/link/dtls-session/given-identity", test_given_identity);

  return g_test_run ();
}
