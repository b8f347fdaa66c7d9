/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With letters twice as large, in every language, nothing makes the window wider
 * than a small screen. */
#include "app-narrow.h"
#include "app-render.h"
#include "pst-error.h"
#include "pst-narrow.h"
#include "pst-preferences.h"
#include "window-pair.h"

static PstApplication *application;

static void
fill (PstWindow *window)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_WRONG_CODE,
                                                  "Different keys");

  pst_failure_page_set_error (window->failure_page, error, PST_FAILURE_HOST);
  pst_start_page_set_server (window->start_page, "wss://relay.example.org:4000/v1");
}

static void
check_page (PstWindow *window, PstWindowPage page, const char *language)
{
  const char *name = pst_window_page_to_name (page);
  GtkWidget *child = gtk_stack_get_child_by_name (window->stack, name);

  gtk_stack_set_transition_type (window->stack, GTK_STACK_TRANSITION_TYPE_NONE);
  gtk_stack_set_visible_child (window->stack, child);
  app_narrow_show_all (child);
  app_narrow_check (GTK_WINDOW (window), language, name);
}

static void
test_window (gconstpointer language)
{
  PstWindow *window;

  app_narrow_begin (language);
  window = pst_window_new (application);
  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *)&window);
  gtk_window_present (GTK_WINDOW (window));
  fill (window);
  gtk_widget_set_visible (window->back_button, TRUE);
  gtk_widget_set_visible (window->add_button, TRUE);
  for (PstWindowPage page = 0; page < PST_WINDOW_N_PAGES; page++)
    check_page (window, page, language);

  gtk_window_close (GTK_WINDOW (window));
  while (window != NULL)
    g_main_context_iteration (NULL, TRUE);
  app_narrow_end ();
}

static void
test_preferences (gconstpointer language)
{
  GtkWidget *preferences;

  app_narrow_begin (language);
  preferences = pst_preferences_new (NULL, pst_application_get_settings (application));
  gtk_window_present (GTK_WINDOW (preferences));
  app_render_settle (preferences);
  app_narrow_check (GTK_WINDOW (preferences), language, "preferences");
  gtk_window_destroy (GTK_WINDOW (preferences));
  app_narrow_end ();
}

static void
check_preferences (const char *language, const char *page)
{
  GtkWidget *preferences = pst_preferences_new (NULL, pst_application_get_settings (application));

  adw_preferences_window_set_visible_page_name (ADW_PREFERENCES_WINDOW (preferences), page);
  gtk_window_present (GTK_WINDOW (preferences));
  app_render_settle (preferences);
  gtk_window_set_default_size (GTK_WINDOW (preferences), APP_NARROW_WIDTH_PX, 640);
  while (gtk_widget_get_width (preferences) > APP_NARROW_WIDTH_PX)
    g_main_context_iteration (NULL, TRUE);
  app_render_settle (preferences);
  app_narrow_check_whole (GTK_WINDOW (preferences), language);
  gtk_window_destroy (GTK_WINDOW (preferences));
}

/* From the width it opens with to a narrow one, in letters of any size. */
static void
test_preferences_whole (gconstpointer language)
{
  app_narrow_speak (language);
  check_preferences (language, "general");
  check_preferences (language, "network");
  app_narrow_begin (language);
  check_preferences (language, "general");
  check_preferences (language, "network");
  app_narrow_end ();
}

static void
test_help (gconstpointer language)
{
  g_autoptr (GtkBuilder) builder = NULL;
  GtkWidget *help;

  app_narrow_begin (language);
  builder = gtk_builder_new_from_resource ("/io/github/penstock/Penstock/shell/pst-help.ui");
  help = GTK_WIDGET (gtk_builder_get_object (builder, "help"));
  pst_narrow_words (help);
  gtk_window_present (GTK_WINDOW (help));
  app_render_settle (help);
  app_narrow_check (GTK_WINDOW (help), language, "help");
  gtk_window_destroy (GTK_WINDOW (help));
  app_narrow_end ();
}

static void
add (const char *name, const char *language, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/narrow/%s/%s", name, language);

  g_test_add_data_func (path, language, func);
}

int
main (int argc, char **argv)
{
  const char *const *languages = app_narrow_languages ();

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  application = window_pair_start ();
  for (guint i = 0; languages[i] != NULL; i++)
    {
      add ("window", languages[i], test_window);
      add ("preferences", languages[i], test_preferences);
      add ("preferences-whole", languages[i], test_preferences_whole);
      add ("help", languages[i], test_help);
    }

  return g_test_run ();
}
