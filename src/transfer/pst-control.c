/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pst-control-private.h"
#include "pst-frame.h"
#include "pst-json.h"

#define HAS(member) PST_CONTROL_HAS_##member

/* What each kind is called and carries. */
static const struct
{
  const char *name;
  guint has;
} kinds[PST_N_CONTROLS] = {
  [PST_CONTROL_UNKNOWN] = { NULL, 0 },
  [PST_CONTROL_HELLO] = { "hello", HAS (NAME) },
  [PST_CONTROL_OFFER] = { "offer", HAS (ID) | HAS (PART) },
  [PST_CONTROL_ACCEPT] = { "accept", HAS (ID) | HAS (RANGES) | HAS (WINDOW) },
  [PST_CONTROL_DECLINE] = { "decline", HAS (ID) },
  [PST_CONTROL_PAUSE] = { "pause", HAS (ID) },
  [PST_CONTROL_RESUME] = { "resume", HAS (ID) },
  [PST_CONTROL_FULL] = { "full", HAS (ID) | HAS (MISSING) },
  [PST_CONTROL_ROOM] = { "room", HAS (ID) },
  [PST_CONTROL_CREDIT] = { "credit", HAS (ID) | HAS (PROGRESS) | HAS (WINDOW) },
  [PST_CONTROL_ENTRY_DONE] = { "entry-done", HAS (ID) | HAS (ENTRY) | HAS (DIGEST) },
  [PST_CONTROL_ENTRY_FAILED] = { "entry-failed",
                                 HAS (ID) | HAS (ENTRY) | HAS (REASON) | HAS (MESSAGE) },
  [PST_CONTROL_VERIFIED] = { "verified", HAS (ID) | HAS (COUNTS) },
  [PST_CONTROL_CANCEL] = { "cancel", HAS (ID) | HAS (REASON) | HAS (MESSAGE) },
  [PST_CONTROL_KEEP] = { "keep", HAS (ID) | HAS (PAUSED) },
  [PST_CONTROL_HAVE] = { "have", HAS (ID) | HAS (PAUSED) | HAS (PLACE) },
  [PST_CONTROL_REMEMBER] = { "remember", HAS (AGREES) },
  [PST_CONTROL_CHECKING] = { "checking", HAS (ID) | HAS (CHECKED) },
  [PST_CONTROL_HELD] = { "held", HAS (ID) | HAS (HELD) },
  [PST_CONTROL_ENTRY_FROM] = { "entry-from", HAS (ID) | HAS (ENTRY) | HAS (OFFSET) },
  [PST_CONTROL_LINK] = { "link", HAS (LINK) },
  [PST_CONTROL_PING] = { "ping", HAS (STAMP) },
  [PST_CONTROL_PONG] = { "pong", HAS (STAMP) },
  [PST_CONTROL_BYE] = { "bye", HAS (REASON) },
};

/**
 * pst_control_read:
 * @payload: an opened control payload
 * @control: (out caller-allocates): the message; clear with
 *   pst_control_clear(), also after a failure
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Reads a control message (docs/protocol.md, “Control messages”). A message of
 * a kind that is not known has the kind %PST_CONTROL_UNKNOWN and is no error.
 *
 * Returns: %TRUE if the message is well-formed
 */
gboolean
pst_control_read (GBytes *payload, PstControl *control, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  const char *text, *type;
  gsize n_bytes;

  memset (control, 0, sizeof *control);
  text = g_bytes_get_data (payload, &n_bytes);
  object = pst_json_parse (text, n_bytes, PST_FRAME_MAX_PAYLOAD_BYTES, error);
  if (object == NULL || !pst_json_get_string (object, "t", 32, &type, error))
    return FALSE;

  for (guint i = PST_CONTROL_UNKNOWN + 1; i < PST_N_CONTROLS; i++)
    if (g_str_equal (kinds[i].name, type))
      control->kind = i;

  return pst_control_read_members (object, kinds[control->kind].has, control, error);
}

/**
 * pst_control_write:
 * @control: a message of a known kind
 *
 * Returns: (transfer full): its payload, JSON without a trailing NUL
 */
GBytes *
pst_control_write (const PstControl *control)
{
  g_autoptr (JsonObject) object = json_object_new ();
  char *text;

  g_return_val_if_fail (kinds[control->kind].name != NULL, NULL);

  json_object_set_string_member (object, "t", kinds[control->kind].name);
  pst_control_write_members (object, kinds[control->kind].has, control);
  text = pst_json_print (object);
  return g_bytes_new_take (text, strlen (text));
}

/**
 * pst_control_clear:
 * @control: a message
 *
 * Frees what @control holds and zeroes it.
 */
void
pst_control_clear (PstControl *control)
{
  g_clear_pointer (&control->entries, json_array_unref);
  g_clear_pointer (&control->ranges, g_array_unref);
  g_clear_pointer (&control->held, g_array_unref);
  g_clear_pointer (&control->signal, json_object_unref);
  g_free (control->text);
  memset (control, 0, sizeof *control);
}
