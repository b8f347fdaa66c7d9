/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  PST_CLI_COMMAND_HELP, /* also the version: there is only a text to print */
  PST_CLI_COMMAND_SEND,
  PST_CLI_COMMAND_RECEIVE,
  PST_CLI_COMMAND_SERVE,
  PST_CLI_COMMAND_DEVICES,
  PST_CLI_COMMAND_LEFTOVERS
} PstCliCommand;

typedef enum
{
  PST_CLI_DEVICES_LIST,
  PST_CLI_DEVICES_RENAME,
  PST_CLI_DEVICES_FORGET,
  PST_CLI_DEVICES_ACCEPT
} PstCliDevicesAction;

/* A single word would be guessed at once in 256 runs; more than sixteen do not
 * fit into the longest code there may be. */
#define PST_CLI_MIN_WORDS 2
#define PST_CLI_MAX_WORDS 16

/* How long a lost connection is looked for where nobody sits at a terminal, who could
 * end it: longer than a router or a laptop takes to come back, short enough that a
 * script does not hang over night. */
#define PST_CLI_UNATTENDED_WAIT_S 600
#define PST_CLI_WAIT_UNSET        G_MAXUINT

/* Where the reference implementation of the mailbox server listens. */
#define PST_CLI_DEFAULT_PORT 4000

/**
 * PstCliOptions:
 * @command: what is to be done
 * @text: (nullable): the help or version text, for %PST_CLI_COMMAND_HELP only
 * @paths: (array zero-terminated=1): what to send; never empty for `send`
 * @code: (nullable): the code or link that was given
 * @server_url: (nullable): the mailbox server; %NULL for this network only
 * @stun_server: (nullable): `stun://HOST:PORT`
 * @turn_servers: (nullable) (array zero-terminated=1): `turn://USER:PASSWORD@HOST:PORT`
 * @relay_only: use no path but through a TURN server
 * @stock: use no element of Penstock's own below webrtcbin
 * @limit_bps: bytes a second this side sends at most; 0 for no limit
 * @wait_s: for how many seconds a lost connection is looked for; 0 for ever,
 *   %PST_CLI_WAIT_UNSET if nothing was said of it
 * @output_dir: where received files go; never %NULL for `receive`
 * @yes: accept without asking
 * @verify: have the words compared before anything is offered or accepted
 * @device: (nullable): the remembered device to send to, to receive from, or that
 *   `devices` is about
 * @remember: offer to remember each other
 * @remember_as: (nullable): what the other device is to be called here
 * @action: what `devices` does
 * @value: (nullable): the new name for `rename`; `on` or `off` for `accept`
 * @n_words: words in a code made here; 0 for the default
 * @json: write JSON lines
 * @quiet: write only what cannot be left out
 * @address: (nullable): the address `serve` listens on; %NULL for all
 * @port: the port `serve` listens on; 0 for any free one
 * @discard: (nullable): which leftover is to be discarded, or `all`
 *
 * The command line, checked. What does not belong to the command is unset.
 */
typedef struct
{
  PstCliCommand command;
  char *text;
  GStrv paths;
  char *code;
  char *server_url;
  char *stun_server;
  GStrv turn_servers;
  gboolean relay_only;
  gboolean stock;
  guint64 limit_bps;
  guint wait_s;
  char *output_dir;
  gboolean yes;
  gboolean verify;
  char *device;
  gboolean remember;
  char *remember_as;
  PstCliDevicesAction action;
  char *value;
  guint n_words;
  gboolean json;
  gboolean quiet;
  GInetAddress *address;
  guint16 port;
  char *discard;
} PstCliOptions;

PstCliOptions *pst_cli_options_parse (const char *const *argv, GError **error);
void pst_cli_options_free (PstCliOptions *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstCliOptions, pst_cli_options_free)

G_END_DECLS
