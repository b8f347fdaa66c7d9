/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-beacon.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "pst-error.h"
#include "pst-multicast.h"
#include "pst-notice.h"
#include "pst-timer.h"

/* Someone who types a code should not wait for a beacon; an interface that
 * comes up is used from the next round on. */
#define ROUND_MS 2000

/* Whoever looks asks for a beacon, and a flood of questions gets so few: many guests are
 * answered by one, and nobody notices the wait. */
#define ANSWER_MS 250

#define ID_BYTES 8

struct _PstBeacon
{
  GObject parent_instance;

  char *notice;        /* of an announcer */
  PstNotices *notices; /* of a listener */
  GSocket *sockets[2]; /* IPv4, IPv6; NULL where there is none */
  GSource *sources[2];
  GSource *round_source;
  GSource *answer_source;
  gint64 announced_us;
};

G_DEFINE_FINAL_TYPE (PstBeacon, pst_beacon, G_TYPE_OBJECT)

static const GSocketFamily families[2] = { G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6 };

enum
{
  SIGNAL_FOUND,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* Hears on all interfaces there are, and says @text there. */
static void
do_round (PstBeacon *self, const char *text)
{
  for (guint f = 0; f < G_N_ELEMENTS (families); f++)
    if (self->sockets[f] != NULL)
      pst_multicast_go_round (self->sockets[f], text);
}

static gboolean
on_round (gpointer user_data)
{
  PstBeacon *self = PST_BEACON (user_data);

  self->announced_us = g_get_monotonic_time ();
  do_round (self, self->notice);
  return G_SOURCE_CONTINUE;
}

static void
ask (PstBeacon *self)
{
  g_autofree char *question = pst_notice_print_question ();

  do_round (self, question);
}

static gboolean
answer (gpointer user_data)
{
  PstBeacon *self = PST_BEACON (user_data);

  pst_timer_clear (&self->answer_source);
  on_round (self);
  return G_SOURCE_REMOVE;
}

/* Somebody looks. */
static void
plan_answer (PstBeacon *self)
{
  gint64 waited_ms = (g_get_monotonic_time () - self->announced_us) / 1000;

  if (self->answer_source == NULL)
    pst_timer_set (&self->answer_source, MAX (ANSWER_MS - waited_ms, 0), answer, self);
}

static gboolean
on_datagram (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  g_autoptr (PstBeacon) self = g_object_ref (PST_BEACON (user_data));
  g_autoptr (GSocketAddress) source = NULL;
  char data[PST_BEACON_MAX_BYTES + 1];
  g_autofree char *url = NULL;
  g_autofree char *id = NULL;
  gssize size = g_socket_receive_from (socket, &source, data, sizeof data, NULL, NULL);

  if (size < 0 || !pst_multicast_is_neighbour (source))
    return G_SOURCE_CONTINUE;
  if (self->notices == NULL)
    {
      if (pst_notice_is_question (data, size))
        plan_answer (self);
      return G_SOURCE_CONTINUE;
    }

  url = pst_notices_hear (self->notices, data, size, source, &id);
  if (url != NULL)
    g_signal_emit (self, signals[SIGNAL_FOUND], 0, url, id);

  return G_SOURCE_CONTINUE;
}

static GSource *
watch (PstBeacon *self, GSocket *socket)
{
  GSource *source = g_socket_create_source (socket, G_IO_IN, NULL);

  /* Below what draws the window, which a flood would keep from it. */
  g_source_set_priority (source, G_PRIORITY_DEFAULT_IDLE);
  g_source_set_callback (source, G_SOURCE_FUNC (on_datagram), self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
pst_beacon_finalize (GObject *object)
{
  PstBeacon *self = PST_BEACON (object);

  pst_beacon_stop (self);
  g_clear_pointer (&self->notices, pst_notices_free);
  g_free (self->notice);

  G_OBJECT_CLASS (pst_beacon_parent_class)->finalize (object);
}

static void
pst_beacon_class_init (PstBeaconClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pst_beacon_finalize;

  signals[SIGNAL_FOUND] = g_signal_new ("found", PST_TYPE_BEACON, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
pst_beacon_init (PstBeacon *self)
{
}

/**
 * pst_beacon_new_announcer:
 * @nameplate: the nameplate someone waits under here
 * @server_port: the port of the embedded server
 *
 * Announces a server (docs/protocol.md, On one network). A beacon carries no
 * name of this machine or its user.
 *
 * Returns: (transfer full): a beacon that is silent until pst_beacon_start()
 */
PstBeacon *
pst_beacon_new_announcer (const char *nameplate, guint16 server_port)
{
  PstBeacon *self = g_object_new (PST_TYPE_BEACON, NULL);
  g_autofree char *id = pst_beacon_make_id ();

  self->notice = pst_notice_print (nameplate, server_port, id);
  return self;
}

/**
 * pst_beacon_new_device_announcer:
 * @tag: what the device that is waited for knows the beacon by
 * @id: the id that is in @tag
 * @server_port: the port of the embedded server
 *
 * Announces a server to one remembered device.
 *
 * Returns: (transfer full): a beacon that is silent until pst_beacon_start()
 */
PstBeacon *
pst_beacon_new_device_announcer (const char *tag, const char *id, guint16 server_port)
{
  PstBeacon *self = g_object_new (PST_TYPE_BEACON, NULL);

  self->notice = pst_notice_print_tag (tag, server_port, id);
  return self;
}

/**
 * pst_beacon_make_id:
 *
 * Returns: (transfer full): a random id for a server, in hex
 */
char *
pst_beacon_make_id (void)
{
  return g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
}

/**
 * pst_beacon_new_listener:
 * @nameplate: the nameplate of the code that was entered
 *
 * Looks for servers that announce @nameplate. Whoever can send on this network
 * can announce it too: the key agreement decides, not the beacon.
 *
 * Returns: (transfer full): a listener that is deaf until pst_beacon_start()
 */
PstBeacon *
pst_beacon_new_listener (const char *nameplate)
{
  PstBeacon *self = g_object_new (PST_TYPE_BEACON, NULL);

  self->notices = pst_notices_new (nameplate);
  return self;
}

/**
 * pst_beacon_new_device_listener:
 * @secret: what this machine shares with the device looked for
 * @period: the period that is now, see pst_meeting_period()
 *
 * Looks for a remembered device. Whoever recorded a beacon of its can repeat it.
 *
 * Returns: (transfer full): a listener that is deaf until pst_beacon_start()
 */
PstBeacon *
pst_beacon_new_device_listener (const guint8 secret[PST_KEY_BYTES], guint64 period)
{
  PstBeacon *self = g_object_new (PST_TYPE_BEACON, NULL);

  self->notices = pst_notices_new_for_device (secret, period);
  return self;
}

/**
 * pst_beacon_start:
 * @self: a beacon or listener that is not started
 * @error: return location for a %PST_ERROR_FAILED
 *
 * Announces at once, then every two seconds and when somebody looks; or listens, and
 * asks those who announce. Interfaces that come up later are used from their next round
 * on.
 *
 * Returns: %TRUE if there is IPv4 or IPv6
 */
gboolean
pst_beacon_start (PstBeacon *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (self->round_source == NULL, FALSE);

  for (guint f = 0; f < G_N_ELEMENTS (families); f++)
    {
      g_clear_error (&local_error);
      /* A beacon that cannot hear questions is one all the same. */
      self->sockets[f] = pst_multicast_open (families[f], self->notices != NULL, &local_error);
      if (self->sockets[f] != NULL)
        self->sources[f] = watch (self, self->sockets[f]);
    }
  if (self->sockets[0] == NULL && self->sockets[1] == NULL)
    {
      g_set_error (error, PST_ERROR, PST_ERROR_FAILED,
                   "Other machines on this network cannot be looked for: %s", local_error->message);
      return FALSE;
    }

  if (self->notices != NULL)
    ask (self);
  else
    on_round (self);
  pst_timer_set (&self->round_source, ROUND_MS, on_round, self);
  return TRUE;
}

/**
 * pst_beacon_stop:
 * @self: a beacon or listener
 *
 * Falls silent, or stops listening.
 */
void
pst_beacon_stop (PstBeacon *self)
{
  pst_timer_clear (&self->round_source);
  pst_timer_clear (&self->answer_source);
  for (guint f = 0; f < G_N_ELEMENTS (families); f++)
    {
      if (self->sources[f] != NULL)
        g_source_destroy (self->sources[f]);
      g_clear_pointer (&self->sources[f], g_source_unref);
      if (self->sockets[f] != NULL)
        g_socket_close (self->sockets[f], NULL);
      g_clear_object (&self->sockets[f]);
    }
}

static GInetAddress *
get_reachable_address (const struct ifaddrs *interface)
{
  g_autoptr (GInetAddress) address = NULL;
  const struct sockaddr *native = interface->ifa_addr;

  if (native == NULL || !(interface->ifa_flags & IFF_UP))
    return NULL;
  if (native->sa_family == AF_INET)
    address = g_inet_address_new_from_bytes (
        (const guint8 *) &((const struct sockaddr_in *) native)->sin_addr, G_SOCKET_FAMILY_IPV4);
  else if (native->sa_family == AF_INET6)
    address = g_inet_address_new_from_bytes (
        (const guint8 *) &((const struct sockaddr_in6 *) native)->sin6_addr, G_SOCKET_FAMILY_IPV6);
  if (address == NULL || g_inet_address_get_is_loopback (address)
      || g_inet_address_get_is_link_local (address))
    return NULL;

  return g_steal_pointer (&address);
}

/* IPv4 first: short enough for a QR code that scans well, and every phone on a
 * LAN has it. Interfaces keep the system's order. */
static int
compare_addresses (gconstpointer a, gconstpointer b)
{
  gboolean a_is_ipv6 = g_inet_address_get_family ((GInetAddress *) a) == G_SOCKET_FAMILY_IPV6;
  gboolean b_is_ipv6 = g_inet_address_get_family ((GInetAddress *) b) == G_SOCKET_FAMILY_IPV6;

  return a_is_ipv6 - b_is_ipv6;
}

/**
 * pst_beacon_list_addresses:
 *
 * Lists the addresses under which others may reach this machine, without
 * loopback and link-local ones, which mean nothing elsewhere.
 *
 * Returns: (transfer full) (element-type GInetAddress): the addresses, best first
 */
GList *
pst_beacon_list_addresses (void)
{
  struct ifaddrs *interfaces = NULL;
  GList *addresses = NULL;

  if (getifaddrs (&interfaces) != 0)
    return NULL;

  for (struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next)
    {
      GInetAddress *address = get_reachable_address (i);

      if (address != NULL)
        addresses = g_list_append (addresses, address);
    }

  freeifaddrs (interfaces);
  return g_list_sort (addresses, compare_addresses);
}
