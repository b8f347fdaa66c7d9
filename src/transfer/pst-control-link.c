/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said about further links of a connection. */
#include "pst-control-private.h"
#include "pst-json.h"

/* How many links this side can take. Left out where it is one. */
gboolean
pst_control_read_most_links (JsonObject *object, PstControl *control, GError **error)
{
  guint64 n = 0;

  if (json_object_has_member (object, "links")
      && !pst_json_get_uint (object, "links", G_MAXUINT16, &n, error))
    return FALSE;

  control->most_links = n;
  return TRUE;
}

/* Writes what pst_control_read_most_links() reads. */
void
pst_control_write_most_links (JsonObject *object, const PstControl *control)
{
  if (control->most_links > 1)
    json_object_set_int_member (object, "links", control->most_links);
}

/* About one link. What the signal says is for the link's own rooms to check. */
gboolean
pst_control_read_link (JsonObject *object, PstControl *control, GError **error)
{
  JsonObject *signal = NULL;
  guint64 number;

  if (!pst_json_get_uint (object, "n", PST_CONTROL_MAX_LINK, &number, error)
      || !pst_json_get_bool (object, "wanted", FALSE, &control->wanted, error))
    return FALSE;
  if (json_object_has_member (object, "signal")
      && (signal = pst_json_get_object (object, "signal", error)) == NULL)
    return FALSE;

  control->link = number;
  if (signal != NULL)
    control->signal = json_object_ref (signal);
  if (number > 0 && (signal == NULL || !control->wanted))
    return TRUE;

  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                       "The other side says something about a link that makes no sense.");
  return FALSE;
}

/* Writes what pst_control_read_link() reads. */
void
pst_control_write_link (JsonObject *object, const PstControl *control)
{
  json_object_set_int_member (object, "n", control->link);
  if (control->wanted)
    json_object_set_boolean_member (object, "wanted", TRUE);
  if (control->signal != NULL)
    json_object_set_object_member (object, "signal", json_object_ref (control->signal));
}
