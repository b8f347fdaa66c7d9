/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-udp-lane.h"

#include "pst-udp-slots.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif

/* The first byte of a DTLS record (RFC 7983, section 7). */
#define DTLS_FIRST 20
#define DTLS_LAST  63

/* Asked for; the kernel gives what it allows. */
#define RECEIVE_BUFFER_BYTES (4 * 1024 * 1024)

/* Checks come every 4 to 6 s, and 30 s without any are the end (RFC 7675,
 * section 5.1): long enough for two or three of them. */
#define CAREFUL_US (15 * G_USEC_PER_SEC)

/* What was coalesced before that may wait in the queue for so long. */
#define QUEUED_US (G_USEC_PER_SEC / 4)

#define UNEXPLAINED_MAX 2

/* Where checks and data do get joined, it is not tried for ever. */
#define EPISODES_MAX 3

typedef union
{
  struct cmsghdr header;
  char bytes[CMSG_SPACE (sizeof (int))];
} SegmentControl;

struct _PstUdpLane
{
  int fd;
  struct sockaddr_storage peer;
  gint64 careful_since_us; /* 0: not */
  guint n_episodes;        /* of being careful */
  guint n_unexplained;
  PstUdpSlots *slots;
  PstUdpLaneStats stats;
  struct mmsghdr messages[PST_UDP_SLOTS_MAX];
  struct sockaddr_storage from[PST_UDP_SLOTS_MAX];
  SegmentControl controls[PST_UDP_SLOTS_MAX];
};

static gboolean
set_option (int fd, int level, int name, int value)
{
  return setsockopt (fd, level, name, &value, sizeof value) == 0;
}

/* The other socket was there first: it is 0 of its group, the lane is 1. */
static gboolean
attach_dtls (int fd)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_B | BPF_ABS, 0),
    BPF_JUMP (BPF_JMP | BPF_JGE | BPF_K, DTLS_FIRST, 0, 2),
    BPF_JUMP (BPF_JMP | BPF_JGT | BPF_K, DTLS_LAST, 1, 0),
    BPF_STMT (BPF_RET | BPF_K, 1),
    BPF_STMT (BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = { G_N_ELEMENTS (code), code };

  return setsockopt (fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0;
}

static gboolean
attach_nothing (int fd)
{
  struct sock_filter code[] = { BPF_STMT (BPF_RET | BPF_K, 0) };
  struct sock_fprog program = { G_N_ELEMENTS (code), code };

  return setsockopt (fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0;
}

static gboolean
bind_beside (int lane, int fd)
{
  struct sockaddr_storage local;
  socklen_t length = sizeof local;

  if (getsockname (fd, (struct sockaddr *) &local, &length) != 0)
    return FALSE;

  if (local.ss_family == AF_INET6)
    {
      int only = 0;
      socklen_t only_length = sizeof only;

      if (getsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &only_length) != 0
          || !set_option (lane, IPPROTO_IPV6, IPV6_V6ONLY, only))
        return FALSE;
    }

  return bind (lane, (struct sockaddr *) &local, length) == 0;
}

/* Between bind and attach the kernel picks a socket by hash. What then comes
 * to the lane and is not DTLS counts as lost on the way; that is microseconds. */
static gboolean
join (int lane, int fd)
{
  (void) set_option (lane, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);

  if (!set_option (lane, SOL_SOCKET, SO_REUSEPORT, 1)
      || !set_option (fd, SOL_SOCKET, SO_REUSEPORT, 1))
    return FALSE;

  return bind_beside (lane, fd) && attach_dtls (lane);
}

static gboolean
is_same_address (const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
  if (a->ss_family != b->ss_family)
    return FALSE;

  if (a->ss_family == AF_INET)
    {
      const struct sockaddr_in *a4 = (gconstpointer) a, *b4 = (gconstpointer) b;

      return a4->sin_port == b4->sin_port && a4->sin_addr.s_addr == b4->sin_addr.s_addr;
    }
  else
    {
      const struct sockaddr_in6 *a6 = (gconstpointer) a, *b6 = (gconstpointer) b;

      return a6->sin6_port == b6->sin6_port
             && memcmp (&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr) == 0;
    }
}

/**
 * pst_udp_lane_new:
 * @fd: a bound, unconnected UDP socket that somebody else reads; it stays the
 *   caller's
 * @peer: where datagrams are expected from
 * @error: return location for an error
 *
 * Opens a second socket on the address and port of @fd and has the kernel sort
 * (SO_REUSEPORT with a program): DTLS records (first byte 20 to 63, RFC 7983)
 * come to the lane, everything else, STUN above all, stays with @fd. What @fd
 * already holds stays there. While the lane opens, for microseconds, the kernel
 * does not sort yet: a check that comes then is lost, and will be repeated; data
 * is not. On the lane, many datagrams are read with one
 * call, and what the kernel coalesced (UDP_GRO) is cut up without a copy. One
 * thread at a time may use a lane.
 *
 * Returns: (transfer full): the lane, or %NULL when the system does not allow
 *   it; then all is as it was
 */
PstUdpLane *
pst_udp_lane_new (int fd, const struct sockaddr *peer, GError **error)
{
  int lane = socket (peer->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  PstUdpLane *self;

  if (lane < 0 || !join (lane, fd))
    {
      int code = errno;

      if (lane >= 0)
        close (lane);
      (void) set_option (fd, SOL_SOCKET, SO_REUSEPORT, 0);
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "No lane beside the socket: %s",
                   g_strerror (code));
      return NULL;
    }

  self = g_new0 (PstUdpLane, 1);
  self->fd = lane;
  memcpy (&self->peer, peer,
          peer->sa_family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6));
  (void) set_option (lane, IPPROTO_UDP, UDP_GRO, 1);
  self->slots = pst_udp_slots_new ();
  return self;
}

