/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-mailbox.h"

#include "pst-error.h"
#include "pst-json.h"

/* Stock sides have 10 bytes, mailboxes 13, phases at most about 10: 64 leaves
 * room for other implementations and still fits a reply of any limit. */
#define SHORT_BYTES 64
#define LONG_BYTES  1024

static const char *const type_names[] = {
  [PST_MAILBOX_UNKNOWN] = "",
  [PST_MAILBOX_MISSING] = "",
  [PST_MAILBOX_BIND] = "bind",
  [PST_MAILBOX_LIST] = "list",
  [PST_MAILBOX_ALLOCATE] = "allocate",
  [PST_MAILBOX_CLAIM] = "claim",
  [PST_MAILBOX_RELEASE] = "release",
  [PST_MAILBOX_OPEN] = "open",
  [PST_MAILBOX_ADD] = "add",
  [PST_MAILBOX_CLOSE] = "close",
  [PST_MAILBOX_PING] = "ping",
  [PST_MAILBOX_WELCOME] = "welcome",
  [PST_MAILBOX_ACK] = "ack",
  [PST_MAILBOX_NAMEPLATES] = "nameplates",
  [PST_MAILBOX_ALLOCATED] = "allocated",
  [PST_MAILBOX_CLAIMED] = "claimed",
  [PST_MAILBOX_RELEASED] = "released",
  [PST_MAILBOX_CLOSED] = "closed",
  [PST_MAILBOX_MESSAGE] = "message",
  [PST_MAILBOX_PONG] = "pong",
  [PST_MAILBOX_ERROR] = "error",
};

typedef struct
{
  const char *name;
  gsize offset;
  gsize max_bytes;
} Field;

static const Field fields[] = {
  { "id", G_STRUCT_OFFSET (PstMailboxFrame, id), SHORT_BYTES },
  { "appid", G_STRUCT_OFFSET (PstMailboxFrame, appid), 4 * SHORT_BYTES },
  { "side", G_STRUCT_OFFSET (PstMailboxFrame, side), SHORT_BYTES },
  { "nameplate", G_STRUCT_OFFSET (PstMailboxFrame, nameplate), SHORT_BYTES },
  { "mailbox", G_STRUCT_OFFSET (PstMailboxFrame, mailbox), SHORT_BYTES },
  { "phase", G_STRUCT_OFFSET (PstMailboxFrame, phase), SHORT_BYTES },
  { "body", G_STRUCT_OFFSET (PstMailboxFrame, body), PST_MAILBOX_MAX_FRAME_BYTES },
  { "mood", G_STRUCT_OFFSET (PstMailboxFrame, mood), SHORT_BYTES },
  { "error", G_STRUCT_OFFSET (PstMailboxFrame, error), LONG_BYTES },
};

static char **
get_field (const PstMailboxFrame *frame, const Field *field)
{
  return (char **) G_STRUCT_MEMBER_P (frame, field->offset);
}

static PstMailboxType
parse_type (const char *name, PstMailboxType first, PstMailboxType last)
{
  for (PstMailboxType type = first; type <= last; type++)
    if (strcmp (type_names[type], name) == 0)
      return type;

  return PST_MAILBOX_UNKNOWN;
}

/* null is written by some where others leave a member out. */
static gboolean
has_value (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node);
}

static gboolean
parse_fields (PstMailboxFrame *frame, JsonObject *object, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      const char *value;

      if (!has_value (object, fields[i].name))
        continue;
      if (!pst_json_get_string (object, fields[i].name, fields[i].max_bytes, &value, error))
        return FALSE;
      *get_field (frame, &fields[i]) = g_strdup (value);
    }

  return TRUE;
}

static gboolean
parse_ping (PstMailboxFrame *frame, JsonObject *object, const char *member, GError **error)
{
  if (!has_value (object, member))
    return TRUE;

  frame->has_ping = TRUE;
  return pst_json_get_int (object, member, &frame->ping, error);
}

