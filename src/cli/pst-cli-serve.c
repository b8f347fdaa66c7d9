/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-commands.h"

#include <glib-unix.h>
#include <string.h>

#include "pst-beacon.h"
#include "pst-rendezvous.h"

static char *
make_url (const char *host, guint16 port)
{
  gboolean is_ipv6 = strchr (host, ':') != NULL;

  return g_strdup_printf (is_ipv6 ? "ws://[%s]:%u/v1" : "ws://%s:%u/v1", host, port);
}

static void
add_own_addresses (GStrvBuilder *urls, guint16 port)
{
  g_autolist (GInetAddress) addresses = pst_beacon_list_addresses ();

  for (GList *l = addresses; l != NULL; l = l->next)
    {
      g_autofree char *host = g_inet_address_to_string (l->data);
      g_autofree char *url = make_url (host, port);

      g_strv_builder_add (urls, url);
    }
}

static GStrv
list_urls (GInetAddress *address, guint16 port)
{
  g_autoptr (GStrvBuilder) urls = g_strv_builder_new ();
  g_autofree char *host = NULL;
  g_autofree char *url = NULL;

  if (address == NULL || g_inet_address_get_is_any (address))
    {
      add_own_addresses (urls, port);
      host = g_strdup ("localhost");
    }
  else
    host = g_inet_address_to_string (address);

  url = make_url (host, port);
  g_strv_builder_add (urls, url);
  return g_strv_builder_end (urls);
}

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static void
run_until_signal (void)
{
  static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint ids[G_N_ELEMENTS (ending_signals)];

  for (guint i = 0; i < G_N_ELEMENTS (ending_signals); i++)
    ids[i] = g_unix_signal_add (ending_signals[i], on_signal, loop);
  g_main_loop_run (loop);
  for (guint i = 0; i < G_N_ELEMENTS (ending_signals); i++)
    g_source_remove (ids[i]);
}

/**
 * pst_cli_serve:
 * @options: the command line, of `serve`
 * @output: who is told where the server is
 *
 * Runs the rendezvous server until a signal ends it.
 *
 * Returns: the exit status
 */
int
pst_cli_serve (const PstCliOptions *options, PstCliOutput *output)
{
  g_autoptr (PstRendezvous) rendezvous = pst_rendezvous_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) urls = NULL;

  if (!pst_rendezvous_listen (rendezvous, options->address, options->port, &error))
    return pst_cli_refuse (output, error);

  urls = list_urls (options->address, pst_rendezvous_get_port (rendezvous));
  pst_cli_output_serving (output, (const char *const *) urls);
  run_until_signal ();

  pst_rendezvous_stop (rendezvous);
  pst_cli_output_closed (output, 0);
  return 0;
}