/**
 * pst_udp_lane_free:
 * @self: (transfer full): a lane
 *
 * Closes the lane's socket; its datagrams go to the first socket again.
 */
void
pst_udp_lane_free (PstUdpLane *self)
{
  close (self->fd);
  pst_udp_slots_free (self->slots);
  g_free (self);
}

/**
 * pst_udp_lane_get_fd:
 * @self: a lane
 *
 * Returns: (transfer none): the descriptor to wait on for input
 */
int
pst_udp_lane_get_fd (PstUdpLane *self)
{
  return self->fd;
}

/**
 * pst_udp_lane_retire:
 * @self: a lane
 *
 * Sends everything to the first socket from now on. Read what is left before
 * pst_udp_lane_free(), and nothing is lost.
 */
void
pst_udp_lane_retire (PstUdpLane *self)
{
  (void) attach_nothing (self->fd);
}

/**
 * pst_udp_lane_get_stats:
 * @self: a lane
 *
 * Returns: what came in so far
 */
PstUdpLaneStats
pst_udp_lane_get_stats (PstUdpLane *self)
{
  return self->stats;
}

/**
 * pst_udp_lane_is_sound:
 * @self: a lane
 *
 * Returns: whether the kernel sorts as it should; if not, checks are lost, and
 *   the lane is to be retired for good
 */
gboolean
pst_udp_lane_is_sound (PstUdpLane *self)
{
  return self->n_unexplained <= UNEXPLAINED_MAX;
}

static guint
fill_messages (PstUdpLane *self)
{
  guint n = pst_udp_slots_fill (self->slots);

  for (guint i = 0; i < n; i++)
    self->messages[i].msg_hdr = (struct msghdr){
      .msg_name = &self->from[i],
      .msg_namelen = sizeof self->from[i],
      .msg_iov = pst_udp_slots_get_vectors (self->slots, i),
      .msg_iovlen = 2,
      .msg_control = self->controls[i].bytes,
      .msg_controllen = sizeof self->controls[i].bytes,
    };

  return n;
}

/* Returns: the size of the datagrams that were coalesced, or 0. */
static gsize
get_segment_bytes (struct msghdr *header)
{
  for (struct cmsghdr *message = CMSG_FIRSTHDR (header); message != NULL;
       message = CMSG_NXTHDR (header, message))
    if (message->cmsg_level == IPPROTO_UDP && message->cmsg_type == UDP_GRO)
      {
        int size;

        memcpy (&size, CMSG_DATA (message), sizeof size);
        return size > 0 ? (gsize) size : 0;
      }

  return 0;
}