static PstMailboxFrame *
parse (const char *text, gsize length, PstMailboxType first, PstMailboxType last, GError **error)
{
  g_autoptr (PstMailboxFrame) frame = g_new0 (PstMailboxFrame, 1);
  g_autoptr (JsonObject) object = NULL;
  const char *type = NULL;

  object = pst_json_parse (text, length, PST_MAILBOX_MAX_FRAME_BYTES, error);
  if (object == NULL || !parse_fields (frame, object, error))
    return NULL;

  frame->orig = json_object_ref (object);
  if (!has_value (object, "type"))
    frame->type = PST_MAILBOX_MISSING;
  else if (!pst_json_get_string (object, "type", SHORT_BYTES, &type, error))
    return NULL;
  else
    frame->type = parse_type (type, first, last);

  if ((frame->type == PST_MAILBOX_PING && !parse_ping (frame, object, "ping", error))
      || (frame->type == PST_MAILBOX_PONG && !parse_ping (frame, object, "pong", error)))
    return NULL;

  return g_steal_pointer (&frame);
}

/**
 * pst_mailbox_parse_command:
 * @text: (array length=length): a text frame from a client
 * @length: its length in bytes, at most %PST_MAILBOX_MAX_FRAME_BYTES
 * @error: return location for a %PST_ERROR_PROTOCOL or %PST_ERROR_LIMIT
 *
 * Parses a command (docs/protocol.md, Pairing). Which members a command needs
 * is the server's matter, since it names the missing one in its answer; @orig
 * of the result is the whole command.
 *
 * Returns: (transfer full) (nullable): the command; %NULL for what is not one,
 *   after which a server drops the connection
 */
PstMailboxFrame *
pst_mailbox_parse_command (const char *text, gsize length, GError **error)
{
  return parse (text, length, PST_MAILBOX_BIND, PST_MAILBOX_PING, error);
}

static gboolean
parse_welcome (PstMailboxFrame *frame, GError **error)
{
  JsonObject *welcome = pst_json_get_object (frame->orig, "welcome", error);
  const char *text;

  if (welcome == NULL)
    return FALSE;
  if (!has_value (welcome, "error"))
    return TRUE;
  if (!pst_json_get_string (welcome, "error", LONG_BYTES, &text, error))
    return FALSE;

  g_free (frame->error);
  frame->error = g_strdup (text);
  return TRUE;
}

static const char *
find_missing (const PstMailboxFrame *frame)
{
  switch (frame->type)
    {
    case PST_MAILBOX_MISSING:
      return "type";
    case PST_MAILBOX_ALLOCATED:
      return frame->nameplate == NULL ? "nameplate" : NULL;
    case PST_MAILBOX_CLAIMED:
      return frame->mailbox == NULL ? "mailbox" : NULL;
    case PST_MAILBOX_MESSAGE:
      return frame->side == NULL    ? "side"
             : frame->phase == NULL ? "phase"
             : frame->body == NULL  ? "body"
                                    : NULL;
    case PST_MAILBOX_PONG:
      return !frame->has_ping ? "pong" : NULL;
    case PST_MAILBOX_ERROR:
      return frame->error == NULL ? "error" : NULL;
    default:
      return NULL;
    }
}

/**
 * pst_mailbox_parse_answer:
 * @text: (array length=length): a text frame from a server
 * @length: its length in bytes, at most %PST_MAILBOX_MAX_FRAME_BYTES
 * @error: return location for a %PST_ERROR_PROTOCOL or %PST_ERROR_LIMIT
 *
 * Parses an answer of a mailbox server. Every member its type needs is there
 * afterwards; types of newer servers give %PST_MAILBOX_UNKNOWN.
 *
 * Returns: (transfer full) (nullable): the answer
 */
PstMailboxFrame *
pst_mailbox_parse_answer (const char *text, gsize length, GError **error)
{
  g_autoptr (PstMailboxFrame) frame
      = parse (text, length, PST_MAILBOX_WELCOME, PST_MAILBOX_ERROR, error);
  const char *missing;

  if (frame == NULL)
    return NULL;
  if (frame->type == PST_MAILBOX_WELCOME && !parse_welcome (frame, error))
    return NULL;

  missing = find_missing (frame);
  if (missing != NULL)
    {
      g_set_error (error, PST_ERROR, PST_ERROR_PROTOCOL, "A server's message lacks “%s”.",
                   missing);
      return NULL;
    }

  return g_steal_pointer (&frame);
}

