/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-multicast.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

/* The groups and the port are ours by choice, not by assignment. 239.255.0.0/16
 * stays within a site (RFC 2365). ff12::/16 stays on its link and is the part of
 * that scope for groups without an assignment (RFC 4291). The port lies below
 * those that systems hand out for outgoing connections. */
#define GROUP_IPV4  "239.255.112.115"
#define GROUP_IPV6  "ff12::7073:7431"
#define BEACON_PORT 28785

/* More than any machine has; bounds a round. */
#define MAX_INTERFACES 32

static gboolean
is_confined (void)
{
  return g_strcmp0 (g_getenv ("PST_BEACON_LOOPBACK"), "1") == 0;
}

static gboolean
is_suitable (const struct ifaddrs *interface, GSocketFamily family)
{
  guint wanted = is_confined () ? IFF_LOOPBACK : IFF_MULTICAST;
  guint unwanted = is_confined () ? 0 : IFF_LOOPBACK;

  return interface->ifa_addr != NULL && interface->ifa_addr->sa_family == (int) family
         && (interface->ifa_flags & IFF_UP) && (interface->ifa_flags & wanted)
         && !(interface->ifa_flags & unwanted);
}

typedef struct
{
  guint index;
  struct in_addr address; /* its first, of IPv4 */
} Interface;

static gboolean
is_listed (GArray *interfaces, guint index)
{
  for (guint i = 0; i < interfaces->len; i++)
    if (g_array_index (interfaces, Interface, i).index == index)
      return TRUE;

  return FALSE;
}

/* The interfaces that have an address of @family now. */
static GArray *
list_interfaces (GSocketFamily family)
{
  GArray *interfaces = g_array_new (FALSE, TRUE, sizeof (Interface));
  struct ifaddrs *list = NULL;

  if (getifaddrs (&list) != 0)
    return interfaces;

  for (struct ifaddrs *i = list; i != NULL && interfaces->len < MAX_INTERFACES; i = i->ifa_next)
    {
      Interface interface = { .index = is_suitable (i, family) ? if_nametoindex (i->ifa_name) : 0 };

      if (interface.index == 0 || is_listed (interfaces, interface.index))
        continue;
      if (family == G_SOCKET_FAMILY_IPV4)
        interface.address = ((const struct sockaddr_in *) i->ifa_addr)->sin_addr;
      g_array_append_val (interfaces, interface);
    }

  freeifaddrs (list);
  return interfaces;
}

static GSocketAddress *
make_group (GSocketFamily family, guint interface)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (
      family == G_SOCKET_FAMILY_IPV4 ? GROUP_IPV4 : GROUP_IPV6);

  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", address, "port", BEACON_PORT,
                       "scope-id", family == G_SOCKET_FAMILY_IPV6 ? interface : 0, NULL);
}

/* Failures are met in the next round: interfaces come and go. */
static void
say_on (GSocket *socket, GSocketFamily family, const Interface *interface, const char *text)
{
  g_autoptr (GSocketAddress) group = make_group (family, interface->index);
  struct ip_mreqn request = { .imr_ifindex = (int) interface->index,
                              .imr_address = interface->address };

  if (family == G_SOCKET_FAMILY_IPV4
      && setsockopt (g_socket_get_fd (socket), IPPROTO_IP, IP_MULTICAST_IF, &request,
                     sizeof request)
             != 0)
    return;

  g_socket_send_to (socket, group, text, strlen (text), NULL, NULL);
}

/* Joining where one is already in does nothing. */
static void
listen_on (GSocket *socket, GSocketFamily family, const Interface *interface)
{
  int fd = g_socket_get_fd (socket);

  if (family == G_SOCKET_FAMILY_IPV4)
    {
      struct ip_mreqn request = { .imr_ifindex = (int) interface->index };

      inet_pton (AF_INET, GROUP_IPV4, &request.imr_multiaddr);
      setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
    }
  else
    {
      struct ipv6_mreq request = { .ipv6mr_interface = interface->index };

      inet_pton (AF_INET6, GROUP_IPV6, &request.ipv6mr_multiaddr);
      setsockopt (fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request);
    }
}

static gboolean
bind_listener (GSocket *socket, GSocketFamily family, GError **error)
{
  g_autoptr (GInetAddress) any = g_inet_address_new_any (family);
  g_autoptr (GSocketAddress) address = family == G_SOCKET_FAMILY_IPV4
                                           ? make_group (family, 0)
                                           : g_inet_socket_address_new (any, BEACON_PORT);

  return g_socket_bind (socket, address, TRUE, error);
}

/**
 * pst_multicast_open:
 * @family: IPv4 or IPv6
 * @must_hear: whether a socket that cannot hear is none
 * @error: return location for an error of GIO's
 *
 * Returns: (transfer full): a socket that says nothing, and hears nothing before
 *   pst_multicast_go_round()
 */
GSocket *
pst_multicast_open (GSocketFamily family, gboolean must_hear, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new (family, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP,
                                             error);

  if (socket == NULL)
    return NULL;

  g_socket_set_blocking (socket, FALSE);
  if (family == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, 1, NULL);
  g_socket_set_multicast_ttl (socket, 1);
  if (!bind_listener (socket, family, must_hear ? error : NULL) && must_hear)
    return NULL;

  return g_steal_pointer (&socket);
}

/**
 * pst_multicast_go_round:
 * @socket: of pst_multicast_open()
 * @text: (nullable): what to say
 *
 * Hears on all interfaces there are now, and says @text there.
 */
void
pst_multicast_go_round (GSocket *socket, const char *text)
{
  GSocketFamily family = g_socket_get_family (socket);
  g_autoptr (GArray) interfaces = list_interfaces (family);

  for (guint i = 0; i < interfaces->len; i++)
    {
      const Interface *interface = &g_array_index (interfaces, Interface, i);

      listen_on (socket, family, interface);
      if (text != NULL)
        say_on (socket, family, interface, text);
    }
}

/**
 * pst_multicast_is_neighbour:
 * @source: where a datagram came from
 *
 * IPv4 datagrams arrive on a socket bound to the group, which unicast does not
 * reach. An IPv6 socket cannot be bound so for all links at once: there, only a
 * neighbour's link-local address is believed, which no router forwards.
 *
 * Returns: whether it was sent on this network
 */
gboolean
pst_multicast_is_neighbour (GSocketAddress *source)
{
  GInetAddress *address;

  if (!G_IS_INET_SOCKET_ADDRESS (source))
    return FALSE;

  address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (source));
  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4
         || g_inet_address_get_is_link_local (address)
         || (is_confined () && g_inet_address_get_is_loopback (address));
}
