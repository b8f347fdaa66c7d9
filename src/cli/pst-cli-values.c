/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-values.h"

#include <string.h>

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-server-uri.h"
#include "pst-session.h"

/* Far above any link, far below where a double loses bytes. */
#define MAX_RATE_BPS 1e15

/**
 * pst_cli_value_refuse:
 * @error: %PST_ERROR_USAGE
 * @sentence: what is wrong with the command line
 *
 * Returns: %FALSE
 */
gboolean
pst_cli_value_refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE, sentence);
  return FALSE;
}

static gboolean
refuse_value (GError **error, const char *value, const char *what_is_wrong)
{
  g_autofree char *shown = pst_escape_name (value, -1);

  g_set_error (error, PST_ERROR, PST_ERROR_USAGE, "“%s” is not %s.", shown, what_is_wrong);
  return FALSE;
}

static double
unit_factor (const char *unit)
{
  if (*unit == '\0')
    return 1;
  if (unit[1] != '\0')
    return 0;

  switch (*unit)
    {
    case 'k':
    case 'K':
      return 1e3;
    case 'M':
      return 1e6;
    case 'G':
      return 1e9;
    default:
      return 0;
    }
}

/**
 * pst_cli_value_parse_rate:
 * @text: digits with at most one point, then nothing, `k`, `M` or `G` (decimal)
 * @rate_bps: (out): bytes a second, at least 1
 * @error: %PST_ERROR_USAGE
 *
 * Returns: %TRUE if @text is a rate
 */
gboolean
pst_cli_value_parse_rate (const char *text, guint64 *rate_bps, GError **error)
{
  const char *unit = text + strspn (text, "0123456789.");
  char *end;
  double rate = g_ascii_strtod (text, &end) * unit_factor (unit);

  if (unit == text || end != unit || !(rate >= 1 && rate <= MAX_RATE_BPS))
    return refuse_value (error, text,
                         "a rate: give bytes a second, such as 800000, 500k or 2.5M");

  *rate_bps = (guint64) rate;
  return TRUE;
}

/**
 * pst_cli_value_parse_number:
 * @text: decimal digits
 * @min: the smallest allowed number
 * @max: the largest allowed number
 * @option: the option it was given with, for the message
 * @number: (out): the number
 * @error: %PST_ERROR_USAGE
 *
 * Returns: %TRUE if @text is a number in the range
 */
gboolean
pst_cli_value_parse_number (const char *text,
                            guint64 min,
                            guint64 max,
                            const char *option,
                            guint64 *number,
                            GError **error)
{
  if (g_ascii_string_to_unsigned (text, 10, min, max, number, NULL))
    return TRUE;

  g_set_error (error, PST_ERROR, PST_ERROR_USAGE,
               "%s takes a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT ".", option,
               min, max);
  return FALSE;
}

static guint64
seconds_in (const char *unit)
{
  if (*unit == '\0' || g_str_equal (unit, "s"))
    return 1;
  if (g_str_equal (unit, "m"))
    return 60;
  return g_str_equal (unit, "h") ? 3600 : 0;
}

/**
 * pst_cli_value_parse_wait:
 * @text: digits, then nothing, `s`, `m` or `h`; or `forever`
 * @wait_s: (out): seconds, at least 1 and at most %PST_SESSION_MAX_RECONNECT_WAIT_S;
 *   0 for ever
 * @error: %PST_ERROR_USAGE
 *
 * Returns: %TRUE if @text is a time to wait
 */
gboolean
pst_cli_value_parse_wait (const char *text, guint *wait_s, GError **error)
{
  const char *unit = text + strspn (text, "0123456789");
  g_autofree char *digits = g_strndup (text, unit - text);
  guint64 factor_s = seconds_in (unit);
  guint64 count;

  *wait_s = 0;
  if (g_str_equal (text, "forever"))
    return TRUE;
  if (factor_s == 0
      || !g_ascii_string_to_unsigned (digits, 10, 1, PST_SESSION_MAX_RECONNECT_WAIT_S / factor_s,
                                      &count, NULL))
    return refuse_value (error, text,
                         "a time to wait: give one such as 90s, 10m or 2h, of 30 days at most, "
                         "or “forever”");

  *wait_s = (guint) (count * factor_s);
  return TRUE;
}

/**
 * pst_cli_value_check_server:
 * @text: what was given with --server
 * @error: %PST_ERROR_USAGE
 *
 * Returns: %TRUE if @text is the address of a WebSocket server
 */
gboolean
pst_cli_value_check_server (const char *text, GError **error)
{
  g_autoptr (GUri) uri = pst_server_uri_parse_websocket (text);

  return uri != NULL
         || refuse_value (error, text, "a server: give it as ws://HOST:PORT or wss://HOST");
}

/**
 * pst_cli_value_check_stun:
 * @text: what was given with --stun
 * @error: %PST_ERROR_USAGE
 *
 * Returns: %TRUE if @text names a STUN server
 */
gboolean
pst_cli_value_check_stun (const char *text, GError **error)
{
  g_autoptr (GUri) uri = pst_server_uri_parse_stun (text);

  return uri != NULL || refuse_value (error, text, "a STUN server: give it as stun://HOST:PORT");
}

/**
 * pst_cli_value_check_turn:
 * @text: what was given with --turn
 * @error: %PST_ERROR_USAGE; it never repeats @text, which may hold a password
 *
 * Returns: %TRUE if @text names a TURN server with a user and a password
 */
gboolean
pst_cli_value_check_turn (const char *text, GError **error)
{
  g_autoptr (GUri) uri = pst_server_uri_parse_turn (text);

  if (uri != NULL)
    return TRUE;

  if (pst_server_uri_is_turn_over_tls (text))
    return pst_cli_value_refuse (error,
                                 "TURN servers over TLS are not supported: use turn://, since what "
                                 "is sent is encrypted end to end in any case.");
  return pst_cli_value_refuse (error,
                               "A TURN server is given as turn://USER:PASSWORD@HOST:PORT, with "
                               "?transport=tcp behind it for TCP.");
}
