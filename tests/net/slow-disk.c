/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into a program, makes the disk below one folder slow: each write to
 * a regular file there takes its size over PST_SLOW_BPS (bytes a second) before
 * it happens, all threads together. The rest of the program is not touched.
 *
 *   LD_PRELOAD=slow-disk.so PST_SLOW_DIR=/folder PST_SLOW_BPS=1000000 program
 */

/* Both names of each call are defined here; with this, one would hide the other. */
#undef _FILE_OFFSET_BITS

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* A disk takes a large write piece by piece, and others see it grow. */
#define PIECE_BYTES 16384

#define NSEC_PER_SEC 1000000000LL

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long long disk_free_ns; /* when the disk has done all it was given */

static long long
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static int
is_slow (int fd)
{
  const char *folder = getenv ("PST_SLOW_DIR");
  char link[64], path[4096];
  struct stat info;
  ssize_t length;

  if (folder == NULL || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    return 0;
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink (link, path, sizeof path);

  return length > (ssize_t) strlen (folder) && memcmp (path, folder, strlen (folder)) == 0
         && path[strlen (folder)] == '/';
}

static void
take_time (size_t bytes)
{
  const char *rate = getenv ("PST_SLOW_BPS");
  long long rate_bps = rate != NULL ? atoll (rate) : 0;
  struct timespec until;
  long long done_ns;

  if (rate_bps <= 0)
    return;

  pthread_mutex_lock (&lock);
  if (disk_free_ns < now_ns ())
    disk_free_ns = now_ns ();
  disk_free_ns += (long long) bytes * NSEC_PER_SEC / rate_bps;
  done_ns = disk_free_ns;
  pthread_mutex_unlock (&lock);

  until.tv_sec = done_ns / NSEC_PER_SEC;
  until.tv_nsec = done_ns % NSEC_PER_SEC;
  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
    ;
}

#define REAL(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

/* Writes piece by piece; @offset of -1 is the file's own position. */
static ssize_t
write_slowly (int fd, const void *data, size_t length, off_t offset)
{
  size_t done = 0;

  while (done < length)
    {
      size_t piece = length - done < PIECE_BYTES ? length - done : PIECE_BYTES;
      const char *from = (const char *) data + done;
      ssize_t written;

      take_time (piece);
      written = offset < 0 ? REAL (write) (fd, from, piece)
                           : REAL (pwrite) (fd, from, piece, offset + (off_t) done);
      if (written <= 0)
        return done > 0 ? (ssize_t) done : written;
      done += written;
    }

  return done;
}

ssize_t
write (int fd, const void *data, size_t length)
{
  return is_slow (fd) ? write_slowly (fd, data, length, -1) : REAL (write) (fd, data, length);
}

ssize_t
pwrite (int fd, const void *data, size_t length, off_t offset)
{
  return is_slow (fd) ? write_slowly (fd, data, length, offset)
                      : REAL (pwrite) (fd, data, length, offset);
}

/* One buffer at a time: a short write, which a caller must bear anyway. */
ssize_t
writev (int fd, const struct iovec *vectors, int n_vectors)
{
  if (!is_slow (fd))
    return REAL (writev) (fd, vectors, n_vectors);

  while (n_vectors > 1 && vectors->iov_len == 0)
    vectors++, n_vectors--;
  return n_vectors > 0 ? write_slowly (fd, vectors->iov_base, vectors->iov_len, -1) : 0;
}

ssize_t
pwritev (int fd, const struct iovec *vectors, int n_vectors, off_t offset)
{
  if (!is_slow (fd))
    return REAL (pwritev) (fd, vectors, n_vectors, offset);

  while (n_vectors > 1 && vectors->iov_len == 0)
    vectors++, n_vectors--;
  return n_vectors > 0 ? write_slowly (fd, vectors->iov_base, vectors->iov_len, offset) : 0;
}

/* The flags ask for haste or durability; a slow disk grants neither. */
ssize_t
pwritev2 (int fd, const struct iovec *vectors, int n_vectors, off_t offset, int flags)
{
  if (!is_slow (fd))
    return REAL (pwritev2) (fd, vectors, n_vectors, offset, flags);

  return offset < 0 ? writev (fd, vectors, n_vectors) : pwritev (fd, vectors, n_vectors, offset);
}

/* The names that programs call which were built for large files; on 64-bit
 * systems, which this is for, an offset is one all the same. */
_Static_assert (sizeof (off_t) == sizeof (off64_t), "needs 64-bit file offsets");

ssize_t pwrite64 (int fd, const void *data, size_t length, off64_t offset)
    __attribute__ ((alias ("pwrite")));
ssize_t pwritev64 (int fd, const struct iovec *vectors, int n_vectors, off64_t offset)
    __attribute__ ((alias ("pwritev")));
ssize_t pwritev64v2 (int fd, const struct iovec *vectors, int n_vectors, off64_t offset, int flags)
    __attribute__ ((alias ("pwritev2")));
