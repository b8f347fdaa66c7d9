/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-udp-batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

/* What one segmented send may hold: 64 datagrams (UDP_MAX_SEGMENTS of
 * linux/udp.h before 6.9) and one IP packet's 65,535 bytes less headers. */
#define JOINED_DATAGRAMS 64
#define JOINED_BYTES     65000

/* Ethernet's 1500 bytes less the headers of UDP (8) and IPv4 (20) or IPv6
 * (40): what is larger can only arrive in fragments. */
#define WHOLE_IPV4_BYTES (1500 - 20 - 8)
#define WHOLE_IPV6_BYTES (1500 - 40 - 8)

/* Who sends more than this wants fragments. What lies between, one wants to know
 * whether the path carries it: cut in two it would arrive, and be lost twice as
 * often. */
#define FRAGMENTS_FROM_BYTES 2048

/* IPv6's least MTU of 1280 bytes less the longest headers. */
#define SURELY_FITS_BYTES (1280 - 40 - 8)

typedef enum
{
  FRAGMENTS_UNKNOWN,
  FRAGMENTS_NEVER,
  FRAGMENTS_LOCAL,
} Fragments;

typedef union
{
  struct cmsghdr header;
  char bytes[CMSG_SPACE (sizeof (guint16))];
} SegmentControl;

struct _PstUdpBatch
{
  int fd;
  int cancel_fd;
  struct sockaddr_storage to;
  socklen_t to_length;
  gsize whole_bytes;  /* the largest datagram that arrives whole over Ethernet */
  gsize joined_bytes; /* the largest datagram worth joining; 0: none */
  Fragments fragments;
  PstUdpBatchStats stats;
  struct iovec vectors[PST_UDP_BATCH_MAX];
  struct mmsghdr messages[PST_UDP_BATCH_MAX];
  SegmentControl controls[PST_UDP_BATCH_MAX];
};

/**
 * pst_udp_batch_new:
 * @fd: a datagram socket; it stays the caller's and has to live longer
 * @to: (nullable): where everything goes, or %NULL for a connected socket
 * @to_length: the size of @to in bytes
 * @cancel_fd: a descriptor that ends a wait once it is readable, or -1
 *
 * A sender of many datagrams to one address. It changes how @fd fragments
 * (IP_MTU_DISCOVER): what fits 1500 bytes goes with "don't fragment", so that
 * whoever probes for the path's packet size sees the truth, and what is
 * larger is cut up by the kernel. One thread at a time may use it.
 *
 * Returns: (transfer full): the sender
 */
PstUdpBatch *
pst_udp_batch_new (int fd, const struct sockaddr *to, socklen_t to_length, int cancel_fd)
{
  PstUdpBatch *self = g_new0 (PstUdpBatch, 1);
  int segment;
  socklen_t length = sizeof segment;

  g_return_val_if_fail (to_length <= sizeof self->to, self);

  self->fd = fd;
  self->cancel_fd = cancel_fd;
  self->to_length = to != NULL ? to_length : 0;
  if (to != NULL)
    memcpy (&self->to, to, to_length);
  self->whole_bytes = self->to.ss_family == AF_INET6 ? WHOLE_IPV6_BYTES : WHOLE_IPV4_BYTES;

  /* A kernel that does not know the option would send everything as one. */
  if (getsockopt (fd, IPPROTO_UDP, UDP_SEGMENT, &segment, &length) == 0)
    self->joined_bytes = self->whole_bytes;

  return self;
}

/**
 * pst_udp_batch_free:
 * @self: (transfer full): a sender
 */
void
pst_udp_batch_free (PstUdpBatch *self)
{
  g_free (self);
}

/**
 * pst_udp_batch_set_joining:
 * @self: a sender
 * @joining: whether datagrams of one size may go to the kernel as one
 *
 * Joining (UDP_SEGMENT) is on where the kernel has it, and turns itself off
 * where the socket or the device cannot.
 */
void
pst_udp_batch_set_joining (PstUdpBatch *self, gboolean joining)
{
  self->joined_bytes = joining ? self->whole_bytes : 0;
}

/**
 * pst_udp_batch_get_joining:
 * @self: a sender
 *
 * Returns: whether datagrams are still being joined
 */
gboolean
pst_udp_batch_get_joining (PstUdpBatch *self)
{
  return self->joined_bytes > 0;
}

/**
 * pst_udp_batch_get_stats:
 * @self: a sender
 *
 * Returns: what became of the datagrams so far
 */
