/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins the three wings: pairs, links, then carries transfers. */
#include "pst-session-private.h"

#include "pst-invite.h"

enum
{
  PROP_STATE = 1,
  PROP_CODE,
  PROP_INVITE_URI,
  PROP_VERIFIER,
  PROP_REMEMBER,
  PROP_ROUTE,
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

G_DEFINE_FINAL_TYPE (PstSession, pst_session, G_TYPE_OBJECT)

#define BIT(state) (1u << PST_SESSION_##state)

/* Where each state may lead. */
static const guint next_states[] = {
  [PST_SESSION_NEW] = BIT (STARTING) | BIT (CLOSING),
  [PST_SESSION_STARTING] = BIT (WAITING) | BIT (PAIRING) | BIT (CLOSING),
  [PST_SESSION_WAITING] = BIT (PAIRING) | BIT (CONNECTING) | BIT (CLOSING),
  [PST_SESSION_PAIRING] = BIT (CONNECTING) | BIT (CLOSING),
  [PST_SESSION_CONNECTING] = BIT (CONNECTED) | BIT (RECONNECTING) | BIT (CLOSING),
  [PST_SESSION_CONNECTED] = BIT (RECONNECTING) | BIT (CLOSING),
  [PST_SESSION_RECONNECTING] = BIT (CONNECTED) | BIT (CLOSING),
  [PST_SESSION_CLOSING] = BIT (CLOSED),
  [PST_SESSION_CLOSED] = 0,
};

/* The one place where the state changes. */
void
pst_session_set_state (PstSession *self, PstSessionState state)
{
  g_autoptr (PstSession) alive = g_object_ref (self);

  if (self->state == state)
    return;

  g_return_if_fail ((next_states[self->state] >> state) & 1);
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  if (state == PST_SESSION_CLOSED)
    g_signal_emit (self, signals[SIGNAL_CLOSED], 0, self->error);
}

/* @rendezvous_url: (nullable): the server the link must name. */
void
pst_session_set_code (PstSession *self, const char *code, const char *rendezvous_url)
{
  g_free (self->code);
  self->code = g_strdup (code);
  g_free (self->invite_uri);
  self->invite_uri = pst_invite_to_uri (code, rendezvous_url);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CODE]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_INVITE_URI]);
}

/* @phrase: (transfer full): the words to compare */
void
pst_session_take_verifier (PstSession *self, char *phrase)
{
  self->verifier = phrase;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_VERIFIER]);
}

/* How far the two are with remembering each other. */
void
pst_session_set_remember (PstSession *self, PstRemember remember)
{
  if (self->remember == remember)
    return;

  self->remember = remember;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_REMEMBER]);
}

/* A transfer was added to the list. */
void
pst_session_emit_transfer_added (PstSession *self, PstTransfer *transfer)
{
  g_signal_emit (self, signals[SIGNAL_TRANSFER_ADDED], 0, transfer);
}

/* What the exchange shows, the session shows under the same name. */
void
pst_session_notify_exchange (PstSession *self, const char *property)
{
  for (guint i = PROP_PEER_NAME; i < N_PROPS; i++)
    if (g_str_equal (props[i]->name, property))
      g_object_notify_by_pspec (G_OBJECT (self), props[i]);
}

/* The link's route changed, or the link. */
void
pst_session_notify_route (PstSession *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ROUTE]);
}

static void
get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  PstSession *self = PST_SESSION (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_CODE:
      g_value_set_string (value, self->code);
      break;
    case PROP_INVITE_URI:
      g_value_set_string (value, self->invite_uri);
      break;
    case PROP_VERIFIER:
      g_value_set_string (value, self->verifier);
      break;
    case PROP_REMEMBER:
      g_value_set_int (value, self->remember);
      break;
    case PROP_ROUTE:
      g_value_set_int (value, self->peer != NULL ? pst_peer_get_route (self->peer) : 0);
      break;
    default:
      if (self->exchange != NULL)
        g_object_get_property (G_OBJECT (self->exchange), pspec->name, value);
    }
}

