/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a packet costs on its way through an encoder and a decoder, ours and
 * GStreamer's: lists of 32 into one end, out of the other, in one process.
 * Processor time of all threads; and of the one that pushes, which with ours is
 * all of the encoder. */
#include <time.h>

#include "dtls-duo.h"

#define LIST_BUFFERS 32
#define TOTAL_BYTES  (400 * 1000 * 1000L)
/* A list is sent when its forerunner has arrived, so that nothing is dropped. */
#define MAX_AHEAD 64

static double
cpu_seconds (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static GstBufferList *
copy_list (GstBufferList *list)
{
  GstBufferList *copy = gst_buffer_list_new_sized (LIST_BUFFERS);

  for (guint i = 0; i < LIST_BUFFERS; i++)
    gst_buffer_list_add (copy, gst_buffer_ref (gst_buffer_list_get (list, i)));
  return copy;
}

static void
measure (gboolean fast, gsize n_bytes)
{
  guint n_lists = TOTAL_BYTES / n_bytes / LIST_BUFFERS;
  g_autoptr (GstBufferList) list = duo_make_list (LIST_BUFFERS, n_bytes);
  double packets = (double)n_lists * LIST_BUFFERS;
  double seconds, pushing;
  Duo duo;

  duo_init (&duo, fast, fast);
  duo_start (&duo);
  duo_wait_connected (&duo);
  g_atomic_int_set (&duo.sides[1].discard, TRUE);

  seconds = -cpu_seconds (CLOCK_PROCESS_CPUTIME_ID);
  pushing = -cpu_seconds (CLOCK_THREAD_CPUTIME_ID);
  for (guint i = 0; i < n_lists; i++)
    {
      while (g_atomic_int_get (&duo.sides[1].n_discarded) + MAX_AHEAD < (gint)(i * LIST_BUFFERS))
        g_usleep (20);
      gst_pad_push_list (duo.sides[0].in, copy_list (list));
    }
  while (g_atomic_int_get (&duo.sides[1].n_discarded) < (gint)packets)
    g_usleep (100);
  seconds += cpu_seconds (CLOCK_PROCESS_CPUTIME_ID);
  pushing += cpu_seconds (CLOCK_THREAD_CPUTIME_ID);

  g_print ("%-6s packets of %5zu: %6.2f CPU s/GB, %6.3f us a packet, of them %6.3f pushing\n",
           fast ? "ours" : "stock", n_bytes, seconds / (packets * n_bytes / 1e9),
           seconds / packets * 1e6, pushing / packets * 1e6);
  duo_clear (&duo);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  duo_load_factories ();

  for (guint fast = 0; fast < 2; fast++)
    {
      measure (fast, 1400);
      measure (fast, 15000);
    }
  return 0;
}
