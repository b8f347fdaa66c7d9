/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-code-entry.h"

#include "pst-code.h"

#include <glib/gi18n.h>
#include <string.h>

/* What a glance takes in, and two rows in a narrow window. A letter more leaves
 * one or two of them. */
#define MAX_OFFERS 6

struct _PstCodeEntry
{
  AdwBin parent_instance;

  GtkEntry *entry;
  GtkFlowBox *chips;
  GtkLabel *keys;
  GtkWidget *complaint_box;
  GtkLabel *complaint;

  GStrv offers; /* whole codes */
  guint chosen;
  gboolean chosen_by_key;
  gboolean pasting;
};

G_DEFINE_FINAL_TYPE (PstCodeEntry, pst_code_entry, ADW_TYPE_BIN)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_ACTIVATE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *
last_word (const char *code)
{
  return strrchr (code, '-') + 1;
}

static void
complain (PstCodeEntry *self, gboolean finished)
{
  g_autofree char *complaint = pst_code_text_explain (pst_code_entry_get_text (self), finished);
  GtkWidget *entry = GTK_WIDGET (self->entry);

  gtk_label_set_label (self->complaint, complaint != NULL ? complaint : "");
  gtk_widget_set_visible (self->complaint_box, complaint != NULL);
  if (complaint != NULL)
    gtk_widget_add_css_class (entry, "warning");
  else
    gtk_widget_remove_css_class (entry, "warning");
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_STATE_INVALID,
      complaint != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

/* What the eye reads below the entry, the ear hears as its description. */
static void
describe (PstCodeEntry *self)
{
  g_autofree char *offer = NULL;
  const char *complaint = pst_code_entry_get_complaint (self);

  if (self->offers[0] != NULL)
    /* Translators: %s is a word of a code */
    offer = g_strdup_printf (_ ("Tab completes to “%s”"), last_word (self->offers[self->chosen]));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  offer != NULL       ? offer
                                  : complaint != NULL ? complaint
                                                      : "",
                                  -1);
}

static void
mark_chosen (PstCodeEntry *self)
{
  GtkFlowBoxChild *child;

  for (guint i = 0; (child = gtk_flow_box_get_child_at_index (self->chips, i)) != NULL; i++)
    {
      GtkWidget *chip = gtk_flow_box_child_get_child (child);

      if (i == self->chosen)
        gtk_widget_add_css_class (chip, "suggested-action");
      else
        gtk_widget_remove_css_class (chip, "suggested-action");
    }

  describe (self);
}

static void
take (PstCodeEntry *self, guint index)
{
  g_autofree char *code = g_strdup (self->offers[index]);
  g_auto (GStrv) parts = g_strsplit (code, "-", -1);
  gboolean more = g_strv_length (parts) - 1 < PST_CODE_DEFAULT_WORDS;
  g_autofree char *text = g_strconcat (code, more ? "-" : "", NULL);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

static void
on_chip_clicked (PstCodeEntry *self, GtkButton *chip)
{
  GtkWidget *child = gtk_widget_get_ancestor (GTK_WIDGET (chip), GTK_TYPE_FLOW_BOX_CHILD);

  take (self, gtk_flow_box_child_get_index (GTK_FLOW_BOX_CHILD (child)));
}

/* The keys that choose work in the entry: a chip is for the pointer. */
static void
add_chip (PstCodeEntry *self, const char *word)
{
  GtkWidget *chip = gtk_button_new_with_label (word);
  GtkWidget *child = gtk_flow_box_child_new ();

  gtk_widget_set_focus_on_click (chip, FALSE);
  gtk_widget_set_focusable (chip, FALSE);
  gtk_widget_set_focusable (child, FALSE);
  g_signal_connect_object (chip, "clicked", G_CALLBACK (on_chip_clicked), self, G_CONNECT_SWAPPED);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), chip);
  gtk_flow_box_append (self->chips, child);
}

static void
clear_chips (PstCodeEntry *self)
{
  GtkFlowBoxChild *child;

  while ((child = gtk_flow_box_get_child_at_index (self->chips, 0)) != NULL)
    gtk_flow_box_remove (self->chips, GTK_WIDGET (child));
}

