/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pst-upgrade.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  const char *sample = "dGhlIHNhbXBsZSBub25jZQ==";
  g_autofree char *text = size > 0 ? g_strndup ((const char *) data, size) : g_strdup ("");
  g_autoptr (GUri) uri = pst_upgrade_parse_url (text, NULL);
  g_autofree char *request = uri != NULL ? pst_upgrade_print_request (uri, sample) : NULL;
  g_autofree char *key = NULL;
  g_autofree char *response = NULL;
  guint status;

  /* One empty line, at the end: no URL adds a line of its own. */
  g_assert_true (request == NULL || strstr (request, "\r\n\r\n") == strrchr (request, '\r') - 2);

  if (size == 0)
    return 0;
  pst_upgrade_check_response ((const char *) data, size, sample, NULL);
  status = pst_upgrade_check_request ((const char *) data, size, &key);
  response = pst_upgrade_print_response (status, key);
  return 0;
}
