/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "collide.h"
#include "pst-error.h"
#include "pst-json.h"

static JsonObject *
parse (const char *text, GError **error)
{
  return pst_json_parse (text, strlen (text), 4096, error);
}

static void
assert_refused (const char *text, gsize length, gsize max, PstError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pst_json_parse (text, length, max, &error));
  g_assert_error (error, PST_ERROR, (int) code);
}

static void
test_refusals (void)
{
  g_autofree char *deep = g_strnfill (3000, '[');

  assert_refused ("{}", 2, 1, PST_ERROR_LIMIT);
  assert_refused ("", 0, 10, PST_ERROR_PROTOCOL);
  assert_refused (NULL, 0, 10, PST_ERROR_PROTOCOL);
  assert_refused ("[]", 2, 10, PST_ERROR_PROTOCOL);
  assert_refused ("{", 1, 10, PST_ERROR_PROTOCOL);
  assert_refused ("{\"a\":\"\xff\"}", 9, 10, PST_ERROR_PROTOCOL);
  assert_refused ("{\"a\":\"\0\"}", 9, 10, PST_ERROR_PROTOCOL);
  assert_refused ("{}{}", 4, 10, PST_ERROR_PROTOCOL);
  assert_refused ("1{}", 3, 10, PST_ERROR_PROTOCOL);
  assert_refused ("\"a\" {}", 6, 10, PST_ERROR_PROTOCOL);
  assert_refused ("{} x", 4, 10, PST_ERROR_PROTOCOL);
  assert_refused ("{\"a\":1}}", 8, 10, PST_ERROR_PROTOCOL);
  assert_refused ("}{", 2, 10, PST_ERROR_PROTOCOL);
  assert_refused ("  ", 2, 10, PST_ERROR_PROTOCOL);
  assert_refused (deep, 3000, 4096, PST_ERROR_PROTOCOL);
}

