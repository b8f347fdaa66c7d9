/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-json.h"
#include "pst-mailbox.h"

static JsonArray *
load_scenarios (JsonParser *parser)
{
  g_autofree char *path = g_build_filename (g_getenv ("PST_TEST_SRCDIR"), "pairing", "vectors",
                                            "mailbox-transcript.json", NULL);
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                       "scenarios");
}

static void
assert_same (const PstMailboxFrame *a, const PstMailboxFrame *b)
{
  g_assert_cmpint (a->type, ==, b->type);
  g_assert_cmpstr (a->id, ==, b->id);
  g_assert_cmpstr (a->appid, ==, b->appid);
  g_assert_cmpstr (a->side, ==, b->side);
  g_assert_cmpstr (a->nameplate, ==, b->nameplate);
  g_assert_cmpstr (a->mailbox, ==, b->mailbox);
  g_assert_cmpstr (a->phase, ==, b->phase);
  g_assert_cmpstr (a->body, ==, b->body);
  g_assert_cmpstr (a->mood, ==, b->mood);
  g_assert_cmpstr (a->error, ==, b->error);
  g_assert_cmpint (a->ping, ==, b->ping);
}

typedef PstMailboxFrame *(*Parser) (const char *text, gsize length, GError **error);

static void
assert_round_trip (Parser parse, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PstMailboxFrame) frame = parse (text, strlen (text), &error);
  g_autofree char *again = NULL;
  g_autoptr (PstMailboxFrame) copy = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (frame);
  if (frame->type <= PST_MAILBOX_MISSING || (frame->type == PST_MAILBOX_PING && !frame->has_ping))
    return;

  again = pst_mailbox_print (frame);
  copy = parse (again, strlen (again), &error);
  g_assert_no_error (error);
  assert_same (frame, copy);
}

/* Everything real servers and clients said in the recordings is understood,
 * and what made the server hang up is not. */
static void
test_transcript (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *scenarios = load_scenarios (parser);
  guint n_frames = 0;

  for (guint s = 0; s < json_array_get_length (scenarios); s++)
    {
      JsonObject *scenario = json_array_get_object_element (scenarios, s);
      JsonArray *events = json_object_get_array_member (scenario, "events");
      gboolean bad_types = g_str_has_prefix (json_object_get_string_member (scenario, "scenario"),
                                             "07");

      for (guint e = 0; e < json_array_get_length (events); e++)
        {
          JsonObject *event = json_array_get_object_element (events, e);
          JsonNode *node = json_object_get_member (event, "msg");
          g_autofree char *text = node != NULL ? json_to_string (node, FALSE) : NULL;
          gboolean to_server;

          if (node == NULL)
            continue;
          n_frames++;
          to_server = strcmp (json_object_get_string_member (event, "dir"), "C->S") == 0;
          if (!bad_types || !to_server)
            assert_round_trip (to_server ? pst_mailbox_parse_command : pst_mailbox_parse_answer,
                               text);
        }
    }

  g_assert_cmpuint (n_frames, >, 300);
}

static void
test_bad_commands (void)
{
  const char *bad[] = { "not json",
                        "[1,2]",
                        "{\"type\":\"bind\",\"appid\":5,\"side\":\"s\"}",
                        "{\"type\":7}",
                        "{\"type\":\"ping\",\"ping\":\"x\"}",
                        "{\"type\":\"bind\",\"side\":\""
                        "0123456789012345678901234567890123456789012345678901234567890123456789"
                        "\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (pst_mailbox_parse_command (bad[i], strlen (bad[i]), &error));
      g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
    }
}

