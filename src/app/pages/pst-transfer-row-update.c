/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "pst-failure.h"
#include "pst-leftover.h"
#include "pst-narrow.h"
#include "pst-text.h"
#include "pst-transfer-actions.h"
#include "pst-transfer-row-private.h"

/* A list of names longer than this is not read, only scrolled past. */
#define MAX_LEFT_OUT 50

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
  if (g_strcmp0 (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text != NULL ? text : "");
}

/* @template: what the button does, with one %s for the name of the file */
static void
name_button (GtkWidget *button, const char *template, const char *name)
{
  g_autoptr (GString) label = g_string_new (template);

  g_string_replace (label, "%s", name, 1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label->str, -1);
}

static void
name_buttons (PstTransferRow *self, const char *name)
{
  /* Translators: the name of a button for screen readers; %s is the name of a file or folder */
  name_button (self->pause_button, _ ("Pause %s"), name);
  /* Translators: the name of a button for screen readers; %s is the name of a file or folder */
  name_button (self->resume_button, _ ("Resume %s"), name);
  /* Translators: the name of a button for screen readers; %s is the name of a file or folder */
  name_button (self->cancel_button, _ ("Cancel %s"), name);
  /* Translators: the name of a button for screen readers; %s is the name of a file or folder */
  name_button (self->expand_button, _ ("Details of %s"), name);
  /* Translators: the name of a button for screen readers; %s is the name of a file or folder */
  name_button (self->review_button, _ ("Review %s"), name);
  /* Translators: the name of a button for screen readers; %s is the name of a file or folder */
  name_button (self->open_button, _ ("Open %s"), name);
  /* Translators: the name of a button for screen readers; %s is the name of a file or folder */
  name_button (self->show_button, _ ("Show %s in Folder"), name);
  /* Translators: the name of a button for screen readers; %s is the name of a file or folder */
  name_button (self->retry_button, _ ("Try to Send %s Again"), name);
  /* Translators: the name of a button for screen readers; %s is the name of a file or folder */
  name_button (self->copy_button, _ ("Copy Details of %s"), name);
}

static void
update_title (PstTransferRow *self)
{
  const char *title = pst_app_transfer_get_title (self->transfer);
  g_autofree char *name = pst_text_name (title != NULL ? title : "");

  if (g_strcmp0 (gtk_label_get_text (self->title_label), name) == 0)
    return;

  gtk_label_set_text (self->title_label, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title_label), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  pst_progress_bar_set_label (self->bar, name);
  name_buttons (self, name);
}

/* A long list takes a while to look through, and never changes once it is there. */
static void
update_kind (PstTransferRow *self)
{
  PstManifest *manifest = pst_app_transfer_get_manifest (self->transfer);
  g_autoptr (GIcon) icon = NULL;

  if (self->has_kind)
    return;

  icon = pst_transfer_kind_icon (self->transfer);
  gtk_image_set_from_gicon (self->kind_icon, icon);
  self->has_kind = manifest != NULL && pst_manifest_is_sealed (manifest);
}

static void
update_buttons (PstTransferRow *self)
{
  PstTransferActions actions = pst_transfer_actions (self->transfer);
  PstTransferActions below = PST_ACTION_REVIEW | PST_ACTION_OPEN | PST_ACTION_SHOW
                             | PST_ACTION_COPY_DETAILS | PST_ACTION_RETRY;

  gtk_widget_set_visible (self->pause_button, actions & PST_ACTION_PAUSE);
  gtk_widget_set_visible (self->resume_button, actions & PST_ACTION_RESUME);
  gtk_widget_set_visible (self->cancel_button, actions & PST_ACTION_CANCEL);
  gtk_widget_set_visible (self->review_button, actions & PST_ACTION_REVIEW);
  gtk_widget_set_visible (self->open_button, actions & PST_ACTION_OPEN);
  gtk_widget_set_visible (self->show_button, actions & PST_ACTION_SHOW);
  gtk_widget_set_visible (self->copy_button, actions & PST_ACTION_COPY_DETAILS);
  gtk_widget_set_visible (self->retry_button, actions & PST_ACTION_RETRY);
  gtk_widget_set_visible (self->buttons, actions & below);
}

static void
set_class (GtkWidget *widget, const char *css_class, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, css_class);
  else
    gtk_widget_remove_css_class (widget, css_class);
}

static void
update_state (PstTransferRow *self)
{
  PstTransferState state = pst_app_transfer_get_state (self->transfer);
  g_autofree char *words = pst_text_state (self->transfer);
  g_autofree char *figures = pst_transfer_figures (self->transfer);

  set_text (self->state_label, words);
  set_class (GTK_WIDGET (self->state_label), "error", state == PST_TRANSFER_FAILED);
  set_class (GTK_WIDGET (self->state_label), "success", state == PST_TRANSFER_DONE);
  set_text (self->figures_label, figures);
}

