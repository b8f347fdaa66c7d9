/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was received in part only: it goes on when the same is sent again, or the
 * person discards it here. */
#include "pst-preferences-private.h"

#include <glib/gi18n.h>

#include "pst-ask.h"
#include "pst-escape.h"
#include "pst-failure.h"
#include "pst-leftover.h"
#include "pst-narrow.h"

#define LEFTOVER_KEY "penstock-leftover"

typedef struct
{
  char *folder;
  char *id;
} Discard;

static void list_leftovers (PstPreferences *self);

static void
discard_free (Discard *discard)
{
  g_free (discard->folder);
  g_free (discard->id);
  g_free (discard);
}

static void
tell (PstPreferences *self, const GError *error)
{
  PstFailure failure = pst_failure_describe (error, PST_FAILURE_RECEIVER);

  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self),
                                    adw_toast_new (failure.sentence));
}

static void
discard_in_thread (GTask *task, gpointer object, gpointer task_data, GCancellable *cancellable)
{
  Discard *discard = task_data;
  GError *error = NULL;

  if (pst_leftover_discard (discard->folder, discard->id, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_discarded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PstPreferences *self = PST_PREFERENCES (source);
  g_autoptr (GError) error = NULL;

  if (self->leftovers == NULL)
    return;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    tell (self, error);
  list_leftovers (self);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, PstPreferences *self)
{
  PstLeftover *leftover = g_object_get_data (G_OBJECT (dialog), LEFTOVER_KEY);
  g_autoptr (GTask) task = NULL;
  Discard *discard;

  if (strcmp (response, "discard") != 0 || self->leftovers == NULL)
    return;

  discard = g_new (Discard, 1);
  discard->folder = g_strdup (self->leftovers);
  discard->id = g_strdup (leftover->id);
  task = g_task_new (self, NULL, on_discarded, NULL);
  g_task_set_source_tag (task, on_response);
  g_task_set_task_data (task, discard, (GDestroyNotify) discard_free);
  g_task_run_in_thread (task, discard_in_thread);
}

static void
on_discard (GtkButton *button, PstPreferences *self)
{
  PstLeftover *leftover = g_object_get_data (G_OBJECT (button), LEFTOVER_KEY);
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), _ ("Discard What Has Arrived?"),
      _ ("If the same is sent again, all of it will have to be sent. Files that arrived whole "
         "stay where they are."));

  /* Translators: a button: what has arrived stays */
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "keep", _ ("_Keep"));
  /* Translators: a button: what has arrived in part is removed */
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "discard", _ ("_Discard"));
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_object_set_data_full (G_OBJECT (dialog), LEFTOVER_KEY, pst_leftover_copy (leftover),
                          (GDestroyNotify) pst_leftover_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_response), self, 0);
  pst_ask_present (ADW_MESSAGE_DIALOG (dialog));
}

static char *
dup_subtitle (const PstLeftover *leftover)
{
  g_autofree char *there = g_format_size (leftover->there_bytes);
  g_autofree char *total = g_format_size (leftover->total_bytes);
  g_autofree char *escaped = pst_escape_name (leftover->destination, -1);
  /* LEFT-TO-RIGHT ISOLATE … POP DIRECTIONAL ISOLATE */
  g_autofree char *folder = g_strconcat ("\u2066", escaped, "\u2069", NULL);

  /* Translators: how much has arrived, of how much, and in which folder it lies */
  return g_strdup_printf (_ ("%s of %s in %s"), there, total, folder);
}

static GtkWidget *
make_leftover_row (PstPreferences *self, PstLeftover *leftover)
{
  GtkWidget *row = adw_action_row_new ();
  /* Translators: a button: what has arrived in part is removed */
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Discard"));
  gboolean known = leftover->error == NULL;
  g_autofree char *subtitle = known ? dup_subtitle (leftover) : NULL;

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 known ? leftover->title : _ ("Notes that cannot be read"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle != NULL ? subtitle : leftover->id);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                  row, NULL, -1);
  g_object_set_data_full (G_OBJECT (button), LEFTOVER_KEY, pst_leftover_copy (leftover),
                          (GDestroyNotify) pst_leftover_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_discard), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  pst_narrow_words (row);
  return row;
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstPreferences) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = pst_leftover_list_finish (result, &error);

  if (self->leftovers == NULL)
    return;
  if (list == NULL)
    {
      tell (self, error);
      return;
    }

  for (guint i = 0; i < self->leftover_rows->len; i++)
    adw_preferences_group_remove (self->leftovers_group,
                                  g_ptr_array_index (self->leftover_rows, i));
  g_ptr_array_set_size (self->leftover_rows, 0);
  for (guint i = 0; i < list->len; i++)
    {
      GtkWidget *row = make_leftover_row (self, g_ptr_array_index (list, i));

      adw_preferences_group_add (self->leftovers_group, row);
      g_ptr_array_add (self->leftover_rows, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->leftovers_group), list->len > 0);
}

static void
list_leftovers (PstPreferences *self)
{
  pst_leftover_list_async (self->leftovers, on_listed, g_object_ref (self));
}

/*
 * pst_preferences_class_init_leftovers:
 * @klass: the class
 */
void
pst_preferences_class_init_leftovers (GtkWidgetClass *klass)
{
  gtk_widget_class_bind_template_child (klass, PstPreferences, leftovers_group);
}

/*
 * pst_preferences_init_leftovers:
 * @self: the preferences
 *
 * Lists what is left, once it is known.
 */
void
pst_preferences_init_leftovers (PstPreferences *self)
{
  self->leftovers = pst_leftover_dup_folder ();
  self->leftover_rows = g_ptr_array_new ();
  list_leftovers (self);
}

/*
 * pst_preferences_dispose_leftovers:
 * @self: the preferences
 */
void
pst_preferences_dispose_leftovers (PstPreferences *self)
{
  g_clear_pointer (&self->leftovers, g_free);
  g_clear_pointer (&self->leftover_rows, g_ptr_array_unref);
}
