/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-dtls-bio.h"

#include <string.h>

/* RFC 5246, section 6.2.1: the first byte of a record of application data. */
#define APPLICATION_DATA 23

/* IPv6 and UDP. Only asked for before the real size is set. */
#define MTU_OVERHEAD_BYTES 48

static int
bio_write (BIO *bio, const char *data, int n_bytes)
{
  PstDtlsBio *self = BIO_get_data (bio);

  if (n_bytes <= 0)
    return 0;

  if (self->sealed != NULL && self->n_sealed == 0 && data[0] == APPLICATION_DATA
      && (gsize) n_bytes <= self->sealed_room)
    {
      memcpy (self->sealed, data, n_bytes);
      self->n_sealed = n_bytes;
    }
  else
    self->send ((const guint8 *) data, n_bytes, self->user_data);
  return n_bytes;
}

/* One call takes one datagram; what does not fit is lost, as with a socket. */
static int
bio_read (BIO *bio, char *data, int room_bytes)
{
  PstDtlsBio *self = BIO_get_data (bio);
  int n_bytes;

  BIO_clear_retry_flags (bio);
  if (self->input == NULL || room_bytes <= 0)
    {
      BIO_set_retry_read (bio);
      return -1;
    }
  n_bytes = MIN (self->n_input, (gsize) room_bytes);
  memcpy (data, self->input, n_bytes);
  self->input = NULL;
  return n_bytes;
}

static long
bio_control (BIO *bio, int command, long number, void *pointer)
{
  switch (command)
    {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
      return PST_DTLS_MAX_HANDSHAKE_BYTES;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
      return MTU_OVERHEAD_BYTES;
    default:
      return 0;
    }
}

static int
bio_create (BIO *bio)
{
  BIO_set_init (bio, 1);
  return 1;
}

static BIO_METHOD *
make_method (void)
{
  BIO_METHOD *method = BIO_meth_new (BIO_get_new_index () | BIO_TYPE_SOURCE_SINK, "pst-dtls");

  BIO_meth_set_write (method, bio_write);
  BIO_meth_set_read (method, bio_read);
  BIO_meth_set_ctrl (method, bio_control);
  BIO_meth_set_create (method, bio_create);
  return method;
}

/*
 * pst_dtls_bio_new:
 * @self: outlives the BIO
 *
 * Returns: (transfer full) (nullable): a BIO whose datagrams come from and go
 *   to @self
 */
BIO *
pst_dtls_bio_new (PstDtlsBio *self)
{
  static gsize method;
  BIO *bio;

  if (g_once_init_enter (&method))
    g_once_init_leave (&method, (gsize) make_method ());

  bio = BIO_new ((BIO_METHOD *) method);
  if (bio != NULL)
    BIO_set_data (bio, self);
  return bio;
}
