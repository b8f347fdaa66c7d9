/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A code that parses is in its one form, and what completes a code parses. */
#include "pst-code.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_parse (const char *text)
{
  g_autofree char *code = pst_code_parse (text, NULL);
  g_autofree char *again = NULL;
  g_autofree char *nameplate = NULL;

  if (code == NULL)
    return;

  again = pst_code_parse (code, NULL);
  g_assert_cmpstr (again, ==, code);
  g_assert_cmpuint (strlen (code), <=, PST_CODE_MAX_BYTES);
  nameplate = pst_code_dup_nameplate (code);
  g_assert_true (pst_code_is_nameplate (nameplate));
  g_assert_cmpint (pst_code_is_local (code), ==, *nameplate == '0');
}

static void
check_complete (const char *text)
{
  g_auto (GStrv) found = pst_code_complete (text);

  for (guint i = 0; found[i] != NULL; i++)
    {
      g_autofree char *code = pst_code_parse (found[i], NULL);

      g_assert_cmpstr (code, ==, found[i]);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup (size > 0 ? (const char *) data : "", size);

  check_parse (text);
  check_complete (text);

  return 0;
}
