/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into a program, makes the time of day jump: every twentieth of a
 * second it is another year, in no order. Clocks that only go on are not touched.
 *
 *   LD_PRELOAD=faulty-clock.so program
 */
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

#define REAL(name)   ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))
#define NSEC_PER_SEC 1000000000LL
#define JUMP_NS      (NSEC_PER_SEC / 20)

static const long years[] = { 0, 10, -3, 1, -30, 30, -1 };

static time_t
jump_s (void)
{
  struct timespec now;

  REAL (clock_gettime) (CLOCK_MONOTONIC, &now);
  return years[(now.tv_sec * NSEC_PER_SEC + now.tv_nsec) / JUMP_NS % (sizeof years / sizeof *years)]
         * 365 * 24 * 3600;
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  int result = REAL (clock_gettime) (clock, now);

  if (result == 0
      && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI))
    now->tv_sec += jump_s ();
  return result;
}

int
gettimeofday (struct timeval *now, void *zone)
{
  int result = REAL (gettimeofday) (now, zone);

  if (result == 0)
    now->tv_sec += jump_s ();
  return result;
}

time_t
time (time_t *result)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  if (result != NULL)
    *result = now.tv_sec;
  return now.tv_sec;
}
