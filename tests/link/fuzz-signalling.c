/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a message, as a stranger who knows the code could send it. What
 * is accepted must be accepted again when it is written out. */
#include <glib.h>

#include "pst-json.h"
#include "pst-signalling.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_again (PstSignal *signal, gboolean offer)
{
  if (signal->description != NULL)
    {
      g_autoptr (PstDescription) again
          = pst_description_parse (signal->description->sdp, offer, NULL);

      g_assert_cmpstr (again->sdp, ==, signal->description->sdp);
    }
  for (guint i = 0; signal->candidates[i] != NULL; i++)
    {
      g_autofree char *again = NULL;

      g_assert_true (pst_candidate_parse (signal->candidates[i], &again, NULL));
      g_assert_cmpstr (again, ==, signal->candidates[i]);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  const char *text = size > 0 ? (const char *) data : "";
  g_autoptr (JsonObject) message = pst_json_parse (text, size, 65536, NULL);

  for (guint offerer = 0; message != NULL && offerer < 2; offerer++)
    {
      g_autoptr (PstSignalling) signalling = pst_signalling_new (offerer, 0);
      g_autoptr (PstSignal) signal = pst_signalling_take (signalling, message, NULL);

      if (signal != NULL)
        check_again (signal, !offerer);
    }
  return 0;
}
