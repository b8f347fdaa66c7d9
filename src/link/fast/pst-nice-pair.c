/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-nice-pair.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

/* Shared with the handlers, of which one may still run when the pair is freed. */
struct _PstNicePair
{
  NiceAgent *agent;
  guint stream;
  guint component;
  GMainContext *wake; /* (nullable) */
  gulong handlers[2];

  gint serial; /* atomic */
  GMutex lock;
  gboolean selected;
  gboolean plain; /* UDP without a relay of ours */
  gboolean lost;
  NiceAddress base;
  NiceAddress remote;
};

static void
clear_pair (gpointer data)
{
  PstNicePair *self = data;

  g_mutex_clear (&self->lock);
  g_clear_pointer (&self->wake, g_main_context_unref);
  g_clear_object (&self->agent);
}

static void
unref_pair (gpointer data, GClosure *closure)
{
  g_atomic_rc_box_release_full (data, clear_pair);
}

static void
announce (PstNicePair *self)
{
  g_atomic_int_inc (&self->serial);
  if (self->wake != NULL)
    g_main_context_wakeup (self->wake);
}

static void
take_candidates (PstNicePair *self, const NiceCandidate *local, const NiceCandidate *remote)
{
  self->selected = TRUE;
  self->lost = FALSE;
  self->plain = local->transport == NICE_CANDIDATE_TRANSPORT_UDP
                && local->type != NICE_CANDIDATE_TYPE_RELAYED;
  self->base = local->base_addr;
  self->remote = remote->addr;
}

static void
on_selected (NiceAgent *agent,
             guint stream,
             guint component,
             NiceCandidate *local,
             NiceCandidate *remote,
             gpointer user_data)
{
  PstNicePair *self = user_data;

  if (stream != self->stream || component != self->component)
    return;

  g_mutex_lock (&self->lock);
  take_candidates (self, local, remote);
  g_mutex_unlock (&self->lock);
  announce (self);
}

/* A lost pair is the agent's to judge: whether it may still be used (consent)
 * and when it is back. */
static void
on_state (NiceAgent *agent, guint stream, guint component, guint state, gpointer user_data)
{
  PstNicePair *self = user_data;
  gboolean lost = state == NICE_COMPONENT_STATE_FAILED
                  || state == NICE_COMPONENT_STATE_DISCONNECTED;
  gboolean changed;

  if (stream != self->stream || component != self->component)
    return;

  g_mutex_lock (&self->lock);
  changed = lost != self->lost;
  self->lost = lost;
  g_mutex_unlock (&self->lock);
  if (changed)
    announce (self);
}

static gulong
watch (PstNicePair *self, const char *signal, GCallback handler)
{
  return g_signal_connect_data (self->agent, signal, handler, g_atomic_rc_box_acquire (self),
                                unref_pair, 0);
}

static void
look_up (PstNicePair *self)
{
  NiceCandidate *local, *remote;

  if (!nice_agent_get_selected_pair (self->agent, self->stream, self->component, &local, &remote))
    return;

  g_mutex_lock (&self->lock);
  if (!self->selected)
    take_candidates (self, local, remote);
  g_mutex_unlock (&self->lock);
}

/**
 * pst_nice_pair_new:
 * @target: which component
 * @wake: (nullable): a context to wake up whenever something changed
 *
 * Follows which candidate pair a component uses.
 *
 * Returns: (transfer full): the pair, selected or not
 */
PstNicePair *
pst_nice_pair_new (const PstNiceTarget *target, GMainContext *wake)
{
  PstNicePair *self = g_atomic_rc_box_new0 (PstNicePair);

  self->agent = g_object_ref (target->agent);
  self->stream = target->stream;
  self->component = target->component;
  self->wake = wake != NULL ? g_main_context_ref (wake) : NULL;
  self->serial = 1;
  g_mutex_init (&self->lock);
  self->handlers[0] = watch (self, "new-selected-pair-full", G_CALLBACK (on_selected));
  self->handlers[1] = watch (self, "component-state-changed", G_CALLBACK (on_state));
  look_up (self);

  return self;
}

/**
 * pst_nice_pair_free:
 * @self: (transfer full): a pair
 *
 * Stops following.
 */
void
pst_nice_pair_free (PstNicePair *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->handlers); i++)
    g_signal_handler_disconnect (self->agent, self->handlers[i]);
  unref_pair (self, NULL);
}

