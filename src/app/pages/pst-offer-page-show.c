/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-offer-page-private.h"

#include <glib/gi18n.h>

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-failure.h"
#include "pst-text.h"

/* How much of the offer is in the chosen folder from an earlier time. */
static guint64
get_there_bytes (PstOfferPage *self)
{
  guint64 there_bytes;
  const char *folder;

  if (self->transfer == NULL || self->place == NULL || self->place->real_path == NULL)
    return 0;

  folder = pst_app_transfer_find_earlier (self->transfer, self->place->real_path, &there_bytes);
  return g_strcmp0 (folder, self->place->real_path) == 0 ? there_bytes : 0;
}

/* What of it need not come any more is there already. */
static guint64
get_needed_bytes (PstOfferPage *self)
{
  guint64 selected_bytes = pst_offer_tree_get_selected_bytes (self->tree);

  return selected_bytes - MIN (selected_bytes, get_there_bytes (self));
}

/* What stands in the way of accepting, as a sentence; NULL for nothing. */
static char *
describe_problem (PstOfferPage *self)
{
  g_autofree char *needed = NULL;
  g_autofree char *left = NULL;

  if (self->place != NULL && !self->place->writable)
    return g_strdup (_ ("Nothing can be written to this folder. Choose another one."));
  if (self->place != NULL && self->place->free_known
      && get_needed_bytes (self) > self->place->free_bytes)
    {
      needed = pst_text_size (get_needed_bytes (self));
      left = pst_text_size (self->place->free_bytes);
      /* Translators: the first %s is the size of what is chosen, the second the room there is */
      return g_strdup_printf (_ ("Not enough space: %s are needed, %s are free. Choose fewer files "
                                 "or another folder."),
                              needed, left);
    }

  return NULL;
}

/* The offer is still open, so the advice is another one than after a failure. */
static char *
describe_refusal (const GError *error)
{
  PstFailure failure = pst_failure_describe (error, PST_FAILURE_RECEIVER);

  if (g_error_matches (error, PST_ERROR, PST_ERROR_DESTINATION))
    return g_strdup (_ ("Nothing can be written to this folder. Choose another one."));
  if (g_error_matches (error, PST_ERROR, PST_ERROR_DISK_FULL))
    return g_strdup (_ ("There is not enough space. Choose fewer files or another folder."));
  if (g_error_matches (error, PST_ERROR, PST_ERROR_LIMIT))
    return g_strdup (
        _ ("This choice is too scattered. Choose whole folders or fewer single files."));

  return g_strdup_printf ("%s %s", failure.sentence, failure.advice);
}

/* Whether there is something to accept. */
gboolean
pst_offer_page_has_choice (PstOfferPage *self)
{
  return pst_offer_tree_get_check (self->tree, pst_offer_tree_get_root (self->tree))
         != PST_OFFER_CHECK_NONE;
}

/* Whether nothing stands in the way of accepting, as far as is known. */
gboolean
pst_offer_page_can_accept (PstOfferPage *self)
{
  g_autofree char *obstacle = describe_problem (self);

  return obstacle == NULL && self->place != NULL && pst_offer_page_has_choice (self)
         && !self->answered;
}

static void
show_problem (PstOfferPage *self)
{
  g_autofree char *problem = describe_problem (self);

  if (problem == NULL && self->refusal != NULL)
    problem = describe_refusal (self->refusal);

  gtk_label_set_text (GTK_LABEL (self->problem), problem != NULL ? problem : "");
  gtk_widget_set_visible (self->problem_box, problem != NULL);
  gtk_widget_set_sensitive (self->accept_button,
                            pst_offer_page_can_accept (self) && !self->accepting);
}

static void
show_selected (PstOfferPage *self)
{
  PstOfferCheck check = pst_offer_tree_get_check (self->tree, pst_offer_tree_get_root (self->tree));
  guint n_files = pst_offer_tree_get_selected_files (self->tree);
  g_autofree char *selected = pst_text_files_and_size (
      n_files, pst_offer_tree_get_selected_bytes (self->tree));

  gtk_label_set_text (GTK_LABEL (self->selected),
                      check != PST_OFFER_CHECK_NONE ? selected : _ ("Nothing chosen"));
  g_signal_handlers_block_by_func (self->all_check, pst_offer_page_toggle_all, self);
  gtk_check_button_set_inconsistent (GTK_CHECK_BUTTON (self->all_check),
                                     check == PST_OFFER_CHECK_SOME);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->all_check), check == PST_OFFER_CHECK_ALL);
  g_signal_handlers_unblock_by_func (self->all_check, pst_offer_page_toggle_all, self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->all_check),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  gtk_label_get_text (GTK_LABEL (self->selected)), -1);
}

