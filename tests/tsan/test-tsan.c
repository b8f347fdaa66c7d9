/* SPDX-License-Identifier: GPL-3.0-or-later */
/* That ThreadSanitizer takes no way of GLib and GStreamer to hand something from thread
 * to thread for a race, and that it finds races on purpose all the same. */
#include <gio/gio.h>
#include <gst/gst.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS  200
#define THREADS 4

/* What threads hand each other: no lock of its own. */
typedef struct
{
  guint value;
  gpointer way;
} Thing;

static void
run_threads (GThreadFunc func, gpointer data)
{
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("tsan", func, data);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
}

static void
add_and_answer (gpointer data, gpointer answers)
{
  Thing *thing = data;

  thing->value++;
  g_async_queue_push (answers, thing);
}

static void
test_pool (void)
{
  GAsyncQueue *answers = g_async_queue_new ();
  GThreadPool *pool = g_thread_pool_new (add_and_answer, answers, THREADS, FALSE, NULL);
  Thing things[THREADS] = { 0 };

  for (guint i = 0; i < THREADS; i++)
    {
      things[i].value = 1;
      g_thread_pool_push (pool, &things[i], NULL);
    }
  for (guint i = THREADS; i < ROUNDS; i++)
    {
      Thing *thing = g_async_queue_pop (answers);

      thing->value++;
      g_thread_pool_push (pool, thing, NULL);
    }
  g_thread_pool_free (pool, FALSE, TRUE);
  g_async_queue_unref (answers);
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Thing *thing = data;

  thing->value++;
  g_task_return_pointer (task, g_memdup2 (thing, sizeof *thing), g_free);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Thing *thing = g_task_propagate_pointer (G_TASK (result), NULL);

  g_assert_cmpuint (thing->value++, ==, 2);
  *(guint *) user_data += 1;
}

static void
test_task (void)
{
  guint n_done = 0;

  for (guint i = 0; i < ROUNDS; i++)
    {
      GTask *task = g_task_new (NULL, NULL, on_done, &n_done);
      Thing *thing = g_new0 (Thing, 1);

      thing->value = 1;
      g_task_set_task_data (task, thing, g_free);
      g_task_run_in_thread (task, work);
      g_object_unref (task);
    }
  while (n_done < ROUNDS)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
add_in_loop (gpointer data)
{
  Thing *thing = data;

  thing->value++;
  return G_SOURCE_REMOVE;
}

static gpointer
add_from_thread (gpointer data)
{
  for (guint i = 0; i < ROUNDS; i++)
    g_main_context_invoke (NULL, add_in_loop, data);
  return NULL;
}

static void
test_loop (void)
{
  Thing thing = { 0 };
  GThread *thread;

  /* A loop that nobody has would be the thread's for a moment. */
  g_assert_true (g_main_context_acquire (NULL));
  thread = g_thread_new ("tsan", add_from_thread, &thing);
  while (thing.value < ROUNDS)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_main_context_release (NULL);
}

static void
free_thing (gpointer data)
{
  Thing *thing = data;

  thing->value = 0;
  g_free (thing);
}

/* Each thread has a reference; the last one's frees what all looked at. */
static gpointer
drop_bytes (gpointer data)
{
  g_assert_cmpuint (((const Thing *) g_bytes_get_data (data, NULL))->value, ==, 1);
  g_bytes_unref (data);
  return NULL;
}

static gpointer
drop_object (gpointer data)
{
  g_assert_cmpuint (((Thing *) g_object_get_data (data, "thing"))->value, ==, 1);
  g_object_unref (data);
  return NULL;
}

static gpointer
drop_table (gpointer data)
{
  g_assert_cmpuint (((Thing *) g_hash_table_lookup (data, "thing"))->value, ==, 1);
  g_hash_table_unref (data);
  return NULL;
}

static void
clear_thing (gpointer data)
{
  ((Thing *) data)->value = 0;
}

static gpointer
drop_box (gpointer data)
{
  g_assert_cmpuint (((Thing *) data)->value, ==, 1);
  g_atomic_rc_box_release_full (data, clear_thing);
  return NULL;
}

static gpointer
drop_count (gpointer data)
{
  Thing *thing = data;

  g_assert_cmpuint (thing->value, ==, 1);
  if (g_atomic_ref_count_dec (thing->way))
    thing->value = 0;
  return NULL;
}

static Thing *
new_thing (void)
{
  Thing *thing = g_new0 (Thing, 1);

  thing->value = 1;
  return thing;
}

static void
test_counts (void)
{
  gatomicrefcount count = THREADS;
  Thing counted = { 1, &count }, *thing = new_thing ();
  GBytes *bytes = g_bytes_new_with_free_func (thing, sizeof *thing, free_thing, thing);
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_thing);
  Thing *box = g_atomic_rc_box_new0 (Thing);

  g_object_set_data_full (object, "thing", new_thing (), free_thing);
  g_hash_table_insert (table, (gpointer) "thing", new_thing ());
  box->value = 1;
  for (guint i = 1; i < THREADS; i++)
    {
      g_bytes_ref (bytes);
      g_object_ref (object);
      g_hash_table_ref (table);
      g_atomic_rc_box_acquire (box);
    }
  run_threads (drop_bytes, bytes);
  run_threads (drop_object, object);
  run_threads (drop_table, table);
  run_threads (drop_box, box);
  run_threads (drop_count, &counted);
  g_assert_cmpuint (counted.value, ==, 0);
}

