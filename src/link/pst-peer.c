/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-peer.h"

#include "pst-error.h"
#include "pst-peer-private.h"
#include "pst-route.h"

/* ICE gives up on a pair after some 8 s; a slow mailbox and a relay over TCP
 * need time, too. Longer than this, people think that nothing happens. */
#define CONNECT_TIMEOUT_MS 30000

enum
{
  PROP_STATE = 1,
  PROP_ROUTE,
  N_PROPS
};

enum
{
  SIGNAL_SIGNAL,
  SIGNAL_OPENED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void channel_iface_init (PstChannelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstPeer,
                               pst_peer,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PST_TYPE_CHANNEL, channel_iface_init))

/* From each state, the ones that may follow, as bits. */
static const guint transitions[] = {
  [PST_PEER_NEW] = 1u << PST_PEER_CONNECTING | 1u << PST_PEER_CLOSED,
  [PST_PEER_CONNECTING] = 1u << PST_PEER_SECURING | 1u << PST_PEER_CLOSED,
  [PST_PEER_SECURING] = 1u << PST_PEER_OPEN | 1u << PST_PEER_CLOSED,
  [PST_PEER_OPEN] = 1u << PST_PEER_CLOSED,
  [PST_PEER_CLOSED] = 0,
};

/* The one place where the state changes. */
void
pst_peer_set_state (PstPeer *self, PstPeerState state)
{
  g_return_if_fail ((transitions[self->state] & 1u << state) != 0);

  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

/* Says anew which way the bytes go: the path or what is known of it changed. */
void
pst_peer_update_route (PstPeer *self)
{
  PstRoute route;

  if (self->path == NULL)
    return;

  g_debug ("path:%s —%s", self->path[0], self->path[1]);
  route = pst_route_classify (self->path[0], self->local_candidates, self->path[1],
                              self->remote_candidates);
  if (self->route == route)
    return;
  self->route = route;
  if (self->pipeline != NULL)
    pst_pipeline_set_route (self->pipeline, route);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ROUTE]);
}

/* Whether it was started and is not closed. */
gboolean
pst_peer_is_alive (PstPeer *self)
{
  return self->state != PST_PEER_NEW && self->state != PST_PEER_CLOSED;
}

/* Ends the connection for a reason of its own. */
void
pst_peer_fail (PstPeer *self, GError *error)
{
  if (self->state == PST_PEER_CLOSED)
    return;

  pst_peer_tear_down (self);
  pst_peer_set_state (self, PST_PEER_CLOSED);
  pst_channel_emit_closed (PST_CHANNEL (self), error);
}

/* As pst_peer_fail(), with an error made here. */
void
pst_peer_fail_literal (PstPeer *self, int code, const char *sentence)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, code, sentence);

  pst_peer_fail (self, error);
}

/* The other side must hear this. */
void
pst_peer_emit_signal (PstPeer *self, JsonObject *message)
{
  g_signal_emit (self, signals[SIGNAL_SIGNAL], 0, message);
}

/* Frames may flow. */
void
pst_peer_emit_opened (PstPeer *self)
{
  g_signal_emit (self, signals[SIGNAL_OPENED], 0);
}

static void
on_failure (PstPeer *self, const char *element)
{
  g_debug ("The element %s failed.", element);
  pst_peer_fail_literal (self,
                         self->state == PST_PEER_CONNECTING ? PST_ERROR_NO_PATH : PST_ERROR_LOST,
                         "The connection to the other side broke off.");
}

static void
dispatch (PstPeer *self, PstHandoverKind kind, gpointer data)
{
  switch (kind)
    {
    case PST_HANDOVER_FRAME:
      pst_peer_on_frame (self, data);
      break;
    case PST_HANDOVER_OVERFLOW:
      pst_peer_fail_literal (self, PST_ERROR_PROTOCOL,
                             "The other side sent more than it was allowed.");
      break;
    case PST_HANDOVER_VIOLATION:
      pst_peer_fail_literal (self, PST_ERROR_PROTOCOL,
                             "The other side used the connection in a way that Penstock does not.");
      break;
    case PST_HANDOVER_LOW:
      if (self->state == PST_PEER_OPEN)
        pst_channel_emit_buffered_amount_low (PST_CHANNEL (self));
      break;
    case PST_HANDOVER_OPENED:
      pst_peer_on_opened (self);
      break;
    case PST_HANDOVER_ENDED:
      pst_peer_fail_literal (self, PST_ERROR_LOST, "The other side ended the connection.");
      break;
    case PST_HANDOVER_TRANSPORT:
      pst_peer_on_transport (self);
      break;
    case PST_HANDOVER_GATHERING:
      pst_peer_on_gathering (self);
      break;
    case PST_HANDOVER_GATHERED:
      pst_peer_on_gathered (self);
      break;
    case PST_HANDOVER_CANDIDATE:
      pst_peer_on_candidate (self, data);
      break;
    case PST_HANDOVER_DESCRIPTION:
      pst_peer_on_description (self, data);
      break;
    case PST_HANDOVER_REPLY:
      if (pst_pipeline_is_refusal (data))
        pst_peer_fail_literal (self, PST_ERROR_PROTOCOL,
                               "The two sides could not agree on how to connect.");
      break;
    case PST_HANDOVER_ROUTE:
      pst_peer_on_path (self, data);
      break;
    case PST_HANDOVER_FAILURE:
      on_failure (self, data);
      break;
    }
}

