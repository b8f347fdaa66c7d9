/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-options.h"

#include "pst-cli-values.h"
#include "pst-device.h"
#include "pst-error.h"

static const char overview[]
    = "Usage:\n"
      "  penstock-cli send PATH…             send files and folders\n"
      "  penstock-cli receive [CODE|LINK]    receive what someone sends\n"
      "  penstock-cli serve                  help others find each other\n"
      "  penstock-cli devices                list, rename or forget remembered devices\n"
      "  penstock-cli leftovers              list what did not arrive completely\n"
      "\n"
      "Each command explains its options with --help. The manual page,\n"
      "penstock-cli(1), tells the rest.\n";

static const struct
{
  const char *name;
  PstCliCommand command;
  const char *arguments;
  const char *summary;
} commands[] = {
  { "send", PST_CLI_COMMAND_SEND, "PATH…",
    "Sends files and folders straight to another machine. It shows a code that\n"
    "the other person enters." },
  { "receive", PST_CLI_COMMAND_RECEIVE, "[CODE|LINK]",
    "Receives what another person sends. Without a code or link it asks for\n"
    "one, or reads it from standard input." },
  { "serve", PST_CLI_COMMAND_SERVE, "",
    "Runs the rendezvous server through which others find each other. It never\n"
    "sees their codes or files." },
  { "devices", PST_CLI_COMMAND_DEVICES, "[rename OLD NEW | forget NAME | accept NAME on|off]",
    "Lists the devices that are remembered, renames or forgets one, or says whether\n"
    "what it sends is accepted without asking." },
  { "leftovers", PST_CLI_COMMAND_LEFTOVERS, "",
    "Lists transfers that were received in part only. When the same things are\n"
    "sent again into the same folder, they go on from there." },
};

/* What GOption fills in, before it is checked. */
typedef struct
{
  gboolean help, version, json, quiet, nearby, relay_only, stock, verify, yes, remember;
  char *device, *remember_as, *server, *stun, *limit, *wait, *code, *output, *words, *address,
      *port, *discard;
  GStrv turn, rest;
} Raw;

static void
raw_clear (Raw *raw)
{
  char *strings[] = { raw->device, raw->remember_as, raw->server, raw->stun,
                      raw->limit,  raw->wait,        raw->code,   raw->output,
                      raw->words,  raw->address,     raw->port,   raw->discard };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (strings[i]);
  g_strfreev (raw->turn);
  g_strfreev (raw->rest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Raw, raw_clear)

static void
add_common_entries (GOptionContext *context, Raw *raw)
{
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &raw->json, "Write one JSON object a line", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &raw->quiet, "Write only what is needed", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &raw->help, "Show this help", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &raw->version, "Show the version", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &raw->rest, NULL, NULL },
    { NULL }
  };

  g_option_context_add_main_entries (context, entries, NULL);
}

static void
add_connection_entries (GOptionContext *context, Raw *raw)
{
  const GOptionEntry entries[] = {
    { "server", 0, 0, G_OPTION_ARG_STRING, &raw->server,
      "Meet through this mailbox server (ws:// or wss://)", "URL" },
    { "nearby", 0, 0, G_OPTION_ARG_NONE, &raw->nearby, "Meet on this network only (the default)",
      NULL },
    { "code", 0, 0, G_OPTION_ARG_STRING, &raw->code, "Use this code", "CODE" },
    { "verify", 0, 0, G_OPTION_ARG_NONE, &raw->verify,
      "Have six words compared with the other person first", NULL },
    { "remember", 0, 0, G_OPTION_ARG_NONE, &raw->remember,
      "Offer to remember each other: next time no code is needed", NULL },
    { "remember-as", 0, 0, G_OPTION_ARG_STRING, &raw->remember_as,
      "The same, and call the other device so here", "NAME" },
    { "limit", 0, 0, G_OPTION_ARG_STRING, &raw->limit,
      "Send at most this many bytes a second: 800000, 500k, 2.5M", "RATE" },
    { "wait", 0, 0, G_OPTION_ARG_STRING, &raw->wait,
      "Look for a lost connection so long: 90s, 10m, 2h, forever\n"
      "(default: forever on a terminal, else 10m)",
      "TIME" },
    { "relay-only", 0, 0, G_OPTION_ARG_NONE, &raw->relay_only, "Connect through a TURN server only",
      NULL },
    { "stock", 0, 0, G_OPTION_ARG_NONE, &raw->stock,
      "Use GStreamer's own data channel, which is slower", NULL },
    { "stun", 0, 0, G_OPTION_ARG_STRING, &raw->stun, "Use stun://HOST:PORT", "URL" },
    { "turn", 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw->turn,
      "Use turn://USER:PASSWORD@HOST:PORT; may be repeated", "URL" },
    { NULL }
  };

  g_option_context_add_main_entries (context, entries, NULL);
}

