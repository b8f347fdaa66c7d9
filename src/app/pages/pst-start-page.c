/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-start-page.h"

#include <glib/gi18n.h>

#include "pst-narrow.h"
#include "pst-text.h"

struct _PstStartPage
{
  AdwBin parent_instance;

  GtkWidget *choose_files;
  GtkLabel *note;
};

G_DEFINE_FINAL_TYPE (PstStartPage, pst_start_page, ADW_TYPE_BIN)

/* To the first thing to do: the heading says nothing that the button does not. */
static gboolean
pst_start_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (PST_START_PAGE (widget)->choose_files);
}

static void
pst_start_page_class_init (PstStartPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->grab_focus = pst_start_page_grab_focus;

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PstStartPage, choose_files);
  gtk_widget_class_bind_template_child (widget_class, PstStartPage, note);
}

static void
pst_start_page_init (PstStartPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pst_narrow_buttons (GTK_WIDGET (self));
  pst_start_page_set_server (self, NULL);
}

/**
 * pst_start_page_new:
 *
 * Makes the first page.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
pst_start_page_new (void)
{
  return g_object_new (PST_TYPE_START_PAGE, NULL);
}

/**
 * pst_start_page_set_server:
 * @self: a page
 * @server_url: (nullable): the rendezvous server of the settings; %NULL or empty
 *   for this network only
 *
 * Sets what the page says about where the other person can be.
 */
void
pst_start_page_set_server (PstStartPage *self, const char *server_url)
{
  g_autofree char *server = NULL;
  g_autofree char *sentence = NULL;

  g_return_if_fail (PST_IS_START_PAGE (self));

  if (server_url == NULL || *server_url == '\0')
    {
      gtk_label_set_label (self->note, _ ("Finds people on this network"));
      return;
    }

  server = pst_text_server (server_url);
  /* Translators: %s is a server’s name */
  sentence = g_strdup_printf (_ ("Finds people anywhere, through %s"), server);
  gtk_label_set_label (self->note, sentence);
}