PstUdpBatchStats
pst_udp_batch_get_stats (PstUdpBatch *self)
{
  return self->stats;
}

/* How many datagrams from @vectors on go as one: all of one size, but for a
 * shorter last. */
static guint
count_joined (PstUdpBatch *self, const struct iovec *vectors, guint n_vectors)
{
  gsize size = vectors[0].iov_len;
  gsize total = size;
  guint n = 1;

  if (size == 0 || size > self->joined_bytes)
    return 1;

  while (n < n_vectors && n < JOINED_DATAGRAMS && vectors[n - 1].iov_len == size
         && vectors[n].iov_len <= size && vectors[n].iov_len > 0
         && total + vectors[n].iov_len <= JOINED_BYTES)
    total += vectors[n++].iov_len;

  return n;
}

static void
set_segment (struct msghdr *header, SegmentControl *control, guint16 size)
{
  struct cmsghdr *message;

  header->msg_control = control->bytes;
  header->msg_controllen = sizeof control->bytes;
  message = CMSG_FIRSTHDR (header);
  message->cmsg_level = IPPROTO_UDP;
  message->cmsg_type = UDP_SEGMENT;
  message->cmsg_len = CMSG_LEN (sizeof size);
  memcpy (CMSG_DATA (message), &size, sizeof size);
}

static void
fill_message (PstUdpBatch *self, guint index, struct iovec *vectors, guint n_vectors)
{
  struct msghdr *header = &self->messages[index].msg_hdr;

  *header = (struct msghdr){
    .msg_name = self->to_length > 0 ? &self->to : NULL,
    .msg_namelen = self->to_length,
    .msg_iov = vectors,
    .msg_iovlen = n_vectors,
  };
  if (n_vectors > 1)
    set_segment (header, &self->controls[index], (guint16) vectors[0].iov_len);
}

static guint
fill_messages (PstUdpBatch *self, struct iovec *vectors, guint n_vectors)
{
  guint n_messages = 0;

  for (guint i = 0, n; i < n_vectors; i += n)
    {
      n = count_joined (self, vectors + i, n_vectors - i);
      fill_message (self, n_messages++, vectors + i, n);
    }

  return n_messages;
}

static void
set_fragments (PstUdpBatch *self, Fragments fragments)
{
  gboolean never = fragments == FRAGMENTS_NEVER;
  int mode;

  if (self->fragments == fragments)
    return;

  self->fragments = fragments;
  if (self->to.ss_family == AF_INET6)
    {
      mode = never ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DONT;
      (void) setsockopt (self->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &mode, sizeof mode);
    }
  else
    {
      mode = never ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
      (void) setsockopt (self->fd, IPPROTO_IP, IP_MTU_DISCOVER, &mode, sizeof mode);
    }
}

/* FALSE: nothing moved for as long as the sender is patient, or cancelled. */
static gboolean
wait_for_room (PstUdpBatch *self, int error, gint64 deadline_us)
{
  struct pollfd fds[] = { { .fd = self->cancel_fd, .events = POLLIN },
                          { .fd = self->fd, .events = POLLOUT } };
  gint64 left_us = deadline_us - g_get_monotonic_time ();

  if (left_us <= 0)
    return FALSE;

  self->stats.waits++;
  /* What is full behind the socket (ENOBUFS) does not show in poll(). */
  if (error == ENOBUFS)
    poll (fds, 1, 1);
  else
    poll (fds, G_N_ELEMENTS (fds), (int) (left_us / 1000) + 1);

  return fds[0].revents == 0;
}

static gsize
count_datagrams (const struct mmsghdr *messages, guint n_messages)
{
  gsize n = 0;

  for (guint i = 0; i < n_messages; i++)
    n += messages[i].msg_hdr.msg_iovlen;

  return n;
}

static void
count_sent (PstUdpBatch *self, const struct mmsghdr *messages, guint n_messages)
{
  for (guint i = 0; i < n_messages; i++)
    {
      gsize n = messages[i].msg_hdr.msg_iovlen;

      self->stats.sent += n;
      self->stats.joined += n > 1 ? n : 0;
    }
}

/* One datagram cannot go; those behind it may. */
static void
drop_one (PstUdpBatch *self, int error)
{
  if (error == EMSGSIZE)
    self->stats.dropped_large++;
  else
    self->stats.dropped_error++;
}

/* The kernel took nothing of a joined message: segments of this size do not fit
 * the device (EINVAL, since 6.14 EMSGSIZE), or it cannot segment at all (EIO:
 * no checksum offload; EOPNOTSUPP; EINVAL again). They go one by one. */