static void
add_own_entries (GOptionContext *context, PstCliCommand command, Raw *raw)
{
  const GOptionEntry send[] = { { "to", 0, 0, G_OPTION_ARG_STRING, &raw->device,
                                  "Send to this remembered device, without a code", "NAME" },
                                { "words", 0, 0, G_OPTION_ARG_STRING, &raw->words,
                                  "Make a code of N words", "N" },
                                { NULL } };
  const GOptionEntry receive[] = {
    { "from", 0, 0, G_OPTION_ARG_STRING, &raw->device,
      "Receive from this remembered device, without a code", "NAME" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &raw->output,
      "Write into this folder instead of the current one", "DIR" },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &raw->yes, "Accept without asking", NULL },
    { NULL }
  };
  const GOptionEntry serve[] = { { "address", 0, 0, G_OPTION_ARG_STRING, &raw->address,
                                   "Listen on this IP address only", "ADDRESS" },
                                 { "port", 0, 0, G_OPTION_ARG_STRING, &raw->port,
                                   "Listen on this port (default: 4000; 0 for any)", "N" },
                                 { NULL } };
  const GOptionEntry devices[] = { { NULL } };
  const GOptionEntry leftovers[] = { { "discard", 0, 0, G_OPTION_ARG_STRING, &raw->discard,
                                       "Remove what came of this one, or of all of them",
                                       "ID|all" },
                                     { NULL } };
  const GOptionEntry *const own[] = { [PST_CLI_COMMAND_SEND] = send,
                                      [PST_CLI_COMMAND_RECEIVE] = receive,
                                      [PST_CLI_COMMAND_SERVE] = serve,
                                      [PST_CLI_COMMAND_DEVICES] = devices,
                                      [PST_CLI_COMMAND_LEFTOVERS] = leftovers };

  g_option_context_add_main_entries (context, own[command], NULL);
}

/* GOption names the program alone in its usage line; the command belongs there. */
static char *
make_help (GOptionContext *context, const char *command_name)
{
  g_autofree char *before = g_strdup (g_get_prgname ());
  g_autofree char *program = g_strconcat ("penstock-cli ", command_name, NULL);
  char *help;

  g_set_prgname (program);
  help = g_option_context_get_help (context, TRUE, NULL);
  g_set_prgname (before != NULL ? before : "penstock-cli");
  return help;
}

static gboolean
check_servers (PstCliOptions *self, Raw *raw, GError **error)
{
  if (raw->server != NULL && raw->nearby)
    return pst_cli_value_refuse (error, "Use either --server or --nearby, not both.");
  if (raw->server != NULL && !pst_cli_value_check_server (raw->server, error))
    return FALSE;
  if (raw->stun != NULL && !pst_cli_value_check_stun (raw->stun, error))
    return FALSE;
  for (guint i = 0; raw->turn != NULL && raw->turn[i] != NULL; i++)
    if (!pst_cli_value_check_turn (raw->turn[i], error))
      return FALSE;
  if (raw->relay_only && raw->turn == NULL)
    return pst_cli_value_refuse (error, "--relay-only needs a TURN server: add --turn URL.");

  self->server_url = g_steal_pointer (&raw->server);
  self->stun_server = g_steal_pointer (&raw->stun);
  self->turn_servers = g_steal_pointer (&raw->turn);
  self->relay_only = raw->relay_only;
  self->stock = raw->stock;
  return TRUE;
}

static gboolean
check_code (PstCliOptions *self, Raw *raw, GError **error)
{
  if (raw->code == NULL)
    return TRUE;
  if (*raw->code == '\0')
    return pst_cli_value_refuse (error, "The code is empty.");

  self->code = g_steal_pointer (&raw->code);
  return TRUE;
}

static gboolean
check_device (PstCliOptions *self, Raw *raw, GError **error)
{
  gboolean is_remembering = raw->remember || raw->remember_as != NULL;

  if (raw->device != NULL && (raw->code != NULL || raw->words != NULL))
    return pst_cli_value_refuse (error, "A remembered device needs no code.");
  if (raw->device != NULL && is_remembering)
    return pst_cli_value_refuse (error, "This device is remembered already.");
  if (raw->remember_as != NULL && !pst_device_check_name (raw->remember_as, error))
    return FALSE;

  self->device = g_steal_pointer (&raw->device);
  self->remember = is_remembering;
  self->remember_as = g_steal_pointer (&raw->remember_as);
  return TRUE;
}

