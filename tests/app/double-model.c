/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "double-model.h"

/* The samples: as many as are added. */

struct _PstSamples
{
  GArray *array;
  guint64 peak_bps;
};

PstSamples *
pst_samples_new (void)
{
  PstSamples *self = g_new0 (PstSamples, 1);

  self->array = g_array_new (FALSE, FALSE, sizeof (PstSample));
  return self;
}

void
pst_samples_free (PstSamples *self)
{
  g_array_unref (self->array);
  g_free (self);
}

void
pst_samples_add (PstSamples *self, const PstSample *sample)
{
  g_array_append_val (self->array, *sample);
  self->peak_bps = MAX (self->peak_bps, sample->rate_bps);
}

guint
pst_samples_get_n (PstSamples *self)
{
  return self->array->len;
}

const PstSample *
pst_samples_get (PstSamples *self, guint index)
{
  return &g_array_index (self->array, PstSample, index);
}

guint64
pst_samples_get_peak_bps (PstSamples *self)
{
  return self->peak_bps;
}

/* The transfer. */

struct _PstAppTransfer
{
  GObject parent_instance;

  DoubleTransfer fields;
  DoubleCalls calls;
  PstSamples *samples;
};

G_DEFINE_FINAL_TYPE (PstAppTransfer, pst_app_transfer, G_TYPE_OBJECT)

static GParamSpec *state_pspec;
static guint sampled_signal;

static void
transfer_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int (value, PST_APP_TRANSFER (object)->fields.state);
}

static void
transfer_finalize (GObject *object)
{
  PstAppTransfer *self = PST_APP_TRANSFER (object);

  g_clear_error (&self->fields.error);
  pst_samples_free (self->samples);
  G_OBJECT_CLASS (pst_app_transfer_parent_class)->finalize (object);
}

