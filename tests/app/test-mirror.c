/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-mirror.h"

#include "pst-engine-private.h"
#include "session-end.h"

static gint n_alive; /* atomic */

static gpointer
snapshot_new (guint value)
{
  g_atomic_int_inc (&n_alive);
  return g_memdup2 (&value, sizeof value);
}

static void
snapshot_free (gpointer snapshot)
{
  g_atomic_int_add (&n_alive, -1);
  g_free (snapshot);
}

static void
note (gpointer snapshot, gpointer user_data)
{
  g_array_append_val ((GArray *) user_data, *(guint *) snapshot);
  snapshot_free (snapshot);
}

static void
test_newest (void)
{
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (PstMirror) mirror = pst_mirror_new (note, seen, snapshot_free);

  g_assert_true (pst_mirror_put (mirror, snapshot_new (1)));
  g_assert_false (pst_mirror_put (mirror, snapshot_new (2)));
  g_assert_false (pst_mirror_put (mirror, snapshot_new (3)));
  g_assert_cmpint (n_alive, ==, 1);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (seen->len, ==, 1);
  g_assert_cmpuint (g_array_index (seen, guint, 0), ==, 3);
  g_assert_true (pst_mirror_put (mirror, snapshot_new (4)));

  /* What was not seen by the end is not shown after it. */
  pst_mirror_stop (mirror);
  pst_mirror_put (mirror, snapshot_new (5));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (seen->len, ==, 1);
  g_assert_cmpint (n_alive, ==, 0);
}

#define N_PUTS 100000

static gpointer
put_many (gpointer data)
{
  g_autoptr (PstMirror) mirror = data;

  for (guint i = 1; i <= N_PUTS; i++)
    pst_mirror_put (mirror, snapshot_new (i));
  return NULL;
}

/* In order, the last for certain, and never more than three alive: one that
 * waits, one that is made and one that is looked at. */
static void
look (gpointer snapshot, gpointer user_data)
{
  g_assert_cmpint (g_atomic_int_get (&n_alive), <=, 3);
  note (snapshot, user_data);
}

static void
test_threads (void)
{
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (PstMirror) mirror = pst_mirror_new (look, seen, snapshot_free);
  GThread *thread = g_thread_new ("put", put_many, pst_mirror_ref (mirror));

  wait_for (seen->len > 0 && g_array_index (seen, guint, seen->len - 1) == N_PUTS);
  g_thread_join (thread);
  for (guint i = 1; i < seen->len; i++)
    g_assert_cmpuint (g_array_index (seen, guint, i - 1), <, g_array_index (seen, guint, i));
  pst_mirror_stop (mirror);
  g_assert_cmpint (n_alive, ==, 0);
}

typedef struct
{
  PstEngine *engine;
  GThread *thread;
  guint n_run;
  guint n_freed;
} Work;

static gboolean
work (gpointer data)
{
  Work *self = data;

  g_assert_true (g_main_context_get_thread_default () != NULL);
  self->thread = g_thread_self ();
  self->n_run++;
  return G_SOURCE_REMOVE;
}

static void
work_done (gpointer data)
{
  ((Work *) data)->n_freed++;
}

static gboolean
leave (gpointer data)
{
  pst_engine_leave (((Work *) data)->engine);
  return work (data);
}

/* The thread ends, and not before what lives in it has left. */
static void
test_engine (void)
{
  PstEngine *engine = pst_engine_new ();
  Work self = { .engine = engine };

  pst_engine_enter (engine);
  for (guint i = 0; i < 100; i++)
    pst_engine_run (pst_engine_ref (engine), work, &self, work_done);
  for (guint i = 0; i < 100; i++)
    pst_engine_unref (engine);
  pst_engine_run (engine, leave, &self, work_done);
  pst_engine_unref (engine);
  g_assert_cmpuint (self.n_run, ==, 101);
  g_assert_cmpuint (self.n_freed, ==, 101);
  g_assert_true (self.thread != g_thread_self ());
}

static void
test_engine_idle (void)
{
  for (guint i = 0; i < 100; i++)
    pst_engine_unref (pst_engine_new ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mirror/newest", test_newest);
  g_test_add_func ("/mirror/threads", test_threads);
  g_test_add_func ("/engine/ends", test_engine);
  g_test_add_func ("/engine/idle", test_engine_idle);
  return g_test_run ();
}