static gboolean
check_send (PstCliOptions *self, Raw *raw, GError **error)
{
  guint64 n_words = 0;

  if (raw->rest == NULL)
    return pst_cli_value_refuse (error, "Name at least one file or folder to send.");
  if (raw->words != NULL && raw->code != NULL)
    return pst_cli_value_refuse (error, "Use either --words or --code, not both.");
  if (raw->words != NULL
      && !pst_cli_value_parse_number (raw->words, PST_CLI_MIN_WORDS, PST_CLI_MAX_WORDS, "--words",
                                      &n_words, error))
    return FALSE;

  self->n_words = n_words;
  self->paths = g_steal_pointer (&raw->rest);
  return check_device (self, raw, error) && check_code (self, raw, error);
}

static gboolean
check_receive (PstCliOptions *self, Raw *raw, GError **error)
{
  if (raw->rest != NULL && raw->code != NULL)
    return pst_cli_value_refuse (error, "Give the code once: either with --code or by itself.");
  if (raw->rest != NULL && raw->rest[1] != NULL)
    return pst_cli_value_refuse (error, "Give one code; its words are joined by dashes.");
  if (raw->rest != NULL && !g_utf8_validate (raw->rest[0], -1, NULL))
    return pst_cli_value_refuse (error, "The code is not readable text.");
  if (raw->output != NULL && *raw->output == '\0')
    return pst_cli_value_refuse (error, "The folder given with --output is empty.");

  if (raw->rest != NULL)
    raw->code = g_strdup (raw->rest[0]);
  self->output_dir = raw->output != NULL ? g_steal_pointer (&raw->output) : g_strdup (".");
  self->yes = raw->yes;
  return check_device (self, raw, error) && check_code (self, raw, error);
}

static gboolean
check_serve (PstCliOptions *self, Raw *raw, GError **error)
{
  guint64 port = PST_CLI_DEFAULT_PORT;

  if (raw->rest != NULL)
    return pst_cli_value_refuse (error, "serve takes no arguments.");
  if (raw->port != NULL
      && !pst_cli_value_parse_number (raw->port, 0, G_MAXUINT16, "--port", &port, error))
    return FALSE;
  if (raw->address != NULL)
    {
      self->address = g_inet_address_new_from_string (raw->address);
      if (self->address == NULL)
        return pst_cli_value_refuse (error, "--address takes an IP address of this machine.");
    }

  self->port = port;
  return TRUE;
}

/* What the words behind `devices` are, by their number. */
static gboolean
check_devices (PstCliOptions *self, Raw *raw, GError **error)
{
  static const struct
  {
    const char *name;
    PstCliDevicesAction action;
    guint n_words;
    const char *usage;
  } actions[] = {
    { "rename", PST_CLI_DEVICES_RENAME, 3, "rename takes the old name and the new one." },
    { "forget", PST_CLI_DEVICES_FORGET, 2, "forget takes the name of one device." },
    { "accept", PST_CLI_DEVICES_ACCEPT, 3, "accept takes the name of a device, and on or off." },
  };
  guint n_words = raw->rest != NULL ? g_strv_length (raw->rest) : 0;

  for (guint i = 0; i < n_words; i++)
    if (!g_utf8_validate (raw->rest[i], -1, NULL))
      return pst_cli_value_refuse (error, "The name is not readable text.");
  for (guint i = 0; n_words > 0 && i < G_N_ELEMENTS (actions); i++)
    {
      if (!g_str_equal (raw->rest[0], actions[i].name))
        continue;
      if (n_words != actions[i].n_words)
        return pst_cli_value_refuse (error, actions[i].usage);

      self->action = actions[i].action;
      self->device = g_strdup (raw->rest[1]);
      self->value = g_strdup (raw->rest[2]);
    }
  if (n_words > 0 && self->action == PST_CLI_DEVICES_LIST)
    return pst_cli_value_refuse (error,
                                 "devices is followed by nothing, rename, forget or accept.");
  if (self->action == PST_CLI_DEVICES_ACCEPT && !g_str_equal (self->value, "on")
      && !g_str_equal (self->value, "off"))
    return pst_cli_value_refuse (error, actions[2].usage);

  return self->action != PST_CLI_DEVICES_RENAME || pst_device_check_name (self->value, error);
}

