/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define PST_DEVICE_SECRET_BYTES   32
#define PST_DEVICE_MAX_NAME_BYTES 64

/* Enough for everybody one knows; bounds what a keyring has to hold. */
#define PST_DEVICES_MAX 64

/**
 * PstDevice:
 * @name: what this side's person calls it; no two have the same
 * @secret: what it shares with this machine alone
 * @accepts: whether its offers are accepted without asking
 * @since_s: when it was remembered, seconds since 1970
 *
 * A device that was paired with and remembered.
 */
typedef struct
{
  char *name;
  guint8 secret[PST_DEVICE_SECRET_BYTES];
  gboolean accepts;
  gint64 since_s;
} PstDevice;

#define PST_TYPE_DEVICE (pst_device_get_type ())
GType pst_device_get_type (void);

PstDevice *pst_device_new (const char *name, GBytes *secret, gint64 since_s);
PstDevice *pst_device_copy (const PstDevice *self);
void pst_device_free (PstDevice *self);
GBytes *pst_device_get_secret (const PstDevice *self);
gboolean pst_device_check_name (const char *name, GError **error);
char *pst_device_make_name (const char *wish);

/* Lists of them: (element-type PstDevice) */

GPtrArray *pst_device_list_new (void);
PstDevice *pst_device_list_find (GPtrArray *list, const char *name);
GPtrArray *pst_device_list_parse (const char *text, gsize length, GError **error);
char *pst_device_list_print (GPtrArray *list);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstDevice, pst_device_free)

G_END_DECLS
