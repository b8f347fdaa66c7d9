/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>

#include <glib/gi18n.h>

#include "pst-application.h"
#include "pst-hash.h"
#include "pst-memory.h"

int
main (int argc, char **argv)
{
  g_autoptr (PstApplication) application = NULL;
  const char *locale_dir = g_getenv ("PST_LOCALE_DIR");

  pst_memory_keep ();
  pst_hash_prepare ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : PST_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  application = pst_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
