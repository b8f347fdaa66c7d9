/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serves mailboxes on every address, and lies, until standard input ends:
 *
 *     run-false-mailbox [TRICK ABOUT [always]]
 *
 * Prints its port. What to lie about stands in false-mailbox.h. */
#include "false-mailbox.h"

static gboolean
on_input (GIOChannel *channel, GIOCondition condition, gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static Trick
find_trick (const char *name)
{
  for (guint i = 0; i < N_TRICKS; i++)
    if (g_strcmp0 (false_mailbox_tricks[i], name) == 0)
      return i;

  g_error ("no such trick: %s", name);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (PstRendezvous) server = pst_rendezvous_new ();
  g_autoptr (FalseMailbox) mailbox = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  if (!pst_rendezvous_listen (server, loopback, 0, &error))
    g_error ("%s", error->message);

  url = g_strdup_printf ("ws://127.0.0.1:%u/v1", pst_rendezvous_get_port (server));
  mailbox = false_mailbox_new (url, find_trick (argc > 1 ? argv[1] : NULL),
                               argc > 2 ? argv[2] : NULL, argc > 3);
  g_print ("port %s\n", strrchr (false_mailbox_get_url (mailbox), ':') + 1);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input, loop);
  g_main_loop_run (loop);
  return 0;
}