static gboolean
ends_with_letter (const char *text)
{
  return *text != '\0' && g_ascii_isalpha (text[strlen (text) - 1]);
}

/* Nothing for a word without a letter: that would be the whole list; and
 * nothing for one that is complete. */
static GStrv
find_offers (const char *text)
{
  g_auto (GStrv) all = ends_with_letter (text) ? pst_code_complete (text) : g_new0 (char *, 1);
  g_autofree char *code = pst_code_parse (text, NULL);
  g_autoptr (GStrvBuilder) few = g_strv_builder_new ();

  if (code == NULL || !g_strv_contains ((const char *const *)all, code))
    for (guint i = 0; all[i] != NULL && i < MAX_OFFERS; i++)
      g_strv_builder_add (few, all[i]);

  return g_strv_builder_end (few);
}

static void
offer (PstCodeEntry *self)
{
  clear_chips (self);
  g_strfreev (self->offers);
  self->offers = find_offers (pst_code_entry_get_text (self));
  self->chosen = 0;
  self->chosen_by_key = FALSE;

  for (guint i = 0; self->offers[i] != NULL; i++)
    add_chip (self, last_word (self->offers[i]));
  gtk_widget_set_visible (GTK_WIDGET (self->chips), self->offers[0] != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->keys), self->offers[0] != NULL);
}

static void
refresh (PstCodeEntry *self, gboolean finished)
{
  offer (self);
  complain (self, finished);
  mark_chosen (self);
}

static void
on_changed (PstCodeEntry *self)
{
  gboolean pasted = self->pasting;

  self->pasting = FALSE;
  if (pasted)
    {
      g_autofree char *text = g_strstrip (g_strdup (pst_code_entry_get_text (self)));

      if (!g_str_equal (text, pst_code_entry_get_text (self)))
        {
          pst_code_entry_set_text (self, text);
          return;
        }
    }

  refresh (self, pasted);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_paste (PstCodeEntry *self)
{
  self->pasting = TRUE;
}

static void
on_activate (PstCodeEntry *self)
{
  if (self->chosen_by_key)
    pst_code_entry_complete (self);
  else
    pst_code_entry_finish (self);
}

static gboolean
is_at_end (PstCodeEntry *self)
{
  GtkEditable *editable = GTK_EDITABLE (self->entry);

  return !gtk_editable_get_selection_bounds (editable, NULL, NULL)
         && (glong)gtk_editable_get_position (editable)
                == g_utf8_strlen (gtk_editable_get_text (editable), -1);
}

static gboolean
on_key_pressed (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                PstCodeEntry *self)
{
  self->pasting = FALSE;
  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;

  switch (keyval)
    {
    case GDK_KEY_Tab:
      return pst_code_entry_complete (self);
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      return is_at_end (self) && pst_code_entry_complete (self);
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      return pst_code_entry_choose (self, 1);
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      return pst_code_entry_choose (self, -1);
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static gboolean
pst_code_entry_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PST_CODE_ENTRY (widget)->entry));
}

static void
pst_code_entry_finalize (GObject *object)
{
  g_strfreev (PST_CODE_ENTRY (object)->offers);

  G_OBJECT_CLASS (pst_code_entry_parent_class)->finalize (object);
}

static void
pst_code_entry_class_init (PstCodeEntryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pst_code_entry_finalize;
  widget_class->grab_focus = pst_code_entry_grab_focus;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", PST_TYPE_CODE_ENTRY, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ACTIVATE] = g_signal_new ("activate", PST_TYPE_CODE_ENTRY, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-code-entry.ui");
  gtk_widget_class_bind_template_child (widget_class, PstCodeEntry, entry);
  gtk_widget_class_bind_template_child (widget_class, PstCodeEntry, chips);
  gtk_widget_class_bind_template_child (widget_class, PstCodeEntry, keys);
  gtk_widget_class_bind_template_child (widget_class, PstCodeEntry, complaint_box);
  gtk_widget_class_bind_template_child (widget_class, PstCodeEntry, complaint);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed);
}