static void
on_handover (PstHandoverKind kind, gpointer data, gpointer user_data)
{
  g_autoptr (PstPeer) self = g_object_ref (user_data);

  if (pst_peer_is_alive (self))
    dispatch (self, kind, data);
}

static gboolean
on_connect_timeout (gpointer user_data)
{
  g_autoptr (PstPeer) self = g_object_ref (user_data);

  if (self->state == PST_PEER_CONNECTING)
    pst_peer_fail_literal (self, PST_ERROR_NO_PATH,
                           "No network path to the other side was found in time.");
  else
    pst_peer_fail_literal (self, PST_ERROR_LOST, "The other side did not prove in time who it is.");
  return G_SOURCE_REMOVE;
}

/**
 * pst_peer_new:
 * @config: what the connection needs to know; copied
 * @error: return location for a %PST_ERROR_USAGE (a server's address), a
 *   %PST_ERROR_NO_PATH (relays only, but none given) or a %PST_ERROR_FAILED
 *   (GStreamer or one of its plug-ins is missing)
 *
 * Makes one end of one connection, which belongs to the main context that is
 * thread-default now. It can be used once.
 *
 * Returns: (transfer full) (nullable): the peer
 */
PstPeer *
pst_peer_new (const PstPeerConfig *config, GError **error)
{
  PstPeer *self;

  if (!pst_peer_check_config (config, error) || !pst_pipeline_check_installed (error))
    return NULL;

  self = g_object_new (PST_TYPE_PEER, NULL);
  self->offerer = config->offerer;
  self->local_side = g_strdup (config->local_side);
  self->remote_side = g_strdup (config->remote_side);
  self->epoch = config->epoch;
  self->link = config->link;
  self->bind_key = g_bytes_ref (config->bind_key);
  self->stun_server = g_strdup (config->stun_server);
  self->turn_servers = g_strdupv ((GStrv) config->turn_servers);
  self->relay_only = config->relay_only;
  self->stock = config->stock;
  self->signalling = pst_signalling_new (self->offerer, self->epoch);
  return self;
}

/**
 * pst_peer_start:
 * @self: a new peer
 * @error: return location for a %PST_ERROR_FAILED or %PST_ERROR_USAGE
 *
 * Starts to connect. #PstPeer::signal tells what the other side must hear;
 * #PstPeer::opened or #PstChannel::closed follows within 30 s.
 *
 * Returns: %TRUE if it started; after %FALSE, the peer can only be closed
 */
gboolean
pst_peer_start (PstPeer *self, GError **error)
{
  PstSignal *early;

  g_return_val_if_fail (PST_IS_PEER (self), FALSE);
  g_return_val_if_fail (self->state == PST_PEER_NEW, FALSE);

  self->pipeline = pst_pipeline_new (self->handover, self->stun_server,
                                     (const char *const *) self->turn_servers, self->relay_only,
                                     self->stock, error);
  if (self->pipeline == NULL)
    return FALSE;

  pst_pipeline_set_low_mark (self->pipeline, self->low_mark_bytes);
  pst_timer_set (&self->connect_timeout, self->connect_timeout_ms, on_connect_timeout, self);
  pst_peer_set_state (self, PST_PEER_CONNECTING);

  if (self->offerer && pst_peer_is_alive (self))
    pst_pipeline_make_description (self->pipeline, TRUE);
  while (pst_peer_is_alive (self) && (early = g_queue_pop_head (&self->early)) != NULL)
    {
      pst_peer_apply_signal (self, early);
      pst_signal_free (early);
    }
  return TRUE;
}

/**
 * pst_peer_take_signal:
 * @self: a peer
 * @message: what the other side's #PstPeer::signal gave, as it came
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Takes an `sdp` or `ice` message (docs/protocol.md, “Signalling”); it may come
 * before the start. After an error the peer is as it was: whether the other
 * side is worth more patience is for the caller to say. Messages for a closed
 * peer are ignored.
 *
 * Returns: %TRUE if the message was acceptable
 */
gboolean
pst_peer_take_signal (PstPeer *self, JsonObject *message, GError **error)
{
  g_autoptr (PstSignal) signal = NULL;

  g_return_val_if_fail (PST_IS_PEER (self), FALSE);

  if (self->state == PST_PEER_CLOSED)
    return TRUE;

  signal = pst_signalling_take (self->signalling, message, error);
  if (signal == NULL)
    return FALSE;

  if (self->pipeline != NULL)
    pst_peer_apply_signal (self, signal);
  else
    g_queue_push_tail (&self->early, g_steal_pointer (&signal));
  return TRUE;
}

/**
 * pst_peer_get_state:
 * @self: a peer
 *
 * Returns: how far the connection is
 */
