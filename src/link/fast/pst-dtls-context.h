/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

SSL *pst_dtls_context_make_ssl (X509 *certificate, EVP_PKEY *key, BIO *bio);

G_END_DECLS
