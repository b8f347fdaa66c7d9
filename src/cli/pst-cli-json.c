/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-output.h"

#include <json-glib/json-glib.h>

#include "pst-cli-bar.h"
#include "pst-cli-lines.h"
#include "pst-cli-text.h"
#include "pst-device.h"
#include "pst-error.h"
#include "pst-escape.h"
#include "pst-json.h"

/* The lines are documented in docs/cli-json.md and are stable: members may be
 * added, none changes its meaning. */

struct _PstCliJson
{
  GObject parent_instance;

  FILE *out;

  /* The state the last line of each kind told, to tell changes only. */
  gboolean has_told;
  guint32 told_id;
  PstTransferState told_state;
};

static void pst_cli_json_output_init (PstCliOutputInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstCliJson,
                               pst_cli_json,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PST_TYPE_CLI_OUTPUT,
                                                      pst_cli_json_output_init))

/* JSON leaves overrides of writing direction and the second set of control
 * characters as they are; as escapes they mean the same to a parser and do
 * nothing to a terminal (RFC 8259, section 7). */
static char *
to_ascii (const char *json)
{
  GString *out = g_string_new (NULL);

  for (; *json != '\0'; json = g_utf8_next_char (json))
    {
      gunichar c = g_utf8_get_char (json);

      if (c < 0x7f)
        g_string_append_c (out, (char) c);
      else if (c < 0x10000)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_printf (out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                                0xdc00 + ((c - 0x10000) & 0x3ff));
    }

  return g_string_free (out, FALSE);
}

static JsonObject *
new_line (const char *type)
{
  JsonObject *line = json_object_new ();

  json_object_set_string_member (line, "type", type);
  return line;
}

/* Takes @line. */
static void
write_line (PstCliOutput *output, JsonObject *line)
{
  g_autofree char *json = pst_json_print (line);
  g_autofree char *ascii = to_ascii (json);
  g_autofree char *text = g_strconcat (ascii, "\n", NULL);

  pst_cli_lines_write (PST_CLI_JSON (output)->out, text);
  json_object_unref (line);
}

static void
set_uint (JsonObject *line, const char *member, guint64 value)
{
  json_object_set_int_member (line, member, (gint64) MIN (value, (guint64) G_MAXINT64));
}

/* A name from a stranger or from the disk: itself under @member, fit to be
 * shown under @shown_member. */
static void
set_name (JsonObject *line, const char *member, const char *shown_member, const char *name)
{
  g_autofree char *shown = NULL;
  g_autofree char *valid = NULL;

  if (name == NULL)
    {
      json_object_set_null_member (line, member);
      json_object_set_null_member (line, shown_member);
      return;
    }

  valid = g_utf8_make_valid (name, -1);
  shown = pst_escape_name (name, -1);
  json_object_set_string_member (line, member, valid);
  json_object_set_string_member (line, shown_member, shown);
}

static void
pst_cli_json_waiting (PstCliOutput *output, PstCliWait wait)
{
  static const char *const names[] = {
    [PST_CLI_WAIT_SERVER] = "server",  [PST_CLI_WAIT_PEER] = "peer",
    [PST_CLI_WAIT_SENDER] = "sender",  [PST_CLI_WAIT_PAIRING] = "pairing",
    [PST_CLI_WAIT_PATH] = "path",      [PST_CLI_WAIT_OFFER] = "offer",
    [PST_CLI_WAIT_LINK] = "reconnect",
  };
  JsonObject *line = new_line ("waiting");

  json_object_set_string_member (line, "for", names[wait]);
  write_line (output, line);
}

static void
pst_cli_json_ask (PstCliOutput *output, PstCliQuestion question)
{
  static const char *const names[] = {
    [PST_CLI_ASK_CODE] = "code",
    [PST_CLI_ASK_WORDS] = "words",
    [PST_CLI_ASK_ACCEPT] = "answer",
  };
  JsonObject *line = new_line ("waiting");

  json_object_set_string_member (line, "for", names[question]);
  write_line (output, line);
}

