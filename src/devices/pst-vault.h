/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PstVault:
 *
 * A place that keeps one secret text for this user. Reading and writing block, and
 * may wait for a person who unlocks a keyring.
 */
typedef struct
{
  gboolean (*read) (char **text, GCancellable *cancellable, GError **error);
  gboolean (*write) (const char *text, GCancellable *cancellable, GError **error);
} PstVault;

/* The keyring of the desktop, or of the sandbox. */
extern const PstVault pst_vault_keyring;
gboolean pst_vault_keyring_is_there (GCancellable *cancellable);

/* A file that only this user can read. */
extern const PstVault pst_vault_file;
int pst_vault_file_lock (GError **error);

G_END_DECLS
