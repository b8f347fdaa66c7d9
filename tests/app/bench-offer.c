/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long the offer page takes to open, what it keeps, and how smoothly it
 * scrolls, with more entries than anybody reads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "offer-sample.h"
#include "pst-offer-page-private.h"
#include "pst-offer-row.h"

#define FOLDER_ENTRIES 100
#define N_SCROLLS      200
#define WHEEL_STEP     100.0 /* pixels, about three rows */

static gboolean painted;

static void
note_paint (GdkFrameClock *clock, gpointer user_data)
{
  painted = TRUE;
}

/* Until the frame that shows all changes made so far. */
static void
wait_for_frame (GtkWidget *widget)
{
  painted = FALSE;
  gtk_widget_queue_draw (widget);
  while (!painted)
    g_main_context_iteration (NULL, TRUE);
}

static double
get_resident_mib (void)
{
  g_autofree char *text = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/status", &text, NULL, NULL);
  line = text != NULL ? g_strstr_len (text, -1, "VmRSS:") : NULL;

  return line != NULL ? atof (line + strlen ("VmRSS:")) / 1024 : 0;
}

static guint
count_rows (GtkWidget *widget)
{
  guint n = PST_IS_OFFER_ROW (widget);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_rows (child);

  return n;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  double one = *(const double *)a;
  double other = *(const double *)b;

  return (one > other) - (one < other);
}

static double
get_cpu_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1000.0 + time.tv_nsec / 1e6;
}

/* A frame takes at least as long as the screen shows it; what it costs is the
 * processor time. */
static void
scroll (PstOfferPage *page, const char *how, double step)
{
  GtkWidget *list = GTK_WIDGET (
      gtk_widget_get_template_child (GTK_WIDGET (page), PST_TYPE_OFFER_PAGE, "list"));
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  double wall_ms[N_SCROLLS];
  double cpu_ms[N_SCROLLS];

  for (guint i = 0; i < N_SCROLLS; i++)
    {
      gint64 begun_us = g_get_monotonic_time ();
      double begun_ms = get_cpu_ms ();

      gtk_adjustment_set_value (adjustment, step * (i + 1));
      wait_for_frame (list);
      wall_ms[i] = (g_get_monotonic_time () - begun_us) / 1000.0;
      cpu_ms[i] = get_cpu_ms () - begun_ms;
    }

  qsort (wall_ms, N_SCROLLS, sizeof *wall_ms, compare_times);
  qsort (cpu_ms, N_SCROLLS, sizeof *cpu_ms, compare_times);
  printf ("  %s: frames of %.1f ms, 95th percentile %.1f; processor %.1f ms, 95th percentile %.1f; "
          "%u rows made\n",
          how, wall_ms[N_SCROLLS / 2], wall_ms[N_SCROLLS * 95 / 100], cpu_ms[N_SCROLLS / 2],
          cpu_ms[N_SCROLLS * 95 / 100], count_rows (list));
}

static double
get_range (PstOfferPage *page)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (
      gtk_widget_get_template_child (GTK_WIDGET (page), PST_TYPE_OFFER_PAGE, "list")));

  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
}

static void
toggle (PstOfferPage *page)
{
  PstOfferTree *tree = pst_offer_page_get_tree (page);
  gint64 begun_us = g_get_monotonic_time ();

  pst_offer_tree_set_selected (tree, pst_offer_tree_get_root (tree), FALSE);
  printf ("  choosing nothing: %.1f ms\n", (g_get_monotonic_time () - begun_us) / 1000.0);
}

static void
measure (PstOfferPage *page, guint n_entries, guint folder_size)
{
  g_autoptr (PstManifest) manifest = offer_sample_new_large (n_entries, folder_size);
  double before_mib = get_resident_mib ();
  double begun_ms = get_cpu_ms ();
  gint64 begun_us = g_get_monotonic_time ();

  pst_offer_page_set_content (page, manifest, "Anna");
  wait_for_frame (GTK_WIDGET (page));
  printf ("%u entries, %u in a folder\n", n_entries, folder_size);
  printf ("  to the first frame: %.0f ms, of the processor %.0f ms\n",
          (g_get_monotonic_time () - begun_us) / 1000.0, get_cpu_ms () - begun_ms);
  printf ("  resident: %.1f MiB more than %.1f\n", get_resident_mib () - before_mib, before_mib);
  scroll (page, "as a wheel does", WHEEL_STEP);
  scroll (page, "by jumps over all", get_range (page) / N_SCROLLS);
  toggle (page);
  pst_offer_page_set_content (page, NULL, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GSettings) settings = NULL;
  GtkWidget *window;
  GtkWidget *page;

  gtk_init ();
  adw_init ();
  settings = g_settings_new ("io.github.penstock.Penstock");
  page = pst_offer_page_new (settings);
  window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (window), 480, 640);
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  g_signal_connect (gtk_widget_get_frame_clock (page), "after-paint", G_CALLBACK (note_paint),
                    NULL);
  wait_for_frame (page);

  measure (PST_OFFER_PAGE (page), 10000, FOLDER_ENTRIES);
  measure (PST_OFFER_PAGE (page), 10000, 10000);
  measure (PST_OFFER_PAGE (page), 100000, FOLDER_ENTRIES);
  measure (PST_OFFER_PAGE (page), 100000, 100000);
  gtk_window_destroy (GTK_WINDOW (window));

  return 0;
}