static void
pst_cli_json_invite (PstCliOutput *output, const PstCliInvite *invite)
{
  JsonObject *line = new_line ("code");

  json_object_set_string_member (line, "code", invite->code);
  json_object_set_string_member (line, "link", invite->link);
  json_object_set_string_member (line, "server", invite->server_url);
  write_line (output, line);
}

static const char *
route_name (PstRoute route)
{
  static const char *const names[] = {
    [PST_ROUTE_UNKNOWN] = "unknown",
    [PST_ROUTE_LOCAL] = "local",
    [PST_ROUTE_DIRECT] = "direct",
    [PST_ROUTE_RELAY] = "relay",
  };

  return names[route];
}

static void
pst_cli_json_connected (PstCliOutput *output, const char *peer_name, PstRoute route)
{
  JsonObject *line = new_line ("connected");

  json_object_set_string_member (line, "peer", peer_name);
  json_object_set_string_member (line, "route", route_name (route));
  write_line (output, line);
}

static void
pst_cli_json_words (PstCliOutput *output, const char *phrase)
{
  JsonObject *line = new_line ("words");

  json_object_set_string_member (line, "phrase", phrase);
  write_line (output, line);
}

static JsonObject *
make_entry (const PstEntry *entry, guint index)
{
  static const char *const kinds[] = {
    [PST_ENTRY_FILE] = "file", [PST_ENTRY_FOLDER] = "folder", [PST_ENTRY_LINK] = "link"
  };
  JsonObject *object = json_object_new ();

  set_uint (object, "index", index);
  json_object_set_string_member (object, "kind", kinds[entry->kind]);
  set_name (object, "path", "shown", entry->path);
  set_uint (object, "size", entry->size_bytes);
  json_object_set_boolean_member (object, "executable", entry->executable);
  json_object_set_boolean_member (object, "hidden", pst_cli_lines_is_hidden (entry->path));
  if (entry->kind == PST_ENTRY_LINK)
    set_name (object, "target", "target_shown", entry->target);
  return object;
}

static void
pst_cli_json_offer (PstCliOutput *output, const PstCliOffer *offer)
{
  JsonObject *line = new_line ("offer");
  JsonArray *entries = json_array_sized_new (offer->entries->len);

  for (guint i = 0; i < offer->entries->len; i++)
    json_array_add_object_element (entries, make_entry (g_ptr_array_index (offer->entries, i), i));

  set_uint (line, "id", offer->id);
  json_object_set_string_member (line, "title", offer->title);
  set_uint (line, "total", offer->total_bytes);
  set_uint (line, "files", offer->n_files);
  set_name (line, "destination", "destination_shown", offer->destination);
  json_object_set_int_member (line, "free", offer->free_bytes);
  set_uint (line, "there", offer->there_bytes);
  json_object_set_array_member (line, "entries", entries);
  write_line (output, line);
}

static JsonObject *
new_transfer_line (const char *type, const PstCliSnapshot *snapshot)
{
  JsonObject *line = new_line (type);

  set_uint (line, "id", snapshot->id);
  json_object_set_string_member (line, "direction", snapshot->incoming ? "receive" : "send");
  json_object_set_string_member (line, "state", snapshot->state_name);
  return line;
}

static void
tell_paused (PstCliOutput *output, const PstCliSnapshot *snapshot)
{
  JsonObject *line = new_transfer_line ("paused", snapshot);
  g_autofree char *reason = pst_cli_bar_state (snapshot);

  json_object_set_string_member (line, "reason", reason);
  write_line (output, line);
}

static void
set_connection_members (JsonObject *line, const PstCliSnapshot *snapshot)
{
  set_uint (line, "buffered", snapshot->buffered_bytes);
  json_object_set_boolean_member (line, "buffer_full", snapshot->buffer_full);
  set_uint (line, "low_mark", snapshot->low_mark_bytes);
  set_uint (line, "high_mark", snapshot->high_mark_bytes);
  json_object_set_int_member (line, "buffer_growth_bps", snapshot->buffer_growth_bps);
  json_object_set_boolean_member (line, "congested", snapshot->congested);
  json_object_set_int_member (line, "round_trip_us", snapshot->round_trip_us);
  json_object_set_string_member (line, "route", route_name (snapshot->route));
}

