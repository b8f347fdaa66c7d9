/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session description without the JSON around it. */
#include <glib.h>

#include "pst-signalling.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup (size > 0 ? (const char *) data : "", size);

  for (guint offer = 0; offer < 2; offer++)
    {
      g_autoptr (PstDescription) description = pst_description_parse (text, offer, NULL);
      g_autoptr (PstDescription) again = NULL;

      if (description == NULL)
        continue;
      again = pst_description_parse (description->sdp, offer, NULL);
      g_assert_cmpstr (again->sdp, ==, description->sdp);
    }
  return 0;
}
