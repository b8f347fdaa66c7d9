/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-attention.h"

#include <glib/gi18n.h>
#include <string.h>

#include "pst-failure.h"
#include "pst-text.h"

typedef struct
{
  PstAttention *attention; /* its owner */
  PstAppTransfer *transfer;
  char *id; /* of the transfer, and of the notification about it */
  char *peer_name;
  gulong handler;
  gboolean notified;
} Watch;

struct _PstAttention
{
  GObject parent_instance;

  GtkApplication *application; /* outlives the window */
  GtkWindow *window;           /* owns this */
  GPtrArray *watches;
  GPtrArray *shown; /* ids of notifications about what is over */
  guint inhibit_cookie;
};

G_DEFINE_FINAL_TYPE (PstAttention, pst_attention, G_TYPE_OBJECT)

/* Notifications outlive windows: no two transfers of a run share an id. */
static guint last_id;

static void
watch_withdraw (Watch *watch)
{
  if (watch->notified)
    g_application_withdraw_notification (G_APPLICATION (watch->attention->application), watch->id);
  watch->notified = FALSE;
}

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  g_clear_signal_handler (&watch->handler, watch->transfer);
  watch_withdraw (watch);
  g_object_unref (watch->transfer);
  g_free (watch->id);
  g_free (watch->peer_name);
  g_free (watch);
}

static gboolean
is_flowing (PstTransferState state)
{
  return state >= PST_TRANSFER_RUNNING && state <= PST_TRANSFER_VERIFYING
         && state != PST_TRANSFER_PAUSED_BY_ME && state != PST_TRANSFER_FULL_MY_DISK;
}

static void
update_inhibit (PstAttention *self)
{
  gboolean flowing = FALSE;

  for (guint i = 0; i < self->watches->len && !flowing; i++)
    {
      Watch *watch = g_ptr_array_index (self->watches, i);

      flowing = is_flowing (pst_app_transfer_get_state (watch->transfer));
    }

  if (flowing && self->inhibit_cookie == 0)
    self->inhibit_cookie = gtk_application_inhibit (self->application, self->window,
                                                    GTK_APPLICATION_INHIBIT_SUSPEND
                                                        | GTK_APPLICATION_INHIBIT_LOGOUT,
                                                    /* Translators: why the machine stays awake */
                                                    _ ("Files are being transferred"));
  else if (!flowing && self->inhibit_cookie != 0)
    {
      gtk_application_uninhibit (self->application, self->inhibit_cookie);
      self->inhibit_cookie = 0;
    }
}

static char *
dup_title (Watch *watch)
{
  const char *title = pst_app_transfer_get_title (watch->transfer);

  return title != NULL ? pst_text_name (title) : NULL;
}

/* Some desktops take a body for markup and some do not, and nobody tells which this
 * one does: what would be markup to one of them is left out. The heading is text
 * to all. */
static void
set_body (GNotification *notification, const char *body)
{
  if (body != NULL && strpbrk (body, "<>&") == NULL)
    g_notification_set_body (notification, body);
}

static void
notify_person (Watch *watch, GNotification *notification)
{
  if (gtk_window_is_active (watch->attention->window))
    return;

  g_application_send_notification (G_APPLICATION (watch->attention->application), watch->id,
                                   notification);
  watch->notified = TRUE;
}

static void
notify_offer (Watch *watch)
{
  g_autofree char *name = watch->peer_name != NULL ? pst_text_name (watch->peer_name) : NULL;
  g_autofree char *title = dup_title (watch);
  g_autofree char *heading = NULL;
  g_autoptr (GNotification) notification = NULL;

  if (name == NULL)
    heading = g_strdup (_ ("The Other Person Wants to Send You Files"));
  else
    /* Translators: %s is a person’s name */
    heading = g_strdup_printf (_ ("%s Wants to Send You Files"), name);
  notification = g_notification_new (heading);
  set_body (notification, title);
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  g_notification_add_button_with_target (notification, _ ("Accept"), "app.accept", "s", watch->id);
  g_notification_add_button_with_target (notification, _ ("Decline"), "app.decline", "s",
                                         watch->id);
  notify_person (watch, notification);
}

static void
notify_end (Watch *watch)
{
  gboolean incoming = pst_app_transfer_is_incoming (watch->transfer);
  gboolean failed = pst_app_transfer_get_state (watch->transfer) == PST_TRANSFER_FAILED;
  const GError *error = pst_app_transfer_get_error (watch->transfer);
  g_autofree char *title = dup_title (watch);
  g_autofree char *body = NULL;
  g_autoptr (GNotification) notification = NULL;

  notification = g_notification_new (failed     ? _ ("Transfer Failed")
                                     : incoming ? _ ("Files Received")
                                                : _ ("Files Sent"));
  if (failed && error != NULL)
    body = g_strdup (
        pst_failure_describe (error, incoming ? PST_FAILURE_RECEIVER : PST_FAILURE_SENDER)
            .sentence);
  if (body == NULL)
    body = g_steal_pointer (&title);
  set_body (notification, body);
  notify_person (watch, notification);
}

/* Nothing goes on before the person does something. */
static void
notify_full (Watch *watch)
{
  g_autofree char *title = dup_title (watch);
  g_autofree char *advice = pst_text_full (TRUE,
                                           pst_app_transfer_get_missing_bytes (watch->transfer));
  g_autofree char *body = g_strconcat (advice, "\n", title, NULL);
  g_autoptr (GNotification) notification = g_notification_new (_ ("Disk Full"));

  set_body (notification, body);
  notify_person (watch, notification);
}