static char *
describe_place (PstOfferPage *self)
{
  g_autofree char *shown = NULL;

  if (self->place == NULL)
    return g_strdup (_ ("Looking at the folder…"));
  if (self->place->display == NULL)
    return g_strdup (_ ("No folder"));

  /* Paths read from left to right in every language. */
  shown = pst_escape_name (self->place->display, -1);
  return g_strconcat ("\xe2\x81\xa6", shown, "\xe2\x81\xa9", NULL);
}

static void
show_place (PstOfferPage *self)
{
  gboolean free_known = self->place != NULL && self->place->free_known;
  g_autofree char *place = describe_place (self);
  g_autofree char *size = pst_text_size (free_known ? self->place->free_bytes : 0);
  /* Translators: room on a disk; %s is a size like “12.3 GB” */
  g_autofree char *left = g_strdup_printf (_ ("%s free"), size);

  gtk_label_set_text (GTK_LABEL (self->place_label), place);
  gtk_label_set_text (GTK_LABEL (self->free_label), left);
  gtk_widget_set_visible (self->free_label, free_known);
}

/* What is said of an earlier receipt of the same; NULL if there was none. */
static char *
describe_earlier (PstOfferPage *self)
{
  g_autofree char *size = NULL;
  g_autofree char *name = NULL;
  g_autofree char *shown = NULL;
  guint64 there_bytes;
  const char *folder;

  if (self->transfer == NULL || self->place == NULL)
    return NULL;

  folder = pst_app_transfer_find_earlier (self->transfer, self->place->real_path, &there_bytes);
  if (folder == NULL)
    return NULL;

  size = pst_text_size (there_bytes);
  if (g_strcmp0 (folder, self->place->real_path) == 0)
    /* Translators: %s is an amount of data such as “1.2 GB” */
    return g_strdup_printf (_ ("%s of this came earlier. It goes on from there, once that was "
                               "checked."),
                            size);

  name = g_path_get_basename (folder);
  shown = pst_text_name (name);
  /* Translators: the first %s is an amount of data such as “1.2 GB”, the second a folder */
  return g_strdup_printf (_ ("%s of this came earlier, into the folder %s. To go on from there, "
                             "choose that folder."),
                          size, shown);
}

static void
show_earlier (PstOfferPage *self)
{
  g_autofree char *text = describe_earlier (self);

  gtk_label_set_text (GTK_LABEL (self->earlier), text != NULL ? text : "");
  gtk_widget_set_visible (self->earlier, text != NULL);
}

/* Shows what is offered and by whom; the rest is pst_offer_page_refresh()'s. */
void
pst_offer_page_show_offer (PstOfferPage *self)
{
  guint n_files = pst_manifest_get_n_files (pst_offer_tree_get_manifest (self->tree));
  g_autofree char *name = self->peer_name != NULL ? pst_text_name (self->peer_name) : NULL;
  g_autofree char *summary = pst_text_files_and_size (
      n_files, pst_offer_tree_get_bytes (self->tree, pst_offer_tree_get_root (self->tree)));
  g_autofree char *title = NULL;

  if (name == NULL)
    title = g_strdup (_ ("The Other Person Wants to Send You Files"));
  else
    /* Translators: %s is a person’s name */
    title = g_strdup_printf (_ ("%s Wants to Send You Files"), name);

  gtk_label_set_text (GTK_LABEL (self->title), title);
  gtk_label_set_text (GTK_LABEL (self->summary), summary);
}

/* Shows what may have changed. */
void
pst_offer_page_refresh (PstOfferPage *self)
{
  show_place (self);
  if (self->tree == NULL)
    {
      gtk_widget_set_sensitive (self->accept_button, FALSE);
      return;
    }

  show_earlier (self);
  show_selected (self);
  show_problem (self);
}

/* The check of everything was pressed. */
void
pst_offer_page_toggle_all (PstOfferPage *self)
{
  guint root = pst_offer_tree_get_root (self->tree);

  pst_offer_tree_set_selected (self->tree, root,
                               pst_offer_tree_get_check (self->tree, root) != PST_OFFER_CHECK_ALL);
  show_selected (self);
}
