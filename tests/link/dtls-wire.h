/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-dtls-bio.h"
#include "pst-dtls-identity.h"

/* One end of a wire: a session of ours, or an association made by hand with
 * OpenSSL's defaults, which is a peer by somebody else. */
typedef struct
{
  PstDtlsSession *session; /* (nullable) */
  SSL *ssl;                /* (nullable) */
  PstDtlsBio bio;          /* of @ssl */
  GQueue out;              /* of GBytes: on their way from this end */
  GQueue data;             /* of GBytes: what came in */
  gsize longest;           /* of the datagrams that left */
} WireEnd;

/* What happens on the way, in percent of the datagrams. */
typedef struct
{
  GRand *rand;
  guint loss;
  guint twice;
  guint reorder;
  guint truncated;
  guint garbage;
} Mischief;

void wire_end_init (WireEnd *end, const char *pem);
void wire_end_init_foreign (WireEnd *end, SSL_CTX *context, gboolean client);
void wire_end_clear (WireEnd *end);
PstDtlsState wire_end_get_state (WireEnd *end);
void wire_end_take (WireEnd *end, const guint8 *datagram, gsize n_bytes);
void wire_end_send (WireEnd *end, const guint8 *data, gsize n_bytes);
void wire_carry (WireEnd *from, WireEnd *to, const Mischief *mischief);
void wire_settle (WireEnd *a, WireEnd *b);
void wire_connect (WireEnd *client, WireEnd *server);
void wire_assert_data (WireEnd *end, const guint8 *data, gsize n_bytes);
void wire_assert_passes (WireEnd *from, WireEnd *to, gsize n_bytes);

/* The clock that OpenSSL sees stands still but for this. */
void wire_pass_time (gint64 us);
