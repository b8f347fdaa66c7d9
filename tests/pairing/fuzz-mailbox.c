/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pst-mailbox.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

typedef PstMailboxFrame *(*Parser) (const char *text, gsize length, GError **error);

static void
try_parser (Parser parse, const char *text, gsize size)
{
  g_autoptr (PstMailboxFrame) frame = parse (text, size, NULL);
  g_autofree char *printed = NULL;
  guint number;

  if (frame == NULL)
    return;

  printed = pst_mailbox_print (frame);
  if (frame->phase != NULL)
    pst_mailbox_parse_phase (frame->phase, &number);
  if (frame->body != NULL)
    {
      g_autoptr (GBytes) body = pst_mailbox_decode_body (frame->body, NULL);
      g_autofree char *hex = body != NULL ? pst_mailbox_encode_body (body) : NULL;

      g_assert_true (hex == NULL || g_ascii_strcasecmp (hex, frame->body) == 0);
    }
}

/* Whatever is accepted can be written again. */
int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  try_parser (pst_mailbox_parse_command, (const char *) data, size);
  try_parser (pst_mailbox_parse_answer, (const char *) data, size);
  return 0;
}
