/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PST_ERROR:
 *
 * The one error domain of Penstock. Errors of other libraries are mapped to it
 * where they enter; fronts switch on the code and show the message.
 */
#define PST_ERROR (pst_error_quark ())

/**
 * PstError:
 * @PST_ERROR_FAILED: anything that has no code of its own
 * @PST_ERROR_USAGE: an argument or setting given by this side's person is not usable
 * @PST_ERROR_BAD_CODE: the text is not a code or a link at all
 * @PST_ERROR_WRONG_CODE: the codes of the two sides differ
 * @PST_ERROR_NOT_FOUND: nobody waits under this code
 * @PST_ERROR_NO_PATH: the machines found each other, but no route between them works
 * @PST_ERROR_SERVER: the rendezvous server is unreachable or refused
 * @PST_ERROR_PROTOCOL: the other side broke the protocol
 * @PST_ERROR_TAMPERED: a check of authenticity failed
 * @PST_ERROR_LOST: the connection is gone
 * @PST_ERROR_DECLINED: the other person declined
 * @PST_ERROR_CANCELLED: a person cancelled
 * @PST_ERROR_SOURCE: something to be sent is missing or cannot be read
 * @PST_ERROR_CHANGED: a file changed while it was sent
 * @PST_ERROR_DESTINATION: the destination cannot be written
 * @PST_ERROR_DISK_FULL: the destination has no room
 * @PST_ERROR_LIMIT: a cap was exceeded
 * @PST_ERROR_UNVERIFIED: a person did not find the same words on both sides
 *
 * Codes of %PST_ERROR.
 */
typedef enum
{
  PST_ERROR_FAILED,
  PST_ERROR_USAGE,
  PST_ERROR_BAD_CODE,
  PST_ERROR_WRONG_CODE,
  PST_ERROR_NOT_FOUND,
  PST_ERROR_NO_PATH,
  PST_ERROR_SERVER,
  PST_ERROR_PROTOCOL,
  PST_ERROR_TAMPERED,
  PST_ERROR_LOST,
  PST_ERROR_DECLINED,
  PST_ERROR_CANCELLED,
  PST_ERROR_SOURCE,
  PST_ERROR_CHANGED,
  PST_ERROR_DESTINATION,
  PST_ERROR_DISK_FULL,
  PST_ERROR_LIMIT,
  PST_ERROR_UNVERIFIED,
  PST_ERROR_LAST = PST_ERROR_UNVERIFIED
} PstError;

GQuark pst_error_quark (void);

const char *pst_error_to_name (const GError *error);
gboolean pst_error_from_name (const char *name, PstError *code);

G_END_DECLS
