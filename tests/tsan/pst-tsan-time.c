/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ThreadSanitizer makes programs slow, and tests wait for things no longer than they
 * take without it. So time itself can be slowed: PST_TSAN_SLOWER times. Waiting in the
 * kernel is as long as ever, and is repeated by GLib where it ended too early. */
#include "pst-tsan.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S G_GINT64_CONSTANT (1000000000)

static gint64
get_slower (void)
{
  static gint slower;
  const char *text;

  if (g_atomic_int_get (&slower) == 0)
    {
      text = getenv ("PST_TSAN_SLOWER");
      g_atomic_int_set (&slower, text != NULL ? CLAMP (atoi (text), 1, 100) : 1);
    }
  return g_atomic_int_get (&slower);
}

/* Time since the machine was started goes on more slowly; the time of day does not. */
WRAPS (clock_gettime, FALSE);
int
clock_gettime (clockid_t clock, struct timespec *now)
{
  int result = NEXT (clock_gettime) (clock, now);
  gint64 now_ns;

  if (result != 0 || clock != CLOCK_MONOTONIC || get_slower () == 1)
    return result;

  now_ns = ((gint64) now->tv_sec * NS_PER_S + now->tv_nsec) / get_slower ();
  now->tv_sec = now_ns / NS_PER_S;
  now->tv_nsec = now_ns % NS_PER_S;
  return result;
}

/* Some tests end themselves by it. */
WRAPS (alarm, FALSE);
unsigned int
alarm (unsigned int seconds)
{
  return NEXT (alarm) (seconds * (unsigned int) get_slower ());
}

/* Also takes a wait for a condition for what it is to ThreadSanitizer: the mutex is
 * given back and taken again, within GLib. */
WRAPPER (g_cond_wait_until);
gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  do
    {
      release (mutex);
      signalled = NEXT (g_cond_wait_until) (cond, mutex, end_time);
      acquire (mutex);
    }
  while (!signalled && g_get_monotonic_time () < end_time);
  return signalled;
}
