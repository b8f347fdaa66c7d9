/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serves mailboxes on 127.0.0.1 and prints the port, until standard input ends. */
#include "pst-rendezvous.h"

static gboolean
on_input (GIOChannel *channel, GIOCondition condition, gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (PstRendezvous) server = pst_rendezvous_new ();
  g_autoptr (GError) error = NULL;

  if (!pst_rendezvous_listen (server, loopback, 0, &error))
    g_error ("%s", error->message);

  g_print ("%u\n", pst_rendezvous_get_port (server));
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input, loop);
  g_main_loop_run (loop);
  return 0;
}