/* One notification for each transfer: the next one replaces it. */
static void
on_state (Watch *watch)
{
  PstAttention *self = watch->attention;
  PstTransferState state = pst_app_transfer_get_state (watch->transfer);

  update_inhibit (self);

  if (state == PST_TRANSFER_OFFERED && pst_app_transfer_is_incoming (watch->transfer))
    {
      notify_offer (watch);
      return;
    }

  watch_withdraw (watch);
  if (state == PST_TRANSFER_FULL_MY_DISK)
    notify_full (watch);
  if (!pst_app_transfer_is_finished (watch->transfer))
    return;

  if (state == PST_TRANSFER_DONE || state == PST_TRANSFER_FAILED)
    notify_end (watch);
  if (watch->notified)
    g_ptr_array_add (self->shown, g_strdup (watch->id));
  watch->notified = FALSE; /* stays until the person has seen it */
  g_ptr_array_remove (self->watches, watch);
}

/* In front of the person, the window says it all. */
static void
on_active (PstAttention *self)
{
  if (!gtk_window_is_active (self->window))
    return;

  for (guint i = 0; i < self->watches->len; i++)
    watch_withdraw (g_ptr_array_index (self->watches, i));
  for (guint i = 0; i < self->shown->len; i++)
    g_application_withdraw_notification (G_APPLICATION (self->application),
                                         g_ptr_array_index (self->shown, i));
  g_ptr_array_set_size (self->shown, 0);
}

static void
pst_attention_dispose (GObject *object)
{
  PstAttention *self = PST_ATTENTION (object);

  pst_attention_forget_all (self);
  if (self->window != NULL)
    g_signal_handlers_disconnect_by_data (self->window, self);
  g_clear_weak_pointer (&self->window);

  G_OBJECT_CLASS (pst_attention_parent_class)->dispose (object);
}

static void
pst_attention_finalize (GObject *object)
{
  PstAttention *self = PST_ATTENTION (object);

  g_ptr_array_unref (self->watches);
  g_ptr_array_unref (self->shown);
  g_clear_object (&self->application);

  G_OBJECT_CLASS (pst_attention_parent_class)->finalize (object);
}

static void
pst_attention_class_init (PstAttentionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pst_attention_dispose;
  G_OBJECT_CLASS (klass)->finalize = pst_attention_finalize;
}

static void
pst_attention_init (PstAttention *self)
{
  self->watches = g_ptr_array_new_with_free_func (watch_free);
  self->shown = g_ptr_array_new_with_free_func (g_free);
}

/**
 * pst_attention_new:
 * @application: who notifies
 * @window: the window whose transfers these are; not kept alive
 *
 * Makes one that watches nothing yet.
 *
 * Returns: (transfer full): it
 */
PstAttention *
pst_attention_new (GtkApplication *application, GtkWindow *window)
{
  PstAttention *self = g_object_new (PST_TYPE_ATTENTION, NULL);

  self->application = g_object_ref (application);
  g_set_weak_pointer (&self->window, window);
  g_signal_connect_swapped (window, "notify::is-active", G_CALLBACK (on_active), self);

  return self;
}

/**
 * pst_attention_add:
 * @self: it
 * @transfer: a transfer that is not finished
 * @peer_name: (nullable): whose it is
 *
 * Watches a transfer until it is finished.
 */
void
pst_attention_add (PstAttention *self, PstAppTransfer *transfer, const char *peer_name)
{
  Watch *watch;

  g_return_if_fail (PST_IS_ATTENTION (self));

  watch = g_new0 (Watch, 1);
  watch->attention = self;
  watch->transfer = g_object_ref (transfer);
  watch->id = g_strdup_printf ("transfer-%u", ++last_id);
  watch->peer_name = g_strdup (peer_name);
  watch->handler = g_signal_connect_swapped (transfer, "notify::state", G_CALLBACK (on_state),
                                             watch);
  g_ptr_array_add (self->watches, watch);
  on_state (watch);
}

/**
 * pst_attention_forget_all:
 * @self: it
 *
 * Watches none of the transfers any more and withdraws what asks for an answer
 * that nobody waits for.
 */
void
pst_attention_forget_all (PstAttention *self)
{
  g_return_if_fail (PST_IS_ATTENTION (self));

  g_ptr_array_set_size (self->watches, 0);
  update_inhibit (self);
}

/**
 * pst_attention_find:
 * @self: it
 * @id: what a notification's button said
 *
 * Finds the transfer a notification was about.
 *
 * Returns: (transfer none) (nullable): the transfer; %NULL if it is over
 */
PstAppTransfer *
pst_attention_find (PstAttention *self, const char *id)
{
  g_return_val_if_fail (PST_IS_ATTENTION (self), NULL);

  for (guint i = 0; i < self->watches->len; i++)
    {
      Watch *watch = g_ptr_array_index (self->watches, i);

      if (g_strcmp0 (watch->id, id) == 0)
        return watch->transfer;
    }

  return NULL;
}

/**
 * pst_attention_is_inhibiting:
 * @self: it
 *
 * Whether the machine is asked not to sleep.
 *
 * Returns: %TRUE while something flows
 */
gboolean
pst_attention_is_inhibiting (PstAttention *self)
{
  g_return_val_if_fail (PST_IS_ATTENTION (self), FALSE);

  return self->inhibit_cookie != 0;
}
