/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-thrift.h"

typedef struct
{
  PstThrift *thrift; /* its owner */
  PstAppTransfer *transfer;
  gulong handler;
  gboolean paused; /* by us, in this metered period; whoever resumes it meant it */
} Watch;

struct _PstThrift
{
  GObject parent_instance;

  GNetworkMonitor *monitor;
  GSettings *settings;
  GPtrArray *watches;
};

G_DEFINE_FINAL_TYPE (PstThrift, pst_thrift, G_TYPE_OBJECT)

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  g_clear_signal_handler (&watch->handler, watch->transfer);
  g_object_unref (watch->transfer);
  g_free (watch);
}

static gboolean
is_pausable (PstTransferState state)
{
  return (state >= PST_TRANSFER_RUNNING && state <= PST_TRANSFER_HELD_LIMIT)
         || state == PST_TRANSFER_PAUSED_BY_THEM || state == PST_TRANSFER_STALLED;
}

static gboolean
is_metered (PstThrift *self)
{
  return g_settings_get_boolean (self->settings, "pause-when-metered")
         && g_network_monitor_get_network_metered (self->monitor);
}

static void
watch_apply (Watch *watch, gboolean metered)
{
  PstTransferState state = pst_app_transfer_get_state (watch->transfer);

  if (metered && !watch->paused && is_pausable (state))
    {
      watch->paused = TRUE;
      pst_app_transfer_pause (watch->transfer);
    }
  else if (!metered && watch->paused)
    {
      watch->paused = FALSE;
      if (state == PST_TRANSFER_PAUSED_BY_ME)
        pst_app_transfer_resume (watch->transfer);
    }
}

static void
apply_to_all (PstThrift *self)
{
  gboolean metered = is_metered (self);

  for (guint i = 0; i < self->watches->len; i++)
    watch_apply (g_ptr_array_index (self->watches, i), metered);
}

static void
on_state (Watch *watch)
{
  if (pst_app_transfer_is_finished (watch->transfer))
    g_ptr_array_remove (watch->thrift->watches, watch);
  else
    watch_apply (watch, is_metered (watch->thrift));
}

static void
pst_thrift_dispose (GObject *object)
{
  PstThrift *self = PST_THRIFT (object);

  g_ptr_array_set_size (self->watches, 0);
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_object (&self->monitor);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (pst_thrift_parent_class)->dispose (object);
}

static void
pst_thrift_finalize (GObject *object)
{
  g_ptr_array_unref (PST_THRIFT (object)->watches);

  G_OBJECT_CLASS (pst_thrift_parent_class)->finalize (object);
}

static void
pst_thrift_class_init (PstThriftClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pst_thrift_dispose;
  G_OBJECT_CLASS (klass)->finalize = pst_thrift_finalize;
}

static void
pst_thrift_init (PstThrift *self)
{
  self->watches = g_ptr_array_new_with_free_func (watch_free);
}

/**
 * pst_thrift_new:
 * @monitor: knows whether the network is metered
 * @settings: with the key `pause-when-metered`
 *
 * Makes one that watches no transfer yet.
 *
 * Returns: (transfer full): it
 */
PstThrift *
pst_thrift_new (GNetworkMonitor *monitor, GSettings *settings)
{
  PstThrift *self = g_object_new (PST_TYPE_THRIFT, NULL);

  self->monitor = g_object_ref (monitor);
  self->settings = g_object_ref (settings);
  g_signal_connect_swapped (monitor, "notify::network-metered", G_CALLBACK (apply_to_all), self);
  g_signal_connect_swapped (settings, "changed::pause-when-metered", G_CALLBACK (apply_to_all),
                            self);

  return self;
}

/**
 * pst_thrift_add:
 * @self: it
 * @transfer: a transfer
 *
 * Watches over a transfer until it is finished.
 */
void
pst_thrift_add (PstThrift *self, PstAppTransfer *transfer)
{
  Watch *watch;

  g_return_if_fail (PST_IS_THRIFT (self));

  watch = g_new0 (Watch, 1);
  watch->thrift = self;
  watch->transfer = g_object_ref (transfer);
  watch->handler = g_signal_connect_swapped (transfer, "notify::state", G_CALLBACK (on_state),
                                             watch);
  g_ptr_array_add (self->watches, watch);
  on_state (watch);
}

/**
 * pst_thrift_forget_all:
 * @self: it
 *
 * Watches over no transfer any more.
 */
void
pst_thrift_forget_all (PstThrift *self)
{
  g_return_if_fail (PST_IS_THRIFT (self));

  g_ptr_array_set_size (self->watches, 0);
}