static void
pst_session_dispose (GObject *object)
{
  PstSession *self = PST_SESSION (object);

  pst_session_clear_pairing (self);
  pst_session_stop_reconnecting (self);
  pst_timer_clear (&self->deadline);
  pst_timer_clear (&self->closing_source);
  if (self->exchange != NULL)
    g_signal_handlers_disconnect_by_data (self->exchange, self);
  if (self->peer != NULL)
    g_signal_handlers_disconnect_by_data (self->peer, self);
  g_clear_object (&self->exchange);
  g_ptr_array_set_size (self->links, 0);
  g_clear_object (&self->bundle);
  g_clear_object (&self->peer);
  if (self->wormhole != NULL)
    g_signal_handlers_disconnect_by_data (self->wormhole, self);
  g_clear_object (&self->wormhole);
  g_clear_object (&self->beacon);
  g_clear_object (&self->listener);
  g_clear_object (&self->rendezvous);
  g_clear_object (&self->transfers);

  G_OBJECT_CLASS (pst_session_parent_class)->dispose (object);
}

static void
pst_session_finalize (GObject *object)
{
  PstSession *self = PST_SESSION (object);

  g_clear_pointer (&self->attempts, g_ptr_array_unref);
  g_clear_pointer (&self->links, g_ptr_array_unref);
  g_clear_pointer (&self->close_tasks, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_clear_error (&self->pairing_error);
  g_clear_error (&self->mailbox_error);
  g_free (self->server_url);
  g_free (self->stun_server);
  g_strfreev (self->turn_servers);
  g_free (self->display_name);
  g_free (self->journals);
  g_free (self->code);
  g_free (self->invite_uri);
  g_free (self->verifier);
  g_free (self->meeting_id);
  g_clear_pointer (&self->device_secret, g_bytes_unref);

  G_OBJECT_CLASS (pst_session_parent_class)->finalize (object);
}

static void
pst_session_class_init (PstSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->dispose = pst_session_dispose;
  object_class->finalize = pst_session_finalize;

  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, PST_SESSION_CLOSED, PST_SESSION_NEW,
                                        flags);
  props[PROP_CODE] = g_param_spec_string ("code", NULL, NULL, NULL, flags);
  props[PROP_INVITE_URI] = g_param_spec_string ("invite-uri", NULL, NULL, NULL, flags);
  props[PROP_VERIFIER] = g_param_spec_string ("verifier", NULL, NULL, NULL, flags);
  props[PROP_REMEMBER] = g_param_spec_int ("remember", NULL, NULL, 0, PST_REMEMBER_AGREED, 0,
                                           flags);
  props[PROP_ROUTE] = g_param_spec_int ("route", NULL, NULL, 0, PST_ROUTE_RELAY, 0, flags);
  pst_exchange_fill_properties (&props[PROP_PEER_NAME]);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_TRANSFER_ADDED] = g_signal_new ("transfer-added", PST_TYPE_SESSION,
                                                 G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                 G_TYPE_NONE, 1, PST_TYPE_TRANSFER);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", PST_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
pst_session_init (PstSession *self)
{
  self->attempts = g_ptr_array_new_with_free_func (g_object_unref);
  self->links = g_ptr_array_new_with_free_func ((GDestroyNotify) pst_session_link_free);
  self->close_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->transfers = g_list_store_new (PST_TYPE_TRANSFER);
  g_queue_init (&self->found_urls);
  g_queue_init (&self->found_places);
}

/**
 * pst_session_new:
 * @options: the settings; copied
 *
 * Returns: (transfer full): a session that has not begun
 */
PstSession *
pst_session_new (const PstSessionOptions *options)
{
  PstSession *self = g_object_new (PST_TYPE_SESSION, NULL);

  self->server_url = g_strdup (options->server_url);
  self->stun_server = g_strdup (options->stun_server);
  self->turn_servers = g_strdupv ((char **) options->turn_servers);
  self->relay_only = options->relay_only;
  self->stock = options->stock;
  self->limit_bps = options->limit_bps;
  self->n_words = options->n_words;
  self->reconnect_wait_s = MIN (options->reconnect_wait_s, PST_SESSION_MAX_RECONNECT_WAIT_S);
  self->display_name = g_strdup (options->display_name);
  self->only_receives = options->only_receives;
  self->journals = g_strdup (options->journals);
  return self;
}

