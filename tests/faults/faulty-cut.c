/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a disk has kept when the power goes: of each file what it held at its last
 * fsync, of names those whose folder was synced since. Of everything else some,
 * all or nothing may be there, as PST_FAULTY_KEEP says; a file system may keep
 * any of it, in any order, so a program must bear each.
 *
 * Names are kept as steps: put, take away, move. A folder's fsync makes those
 * durable that put something into it or take something out of it; a move is one
 * step and belongs to the folder it leads to. A file's fsync does not bring its
 * name. */
#include "faulty-disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE_BYTES 4096

/* How a program that has lost track of the folder ends, instead of telling tales. */
#define EXIT_LOST_TRACK 99

typedef struct
{
  size_t number;
  mode_t type;
  dev_t dev;
  ino_t ino;
  int gone;     /* it has no name any more, and its inode may be another's */
  int kept;     /* a copy of it as of its last fsync lies in the scratch folder */
  char *target; /* of a link */
  char *path;   /* where it is at the end, if anywhere */
  char *built;  /* where it is when the power comes again */
} Node;

typedef struct
{
  Node *folder;
  char *name;
  Node *node;
} Slot;

typedef struct
{
  Slot *slots;
  size_t n;
} Names;

typedef struct
{
  Node *node;
  Slot from; /* without a folder: it is put */
  Slot to;   /* without a folder: it is taken away */
} Step;

typedef enum
{
  KEEP_LOST,  /* nothing */
  KEEP_NAMES, /* all names, and zeros where bytes should be */
  KEEP_ALL,   /* everything after all */
  KEEP_RANDOM /* of each step and each page some */
} Keep;

static int is_on;
static unsigned long n_calls, cut_at;
static Keep keep;
static unsigned seed = 1;
static char *scratch;
static Node **nodes, **roots;
static size_t n_nodes, n_roots;
static char **root_paths;
static Names durable;
static Step *steps; /* since */
static size_t n_steps;
static Slot removing;
static int removing_last;

#define GROW(array, n) ((array) = realloc ((array), ((n) + 1) * sizeof *(array)))

/* The kernel's own calls: those of the library lead back here. */

static int
open_raw (int dir_fd, const char *name, int flags)
{
  return syscall (SYS_openat, dir_fd, name, flags | O_CLOEXEC, 0600);
}

static void
lost_track (const char *what, const char *name)
{
  dprintf (STDERR_FILENO, "faulty-disk: %s “%s”\n", what, name);
  _exit (EXIT_LOST_TRACK);
}

static void
copy_bytes (int from, int to)
{
  static char bytes[65536];
  ssize_t n;

  for (off_t at = 0; (n = syscall (SYS_pread64, from, bytes, sizeof bytes, at)) > 0; at += n)
    if (syscall (SYS_pwrite64, to, bytes, n, at) != n)
      lost_track ("cannot copy", strerror (errno));
}

static void
copy_times (int from, int to)
{
  struct stat info;
  struct timespec times[2];

  if (from < 0 || fstat (from, &info) != 0)
    return;

  times[0] = info.st_atim;
  times[1] = info.st_mtim;
  syscall (SYS_utimensat, to, NULL, times, 0);
}

static char *
scratch_path (const Node *node, const char *what)
{
  char *path;

  if (asprintf (&path, "%s/%zu.%s", scratch, node->number, what) < 0)
    abort ();
  return path;
}

/* @what: `kept` at an fsync, `last` before its last name goes */
static void
copy_aside (const Node *node, int fd, const char *what)
{
  char *path = scratch_path (node, what);
  int to = open_raw (AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC);

  if (to < 0)
    lost_track ("cannot write", path);
  copy_bytes (fd, to);
  copy_times (fd, to);
  syscall (SYS_close, to);
  free (path);
}

static Node *
find_node (const struct stat *info)
{
  for (size_t i = n_nodes; i-- > 0;)
    if (!nodes[i]->gone && nodes[i]->dev == info->st_dev && nodes[i]->ino == info->st_ino)
      return nodes[i];
  return NULL;
}

