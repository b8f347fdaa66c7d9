/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-output.h"

#include <json-glib/json-glib.h>
#include <stdlib.h>

#include "pst-error.h"
#include "pst-json.h"

typedef struct
{
  FILE *file;
  char *text;
  gsize size;
  PstCliOutput *output;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->file = open_memstream (&f->text, &f->size);
  f->output = pst_cli_json_new (f->file);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_unref (f->output);
  fclose (f->file);
  free (f->text);
}

/* The lines as objects; each must be whole, ASCII and of a known type. */
static GPtrArray *
read_lines (Fixture *f)
{
  g_auto (GStrv) lines = g_strsplit (f->text, "\n", -1);
  GPtrArray *objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);

  for (guint i = 0; lines[i][0] != '\0'; i++)
    {
      g_autoptr (GError) error = NULL;
      JsonObject *object = pst_json_parse (lines[i], strlen (lines[i]), G_MAXSSIZE, &error);

      g_assert_no_error (error);
      for (const char *p = lines[i]; *p != '\0'; p++)
        g_assert_true (*p >= 0x20 && *p < 0x7f);
      g_ptr_array_add (objects, object);
    }

  return objects;
}

static JsonObject *
line_at (GPtrArray *lines, guint index, const char *type)
{
  g_assert_cmpuint (index, <, lines->len);
  g_assert_cmpstr (json_object_get_string_member (lines->pdata[index], "type"), ==, type);
  return lines->pdata[index];
}

/* What docs/cli-json.md says of a type: from its heading to the next. */
static char *
read_section (const char *type)
{
  g_autofree char *path = g_build_filename (g_getenv ("PST_TEST_SRCDIR"), "..", "docs",
                                            "cli-json.md", NULL);
  g_autofree char *text = NULL;
  g_autofree char *heading = g_strdup_printf ("\n### `%s`\n", type);
  g_autoptr (GError) error = NULL;
  const char *start, *end;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  start = strstr (text, heading);
  g_assert_nonnull (start);
  start += strlen (heading);
  end = strstr (start, "\n### ");
  return end != NULL ? g_strndup (start, end - start) : g_strdup (start);
}

static void
check_members (JsonObject *object, const char *section)
{
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *l = members; l != NULL; l = l->next)
    {
      g_autofree char *quoted = g_strdup_printf ("`%s`", (const char *) l->data);

      if (strstr (section, quoted) == NULL && !g_str_equal (l->data, "type"))
        g_error ("docs/cli-json.md does not tell of %s.", quoted);
    }
}

