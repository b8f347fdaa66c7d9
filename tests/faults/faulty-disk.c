/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into a program, makes the disk below some folders a bad one. The rest
 * of the program is not touched. See docs/testing.md, “Faults”, for the variables.
 *
 *   LD_PRELOAD=faulty-disk.so PST_FAULTY_DIRS=/folder PST_FAULTY_RULES=write@3=EIO program
 */

/* Both names of each call are defined here; with this, one would hide the other. */
#undef _FILE_OFFSET_BITS

#include "faulty-disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

/* A slow disk takes a large write piece by piece, and others see it grow. */
#define PIECE_BYTES 16384
#define MAX_FOLDERS 8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folders[MAX_FOLDERS + 1];

/* Where something is said to be; @name may be %NULL for what the descriptor is. */
static int
find_path (int dir_fd, const char *name, char *path, size_t size)
{
  char link[64];
  ssize_t length = 0;

  if (name != NULL && *name == '/')
    return snprintf (path, size, "%s", name) < (int) size;

  if (dir_fd == AT_FDCWD)
    snprintf (link, sizeof link, "/proc/self/cwd");
  else
    snprintf (link, sizeof link, "/proc/self/fd/%d", dir_fd);
  length = readlink (link, path, size - 1);
  if (length < 0)
    return 0;
  path[length] = '\0';
  return name == NULL
         || snprintf (path + length, size - length, "/%s", name) < (int) (size - length);
}

static int
is_ours (int dir_fd, const char *name)
{
  char path[8192];

  if (folders[0] == NULL || !find_path (dir_fd, name, path, sizeof path))
    return 0;
  for (unsigned i = 0; folders[i] != NULL; i++)
    {
      size_t length = strlen (folders[i]);

      if (strncmp (path, folders[i], length) == 0 && (path[length] == '/' || path[length] == '\0'))
        return 1;
    }
  return 0;
}

static int
is_our_file (int fd)
{
  struct stat info;

  return folders[0] != NULL && fstat (fd, &info) == 0 && S_ISREG (info.st_mode)
         && is_ours (fd, NULL);
}

/* Every call that changes something is between these two: where a power cut is
 * planned one at a time, so that each of them is a moment of its own. */
static void
enter_freely (void)
{
  if (!faulty_cut_is_on ())
    return;

  pthread_mutex_lock (&lock);
  faulty_cut_before_call ();
}

static FaultyFate
enter (FaultyCall call)
{
  enter_freely ();
  return faulty_decide (call);
}

static void
leave (void)
{
  int saved_errno = errno;

  if (faulty_cut_is_on ())
    pthread_mutex_unlock (&lock);
  errno = saved_errno;
}

static int
fail (int error)
{
  errno = error;
  leave ();
  return -1;
}

/* Reading. */

ssize_t
read (int fd, void *data, size_t length)
{
  FaultyFate fate = is_our_file (fd) ? faulty_decide (FAULTY_READ) : (FaultyFate){ 0 };

  errno = fate.error;
  if (fate.error != 0)
    return -1;
  return REAL (read) (fd, data, fate.is_short ? (length + 1) / 2 : length);
}

ssize_t
pread (int fd, void *data, size_t length, off_t offset)
{
  FaultyFate fate = is_our_file (fd) ? faulty_decide (FAULTY_READ) : (FaultyFate){ 0 };

  errno = fate.error;
  if (fate.error != 0)
    return -1;
  return REAL (pread) (fd, data, fate.is_short ? (length + 1) / 2 : length, offset);
}

/* Writing; an offset of -1 is the file's own position. */

static ssize_t
write_once (int fd, const void *data, size_t length, off_t offset)
{
  return offset < 0 ? REAL (write) (fd, data, length) : REAL (pwrite) (fd, data, length, offset);
}

static ssize_t
write_in_pieces (int fd, const void *data, size_t length, off_t offset)
{
  size_t done = 0;

  while (done < length)
    {
      size_t piece = length - done < PIECE_BYTES ? length - done : PIECE_BYTES;
      ssize_t written;

      faulty_take_time (piece);
      written = write_once (fd, (const char *) data + done, piece,
                            offset < 0 ? offset : offset + (off_t) done);
      if (written <= 0)
        return done > 0 ? (ssize_t) done : written;
      done += written;
    }

  return done;
}

