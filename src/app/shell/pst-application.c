/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-application-private.h"

#include <glib/gi18n.h>

/* The development variant has settings of its own by its sandbox; the schema is
 * the same. */
#define SETTINGS_ID "io.github.penstock.Penstock"
#define LINK_SCHEME "wormhole-transfer"

G_DEFINE_FINAL_TYPE (PstApplication, pst_application, ADW_TYPE_APPLICATION)

/* GSettings would abort. */
static gboolean
has_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = source != NULL ? g_settings_schema_source_lookup (
                                           source, SETTINGS_ID, TRUE)
                                                      : NULL;

  return schema != NULL;
}

static int
pst_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("penstock %s\n", PST_VERSION);
      return 0;
    }

  if (!has_settings ())
    {
      g_printerr (
          /* Translators: on the terminal; %s is the name of a file */
          _ ("Penstock’s settings are not installed: “%s” is missing. Install Penstock anew, "
             "or start it with build-aux/run.\n"),
          SETTINGS_ID ".gschema.xml");
      return 1;
    }

  return -1;
}

static PstHistory *
open_history (void)
{
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "penstock", "history.json",
                                            NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return pst_history_new (file);
}

static void
pst_application_startup (GApplication *application)
{
  PstApplication *self = PST_APPLICATION (application);

  G_APPLICATION_CLASS (pst_application_parent_class)->startup (application);

  gtk_window_set_default_icon_name (PST_APPLICATION_ID);
  self->settings = g_settings_new (SETTINGS_ID);
  self->engine = pst_engine_new ();
  self->history = open_history ();
  self->devices = pst_app_devices_new ();
  pst_app_devices_reload (self->devices);
  self->ending = g_ptr_array_new_with_free_func (g_object_unref);
  pst_application_install_actions (self);
  pst_application_watch_signals (self);
}

static void
pst_application_shutdown (GApplication *application)
{
  PstApplication *self = PST_APPLICATION (application);

  pst_application_end (self);
  G_APPLICATION_CLASS (pst_application_parent_class)->shutdown (application);

  g_clear_pointer (&self->ending, g_ptr_array_unref);
  g_clear_object (&self->devices);
  g_clear_object (&self->history);
  g_clear_pointer (&self->engine, pst_engine_unref); /* waits for its thread */
  g_clear_object (&self->settings);
}

/**
 * pst_application_find_window:
 * @self: the application, started
 *
 * Gives the one window.
 *
 * Returns: (transfer none) (nullable): the window; %NULL if there is none now
 */
PstWindow *
pst_application_find_window (PstApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (PST_IS_WINDOW (l->data))
      return l->data;

  return NULL;
}

/**
 * pst_application_note_code:
 * @self: the application, started
 * @worked: whether the other person came with it; %FALSE if somebody used other words
 *
 * Notes how a code ended that was made here. After failures in a row the next
 * ones are longer, see pst_code_count_words().
 */
void
pst_application_note_code (PstApplication *self, gboolean worked)
{
  self->n_failed_codes = worked ? 0 : self->n_failed_codes + 1;
}

/**
 * pst_application_ensure_window:
 * @self: the application, started
 *
 * Gives the one window, made now if there is none; the caller presents it.
 *
 * Returns: (transfer none): the window
 */
PstWindow *
pst_application_ensure_window (PstApplication *self)
{
  PstWindow *window = pst_application_find_window (self);

  return window != NULL ? window : pst_window_new (self);
}

static void
pst_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (pst_application_ensure_window (PST_APPLICATION (application))));
}

/* The last link counts: there is one window, and it has one connection. */
static void
pst_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  PstWindow *window = pst_application_ensure_window (PST_APPLICATION (application));
  g_autoptr (GListStore) to_send = g_list_store_new (G_TYPE_FILE);
  g_autofree char *link = NULL;

  for (int i = 0; i < n_files; i++)
    if (g_file_has_uri_scheme (files[i], LINK_SCHEME))
      {
        g_free (link);
        link = g_file_get_uri (files[i]);
      }
    else
      g_list_store_append (to_send, files[i]);

  gtk_window_present (GTK_WINDOW (window));
  if (link != NULL)
    pst_window_take_code (window, link);
  if (g_list_model_get_n_items (G_LIST_MODEL (to_send)) > 0)
    pst_window_open (window, G_LIST_MODEL (to_send));
}

static void
pst_application_class_init (PstApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->handle_local_options = pst_application_handle_local_options;
  application_class->startup = pst_application_startup;
  application_class->shutdown = pst_application_shutdown;
  application_class->activate = pst_application_activate;
  application_class->open = pst_application_open;
}

static void
pst_application_init (PstApplication *self)
{
  static const GOptionEntry options[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version and exit"), NULL },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  /* Translators: what can follow the name of the program on the command line */
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FILE|LINK…]"));
}

/**
 * pst_application_new:
 *
 * Makes the application; g_application_run() does the rest.
 *
 * Returns: (transfer full): the application
 */
PstApplication *
pst_application_new (void)
{
  return g_object_new (PST_TYPE_APPLICATION, "application-id", PST_APPLICATION_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/io/github/penstock/Penstock", NULL);
}

/**
 * pst_application_get_settings:
 * @self: the application
 *
 * Gives the settings.
 *
 * Returns: (transfer none) (nullable): the settings; %NULL before it is started
 */
GSettings *
pst_application_get_settings (PstApplication *self)
{
  g_return_val_if_fail (PST_IS_APPLICATION (self), NULL);

  return self->settings;
}

/**
 * pst_application_get_engine:
 * @self: the application
 *
 * Gives the engine that sessions run in.
 *
 * Returns: (transfer none) (nullable): the engine; %NULL before it is started
 */
PstEngine *
pst_application_get_engine (PstApplication *self)
{
  g_return_val_if_fail (PST_IS_APPLICATION (self), NULL);

  return self->engine;
}

/**
 * pst_application_get_history:
 * @self: the application
 *
 * Gives the transfers of earlier days.
 *
 * Returns: (transfer none) (nullable): the list; %NULL before it is started
 */
PstHistory *
pst_application_get_history (PstApplication *self)
{
  g_return_val_if_fail (PST_IS_APPLICATION (self), NULL);

  return self->history;
}
