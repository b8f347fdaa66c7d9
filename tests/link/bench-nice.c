/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nice-ends.h"
#include "pst-fast.h"

#include <stdio.h>
#include <sys/resource.h>

/* Datagrams on the way at once: what the receiver's kernel surely holds. */
#define WINDOW_BYTES (128 * 1024)
#define LIST_BUFFERS 32

static double
get_cpu_s (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec
         + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / G_USEC_PER_SEC;
}

static GstBufferList *
make_list (GstBuffer *datagram, guint n)
{
  GstBufferList *list = gst_buffer_list_new_sized (n);

  for (guint i = 0; i < n; i++)
    gst_buffer_list_add (list, gst_buffer_ref (datagram));
  return list;
}

/* Waits until few enough are on the way; what is lost is not waited for. */
static void
wait_for_window (NiceEnd *to, guint n_sent, guint window)
{
  gint64 end_us = g_get_monotonic_time () + G_USEC_PER_SEC / 10;

  g_mutex_lock (&to->ends->lock);
  while (n_sent > window && to->n_received < n_sent - window)
    if (!g_cond_wait_until (&to->ends->changed, &to->ends->lock, end_us))
      break;
  g_mutex_unlock (&to->ends->lock);
}

static void
send_all (NiceEnds *ends, gsize size, guint n_total)
{
  g_autoptr (GstBuffer) datagram = nice_ends_make_datagram (0, 0, size);
  guint window = MAX (WINDOW_BYTES / (guint)size, 2);
  guint per_list = MIN (LIST_BUFFERS, window / 2);

  for (guint sent = 0; sent < n_total; sent += per_list)
    {
      gst_pad_push_list (ends->ends[0].out, make_list (datagram, per_list));
      wait_for_window (&ends->ends[1], sent + per_list, window - per_list);
    }
  wait_for_window (&ends->ends[1], n_total, 0);
}

static void
report (const char *name, gsize size, NiceEnd *to, guint n_total, double cpu_s, gint64 took_us)
{
  double gb = (double)to->n_bytes / 1e9;

  printf ("%-22s %6" G_GSIZE_FORMAT " bytes: %6.1f MB/s, %5.2f CPU s/GB, %u of %u arrived\n", name,
          size, gb * 1e9 / (double)took_us, cpu_s / gb, to->n_received, n_total);
}

static void
measure (const char *name, gsize size, guint n_total, gboolean without_lane)
{
  static const char *const addresses[2][2] = { { "127.0.0.1", NULL }, { "127.0.0.3", NULL } };
  NiceEnds ends = { 0 };
  double cpu_s;
  gint64 begin_us;

  nice_ends_open (&ends, addresses);
  nice_ends_make_elements (&ends);
  ends.ends[1].counting = TRUE;
  if (without_lane)
    g_object_set (ends.ends[1].src, "lane", FALSE, NULL);
  nice_ends_connect (&ends);

  cpu_s = get_cpu_s ();
  begin_us = g_get_monotonic_time ();
  send_all (&ends, size, n_total);
  report (name, size, &ends.ends[1], n_total, get_cpu_s () - cpu_s,
          g_get_monotonic_time () - begin_us);
  nice_ends_close (&ends);
}

static void
measure_sizes (const char *name, gboolean without_lane)
{
  measure (name, 1437, 400000, without_lane);
  measure (name, 15000, 40000, without_lane);
}

/* What the elements cost, both ends in one process on loopback: the stock ones
 * where they are installed, then ours. */
int
main (int argc, char **argv)
{
  g_autoptr (GstElementFactory) stock = NULL;
  g_autoptr (GError) error = NULL;

  gst_init (&argc, &argv);
  stock = gst_element_factory_find ("nicesrc");
  if (stock != NULL)
    measure_sizes ("stock", FALSE);

  if (!pst_fast_use (TRUE, &error))
    return 1;
  measure_sizes ("batches, no lane", TRUE);
  measure_sizes ("batches and lane", FALSE);

  return 0;
}