static ssize_t
write_badly (int fd, const void *data, size_t length, off_t offset)
{
  FaultyFate fate = enter (FAULTY_WRITE);
  ssize_t written;
  int error;

  if (fate.error != 0)
    return fail (fate.error);
  if (fate.is_short)
    length = (length + 1) / 2;
  if (length > 0)
    {
      length = faulty_take_room (length, &error);
      if (length == 0)
        return fail (error);
    }

  written = getenv ("PST_FAULTY_BPS") != NULL ? write_in_pieces (fd, data, length, offset)
                                              : write_once (fd, data, length, offset);
  leave ();
  return written;
}

ssize_t
write (int fd, const void *data, size_t length)
{
  return is_our_file (fd) ? write_badly (fd, data, length, -1) : REAL (write) (fd, data, length);
}

ssize_t
pwrite (int fd, const void *data, size_t length, off_t offset)
{
  return is_our_file (fd) ? write_badly (fd, data, length, offset)
                          : REAL (pwrite) (fd, data, length, offset);
}

/* One buffer at a time: a short write, which a caller must bear anyway. */
ssize_t
writev (int fd, const struct iovec *vectors, int n_vectors)
{
  if (!is_our_file (fd))
    return REAL (writev) (fd, vectors, n_vectors);

  while (n_vectors > 1 && vectors->iov_len == 0)
    vectors++, n_vectors--;
  return n_vectors > 0 ? write_badly (fd, vectors->iov_base, vectors->iov_len, -1) : 0;
}

ssize_t
pwritev (int fd, const struct iovec *vectors, int n_vectors, off_t offset)
{
  if (!is_our_file (fd))
    return REAL (pwritev) (fd, vectors, n_vectors, offset);

  while (n_vectors > 1 && vectors->iov_len == 0)
    vectors++, n_vectors--;
  return n_vectors > 0 ? write_badly (fd, vectors->iov_base, vectors->iov_len, offset) : 0;
}

/* The flags ask for haste or durability; a bad disk grants neither. */
ssize_t
pwritev2 (int fd, const struct iovec *vectors, int n_vectors, off_t offset, int flags)
{
  if (!is_our_file (fd))
    return REAL (pwritev2) (fd, vectors, n_vectors, offset, flags);

  return offset < 0 ? writev (fd, vectors, n_vectors) : pwritev (fd, vectors, n_vectors, offset);
}

int
ftruncate (int fd, off_t length)
{
  FaultyFate fate;
  int result;

  if (!is_our_file (fd))
    return REAL (ftruncate) (fd, length);

  fate = enter (FAULTY_WRITE);
  if (fate.error != 0)
    return fail (fate.error);
  result = REAL (ftruncate) (fd, length);
  leave ();
  return result;
}

int
fallocate (int fd, int mode, off_t offset, off_t length)
{
  FaultyFate fate;
  int result;

  if (!is_our_file (fd))
    return REAL (fallocate) (fd, mode, offset, length);

  fate = enter (FAULTY_WRITE);
  if (fate.error != 0)
    return fail (fate.error);
  result = REAL (fallocate) (fd, mode, offset, length);
  leave ();
  return result;
}

/* Syncing. */

static int
sync_badly (int fd, int (*real) (int))
{
  FaultyFate fate;
  int result;

  if (!is_ours (fd, NULL))
    return real (fd);

  fate = enter (FAULTY_SYNC);
  if (fate.error != 0)
    return fail (fate.error);
  result = real (fd);
  if (result == 0 && faulty_cut_is_on ())
    faulty_cut_synced (fd);
  leave ();
  return result;
}

int
fsync (int fd)
{
  return sync_badly (fd, REAL (fsync));
}

int
fdatasync (int fd)
{
  return sync_badly (fd, REAL (fdatasync));
}

/* Keeps nothing over a power cut, whatever its flags. */
int
sync_file_range (int fd, off64_t offset, off64_t length, unsigned int flags)
{
  int result;

  if (!is_our_file (fd))
    return REAL (sync_file_range) (fd, offset, length, flags);

  enter_freely ();
  result = REAL (sync_file_range) (fd, offset, length, flags);
  leave ();
  return result;
}

int
syncfs (int fd)
{
  FaultyFate fate;
  int result;

  if (!is_ours (fd, NULL))
    return REAL (syncfs) (fd);

  fate = enter (FAULTY_SYNC);
  if (fate.error != 0)
    return fail (fate.error);
  result = REAL (syncfs) (fd);
  if (result == 0 && faulty_cut_is_on ())
    faulty_cut_synced_all ();
  leave ();
  return result;
}

/* Opening for writing. */

