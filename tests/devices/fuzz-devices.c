/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-device.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

/* Whatever is taken is written so that it is read as the same. */
int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GPtrArray) list = pst_device_list_parse ((const char *) data, size, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autofree char *same = NULL;

  if (list == NULL)
    return 0;

  text = pst_device_list_print (list);
  again = pst_device_list_parse (text, strlen (text), NULL);
  g_assert_nonnull (again);
  same = pst_device_list_print (again);
  g_assert_cmpstr (text, ==, same);
  return 0;
}