/* Of the right letters, and still no JSON: that the parser finds out. */
static void
test_bad_grammar (void)
{
  static const char *const texts[] = {
    "{\"a\" 1}", "{\"a\":1,}", "{\"a\":}", "{a:1}", "{,}", "{[}]", "{\"a\":[1}}", "{\"a\":tru}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_refused (texts[i], strlen (texts[i]), 4096, PST_ERROR_PROTOCOL);
}

/* json-glib by itself takes each of these; the comment and the single quote
 * would also hide brackets from whoever counts them. */
static void
test_not_strict (void)
{
  static const char *const texts[] = {
    "{\"a\":\"x\\u0000y\"}",
    "{\"a\\u0000b\":1}",
    "{\"a\":\"x\\0y\"}",
    "{\"a\":\"\\000\"}",
    "{\"a\":\"\\377\"}",
    "{\"a\":\"\\x41\"}",
    "{\"a\":\"\\q\"}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\ud83dx\"}",
    "{\"a\":\"\\ude00\"}",
    "{\"a\":\"\\ud83d\\u0041\"}",
    "{\"a\":\"\\ud83d\\ud83d\"}",
    "{\"a\":\"\\ud83d\\n1234\"}",
    "{\"a\":\"\\ud83d\\ue000\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\u 123\"}",
    "{\"a\":\"\\",
    "{\"a\":\"\\u004",
    "{\"a\":\"x\ny\"}",
    "{\"a\":\"x\ty\"}",
    "{\"a\":\"open",
    "{'a':1}",
    "{\"a\":'x\"y'}",
    "{\"a\":/*\"*/1}",
    "{\"a\":1} // \"",
    "{\"a\":0x10}",
    "var a = {\"a\":1};",
    "{\"a\":$1}",
    "{\"a\":#1}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_refused (texts[i], strlen (texts[i]), 4096, PST_ERROR_PROTOCOL);
}

static void
test_depth_behind_a_comment (void)
{
  g_autofree char *deep = g_strnfill (3000, '[');
  g_autofree char *text = g_strconcat ("{\"a\":/*\"*/", deep, NULL);

  assert_refused (text, strlen (text), 4096, PST_ERROR_PROTOCOL);
}

/* An object of so many members, in an array beside one that is full as well. */
static char *
dup_with_members (guint n_members, gboolean same_name)
{
  GString *text = g_string_new ("{\"a\":[{\"full\":{");

  for (guint i = 0; i < PST_JSON_MAX_MEMBERS; i++)
    g_string_append_printf (text, "%s\"%u\":\":::\"", i > 0 ? "," : "", i);
  g_string_append (text, "}},{");
  for (guint i = 0; i < n_members; i++)
    g_string_append_printf (text, "%s\"%u\":[]", i > 0 ? "," : "", same_name ? 0 : i);
  g_string_append (text, "}]}");

  return g_string_free (text, FALSE);
}

static void
test_members_cap (void)
{
  for (gboolean same_name = FALSE; same_name <= TRUE; same_name++)
    {
      g_autofree char *most = dup_with_members (PST_JSON_MAX_MEMBERS, same_name);
      g_autofree char *more = dup_with_members (PST_JSON_MAX_MEMBERS + 1, same_name);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = parse (most, &error);

      g_assert_no_error (error);
      g_assert_nonnull (object);
      assert_refused (more, strlen (more), 4096, PST_ERROR_PROTOCOL);
    }
}

/* The cap is for each object, not for all of them. */
static void
test_members_of_many (void)
{
  GString *text = g_string_new ("{\"a\":[");
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3000; i++)
    g_string_append_printf (text, "%s{\"p\":\"%u\",\"k\":\"f\"}", i > 0 ? "," : "", i);
  g_string_append (text, "]}");
  object = pst_json_parse (text->str, text->len, text->len, &error);
  g_assert_no_error (error);
  g_assert_nonnull (object);
  g_string_free (text, TRUE);
}

/* As many names as there is room for in a frame, all of one hash: refused before
 * json-glib compares each with all others. */
static void
test_colliding_members (void)
{
  GString *text = g_string_new ("{");

  for (guint i = 0; text->len < 65000; i++)
    {
      g_autofree char *name = collide_make_name (i);

      g_string_append_printf (text, "%s\"%s\":0", i > 0 ? "," : "", name);
    }
  g_string_append_c (text, '}');
  collide_count_compared ();
  assert_refused (text->str, text->len, 65536, PST_ERROR_PROTOCOL);
  g_assert_cmpuint (collide_count_compared (), ==, 0);
  g_string_free (text, TRUE);
}

static void
test_escapes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = parse (
      "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u00e9\\uD83d\\uDe00\\uffff\"}", &error);
  const char *string;

  g_assert_no_error (error);
  g_assert_true (pst_json_get_string (object, "a", 100, &string, &error));
  g_assert_cmpstr (string, ==, "\"\\/\b\f\n\r\t\001\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbf");
}

/* What this side prints, the strict reader takes, byte for byte. */
static void
test_every_character_returns (void)
{
  for (gunichar c = 1; c < 0x11000; c += c < 0x300 ? 1 : 61)
    {
      g_autoptr (JsonObject) object = json_object_new ();
      g_autoptr (JsonObject) again = NULL;
      g_autofree char *text = NULL;
      char name[8] = { 0 };
      const char *string;

      if (!g_unichar_validate (c))
        continue;
      g_unichar_to_utf8 (c, name);
      json_object_set_string_member (object, "a", name);
      text = pst_json_print (object);
      again = parse (text, NULL);
      g_assert_nonnull (again);
      g_assert_true (pst_json_get_string (again, "a", 8, &string, NULL));
      g_assert_cmpstr (string, ==, name);
    }
}

static void
test_brackets_in_strings (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = parse ("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[\"}",
                                         &error);

  g_assert_no_error (error);
  g_assert_nonnull (object);
}

static void
test_members (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = parse (
      "{\"s\":\"text\",\"n\":7,\"neg\":-1,\"f\":1.5,\"b\":true,\"a\":[1,2],\"o\":{}}", &error);
  const char *string;
  guint64 number;
  gint64 integer;
  gboolean boolean;

  g_assert_no_error (error);
  g_assert_true (pst_json_get_string (object, "s", 4, &string, &error));
  g_assert_cmpstr (string, ==, "text");
  g_assert_true (pst_json_get_uint (object, "n", 7, &number, &error));
  g_assert_cmpuint (number, ==, 7);
  g_assert_true (pst_json_get_int (object, "neg", &integer, &error));
  g_assert_cmpint (integer, ==, -1);
  g_assert_true (pst_json_get_bool (object, "b", FALSE, &boolean, &error));
  g_assert_true (boolean);
  g_assert_true (pst_json_get_bool (object, "missing", TRUE, &boolean, &error));
  g_assert_true (boolean);
  g_assert_nonnull (pst_json_get_array (object, "a", 2, &error));
  g_assert_nonnull (pst_json_get_object (object, "o", &error));
  g_assert_no_error (error);
}