static int
open_to_read (int dir_fd, const char *name, int flags, mode_t mode)
{
  struct stat info;
  FaultyFate fate = { 0 };

  if (fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (info.st_mode))
    fate = faulty_decide (FAULTY_LOOK);
  errno = fate.error;
  return fate.error != 0 ? -1 : REAL (openat) (dir_fd, name, flags, mode);
}

static int
open_badly (int dir_fd, const char *name, int flags, mode_t mode)
{
  FaultyFate fate;
  struct stat info;
  int fd, is_new;

  if ((flags & O_PATH) != 0 || !is_ours (dir_fd, name))
    return REAL (openat) (dir_fd, name, flags, mode);
  if ((flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) == 0)
    return open_to_read (dir_fd, name, flags, mode);

  fate = enter (FAULTY_OPEN);
  if (fate.error != 0)
    return fail (fate.error);
  is_new = (flags & O_CREAT) != 0 && fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0;
  fd = REAL (openat) (dir_fd, name, flags, mode);
  if (fd >= 0 && is_new && faulty_cut_is_on ())
    faulty_cut_made (dir_fd, name);
  leave ();
  return fd;
}

#define MODE(flags)                             \
  ({                                            \
    mode_t mode = 0;                            \
    if (((flags) & (O_CREAT | O_TMPFILE)) != 0) \
      {                                         \
        va_list list;                           \
        va_start (list, flags);                 \
        mode = va_arg (list, mode_t);           \
        va_end (list);                          \
      }                                         \
    mode;                                       \
  })

int
open (const char *name, int flags, ...)
{
  return open_badly (AT_FDCWD, name, flags, MODE (flags));
}

int
openat (int dir_fd, const char *name, int flags, ...)
{
  return open_badly (dir_fd, name, flags, MODE (flags));
}

