/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-style.h"

#include <gtk/gtk.h>

static const char css[] = "progressbar.pst-sent > trough > progress { opacity: 0.4; }"
                          "progressbar.pst-written > trough { background: none; }"
                          "image.pst-direction {"
                          "  padding: 2px; border-radius: 9999px;"
                          "  background-color: @accent_bg_color; color: @accent_fg_color;"
                          "  box-shadow: 0 0 0 2px @card_bg_color; }";

/**
 * pst_style_use:
 * @display: (nullable): where widgets are to be shown; the first one counts
 *
 * Sees to it that what the pages' own widgets look like is known there.
 */
void
pst_style_use (GdkDisplay *display)
{
  static GtkCssProvider *provider;

  if (provider != NULL || display == NULL)
    return;

  provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_data (provider, css, -1);
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}
