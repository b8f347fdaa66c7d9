/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pst-control-private.h"
#include "pst-flow.h"
#include "pst-json.h"
#include "pst-manifest.h"

/* Of each member how it is read and how it is written. */

static gboolean
read_uint32 (JsonObject *object, const char *member, guint32 max, guint32 *value, GError **error)
{
  guint64 number;

  if (!pst_json_get_uint (object, member, max, &number, error))
    return FALSE;

  *value = number;
  return TRUE;
}

/* Texts may hold a long path: the reader takes so much of them. */
static void
write_text (JsonObject *object, const char *member, const char *text, gsize max_bytes)
{
  g_autofree char *cut = NULL;
  const char *end;

  if (text == NULL)
    return;

  g_utf8_validate (text, strnlen (text, max_bytes), &end);
  cut = g_strndup (text, end - text);
  json_object_set_string_member (object, member, cut);
}

static gboolean
read_name (JsonObject *object, PstControl *control, GError **error)
{
  const char *name;

  if (!read_uint32 (object, "v", G_MAXUINT32, &control->version, error)
      || !pst_json_get_bool (object, "resume", FALSE, &control->resumes, error)
      || !pst_json_get_bool (object, "parcels", FALSE, &control->takes_parcels, error)
      || !pst_json_get_bool (object, "receives", FALSE, &control->only_receives, error)
      || !pst_control_read_most_links (object, control, error))
    return FALSE;
  if (!json_object_has_member (object, "name"))
    return TRUE;
  if (!pst_json_get_string (object, "name", PST_CONTROL_MAX_NAME_BYTES, &name, error))
    return FALSE;

  control->text = g_strdup (name);
  return TRUE;
}

static void
write_name (JsonObject *object, const PstControl *c)
{
  json_object_set_int_member (object, "v", c->version);
  if (c->resumes)
    json_object_set_boolean_member (object, "resume", TRUE);
  if (c->takes_parcels)
    json_object_set_boolean_member (object, "parcels", TRUE);
  if (c->only_receives)
    json_object_set_boolean_member (object, "receives", TRUE);
  pst_control_write_most_links (object, c);
  write_text (object, "name", c->text, PST_CONTROL_MAX_NAME_BYTES);
}

static gboolean
read_part (JsonObject *object, PstControl *control, GError **error)
{
  JsonArray *entries;

  if (!read_uint32 (object, "part", PST_MANIFEST_MAX_ENTRIES, &control->part, error)
      || !pst_json_get_bool (object, "last", FALSE, &control->last, error)
      || (entries = pst_json_get_array (object, "entries", PST_MANIFEST_MAX_ENTRIES, error))
             == NULL)
    return FALSE;

  control->entries = json_array_ref (entries);
  return TRUE;
}

static void
write_part (JsonObject *object, const PstControl *c)
{
  json_object_set_int_member (object, "part", c->part);
  json_object_set_boolean_member (object, "last", c->last);
  json_object_set_array_member (object, "entries", json_array_ref (c->entries));
}

static gboolean
read_digest (JsonObject *object, PstControl *control, GError **error)
{
  const char *hex;

  if (!pst_json_get_uint (object, "size", PST_MANIFEST_MAX_FILE_BYTES, &control->size_bytes, error)
      || !pst_json_get_string (object, "digest", PST_DIGEST_CHARS, &hex, error))
    return FALSE;
  if (pst_digest_parse (hex, control->digest))
    return TRUE;

  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                       "The other side sent a digest that is none.");
  return FALSE;
}

static void
write_digest (JsonObject *object, const PstControl *c)
{
  char hex[PST_DIGEST_CHARS + 1];

  json_object_set_int_member (object, "size", c->size_bytes);
  json_object_set_string_member (object, "digest", pst_digest_print (c->digest, hex));
}

static gboolean
read_reason (JsonObject *object, PstControl *control, GError **error)
{
  const char *name;

  /* A goodbye without a reason is one in peace. */
  control->in_peace = control->kind == PST_CONTROL_BYE
                      && !json_object_has_member (object, "reason");
  if (control->in_peace)
    return TRUE;
  if (!pst_json_get_string (object, "reason", PST_CONTROL_MAX_TEXT_BYTES, &name, error))
    return FALSE;
  /* A reason of a newer version is still a reason. */
  if (!pst_error_from_name (name, &control->reason))
    control->reason = PST_ERROR_FAILED;

  return TRUE;
}

