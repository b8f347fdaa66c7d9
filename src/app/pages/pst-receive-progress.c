/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-receive-progress.h"

#include "pst-heading.h"

#include <glib/gi18n.h>

struct _PstReceiveProgress
{
  AdwBin parent_instance;

  GtkLabel *doing;
  GtkLabel *meanwhile;
  GtkWidget *stop;
};

G_DEFINE_FINAL_TYPE (PstReceiveProgress, pst_receive_progress, ADW_TYPE_BIN)

/* What is being done in a state of the session. */
typedef struct
{
  const char *doing;
  const char *meanwhile;
} Words;

static const Words words[] = {
  [PST_SESSION_NEW] = { N_ ("Getting Ready…"), "" },
  [PST_SESSION_STARTING] = { N_ ("Getting Ready…"), "" },
  [PST_SESSION_WAITING] = { N_ ("Looking for the Other Person…"),
                            N_ ("Their code has to stay on their screen until then.") },
  [PST_SESSION_PAIRING] = { N_ ("Agreeing on a Key…"),
                            N_ ("Both sides make sure that they have the same code.") },
  [PST_SESSION_CONNECTING] = { N_ ("Finding a Path…"),
                               N_ ("The two machines look for the shortest way to each other.") },
  /* Translators: the state of a connection */
  [PST_SESSION_CONNECTED] = { N_ ("Connected"), "" },
  [PST_SESSION_RECONNECTING] = { N_ ("Finding a Path…"),
                                 N_ ("The two machines look for the shortest way to each other.") },
  /* Translators: the state of a connection that is being ended */
  [PST_SESSION_CLOSING] = { N_ ("Disconnecting…"), "" },
};

static gboolean
pst_receive_progress_grab_focus (GtkWidget *widget)
{
  return pst_heading_grab_focus (GTK_WIDGET (PST_RECEIVE_PROGRESS (widget)->doing));
}

static void
pst_receive_progress_class_init (PstReceiveProgressClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->grab_focus = pst_receive_progress_grab_focus;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-receive-progress.ui");
  gtk_widget_class_bind_template_child (widget_class, PstReceiveProgress, doing);
  gtk_widget_class_bind_template_child (widget_class, PstReceiveProgress, meanwhile);
  gtk_widget_class_bind_template_child (widget_class, PstReceiveProgress, stop);
  gtk_widget_class_bind_template_callback (widget_class, gtk_spinner_start);
  gtk_widget_class_bind_template_callback (widget_class, gtk_spinner_stop);
}

static void
pst_receive_progress_init (PstReceiveProgress *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * pst_receive_progress_show:
 * @self: the view
 * @state: the state of a session that is not closed
 * @is_meeting: whether a remembered device is looked for, and no code was needed
 *
 * Says what is being done in a state. It can be stopped until it is connected.
 */
void
pst_receive_progress_show (PstReceiveProgress *self, PstSessionState state, gboolean is_meeting)
{
  const char *meanwhile = state == PST_SESSION_WAITING && is_meeting
                              ? N_ ("The other device has to be waiting to send to this one.")
                              : words[state].meanwhile;

  gtk_label_set_label (self->doing, _ (words[state].doing));
  gtk_label_set_label (self->meanwhile, *meanwhile != '\0' ? _ (meanwhile) : "");
  gtk_widget_set_visible (GTK_WIDGET (self->meanwhile), *meanwhile != '\0');
  gtk_widget_set_visible (self->stop, state < PST_SESSION_CONNECTED);
}