static void
pst_cli_json_progress (PstCliOutput *output, const PstCliSnapshot *snapshot)
{
  PstCliJson *self = PST_CLI_JSON (output);
  gboolean is_change = !self->has_told || self->told_id != snapshot->id
                       || self->told_state != snapshot->state;
  JsonObject *line = new_transfer_line ("progress", snapshot);

  set_uint (line, "sent", snapshot->sent_bytes);
  set_uint (line, "written", snapshot->written_bytes);
  set_uint (line, "total", snapshot->total_bytes);
  set_uint (line, "kept", snapshot->kept_bytes);
  set_uint (line, "again", snapshot->again_files);
  json_object_set_boolean_member (line, "checking", snapshot->state == PST_TRANSFER_CHECKING);
  set_uint (line, "checked", snapshot->checked_bytes);
  set_uint (line, "to_check", snapshot->to_check_bytes);
  set_uint (line, "rate_bps", snapshot->rate_bps);
  set_uint (line, "mean_rate_bps", snapshot->mean_rate_bps);
  json_object_set_int_member (line, "time_left_us", snapshot->time_left_us);
  set_uint (line, "done_files", snapshot->done_files);
  set_uint (line, "files", snapshot->total_files);
  set_uint (line, "missing", snapshot->missing_bytes);
  set_connection_members (line, snapshot);
  write_line (output, line);

  if (is_change && pst_cli_text_is_held (snapshot->state))
    tell_paused (output, snapshot);
  self->has_told = TRUE;
  self->told_id = snapshot->id;
  self->told_state = snapshot->state;
}

static JsonArray *
make_names (const char *const *names)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      JsonObject *object = json_object_new ();

      set_name (object, "path", "shown", names[i]);
      json_array_add_object_element (array, object);
    }

  return array;
}

static JsonArray *
make_sentences (const char *const *sentences)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; sentences != NULL && sentences[i] != NULL; i++)
    {
      g_autofree char *inert = pst_cli_text_inert (sentences[i]);

      json_array_add_string_element (array, inert);
    }

  return array;
}

static void
pst_cli_json_done (PstCliOutput *output, const PstCliSnapshot *snapshot)
{
  JsonObject *line = new_transfer_line ("done", snapshot);

  set_uint (line, "written", snapshot->written_bytes);
  set_uint (line, "total", snapshot->total_bytes);
  set_uint (line, "kept", snapshot->kept_bytes);
  set_uint (line, "again", snapshot->again_files);
  set_uint (line, "mean_rate_bps", snapshot->mean_rate_bps);
  set_uint (line, "files", snapshot->total_files);
  json_object_set_array_member (line, "paths", make_names (snapshot->result_paths));
  json_object_set_array_member (line, "left_out", make_sentences (snapshot->left_out));
  write_line (output, line);
}

static void
pst_cli_json_note (PstCliOutput *output, const char *sentence)
{
  g_autofree char *inert = pst_cli_text_inert (sentence);
  JsonObject *line = new_line ("note");

  json_object_set_string_member (line, "message", inert);
  write_line (output, line);
}

static void
pst_cli_json_warning (PstCliOutput *output, guint32 id, const char *name, const char *sentences)
{
  g_autofree char *inert = pst_cli_text_inert (sentences);
  JsonObject *line = new_line ("warning");

  set_uint (line, "id", id);
  json_object_set_string_member (line, "warning", name);
  json_object_set_string_member (line, "message", inert);
  write_line (output, line);
}

static void
pst_cli_json_remembered (PstCliOutput *output, const char *name)
{
  JsonObject *line = new_line ("remembered");

  json_object_set_string_member (line, "name", name);
  write_line (output, line);
}

