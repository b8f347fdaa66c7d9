/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-offer-row.h"

#include <glib/gi18n.h>

#include "pst-text.h"
#include "pst-wrap-layout.h"

struct _PstOfferRow
{
  AdwBin parent_instance;

  PstOfferItem *item;

  GtkWidget *expander;
  GtkWidget *check;
  GtkWidget *icon;
  GtkWidget *texts;
  GtkWidget *name;
  GtkWidget *detail;
  GtkWidget *size;
};

G_DEFINE_FINAL_TYPE (PstOfferRow, pst_offer_row, ADW_TYPE_BIN)

static void check_toggled (PstOfferRow *self);

static const PstEntry *
get_entry (PstOfferRow *self)
{
  PstOfferTree *tree = pst_offer_item_get_tree (self->item);

  return pst_manifest_get_entry (pst_offer_tree_get_manifest (tree),
                                 pst_offer_item_get_entry (self->item));
}

static void
show_check (PstOfferRow *self)
{
  PstOfferCheck check = pst_offer_tree_get_check (pst_offer_item_get_tree (self->item),
                                                  pst_offer_item_get_entry (self->item));

  g_signal_handlers_block_by_func (self->check, check_toggled, self);
  gtk_check_button_set_inconsistent (GTK_CHECK_BUTTON (self->check), check == PST_OFFER_CHECK_SOME);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->check), check == PST_OFFER_CHECK_ALL);
  g_signal_handlers_unblock_by_func (self->check, check_toggled, self);
}

static void
check_toggled (PstOfferRow *self)
{
  pst_offer_row_toggle (self);
  show_check (self);
}

/* By its name alone, which is all there is before anything was received. */
static GIcon *
find_icon (const PstEntry *entry)
{
  g_autofree char *type = NULL;

  if (entry->kind == PST_ENTRY_FOLDER)
    return g_themed_icon_new ("folder-symbolic");
  if (entry->kind == PST_ENTRY_LINK)
    return g_themed_icon_new ("emblem-symbolic-link");

  type = g_content_type_guess (entry->path, NULL, 0, NULL);
  return g_content_type_get_symbolic_icon (type);
}

static char *
describe_kind (const PstEntry *entry)
{
  g_autofree char *target = NULL;

  if (entry->kind == PST_ENTRY_LINK)
    {
      target = pst_text_name (entry->target);
      /* Translators: what a file is; %s is the name it points to */
      return g_strdup_printf (_ ("Link to %s"), target);
    }
  if (entry->executable)
    /* Translators: what a file is: one that can be run */
    return g_strdup (_ ("Program"));

  return NULL;
}

static char *
describe_size (PstOfferItem *item)
{
  PstOfferTree *tree = pst_offer_item_get_tree (item);
  guint entry = pst_offer_item_get_entry (item);

  return pst_text_size (pst_offer_tree_get_bytes (tree, entry));
}

/* What a screen reader says: all that can be seen in the row. */
static char *
describe_row (PstOfferItem *item, const PstEntry *entry, const char *name, const char *detail)
{
  PstOfferTree *tree = pst_offer_item_get_tree (item);
  guint index = pst_offer_item_get_entry (item);
  guint64 bytes = pst_offer_tree_get_bytes (tree, index);
  g_autofree char *figures = entry->kind == PST_ENTRY_FOLDER ? pst_text_files_and_size (
                                 pst_offer_tree_get_n_files (tree, index), bytes)
                                                             : pst_text_size (bytes);

  if (entry->kind == PST_ENTRY_FOLDER)
    /* Translators: read aloud; a folder’s name, and what is in it like “3 files, 1.2 MB” */
    return g_strdup_printf (_ ("%s, folder, %s"), name, figures);
  if (entry->kind == PST_ENTRY_LINK)
    /* Translators: read aloud; the first %s is a name, the second like “Link to other.txt” */
    return g_strdup_printf (C_ ("name and kind", "%s, %s"), name, detail);
  if (detail != NULL)
    /* Translators: read aloud; a file’s name, what it is like “Program”, and its size */
    return g_strdup_printf (_ ("%s, %s, %s"), name, detail, figures);

  /* Translators: read aloud; the first %s is a file’s name, the second its size */
  return g_strdup_printf (C_ ("name and size", "%s, %s"), name, figures);
}

/* The list's own widget around this one has the focus and is what a screen
 * reader reads; GTK has a function for its name only since 4.12. */
static GtkWidget *
get_list_row (PstOfferRow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkWidget *parent;

  while ((parent = gtk_widget_get_parent (widget)) != NULL && !GTK_IS_LIST_VIEW (parent))
    widget = parent;

  return widget;
}

