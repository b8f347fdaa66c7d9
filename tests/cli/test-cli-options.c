/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-options.h"

#include "pst-cli-text.h"
#include "pst-cli-values.h"
#include "pst-error.h"

static PstCliOptions *
parse (const char *line, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);

  return pst_cli_options_parse ((const char *const *) words, error);
}

static PstCliOptions *
parse_ok (const char *line)
{
  g_autoptr (GError) error = NULL;
  PstCliOptions *options = parse (line, &error);

  g_assert_no_error (error);
  g_assert_nonnull (options);
  return options;
}

static const struct
{
  const char *line;
  const char *part; /* of the sentence */
} bad[] = {
  { "p", "Say what to do" },
  { "p fetch", "send, receive, serve, devices or leftovers" },
  { "p --json send a", "The first word" },
  { "p send", "at least one" },
  { "p send --nonsense a", "--nonsense" },
  { "p send --code", "--code" },
  { "p send --server wss://example.org/v1 --nearby a", "not both" },
  { "p send --server http://example.org a", "ws://" },
  { "p send --server example.org a", "ws://" },
  { "p send --server ws:// a", "ws://" },
  { "p send --stun example.org a", "stun://" },
  { "p send --stun turn://example.org a", "stun://" },
  { "p send --turn turn://example.org a", "turn://USER:PASSWORD" },
  { "p send --turn turn://user@example.org a", "turn://USER:PASSWORD" },
  { "p send --turn turns://c:d@two:443 a", "turn://" },
  { "p send --turn turn://c:d@two?transport=tls a", "transport=tcp" },
  { "p send --stun stun://example.org/path a", "stun://" },
  { "p send --server ws://user@example.org a", "ws://" },
  { "p send --relay-only a", "--turn" },
  { "p send --limit 0 a", "rate" },
  { "p send --limit fast a", "rate" },
  { "p send --limit 5kB a", "rate" },
  { "p send --limit -5k a", "rate" },
  { "p send --limit 1.2.3M a", "rate" },
  { "p send --limit inf a", "rate" },
  { "p send --limit 0x10 a", "rate" },
  { "p send --limit 99999999999G a", "rate" },
  { "p send --wait 0 a", "time to wait" },
  { "p send --wait -5m a", "time to wait" },
  { "p send --wait 5x a", "time to wait" },
  { "p send --wait m a", "time to wait" },
  { "p send --wait 1.5h a", "time to wait" },
  { "p send --wait 721h a", "time to wait" },
  { "p send --wait 99999999999999999999s a", "time to wait" },
  { "p send --words 1 a", "from 2 to 16" },
  { "p send --words 17 a", "from 2 to 16" },
  { "p send --words three a", "from 2 to 16" },
  { "p send --words 3 --code 7-a-b a", "not both" },
  { "p send --json --quiet a", "not both" },
  { "p send --to ann --code 7-a-b a", "needs no code" },
  { "p send --to ann --words 4 a", "needs no code" },
  { "p send --to ann --remember a", "remembered already" },
  { "p send --remember-as a\\b a", "cannot be the name" },
  { "p receive --from ann 7-a-b", "needs no code" },
  { "p receive --from ann --remember-as b", "remembered already" },
  { "p receive --to ann", "--to" },
  { "p devices list", "rename, forget or accept" },
  { "p devices rename ann", "the old name and the new" },
  { "p devices rename ann bert carl", "the old name and the new" },
  { "p devices rename ann a\nb", "cannot be the name" },
  { "p devices forget", "one device" },
  { "p devices accept ann", "on or off" },
  { "p devices accept ann yes", "on or off" },
  { "p devices --server wss://example.org", "--server" },
  { "p send --yes a", "--yes" },
  { "p send --output . a", "--output" },
  { "p receive 7-a-b 8-c-d", "one code" },
  { "p receive --code 7-a-b 7-a-b", "once" },
  { "p receive --code= --yes", "empty" },
  { "p receive --output= 7-a-b", "empty" },
  { "p receive --words 3", "--words" },
  { "p receive --port 3", "--port" },
  { "p leftovers extra", "no arguments" },
  { "p leftovers --nearby", "--nearby" },
  { "p serve extra", "no arguments" },
  { "p serve --port 65536", "from 0 to 65535" },
  { "p serve --port x", "from 0 to 65535" },
  { "p serve --address example.org", "IP address" },
  { "p serve --nearby", "--nearby" },
  { "p serve --verify", "--verify" },
};

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PstCliOptions) options = parse (bad[i].line, &error);

      g_test_message ("%s", bad[i].line);
      g_assert_null (options);
      g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
      g_assert_cmpint (pst_cli_text_exit_for (error), ==, PST_CLI_EXIT_USAGE);
      g_assert_nonnull (strstr (error->message, bad[i].part));
      g_assert_true (g_str_has_suffix (error->message, "."));
      g_assert_null (strchr (error->message, '\n'));
    }
}