static void
pst_app_transfer_class_init (PstAppTransferClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = transfer_get_property;
  G_OBJECT_CLASS (klass)->finalize = transfer_finalize;
  state_pspec = g_param_spec_int ("state", NULL, NULL, 0, G_MAXINT, 0,
                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1, state_pspec);
  sampled_signal = g_signal_new ("sampled", PST_TYPE_APP_TRANSFER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
pst_app_transfer_init (PstAppTransfer *self)
{
  self->samples = pst_samples_new ();
}

PstAppTransfer *
double_transfer_new (const DoubleTransfer *fields)
{
  PstAppTransfer *self = g_object_new (PST_TYPE_APP_TRANSFER, NULL);

  self->fields = *fields;
  return self;
}

void
double_transfer_set (PstAppTransfer *self, const DoubleTransfer *fields)
{
  if (fields->error != self->fields.error)
    g_clear_error (&self->fields.error);
  self->fields = *fields;
  g_object_notify_by_pspec (G_OBJECT (self), state_pspec);
}

void
double_transfer_sample (PstAppTransfer *self, const PstSample *sample)
{
  pst_samples_add (self->samples, sample);
  g_signal_emit (self, sampled_signal, 0);
}

DoubleCalls
double_transfer_get_calls (PstAppTransfer *self)
{
  return self->calls;
}

gboolean
pst_app_transfer_is_finished (PstAppTransfer *self)
{
  return self->fields.state >= PST_TRANSFER_DONE;
}

PstManifest *
pst_app_transfer_get_manifest (PstAppTransfer *self)
{
  return NULL;
}

PstSamples *
pst_app_transfer_get_samples (PstAppTransfer *self)
{
  return self->samples;
}

void
pst_app_transfer_pause (PstAppTransfer *self)
{
  self->calls.n_paused++;
}

void
pst_app_transfer_resume (PstAppTransfer *self)
{
  self->calls.n_resumed++;
}

void
pst_app_transfer_cancel (PstAppTransfer *self)
{
  self->calls.n_cancelled++;
}

gboolean
pst_app_transfer_is_incoming (PstAppTransfer *self)
{
  return self->fields.incoming;
}

gboolean
pst_app_transfer_is_queued (PstAppTransfer *self)
{
  return self->fields.queued;
}

PstTransferState
pst_app_transfer_get_state (PstAppTransfer *self)
{
  return self->fields.state;
}

const char *
pst_app_transfer_get_title (PstAppTransfer *self)
{
  return self->fields.title;
}

const GError *
pst_app_transfer_get_error (PstAppTransfer *self)
{
  return self->fields.error;
}

const char *const *
pst_app_transfer_get_paths (PstAppTransfer *self)
{
  return self->fields.paths;
}

const char *const *
pst_app_transfer_get_left_out (PstAppTransfer *self)
{
  return self->fields.left_out;
}

const char *const *
pst_app_transfer_get_result_paths (PstAppTransfer *self)
{
  return self->fields.result_paths;
}

guint64
pst_app_transfer_get_sent_bytes (PstAppTransfer *self)
{
  return self->fields.sent_bytes;
}

guint64
pst_app_transfer_get_written_bytes (PstAppTransfer *self)
{
  return self->fields.written_bytes;
}

guint64
pst_app_transfer_get_total_bytes (PstAppTransfer *self)
{
  return self->fields.total_bytes;
}

guint64
pst_app_transfer_get_rate_bps (PstAppTransfer *self)
{
  return self->fields.rate_bps;
}

guint64
pst_app_transfer_get_mean_rate_bps (PstAppTransfer *self)
{
  return self->fields.mean_rate_bps;
}

gint64
pst_app_transfer_get_time_left_us (PstAppTransfer *self)
{
  return self->fields.time_left_us;
}

guint
pst_app_transfer_get_total_files (PstAppTransfer *self)
{
  return self->fields.total_files;
}

guint64
pst_app_transfer_get_missing_bytes (PstAppTransfer *self)
{
  return self->fields.missing_bytes;
}

PstJournalTrouble
pst_app_transfer_get_journal_trouble (PstAppTransfer *self)
{
  return self->fields.journal_trouble;
}

guint64
pst_app_transfer_get_kept_bytes (PstAppTransfer *self)
{
  return self->fields.kept_bytes;
}

guint
pst_app_transfer_get_again_files (PstAppTransfer *self)
{
  return self->fields.again_files;
}

guint64
pst_app_transfer_get_checked_bytes (PstAppTransfer *self)
{
  return self->fields.checked_bytes;
}

guint64
pst_app_transfer_get_to_check_bytes (PstAppTransfer *self)
{
  return self->fields.to_check_bytes;
}

/* The session. */

struct _PstAppSession
{
  GObject parent_instance;

  DoubleSession fields;
  GListStore *transfers;
};

G_DEFINE_FINAL_TYPE (PstAppSession, pst_app_session, G_TYPE_OBJECT)

static GParamSpec *session_pspec;

static void
session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int (value, PST_APP_SESSION (object)->fields.state);
}

static void
session_finalize (GObject *object)
{
  g_object_unref (PST_APP_SESSION (object)->transfers);
  G_OBJECT_CLASS (pst_app_session_parent_class)->finalize (object);
}

static void
pst_app_session_class_init (PstAppSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = session_get_property;
  G_OBJECT_CLASS (klass)->finalize = session_finalize;
  session_pspec = g_param_spec_int ("state", NULL, NULL, 0, G_MAXINT, 0,
                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1, session_pspec);
}

static void
pst_app_session_init (PstAppSession *self)
{
  self->transfers = g_list_store_new (PST_TYPE_APP_TRANSFER);
}

PstAppSession *
double_session_new (const DoubleSession *fields)
{
  PstAppSession *self = g_object_new (PST_TYPE_APP_SESSION, NULL);

  self->fields = *fields;
  return self;
}

void
double_session_set (PstAppSession *self, const DoubleSession *fields)
{
  self->fields = *fields;
  g_object_notify_by_pspec (G_OBJECT (self), session_pspec);
}

void
double_session_add (PstAppSession *self, PstAppTransfer *transfer)
{
  g_list_store_append (self->transfers, transfer);
}

GListModel *
pst_app_session_get_transfers (PstAppSession *self)
{
  return G_LIST_MODEL (self->transfers);
}

PstSessionState
pst_app_session_get_state (PstAppSession *self)
{
  return self->fields.state;
}

gboolean
pst_app_session_is_together (PstAppSession *self)
{
  PstSessionState state = pst_app_session_get_state (self);

  return state == PST_SESSION_CONNECTED || state == PST_SESSION_RECONNECTING;
}

const char *
pst_app_session_get_peer_name (PstAppSession *self)
{
  return self->fields.peer_name;
}

PstRoute
pst_app_session_get_route (PstAppSession *self)
{
  return self->fields.route;
}

guint64
pst_app_session_get_buffered_bytes (PstAppSession *self)
{
  return self->fields.buffered_bytes;
}

guint64
pst_app_session_get_low_mark_bytes (PstAppSession *self)
{
  return self->fields.low_mark_bytes;
}

guint64
pst_app_session_get_high_mark_bytes (PstAppSession *self)
{
  return self->fields.high_mark_bytes;
}

gint64
pst_app_session_get_round_trip_us (PstAppSession *self)
{
  return self->fields.round_trip_us;
}

/* The history. */

struct _PstHistoryItem
{
  GObject parent_instance;

  const char *title;
  const char *peer_name;
  gboolean incoming;
  PstTransferState state;
  guint64 bytes;
  GDateTime *time;
};

G_DEFINE_FINAL_TYPE (PstHistoryItem, pst_history_item, G_TYPE_OBJECT)

static void
history_item_finalize (GObject *object)
{
  g_date_time_unref (PST_HISTORY_ITEM (object)->time);
  G_OBJECT_CLASS (pst_history_item_parent_class)->finalize (object);
}

static void
pst_history_item_class_init (PstHistoryItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = history_item_finalize;
}

static void
pst_history_item_init (PstHistoryItem *self)
{
  self->time = g_date_time_new_now_local ();
}

struct _PstHistory
{
  GObject parent_instance;

  GPtrArray *items;
};

static GType
history_get_item_type (GListModel *model)
{
  return PST_TYPE_HISTORY_ITEM;
}

static guint
history_get_n_items (GListModel *model)
{
  return PST_HISTORY (model)->items->len;
}

static gpointer
history_get_item (GListModel *model, guint position)
{
  PstHistory *self = PST_HISTORY (model);

  return position < self->items->len ? g_object_ref (self->items->pdata[position]) : NULL;
}

static void
history_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = history_get_item_type;
  iface->get_n_items = history_get_n_items;
  iface->get_item = history_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PstHistory,
                               pst_history,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, history_list_model_init))

