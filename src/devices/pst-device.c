/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-device.h"

#include <sodium.h>
#include <string.h>

#include "pst-error.h"
#include "pst-escape.h"

G_DEFINE_BOXED_TYPE (PstDevice, pst_device, pst_device_copy, pst_device_free)

/* What a device is called whose person gave no name that can be used. */
#define FALLBACK_NAME "device"

/**
 * pst_device_new:
 * @name: a name that pst_device_check_name() takes
 * @secret: %PST_DEVICE_SECRET_BYTES
 * @since_s: now, seconds since 1970
 *
 * Returns: (transfer full): a device that is asked about each offer of its
 */
PstDevice *
pst_device_new (const char *name, GBytes *secret, gint64 since_s)
{
  PstDevice *self = g_new0 (PstDevice, 1);
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (secret, &n_bytes);

  g_assert (n_bytes == PST_DEVICE_SECRET_BYTES);

  self->name = g_strdup (name);
  memcpy (self->secret, bytes, n_bytes);
  self->since_s = since_s;
  return self;
}

/**
 * pst_device_copy:
 * @self: a device
 *
 * Returns: (transfer full): another one like it
 */
PstDevice *
pst_device_copy (const PstDevice *self)
{
  PstDevice *copy = g_new0 (PstDevice, 1);

  *copy = *self;
  copy->name = g_strdup (self->name);
  return copy;
}

/**
 * pst_device_free:
 * @self: (transfer full): a device
 *
 * Frees it and wipes its secret.
 */
void
pst_device_free (PstDevice *self)
{
  sodium_memzero (self->secret, sizeof self->secret);
  g_free (self->name);
  g_free (self);
}

/**
 * pst_device_get_secret:
 * @self: a device
 *
 * Returns: (transfer full): what it shares with this machine
 */
GBytes *
pst_device_get_secret (const PstDevice *self)
{
  return g_bytes_new (self->secret, sizeof self->secret);
}

/**
 * pst_device_check_name:
 * @name: what a device is to be called, valid UTF-8
 * @error: return location for a %PST_ERROR_USAGE
 *
 * A name is fit to be shown as it is, has no blanks around it, and is neither empty
 * nor longer than %PST_DEVICE_MAX_NAME_BYTES.
 *
 * Returns: %TRUE if it is a name
 */
gboolean
pst_device_check_name (const char *name, GError **error)
{
  g_autofree char *shown = pst_escape_name (name, -1);
  g_autofree char *stripped = g_strstrip (g_strdup (name));

  if (*name != '\0' && strlen (name) <= PST_DEVICE_MAX_NAME_BYTES && g_str_equal (shown, name)
      && g_str_equal (stripped, name))
    return TRUE;

  g_set_error (error, PST_ERROR, PST_ERROR_USAGE,
               "“%s” cannot be the name of a device: a name has 1 to %u bytes, and no blanks "
               "around it or signs that cannot be seen.",
               shown, PST_DEVICE_MAX_NAME_BYTES);
  return FALSE;
}

/**
 * pst_device_make_name:
 * @wish: (nullable): how the other person calls themselves, escaped for showing
 *
 * Returns: (transfer full): a name that pst_device_check_name() takes
 */
char *
pst_device_make_name (const char *wish)
{
  g_autofree char *plain = g_strdup (wish != NULL ? wish : "");
  g_autofree char *cut = NULL;
  const char *end;

  /* What had to be escaped is not worth keeping. */
  g_strdelimit (plain, "\\", ' ');
  g_utf8_validate (plain, strnlen (plain, PST_DEVICE_MAX_NAME_BYTES), &end);
  cut = g_strstrip (g_strndup (plain, end - plain));
  return g_strdup (pst_device_check_name (cut, NULL) ? cut : FALLBACK_NAME);
}