static void
update_bar (PstTransferRow *self)
{
  gboolean shown = pst_transfer_has_progress (self->transfer);
  PstProgress progress = pst_transfer_progress (self->transfer);
  g_autofree char *figures = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->bar), shown);
  if (!shown)
    return;

  pst_progress_bar_set_bytes (self->bar, progress.done_bytes, progress.sent_bytes,
                              progress.total_bytes);
  figures = pst_text_bytes_of (progress.done_bytes, progress.total_bytes);
  pst_progress_bar_set_value_text (self->bar, figures);
}

static gboolean
is_full (PstAppTransfer *transfer)
{
  PstTransferState state = pst_app_transfer_get_state (transfer);

  return state == PST_TRANSFER_FULL_MY_DISK || state == PST_TRANSFER_FULL_THEIR_DISK;
}

/* What could not go on, since it is not the same any more. */
static char *
describe_again (PstAppTransfer *transfer)
{
  guint n_files = pst_app_transfer_get_again_files (transfer);

  if (n_files == 0)
    return NULL;

  return g_strdup_printf (
      ngettext ("%u file has changed since it came earlier: it begins anew.",
                "%u files have changed since they came earlier: they begin anew.", n_files),
      n_files);
}

/* What matters only if it does not arrive. */
static char *
describe_trouble (PstAppTransfer *transfer)
{
  PstJournalTrouble trouble = pst_app_transfer_get_journal_trouble (transfer);
  g_autofree char *folder = NULL;

  if (trouble == PST_JOURNAL_TROUBLE_NONE || pst_app_transfer_is_finished (transfer))
    return NULL;

  folder = pst_leftover_dup_folder ();
  return pst_text_journal_trouble (trouble, folder);
}

/* Says what went wrong, with the transfer or with what a button tried, or what it
 * needs to go on. */
void
pst_transfer_row_update_message (PstTransferRow *self)
{
  const GError *error = pst_app_transfer_get_error (self->transfer);
  g_autofree char *text = g_strdup (self->trouble);

  if (text == NULL && error != NULL
      && pst_app_transfer_get_state (self->transfer) == PST_TRANSFER_FAILED)
    {
      PstFailure failure = pst_failure_describe (
          error, pst_app_transfer_is_incoming (self->transfer) ? PST_FAILURE_RECEIVER
                                                               : PST_FAILURE_SENDER);

      text = failure.advice != NULL ? g_strdup_printf ("%s %s", failure.sentence, failure.advice)
                                    : g_strdup (failure.sentence);
    }

  if (text == NULL && is_full (self->transfer))
    text = pst_text_full (pst_app_transfer_is_incoming (self->transfer),
                          pst_app_transfer_get_missing_bytes (self->transfer));

  if (text == NULL)
    text = describe_trouble (self->transfer);

  if (text == NULL)
    text = describe_again (self->transfer);

  set_text (self->message_label, text);
}

/* Names come from whoever made the files: each is escaped, none is markup. */
static char *
list_left_out (const char *const *names, guint n_names)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < MIN (n_names, MAX_LEFT_OUT); i++)
    {
      g_autofree char *name = pst_text_name (names[i]);

      g_string_append_printf (list, "%s%s", i > 0 ? "\n" : "", name);
    }
  if (n_names > MAX_LEFT_OUT)
    g_string_append_printf (list, "\n%s", "…");

  return g_string_free (g_steal_pointer (&list), FALSE);
}

static void
update_left_out (PstTransferRow *self)
{
  const char *const *names = pst_app_transfer_get_left_out (self->transfer);
  guint n_names = names != NULL ? g_strv_length ((GStrv) names) : 0;
  g_autofree char *sentence = NULL;
  g_autofree char *list = NULL;
  GtkLabel *label;

  gtk_widget_set_visible (GTK_WIDGET (self->left_out), n_names > 0);
  if (n_names == 0)
    return;

  sentence = g_strdup_printf (ngettext ("%u item was left out", "%u items were left out", n_names),
                              n_names);
  if (g_strcmp0 (gtk_expander_get_label (self->left_out), sentence) == 0)
    return;

  gtk_expander_set_label (self->left_out, sentence);
  label = GTK_LABEL (gtk_expander_get_label_widget (self->left_out));
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
  pst_narrow_words (GTK_WIDGET (label));
  list = list_left_out (names, n_names);
  gtk_label_set_text (self->left_out_label, list);
}

/* Before something flows there is nothing to open the row for. */
static void
update_expandable (PstTransferRow *self)
{
  PstSamples *samples = pst_app_transfer_get_samples (self->transfer);
  gboolean expandable = pst_transfer_has_progress (self->transfer)
                        || (samples != NULL && pst_samples_get_n (samples) > 1);

  gtk_widget_set_visible (self->expand_button, expandable);
  if (!expandable && self->expanded)
    pst_transfer_row_set_expanded (self, FALSE);
}

/* Shows the transfer as it is now. */
void
pst_transfer_row_update (PstTransferRow *self)
{
  update_title (self);
  update_kind (self);
  update_state (self);
  update_bar (self);
  pst_transfer_row_update_message (self);
  update_left_out (self);
  update_buttons (self);
  update_expandable (self);
}
