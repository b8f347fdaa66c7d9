/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of a system call: rules, the room there is, how slow the disk is. */
#include "faulty-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC 1000000000LL
#define MAX_RULES    16

static const char *const call_names[FAULTY_N_CALLS] = { "read", "write", "sync",
                                                        "look", "open",  "name" };

static const struct
{
  const char *name;
  int error;
} errors[] = {
  { "EINTR", EINTR }, { "EIO", EIO },       { "ENOSPC", ENOSPC }, { "EDQUOT", EDQUOT },
  { "EROFS", EROFS }, { "EACCES", EACCES }, { "EMFILE", EMFILE }, { "ENOENT", ENOENT },
};

/* CALL@N: the Nth; CALL+N: from the Nth on; CALL%N: each Nth. */
typedef struct
{
  FaultyCall call;
  char which;
  unsigned long number;
  FaultyFate fate;
} Rule;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Rule rules[MAX_RULES];
static unsigned n_rules;
static int rules_read;
static unsigned long counts[FAULTY_N_CALLS];
static unsigned long long used_bytes;
static long long disk_free_ns; /* when the disk has done all it was given */

/* A test that says something else than it means shows nothing. */
static void
refuse (const char *rule)
{
  dprintf (STDERR_FILENO, "faulty-disk: what is “%s”?\n", rule);
  _exit (98);
}

static FaultyFate
read_fate (const char *text, const char *rule)
{
  if (strcmp (text, "short") == 0)
    return (FaultyFate){ .is_short = 1 };
  for (unsigned i = 0; i < sizeof errors / sizeof *errors; i++)
    if (strcmp (text, errors[i].name) == 0)
      return (FaultyFate){ .error = errors[i].error };

  refuse (rule);
  return (FaultyFate){ 0 };
}

static void
read_rule (const char *text)
{
  Rule rule = { .call = FAULTY_N_CALLS, .which = '%', .number = 1 };
  size_t length = strcspn (text, "@+%=");
  const char *fate = strchr (text, '=');

  for (FaultyCall call = 0; call < FAULTY_N_CALLS; call++)
    if (strlen (call_names[call]) == length && strncmp (text, call_names[call], length) == 0)
      rule.call = call;
  if (rule.call == FAULTY_N_CALLS || fate == NULL || n_rules == MAX_RULES)
    refuse (text);
  if (text[length] != '=')
    {
      rule.which = text[length];
      rule.number = strtoul (text + length + 1, NULL, 10);
    }
  if (rule.number == 0)
    refuse (text);
  rule.fate = read_fate (fate + 1, text);
  rules[n_rules++] = rule;
}

static void
read_rules (void)
{
  const char *variable = getenv ("PST_FAULTY_RULES");
  char *copy = strdup (variable != NULL ? variable : ""), *rest = copy, *text;

  rules_read = 1;
  while ((text = strsep (&rest, ",")) != NULL)
    if (*text != '\0')
      read_rule (text);
  free (copy);
}

static int
applies (const Rule *rule, FaultyCall call, unsigned long n)
{
  if (rule->call != call)
    return 0;
  if (rule->which == '@')
    return n == rule->number;
  return rule->which == '+' ? n >= rule->number : n % rule->number == 0;
}

/* Counts the call; the first rule that applies decides. */
FaultyFate
faulty_decide (FaultyCall call)
{
  FaultyFate fate = { 0 };
  unsigned long n;

  pthread_mutex_lock (&lock);
  if (!rules_read)
    read_rules ();
  n = ++counts[call];
  for (unsigned i = n_rules; i-- > 0;)
    if (applies (&rules[i], call, n))
      fate = rules[i].fate;
  pthread_mutex_unlock (&lock);
  return fate;
}

/* The bytes that fit in all stand in a file, which the test writes; without one,
 * all do. */
static int
read_room (unsigned long long *room_bytes)
{
  const char *path = getenv ("PST_FAULTY_ROOM");
  char text[32] = "";
  int fd = path != NULL ? (int) syscall (SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : -1;

  if (fd < 0)
    return 0;
  syscall (SYS_read, fd, text, sizeof text - 1);
  syscall (SYS_close, fd);
  *room_bytes = strtoull (text, NULL, 10);
  return *text != '\0';
}

static int
is_quota (void)
{
  const char *error = getenv ("PST_FAULTY_ROOM_ERRNO");

  return error != NULL && strcmp (error, "EDQUOT") == 0;
}

/* How much of @n_bytes fits; *@error is set when nothing does. */
size_t
faulty_take_room (size_t n_bytes, int *error)
{
  unsigned long long room_bytes;

  pthread_mutex_lock (&lock);
  if (read_room (&room_bytes) && used_bytes + n_bytes > room_bytes)
    n_bytes = room_bytes > used_bytes ? room_bytes - used_bytes : 0;
  used_bytes += n_bytes;
  pthread_mutex_unlock (&lock);
  *error = n_bytes == 0 ? is_quota () ? EDQUOT : ENOSPC : 0;
  return n_bytes;
}

/* What a question about the file system is answered; a quota does not show. */
int
faulty_has_room_limit (unsigned long long *free_bytes)
{
  unsigned long long room_bytes;

  if (is_quota () || !read_room (&room_bytes))
    return 0;

  pthread_mutex_lock (&lock);
  *free_bytes = room_bytes > used_bytes ? room_bytes - used_bytes : 0;
  pthread_mutex_unlock (&lock);
  return 1;
}

static long long
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* Returns when the disk has had the time for @n_bytes more, of all threads. */
void
faulty_take_time (size_t n_bytes)
{
  const char *rate = getenv ("PST_FAULTY_BPS");
  long long rate_bps = rate != NULL ? atoll (rate) : 0;
  struct timespec until;
  long long done_ns;

  if (rate_bps <= 0)
    return;

  pthread_mutex_lock (&lock);
  if (disk_free_ns < now_ns ())
    disk_free_ns = now_ns ();
  disk_free_ns += (long long) n_bytes * NSEC_PER_SEC / rate_bps;
  done_ns = disk_free_ns;
  pthread_mutex_unlock (&lock);

  until.tv_sec = done_ns / NSEC_PER_SEC;
  until.tv_nsec = done_ns % NSEC_PER_SEC;
  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
    ;
}
