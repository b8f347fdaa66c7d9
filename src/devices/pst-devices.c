/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-devices.h"

#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-vault.h"

/* The keyring first. Devices stay where they are: what was kept in the file while
 * no keyring ran is still found. */
#define MAX_VAULTS 2

typedef struct
{
  const PstVault *vaults[MAX_VAULTS];
  GPtrArray *lists[MAX_VAULTS];
  guint n_vaults;
} Devices;

static void
devices_clear (Devices *self)
{
  for (guint i = 0; i < self->n_vaults; i++)
    g_clear_pointer (&self->lists[i], g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Devices, devices_clear)

static void
wipe (char *text)
{
  if (text != NULL)
    sodium_memzero (text, strlen (text));
  g_free (text);
}

static GPtrArray *
read_list (const PstVault *vault, GCancellable *cancellable, GError **error)
{
  GPtrArray *list;
  char *text = NULL;

  if (!vault->read (&text, cancellable, error))
    return NULL;

  list = text != NULL ? pst_device_list_parse (text, strlen (text), error) : pst_device_list_new ();
  wipe (text);
  return list;
}

static gboolean
write_list (const PstVault *vault, GPtrArray *list, GCancellable *cancellable, GError **error)
{
  char *text = pst_device_list_print (list);
  gboolean ok = vault->write (text, cancellable, error);

  wipe (text);
  return ok;
}

static gboolean
devices_read (Devices *self, GCancellable *cancellable, GError **error)
{
  if (g_strcmp0 (g_getenv ("PST_KEYRING"), "none") != 0 && pst_vault_keyring_is_there (cancellable))
    self->vaults[self->n_vaults++] = &pst_vault_keyring;
  self->vaults[self->n_vaults++] = &pst_vault_file;

  for (guint i = 0; i < self->n_vaults; i++)
    if ((self->lists[i] = read_list (self->vaults[i], cancellable, error)) == NULL)
      return FALSE;

  return TRUE;
}

/* Where @name stands; *@vault is which vault that is. */
static PstDevice *
devices_find (Devices *self, const char *name, guint *vault)
{
  for (guint i = 0; i < self->n_vaults; i++)
    {
      PstDevice *device = pst_device_list_find (self->lists[i], name);

      *vault = i;
      if (device != NULL)
        return device;
    }

  return NULL;
}

static PstDevice *
devices_need (Devices *self, const char *name, guint *vault, GError **error)
{
  PstDevice *device = devices_find (self, name, vault);
  g_autofree char *shown = NULL;

  if (device != NULL)
    return device;

  shown = pst_escape_name (name, -1);
  g_set_error (error, PST_ERROR, PST_ERROR_USAGE,
               "No remembered device is called “%s”; “penstock-cli devices” lists them.", shown);
  return NULL;
}

typedef gboolean (*Change) (Devices *self, guint *vault, gpointer user_data, GError **error);

/* Reads all, lets @change change one list, and writes that one. */
static gboolean
change_devices (Change change, gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_auto (Devices) self = { { NULL } };
  int lock = pst_vault_file_lock (error);
  guint vault = 0;
  gboolean ok;

  if (lock < 0)
    return FALSE;

  ok = devices_read (&self, cancellable, error) && change (&self, &vault, user_data, error)
       && write_list (self.vaults[vault], self.lists[vault], cancellable, error);
  close (lock);
  return ok;
}

/**
 * pst_devices_load:
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for an error of %PST_ERROR
 *
 * Returns: (transfer full) (nullable) (element-type PstDevice): all devices, the
 *   oldest first
 */
GPtrArray *
pst_devices_load (GCancellable *cancellable, GError **error)
{
  g_auto (Devices) self = { { NULL } };
  GPtrArray *all;

  if (!devices_read (&self, cancellable, error))
    return NULL;

  all = pst_device_list_new ();
  for (guint i = 0; i < self.n_vaults; i++)
    for (guint j = 0; j < self.lists[i]->len; j++)
      g_ptr_array_add (all, pst_device_copy (g_ptr_array_index (self.lists[i], j)));
  return all;
}

/**
 * pst_devices_find:
 * @name: a device's name
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for an error of %PST_ERROR, _USAGE if there is none
 *
 * Returns: (transfer full) (nullable): the device
 */
PstDevice *
pst_devices_find (const char *name, GCancellable *cancellable, GError **error)
{
  g_auto (Devices) self = { { NULL } };
  PstDevice *device;
  guint vault;

  if (!devices_read (&self, cancellable, error))
    return NULL;

  device = devices_need (&self, name, &vault, error);
  return device != NULL ? pst_device_copy (device) : NULL;
}

typedef struct
{
  const char *name;
  const char *new_name;
  GBytes *secret;
  gboolean accepts;
  char *taken;
} Wish;

/* “anna”, “anna 2”, …: the first that is free. */
static char *
make_free_name (Devices *self, const char *name)
{
  g_autofree char *free_name = g_strdup (name);
  guint vault;

  for (guint n = 2; devices_find (self, free_name, &vault) != NULL; n++)
    {
      g_autofree char *number = g_strdup_printf (" %u", n);
      gsize room = PST_DEVICE_MAX_NAME_BYTES - strlen (number);
      const char *end;

      g_utf8_validate (name, strnlen (name, room), &end);
      g_free (free_name);
      free_name = g_strdup_printf ("%.*s%s", (int) (end - name), name, number);
    }

  return g_steal_pointer (&free_name);
}

static gboolean
add (Devices *self, guint *vault, gpointer user_data, GError **error)
{
  Wish *wish = user_data;
  g_autofree char *name = pst_device_make_name (wish->name);
  guint n = 0;

  for (guint i = 0; i < self->n_vaults; i++)
    n += self->lists[i]->len;
  if (n >= PST_DEVICES_MAX)
    {
      g_set_error (error, PST_ERROR, PST_ERROR_LIMIT,
                   "%u devices are remembered already; forget one of them first.", PST_DEVICES_MAX);
      return FALSE;
    }

  *vault = 0;
  wish->taken = make_free_name (self, name);
  g_ptr_array_add (self->lists[0],
                   pst_device_new (wish->taken, wish->secret, g_get_real_time () / G_USEC_PER_SEC));
  return TRUE;
}

/**
 * pst_devices_add:
 * @wish: (nullable): what it is to be called; another name is made of it if that
 *   is none or taken
 * @secret: what it shares with this machine
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for an error of %PST_ERROR
 *
 * Remembers a device.
 *
 * Returns: (transfer full) (nullable): its name
 */
char *
pst_devices_add (const char *wish, GBytes *secret, GCancellable *cancellable, GError **error)
{
  Wish w = { .name = wish, .secret = secret };

  if (change_devices (add, &w, cancellable, error))
    return w.taken;

  g_free (w.taken);
  return NULL;
}

static gboolean
rename_device (Devices *self, guint *vault, gpointer user_data, GError **error)
{
  Wish *wish = user_data;
  PstDevice *device = devices_need (self, wish->name, vault, error);
  guint other;

  if (device == NULL || !pst_device_check_name (wish->new_name, error))
    return FALSE;
  if (devices_find (self, wish->new_name, &other) != NULL
      && !g_str_equal (wish->new_name, wish->name))
    {
      g_set_error (error, PST_ERROR, PST_ERROR_USAGE,
                   "Another remembered device is called “%s” already.", wish->new_name);
      return FALSE;
    }

  g_free (device->name);
  device->name = g_strdup (wish->new_name);
  return TRUE;
}

/**
 * pst_devices_rename:
 * @name: a device's name
 * @new_name: what it is to be called
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for an error of %PST_ERROR
 *
 * Returns: %TRUE if it is called so now
 */
gboolean
pst_devices_rename (const char *name,
                    const char *new_name,
                    GCancellable *cancellable,
                    GError **error)
{
  Wish wish = { .name = name, .new_name = new_name };

  return change_devices (rename_device, &wish, cancellable, error);
}

static gboolean
set_accepts (Devices *self, guint *vault, gpointer user_data, GError **error)
{
  Wish *wish = user_data;
  PstDevice *device = devices_need (self, wish->name, vault, error);

  if (device == NULL)
    return FALSE;

  device->accepts = wish->accepts;
  return TRUE;
}

/**
 * pst_devices_set_accepts:
 * @name: a device's name
 * @accepts: whether its offers are accepted without asking
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for an error of %PST_ERROR
 *
 * Returns: %TRUE if that is kept
 */
gboolean
pst_devices_set_accepts (const char *name,
                         gboolean accepts,
                         GCancellable *cancellable,
                         GError **error)
{
  Wish wish = { .name = name, .accepts = accepts };

  return change_devices (set_accepts, &wish, cancellable, error);
}

static gboolean
forget (Devices *self, guint *vault, gpointer user_data, GError **error)
{
  Wish *wish = user_data;
  PstDevice *device = devices_need (self, wish->name, vault, error);

  return device != NULL && g_ptr_array_remove (self->lists[*vault], device);
}

/**
 * pst_devices_forget:
 * @name: a device's name
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for an error of %PST_ERROR
 *
 * Returns: %TRUE if its secret is kept no more
 */
gboolean
pst_devices_forget (const char *name, GCancellable *cancellable, GError **error)
{
  Wish wish = { .name = name };

  return change_devices (forget, &wish, cancellable, error);
}