static void
show_item (PstOfferRow *self)
{
  const PstEntry *entry = get_entry (self);
  PstOfferTree *tree = pst_offer_item_get_tree (self->item);
  g_autoptr (GIcon) icon = find_icon (entry);
  g_autofree char *name = pst_text_name (
      pst_offer_tree_get_name (tree, pst_offer_item_get_entry (self->item)));
  g_autofree char *detail = describe_kind (entry);
  g_autofree char *size = describe_size (self->item);
  g_autofree char *label = describe_row (self->item, entry, name, detail);

  gtk_image_set_from_gicon (GTK_IMAGE (self->icon), icon);
  gtk_label_set_text (GTK_LABEL (self->name), name);
  gtk_label_set_text (GTK_LABEL (self->detail), detail != NULL ? detail : "");
  gtk_widget_set_visible (self->detail, detail != NULL);
  gtk_label_set_text (GTK_LABEL (self->size), entry->kind != PST_ENTRY_LINK ? size : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (get_list_row (self)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  show_check (self);
}

/* A name too long for its line is shown whole. */
static gboolean
query_tooltip (
    GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer user_data)
{
  PangoLayout *layout = gtk_label_get_layout (GTK_LABEL (widget));

  if (!pango_layout_is_ellipsized (layout))
    return FALSE;

  gtk_tooltip_set_text (tooltip, gtk_label_get_text (GTK_LABEL (widget)));
  return TRUE;
}

static GtkTreeListRow *
get_row (PstOfferRow *self)
{
  return gtk_tree_expander_get_list_row (GTK_TREE_EXPANDER (self->expander));
}

/* Rows stand in the list in order, each in a widget of the list's own. If that
 * of the folder is too far away to be kept, it is scrolled to. */
static void
go_to_folder (PstOfferRow *self)
{
  g_autoptr (GtkTreeListRow) folder = gtk_tree_list_row_get_parent (get_row (self));
  GtkWidget *place = gtk_widget_get_parent (GTK_WIDGET (self));

  if (folder == NULL)
    return;

  while ((place = gtk_widget_get_prev_sibling (place)) != NULL)
    {
      GtkWidget *row = gtk_widget_get_first_child (place);

      if (PST_IS_OFFER_ROW (row) && get_row (PST_OFFER_ROW (row)) == folder)
        {
          gtk_widget_grab_focus (row);
          return;
        }
    }

  gtk_widget_activate_action (GTK_WIDGET (self), "list.scroll-to-item", "u",
                              gtk_tree_list_row_get_position (folder));
}

/* The expander knows these keys, too, but only where it has the focus itself. */
static gboolean
key_pressed (PstOfferRow *self, guint key, guint code, GdkModifierType modifiers)
{
  GtkTreeListRow *row = get_row (self);
  gboolean mirrored = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;

  if (row == NULL || (modifiers & gtk_accelerator_get_default_mod_mask () & ~GDK_SHIFT_MASK) != 0)
    return FALSE;

  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      if ((key == GDK_KEY_Right || key == GDK_KEY_KP_Right) != mirrored)
        gtk_tree_list_row_set_expanded (row, TRUE);
      else if (gtk_tree_list_row_get_expanded (row))
        gtk_tree_list_row_set_expanded (row, FALSE);
      else
        go_to_folder (self);
      return TRUE;
    case GDK_KEY_plus:
    case GDK_KEY_KP_Add:
      gtk_tree_list_row_set_expanded (row, TRUE);
      return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      gtk_tree_list_row_set_expanded (row, FALSE);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
pst_offer_row_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (PST_OFFER_ROW (widget)->check);
}

static void
pst_offer_row_dispose (GObject *object)
{
  PstOfferRow *self = PST_OFFER_ROW (object);

  if (self->check != NULL)
    pst_offer_row_set_row (self, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), PST_TYPE_OFFER_ROW);

  G_OBJECT_CLASS (pst_offer_row_parent_class)->dispose (object);
}

static void
pst_offer_row_class_init (PstOfferRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pst_offer_row_dispose;
  widget_class->grab_focus = pst_offer_row_grab_focus;

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-offer-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PstOfferRow, expander);
  gtk_widget_class_bind_template_child (widget_class, PstOfferRow, check);
  gtk_widget_class_bind_template_child (widget_class, PstOfferRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PstOfferRow, texts);
  gtk_widget_class_bind_template_child (widget_class, PstOfferRow, name);
  gtk_widget_class_bind_template_child (widget_class, PstOfferRow, detail);
  gtk_widget_class_bind_template_child (widget_class, PstOfferRow, size);
  gtk_widget_class_bind_template_callback (widget_class, check_toggled);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed);
}

static void
pst_offer_row_init (PstOfferRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->texts, pst_wrap_layout_new (6, 0));
  gtk_widget_set_has_tooltip (self->name, TRUE);
  gtk_widget_set_has_tooltip (self->detail, TRUE);
  g_signal_connect (self->name, "query-tooltip", G_CALLBACK (query_tooltip), NULL);
  g_signal_connect (self->detail, "query-tooltip", G_CALLBACK (query_tooltip), NULL);
}

/**
 * pst_offer_row_new:
 *
 * Returns: (transfer floating): a row that shows nothing yet
 */
GtkWidget *
pst_offer_row_new (void)
{
  return g_object_new (PST_TYPE_OFFER_ROW, NULL);
}

static void
set_item (PstOfferRow *self, PstOfferItem *item)
{
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (pst_offer_item_get_tree (self->item), self);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;

  g_signal_connect_object (pst_offer_item_get_tree (item), "changed", G_CALLBACK (show_check), self,
                           G_CONNECT_SWAPPED);
  show_item (self);
}

/**
 * pst_offer_row_set_row:
 * @self: a row
 * @row: (nullable): what to show, a row of #PstOfferItem; %NULL for nothing
 *
 * Shows an entry, and follows the choices made in its tree.
 */
void
pst_offer_row_set_row (PstOfferRow *self, GtkTreeListRow *row)
{
  g_autoptr (PstOfferItem) item = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (self->expander), row);
  set_item (self, item);
}

/**
 * pst_offer_row_toggle:
 * @self: a row that shows something
 *
 * Chooses all of it, or nothing if all of it was chosen.
 */
void
pst_offer_row_toggle (PstOfferRow *self)
{
  PstOfferTree *tree = pst_offer_item_get_tree (self->item);
  guint entry = pst_offer_item_get_entry (self->item);

  pst_offer_tree_set_selected (tree, entry,
                               pst_offer_tree_get_check (tree, entry) != PST_OFFER_CHECK_ALL);
}