/* A coalesced datagram is sorted by its first byte alone: a check behind DTLS
 * of the same sender comes here, and nobody can hand it to the other socket.
 * It will be repeated; until then nothing may be coalesced. Should checks still
 * come here then, something else joins them, and the lane is no good. */
static void
take_stray (PstUdpLane *self)
{
  gint64 now_us = g_get_monotonic_time ();

  self->stats.strays++;
  if (self->careful_since_us == 0)
    {
      (void) set_option (self->fd, IPPROTO_UDP, UDP_GRO, 0);
      self->careful_since_us = now_us;
      self->n_episodes++;
    }
  else if (now_us - self->careful_since_us > QUEUED_US)
    self->n_unexplained++;
}

static void
coalesce_again (PstUdpLane *self)
{
  if (self->careful_since_us == 0 || g_get_monotonic_time () - self->careful_since_us < CAREFUL_US)
    return;

  (void) set_option (self->fd, IPPROTO_UDP, UDP_GRO, 1);
  self->careful_since_us = 0;
}

static guint
cut_up (PstUdpLane *self,
        guint8 *data,
        gsize size,
        gsize segment,
        gpointer block,
        PstUdpLaneReceive receive,
        gpointer user_data)
{
  guint n = 0;

  for (gsize done = 0, part; done < size; done += part)
    {
      part = MIN (segment, size - done);
      if (data[done] < DTLS_FIRST || data[done] > DTLS_LAST)
        take_stray (self);
      else
        {
          receive (data + done, part, block, user_data);
          n++;
        }
    }

  if (segment < size)
    self->stats.coalesced += n;
  self->stats.received += n;
  return n;
}

static gboolean
is_expected (PstUdpLane *self, guint index, PstUdpLaneAccept accept, gpointer user_data)
{
  if (is_same_address (&self->from[index], &self->peer)
      || accept ((struct sockaddr *) &self->from[index], user_data))
    return TRUE;

  self->stats.strangers++;
  return FALSE;
}

static guint
take_message (PstUdpLane *self,
              guint index,
              PstUdpLaneReceive receive,
              PstUdpLaneAccept accept,
              gpointer user_data)
{
  gsize size = self->messages[index].msg_len;
  gsize segment = get_segment_bytes (&self->messages[index].msg_hdr);
  gboolean copied;
  gpointer block;
  guint8 *data = pst_udp_slots_take (self->slots, index, size, &block, &copied);
  guint n = 0;

  self->stats.overlong += copied;
  if (is_expected (self, index, accept, user_data))
    n = cut_up (self, data, size, segment > 0 ? segment : MAX (size, 1), block, receive, user_data);

  pst_udp_block_unref (block);
  return n;
}

/**
 * pst_udp_lane_receive:
 * @self: a lane
 * @receive: (scope call): takes what arrived, datagram by datagram
 * @accept: (scope call): decides about other senders than the lane's peer
 * @user_data: the closure of both
 *
 * Receives once, without waiting: as many datagrams as one system call gives.
 *
 * Returns: whether there may be more right now; when there was less than a call takes,
 *   that is left to poll()
 */
gboolean
pst_udp_lane_receive (PstUdpLane *self,
                      PstUdpLaneReceive receive,
                      PstUdpLaneAccept accept,
                      gpointer user_data)
{
  guint n_messages = fill_messages (self);
  int n;

  coalesce_again (self);
  do
    n = recvmmsg (self->fd, self->messages, n_messages, MSG_DONTWAIT, NULL);
  while (n < 0 && errno == EINTR);

  if (n <= 0)
    return FALSE;

  self->stats.calls++;
  for (int i = 0; i < n; i++)
    take_message (self, (guint) i, receive, accept, user_data);
  pst_udp_slots_taken (self->slots, (guint) n);

  return (guint) n == n_messages;
}