/* The names that stand in the first cells of a section's tables. */
static void
check_rows (JsonObject *object, JsonObject *inner, const char *section)
{
  g_autoptr (GRegex) row = g_regex_new ("^\\| (`[^|]*) \\|", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  for (g_regex_match (row, section, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *cell = g_match_info_fetch (match, 1);
      g_auto (GStrv) names = g_strsplit (cell, "`", -1);

      for (guint i = 1; names[i] != NULL && names[i + 1] != NULL; i += 2)
        if (!json_object_has_member (object, names[i])
            && (inner == NULL || !json_object_has_member (inner, names[i])))
          g_error ("No line has the documented member %s.", names[i]);
    }
}

/* Every member is documented, and every documented member is there. */
static void
check_documented (JsonObject *object, JsonObject *inner)
{
  g_autofree char *section = read_section (json_object_get_string_member (object, "type"));

  check_members (object, section);
  if (inner != NULL)
    check_members (inner, section);
  check_rows (object, inner, section);
}

static PstCliSnapshot
make_snapshot (void)
{
  return (PstCliSnapshot){
    .id = 3,
    .incoming = TRUE,
    .title = "photos",
    .state = PST_TRANSFER_RUNNING,
    .state_name = "running",
    .sent_bytes = 750,
    .written_bytes = 500,
    .total_bytes = 1000,
    .rate_bps = 15,
    .mean_rate_bps = 12,
    .time_left_us = -1,
    .buffered_bytes = G_MAXUINT64,
    .buffer_growth_bps = -5,
    .buffer_full = TRUE,
    .route = PST_ROUTE_DIRECT,
  };
}

static void
test_short_lines (Fixture *f, gconstpointer data)
{
  static const char *const urls[] = { "ws://[::1]:4000/v1", NULL };
  PstCliInvite invite = { .code = "7-a-b", .link = "wormhole-transfer:7-a-b", .qr = "#" };
  g_autoptr (GError) error = g_error_new (PST_ERROR, PST_ERROR_DISK_FULL, "Full\033[2J.");
  g_autoptr (GPtrArray) lines = NULL;
  JsonObject *line;

  pst_cli_output_waiting (f->output, PST_CLI_WAIT_PEER);
  pst_cli_output_ask (f->output, PST_CLI_ASK_ACCEPT);
  pst_cli_output_invite (f->output, &invite);
  pst_cli_output_connected (f->output, "Ann\xe2\x80\xae", PST_ROUTE_LOCAL);
  pst_cli_output_serving (f->output, urls);
  pst_cli_output_words (f->output, "a b c d e f");
  pst_cli_output_ask (f->output, PST_CLI_ASK_WORDS);
  pst_cli_output_note (f->output, "Beware.");
  pst_cli_output_warning (f->output, 4, "journal-full", "Beware of\033[2J.");
  pst_cli_output_failed (f->output, error, 1);
  pst_cli_output_waiting (f->output, PST_CLI_WAIT_LINK);
  pst_cli_output_closed (f->output, 1);

  lines = read_lines (f);
  g_assert_cmpuint (lines->len, ==, 12);
  for (guint i = 0; i < lines->len; i++)
    check_documented (lines->pdata[i], NULL);

  g_assert_cmpstr (json_object_get_string_member (line_at (lines, 0, "waiting"), "for"), ==,
                   "peer");
  g_assert_cmpstr (json_object_get_string_member (line_at (lines, 1, "waiting"), "for"), ==,
                   "answer");
  line = line_at (lines, 2, "code");
  g_assert_cmpstr (json_object_get_string_member (line, "code"), ==, "7-a-b");
  g_assert_true (json_object_get_null_member (line, "server"));
  line = line_at (lines, 3, "connected");
  g_assert_cmpstr (json_object_get_string_member (line, "peer"), ==, "Ann\xe2\x80\xae");
  g_assert_cmpstr (json_object_get_string_member (line, "route"), ==, "local");
  line = line_at (lines, 5, "words");
  g_assert_cmpstr (json_object_get_string_member (line, "phrase"), ==, "a b c d e f");
  g_assert_cmpstr (json_object_get_string_member (line_at (lines, 6, "waiting"), "for"), ==,
                   "words");
  line = line_at (lines, 8, "warning");
  g_assert_cmpint (json_object_get_int_member (line, "id"), ==, 4);
  g_assert_cmpstr (json_object_get_string_member (line, "warning"), ==, "journal-full");
  g_assert_cmpstr (json_object_get_string_member (line, "message"), ==, "Beware of\\u001b[2J.");
  line = line_at (lines, 9, "error");
  g_assert_cmpstr (json_object_get_string_member (line, "error"), ==, "disk-full");
  g_assert_cmpstr (json_object_get_string_member (line, "message"), ==, "Full\\u001b[2J.");
  g_assert_cmpint (json_object_get_int_member (line, "exit"), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (line_at (lines, 10, "waiting"), "for"), ==,
                   "reconnect");
  g_assert_cmpint (json_object_get_int_member (line_at (lines, 11, "closed"), "exit"), ==, 1);
}

static void
test_offer (Fixture *f, gconstpointer data)
{
  static const PstEntry hostile[] = {
    { PST_ENTRY_LINK,
      ".ssh/\xc2\x9b"
      "31mred\xf0\x9f\x92\xbb",
      "pl\nain.txt", 0 },
    { PST_ENTRY_FILE, "a\"b\\", NULL, G_MAXINT64, 0, TRUE },
  };
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autoptr (GPtrArray) lines = NULL;
  PstCliOffer offer = { 3, "2 items", entries, 5, 1, "/home/\xff", -1 };
  JsonObject *line, *entry;
  JsonArray *array;

  g_ptr_array_add (entries, (gpointer) &hostile[0]);
  g_ptr_array_add (entries, (gpointer) &hostile[1]);
  pst_cli_output_offer (f->output, &offer);

  lines = read_lines (f);
  line = line_at (lines, 0, "offer");
  array = json_object_get_array_member (line, "entries");
  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  entry = json_array_get_object_element (array, 0);
  check_documented (line, entry);
  g_assert_cmpstr (json_object_get_string_member (entry, "path"), ==, hostile[0].path);
  g_assert_cmpstr (json_object_get_string_member (entry, "shown"), ==,
                   ".ssh/\\u009b31mred\xf0\x9f\x92\xbb");
  g_assert_cmpstr (json_object_get_string_member (entry, "target"), ==, "pl\nain.txt");
  g_assert_cmpstr (json_object_get_string_member (entry, "target_shown"), ==, "pl\\nain.txt");
  g_assert_true (json_object_get_boolean_member (entry, "hidden"));
  entry = json_array_get_object_element (array, 1);
  g_assert_false (json_object_has_member (entry, "target"));
  g_assert_cmpstr (json_object_get_string_member (entry, "path"), ==, "a\"b\\");
  g_assert_cmpint (json_object_get_int_member (entry, "size"), ==, G_MAXINT64);
  g_assert_cmpint (json_object_get_int_member (line, "free"), ==, -1);
  g_assert_cmpstr (json_object_get_string_member (line, "destination_shown"), ==, "/home/\\xff");
}

static void
test_progress (Fixture *f, gconstpointer data)
{
  PstCliSnapshot snapshot = make_snapshot ();
  g_autoptr (GPtrArray) lines = NULL;
  JsonObject *line;

  pst_cli_output_progress (f->output, &snapshot);
  snapshot.state = PST_TRANSFER_HELD_THEIR_DISK;
  snapshot.state_name = "held-their-disk";
  pst_cli_output_progress (f->output, &snapshot);
  pst_cli_output_progress (f->output, &snapshot);

  lines = read_lines (f);
  g_assert_cmpuint (lines->len, ==, 4);
  line = line_at (lines, 0, "progress");
  check_documented (line, NULL);
  g_assert_cmpint (json_object_get_int_member (line, "written"), ==, 500);
  g_assert_cmpint (json_object_get_int_member (line, "time_left_us"), ==, -1);
  g_assert_cmpint (json_object_get_int_member (line, "buffered"), ==, G_MAXINT64);
  g_assert_cmpint (json_object_get_int_member (line, "buffer_growth_bps"), ==, -5);
  g_assert_true (json_object_get_boolean_member (line, "buffer_full"));
  g_assert_cmpstr (json_object_get_string_member (line, "direction"), ==, "receive");
  line_at (lines, 1, "progress");
  line = line_at (lines, 2, "paused");
  check_documented (line, NULL);
  g_assert_cmpstr (json_object_get_string_member (line, "state"), ==, "held-their-disk");
  g_assert_cmpstr (json_object_get_string_member (line, "reason"), ==, "Waiting for their disk");
  line_at (lines, 3, "progress");
}

static void
test_done (Fixture *f, gconstpointer data)
{
  static const char *const paths[] = { "/home/a\xff", NULL };
  static const char *const left_out[] = { "“x” is a pipe.", NULL };
  PstCliSnapshot snapshot = make_snapshot ();
  g_autoptr (GPtrArray) lines = NULL;
  JsonObject *line, *path;

  snapshot.state_name = "done";
  snapshot.result_paths = paths;
  snapshot.left_out = left_out;
  pst_cli_output_done (f->output, &snapshot);

  lines = read_lines (f);
  line = line_at (lines, 0, "done");
  path = json_array_get_object_element (json_object_get_array_member (line, "paths"), 0);
  check_documented (line, path);
  g_assert_cmpstr (json_object_get_string_member (path, "path"), ==, "/home/a\xef\xbf\xbd");
  g_assert_cmpstr (json_object_get_string_member (path, "shown"), ==, "/home/a\\xff");
  g_assert_cmpstr (
      json_array_get_string_element (json_object_get_array_member (line, "left_out"), 0), ==,
      left_out[0]);
}

static void
test_errors_are_documented (void)
{
  g_autofree char *section = read_section ("error");

  for (guint i = 0; i <= PST_ERROR_LAST; i++)
    {
      g_autoptr (GError) error = g_error_new (PST_ERROR, i, "x");
      g_autofree char *quoted = g_strdup_printf ("`%s`", pst_error_to_name (error));

      g_assert_nonnull (strstr (section, quoted));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  ADD ("/cli/json/short-lines", test_short_lines);
  ADD ("/threats/03-shown-escaped/json", test_offer);
  ADD ("/cli/json/progress", test_progress);
  ADD ("/cli/json/done", test_done);
  g_test_add_func ("/cli/json/errors-are-documented", test_errors_are_documented);
  return g_test_run ();
}
