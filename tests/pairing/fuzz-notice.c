/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-notice.h"
#include "pst-upgrade.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

/* Whatever is found can be connected to. */
static void
hear (PstNotices *notices, const guint8 *data, size_t size)
{
  g_autoptr (GSocketAddress) source = g_inet_socket_address_new_from_string ("fe80::1%1", 5);
  g_autofree char *id = NULL;
  g_autofree char *url = pst_notices_hear (notices, (const char *) data, size, source, &id);
  g_autoptr (GUri) uri = url != NULL ? pst_upgrade_parse_url (url, NULL) : NULL;

  g_assert_true (url == NULL || (uri != NULL && *id != '\0'));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static const guint8 secret[PST_KEY_BYTES] = { 1 };
  g_autoptr (PstNotices) for_code = pst_notices_new ("0412");
  g_autoptr (PstNotices) for_device = pst_notices_new_for_device (secret, 20000);

  pst_notice_is_question ((const char *) data, size);
  hear (for_code, data, size);
  hear (for_device, data, size);
  return 0;
}
