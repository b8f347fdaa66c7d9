/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wire between two network namespaces, with a rate, a delay, a loss and a
 * queue: what tc's netem does, for kernels that have none.
 *
 *   namespace A          this process           namespace B
 *   link0 (TAP) ⇄ queue → line → delay → ⇄ link0 (TAP)
 *
 * Each direction is a line of its own: "there" leads from A to B, "back" from B
 * to A. A frame waits until those before it have left, takes its size over the
 * rate to leave, and arrives the delay later; it is dropped when too many bytes
 * wait already, or by chance. By chance too it arrives twice, late, or changed.
 *
 * A wire that only delays carries what the kernel has not cut into packets yet
 * (segmentation offload), as a veth pair does: hardly any work a byte. With a
 * rate or a fault every packet comes by itself, so that each one is treated alone.
 *
 * Prints "ready" when both devices are there. A line on standard input asks for
 * what has passed since the last such line; the answer is one JSON object. The
 * line "corrupt" has --corrupt begin, too: what DTLS says before it has keys, nothing
 * but the UDP checksum protects, and that is made right. It ends when its standard input does, so
 * it never outlives whoever started it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#include "wire-line.h"

/* Older headers lack segmentation of UDP (Linux 6.2). */
#define OFFLOAD_UDP (0x20 | 0x40)

/* In one go, so that one direction cannot starve the other. */
#define MAX_FRAMES_PER_TURN 512

/* While frames flow they are moved so often, not one by one: a wake-up for each
 * would cost more than the frame. This bounds how exact a delay is. */
#define TURN_US 150

#define PRIORITY 10

static gint64 rate_bps; /* bytes a second; 0 for no limit */
static gint64 rate_back_bps = -1;
static gint64 delay_us;
static gint64 queue_bytes = 256 * 1024;
static gint64 queue_ms;
static gint64 seed = 1;
static double loss;
static PstWireFaults faults = { .late_us = 5000 };
static gboolean no_groups;

static void G_GNUC_NORETURN
fail (const char *what)
{
  fprintf (stderr, "wire: %s: %s\n", what, g_strerror (errno));
  _exit (1);
}

static void
set_offloads (int tap)
{
  unsigned int whole = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;

  if (rate_bps > 0 || rate_back_bps > 0 || loss > 0 || faults.duplicate > 0 || faults.reorder > 0
      || faults.corrupt > 0)
    whole = TUN_F_CSUM;
  else if (ioctl (tap, TUNSETOFFLOAD, whole | OFFLOAD_UDP) == 0)
    return;

  if (ioctl (tap, TUNSETOFFLOAD, whole) != 0)
    fail ("TUNSETOFFLOAD");
}

static int
open_tap (const char *namespace_path)
{
  struct ifreq request = { .ifr_name = "link0", .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
  int ns = open (namespace_path, O_RDONLY | O_CLOEXEC);
  int tap;

  if (ns < 0 || setns (ns, CLONE_NEWNET) != 0)
    fail (namespace_path);
  close (ns);

  tap = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap < 0 || ioctl (tap, TUNSETIFF, &request) != 0)
    fail ("/dev/net/tun");
  set_offloads (tap);

  return tap;
}

static guint
receive (int tap, PstWireLine *line)
{
  guint n_frames;

  for (n_frames = 0; n_frames < MAX_FRAMES_PER_TURN; n_frames++)
    {
      ssize_t length = read (tap, pst_wire_line_reserve (line), PST_WIRE_MAX_FRAME_BYTES);

      if (length >= PST_WIRE_MIN_FRAME_BYTES)
        pst_wire_line_take (line, length, g_get_monotonic_time ());
      else if (length < 0 && (errno == EAGAIN || errno == EIO)) /* EIO: not up yet */
        break;
      else if (length < 0 && errno != EINTR)
        fail ("reading a frame");
    }

  return n_frames;
}

static guint
deliver (PstWireLine *line, int tap)
{
  const guint8 *frame;
  gsize length;
  guint n_frames = 0;

  while ((frame = pst_wire_line_peek (line, g_get_monotonic_time (), &length)) != NULL)
    {
      /* A device that is down loses the frame, as a real one would. EINVAL: it
       * takes no such frame, for instance one that is larger than it allows. */
      if (write (tap, frame, length) < 0 && errno != EIO && errno != EAGAIN && errno != EINVAL)
        fail ("writing a frame");
      pst_wire_line_drop (line);
      n_frames++;
    }

  return n_frames;
}

