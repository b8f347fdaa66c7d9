/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-app-session-private.h"

#include "pst-app-transfer-private.h"
#include "pst-error.h"
#include "pst-exchange.h"
#include "pst-finished.h"

enum
{
  PROP_STATE = 1,
  PROP_CODE,
  PROP_INVITE_URI,
  PROP_VERIFIER,
  PROP_REMEMBER,
  PROP_ROUTE,
  PROP_SERVER_URL,
  PROP_PEER_NAME,
  PROP_BUFFERED_BYTES,
  PROP_HIGH_MARK_BYTES,
  PROP_LOW_MARK_BYTES,
  PROP_BUFFER_FULL,
  PROP_BUFFER_GROWTH_BPS,
  PROP_CONGESTED,
  PROP_ROUND_TRIP_US,
  N_PROPS
};

enum
{
  SIGNAL_TRANSFER_ADDED,
  SIGNAL_CLOSED,
  N_SIGNALS
};

/* From PROP_PEER_NAME on they are those of the exchange, in its order. */
G_STATIC_ASSERT (N_PROPS - PROP_PEER_NAME == PST_EXCHANGE_N_PROPERTIES);

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PstAppSession, pst_app_session, G_TYPE_OBJECT)

/* The oldest finished ones go when there are too many. */
static void
trim_finished (PstAppSession *self)
{
  PstFinished finished = { 0 };

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->transfers)); i-- > 0;)
    {
      PstAppTransfer *transfer = pst_app_session_peek_transfer (self, i);

      if (!pst_app_transfer_is_finished (transfer)
          || pst_finished_fits (&finished, pst_app_transfer_get_manifest (transfer)))
        continue;
      g_hash_table_remove (self->by_key, GUINT_TO_POINTER (pst_app_transfer_get_key (transfer)));
      g_list_store_remove (self->transfers, i);
    }
}

static void
add_transfer (PstAppSession *self, PstAppTransfer *transfer)
{
  guint key = pst_app_transfer_get_key (transfer);

  trim_finished (self);
  g_hash_table_insert (self->by_key, GUINT_TO_POINTER (key), transfer);
  g_list_store_append (self->transfers, transfer);
  g_signal_emit (self, signals[SIGNAL_TRANSFER_ADDED], 0, transfer);
}

/* One of ours that is not in the list was trimmed; one of theirs is new. */
static void
show_transfer (PstAppSession *self, const PstTransferSnapshot *snapshot)
{
  PstAppTransfer *known = g_hash_table_lookup (self->by_key, GUINT_TO_POINTER (snapshot->key));
  g_autoptr (PstAppTransfer) transfer = NULL;

  if (known != NULL)
    {
      pst_app_transfer_update (known, snapshot, self->now->time_us, self->now->buffered_bytes);
      return;
    }
  if (!PST_KEY_IS_INCOMING (snapshot->key))
    return;

  transfer = pst_app_transfer_new (self->resident, snapshot->key, NULL);
  pst_app_transfer_update (transfer, snapshot, self->now->time_us, self->now->buffered_bytes);
  add_transfer (self, transfer);
}

