/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs once: URL host | URL join CODE. Prints `code CODE` and then `paired
 * penstock`, `paired other` or `failed NAME`; gives up after 30 s. */
#include "pst-error.h"
#include "pst-wormhole.h"

static GMainLoop *loop;
static int status = 1;

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_main_loop_quit (loop);
}

static void
on_code (PstWormhole *wormhole, const char *code)
{
  g_print ("code %s\n", code);
}

static void
on_paired (PstWormhole *wormhole, JsonObject *version)
{
  g_print ("paired %s\n", version != NULL ? "penstock" : "other");
  status = 0;
  pst_wormhole_close_async (wormhole, PST_MOOD_HAPPY, on_closed, NULL);
}

static void
on_failed (PstWormhole *wormhole, GError *error)
{
  g_print ("failed %s\n", pst_error_to_name (error));
  g_printerr ("%s\n", error->message);
  g_main_loop_quit (loop);
}

static gboolean
on_timeout (gpointer user_data)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr (PstWormhole) wormhole = NULL;
  g_autoptr (JsonObject) version = json_object_new ();

  if (argc < 3)
    return 2;

  loop = g_main_loop_new (NULL, FALSE);
  json_object_set_int_member (version, "v", 1);
  wormhole = pst_wormhole_new (argv[1], PST_WORMHOLE_APPID);
  pst_wormhole_set_app_version (wormhole, version);
  g_signal_connect (wormhole, "code", G_CALLBACK (on_code), NULL);
  g_signal_connect (wormhole, "paired", G_CALLBACK (on_paired), NULL);
  g_signal_connect (wormhole, "failed", G_CALLBACK (on_failed), NULL);
  if (argc > 3)
    pst_wormhole_join (wormhole, argv[3]);
  else
    pst_wormhole_host (wormhole, NULL, NULL, 0);
  g_timeout_add_seconds (30, on_timeout, NULL);
  g_main_loop_run (loop);
  g_main_loop_unref (loop);
  return status;
}
