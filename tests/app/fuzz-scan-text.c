/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a QR code says: if it counts as ours, it can be received with. */
#include "pst-invite.h"
#include "pst-scan-read.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *bytes = g_memdup2 (data, size);
  g_autofree char *text = pst_scan_judge_text (bytes != NULL ? bytes : "", size);
  g_autofree char *code = NULL;
  g_autofree char *rendezvous = NULL;

  if (text == NULL)
    return 0;

  g_assert_cmpuint (strlen (text), <=, PST_INVITE_MAX_BYTES);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_true (pst_invite_parse (text, &code, &rendezvous, NULL));

  return 0;
}
