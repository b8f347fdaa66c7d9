/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-invite.h"

#include "pst-error.h"

#include <qrencode.h>

/* Black and white of the 256-colour cube (xterm, ctlseqs): themes change the
 * sixteen basic colours, and default ones are light on dark as often as not. */
#define BLACK_ON_WHITE "\033[38;5;16;48;5;231m"
#define RESET          "\033[0m"

static QRcode *
encode (const char *text, QRecLevel level)
{
  return QRcode_encodeString8bit (text, 0, level);
}

/* The stronger correction where it makes the picture no larger. */
static QRcode *
encode_smallest (const char *text, GError **error)
{
  QRcode *low = encode (text, QR_ECLEVEL_L);
  QRcode *medium = low != NULL ? encode (text, QR_ECLEVEL_M) : NULL;

  if (low == NULL)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_LIMIT,
                           "The link is too long for a QR code.");
      return NULL;
    }

  if (medium != NULL && medium->width == low->width)
    {
      QRcode_free (low);
      return medium;
    }

  if (medium != NULL)
    QRcode_free (medium);
  return low;
}

/* Everything outside the symbol is light. */
static gboolean
is_dark (QRcode *qr, int x, int y)
{
  return x >= 0 && y >= 0 && x < qr->width && y < qr->width && (qr->data[y * qr->width + x] & 1);
}

static void
draw_rows (GString *out, QRcode *qr, int y)
{
  static const char *const blocks[] = { " ", "▀", "▄", "█" };

  g_string_append (out, BLACK_ON_WHITE);
  for (int x = -PST_INVITE_QR_QUIET_MODULES; x < qr->width + PST_INVITE_QR_QUIET_MODULES; x++)
    g_string_append (out, blocks[is_dark (qr, x, y) + 2 * is_dark (qr, x, y + 1)]);
  g_string_append (out, RESET "\n");
}

/**
 * pst_invite_to_terminal_qr:
 * @uri: a link
 * @error: return location for a %PST_ERROR_LIMIT if the link is too long
 *
 * Draws a QR code (ISO/IEC 18004) for a terminal: half blocks, two rows of
 * modules to a line, black on white whatever the terminal's own colours, with
 * the quiet zone around it.
 *
 * Returns: (transfer full) (nullable): UTF-8 text with ANSI colours, each line
 *   ended by a newline
 */
char *
pst_invite_to_terminal_qr (const char *uri, GError **error)
{
  QRcode *qr = encode_smallest (uri, error);
  GString *out;

  if (qr == NULL)
    return NULL;

  out = g_string_new (NULL);
  for (int y = -PST_INVITE_QR_QUIET_MODULES; y < qr->width + PST_INVITE_QR_QUIET_MODULES; y += 2)
    draw_rows (out, qr, y);
  QRcode_free (qr);

  return g_string_free (out, FALSE);
}

/**
 * pst_invite_to_qr_modules:
 * @uri: a link
 * @width: (out): modules in a row, as many as there are rows
 * @error: return location for a %PST_ERROR_LIMIT if the link is too long
 *
 * Makes a QR code (ISO/IEC 18004) to be drawn: the symbol alone, which needs
 * %PST_INVITE_QR_QUIET_MODULES light modules around it.
 *
 * Returns: (transfer full) (nullable): @width × @width bytes, row by row; 1 is dark
 */
GBytes *
pst_invite_to_qr_modules (const char *uri, guint *width, GError **error)
{
  QRcode *qr = encode_smallest (uri, error);
  guint8 *modules;
  gsize n_modules;

  if (qr == NULL)
    return NULL;

  n_modules = (gsize)qr->width * qr->width;
  modules = g_new (guint8, n_modules);
  for (gsize i = 0; i < n_modules; i++)
    modules[i] = qr->data[i] & 1;
  *width = qr->width;
  QRcode_free (qr);

  return g_bytes_new_take (modules, n_modules);
}