static gpointer
look_once (gpointer data)
{
  static gsize ready;
  static Thing thing;

  if (g_once_init_enter (&ready))
    {
      thing.value = 1;
      g_once_init_leave (&ready, 1);
    }
  g_assert_cmpuint (thing.value, ==, 1);
  return NULL;
}

/* A class whose making writes what its objects read. */
static guint of_class;

#define TEST_TYPE_THING (test_thing_get_type ())
G_DECLARE_FINAL_TYPE (TestThing, test_thing, TEST, THING, GObject)
struct _TestThing
{
  GObject parent;
};
G_DEFINE_FINAL_TYPE (TestThing, test_thing, G_TYPE_OBJECT)

static void
test_thing_class_init (TestThingClass *klass)
{
  of_class = 1;
}

static void
test_thing_init (TestThing *self)
{
  g_assert_cmpuint (of_class, ==, 1);
}

static gpointer
make_object (gpointer data)
{
  for (guint i = 0; i < ROUNDS; i++)
    g_object_unref (g_object_new (TEST_TYPE_THING, NULL));
  return NULL;
}

static void
test_once (void)
{
  run_threads (look_once, NULL);
  run_threads (make_object, NULL);
}

static GRecMutex rec_mutex;
static GRWLock rw_lock;

static gpointer
add_under_locks (gpointer data)
{
  Thing *thing = data, *other = thing->way;

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_rec_mutex_lock (&rec_mutex);
      thing->value++;
      g_rec_mutex_unlock (&rec_mutex);
      g_rw_lock_writer_lock (&rw_lock);
      other->value++;
      g_rw_lock_writer_unlock (&rw_lock);
      g_rw_lock_reader_lock (&rw_lock);
      g_assert_cmpuint (other->value, >, i);
      g_rw_lock_reader_unlock (&rw_lock);
    }
  return NULL;
}

static void
test_locks (void)
{
  Thing other = { 0 }, thing = { 0, &other };

  run_threads (add_under_locks, &thing);
  g_assert_cmpuint (thing.value, ==, THREADS * ROUNDS);
}

/* Messages go over a bus without a lock. */
static gpointer
post (gpointer bus)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      GBytes *bytes = g_bytes_new_with_free_func (new_thing (), sizeof (Thing), NULL, NULL);

      gst_bus_post (bus, gst_message_new_application (
                             NULL, gst_structure_new ("tsan", "bytes", G_TYPE_BYTES, bytes, NULL)));
      g_bytes_unref (bytes);
    }
  return NULL;
}

static void
test_bus (void)
{
  GstBus *bus = gst_bus_new ();
  GThread *thread = g_thread_new ("tsan", post, bus);

  for (guint i = 0; i < ROUNDS; i++)
    {
      GstMessage *message = gst_bus_timed_pop (bus, GST_CLOCK_TIME_NONE);
      GBytes *bytes;

      gst_structure_get (gst_message_get_structure (message), "bytes", G_TYPE_BYTES, &bytes, NULL);
      ((Thing *) g_bytes_get_data (bytes, NULL))->value++;
      g_free ((gpointer) g_bytes_get_data (bytes, NULL));
      g_bytes_unref (bytes);
      gst_message_unref (message);
    }
  g_thread_join (thread);
  gst_object_unref (bus);
}

/* Races on purpose. What stands in @way is read, written or freed by two threads. */
typedef struct
{
  const char *name;
  void (*first) (Thing *thing);
  void (*second) (Thing *thing);
} Race;

static void
write_variable (Thing *thing)
{
  thing->value++;
}

static void
look_at_freed (Thing *thing)
{
  g_assert_cmpuint (*(char *) thing->way, ==, 'f');
}

static void
free_it (Thing *thing)
{
  g_free (thing->way);
}

static void
push (Thing *thing)
{
  g_queue_push_tail (thing->way, thing);
}

static void
look_at_queue (Thing *thing)
{
  g_assert_false (g_queue_is_empty (thing->way));
}

static void
insert (Thing *thing)
{
  g_hash_table_add (thing->way, thing);
}

static void
look_up (Thing *thing)
{
  g_assert_true (g_hash_table_contains (thing->way, thing));
}

static void
add (Thing *thing)
{
  g_ptr_array_add (thing->way, thing);
}

static void
look_at_array (Thing *thing)
{
  g_assert_cmpuint (((GPtrArray *) thing->way)->len, >, 0);
}