static void
test_too_long (void)
{
  g_autofree char *spaces = g_strnfill (PST_MAILBOX_MAX_FRAME_BYTES + 1, ' ');
  g_autoptr (GError) error = NULL;

  g_assert_null (pst_mailbox_parse_answer (spaces, PST_MAILBOX_MAX_FRAME_BYTES + 1, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_LIMIT);
}

static void
test_directions (void)
{
  const char *command = "{\"type\":\"claim\",\"nameplate\":\"4\"}";
  g_autoptr (PstMailboxFrame) answer = pst_mailbox_parse_answer (command, strlen (command), NULL);
  const char *welcome = "{\"type\":\"welcome\",\"welcome\":{}}";
  g_autoptr (PstMailboxFrame) unknown = pst_mailbox_parse_command (welcome, strlen (welcome), NULL);

  g_assert_cmpint (answer->type, ==, PST_MAILBOX_UNKNOWN);
  g_assert_cmpint (unknown->type, ==, PST_MAILBOX_UNKNOWN);
}

static void
test_bad_answers (void)
{
  const char *bad[] = { "{\"id\":\"1\"}",
                        "{\"type\":\"welcome\"}",
                        "{\"type\":\"welcome\",\"welcome\":5}",
                        "{\"type\":\"welcome\",\"welcome\":{\"error\":5}}",
                        "{\"type\":\"allocated\"}",
                        "{\"type\":\"claimed\",\"mailbox\":null}",
                        "{\"type\":\"message\",\"side\":\"s\",\"phase\":\"p\"}",
                        "{\"type\":\"message\",\"side\":\"s\",\"body\":\"00\"}",
                        "{\"type\":\"message\",\"phase\":\"p\",\"body\":\"00\"}",
                        "{\"type\":\"pong\"}",
                        "{\"type\":\"pong\",\"pong\":\"x\"}",
                        "{\"type\":\"error\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (pst_mailbox_parse_answer (bad[i], strlen (bad[i]), &error));
      g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
    }
}

static void
test_turned_away (void)
{
  const char *text = "{\"type\":\"welcome\",\"welcome\":{\"error\":\"moved\"}}";
  g_autoptr (PstMailboxFrame) frame = pst_mailbox_parse_answer (text, strlen (text), NULL);

  g_assert_cmpstr (frame->error, ==, "moved");
}

/* An error tells what it is about only if that is known. */
static void
test_error_without_cause (void)
{
  PstMailboxFrame frame = { .type = PST_MAILBOX_ERROR, .error = (char *) "bad", .server_tx_s = 7 };
  g_autofree char *text = pst_mailbox_print (&frame);
  g_autoptr (PstMailboxFrame) copy = pst_mailbox_parse_answer (text, strlen (text), NULL);

  g_assert_nonnull (copy);
  g_assert_cmpint (copy->type, ==, PST_MAILBOX_ERROR);
  g_assert_cmpstr (copy->error, ==, "bad");
  g_assert_null (strstr (text, "orig"));
  g_assert_nonnull (strstr (text, "\"server_tx\":7"));
}

static void
test_bodies (void)
{
  const guint8 bytes[] = { 0x00, 0x7f, 0xff };
  g_autoptr (GBytes) body = g_bytes_new_static (bytes, sizeof bytes);
  g_autofree char *hex = pst_mailbox_encode_body (body);
  g_autofree char *long_hex = g_strnfill (2 * PST_MAILBOX_MAX_BODY_BYTES + 2, '0');
  g_autoptr (GBytes) decoded = pst_mailbox_decode_body ("007FfF", NULL);
  g_autoptr (GBytes) empty = pst_mailbox_decode_body ("", NULL);

  g_assert_cmpstr (hex, ==, "007fff");
  g_assert_true (g_bytes_equal (body, decoded));
  g_assert_cmpuint (g_bytes_get_size (empty), ==, 0);
  g_assert_null (pst_mailbox_decode_body ("zz", NULL));
  g_assert_null (pst_mailbox_decode_body ("000", NULL));
  g_assert_null (pst_mailbox_decode_body (long_hex, NULL));
}

static void
test_phases (void)
{
  guint number;

  g_assert_true (pst_mailbox_parse_phase ("0", &number));
  g_assert_cmpuint (number, ==, 0);
  g_assert_true (pst_mailbox_parse_phase ("999999999", &number));
  g_assert_cmpuint (number, ==, 999999999);
  g_assert_false (pst_mailbox_parse_phase ("", &number));
  g_assert_false (pst_mailbox_parse_phase ("01", &number));
  g_assert_false (pst_mailbox_parse_phase ("-1", &number));
  g_assert_false (pst_mailbox_parse_phase ("1000000000", &number));
  g_assert_false (pst_mailbox_parse_phase ("pake", &number));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mailbox/transcript", test_transcript);
  g_test_add_func ("/mailbox/bad-commands", test_bad_commands);
  g_test_add_func ("/mailbox/bad-answers", test_bad_answers);
  g_test_add_func ("/threats/16-caps/mailbox-frame", test_too_long);
  g_test_add_func ("/mailbox/directions", test_directions);
  g_test_add_func ("/mailbox/turned-away", test_turned_away);
  g_test_add_func ("/mailbox/error-without-cause", test_error_without_cause);
  g_test_add_func ("/mailbox/bodies", test_bodies);
  g_test_add_func ("/mailbox/phases", test_phases);
  return g_test_run ();
}