static Node *
add_node (int dir_fd, const char *name, const struct stat *info)
{
  Node *node = calloc (1, sizeof *node);
  char target[PATH_MAX];
  ssize_t length;

  *node = (Node){
    .number = n_nodes, .type = info->st_mode & S_IFMT, .dev = info->st_dev, .ino = info->st_ino
  };
  if (S_ISLNK (info->st_mode) && (length = readlinkat (dir_fd, name, target, sizeof target)) >= 0)
    node->target = strndup (target, length);
  GROW (nodes, n_nodes);
  nodes[n_nodes++] = node;
  return node;
}

/* The folder a name is in, and its last part. */
static Slot
find_slot (int dir_fd, const char *name)
{
  const char *slash = strrchr (name, '/');
  char *parent = slash == NULL ? strdup (".")
                               : strndup (name, slash == name ? 1 : (size_t) (slash - name));
  Slot slot = { NULL, strdup (slash != NULL ? slash + 1 : name), NULL };
  struct stat info;

  if (fstatat (dir_fd, parent, &info, 0) == 0)
    slot.folder = find_node (&info);
  if (slot.folder == NULL)
    lost_track ("nothing is known of the folder of", name);
  if (fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
    slot.node = find_node (&info);
  free (parent);
  return slot;
}

static Slot *
find_name (Names *names, const Slot *slot)
{
  for (size_t i = 0; i < names->n; i++)
    if (names->slots[i].folder == slot->folder && strcmp (names->slots[i].name, slot->name) == 0)
      return &names->slots[i];
  return NULL;
}

static void
take_step (Names *names, const Step *step)
{
  Slot *slot = step->from.folder != NULL ? find_name (names, &step->from) : NULL;

  if (slot != NULL && slot->node == step->node)
    *slot = names->slots[--names->n];
  if (step->to.folder == NULL)
    return;

  slot = find_name (names, &step->to);
  if (slot == NULL)
    {
      GROW (names->slots, names->n);
      slot = &names->slots[names->n++];
    }
  *slot = (Slot){ step->to.folder, step->to.name, step->node };
}

static void
add_step (Node *node, Slot from, Slot to)
{
  GROW (steps, n_steps);
  steps[n_steps++] = (Step){ node, from, to };
}

/* Something has a name now that it had not. */
void
faulty_cut_made (int dir_fd, const char *name)
{
  Slot slot = find_slot (dir_fd, name);
  struct stat info;

  if (slot.node == NULL && fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
    slot.node = add_node (dir_fd, name, &info);
  add_step (slot.node, (Slot){ 0 }, slot);
}

/* A name may go, and with it the last way to what it names. */
void
faulty_cut_removing (int dir_fd, const char *name)
{
  struct stat info;
  int fd;

  removing = find_slot (dir_fd, name);
  if (removing.node == NULL)
    return;

  removing_last = fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0
                  && (info.st_nlink < 2 || S_ISDIR (info.st_mode));
  if (removing_last && S_ISREG (info.st_mode))
    {
      fd = open_raw (dir_fd, name, O_RDONLY);
      copy_aside (removing.node, fd, "last");
      syscall (SYS_close, fd);
    }
}

static void
forget_removed (void)
{
  if (removing.node != NULL && removing_last)
    removing.node->gone = 1;
}

void
faulty_cut_removed (void)
{
  if (removing.node == NULL)
    lost_track ("nothing was known of", removing.name);
  add_step (removing.node, removing, (Slot){ 0 });
  forget_removed ();
}

/* What stood at @name before was told of by faulty_cut_removing(). */
void
faulty_cut_moved (int old_fd, const char *old, int fd, const char *name)
{
  Slot from = find_slot (old_fd, old), to;

  forget_removed ();
  to = find_slot (fd, name);
  if (to.node == NULL)
    lost_track ("nothing was known of", old);
  from.node = to.node;
  add_step (to.node, from, to);
}

static int
is_same_name (const Slot *one, const Slot *other)
{
  return one->folder == other->folder && one->folder != NULL
         && strcmp (one->name, other->name) == 0;
}

/* A durable step has taken @from away: how that name came once, among the first
 * @n_left steps, does not matter any more. */
static size_t
drop_steps_to (const Slot *from, size_t n_left)
{
  size_t n = 0;

  for (size_t i = 0; i < n_left; i++)
    if (!is_same_name (&steps[i].to, from))
      steps[n++] = steps[i];
  return n;
}

/* What was done in a folder is durable: what leads into it, and what was taken away. */
static void
sync_names (const Node *folder)
{
  size_t n_left = 0;

  for (size_t i = 0; i < n_steps; i++)
    {
      Step step = steps[i];
      const Node *where = step.to.folder != NULL ? step.to.folder : step.from.folder;

      if (where == folder || folder == NULL)
        {
          take_step (&durable, &step);
          n_left = drop_steps_to (&step.from, n_left);
        }
      else
        steps[n_left++] = step;
    }
  n_steps = n_left;
}

void
faulty_cut_synced (int fd)
{
  struct stat info;
  Node *node;

  if (fstat (fd, &info) != 0)
    return;

  node = find_node (&info);
  /* Without a name it is nowhere after a cut. */
  if (node == NULL)
    return;
  if (S_ISDIR (info.st_mode))
    sync_names (node);
  else if (S_ISREG (info.st_mode))
    {
      char path[64];
      int readable;

      snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
      readable = open_raw (AT_FDCWD, path, O_RDONLY);
      copy_aside (node, readable, "kept");
      node->kept = 1;
      syscall (SYS_close, readable);
    }
}

/* Walks what is there, below one folder. @visit: called for each name */
static void
walk (int dir_fd, Node *folder, void (*visit) (int dir_fd, Node *folder, const char *name))
{
  DIR *dir = fdopendir (open_raw (dir_fd, ".", O_RDONLY | O_DIRECTORY));
  struct dirent *entry;

  if (dir == NULL)
    lost_track ("cannot read a folder", strerror (errno));
  while ((entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      visit (dirfd (dir), folder, entry->d_name);
  closedir (dir);
}

static void
sync_content (Node *node, int dir_fd, const char *name)
{
  int fd = open_raw (dir_fd, name, O_RDONLY);

  copy_aside (node, fd, "kept");
  node->kept = 1;
  syscall (SYS_close, fd);
}

/* What is there at the beginning is durable. */
static void
learn (int dir_fd, Node *folder, const char *name)
{
  struct stat info;
  Node *node;

  if (fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
    lost_track ("cannot look at", name);
  node = find_node (&info);
  if (node == NULL)
    node = add_node (dir_fd, name, &info);
  take_step (&durable, &(Step){ node, { 0 }, { folder, strdup (name), node } });
  if (S_ISREG (info.st_mode))
    sync_content (node, dir_fd, name);
  if (S_ISDIR (info.st_mode))
    {
      int fd = open_raw (dir_fd, name, O_RDONLY | O_DIRECTORY);

      walk (fd, node, learn);
      syscall (SYS_close, fd);
    }
}

static void
sync_found (int dir_fd, Node *folder, const char *name)
{
  struct stat info;
  Node *node = fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 ? find_node (&info) : NULL;

  if (node == NULL)
    lost_track ("nothing was known of", name);
  if (S_ISREG (info.st_mode))
    sync_content (node, dir_fd, name);
  if (S_ISDIR (info.st_mode))
    {
      int fd = open_raw (dir_fd, name, O_RDONLY | O_DIRECTORY);

      walk (fd, node, sync_found);
      syscall (SYS_close, fd);
    }
}

void
faulty_cut_synced_all (void)
{
  sync_names (NULL);
  for (size_t i = 0; i < n_roots; i++)
    {
      int fd = open_raw (AT_FDCWD, root_paths[i], O_RDONLY | O_DIRECTORY);

      walk (fd, roots[i], sync_found);
      syscall (SYS_close, fd);
    }
}

static Names
copy_names (const Names *names)
{
  Names copy = { malloc ((names->n + 1) * sizeof (Slot)), names->n };

  memcpy (copy.slots, names->slots, names->n * sizeof (Slot));
  return copy;
}

/* Below this folder, where everything is now; and that it is what the steps say. */
static Names now;
static size_t n_found;

static void
locate (int dir_fd, Node *folder, const char *name)
{
  struct stat info;
  Slot slot = { folder, (char *) name, NULL }, *known = find_name (&now, &slot);

  if (fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || known == NULL
      || known->node != find_node (&info))
    lost_track ("did not see how this came:", name);
  n_found++;
  free (known->node->path);
  if (asprintf (&known->node->path, "%s/%s", folder->path, name) < 0)
    abort ();
  if (S_ISDIR (info.st_mode))
    {
      int fd = open_raw (dir_fd, name, O_RDONLY | O_DIRECTORY);

      walk (fd, known->node, locate);
      syscall (SYS_close, fd);
    }
}

static void
locate_all (void)
{
  now = copy_names (&durable);
  for (size_t i = 0; i < n_steps; i++)
    take_step (&now, &steps[i]);
  for (size_t i = 0; i < n_roots; i++)
    {
      int fd = open_raw (AT_FDCWD, root_paths[i], O_RDONLY | O_DIRECTORY);

      roots[i]->path = root_paths[i];
      walk (fd, roots[i], locate);
      syscall (SYS_close, fd);
    }
  if (n_found != now.n)
    lost_track ("something is gone below", root_paths[0]);
}

static int
chance (void)
{
  return rand_r (&seed) % 2;
}

static size_t
read_page (int fd, char *page, off_t at)
{
  ssize_t n;

  memset (page, 0, PAGE_BYTES);
  n = fd >= 0 ? syscall (SYS_pread64, fd, page, PAGE_BYTES, at) : 0;
  return n > 0 ? n : 0;
}

static off_t
size_of (int fd)
{
  struct stat info;

  return fd >= 0 && fstat (fd, &info) == 0 ? info.st_size : 0;
}

/* Mixes what was synced and what was not. @last: as it is now */
static void
write_mixed (int to, int kept, int last, Keep how)
{
  int sized = how == KEEP_LOST || (how == KEEP_RANDOM && chance ()) ? kept : last;
  off_t size = size_of (sized);
  char page[PAGE_BYTES];

  for (off_t at = 0; at < size; at += PAGE_BYTES)
    {
      int new = how == KEEP_ALL || (how == KEEP_RANDOM && chance ());

      read_page (new ? last : kept, page, at);
      syscall (SYS_pwrite64, to, page, (size_t) (size - at < PAGE_BYTES ? size - at : PAGE_BYTES),
               at);
    }
  copy_times (sized, to);
}

/* What the file would hold, in the scratch folder. */
static int
mix_file (const Node *node)
{
  char *kept_path = scratch_path (node, "kept"), *last_path = scratch_path (node, "last");
  char *mixed_path = scratch_path (node, "mixed");
  int mixed = open_raw (AT_FDCWD, mixed_path, O_RDWR | O_CREAT | O_TRUNC);
  int kept = node->kept ? open_raw (AT_FDCWD, kept_path, O_RDONLY) : -1;
  int last = open_raw (AT_FDCWD, node->gone ? last_path : node->path, O_RDONLY);

  write_mixed (mixed, kept, last, keep);
  syscall (SYS_close, kept);
  syscall (SYS_close, last);
  free (kept_path);
  free (last_path);
  free (mixed_path);
  return mixed;
}

/* A file that has a name now is the same one afterwards, with its inode. */
static void
build_file (Node *node, int dir_fd, const char *name)
{
  char folder[PATH_MAX], link[64];
  int mixed, to;

  if (node->built != NULL)
    {
      syscall (SYS_linkat, AT_FDCWD, node->built, dir_fd, name, 0);
      return;
    }

  mixed = mix_file (node);
  if (!node->gone)
    syscall (SYS_linkat, AT_FDCWD, node->path, dir_fd, name, 0);
  to = open_raw (dir_fd, name, O_WRONLY | O_TRUNC | (node->gone ? O_CREAT | O_EXCL : 0));
  if (mixed < 0 || to < 0)
    lost_track ("cannot make", name);
  copy_bytes (mixed, to);
  copy_times (mixed, to);
  syscall (SYS_close, mixed);
  syscall (SYS_close, to);

  snprintf (link, sizeof link, "/proc/self/fd/%d", dir_fd);
  folder[readlink (link, folder, sizeof folder - 1)] = '\0';
  if (asprintf (&node->built, "%s/%s", folder, name) < 0)
    abort ();
}

static void
build_folder (Names *names, const Node *folder, int dir_fd)
{
  for (size_t i = 0; i < names->n; i++)
    {
      const Slot *slot = &names->slots[i];

      if (slot->folder != folder)
        continue;
      if (S_ISLNK (slot->node->type))
        syscall (SYS_symlinkat, slot->node->target, dir_fd, slot->name);
      else if (S_ISREG (slot->node->type))
        build_file (slot->node, dir_fd, slot->name);
      else if (syscall (SYS_mkdirat, dir_fd, slot->name, 0755) == 0)
        {
          int fd = open_raw (dir_fd, slot->name, O_RDONLY | O_DIRECTORY);

          build_folder (names, slot->node, fd);
          syscall (SYS_close, fd);
        }
    }
}

static void
remove_found (int dir_fd, Node *folder, const char *name)
{
  int fd = open_raw (dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

  if (fd >= 0)
    {
      walk (fd, NULL, remove_found);
      syscall (SYS_close, fd);
    }
  syscall (SYS_unlinkat, dir_fd, name, fd >= 0 ? AT_REMOVEDIR : 0);
}

static int move_to;

static void
move_found (int dir_fd, Node *folder, const char *name)
{
  syscall (SYS_renameat2, dir_fd, name, move_to, name, 0);
}

/* Makes the folder what it would be when the power comes again. The new one is
 * whole before the old one goes: its files are read meanwhile. */
static void
replace_root (Names *names, size_t i)
{
  int root = open_raw (AT_FDCWD, root_paths[i], O_RDONLY | O_DIRECTORY);
  int above = open_raw (AT_FDCWD, scratch, O_RDONLY | O_DIRECTORY), fd;
  char name[32];

  snprintf (name, sizeof name, "root%zu", i);
  syscall (SYS_mkdirat, above, name, 0755);
  fd = open_raw (above, name, O_RDONLY | O_DIRECTORY);
  build_folder (names, roots[i], fd);
  walk (root, NULL, remove_found);
  move_to = root;
  walk (fd, NULL, move_found);
  syscall (SYS_close, fd);
  syscall (SYS_close, above);
  syscall (SYS_close, root);
}

static void
tell_calls (void)
{
  const char *path = getenv ("PST_FAULTY_COUNT");
  int fd = path != NULL ? open_raw (AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC) : -1;

  if (fd < 0)
    return;
  dprintf (fd, "%lu\n", n_calls);
  syscall (SYS_close, fd);
}

static void
cut (void)
{
  Names names;

  locate_all ();
  names = copy_names (&durable);
  for (size_t i = 0; i < n_steps; i++)
    if (keep == KEEP_NAMES || keep == KEEP_ALL || (keep == KEEP_RANDOM && chance ()))
      take_step (&names, &steps[i]);
  for (size_t i = 0; i < n_roots; i++)
    replace_root (&names, i);
  walk (open_raw (AT_FDCWD, scratch, O_RDONLY | O_DIRECTORY), NULL, remove_found);
  syscall (SYS_unlinkat, AT_FDCWD, scratch, AT_REMOVEDIR);
  tell_calls ();
}

int
faulty_cut_is_on (void)
{
  return is_on;
}

/* One more call is about to be made: here the power may go. */
void
faulty_cut_before_call (void)
{
  if (++n_calls != cut_at)
    return;

  cut ();
  kill (getpid (), SIGKILL);
}

/* The program ends, and then the power goes. */
void
faulty_cut_at_end (void)
{
  is_on = 0;
  cut ();
}

static Keep
read_keep (void)
{
  const char *text = getenv ("PST_FAULTY_KEEP");

  if (text == NULL || strcmp (text, "lost") == 0)
    return KEEP_LOST;
  if (strcmp (text, "names") == 0)
    return KEEP_NAMES;
  if (strcmp (text, "all") == 0)
    return KEEP_ALL;
  if (strncmp (text, "random:", 7) != 0)
    lost_track ("cannot keep", text);
  seed = atoi (text + 7);
  return KEEP_RANDOM;
}

void
faulty_cut_start (const char *const *folders)
{
  cut_at = strtoul (getenv ("PST_FAULTY_CUT"), NULL, 10);
  keep = read_keep ();
  if (asprintf (&scratch, "%s.faulty-%d", folders[0], (int) getpid ()) < 0)
    abort ();
  syscall (SYS_mkdirat, AT_FDCWD, scratch, 0700);

  for (; folders[n_roots] != NULL; n_roots++)
    {
      const char *path = folders[n_roots];
      int fd = open_raw (AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
      struct stat info;

      if (fd < 0 || fstat (fd, &info) != 0)
        lost_track ("cannot look at", path);
      GROW (roots, n_roots);
      GROW (root_paths, n_roots);
      roots[n_roots] = add_node (fd, ".", &info);
      root_paths[n_roots] = strdup (path);
      walk (fd, roots[n_roots], learn);
      syscall (SYS_close, fd);
    }
  is_on = 1;
}
