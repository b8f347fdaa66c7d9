/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <openssl/ssl.h>

#include "pst-dtls-session.h"

G_BEGIN_DECLS

/*
 * PstDtlsBio:
 * @input: (nullable): the datagram that waits to be read
 * @n_input: its size
 * @sealed: (nullable): where the next record of application data goes
 * @sealed_room: how much fits there
 * @n_sealed: how much was put there
 * @send: takes every other datagram
 * @user_data: for @send
 *
 * The two ends of OpenSSL's datagram pipe.
 */
typedef struct
{
  const guint8 *input;
  gsize n_input;
  guint8 *sealed;
  gsize sealed_room;
  gsize n_sealed;
  PstDtlsSend send;
  gpointer user_data;
} PstDtlsBio;

BIO *pst_dtls_bio_new (PstDtlsBio *self);

G_END_DECLS
