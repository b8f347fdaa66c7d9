/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-vault.h"

#include <libsecret/secret.h>

#include "pst-error.h"

/* A bus answers at once, or something is wrong with it. */
#define BUS_ANSWER_MS 2000

#define SECRETS_NAME "org.freedesktop.secrets"
#define PORTAL_NAME  "org.freedesktop.portal.Desktop"
#define PORTAL_PATH  "/org/freedesktop/portal/desktop"

/* What can be seen of an item while the keyring is locked: nothing about anybody. */
static const SecretSchema schema = {
  "io.github.penstock.Devices",
  SECRET_SCHEMA_NONE,
  { { "kind", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

static gboolean
fail (const char *what, const GError *cause, GError **error)
{
  g_set_error (error, PST_ERROR, PST_ERROR_FAILED,
               "The keyring, where remembered devices are kept, cannot be %s; unlock it and try "
               "again: %s",
               what, cause->message);
  return FALSE;
}

static gboolean
keyring_read (char **text, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) cause = NULL;
  char *secret = secret_password_lookup_sync (&schema, cancellable, &cause, "kind", "list", NULL);

  *text = g_strdup (secret);
  secret_password_free (secret);
  return cause == NULL || fail ("read", cause, error);
}

static gboolean
keyring_write (const char *text, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) cause = NULL;

  return secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT,
                                     "Penstock: remembered devices", text, cancellable, &cause,
                                     "kind", "list", NULL)
         || fail ("written", cause, error);
}

const PstVault pst_vault_keyring = { .read = keyring_read, .write = keyring_write };

static GVariant *
ask_bus (GDBusConnection *bus,
         const char *name,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GCancellable *cancellable)
{
  return g_dbus_connection_call_sync (bus, name, path, interface, method, parameters, NULL,
                                      G_DBUS_CALL_FLAGS_NONE, BUS_ANSWER_MS, cancellable, NULL);
}

static gboolean
has_owner (GDBusConnection *bus, const char *name, GCancellable *cancellable)
{
  g_autoptr (GVariant) answer = ask_bus (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                         "org.freedesktop.DBus", "NameHasOwner",
                                         g_variant_new ("(s)", name), cancellable);
  gboolean owned = FALSE;

  if (answer != NULL)
    g_variant_get (answer, "(b)", &owned);
  return owned;
}

static gboolean
can_start (GDBusConnection *bus, const char *name, GCancellable *cancellable)
{
  g_autoptr (GVariant) answer = ask_bus (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                         "org.freedesktop.DBus", "ListActivatableNames", NULL,
                                         cancellable);
  g_autofree const char **names = NULL;

  if (answer == NULL)
    return FALSE;

  g_variant_get (answer, "(^a&s)", &names);
  return g_strv_contains (names, name);
}

/* In a sandbox libsecret keeps a file of its own, and the portal the key to it. */
static gboolean
has_portal (GDBusConnection *bus, GCancellable *cancellable)
{
  g_autoptr (GVariant) answer = ask_bus (
      bus, PORTAL_NAME, PORTAL_PATH, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", "org.freedesktop.portal.Secret", "version"), cancellable);

  return answer != NULL;
}

/**
 * pst_vault_keyring_is_there:
 * @cancellable: (nullable): a #GCancellable
 *
 * Returns: %TRUE if a keyring runs or can be started for this user; it may be locked
 */
gboolean
pst_vault_keyring_is_there (GCancellable *cancellable)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, cancellable, NULL);

  if (bus == NULL)
    return FALSE;
  if (g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    return has_portal (bus, cancellable);

  return has_owner (bus, SECRETS_NAME, cancellable) || can_start (bus, SECRETS_NAME, cancellable);
}