static void
pst_cli_json_devices (PstCliOutput *output, GPtrArray *devices)
{
  for (guint i = 0; i < devices->len; i++)
    {
      const PstDevice *device = g_ptr_array_index (devices, i);
      JsonObject *line = new_line ("device");

      json_object_set_string_member (line, "name", device->name);
      json_object_set_boolean_member (line, "accepts", device->accepts);
      json_object_set_int_member (line, "since", device->since_s);
      write_line (output, line);
    }
}

static void
pst_cli_json_serving (PstCliOutput *output, const char *const *urls)
{
  JsonObject *line = new_line ("serving");
  JsonArray *array = json_array_new ();

  for (guint i = 0; urls[i] != NULL; i++)
    json_array_add_string_element (array, urls[i]);
  json_object_set_array_member (line, "urls", array);
  write_line (output, line);
}

static JsonObject *
make_leftover (const PstLeftover *leftover)
{
  JsonObject *object = json_object_new ();
  g_autofree char *fault = leftover->error != NULL ? pst_cli_text_inert (leftover->error->message)
                                                   : NULL;

  json_object_set_string_member (object, "id", leftover->id);
  json_object_set_string_member (object, "title", leftover->title);
  set_name (object, "destination", "destination_shown", leftover->destination);
  json_object_set_int_member (object, "began", leftover->began_s);
  set_uint (object, "files", leftover->n_files);
  set_uint (object, "whole_files", leftover->n_whole_files);
  set_uint (object, "total", leftover->total_bytes);
  set_uint (object, "there", leftover->there_bytes);
  json_object_set_string_member (object, "fault", fault);
  return object;
}

static void
pst_cli_json_leftovers (PstCliOutput *output, GPtrArray *leftovers)
{
  JsonObject *line = new_line ("leftovers");
  JsonArray *array = json_array_sized_new (leftovers->len);

  for (guint i = 0; i < leftovers->len; i++)
    json_array_add_object_element (array, make_leftover (g_ptr_array_index (leftovers, i)));
  json_object_set_array_member (line, "leftovers", array);
  write_line (output, line);
}

static void
pst_cli_json_failed (PstCliOutput *output, const GError *error, int exit_status)
{
  g_autofree char *message = pst_cli_text_inert (error->message);
  JsonObject *line = new_line ("error");

  json_object_set_string_member (line, "error", pst_error_to_name (error));
  json_object_set_string_member (line, "message", message);
  json_object_set_int_member (line, "exit", exit_status);
  write_line (output, line);
}

static void
pst_cli_json_closed (PstCliOutput *output, int exit_status)
{
  JsonObject *line = new_line ("closed");

  json_object_set_int_member (line, "exit", exit_status);
  write_line (output, line);
}

static void
pst_cli_json_output_init (PstCliOutputInterface *iface)
{
  iface->waiting = pst_cli_json_waiting;
  iface->invite = pst_cli_json_invite;
  iface->connected = pst_cli_json_connected;
  iface->words = pst_cli_json_words;
  iface->offer = pst_cli_json_offer;
  iface->ask = pst_cli_json_ask;
  iface->progress = pst_cli_json_progress;
  iface->done = pst_cli_json_done;
  iface->note = pst_cli_json_note;
  iface->warning = pst_cli_json_warning;
  iface->remembered = pst_cli_json_remembered;
  iface->devices = pst_cli_json_devices;
  iface->serving = pst_cli_json_serving;
  iface->leftovers = pst_cli_json_leftovers;
  iface->failed = pst_cli_json_failed;
  iface->closed = pst_cli_json_closed;
}

static void
pst_cli_json_class_init (PstCliJsonClass *klass)
{
}

static void
pst_cli_json_init (PstCliJson *self)
{
}

/**
 * pst_cli_json_new:
 * @out: where the lines go
 *
 * Makes the writer for programs: one JSON object a line, pure ASCII, as
 * docs/cli-json.md describes them.
 *
 * Returns: (transfer full): a writer
 */
PstCliOutput *
pst_cli_json_new (FILE *out)
{
  PstCliJson *self = g_object_new (PST_TYPE_CLI_JSON, NULL);

  self->out = out;
  return PST_CLI_OUTPUT (self);
}
