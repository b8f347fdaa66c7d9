/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)

gboolean pst_dtls_identity_make (X509 **certificate, EVP_PKEY **key, GError **error);
gboolean
pst_dtls_identity_parse (const char *pem, X509 **certificate, EVP_PKEY **key, GError **error);
char *pst_dtls_identity_format (X509 *certificate);

G_END_DECLS