static void
notify_changes (PstAppSession *self, const PstSessionSnapshot *before)
{
  const PstSessionSnapshot *now = self->now;
  GObject *object = G_OBJECT (self);

#define NOTIFY(member, PROP)                                                                      \
  if (before->member != now->member)                                                              \
  g_object_notify_by_pspec (object, props[PROP])
#define NOTIFY_TEXT(member, PROP)                                                                 \
  if (g_strcmp0 (before->member, now->member) != 0)                                               \
  g_object_notify_by_pspec (object, props[PROP])
  NOTIFY (state, PROP_STATE);
  NOTIFY_TEXT (code, PROP_CODE);
  NOTIFY_TEXT (invite_uri, PROP_INVITE_URI);
  NOTIFY_TEXT (verifier, PROP_VERIFIER);
  NOTIFY (remember, PROP_REMEMBER);
  NOTIFY (route, PROP_ROUTE);
  NOTIFY_TEXT (peer_name, PROP_PEER_NAME);
  NOTIFY (buffered_bytes, PROP_BUFFERED_BYTES);
  NOTIFY (high_mark_bytes, PROP_HIGH_MARK_BYTES);
  NOTIFY (low_mark_bytes, PROP_LOW_MARK_BYTES);
  NOTIFY (buffer_full, PROP_BUFFER_FULL);
  NOTIFY (buffer_growth_bps, PROP_BUFFER_GROWTH_BPS);
  NOTIFY (congested, PROP_CONGESTED);
  NOTIFY (round_trip_us, PROP_ROUND_TRIP_US);
#undef NOTIFY_TEXT
#undef NOTIFY
}

/* How transfers end that the session's end met in the queue, or on the way
 * there; the engine says the same of those it knows. */
static PstTransferState
get_end_state (PstAppSession *self, const GError *error)
{
  if (self->leaving)
    return PST_TRANSFER_CANCELLED_BY_ME;
  if (error == NULL || g_error_matches (error, PST_ERROR, PST_ERROR_CANCELLED))
    return PST_TRANSFER_CANCELLED_BY_THEM;
  return PST_TRANSFER_FAILED;
}

static void
end_transfers (PstAppSession *self, const GError *error)
{
  g_autoptr (GError) left
      = g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED,
                             self->leaving ? "You cancelled." : "The other side left.");

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->transfers)); i++)
    pst_app_transfer_end (pst_app_session_peek_transfer (self, i), get_end_state (self, error),
                          error != NULL ? error : left);
}

/* Takes the newest snapshot from the mirror. */
static void
show (gpointer snapshot, gpointer user_data)
{
  g_autoptr (PstAppSession) self = g_object_ref (user_data);
  g_autoptr (PstSessionSnapshot) before = self->now;
  g_autoptr (GArray) transfers = g_array_ref (((PstSessionSnapshot *) snapshot)->transfers);
  gboolean closes = before->state != PST_SESSION_CLOSED;

  self->now = snapshot;
  for (guint i = 0; i < transfers->len; i++)
    show_transfer (self, &g_array_index (transfers, PstTransferSnapshot, i));
  g_object_freeze_notify (G_OBJECT (self));
  notify_changes (self, before);
  g_object_thaw_notify (G_OBJECT (self));

  if (!closes || self->now->state != PST_SESSION_CLOSED)
    return;
  end_transfers (self, self->now->error);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, self->now->error);
}

static void
get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  PstAppSession *self = PST_APP_SESSION (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->now->state);
      break;
    case PROP_CODE:
      g_value_set_string (value, self->now->code);
      break;
    case PROP_INVITE_URI:
      g_value_set_string (value, self->now->invite_uri);
      break;
    case PROP_VERIFIER:
      g_value_set_string (value, self->now->verifier);
      break;
    case PROP_REMEMBER:
      g_value_set_int (value, self->now->remember);
      break;
    case PROP_ROUTE:
      g_value_set_int (value, self->now->route);
      break;
    case PROP_SERVER_URL:
      g_value_set_string (value, self->server_url);
      break;
    case PROP_PEER_NAME:
      g_value_set_string (value, self->now->peer_name);
      break;
    case PROP_BUFFERED_BYTES:
      g_value_set_uint64 (value, self->now->buffered_bytes);
      break;
    case PROP_HIGH_MARK_BYTES:
      g_value_set_uint64 (value, self->now->high_mark_bytes);
      break;
    case PROP_LOW_MARK_BYTES:
      g_value_set_uint64 (value, self->now->low_mark_bytes);
      break;
    case PROP_BUFFER_FULL:
      g_value_set_boolean (value, self->now->buffer_full);
      break;
    case PROP_BUFFER_GROWTH_BPS:
      g_value_set_int64 (value, self->now->buffer_growth_bps);
      break;
    case PROP_CONGESTED:
      g_value_set_boolean (value, self->now->congested);
      break;
    case PROP_ROUND_TRIP_US:
      g_value_set_int64 (value, self->now->round_trip_us);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_app_session_dispose (GObject *object)
{
  PstAppSession *self = PST_APP_SESSION (object);

  if (self->resident != NULL)
    {
      self->leaving = TRUE;
      pst_mirror_stop (self->mirror);
      end_transfers (self, NULL);
      pst_resident_release (self->resident);
    }
  g_clear_pointer (&self->resident, pst_resident_unref);
  g_clear_pointer (&self->mirror, pst_mirror_unref);
  g_clear_pointer (&self->engine, pst_engine_unref);

  G_OBJECT_CLASS (pst_app_session_parent_class)->dispose (object);
}

