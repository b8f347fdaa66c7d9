/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dtls-wire.h"

#include <openssl/err.h>
#include <string.h>
#include <sys/time.h>

int gettimeofday (struct timeval *restrict now, void *restrict zone);

static gint64 passed_us;

/* Instead of the C library's, so that no test waits for a time-out. */
int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
  now->tv_sec = 1700000000 + passed_us / G_USEC_PER_SEC;
  now->tv_usec = passed_us % G_USEC_PER_SEC;
  return 0;
}

void
wire_pass_time (gint64 us)
{
  passed_us += us;
}

static void
on_send (const guint8 *datagram, gsize n_bytes, gpointer user_data)
{
  WireEnd *end = user_data;

  end->longest = MAX (end->longest, n_bytes);
  g_queue_push_tail (&end->out, g_bytes_new (datagram, n_bytes));
}

void
wire_end_init (WireEnd *end, const char *pem)
{
  g_autoptr (GError) error = NULL;

  memset (end, 0, sizeof *end);
  end->session = pst_dtls_session_new (pem, on_send, end, &error);
  g_assert_no_error (error);
}

/* Takes a foreign peer from a context whose certificate, ciphers and versions
 * are set. */
void
wire_end_init_foreign (WireEnd *end, SSL_CTX *context, gboolean client)
{
  BIO *bio;

  memset (end, 0, sizeof *end);
  end->bio.send = on_send;
  end->bio.user_data = end;
  bio = pst_dtls_bio_new (&end->bio);
  end->ssl = SSL_new (context);
  SSL_set_bio (end->ssl, bio, bio);
  if (client)
    SSL_set_connect_state (end->ssl);
  else
    SSL_set_accept_state (end->ssl);
}

void
wire_end_clear (WireEnd *end)
{
  g_clear_pointer (&end->session, pst_dtls_session_free);
  g_clear_pointer (&end->ssl, SSL_free);
  g_queue_clear_full (&end->out, (GDestroyNotify)g_bytes_unref);
  g_queue_clear_full (&end->data, (GDestroyNotify)g_bytes_unref);
}

PstDtlsState
wire_end_get_state (WireEnd *end)
{
  if (end->session != NULL)
    return pst_dtls_session_get_state (end->session);
  return SSL_is_init_finished (end->ssl) ? PST_DTLS_CONNECTED : PST_DTLS_CONNECTING;
}

static void
keep_data (WireEnd *end, const guint8 *data, gsize n_bytes)
{
  if (n_bytes > 0)
    g_queue_push_tail (&end->data, g_bytes_new (data, n_bytes));
}

static void
take_foreign (WireEnd *end, const guint8 *datagram, gsize n_bytes)
{
  guint8 data[PST_DTLS_MAX_RECORD_BYTES];
  int result;

  end->bio.input = datagram;
  end->bio.n_input = n_bytes;
  while ((result = SSL_read (end->ssl, data, sizeof data)) > 0)
    keep_data (end, data, result);
  end->bio.input = NULL;
  ERR_clear_error ();
}

void
wire_end_take (WireEnd *end, const guint8 *datagram, gsize n_bytes)
{
  /* An exact copy, so that a sanitizer sees a step past the end. */
  g_autofree guint8 *copy = g_memdup2 (datagram, n_bytes);
  guint8 record[PST_DTLS_MAX_RECORD_BYTES];
  gsize n_more;

  if (end->session == NULL)
    {
      take_foreign (end, copy, n_bytes);
      return;
    }
  keep_data (end, copy, pst_dtls_session_open (end->session, copy, n_bytes));
  while ((n_more = pst_dtls_session_read (end->session, record, sizeof record)) > 0)
    keep_data (end, record, n_more);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

void
wire_end_send (WireEnd *end, const guint8 *data, gsize n_bytes)
{
  gsize room = n_bytes + PST_DTLS_MAX_OVERHEAD_BYTES;
  g_autofree guint8 *datagram = g_malloc (room);
  gsize n_sealed;

  if (end->session == NULL)
    {
      g_assert_cmpint (SSL_write (end->ssl, data, n_bytes), ==, n_bytes);
      return;
    }
  n_sealed = pst_dtls_session_seal (end->session, data, n_bytes, datagram, room);
  g_assert_cmpuint (n_sealed, >, n_bytes);
  g_queue_push_tail (&end->out, g_bytes_new (datagram, n_sealed));
}

static gboolean
happens (const Mischief *mischief, guint percent)
{
  return (guint)g_rand_int_range (mischief->rand, 0, 100) < percent;
}

static void
deliver_garbage (WireEnd *to, const Mischief *mischief)
{
  guint8 garbage[64];
  gsize n_bytes = g_rand_int_range (mischief->rand, 1, sizeof garbage + 1);

  for (gsize i = 0; i < n_bytes; i++)
    garbage[i] = g_rand_int (mischief->rand);
  wire_end_take (to, garbage, n_bytes);
}

static void
deliver (WireEnd *to, GBytes *bytes, const Mischief *mischief)
{
  gsize n_bytes;
  const guint8 *datagram = g_bytes_get_data (bytes, &n_bytes);

  if (mischief != NULL && happens (mischief, mischief->garbage))
    deliver_garbage (to, mischief);
  if (mischief != NULL && happens (mischief, mischief->truncated))
    wire_end_take (to, datagram, g_rand_int_range (mischief->rand, 0, n_bytes) + 1);
  if (mischief != NULL && happens (mischief, mischief->loss))
    return;
  wire_end_take (to, datagram, n_bytes);
  if (mischief != NULL && happens (mischief, mischief->twice))
    wire_end_take (to, datagram, n_bytes);
}

/* Brings what is under way from one end to the other. */
void
wire_carry (WireEnd *from, WireEnd *to, const Mischief *mischief)
{
  guint n = from->out.length;

  while (n-- > 0)
    {
      GBytes *bytes = mischief != NULL && happens (mischief, mischief->reorder)
                          ? g_queue_pop_tail (&from->out)
                          : g_queue_pop_head (&from->out);

      deliver (to, bytes, mischief);
      g_bytes_unref (bytes);
    }
}

/* Until nothing is under way. */
void
wire_settle (WireEnd *a, WireEnd *b)
{
  while (a->out.length + b->out.length > 0)
    {
      wire_carry (a, b, NULL);
      wire_carry (b, a, NULL);
    }
}

static void
start (WireEnd *end, gboolean client)
{
  if (end->session != NULL)
    pst_dtls_session_start (end->session, client);
  else
    SSL_do_handshake (end->ssl);
  ERR_clear_error ();
}

/* A handshake without mischief; how it ends is the caller's to judge. */
void
wire_connect (WireEnd *client, WireEnd *server)
{
  start (server, FALSE);
  start (client, TRUE);
  wire_settle (client, server);
}

void
wire_assert_data (WireEnd *end, const guint8 *data, gsize n_bytes)
{
  g_autoptr (GBytes) bytes = g_queue_pop_head (&end->data);

  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), data, n_bytes);
}

void
wire_assert_passes (WireEnd *from, WireEnd *to, gsize n_bytes)
{
  g_autofree guint8 *data = g_malloc (n_bytes);

  for (gsize i = 0; i < n_bytes; i++)
    data[i] = i * 7 + n_bytes;
  wire_end_send (from, data, n_bytes);
  wire_settle (from, to);
  wire_assert_data (to, data, n_bytes);
  g_assert_cmpuint (to->data.length, ==, 0);
}