static void
test_password_stays_secret (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PstCliOptions) options = parse ("p send --turn http://u:secret@host a", &error);

  g_assert_null (options);
  g_assert_null (strstr (error->message, "secret"));
}

static void
test_not_utf8 (void)
{
  const char *const argv[] = { "p", "receive", "7-\xff-b", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (PstCliOptions) options = pst_cli_options_parse (argv, &error);

  g_assert_null (options);
  g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
}

static void
test_send (void)
{
  g_autoptr (PstCliOptions) options = parse_ok (
      "p send --server wss://example.org/v1 --stun stun://s.example:3478 "
      "--turn turn://a:b@one --turn turn://c:d@two:443?transport=tcp --relay-only --limit 2.5M "
      "--words 4 --verify --json one -- --two");

  g_assert_cmpint (options->command, ==, PST_CLI_COMMAND_SEND);
  g_assert_cmpstr (options->server_url, ==, "wss://example.org/v1");
  g_assert_cmpstr (options->stun_server, ==, "stun://s.example:3478");
  g_assert_cmpuint (g_strv_length (options->turn_servers), ==, 2);
  g_assert_cmpstr (options->turn_servers[1], ==, "turn://c:d@two:443?transport=tcp");
  g_assert_true (options->relay_only);
  g_assert_cmpuint (options->limit_bps, ==, 2500000);
  g_assert_cmpuint (options->n_words, ==, 4);
  g_assert_true (options->verify);
  g_assert_true (options->json);
  g_assert_false (options->quiet);
  g_assert_cmpuint (g_strv_length (options->paths), ==, 2);
  g_assert_cmpstr (options->paths[0], ==, "one");
  g_assert_cmpstr (options->paths[1], ==, "--two");
}

static void
test_receive (void)
{
  g_autoptr (PstCliOptions) plain = parse_ok ("p receive");
  g_autoptr (PstCliOptions) full = parse_ok ("p receive -y -q -o /tmp --nearby 7-a-b");
  g_autoptr (PstCliOptions) named = parse_ok ("p receive --code 7-a-b");

  g_assert_null (plain->code);
  g_assert_null (plain->server_url);
  g_assert_cmpstr (plain->output_dir, ==, ".");
  g_assert_false (plain->yes || plain->verify);
  g_assert_cmpstr (full->code, ==, "7-a-b");
  g_assert_cmpstr (full->output_dir, ==, "/tmp");
  g_assert_true (full->yes && full->quiet);
  g_assert_cmpstr (named->code, ==, "7-a-b");
}

static void
test_serve (void)
{
  g_autoptr (PstCliOptions) plain = parse_ok ("p serve");
  g_autoptr (PstCliOptions) full = parse_ok ("p serve --address ::1 --port 0");

  g_assert_cmpuint (plain->port, ==, PST_CLI_DEFAULT_PORT);
  g_assert_null (plain->address);
  g_assert_cmpuint (full->port, ==, 0);
  g_assert_true (g_inet_address_get_is_loopback (full->address));
}

static void
test_help (void)
{
  static const char *const lines[] = {
    "p --help",       "p -h",        "p send --help",    "p receive -h",
    "p serve --help", "p --version", "p send --version",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (PstCliOptions) options = parse_ok (lines[i]);

      g_assert_cmpint (options->command, ==, PST_CLI_COMMAND_HELP);
      g_assert_nonnull (strstr (options->text, "penstock-cli"));
      g_assert_true (g_str_has_suffix (options->text, "\n"));
    }
}

static void
test_help_names_the_command (void)
{
  g_autoptr (PstCliOptions) options = parse_ok ("p receive --help");

  g_assert_nonnull (strstr (options->text, "penstock-cli receive [OPTION"));
  g_assert_nonnull (strstr (options->text, "--yes"));
  g_assert_null (strstr (options->text, "--words"));
}

static void
test_rates (void)
{
  static const struct
  {
    const char *text;
    guint64 rate_bps;
  } rates[] = {
    { "1", 1 },         { "800000", 800000 }, { "500k", 500000 },
    { "500K", 500000 }, { "2M", 2000000 },    { ".5M", 500000 },
    { "1.5k", 1500 },   { "3G", 3000000000 }, { "1000000G", 1000000000000000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      guint64 rate_bps = 0;

      g_assert_true (pst_cli_value_parse_rate (rates[i].text, &rate_bps, NULL));
      g_assert_cmpuint (rate_bps, ==, rates[i].rate_bps);
    }
}

static void
test_waits (void)
{
  static const struct
  {
    const char *text;
    guint wait_s;
  } waits[] = {
    { "1", 1 },     { "90s", 90 },       { "10m", 600 },
    { "2h", 7200 }, { "720h", 2592000 }, { "forever", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      g_autofree char *line = g_strconcat ("p receive --wait ", waits[i].text, NULL);
      g_autoptr (PstCliOptions) options = parse_ok (line);

      g_assert_cmpuint (options->wait_s, ==, waits[i].wait_s);
    }
}

static void
test_no_wait (void)
{
  g_autoptr (PstCliOptions) options = parse_ok ("p send a");

  g_assert_cmpuint (options->wait_s, ==, PST_CLI_WAIT_UNSET);
}

static void
test_devices (void)
{
  g_autoptr (PstCliOptions) list = parse_ok ("p devices --json");
  g_autoptr (PstCliOptions) rename = parse_ok ("p devices rename ann bert");
  g_autoptr (PstCliOptions) forget = parse_ok ("p devices forget ann");
  g_autoptr (PstCliOptions) accept = parse_ok ("p devices accept ann off");

  g_assert_cmpint (list->command, ==, PST_CLI_COMMAND_DEVICES);
  g_assert_cmpint (list->action, ==, PST_CLI_DEVICES_LIST);
  g_assert_true (list->json);
  g_assert_cmpint (rename->action, ==, PST_CLI_DEVICES_RENAME);
  g_assert_cmpstr (rename->device, ==, "ann");
  g_assert_cmpstr (rename->value, ==, "bert");
  g_assert_cmpint (forget->action, ==, PST_CLI_DEVICES_FORGET);
  g_assert_cmpstr (forget->device, ==, "ann");
  g_assert_cmpint (accept->action, ==, PST_CLI_DEVICES_ACCEPT);
  g_assert_cmpstr (accept->value, ==, "off");
}

static void
test_remember (void)
{
  g_autoptr (PstCliOptions) plain = parse_ok ("p send --remember a");
  g_autoptr (PstCliOptions) named = parse_ok ("p receive --remember-as laptop 7-a-b");
  g_autoptr (PstCliOptions) to = parse_ok ("p send --to laptop a");
  g_autoptr (PstCliOptions) from = parse_ok ("p receive --from laptop");

  g_assert_true (plain->remember);
  g_assert_null (plain->remember_as);
  g_assert_true (named->remember);
  g_assert_cmpstr (named->remember_as, ==, "laptop");
  g_assert_cmpstr (to->device, ==, "laptop");
  g_assert_cmpstr (from->device, ==, "laptop");
  g_assert_false (from->remember);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/options/bad", test_bad);
  g_test_add_func ("/cli/options/password-stays-secret", test_password_stays_secret);
  g_test_add_func ("/cli/options/not-utf8", test_not_utf8);
  g_test_add_func ("/cli/options/send", test_send);
  g_test_add_func ("/cli/options/receive", test_receive);
  g_test_add_func ("/cli/options/serve", test_serve);
  g_test_add_func ("/cli/options/help", test_help);
  g_test_add_func ("/cli/options/help-names-the-command", test_help_names_the_command);
  g_test_add_func ("/cli/options/rates", test_rates);
  g_test_add_func ("/cli/options/waits", test_waits);
  g_test_add_func ("/cli/options/no-wait", test_no_wait);
  g_test_add_func ("/cli/options/devices", test_devices);
  g_test_add_func ("/cli/options/remember", test_remember);
  return g_test_run ();
}