/**
 * pst_nice_pair_get_serial:
 * @self: a pair
 *
 * May be called in any thread.
 *
 * Returns: a number, never 0, that changes whenever the pair does
 */
guint
pst_nice_pair_get_serial (PstNicePair *self)
{
  guint serial = (guint) g_atomic_int_get (&self->serial);

  return serial != 0 ? serial : G_MAXUINT;
}

/**
 * pst_nice_pair_is_selected:
 * @self: a pair
 *
 * May be called in any thread.
 *
 * Returns: whether there is a pair, of whatever kind, and it is not lost
 */
gboolean
pst_nice_pair_is_selected (PstNicePair *self)
{
  gboolean selected;

  g_mutex_lock (&self->lock);
  selected = self->selected && !self->lost;
  g_mutex_unlock (&self->lock);

  return selected;
}

static gboolean
is_bound_to (int fd, const NiceAddress *base)
{
  struct sockaddr_storage bound;
  socklen_t length = sizeof bound;
  int type = 0;
  socklen_t type_length = sizeof type;
  NiceAddress address;

  if (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &type_length) != 0 || type != SOCK_DGRAM
      || getsockname (fd, (struct sockaddr *) &bound, &length) != 0
      || (bound.ss_family != AF_INET && bound.ss_family != AF_INET6))
    return FALSE;

  nice_address_init (&address);
  nice_address_set_from_sockaddr (&address, (struct sockaddr *) &bound);
  return nice_address_equal (&address, base);
}

/* A descriptor of our own: the agent closes its own when it likes, and the
 * number may then be another file's. What was copied is therefore looked at. */
static int
copy_descriptor (GSocket *socket, const NiceAddress *base)
{
  int fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 3);

  if (fd < 0 || is_bound_to (fd, base))
    return fd;

  close (fd);
  return -1;
}

static int
find_socket (PstNicePair *self, const NiceAddress *base)
{
  g_autoptr (GPtrArray) sockets = nice_agent_get_sockets (self->agent, self->stream,
                                                          self->component);
  int fd = -1;

  for (guint i = 0; sockets != NULL && fd < 0 && i < sockets->len; i++)
    fd = copy_descriptor (g_ptr_array_index (sockets, i), base);

  return fd;
}

/**
 * pst_nice_pair_open:
 * @self: a pair
 * @remote: (out): the address at the other end
 * @length: (out): its size in bytes
 *
 * May be called in any thread, without the agent's lock.
 *
 * Returns: (transfer full): a descriptor of the pair's UDP socket, to be
 *   closed; or -1 when there is no pair, or data has to go through the agent
 *   (relayed, TCP)
 */
int
pst_nice_pair_open (PstNicePair *self, struct sockaddr_storage *remote, socklen_t *length)
{
  NiceAddress base, address;
  gboolean usable;

  g_mutex_lock (&self->lock);
  usable = self->selected && self->plain && !self->lost;
  base = self->base;
  address = self->remote;
  g_mutex_unlock (&self->lock);

  if (!usable)
    return -1;

  *remote = (struct sockaddr_storage){ 0 };
  nice_address_copy_to_sockaddr (&address, (struct sockaddr *) remote);
  *length = remote->ss_family == AF_INET6 ? sizeof (struct sockaddr_in6)
                                          : sizeof (struct sockaddr_in);
  return find_socket (self, &base);
}

static void
free_candidate (gpointer candidate)
{
  nice_candidate_free (candidate);
}

/**
 * pst_nice_pair_is_remote:
 * @self: a pair
 * @address: where a datagram came from
 *
 * Returns: whether that is an address of the other end that ICE knows, be it
 *   the selected one or not
 */
gboolean
pst_nice_pair_is_remote (PstNicePair *self, const struct sockaddr *address)
{
  GSList *candidates = nice_agent_get_remote_candidates (self->agent, self->stream,
                                                         self->component);
  NiceAddress from;
  gboolean found = FALSE;

  nice_address_init (&from);
  nice_address_set_from_sockaddr (&from, address);
  for (GSList *l = candidates; l != NULL && !found; l = l->next)
    {
      NiceCandidate *candidate = l->data;

      found = candidate->transport == NICE_CANDIDATE_TRANSPORT_UDP
              && nice_address_equal (&candidate->addr, &from);
    }

  g_slist_free_full (candidates, free_candidate);
  return found;
}