static void
history_finalize (GObject *object)
{
  g_ptr_array_unref (PST_HISTORY (object)->items);
  G_OBJECT_CLASS (pst_history_parent_class)->finalize (object);
}

static void
pst_history_class_init (PstHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = history_finalize;
}

static void
pst_history_init (PstHistory *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
}

PstHistory *
double_history_new (void)
{
  return g_object_new (PST_TYPE_HISTORY, NULL);
}

void
double_history_add (PstHistory *self,
                    const char *title,
                    const char *peer_name,
                    gboolean incoming,
                    PstTransferState state,
                    guint64 bytes)
{
  PstHistoryItem *item = g_object_new (PST_TYPE_HISTORY_ITEM, NULL);

  item->title = title;
  item->peer_name = peer_name;
  item->incoming = incoming;
  item->state = state;
  item->bytes = bytes;
  g_ptr_array_add (self->items, item);
  g_list_model_items_changed (G_LIST_MODEL (self), self->items->len - 1, 0, 1);
}

void
pst_history_clear (PstHistory *self)
{
  guint n_items = self->items->len;

  g_ptr_array_set_size (self->items, 0);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_items, 0);
}

const char *const *
pst_history_item_get_paths (PstHistoryItem *self)
{
  static const char *const paths[] = { "/nowhere/file", NULL };

  return paths;
}

const char *
pst_history_item_get_title (PstHistoryItem *self)
{
  return self->title;
}

const char *
pst_history_item_get_peer_name (PstHistoryItem *self)
{
  return self->peer_name;
}

GDateTime *
pst_history_item_get_time (PstHistoryItem *self)
{
  return self->time;
}

guint64
pst_history_item_get_bytes (PstHistoryItem *self)
{
  return self->bytes;
}

PstTransferState
pst_history_item_get_state (PstHistoryItem *self)
{
  return self->state;
}

gboolean
pst_history_item_is_incoming (PstHistoryItem *self)
{
  return self->incoming;
}