static void
stop_joining (PstUdpBatch *self, int error, gsize size)
{
  gboolean does_not_fit = error == EMSGSIZE || error == EINVAL;

  self->joined_bytes = does_not_fit && size > SURELY_FITS_BYTES ? size - 1 : 0;
}

static gboolean
is_passing (int error)
{
  return error == EINTR || error == ECONNREFUSED;
}

typedef enum
{
  SEND_ON,   /* from the first message not sent */
  SEND_ANEW, /* the same, after joining differently */
  SEND_NO_MORE,
} Next;

/* The first of @message could not be sent for @error. */
static Next
handle_error (PstUdpBatch *self, struct mmsghdr **message, int error, gint64 deadline_us)
{
  const struct msghdr *header = &(*message)->msg_hdr;

  if (error == EAGAIN || error == ENOBUFS)
    return wait_for_room (self, error, deadline_us) ? SEND_ON : SEND_NO_MORE;
  if (is_passing (error))
    return g_get_monotonic_time () < deadline_us ? SEND_ON : SEND_NO_MORE;
  if (header->msg_iovlen > 1)
    {
      stop_joining (self, error, header->msg_iov[0].iov_len);
      return SEND_ANEW;
    }

  drop_one (self, error);
  (*message)++;
  return SEND_ON;
}

/* Returns: how many of the vectors are dealt with; fewer than @n_vectors only
 * when the rest is to be joined differently. */
static guint
send_messages (PstUdpBatch *self, guint n_messages, gint64 *deadline_us)
{
  struct mmsghdr *end = self->messages + n_messages;
  struct mmsghdr *next = self->messages;

  while (next < end)
    {
      int n = sendmmsg (self->fd, next, (guint) (end - next), MSG_DONTWAIT | MSG_NOSIGNAL);
      Next what = SEND_ON;

      self->stats.calls++;
      if (n < 0)
        what = handle_error (self, &next, errno, *deadline_us);
      else
        {
          count_sent (self, next, (guint) n);
          next += n;
          *deadline_us = g_get_monotonic_time () + PST_UDP_BATCH_PATIENCE_MS * 1000;
        }

      if (what == SEND_ANEW)
        break;
      if (what == SEND_NO_MORE)
        {
          self->stats.dropped_full += count_datagrams (next, (guint) (end - next));
          next = end;
        }
    }

  return (guint) count_datagrams (self->messages, (guint) (next - self->messages));
}

/* All of the vectors are to be fragmented, or none of them. */
static void
send_run (PstUdpBatch *self, struct iovec *vectors, guint n_vectors)
{
  gint64 deadline_us = g_get_monotonic_time () + PST_UDP_BATCH_PATIENCE_MS * 1000;

  set_fragments (self,
                 vectors[0].iov_len < FRAGMENTS_FROM_BYTES ? FRAGMENTS_NEVER : FRAGMENTS_LOCAL);

  for (guint done = 0; done < n_vectors;)
    {
      guint n_messages = fill_messages (self, vectors + done, n_vectors - done);

      done += send_messages (self, n_messages, &deadline_us);
    }
}

static guint
count_run (const struct iovec *vectors, guint n_vectors)
{
  gboolean whole = vectors[0].iov_len < FRAGMENTS_FROM_BYTES;
  guint n = 1;

  while (n < n_vectors && (vectors[n].iov_len < FRAGMENTS_FROM_BYTES) == whole)
    n++;

  return n;
}

/**
 * pst_udp_batch_send:
 * @self: a sender
 * @datagrams: the datagrams, each one vector
 * @n_datagrams: how many, at most %PST_UDP_BATCH_MAX
 *
 * Sends datagrams in their order with as few system calls as the kernel
 * allows: sendmmsg(2), and runs of one size joined (UDP_SEGMENT). While the
 * socket is full it waits, up to %PST_UDP_BATCH_PATIENCE_MS without any
 * progress; what is left then is dropped. A datagram too large for the path or
 * refused by the kernel is dropped alone. pst_udp_batch_get_stats() counts all
 * of them.
 */
void
pst_udp_batch_send (PstUdpBatch *self, const struct iovec *datagrams, guint n_datagrams)
{
  g_return_if_fail (n_datagrams <= PST_UDP_BATCH_MAX);

  memcpy (self->vectors, datagrams, n_datagrams * sizeof *datagrams);
  for (guint i = 0, n; i < n_datagrams; i += n)
    {
      n = count_run (self->vectors + i, n_datagrams - i);
      send_run (self, self->vectors + i, n);
    }
}
