/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-notice.h"
#include "pst-upgrade.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

/* Whatever is found can be connected to. */
int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (PstNotices) notices = pst_notices_new ("0412");
  g_autoptr (GSocketAddress) source = g_inet_socket_address_new_from_string ("fe80::1%1", 5);
  g_autofree char *url = pst_notices_hear (notices, (const char *) data, size, source);
  g_autoptr (GUri) uri = url != NULL ? pst_upgrade_parse_url (url, NULL) : NULL;

  g_assert_true (url == NULL || uri != NULL);
  return 0;
}