static gboolean
check_leftovers (PstCliOptions *self, Raw *raw, GError **error)
{
  if (raw->rest != NULL)
    return pst_cli_value_refuse (error, "leftovers takes no arguments.");

  self->discard = g_steal_pointer (&raw->discard);
  return TRUE;
}

static gboolean
check (PstCliOptions *self, Raw *raw, GError **error)
{
  if (raw->json && raw->quiet)
    return pst_cli_value_refuse (error, "Use either --json or --quiet, not both.");

  self->json = raw->json;
  self->quiet = raw->quiet;
  if (self->command == PST_CLI_COMMAND_SERVE)
    return check_serve (self, raw, error);
  if (self->command == PST_CLI_COMMAND_DEVICES)
    return check_devices (self, raw, error);
  if (self->command == PST_CLI_COMMAND_LEFTOVERS)
    return check_leftovers (self, raw, error);
  if (!check_servers (self, raw, error))
    return FALSE;
  self->wait_s = PST_CLI_WAIT_UNSET;
  if (raw->wait != NULL && !pst_cli_value_parse_wait (raw->wait, &self->wait_s, error))
    return FALSE;
  self->verify = raw->verify;
  if (raw->limit != NULL && !pst_cli_value_parse_rate (raw->limit, &self->limit_bps, error))
    return FALSE;

  return self->command == PST_CLI_COMMAND_SEND ? check_send (self, raw, error)
                                               : check_receive (self, raw, error);
}

static gboolean
parse_words (GOptionContext *context, const char *const *argv, GError **error)
{
  g_auto (GStrv) words = g_strdupv ((char **) argv);
  g_autoptr (GError) local = NULL;

  if (g_option_context_parse_strv (context, &words, &local))
    return TRUE;

  g_set_error (error, PST_ERROR, PST_ERROR_USAGE, "%s.", local->message);
  return FALSE;
}

static void
become_text (PstCliOptions *self, char *text)
{
  self->command = PST_CLI_COMMAND_HELP;
  self->text = text;
}

static gboolean
parse_command (PstCliOptions *self, guint which, const char *const *argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (commands[which].arguments);
  g_auto (Raw) raw = { 0 };

  self->command = commands[which].command;
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, commands[which].summary);
  add_own_entries (context, self->command, &raw);
  if (self->command == PST_CLI_COMMAND_SEND || self->command == PST_CLI_COMMAND_RECEIVE)
    add_connection_entries (context, &raw);
  add_common_entries (context, &raw);

  if (!parse_words (context, argv, error))
    return FALSE;
  if (raw.version)
    become_text (self, g_strdup ("penstock-cli " PST_VERSION "\n"));
  else if (raw.help)
    become_text (self, make_help (context, commands[which].name));
  else
    return check (self, &raw, error);

  return TRUE;
}

/**
 * pst_cli_options_parse:
 * @argv: (array zero-terminated=1): the command line with the program's name
 * @error: %PST_ERROR_USAGE, one sentence that says what is wrong
 *
 * Reads and checks the command line. Nothing outside of it is looked at: files,
 * folders and codes are checked by the commands.
 *
 * Returns: (transfer full) (nullable): the options
 */
PstCliOptions *
pst_cli_options_parse (const char *const *argv, GError **error)
{
  g_autoptr (PstCliOptions) self = g_new0 (PstCliOptions, 1);
  const char *name = argv[0] != NULL ? argv[1] : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_strcmp0 (name, commands[i].name) == 0)
      return parse_command (self, i, argv + 1, error) ? g_steal_pointer (&self) : NULL;

  if (g_strcmp0 (name, "--version") == 0)
    become_text (self, g_strdup ("penstock-cli " PST_VERSION "\n"));
  else if (g_strcmp0 (name, "--help") == 0 || g_strcmp0 (name, "-h") == 0)
    become_text (self, g_strdup (overview));
  else
    pst_cli_value_refuse (
        error, name == NULL ? "Say what to do: send, receive, serve, devices or leftovers."
                            : "The first word is send, receive, serve, devices or leftovers.");

  return self->text != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * pst_cli_options_free:
 * @self: (transfer full): options
 */
void
pst_cli_options_free (PstCliOptions *self)
{
  g_free (self->text);
  g_strfreev (self->paths);
  g_free (self->code);
  g_free (self->server_url);
  g_free (self->stun_server);
  g_strfreev (self->turn_servers);
  g_free (self->output_dir);
  g_free (self->device);
  g_free (self->remember_as);
  g_free (self->value);
  g_clear_object (&self->address);
  g_free (self->discard);
  g_free (self);
}