static void
write_reason (JsonObject *object, const PstControl *c)
{
  GError reason = { PST_ERROR, c->reason, NULL };

  if (c->kind == PST_CONTROL_BYE && c->in_peace)
    return;
  json_object_set_string_member (object, "reason", pst_error_to_name (&reason));
}

static gboolean
read_message (JsonObject *object, PstControl *control, GError **error)
{
  const char *message;

  if (!json_object_has_member (object, "message"))
    return TRUE;
  if (!pst_json_get_string (object, "message", PST_CONTROL_MAX_TEXT_BYTES, &message, error))
    return FALSE;

  control->text = g_strdup (message);
  return TRUE;
}

static void
write_message (JsonObject *object, const PstControl *c)
{
  write_text (object, "message", c->text, PST_CONTROL_MAX_TEXT_BYTES);
}

static gboolean
read_paused (JsonObject *object, PstControl *c, GError **error)
{
  return pst_json_get_bool (object, "paused", FALSE, &c->paused, error);
}

static void
write_paused (JsonObject *object, const PstControl *c)
{
  json_object_set_boolean_member (object, "paused", c->paused);
}

/* How far what came has got. Who does not say what is taken counts it as written. */
static gboolean
read_written (JsonObject *object, PstControl *c, GError **error)
{
  if (!pst_json_get_uint (object, "written", G_MAXINT64, &c->written_bytes, error))
    return FALSE;

  c->taken_bytes = c->written_bytes;
  return !json_object_has_member (object, "taken")
         || pst_json_get_uint (object, "taken", G_MAXINT64, &c->taken_bytes, error);
}

static void
write_written (JsonObject *object, const PstControl *c)
{
  json_object_set_int_member (object, "written", c->written_bytes);
  if (c->taken_bytes > c->written_bytes)
    json_object_set_int_member (object, "taken", c->taken_bytes);
}

/* The place stands only with an offer that was accepted. */
static gboolean
read_place (JsonObject *object, PstControl *c, GError **error)
{
  if (!read_uint32 (object, "parts", PST_MANIFEST_MAX_ENTRIES, &c->n_parts, error))
    return FALSE;

  c->accepted = json_object_has_member (object, "entry");
  return !c->accepted
         || (read_uint32 (object, "entry", PST_MANIFEST_MAX_ENTRIES, &c->entry, error)
             && pst_json_get_uint (object, "offset", PST_MANIFEST_MAX_FILE_BYTES, &c->offset, error)
             && read_written (object, c, error)
             && pst_json_get_uint (object, "window", PST_FLOW_MAX_WINDOW_BYTES, &c->window_bytes,
                                   error));
}

static void
write_place (JsonObject *object, const PstControl *c)
{
  json_object_set_int_member (object, "parts", c->n_parts);
  if (!c->accepted)
    return;

  json_object_set_int_member (object, "entry", c->entry);
  json_object_set_int_member (object, "offset", c->offset);
  write_written (object, c);
  json_object_set_int_member (object, "window", c->window_bytes);
}

/* Left out where it is not known. */
static gboolean
read_missing (JsonObject *object, PstControl *c, GError **error)
{
  return !json_object_has_member (object, "missing")
         || pst_json_get_uint (object, "missing", G_MAXINT64, &c->missing_bytes, error);
}

static void
write_missing (JsonObject *object, const PstControl *c)
{
  if (c->missing_bytes > 0)
    json_object_set_int_member (object, "missing", c->missing_bytes);
}

/* It is about what a person wants, so nothing is taken for granted. */
static gboolean
read_agrees (JsonObject *object, PstControl *c, GError **error)
{
  if (json_object_has_member (object, "agrees"))
    return pst_json_get_bool (object, "agrees", FALSE, &c->agrees, error);

  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                       "The other side does not say whether it wants to be remembered.");
  return FALSE;
}

static void
write_agrees (JsonObject *object, const PstControl *c)
{
  json_object_set_boolean_member (object, "agrees", c->agrees);
}

static gboolean
read_checked (JsonObject *object, PstControl *c, GError **error)
{
  if (!pst_json_get_uint (object, "total", G_MAXINT64, &c->total_bytes, error)
      || !pst_json_get_uint (object, "checked", G_MAXINT64, &c->checked_bytes, error))
    return FALSE;
  if (c->checked_bytes <= c->total_bytes)
    return TRUE;

  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                       "The other side has checked more than there is.");
  return FALSE;
}