static void
test_wrong_members (void)
{
  g_autoptr (JsonObject) object = parse (
      "{\"s\":\"text\",\"n\":7,\"neg\":-1,\"f\":1.5,\"z\":null,\"a\":[1,2],\"o\":{}}", NULL);
  const char *string;
  guint64 number;
  gint64 integer;
  gboolean boolean;

  g_assert_false (pst_json_get_string (object, "s", 3, &string, NULL));
  g_assert_false (pst_json_get_string (object, "n", 10, &string, NULL));
  g_assert_false (pst_json_get_string (object, "z", 10, &string, NULL));
  g_assert_false (pst_json_get_string (object, "missing", 10, &string, NULL));
  g_assert_false (pst_json_get_uint (object, "n", 6, &number, NULL));
  g_assert_false (pst_json_get_uint (object, "neg", G_MAXINT64, &number, NULL));
  g_assert_false (pst_json_get_uint (object, "missing", 9, &number, NULL));
  g_assert_false (pst_json_get_int (object, "f", &integer, NULL));
  g_assert_false (pst_json_get_int (object, "o", &integer, NULL));
  g_assert_false (pst_json_get_bool (object, "n", FALSE, &boolean, NULL));
  g_assert_false (pst_json_get_bool (object, "a", FALSE, &boolean, NULL));
  g_assert_null (pst_json_get_array (object, "a", 1, NULL));
  g_assert_null (pst_json_get_array (object, "o", 1, NULL));
  g_assert_null (pst_json_get_array (object, "missing", 1, NULL));
  g_assert_null (pst_json_get_object (object, "a", NULL));
  g_assert_null (pst_json_get_object (object, "missing", NULL));
}

static void
test_print (void)
{
  g_autoptr (JsonObject) object = parse ("\t\r\n{ \"a\" :\t[ 1 ] }\r\n\t", NULL);
  g_autofree char *text = pst_json_print (object);

  g_assert_cmpstr (text, ==, "{\"a\":[1]}");
}

/* What is appended is read as what it was. */
static void
test_append_string (void)
{
  static const char *const values[] = {
    "", "plain", "\"\\/", "\x01\x1f\n\t\r\x7f", "\xc3\xa4\xe2\x80\xae\xf0\x9f\x98\x80", "\\u0041",
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GString) text = g_string_new ("{\"a\":");
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = NULL;
      const char *value;

      pst_json_append_string (text, values[i]);
      g_string_append_c (text, '}');
      object = parse (text->str, &error);
      g_assert_no_error (error);
      g_assert_true (pst_json_get_string (object, "a", 100, &value, NULL));
      g_assert_cmpstr (value, ==, values[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/refusals", test_refusals);
  g_test_add_func ("/json/bad-grammar", test_bad_grammar);
  g_test_add_func ("/json/not-strict", test_not_strict);
  g_test_add_func ("/threats/16-caps/json-depth", test_depth_behind_a_comment);
  g_test_add_func ("/threats/16-caps/json-members", test_members_cap);
  g_test_add_func ("/json/members-of-many", test_members_of_many);
  g_test_add_func ("/json/colliding-members", test_colliding_members);
  g_test_add_func ("/json/escapes", test_escapes);
  g_test_add_func ("/json/every-character-returns", test_every_character_returns);
  g_test_add_func ("/json/brackets-in-strings", test_brackets_in_strings);
  g_test_add_func ("/json/members", test_members);
  g_test_add_func ("/json/wrong-members", test_wrong_members);
  g_test_add_func ("/json/print", test_print);
  g_test_add_func ("/json/append-string", test_append_string);
  return g_test_run ();
}