/**
 * pst_session_host:
 * @self: a new session
 * @code: (nullable): the code to use; %NULL to have one made
 *
 * Waits for the other person: on this network with a rendezvous server of its
 * own, or through the server that is set. "code" and "invite-uri" are set once
 * they are known; failures come with #PstSession::closed.
 */
void
pst_session_host (PstSession *self, const char *code)
{
  g_return_if_fail (self->state == PST_SESSION_NEW);

  self->host = TRUE;
  pst_session_set_state (self, PST_SESSION_STARTING);
  pst_session_start_hosting (self, code);
}

/**
 * pst_session_join:
 * @self: a new session
 * @code_or_link: what the other person told or showed
 *
 * Looks for the other person. Failures come with #PstSession::closed.
 */
void
pst_session_join (PstSession *self, const char *code_or_link)
{
  g_return_if_fail (self->state == PST_SESSION_NEW);

  pst_session_set_state (self, PST_SESSION_STARTING);
  pst_session_start_joining (self, code_or_link);
}

/**
 * pst_session_meet:
 * @self: a new session
 * @device_secret: what this machine shares with a remembered device
 * @host: whether to wait for it; otherwise it is looked for
 *
 * Meets a device that was remembered (see pst_session_dup_device_secret()) without
 * a code: on this network and, if one is set, at the server. One of the two has to
 * wait. Failures come with #PstSession::closed.
 */
void
pst_session_meet (PstSession *self, GBytes *device_secret, gboolean host)
{
  g_return_if_fail (self->state == PST_SESSION_NEW);
  g_return_if_fail (g_bytes_get_size (device_secret) == PST_KEY_BYTES);

  self->device_secret = g_bytes_ref (device_secret);
  self->host = host;
  pst_session_set_state (self, PST_SESSION_STARTING);
  pst_session_start_meeting (self);
}

/**
 * pst_session_send:
 * @self: a session that is connected, or connecting anew
 * @paths: (array zero-terminated=1): at least one file or folder
 *
 * Offers files to the other side; may be done at any time, by both sides. While
 * the link is being replaced, the offer waits for it.
 *
 * Returns: (transfer none) (nullable): the transfer; %NULL if not connected
 */
PstTransfer *
pst_session_send (PstSession *self, const char *const *paths)
{
  if (self->state != PST_SESSION_CONNECTED && self->state != PST_SESSION_RECONNECTING)
    return NULL;

  return pst_exchange_offer (self->exchange, paths);
}

/**
 * pst_session_get_state:
 * @self: a session
 *
 * Returns: the state
 */
PstSessionState
pst_session_get_state (PstSession *self)
{
  return self->state;
}

/**
 * pst_session_get_code:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the code, once known
 */
const char *
pst_session_get_code (PstSession *self)
{
  return self->code;
}

/**
 * pst_session_get_invite_uri:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the link that says the same as the
 *   code and, on this network, where the server is
 */
const char *
pst_session_get_invite_uri (PstSession *self)
{
  return self->invite_uri;
}

/**
 * pst_session_get_verifier:
 * @self: a session
 *
 * Gives the words that two people compare to find that nobody is in between
 * (docs/protocol.md, Phrase): known about a tenth of a second after pairing, if
 * pst_session_want_verifier() was called.
 *
 * Returns: (transfer none) (nullable): the words with blanks between them, once known
 */
const char *
pst_session_get_verifier (PstSession *self)
{
  return self->verifier;
}

/**
 * pst_session_get_peer_name:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the other person's name, escaped for showing
 */
const char *
pst_session_get_peer_name (PstSession *self)
{
  return self->exchange != NULL ? pst_exchange_get_peer_name (self->exchange) : NULL;
}

/**
 * pst_session_get_server_url:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the server that is set; %NULL for this
 *   network only
 */
const char *
pst_session_get_server_url (PstSession *self)
{
  return self->server_url;
}

/**
 * pst_session_get_transfers:
 * @self: a session
 *
 * Returns: (transfer none): the list of #PstTransfer, oldest first
 */
GListModel *
pst_session_get_transfers (PstSession *self)
{
  return G_LIST_MODEL (self->transfers);
}
