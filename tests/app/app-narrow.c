/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-narrow.h"

#include <libintl.h>
#include <locale.h>

#define PLAIN_DPI 96
#define SCALE     2

/* GNU gettext looks at this before it believes what it remembers. */
extern int _nl_msg_cat_cntr;

/* All that Penstock speaks: those that are installed where PST_LOCALE_DIR says. */
const char *const *
app_narrow_languages (void)
{
  static const char *const languages[] = { "en", "ar",    "de", "es",    "fr",
                                           "ja", "pt_BR", "uk", "zh_CN", NULL };

  return languages;
}

static void
set_language (const char *language)
{
  g_setenv ("LANGUAGE", language, TRUE);
  _nl_msg_cat_cntr++;
  gtk_widget_set_default_direction (g_str_equal (language, "ar") ? GTK_TEXT_DIR_RTL
                                                                 : GTK_TEXT_DIR_LTR);
}

static void
set_dpi (int dpi)
{
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", dpi * PANGO_SCALE, NULL);
}

/* Widgets that are made from now on speak a language. */
void
app_narrow_speak (const char *language)
{
  g_assert_nonnull (setlocale (LC_ALL, "C.UTF-8"));
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("PST_LOCALE_DIR"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  set_language (language);
  if (!g_str_equal (language, "en"))
    g_assert_cmpstr (gettext ("Disconnect"), !=, "Disconnect");
}

/* The same in letters twice as large. */
void
app_narrow_begin (const char *language)
{
  app_narrow_speak (language);
  set_dpi (SCALE * PLAIN_DPI);
}

void
app_narrow_end (void)
{
  set_language ("en");
  set_dpi (PLAIN_DPI);
}

/* Whatever may come to be seen, at once: no page is ever wider than that. */
void
app_narrow_show_all (GtkWidget *widget)
{
  if (!GTK_IS_POPOVER (widget))
    gtk_widget_set_visible (widget, TRUE);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    app_narrow_show_all (child);
}

static int
minimum_width (GtkWidget *widget)
{
  int minimum;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return minimum;
}

/* What is wide, from the outside to the inside, for whoever has to mend it. */
static void
blame (GtkWidget *widget, guint depth)
{
  if (minimum_width (widget) < APP_NARROW_WIDTH_PX / 3)
    return;

  g_test_message ("%*s%s %s%s: at least %d px", 2 * depth, "", G_OBJECT_TYPE_NAME (widget),
                  gtk_widget_get_name (widget),
                  GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget)) : "",
                  minimum_width (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    blame (child, depth + 1);
}

static gboolean
is_all_arabic (const char *text)
{
  gboolean found = FALSE;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      if (g_unichar_get_script (g_utf8_get_char (text)) == G_UNICODE_SCRIPT_LATIN)
        return FALSE;
      found |= g_unichar_get_script (g_utf8_get_char (text)) == G_UNICODE_SCRIPT_ARABIC;
    }

  return found;
}

/* GTK complains of a label whose least width depends on which way it is measured. */
static void
check_words (GtkWidget *widget)
{
  int for_height;

  if (GTK_IS_LABEL (widget) && gtk_label_get_wrap (GTK_LABEL (widget))
      && is_all_arabic (gtk_label_get_text (GTK_LABEL (widget))))
    {
      gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, 1 << 20, &for_height, NULL, NULL,
                          NULL);
      if (for_height > minimum_width (widget))
        g_error ("“%s”: %d px wide, or %d.", gtk_label_get_text (GTK_LABEL (widget)),
                 minimum_width (widget), for_height);
    }

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_words (child);
}

/* Without the shadow that a window may draw around itself. */
void
app_narrow_check (GtkWindow *window, const char *language, const char *what)
{
  GtkWidget *widget = gtk_widget_get_first_child (GTK_WIDGET (window));
  int width = minimum_width (widget), height = 0;

  check_words (widget);
  if (width <= APP_NARROW_WIDTH_PX)
    gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, APP_NARROW_WIDTH_PX, &height, NULL, NULL,
                        NULL);
  if (width <= APP_NARROW_WIDTH_PX && height <= APP_NARROW_HEIGHT_PX)
    return;

  blame (widget, 0);
  g_error ("%s, %s: needs %d×%d px.", what, language, width, height);
}

static void
check_label (GtkLabel *label, GtkWidget *top, const char *language)
{
  int width, height;
  graphene_rect_t place;

  pango_layout_get_pixel_size (gtk_label_get_layout (label), &width, &height);
  g_assert_true (gtk_widget_compute_bounds (GTK_WIDGET (label), top, &place));
  if (place.origin.x < 0 || place.origin.x + place.size.width > gtk_widget_get_width (top)
      || width > place.size.width + 1 || height > place.size.height + 1)
    g_error ("%s: “%s” needs %d×%d px, has %.0f×%.0f at %.0f, %.0f.", language,
             gtk_label_get_text (label), width, height, place.size.width, place.size.height,
             place.origin.x, place.origin.y);
}

static void
check_labels (GtkWidget *widget, GtkWidget *top, const char *language)
{
  if (!gtk_widget_get_mapped (widget))
    return;

  if (GTK_IS_LABEL (widget) && gtk_label_get_wrap (GTK_LABEL (widget)))
    check_label (GTK_LABEL (widget), top, language);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_labels (child, top, language);
}

/* Whether all that is written in @window, which is on the screen, has the room
 * that it needs. */
void
app_narrow_check_whole (GtkWindow *window, const char *language)
{
  check_labels (GTK_WIDGET (window), GTK_WIDGET (window), language);
}