static void
print_extras (const PstMailboxFrame *frame, JsonObject *object)
{
  switch (frame->type)
    {
    case PST_MAILBOX_BIND:
      {
        JsonArray *version = json_array_new ();

        json_array_add_string_element (version, "penstock");
        json_array_add_string_element (version, PST_VERSION);
        json_object_set_array_member (object, "client_version", version);
        break;
      }
    case PST_MAILBOX_PING:
      json_object_set_int_member (object, "ping", frame->ping);
      break;
    case PST_MAILBOX_PONG:
      json_object_set_int_member (object, "pong", frame->ping);
      break;
    case PST_MAILBOX_WELCOME:
      json_object_set_object_member (object, "welcome", json_object_new ());
      break;
    case PST_MAILBOX_NAMEPLATES:
      json_object_set_array_member (object, "nameplates", json_array_new ());
      break;
    case PST_MAILBOX_ACK:
      if (frame->id == NULL)
        json_object_set_null_member (object, "id");
      break;
    case PST_MAILBOX_MESSAGE:
      json_object_set_double_member (object, "server_rx", frame->server_rx_s);
      break;
    case PST_MAILBOX_ERROR:
      if (frame->orig != NULL)
        json_object_set_object_member (object, "orig", json_object_ref (frame->orig));
      break;
    default:
      break;
    }
}

/**
 * pst_mailbox_print:
 * @frame: a command or an answer
 *
 * Writes the members that are set. `welcome` and `nameplates` are always
 * empty: our server greets nobody and lists nothing.
 *
 * Returns: (transfer full): the text of one frame
 */
char *
pst_mailbox_print (const PstMailboxFrame *frame)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "type", type_names[frame->type]);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (*get_field (frame, &fields[i]) != NULL)
      json_object_set_string_member (object, fields[i].name, *get_field (frame, &fields[i]));
  print_extras (frame, object);
  if (frame->server_tx_s != 0)
    json_object_set_double_member (object, "server_tx", frame->server_tx_s);

  return pst_json_print (object);
}

/**
 * pst_mailbox_frame_free:
 * @frame: (transfer full): a frame given by a parser
 *
 * Frees a frame.
 */
void
pst_mailbox_frame_free (PstMailboxFrame *frame)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    g_free (*get_field (frame, &fields[i]));
  g_clear_pointer (&frame->orig, json_object_unref);
  g_free (frame);
}

/**
 * pst_mailbox_encode_body:
 * @body: the content of a phase
 *
 * Returns: (transfer full): @body in lower-case hex
 */
char *
pst_mailbox_encode_body (GBytes *body)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (body, &size);
  GString *hex = g_string_sized_new (2 * size + 1);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02x", data[i]);

  return g_string_free (hex, FALSE);
}

/**
 * pst_mailbox_decode_body:
 * @text: the body member of a `message`
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: (transfer full) (nullable): the bytes; %NULL if @text is not hex or
 *   more than %PST_MAILBOX_MAX_BODY_BYTES
 */
GBytes *
pst_mailbox_decode_body (const char *text, GError **error)
{
  gsize length = strlen (text);
  g_autofree guint8 *data = NULL;

  if (length % 2 != 0 || length / 2 > PST_MAILBOX_MAX_BODY_BYTES
      || strspn (text, "0123456789abcdefABCDEF") != length)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "A message in the mailbox is not hexadecimal.");
      return NULL;
    }

  data = g_malloc (MAX (length / 2, 1));
  for (gsize i = 0; i < length / 2; i++)
    data[i] = g_ascii_xdigit_value (text[2 * i]) << 4 | g_ascii_xdigit_value (text[2 * i + 1]);

  return g_bytes_new_take (g_steal_pointer (&data), length / 2);
}

/**
 * pst_mailbox_parse_phase:
 * @phase: the phase member of a `message`
 * @number: (out): the number
 *
 * Returns: %TRUE if @phase is a numeric phase: decimal, without leading zeros,
 *   below one billion
 */
gboolean
pst_mailbox_parse_phase (const char *phase, guint *number)
{
  gsize length = strlen (phase);

  if (length == 0 || length > 9 || strspn (phase, "0123456789") != length
      || (length > 1 && phase[0] == '0'))
    return FALSE;

  *number = (guint) g_ascii_strtoull (phase, NULL, 10);
  return TRUE;
}
