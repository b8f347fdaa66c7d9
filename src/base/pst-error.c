/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"

G_DEFINE_QUARK (pst-error-quark, pst_error)

/* Stable: they stand in the JSON lines of the command line and on the wire. */
static const char *const names[] = {
  [PST_ERROR_FAILED] = "failed",
  [PST_ERROR_USAGE] = "usage",
  [PST_ERROR_BAD_CODE] = "bad-code",
  [PST_ERROR_WRONG_CODE] = "wrong-code",
  [PST_ERROR_NOT_FOUND] = "not-found",
  [PST_ERROR_NO_PATH] = "no-path",
  [PST_ERROR_SERVER] = "server",
  [PST_ERROR_PROTOCOL] = "protocol",
  [PST_ERROR_TAMPERED] = "tampered",
  [PST_ERROR_LOST] = "lost",
  [PST_ERROR_DECLINED] = "declined",
  [PST_ERROR_CANCELLED] = "cancelled",
  [PST_ERROR_SOURCE] = "source",
  [PST_ERROR_CHANGED] = "changed",
  [PST_ERROR_DESTINATION] = "destination",
  [PST_ERROR_DISK_FULL] = "disk-full",
  [PST_ERROR_LIMIT] = "limit",
  [PST_ERROR_UNVERIFIED] = "unverified",
};

/**
 * pst_error_to_name:
 * @error: an error of any domain
 *
 * Gives the stable, untranslated name of an error's code, as it stands in
 * JSON output and in `cancel` messages.
 *
 * Returns: (transfer none): the name; "failed" for errors of other domains
 */
const char *
pst_error_to_name (const GError *error)
{
  if (error->domain != PST_ERROR || error->code < 0 || error->code > PST_ERROR_LAST)
    return names[PST_ERROR_FAILED];

  return names[error->code];
}

/**
 * pst_error_from_name:
 * @name: a name as given by pst_error_to_name()
 * @code: (out): the code; left alone when the name is unknown
 *
 * Returns: %TRUE if @name is the name of a code
 */
gboolean
pst_error_from_name (const char *name, PstError *code)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i], name) == 0)
      {
        *code = i;
        return TRUE;
      }

  return FALSE;
}
