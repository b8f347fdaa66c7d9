/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-earlier-row.h"

#include <glib/gi18n.h>

#include "pst-narrow.h"
#include "pst-show.h"
#include "pst-text.h"

struct _PstEarlierRow
{
  AdwActionRow parent_instance;

  PstHistoryItem *item;
};

G_DEFINE_FINAL_TYPE (PstEarlierRow, pst_earlier_row, ADW_TYPE_ACTION_ROW)

static char *
format_time (GDateTime *time)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) local = g_date_time_to_local (time);

  if (g_date_time_get_year (now) == g_date_time_get_year (local)
      && g_date_time_get_day_of_year (now) == g_date_time_get_day_of_year (local))
    /* Translators: a time of today, see strftime(3) */
    return g_date_time_format (local, _ ("Today, %H:%M"));

  return g_date_time_format (local, "%x");
}

static char *
format_peer (PstHistoryItem *item)
{
  const char *peer_name = pst_history_item_get_peer_name (item);
  g_autofree char *name = NULL;

  if (peer_name == NULL || *peer_name == '\0')
    return NULL;

  name = pst_text_name (peer_name);
  return pst_history_item_is_incoming (item)
             /* Translators: %s is the name of a person or machine */
             ? g_strdup_printf (_ ("From %s"), name)
             /* Translators: %s is the name of a person or machine */
             : g_strdup_printf (_ ("To %s"), name);
}

static void
add (GString *text, const char *part)
{
  if (part != NULL && *part != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", part);
}

static char *
format_subtitle (PstHistoryItem *item)
{
  GString *text = g_string_new (NULL);
  GDateTime *time = pst_history_item_get_time (item);
  g_autofree char *when = time != NULL ? format_time (time) : NULL;
  g_autofree char *peer = format_peer (item);
  g_autofree char *size = pst_text_size (pst_history_item_get_bytes (item));

  add (text, pst_text_state_words (pst_history_item_get_state (item),
                                   pst_history_item_is_incoming (item), FALSE, NULL));
  add (text, size);
  add (text, peer);
  add (text, when);
  return g_string_free (text, FALSE);
}

static void
on_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstEarlierRow) self = PST_EARLIER_ROW (user_data);
  g_autoptr (GError) error = NULL;

  if (!pst_show_finish (result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self), error->message);
}

static void
on_show (PstEarlierRow *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  pst_show_in_folder_async (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                            pst_history_item_get_paths (self->item), on_shown, g_object_ref (self));
}

static void
pst_earlier_row_dispose (GObject *object)
{
  PstEarlierRow *self = PST_EARLIER_ROW (object);

  g_clear_object (&self->item);

  G_OBJECT_CLASS (pst_earlier_row_parent_class)->dispose (object);
}

static void
pst_earlier_row_class_init (PstEarlierRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pst_earlier_row_dispose;
}

static void
pst_earlier_row_init (PstEarlierRow *self)
{
  /* Names of files are no markup. */
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  pst_narrow_words (GTK_WIDGET (self));
}

static void
add_direction (PstEarlierRow *self)
{
  gboolean incoming = pst_history_item_is_incoming (self->item);
  /* Translators: which way a transfer went */
  const char *words = incoming ? _ ("Incoming")
                               /* Translators: which way a transfer went */
                               : _ ("Outgoing");
  GtkWidget *icon = gtk_image_new_from_icon_name (incoming ? "folder-download-symbolic"
                                                           : "document-send-symbolic");

  gtk_widget_add_css_class (icon, "dim-label");
  gtk_widget_set_tooltip_text (icon, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (self), icon);
}

static void
add_show_button (PstEarlierRow *self, const char *name)
{
  const char *const *paths = pst_history_item_get_paths (self->item);
  g_autofree char *label = NULL;
  GtkWidget *button;

  if (!pst_history_item_is_incoming (self->item)
      || pst_history_item_get_state (self->item) != PST_TRANSFER_DONE || paths == NULL
      || paths[0] == NULL)
    return;

  /* Translators: the name of a button for screen readers; %s is the name of a file or folder */
  label = g_strdup_printf (_ ("Show %s in Folder"), name);
  button = gtk_button_new_from_icon_name ("folder-open-symbolic");
  gtk_widget_set_tooltip_text (button, _ ("Show in Folder"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_show), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), button);
}

/**
 * pst_earlier_row_new:
 * @item: a finished transfer
 *
 * Returns: (transfer floating): a row that shows @item
 */
GtkWidget *
pst_earlier_row_new (PstHistoryItem *item)
{
  PstEarlierRow *self;
  const char *title;
  g_autofree char *name = NULL;
  g_autofree char *subtitle = NULL;

  g_return_val_if_fail (PST_IS_HISTORY_ITEM (item), NULL);

  self = g_object_new (PST_TYPE_EARLIER_ROW, NULL);
  self->item = g_object_ref (item);
  title = pst_history_item_get_title (item);
  name = pst_text_name (title != NULL ? title : "");
  subtitle = format_subtitle (item);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (self), 2);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), name);
  add_direction (self);
  add_show_button (self, name);
  return GTK_WIDGET (self);
}
