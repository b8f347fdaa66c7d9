/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What parses survives being made a link and parsed again. */
#include "pst-code.h"
#include "pst-invite.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_round_trip (const char *code, const char *rendezvous)
{
  g_autofree char *uri = pst_invite_to_uri (code, rendezvous);
  g_autofree char *code_again = NULL;
  g_autofree char *rendezvous_again = NULL;

  /* Escaping may make it longer than is read. */
  if (strlen (uri) > PST_INVITE_MAX_BYTES)
    return;

  g_assert_true (pst_invite_parse (uri, &code_again, &rendezvous_again, NULL));
  g_assert_cmpstr (code_again, ==, code);
  g_assert_cmpint (rendezvous_again == NULL, ==, rendezvous == NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup (size > 0 ? (const char *) data : "", size);
  g_autofree char *code = NULL;
  g_autofree char *rendezvous = NULL;
  g_autoptr (GError) error = NULL;

  if (pst_invite_parse (text, &code, &rendezvous, &error))
    check_round_trip (code, rendezvous);
  else
    g_assert_true (error != NULL && code == NULL && rendezvous == NULL);

  return 0;
}