static void
pst_code_entry_init (PstCodeEntry *self)
{
  GtkWidget *text;

  self->offers = g_new0 (char *, 1);
  gtk_widget_init_template (GTK_WIDGET (self));

  text = GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->entry)));
  g_signal_connect_object (text, "paste-clipboard", G_CALLBACK (on_paste), self, G_CONNECT_SWAPPED);

  /* Codes and links read from left to right in every language. */
  gtk_widget_set_direction (text, GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (GTK_WIDGET (self->entry), GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (GTK_WIDGET (self->chips), GTK_TEXT_DIR_LTR);
}

/**
 * pst_code_entry_new:
 *
 * Returns: (transfer floating): an empty entry
 */
GtkWidget *
pst_code_entry_new (void)
{
  return g_object_new (PST_TYPE_CODE_ENTRY, NULL);
}

/**
 * pst_code_entry_get_text:
 * @self: the entry
 *
 * Returns: what stands in it
 */
const char *
pst_code_entry_get_text (PstCodeEntry *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

/**
 * pst_code_entry_set_text:
 * @self: the entry
 * @text: a whole code or link, from elsewhere than the keyboard
 *
 * Puts a text into the entry, and says at once what is wrong with it.
 */
void
pst_code_entry_set_text (PstCodeEntry *self, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  refresh (self, TRUE);
}

/**
 * pst_code_entry_get_verdict:
 * @self: the entry
 *
 * Returns: how far the text is on its way to a code
 */
PstCodeText
pst_code_entry_get_verdict (PstCodeEntry *self)
{
  return pst_code_text_judge (pst_code_entry_get_text (self));
}

/**
 * pst_code_entry_get_complaint:
 * @self: the entry
 *
 * Returns: (nullable): what is said about the text now
 */
const char *
pst_code_entry_get_complaint (PstCodeEntry *self)
{
  const char *complaint = gtk_label_get_label (self->complaint);

  return *complaint != '\0' ? complaint : NULL;
}

/**
 * pst_code_entry_get_offers:
 * @self: the entry
 *
 * Returns: (array zero-terminated=1): the codes offered now; maybe none
 */
const char *const *
pst_code_entry_get_offers (PstCodeEntry *self)
{
  return (const char *const *)self->offers;
}

/**
 * pst_code_entry_get_chosen:
 * @self: the entry
 *
 * Returns: which of the offers pst_code_entry_complete() takes
 */
guint
pst_code_entry_get_chosen (PstCodeEntry *self)
{
  return self->chosen;
}

/**
 * pst_code_entry_complete:
 * @self: the entry
 *
 * Takes the chosen offer, as Tab does, and begins the next word, if one is
 * usual there.
 *
 * Returns: %FALSE if nothing is offered
 */
gboolean
pst_code_entry_complete (PstCodeEntry *self)
{
  if (self->offers[0] == NULL)
    return FALSE;

  take (self, self->chosen);
  return TRUE;
}

/**
 * pst_code_entry_choose:
 * @self: the entry
 * @step: 1 for the next offer, -1 for the one before
 *
 * Chooses another offer, as ↓ and ↑ do; after the last one comes the first.
 *
 * Returns: %FALSE if nothing is offered
 */
gboolean
pst_code_entry_choose (PstCodeEntry *self, int step)
{
  guint n = g_strv_length (self->offers);

  if (n == 0)
    return FALSE;

  self->chosen = (self->chosen + n + step) % n;
  self->chosen_by_key = TRUE;
  mark_chosen (self);
  return TRUE;
}

/**
 * pst_code_entry_finish:
 * @self: the entry
 *
 * What Enter does: emits `activate`, or says what is missing.
 *
 * Returns: %TRUE if the text can be received with
 */
gboolean
pst_code_entry_finish (PstCodeEntry *self)
{
  if (pst_code_entry_get_verdict (self) >= PST_CODE_TEXT_UNUSUAL)
    {
      g_signal_emit (self, signals[SIGNAL_ACTIVATE], 0);
      return TRUE;
    }

  complain (self, TRUE);
  describe (self);
  gtk_widget_error_bell (GTK_WIDGET (self));
  return FALSE;
}