static void
tell (PstWireLine *there, PstWireLine *back)
{
  g_autofree char *there_json = pst_wire_line_describe (there);
  g_autofree char *back_json = pst_wire_line_describe (back);
  struct rusage used;

  getrusage (RUSAGE_SELF, &used);
  printf ("{\"type\": \"passed\", \"cpu_s\": %.3f, \"there\": %s, \"back\": %s}\n",
          (double) (used.ru_utime.tv_sec + used.ru_stime.tv_sec)
              + (double) (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / G_USEC_PER_SEC,
          there_json, back_json);
  fflush (stdout);
}

static void
answer_or_end (PstWireLine *there, PstWireLine *back)
{
  char asked[64] = { 0 };

  if (read (STDIN_FILENO, asked, sizeof asked - 1) <= 0)
    _exit (0);
  if (strstr (asked, "corrupt") != NULL)
    {
      pst_wire_line_set_faults (there, &faults);
      pst_wire_line_set_faults (back, &faults);
    }
  tell (there, back);
}

static void
wait_for_work (const int *taps, PstWireLine *there, PstWireLine *back)
{
  struct pollfd polls[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                            { .fd = taps[0], .events = POLLIN },
                            { .fd = taps[1], .events = POLLIN } };
  gint64 next_us = MIN (pst_wire_line_next_us (there), pst_wire_line_next_us (back));
  gint64 left_us = next_us == G_MAXINT64 ? 0 : next_us - g_get_monotonic_time ();
  struct timespec timeout = { .tv_sec = left_us / G_USEC_PER_SEC,
                              .tv_nsec = left_us % G_USEC_PER_SEC * 1000 };

  if (left_us < 0)
    timeout = (struct timespec){ 0 };
  if (ppoll (polls, G_N_ELEMENTS (polls), next_us == G_MAXINT64 ? NULL : &timeout, NULL) < 0)
    {
      if (errno != EINTR)
        fail ("waiting");
      return;
    }
  if (polls[0].revents != 0)
    answer_or_end (there, back);
}

static void
carry (const int *taps, PstWireLine *there, PstWireLine *back)
{
  const struct timespec turn = { .tv_nsec = TURN_US * 1000 };

  while (TRUE)
    {
      wait_for_work (taps, there, back);
      if (receive (taps[0], there) + receive (taps[1], back) + deliver (there, taps[1])
              + deliver (back, taps[0])
          > 0)
        nanosleep (&turn, NULL);
    }
}

/* Before everything that is measured over this wire. Without the right to it,
 * the wire works as well, and less exactly. */
static void
come_first (void)
{
  const struct sched_param param = { .sched_priority = PRIORITY };

  if (sched_setscheduler (0, SCHED_FIFO, &param) != 0)
    (void) setpriority (PRIO_PROCESS, 0, -PRIORITY);
}

static PstWireLine *
make_line (gint64 line_rate_bps, guint32 line_seed)
{
  gint64 most_bytes = queue_ms > 0 ? queue_ms * line_rate_bps / 1000 : queue_bytes;
  PstWireLine *line = pst_wire_line_new (line_rate_bps, delay_us, most_bytes, loss, no_groups,
                                         line_seed);

  PstWireFaults at_first = faults;

  if (line == NULL)
    fail ("memory");
  at_first.corrupt = 0;
  pst_wire_line_set_faults (line, &at_first);

  return line;
}

int
main (int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "rate", 0, 0, G_OPTION_ARG_INT64, &rate_bps, "Bytes a second, each way", "N" },
    { "rate-back", 0, 0, G_OPTION_ARG_INT64, &rate_back_bps, "The same, for the way back", "N" },
    { "delay-us", 0, 0, G_OPTION_ARG_INT64, &delay_us, "One way, in microseconds", "N" },
    { "queue", 0, 0, G_OPTION_ARG_INT64, &queue_bytes, "Bytes that may wait for the line", "N" },
    { "queue-ms", 0, 0, G_OPTION_ARG_INT64, &queue_ms, "The same, as time at the rate", "N" },
    { "loss", 0, 0, G_OPTION_ARG_DOUBLE, &loss, "Part of the frames that is lost", "0…1" },
    { "duplicate", 0, 0, G_OPTION_ARG_DOUBLE, &faults.duplicate, "Part that comes twice", "0…1" },
    { "reorder", 0, 0, G_OPTION_ARG_DOUBLE, &faults.reorder, "Part that comes late", "0…1" },
    { "corrupt", 0, 0, G_OPTION_ARG_DOUBLE, &faults.corrupt, "Part that is changed", "0…1" },
    { "late-us", 0, 0, G_OPTION_ARG_INT64, &faults.late_us, "How late at most (5000)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Which frames those are", "N" },
    { "no-groups", 0, 0, G_OPTION_ARG_NONE, &no_groups, "Lose multicast", NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("NAMESPACE-PATH NAMESPACE-PATH");
  g_autoptr (GError) error = NULL;
  int taps[2];

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 3)
    {
      fprintf (stderr, "wire: %s\n", error != NULL ? error->message : "two namespaces are needed");
      return 2;
    }

  for (guint i = 0; i < G_N_ELEMENTS (taps); i++)
    taps[i] = open_tap (argv[i + 1]);
  come_first ();
  puts ("ready");
  fflush (stdout);

  carry (taps, make_line (rate_bps, seed),
         make_line (rate_back_bps >= 0 ? rate_back_bps : rate_bps, seed + 1));
}