static void
pst_app_session_finalize (GObject *object)
{
  PstAppSession *self = PST_APP_SESSION (object);

  g_clear_pointer (&self->by_key, g_hash_table_unref);
  g_clear_object (&self->transfers);
  g_clear_pointer (&self->now, pst_session_snapshot_free);
  g_free (self->server_url);

  G_OBJECT_CLASS (pst_app_session_parent_class)->finalize (object);
}

static void
pst_app_session_class_init (PstAppSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->dispose = pst_app_session_dispose;
  object_class->finalize = pst_app_session_finalize;

  props[PROP_STATE]
      = g_param_spec_int ("state", NULL, NULL, 0, PST_SESSION_CLOSED, PST_SESSION_NEW, flags);
  props[PROP_CODE] = g_param_spec_string ("code", NULL, NULL, NULL, flags);
  props[PROP_INVITE_URI] = g_param_spec_string ("invite-uri", NULL, NULL, NULL, flags);
  props[PROP_VERIFIER] = g_param_spec_string ("verifier", NULL, NULL, NULL, flags);
  props[PROP_REMEMBER] = g_param_spec_int ("remember", NULL, NULL, 0, PST_REMEMBER_AGREED, 0,
                                           flags);
  props[PROP_ROUTE] = g_param_spec_int ("route", NULL, NULL, 0, PST_ROUTE_RELAY, 0, flags);
  props[PROP_SERVER_URL] = g_param_spec_string ("server-url", NULL, NULL, NULL, flags);
  pst_exchange_fill_properties (&props[PROP_PEER_NAME]);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_TRANSFER_ADDED]
      = g_signal_new ("transfer-added", PST_TYPE_APP_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 1, PST_TYPE_APP_TRANSFER);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", PST_TYPE_APP_SESSION, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
pst_app_session_init (PstAppSession *self)
{
  self->transfers = g_list_store_new (PST_TYPE_APP_TRANSFER);
  self->by_key = g_hash_table_new (NULL, NULL);
  self->next_key = 1;
  self->now = g_new0 (PstSessionSnapshot, 1);
  self->now->round_trip_us = -1;
  self->now->transfers = g_array_new (FALSE, FALSE, sizeof (PstTransferSnapshot));
}

/**
 * pst_app_session_new:
 * @engine: where the session is to live
 * @options: the settings; copied
 *
 * Makes a session that has not begun, to be used in the main context that is
 * thread-default now. It may be let go at any time: what runs is cancelled, and
 * the session says goodbye in its engine.
 *
 * Returns: (transfer full): the session
 */
PstAppSession *
pst_app_session_new (PstEngine *engine, const PstSessionOptions *options)
{
  PstAppSession *self = g_object_new (PST_TYPE_APP_SESSION, NULL);

  self->engine = pst_engine_ref (engine);
  self->server_url = g_strdup (options->server_url);
  self->mirror = pst_mirror_new (show, self, (GDestroyNotify) pst_session_snapshot_free);
  self->resident = pst_resident_new (engine, options, self->mirror);
  return self;
}