PstPeerState
pst_peer_get_state (PstPeer *self)
{
  g_return_val_if_fail (PST_IS_PEER (self), PST_PEER_CLOSED);

  return self->state;
}

/**
 * pst_peer_get_route:
 * @self: a peer
 *
 * Returns: which way the bytes go; it can change while the connection is open
 */
PstRoute
pst_peer_get_route (PstPeer *self)
{
  g_return_val_if_fail (PST_IS_PEER (self), PST_ROUTE_UNKNOWN);

  return self->route;
}

/**
 * pst_peer_has_addresses:
 * @self: a peer
 *
 * Returns: whether this side has found an address of its own, or a relay's, at which
 *   the other side might reach it
 */
gboolean
pst_peer_has_addresses (PstPeer *self)
{
  g_return_val_if_fail (PST_IS_PEER (self), FALSE);

  return self->local_candidates->len > 0;
}

/* For tests; before the start. */
void
pst_peer_set_connect_timeout (PstPeer *self, guint timeout_ms)
{
  self->connect_timeout_ms = timeout_ms;
}

static gboolean
pst_peer_send (PstChannel *channel, GBytes *frame, GError **error)
{
  PstPeer *self = PST_PEER (channel);

  if (self->state == PST_PEER_OPEN)
    return pst_pipeline_send (self->pipeline, frame, error);

  g_set_error_literal (error, PST_ERROR, PST_ERROR_LOST, "The connection is not open.");
  return FALSE;
}

static guint64
pst_peer_get_buffered_amount (PstChannel *channel)
{
  PstPeer *self = PST_PEER (channel);

  return self->pipeline != NULL ? pst_pipeline_get_buffered_amount (self->pipeline) : 0;
}

static void
pst_peer_set_low_mark (PstChannel *channel, guint64 low_mark_bytes)
{
  PstPeer *self = PST_PEER (channel);

  self->low_mark_bytes = low_mark_bytes;
  if (self->pipeline != NULL)
    pst_pipeline_set_low_mark (self->pipeline, low_mark_bytes);
}

static void
pst_peer_get_path (PstChannel *channel, PstChannelPath *path)
{
  PstPeer *self = PST_PEER (channel);

  if (self->pipeline != NULL)
    pst_pipeline_get_path (self->pipeline, path);
}

static void
channel_iface_init (PstChannelInterface *iface)
{
  iface->send = pst_peer_send;
  iface->get_buffered_amount = pst_peer_get_buffered_amount;
  iface->set_low_mark = pst_peer_set_low_mark;
  iface->get_path = pst_peer_get_path;
}

static void
pst_peer_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  PstPeer *self = PST_PEER (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_ROUTE:
      g_value_set_int (value, self->route);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_peer_dispose (GObject *object)
{
  PstPeer *self = PST_PEER (object);

  pst_peer_tear_down (self);
  self->state = PST_PEER_CLOSED;
  pst_timer_clear (&self->close_timeout);

  G_OBJECT_CLASS (pst_peer_parent_class)->dispose (object);
}

static void
pst_peer_finalize (GObject *object)
{
  PstPeer *self = PST_PEER (object);

  g_clear_pointer (&self->handover, pst_handover_unref);
  g_queue_clear_full (&self->early, (GDestroyNotify) pst_signal_free);
  g_clear_pointer (&self->signalling, pst_signalling_free);
  g_clear_pointer (&self->local_candidates, g_ptr_array_unref);
  g_clear_pointer (&self->remote_candidates, g_ptr_array_unref);
  g_clear_pointer (&self->path, g_strfreev);
  g_clear_pointer (&self->closing, g_ptr_array_unref);
  g_clear_pointer (&self->bind_key, g_bytes_unref);
  g_clear_pointer (&self->turn_servers, g_strfreev);
  g_free (self->local_side);
  g_free (self->remote_side);
  g_free (self->stun_server);

  G_OBJECT_CLASS (pst_peer_parent_class)->finalize (object);
}

static void
pst_peer_class_init (PstPeerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = pst_peer_get_property;
  object_class->dispose = pst_peer_dispose;
  object_class->finalize = pst_peer_finalize;

  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, PST_PEER_NEW, PST_PEER_CLOSED,
                                        PST_PEER_NEW, flags);
  props[PROP_ROUTE] = g_param_spec_int ("route", NULL, NULL, PST_ROUTE_UNKNOWN, PST_ROUTE_RELAY,
                                        PST_ROUTE_UNKNOWN, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_SIGNAL] = g_signal_new ("signal", PST_TYPE_PEER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[SIGNAL_OPENED] = g_signal_new ("opened", PST_TYPE_PEER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 0);
}

static void
pst_peer_init (PstPeer *self)
{
  self->connect_timeout_ms = CONNECT_TIMEOUT_MS;
  self->handover = pst_handover_new (on_handover, self);
  self->local_candidates = g_ptr_array_new_with_free_func (g_free);
  self->remote_candidates = g_ptr_array_new_with_free_func (g_free);
  self->closing = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->early);
}
