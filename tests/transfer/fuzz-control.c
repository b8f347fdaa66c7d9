/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A control message from a stranger: read, and if it was read, written and
 * read again to the same text. */
#include "pst-control.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GBytes) payload = g_bytes_new_static (data, size);
  g_auto (PstControl) first = { 0 };
  g_auto (PstControl) second = { 0 };
  g_autoptr (GBytes) once = NULL, twice = NULL;

  if (!pst_control_read (payload, &first, NULL) || first.kind == PST_CONTROL_UNKNOWN)
    return 0;

  once = pst_control_write (&first);
  if (!pst_control_read (once, &second, NULL))
    g_error ("does not read what it wrote");
  twice = pst_control_write (&second);
  g_assert_true (g_bytes_equal (once, twice));
  return 0;
}