/**
 * pst_app_session_host:
 * @self: a new session
 * @code: (nullable): the code to use; %NULL to have one made
 *
 * Waits for the other person. "code" and "invite-uri" are set once they are
 * known; failures come with #PstAppSession::closed.
 */
void
pst_app_session_host (PstAppSession *self, const char *code)
{
  g_return_if_fail (!self->begun);

  self->begun = TRUE;
  self->host = TRUE;
  pst_resident_host (self->resident, code);
}

/**
 * pst_app_session_join:
 * @self: a new session
 * @code_or_link: what the other person told or showed
 *
 * Looks for the other person. Failures come with #PstAppSession::closed.
 */
void
pst_app_session_join (PstAppSession *self, const char *code_or_link)
{
  g_return_if_fail (!self->begun);

  self->begun = TRUE;
  pst_resident_join (self->resident, code_or_link);
}

/**
 * pst_app_session_meet:
 * @self: a new session
 * @device_secret: what this machine shares with a remembered device
 * @host: whether to wait for it; otherwise it is looked for
 *
 * Meets a remembered device without a code. Failures come with
 * #PstAppSession::closed.
 */
void
pst_app_session_meet (PstAppSession *self, GBytes *device_secret, gboolean host)
{
  g_return_if_fail (!self->begun);

  self->begun = TRUE;
  self->host = host;
  self->meeting = TRUE;
  pst_resident_meet (self->resident, device_secret, host);
}

/**
 * pst_app_session_remember:
 * @self: a session that was paired with a code
 * @wanted: what this side's person wants
 *
 * Says whether the two devices are to remember each other; see
 * pst_session_remember().
 */
void
pst_app_session_remember (PstAppSession *self, gboolean wanted)
{
  pst_resident_remember (self->resident, wanted);
}

/**
 * pst_app_session_send:
 * @self: a session
 * @paths: (array zero-terminated=1): at least one file or folder
 *
 * Offers files to the other side: as soon as there is one, and not more than
 * %PST_APP_SESSION_MAX_ACTIVE at once; until then it waits in the queue.
 *
 * Returns: (transfer none) (nullable): the transfer; %NULL when the session
 *   closes or is closed
 */
PstAppTransfer *
pst_app_session_send (PstAppSession *self, const char *const *paths)
{
  g_autoptr (PstAppTransfer) transfer = NULL;

  g_return_val_if_fail (paths != NULL && paths[0] != NULL, NULL);
  if (self->leaving || self->now->state >= PST_SESSION_CLOSING)
    return NULL;

  transfer = pst_app_transfer_new (self->resident, self->next_key, paths);
  pst_resident_send (self->resident, self->next_key, paths);
  self->next_key += 2;
  add_transfer (self, transfer);
  return transfer; /* the list holds it */
}

/**
 * pst_app_session_want_verifier:
 * @self: a session
 *
 * Has the words made that two people compare: "verifier", a tenth of a second later.
 */
void
pst_app_session_want_verifier (PstAppSession *self)
{
  if (!self->leaving)
    pst_resident_want_verifier (self->resident);
}

/**
 * pst_app_session_reject:
 * @self: a session
 *
 * The person found that the words of "verifier" differ: cancels what runs or waits,
 * and ends the session with %PST_ERROR_UNVERIFIED on both sides.
 */
void
pst_app_session_reject (PstAppSession *self)
{
  if (self->leaving)
    return;

  self->leaving = self->now->state < PST_SESSION_CLOSING;
  pst_resident_reject (self->resident);
}

/**
 * pst_app_session_close:
 * @self: a session in any state
 *
 * Cancels what runs or waits, and ends the session; #PstAppSession::closed
 * comes after three seconds at most.
 */
void
pst_app_session_close (PstAppSession *self)
{
  if (self->leaving)
    return;

  self->leaving = self->now->state < PST_SESSION_CLOSING;
  pst_resident_close (self->resident);
}