int
creat (const char *name, mode_t mode)
{
  return open_badly (AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* What programs call that were built with fortified headers. */
int __open_2 (const char *name, int flags);
int __openat_2 (int dir_fd, const char *name, int flags);

int
__open_2 (const char *name, int flags)
{
  return open_badly (AT_FDCWD, name, flags, 0);
}

int
__openat_2 (int dir_fd, const char *name, int flags)
{
  return open_badly (dir_fd, name, flags, 0);
}

/* Names. */

int
mkdirat (int dir_fd, const char *name, mode_t mode)
{
  FaultyFate fate;
  int result;

  if (!is_ours (dir_fd, name))
    return REAL (mkdirat) (dir_fd, name, mode);

  fate = enter (FAULTY_NAME);
  if (fate.error != 0)
    return fail (fate.error);
  result = REAL (mkdirat) (dir_fd, name, mode);
  if (result == 0 && faulty_cut_is_on ())
    faulty_cut_made (dir_fd, name);
  leave ();
  return result;
}

int
mkdir (const char *name, mode_t mode)
{
  return mkdirat (AT_FDCWD, name, mode);
}

int
symlinkat (const char *target, int dir_fd, const char *name)
{
  FaultyFate fate;
  int result;

  if (!is_ours (dir_fd, name))
    return REAL (symlinkat) (target, dir_fd, name);

  fate = enter (FAULTY_NAME);
  if (fate.error != 0)
    return fail (fate.error);
  result = REAL (symlinkat) (target, dir_fd, name);
  if (result == 0 && faulty_cut_is_on ())
    faulty_cut_made (dir_fd, name);
  leave ();
  return result;
}

int
symlink (const char *target, const char *name)
{
  return symlinkat (target, AT_FDCWD, name);
}

int
linkat (int old_fd, const char *old, int dir_fd, const char *name, int flags)
{
  FaultyFate fate;
  int result;

  if (!is_ours (dir_fd, name))
    return REAL (linkat) (old_fd, old, dir_fd, name, flags);

  fate = enter (FAULTY_NAME);
  if (fate.error != 0)
    return fail (fate.error);
  result = REAL (linkat) (old_fd, old, dir_fd, name, flags);
  if (result == 0 && faulty_cut_is_on ())
    faulty_cut_made (dir_fd, name);
  leave ();
  return result;
}

int
link (const char *old, const char *name)
{
  return linkat (AT_FDCWD, old, AT_FDCWD, name, 0);
}

int
renameat2 (int old_fd, const char *old, int dir_fd, const char *name, unsigned int flags)
{
  FaultyFate fate;
  int result;

  if (!is_ours (dir_fd, name))
    return REAL (renameat2) (old_fd, old, dir_fd, name, flags);

  fate = enter (FAULTY_NAME);
  if (fate.error != 0)
    return fail (fate.error);
  if (faulty_cut_is_on ())
    faulty_cut_removing (dir_fd, name);
  result = REAL (renameat2) (old_fd, old, dir_fd, name, flags);
  if (result == 0 && faulty_cut_is_on ())
    faulty_cut_moved (old_fd, old, dir_fd, name);
  leave ();
  return result;
}

int
renameat (int old_fd, const char *old, int dir_fd, const char *name)
{
  return renameat2 (old_fd, old, dir_fd, name, 0);
}

int
rename (const char *old, const char *name)
{
  return renameat2 (AT_FDCWD, old, AT_FDCWD, name, 0);
}

int
unlinkat (int dir_fd, const char *name, int flags)
{
  FaultyFate fate;
  int result;

  if (!is_ours (dir_fd, name))
    return REAL (unlinkat) (dir_fd, name, flags);

  fate = enter (FAULTY_NAME);
  if (fate.error != 0)
    return fail (fate.error);
  if (faulty_cut_is_on ())
    faulty_cut_removing (dir_fd, name);
  result = REAL (unlinkat) (dir_fd, name, flags);
  if (result == 0 && faulty_cut_is_on ())
    faulty_cut_removed ();
  leave ();
  return result;
}

int
unlink (const char *name)
{
  return unlinkat (AT_FDCWD, name, 0);
}

int
rmdir (const char *name)
{
  return unlinkat (AT_FDCWD, name, AT_REMOVEDIR);
}

/* How much room there is. */

static void
limit_room (struct statvfs *info)
{
  unsigned long long free_bytes;

  if (faulty_has_room_limit (&free_bytes) && info->f_frsize > 0)
    info->f_bfree = info->f_bavail = free_bytes / info->f_frsize;
}

int
fstatvfs (int fd, struct statvfs *info)
{
  int result = REAL (fstatvfs) (fd, info);

  if (result == 0 && is_ours (fd, NULL))
    limit_room (info);
  return result;
}

int
statvfs (const char *name, struct statvfs *info)
{
  int result = REAL (statvfs) (name, info);

  if (result == 0 && is_ours (AT_FDCWD, name))
    limit_room (info);
  return result;
}

/* The names that programs call which were built for large files; on 64-bit
 * systems, which this is for, an offset is one all the same. */
_Static_assert(sizeof (off_t) == sizeof (off64_t), "needs 64-bit file offsets");

#define ALIAS(name) __attribute__ ((alias (#name)))

ssize_t pread64 (int fd, void *data, size_t length, off64_t offset) ALIAS (pread);
ssize_t pwrite64 (int fd, const void *data, size_t length, off64_t offset) ALIAS (pwrite);
ssize_t pwritev64 (int fd, const struct iovec *vectors, int n, off64_t offset) ALIAS (pwritev);
ssize_t pwritev64v2 (int fd, const struct iovec *vectors, int n, off64_t offset, int flags)
    ALIAS (pwritev2);
int ftruncate64 (int fd, off64_t length) ALIAS (ftruncate);
int fallocate64 (int fd, int mode, off64_t offset, off64_t length) ALIAS (fallocate);
int open64 (const char *name, int flags, ...) ALIAS (open);
int openat64 (int dir_fd, const char *name, int flags, ...) ALIAS (openat);
int creat64 (const char *name, mode_t mode) ALIAS (creat);
int __open64_2 (const char *name, int flags) ALIAS (__open_2);
int __openat64_2 (int dir_fd, const char *name, int flags) ALIAS (__openat_2);
int fstatvfs64 (int fd, struct statvfs64 *info) ALIAS (fstatvfs);
int statvfs64 (const char *name, struct statvfs64 *info) ALIAS (statvfs);

__attribute__ ((constructor)) static void
start (void)
{
  const char *variable = getenv ("PST_FAULTY_DIRS"), *program = getenv ("PST_FAULTY_PROGRAM");
  char *rest = variable != NULL ? strdup (variable) : NULL, *folder;

  /* Whatever starts the program, and what it starts in turn, has a good disk. */
  if (program != NULL && strcmp (program, program_invocation_short_name) != 0)
    return;
  for (unsigned n = 0; n < MAX_FOLDERS && (folder = strsep (&rest, ":")) != NULL;)
    if (*folder == '/')
      folders[n++] = folder;
  if (folders[0] != NULL && getenv ("PST_FAULTY_CUT") != NULL)
    faulty_cut_start (folders);
}

__attribute__ ((destructor)) static void
end (void)
{
  if (!faulty_cut_is_on ())
    return;

  pthread_mutex_lock (&lock);
  faulty_cut_at_end ();
}
