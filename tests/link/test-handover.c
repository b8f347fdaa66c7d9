/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-handover.h"

typedef struct
{
  PstHandover *handover;
  GThread *thread;
  guint counts[PST_HANDOVER_FAILURE + 1];
  guint64 next; /* the number expected in the next frame */
  guint stop_after;
} Fixture;

static void
on_event (PstHandoverKind kind, gpointer data, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_true (g_thread_self () == fixture->thread);
  fixture->counts[kind]++;
  if (kind == PST_HANDOVER_FRAME && g_bytes_get_size (data) == sizeof (guint64))
    g_assert_cmpuint (*(const guint64 *) g_bytes_get_data (data, NULL), ==, fixture->next++);
  if (fixture->stop_after > 0 && --fixture->stop_after == 0)
    {
      pst_handover_stop (fixture->handover);
      g_clear_pointer (&fixture->handover, pst_handover_unref);
    }
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->thread = g_thread_self ();
  fixture->handover = pst_handover_new (on_event, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->handover != NULL)
    pst_handover_stop (fixture->handover);
  g_clear_pointer (&fixture->handover, pst_handover_unref);
}

static void
run_until_idle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
push_frame (PstHandover *handover, gsize size)
{
  g_autoptr (GBytes) frame = g_bytes_new_take (g_malloc0 (size), size);

  pst_handover_push_frame (handover, frame);
}

#define N_FRAMES 20000

static gpointer
push_numbers (gpointer data)
{
  g_autoptr (PstHandover) handover = data;

  for (guint64 i = 0; i < N_FRAMES; i++)
    {
      g_autoptr (GBytes) frame = g_bytes_new (&i, sizeof i);
      pst_handover_push_frame (handover, frame);
    }
  return NULL;
}

/* In order, all, in the owner's thread, and the owner's sleep ends. */
static void
test_order (Fixture *fixture, gconstpointer data)
{
  GThread *thread = g_thread_new ("push", push_numbers, pst_handover_ref (fixture->handover));

  while (fixture->next < N_FRAMES)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_FRAME], ==, N_FRAMES);
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_OVERFLOW], ==, 0);
}

static void
test_coalescing (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      pst_handover_push (fixture->handover, PST_HANDOVER_LOW, NULL, NULL);
      pst_handover_push (fixture->handover, PST_HANDOVER_TRANSPORT, NULL, NULL);
      pst_handover_push (fixture->handover, PST_HANDOVER_CANDIDATE, g_strdup ("c"), g_free);
    }
  run_until_idle ();
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_LOW], ==, 1);
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_TRANSPORT], ==, 1);
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_CANDIDATE], ==, 3);

  /* Only what stands in the queue is coalesced. */
  pst_handover_push (fixture->handover, PST_HANDOVER_LOW, NULL, NULL);
  run_until_idle ();
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_LOW], ==, 2);
}

static void
test_overflow (Fixture *fixture, gconstpointer data)
{
  const guint fits = PST_HANDOVER_MAX_BYTES / (65536 + 1024);

  for (guint i = 0; i < fits + 3; i++)
    push_frame (fixture->handover, 65536);
  run_until_idle ();
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_FRAME], ==, fits);
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_OVERFLOW], ==, 1);

  /* What was lost stays lost: nothing is taken after it. */
  push_frame (fixture->handover, 1);
  run_until_idle ();
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_FRAME], ==, fits);
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_OVERFLOW], ==, 1);
}

/* Tiny frames cost memory, too. */
static void
test_tiny_overflow (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < PST_HANDOVER_MAX_BYTES / 1024; i++)
    push_frame (fixture->handover, 1);
  run_until_idle ();
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_OVERFLOW], ==, 1);
}

/* As much as one likes may pass in all. */
static void
test_drained (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < 4; round++)
    {
      for (guint i = 0; i < 400; i++)
        push_frame (fixture->handover, 65536);
      run_until_idle ();
    }
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_FRAME], ==, 1600);
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_OVERFLOW], ==, 0);
}

static void
set_true (gpointer data)
{
  *(gboolean *) data = TRUE;
}

/* The callee may end the handover, and what is pushed afterwards is freed. */
static void
test_stop_inside (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PstHandover) handover = pst_handover_ref (fixture->handover);
  gboolean queued_freed = FALSE;
  gboolean late_freed = FALSE;

  fixture->stop_after = 1;
  pst_handover_push (handover, PST_HANDOVER_OPENED, NULL, NULL);
  pst_handover_push (handover, PST_HANDOVER_CANDIDATE, &queued_freed, set_true);
  run_until_idle ();
  g_assert_true (queued_freed);
  pst_handover_push (handover, PST_HANDOVER_CANDIDATE, &late_freed, set_true);
  g_assert_true (late_freed);
  push_frame (handover, 10);
  run_until_idle ();
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_OPENED], ==, 1);
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_CANDIDATE], ==, 0);
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_FRAME], ==, 0);
}

static gboolean
on_other_source (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* A full queue does not keep other sources from their turn. */
static void
test_fairness (Fixture *fixture, gconstpointer data)
{
  gboolean ran = FALSE;

  for (guint i = 0; i < 1000; i++)
    push_frame (fixture->handover, 100);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_other_source, &ran, NULL);
  while (!ran)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (fixture->counts[PST_HANDOVER_FRAME], <, 1000);
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/handover/order", test_order);
  ADD ("/handover/coalescing", test_coalescing);
  ADD ("/handover/overflow", test_overflow);
  ADD ("/handover/tiny-overflow", test_tiny_overflow);
  ADD ("/handover/drained", test_drained);
  ADD ("/handover/stop-inside", test_stop_inside);
  ADD ("/handover/fairness", test_fairness);
  return g_test_run ();
}
