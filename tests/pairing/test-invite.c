/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-code.h"
#include "pst-error.h"
#include "pst-invite.h"

#include <string.h>

#include "traversal.h"

static void
assert_uri (const char *code, const char *rendezvous, const char *expected)
{
  g_autofree char *uri = pst_invite_to_uri (code, rendezvous);

  g_assert_cmpstr (uri, ==, expected);
}

static void
assert_parses (const char *text, const char *expected_code, const char *expected_rendezvous)
{
  g_autofree char *code = NULL;
  g_autofree char *rendezvous = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_invite_parse (text, &code, &rendezvous, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (code, ==, expected_code);
  g_assert_cmpstr (rendezvous, ==, expected_rendezvous);
}

static void
assert_refused (const char *text, const char *part_of_message)
{
  char *code = "unset";
  char *rendezvous = "unset";
  g_autoptr (GError) error = NULL;

  g_assert_false (pst_invite_parse (text, &code, &rendezvous, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_BAD_CODE);
  g_assert_nonnull (strstr (error->message, part_of_message));
  g_assert_null (code);
  g_assert_null (rendezvous);
}

static void
test_to_uri (void)
{
  assert_uri ("4-purple-sausages", NULL, "wormhole-transfer:4-purple-sausages");
  assert_uri ("8-\U0001F648-a b&c", NULL, "wormhole-transfer:8-%F0%9F%99%88-a%20b%26c");
  assert_uri ("4-a#b?c", NULL, "wormhole-transfer:4-a%23b%3Fc");
  assert_uri ("0412-x", "ws://192.0.2.7:4000",
              "wormhole-transfer:0412-x?rendezvous=ws%3A%2F%2F192.0.2.7%3A4000");
  assert_uri ("0412-x", "ws://[2001:db8::1]:4000/v1",
              "wormhole-transfer:0412-x?rendezvous=ws%3A%2F%2F%5B2001%3Adb8%3A%3A1%5D%3A4000");
}

static void
test_to_uri_path (void)
{
  assert_uri ("4-x", "ws://h/v1", "wormhole-transfer:4-x?rendezvous=ws%3A%2F%2Fh");
  assert_uri ("4-x", "ws://h/v1/", "wormhole-transfer:4-x?rendezvous=ws%3A%2F%2Fh");
  assert_uri ("4-x", "ws://h/", "wormhole-transfer:4-x?rendezvous=ws%3A%2F%2Fh");
  assert_uri ("4-x", "ws://v1", "wormhole-transfer:4-x?rendezvous=ws%3A%2F%2Fv1");
  assert_uri ("4-x", "wss://h/own/v1", "wormhole-transfer:4-x?rendezvous=wss%3A%2F%2Fh%2Fown%2Fv1");
  /* No address at all is left as it is. */
  assert_uri ("4-x", "h/v1", "wormhole-transfer:4-x?rendezvous=h%2Fv1");
}

static void
test_parse (void)
{
  assert_parses ("4-purple-sausages", "4-purple-sausages", NULL);
  assert_parses (" 4 Purple sausages\n", "4-purple-sausages", NULL);
  assert_parses ("wormhole-transfer:4-purple-sausages", "4-purple-sausages", NULL);
  assert_parses ("\n Wormhole-Transfer:4-purple-sausages?\t", "4-purple-sausages", NULL);
  assert_parses ("wormhole-transfer:4%2Dpurple%20sausages", "4-purple-sausages", NULL);
  assert_parses ("wormhole-transfer:8-%F0%9F%99%88-%F0%9F%99%89", "8-\U0001F648-\U0001F649", NULL);
  assert_parses ("wormhole-transfer:0412-x?rendezvous=ws%3A%2F%2F192.0.2.7%3A4000", "0412-x",
                 "ws://192.0.2.7:4000");
}

/* As other programs write them. */
static void
test_parse_fields (void)
{
  assert_parses ("wormhole-transfer:4-x?rendezvous=ws%3A%2F%2Flocalhost%3A4000%2F&role=leader",
                 "4-x", "ws://localhost:4000/");
  assert_parses ("wormhole-transfer:4-x?version=0&role=follower", "4-x", NULL);
  assert_parses ("wormhole-transfer:4-x?&version=0&", "4-x", NULL);
  assert_parses ("wormhole-transfer:4-x?%72ole=leader", "4-x", NULL);
  assert_parses ("wormhole-transfer:4-x?rendezvous=ws://h:1/own/path", "4-x", "ws://h:1/own/path");
}

static void
test_parse_servers (void)
{
  assert_parses ("wormhole-transfer:4-x?rendezvous=wss://example.org", "4-x", "wss://example.org");
  assert_parses ("wormhole-transfer:4-x?rendezvous=WS://example.org", "4-x", "WS://example.org");
  assert_parses ("wormhole-transfer:4-x?rendezvous=ws://[2001:db8::1]:65535/v1", "4-x",
                 "ws://[2001:db8::1]:65535/v1");
}

static void
test_refused_servers (void)
{
  static const char *const urls[] = {
    "",
    "ws:",
    "ws://",
    "ws://:4000",
    "ws:///v1",
    "localhost:4000",
    "http://h",
    "https://h",
    "file:///etc/passwd",
    "ws://h:0",
    "ws://h:65536",
    "ws://h:-1",
    "ws://h:x",
    "ws://user@h",
    "ws://user:secret@h",
    "ws://h/%3Fquery",
    "ws://h/%23fragment",
    "ws://h%20x",
    "ws://h%0d%0ax",
    "ws://h%250d%250ax",
    "ws://%C3%A9",
    "ws://%ff",
    "ws://[::1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autofree char *link = g_strconcat ("wormhole-transfer:4-x?rendezvous=", urls[i], NULL);

      g_test_message ("%s", link);
      assert_refused (link, "usable server");
    }
}

static void
test_refusals (void)
{
  g_autofree char *spaces = g_strnfill (PST_INVITE_MAX_BYTES - 2, ' ');
  g_autofree char *fits = g_strconcat (spaces, "4x", NULL);
  g_autofree char *too_long = g_strconcat (spaces, "4-x", NULL);

  assert_refused (fits, "starts with a number");
  assert_refused (too_long, "too long to be a code or a link");
  assert_refused ("", "empty");
  assert_refused ("4", "words after the number");
  assert_refused ("https://example.org/4-x", "wormhole-transfer:");
  assert_refused ("wormhole-transfer:", "empty");
  assert_refused ("wormhole-transfer:?version=0", "empty");
  assert_refused ("wormhole-transfer://4-x", "starts with a number");
  assert_refused ("wormhole-transfer:4-x%", "damaged");
  assert_refused ("wormhole-transfer:4-x%00", "damaged");
  assert_refused ("wormhole-transfer:4-x%ff", "not text");
  assert_refused ("wormhole-transfer:4-x%0ay", "invisible");
}

static void
test_refused_fields (void)
{
  assert_refused ("wormhole-transfer:4-x?version=1", "newer");
  assert_refused ("wormhole-transfer:4-x?version=", "newer");
  assert_refused ("wormhole-transfer:4-x#fragment", "does not know");
  assert_refused ("wormhole-transfer:4-x?version=0#", "does not know");
  assert_refused ("wormhole-transfer:4-x?role=boss", "does not know");
  assert_refused ("wormhole-transfer:4-x?colour=red", "does not know");
  assert_refused ("wormhole-transfer:4-x?version=0&version=0", "contradicts itself");
  assert_refused ("wormhole-transfer:4-x?role", "damaged");
  assert_refused ("wormhole-transfer:4-x?role=%zz", "damaged");
  assert_refused ("wormhole-transfer:4-x?ro%00le=leader", "damaged");
}

static void
assert_bad_code (const char *text)
{
  g_autofree char *code = NULL;
  g_autofree char *rendezvous = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (pst_invite_parse (text, &code, &rendezvous, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_BAD_CODE);
}

/* A link or a code names a number, words and a server, and nothing else: what
 * looks like a path is refused wherever it stands, but for words, which are never
 * more than a secret. */
static void
test_traversal (void)
{
  static const char *const fields[] = { "filename", "path", "output", "dir", "rendezvous" };
  const char *name;
  gsize n_bytes;

  for (guint i = 0; (name = traversal_get_refused (i, &n_bytes)) != NULL; i++)
    {
      g_autofree char *escaped = g_uri_escape_bytes ((const guint8 *) name, n_bytes, NULL);
      g_autofree char *link = g_strconcat ("wormhole-transfer:", escaped, NULL);
      g_autofree char *nameplate = g_strconcat ("wormhole-transfer:", escaped, "-words", NULL);
      g_autofree char *behind = g_strconcat ("wormhole-transfer:4", escaped, "-words", NULL);

      assert_bad_code (name);
      assert_bad_code (link);
      assert_bad_code (nameplate);
      if (n_bytes > 0)
        assert_bad_code (behind);
      for (guint k = 0; k < G_N_ELEMENTS (fields); k++)
        {
          g_autofree char *field = g_strdup_printf ("wormhole-transfer:4-x?%s=%s", fields[k],
                                                    escaped);

          assert_bad_code (field);
        }
    }
  assert_bad_code ("wormhole-transfer:4-x?rendezvous=file%3A%2F%2F%2Fetc%2Fpasswd");
  assert_parses ("wormhole-transfer:4-..%2F..%2Fx", "4-../../x", NULL);
}

static void
test_round_trip (void)
{
  g_autofree char *odd_uri = pst_invite_to_uri ("4-a#b?c%20-\U0001F648", NULL);
  g_autofree char *code = pst_code_make ("0412", 3);
  g_autofree char *uri = pst_invite_to_uri (code, "ws://192.0.2.7:4000/v1");

  assert_parses (uri, code, "ws://192.0.2.7:4000");
  assert_parses (odd_uri, "4-a#b?c%20-\U0001F648", NULL);
}

static void
assert_line (const char *line, glong modules)
{
  const char *start = "\033[38;5;16;48;5;231m";
  const char *end = "\033[0m";
  const char *cells = line + strlen (start);

  g_assert_true (g_str_has_prefix (line, start));
  g_assert_true (g_str_has_suffix (line, end));
  g_assert_cmpint (g_utf8_strlen (cells, strlen (cells) - strlen (end)), ==, modules);
  g_assert_true (strncmp (cells, "    ", 4) == 0);
}

/* A short link is a symbol of 25 modules and 4 at each side; the darkness of
 * each module is the scanning test's matter. */
static void
test_qr_shape (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = pst_invite_to_terminal_qr ("wormhole-transfer:4-x", &error);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (lines) - 1;

  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, (25 + 2 * 4 + 1) / 2);
  g_assert_cmpstr (lines[n], ==, "");
  for (guint i = 0; i < n; i++)
    assert_line (lines[i], 25 + 2 * 4);
  g_assert_null (strpbrk (lines[0] + strlen ("\033[38;5;16;48;5;231m"), "\xe2"));
  g_assert_null (strpbrk (lines[1] + strlen ("\033[38;5;16;48;5;231m"), "\xe2"));
  g_assert_nonnull (strpbrk (lines[2], "\xe2"));
}

static gboolean
is_dark (GBytes *modules, guint width, guint x, guint y)
{
  const guint8 *data = g_bytes_get_data (modules, NULL);

  g_assert_cmpuint (data[y * width + x], <=, 1);
  return data[y * width + x] == 1;
}

/* The three finder patterns stand in their corners, and nowhere else. */
static void
assert_finder (GBytes *modules, guint width, guint left, guint top, gboolean there)
{
  static const char *const rows[] = { "#######", "#     #", "# ### #", "# ### #",
                                      "# ### #", "#     #", "#######" };
  gboolean found = TRUE;

  for (guint y = 0; y < 7; y++)
    for (guint x = 0; x < 7; x++)
      found = found && is_dark (modules, width, left + x, top + y) == (rows[y][x] == '#');
  g_assert_true (found == there);
}

static void
test_qr_modules (void)
{
  g_autoptr (GError) error = NULL;
  guint width = 0;
  g_autoptr (GBytes) modules = pst_invite_to_qr_modules ("wormhole-transfer:4-x", &width, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (width, ==, 25);
  g_assert_cmpuint (g_bytes_get_size (modules), ==, width * width);
  assert_finder (modules, width, 0, 0, TRUE);
  assert_finder (modules, width, width - 7, 0, TRUE);
  assert_finder (modules, width, 0, width - 7, TRUE);
  assert_finder (modules, width, width - 7, width - 7, FALSE);
}

/* The picture in the window is the one in the terminal. */
static void
test_qr_same (void)
{
  static const char *const blocks[] = { " ", "▀", "▄", "█" };
  const char *uri = "wormhole-transfer:0412-adroitness-aardvark-yucatan";
  guint width = 0;
  g_autoptr (GBytes) modules = pst_invite_to_qr_modules (uri, &width, NULL);
  g_autofree char *text = pst_invite_to_terminal_qr (uri, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint y = 0; y + 1 < width; y += 2)
    {
      const char *p = g_utf8_offset_to_pointer (lines[(y + 4) / 2],
                                                4 + strlen ("\033[38;5;16;48;5;231m"));

      for (guint x = 0; x < width; x++, p = g_utf8_next_char (p))
        g_assert_true (g_str_has_prefix (
            p, blocks[is_dark (modules, width, x, y) + 2 * is_dark (modules, width, x, y + 1)]));
    }
}

/* The longest of all fit with the weaker correction alone. */
static void
test_qr_longest (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (2953, 'x');
  guint width = 0;
  g_autoptr (GBytes) modules = pst_invite_to_qr_modules (text, &width, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (width, ==, 177);
  g_assert_cmpuint (g_bytes_get_size (modules), ==, width * width);
}

static void
test_qr_too_long (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (3000, 'x');
  guint width = 0;

  g_assert_null (pst_invite_to_terminal_qr (text, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_null (pst_invite_to_qr_modules (text, &width, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/invite/to-uri", test_to_uri);
  g_test_add_func ("/invite/to-uri-path", test_to_uri_path);
  g_test_add_func ("/invite/parse", test_parse);
  g_test_add_func ("/invite/parse-fields", test_parse_fields);
  g_test_add_func ("/invite/parse-servers", test_parse_servers);
  g_test_add_func ("/invite/refused-servers", test_refused_servers);
  g_test_add_func ("/invite/refusals", test_refusals);
  g_test_add_func ("/invite/refused-fields", test_refused_fields);
  g_test_add_func ("/threats/10-traversal/invite", test_traversal);
  g_test_add_func ("/invite/round-trip", test_round_trip);
  g_test_add_func ("/invite/qr-shape", test_qr_shape);
  g_test_add_func ("/invite/qr-modules", test_qr_modules);
  g_test_add_func ("/invite/qr-same", test_qr_same);
  g_test_add_func ("/invite/qr-longest", test_qr_longest);
  g_test_add_func ("/invite/qr-too-long", test_qr_too_long);
  return g_test_run ();
}