static void
write_checked (JsonObject *object, const PstControl *c)
{
  json_object_set_int_member (object, "checked", c->checked_bytes);
  json_object_set_int_member (object, "total", c->total_bytes);
}

/* A member that is one number, or one with a way of its own. */
typedef struct
{
  PstControlMembers flag;

  const char *name;
  gsize offset; /* in PstControl */
  gsize size_bytes;
  guint64 max;

  gboolean (*read) (JsonObject *object, PstControl *control, GError **error);
  void (*write) (JsonObject *object, const PstControl *control);
} Member;

#define NUMBER(flag, member, field, max)                                 \
  {                                                                      \
    PST_CONTROL_HAS_##flag, member, G_STRUCT_OFFSET (PstControl, field), \
        sizeof (((PstControl *) NULL)->field), max, NULL, NULL           \
  }
#define OWN(flag, read, write)                         \
  {                                                    \
    PST_CONTROL_HAS_##flag, NULL, 0, 0, 0, read, write \
  }

/* In the order in which they are written. */
static const Member members[] = {
  NUMBER (ID, "id", id, G_MAXUINT32),
  OWN (NAME, read_name, write_name),
  OWN (PART, read_part, write_part),
  OWN (RANGES, pst_control_read_ranges, pst_control_write_ranges),
  NUMBER (ENTRY, "entry", entry, PST_MANIFEST_MAX_ENTRIES - 1),
  NUMBER (PROGRESS, "received", received_bytes, G_MAXINT64),
  OWN (PROGRESS, read_written, write_written),
  NUMBER (WINDOW, "window", window_bytes, PST_FLOW_MAX_WINDOW_BYTES),
  OWN (DIGEST, read_digest, write_digest),
  NUMBER (COUNTS, "files", n_files, PST_MANIFEST_MAX_ENTRIES),
  NUMBER (COUNTS, "failed", n_failed, PST_MANIFEST_MAX_ENTRIES),
  NUMBER (STAMP, "n", stamp, G_MAXINT64),
  OWN (REASON, read_reason, write_reason),
  OWN (MESSAGE, read_message, write_message),
  OWN (PAUSED, read_paused, write_paused),
  OWN (PLACE, read_place, write_place),
  OWN (MISSING, read_missing, write_missing),
  OWN (AGREES, read_agrees, write_agrees),
  OWN (HELD, pst_control_read_held, pst_control_write_held),
  NUMBER (OFFSET, "offset", offset, PST_MANIFEST_MAX_FILE_BYTES),
  OWN (CHECKED, read_checked, write_checked),
  OWN (LINK, pst_control_read_link, pst_control_write_link),
};

static gboolean
read_number (JsonObject *object, const Member *member, PstControl *control, GError **error)
{
  gpointer field = G_STRUCT_MEMBER_P (control, member->offset);

  if (member->size_bytes == sizeof (guint32))
    return read_uint32 (object, member->name, member->max, field, error);
  return pst_json_get_uint (object, member->name, member->max, field, error);
}

static void
write_number (JsonObject *object, const Member *member, const PstControl *control)
{
  gconstpointer field = (const char *) control + member->offset;

  json_object_set_int_member (object, member->name,
                              member->size_bytes == sizeof (guint32)
                                  ? *(const guint32 *) field
                                  : (gint64) * (const guint64 *) field);
}

/**
 * pst_control_read_members:
 * @object: the JSON of a message
 * @has: flags of %PstControlMembers: what its kind carries
 * @control: the message, whose kind is known
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: %TRUE if all are there, where they must be, and well-formed
 */
gboolean
pst_control_read_members (JsonObject *object, guint has, PstControl *control, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const Member *member = &members[i];

      if ((has & member->flag) == 0)
        continue;
      if (member->read != NULL ? !member->read (object, control, error)
                               : !read_number (object, member, control, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * pst_control_write_members:
 * @object: the JSON in the making
 * @has: flags of %PstControlMembers: what the message's kind carries
 * @control: the message
 *
 * Writes what pst_control_read_members() reads.
 */
void
pst_control_write_members (JsonObject *object, guint has, const PstControl *control)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const Member *member = &members[i];

      if ((has & member->flag) == 0)
        continue;
      if (member->write != NULL)
        member->write (object, control);
      else
        write_number (object, member, control);
    }
}
