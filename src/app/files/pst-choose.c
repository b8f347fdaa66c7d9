/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GtkFileChooserNative, because newer dialogues are not in GTK 4.8. */
#include "pst-choose.h"

#include "pst-portal-request.h"

#include <glib/gi18n.h>

typedef struct
{
  GTask *task;
  GtkFileChooserNative *native; /* nobody else keeps it alive */
  GtkWindow *parent;            /* (nullable) */
  gulong closed_id;
  PstPortalRequest *request; /* (nullable): where another program shows it */
} Choice;

static void
let_go (gpointer native)
{
  gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (native));
  g_object_unref (native);
}

static void
choice_free (Choice *choice)
{
  if (choice->parent != NULL)
    {
      g_clear_signal_handler (&choice->closed_id, choice->parent);
      g_object_unref (choice->parent);
    }
  g_clear_pointer (&choice->request, pst_portal_request_forget);
  if (choice->native != NULL)
    let_go (choice->native);
  g_object_unref (choice->task);
  g_free (choice);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Choice, choice_free)

static void
return_cancelled (GTask *task)
{
  /* Not shown to anybody. */
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Nothing was chosen");
}

/* Not all dialogues hand out the files once they are gone. */
static GListModel *
copy_files (GtkFileChooser *chooser)
{
  g_autoptr (GListModel) chosen = gtk_file_chooser_get_files (chooser);
  GListStore *files = g_list_store_new (G_TYPE_FILE);

  for (guint i = 0; i < g_list_model_get_n_items (chosen); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (chosen, i);

      g_list_store_append (files, file);
    }

  return G_LIST_MODEL (files);
}

static void
on_response (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  g_autoptr (Choice) choice = user_data;
  g_autoptr (GListModel) files = NULL;

  g_signal_handlers_disconnect_by_func (dialog, on_response, choice);
  if (response == GTK_RESPONSE_ACCEPT)
    files = copy_files (GTK_FILE_CHOOSER (dialog));

  if (files != NULL && g_list_model_get_n_items (files) > 0)
    g_task_return_pointer (choice->task, g_steal_pointer (&files), g_object_unref);
  else
    return_cancelled (choice->task);
}

static gboolean
is_shown_here (Choice *choice)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (toplevels, i);

      if (GTK_IS_FILE_CHOOSER_DIALOG (window) && gtk_widget_get_visible (GTK_WIDGET (window))
          && gtk_window_get_transient_for (window) == choice->parent)
        return TRUE;
    }

  return FALSE;
}

/* GTK 4.8 must not let go of what a portal shows before the portal has answered
 * that it does: it would look for what it has freed.
 *
 * Not “destroy”: whoever waits for the answer may keep the window alive until then. */
static void
on_parent_closed (GtkWidget *parent, gpointer user_data)
{
  g_autoptr (Choice) choice = user_data;

  g_signal_handlers_disconnect_by_func (choice->native, on_response, choice);
  if (choice->request != NULL && !is_shown_here (choice))
    pst_portal_request_close (g_steal_pointer (&choice->request), let_go,
                              g_steal_pointer (&choice->native));
  return_cancelled (choice->task);
}

static GtkFileChooser *
make (GtkWindow *parent, GtkFileChooserAction action, const char *title, const char *accept)
{
  GtkFileChooserNative *native = gtk_file_chooser_native_new (title, parent, action, accept, NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (native), TRUE);
  return GTK_FILE_CHOOSER (native);
}

/* Takes @chooser. */
static void
show (GtkFileChooser *chooser,
      GtkWindow *parent,
      gpointer source_tag,
      GAsyncReadyCallback callback,
      gpointer user_data)
{
  Choice *choice = g_new0 (Choice, 1);

  choice->native = GTK_FILE_CHOOSER_NATIVE (chooser);
  choice->task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (choice->task, source_tag);
  g_signal_connect (chooser, "response", G_CALLBACK (on_response), choice);
  if (parent != NULL)
    {
      choice->parent = g_object_ref (parent);
      choice->closed_id = g_signal_connect (parent, "unrealize", G_CALLBACK (on_parent_closed),
                                            choice);
    }

  choice->request = pst_portal_request_watch ("org.freedesktop.portal.FileChooser", "OpenFile");
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/**
 * pst_choose_files_async:
 * @parent: (nullable): the window it belongs to
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Lets the person choose one or more files to be sent.
 */
void
pst_choose_files_async (GtkWindow *parent, GAsyncReadyCallback callback, gpointer user_data)
{
  GtkFileChooser *chooser = make (parent, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Choose Files to Send"),
                                  /* Translators: the button of a file chooser */
                                  _ ("_Send"));

  gtk_file_chooser_set_select_multiple (chooser, TRUE);
  show (chooser, parent, pst_choose_files_async, callback, user_data);
}

/**
 * pst_choose_folders_async:
 * @parent: (nullable): the window it belongs to
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Lets the person choose one or more folders to be sent.
 */
void
pst_choose_folders_async (GtkWindow *parent, GAsyncReadyCallback callback, gpointer user_data)
{
  GtkFileChooser *chooser = make (parent, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                  _ ("Choose Folders to Send"), _ ("_Send"));

  gtk_file_chooser_set_select_multiple (chooser, TRUE);
  show (chooser, parent, pst_choose_folders_async, callback, user_data);
}

/**
 * pst_choose_image_async:
 * @parent: (nullable): the window it belongs to
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Lets the person choose one picture in which a code may be found.
 */
void
pst_choose_image_async (GtkWindow *parent, GAsyncReadyCallback callback, gpointer user_data)
{
  GtkFileChooser *chooser = make (parent, GTK_FILE_CHOOSER_ACTION_OPEN,
                                  _ ("Choose an Image of a QR Code"),
                                  /* Translators: the button of a file chooser */
                                  _ ("_Open"));
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  /* Translators: a kind of files, in a file chooser */
  gtk_file_filter_set_name (filter, _ ("Images"));
  gtk_file_filter_add_mime_type (filter, "image/*");
  gtk_file_chooser_add_filter (chooser, filter);
  show (chooser, parent, pst_choose_image_async, callback, user_data);
}

/**
 * pst_choose_destination_async:
 * @parent: (nullable): the window it belongs to
 * @current: (nullable): the folder to begin with, in the file system's encoding
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Lets the person choose one folder for what is received.
 */
void
pst_choose_destination_async (GtkWindow *parent,
                              const char *current,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GtkFileChooser *chooser = make (parent, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                  _ ("Choose a Folder for Received Files"),
                                  /* Translators: the button of a file chooser; takes the folder */
                                  _ ("_Select"));

  if (current != NULL && *current != '\0')
    {
      g_autoptr (GFile) folder = g_file_new_for_path (current);

      /* It may be gone: then the dialogue begins where it likes. */
      gtk_file_chooser_set_current_folder (chooser, folder, NULL);
    }
  show (chooser, parent, pst_choose_destination_async, callback, user_data);
}

/**
 * pst_choose_finish:
 * @result: what the callback was given
 * @error: return location for a %G_IO_ERROR_CANCELLED: nothing was chosen, or
 *   @parent was closed meanwhile
 *
 * Returns: (transfer full) (nullable): a list of #GFile, at least one
 */
GListModel *
pst_choose_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
