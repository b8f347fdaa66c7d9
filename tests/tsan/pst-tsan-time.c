/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ThreadSanitizer makes programs slow, and tests wait for things no longer than they
 * take without it. So time itself can be slowed: PST_TSAN_SLOWER times. Nor does time
 * count in which a program was not let run, be it stopped or its machine full of other
 * things: between two looks at the clock at most MOST_NS pass, and whoever waits in the
 * kernel looks often enough. Waiting there is as long as ever, and is repeated by GLib
 * where it ended too early. */
#include "pst-tsan.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S  G_GINT64_CONSTANT (1000000000)
#define NS_PER_MS G_GINT64_CONSTANT (1000000)

/* A program that runs looks this often; a look may be late by as much again. */
#define LOOK_MS 100
#define MOST_NS (2 * LOOK_MS * NS_PER_MS)

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

/* So much of @real_ns as counts: it never goes back, in whichever thread. */
static gint64
count (gint64 real_ns)
{
  static gint lock;
  static gint64 seen_ns, counted_ns;
  gint64 result;

  while (__atomic_exchange_n (&lock, 1, __ATOMIC_ACQUIRE))
    sched_yield ();
  if (seen_ns == 0)
    counted_ns = real_ns;
  else
    counted_ns += CLAMP (real_ns - seen_ns, 0, MOST_NS);
  seen_ns = MAX (seen_ns, real_ns);
  result = counted_ns;
  __atomic_store_n (&lock, 0, __ATOMIC_RELEASE);
  return result;
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

  now_ns = count (now->tv_sec * NS_PER_S + now->tv_nsec) / get_slower ();
  now->tv_sec = now_ns / NS_PER_S;
  now->tv_nsec = now_ns % NS_PER_S;
  return result;
}

/* Looks at the clock meanwhile. */
WRAPS (poll, FALSE);
int
poll (struct pollfd *fds, nfds_t n_fds, int timeout_ms)
{
  gboolean is_bounded = timeout_ms >= 0;
  struct timespec unused;
  int n, wait_ms;

  do
    {
      wait_ms = is_bounded ? MIN (timeout_ms, LOOK_MS) : LOOK_MS;
      n = NEXT (poll) (fds, n_fds, wait_ms);
      clock_gettime (CLOCK_MONOTONIC, &unused);
      timeout_ms -= is_bounded ? wait_ms : 0;
    }
  while (n == 0 && (!is_bounded || timeout_ms > 0));

  return n;
}

/* Some tests end themselves by it. It would count what a program was not let run: the
 * time that meson gives is enough of a bound. */
WRAPS (alarm, FALSE);
unsigned int
alarm (unsigned int seconds)
{
  return get_slower () == 1 ? NEXT (alarm) (seconds) : 0;
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
      gint64 look_us = g_get_monotonic_time () + LOOK_MS * 1000;

      release (mutex);
      signalled = NEXT (g_cond_wait_until) (cond, mutex, MIN (end_time, look_us));
      acquire (mutex);
    }
  while (!signalled && g_get_monotonic_time () < end_time);
  return signalled;
}