static const Race races[] = {
  { "variable", write_variable, write_variable },
  { "freed", look_at_freed, free_it },
  { "queue", push, look_at_queue },
  { "table", insert, look_up },
  { "table-written", insert, insert },
  { "array", add, look_at_array },
};

/* The threads run one after the other, but nothing that orders threads makes them. */
static gint n_ran;
static Thing raced;

static gpointer
run_unordered (gpointer func)
{
  ((void (*) (Thing *)) func) (&raced);
  __atomic_fetch_add (&n_ran, 1, __ATOMIC_RELAXED);
  return NULL;
}

static void
run_race (const Race *race)
{
  GThread *first = g_thread_new ("tsan", run_unordered, (gpointer) race->first), *second;

  while (__atomic_load_n (&n_ran, __ATOMIC_RELAXED) == 0)
    g_usleep (1000);
  second = g_thread_new ("tsan", run_unordered, (gpointer) race->second);
  g_thread_join (first);
  g_thread_join (second);
}

static gpointer
make_way (const char *name)
{
  if (g_str_equal (name, "freed"))
    return g_strdup ("freed");
  if (g_str_equal (name, "queue"))
    return g_queue_new ();
  if (g_str_has_prefix (name, "table"))
    return g_hash_table_new (NULL, NULL);
  return g_ptr_array_new ();
}

/* Another process, as one that had a report ends with a failure. */
static void
test_race (gconstpointer data)
{
  const Race *race = data;
  const char *options = g_getenv ("TSAN_OPTIONS");
  g_autofree char *to_us = NULL;

  if (g_test_subprocess ())
    {
      raced.way = make_way (race->name);
      run_race (race);
      return;
    }

  to_us = g_strconcat (options != NULL ? options : "", ":log_path=stderr", NULL);
  g_setenv ("TSAN_OPTIONS", to_us, TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*WARNING: ThreadSanitizer: data race*");
  g_setenv ("TSAN_OPTIONS", options != NULL ? options : "", TRUE);
}

static gint64
get_real_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return now.tv_sec * G_TIME_SPAN_SECOND + now.tv_nsec / 1000;
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* A program that is stopped for a while does not see that time go. */
static void
test_stopped (void)
{
  gint64 slower = atoi (g_getenv ("PST_TSAN_SLOWER"));
  g_autofree char *command = g_strdup_printf ("sleep 2; kill -CONT %d", (int) getpid ());
  const char *argv[] = { "sh", "-c", command, NULL };
  gint64 real_us = get_real_us (), counted_us = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  kill (getpid (), SIGSTOP);
  real_us = get_real_us () - real_us;
  counted_us = g_get_monotonic_time () - counted_us;
  g_assert_cmpint (real_us, >, G_TIME_SPAN_SECOND);
  g_assert_cmpint (slower * counted_us, <, real_us / 2);
}

/* What waits in a loop, or for a condition, sees as much time go as the others. */
static void
test_waiting (void)
{
  gint64 slower = atoi (g_getenv ("PST_TSAN_SLOWER"));
  gint64 real_us = get_real_us (), until_us = g_get_monotonic_time () + 100000;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GMutex mutex;
  GCond cond;

  g_timeout_add (100, quit, loop);
  g_main_loop_run (loop);
  g_assert_cmpint (g_get_monotonic_time (), >=, until_us);

  g_mutex_init (&mutex);
  g_cond_init (&cond);
  g_mutex_lock (&mutex);
  g_assert_false (g_cond_wait_until (&cond, &mutex, until_us + 100000));
  g_mutex_unlock (&mutex);
  g_assert_cmpint (g_get_monotonic_time (), >=, until_us + 100000);
  g_assert_cmpint (get_real_us () - real_us, >=, slower * 190000);
  g_mutex_clear (&mutex);
  g_cond_clear (&cond);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);

  g_test_add_func ("/tsan/hand-over/pool", test_pool);
  g_test_add_func ("/tsan/hand-over/task", test_task);
  g_test_add_func ("/tsan/hand-over/loop", test_loop);
  g_test_add_func ("/tsan/hand-over/counts", test_counts);
  g_test_add_func ("/tsan/hand-over/once", test_once);
  g_test_add_func ("/tsan/hand-over/locks", test_locks);
  g_test_add_func ("/tsan/hand-over/bus", test_bus);
  if (g_getenv ("PST_TSAN_SLOWER") != NULL && atoi (g_getenv ("PST_TSAN_SLOWER")) > 1)
    {
      g_test_add_func ("/tsan/time/stopped", test_stopped);
      g_test_add_func ("/tsan/time/waiting", test_waiting);
    }
  for (guint i = 0; i < G_N_ELEMENTS (races); i++)
    {
      g_autofree char *path = g_strconcat ("/tsan/race/", races[i].name, NULL);

      g_test_add_data_func (path, &races[i], test_race);
    }

  return g_test_run ();
}
